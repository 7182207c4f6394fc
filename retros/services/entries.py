"""Timeline entries: add, edit, remove and bring back, mark, choose T-0, keep the order within a minute."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from aar_site import clock
from retros import limits, timing
from retros.live.log import Stale, WrongState, change
from retros.models import Change, Event, TimelineEntry
from retros.services.states import check_open
from retros.when import When

WORDS = ("text", "at_text", "type", "landmark", "source", "source_label", "source_url", "raw", "is_key", "is_planned")


HISTORY = {"when": "Time", "text": "Words", "type": "Type", "landmark": "Landmark", "source": "Source"}


@dataclass(frozen=True)
class Walk:
    """Where the room stands in the timeline: one entry with its neighbours. `index` counts from 1; 0 in an empty timeline."""

    current: TimelineEntry | None
    before: list[TimelineEntry]
    after: list[TimelineEntry]
    index: int
    count: int


def add(event: Event, *, by: Any, when: When | None, op: uuid.UUID | None = None, **fields: Any) -> TimelineEntry:
    """Add a moment; without `when` its `at_text` says when, and it stands behind the entries that are there."""
    with change(event, "timeline", "added a moment", by=by, op=op) as done:
        check_open(done.event)
        if TimelineEntry.objects.kept().filter(event=done.event).count() >= limits.ENTRIES_PER_EVENT:
            raise WrongState(f"A timeline holds at most {limits.ENTRIES_PER_EVENT:,} moments.")
        entry = insert(done.event, by=by, when=when, **fields)
        done.about(entry, after=_words(entry))
        return entry


def insert(event: Event, *, by: Any, when: When | None, **fields: Any) -> TimelineEntry:
    """Store one entry; for callers that hold the event's change already."""
    rows = TimelineEntry.objects.filter(event=event)
    last = rows.aggregate(rank=Max("rank"), sort_at=Max("sort_at"))
    entry = TimelineEntry(
        event=event,
        created_by=by,
        rank=0 if last["rank"] is None else last["rank"] + 1,
        sort_at=when.at if when else last["sort_at"],
        **_time_fields(when),
        **{name: value for name, value in fields.items() if name in WORDS},
    )
    entry.full_clean(exclude=["event", "created_by"])
    entry.validate_constraints()
    entry.save()
    return entry


def edit(
    entry: TimelineEntry, *, by: Any, version: int, when: When | None, op: uuid.UUID | None = None, **fields: Any
) -> TimelineEntry:
    """Change a moment that the writer read at `version`; raises Stale(entry) when somebody was quicker. Keeps what it said."""
    with change(entry.event, "timeline", "edited a moment", by=by, op=op) as done:
        check_open(done.event)
        fresh = _kept(entry)
        fresh.event = done.event
        if fresh.version != version:
            raise Stale(fresh)
        before = _words(fresh)
        for name, value in fields.items():
            if name in WORDS:
                setattr(fresh, name, value)
        kept = {"at", "utc_offset"} if _is_same_moment(fresh, when) else set()
        for name, value in _time_fields(when).items():
            if name not in kept:
                setattr(fresh, name, value)
        if fresh.at is not None:
            fresh.sort_at = fresh.at
        fresh.version += 1
        fresh.full_clean(exclude=["event", "created_by"])
        fresh.validate_constraints()
        fresh.save()
        after = _words(fresh)
        done.about(
            fresh,
            **{k: {n: v[n] for n in v if before[n] != after[n]} for k, v in (("before", before), ("after", after))},
        )
        return fresh


def set_removed(entry: TimelineEntry, *, by: Any, removed: bool, op: uuid.UUID | None = None) -> None:
    """Take a moment out, or bring it back to its place."""
    with change(
        entry.event, "timeline", "removed a moment" if removed else "brought a moment back", by=by, op=op
    ) as done:
        check_open(done.event)
        TimelineEntry.objects.filter(pk=entry.pk).update(removed_at=clock.now() if removed else None)
        if removed and done.event.t0_entry_id == entry.pk:
            Event.objects.filter(pk=done.event.pk).update(t0_entry=None)
        done.about(entry)


def set_key(entry: TimelineEntry, *, by: Any, is_key: bool, op: uuid.UUID | None = None) -> None:
    """Mark a moment as key, or not: key moments carry the story in the room and in the document."""
    with change(entry.event, "timeline", "marked a key moment", by=by, op=op) as done:
        check_open(done.event)
        _kept(entry)
        TimelineEntry.objects.filter(pk=entry.pk).update(is_key=is_key)
        done.about(entry, after={"is_key": is_key})


def set_t_zero(event: Event, *, by: Any, entry: TimelineEntry | None, op: uuid.UUID | None = None) -> None:
    """Count offsets from this entry; None returns to the detection. An entry without a moment cannot be T-0."""
    with change(event, "timeline", "moved T-0", by=by, op=op) as done:
        check_open(done.event)
        if entry is not None and _kept(entry).at is None:
            raise WrongState("T-0 needs a moment. Give this entry a time first.")
        Event.objects.filter(pk=done.event.pk).update(t0_entry=entry)


def move(entry: TimelineEntry, *, by: Any, up: bool, op: uuid.UUID | None = None) -> None:
    """Swap with the neighbour of the same minute; at its end nothing happens."""
    with change(entry.event, "timeline", "ordered moments of one minute", by=by, op=op) as done:
        check_open(done.event)
        rows = list(TimelineEntry.objects.kept().filter(event=done.event, sort_at=entry.sort_at).in_order())
        index = next((i for i, row in enumerate(rows) if row.pk == entry.pk), None)
        if index is None:  # taken out, or moved to another minute meanwhile
            return
        other = index - 1 if up else index + 1
        if not 0 <= other < len(rows):
            return
        rows[index], rows[other] = rows[other], rows[index]
        ranks = sorted(row.rank for row in rows)
        for offset, (row, rank) in enumerate(zip(rows, ranks, strict=True)):
            row.rank = rank if len(set(ranks)) == len(ranks) else ranks[0] + offset
        TimelineEntry.objects.bulk_update(rows, ["rank"])
        done.about(entry)


def _time_fields(when: When | None) -> dict[str, Any]:
    if when is None:
        return {"at": None, "utc_offset": None, "precision": "approx"}
    return {"at": when.at, "utc_offset": when.offset, "precision": when.precision}


def _is_same_moment(entry: TimelineEntry, when: When | None) -> bool:
    """Typed again to the second, in the zone that stood there: then the moment and its offset stay as they were given."""
    if when is None or entry.at is None or when.offset not in {None, entry.utc_offset}:
        return False
    return abs((entry.at - when.at).total_seconds()) < 1


def _words(entry: TimelineEntry) -> dict[str, str]:
    """What the history shows of an entry."""
    return {
        "when": timing.clock_label(entry),
        "at": entry.at.isoformat() if entry.at else "",
        "text": entry.text,
        "type": entry.get_type_display(),
        "landmark": entry.get_landmark_display(),
        "source": f"{entry.get_source_display()} {entry.source_label}".strip(),
    }


def _kept(entry: TimelineEntry) -> TimelineEntry:
    """The entry as it is now, locked. Raises WrongState where it was taken out meanwhile."""
    fresh = TimelineEntry.objects.kept().select_for_update().filter(pk=entry.pk).first()
    if fresh is None:
        raise WrongState("This moment was removed meanwhile. Bring it back first, or add it anew.")
    return fresh


# --- Reading --------------------------------------------------------------------------------------------------------
def ordered(event: Event, *, light: bool = False) -> list[TimelineEntry]:
    """The kept entries in order, each with its event attached; `light` leaves long quotations out."""
    rows = TimelineEntry.objects.kept().filter(event=event).in_order()
    found = list(rows.defer("raw") if light else rows)
    for row in found:
        row.event = event
    return found


def fill_quotations(rows: list[TimelineEntry]) -> None:
    """Give entries that were loaded light their quotations, in one query."""
    raw = dict(TimelineEntry.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "raw"))
    for row in rows:
        row.raw = raw.get(row.pk, "")


def walk(rows: list[TimelineEntry], cursor: TimelineEntry | None) -> Walk:
    """The entry of a timeline that the room stands at (the first where the cursor is gone), with its neighbours."""
    index = next((i for i, row in enumerate(rows) if cursor and row.pk == cursor.pk), 0)
    if not rows:
        return Walk(None, [], [], 0, 0)
    return Walk(rows[index], rows[max(0, index - 1) : index], rows[index + 1 : index + 3], index + 1, len(rows))


def removed_entry(event: Event, pk: int) -> TimelineEntry | None:
    """A moment that was taken out and can be brought back."""
    return TimelineEntry.objects.filter(event=event, pk=pk, removed_at__isnull=False).first()


def history(entry: TimelineEntry) -> list[Change]:
    """Who changed this entry, newest first."""
    rows = Change.objects.filter(event_id=entry.event_id, subject=f"timelineentry:{entry.pk}")
    return list(rows.select_related("actor").order_by("-seq"))


def former_words(change: Change) -> list[tuple[str, str]]:
    """What a change replaced, as (label, former words) for readers."""
    before = change.detail.get("before", {})
    shown = [(label, str(before[name])) for name, label in HISTORY.items() if name in before]
    return [(label, value or "empty") for label, value in shown]


def zero_of(event: Event, rows: list[TimelineEntry]) -> datetime | None:
    return timing.t_zero(event, rows)
