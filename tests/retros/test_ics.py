"""A meeting as calendars read it: every file is parsed by the library again, in zones with and without changes of the clock."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Component

from retros import ics

STAMP = datetime(2026, 11, 25, 9, tzinfo=UTC)
INES, PRIYA = ("Ines, Hindcast", "hindcast@example.org"), ("Priya", "priya@example.org")


def meeting(**more: Any) -> ics.Appointment:
    values = {
        "uid": "k7m2xq9ab-20261120T080000@hindcast", "sequence": 2, "stamp": STAMP, "title": "Review: Forty-three seconds",
        "starts_at": datetime(2026, 11, 26, 14, tzinfo=ZoneInfo("Europe/Berlin")), "minutes": 75,
        "description": "Agenda\n3 min  Open", "address": "https://hindcast.example.org/e/k7m2xq9ab/room/", "organizer": INES,
    }  # fmt: skip
    return ics.Appointment(**{**values, **more})


def parsed(data: bytes) -> tuple[Component, Any]:
    """The calendar and its only event."""
    calendar = Calendar.from_ical(data)
    [event] = calendar.walk("VEVENT")
    return calendar, event


def test_a_request_says_who_what_when_and_to_whom():
    data = ics.request(meeting(), PRIYA)
    calendar, event = parsed(data)
    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    assert (event["UID"], event["SEQUENCE"], event["STATUS"], event["CLASS"]) == (
        "k7m2xq9ab-20261120T080000@hindcast", 2, "CONFIRMED", "PRIVATE",
    )  # fmt: skip
    assert event["DTSTAMP"].dt == STAMP
    assert (event["DTSTART"].params["TZID"], event["DTSTART"].dt.isoformat()) == (
        "Europe/Berlin",
        "2026-11-26T14:00:00+01:00",
    )
    assert event["DTEND"].dt.isoformat() == "2026-11-26T15:15:00+01:00"
    assert event["SUMMARY"] == "Review: Forty-three seconds"
    assert "3 min  Open" in event["DESCRIPTION"]
    assert event["LOCATION"] == event["URL"] == "https://hindcast.example.org/e/k7m2xq9ab/room/"
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == ("mailto:hindcast@example.org", "Ines, Hindcast")
    attendee = event["ATTENDEE"]
    assert (attendee, attendee.params["CN"]) == ("mailto:priya@example.org", "Priya")
    assert (attendee.params["ROLE"], attendee.params["PARTSTAT"], attendee.params["RSVP"]) == (
        "REQ-PARTICIPANT", "NEEDS-ACTION", "FALSE",
    )  # fmt: skip
    optional = parsed(ics.request(meeting(), PRIYA, is_optional=True))[1]["ATTENDEE"]
    assert optional.params["ROLE"] == "OPT-PARTICIPANT"


def test_a_cancellation_names_the_same_meeting_and_frees_the_time():
    calendar, event = parsed(ics.cancel(meeting(sequence=3), PRIYA))
    assert calendar["METHOD"] == "CANCEL"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"], event["TRANSP"]) == (
        "k7m2xq9ab-20261120T080000@hindcast", 3, "CANCELLED", "TRANSPARENT",
    )  # fmt: skip
    assert event["ATTENDEE"] == "mailto:priya@example.org"


def test_a_file_to_take_along_asks_nobody():
    calendar, event = parsed(ics.publish(meeting()))
    assert calendar["METHOD"] == "PUBLISH"
    assert "ATTENDEE" not in event


@pytest.mark.parametrize(("zone", "day", "offset"), [
    ("Europe/Berlin", (2026, 3, 27), "+0100"),
    ("Europe/Berlin", (2026, 3, 30), "+0200"),  # the Monday after the clocks went forward
    ("Europe/Berlin", (2026, 10, 26), "+0100"),
    ("America/New_York", (2026, 3, 6), "-0500"),
    ("America/New_York", (2026, 3, 9), "-0400"),
    ("Australia/Lord_Howe", (2026, 4, 7), "+1030"),  # half an hour
    ("Australia/Lord_Howe", (2026, 10, 6), "+1100"),
    ("Asia/Kolkata", (2026, 11, 26), "+0530"),
    ("Africa/Casablanca", (2026, 2, 20), "+0000"),  # goes back for Ramadan
])  # fmt: skip
def test_the_zone_is_told_with_the_change_of_its_clocks(zone, day, offset):
    """A reader that knows no zone by name computes the same moment from the file alone."""
    starts = datetime(*day, 14, tzinfo=ZoneInfo(zone))
    calendar, event = parsed(ics.request(meeting(starts_at=starts), PRIYA))
    assert event["DTSTART"].dt == starts
    [told] = calendar.walk("VTIMEZONE")
    assert told["TZID"] == zone
    local = starts.replace(tzinfo=None)
    changes = [
        (onset, part["TZOFFSETTO"])
        for part in told.subcomponents
        for onset in [part["DTSTART"].dt, *onsets(part)]
        if onset <= local
    ]
    _, last = max(changes, key=lambda change: change[0])
    assert last.to_ical() == offset


def onsets(part: Any) -> list[datetime]:
    dates = part.get("RDATE", [])
    return [row.dt for group in (dates if isinstance(dates, list) else [dates]) for row in group.dts]


def test_utc_needs_no_definition():
    calendar, event = parsed(ics.request(meeting(starts_at=datetime(2026, 11, 26, 14, tzinfo=UTC)), PRIYA))
    assert event["DTSTART"].to_ical() == b"20261126T140000Z"
    assert calendar.walk("VTIMEZONE") == []


@pytest.mark.parametrize(("start", "end"), [
    ((2026, 3, 29, 1, 30), "2026-03-29T03:45:00+02:00"),
    ((2026, 10, 25, 2, 30), "2026-10-25T01:45:00+00:00"),
])  # fmt: skip
def test_a_meeting_lasts_its_minutes_when_the_clocks_change_in_between(start, end):
    _, event = parsed(ics.publish(meeting(starts_at=datetime(*start, tzinfo=ZoneInfo("Europe/Berlin")))))
    assert event["DTEND"].dt.isoformat() == end
    assert event["DTEND"].dt.astimezone(UTC) - event["DTSTART"].dt.astimezone(UTC) == timedelta(minutes=75)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@given(title=TEXT, words=TEXT, name=TEXT.filter(str.strip))
def test_whatever_people_write_stays_in_its_place(title, words, name):
    """No text breaks a line, opens another property or is lost; lines are folded to 75 bytes."""
    data = ics.request(
        meeting(title=title, description=words, organizer=(name, "a@example.org")), (name, "b@example.org")
    )
    assert max(map(len, data.split(b"\r\n"))) <= 75
    data.decode()
    calendar, event = parsed(data)
    assert calendar["METHOD"] == "REQUEST"
    assert len(event["ATTENDEE"].splitlines()) == 1
    assert event["ATTENDEE"] == "mailto:b@example.org"
    assert str(event["SUMMARY"]) == ics._clean(title)
    assert str(event["DESCRIPTION"]) == ics._clean(words, keep="\n")


def test_a_name_cannot_add_people():
    name = 'Mallory"\r\nATTENDEE:mailto:eve@example.org'
    _, event = parsed(ics.request(meeting(title="x\r\nATTENDEE:mailto:eve@example.org"), (name, "m@example.org")))
    assert event["ATTENDEE"] == "mailto:m@example.org"
