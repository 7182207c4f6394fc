"""A sweep is cheap, posts each mail once however many look at the same time, and one broken event keeps nobody else."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from aar_site import clock
from aar_site.outbox.models import Message
from retros.models import CalendarCopy, Event
from retros.services import calendar
from tests.factories import make_event, make_member, make_user
from tests.retros.services.calendar.meetings import MEETS, set_time, settle


def test_one_event_that_cannot_be_told_does_not_keep_the_others(cast, later, monkeypatch):
    other = make_event("Broken", facilitator=make_user(), meeting_at=MEETS)
    set_time(cast)
    real = calendar._invite

    def invite(event: Event, *args: Any) -> bool:
        if event.pk == other.pk:
            raise ValueError("no calendar for this")
        return real(event, *args)

    monkeypatch.setattr(calendar, "_invite", invite)
    assert settle(later) == 5
    monkeypatch.setattr(calendar, "_invite", real)
    assert settle(later) == 1


@pytest.mark.parametrize("more", [1, 3])
def test_a_quiet_sweep_asks_four_questions(db, later, more, django_assert_num_queries):
    for _ in range(more):
        event = make_event(facilitator=make_user(), meeting_at=MEETS)
        make_member(event)
    settle(later)
    with django_assert_num_queries(4):
        assert calendar.sweep() == 0


def test_a_second_sweep_at_the_same_time_posts_nothing(cast, later):
    """What the first one posted is seen under the lock, although the second had read before."""
    set_time(cast)
    calendar.sweep()
    later(seconds=31)
    [(event, due)] = calendar._read(list(calendar._concerned(clock.now())))
    assert len(due.asked) == 5
    assert calendar.sweep() == 5
    assert calendar._bring_up_to_date(event) == 0
    assert Message.objects.filter(kind=calendar.INVITATION).count() == 5
    assert connection.in_atomic_block


def test_many_people_are_asked_a_few_at_a_time_under_one_number(cast, later, monkeypatch):
    monkeypatch.setattr(calendar, "AT_ONCE", 2)
    set_time(cast)
    assert settle(later) == 5
    set_time(cast, MEETS + timedelta(days=1))
    assert settle(later) == 5
    assert set(CalendarCopy.objects.values_list("sequence", flat=True)) == {1}
    later(days=5, hours=5)
    assert calendar.sweep() == 5
    set_time(cast, None)
    assert settle(later) == 5
    assert set(CalendarCopy.objects.values_list("sequence", flat=True)) == {2}


def test_many_sweeps_at_once_post_each_mail_once(transactional_db, later):
    """Real connections: each waits for the event's lock, and sees then what the one before it posted."""
    event = make_event(facilitator=make_user(), meeting_at=MEETS)
    make_member(event)
    calendar.sweep()
    later(seconds=31)
    together, posted = threading.Barrier(4), []

    def sweep() -> None:
        together.wait()
        posted.append(calendar.sweep())
        connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(posted) == [0, 0, 0, 2]
    assert Message.objects.filter(kind=calendar.INVITATION).count() == 2
    assert CalendarCopy.objects.count() == 2


@pytest.mark.parametrize("change", ["minutes = 3", "minutes = 300"])
def test_the_database_keeps_the_length_of_what_was_sent(cast, later, change):
    set_time(cast)
    settle(later)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE retros_calendarcopy SET {change}")  # noqa: S608 - our own words
