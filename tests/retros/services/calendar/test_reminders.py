"""The agenda comes a day ahead, and what had to wait in the outbox leaves as the last state."""

from datetime import timedelta

from aar_site.outbox import delivery
from aar_site.outbox.models import Message
from retros.services import calendar
from tests.retros.services.calendar.meetings import MEETS, NOW, arrived, set_time, settle, subject, text, told


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
