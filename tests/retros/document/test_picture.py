"""The causal chain on paper: boxes that hold their words, causes left of what they led to, nothing on top of anything."""

from dataclasses import replace
from itertools import combinations

from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from aar_site import fonts
from retros.document import picture
from retros.document.tree import Cause, Chain


def cause(text: str, *causes: Cause, **more: object) -> Cause:
    fields = {"question": "", "kind": "condition", "is_root_cause": False, "has_held": False, "evidence": [], **more}
    return Cause(text, causes=list(causes), **fields)  # type: ignore[arg-type]


GITHUB = cause(
    "Service degraded",
    cause(
        "Both coasts held writes",
        cause("Primaries elected in the west", cause("Cut", kind="trigger"), cause("Any region", is_root_cause=True)),
        cause("40 s not copied", cause("Copying is asynchronous")),
    ),
)


def test_a_chain_is_drawn_from_causes_to_effect():
    (drawn,) = picture.draw(Chain([GITHUB]))
    at = {" ".join(words for _, words in box.lines): box for box in drawn.boxes}
    assert (
        at["Cut"].x < at["Primaries elected in the west"].x < at["Both coasts held writes"].x < at["Service degraded"].x
    )
    assert at["Service degraded"].x + at["Service degraded"].width <= picture.WIDTH
    assert {name: (box.label, box.tone) for name, box in at.items() if box.tone} == {
        "Service degraded": ("Effect", "effect"),
        "Cut": ("Trigger", "trigger"),
        "Any region": ("Root cause", "root"),
    }
    assert len(drawn.ands) == 2
    assert drawn.sentence == (
        "Causal chain: Service degraded, because Both coasts held writes, because Primaries elected in the west, because "
        "Cut; and Any region; and 40 s not copied, because Copying is asynchronous."
    )


def test_what_a_list_says_better_is_not_drawn():
    two = cause("Effect", cause("Cause"))
    five = cause("1", cause("2", cause("3", cause("4", cause("5")))))
    wide = cause("1", cause("2", *[cause(str(n)) for n in range(picture.MOST_LEAVES + 1)]))
    endless = cause("1", cause("2", cause("word " * 200)))
    assert [picture.draw(Chain([effect])) for effect in (two, five, wide, endless)] == [[], [], [], []]


def test_each_effect_has_a_picture_of_its_own():
    assert len(picture.draw(Chain([GITHUB, GITHUB, cause("Nobody asked about this one")]))) == 2


words = st.text(min_size=1, max_size=60)
trees = st.recursive(
    st.builds(cause, words),
    lambda inner: st.builds(lambda text, inside: cause(text, *inside), words, st.lists(inner, min_size=1, max_size=3)),
    max_leaves=8,
)


@given(trees)
def test_no_box_lies_on_another_and_all_are_inside(effect):
    for drawn in picture.draw(Chain([effect])):
        for box in drawn.boxes:
            assert box.x >= 0
            assert box.x + box.width <= picture.WIDTH + 0.01
            assert box.y >= 0
            assert box.y + box.height <= drawn.height
        for one, two in combinations(drawn.boxes, 2):
            apart = one.x + one.width <= two.x or two.x + two.width <= one.x
            assert apart or one.y + one.height <= two.y or two.y + two.height <= one.y


@given(st.text(max_size=200), st.floats(60, 300))
def test_lines_keep_all_letters_and_fit(text, width):
    lines = picture.broken(text, width)
    assert "".join(lines).replace(" ", "") == "".join(text.split())
    assert all(picture.measure(line) <= width or len(line) == 1 for line in lines)


def test_wide_scripts_need_more_room():
    assert picture.measure("切替") > picture.measure("ab")


# --- Causes that stand once, defences that held, and the map of what is too deep ----------------------------------------
def numbered(effect: Cause) -> Cause:
    """The same with numbers in reading order, as the records give them."""
    count = iter(range(1, 100))

    def take(node: Cause) -> Cause:
        number = next(count)
        return replace(node, number=number, causes=[take(c) for c in node.causes])

    return take(effect)


def line(levels: int, *ends: Cause, **more: object) -> Cause:
    return cause(f"Level {levels}", *([line(levels - 1, *ends)] if levels > 1 else ends), **more)


def test_a_shared_cause_is_a_box_of_its_own_kind_and_what_held_is_none():
    effect = cause(
        "Degraded",
        cause("One", cause("A single link")),
        cause("Two", shared=[(3, "A single link")]),
        cause("Backups restored", kind="defence", has_held=True, defence="Held"),
        cause("A page that says so", kind="defence", defence="Expected, absent"),
    )
    (drawn,) = picture.draw(Chain([effect]))
    labels = [(" ".join(words for _, words in box.lines), box.label, box.tone) for box in drawn.boxes]
    assert ("A single link", "Shared, written once", "shared") in labels
    assert ("A page that says so", "Defence, expected, absent", "defence") in labels
    assert "Backups restored" not in [words for words, _, _ in labels]
    assert "Backups" not in drawn.sentence
    assert Chain([effect]).held == ["Backups restored"]


def test_no_letter_is_wider_than_its_line_was_broken_for():
    face = TTFont(fonts.printed()["serif"])
    names, advances, em = face.getBestCmap(), face["hmtx"], face["head"].unitsPerEm
    letters = [chr(code) for code in range(32, 0x149) if code in names and chr(code).isprintable()]
    wide = {
        letter: (round(real, 3), round(picture.measure(letter) / picture.EM, 3))
        for letter in letters
        if letter.isascii() or letter.isalpha()
        if (real := advances[names[ord(letter)]][0] / em) > picture.measure(letter) / picture.EM + 0.001
    }
    assert wide == {}


def test_a_deep_chain_has_a_map_and_no_picture():
    deep = numbered(line(12, cause("End")))
    assert picture.draw(Chain([deep])) == []
    found = picture.map_of(Chain([deep]))
    assert found is not None
    assert [spot.number for spot in found.spots] == list(range(1, 14))
    assert found.sentence == "Map of 13 causes on 13 levels. The list tells each of them."
    flat, old = numbered(line(4)), line(12)
    wide = numbered(line(5, *[cause(str(n)) for n in range(picture.MOST_MAPPED + 1)]))
    assert [picture.map_of(Chain([effect])) for effect in (flat, old, wide)] == [None, None, None]
