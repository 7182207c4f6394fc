"""Contributing factors and what went well: two lists that a room writes together.

Both are parts of an event with a text, a place in their list, a version and an undone removal, so they share their verbs.
"""

import uuid
from typing import Any

from django.db.models import Max, Model

from aar_site import clock
from retros.live.log import Stale, WrongState, change
from retros.models import Event, Factor, WentWell
from retros.services.states import check_open

TOPICS: dict[type[Model], str] = {Factor: "factors", WentWell: "went-well"}
NOUNS: dict[type[Model], str] = {Factor: "a factor", WentWell: "what went well"}


def add(
    event: Event,
    model: type[Any],
    *,
    by: Any,
    op: uuid.UUID | None = None,
    **fields: Any,
) -> Any:
    """Add a part at the end of its list. Returns it."""
    with change(event, TOPICS[model], f"added {NOUNS[model]}", by=by, op=op) as done:
        check_open(done.event)
        siblings = model.objects.filter(event=done.event)
        last = siblings.aggregate(last=Max("rank"))["last"]
        part = model(event=done.event, rank=0 if last is None else last + 1, created_by=by, **fields)
        part.full_clean(exclude=["event", "created_by"])
        part.save()
        _end_denial(part)
        done.about(part, after={"text": part.text})
        return part


def edit(
    part: Any,
    *,
    by: Any,
    version: int,
    op: uuid.UUID | None = None,
    **fields: Any,
) -> Any:
    """Change a part that the writer read at `version`. Raises Stale with the newer part."""
    model = type(part)
    with change(part.event, TOPICS[model], f"edited {NOUNS[model]}", by=by, op=op) as done:
        check_open(done.event)
        fresh = model.objects.kept().select_for_update().filter(pk=part.pk).first()
        if fresh is None:
            raise WrongState("This was removed meanwhile. Bring it back first, or add it anew.")
        if fresh.version != version:
            raise Stale(fresh)
        before = fresh.text
        for name, value in fields.items():
            setattr(fresh, name, value)
        fresh.version += 1
        fresh.full_clean(exclude=["event", "created_by"])
        fresh.save()
        _end_denial(fresh)
        done.about(fresh, before={"text": before}, after={"text": fresh.text})
        return fresh


def remove(part: Any, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Take a part out of its list. `restore` brings it back."""
    _set_removed(part, by=by, op=op, removed=True)


def restore(part: Any, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Undo a removal, at the old place."""
    _set_removed(part, by=by, op=op, removed=False)


def _set_removed(part: Any, *, by: Any, op: uuid.UUID | None, removed: bool) -> None:
    model = type(part)
    word = "removed" if removed else "brought back"
    with change(part.event, TOPICS[model], f"{word} {NOUNS[model]}", by=by, op=op) as done:
        check_open(done.event)
        model.objects.filter(pk=part.pk).update(removed_at=clock.now() if removed else None)
        if not removed:
            _end_denial(part)
        done.about(part)


def _end_denial(part: Any) -> None:
    """What is listed now takes back that there is nothing to list."""
    event = Event.objects.filter(pk=part.event_id)
    if isinstance(part, WentWell):
        event.update(went_well_none=False)


def set_went_well_none(event: Event, *, is_none: bool, by: Any, op: uuid.UUID | None = None) -> None:
    """Record that the room looked for what went well and found nothing. Refused while something is listed."""
    with change(event, "went-well", "said whether anything went well", by=by, op=op) as done:
        check_open(done.event)
        if is_none and WentWell.objects.kept().filter(event=done.event).exists():
            raise WrongState("Something is listed under what went well. Remove it first, or leave this.")
        Event.objects.filter(pk=done.event.pk).update(went_well_none=is_none)
