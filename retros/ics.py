"""A meeting as calendars exchange it (RFC 5545, 5546): one appointment as a request, a cancellation or a plain publication. Pure;
folding, escaping and the definition of the time zone are the library's."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event, vCalAddress, vText

AROUND = timedelta(days=400)  # of the clock changes, those near the meeting are told


@dataclass(frozen=True)
class Appointment:
    """One meeting. `starts_at` carries the zone it is told in; people are (name, address)."""

    uid: str
    sequence: int
    stamp: datetime
    title: str
    starts_at: datetime
    minutes: int
    description: str
    address: str
    organizer: tuple[str, str]


def request(meeting: Appointment, attendee: tuple[str, str], *, is_optional: bool = False) -> bytes:
    """An invitation to one person, or an update of it where the sequence is higher. Nobody else's address is in it."""
    event = _event(meeting, "CONFIRMED")
    person = _person(attendee)
    person.params.update(
        ROLE="OPT-PARTICIPANT" if is_optional else "REQ-PARTICIPANT", PARTSTAT="NEEDS-ACTION", RSVP="FALSE"
    )
    event.add("attendee", person)
    return _calendar("REQUEST", event)


def cancel(meeting: Appointment, attendee: tuple[str, str]) -> bytes:
    """Takes the meeting out of one person's calendar."""
    event = _event(meeting, "CANCELLED")
    event.add("attendee", _person(attendee))
    return _calendar("CANCEL", event)


def publish(meeting: Appointment) -> bytes:
    """The meeting as a file for whoever wants it in their calendar."""
    return _calendar("PUBLISH", _event(meeting, "CONFIRMED"))


def _event(meeting: Appointment, status: str) -> Event:
    event = Event()
    event.add("uid", meeting.uid)
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", meeting.stamp)
    starts, ends = _span(meeting)
    event.add("dtstart", starts)
    event.add("dtend", ends)
    event.add("summary", _clean(meeting.title))
    event.add("description", _clean(meeting.description, keep="\n"))
    event.add("location", vText(meeting.address))
    event.add("url", meeting.address)
    event.add("organizer", _person(meeting.organizer))
    event.add("status", status)
    event.add("transp", "OPAQUE" if status == "CONFIRMED" else "TRANSPARENT")
    event.add("class", "PRIVATE")  # calendars are shared; an unpublished review is for its own people
    return event


def _span(meeting: Appointment) -> tuple[datetime, datetime]:
    """Start and end in the meeting's zone; in UTC where one of them is told twice on that day, which no calendar can say."""
    starts = meeting.starts_at.astimezone(UTC)
    span = starts, starts + timedelta(minutes=meeting.minutes)
    local = tuple(at.astimezone(meeting.starts_at.tzinfo) for at in span)
    is_twice = any(at.utcoffset() != at.replace(fold=1 - at.fold).utcoffset() for at in local)
    return span if is_twice else (local[0], local[1])


def _person(person: tuple[str, str]) -> vCalAddress:
    name, address = person
    found = vCalAddress(f"mailto:{address}")
    found.params["CN"] = vText(_clean(name).replace('"', "'"))
    return found


def _calendar(method: str, event: Event) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Hindcast//After-action reviews//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    starts = event.start
    assert isinstance(starts, datetime)  # noqa: S101 - for the type checker
    calendar.add_missing_timezones((starts - AROUND).date(), (starts + AROUND).date())
    return calendar.to_ical()


def _clean(text: str, keep: str = "") -> str:
    """Without control characters, which no calendar may hold."""
    return "".join(c if c in keep or unicodedata.category(c) not in {"Cc", "Cs", "Zl", "Zp"} else " " for c in text)
