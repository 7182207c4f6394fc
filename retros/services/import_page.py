"""A record on the page where it is chosen from: filters with their counts, a hundred rows as they will stand, and where they fall."""

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aar_site.words import day_month, day_month_year, in_words, plural
from retros import timing
from retros.document.chart import extent, trace_of
from retros.document.tree import Trace
from retros.imports.found import Found, Problem, Refused
from retros.models import Event, Import, TimelineEntry
from retros.services import import_rows, imports, outline, timeline_rows
from retros.services.import_rows import FILTERS, WORDS, Staged

PAGE = 100
HEAD = 20_000  # bytes of a record that show how its clocks read in a zone
MOST_NEW = 150  # gold ticks in the picture; more would be a block


@dataclass(frozen=True)
class Reading:
    """One way to read an unclear time, as a choice."""

    value: str
    words: str
    is_picked: bool


@dataclass(frozen=True)
class Row:
    """One moment found, with its line in the gutter and what there is to say about it."""

    index: int
    found: Found
    line: Any  # timeline_rows.Line
    is_chosen: bool
    same: int
    same_line: int  # of the row that this one repeats
    readings: list[Reading]


@dataclass(frozen=True)
class Page:
    """What the page shows of one filter."""

    show: str
    filters: list[tuple[str, str, int]]
    rows: list[Row]
    problems: list[Problem]
    number: int
    last: int
    count: int
    found: int
    new: int
    lines: int
    reasons: list[tuple[str, int]]
    skipped: int
    trace: Trace | None
    fresh: list[float]

    @property
    def numbers(self) -> list[int]:
        """Pages to go to, 0 for those left out between."""
        near = sorted({1, self.last, *range(max(1, self.number - 2), min(self.last, self.number + 2) + 1)})
        found: list[int] = []
        for one in near:
            found += [0] if found and one - found[-1] > 1 else []
            found.append(one)
        return found if self.last > 1 else []

    @property
    def query(self) -> str:
        return f"show={self.show}&page={self.number}"


def page(imp: Import, staged: Staged, *, show: str, number: int) -> Page:
    """One page of a filter; an unknown filter shows all."""
    event = imp.event
    by_filter = import_rows.filtered(event, staged, imp)
    show = show if show in FILTERS else ""
    places = by_filter[show]
    last = max(1, -(-len(places) // PAGE))
    number = max(1, min(number, last))
    part = places[(number - 1) * PAGE : number * PAGE]
    marks = outline.of(event)
    zero = timing.t_zero(event, marks)
    trace, fresh = _picture(event, marks, staged, imp, by_filter["add"])
    counts = {name: len(rows) for name, rows in by_filter.items()} | {"skipped": staged.skipped}
    return Page(
        show=show,
        filters=[(name, words, counts[name]) for name, words in FILTERS.items() if counts[name] or name in {"", "add", show}],
        rows=[] if show == "skipped" else _rows(imp, staged, part, zero),
        problems=[staged.reading.skipped[i] for i in part] if show == "skipped" else [],
        number=number,
        last=last,
        count=len(places),
        found=len(staged.rows),
        new=imp.count,
        lines=staged.reading.lines,
        reasons=staged.reasons,
        skipped=staged.skipped,
        trace=trace,
        fresh=fresh,
    )  # fmt: skip


def _rows(imp: Import, staged: Staged, part: list[int], zero: datetime | None) -> list[Row]:
    found = [staged.found(index, imp.picked) for index in part]
    entries = [import_rows.entry_of(imp, one, index) for index, one in zip(part, found, strict=True)]
    lines = timeline_rows.lines_of(imp.event, entries, zero)
    rows = []
    for index, one, line in zip(part, found, lines, strict=True):
        same = staged.same[index]
        rows.append(
            Row(
                index=index,
                found=one,
                line=line,
                is_chosen=imp.chosen[index] == "1",
                same=max(0, same),
                same_line=staged.rows[-same - 1][import_rows.LINE] if same < 0 else 0,
                readings=_readings(imp, one, index, zero) if one.unclear else [],
            )
        )
    return rows


@dataclass(frozen=True)
class Samples:
    """The page of questions, in words: what was understood, and the first moments as they would look."""

    title: str
    sub: str
    lines: list[Any]


def samples(imp: Import, staged: Staged) -> Samples:
    """What the questions are about."""
    reading = staged.reading
    entries = [import_rows.entry_of(imp, staged.found(i, imp.picked), i) for i in range(min(3, len(staged.rows)))]
    lines = timeline_rows.lines_of(imp.event, entries, outline.zero_of(imp.event))
    if reading.columns:
        known = sum(column.meaning != "skip" for column in reading.columns)
        title = (
            f"{_number(len(reading.columns))} {plural(len(reading.columns), 'column')}, {in_words(known)} understood"
        )
        return Samples(
            title, "Check what each one means. Your choice is remembered for files with the same heading.", lines
        )
    title = f"{len(staged.rows):,} {plural(len(staged.rows), 'moment')} in {reading.lines:,} lines"
    return Samples(title, "Say what the record leaves open, and change what was misunderstood.", lines)


def zones_offered(imp: Import, staged: Staged, *own: str) -> list[tuple[str, str]]:
    """Zones that the clocks may be meant in, the event's first, each with how the first of them would read."""
    if not (staged.reading.needs_zone or imp.answers.get("zone")):
        return []
    names = list(dict.fromkeys((imp.event.time_zone, *own, "UTC")))
    head = zlib.decompressobj().decompress(bytes(imp.data or zlib.compress(b"")), HEAD)
    head = head if len(head) < HEAD else head[: head.rfind(b"\n") + 1]
    zero = timing.known_zero(imp.event, outline.zero_of(imp.event))
    return [(name, _clock_in(imp, staged, head, name, zero)) for name in names]


def _clock_in(imp: Import, staged: Staged, head: bytes, zone: str, zero: datetime | None) -> str:
    try:
        reading = imports.reading_of(head, imp.name, staged.reading.format, {**imp.answers, "zone": zone})
    except Refused:
        return ""
    at = next((entry.at for entry in reading.entries if entry.at), None)
    if at is None:
        return ""
    offset = timing.offset_label(at, zero, "exact", timing.calendar(imp.event))
    words = f"{day_month(at)}, {at:%H:%M} {_offset(at.utcoffset())}"
    return f"{words} = {offset}" if offset else words


def _number(count: int) -> str:
    return in_words(count).capitalize()


def _readings(imp: Import, found: Found, index: int, zero: datetime | None) -> list[Reading]:
    """The ways in which the time can be read, each with its day and offset; the last is the source's own words."""
    picked = imp.picked.get(str(index))
    ways = []
    for number, at in enumerate(found.choices):
        offset = timing.offset_label(
            at, timing.known_zero(imp.event, zero), found.precision, timing.calendar(imp.event)
        )
        words = f"{day_month_year(at)}, {at:%H:%M} {_offset(at.utcoffset())}"
        ways.append(Reading(str(number), f"{words} = {offset}" if offset else words, picked == number))
    return [*ways, Reading(WORDS, f"“{found.at_text or 'no time given'}”, without a moment", picked == WORDS)]


def _offset(offset: timedelta | None) -> str:
    minutes = int((offset or timedelta()).total_seconds()) // 60
    sign = timing.MINUS if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}" if minutes else "UTC"


def _picture(
    event: Event, marks: list[Any], staged: Staged, imp: Import, chosen: list[int]
) -> tuple[Trace | None, list[float]]:
    """The timeline as it would be, and where in it the new moments fall."""
    times = [at for i in chosen if (at := staged.at(i, imp.picked))]
    ends = [TimelineEntry(at=at, precision="exact") for at in (min(times), max(times))] if times else []
    trace, reach = trace_of(event, [*marks, *ends]), extent(event, [*marks, *ends])
    if reach is None or reach[0] == reach[1]:
        return trace, [0.0] if times else []
    first, length = reach[0], reach[1] - reach[0]
    return trace, sorted({round((at - first) / length * MOST_NEW) / MOST_NEW for at in times})
