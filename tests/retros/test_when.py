"""Times as people type them: what is understood, what is asked back, and that kept times read back to themselves."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retros import when

BERLIN = ZoneInfo("Europe/Berlin")
ZERO = ZoneInfo("UTC")
DAY = date(2018, 10, 21)


def read(text: str, **kwargs: object) -> when.When:
    return when.read(text, ZERO, **{"day": DAY, **kwargs})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "at", "offset", "precision"),
    [
        ("23:02", "2018-10-21T23:02", None, "exact"),
        ("23.02", "2018-10-21T23:02", None, "exact"),
        ("23h02", "2018-10-21T23:02", None, "exact"),
        ("  23:02:41  ", "2018-10-21T23:02:41", None, "exact"),
        ("23:02:41.123", "2018-10-21T23:02:41", None, "exact"),
        ("11:02 pm", "2018-10-21T23:02", None, "exact"),
        ("12:02 AM", "2018-10-21T00:02", None, "exact"),
        ("about 23:00", "2018-10-21T23:00", None, "approx"),
        ("~23:00", "2018-10-21T23:00", None, "approx"),
        ("ca. 23:00", "2018-10-21T23:00", None, "approx"),
        ("2018-10-22 00:05", "2018-10-22T00:05", None, "exact"),
        ("2018-10-22T00:05Z", "2018-10-22T00:05", 0, "exact"),
        ("22 Oct 2018, 00:05", "2018-10-22T00:05", None, "exact"),
        ("Mon 22 October 2018 00:05", "2018-10-22T00:05", None, "exact"),
        ("Oct 22, 2018 00:05", "2018-10-22T00:05", None, "exact"),
        ("22.10.2018 00:05", "2018-10-22T00:05", None, "exact"),
        ("22 Oct 00:05", "2018-10-22T00:05", None, "exact"),
        ("2018-10-22 02:05 +02:00", "2018-10-22T00:05", 120, "exact"),
        ("2018-10-21 19:05 -5", "2018-10-22T00:05", -300, "exact"),
        ("2018-10-21 19:05 \u22120500", "2018-10-22T00:05", -300, "exact"),
        ("2018-10-22 00:05 UTC+2", "2018-10-21T22:05", 120, "exact"),
        ("2018-10-22", "2018-10-22T00:00", None, "day"),
        ("22 Oct 2018", "2018-10-22T00:00", None, "day"),
        ("2018-10", "2018-10-01T00:00", None, "month"),
        ("Oct 2018", "2018-10-01T00:00", None, "month"),
        ("29 Feb 2016", "2016-02-29T00:00", None, "day"),
    ],
)
def test_what_is_understood(typed, at, offset, precision):
    assert read(typed) == when.When(datetime.fromisoformat(at).replace(tzinfo=UTC), offset, precision)


@pytest.mark.parametrize(
    ("typed", "asks"),
    [
        ("", "Write a time such as"),
        ("soon", "Write a time such as"),
        ("23:02 and later", "Write a time such as"),
        ("24:00", "24:00 is no time of day"),
        ("23:60", "23:60 is no time of day"),
        ("29 Feb 2018", "There is no such day"),
        ("2018-13-01", "There is no such day"),
        ("0001-01-01 00:00", "too far away"),
        ("9999-12-31 23:59", "too far away"),
        ("23:02 +15:00", "They lie between \u221212:00 and +14:00"),
        ("23:02 -13:00", "They lie between \u221212:00 and +14:00"),
        ("23:02 +01:75", "They lie between \u221212:00 and +14:00"),
        ("T+00:15", "There is no T-0 yet"),
        ("\u0662\u0663:\u0660\u0662", "Write a time such as"),
        ("1" * 60, "Write a time such as"),
    ],
)
def test_what_is_asked_back(typed, asks):
    with pytest.raises(when.NotATime, match=asks.replace("+", r"\+")):
        read(typed)


@pytest.mark.parametrize("typed", ["12/05/2026 23:02", "12/05", "1/2/26"])
def test_a_date_with_slashes_is_two_dates(typed):
    with pytest.raises(when.Unclear, match="can be read in two ways. Name the month or start with the year"):
        read(typed)


def test_a_clock_needs_a_day_and_a_date_without_a_year_needs_one():
    with pytest.raises(when.NotATime, match="Add the day"):
        when.read("23:02", ZERO)
    with pytest.raises(when.NotATime, match="Add the year"):
        when.read("21 Oct 23:02", ZERO)


@pytest.mark.parametrize(
    ("typed", "near", "year"),
    [
        ("21 Oct", date(2026, 11, 26), 2026),
        ("2 Jan 10:00", date(2026, 11, 26), 2027),
        ("30 Dec", date(2027, 1, 3), 2026),
        ("29 Feb", date(2027, 1, 3), 2028),
        ("21 Oct 2018", date(2026, 11, 26), 2018),
    ],
)
def test_a_date_without_a_year_is_the_closest_one(typed, near, year):
    assert when.read(typed, ZERO, near=near).at.year == year


@pytest.mark.parametrize(
    ("typed", "span"),
    [("T+00:15", timedelta(minutes=15)), ("t \u2212 1:30", -timedelta(hours=1, minutes=30)),
     ("about T+24:11:09", timedelta(hours=24, minutes=11, seconds=9))],
)  # fmt: skip
def test_an_offset_counts_from_zero(typed, span):
    zero = datetime(2018, 10, 21, 22, 54, tzinfo=UTC)
    assert read(typed, zero=zero) == when.When(zero + span, None, "approx" if "about" in typed else "exact")


def test_an_hour_that_never_was_is_asked_for():
    with pytest.raises(when.Unclear, match=r"02:30 never was on that day in Europe/Berlin: .*\+01:00 or \+02:00"):
        when.read("2018-03-25 02:30", BERLIN)


def test_an_hour_that_was_twice_is_asked_for_and_taken_with_its_offset():
    with pytest.raises(when.Unclear, match=r"02:30 was twice on that day in Europe/Berlin: .*\+02:00 or \+01:00"):
        when.read("2018-10-28 02:30", BERLIN)
    first, second = (when.read(f"2018-10-28 02:30 {offset}", BERLIN).at for offset in ("+02:00", "+01:00"))
    assert second - first == timedelta(hours=1)


def test_a_day_alone_is_not_asked_for_its_hour_even_where_midnight_never_was():
    """Beirut went forward at midnight: the day begins at one."""
    read_day = when.read("2018-03-25", ZoneInfo("Asia/Beirut"))
    assert read_day.precision == "day"
    assert read_day.at.astimezone(ZoneInfo("Asia/Beirut")).date() == date(2018, 3, 25)


MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).map(lambda d: d.replace(microsecond=0, tzinfo=UTC))  # noqa: DTZ001
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])


@given(MOMENTS, ZONES, st.sampled_from(["exact", "approx"]), st.booleans())
def test_a_kept_moment_reads_back_to_itself(at, name, precision, with_offset):
    zone = ZoneInfo(name)
    typed = when.words(at.astimezone(zone), precision, with_offset=with_offset)
    found = when.read(typed, zone)
    assert (found.at, found.precision) == (at, precision)


@given(MOMENTS, ZONES, st.sampled_from(["day", "month"]))
def test_a_kept_day_or_month_reads_back_to_itself(at, name, precision):
    zone = ZoneInfo(name)
    local = at.astimezone(zone)
    found = when.read(when.words(local, precision), zone)
    back = found.at.astimezone(zone)
    assert found.precision == precision
    assert (back.year, back.month) == (local.year, local.month)
    assert precision == "month" or back.date() == local.date()


@given(st.text(max_size=60))
def test_anything_typed_is_a_time_or_a_sentence(text):
    assert answer_to(text).endswith(".")


def answer_to(text: str) -> str:
    """The sentence that is asked back, or a full stop after the year."""
    try:
        return f"{when.read(text, BERLIN, day=DAY, zero=datetime(2018, 10, 21, tzinfo=UTC)).at.year}."
    except (when.NotATime, when.Unclear) as refusal:
        return str(refusal)


@pytest.mark.parametrize(
    ("lasted", "on", "near", "clock", "at"),
    [
        ("21T22:52 to 22T03:00", 21, "", "00:20", "22T00:20"),  # past midnight, and of the event there
        ("21T22:52 to 22T03:00", 22, "", "23:10", "21T23:10"),  # before midnight, when later moments are there already
        ("21T22:52 to 22T03:00", 22, "", "04:30", "22T04:30"),  # shortly behind the end
        ("21T22:52 to 22T03:00", 22, "", "15:00", "22T15:00"),  # of the event on no day: as was said
        ("21T22:52 to 22T03:00", 21, "", "T+01:00", "21T23:52"),
        ("21T22:52 to 22T03:00", 22, "", "21 Oct 2018 12:00", "21T12:00"),  # who names a day means it
        ("21T22:52 to ", 21, "", "00:20", "22T00:20"),
        ("21T22:52 to 24T03:00", 23, "", "10:00", "23T10:00"),  # inside a long event
        ("21T22:52 to 24T03:00", 24, "", "04:00", "24T04:00"),
        ("22T10:00 to 22T18:00", 21, "21T16:00", "16:10", "21T16:10"),  # beside a moment of the day before
        ("21T22:52 to 22T03:00", 21, "21T23:50", "00:20", "22T00:20"),
        ("01T10:00 to 02T10:00", 21, "", "10:30", "21T10:30"),  # three weeks behind it, no day beside it is nearer
    ],
)
def test_a_clock_alone_is_of_the_day_on_which_the_event_was(lasted, on, near, clock, at):
    def moment(text):
        return datetime.fromisoformat(f"2018-10-{text}").replace(tzinfo=UTC) if text else None

    frame = when.Frame(ZERO, *map(moment, lasted.split(" to ")), moment("21T22:52"))
    given, taken = when.beside(clock, frame, date(2018, 10, on), moment(near))
    assert given.at == moment(at)
    assert taken == (moment(at).date() if ":" in clock[:3] else date(2018, 10, on))


def test_an_hour_that_never_was_on_the_other_day_moves_no_clock():
    start = datetime(2018, 3, 24, 23, 30, tzinfo=BERLIN)
    frame = when.Frame(BERLIN, start, start + timedelta(hours=5))
    assert when.beside("02:30", frame, date(2018, 3, 24))[1] == date(2018, 3, 24)
