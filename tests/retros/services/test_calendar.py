"""Calendars follow the meeting: what a real mail server receives is parsed as a calendar would, over every way a meeting changes."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from icalendar import Calendar

from aar_site import clock
from aar_site.outbox import delivery
from aar_site.outbox.models import Message
from aar_site.people.models import DEMO_DOMAIN, User
from retros.models import CalendarCopy, Event, Membership, State
from retros.services import calendar, events, invitations, meeting, people, schedule
from tests.aar_site.conftest import MailServer
from tests.factories import make_cast, make_event, make_member, make_user

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
MEETS = datetime(2026, 11, 30, 13, tzinfo=UTC)  # 14:00 in Berlin


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """The one that mails leave by; the sender is patient, because a busy machine is no failure."""
    one = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", one.port, 20
    yield one
    one.close()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Moves the clock that starts on a Wednesday morning."""
    now = [NOW]
    monkeypatch.setattr(clock, "now", lambda: now[0])

    def move(**span: float) -> None:
        now[0] += timedelta(**span)

    return move


@pytest.fixture
def cast(db: None, later: Any) -> Any:
    ended = NOW - timedelta(days=1)
    return make_cast(started_at=ended - timedelta(hours=2), ended_at=ended, time_zone="Europe/Berlin", created_at=NOW)


def set_time(cast: Any, at: datetime | None = MEETS, minutes: int = 75, **more: Any) -> None:
    schedule.schedule(
        cast.event, by=cast.facilitator, meeting_at=at, meeting_minutes=minutes, accounts_due_at=None, **more
    )


def settle(later: Any) -> int:
    """Two looks with a quiet half minute in between; how many mails were posted."""
    first = calendar.sweep()
    later(seconds=31)
    return first + calendar.sweep()


def arrived(server: MailServer) -> dict[str, EmailMessage]:
    """What the mail server has received of meetings since it was asked last, by address."""
    delivery.sweep()
    server.mails = [mail for mail in server.mails if "asks you into" not in subject(mail)]
    mails = {str(mail["To"]): mail for mail in server.mails}
    assert len(mails) == len(server.mails), "one mail a person"
    server.mails.clear()
    return mails


def told(mail: EmailMessage) -> Any:
    """The event that a calendar takes out of the mail, as the program does that looks at the last alternative."""
    mixed = list(mail.iter_parts())
    alternatives = [part.get_content_type() for part in mixed[0].iter_parts()]
    assert alternatives == ["text/plain", "text/html", "text/calendar"]
    part = list(mixed[0].iter_parts())[-1]
    parsed = Calendar.from_ical(part.get_content())
    assert part["Content-Type"].params["method"] == parsed["METHOD"]
    assert mixed[1].get_filename() == "invite.ics"
    assert Calendar.from_ical(mixed[1].get_content()).to_ical() == parsed.to_ical()
    [event] = parsed.walk("VEVENT")
    event.method = str(parsed["METHOD"])
    assert event["ATTENDEE"] == f"mailto:{mail['To']}"
    assert event["ORGANIZER"].removeprefix("mailto:") in mail["From"]
    return event


def subject(mail: EmailMessage) -> str:
    return " ".join(str(mail["Subject"]).split())


def text(mail: EmailMessage) -> str:
    return " ".join(mail.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]


# --- The whole life of a meeting --------------------------------------------------------------------------------------
def test_a_meeting_is_set_moved_and_called_off_in_every_calendar(cast, later, server):
    set_time(cast)
    assert settle(later) == 5
    first = arrived(server)
    everybody = {m.user.email for m in Membership.objects.filter(event=cast.event).select_related("user")}
    assert set(first) == everybody
    assert cast.guest.email in everybody
    asked = told(first[cast.guest.email])
    assert (asked.method, asked["SEQUENCE"], asked["SUMMARY"]) == ("REQUEST", 0, "Review: Forty-three seconds")
    assert asked["DTSTART"].dt == MEETS
    assert asked["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert asked["ORGANIZER"].params["CN"].startswith("Facilitator, ")
    assert "20 min Walk the timeline" in " ".join(asked["DESCRIPTION"].split())
    assert told(first[cast.observer.email])["ATTENDEE"].params["ROLE"] == "OPT-PARTICIPANT"
    assert "meets Mon 30 Nov, 14:00 CET" in subject(first[cast.guest.email])
    assert "Walk the timeline, 20 min" in text(first[cast.guest.email])

    set_time(cast, MEETS + timedelta(days=1), minutes=60)
    assert settle(later) == 5
    second = arrived(server)
    moved = told(second[cast.guest.email])
    assert (moved.method, moved["SEQUENCE"], moved["UID"]) == ("REQUEST", 1, asked["UID"])
    assert moved["DTEND"].dt - moved["DTSTART"].dt == timedelta(minutes=60)
    assert subject(second[cast.guest.email]).startswith("[Hindcast] New time:")
    assert "It was: Mon 30 Nov, 14:00 CET" in text(second[cast.guest.email])

    set_time(cast, None)
    assert settle(later) == 5
    off = told(arrived(server)[cast.guest.email])
    assert (off.method, off["SEQUENCE"], off["UID"], off["STATUS"]) == ("CANCEL", 2, asked["UID"], "CANCELLED")
    assert off["DTSTART"].dt == moved["DTSTART"].dt

    set_time(cast)
    assert settle(later) == 5
    again = told(arrived(server)[cast.guest.email])
    assert (again.method, again["SEQUENCE"]) == ("REQUEST", 3)
    assert settle(later) == 0


def test_another_title_or_length_is_an_update_and_another_agenda_is_not(cast, later, server):
    set_time(cast)
    settle(later)
    arrived(server)
    changes = {"title": "Forty-four seconds", "seen": events.fingerprint(cast.event)}
    events.edit_event(cast.event, by=cast.facilitator, **changes)
    assert settle(later) == 5
    mail = arrived(server)[cast.scribe.email]
    assert (told(mail)["SEQUENCE"], told(mail)["SUMMARY"]) == (1, "Review: Forty-four seconds")
    assert subject(mail).startswith("[Hindcast] Changed:")
    set_time(cast, minutes=90)
    assert settle(later) == 5
    assert told(arrived(server)[cast.scribe.email])["SEQUENCE"] == 2
    steps = {
        "opening": 3,
        "summary": 5,
        "timeline": 20,
        "root-cause": 20,
        "factors": 10,
        "went-well": 20,
        "actions": 10,
        "close": 2,
    }
    set_time(cast, minutes=90, steps=steps)
    assert settle(later) == 0


def test_of_several_quick_changes_the_last_one_counts(cast, later, server):
    for hour in range(3):
        set_time(cast, MEETS + timedelta(hours=hour))
        assert calendar.sweep() == 0
        later(seconds=20)
        assert calendar.sweep() == 0
    assert settle(later) == 5
    assert told(arrived(server)[cast.scribe.email])["DTSTART"].dt == MEETS + timedelta(hours=2)
    set_time(cast, MEETS + timedelta(hours=5))
    calendar.sweep()
    later(seconds=20)
    set_time(cast, MEETS + timedelta(hours=2))
    later(seconds=120)
    assert settle(later) == 0, "a change that was taken back sends nothing"


def test_who_was_never_invited_gets_no_cancellation(cast, later):
    set_time(cast)
    calendar.sweep()
    set_time(cast, None)
    assert settle(later) == 0
    assert not CalendarCopy.objects.exists()


# --- People -----------------------------------------------------------------------------------------------------------
def test_whoever_comes_is_asked_and_whoever_goes_is_told_alone(cast, later, server):
    set_time(cast)
    settle(later)
    arrived(server)
    people.add_person(cast.event, user=cast.outsider, by=cast.facilitator)
    assert settle(later) == 1
    mails = arrived(server)
    assert (told(mails[cast.outsider.email]).method, told(mails[cast.outsider.email])["SEQUENCE"]) == ("REQUEST", 0)
    title = {"title": "A name that those who left do not learn", "seen": events.fingerprint(cast.event)}
    people.remove_person(Membership.objects.get(event=cast.event, user=cast.outsider), by=cast.facilitator)
    events.edit_event(cast.event, by=cast.facilitator, **title)
    assert settle(later) == 6
    gone = arrived(server)[cast.outsider.email]
    assert (told(gone).method, told(gone)["SEQUENCE"], told(gone)["SUMMARY"]) == (
        "CANCEL",
        1,
        "Review: Forty-three seconds",
    )
    assert "You are no longer asked to this review" in text(gone)
    assert "do not learn" not in gone.as_string()
    people.add_person(cast.event, user=cast.outsider, by=cast.facilitator)
    assert settle(later) == 1
    back = told(arrived(server)[cast.outsider.email])
    assert (back.method, back["SEQUENCE"]) == ("REQUEST", 2)


def test_nobody_invented_and_nobody_who_cannot_sign_in_is_asked(cast, later):
    make_member(cast.event, make_user(email=f"ada{DEMO_DOMAIN}"))
    User.objects.filter(pk=cast.scribe.pk).update(is_active=False)
    set_time(cast)
    assert settle(later) == 4
    assert settle(later) == 0
    assert not CalendarCopy.objects.filter(person__in=[cast.scribe]).exists()


def test_a_guest_whose_link_was_ended_is_told_and_asked_again_when_it_is_restored(cast, later, server):
    guest = Membership.objects.get(event=cast.event, user=cast.guest)
    invitations.invite(guest, by=cast.facilitator)
    set_time(cast)
    settle(later)
    arrived(server)
    invitations.revoke(guest, by=cast.facilitator)
    assert settle(later) == 1
    assert told(arrived(server)[cast.guest.email]).method == "CANCEL"
    invitations.restore(guest, by=cast.facilitator)
    assert settle(later) == 1
    assert told(arrived(server)[cast.guest.email]).method == "REQUEST"


# --- States -----------------------------------------------------------------------------------------------------------
def test_no_review_calls_it_off_and_taking_it_up_asks_again(cast, later, server):
    set_time(cast)
    settle(later)
    arrived(server)
    events.decline_review(cast.event, by=cast.facilitator, reason="Fixed the same day.")
    assert settle(later) == 5
    mail = arrived(server)[cast.participant.email]
    assert told(mail).method == "CANCEL"
    assert "This event gets no review." in text(mail)
    events.take_up_review(cast.event, by=cast.facilitator)
    assert settle(later) == 5
    assert told(arrived(server)[cast.participant.email]).method == "REQUEST"


def test_a_meeting_that_began_stays_in_the_calendars(cast, later):
    set_time(cast)
    settle(later)
    meeting.start(cast.event, by=cast.facilitator)
    people.add_person(cast.event, user=cast.outsider, by=cast.facilitator)
    assert settle(later) == 0
    assert CalendarCopy.objects.filter(is_cancelled=False).count() == 5


@pytest.mark.parametrize("state", [State.DRAFT, State.REVIEW, State.NOT_REVIEWED])
def test_nobody_is_asked_to_what_is_not_prepared(db, later, state):
    more = {"not_reviewed_reason": "Fixed."} if state == State.NOT_REVIEWED else {}
    make_event(facilitator=make_user(), state=state, meeting_at=NOW + timedelta(days=3), **more)
    assert settle(later) == 0


def test_what_has_passed_is_not_sent_around(cast, later):
    Event.objects.filter(pk=cast.event.pk).update(meeting_at=NOW - timedelta(hours=1))
    assert settle(later) == 0


# --- A day ahead ------------------------------------------------------------------------------------------------------
def test_the_agenda_comes_a_day_ahead_as_it_is_then_and_once(cast, later, server):
    set_time(cast)
    settle(later)
    arrived(server)
    steps = {
        "opening": 3,
        "summary": 5,
        "timeline": 10,
        "root-cause": 25,
        "factors": 10,
        "went-well": 10,
        "actions": 10,
        "close": 2,
    }
    set_time(cast, steps=steps)
    later(days=4, hours=3)
    assert calendar.sweep() == 0
    later(hours=1)
    assert calendar.sweep() == 5
    assert calendar.sweep() == 0
    mail = arrived(server)[cast.participant.email]
    assert subject(mail) == "[Hindcast] “Forty-three seconds” meets Mon 30 Nov, 14:00 CET"
    assert "Walk the timeline, 10 min * Root cause, 25 min" in text(mail)
    assert "text/calendar" not in [part.get_content_type() for part in mail.walk()]


def test_who_was_invited_within_the_day_is_not_reminded_at_once(cast, later):
    set_time(cast, NOW + timedelta(hours=20))
    assert settle(later) == 5
    later(hours=2)
    assert calendar.sweep() == 0


def test_a_moved_meeting_is_reminded_of_at_its_new_time(cast, later):
    set_time(cast)
    settle(later)
    later(days=4, hours=5)
    assert calendar.sweep() == 5
    set_time(cast, MEETS + timedelta(days=2))
    assert settle(later) == 5
    later(days=2)
    assert calendar.sweep() == 5


# --- What waited in the outbox ----------------------------------------------------------------------------------------
def test_mails_that_had_to_wait_leave_as_the_last_state(cast, later, server):
    server.close()
    set_time(cast)
    settle(later)
    delivery.sweep()
    set_time(cast, MEETS + timedelta(days=1))
    settle(later)
    server.open()
    later(minutes=10)
    mails = arrived(server)
    assert len(mails) == 5
    assert {told(mail)["SEQUENCE"] for mail in mails.values()} == {1}
    dropped = Message.objects.filter(state=Message.State.DROPPED)
    assert set(dropped.values_list("error", flat=True)) == {"A later change took its place."}
    assert dropped.count() == 5


def test_a_reminder_of_a_meeting_that_was_called_off_does_not_leave(cast, later, server):
    set_time(cast)
    settle(later)
    arrived(server)
    later(days=4, hours=5)
    calendar.sweep()
    set_time(cast, None)
    settle(later)
    assert {told(mail).method for mail in arrived(server).values()} == {"CANCEL"}
    reasons = set(Message.objects.filter(state=Message.State.DROPPED).values_list("error", flat=True))
    assert reasons == {"The meeting was moved, called off or has begun."}


def test_an_invitation_is_sent_again_under_one_name_where_it_is_uncertain(cast, later):
    set_time(cast)
    settle(later)
    assert set(Message.objects.values_list("may_repeat", flat=True)) == {True}


# --- Cost and safety --------------------------------------------------------------------------------------------------
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


def test_the_file_to_take_along_has_the_name_and_number_of_the_invitation(cast, later, server):
    set_time(cast)
    settle(later)
    set_time(cast, MEETS + timedelta(hours=1))
    settle(later)
    sent = told(arrived(server)[cast.scribe.email])
    [file] = Calendar.from_ical(calendar.download(Event.objects.get(pk=cast.event.pk))).walk("VEVENT")
    assert (file["UID"], file["SEQUENCE"], file["DTSTART"].dt) == (sent["UID"], sent["SEQUENCE"], sent["DTSTART"].dt)


def test_no_secret_and_no_other_address_is_in_an_invitation(cast, later, server):
    set_time(cast)
    settle(later)
    mails = arrived(server)
    others = {
        m.user.email
        for m in Membership.objects.filter(event=cast.event).exclude(user=cast.guest).select_related("user")
    }
    mail = mails[cast.guest.email]
    parts = "".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")
    assert not [address for address in others if address in parts]
    assert f"/e/{cast.event.code}/room/" in told(mail)["URL"]
    assert "/j/" in text(mail), "the way in of the guest"
    assert "/j/" not in told(mail).to_ical().decode(), "which a shared calendar must not hold"
