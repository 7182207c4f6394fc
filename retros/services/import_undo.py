"""Takes a record that was brought in back as one, and brings it back as one. What people worked with since is named and stays."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from aar_site import clock
from retros import limits
from retros.live.log import WrongState, change
from retros.models import Change, Event, Import, ImportState, TimelineEntry
from retros.services import entries
from retros.services.states import check_open

SUBJECT = "timelineentry:"


def undo(imp: Import, *, by: Any, also: Iterable[int] = (), op: uuid.UUID | None = None) -> int:
    """Take the record's entries out, without those that people worked with since (those in `also` go too); how many went."""
    with change(imp.event, "timeline", "took a record back", by=by, op=op) as done:
        check_open(done.event)
        fresh = _locked(imp, ImportState.ADDED, "This record was taken back already.")
        now = clock.now()
        keep = {entry.pk for entry in worked_with(fresh)} - set(also)
        going = TimelineEntry.objects.kept().filter(imported=fresh).exclude(pk__in=keep)
        entries.leave(done.event, going)
        gone = going.update(removed_at=now)
        fresh.state, fresh.undone_at = ImportState.UNDONE, now
        fresh.save(update_fields=["state", "undone_at"])
        done.about(fresh, after={"removed": gone})
        return gone


def redo(imp: Import, *, by: Any, op: uuid.UUID | None = None) -> int:
    """Bring back what taking the record back removed, and nothing that went at another time; how many came."""
    with change(imp.event, "timeline", "brought a record back", by=by, op=op) as done:
        check_open(done.event)
        fresh = _locked(imp, ImportState.UNDONE, "This record is in the timeline already.")
        gone = TimelineEntry.objects.filter(imported=fresh, removed_at=fresh.undone_at)
        there = TimelineEntry.objects.kept().filter(event=done.event).count()
        if there + gone.count() > limits.ENTRIES_PER_EVENT:
            raise WrongState(
                f"A timeline holds at most {limits.ENTRIES_PER_EVENT:,} moments, and {there:,} are there now."
            )
        came = gone.update(removed_at=None)
        fresh.state, fresh.undone_at = ImportState.ADDED, None
        fresh.save(update_fields=["state", "undone_at"])
        done.about(fresh, after={"brought back": came})
        return came


def _locked(imp: Import, state: str, otherwise: str) -> Import:
    fresh = Import.objects.select_for_update().filter(pk=imp.pk, state=state).first()
    if fresh is None:
        raise WrongState(otherwise)
    return fresh


# --- Reading ----------------------------------------------------------------------------------------------------------
def worked_with(imp: Import) -> list[TimelineEntry]:
    """Entries of the record that stand on something people did since: edited, marked, disputed, evidence of a cause, T-0."""
    return worked_with_each(imp.event, [imp]).get(imp.pk, [])


def worked_with_each(event: Event, imports: list[Import]) -> dict[int, list[TimelineEntry]]:
    """The same for several records of an event, in three queries."""
    since = min((imp.added_at for imp in imports if imp.added_at), default=None)
    if since is None:
        return {}
    subjects = Change.objects.filter(event=event, at__gte=since, subject__startswith=SUBJECT)
    changed = {subject.removeprefix(SUBJECT) for subject in subjects.values_list("subject", flat=True)}
    own = TimelineEntry.objects.kept().filter(imported__in=imports)
    keys = {pk for pk in own.values_list("pk", flat=True) if str(pk) in changed or pk == event.t0_entry_id}
    keys |= set(own.exclude(supports=None, dispute=None).values_list("pk", flat=True))
    found: dict[int, list[TimelineEntry]] = defaultdict(list)
    for entry in TimelineEntry.objects.filter(pk__in=keys).in_order() if keys else []:
        entry.event = event
        found[entry.imported_id or 0].append(entry)
    return dict(found)


def remaining(imp: Import) -> int:
    """How many of the record's entries are in the timeline now."""
    return TimelineEntry.objects.kept().filter(imported=imp).count()
