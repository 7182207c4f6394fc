"""Factors and what went well: versions, removals that come back, honest answers."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError

from retros.live.log import Stale, WrongState
from retros.models import Change, Event, Factor, State, WentWell
from retros.services import analysis, factor_lists, well
from tests.factories import make_cast


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    return make_cast()


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


def test_a_published_review_is_closed_to_new_factors(cast):
    thing = analysis.add(cast.event, Factor, by=cast.scribe, text="A condition", category="change")
    Event.objects.filter(pk=cast.event.pk).update(state=State.PUBLISHED, published_at=cast.event.created_at)
    for refused in (
        lambda: analysis.add(cast.event, Factor, by=cast.scribe, text="More", category="change"),
        lambda: analysis.edit(thing, by=cast.scribe, version=1, text="Other"),
        lambda: analysis.remove(thing, by=cast.scribe),
        lambda: analysis.set_went_well_none(cast.event, is_none=True, by=cast.scribe),
    ):
        with pytest.raises(WrongState, match="published"):
            refused()


def test_nothing_went_well_is_said_only_where_nothing_is_listed(cast):
    analysis.set_went_well_none(cast.event, is_none=True, by=cast.scribe)
    analysis.add(cast.event, WentWell, by=cast.scribe, text="A fast alert", kind="detection")
    assert not Event.objects.get(pk=cast.event.pk).went_well_none
    with pytest.raises(WrongState, match="Something is listed"):
        analysis.set_went_well_none(cast.event, is_none=True, by=cast.scribe)


def test_factors_stand_in_the_order_of_the_taxonomy_and_silence_is_asked_about(cast):
    assert factor_lists.factors_context(cast.event)["factor_silent"] == []  # an empty list is asked nothing yet
    for category in ("recovery", "change", "recovery"):
        analysis.add(cast.event, Factor, by=cast.scribe, text=f"About {category}", category=category)
    found = factor_lists.factors_context(cast.event)
    assert [(label, len(rows)) for label, rows in found["factor_groups"]] == [
        ("Change and release", 1),
        ("Recovery and rollback", 2),
    ]
    assert found["factor_silent"] == ["detection", "roles, hand-over or priorities"]


def test_luck_stands_apart(cast):
    for kind in ("luck", "tool", "detection"):
        analysis.add(cast.event, WentWell, by=cast.scribe, text=f"About {kind}", kind=kind)
    found = well.context(cast.event)
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
