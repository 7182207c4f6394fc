"""What the room is given to show."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aar_site import clock
from retros.models import Event
from retros.services import attendance, document, meeting, notes, room
from tests.factories import START, make_cast, make_choice, make_event, make_phase


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    found = make_cast()
    found.now = START + timedelta(days=5)
    monkeypatch.setattr(clock, "now", lambda: found.now)
    return found


def shown(cast: SimpleNamespace) -> dict:
    return room.context(Event.objects.get(pk=cast.event.pk))


def test_before_the_meeting_there_is_the_agenda_that_will_be(cast):
    found = shown(cast)
    assert [minutes for _, _, minutes in found["agenda"]] == [3, 5, 20, 15, 10, 10, 10, 2]
    assert (found["steps"], found["step"], found["is_running"], found["step_clock"]) == ([], None, False, "")
    assert "parts" not in found


def test_the_rail_says_what_was_spent_and_what_is_over(cast):
    meeting.start(cast.event, by=cast.facilitator)
    cast.now += timedelta(minutes=4, seconds=5)
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=1)
    cast.now += timedelta(seconds=20)
    found = shown(cast)
    rail = [(row.state, row.words, row.is_over) for row in found["steps"][:3]]
    assert rail == [("done", "4:05", True), ("here", "04:40 left of 5 min", False), ("", "20 min", False)]
    assert found["steps"][0].said == ", done in 4:05 of 3 min, 1:05 longer than planned"
    assert (found["step_clock"], found["elapsed_clock"], found["elapsed_s"]) == ("04:40", "00:04:25", 265)
    cast.now += timedelta(minutes=5)
    late = shown(cast)
    assert (late["step_clock"], late["step_left"]) == ("+00:20", "over 5 min")
    assert (late["steps"][1].words, late["steps"][1].is_over) == ("00:20 over 5 min", True)
    meeting.set_paused(cast.event, by=cast.facilitator, is_paused=True)
    assert shown(cast)["step_left"] == "over 5 min, paused"
    meeting.go(cast.event, by=cast.facilitator, from_rank=1, to_rank=3)
    meeting.go(cast.event, by=cast.facilitator, from_rank=3, to_rank=1)
    meeting.go(cast.event, by=cast.facilitator, from_rank=1, to_rank=4)
    assert [(row.state, row.words) for row in shown(cast)["steps"][1:4]] == [
        ("done", "5:20"),
        ("skipped", "skipped"),
        ("skipped", "skipped"),
    ]
    assert (found["previous"].slug, found["following"].slug) == ("opening", "timeline")


def test_it_counts_who_is_here(cast):
    meeting.start(cast.event, by=cast.facilitator)
    attendance.attend(Event.objects.get(pk=cast.event.pk), by=cast.scribe)
    found = shown(cast)
    assert (found["counts"]["left"], found["counts"]["expected"]) == (1, 4)
    assert [m.role for m in found["people"]][:2] == ["facilitator", "scribe"]


def test_a_parked_idea_waits_for_its_step_and_names_it(cast):
    meeting.start(cast.event, by=cast.facilitator)
    notes.keep(cast.event, by=cast.scribe, text="Said.")
    notes.keep(cast.event, by=cast.scribe, text="Why does the hub count?", parked_for="root-cause")
    found = shown(cast)
    assert [n.text for n in found["notes"]] == ["Said."]
    assert [(n.text, n.waits_for) for n in found["parked"]] == [("Why does the hub count?", "Root cause")]
    assert found["parked_here"] == []
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=3)
    assert [n.text for n in shown(cast)["parked_here"]] == ["Why does the hub count?"]


def test_many_notes_push_no_parked_idea_out(cast):
    meeting.start(cast.event, by=cast.facilitator)
    notes.keep(cast.event, by=cast.scribe, text="An idea", parked_for="actions")
    for n in range(notes.SHOWN + 5):
        notes.keep(cast.event, by=cast.scribe, text=f"Said {n}")
    found = shown(cast)
    assert len(found["notes"]) == notes.SHOWN
    assert found["notes"][0].text == f"Said {notes.SHOWN + 4}"
    assert [n.text for n in found["parked"]] == ["An idea"]


def test_an_idea_is_parked_only_for_a_step_that_comes(cast):
    assert [slug for slug, _ in notes.park_targets(cast.event)] == ["root-cause", "factors", "actions"]
    assert [slug for slug, _ in notes.park_targets(Event(kind="launch"))] == ["actions"]
    short = Event(kind="incident", meeting_minutes=15)
    assert [slug for slug, _ in notes.park_targets(short)] == ["root-cause", "factors", "actions"]


def test_a_short_meeting_shows_two_things_in_one_step(cast):
    Event.objects.filter(pk=cast.event.pk).update(meeting_minutes=15)
    meeting.start(Event.objects.get(pk=cast.event.pk), by=cast.facilitator)
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=2)
    assert [part["template"] for part in shown(cast)["parts"]] == [
        "retros/_room_root_cause.html",
        "retros/_room_factors_step.html",
    ]


def test_only_those_with_a_role_may_stay(cast):
    assert room.who_may_enter(cast.event.pk) == {
        cast.facilitator.pk: "facilitator",
        cast.scribe.pk: "scribe",
        cast.participant.pk: "participant",
        cast.observer.pk: "observer",
        cast.guest.pk: "guest",
    }
    type(cast.scribe).objects.filter(pk=cast.scribe.pk).update(is_active=False)
    assert cast.scribe.pk not in room.who_may_enter(cast.event.pk)


def test_a_step_of_two_parts_asks_for_its_texts_once(cast):
    Event.objects.filter(pk=cast.event.pk).update(kind="project")
    meeting.start(Event.objects.get(pk=cast.event.pk), by=cast.facilitator)
    steps = [row.step.slug for row in shown(cast)["steps"]]
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=steps.index("actions"))
    with CaptureQueriesContext(connection) as asked:
        found = dict(**shown(cast))
    assert [part.get("section") and part["section"].slug for part in found["parts"]] == [None, "recommendations"]
    assert sum("retros_sectiontext" in query["sql"] for query in asked) == 1


def test_a_text_of_which_nothing_is_known_is_written_at_once(cast):
    """A list of rows stands first; then the box waits behind a press."""
    launch = make_event(kind="launch")
    assert [room.text_part(launch, slug)["is_bare"] for slug in ("surprised", "impact", "repeat", "summary")] == [
        True, False, False, False,
    ]  # fmt: skip
    document.save_text(launch, "surprised", text="Half of all users came.", base_number=0, by=cast.facilitator)
    assert not room.text_part(launch, "surprised")["is_bare"]
    assert room.text_part(launch, "to-plan")["is_bare"]
    make_phase(launch)
    assert not room.text_part(Event.objects.get(pk=launch.pk), "to-plan")["is_bare"]
    decision = make_event(kind="decision")
    make_choice(decision, "Buy", again="yes")  # why it was reasonable begins with that, and needs words
    assert room.text_part(decision, "reasonable")["is_bare"]
