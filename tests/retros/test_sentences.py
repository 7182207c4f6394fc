"""Sentences and the times in them: what is read, what is only guessed and says so, what is no time; and how long that takes."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from retros import sentences, when

START = datetime(2018, 10, 21, 22, 52, tzinfo=UTC)
NIGHT = when.Frame(ZoneInfo("UTC"), START, datetime(2018, 10, 22, 10, 3, tzinfo=UTC), START)


def read_one(text: str, frame: when.Frame = NIGHT) -> sentences.Sentence:
    (found,) = sentences.read(text, frame)
    return found


@pytest.mark.parametrize(
    ("text", "parts"),
    [("One. Two? Three", ["One.", "Two?", "Three"]), ("He said “stop.” Then we did.", ["He said “stop.”", "Then we did."]),
     ("One line\nand another\n\n", ["One line", "and another"]), ("It was ca. 23:05 then.", ["It was ca. 23:05 then."]),
     ("On 21. October it broke. Then", ["On 21. October it broke.", "Then"]), ("Version 1.2.3 went out.", ["Version 1.2.3 went out."]),
     ("At 11 p.m. I slept.", ["At 11 p.m. I slept."]), ("  \n ", []), ("", [])],
)  # fmt: skip
def test_where_sentences_end(text, parts):
    found = sentences.read(text, NIGHT)
    assert [s.text for s in found] == parts
    assert [text[s.start : s.end] for s in found] == parts


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [("At 23:07 I locked deploys.", "2018-10-21T23:07", "exact"), ("23:07", "2018-10-21T23:07", "exact"),
     ("About 22:58 one customer wrote.", "2018-10-21T22:58", "approx"), ("Shortly after 01:10 it ended.", "2018-10-22T01:10", "approx"),
     ("Around 11pm it broke.", "2018-10-21T23:00", "approx"), ("At 11:20 p.m. we knew.", "2018-10-21T23:20", "exact"),
     ("At 23.10 it was at 2.30 GB.", "2018-10-21T23:10", "exact"), ("Around midnight we ate.", "2018-10-22T00:00", "approx"),
     ("On 22 Oct at 00:13 I joined.", "2018-10-22T00:13", "exact"), ("I joined at 23:13 on Oct 22, 2018.", "2018-10-22T23:13", "exact"),
     ("2018-10-21T23:02:10Z was the alert.", "2018-10-21T23:02:10", "exact"), ("T+00:15 and still nothing.", "2018-10-21T23:07", "exact"),
     ("From 23:02-23:10 there was silence.", "2018-10-21T23:02", "exact"), ("It was 23:02 +02:00 there.", "2018-10-21T21:02", "exact"),
     ("We had met on 12 March.", "2018-03-12T00:00", "day"), ("In March 2018 it was planned.", "2018-03-01T00:00", "month"),
     ("We talked on 20.10.2018 about it.", "2018-10-20T00:00", "day")],
)  # fmt: skip
def test_times_that_are_read(text, at, precision):
    found = read_one(text)
    assert found.reading is not None
    assert (found.reading.at, found.reading.precision) == (datetime.fromisoformat(at).replace(tzinfo=UTC), precision)
    assert found.doubt == ""


@pytest.mark.parametrize(
    "text",
    ["It took 1:30 hours.", "The ratio was 16:90.", "10.0.0.12:80 did not answer.", "fe80::12:34 was up.", "Version 1.2.3 went out.",
     "Thirty-one at once, so I muted.", "It was 25:00.", "We may 10 times a day.", "Room 2316 was full.", "It cost 12.50 that day."],
)  # fmt: skip
def test_what_is_no_time(text):
    assert (read_one(text).typed, read_one(text).reading) == ("", None)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [("The alert came at 23:02 CET.", "Written in CET"), ("On 12/05/2026 at 10:00 we met.", "can be read in two ways")],
)
def test_what_can_be_read_in_two_ways_is_not_read(text, doubt):
    found = read_one(text)
    assert found.typed
    assert found.reading is None
    assert doubt in found.doubt


def test_an_hour_that_was_twice_asks_for_its_offset():
    autumn = datetime(2018, 10, 28, 0, 30, tzinfo=ZoneInfo("Europe/London"))
    found = read_one("At 01:30 it broke.", when.Frame(ZoneInfo("Europe/London"), autumn, autumn, None))
    assert found.reading is None
    assert "was twice on that day" in found.doubt


def test_without_a_start_a_clock_asks_for_its_day():
    bare = when.Frame(ZoneInfo("UTC"))
    found = read_one("At 23:07 I locked deploys.", bare)
    assert (found.typed, found.reading) == ("23:07", None)
    assert found.doubt.startswith("Add the day")
    assert read_one("The ratio was 16:90.", bare).typed == ""
    assert read_one("On 21 Oct 2018 at 23:07 I locked deploys.", bare).reading is not None


def test_a_named_zone_that_is_the_events_own_is_no_doubt():
    winter = datetime(2018, 12, 1, 22, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    found = read_one("At 23:02 CET it broke.", when.Frame(ZoneInfo("Europe/Berlin"), winter, winter, None))
    assert found.reading is not None
    assert found.reading.at == datetime(2018, 12, 1, 22, 2, tzinfo=UTC)


def test_the_day_of_a_clock_in_a_long_event_is_a_guess_and_says_so():
    days = when.Frame(ZoneInfo("UTC"), START, datetime(2018, 10, 25, tzinfo=UTC), START)
    assert read_one("At 23:07 I locked deploys.", days).doubt == "No day is named: read as Sun 21 Oct 2018."
    assert read_one("On 23 Oct at 23:07 I locked deploys.", days).doubt == ""


@pytest.mark.parametrize(
    ("began", "ended", "clock", "at", "is_guess"),
    [
        ("31T22:00", "01T03:00", "17:20", "31T17:20", True),  # before the event rather than 14 hours after it
        ("31T22:00", "01T03:00", "20:30", "31T20:30", False),
        ("31T22:00", "01T03:00", "02:10", "01T02:10", False),
        ("31T22:00", "01T03:00", "09:00", "01T09:00", False),  # on the morning after
        ("31T22:00", "", "17:20", "31T17:20", True),
        ("31T22:00", "", "01:20", "01T01:20", False),
        ("31T20:00", "31T21:30", "17:20", "31T17:20", True),
        ("01T00:30", "01T02:00", "23:50", "31T23:50", False),  # on the evening before
        ("01T00:30", "01T02:00", "09:00", "01T09:00", False),
        ("01T00:00", "01T00:00", "23:20", "01T23:20", False),  # of an event whose day alone is known
    ],
)
def test_a_clock_without_a_day_lies_where_it_is_nearest_to_the_event(began, ended, clock, at, is_guess):
    def moment(text):
        return datetime.fromisoformat(f"2017-0{1 if text.startswith('31') else 2}-{text}").replace(tzinfo=UTC)

    frame = when.Frame(ZoneInfo("UTC"), moment(began), moment(ended) if ended else None)
    found = read_one(f"At {clock} I looked.", frame)
    assert found.reading is not None
    assert (found.reading.at, bool(found.doubt)) == (moment(at), is_guess)
    assert not is_guess or found.doubt == "No day is named: read as Tue 31 Jan 2017."


@pytest.mark.parametrize(
    ("text", "day", "doubt"),
    [
        ("Monday 08:05", 22, ""),
        ("I came in on Tues, at 08:05, and saw it", 23, ""),
        ("It was 08:05 on Wednesday when it broke", 24, ""),
        ("Saturday at 08:05 all was well", 20, "Which Saturday? Read as Sat 20 Oct 2018."),
        ("Monkeys at 08:05", 22, "No day is named: read as Mon 22 Oct 2018."),
    ],
)
def test_a_day_of_the_week_says_which_day(text: str, day: int, doubt: str) -> None:
    days = when.Frame(ZoneInfo("UTC"), START, datetime(2018, 10, 25, tzinfo=UTC), START)
    found = read_one(text, days)
    assert found.reading is not None
    assert (found.reading.at, found.doubt) == (datetime(2018, 10, day, 8, 5, tzinfo=UTC), doubt)
    weeks = when.Frame(ZoneInfo("UTC"), START, datetime(2018, 12, 25, tzinfo=UTC), START)
    assert read_one("Monday 08:05", weeks).doubt == "Which Monday? Read as Mon 22 Oct 2018."


EVIL = [
    "a. ",
    "1 ",
    "23:07 ",
    "1 Oct ",
    "at 1.",
    "((((",
    "....",
    " ",
    "12:",
    "T+",
    "2018-10-",
    "Oct ",
    "1. ",
    "ca. ",
    "about ~",
    "”. ",
    "1",
]


@pytest.mark.parametrize(
    ("text", "at"),
    [("At 01:39 I joined.", 23), ("At 01:20 it was slow.", 23), ("At 18:00 it was over.", 23), ("At 23:50 I slept.", 22),
     ("On 22 Nov at 00:55 it began.", 22)],
)  # fmt: skip
def test_what_went_on_for_a_day_unnoticed_is_told_from_the_first_sign_on(text, at):
    """Builds failed from Sunday 00:55 on; the alert came on Monday at 01:38, and nobody remembers a clock of Sunday's night."""
    began, noticed = datetime(2026, 11, 22, 0, 55, tzinfo=UTC), datetime(2026, 11, 23, 1, 38, tzinfo=UTC)
    frame = sentences.Frame(ZoneInfo("UTC"), began, datetime(2026, 11, 23, 19, 27, tzinfo=UTC), noticed)
    assert read_one(text, frame).reading.at.day == at


@pytest.mark.parametrize("evil", EVIL)
def test_a_hostile_text_takes_time_in_proportion_to_its_length(evil):
    """A megabyte; the bound is far above what a busy machine needs, and far below what a square of it would take."""
    text = (evil * (1_000_000 // len(evil) + 1))[:1_000_000]
    began = time.process_time()
    sentences.read(text, NIGHT)
    assert time.process_time() - began < 20
