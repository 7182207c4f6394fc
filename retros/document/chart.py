"""The trace: an event drawn to scale. Computes fractions and words; templates draw them. Pure."""

import itertools
from datetime import datetime, time, timedelta
from typing import Any

from retros import timing
from retros.document.phases import month_words
from retros.document.tree import Trace

MOST_TICKS, MOST_MONTHS = 300, 6
BY_DATE, WEEKS = {"project", "decision"}, timedelta(days=14)
LETTER = 0.0085  # share of the whole width that one letter of a band's name takes on a desk
STEPS = [timedelta(minutes=m) for m in (1, 5, 10, 15, 30, 60, 120, 180, 360, 720)]
STEPS += [timedelta(days=d) for d in (1, 2, 7, 14, 28, 91, 182, 364, 1820)]


def trace_of(event: Any, entries: list[Any], here: Any = None, phases: Any = ()) -> Trace | None:
    """Ticks, bands and axis of the event's entries; None where fewer than two moments are known. `here` is marked as now;
    `phases` are the bands of a launch or project."""
    timed = [e for e in entries if e.at is not None]
    # A month is no moment: drawn as its first day it would say more than anybody knows.
    ends = [(event.started_at, event.started_precision), (event.ended_at, event.ended_precision)]
    moments = [e.at for e in timed if e.precision != "month"] + [at for at, how in ends if at and how != "month"]
    begun = _begun(event, phases)
    moments += [at for at, _ in begun]
    if len(set(moments)) < 2:
        return None
    first, last = min(moments), max(moments)
    timed = [e for e in timed if e.precision != "month"]
    length = last - first

    def place(at: datetime) -> float:
        return round((at - first) / length, 4)

    zero = timing.t_zero(event, timed) or first
    zero = first if zero == event.started_at and event.started_precision == "month" else zero
    return Trace(
        ticks=_ticks(timed, place) + ([(place(here.at), "n")] if here in timed else []),
        bands=_legible(_named(begun, last, place) if begun else _bands(event, timed, place)),
        labels=_dates(event, first, last, place)
        if event.kind in BY_DATE and length >= WEEKS
        else _labels(event, first, last, zero, place),
        sentence=_sentence(len(timed), length, timed, first),
    )


def _ticks(timed: list[Any], place: Any) -> list[tuple[float, str]]:
    """One tick per entry; where many fall on one spot, one for all, key before plain."""
    spots: dict[float, str] = {}
    for entry in timed:
        spot = round(place(entry.at) * MOST_TICKS) / MOST_TICKS if len(timed) > MOST_TICKS else place(entry.at)
        spots[spot] = "k" if entry.is_key or spots.get(spot) == "k" else ""
    return sorted(spots.items())


def _begun(event: Any, phases: Any) -> list[tuple[datetime, str]]:
    """When each phase of a slow kind began."""
    known = [(datetime.combine(p.actual_start, time(), event.zone), p.title) for p in phases if p.actual_start]
    return sorted(known, key=lambda pair: pair[0])


def _legible(bands: list[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """The same bands; where a name would run into the next one, the shorter band goes without."""
    found = list(bands)
    for i in range(len(found) - 1):
        (start, width, words), (following, beyond, others) = found[i], found[i + 1]
        if others and following - start < len(words) * LETTER:
            if width <= beyond:
                found[i] = (start, width, "")
            else:
                found[i + 1] = (following, beyond, "")
    return found


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
    count = int((first - zero) / step)
    for number in range(count, count + 8):
        at = zero + step * number
        is_clear = not is_slow or number == 0 or abs(place(at) - place(zero)) > 0.14
        if first < at < last and 0.12 < place(at) < 0.86 and is_clear:
            words = timing.offset_label(at, zero, precision, zone)
            labels.append((place(at), f"{_name(event)}, {_date(zero, zone)}" if is_slow and number == 0 else words))
    return [*labels, (1.0, timing.offset_label(last, zero, precision, zone))]


def _name(event: Any) -> str:
    return "Launch" if event.kind == "launch" else "Start"


def _dates(event: Any, first: datetime, last: datetime, place: Any) -> list[tuple[float, str]]:
    """The axis of a project: its first and last day, and months between."""
    months, at = [], first.astimezone(event.zone)
    while at < last:
        at = (at.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        if at < last and 0.12 < place(at) < 0.86:
            months.append((place(at), month_words(at)))
    step = -(-len(months) // MOST_MONTHS) or 1
    ends = [(0.0, _date(first, event.zone)), (1.0, _date(last, event.zone))]
    if first.astimezone(event.zone).year != last.astimezone(event.zone).year:
        ends = [
            (spot, f"{words} {at.astimezone(event.zone).year}")
            for (spot, words), at in zip(ends, (first, last), strict=True)
        ]
    return [ends[0], *months[::step], ends[1]]


def _date(at: datetime, zone: Any) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {timing.MONTHS[local.month - 1]}"


def _sentence(count: int, length: timedelta, timed: list[Any], first: datetime) -> str:
    words = f"{count} entr{'y' if count == 1 else 'ies'} over {timing.duration_label(length)}, to scale."
    half = sorted(e.at for e in timed)[: max(1, round(count * 0.6))]
    if count >= 6 and (half[-1] - first) < length * 0.25:
        words += f" Most fall in the first {timing.duration_label(half[-1] - first)}."
    return words
