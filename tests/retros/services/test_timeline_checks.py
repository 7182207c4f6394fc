"""Checks of the timeline: computed from moments, disputes and hints; each leads to where it is mended."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict

from retros.models import Event
from retros.services import disputes, entries, hints, mends, outline, timeline_checks, timeline_filter, walk
from retros.when import When
from tests.factories import START, make_entry


def checks(event: Event) -> dict[str, tuple[str, str, str, str]]:
    event = Event.objects.get(pk=event.pk)
    base = f"/e/{event.code}/timeline/"
    return {c.title: (c.state, c.label, c.detail, c.url.removeprefix(base)) for c in timeline_checks.checks(event)}


@pytest.fixture
def event(cast: Any) -> Event:
    """An incident whose landmarks are marked and whose times agree."""
    for minutes, mark in ((2, "detected"), (10, "acknowledged"), (1000, "mitigated"), (1451, "resolved")):
        make_entry(cast.event, minutes=minutes, landmark=mark, type="decision", is_key=True, created_by=cast.scribe)
    return cast.event  # type: ignore[no-any-return]


def differ(cast: Any, entry: Any) -> Any:
    return disputes.remember(entry, by=cast.participant, when=When(START + timedelta(minutes=5), 0, "exact")).dispute


def test_an_empty_timeline_has_begun_nowhere(cast):
    found = checks(cast.event)
    assert [state for state, *_ in found.values()] == ["off", "off", "off"]
    assert [label for _, label, *_ in found.values()] == ["Not started"] * 3


def test_a_timeline_that_agrees_is_done(event):
    found = checks(event)
    assert found["Moments from logs, chat and memory"] == ("ok", "Done", "4 so far", "")
    assert found["Settle what disagrees"][:2] == ("ok", "Done")
    assert found["Mark the moments that matter"] == ("ok", "Done", "4 key moments", "look-again/")


def test_what_the_room_stops_at_is_what_counts_as_marked(cast):
    for minutes, more in ((2, {"landmark": "detected"}), (9, {"type": "decision"}), (10, {"is_key": True}), (12, {})):
        make_entry(cast.event, minutes=minutes, **more)
    assert checks(cast.event)["Mark the moments that matter"][:3] == (
        "part", "3 not marked", "1 key moment, 2 more by landmark or decision; not marked: acknowledged, impact ends, resolved",
    )  # fmt: skip
    assert walk.rows_of(cast.event, None)["stops"] == 3
    assert (
        timeline_filter.first_row(outline.of(cast.event), timeline_filter.read(cast.event, QueryDict()))[1].count == 1
    )


def test_disputes_wait_until_they_are_decided_or_left_for_the_room(cast, event):
    first, second = entries.ordered(event)[:2]
    one, two = differ(cast, first), differ(cast, second)
    assert checks(event)["Settle what disagrees"] == (
        "ask", "2 disputed", "People remember two moments differently", "?show=disputed",
    )  # fmt: skip
    for dispute in (one, two):
        dispute.refresh_from_db()
        disputes.leave(dispute, by=cast.facilitator, version=dispute.version)
    assert checks(event)["Settle what disagrees"] == (
        "ok",
        "2 left for the room",
        "2 left for the room",
        "?show=disputed",
    )
    one.refresh_from_db()
    disputes.keep(one, by=cast.facilitator, reason="x", version=one.version)
    assert checks(event)["Settle what disagrees"][1] == "1 left for the room"


def test_contradictions_wait_until_they_are_mended_or_answered(cast, event):
    Event.objects.filter(pk=event.pk).update(ended_at=START + timedelta(minutes=1400), stated_minutes=1300)
    state, label, detail, url = checks(event)["Settle what disagrees"]
    assert (state, label, url) == ("ask", "2 to look at", "look-again/")
    assert detail.startswith("The source states 21 h 40 min")
    event.refresh_from_db()
    for hint in hints.find(event, entries.ordered(event)).clashes:
        mends.answer(event, hint, by=cast.facilitator, reason="It is so.")
    assert checks(event)["Settle what disagrees"][:2] == ("ok", "Done")


def test_a_landmark_that_never_was_is_answered(cast, event):
    row = entries.ordered(event)[1]
    entries.set_removed(row, by=cast.scribe, removed=True)
    assert checks(event)["Mark the moments that matter"] == (
        "part", "1 not marked", "3 key moments; not marked: acknowledged", "look-again/",
    )  # fmt: skip
    event.refresh_from_db()
    (hint,) = [hint for hint in hints.find(event, entries.ordered(event)).open if hint.kind == "missing"]
    mends.answer(event, hint, by=cast.scribe, reason="Nobody was on call.")
    assert checks(event)["Mark the moments that matter"][:2] == ("ok", "Done")
