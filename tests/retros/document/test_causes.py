"""Causes in each rendering: a shared one is written once and found from its other effect, deep ones are legible on paper."""

from io import BytesIO

from django.template.loader import render_to_string
from pypdf import PdfReader

from retros.document import builtin, markdown, pdf
from retros.document.tree import Cause, Chain, Document, Section
from retros.services import causes
from tests.factories import make_entry


def chain_of(cast) -> Chain:
    """Two branches that share a cause, with a defence of each fate."""

    def why(text, parent=None, **fields):
        return causes.add(cast.event, by=cast.scribe, parent=parent, text=text, **fields)

    effect = why("Degraded for a day", kind="event")
    one = why("Both coasts held writes.", effect, evidence=[make_entry(cast.event, "Lag graph")])
    two = why("Recovery took terabytes", effect)
    shared = why("The link is a single path", one, kind="decision", is_root_cause=True)
    why("Backups restored at once", effect, kind="defence", defence="held")
    why("A page that says so", two, kind="defence", defence="absent")
    causes.share(shared, effect=two, by=cast.scribe)
    (chain,) = [block for block in builtin.root_cause(cast.event) if isinstance(block, Chain)]
    return chain


def test_the_records_become_numbered_causes_with_their_links(cast):
    (effect,) = chain_of(cast).effects
    one, two, held = effect.causes
    assert [node.number for node in (effect, one, *one.causes, two, *two.causes, held)] == [1, 2, 3, 4, 5, 6]
    assert (one.causes[0].leads, two.shared) == ([(4, "Recovery took terabytes")], [(3, "The link is a single path")])
    assert (two.causes[0].defence, held.limited, two.causes[0].limited) == ("Expected, absent", True, False)


def test_markdown_writes_a_shared_cause_once_and_links_to_it(cast):
    text = markdown._block(chain_of(cast), 3)
    assert text.splitlines() == [
        "- Degraded for a day",
        "  - Both coasts held writes. Evidence: Lag graph.",
        '    - <a id="cause-3"></a>Cause 3, decision: The link is a single path (root cause)',
        "  - Recovery took terabytes",
        "    - Defence: A page that says so (expected, absent)",
        "    - And [cause 3](#cause-3)",
        "  - Defence: Backups restored at once (held)",
    ]


def test_markdown_ends_an_answer_before_its_evidence():
    node = Cause("Alerts went by mail", "", "condition", False, False, ["Mail of 21:20"])
    assert markdown._cause(node, 0) == ["- Alerts went by mail. Evidence: Mail of 21:20."]
    node = Cause("Who may?", "", "condition", False, False, ["Can we enlarge the disk?"])
    assert markdown._cause(node, 0) == ["- Who may? Evidence: Can we enlarge the disk?"]


def test_the_page_draws_it_and_lists_it_with_a_link(cast):
    page = render_to_string("document/_chain.html", {"block": chain_of(cast)})
    picture, listed = page.split("<details", 1)
    assert picture.count("The link is a single path") == 2  # its box, and the dashed one at its other effect
    assert picture.index("What held") < picture.index("Backups restored at once")
    assert 'id="cause-3"' in listed
    assert '<a href="#cause-3">Cause 3</a>, which leads here too' in listed
    assert listed.count("The link is a single path") == 1


def deep(levels: int, count: int) -> Cause:
    """A line of so many levels, and further causes below each of them until there are `count`."""
    numbers = iter(range(1, count + 1))
    extra = count - levels

    def node(level: int) -> Cause:
        nonlocal extra
        number = next(numbers)
        below = [node(level + 1)] if level < levels else []
        while level < levels and extra and len(below) < 4:
            extra -= 1
            below.append(leaf(next(numbers)))
        return Cause(words(number), "", "condition", level == levels, False, [], below, number)

    def leaf(number: int) -> Cause:
        return Cause(words(number), "", "condition", False, False, [], [], number)

    return node(1)


def words(number: int) -> str:
    return f"Condition {number} of the set-up, told at the length at which people write. Its end is here{number}."


def test_twelve_levels_and_forty_causes_are_legible_on_paper():
    document = Document(
        "T", "incident", "en", "Internal", "2018", [], [Section("x", "Root cause analysis", [Chain([deep(12, 40)])])]
    )
    reader = PdfReader(BytesIO(pdf.render(document)))
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    text = " ".join(pages)
    for number in range(1, 41):
        assert f"here{number}." in text.replace("here ", "here"), number
    assert len(pages) <= 4
    assert all(len(page) > 300 for page in pages[:-1])  # no page stands empty before the list
    assert b"Map of 40 causes on 12 levels" in alternatives(reader)


def alternatives(reader: PdfReader) -> bytes:
    """What the tags of the file say in place of pictures."""
    found = []

    def walk(node) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if "/Alt" in node:
                found.append(str(node["/Alt"]).encode())
            if "/K" in node:
                walk(node["/K"])

    walk(reader.root_object["/StructTreeRoot"])
    return b"|".join(found)
