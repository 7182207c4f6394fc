"""Who came, for the record, by browser and by word; and who stands how in the room."""

from types import SimpleNamespace

import pytest

from retros.live import presence
from retros.live.log import WrongState
from retros.models import Change, Event, Membership, State
from retros.services import attendance, floor, meeting
from tests.factories import START, make_member, make_user


@pytest.fixture
def room(cast: SimpleNamespace) -> SimpleNamespace:
    """The cast in an open room."""
    meeting.start(cast.event, by=cast.facilitator)
    cast.event.refresh_from_db()
    return cast


def member(cast: SimpleNamespace, role: str) -> Membership:
    return Membership.objects.get(event=cast.event, user=getattr(cast, role))


def stands(cast: SimpleNamespace) -> dict[str, tuple[str, str]]:
    return {m.user.name: (m.stands, m.says) for m in attendance.of_room(cast.event)["people"]}


def test_who_came_is_marked_once_while_the_room_is_open_and_sent_to_nobody(cast):
    attendance.attend(cast.event, by=cast.participant)
    meeting.start(cast.event, by=cast.facilitator)
    cast.event.refresh_from_db()
    before = cast.event.change_seq
    for _ in range(2):
        attendance.attend(cast.event, by=cast.participant)
    attendance.attend(cast.event, by=cast.outsider)
    assert [row.user for row in Membership.objects.filter(attended_at__isnull=False)] == [cast.participant]
    assert (
        Event.objects.get(pk=cast.event.pk).change_seq == before
    )  # five hundred who come push nothing to five hundred


def test_what_somebody_said_of_attendance_stays(room):
    attendance.attend(room.event, by=room.participant)
    came, was = {member(room, "observer").pk}, {member(room, "participant").pk}
    count = attendance.correct(room.event, came=came, was=was, by=room.scribe)
    assert count == 2
    assert member(room, "observer").attended_at == room.event.meeting.started_at
    attendance.attend(room.event, by=room.participant)  # a browser that was opened once more
    assert member(room, "participant").attended_at is None
    change = Change.objects.get(event=room.event, what="corrected who was there")
    assert change.detail == {"came": [room.observer.pk], "not": [room.participant.pk]}
    assert set(change.topics.split(",")) == {"people", "document"}


def test_who_comes_while_somebody_corrects_the_list_has_come(room):
    attendance.attend(room.event, by=room.participant)
    was = {member(room, "participant").pk}  # what the scribe reads; then the guest comes
    attendance.attend(room.event, by=room.guest)
    count = attendance.correct(room.event, came={*was, member(room, "observer").pk}, was=was, by=room.scribe)
    there = Membership.objects.filter(event=room.event, attended_at__isnull=False)
    assert (count, {row.user for row in there}) == (1, {room.participant, room.guest, room.observer})
    assert not member(room, "guest").is_attendance_said


@pytest.mark.parametrize(("state", "words"), [("published", "is published"), ("preparing", "once the room is open")])
def test_attendance_is_said_from_the_meeting_until_publication(room, state, words):
    Event.objects.filter(pk=room.event.pk).update(state=state, published_at=START)
    with pytest.raises(WrongState, match=words):
        attendance.correct(room.event, came=set(), by=room.facilitator)
    Event.objects.filter(pk=room.event.pk).update(state=State.DRAFT)
    assert attendance.correct(room.event, came={member(room, "guest").pk}, by=room.facilitator) == 1


def test_everybody_stands_here_left_or_expected_and_does_one_thing(room):
    for role in ("facilitator", "scribe", "participant"):
        presence.sign(room.event.pk, getattr(room, role).pk, role)
    presence.write(room.event.pk, room.scribe.pk, "scribe", is_writing=True)
    floor.raise_hand(room.event, by=room.participant)
    attendance.attend(room.event, by=room.guest)  # came, and is away
    assert stands(room) == {
        "Facilitator": ("here", "facilitator"),
        "Scribe": ("here", "scribe, writing"),
        "Guest": ("left", "left"),
        "Participant": ("here", "hand up"),
        "Observer": ("expected", "listens, expected"),
    }
    found = attendance.of_room(room.event)
    assert found["counts"] == {"here": 3, "left": 1, "expected": 1, "came": 0}
    assert found["writers"] == ["Scribe"]
    meeting.end(room.event, by=room.facilitator)
    room.event.refresh_from_db()
    assert {name: how for name, (how, _) in stands(room).items()}["Guest"] == "came"


def test_a_large_room_shows_those_who_are_here(room, django_assert_num_queries):
    for n in range(20):
        make_member(room.event, make_user(f"Guest number {n:02}"), role_in_event="on call")
    presence.sign(room.event.pk, room.observer.pk, "o")
    with django_assert_num_queries(3):
        found = attendance.of_room(room.event)
    assert [m.user.name for m in found["people_shown"]] == ["Observer"]
    assert len(found["people_more"]) == 24
    assert not set(found["people_shown"]) & set(found["people_more"])
