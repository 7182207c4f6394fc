"""A meeting is set, calendars settle, and what arrived is read as a calendar program reads it."""

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from icalendar import Calendar

from aar_site.outbox import delivery
from retros.services import calendar, schedule
from tests.aar_site.conftest import MailServer

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
MEETS = datetime(2026, 11, 30, 13, tzinfo=UTC)  # 14:00 in Berlin


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
    server.mails = [mail for mail in server.mails if "invites you to" not in subject(mail)]
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
