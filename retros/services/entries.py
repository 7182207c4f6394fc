"""Timeline entries: add, edit, remove and bring back, mark, choose T-0, keep the order within a minute; and their history."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Max, Q, QuerySet

from aar_site import clock
from retros import limits, timing
from retros import when as typed
from retros.live.log import Stale, WrongState, change
from retros.models import Change, Event, Meeting, TimelineEntry
from retros.services import outline, t_zero
from retros.services.states import check_open
from retros.when import When

WORDS = (
    "text", "author", "at_text", "until", "type", "landmark", "source", "source_label", "source_url", "raw", "is_key", "is_planned",
)  # fmt: skip


SHARED = "shared a moment of an account"
UNNAMED = {SHARED: "Its author"}  # who made a change that carries no name
HISTORY = {"when": "Time", "until": "Until", "text": "Words", "author": "Who", "type": "Type", "landmark": "Landmark", "source": "Source",
           "link": "Link", "raw": "Quoted", "key": "Key moment", "planned": "Planned"}  # fmt: skip


MOST_IN_DOCUMENT = 1_500  # five thousand take twenty seconds and half a gigabyte to print


def add(event: Event, *, by: Any, when: When | None, op: uuid.UUID | None = None, **fields: Any) -> TimelineEntry:
    """Add a moment; without `when` its `at_text` says when, and it stands behind the entries that are there."""
    with change(event, "timeline", "added a moment", by=by, op=op) as done:
        check_open(done.event)
        rows = TimelineEntry.objects.filter(event=done.event)
        # All of them are counted in an index; the kept ones are looked at one by one, and only where they may be too many.
        if rows.count() >= limits.ENTRIES_PER_EVENT and rows.kept().count() >= limits.ENTRIES_PER_EVENT:
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
    entry.full_clean(exclude=["event", "created_by"], validate_constraints=False)
    entry.validate_constraints()  # of all fields: each is a question to the database, and the event is locked
    entry.save()
    return entry


def edit(
    entry: TimelineEntry, *, by: Any, version: int, when: When | None, op: uuid.UUID | None = None, reason: str = "",
    **fields: Any,
) -> TimelineEntry:  # fmt: skip
    """Change a moment that the writer read at `version`; raises Stale(entry) when somebody was quicker. Keeps what it said, and
    the `reason` that was given."""
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
        fresh.full_clean(exclude=["event", "created_by"], validate_constraints=False)
        fresh.validate_constraints()
        fresh.save()
        after = _words(fresh)
        told = {k: {n: v[n] for n in v if before[n] != after[n]} for k, v in (("before", before), ("after", after))}
        done.about(fresh, **told, **_because(reason))
        return fresh


def set_removed(entry: TimelineEntry, *, by: Any, removed: bool, op: uuid.UUID | None = None, reason: str = "") -> None:
    """Take a moment out, or bring it back to its place. T-0 is another one meanwhile, by itself: it counts where it is there."""
    with change(
        entry.event, "timeline", "removed a moment" if removed else "brought a moment back", by=by, op=op
    ) as done:
        check_open(done.event)
        if removed:
            leave(done.event, TimelineEntry.objects.filter(pk=entry.pk))
        TimelineEntry.objects.filter(pk=entry.pk).update(removed_at=clock.now() if removed else None)
        done.about(entry, **_because(reason))


def leave(event: Event, going: QuerySet[TimelineEntry]) -> None:
    """Before these moments go: a room that stands at one of them goes to the nearest before it that stays, or after it."""
    here = Meeting.objects.filter(event=event, cursor__in=going)
    at = here.values_list("cursor", flat=True).first()
    if at is not None:
        kept = TimelineEntry.objects.kept().filter(Q(pk=at) | ~Q(pk__in=going), event=event)
        keys = list(kept.in_order().values_list("pk", flat=True))
        place = keys.index(at) if at in keys else 0
        here.update(cursor=next(iter(keys[max(0, place - 1) : place] or keys[place + 1 :]), None))


def set_key(entry: TimelineEntry, *, by: Any, is_key: bool, op: uuid.UUID | None = None) -> None:
    """Mark a moment as key, or not: key moments carry the story in the room and in the document."""
    with change(entry.event, "timeline", "marked a key moment", by=by, op=op) as done:
        check_open(done.event)
        fresh = _kept(entry)
        if fresh.is_key != is_key:
            TimelineEntry.objects.filter(pk=entry.pk).update(is_key=is_key, version=F("version") + 1)
        done.about(entry, before={"key": _yes(fresh.is_key)}, after={"key": _yes(is_key)})


def set_t_zero(event: Event, *, by: Any, entry: TimelineEntry | None, op: uuid.UUID | None = None) -> None:
    """Count offsets from this entry; None returns to the detection. An entry without a moment cannot be T-0."""
    with change(event, "timeline", t_zero.MOVED, by=by, op=op) as done:
        check_open(done.event)
        if entry is not None and _kept(entry).at is None:
            raise WrongState("T-0 needs a moment. Give this entry a time first.")
        former = done.event.t0_entry_id
        Event.objects.filter(pk=done.event.pk).update(t0_entry=entry)
        done.about(entry or done.event, before={"t0": former}, after={"t0": entry.pk if entry else None})


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
    has_offset = entry.utc_offset is not None
    return {
        "when": typed.words(entry.local_at, entry.precision, with_offset=has_offset) or entry.at_text,
        "at": entry.at.isoformat() if entry.at else "",
        "until": timing.until_label(entry),
        "text": entry.text,
        "author": entry.author,
        "type": entry.get_type_display(),
        "landmark": entry.get_landmark_display(),
        "source": f"{entry.get_source_display()} {entry.source_label}".strip(),
        "link": entry.source_url,
        "raw": entry.raw,
        "key": _yes(entry.is_key),
        "planned": _yes(entry.is_planned),
    }


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def _because(reason: str) -> dict[str, str]:
    """A reason as the change log keeps it: only where one was given."""
    reason = " ".join(reason.split())[: limits.LINE]
    return {"reason": reason} if reason else {}


def _kept(entry: TimelineEntry) -> TimelineEntry:
    """The entry as it is now, locked. Raises WrongState where it was taken out meanwhile."""
    fresh = TimelineEntry.objects.kept().select_for_update().filter(pk=entry.pk).first()
    if fresh is None:
        raise WrongState("This moment was removed meanwhile. Bring it back first, or add it anew.")
    return fresh


# --- Reading --------------------------------------------------------------------------------------------------------
def ordered(
    event: Event, *, light: bool = False, most: int | None = None, only: list[int] | None = None
) -> list[TimelineEntry]:
    """The kept entries in order, each with its event attached and the state of its dispute; `light` leaves long quotations out,
    `most` is how many at most, `only` are the keys of those that are asked for."""
    rows = TimelineEntry.objects.kept().filter(event=event).annotate(dispute_state=F("dispute__state")).in_order()
    rows = rows if only is None else rows.filter(pk__in=only)
    found = list((rows.defer("raw") if light else rows)[:most])
    for row in found:
        row.event = event
    return found


def outline_for_document(event: Event) -> list[Any]:
    """The marks of a page that shows the document, too: the entries themselves where it tells of all of them."""
    rows = ordered(event, most=MOST_IN_DOCUMENT + 1)
    return rows if len(rows) <= MOST_IN_DOCUMENT else outline.of(event)


def for_document(event: Event, marks: list[Any]) -> list[TimelineEntry]:
    """What a document tells of the timeline: all of it, or where no reader would read that, what carries the story."""
    if marks and isinstance(marks[0], TimelineEntry):
        return marks
    if len(marks) <= MOST_IN_DOCUMENT:
        return ordered(event)
    zero = timing.t_zero(event, marks)
    told = [m.pk for m in marks if timing.carries(m) or m.pk == event.t0_entry_id]
    first = [m.pk for m in marks if zero is not None and m.at == zero][:1]
    wanted = {*told[: MOST_IN_DOCUMENT - 1], *first}
    return loaded(event, [mark.pk for mark in marks if mark.pk in wanted])


def loaded(event: Event, pks: list[int]) -> list[TimelineEntry]:
    """These entries in this order, each with its event attached and the state of its dispute."""
    found = TimelineEntry.objects.filter(event=event).annotate(dispute_state=F("dispute__state")).in_bulk(pks)
    rows = [found[pk] for pk in pks if pk in found]
    for row in rows:
        row.event = event
    return rows


def removed_entry(event: Event, pk: int) -> TimelineEntry | None:
    """A moment that was taken out and can be brought back."""
    return TimelineEntry.objects.there().filter(event=event, pk=pk, removed_at__isnull=False).first() if pk else None


def removed(event: Event, *, of: int | None = None) -> list[TimelineEntry]:
    """Every moment that was taken out, the last one first; with `of` those that this person had added. Those of a record that
    was taken back as one come back as one, on its own page."""
    rows = TimelineEntry.objects.there().filter(event=event, removed_at__isnull=False)
    rows = rows.exclude(imported__undone_at=F("removed_at"))
    found = list((rows if of is None else rows.filter(created_by=of)).order_by("-removed_at", "-pk"))
    for row in found:
        row.event = event
    return found


@dataclass(frozen=True)
class Step:
    """One step of an entry's history: what was done, by whom, why, and the words that it replaced: (label, before, after)."""

    change: Change
    who: str
    reason: str
    replaced: list[tuple[str, str, str]]


def history(entry: TimelineEntry) -> list[Step]:
    """Who changed this entry and what it said before, newest first."""
    rows = Change.objects.filter(event_id=entry.event_id, subject=f"timelineentry:{entry.pk}")
    return [_step(row) for row in rows.select_related("actor").order_by("-seq")]


def _step(row: Change) -> Step:
    before, after = row.detail.get("before", {}), row.detail.get("after", {})
    replaced = [
        (label, str(before[name]) or "empty", str(after.get(name, "")) or "empty")
        for name, label in HISTORY.items()
        if name in before
    ]
    return Step(
        row, row.actor.name if row.actor else UNNAMED.get(row.what, ""), str(row.detail.get("reason", "")), replaced
    )
