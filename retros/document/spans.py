"""How long an event went on and from when to when, in words, no finer than its ends are known."""

from datetime import datetime

from aar_site.words import counted, day_month_year, zone_of
from retros import timing
from retros.models import Event


def length_words(event: Event) -> str:
    """How long it lasted, no finer than its ends are known: "24 h 11 min", "5 days"; "" where an end is missing or vague."""
    precisions = {event.started_precision, event.ended_precision}
    start, end = event.local_start, event.local_end
    if event.duration is None or start is None or end is None or "month" in precisions:
        return ""
    if "day" in precisions:
        days = (end.date() - start.date()).days
        return counted(days, "day") if days else ""
    return ("About " if "approx" in precisions else "") + timing.duration_label(event.duration)


def span(event: Event) -> str:
    """The event's time for readers: 21 Oct 2018, 22:52 to 22 Oct 2018, 23:03 UTC."""
    start, end = event.local_start, event.local_end
    if start is None:
        return "not stated"
    if end and "month" in {event.started_precision, event.ended_precision}:
        first, last = (
            timing.day_words(start.date(), event.started_precision),
            timing.day_words(end.date(), event.ended_precision),
        )
        return first if first == last else f"{first} \u2013 {last}"
    if {event.started_precision, event.ended_precision} & {"day", "month"} or end is None:
        return timing.date_range(start, end, event.started_precision)
    return between(start, end)


def between(start: datetime, end: datetime) -> str:
    """21 Oct 2018, 22:52 to 22 Oct 2018, 23:03 UTC; the day once where it is the same. Both in the zone to be read in."""
    last = f"{end:%H:%M}" if start.date() == end.date() else _moment(end)
    return f"{_moment(start)} to {last} {zone_of(end)}"


def _moment(at: datetime) -> str:
    return f"{day_month_year(at)}, {at:%H:%M}"
