"""The trace: an event drawn to scale. Computes fractions and words; templates draw them. Pure."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from retros import timing
from retros.document.tree import Trace

MOST_TICKS = 300
STEPS = [timedelta(minutes=m) for m in (1, 5, 10, 15, 30, 60, 120, 180, 360, 720)]
STEPS += [timedelta(days=d) for d in (1, 2, 7, 14, 28, 91, 182, 364, 1820)]


def trace_of(event: Any, entries: list[Any], here: Any = None) -> Trace | None:
    """Ticks, bands and axis of the event's entries; None where fewer than two moments are known. `here` is marked as now."""
    timed = [e for e in entries if e.at is not None]
    # A month is no moment: drawn as its first day it would say more than anybody knows.
    ends = [(event.started_at, event.started_precision), (event.ended_at, event.ended_precision)]
    moments = [e.at for e in timed if e.precision != "month"] + [at for at, how in ends if at and how != "month"]
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
        bands=_bands(event, timed, place),
        labels=_labels(first, last, zero, place),
        sentence=_sentence(len(timed), length, timed, first),
    )


def _ticks(timed: list[Any], place: Any) -> list[tuple[float, str]]:
    """One tick per entry; where many fall on one spot, one for all, key before plain."""
    spots: dict[float, str] = {}
    for entry in timed:
        spot = round(place(entry.at) * MOST_TICKS) / MOST_TICKS if len(timed) > MOST_TICKS else place(entry.at)
        spots[spot] = "k" if entry.is_key or spots.get(spot) == "k" else ""
    return sorted(spots.items())


def _bands(event: Any, timed: list[Any], place: Any) -> list[tuple[float, float, str]]:
    """Stretches between the landmarks that are there: unnoticed, respond, recover. Derived, never typed."""
    marks = {name: entry.at for name, entry in timing.landmarks(timed).items()}
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


def _labels(first: datetime, last: datetime, zero: datetime, place: Any) -> list[tuple[float, str]]:
    """Offsets along the axis: both ends, and round steps between that keep clear of them."""
    length = last - first
    step = next((s for s in STEPS if length / s <= 5), STEPS[-1])
    precision = "day" if step >= timedelta(days=1) else "exact"
    labels = [(0.0, timing.offset_label(first, zero, precision))]
    count = int((first - zero) / step)
    for number in range(count, count + 8):
        at = zero + step * number
        if first < at < last and 0.12 < place(at) < 0.86:
            labels.append((place(at), timing.offset_label(at, zero, precision)))
    return [*labels, (1.0, timing.offset_label(last, zero, precision))]


def _sentence(count: int, length: timedelta, timed: list[Any], first: datetime) -> str:
    words = f"{count} entr{'y' if count == 1 else 'ies'} over {timing.duration_label(length)}, to scale."
    half = sorted(e.at for e in timed)[: max(1, round(count * 0.6))]
    if count >= 6 and (half[-1] - first) < length * 0.25:
        words += f" Most fall in the first {timing.duration_label(half[-1] - first)}."
    return words
