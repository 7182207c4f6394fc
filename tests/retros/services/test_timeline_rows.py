"""Rows of the timeline page: gutter, days and quiet between them; pages, and the way to a time."""

from datetime import UTC, datetime, timedelta

import pytest

from retros import when
from retros.models import Event
from retros.services import entries, outline, timeline_filter, timeline_rows
from tests.factories import START, make_entry, make_event


def filled(*minutes: int, **extra) -> Event:
    event = make_event(**extra)
    for minute in minutes:
        make_entry(event, f"m{minute}", minutes=minute, source="log" if minute % 20 else "chat")
    return event


def page(event, chosen=None, **asked):
    return timeline_rows.page(event, outline.of(event), chosen or timeline_filter.Filter(), START, **asked)


def said(found):
    return [(line.entry.text, line.quiet, line.day) for line in found.lines]


def test_the_quiet_and_the_next_day_are_said_between_rows(db):
    event = filled(0, 10, 80, 90)
    assert said(page(event)) == [
        ("m0", "", ""),
        ("m10", "", ""),
        ("m80", "1 h 10 min with no entries", "Mon 22 Oct 2018"),
        ("m90", "", ""),
    ]
    assert [(line.offset, line.clock) for line in page(event).lines][2:] == [("T+01:20", "00:12"), ("T+01:30", "00:22")]


def test_a_first_row_of_another_day_than_the_beginning_says_its_day(db):
    assert said(page(filled(80, 90))) == [("m80", "", "Mon 22 Oct 2018"), ("m90", "", "")]


def test_a_filter_says_its_day_and_calls_nothing_quiet(db):
    chats = timeline_filter.Filter(source=frozenset({"chat"}))
    assert said(page(filled(0, 10, 80), chats)) == [("m0", "", "Sun 21 Oct 2018"), ("m80", "", "Mon 22 Oct 2018")]


def test_a_later_page_says_its_day_and_the_quiet_before_it(db, monkeypatch):
    monkeypatch.setattr(timeline_rows, "PAGE", 2)
    second = page(filled(0, 1, 50, 51, 52), number=2)
    assert said(second) == [("m50", "49 min with no entries", "Sun 21 Oct 2018"), ("m51", "", "")]
    assert (second.number, second.start, second.end, second.count) == (2, 3, 4, 5)
    assert (second.earlier, second.later, second.numbers) == (1, 3, [1, 2, 3])


def test_the_page_of_an_entry(db, monkeypatch):
    monkeypatch.setattr(timeline_rows, "PAGE", 2)
    event = filled(0, 1, 2, 3, 4)
    pks = [mark.pk for mark in outline.of(event)]
    assert [page(event, entry=pk).number for pk in pks] == [1, 1, 2, 2, 3]
    assert (page(event, number=99).number, page(event).number, page(event, entry=10**9).number) == (3, 1, 1)
    chats = timeline_filter.Filter(source=frozenset({"chat"}))
    assert page(event, chats, entry=pks[1]).is_elsewhere
    assert not page(event, chats, entry=pks[0]).is_elsewhere


def test_page_numbers_stay_few():
    assert timeline_rows._numbers(1, 1) == []
    assert timeline_rows._numbers(2, 4) == [1, 2, 3, 4]
    assert timeline_rows._numbers(8, 100) == [1, 0, 6, 7, 8, 9, 10, 0, 100]
    assert timeline_rows._numbers(5, 9) == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_where_a_page_lies_in_the_picture(db, monkeypatch):
    monkeypatch.setattr(timeline_rows, "PAGE", 2)
    second = page(filled(0, 10, 20, 30, 40), number=2)
    whole = (START, START + timedelta(minutes=40))
    assert timeline_rows.lies(second, whole) == (0.5, 0.75)
    assert timeline_rows.lies(second, (START, START)) is None
    assert timeline_rows.lies(second, None) is None


def test_a_row_says_until_when_it_lasted_and_where_its_clock_counts(db):
    event = make_event()
    make_entry(event, "here", until=START + timedelta(minutes=8))
    make_entry(event, "there", minutes=1, utc_offset=120, until=START + timedelta(hours=30))
    make_entry(event, "a day", minutes=2, utc_offset=120, precision="day")
    lines = timeline_rows.lines_of(event, entries.ordered(event), START)
    assert [(line.clock, line.until, line.zone) for line in lines] == [
        ("22:52", "23:00", ""),
        ("00:53", "23 Oct, 06:52", "UTC+02:00"),
        ("22 Oct", "", ""),
    ]


@pytest.mark.parametrize(
    ("typed", "found"),
    [("23:00", "m10"), ("00:10", "m80"), ("T+01:15", "m80"), ("22 Oct 2018 12:00", "m90"), ("1 Jan 2018", "m0")],
)
def test_a_time_leads_to_the_nearest_moment(db, typed, found):
    event = filled(0, 10, 80, 90)
    marks = outline.of(event)
    key = timeline_rows.nearest(event, marks, typed, START)
    assert dict(zip((mark.pk for mark in marks), ("m0", "m10", "m80", "m90"), strict=True))[key] == found


def test_a_time_that_is_none_is_asked_again(db):
    event = filled(0)
    with pytest.raises(when.NotATime):
        timeline_rows.nearest(event, outline.of(event), "soon", START)
    with pytest.raises(when.NotATime, match="No moment has a time"):
        timeline_rows.nearest(event, [], "23:00", START)


def test_an_hour_that_was_twice_is_asked_back(db):
    event = make_event(time_zone="Europe/Berlin", started_at=datetime(2018, 10, 28, 0, 0, tzinfo=UTC), ended_at=None)
    make_entry(event)
    with pytest.raises(when.Unclear, match="twice"):
        timeline_rows.nearest(event, outline.of(event), "28 Oct 2018 02:30", None)
