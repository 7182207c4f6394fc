"""Disputes: remember a moment differently, and settle on one view, keep both, leave it for the room, or open it again.

The entry is what the timeline says; what each person remembers stands beside it and is never written over. A view may give
another time, another order (before or after a moment) and another text, and its author may say how they know.
"""

import uuid
from datetime import datetime
from typing import Any

from aar_site import clock
from retros import timing
from retros.live.log import Stale, WrongState, change
from retros.models import Dispute, Event, Precision, Recollection, Resolution, TimelineEntry
from retros.services.states import check_open
from retros.when import When

SAID = ("at_text", "text", "other", "is_before", "note", "source", "source_label", "source_url")
TIME = ("at", "utc_offset", "precision", "at_text")
DECIDED = {Resolution.ROOM, Resolution.KEPT, Resolution.SETTLED}
MOST_VIEWS = 20


def remember(
    entry: TimelineEntry, *, by: Any, when: When | None, op: uuid.UUID | None = None, **said: Any
) -> Recollection:
    """Put an own view beside an entry. The first one opens the dispute and keeps what the entry says as its original view;
    one that comes after a decision opens it again, with the decision in the history."""
    with change(entry.event, "timeline", "remembered a moment differently", by=by, op=op) as done:
        check_open(done.event)
        fresh = _entry(done.event, entry)
        dispute = Dispute.objects.filter(entry=fresh).first() or _open(done.event, fresh, by)
        if dispute.recollections.kept().count() > MOST_VIEWS:  # type: ignore[attr-defined]
            raise WrongState("There are twenty views of this moment already. Talk about it in the room.")
        view = Recollection(event=done.event, dispute=dispute, author=by)
        _say(view, fresh, when, said)
        _open_again(dispute)
        done.about(fresh, dispute=dispute.pk)
        return view


def edit(
    view: Recollection, *, by: Any, version: int, when: When | None, op: uuid.UUID | None = None, **said: Any
) -> Recollection:
    """Change an own view that was read at `version`; raises Stale where it was saved elsewhere meanwhile. The history keeps
    what it said, and a view that was decided upon stays as it was."""
    with change(view.event, "timeline", "changed their view of a moment", by=by, op=op) as done:
        check_open(done.event)
        fresh = Recollection.objects.kept().select_related("dispute__entry").filter(pk=view.pk).first()
        if fresh is None:
            raise WrongState("This view was taken back meanwhile. Bring it back first, or write it anew.")
        if fresh.dispute.state in DECIDED:
            raise WrongState("This was decided meanwhile. Open it again first, or add another view.")
        if fresh.version != version:
            raise Stale(fresh)
        fresh.event, before = done.event, _words(fresh)
        _say(fresh, fresh.dispute.entry, when, said)
        done.about(fresh.dispute.entry, dispute=fresh.dispute_id, before=before)
        return fresh


def set_removed(view: Recollection, *, by: Any, removed: bool, op: uuid.UUID | None = None) -> None:
    """Take a view back, or bring it back. Without a view beside the original there is nothing left to settle."""
    words = "took their view of a moment back" if removed else "brought a view of a moment back"
    with change(view.event, "timeline", words, by=by, op=op) as done:
        check_open(done.event)
        dispute = Dispute.objects.select_related("entry").get(pk=view.dispute_id)
        if dispute.state in DECIDED:
            raise WrongState("This was decided meanwhile. Open it again before a view is taken back.")
        if view.is_original:
            raise WrongState("What the timeline said first stays beside the other views.")
        Recollection.objects.filter(pk=view.pk).update(removed_at=clock.now() if removed else None)
        is_left = Recollection.objects.kept().filter(dispute=dispute, is_original=False).exists()
        dispute.state = Resolution.OPEN if is_left else Resolution.WITHDRAWN
        _store(dispute)
        done.about(dispute.entry, dispute=dispute.pk)


def settle(
    dispute: Dispute, *, by: Any, view: Recollection, reason: str, version: int, op: uuid.UUID | None = None
) -> None:
    """Settle on one view: the entry takes its time, place and words. Every view stays readable."""
    with change(dispute.event, "timeline", "settled a moment on one view", by=by, op=op) as done:
        fresh = _undecided(done.event, dispute, version)
        entry = _entry(done.event, fresh.entry)
        chosen = fresh.recollections.kept().filter(pk=view.pk).select_related("other").first()  # type: ignore[attr-defined]
        if chosen is None:
            raise WrongState("This view was taken back meanwhile. Look again.")
        former, before = _former(entry), _entry_words(entry)
        former["ranks"] = _take_over(entry, chosen, kinds_of(fresh))
        former["version"] = entry.version
        fresh.recollections.update(is_chosen=False)  # type: ignore[attr-defined]
        fresh.recollections.filter(pk=chosen.pk).update(is_chosen=True)  # type: ignore[attr-defined]
        _decide(fresh, Resolution.SETTLED, by, reason, former)
        done.about(entry, dispute=fresh.pk, **_differing(before, _entry_words(entry)), reason=fresh.reason)


def keep(dispute: Dispute, *, by: Any, reason: str, version: int, op: uuid.UUID | None = None) -> None:
    """Keep all views as they are: nobody can know, or each is true from where its author stood."""
    with change(dispute.event, "timeline", "kept both views of a moment", by=by, op=op) as done:
        fresh = _undecided(done.event, dispute, version)
        _decide(fresh, Resolution.KEPT, by, reason, {})
        done.about(fresh.entry, dispute=fresh.pk, reason=fresh.reason)


def leave(dispute: Dispute, *, by: Any, reason: str = "", version: int, op: uuid.UUID | None = None) -> None:
    """Leave it for the room, where those who were there sit together."""
    with change(dispute.event, "timeline", "left a moment for the room", by=by, op=op) as done:
        fresh = _undecided(done.event, dispute, version)
        _decide(fresh, Resolution.ROOM, by, reason, {})
        done.about(fresh.entry, dispute=fresh.pk, reason=fresh.reason)


def reopen(dispute: Dispute, *, by: Any, version: int, op: uuid.UUID | None = None) -> None:
    """Take the decision back. What a settlement changed on the entry is taken back too, where nobody changed it since."""
    with change(dispute.event, "timeline", "opened a settled moment again", by=by, op=op) as done:
        check_open(done.event)
        fresh = _read_at(dispute, version)
        if fresh.state not in DECIDED:
            raise WrongState("This is open already.")
        entry = _entry(done.event, fresh.entry)
        before = _entry_words(entry)
        if fresh.former and entry.version == fresh.former.get("version"):
            _give_back(entry, fresh.former)
        elif not fresh.former and (first := _first_view(entry, fresh)):
            _take_over(entry, first, kinds_of_view(first))
        done.about(entry, dispute=fresh.pk, **_differing(before, _entry_words(entry)), reason=fresh.reason)
        _open_again(fresh)


def kinds_of(dispute: Dispute) -> set[str]:
    """In what the views differ from the original one: time, order, fact."""
    found = set()
    for view in dispute.recollections.kept().filter(is_original=False):  # type: ignore[attr-defined]
        found |= kinds_of_view(view)
    return found


def kinds_of_view(view: Recollection) -> set[str]:
    """What one view speaks of."""
    says = {
        "time": view.at is not None or view.at_text,
        "order": view.other_id is not None,
        "fact": view.text,
    }
    return {kind for kind, is_said in says.items() if is_said}


# --- Writing, inside a change ---------------------------------------------------------------------------------------
def _open(event: Event, entry: TimelineEntry, by: Any) -> Dispute:
    dispute = Dispute.objects.create(event=event, entry=entry, created_by=by)
    Recollection.objects.create(
        event=event,
        dispute=dispute,
        is_original=True,  # without an author: whoever wrote it down need not be who saw it, and its source is named
        text=entry.text,
        source=entry.source,
        source_label=entry.source_label,
        source_url=entry.source_url,
        **{name: getattr(entry, name) for name in TIME},
    )
    return dispute


def _say(view: Recollection, entry: TimelineEntry, when: When | None, said: dict[str, Any]) -> None:
    for name, value in said.items():
        if name in SAID:
            setattr(view, name, value)
    if view.other_id in {entry.pk} or (view.other and view.other.event_id != entry.event_id):
        raise WrongState("Choose another moment of this timeline to say what came first.")
    view.at, view.utc_offset = (when.at, when.offset) if when else (None, None)
    view.precision = when.precision if when else Precision.APPROX
    view.version += 0 if view._state.adding else 1
    view.full_clean(exclude=["event", "dispute", "author", "other"])
    view.validate_constraints()
    view.save()


def _entry(event: Event, entry: TimelineEntry) -> TimelineEntry:
    fresh = TimelineEntry.objects.kept().select_for_update().filter(pk=entry.pk).first()
    if fresh is None:
        raise WrongState("This moment was removed meanwhile. Bring it back first.")
    fresh.event = event
    return fresh


def _read_at(dispute: Dispute, version: int) -> Dispute:
    """The dispute as it is now. Raises Stale where somebody added to it or decided it since it was read."""
    fresh = Dispute.objects.select_related("entry").get(pk=dispute.pk)
    if fresh.version != version:
        raise Stale(fresh)
    return fresh


def _undecided(event: Event, dispute: Dispute, version: int) -> Dispute:
    """The dispute as it is now. What was left for the room can be decided; anything else is opened again first."""
    check_open(event)
    fresh = _read_at(dispute, version)
    if fresh.state not in {Resolution.OPEN, Resolution.ROOM}:
        raise WrongState("This is decided already. Open it again first.")
    return fresh


def _decide(dispute: Dispute, state: Resolution, by: Any, reason: str, former: dict[str, Any]) -> None:
    dispute.state, dispute.reason, dispute.former = state, reason.strip(), former
    dispute.resolved_by, dispute.resolved_at = by, clock.now()
    _store(dispute)


def _open_again(dispute: Dispute) -> None:
    dispute.recollections.update(is_chosen=False)  # type: ignore[attr-defined]
    dispute.state, dispute.reason, dispute.former = Resolution.OPEN, "", {}
    dispute.resolved_by = dispute.resolved_at = None
    _store(dispute)


def _store(dispute: Dispute) -> None:
    dispute.version += 1
    dispute.full_clean(exclude=["event", "entry", "created_by", "resolved_by"])
    dispute.validate_constraints()
    dispute.save()


def _former(entry: TimelineEntry) -> dict[str, Any]:
    """Everything that a settlement can change, as it stood."""
    moments = {name: value.isoformat() if (value := getattr(entry, name)) else None for name in MOMENTS}
    return {**moments, **{name: getattr(entry, name) for name in PLAIN}}


MOMENTS = ("at", "until", "sort_at")
PLAIN = ("utc_offset", "precision", "at_text", "text", "rank")


def _first_view(entry: TimelineEntry, dispute: Dispute) -> Recollection | None:
    """The original view of a moment that came in with a file, settled: the file does not say what the settlement changed. None
    where the moment was changed since, or does not say what was settled on."""
    views = dispute.recollections.kept()  # type: ignore[attr-defined]
    chosen: Recollection | None = views.filter(is_chosen=True).first()
    if chosen is None or entry.version > 1 or chosen.text not in {"", entry.text} or chosen.at not in {None, entry.at}:
        return None
    original: Recollection | None = views.filter(is_original=True).first()
    return original


def _give_back(entry: TimelineEntry, former: dict[str, Any]) -> None:
    for name in MOMENTS:
        setattr(entry, name, datetime.fromisoformat(former[name]) if former[name] else None)
    for name in PLAIN:
        setattr(entry, name, former[name])
    entry.version += 1
    entry.save()
    for pk, rank in former.get("ranks", {}).items():
        TimelineEntry.objects.filter(event=entry.event, pk=int(pk)).update(rank=rank)


def _take_over(entry: TimelineEntry, view: Recollection, kinds: set[str]) -> dict[str, int]:
    """Let the entry say what the view says, of what is disputed. Returns the former ranks of others that had to make room."""
    says = kinds & kinds_of_view(view)
    moved: dict[str, int] = {}
    if "time" in says:
        for name in TIME:
            setattr(entry, name, getattr(view, name))
        entry.sort_at = entry.at or entry.sort_at
    if "fact" in says:
        entry.text = view.text
    if "order" in says and view.other:
        moved = _place(entry, view.other, is_before=view.is_before)
    if entry.until and entry.at and entry.until < entry.at:
        entry.until = None
    entry.version += 1
    entry.full_clean(exclude=["event", "created_by"])
    entry.validate_constraints()
    entry.save()
    return moved


def _place(entry: TimelineEntry, other: TimelineEntry, *, is_before: bool) -> dict[str, int]:
    """Put an entry right before or after another. A time that contradicts the order becomes "about" the other's time: the
    order was settled, so the clock cannot be right."""
    there = other.sort_at
    if entry.at is not None and there is not None and entry.at != there:
        if (entry.at < there) == is_before:
            return {}
        entry.at, entry.utc_offset, entry.precision = there, other.utc_offset, Precision.APPROX
    entry.sort_at = there
    near = TimelineEntry.objects.kept().filter(event_id=entry.event_id, sort_at=there).exclude(pk=entry.pk)
    rows = list(near.in_order())
    ranks = sorted([row.rank for row in rows] + [entry.rank])
    if len(set(ranks)) < len(ranks):
        ranks = list(range(ranks[0], ranks[0] + len(ranks)))
    place = next((i for i, row in enumerate(rows) if row.pk == other.pk), len(rows)) + (0 if is_before else 1)
    former = {str(row.pk): row.rank for row in rows}
    rows.insert(place, entry)
    for row, rank in zip(rows, ranks, strict=True):
        row.rank = rank
    TimelineEntry.objects.bulk_update([row for row in rows if row.pk != entry.pk], ["rank"])
    return former


def _entry_words(entry: TimelineEntry) -> dict[str, str]:
    return {"when": timing.clock_label(entry), "text": entry.text}


def _differing(before: dict[str, str], after: dict[str, str]) -> dict[str, dict[str, str]]:
    """What the history shows of a change."""
    names = [name for name in before if before[name] != after[name]]
    return {"before": {name: before[name] for name in names}, "after": {name: after[name] for name in names}}


def _words(view: Recollection) -> dict[str, str]:
    """What the history keeps of a view that was changed."""
    order = f"{'before' if view.is_before else 'after'} \u201c{view.other.text[:60]}\u201d" if view.other else ""
    told = {"when": timing.clock_label(view) if view.at or view.at_text else order, "text": view.text or view.note}
    return {name: words for name, words in told.items() if words}
