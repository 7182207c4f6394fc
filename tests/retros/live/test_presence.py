"""Signs of life: who counts as here and how long; lines of one person beside each other; who writes."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from aar_site import clock
from retros.live import presence
from retros.models import Change, Hand, Presence
from tests.factories import START, make_cast, make_event


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The cast; .later(seconds) moves the clock on."""
    found = make_cast()
    found.now = START + timedelta(days=5)
    monkeypatch.setattr(clock, "now", lambda: found.now)

    def later(seconds: float) -> None:
        found.now += timedelta(seconds=seconds)

    found.later = later
    return found


def sign(cast: SimpleNamespace, role: str, line: str = "") -> None:
    presence.sign(cast.event.pk, getattr(cast, role).pk, line)


def here(cast: SimpleNamespace) -> set[int]:
    return set(presence.here(cast.event))


def test_a_line_that_falls_silent_is_gone_within_a_minute(cast):
    sign(cast, "participant", "a")
    cast.later(45)
    assert presence.here(cast.event) == {cast.participant.pk: cast.now - timedelta(seconds=45)}
    sign(cast, "participant", "a")
    cast.later(presence.LINE_S)
    assert here(cast) == set()
    assert presence.LINE_S < 60
    assert Presence.objects.count() == 1


def test_a_page_without_script_stays_for_minutes_until_a_line_takes_its_place(cast):
    sign(cast, "guest")
    sign(cast, "observer")
    cast.later(200)
    assert here(cast) == {cast.guest.pk, cast.observer.pk}
    sign(cast, "guest", "b")
    cast.later(60)
    assert here(cast) == {cast.observer.pk}


def test_who_closes_one_of_two_pages_is_still_here(cast):
    for line in ("phone", "desk"):
        sign(cast, "participant", line)
    presence.go(["phone"])
    cast.later(presence.GRACE_S + 1)
    assert here(cast) == {cast.participant.pk}
    presence.go(["desk"])
    assert here(cast) == {cast.participant.pk}  # loading the page anew takes a moment
    cast.later(presence.GRACE_S + 1)
    assert here(cast) == set()
    presence.go(["desk"])
    sign(cast, "participant", "desk")
    assert here(cast) == set()  # a late farewell brings nobody back, nor does a sign that was under way


def test_many_come_in_as_many_queries_as_one(cast, django_assert_num_queries):
    people = [cast.facilitator, cast.scribe, cast.participant]
    for count in (1, 3):
        with django_assert_num_queries(2):
            presence.come([(cast.event.pk, user.pk, f"{count}-{user.pk}") for user in people[:count]])
        with django_assert_num_queries(2):
            found = presence.now_in([cast.event.pk, make_event().pk if count == 9 else 0])
    assert found[cast.event.pk].here == {user.pk for user in people}
    assert found[0] == presence.Now()
    assert not Change.objects.filter(event=cast.event).exists()


def test_since_when_nothing_was_heard_of_somebody(cast):
    assert presence.away_for(cast.event, cast.facilitator.pk) is None
    sign(cast, "facilitator", "a")
    cast.later(20)
    sign(cast, "facilitator", "b")
    cast.later(46)
    assert presence.away_for(cast.event, cast.facilitator.pk) == timedelta(seconds=46)


def test_writing_ends_by_itself_and_with_its_line(cast):
    for role in ("scribe", "participant"):
        sign(cast, role, role)
        presence.write(cast.event.pk, getattr(cast, role).pk, role, is_writing=True)
    assert presence.now_in([cast.event.pk])[cast.event.pk].writing == {cast.scribe.pk, cast.participant.pk}
    presence.write(cast.event.pk, cast.scribe.pk, "scribe", is_writing=False)
    assert presence.now_in([cast.event.pk])[cast.event.pk].writing == {cast.participant.pk}
    cast.later(presence.WRITING_S)
    assert presence.now_in([cast.event.pk])[cast.event.pk].writing == frozenset()


def test_silent_lines_are_named_and_old_signs_forgotten(cast):
    sign(cast, "scribe", "a")
    cast.later(60)
    sign(cast, "guest", "b")
    assert presence.silent(["a", "b", "never"]) == {"a", "never"}
    cast.later(presence.FORGET_S - 30)
    presence.forget()
    assert list(Presence.objects.values_list("line", flat=True)) == ["b"]


def test_a_person_has_so_many_lines_and_no_more(cast):
    for n in range(presence.MOST_LINES + 5):
        sign(cast, "participant", f"a{n}")
        cast.later(0.1)
    sign(cast, "guest", "b")
    lines = set(Presence.objects.filter(user=cast.participant).values_list("line", flat=True))
    assert lines == {f"a{n}" for n in range(5, presence.MOST_LINES + 5)}
    assert here(cast) == {cast.participant.pk, cast.guest.pk}


def test_of_lines_that_ended_the_newest_is_remembered(cast):
    for n in range(3):
        presence.come([(cast.event.pk, cast.participant.pk, f"a{n}")])
        presence.go([f"a{n}"])
        cast.later(1)
    cast.later(presence.GRACE_S + presence.ENDED_S)
    presence.forget()
    assert list(Presence.objects.values_list("line", flat=True)) == ["a2"]
    assert presence.away_for(cast.event, cast.participant.pk) == timedelta(
        seconds=1 + presence.GRACE_S + presence.ENDED_S
    )


def test_the_hand_of_who_left_goes_down_and_who_never_had_a_page_keeps_the_floor(cast):
    sign(cast, "participant", "a")
    sign(cast, "scribe", "b")
    for user, floor_at in ((cast.participant, None), (cast.scribe, None), (cast.guest, cast.now)):
        Hand.objects.create(event=cast.event, user=user, raised_at=cast.now, floor_at=floor_at)
    presence.go(["a"])
    cast.later(presence.HAND_S)
    sign(cast, "scribe", "b")
    presence.forget()
    assert Hand.objects.count() == 3
    cast.later(presence.GRACE_S)
    presence.forget()
    assert set(Hand.objects.values_list("user_id", flat=True)) == {cast.scribe.pk, cast.guest.pk}
