"""The timeline as a table for spreadsheets: each moment with its offset, its clock as given, and everything that is known of it."""

from typing import Any

from aar_site import tables
from aar_site.people.models import User
from retros import timing
from retros.models import EntryType, Event, Landmark, Source, TimelineEntry
from retros.services import outline
from retros.services.timeline_filter import Filter

COLUMNS = ["Offset", "When", "Until", "When, as given", "Precision", "What happened", "Who", "Type", "Marks", "Known from", "Where exactly",
           "Link", "Quoted", "Key", "Planned", "Added by"]  # fmt: skip
CHUNK = 1000
TYPES, LANDMARKS, SOURCES = dict(EntryType.choices), dict(Landmark.choices), dict(Source.choices)


def as_csv(event: Event, chosen: Filter) -> str:
    """The moments that the filter lets through, all of them without one."""
    marks = outline.of(event)
    zero = timing.known_zero(event, timing.t_zero(event, marks))
    wanted = {mark.pk for mark in marks if chosen.lets(mark)}
    names = dict(User.objects.filter(pk__in={mark.created_by_id for mark in marks}).values_list("pk", "name"))
    rows = TimelineEntry.objects.kept().filter(event=event).in_order().iterator(chunk_size=CHUNK)
    return tables.as_csv(COLUMNS, (_cells(event, entry, zero, names) for entry in rows if entry.pk in wanted))


def _cells(event: Event, entry: TimelineEntry, zero: Any, names: dict[int, str]) -> list[Any]:
    entry.event = event
    local = entry.local_at
    until = entry.until.astimezone(local.tzinfo) if entry.until and local else None
    return [
        timing.offset_label(local or entry.at, zero, entry.precision, timing.calendar(event)),
        local.isoformat() if local else "", until.isoformat() if until else "", entry.at_text or timing.clock_label(entry),
        entry.precision if local else "", entry.text, entry.author, TYPES.get(entry.type, ""), LANDMARKS.get(entry.landmark, ""),
        SOURCES.get(entry.source, ""), entry.source_label, entry.source_url, entry.raw, "yes" if entry.is_key else "",
        "yes" if entry.is_planned else "", names.get(entry.created_by_id or 0, ""),
    ]  # fmt: skip
