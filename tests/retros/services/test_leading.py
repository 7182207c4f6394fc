"""Who leads the room: handing over, taking over from one who is gone, taking back; the pen; and what each of them refuses."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from aar_site import clock
from retros.live import presence
from retros.live.log import WrongState
from retros.models import Change, Meeting, Membership, Presence, Role, State
from retros.services import leading, meeting, people
from tests.factories import START, make_cast, make_member, make_user


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The cast in an open room, with .second (one more colleague who takes part); .later(seconds), .sees(*roles) signs of life."""
    found = make_cast()
    found.now = START + timedelta(days=5)
    monkeypatch.setattr(clock, "now", lambda: found.now)
    found.second = make_user("Second")
    make_member(found.event, found.second)

    def later(seconds: int) -> None:
        found.now += timedelta(seconds=seconds)

    def sees(*roles: str) -> None:
        for role in roles:
            presence.sign(found.event.pk, getattr(found, role).pk, f"line-{role}")

    found.later, found.sees = later, sees
    meeting.start(found.event, by=found.facilitator)
    found.event.refresh_from_db()
    return found


def gone(cast: SimpleNamespace, *here: str) -> None:
    """The facilitator was there, and then was not, while the others stayed."""
    cast.sees("facilitator", *here)
    cast.later(60)
    cast.sees(*here)


def roles(cast: SimpleNamespace) -> dict[str, str]:
    """Role by name of the people whose role matters here."""
    rows = Membership.objects.filter(event=cast.event).select_related("user")
    return {row.user.name: str(row.role) for row in rows if row.role in {Role.FACILITATOR, Role.SCRIBE}}


def state(cast: SimpleNamespace) -> Meeting:
    return Meeting.objects.get(event=cast.event)


def test_the_room_is_handed_over_and_taken_back_and_the_log_says_by_whom(cast):
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=3)
    cast.later(100)
    leading.hand_over(cast.event, by=cast.facilitator, to=cast.participant.pk)
    assert roles(cast) == {"Participant": "facilitator", "Scribe": "scribe"}
    assert (state(cast).step.rank, state(cast).first_lead) == (3, cast.facilitator)
    with pytest.raises(WrongState, match="Who facilitated first"):
        leading.take_back(cast.event, by=cast.second)
    cast.later(50)
    leading.take_back(cast.event, by=cast.facilitator)
    assert roles(cast) == {"Facilitator": "facilitator", "Scribe": "scribe"}
    assert state(cast).first_lead is None
    began = START + timedelta(days=5)
    found = [(name, int((at - began).total_seconds())) for name, at in leading.leads(cast.event, state(cast))]
    assert found == [("Facilitator", 0), ("Participant", 100), ("Facilitator", 150)]
    rows = Change.objects.filter(event=cast.event, topics__contains="lead").values_list("what", "actor__name", "topics")
    assert list(rows) == [
        ("handed over the room", "Facilitator", "people,agenda,lead"),
        ("took the room back", "Facilitator", "people,agenda,lead"),
    ]


def test_who_gave_the_room_away_gives_it_no_second_time(cast):
    leading.hand_over(cast.event, by=cast.facilitator, to=cast.participant.pk)
    with pytest.raises(WrongState, match="Somebody else facilitates meanwhile"):
        leading.hand_over(cast.event, by=cast.facilitator, to=cast.second.pk)
    leading.hand_over(cast.event, by=cast.participant, to=cast.second.pk)
    assert state(cast).first_lead == cast.facilitator  # over two hands it is still the first who may have it back
    leading.take_back(cast.event, by=cast.facilitator)
    assert roles(cast)["Facilitator"] == "facilitator"


REFUSED = [  # who should get it, what is said
    ("scribe", "Scribe has the pen"),
    ("observer", "Observer listens"),
    ("guest", "Guest is a guest"),
    ("outsider", "not in the review any more"),
    ("facilitator", "Facilitator facilitates"),
]


@pytest.mark.parametrize(("who", "words"), REFUSED)
def test_only_colleagues_who_take_part_get_the_room_or_the_pen(cast, who, words):
    for act in (leading.hand_over, leading.hand_pen):
        with pytest.raises(WrongState, match=words):
            act(cast.event, by=cast.facilitator, to=getattr(cast, who).pk)
    assert roles(cast) == {"Facilitator": "facilitator", "Scribe": "scribe"}


def test_somebody_who_cannot_sign_in_gets_nothing(cast):
    cast.participant.is_active = False
    cast.participant.save()
    with pytest.raises(WrongState, match="not in the review any more"):
        leading.hand_over(cast.event, by=cast.facilitator, to=cast.participant.pk)


def test_the_pen_goes_on_and_the_former_scribe_takes_part(cast):
    leading.hand_pen(cast.event, by=cast.scribe, to=cast.participant.pk)
    assert roles(cast) == {"Facilitator": "facilitator", "Participant": "scribe"}
    assert Membership.objects.get(event=cast.event, user=cast.scribe).role == Role.PARTICIPANT


def test_who_gave_the_pen_away_in_another_window_gives_it_no_second_time(cast):
    leading.hand_pen(cast.event, by=cast.scribe, to=cast.participant.pk)
    with pytest.raises(WrongState, match="a moment ago"):
        leading.hand_pen(cast.event, by=cast.scribe, to=cast.second.pk)
    assert roles(cast) == {"Facilitator": "facilitator", "Participant": "scribe"}


def test_while_the_facilitator_is_here_nobody_takes_over(cast):
    cast.sees("facilitator", "participant")
    for act in (
        lambda: leading.take_over(cast.event, by=cast.participant),
        lambda: leading.ask(cast.event, by=cast.participant, whom=cast.second.pk),
    ):
        with pytest.raises(WrongState, match="Facilitator is here"):
            act()
    cast.later(leading.AWAY.seconds)  # not a second too early
    with pytest.raises(WrongState, match="Facilitator is here"):
        leading.take_over(cast.event, by=cast.participant)
    assert leading.standing(cast.event, cast.participant).away_since is None


def test_from_one_who_is_gone_somebody_takes_over_and_one_alone(cast):
    gone(cast, "participant", "second")
    shown = leading.standing(cast.event, cast.participant)
    assert shown.away_since == cast.now - timedelta(seconds=60)
    assert [row.user for row in shown.next_up] == [cast.second]
    leading.ask(cast.event, by=cast.second, whom=cast.participant.pk)
    assert leading.standing(cast.event, cast.second).asked == cast.participant
    assert leading.standing(cast.event, cast.second).to_ask == []
    leading.take_over(cast.event, by=cast.participant)
    assert roles(cast) == {"Participant": "facilitator", "Scribe": "scribe"}
    with pytest.raises(WrongState, match="Participant is here"):
        leading.take_over(cast.event, by=cast.second)
    shown = leading.standing(cast.event, cast.facilitator)
    assert (shown.is_first, shown.away_since, shown.asked, shown.lead) == (True, None, None, cast.participant)
    assert leading.handed(cast.event, state(cast)) == ("Facilitator", cast.now)


def test_the_scribe_gives_the_pen_away_before_they_take_over(cast):
    gone(cast, "scribe", "participant")
    with pytest.raises(WrongState, match="Choose who writes"):
        leading.take_over(cast.event, by=cast.scribe)
    assert roles(cast) == {"Facilitator": "facilitator", "Scribe": "scribe"}
    leading.take_over(cast.event, by=cast.scribe, pen_to=cast.participant.pk)
    assert roles(cast) == {"Scribe": "facilitator", "Participant": "scribe"}


def test_the_pen_is_laid_down_where_nobody_here_could_take_it(cast):
    gone(cast, "scribe", "guest")
    leading.take_over(cast.event, by=cast.scribe)
    assert roles(cast) == {"Scribe": "facilitator"}
    leading.take_back(cast.event, by=cast.facilitator)
    assert roles(cast) == {"Facilitator": "facilitator", "Scribe": "scribe"}  # laid down for that, and up again


def test_a_pen_that_somebody_took_up_meanwhile_stays_with_them(cast):
    gone(cast, "scribe", "guest")
    leading.take_over(cast.event, by=cast.scribe)
    leading.hand_pen(cast.event, by=cast.scribe, to=cast.participant.pk)
    leading.take_back(cast.event, by=cast.facilitator)
    assert roles(cast) == {"Facilitator": "facilitator", "Participant": "scribe"}


def test_who_stood_in_without_having_had_the_pen_gets_none(cast):
    gone(cast, "scribe", "participant")
    leading.take_over(cast.event, by=cast.participant)
    Membership.objects.filter(event=cast.event, role=Role.SCRIBE).delete()
    leading.take_back(cast.event, by=cast.facilitator)
    assert roles(cast) == {"Facilitator": "facilitator"}


@pytest.mark.parametrize("who", ["guest", "observer"])
def test_guests_and_observers_do_not_take_over(cast, who):
    gone(cast, who)
    with pytest.raises(WrongState):
        leading.take_over(cast.event, by=getattr(cast, who))


def test_who_just_left_is_asked_for_again_when_it_is_time(cast):
    cast.sees("facilitator")
    cast.later(20)
    presence.go(["line-facilitator"])
    cast.later(5)
    shown = leading.standing(cast.event, cast.participant)
    assert (shown.away_since, shown.ask_again_s) == (None, 21)
    cast.later(21)
    assert leading.standing(cast.event, cast.participant).away_since is not None


def test_one_who_never_came_is_gone_since_the_room_opened(cast):
    assert leading.standing(cast.event, cast.participant).away_since is None
    cast.later(46)
    assert leading.standing(cast.event, cast.participant).away_since == START + timedelta(days=5)


def test_nobody_is_gone_from_a_meeting_that_rests_or_is_over(cast):
    gone(cast, "participant")
    meeting.rest(cast.event, by=cast.facilitator)
    assert leading.standing(cast.event, cast.participant).away_since is None
    cast.later(12 * 3600)
    for act in (
        lambda: leading.take_over(cast.event, by=cast.participant),
        lambda: leading.ask(cast.event, by=cast.participant, whom=cast.second.pk),
    ):
        with pytest.raises(WrongState, match="The meeting rests"):
            act()
    assert roles(cast) == {"Facilitator": "facilitator", "Scribe": "scribe"}
    meeting.end(cast.event, by=cast.facilitator)
    cast.event.refresh_from_db()
    assert cast.event.state == State.DRAFT
    for act in all_of(cast):
        with pytest.raises(WrongState, match="The meeting is over"):
            act()


def all_of(cast: SimpleNamespace) -> list[Any]:
    """Every verb of this module, pressed by somebody."""
    who = {"by": cast.participant}
    return [
        lambda: leading.hand_over(cast.event, by=cast.facilitator, to=cast.participant.pk),
        lambda: leading.take_over(cast.event, **who),
        lambda: leading.take_back(cast.event, **who),
        lambda: leading.ask(cast.event, whom=cast.second.pk, **who),
        lambda: leading.hand_pen(cast.event, by=cast.facilitator, to=cast.participant.pk),
    ]


def test_the_first_takes_the_room_back_only_without_the_pen(cast):
    gone(cast, "participant")
    leading.take_over(cast.event, by=cast.participant)
    leading.hand_pen(cast.event, by=cast.participant, to=cast.facilitator.pk)
    with pytest.raises(WrongState, match="You have the pen"):
        leading.take_back(cast.event, by=cast.facilitator)


def test_a_change_of_the_facilitator_on_the_page_of_people_is_told_too(cast):
    cast.later(30)
    member = Membership.objects.get(event=cast.event, user=cast.participant)
    people.edit_person(member, by=cast.facilitator, role=Role.FACILITATOR, was_involved=True)
    assert leading.leads(cast.event, state(cast)) == [("Participant", cast.now)]


@pytest.mark.parametrize("count", [1, 3])
def test_what_a_reader_is_told_costs_the_same_for_many(cast, count, django_assert_num_queries):
    for number in range(count):
        user = make_user(f"Extra {number}")
        make_member(cast.event, user)
        presence.sign(cast.event.pk, user.pk, f"extra-{number}")
    cast.later(30)
    presence.come([(cast.event.pk, row.user_id, row.line) for row in Presence.objects.all()])
    with django_assert_num_queries(4):
        assert len(leading.standing(cast.event, cast.participant).next_up) == count
