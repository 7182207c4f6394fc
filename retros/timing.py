"""Moments as readers see them: T-0, offsets from it, clocks as given, times between landmarks. Pure; asks no database.

`event` and `entry` are anything with the fields of the models: started_at, ended_at, zone; at, utc_offset, precision, at_text,
landmark, local_at.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any

from aar_site import words

MINUS = words.MINUS
SLOW = {"launch", "project", "decision"}
NEEDED = {
    "incident": ("detected", "acknowledged", "mitigated", "resolved"),
    "launch": ("pre_launch", "launch", "verification", "first_day", "first_week"),
    "recurring": ("detected",),
}
_INCIDENT = (
    "impact_start", "detected", "acknowledged", "declared", "investigation", "mitigation", "mitigated", "communication",
    "verification", "resolved",
)  # fmt: skip
# What a moment of a review of this kind usually marks, in the order in which it comes.
LANDMARKS = {
    "incident": _INCIDENT,
    "recurring": _INCIDENT,
    "launch": ("pre_launch", "launch", "cutover", "verification", "announced", "first_day", "first_week"),
    "project": ("phase", "pre_launch", "launch", "verification", "announced"),
    "decision": ("pre_launch", "announced", "verification"),
}
# (earlier, later): a later landmark at an earlier moment contradicts itself.
SEQUENCE = (
    ("impact_start", "mitigated"),
    ("impact_start", "resolved"),
    ("detected", "acknowledged"),
    ("detected", "mitigated"),
    ("detected", "resolved"),
    ("acknowledged", "resolved"),
    ("declared", "resolved"),
    ("mitigation", "mitigated"),
    ("mitigated", "resolved"),
    ("pre_launch", "launch"),
    ("launch", "first_day"),
    ("first_day", "first_week"),
)


def t_zero(event: Any, entries: Iterable[Any]) -> datetime | None:
    """The moment that offsets count from: the entry somebody chose, else the detection, launch or decision, else the start."""
    rows = [e for e in entries if e.at is not None]
    chosen = getattr(event, "t0_entry_id", None)
    for row in rows:
        if chosen and row.pk == chosen:
            return row.at  # type: ignore[no-any-return]
    if event.kind == "decision":
        marked = [row.at for row in rows if getattr(row, "type", "") == "decision"]
    else:
        landmark = "launch" if event.kind == "launch" else "detected"
        marked = [row.at for row in rows if row.landmark == landmark]
    return min(marked) if marked else event.started_at or (min(row.at for row in rows) if rows else None)


def known_zero(event: Any, zero: datetime | None) -> datetime | None:
    """T-0, or None where it is a start of which only the month is known: offsets would count from a day that nobody named."""
    return None if zero == event.started_at and event.started_precision == "month" else zero


def calendar(event: Any) -> tzinfo | None:
    """The zone in whose days the offsets of a slow kind are counted; None for kinds that are told by the clock."""
    return event.zone if event.kind in SLOW else None  # type: ignore[no-any-return]


def offset_label(
    at: datetime | None, zero: datetime | None, precision: str = "exact", days_in: tzinfo | None = None
) -> str:
    """T+00:10, T\u221200:02; past 99 hours or for a day alone D+3, from three weeks on W+4; "" without a moment.

    With `days_in` (see `calendar`) days of the calendar are counted: D+3 is three dates later whatever the clocks say.
    """
    if at is None or zero is None:
        return ""
    if days_in:
        return _calendar_label(at, zero, precision, days_in)
    seconds = round((at - zero).total_seconds())
    sign, size = (MINUS, -seconds) if seconds < 0 else ("+", seconds)
    if precision in {"day", "month"} or size >= 100 * 3600:
        days = round(size / 86400) if precision in {"day", "month"} else size // 86400
        return f"W{sign}{days // 7}" if days >= 21 else f"D{sign}{days}"
    minutes = size // 60
    return f"T{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def _calendar_label(at: datetime, zero: datetime, precision: str, zone: tzinfo) -> str:
    """D\u22123, D+0, from two weeks on W\u22126. Within a day of zero a clock that is known still counts."""
    if precision in {"exact", "approx"} and abs(at - zero) < timedelta(hours=24):
        return offset_label(at, zero, precision)
    # A day alone is the date that its source named; a moment falls on a date of the event's zone.
    date = at.date() if precision in {"day", "month"} else at.astimezone(zone).date()
    days = (date - zero.astimezone(zone).date()).days
    sign, size = (MINUS, -days) if days < 0 else ("+", days)
    return f"W{sign}{size // 7}" if size >= 14 else f"D{sign}{size}"


def clock_label(entry: Any) -> str:
    """The clock as given: 23:02, 23:02:41, about 23:02, 21 Oct, Oct 2021, or the source's own words."""
    local = entry.local_at
    if local is None:
        return str(entry.at_text)
    if entry.precision == "day":
        return words.day_month(local)
    if entry.precision == "month":
        return words.month_year(local)
    return ("about " if entry.precision == "approx" else "") + f"{local:{'%H:%M:%S' if local.second else '%H:%M'}}"


def until_label(entry: Any) -> str:
    """The clock at which a moment that lasted was over; with its day where that is another one, "" where it was over at once."""
    local = entry.local_at
    if local is None or entry.until is None or entry.until == entry.at:
        return ""
    until = entry.until.astimezone(local.tzinfo)
    day = words.day_month(until) if until.date() != local.date() else ""
    if entry.precision in {"day", "month"}:
        return day
    return f"{day}, {until:%H:%M}" if day else f"{until:%H:%M}"


def span_end(event: Any) -> datetime | None:
    """When an event was over: a day or a month alone ends with its last moment."""
    at, precision = event.ended_at, event.ended_precision
    if at is None or precision not in {"day", "month"}:
        return at
    last = at.astimezone(event.zone)
    if precision == "month":
        last = (last.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return last + timedelta(days=1)


def day_label(moment: date) -> str:
    """Mon 22 Oct 2018."""
    return f"{moment:%a} {words.day_month_year(moment)}"


def zone_label(entry: Any) -> str:
    """UTC, UTC+02:00: the offset that the entry's source gave; "" where it gave none."""
    if entry.utc_offset is None:
        return ""
    sign = MINUS if entry.utc_offset < 0 else "+"
    hours, minutes = divmod(abs(entry.utc_offset), 60)
    return "UTC" if not entry.utc_offset else f"UTC{sign}{hours:02d}:{minutes:02d}"


def foreign_zone(entry: Any) -> str:
    """The offset of an entry whose source counts otherwise than the event's zone did at that moment; else ""."""
    if entry.at is None or entry.utc_offset is None or entry.precision in {"day", "month"}:
        return ""
    here = entry.at.astimezone(entry.event.zone).utcoffset()
    return "" if here == timedelta(minutes=entry.utc_offset) else zone_label(entry)


def duration_label(span: timedelta | None) -> str:
    """43 s, 10 min, 24 h 11 min, 5 d 3 h; "" for None."""
    if span is None:
        return ""
    seconds = round(abs(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 100:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{hours // 24} d {hours % 24} h" if hours % 24 else f"{hours // 24} d"


def date_range(start: date | None, end: date | None, precision: str = "exact") -> str:
    """18\u201319 Nov 2026, 30 Nov \u2013 2 Dec 2026, Dec 2021; "" without a start. Days, or moments in the zone they are read in."""
    if start is None:
        return ""
    if precision == "month":
        return words.month_year(start)
    first, last = _on(start), _on(end or start)
    if first == last:
        return words.day_month_year(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}\u2013{words.day_month_year(last)}"
    if first.year == last.year:
        return f"{words.day_month(first)} \u2013 {words.day_month_year(last)}"
    return f"{words.day_month_year(first)} \u2013 {words.day_month_year(last)}"


def _on(at: date) -> date:
    """The day of a moment; a day is its own."""
    return at.date() if isinstance(at, datetime) else at


def landmarks(entries: Iterable[Any]) -> dict[str, Any]:
    """The first entry of each landmark that has a moment."""
    found: dict[str, Any] = {}
    for entry in entries:
        if (
            entry.landmark
            and entry.at is not None
            and (entry.landmark not in found or entry.at < found[entry.landmark].at)
        ):
            found[entry.landmark] = entry
    return found


def derived(event: Any, entries: Iterable[Any]) -> list[tuple[str, timedelta]]:
    """(label, time) for each that the landmarks allow: to detect, to acknowledge, to end the impact, to resolve. Between days
    that are known without a clock only what took days is said."""
    marks = {name: (entry.at, entry.precision) for name, entry in landmarks(entries).items()}
    start = marks.get("impact_start") or (event.started_at, getattr(event, "started_precision", "exact"))
    detected = marks.get("detected")
    pairs = [
        ("To detect", start, detected),
        ("To acknowledge", detected, marks.get("acknowledged")),
        ("To end the impact", start, marks.get("mitigated")),
        ("To resolve", start, marks.get("resolved") or (event.ended_at, getattr(event, "ended_precision", "exact"))),
    ]
    return [(label, b[0] - a[0]) for label, a, b in pairs if a and b and a[0] and b[0] and _is_said(a, b)]


def _is_said(a: tuple[datetime, str], b: tuple[datetime, str]) -> bool:
    is_clocked = {a[1], b[1]} <= {"exact", "approx"}
    return b[0] - a[0] >= (timedelta(0) if is_clocked else timedelta(days=2))


def carries(mark: Any) -> bool:
    """Whether a timeline that is told in few moments keeps this one: key moments, landmarks, decisions."""
    return mark.is_key or bool(mark.landmark) or mark.type == "decision"


def missing_landmarks(kind: str, entries: Iterable[Any]) -> list[str]:
    """Landmarks that a review of this kind asks for and no entry marks."""
    present = {entry.landmark for entry in entries}
    return [name for name in NEEDED.get(kind, ()) if name not in present]


def gaps(entries: list[Any], least: timedelta = timedelta(minutes=30)) -> dict[int, timedelta]:
    """Index of an entry -> the quiet time before it, where that is longer than `least`."""
    found = {}
    for index, (before, after) in enumerate(pairwise(entries), 1):
        if before.at and after.at and {before.precision, after.precision} <= {"exact", "approx"}:
            quiet = after.at - (before.until or before.at)
            if quiet > least:
                found[index] = quiet
    return found


# --- Days of plans --------------------------------------------------------------------------------------------------
def day_words(day: date | None, precision: str = "day") -> str:
    """9 Nov 2026, or Nov 2026 where only the month is known; "" for None."""
    if day is None:
        return ""
    return words.month_year(day) if precision == "month" else words.day_month_year(day)


def days_words(part: Any, side: str) -> str:
    """The planned or actual days of a phase (`side` is "planned" or "actual"): 9\u201313 Nov 2026, from 9 Nov 2026, Nov 2026."""
    start, end = (getattr(part, f"{side}_{name}") for name in ("start", "end"))
    exact = [getattr(part, f"{side}_{name}_precision") for name in ("start", "end")]
    first, last = day_words(start, exact[0]), day_words(end, exact[1])
    if first and last and first != last:
        return f"{first} \u2013 {last}" if "month" in exact else date_range(start, end)
    if first and not last:
        return f"from {first}"
    return first or (f"until {last}" if last else "")


def variance_words(part: Any) -> str:
    """How far the actual end of a phase lies from its planned one: +3 days, \u22121 day, on the day, +2 months; "" while unknown."""
    planned, actual = part.planned_end, part.actual_end
    if planned is None or actual is None:
        return ""
    if "month" in {part.planned_end_precision, part.actual_end_precision}:
        size, unit, same = (actual.year - planned.year) * 12 + actual.month - planned.month, "month", "in the month"
    else:
        size, unit, same = (actual - planned).days, "day", "on the day"
    if not size:
        return same
    return f"{MINUS if size < 0 else '+'}{words.counted(abs(size), unit)}"


def window_words(launch: Any, event: Any) -> str:
    """How the actual window of a launch lies to the planned one, in days of the event's zone: "ended 3 days late,
    started 1 day late"; by the clock where it differs by less than a day; "" while one of the two is unknown."""
    told = []
    for word, planned, actual, coarse in (
        ("ended", launch.planned_end, event.ended_at, {launch.planned_end_precision, event.ended_precision}),
        ("started", launch.planned_start, event.started_at, {launch.planned_start_precision, event.started_precision}),
    ):
        if planned and actual and "month" not in coarse:
            told.append(f"{word} {_lateness(planned, actual, event.zone, 'day' in coarse)}")
    return ", ".join(told)


def _lateness(planned: datetime, actual: datetime, zone: tzinfo, only_days: bool) -> str:
    days = (actual.astimezone(zone).date() - planned.astimezone(zone).date()).days
    if days:
        size, late = words.counted(abs(days), "day"), days > 0
    elif only_days or actual == planned:
        return "as planned"
    else:
        size, late = duration_label(actual - planned), actual > planned
    return f"{size} {'late' if late else 'early'}"
