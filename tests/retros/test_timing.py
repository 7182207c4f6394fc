"""Moments as readers see them: T-0, offsets, clocks as given, the quiet between, times that follow, times that contradict."""

import itertools
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

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


def test_landmarks_that_contradict_each_other_or_the_event_are_said():
    rows = [entry(10, "detected"), entry(5, "mitigated"), entry(60, "resolved")]
    assert timing.contradictions(event(), rows) == [
        "\u201cImpact ends\u201d lies before \u201cDetected\u201d.",
        "\u201cResolved\u201d and the event\u2019s end differ by 23 h 9 min.",
    ]
    assert timing.contradictions(event(), [entry(-2, "impact_start"), entry(0, "detected")]) == []


def test_a_day_alone_contradicts_nothing():
    assert timing.contradictions(event(), [entry(60, "resolved", precision="day")]) == []


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
