"""The rows of the document's timeline, and the note that says how to read their clocks. Clocks stay as their sources gave them."""

from datetime import datetime
from typing import Any

from aar_site.words import day_month, day_month_year, zone_of
from retros import timing
from retros.document.tree import Moment
from retros.models import Event, Resolution, TimelineEntry
from retros.services import timeline_rows

T_ZERO = {"detected": "the detection", "launch": "the launch"}
CLOCKED = {"exact", "approx"}


def moments(event: Event, rows: list[TimelineEntry], zero: datetime | None) -> list[Moment]:
    """Each entry with its offset and clock; what all rows share (zone, source) is left to the note."""
    shared_zone, shared_source = _zone(event, rows) is not None, bool(_source(event, rows))
    local = [row.local_at for row in rows if row.local_at]
    days, years = {at.date() for at in local}, {at.year for at in [*local, event.local_start] if at}
    return [
        Moment(
            offset=line.offset,
            clock=_clock(line.entry, line.clock, len(years) > 1, not shared_zone),
            day=_day(line.entry, len(years) > 1) if len(days) > 1 else "",
            iso=line.iso,
            text=line.entry.text,
            source="" if shared_source else _words(event, line.entry),
            source_kind=line.shape,
            landmark=line.entry.get_landmark_display() if line.entry.landmark else "",
            is_key=line.entry.is_key,
            url=line.entry.source_url if line.entry.source_url != event.source_url else "",
            **_remembered(line.entry),
        )
        for line in timeline_rows.lines_of(event, rows, zero)
    ]


def _remembered(entry: Any) -> dict[str, Any]:
    """Every view where people remember it differently; once that is settled, a short note that it was, and why."""
    found = getattr(entry, "remembered", None)
    if found is None:
        return {}
    reason = f": {found.dispute.reason}" if found.dispute.reason else ""
    views = [] if found.dispute.state == Resolution.SETTLED else [(view.by, view.line) for view in found.views]
    return {"verdict": f"{found.verdict}{reason}", "views": views}


def _clock(entry: TimelineEntry, words: str, with_year: bool, with_zone: bool) -> str:
    """about 23:02 to 23:10 UTC+02:00: no more than is needed to tell the rows apart, and nothing that was not given."""
    local = entry.local_at
    if local is None or entry.precision == "month":
        return words
    until = entry.until.astimezone(local.tzinfo) if entry.until else None
    last = _date(until, with_year) if until and until.date() != local.date() else ""
    if entry.precision == "day":
        return f"{_date(local, with_year)} to {last}" if last else _date(local, with_year)
    if until:
        words += f" to {last}, {until:%H:%M}" if last else f" to {until:%H:%M}"
    return f"{words} {timing.zone_label(entry)}".rstrip() if with_zone else words


def _day(entry: TimelineEntry, with_year: bool) -> str:
    return _date(entry.local_at, with_year) if entry.local_at and entry.precision in CLOCKED else ""


def _date(at: datetime, with_year: bool) -> str:
    return day_month(at) + (f" {at.year}" if with_year else "")


def note(event: Event, rows: list[TimelineEntry], zero: datetime | None) -> str:
    """T+00:00 is 21 Oct 2018, 22:54 UTC, the detection. Clocks are UTC. All moments are from one source: Document."""
    parts = []
    zero = timing.known_zero(event, zero)
    if zero and any(row.at for row in rows):
        local = zero.astimezone(event.zone)
        day = day_month_year(local)
        is_vague = _precision(event, rows, zero) not in CLOCKED
        at, name = (day, "D+0") if is_vague else (f"{day}, {local:%H:%M} {zone_of(local)}", "T+00:00")
        parts.append(f"{name} is {at}, {_meaning(event, rows, zero)}.")
        if timing.calendar(event):
            parts.append("Beyond a day, D counts days and W whole weeks.")
    zone = _zone(event, rows)
    if any(row.at and row.precision in CLOCKED for row in rows):
        parts.append(f"Clocks are {zone}." if zone else "Each clock carries the offset that its source gave.")
    if _source(event, rows):
        parts.append(f"Source of all moments: {_source(event, rows).lower()}.")
    return " ".join(parts)


def _precision(event: Event, rows: list[TimelineEntry], zero: datetime) -> str:
    """How much of T-0 is known: as of the entry that it is, else of the event's start."""
    return next((row.precision for row in rows if row.at == zero), event.started_precision)


def _meaning(event: Event, rows: list[TimelineEntry], zero: datetime) -> str:
    if any(row.pk == event.t0_entry_id and row.at == zero for row in rows):
        return "the moment that was chosen"
    if event.kind == "decision" and any(row.type == "decision" and row.at == zero for row in rows):
        return "the decision"
    marks = {row.landmark for row in rows if row.at == zero}
    return next((words for mark, words in T_ZERO.items() if mark in marks), "the start")


def _zone(event: Event, rows: list[TimelineEntry]) -> str | None:
    """What all clocks share: their offset as given, else the event's zone; None where they differ."""
    given = {timing.zone_label(row) for row in rows if row.at and row.precision in CLOCKED}
    if len(given) > 1:
        return None
    return next(iter(given), "") or event.time_zone


def _words(event: Event, entry: TimelineEntry) -> str:
    """Chat, #ops: the kind of source, and its name where that is not the source of the whole event."""
    name = entry.source_label if entry.source_label != event.source_url else ""
    return ", ".join(part for part in (entry.get_source_display(), name) if part)


def _source(event: Event, rows: list[TimelineEntry]) -> str:
    """The one source that all rows share, where there are several rows."""
    found = {_words(event, row) for row in rows}
    return next(iter(found)) if len(found) == 1 and len(rows) > 1 else ""
