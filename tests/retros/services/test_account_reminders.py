"""Reminders before the deadline: 48 and 24 hours, once each, one mail a person and day, to nobody who answered."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from aar_site import clock
from aar_site.outbox import delivery, mail
from aar_site.outbox.models import Message
from retros.models import AccountReminder, Role, State
from retros.services import account_reminders, accounts, people
from tests.factories import make_event, make_member, make_user


@pytest.fixture
def due(cast: SimpleNamespace) -> SimpleNamespace:
    """The cast's event, whose accounts close in fifty hours. Asked are the participant and the guest."""
    return set_due(cast, 50)


def set_due(cast: SimpleNamespace, hours: float) -> SimpleNamespace:
    cast.event.accounts_due_at = clock.now() + timedelta(hours=hours)
    cast.event.save()
    return cast


def told() -> list[str]:
    return sorted(m.person.name for m in Message.objects.filter(kind=account_reminders.KIND).select_related("person"))


def test_48_and_24_hours_before_and_never_again(due):
    posted = []
    for _ in range(52 * 2):
        posted.append(account_reminders.sweep())
        clock.move(timedelta(minutes=30))
    hours = [50 - index / 2 for index, count in enumerate(posted) if count]
    assert hours == [48, 24]
    assert sum(posted) == 4
    assert sorted(AccountReminder.objects.values_list("hours", flat=True)) == [24, 24, 48, 48]


def test_who_is_in_or_declined_gets_none(due):
    accounts.submit(due.event, by=due.participant, answers={"saw": "Flat lines."}, note="")
    accounts.decline(due.event, by=due.guest)
    clock.move(timedelta(hours=3))
    assert account_reminders.sweep() == 0
    accounts.take_back(due.event, by=due.guest)
    assert account_reminders.sweep() == 1
    assert told() == ["Guest"]


@pytest.mark.parametrize("change", ["revealed", "closed", "left", "gone", "moved"])
def test_nobody_is_reminded_where_nothing_is_asked(due, change):
    clock.move(timedelta(hours=3))
    if change == "revealed":
        accounts.reveal(due.event, by=due.facilitator)
    elif change == "closed":
        type(due.event).objects.update(state=State.DRAFT)
    elif change == "left":
        due.event.memberships.filter(user__in=[due.participant, due.guest]).update(
            role=Role.OBSERVER, was_involved=False
        )
    elif change == "gone":
        type(due.guest).objects.filter(pk__in=[due.participant.pk, due.guest.pk]).update(is_active=False)
    else:
        set_due(due, 70)
    assert account_reminders.sweep() == 0


def test_a_moved_deadline_has_reminders_of_its_own(due):
    clock.move(timedelta(hours=3))
    assert account_reminders.sweep() == 2
    clock.move(timedelta(hours=25))
    set_due(due, 47)
    assert account_reminders.sweep() == 2


def test_two_sweeps_at_once_and_a_clock_that_is_set_back_post_nothing_twice(due):
    clock.move(timedelta(hours=3))
    assert [account_reminders.sweep(), account_reminders.sweep()] == [2, 0]
    clock.move(timedelta(hours=-2))
    assert account_reminders.sweep() == 0
    clock.move(timedelta(days=-1))
    assert account_reminders.sweep() == 0
    clock.move(timedelta(days=1, hours=2))
    assert account_reminders.sweep() == 0


def test_after_an_outage_one_comes_instead_of_two(due):
    clock.move(timedelta(hours=20))  # thirty hours before: the first has passed, the second is not due
    assert account_reminders.sweep() == 0
    clock.move(timedelta(hours=10))
    assert account_reminders.sweep() == 2
    assert set(AccountReminder.objects.values_list("hours", flat=True)) == {24}
    clock.move(timedelta(hours=21))  # past the deadline
    assert account_reminders.sweep() == 0


def test_one_mail_names_every_account_that_is_due(due):
    other = make_event("A second night", facilitator=due.facilitator, accounts_due_at=clock.now() + timedelta(hours=49))
    make_member(other, due.participant, was_involved=True)
    clock.move(timedelta(hours=3))
    assert account_reminders.sweep() == 2
    message = Message.objects.get(kind=account_reminders.KIND, person=due.participant)
    text = mail.unseal(message.sealed_body)["text"]
    assert "Forty-three seconds" in text
    assert "A second night" in text
    assert message.subject == "[Hindcast] Your accounts are still asked for"


def test_one_mail_a_day_also_where_the_hours_fall_apart(due):
    other = make_event("A second night", facilitator=due.facilitator, accounts_due_at=clock.now() + timedelta(hours=52))
    make_member(other, due.participant, was_involved=True)
    days = []
    for _ in range(54 * 4):
        account_reminders.sweep()
        clock.move(timedelta(minutes=15))
    days = [m.dedupe_key for m in Message.objects.filter(kind=account_reminders.KIND, person=due.participant)]
    assert len(days) == len(set(days)) >= 2
    assert AccountReminder.objects.filter(membership__user=due.participant).count() >= 3


@pytest.mark.parametrize("asked_by", ["hand", "invitation"])
def test_who_was_asked_by_mail_just_now_is_not_asked_again(due, asked_by):
    clock.move(timedelta(hours=3))
    if asked_by == "hand":
        accounts.remind(due.event, by=due.facilitator)
    else:
        for membership in due.event.memberships.filter(role=Role.PARTICIPANT):
            people.invite(membership, by=due.facilitator)
    assert account_reminders.sweep() == 0
    clock.move(timedelta(hours=24))
    assert account_reminders.sweep() == 2


def test_a_reminder_that_had_to_wait_is_asked_whether_it_is_still_wanted(due):
    clock.move(timedelta(hours=3))
    account_reminders.sweep()
    by_hand = Message(kind=account_reminders.KIND, person=due.participant)
    by_hand.dedupe_key = f"{due.event.memberships.get(user=due.participant).pk}:2026-11-25"
    waiting = [Message.objects.get(kind=account_reminders.KIND, person=due.participant), by_hand]
    assert [delivery.no_longer_wanted(m) for m in waiting] == ["", ""]
    accounts.submit(due.event, by=due.participant, answers={"saw": "Flat lines."}, note="")
    assert [delivery.no_longer_wanted(m) for m in waiting] == [account_reminders.UNWANTED] * 2


def test_the_outbox_does_not_tell_administrators_who_wrote(due, client):
    """A reminder of an account is called what a reminder of an action is called, and is dropped in the same words."""
    clock.move(timedelta(hours=3))
    account_reminders.sweep()
    assert {m.about for m in Message.objects.filter(kind=account_reminders.KIND)} == {"Reminder"}
    client.force_login(due.admin)
    page = client.get("/settings/mail/?show=waiting").content.decode()
    assert "Reminder" in page
    assert "ccount reminder" not in page


@pytest.mark.parametrize("size", [1, 3])
def test_finding_nobody_due_costs_few_queries(db, django_assert_num_queries, size):
    for _ in range(size):
        event = make_event(accounts_due_at=clock.now() + timedelta(hours=20))
        membership = make_member(event, make_user(), was_involved=True)
        AccountReminder.objects.create(
            membership=membership, due_at=event.accounts_due_at, hours=24, told_on=clock.today("UTC")
        )
    with django_assert_num_queries(4):
        assert account_reminders.sweep() == 0
