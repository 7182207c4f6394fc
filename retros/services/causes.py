"""Causes: the verbs on the one tree that five whys and causal chain show, and on the links of causes that lead to two effects.

"Leads to" has one direction: a cause leads to the effect that it stands below, and to each effect that it is linked to. Whatever
would turn that into a circle is refused here, under the event's lock. Places (`rank`) are unique among the causes of one effect,
removed ones included, so that a removal comes back to where it was.
"""

import uuid
from collections import defaultdict
from typing import Any

from django.db.models import Max
from django.utils.text import Truncator

from aar_site import clock
from retros import limits
from retros.live.log import Stale, WrongState, change
from retros.models import Event, Meeting, NodeKind, SharedCause, State, TimelineEntry, WhyNode
from retros.services.states import check_open

GONE = "This was removed meanwhile. Bring it back first, or add it anew."
CIRCLE = "That would make it its own cause: “{}” leads to it already."
DEEP = f"Causes go {limits.WHY_DEPTH} levels deep. Add this as another branch higher up."
OTHERS = "Others wrote below it. Ask who keeps the notes to remove it, or change its words."
ESTABLISHED = "“{}” is marked “We can change this”, so a cause is established. Take that mark away first."
NO_LEVEL = f"Its branch would go below level {limits.WHY_DEPTH}. Put it higher up."


def add(
    event: Event,
    *,
    by: Any,
    op: uuid.UUID | None = None,
    parent: WhyNode | None = None,
    evidence: list[TimelineEntry] | None = None,
    is_discussed: bool = False,
    **fields: Any,
) -> WhyNode:
    """Add a cause at the end of what made `parent` possible; without one, another effect. Returns it."""
    with change(event, "analysis", "added a cause", by=by, op=op) as done:
        check_open(done.event)
        _check_not_full(done.event)
        above = _fresh_parent(done.event, parent)
        node = WhyNode(event=done.event, parent=above, rank=_end_of(done.event, above), created_by=by, **fields)
        _keep(node, evidence or None)
        if is_discussed:
            _discuss(done.event, node)
        done.about(node, after={"text": node.text})
        return node


def edit(
    node: WhyNode,
    *,
    by: Any,
    version: int,
    op: uuid.UUID | None = None,
    evidence: list[TimelineEntry] | None = None,
    **fields: Any,
) -> WhyNode:
    """Change a cause that the writer read at `version`. Raises Stale with the newer one."""
    with change(node.event, "analysis", "edited a cause", by=by, op=op) as done:
        check_open(done.event)
        fresh = _fresh(node)
        if fresh.version != version:
            raise Stale(fresh)
        before = fresh.text
        for name, value in fields.items():
            setattr(fresh, name, value)
        fresh.version += 1
        if evidence is not None:  # what is off the timeline was not offered; where it comes back, it is evidence again
            evidence = [*evidence, *fresh.evidence.exclude(removed_at=None)]
        _keep(fresh, evidence)
        done.about(fresh, before={"text": before}, after={"text": fresh.text})
        return fresh


def _keep(node: WhyNode, evidence: list[TimelineEntry] | None) -> None:
    if node.kind != NodeKind.DEFENCE:
        node.defence = ""
    # What the table refuses it refuses itself; asked beforehand, that would be two more questions for each.
    node.full_clean(exclude=["event", "created_by", "parent"], validate_constraints=False)
    node.save()
    if evidence is not None:
        node.evidence.set(evidence)
    if node.is_root_cause:
        _end_denial(node.event_id)


def remove(node: WhyNode, *, by: Any, is_keeper: bool = True, op: uuid.UUID | None = None) -> None:
    """Take a cause out; what is below goes with it. `restore` brings all of it back. Who does not keep the notes takes nobody
    else's words along."""
    with change(node.event, "analysis", "removed a cause", by=by, op=op) as done:
        check_open(done.event)
        if not is_keeper and _others_below(done.event, node, by):
            raise WrongState(OTHERS)
        WhyNode.objects.filter(pk=node.pk).update(removed_at=clock.now())
        done.about(node)


def restore(node: WhyNode, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Undo a removal, at the old place."""
    with change(node.event, "analysis", "brought back a cause", by=by, op=op) as done:
        check_open(done.event)
        _check_not_full(done.event)
        node.refresh_from_db()
        above = _fresh_parent(done.event, node.parent)
        if _level(done.event, above) + _height(done.event, node) > limits.WHY_DEPTH:
            raise WrongState(NO_LEVEL)
        WhyNode.objects.filter(pk=node.pk).update(removed_at=None)
        if _root_cause(done.event):  # it, or what came back with it
            _end_denial(done.event.pk)
        done.about(node)


def shift(node: WhyNode, *, is_up: bool, by: Any, op: uuid.UUID | None = None) -> None:
    """Change places with the neighbour above or below; at the end of the list nothing happens."""
    with change(node.event, "analysis", "moved a cause", by=by, op=op) as done:
        check_open(done.event)
        fresh = _fresh(node)
        siblings = WhyNode.objects.kept().filter(event=done.event, parent=fresh.parent_id)
        near = siblings.filter(rank__lt=fresh.rank).last() if is_up else siblings.filter(rank__gt=fresh.rank).first()
        if near:
            mine, theirs = fresh.rank, near.rank
            for row, rank in ((fresh, _end_of(done.event, fresh.parent)), (near, mine), (fresh, theirs)):
                WhyNode.objects.filter(pk=row.pk).update(rank=rank)
        done.about(fresh)


def place(node: WhyNode, *, below: WhyNode | None, by: Any, op: uuid.UUID | None = None) -> None:
    """Move a cause, with all that is below it, to the end of another effect's causes; below None it is an effect itself."""
    with change(node.event, "analysis", "moved a cause", by=by, op=op) as done:
        check_open(done.event)
        fresh, above = _fresh(node), _fresh_parent(done.event, below)
        if above is not None:
            _refuse_circle(done.event, cause=fresh, effect=above)
        if _level(done.event, above) + _height(done.event, fresh) > limits.WHY_DEPTH:
            raise WrongState(NO_LEVEL)
        if fresh.parent_id != (above.pk if above else None):
            SharedCause.objects.filter(cause=fresh, effect=above).delete()  # the place says what the link said
            WhyNode.objects.filter(pk=fresh.pk).update(parent=above, rank=_end_of(done.event, above))
        done.about(fresh)


def share(cause: WhyNode, *, effect: WhyNode, by: Any, op: uuid.UUID | None = None) -> SharedCause:
    """Link a cause to one more effect, or bring such a link back. Returns the link."""
    with change(cause.event, "analysis", "linked a cause to a second effect", by=by, op=op) as done:
        check_open(done.event)
        fresh, target = _fresh(cause), _fresh(effect)
        if target.event_id != done.event.pk or fresh.event_id != done.event.pk:
            raise WrongState(GONE)
        if fresh.parent_id == target.pk:
            raise WrongState("It stands below that effect already.")
        _refuse_circle(done.event, cause=fresh, effect=target)
        link, is_new = SharedCause.objects.get_or_create(
            cause=fresh, effect=target, defaults={"event": done.event, "created_by": by}
        )
        if not is_new:
            SharedCause.objects.filter(pk=link.pk).update(removed_at=None)
        done.about(link)
        return link


def unshare(link: SharedCause, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Take the link away; cause and effect stay where they are."""
    with change(link.event, "analysis", "took a link between causes away", by=by, op=op) as done:
        check_open(done.event)
        SharedCause.objects.filter(pk=link.pk).update(removed_at=clock.now())
        done.about(link)


def discuss(node: WhyNode, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Take everybody to this cause."""
    with change(node.event, "analysis", "took the room to a cause", by=by, op=op) as done:
        check_open(done.event)
        _discuss(done.event, _fresh(node))
        done.about(node)


def _discuss(event: Event, node: WhyNode) -> None:
    if event.state == State.MEETING:
        Meeting.objects.filter(event=event).update(cause=node)


def set_unknown(event: Event, *, is_unknown: bool, by: Any, op: uuid.UUID | None = None) -> None:
    """Record that the cause is not established (a legal answer), or take that back. Refused while a root cause is marked."""
    with change(event, "analysis", "said whether the cause is established", by=by, op=op) as done:
        check_open(done.event)
        if is_unknown and (root := _root_cause(done.event)):
            raise WrongState(ESTABLISHED.format(Truncator(root.text).chars(80)))
        Event.objects.filter(pk=done.event.pk).update(is_cause_unknown=is_unknown)


def _root_cause(event: Event) -> WhyNode | None:
    """The first cause that is marked as one that can be changed, with all above it still there."""
    marked = WhyNode.objects.kept().filter(event=event, is_root_cause=True)
    return next((node for node in marked if _level(event, node)), None)


def _end_denial(event: int) -> None:
    """A root cause takes back that none is established."""
    Event.objects.filter(pk=event).update(is_cause_unknown=False)


# --- Places: asked under the event's lock -----------------------------------------------------------------------------
def _fresh(node: WhyNode) -> WhyNode:
    fresh: WhyNode | None = WhyNode.objects.kept().select_for_update().filter(pk=node.pk).first()
    if fresh is None:
        raise WrongState(GONE)
    return fresh


def _check_not_full(event: Event) -> None:
    """A cause is a change with a number, so where there are fewer changes nothing is counted."""
    most = limits.CAUSES_PER_EVENT
    if event.change_seq >= most and WhyNode.objects.kept().filter(event=event).count() >= most:
        raise WrongState(f"An analysis holds at most {most:,} causes. Put some of them together first.")


def _fresh_parent(event: Event, parent: WhyNode | None) -> WhyNode | None:
    """The effect as it is now: of this event, still there with all above it, not at the deepest level."""
    if parent is None:
        return None
    fresh: WhyNode | None = WhyNode.objects.kept().filter(event=event, pk=parent.pk).first()
    level = _level(event, fresh)
    if fresh is None or level == 0:
        raise WrongState("The cause above was removed meanwhile. Bring it back, or add this elsewhere.")
    if level >= limits.WHY_DEPTH:
        raise WrongState(DEEP)
    return fresh


def _level(event: Event, node: WhyNode | None) -> int:
    """1 for an effect; 0 for none, and where something above is removed."""
    if node is None:
        return 0
    above = dict(WhyNode.objects.kept().filter(event=event).values_list("pk", "parent"))
    at: int | None = node.pk
    level = 0
    while at in above:
        level += 1
        if above[at] is None:
            return level
        at = above[at]
    return 0


def _height(event: Event, node: WhyNode) -> int:
    """Levels of the branch that begins with this node, itself included."""
    below = defaultdict(list)
    for pk, parent in WhyNode.objects.kept().filter(event=event).values_list("pk", "parent"):
        below[parent].append(pk)
    level, height = [node.pk], 0
    while level:
        height += 1
        level = [pk for parent in level for pk in below[parent]]
    return height


def _others_below(event: Event, node: WhyNode, user: Any) -> bool:
    below = defaultdict(list)
    for pk, parent, author in WhyNode.objects.kept().filter(event=event).values_list("pk", "parent", "created_by"):
        below[parent].append((pk, author))
    ahead = list(below[node.pk])
    while ahead:
        pk, author = ahead.pop()
        if author != user.pk:
            return True
        ahead += below[pk]
    return False


def _end_of(event: Event, parent: WhyNode | None) -> int:
    last = WhyNode.objects.filter(event=event, parent=parent).aggregate(last=Max("rank"))["last"]
    return 0 if last is None else last + 1


def _refuse_circle(event: Event, *, cause: WhyNode, effect: WhyNode) -> None:
    """Raises WrongState where the effect is the cause itself, or leads to it. Removed nodes count, because they can come back."""
    leads: dict[int | None, set[int | None]] = defaultdict(set)
    for pk, parent in WhyNode.objects.filter(event=event).exclude(parent=None).values_list("pk", "parent"):
        leads[pk].add(parent)
    for pk, other in SharedCause.objects.kept().filter(event=event).values_list("cause", "effect"):
        leads[pk].add(other)
    reached: set[int | None] = set()
    ahead: list[int | None] = [effect.pk]
    while ahead:
        at = ahead.pop()
        if at not in reached:
            reached.add(at)
            ahead += leads[at]
    if cause.pk in reached:
        raise WrongState(CIRCLE.format(str(effect).rstrip(".")))
