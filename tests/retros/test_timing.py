"""Moments as readers see them: T-0, offsets, clocks as given, the quiet between, times that follow, times that contradict."""

import itertools
from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from retros import timing

ZERO = datetime(2018, 10, 21, 22, 54, tzinfo=UTC)
_keys = itertools.count(1)
START, END = ZERO - timedelta(minutes=2), ZERO + timedelta(hours=24, minutes=9)


def event(**extra: Any) -> SimpleNamespace:
    return SimpleNamespace(**{"kind": "incident", "started_at": START, "ended_at": END, "t0_entry_id": None, **extra})


def entry(minutes: float | None, landmark: str = "", **extra: Any) -> SimpleNamespace:
    at = None if minutes is None else ZERO + timedelta(minutes=minutes)
    offset = extra.pop("utc_offset", 0)
    zone = timezone(timedelta(minutes=offset or 0))
    row = {"pk": next(_keys), "at": at, "until": None, "precision": "exact", "at_text": "", "utc_offset": offset}
    local = at.astimezone(zone) if at else None
    labels = {
        "detected": "Detected",
        "resolved": "Resolved",
        "mitigated": "Impact ends",
        "impact_start": "Impact begins",
    }
    return SimpleNamespace(
        **{**row, **extra},
        local_at=local,
        landmark=landmark,
        get_landmark_display=lambda: labels.get(landmark, landmark),
    )


@pytest.mark.parametrize(
    ("minutes", "precision", "label"),
    [(0, "exact", "T+00:00"), (10, "exact", "T+00:10"), (-2, "exact", "T\u221200:02"), (0.9, "exact", "T+00:00"),
     (24 * 60 + 11, "exact", "T+24:11"), (99 * 60 + 59, "exact", "T+99:59"), (100 * 60, "exact", "D+4"),
     (-100 * 60, "exact", "D\u22124"), (60, "day", "D+0"), (3 * 1440, "day", "D+3"), (21 * 1440, "exact", "W+3"),
     (-42 * 1440, "month", "W\u22126")],
)  # fmt: skip
def test_offsets(minutes, precision, label):
    assert timing.offset_label(ZERO + timedelta(minutes=minutes), ZERO, precision) == label


def test_no_offset_without_a_moment_or_a_zero():
    assert timing.offset_label(None, ZERO) == timing.offset_label(ZERO, None) == ""


@pytest.mark.parametrize(
    ("row", "label"),
    [(entry(8), "23:02"), (entry(8.6833), "23:02:40"), (entry(8, precision="approx"), "about 23:02"),
     (entry(8, utc_offset=-300), "18:02"), (entry(8, precision="day"), "21 Oct"), (entry(8, precision="month"), "Oct 2018"),
     (entry(None, at_text="the week before"), "the week before")],
)  # fmt: skip
def test_clocks_are_those_of_the_source(row, label):
    assert timing.clock_label(row) == label


def test_zero_is_what_somebody_chose_else_the_detection_else_the_start_else_the_first_entry():
    rows = [entry(-30), entry(5, "detected"), entry(9, "detected"), entry(20)]
    assert timing.t_zero(event(t0_entry_id=rows[3].pk), rows) == rows[3].at
    assert timing.t_zero(event(), rows) == rows[1].at
    assert timing.t_zero(event(), rows[:1]) == START
    assert timing.t_zero(event(started_at=None), rows[:1]) == rows[0].at
    assert timing.t_zero(event(started_at=None), []) is None
    assert timing.t_zero(event(t0_entry_id=-1), rows) == rows[1].at


def test_a_launch_counts_from_the_launch():
    rows = [entry(1, "detected"), entry(7, "launch")]
    assert timing.t_zero(event(kind="launch"), rows) == rows[1].at


def test_between_days_only_what_took_days_is_said():
    rows = [
        entry(0, "detected", precision="day"),
        entry(300, "acknowledged"),
        entry(5 * 24 * 60, "resolved", precision="day"),
    ]
    assert timing.derived(event(), rows) == [("To resolve", timedelta(days=5, minutes=2))]
    assert timing.derived(event(started_precision="day"), rows[1:2]) == []


def test_a_moment_that_lasted_says_until_when():
    def until(minutes: float, **extra: Any) -> str:
        return timing.until_label(entry(0, until=ZERO + timedelta(minutes=minutes), **extra))

    assert (until(10), until(10, utc_offset=120), until(0)) == ("23:04", "01:04", "")
    assert (until(100), until(2000, precision="day")) == ("22 Oct, 00:34", "23 Oct")
    assert timing.until_label(entry(None)) == ""


def test_times_follow_from_landmarks_and_are_left_out_where_they_would_be_negative():
    rows = [entry(0, "detected"), entry(4, "acknowledged"), entry(17 * 60 + 30, "mitigated")]
    assert timing.derived(event(), rows) == [
        ("To detect", timedelta(minutes=2)),
        ("To acknowledge", timedelta(minutes=4)),
        ("To end the impact", timedelta(hours=17, minutes=32)),
        ("To resolve", timedelta(hours=24, minutes=11)),
    ]
    assert timing.derived(event(ended_at=None), [entry(0, "detected"), entry(-4, "acknowledged")]) == [
        ("To detect", timedelta(minutes=2))
    ]


def test_what_nobody_marked():
    assert timing.missing_landmarks("incident", [entry(0, "detected")]) == ["acknowledged", "mitigated", "resolved"]
    assert timing.missing_landmarks("decision", []) == []


def test_the_quiet_is_counted_from_the_end_of_what_lasted_and_never_between_days():
    rows = [entry(0), entry(30), entry(61), entry(100, until=ZERO + timedelta(minutes=150)), entry(170)]
    assert timing.gaps(rows) == {2: timedelta(minutes=31), 3: timedelta(minutes=39)}
    assert timing.gaps([entry(0), entry(600, precision="day")]) == {}
    assert timing.gaps([entry(0), entry(None), entry(600)]) == {}


@pytest.mark.parametrize(
    ("seconds", "label"),
    [(0, "0 s"), (43, "43 s"), (600, "10 min"), (3600, "1 h"), (87060, "24 h 11 min"), (100 * 3600, "4 d 4 h"),
     (120 * 3600, "5 d")],
)  # fmt: skip
def test_lengths(seconds, label):
    assert timing.duration_label(timedelta(seconds=seconds)) == label


def test_date_ranges():
    day = datetime(2026, 11, 18, 22, 52, tzinfo=UTC)
    assert timing.date_range(None, None) == ""
    assert timing.date_range(day, None) == timing.date_range(day, day) == "18 Nov 2026"
    assert timing.date_range(day, day + timedelta(days=1)) == "18\u201319 Nov 2026"
    assert timing.date_range(day, day + timedelta(days=13)) == "18 Nov \u2013 1 Dec 2026"
    assert timing.date_range(day, day + timedelta(days=50)) == "18 Nov 2026 \u2013 7 Jan 2027"
    assert timing.date_range(day, day + timedelta(days=1), "month") == "Nov 2026"


# --- Days of plans ----------------------------------------------------------------------------------------------------
def phase(planned: str = "", actual: str = "") -> SimpleNamespace:
    """A phase from "2026-06-01/2026-06-30"; a month alone is its first day, or its last."""
    row = SimpleNamespace()
    for side, words in (("planned", planned), ("actual", actual)):
        for end, text in zip(("start", "end"), [*words.split("/"), "", ""], strict=False):
            is_month = len(text) == 7
            day = f"{text}-{'01' if end == 'start' else '30'}" if is_month else text
            setattr(row, f"{side}_{end}", date.fromisoformat(day) if day else None)
            setattr(row, f"{side}_{end}_precision", "month" if is_month else "day")
    return row


@pytest.mark.parametrize(("days", "words"), [
    ("2026-06-01/2026-06-30", "1\u201330 Jun 2026"), ("2026-06-01/2026-07-02", "1 Jun \u2013 2 Jul 2026"),
    ("2026-06-01/2026-06-01", "1 Jun 2026"), ("2026-06/2026-06", "Jun 2026"), ("2026-06/2026-09", "Jun 2026 \u2013 Sep 2026"),
    ("2026-06/2026-09-02", "Jun 2026 \u2013 2 Sep 2026"), ("2026-06-01/", "from 1 Jun 2026"), ("/2026-06-30", "until 30 Jun 2026"),
    ("", ""),
])  # fmt: skip
def test_days_of_a_phase_in_words(days, words):
    assert timing.days_words(phase(days), "planned") == words


@pytest.mark.parametrize(("planned", "actual", "words"), [
    ("/2026-06-30", "/2026-07-15", "+15 days"), ("/2026-06-30", "/2026-06-29", "\u22121 day"), ("/2026-06-30", "/2026-06-30", "on the day"),
    ("/2026-06", "/2026-07-15", "+1 month"), ("/2025-11", "/2026-04", "+5 months"), ("/2026-06", "/2026-06-02", "in the month"),
    ("/2026-06-30", "", ""), ("", "/2026-06-30", ""),
])  # fmt: skip
def test_how_far_a_phase_moved(planned, actual, words):
    assert timing.variance_words(phase(planned, actual)) == words


def test_a_window_is_compared_in_days_of_the_events_zone_and_by_the_clock_within_one():
    berlin = ZoneInfo("Europe/Berlin")

    def window(start: tuple[datetime, datetime], end: tuple[datetime, datetime], precision: str) -> str:
        launch = SimpleNamespace(planned_start=start[0], planned_start_precision=precision, planned_end=end[0],
                                 planned_end_precision=precision)  # fmt: skip
        event = SimpleNamespace(started_at=start[1], started_precision=precision, ended_at=end[1], ended_precision=precision,
                                zone=berlin)  # fmt: skip
        return timing.window_words(launch, event)

    # The clocks went back on 25 Oct 2026: five dates are five days, whatever the hours between them.
    a, b = datetime(2026, 10, 23, tzinfo=berlin), datetime(2026, 10, 28, tzinfo=berlin)
    assert window((a, a), (a, b), "day") == "ended 5 days late, started as planned"
    early, late = datetime(2026, 10, 23, 9, tzinfo=berlin), datetime(2026, 10, 23, 17, tzinfo=berlin)
    assert window((late, early), (early, late), "exact") == "ended 8 h late, started 8 h early"
    assert window((a, b), (a, b), "month") == ""


@pytest.mark.parametrize(
    ("at", "precision", "label"),
    [
        (datetime(2026, 11, 10, 17, tzinfo=UTC), "exact", "T+08:00"),
        (datetime(2026, 11, 12, 22, 30, tzinfo=UTC), "exact", "D+2"),
        (datetime(2026, 11, 12, 23, 30, tzinfo=UTC), "exact", "D+3"),
        (datetime(2026, 11, 10, tzinfo=UTC), "day", "D+0"),
        (datetime(2026, 11, 23, 12, tzinfo=UTC), "exact", "D+13"),
        (datetime(2026, 11, 24, 12, tzinfo=UTC), "exact", "W+2"),
        (datetime(2026, 9, 29, tzinfo=UTC), "day", "W\u22126"),
        (datetime(2026, 11, 7, 22, tzinfo=UTC), "approx", "D\u22123"),
    ],
)
def test_slow_kinds_count_days_of_their_calendar_and_weeks(at, precision, label):
    zero = datetime(2026, 11, 10, 9, tzinfo=UTC)
    assert timing.offset_label(at, zero, precision, ZoneInfo("Europe/Berlin")) == label


def test_no_offset_counts_from_a_month():
    start = datetime(2021, 12, 1, tzinfo=UTC)
    of_month = SimpleNamespace(started_at=start, started_precision="month")
    assert timing.known_zero(of_month, start) is None
    assert timing.known_zero(of_month, start + timedelta(days=3)) == start + timedelta(days=3)
