"""What a stamp leaves open is completed with a mark, or asked: zone, day, year, order, and clocks that changed."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from retros.imports.read import read

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def entries(text: str, **asked):
    return read(text.encode(), **asked).entries


def one(text: str, **asked):
    (entry,) = entries(text, **asked)
    return entry


def shown(text: str, **asked) -> str:
    entry = one(text, **asked)
    return entry.at.isoformat() if entry.at else entry.unclear


def test_an_offset_stays_as_it_was_given_whatever_zone_is_asked():
    entry = one("2018-10-21T16:52:00-06:00 x", zone=BERLIN)
    assert (entry.at.isoformat(), entry.offset, entry.guesses) == ("2018-10-21T16:52:00-06:00", -360, ())


def test_a_clock_without_a_zone_is_asked_and_never_utc():
    reading = read(b"2018-10-21 22:52:00 leaders moved\n2018-10-21 22:54:00Z alerts\n")
    assert reading.needs_zone
    assert [(e.at is None, e.unclear) for e in reading.entries] == [(True, "The clock names no zone."), (False, "")]
    assert [(e.line, e.unclear) for e in reading.entries if e.unclear] == [(1, "The clock names no zone.")]


def test_the_zone_that_is_told_holds_for_clocks_without_one():
    reading = read(b"2018-10-21 22:52:00 x", zone=NEW_YORK)
    assert not reading.needs_zone
    assert reading.entries[0].at.isoformat() == "2018-10-21T22:52:00-04:00"
    assert reading.entries[0].offset is None, "the record gave none"


@pytest.mark.parametrize(
    ("clock", "reason"),
    [("2018-03-25 02:30:00", "clocks went forward"), ("2018-10-28 02:30:00", "clocks went back")],
)
def test_hours_that_never_were_or_were_twice_are_asked_with_both_answers(clock, reason):
    entry = one(f"{clock} x", zone=BERLIN)
    assert entry.at is None
    assert reason in entry.unclear
    assert {at.isoformat()[-6:] for at in entry.choices} == {"+01:00", "+02:00"}


@pytest.mark.parametrize(
    ("name", "zone", "answer"),
    [
        ("PDT", None, "2018-10-21T22:52:00-07:00"),
        ("UTC", None, "2018-10-21T22:52:00+00:00"),
        ("CST", None, "CST is the name of several zones."),
        ("CST", ZoneInfo("Asia/Shanghai"), "2018-10-21T22:52:00+08:00"),
        ("BST", ZoneInfo("Europe/London"), "2018-10-21T22:52:00+01:00"),
    ],
)
def test_abbreviations_are_read_where_they_have_one_meaning(name, zone, answer):
    assert shown(f"2018-10-21 22:52:00 {name} x", zone=zone) == answer


def test_an_abbreviation_that_was_read_is_marked():
    assert one("2018-10-21 22:52:00 PDT x").guesses == ("PDT is read as \u221207:00.",)
    assert one("2018-10-21 22:52:00 UTC x").guesses == ()


def test_a_day_without_a_year_is_asked_or_taken_from_the_day_of_the_record_with_a_mark():
    line = "Dec 31 23:59:00 db-1 app: x"
    assert read(line.encode(), zone=BERLIN).needs_year
    entry = one(line, zone=BERLIN, captured=date(2019, 1, 2))
    assert entry.at.year == 2018
    assert entry.guesses == ("Year 2018, from the day on which the record was taken; the line names none.",)
    assert one("Jan 2 08:00:00 db-1 app: x", zone=BERLIN, captured=date(2019, 1, 2)).at.year == 2019


def test_the_29th_of_february_is_one_of_a_year_that_has_it():
    assert one("Feb 29 08:00:00 db-1 app: x", zone=BERLIN, captured=date(2019, 1, 2)).at.year == 2016


def test_a_clock_alone_is_of_the_day_that_was_given_and_passes_midnight_with_a_mark():
    lines = "23:58:00 a\n23:58:02 b\n00:03:00 c\n00:01:00 d\n09:00:00 e\n"
    assert read(lines.encode(), zone=BERLIN).needs_day
    found = entries(lines, zone=BERLIN, day=date(2018, 10, 21))
    assert [e.at.date().isoformat()[5:] for e in found] == ["10-21", "10-21", "10-22", "10-22", "10-22"]
    assert all(e.guesses for e in found), "every day that was not in the record is marked"
    assert "passed midnight" in found[2].guesses[0]


def test_a_clock_that_goes_back_a_little_stays_on_its_day_and_is_marked():
    found = entries("14:05:00 a\n13:20:00 b\n", zone=BERLIN, day=date(2018, 10, 21))
    assert [e.at.day for e in found] == [21, 21]
    assert "Earlier than the line before; taken as of the same day." in found[1].guesses


def test_days_in_two_orders_are_asked_with_both_answers():
    reading = read(b"03/04/2024 10:00:00 x", zone=BERLIN)
    assert reading.needs_order
    (entry,) = reading.entries
    assert (entry.at, entry.unclear) == (None, "Day and month can be read in two orders.")
    assert {at.date().isoformat() for at in entry.choices} == {"2024-03-04", "2024-04-03"}
    assert one("03/04/2024 10:00:00 x", zone=BERLIN, day_first=True).at.month == 4
    assert one("03/04/2024 10:00:00 x", zone=BERLIN, day_first=False).at.month == 3


def test_the_order_that_other_days_settle_is_used_with_a_mark():
    reading = read(b"03/04/2024 10:00:00 a\n25/04/2024 10:00:00 b\n", zone=BERLIN)
    assert [(e.at.month, bool(e.guesses)) for e in reading.entries] == [(4, True), (4, False)]
    assert reading.order == "The day comes first, because one date works in this order only."


def test_days_that_settle_both_orders_settle_none():
    reading = read(b"03/04/2024 10:00:00 a\n25/04/2024 10:00:00 b\n04/25/2024 10:00:00 c\n", zone=BERLIN)
    assert reading.needs_order
    assert reading.entries[0].at is None


@pytest.mark.parametrize(
    ("clock", "reason"),
    [
        ("2018-02-30 10:00:00", "There is no such day."),
        ("2018-13-01 10:00:00", "There is no such day."),
        ("0000-10-21 10:00:00", "The year lies outside 1900 to 2200."),
        ("9999-10-21 10:00:00", "The year lies outside 1900 to 2200."),
        ("2018-10-21 25:00:00", "There is no such time of day."),
        ("2018-10-21 10:61:00", "There is no such time of day."),
    ],
)
def test_a_time_that_cannot_be_is_listed_with_its_line(clock, reason):
    reading = read(f"2018-10-21 09:00:00 fine\n{clock} wrong\n".encode(), zone=BERLIN)
    assert len(reading.entries) == 1
    assert [(p.line, p.reason) for p in reading.skipped] == [(2, reason)]


def test_a_leap_second_and_24_00_are_taken_with_a_mark():
    leap = one("2016-12-31 23:59:60Z x")
    assert (leap.at.isoformat(), leap.guesses) == (
        "2016-12-31T23:59:59+00:00",
        ("A leap second, taken as the second before it.",),
    )
    late = one("2018-10-21 24:00:00Z x")
    assert late.at.isoformat() == "2018-10-22T00:00:00+00:00"
    assert late.guesses


def test_what_lies_after_the_day_of_the_record_is_marked():
    assert one("2062-10-21T10:00:00Z x", captured=date(2018, 11, 1)).guesses == (
        "Lies after the day on which the record was taken.",
    )
