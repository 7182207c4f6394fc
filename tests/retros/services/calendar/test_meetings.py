"""Calendars follow the meeting: what a real mail server receives is parsed as a calendar would, over every way a meeting changes."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from aar_site.people.models import DEMO_DOMAIN, User
from retros.models import CalendarCopy, Event, Membership, State
from retros.services import calendar, events, invitations, meeting, people
from tests.factories import make_event, make_member, make_user
from tests.retros.services.calendar.meetings import MEETS, NOW, arrived, set_time, settle, subject, text, told


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
