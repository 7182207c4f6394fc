"""The map of all causes: every box has a place of its own, lines go from causes to effects, any tree of any size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retros.document import cause_map
from retros.document.cause_map import HIGH, WIDE, Row


@st.composite
def trees(draw) -> list[Row]:
    """Rows in reading order: each at most one level deeper than the row before."""
    depths = [1]
    for step in draw(st.lists(st.integers(1, 12), max_size=60)):
        depths.append(min(step, depths[-1] + 1))
    return [Row(n, depth, number=n) for n, depth in enumerate(depths, 1)]


@given(trees())
def test_no_box_covers_another_and_each_cause_lies_left_of_its_effect(rows):
    found = cause_map.draw(rows, [])
    spots = {spot.key: spot for spot in found.spots}
    assert [spot.number for spot in found.spots] == list(range(1, len(rows) + 1))
    for one in found.spots:
        assert 0 <= one.x <= found.width - WIDE
        assert 0 <= one.y <= found.height - HIGH
        assert all(a is one or a.x != one.x or abs(a.y - one.y) >= HIGH for a in found.spots)
    assert len(found.joints) == sum(row.depth > 1 for row in rows)
    assert all(spots[joint.cause].x < spots[joint.effect].x for joint in found.joints)


def test_a_shared_cause_is_a_curve_and_what_is_not_drawn_has_none():
    rows = [Row(1, 1, "effect"), Row(2, 2), Row(3, 3), Row(4, 2, "defence")]
    found = cause_map.draw(rows, [(3, 4), (2, 4), (9, 1)])
    assert [(joint.cause, joint.effect) for joint in found.shared] == [(3, 4), (2, 4)]
    assert all("Q" in joint.path for joint in found.shared)
    assert cause_map.draw([], []).spots == []


@pytest.mark.parametrize(
    ("tone", "links", "said"),
    [("", [], ""), ("", [(3, 4)], "Dashed lines: a cause that leads to two effects."),
     ("defence", [(3, 4)], "Dashed lines: a cause that leads to two effects. Dashed boxes: defences.")],
)  # fmt: skip
def test_the_caption_says_what_dashes_mean(tone, links, said):
    rows = [Row(1, 1), Row(2, 2), Row(3, 3, tone), Row(4, 2)]
    assert cause_map.draw(rows, links).dashes == said
