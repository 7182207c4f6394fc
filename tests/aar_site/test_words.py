"""Numbers, lengths of time and moments in words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from aar_site import clock, words

NOW = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _the_year_is_2026(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=43), "43 s"),
        (timedelta(minutes=2, seconds=30), "2 min 30 s"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(minutes=12, seconds=40), "12 min"),
        (timedelta(hours=24, minutes=11), "24 h 11 min"),
        (timedelta(hours=99, minutes=59), "99 h 59 min"),
        (timedelta(days=5, hours=3), "5 days 3 h"),
        (timedelta(days=30), "30 days"),
        (timedelta(minutes=-5), "−5 min"),
        (None, ""),
    ],
)
def test_duration(span: timedelta | None, said: str) -> None:
    assert words.duration(span) == said


def test_a_moment_is_told_in_the_given_zone() -> None:
    assert words.moment(NOW) == "Thu 26 Nov, 14:00 UTC"
    assert words.moment(NOW, "Europe/Berlin") == "Thu 26 Nov, 15:00 CET"
    assert words.moment(NOW, "America/New_York") == "Thu 26 Nov, 09:00 EST"
    assert words.moment(NOW, "Asia/Kathmandu") == "Thu 26 Nov, 19:45 UTC+5:45"
    assert words.moment(NOW, "America/Sao_Paulo") == "Thu 26 Nov, 11:00 UTC−3"
    assert words.moment(None) == ""


def test_another_year_is_named_and_the_day_follows_the_zone() -> None:
    past = datetime(2018, 10, 21, 22, 52, tzinfo=UTC)
    assert words.moment(past) == "Sun 21 Oct 2018, 22:52 UTC"
    assert words.moment(past, "Europe/Berlin") == "Mon 22 Oct 2018, 00:52 CEST"
    assert words.day(date(2026, 12, 4)) == "Fri 4 Dec"


def test_numbers_to_nine_are_words() -> None:
    assert [words.in_words(n) for n in (0, 2, 9, 10, 41)] == ["no", "two", "nine", "10", "41"]
    assert [words.in_words(n, "day") for n in (0, 1, 2, 10)] == ["no days", "one day", "two days", "10 days"]
    assert [words.counted(n, "day") for n in (0, 1, 2)] == ["0 days", "1 day", "2 days"]


def test_a_date_says_what_of_it_is_asked_for():
    on = date(2026, 11, 5)
    assert (words.day_month(on), words.month_year(on), words.day_month_year(on)) == ("5 Nov", "Nov 2026", "5 Nov 2026")


@pytest.mark.parametrize(
    ("zone", "theirs", "said"),
    [
        ("UTC", "Europe/Berlin", "Thu 26 Nov, 00:30 CET (Wed 25 Nov, 23:30 UTC)"),
        ("America/New_York", "UTC", "Wed 25 Nov, 23:30 UTC (18:30 EST)"),
        ("UTC", "Asia/Kathmandu", "Thu 26 Nov, 05:15 UTC+5:45 (Wed 25 Nov, 23:30 UTC)"),
        ("Europe/Paris", "Europe/Berlin", "Thu 26 Nov, 00:30 CET"),
        ("Europe/Paris", "", "Thu 26 Nov, 00:30 CET"),
    ],
)
def test_a_mail_tells_the_clock_of_its_reader_and_beside_it_that_of_the_event(
    zone: str, theirs: str, said: str
) -> None:
    assert words.on_both_clocks(datetime(2026, 11, 25, 23, 30, tzinfo=UTC), zone, theirs) == said
    assert words.on_both_clocks(None, zone, theirs) == ""
