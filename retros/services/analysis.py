"""Causes, contributing factors and what went well: the three lists that a room writes together.

All three are parts of an event with a text, a place in their list, a version and an undone removal, so they share their
verbs. A why also has a parent: its place in the tree of causes.
"""

import uuid
from typing import Any

from django.db.models import Max, Model, Prefetch

from aar_site import clock
from retros import limits
from retros.live.log import Stale, WrongState, change
from retros.models import Event, Factor, TimelineEntry, WentWell, WhyNode
from retros.services.once import once
from retros.services.states import check_open

TOPICS: dict[type[Model], str] = {WhyNode: "analysis", Factor: "factors", WentWell: "went-well"}
NOUNS: dict[type[Model], str] = {WhyNode: "a cause", Factor: "a factor", WentWell: "what went well"}


def add(
    event: Event,
    model: type[Any],
    *,
    by: Any,
    op: uuid.UUID | None = None,
    parent: WhyNode | None = None,
    evidence: list[TimelineEntry] | None = None,
    **fields: Any,
) -> Any:
    """Add a part at the end of its list (a why: at the end of its parent's causes). Returns it."""
    with change(event, TOPICS[model], f"added {NOUNS[model]}", by=by, op=op) as done:
        check_open(done.event)
        siblings = model.objects.filter(event=done.event)
        if model is WhyNode:
            siblings = siblings.filter(parent=parent)
            fields["parent"] = _fresh_parent(done.event, parent)
        last = siblings.aggregate(last=Max("rank"))["last"]
        part = model(event=done.event, rank=0 if last is None else last + 1, created_by=by, **fields)
        part.full_clean(exclude=["event", "created_by"])
        part.save()
        if evidence is not None:
            part.evidence.set(evidence)
        _end_denial(part)
        done.about(part, after={"text": part.text})
        return part


def edit(
    part: Any,
    *,
    by: Any,
    version: int,
    op: uuid.UUID | None = None,
    evidence: list[TimelineEntry] | None = None,
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
        fresh.full_clean(exclude=["event", "created_by", "parent"])
        fresh.save()
        if evidence is not None:
            fresh.evidence.set(evidence)
        _end_denial(fresh)
        done.about(fresh, before={"text": before}, after={"text": fresh.text})
        return fresh


def remove(part: Any, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Take a part out of its list; of a why, its causes go with it. `restore` brings all of them back."""
    _set_removed(part, by=by, op=op, removed=True)


def restore(part: Any, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Undo a removal, at the old place."""
    _set_removed(part, by=by, op=op, removed=False)


def _set_removed(part: Any, *, by: Any, op: uuid.UUID | None, removed: bool) -> None:
    model = type(part)
    word = "removed" if removed else "brought back"
    with change(part.event, TOPICS[model], f"{word} {NOUNS[model]}", by=by, op=op) as done:
        check_open(done.event)
        if not removed and model is WhyNode:
            _fresh_parent(done.event, part.parent)
        model.objects.filter(pk=part.pk).update(removed_at=clock.now() if removed else None)
        if not removed:
            _end_denial(part)
        done.about(part)


def _end_denial(part: Any) -> None:
    """What is listed now takes back that there is nothing to list."""
    event = Event.objects.filter(pk=part.event_id)
    if isinstance(part, WentWell):
        event.update(went_well_none=False)
    elif isinstance(part, WhyNode) and part.is_root_cause:
        event.update(is_cause_unknown=False)


def set_cause_unknown(event: Event, *, is_unknown: bool, by: Any, op: uuid.UUID | None = None) -> None:
    """Record that the cause is not established (a legal answer), or take that back."""
    with change(event, "analysis", "said whether the cause is established", by=by, op=op) as done:
        check_open(done.event)
        Event.objects.filter(pk=done.event.pk).update(is_cause_unknown=is_unknown)


def set_went_well_none(event: Event, *, is_none: bool, by: Any, op: uuid.UUID | None = None) -> None:
    """Record that the room looked for what went well and found nothing. Refused while something is listed."""
    with change(event, "went-well", "said whether anything went well", by=by, op=op) as done:
        check_open(done.event)
        if is_none and WentWell.objects.kept().filter(event=done.event).exists():
            raise WrongState("Something is listed under what went well. Remove it first, or leave this.")
        Event.objects.filter(pk=done.event.pk).update(went_well_none=is_none)


def _fresh_parent(event: Event, parent: WhyNode | None) -> WhyNode | None:
    """The parent as it is now: of this event, still there, not at the deepest level."""
    if parent is None:
        return None
    fresh: WhyNode | None = WhyNode.objects.kept().filter(event=event, pk=parent.pk).first()
    depth, node = 1, fresh
    while node is not None and node.parent_id:
        node = WhyNode.objects.kept().filter(event=event, pk=node.parent_id).first()
        depth += 1
        if node is None:
            fresh = None
    if fresh is None:
        raise WrongState("The cause above was removed meanwhile. Bring it back, or add this elsewhere.")
    if depth >= limits.WHY_DEPTH:
        raise WrongState(f"Causes go {limits.WHY_DEPTH} levels deep. Add this as another branch higher up.")
    return fresh


# --- Reading --------------------------------------------------------------------------------------------------------
def causal_tree(event: Event) -> list[WhyNode]:
    """The effects, each node with its causes as `.children` (in order) and `.depth` (1 for effects). Two queries."""
    return once(event, "causes", _read_tree)


def _read_tree(event: Event) -> list[WhyNode]:
    moments = Prefetch("evidence", TimelineEntry.objects.kept().in_order())  # not those that were taken out since
    nodes = list(WhyNode.objects.kept().filter(event=event).prefetch_related(moments))
    by_parent: dict[int | None, list[WhyNode]] = {}
    for node in nodes:
        by_parent.setdefault(node.parent_id, []).append(node)
    level, depth = by_parent.get(None, []), 1
    effects = level
    while level:
        for node in level:
            node.children = by_parent.get(node.pk, [])  # type: ignore[attr-defined]
            node.depth = depth  # type: ignore[attr-defined]
        level, depth = [child for node in level for child in node.children], depth + 1  # type: ignore[attr-defined]
    return effects


def every(nodes: list[WhyNode]) -> list[WhyNode]:
    """The nodes of `causal_tree`, each followed by all that is below it."""
    return [n for node in nodes for n in [node, *every(node.children)]]  # type: ignore[attr-defined]


def deepest(effects: list[WhyNode]) -> int:
    """Levels of the deepest branch; 0 without any effect."""
    return max((max(node.depth, deepest(node.children)) for node in effects), default=0)  # type: ignore[attr-defined]


def end_nodes(effects: list[WhyNode]) -> list[WhyNode]:
    """The nodes where a branch stops today: those below an effect that have no cause of their own."""
    found = []
    for node in effects:
        if node.children:  # type: ignore[attr-defined]
            found += end_nodes(node.children)  # type: ignore[attr-defined]
        elif node.parent_id:
            found.append(node)
    return found
