"""Causes, factors and what went well: one tree for whys and chain, versions, removals that come back, honest answers."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError

from retros import limits
from retros.live.log import Stale, WrongState
from retros.models import Change, Event, Factor, State, WentWell, WhyNode
from retros.services import analysis, analysis_lists, entries
from tests.factories import make_cast, make_entry


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    return make_cast()


def why(cast: SimpleNamespace, text: str, parent: WhyNode | None = None, **fields) -> WhyNode:
    return analysis.add(cast.event, WhyNode, by=cast.scribe, parent=parent, text=text, **fields)


def outline(nodes: list) -> list:
    return [(n.text, outline(n.children)) if n.children else n.text for n in nodes]


def test_whys_and_chain_are_one_tree_in_the_order_of_writing(cast):
    effect = why(cast, "Degraded for a day")
    first = why(cast, "Both coasts held writes", effect)
    why(cast, "Restores take hours", effect)
    why(cast, "Primaries moved west", first)
    tree = analysis.causal_tree(cast.event)
    assert outline(tree) == [
        ("Degraded for a day", [("Both coasts held writes", ["Primaries moved west"]), "Restores take hours"])
    ]
    assert analysis.deepest(tree) == 3
    assert [n.text for n in analysis.end_nodes(tree)] == ["Primaries moved west", "Restores take hours"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_tree_takes_two_queries(cast, django_assert_num_queries, count):
    for n in range(count):
        why(cast, f"Cause {n}", why(cast, f"Effect {n}"), evidence=[make_entry(cast.event)])
    with django_assert_num_queries(2):
        tree = analysis.causal_tree(cast.event)
        assert [len(node.children[0].evidence.all()) for node in tree] == [1] * count


def test_a_removed_cause_takes_what_is_below_along_and_brings_it_back(cast):
    effect = why(cast, "Effect")
    cause = why(cast, "Cause", effect)
    why(cast, "Deeper", cause)
    analysis.remove(cause, by=cast.scribe)
    assert outline(analysis.causal_tree(cast.event)) == ["Effect"]
    with pytest.raises(WrongState, match="removed meanwhile"):
        why(cast, "Too late", cause)
    analysis.restore(cause, by=cast.scribe)
    assert outline(analysis.causal_tree(cast.event)) == [("Effect", [("Cause", ["Deeper"])])]


def test_a_cause_comes_back_only_where_the_one_above_is(cast):
    effect = why(cast, "Effect")
    cause = why(cast, "Cause", effect)
    analysis.remove(cause, by=cast.scribe)
    analysis.remove(effect, by=cast.scribe)
    with pytest.raises(WrongState, match="removed meanwhile"):
        analysis.restore(cause, by=cast.scribe)


def test_branches_end_at_the_deepest_level(cast):
    node = None
    for level in range(limits.WHY_DEPTH):
        node = why(cast, f"Level {level}", node)
    with pytest.raises(WrongState, match="levels deep"):
        why(cast, "One more", node)


def test_a_cause_of_another_event_is_no_parent(cast):
    foreign = WhyNode.objects.create(event=Event.objects.create(title="Another", started_at=None), text="Foreign")
    with pytest.raises(WrongState, match="removed meanwhile"):
        why(cast, "Cause", foreign)


def test_two_who_edit_the_same_never_overwrite_each_other(cast):
    factor = analysis.add(cast.event, Factor, by=cast.scribe, text="First", category="change")
    analysis.edit(factor, by=cast.scribe, version=1, text="By the scribe")
    with pytest.raises(Stale) as stale:
        analysis.edit(factor, by=cast.facilitator, version=1, text="By the facilitator")
    assert stale.value.current.text == "By the scribe"
    assert Factor.objects.get().version == 2
    last = Change.objects.order_by("seq").last()
    assert last.detail == {"before": {"text": "First"}, "after": {"text": "By the scribe"}}


def test_nothing_half_is_stored(cast):
    before = Event.objects.get(pk=cast.event.pk).change_seq
    with pytest.raises(ValidationError):
        analysis.add(cast.event, Factor, by=cast.scribe, text="", category="change")
    with pytest.raises(ValidationError):
        analysis.add(cast.event, Factor, by=cast.scribe, text="x", category="carelessness")
    assert (Factor.objects.count(), Event.objects.get(pk=cast.event.pk).change_seq) == (0, before)


def test_a_published_review_is_closed_to_new_causes(cast):
    node = why(cast, "Effect")
    Event.objects.filter(pk=cast.event.pk).update(state=State.PUBLISHED, published_at=cast.event.created_at)
    for refused in (
        lambda: why(cast, "More"),
        lambda: analysis.edit(node, by=cast.scribe, version=1, text="Other"),
        lambda: analysis.remove(node, by=cast.scribe),
        lambda: analysis.set_cause_unknown(cast.event, is_unknown=True, by=cast.scribe),
    ):
        with pytest.raises(WrongState, match="published"):
            refused()


def test_cause_not_established_is_an_answer_until_there_is_a_root_cause(cast):
    analysis.set_cause_unknown(cast.event, is_unknown=True, by=cast.scribe)
    effect = why(cast, "Effect")
    assert Event.objects.get(pk=cast.event.pk).is_cause_unknown
    why(cast, "Any region may elect", effect, is_root_cause=True)
    assert not Event.objects.get(pk=cast.event.pk).is_cause_unknown


def test_nothing_went_well_is_said_only_where_nothing_is_listed(cast):
    analysis.set_went_well_none(cast.event, is_none=True, by=cast.scribe)
    analysis.add(cast.event, WentWell, by=cast.scribe, text="A fast alert", kind="detection")
    assert not Event.objects.get(pk=cast.event.pk).went_well_none
    with pytest.raises(WrongState, match="Something is listed"):
        analysis.set_went_well_none(cast.event, is_none=True, by=cast.scribe)


def checks(cast: SimpleNamespace) -> dict[str, bool]:
    return {words.split()[0]: holds for words, holds in analysis_lists.root_cause_context(cast.event)["stop_checks"]}


def test_the_stop_checks_tell_whether_it_is_deep_enough(cast):
    assert checks(cast) == {"It": False, "Evidence": False, "We": False}
    effect = why(cast, "Effect")
    cause = why(cast, "Participant did not look, as the page was green", effect)  # a person of this event, at the end
    assert checks(cast) == {"It": False, "Evidence": False, "We": False}
    why(
        cast,
        "The page shows green for what it does not know",
        cause,
        is_root_cause=True,
        evidence=[make_entry(cast.event)],
    )
    assert checks(cast) == {"It": True, "Evidence": False, "We": True}
    analysis.edit(cause, by=cast.scribe, version=1, evidence=[make_entry(cast.event)])
    assert checks(cast)["Evidence"] is True


def test_deep_chains_are_an_outline_and_defences_that_held_stand_apart(cast):
    node = effect = why(cast, "Effect")
    for level in range(3):
        node = why(cast, f"Cause {level}", node)
    why(cast, "Backups restored at once", effect, kind="defence", defence="held")
    found = analysis_lists.root_cause_context(cast.event)
    assert found["chain_is_picture"] is True
    assert [n.text for n in found["held"]] == ["Backups restored at once"]
    why(cast, "One deeper", node)
    assert analysis_lists.root_cause_context(cast.event)["chain_is_picture"] is False


def test_factors_stand_in_the_order_of_the_taxonomy_and_silence_is_asked_about(cast):
    assert analysis_lists.factors_context(cast.event)["factor_silent"] == []  # an empty list is asked nothing yet
    for category in ("recovery", "change", "recovery"):
        analysis.add(cast.event, Factor, by=cast.scribe, text=f"About {category}", category=category)
    found = analysis_lists.factors_context(cast.event)
    assert [(label, len(rows)) for label, rows in found["factor_groups"]] == [
        ("Change and release", 1),
        ("Recovery and rollback", 2),
    ]
    assert found["factor_silent"] == ["detection", "roles, hand-over or priorities"]


def test_luck_stands_apart(cast):
    for kind in ("luck", "tool", "detection"):
        analysis.add(cast.event, WentWell, by=cast.scribe, text=f"About {kind}", kind=kind)
    found = analysis_lists.went_well_context(cast.event)
    assert [label for label, _ in found["well_groups"]] == ["Detection", "Tools and processes"]
    assert [row.text for row in found["luck"]] == ["About luck"]
    assert found["well_count"] == 3


def test_what_was_removed_meanwhile_is_not_edited_in_the_dark(cast):
    factor = analysis.add(cast.event, Factor, by=cast.scribe, text="One alert for two sites", category="detection")
    analysis.remove(factor, by=cast.facilitator)
    with pytest.raises(WrongState, match="removed meanwhile"):
        analysis.edit(factor, by=cast.scribe, version=1, text="Typed while it went", category="detection")
    factor.refresh_from_db()
    assert factor.text == "One alert for two sites"


def test_bringing_back_what_went_well_ends_that_there_is_nothing(cast):
    item = analysis.add(cast.event, WentWell, by=cast.scribe, text="A tested restore")
    analysis.remove(item, by=cast.scribe)
    analysis.set_went_well_none(cast.event, is_none=True, by=cast.scribe)
    analysis.restore(item, by=cast.scribe)
    cast.event.refresh_from_db()
    assert not cast.event.went_well_none


@pytest.mark.parametrize("way", ["edit", "restore"])
def test_a_root_cause_ends_that_none_is_established(cast, way):
    node = why(cast, "Nothing limited it", is_root_cause=way == "restore")
    if way == "restore":
        analysis.remove(node, by=cast.scribe)
    analysis.set_cause_unknown(cast.event, is_unknown=True, by=cast.scribe)
    if way == "edit":
        analysis.edit(node, by=cast.scribe, version=1, is_root_cause=True)
    else:
        analysis.restore(node, by=cast.scribe)
    cast.event.refresh_from_db()
    assert not cast.event.is_cause_unknown


def test_a_moment_that_was_taken_out_is_no_evidence(cast):
    kept, gone = make_entry(cast.event, "Alerts ring"), make_entry(cast.event, "Typed by mistake", minutes=1)
    why(cast, "Both coasts held writes", evidence=[gone, kept])
    entries.set_removed(gone, by=cast.scribe, removed=True)
    assert [e.text for e in analysis.causal_tree(cast.event)[0].evidence.all()] == ["Alerts ring"]
    entries.set_removed(gone, by=cast.scribe, removed=False)
    assert len(analysis.causal_tree(cast.event)[0].evidence.all()) == 2
