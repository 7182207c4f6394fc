"""The timeline as readers see it: each entry with its offset, its clock as given, the day where it changes, the quiet before;
a page of a hundred at a time."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from retros import timing, when
from retros.models import Event, Source, TimelineEntry
from retros.services import entries, remembered
from retros.services.outline import Mark
from retros.services.timeline_filter import Filter

PAGE = 100
BESIDE = 2  # page numbers shown on each side of this one
SHAPES = {
    Source.LOG: "log",
    Source.MONITORING: "log",
    Source.CHAT: "chat",
    Source.TICKET: "tick",
    Source.ACCOUNT: "acct",
    Source.DOCUMENT: "tick",
    Source.MEMORY: "chat",
}


@dataclass(frozen=True)
class Line:
    """One entry with the words of its gutter. `until`, `zone`, `day` and `quiet` are empty where nothing is to be said.

    What the site itself spells, out of digits and its own words, is known to be safe: a page of a hundred rows says it
    a thousand times, and escaping it takes longer than fetching the rows."""

    entry: TimelineEntry
    key: SafeString  # of the entry, in digits: as a number each of its places in a row would be put into the reader's spelling
    offset: SafeString
    clock: SafeString
    iso: SafeString
    shape: SafeString
    title: SafeString  # what kind of source it is
    source: str
    until: str = ""
    zone: str = ""
    name: str = ""  # what its buttons are about, escaped
    day: str = ""
    quiet: str = ""


def lines(
    rows: list[TimelineEntry],
    zero: datetime | None,
    *,
    after: date | None = None,
    days_in: tzinfo | None = None,
    quiet: dict[int, timedelta] | None = None,
) -> list[Line]:
    """Entries (in order) with everything that their rows say; `days_in` as `timing.calendar` gives it. A day is said where
    it is another than that of the row before, of the first row than `after`. `quiet` is the time before an entry, by its key."""
    found: list[Line] = []
    last_day = after
    for entry in rows:
        local = entry.local_at
        is_new_day = local is not None and local.date() != last_day and entry.precision not in {"day", "month"}
        if is_new_day and local is not None:
            last_day = local.date()
        silence = (quiet or {}).get(entry.pk)
        source, is_open = Source(entry.source), getattr(entry, "dispute_state", None) in remembered.UNSETTLED
        found.append(
            Line(
                entry=entry,
                key=SafeString(entry.pk),
                offset=SafeString(timing.offset_label(local or entry.at, zero, entry.precision, days_in)),
                clock=SafeString(timing.clock_label(entry)),
                iso=SafeString(entry.at.isoformat() if entry.at else ""),
                shape=SafeString("disp" if is_open else SHAPES[source]),
                title=SafeString(source.label),
                source=" \u00b7 ".join(part for part in (entry.author, source.label, entry.source_label) if part),
                until=timing.until_label(entry),
                zone=timing.foreign_zone(entry),
                name=escape(entry.text if len(entry.text) <= 40 else Truncator(entry.text).chars(40)),
                day=timing.day_label(local) if is_new_day and local else "",
                quiet=f"{timing.duration_label(silence)} with no entries" if silence else "",
            )
        )
    return found


def lines_of(event: Event, rows: list[TimelineEntry], zero: datetime | None, **told: Any) -> list[Line]:
    """The lines of an event's own entries: offsets as its kind counts them, none from a day that nobody named; each entry with
    what is remembered differently."""
    remembered.attach(event, rows)
    return lines(rows, timing.known_zero(event, zero), days_in=timing.calendar(event), **told)


# --- A page -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Page:
    """A hundred entries at most. `count` is how many are asked for, `numbers` the pages to go to (0 stands for those left out),
    `first` and `last` its ends; `is_elsewhere` says that the entry that was asked for is not among them."""

    lines: list[Line]
    number: int
    numbers: list[int]
    count: int
    start: int
    first: Mark | None = None
    last: Mark | None = None
    is_elsewhere: bool = False

    @property
    def end(self) -> int:
        return self.start + len(self.lines) - 1

    @property
    def earlier(self) -> int:
        return self.number - 1

    @property
    def later(self) -> int:
        """The number of the next page; 0 on the last one."""
        return self.number + 1 if self.numbers and self.number < self.numbers[-1] else 0


def page(
    event: Event, marks: list[Mark], chosen: Filter, zero: datetime | None, *, number: int = 0, entry: int = 0
) -> Page:
    """One page of what the filter lets through: that number, or the one on which an entry stands. Of a filter or a later
    page the first row says its day, and where it is another than the event's first; in a filter nothing is called quiet, because
    what lies between may only be left out."""
    shown = [mark for mark in marks if chosen.lets(mark)] if chosen.is_on else marks
    at = next((i for i, mark in enumerate(shown) if mark.pk == entry), None) if entry else None
    last = max(1, -(-len(shown) // PAGE))
    number = max(1, min(number or (at or 0) // PAGE + 1, last))
    start = (number - 1) * PAGE
    part = shown[start : start + PAGE]
    is_first = number == 1 and not chosen.is_on
    day = next((local.date() for mark in part if (local := mark.local_at)), None) if is_first else None
    if day and event.local_start and event.local_start.date() != day:
        day = None
    quiet = {} if chosen.is_on else _quiet(marks[max(0, start - 1) : start + PAGE])
    rows = entries.loaded(event, [mark.pk for mark in part])
    return Page(
        lines=lines_of(event, rows, zero, after=day, quiet=quiet),
        number=number,
        numbers=_numbers(number, last),
        count=len(shown),
        start=start + 1,
        first=part[0] if part else None,
        last=part[-1] if part else None,
        is_elsewhere=bool(entry) and at is None and any(mark.pk == entry for mark in marks),
    )


def lies(page: Page, extent: tuple[datetime, datetime] | None) -> tuple[float, float] | None:
    """From where to where the page lies in a picture that goes from one moment to another, as shares of it."""
    ends = [mark.at for mark in (page.first, page.last) if mark and mark.at]
    if extent is None or len(ends) < 2 or extent[0] == extent[1]:
        return None
    first, last = ((at - extent[0]) / (extent[1] - extent[0]) for at in ends)
    return first, max(last, first + 0.004)


def _quiet(marks: list[Mark]) -> dict[int, timedelta]:
    return {marks[index].pk: span for index, span in timing.gaps(marks).items()}


def _numbers(number: int, last: int) -> list[int]:
    """1 0 6 7 8 9 10 0 100; none where there is one page."""
    if last == 1:
        return []
    near = sorted({1, last, *range(max(1, number - BESIDE), min(last, number + BESIDE) + 1)})
    found: list[int] = []
    for one in near:
        if found and one - found[-1] == 2:
            found.append(one - 1)
        elif found and one - found[-1] > 2:
            found.append(0)
        found.append(one)
    return found


# --- Going to a time --------------------------------------------------------------------------------------------------
def nearest(event: Event, marks: list[Mark], typed: str, zero: datetime | None) -> int:
    """The key of the moment that lies nearest to a time as people type it; a clock alone means the day on which something
    happened closest to it. Raises when.NotATime or when.Unclear, and NotATime where no moment has a time."""
    timed = sorted((mark.at, mark.pk) for mark in marks if mark.at is not None)
    if not timed:
        raise when.NotATime("No moment has a time yet.")
    try:
        asked = [when.read(typed, event.zone, zero=zero).at]
    except when.NotATime:
        days = sorted({at.astimezone(event.zone).date() for at, _ in timed})
        asked = [when.read(typed, event.zone, day=day, zero=zero).at for day in days]
    best = min((_distance(timed, at) for at in asked), key=lambda pair: pair[0])
    return best[1]


def _distance(timed: list[tuple[datetime, int]], at: datetime) -> tuple[timedelta, int]:
    index = bisect_left(timed, (at, 0))
    near = timed[max(0, index - 1) : index + 1]
    return min((abs(moment - at), pk) for moment, pk in near)
