"""Times of an event file: offset and precision exactly as given."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from retros.exchange.moments import BadTime, read_moment, zone_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "at", "offset", "precision"),
    [
        ("2018-10-21T22:52:00Z", datetime(2018, 10, 21, 22, 52, tzinfo=UTC), 0, "exact"),
        ("2023-08-25T21:14:00-07:00", datetime(2023, 8, 26, 4, 14, tzinfo=UTC), -420, "exact"),
        ("2023-08-25 21:14 +0530", datetime(2023, 8, 25, 15, 44, tzinfo=UTC), 330, "exact"),
        ("2026-05-12T09:10", datetime(2026, 5, 12, 7, 10, tzinfo=UTC), None, "exact"),
        ("2026-05-12", datetime(2026, 5, 11, 22, 0, tzinfo=UTC), None, "day"),
        ("2021-12", datetime(2021, 11, 30, 23, 0, tzinfo=UTC), None, "month"),
    ],
)
def test_a_time_is_kept_as_given(text, at, offset, precision):
    moment = read_moment(text, BERLIN, "at")
    assert (moment.at, moment.offset, moment.precision) == (at, offset, precision)


def test_a_time_without_zone_or_offset_is_marked():
    assert read_moment("2026-05-12T09:10", None, "at").has_zone is False
    assert read_moment("2026-05-12T09:10Z", None, "at").has_zone is True


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2026-13-01",
        "2026-02-30",
        "0000-01-01",
        "9999-01-01",
        "2026-05-12T24:00Z",
        "2026-05-12T09:10+25:00",
        "12/05/2026",
    ],
)
def test_nonsense_is_refused_with_an_example(text):
    with pytest.raises(BadTime, match="timeline 3: at: .* is no time; write 2026-11-18T22:52:00Z"):
        read_moment(text, BERLIN, "timeline 3: at")


def test_zone_names_may_carry_an_abbreviation():
    assert zone_of("America/Los_Angeles (PST)") == ZoneInfo("America/Los_Angeles")
    assert [zone_of(words) for words in ("not stated", "n/a", None, "", "Mars/Olympus", "../etc/passwd")] == [None] * 6
