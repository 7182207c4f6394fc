"""The tree of causes as it is read: numbers, levels, paths, and few questions to the database at any size and depth."""

from types import SimpleNamespace

import pytest

from retros.services import cause_lists, cause_tree, causes
from tests.factories import make_entry


def grow(cast: SimpleNamespace, count: int, depth: int = 2) -> None:
    """So many effects, each with a chain below it, evidence at each node, and a link from each end to the next effect."""
    ends = []
    for n in range(count):
        node = None
        for level in range(depth):
            entry = make_entry(cast.event, landmark="detected")
            node = causes.add(cast.event, by=cast.scribe, parent=node, text=f"{n}.{level}", evidence=[entry])
            if level == 0 and ends:
                causes.share(ends[-1], effect=node, by=cast.scribe)
        ends.append(node)


@pytest.mark.parametrize(("count", "depth", "shared"), [(1, 2, 0), (2, 2, 1), (3, 2, 1), (3, 12, 1)])
def test_the_tree_takes_two_queries_and_one_where_a_cause_is_shared(
    cast, django_assert_num_queries, count, depth, shared
):
    grow(cast, count, depth)
    with django_assert_num_queries(2 + shared):
        effects = cause_tree.read(cast.event)
        nodes = list(cause_tree.every(effects))
        assert [len(node.supports) for node in nodes] == [1] * count * depth
    assert sum(len(node.shared) for node in nodes) == count - 1
    with django_assert_num_queries(5 + shared):  # the whole step
        cause_lists.context(cast.event)


def test_numbers_levels_and_what_is_below(cast):
    effect = causes.add(cast.event, by=cast.scribe, text="Effect")
    one = causes.add(cast.event, by=cast.scribe, parent=effect, text="One")
    causes.add(cast.event, by=cast.scribe, parent=effect, text="Two")
    causes.add(cast.event, by=cast.scribe, parent=one, text="One below")
    nodes = list(cause_tree.every(cause_tree.read(cast.event)))
    assert [(n.text, n.number, n.depth, n.below) for n in nodes] == [
        ("Effect", 1, 1, 3),
        ("One", 2, 2, 1),
        ("One below", 3, 3, 0),
        ("Two", 4, 2, 0),
    ]
    assert [n.text for n in cause_tree.end_nodes(cause_tree.read(cast.event))] == ["One below", "Two"]


def test_a_path_goes_up_to_the_effect_and_down_by_first_causes(cast):
    effect = causes.add(cast.event, by=cast.scribe, text="Effect")
    one, two = (causes.add(cast.event, by=cast.scribe, parent=effect, text=text) for text in ("One", "Two"))
    below = causes.add(cast.event, by=cast.scribe, parent=one, text="Below one")
    deeper = causes.add(cast.event, by=cast.scribe, parent=two, text="Below two")
    effects = cause_tree.read(cast.event)
    nodes = {n.pk: n for n in cause_tree.every(effects)}
    assert cause_tree.path_through(effects, nodes[two.pk]) == {effect.pk, two.pk, deeper.pk}
    assert cause_tree.path_through(effects, nodes[effect.pk]) == {effect.pk, one.pk, below.pk}
    assert cause_tree.path_through([], None) == set()


def test_a_path_goes_past_a_defence_that_held(cast):
    effect = causes.add(cast.event, by=cast.scribe, text="Effect")
    held = causes.add(cast.event, by=cast.scribe, parent=effect, text="Held", kind="defence", defence="held")
    one = causes.add(cast.event, by=cast.scribe, parent=effect, text="One")
    effects = cause_tree.read(cast.event)
    nodes = {n.pk: n for n in cause_tree.every(effects)}
    for node in (effect, held, one):
        assert cause_tree.path_through(effects, nodes[node.pk]) == {effect.pk, one.pk}
    assert cause_tree.discussed(cast.event, effects, one.pk).pk == one.pk
    assert cause_tree.discussed(cast.event, [], 5) is None
