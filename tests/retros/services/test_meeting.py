"""The meeting's verbs: agenda by kind and length, a clock that counts on the server, and what each state refuses."""

import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest

from aar_site import clock
from retros.live.log import Repeated, Stale, WrongState
from retros.models import AgendaStep, Change, ClosingAnswer, Event, Meeting, Operation, State
from retros.services import closing, meeting, notes, schedule, scripts
from retros.services.agenda import parts_of
from tests.factories import START, make_cast, make_entry, make_event, make_user


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The cast; .later(seconds) moves the clock on."""
    found = make_cast()
    found.now = START + timedelta(days=5)
    monkeypatch.setattr(clock, "now", lambda: found.now)

    def later(seconds: int) -> None:
        found.now += timedelta(seconds=seconds)

    found.later = later
    return found


def state_of(event: Event) -> str:
    return Event.objects.get(pk=event.pk).state


def test_an_event_without_an_end_cannot_start(cast):
    event = make_event(ended_at=None, facilitator=cast.facilitator)
    with pytest.raises(WrongState, match="no end yet"):
        meeting.start(event, by=cast.facilitator)
    assert (state_of(event), Meeting.objects.count(), Change.objects.count()) == ("preparing", 0, 0)


def test_the_room_opens_once_at_its_first_step(cast):
    meeting.start(cast.event, by=cast.facilitator)
    found = Meeting.objects.get(event=cast.event)
    assert (found.step.slug, found.started_at, found.since) == ("opening", cast.now, cast.now)
    event = Event.objects.get(pk=cast.event.pk)
    assert (event.state, event.held_at) == (State.MEETING, cast.now)
    with pytest.raises(WrongState, match="opened before"):
        meeting.start(cast.event, by=cast.facilitator)


def test_the_time_of_a_step_is_counted_where_it_was_spent(cast):
    meeting.start(cast.event, by=cast.facilitator)
    cast.later(100)
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=2)
    cast.later(30)
    meeting.set_paused(cast.event, by=cast.facilitator, is_paused=True)
    cast.later(1000)  # nobody's time
    meeting.set_paused(cast.event, by=cast.facilitator, is_paused=True)
    meeting.set_paused(cast.event, by=cast.facilitator, is_paused=False)
    cast.later(7)
    meeting.go(cast.event, by=cast.facilitator, from_rank=2, to_rank=0)
    cast.later(5)
    meeting.end(cast.event, by=cast.facilitator)
    steps = list(AgendaStep.objects.filter(meeting__event=cast.event).values_list("spent_s", flat=True))
    assert steps[:3] == [105, 0, 37]
    assert sum(steps[3:]) == 0


def test_time_that_is_up_moves_nothing(cast):
    meeting.start(cast.event, by=cast.facilitator)
    cast.later(3600 * 5)
    assert meeting.meeting_of(cast.event).step.slug == "opening"
    assert state_of(cast.event) == "meeting"


def test_two_presses_from_the_same_step_move_one_step(cast):
    meeting.start(cast.event, by=cast.facilitator)
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=1)
    with pytest.raises(Stale):
        meeting.go(cast.event, by=cast.scribe, from_rank=0, to_rank=1)
    with pytest.raises(WrongState, match="no such step"):
        meeting.go(cast.event, by=cast.facilitator, from_rank=1, to_rank=99)
    assert meeting.meeting_of(cast.event).step.rank == 1
    op = uuid.uuid4()
    meeting.add_minutes(cast.event, by=cast.facilitator, op=op)
    with pytest.raises(Repeated):
        meeting.add_minutes(cast.event, by=cast.facilitator, op=op)
    assert meeting.meeting_of(cast.event).step.planned_s == 10 * 60


def test_back_again_the_steps_behind_are_open_again(cast):
    meeting.start(cast.event, by=cast.facilitator)
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=3)
    meeting.go(cast.event, by=cast.facilitator, from_rank=3, to_rank=1)
    done = list(AgendaStep.objects.filter(meeting__event=cast.event).values_list("is_done", flat=True))
    assert done == [True, False, False, False, False, False, False, False]


def test_the_end_is_a_draft_and_the_room_can_be_opened_again_until_it_is_published(cast):
    meeting.start(cast.event, by=cast.facilitator)
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=4)
    meeting.end(cast.event, by=cast.facilitator)
    assert state_of(cast.event) == "draft"
    for refused in (
        lambda: notes.keep(cast.event, by=cast.scribe, text="late"),
        lambda: meeting.go(cast.event, by=cast.facilitator, from_rank=4, to_rank=5),
        lambda: meeting.end(cast.event, by=cast.facilitator),
    ):
        with pytest.raises(WrongState, match="The meeting is over"):
            refused()
    meeting.reopen(cast.event, by=cast.facilitator)
    assert (state_of(cast.event), meeting.meeting_of(cast.event).step.slug) == ("meeting", "factors")
    Event.objects.filter(pk=cast.event.pk).update(state=State.PUBLISHED, published_at=cast.now)
    with pytest.raises(WrongState, match="while the review is a draft"):
        meeting.reopen(cast.event, by=cast.facilitator)


def test_a_review_without_a_meeting_has_no_room_to_open_again(cast):
    Event.objects.filter(pk=cast.event.pk).update(state=State.DRAFT)
    with pytest.raises(WrongState, match="had no meeting"):
        meeting.reopen(cast.event, by=cast.facilitator)


def test_who_agreed_and_who_answered_is_nowhere(cast):
    meeting.start(cast.event, by=cast.facilitator)
    before = Event.objects.get(pk=cast.event.pk).change_seq
    meeting.agree(cast.event, by=cast.participant)
    assert Meeting.objects.get(event=cast.event).agreed_count == 1
    assert Change.objects.get(event=cast.event, seq=before + 1).actor is None
    closing.answer(cast.event, by=cast.participant, learned="yes", again="no")
    assert ClosingAnswer.objects.get().learned == "yes"
    assert Event.objects.get(pk=cast.event.pk).change_seq == before + 1
    assert not Change.objects.filter(event=cast.event, actor=cast.participant).exists()


def test_the_cursor_is_where_the_room_stands(cast):
    entry = make_entry(cast.event)
    with pytest.raises(WrongState, match="not open"):
        meeting.set_cursor(cast.event, by=cast.facilitator, entry=entry)
    meeting.start(cast.event, by=cast.facilitator)
    meeting.set_cursor(cast.event, by=cast.facilitator, entry=entry)
    assert meeting.meeting_of(cast.event).cursor == entry


def test_a_second_press_of_an_anonymous_form_counts_once_and_names_nobody(cast):
    meeting.start(cast.event, by=cast.facilitator)
    op, seq = uuid.uuid4(), Event.objects.get(pk=cast.event.pk).change_seq
    meeting.agree(cast.event, by=cast.participant, op=op)
    with pytest.raises(Repeated):
        meeting.agree(cast.event, by=cast.participant, op=op)
    meeting.agree(cast.event, by=cast.guest, op=uuid.uuid4())
    assert (Meeting.objects.get().agreed_count, Event.objects.get(pk=cast.event.pk).change_seq) == (2, seq + 2)
    answers = {"by": cast.participant, "learned": "yes", "again": "no"}
    closing.answer(cast.event, op=op, **answers)
    with pytest.raises(Repeated):
        closing.answer(cast.event, op=op, **answers)
    with pytest.raises(Repeated):
        closing.answer(cast.event, **answers)  # without an id, nor with another one
    assert ClosingAnswer.objects.count() == 1
    assert not Operation.objects.filter(op=op).exists()


def test_an_agreement_that_was_refused_counts_at_the_next_try(cast):
    op = uuid.uuid4()
    with pytest.raises(WrongState):
        meeting.agree(cast.event, by=cast.participant, op=op)
    meeting.start(cast.event, by=cast.facilitator)
    meeting.agree(cast.event, by=cast.participant, op=op)
    assert Meeting.objects.get().agreed_count == 1


def test_a_meeting_rests_and_goes_on_another_day_at_the_same_step(cast):
    entry = make_entry(cast.event)
    meeting.start(cast.event, by=cast.facilitator)
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=2)
    meeting.set_cursor(cast.event, by=cast.facilitator, entry=entry)
    cast.later(90)
    until = cast.now + timedelta(days=1)
    meeting.rest(cast.event, by=cast.facilitator, until=until)
    cast.later(24 * 3600)
    found = meeting.meeting_of(cast.event)
    assert (found.step.rank, found.step.spent_s, found.since, found.resumes_at) == (2, 90, None, until)
    for refused in (
        lambda: meeting.go(cast.event, by=cast.facilitator, from_rank=2, to_rank=3),
        lambda: meeting.set_paused(cast.event, by=cast.facilitator, is_paused=False),
        lambda: meeting.add_minutes(cast.event, by=cast.facilitator),
        lambda: meeting.set_cursor(cast.event, by=cast.facilitator, entry=entry),
    ):
        with pytest.raises(WrongState, match="The meeting rests"):
            refused()
    notes.keep(cast.event, by=cast.scribe, text="Thought of overnight")  # what comes to mind meanwhile is kept
    meeting.resume(cast.event, by=cast.facilitator)
    cast.later(10)
    meeting.go(cast.event, by=cast.facilitator, from_rank=2, to_rank=3)
    found = Meeting.objects.get(event=cast.event)
    assert (found.rests_since, found.resumes_at, found.cursor) == (None, None, entry)
    assert found.steps.get(rank=2).spent_s == 100
    with pytest.raises(WrongState, match="goes on already"):
        meeting.resume(cast.event, by=cast.facilitator)


def test_a_rest_can_be_open_moved_or_be_the_end(cast):
    meeting.start(cast.event, by=cast.facilitator)
    with pytest.raises(WrongState, match="has passed"):
        meeting.rest(cast.event, by=cast.facilitator, until=cast.now)
    meeting.rest(cast.event, by=cast.facilitator)
    began = Meeting.objects.get(event=cast.event).rests_since
    cast.later(60)
    meeting.rest(cast.event, by=cast.facilitator, until=cast.now + timedelta(hours=1))
    found = Meeting.objects.get(event=cast.event)
    assert (found.rests_since, found.resumes_at) == (began, cast.now + timedelta(hours=1))
    meeting.end(cast.event, by=cast.facilitator)
    found.refresh_from_db()
    assert (found.rests_since, found.resumes_at, state_of(cast.event)) == (None, None, "draft")


def test_what_is_jumped_over_is_not_done(cast):
    meeting.start(cast.event, by=cast.facilitator)
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=4)
    meeting.end(cast.event, by=cast.facilitator)
    done = AgendaStep.objects.filter(meeting__event=cast.event, is_done=True)
    assert list(done.values_list("rank", flat=True)) == [0, 4]


def test_the_room_uses_the_minutes_that_were_edited(cast):
    event = cast.event
    edited = {slug: minutes for slug, _, minutes in meeting.agenda_for(event)}
    edited["timeline"], edited["root-cause"] = 30, 5
    schedule.schedule(
        event, by=cast.facilitator, meeting_at=None, meeting_minutes=75, accounts_due_at=None, steps=edited
    )
    meeting.start(event, by=cast.facilitator)
    planned = dict(AgendaStep.objects.filter(meeting__event=event).values_list("slug", "planned_s"))
    assert planned == {slug: minutes * 60 for slug, minutes in edited.items()}


@pytest.mark.parametrize("kind", ["incident", "launch", "project", "recurring", "decision"])
@pytest.mark.parametrize("minutes", [15, 60, 75, 90])
def test_every_kind_and_length_is_walked_from_end_to_end_and_has_a_script_for_each_step(db, kind, minutes):
    event = make_event(kind=kind, meeting_minutes=minutes, facilitator=(lead := make_user("Lead")))
    meeting.start(event, by=lead)
    steps = list(AgendaStep.objects.filter(meeting__event=event))
    assert sum(step.planned_s for step in steps) == minutes * 60
    for step in steps:
        if step.rank:
            meeting.go(event, by=lead, from_rank=step.rank - 1, to_rank=step.rank)
        parts = parts_of(event, step.slug)
        found = scripts.of(kind, parts)
        assert len(found) == len(parts), f"no script for a part of {parts}"
        assert all(script.do and script.say and script.ask and script.listen and script.short for script in found)
