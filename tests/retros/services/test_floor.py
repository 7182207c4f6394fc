"""Hands and the floor: order, managers last, one speaker, and nothing of it in the record."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction

from aar_site import clock
from retros.live.log import WrongState
from retros.models import Change, Event, Hand, Operation
from retros.services import floor, meeting, people
from tests.factories import START, make_cast


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The cast in an open room; each look at the clock is a second later."""
    found = make_cast()
    found.now = START + timedelta(days=5)

    def tick() -> object:
        found.now += timedelta(seconds=1)
        return found.now

    monkeypatch.setattr(clock, "now", tick)
    meeting.start(found.event, by=found.facilitator)
    return found


def queue(cast: SimpleNamespace) -> list[str]:
    return [member.user.name for member in floor.of(cast.event)["queue"]]


def speaker(cast: SimpleNamespace) -> str | None:
    found = floor.of(cast.event)["speaker"]
    return found.user.name if found else None


def test_hands_stand_in_the_order_in_which_they_went_up_and_managers_last(cast):
    for role in ("observer", "guest", "participant"):
        floor.raise_hand(cast.event, by=getattr(cast, role))
    assert queue(cast) == ["Guest", "Participant", "Observer"]
    floor.raise_hand(cast.event, by=cast.guest)  # a second press loses no place
    assert queue(cast) == ["Guest", "Participant", "Observer"]
    floor.lower_hand(cast.event, user_id=cast.guest.pk, by=cast.guest)
    floor.raise_hand(cast.event, by=cast.guest)
    assert queue(cast) == ["Participant", "Guest", "Observer"]


def test_one_person_has_the_floor(cast):
    for role in ("guest", "participant"):
        floor.raise_hand(cast.event, by=getattr(cast, role))
    floor.give(cast.event, user_id=cast.participant.pk, by=cast.facilitator)
    assert (speaker(cast), queue(cast)) == ("Participant", ["Guest"])
    floor.give(cast.event, user_id=cast.guest.pk, by=cast.facilitator)
    assert (speaker(cast), queue(cast)) == ("Guest", [])  # who had it is done
    floor.give(cast.event, user_id=cast.scribe.pk, by=cast.facilitator)  # asked without a raised hand
    assert (speaker(cast), queue(cast)) == ("Scribe", [])
    floor.lower_hand(cast.event, user_id=cast.scribe.pk, by=cast.scribe)
    assert (speaker(cast), queue(cast)) == (None, [])


def test_the_database_knows_one_speaker_too(cast):
    now = clock.now()
    Hand.objects.create(event=cast.event, user=cast.guest, raised_at=now, floor_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hand.objects.create(event=cast.event, user=cast.scribe, raised_at=now, floor_at=now)


def test_nothing_of_a_hand_is_recorded(cast):
    seq = Event.objects.get(pk=cast.event.pk).change_seq
    floor.raise_hand(cast.event, by=cast.participant)
    floor.give(cast.event, user_id=cast.participant.pk, by=cast.facilitator)
    floor.lower_hand(cast.event, user_id=cast.participant.pk, by=cast.participant)
    assert Event.objects.get(pk=cast.event.pk).change_seq == seq
    assert not Change.objects.filter(event=cast.event, seq__gt=seq).exists()
    assert not Operation.objects.exists()


def test_hands_go_up_while_the_room_is_open_and_only_for_people_of_the_review(cast):
    floor.raise_hand(cast.event, by=cast.guest)
    with pytest.raises(WrongState, match="not in the review"):
        floor.give(cast.event, user_id=cast.outsider.pk, by=cast.facilitator)
    people.remove_person(cast.event.memberships.get(user=cast.guest), by=cast.facilitator)
    assert queue(cast) == []
    floor.raise_hand(cast.event, by=cast.scribe)
    meeting.end(cast.event, by=cast.facilitator)
    assert not Hand.objects.filter(user=cast.scribe).exists()
    for refused in (
        lambda: floor.raise_hand(Event.objects.get(pk=cast.event.pk), by=cast.participant),
        lambda: floor.give(Event.objects.get(pk=cast.event.pk), user_id=cast.participant.pk, by=cast.facilitator),
    ):
        with pytest.raises(WrongState, match="The meeting is over"):
            refused()


def test_three_hands_ask_as_much_as_one(cast, django_assert_num_queries):
    for role in ("guest", "participant", "observer"):
        floor.raise_hand(cast.event, by=getattr(cast, role))
        with django_assert_num_queries(2):
            floor.of(cast.event)
