"""Reminders: on the right local day, in working hours, in one mail, to the right person, and never twice."""

import re
import threading
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser

from aar_site import clock
from aar_site.outbox import delivery, mail
from aar_site.outbox.models import Message
from aar_site.people import services as people
from aar_site.people.models import User
from actions import reminders, services
from actions.models import Action, Nudge, Reminder, Status
from tests.factories import make_action, make_event, make_team, make_user

THURSDAY = date(2026, 11, 26)


def at(day: date, hour: int = 10, minute: int = 0, zone: str = "UTC") -> int:
    """It is then; the sweep comes round. How many mails it posted."""
    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone))
    clock.move(moment.astimezone(UTC) - clock.now())
    return reminders.sweep()


def mails(person: User | None = None) -> list[Message]:
    rows = Message.objects.filter(kind="reminder").order_by("pk")
    return list(rows.filter(person=person) if person else rows)


def text_of(message: Message) -> str:
    return " ".join(str(mail.unseal(message.sealed_body)["text"]).split())


def due(on: date, owner: User, title: str = "", **extra: Any) -> Action:
    return make_action(extra.pop("event", None) or make_event(), title, owner=owner, due_on=on, **extra)


# --- When -----------------------------------------------------------------------------------------------------------
def test_the_owner_hears_on_five_days_and_no_others(db: None) -> None:
    owner = make_user("Femi")
    due(THURSDAY, owner, "Rehearse the restore")
    told = [n for n in range(-10, 61) if at(THURSDAY + timedelta(days=n))]
    # Day 3 and day 30 fall on Sunday and Saturday, so they are told on the Mondays after.
    assert [THURSDAY + timedelta(days=n) for n in told] == [
        date(2026, 11, 24), date(2026, 11, 26), date(2026, 11, 30), date(2026, 12, 3), date(2026, 12, 28),
    ]  # fmt: skip
    assert [m.subject for m in mails(owner)] == [
        "[Hindcast] Due on Thursday: Rehearse the restore",
        "[Hindcast] Due today: Rehearse the restore",
        "[Hindcast] 4 days overdue: Rehearse the restore",
        "[Hindcast] 7 days overdue: Rehearse the restore",
        "[Hindcast] To decide after 32 days: Rehearse the restore",
    ]


def test_what_is_due_on_monday_is_told_on_friday(db: None) -> None:
    due(date(2026, 11, 30), make_user())
    assert [d for d in range(25, 31) if at(date(2026, 11, d))] == [27, 30]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/Los_Angeles", "Pacific/Auckland"])
def test_in_the_owners_working_hours_only(zone: str) -> None:
    person = User(time_zone=zone)
    edge = datetime(2026, 11, 24, 8, 59, 59, tzinfo=ZoneInfo(zone))
    assert reminders.working_day(person, edge) is None
    assert reminders.working_day(person, edge + timedelta(seconds=1)) == date(2026, 11, 24)
    assert reminders.working_day(person, datetime(2026, 11, 24, 17, tzinfo=ZoneInfo(zone))) is None
    assert reminders.working_day(person, datetime(2026, 11, 28, 12, tzinfo=ZoneInfo(zone))) is None, "Saturday"


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 25)),
        ("America/New_York", date(2026, 3, 8)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("Pacific/Apia", date(2026, 4, 5)),
    ],
)
def test_one_mail_a_day_through_a_change_of_clocks(db: None, zone: str, change: date) -> None:
    """Something falls due each day; looked at every other hour, each working day brings one mail and each weekend none."""
    owner, event = make_user(time_zone=zone), make_event()
    first = change - timedelta(days=4)
    for n in range(12):
        due(first + timedelta(days=n), owner, event=event)
    start = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for step in range(0, 9 * 24, 2):
        clock.move(start + timedelta(hours=step, minutes=30) - clock.now())
        reminders.sweep()
    days = list(Reminder.objects.filter(person=owner).order_by("local_date").values_list("local_date", flat=True))
    assert days == [d for n in range(9) if (d := first + timedelta(days=n)).weekday() < 5]
    assert len(mails(owner)) == len(days)


@pytest.mark.parametrize("jump", [timedelta(hours=-2), timedelta(hours=-25), timedelta(hours=25)])
def test_a_clock_that_jumps_repeats_and_skips_nothing(db: None, jump: timedelta) -> None:
    owner = make_user()
    due(THURSDAY, owner)
    assert at(THURSDAY) == 1
    clock.move(jump)
    assert reminders.sweep() == 0
    assert at(THURSDAY, 16) == 0
    assert at(date(2026, 11, 30)) == 1
    assert len(mails(owner)) == 2


def test_a_person_who_moves_at_noon_gets_one_mail_a_local_day(db: None) -> None:
    owner = make_user(time_zone="Asia/Tokyo")
    due(THURSDAY, owner)
    assert at(THURSDAY, 12, zone="Asia/Tokyo") == 1
    people.edit_profile(owner, name=owner.name, time_zone="America/Los_Angeles")
    assert at(THURSDAY, 12, zone="America/Los_Angeles") == 0


def test_after_three_days_without_a_worker_one_mail_names_everything(db: None) -> None:
    owner, event = make_user("Femi"), make_event()
    monday = date(2026, 11, 23)
    for n in range(40):
        due(monday + timedelta(days=n % 3), owner, f"Action number {n}.", event=event)
    assert at(THURSDAY) == 1
    assert at(THURSDAY, 11) == 0
    (one,) = mails(owner)
    text = text_of(one)
    assert all(f"Action number {n}." in text for n in range(40))
    assert one.subject == "[Hindcast] 3 days overdue, and 39 more"


# --- What and to whom -----------------------------------------------------------------------------------------------
def test_three_actions_are_one_mail(db: None) -> None:
    owner = make_user("Femi")
    event = make_event("Search index rebuilt twice")
    due(THURSDAY, owner, "Keep every primary in its region", closed_when="A forced cut in staging moves none")
    due(THURSDAY - timedelta(days=3), owner, "Rehearse the restore", event=event)
    due(THURSDAY, owner, "Move the backups", status=Status.BLOCKED, blocked_reason="It waits on the storage contract")
    due(THURSDAY + timedelta(days=3), owner, "Not yet")
    assert at(THURSDAY) == 1
    (one,) = mails()
    assert one.subject == "[Hindcast] 3 days overdue, and two more"
    text = text_of(one)
    assert "Hello Femi. Three of your actions, in one mail." in text
    assert "3 days overdue. Closed when:" in text
    assert "From “Search index rebuilt twice”." in text
    assert "Blocked. It waits on the storage contract." in text
    assert "Closed when: A forced cut in staging moves none." in text
    assert "Not yet" not in text


def test_then_the_teams_managers_hear_of_it_once(db: None) -> None:
    owner, ruth, other = make_user("Femi"), make_user("Ruth"), make_user("Other")
    event = make_event(team=make_team(members=[owner], manager=ruth))
    make_team(manager=other)
    due(THURSDAY, owner, "Rehearse the restore", event=event)
    for n in range(8):
        at(THURSDAY + timedelta(days=n))
    assert mails(ruth) == []
    assert at(THURSDAY + timedelta(days=8)) == 1
    assert at(THURSDAY + timedelta(days=11)) == 0
    (one,) = mails(ruth)
    assert one.subject == "[Hindcast] One action needs you: Rehearse the restore"
    assert "Owner: Femi. Reminded after 3 and 7 days." in text_of(one)
    assert mails(other) == []


def test_without_a_manager_the_facilitator_hears_of_it_and_without_both_the_administrators(db: None) -> None:
    ines, gone, admin = make_user("Ines"), make_user(is_active=False), make_user(is_admin=True)
    due(THURSDAY, make_user(), "Led", event=make_event(facilitator=ines))
    due(THURSDAY, make_user(), "Alone", event=make_event(facilitator=gone, team=make_team(manager=gone)))
    at(THURSDAY + timedelta(days=8))
    assert [m.subject for m in mails(ines)] == ["[Hindcast] One action needs you: Led"]
    assert [m.subject for m in mails(admin)] == ["[Hindcast] One action needs you: Alone"]
    assert mails(gone) == []


def test_when_the_owner_leaves_the_manager_hears_at_once_and_the_owner_nothing(db: None) -> None:
    bram, ruth, lena, admin = make_user("Bram"), make_user("Ruth"), make_user("Lena"), make_user(is_admin=True)
    event = make_event(team=make_team(members=[bram], manager=ruth), facilitator=make_user())
    action = due(THURSDAY + timedelta(days=90), bram, "Name an owner for the report", event=event)
    assert at(THURSDAY) == 0
    people.set_active(bram, is_active=False, by=admin)
    assert at(THURSDAY, 11) == 1
    assert mails(bram) == []
    (one,) = mails(ruth)
    assert "No owner. Bram cannot sign in any more." in text_of(one)
    assert at(date(2026, 11, 27)) == 0, "once is enough"
    services.hand_over(action, by=ruth, owner=lena)
    people.set_active(lena, is_active=False, by=admin)
    assert at(date(2026, 11, 30)) == 1, "the next owner left too"


def test_at_thirty_days_it_asks_for_a_decision(db: None) -> None:
    owner = make_user()
    action = due(THURSDAY, owner)
    at(date(2026, 12, 28))
    (one,) = mails(owner)
    body = mail.unseal(one.sealed_body)
    assert "Thirty days on, one of your actions needs a decision" in body["html"]
    assert f'/actions/{action.pk}/decide/">Decide</a>' in body["html"]


def test_a_new_date_starts_again(db: None) -> None:
    owner = make_user()
    action = due(THURSDAY, owner)
    assert at(THURSDAY) == 1
    Action.objects.filter(pk=action.pk).update(due_on=date(2026, 12, 10))
    assert at(date(2026, 11, 27)) == 0
    assert at(date(2026, 12, 8)) == 1


@pytest.mark.parametrize("status", [Status.DONE, Status.DROPPED, Status.PROPOSED])
def test_what_is_not_open_is_not_chased(db: None, status: str) -> None:
    make_action(make_event(), owner=make_user(), status=status, due_on=THURSDAY)
    assert [n for n in range(-3, 40) if at(THURSDAY + timedelta(days=n))] == []


def test_what_was_closed_in_between_is_not_named(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed after the sweep chose whom to tell, before it wrote: no mail, and the day stays free for another one."""
    action = due(THURSDAY, make_user())
    chosen = reminders.remind

    def closed_meanwhile(person: User, local: date) -> bool:
        Action.objects.filter(pk=action.pk).update(status=Status.DONE, closed_at=clock.now(), evidence="x")
        return chosen(person, local)

    monkeypatch.setattr(reminders, "remind", closed_meanwhile)
    assert at(THURSDAY) == 0
    assert mails() == []
    assert Reminder.objects.count() == Nudge.objects.count() == 0


def test_while_the_mail_waits_what_it_names_may_be_settled(db: None, mailoutbox: list[Any]) -> None:
    """The mail server was away: a reminder leaves as long as anything in it still holds, and not otherwise."""
    owner, ruth, other = make_user("Femi"), make_user("Ruth"), make_user()
    event = make_event(team=make_team(manager=ruth))
    first, second = due(THURSDAY, owner, event=event), due(THURSDAY, owner, event=event)
    at(THURSDAY + timedelta(days=8))
    assert {m.person for m in mails()} == {owner, ruth}
    Action.objects.filter(pk=first.pk).update(status=Status.DONE, closed_at=clock.now())
    assert [reminders.outdated(m) for m in mails()] == ["", ""]
    Action.objects.filter(pk=second.pk).update(owner=other)
    assert [bool(reminders.outdated(m)) for m in mails()] == [m.person == owner for m in mails()]
    Action.objects.filter(pk=second.pk).update(due_on=THURSDAY + timedelta(days=20))
    assert delivery.sweep() == 0
    assert mailoutbox == []
    assert {(m.state, m.error) for m in mails()} == {("dropped", "Nothing that it names is open any more.")}


def test_many_workers_at_once_post_one_mail(transactional_db: None) -> None:
    owners = [make_user() for _ in range(5)]
    for owner in owners:
        due(THURSDAY, owner)
    clock.move(datetime(2026, 11, 26, 10, tzinfo=UTC) - clock.now())
    posted: list[int] = []

    def work() -> None:
        posted.append(reminders.sweep())
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sum(posted) == 5
    assert len(mails()) == 5


@pytest.mark.parametrize("size", [1, 3])
def test_a_sweep_with_nothing_new_only_reads(db: None, django_assert_num_queries: Any, size: int) -> None:
    for _ in range(size):
        due(date(2026, 11, 12), make_user(), event=make_event(team=make_team(manager=make_user())))
    assert at(THURSDAY) == 2 * size
    clock.move(timedelta(days=1))
    with django_assert_num_queries(8) as captured:
        assert reminders.sweep() == 0
    assert all(q["sql"].lstrip().upper().startswith("SELECT") for q in captured.captured_queries)


def test_upcoming_says_what_will_happen(db: None) -> None:
    owner, ruth = make_user("Femi"), make_user("Ruth")
    action = due(date(2026, 11, 30), owner, event=make_event(team=make_team(manager=ruth)))
    told = reminders.upcoming(action, THURSDAY)
    assert told == [(date(2026, 11, 27), "Femi"), (date(2026, 11, 30), "Femi"), (date(2026, 12, 3), "Femi")]
    assert (date(2026, 12, 8), "Ruth") in reminders.upcoming(action, date(2026, 12, 3))


# --- The mail itself ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("days", [0, 30])
def test_every_link_in_the_mail_opens_for_its_reader(db: None, settings: Any, days: int) -> None:
    settings.BASE_URL = "https://reviews.example.org"
    owner, ruth = make_user(), make_user()
    due(THURSDAY - timedelta(days=days), owner, event=make_event(team=make_team(manager=ruth)))
    at(THURSDAY)
    assert mails(owner)
    for message in mails():
        client = Client()
        client.force_login(message.person)
        body = mail.unseal(message.sealed_body)
        links = set(re.findall(r'href="([^"]+)"', body["html"])) | set(re.findall(r"https?://\S+", body["text"]))
        assert len(links) >= (4 if days == 0 else 1)
        for link in links:
            assert link.startswith("https://reviews.example.org/actions/")
            assert client.get(link.removeprefix("https://reviews.example.org")).status_code == 200, link


@pytest.mark.browser
@pytest.mark.parametrize("width", [600, 390])
def test_the_mail_fits_its_window_and_reads_in_dark(db: None, browser: Browser, width: int) -> None:
    owner, ruth = make_user("Femi"), make_user("Ruth")
    event = make_event("Forty-three seconds " * 4, team=make_team(manager=ruth))
    due(THURSDAY, owner, "Keep every primary in the region that elected it " * 3, event=event)
    at(THURSDAY)
    raw = delivery.compose(mails(owner)[0]).message().as_bytes()
    part = message_from_bytes(raw, policy=policy.default).get_body(("html",))
    assert part is not None
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme="dark", java_script_enabled=True)
    page.set_content(part.get_content())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    colour = "e => getComputedStyle(e).color"
    assert page.locator("h1").evaluate(colour) == "rgb(229, 237, 237)"
    assert page.locator(".m-go a").evaluate(colour) == "rgb(10, 34, 38)"
    assert page.locator("img, script, link").count() == 0
    page.close()
