"""The meeting's verbs: agenda by kind and length, a clock that counts on the server, and what each state refuses."""

import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest

from aar_site import clock
from retros.live.log import Repeated, Stale, WrongState
from retros.models import AgendaStep, Change, ClosingAnswer, Event, Meeting, Membership, Operation, RoomNote, State
from retros.services import closing, meeting, notes
from tests.factories import START, make_cast, make_entry, make_event


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


def test_notes_belong_to_their_step_and_a_removal_is_undone(cast):
    meeting.start(cast.event, by=cast.facilitator)
    note = notes.keep(cast.event, by=cast.scribe, text="  Said.  ")
    idea = notes.keep(cast.event, by=cast.participant, text="Write it down", parked_for="actions")
    assert (note.text, note.step_slug, idea.parked_for) == ("Said.", "opening", "actions")
    notes.set_removed(note, by=cast.scribe, removed=True)
    assert list(RoomNote.objects.kept()) == [idea]
    notes.set_removed(note, by=cast.scribe, removed=False)
    assert set(RoomNote.objects.kept()) == {note, idea}


def test_who_came_is_recorded_once_and_only_while_the_room_is_open(cast):
    meeting.attend(cast.event, by=cast.participant)
    cast.event.refresh_from_db()
    meeting.start(cast.event, by=cast.facilitator)
    cast.event.refresh_from_db()
    before = cast.event.change_seq
    for _ in range(2):
        meeting.attend(cast.event, by=cast.participant)
    meeting.attend(cast.event, by=cast.outsider)
    came = Membership.objects.filter(attended_at__isnull=False)
    assert [row.user for row in came] == [cast.participant]
    assert Event.objects.get(pk=cast.event.pk).change_seq == before + 1


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


def test_notes_of_a_published_review_stay(cast):
    note = RoomNote.objects.create(event=cast.event, step_slug="opening", text="Said", created_by=cast.participant)
    Event.objects.filter(pk=cast.event.pk).update(state=State.PUBLISHED, published_at=START)
    with pytest.raises(WrongState, match="stay as they are"):
        notes.set_removed(note, by=cast.participant, removed=True)
    note.refresh_from_db()
    assert note.removed_at is None


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
    for _ in range(2):
        closing.answer(cast.event, **answers)  # without an id nothing is known of a repeat
    assert ClosingAnswer.objects.count() == 3
    assert not Operation.objects.filter(op=op).exists()


def test_an_agreement_that_was_refused_counts_at_the_next_try(cast):
    op = uuid.uuid4()
    with pytest.raises(WrongState):
        meeting.agree(cast.event, by=cast.participant, op=op)
    meeting.start(cast.event, by=cast.facilitator)
    meeting.agree(cast.event, by=cast.participant, op=op)
    assert Meeting.objects.get().agreed_count == 1
