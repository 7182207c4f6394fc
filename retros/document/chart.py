"""The trace: an event drawn to scale. Computes fractions and words; templates draw them. Pure."""

import itertools
from datetime import datetime, time, timedelta
from typing import Any

from aar_site.words import MONTHS, day_month
from retros import timing
from retros.document.tree import Trace

MOST_TICKS, MOST_MONTHS, MOST_SPANS = 300, 6, 5
MANY = 1.6  # times as many as at a usual place
UNSETTLED = {"open", "room"}
NAMED = 28  # letters of a phase that an entry begins
BY_DATE, WEEKS = {"project", "decision"}, timedelta(days=14)
STEPS = [timedelta(minutes=m) for m in (1, 5, 10, 15, 30, 60, 120, 180, 360, 720)]
STEPS += [timedelta(days=d) for d in (1, 2, 7, 14, 28, 91, 182, 364, 1820)]


def trace_of(event: Any, entries: list[Any], here: Any = None, phases: Any = (), intervals: Any = ()) -> Trace | None:
    """Ticks, bands and axis of the event's entries; None where nothing would stand on the line. `here` is marked as now; `phases`
    are the bands of a launch or project, `intervals` its stretches of impact."""
    timed, begun = _timed(entries), _begun(event, phases)
    ends = extent(event, entries, phases)
    if ends is None or not (timed or (ends[0] != ends[1] and (begun or intervals))):
        return None
    first, last = ends
    length = last - first

    def place(at: datetime) -> float:
        return round((at - first) / length, 4) if length else 0.0

    zero = timing.t_zero(event, timed) or first
    zero = first if zero == event.started_at and event.started_precision == "month" else zero
    ticks, keys = _ticks(timed, place, here)
    bands = [] if not length else _named(begun, last, place) if begun else _bands(event, timed, place)
    return Trace(
        ticks=ticks,
        keys=keys,
        bands=bands,
        labels=_dates(event, first, last, place)
        if event.kind in BY_DATE and length >= WEEKS
        else _labels(event, first, last, zero, place),
        sentence=_sentence(timed, length, first, bands),
        spans=_spans(intervals, place),
    )


def part_of(trace: Trace, start: float, width: float) -> Trace:
    """A stretch of a picture, drawn as wide as the whole: its ticks, and nothing of its axis."""
    inside = [i for i, (place, _) in enumerate(trace.ticks) if start <= place <= start + width]

    def place(i: int) -> float:
        return round((trace.ticks[i][0] - start) / width, 4) if width else 0.0

    ticks = [(place(i), trace.ticks[i][1]) for i in inside]
    keys = [trace.keys[i] for i in inside] if trace.keys else []
    return Trace(ticks=ticks, bands=[(0.0, 1.0, "")], labels=[], sentence=trace.sentence, keys=keys)


def extent(event: Any, entries: list[Any], phases: Any = ()) -> tuple[datetime, datetime] | None:
    """From when to when the picture goes; None where no moment is known."""
    ends = [(event.started_at, event.started_precision), (event.ended_at, event.ended_precision)]
    moments = [e.at for e in _timed(entries)] + [at for at, how in ends if at and how != "month"]
    moments += [at for at, _ in _begun(event, phases)]
    return (min(moments), max(moments)) if moments else None


def _timed(entries: list[Any]) -> list[Any]:
    """Entries that can be drawn. A month is no moment: drawn as its first day it would say more than anybody knows."""
    return [e for e in entries if e.at is not None and e.precision != "month"]


def _ticks(timed: list[Any], place: Any, here: Any) -> tuple[list[tuple[float, str]], list[int]]:
    """One tick per moment and the first entry that it stands for; where many fall on one spot, one for all of them: key before
    remembered differently, before many, before one."""
    is_crowded = len(timed) > MOST_TICKS
    spots: dict[float, list[Any]] = {}
    for entry in timed:
        spot = place(entry.at)
        spots.setdefault(round(spot * MOST_TICKS) / MOST_TICKS if is_crowded else spot, []).append(entry)
    many = MANY * len(timed) / max(1, len(spots))
    found = sorted((spot, _weight(rows, many if is_crowded else len(timed)), rows) for spot, rows in spots.items())
    ticks = [(spot, weight) for spot, weight, _ in found]
    keys = [next((row.pk for row in rows if row.is_key), rows[0].pk) for _, _, rows in found]
    current = next((e for e in timed if here is not None and e.pk == here.pk), None)
    if current is not None:
        ticks, keys = [*ticks, (place(current.at), "n")], [*keys, current.pk]
    return ticks, keys


def _weight(rows: list[Any], many: float) -> str:
    if any(row.is_key for row in rows):
        return "k"
    if any(getattr(row, "dispute_state", None) in UNSETTLED for row in rows):
        return "q"
    return "m" if len(rows) > many else ""


def _spans(intervals: Any, place: Any) -> list[tuple[float, float, str]]:
    """Stretches of impact with both ends, in words; what affected the whole event is what the picture shows anyway."""
    rows = [row for row in intervals if row.duration is not None and row.label != "whole event"]
    found = []
    for row in rows[:MOST_SPANS]:
        a, b = (min(max(place(at), 0.0), 1.0) for at in (row.started_at, row.ended_at))
        label = row.label[:1].upper() + row.label[1:]
        found.append((a, round(b - a, 4), f"{label}, {timing.duration_label(row.duration)}"))
    return found


def _begun(event: Any, phases: Any) -> list[tuple[datetime, str]]:
    """When each phase of a slow kind began."""
    known = [(datetime.combine(p.actual_start, time(), event.zone), p.title) for p in phases if p.actual_start]
    return sorted(known, key=lambda pair: pair[0])


def _named(begun: list[tuple[datetime, str]], last: datetime, place: Any) -> list[tuple[float, float, str]]:
    """A band from the begin of each phase to that of the next one."""
    stops = [*(at for at, _ in begun), last]
    return [
        (place(a), round(place(b) - place(a), 4), words)
        for (a, words), b in zip(begun, stops[1:], strict=True)
        if b > a
    ]


def _bands(event: Any, timed: list[Any], place: Any) -> list[tuple[float, float, str]]:
    """Stretches between the landmarks that are there: unnoticed, respond, recover. Derived, never typed."""
    marks = {name: entry.at for name, entry in timing.landmarks(timed).items()}
    if event.kind == "launch":
        return _around_launch(event, timed, marks, place)
    if "phase" in marks:
        begun = sorted((e.at, _phase(e)) for e in timed if e.landmark == "phase")
        return _named(
            begun, event.ended_at if event.ended_at and event.ended_at > begun[-1][0] else timed[-1].at, place
        )
    # Without a detection nobody can say how long it went unnoticed.
    unnoticed_from = (marks.get("impact_start") or event.started_at) if "detected" in marks else None
    stops = [
        (unnoticed_from, "Unnoticed"),
        (marks.get("detected"), "Respond"),
        (marks.get("mitigated"), "Recover"),
        (marks.get("resolved") or event.ended_at, ""),
    ]
    known = [(at, words) for at, words in stops if at and 0 <= place(at) <= 1]
    return [
        (place(a), round(place(b) - place(a), 4), words)
        for (a, words), (b, _) in itertools.pairwise(known)
        if b > a and words
    ]


def _phase(entry: Any) -> str:
    """What a phase that an entry begins is called: the entry's first words."""
    words = str(getattr(entry, "name", "") or getattr(entry, "text", "")).split(". ")[0].rstrip(".")
    return words if len(words) <= NAMED else words[:NAMED].rsplit(" ", 1)[0].rstrip(",;:") + "\u2026"


def _around_launch(
    event: Any, timed: list[Any], marks: dict[str, datetime], place: Any
) -> list[tuple[float, float, str]]:
    """What a launch has without phases of its own: before it, while it went out, after it."""
    went = marks.get("launch") or event.started_at
    over = event.ended_at or marks.get("announced") or marks.get("verification")
    if went is None or not 0 <= place(went) <= 1:
        return []
    stops = [(0.0, "Prepare"), (place(went), "Roll out" if over and over > went else "After it")]
    stops += [(place(over), "First days")] if over and went < over and place(over) < 1 else []
    ends = [at for at, _ in stops[1:]] + [1.0]
    return [(a, round(b - a, 4), words) for (a, words), b in zip(stops, ends, strict=True) if b > a]


def _labels(event: Any, first: datetime, last: datetime, zero: datetime, place: Any) -> list[tuple[float, str]]:
    """Offsets along the axis: both ends, and round steps between that keep clear of them. A slow launch says its day."""
    length, zone = last - first, timing.calendar(event)
    if zone:
        first, last, zero = (at.astimezone(zone) for at in (first, last, zero))
    step = next((s for s in STEPS if length / s <= 5), STEPS[-1])
    precision = "day" if step >= timedelta(days=1) else "exact"
    is_slow = zone is not None and length >= WEEKS
    labels = [(0.0, timing.offset_label(first, zero, precision, zone))]
    if not length:
        return [(0.0, f"{_date(first, event.zone)} {first.year}")] if zone else labels
    count = int((first - zero) / step)
    for number in range(count, count + 8):
        at = zero + step * number
        is_clear = not is_slow or number == 0 or abs(place(at) - place(zero)) > 0.14
        if first < at < last and 0.12 < place(at) < 0.86 and is_clear:
            words = timing.offset_label(at, zero, precision, zone)
            labels.append((place(at), f"{_name(event)}, {_date(zero, zone)}" if is_slow and number == 0 else words))
    end = timing.offset_label(last, zero, precision, zone)
    # Within one minute both ends would say the same.
    return [*labels, (1.0, end if end != labels[0][1] else f"{max(1, round(length.total_seconds()))} s later")]


def _name(event: Any) -> str:
    return "Launch" if event.kind == "launch" else "Start"


def _dates(event: Any, first: datetime, last: datetime, place: Any) -> list[tuple[float, str]]:
    """The axis of a project: its first and last day, and months between; over years, years. A month says its year where that
    is another than before."""
    months, at = [], first.astimezone(event.zone)
    while at < last:
        at = (at.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        if at < last and 0.12 < place(at) < 0.86:
            months.append((place(at), at))
    are_years = len(months) > MOST_MONTHS * 3
    months = [one for one in months if one[1].month == 1] if are_years else months
    marks, year = [], first.astimezone(event.zone).year
    for spot, at in months[:: -(-len(months) // MOST_MONTHS) or 1]:
        month = MONTHS[at.month - 1]
        marks.append((spot, str(at.year) if are_years else month if at.year == year else f"{month} {at.year}"))
        year = at.year
    ends = [(0.0, _date(first, event.zone)), (1.0, _date(last, event.zone))]
    if first.astimezone(event.zone).year != last.astimezone(event.zone).year:
        ends = [
            (spot, f"{words} {at.astimezone(event.zone).year}")
            for (spot, words), at in zip(ends, (first, last), strict=True)
        ]
    return [ends[0], *marks, ends[1]]


def _date(at: datetime, zone: Any) -> str:
    local = at.astimezone(zone)
    return day_month(local)


def _whole(span: timedelta) -> timedelta:
    """A stretch that was read off the picture, to the nearest unit that is told of it: fractions there have four digits."""
    unit = 3600 if span >= timedelta(hours=100) else 60 if span >= timedelta(minutes=1) else 1
    return timedelta(seconds=round(span.total_seconds() / unit) * unit)


def _sentence(timed: list[Any], length: timedelta, first: datetime, bands: list[tuple[float, float, str]]) -> str:
    """What the picture shows, for those who do not see it."""
    count = len(timed)
    words = f"{count:,} entr{'y' if count == 1 else 'ies'}"
    if not length:
        return f"{words}, at one moment." if count > 1 else f"{words}."
    words += f" over {timing.duration_label(length)}, to scale."
    half = sorted(e.at for e in timed)[: max(1, round(count * 0.6))]
    if count >= 6 and (half[-1] - first) < length * 0.25:
        words += f" Most fall in the first {timing.duration_label(half[-1] - first)}."
    told = [f"{name} {timing.duration_label(_whole(length * width))}" for _, width, name in bands if name]
    return words + (f" {', '.join(told)}." if told else "")
