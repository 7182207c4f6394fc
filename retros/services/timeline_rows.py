"""The timeline as readers see it: each entry with its offset, its clock as given, the day where it changes, the quiet before."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from retros import timing
from retros.models import Event, Source, TimelineEntry

PAGE = 100
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
    """One entry with the words of its gutter. `day` and `quiet` are empty where nothing is to be said."""

    entry: TimelineEntry
    offset: str
    clock: str
    iso: str
    shape: str
    source: str
    day: str = ""
    quiet: str = ""


def lines(
    rows: list[TimelineEntry], zero: datetime | None, *, is_part: bool = False, days_in: tzinfo | None = None
) -> list[Line]:
    """Entries (in order) with everything that their rows say; `days_in` as `timing.calendar` gives it. Of a part (a
    filter, a later page) the first says its day, and nothing is called quiet: what lies between may only be left out."""
    quiet = {} if is_part else timing.gaps(rows)
    found: list[Line] = []
    first = next((row.local_at for row in rows if row.local_at), None)
    last_day = first.date() if first and not is_part else None
    for index, entry in enumerate(rows):
        local = entry.local_at
        is_new_day = local is not None and local.date() != last_day and entry.precision not in {"day", "month"}
        if is_new_day and local is not None:
            last_day = local.date()
        found.append(
            Line(
                entry=entry,
                offset=timing.offset_label(local or entry.at, zero, entry.precision, days_in),
                clock=timing.clock_label(entry),
                iso=entry.at.isoformat() if entry.at else "",
                shape=SHAPES[Source(entry.source)],
                source=" · ".join(part for part in (entry.get_source_display(), entry.source_label) if part),
                day=timing.day_label(local) if is_new_day and local else "",
                quiet=f"{timing.duration_label(quiet[index])} with no entries" if index in quiet else "",
            )
        )
    return found


def lines_of(event: Event, rows: list[TimelineEntry], zero: datetime | None, *, is_part: bool = False) -> list[Line]:
    """The lines of an event's own entries: offsets as its kind counts them, none from a day that nobody named."""
    return lines(rows, timing.known_zero(event, zero), is_part=is_part, days_in=timing.calendar(event))


@dataclass(frozen=True)
class Choice:
    """One filter link: its query value, words and count."""

    value: str
    words: str
    count: int


def choices(rows: list[TimelineEntry]) -> list[Choice]:
    """All, key, landmarks, then each source that occurs."""
    sources = Counter(row.source for row in rows)
    found = [Choice("", "All", len(rows)), Choice("key", "Key", sum(row.is_key for row in rows))]
    found.append(Choice("landmarks", "Landmarks", sum(bool(row.landmark) for row in rows)))
    found += [Choice(value, Source(value).label, count) for value, count in sorted(sources.items())]
    return [choice for choice in found if choice.count or not choice.value]


def chosen(rows: list[TimelineEntry], show: str) -> list[TimelineEntry]:
    """The entries that a filter shows; an unknown one shows all."""
    if show == "key":
        return [row for row in rows if row.is_key]
    if show == "landmarks":
        return [row for row in rows if row.landmark]
    return [row for row in rows if row.source == show] if show in Source.values else rows


def page_of(rows: list[TimelineEntry], pk: int) -> int:
    """The page on which an entry stands; 1 where it is not there."""
    index = next((i for i, row in enumerate(rows) if row.pk == pk), 0)
    return index // PAGE + 1


def hints(event: Event, rows: list[TimelineEntry]) -> dict[str, Any]:
    """What the page points out: landmarks that nobody marked, and times that contradict each other."""
    labels = dict(TimelineEntry._meta.get_field("landmark").choices or [])
    return {
        "missing": [(name, labels[name]) for name in timing.missing_landmarks(event.kind, rows)],
        "contradictions": timing.contradictions(event, rows),
        "derived": timing.derived(event, rows),
    }
