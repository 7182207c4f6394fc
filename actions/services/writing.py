"""Writing an action: propose it, change what it says, promise it, take it back, or decide that none follows."""

import uuid
from datetime import date, timedelta
from textwrap import shorten
from typing import Any

from django.db.models import Max

from aar_site import clock
from actions.models import CLOSED, Action, Status
from actions.services.ground import (
    FIELDS,
    Incomplete,
    changed,
    check_reviewed,
    fill,
    gaps,
    needed,
    promise,
    save,
    values,
)
from retros.live.log import Stale, WrongState, change
from retros.models import Change, Event, RoomNote

LOOKED = "looked at an open action of an earlier review"


def keep(
    event: Event,
    *,
    by: Any,
    may_commit: bool,
    idea: RoomNote | None = None,
    op: uuid.UUID | None = None,
    **fields: Any,
) -> Action:
    """Add an action: committed at once if it is complete and the person may commit, otherwise proposed. The parked idea that
    it was made from is taken off the list; `take_back` puts it there again."""
    topics = "actions,notes" if idea else "actions"
    with change(event, topics, "proposed an action", by=by, op=op) as done:
        check_reviewed(done.event)
        last = Action.objects.filter(event=done.event).aggregate(last=Max("rank"))["last"]
        action = Action(event=done.event, created_by=by, rank=0 if last is None else last + 1)
        fill(action, fields)
        if may_commit and not gaps(action):
            done.what = "committed to an action"
            promise(action)
        save(action)
        done.about(action, after=values(action, FIELDS), status=action.status)
        if idea and RoomNote.objects.kept().filter(pk=idea.pk, became="").update(became=f"action:{action.pk}"):
            done.detail["idea"] = idea.pk
        return action


def take_back(action: Action, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Undo of writing it: it is gone, while it is fresh and nobody did anything with it. Later it is dropped, with a reason."""
    born = Change.objects.filter(event=action.event, subject=f"action:{action.pk}").order_by("seq").first()
    idea = born.detail.get("idea") if born else None
    with change(action.event, "actions,notes" if idea else "actions", "took an action back", by=by, op=op) as done:
        fresh = Action.objects.select_for_update().filter(pk=action.pk).first()
        if fresh is None:
            return  # by another window of the same person, who meant the same
        if not is_fresh(fresh):
            raise WrongState("It was written a while ago, or changed since. Drop it with a reason instead.")
        done.about(fresh, before=values(fresh, ("title",)))
        if idea:
            RoomNote.objects.filter(pk=idea, became=f"action:{fresh.pk}").update(became="")
        fresh.delete()


def is_fresh(action: Action) -> bool:
    """Whether it is as it was first written, within the hour."""
    return action.version == 1 and clock.now() - action.created_at < timedelta(hours=1)


def commit(action: Action, *, by: Any, op: uuid.UUID | None = None) -> Action:
    """Make a proposal a promise. Raises Incomplete, which names each missing thing."""
    with changed(action, "committed to an action", by=by, op=op, allowed=(Status.PROPOSED,)) as (fresh, done):
        promise(fresh)
        done.about(fresh, after=values(fresh, ("owner", "due_on", "size")), status=fresh.status)
        return fresh


def edit(
    action: Action, *, by: Any, version: int, op: uuid.UUID | None = None, then_commit: bool = False, **fields: Any
) -> Action:
    """Change what an action says, read at `version`. Raises Stale with the newer action, Incomplete where it would no longer
    be whole. A committed action's date is moved by `redate` and its owner by `hand_over`, which ask for a reason."""
    with changed(action, "edited an action", by=by, op=op) as (fresh, done):
        if fresh.version != version:
            raise Stale(fresh)
        if fresh.status in CLOSED:
            raise WrongState("This action is closed. Open it again first, then change it.")
        before = values(fresh, FIELDS)
        fill(fresh, fields)
        if fresh.status != Status.PROPOSED:
            _check_still_whole(fresh, before)
        elif then_commit:
            done.what = "committed to an action"
            promise(fresh)
        after = values(fresh, FIELDS)
        differ = [name for name in FIELDS if before[name] != after[name]]
        done.about(
            fresh,
            before={name: before[name] for name in differ},
            after={name: after[name] for name in differ},
            status=fresh.status,
        )
        return fresh


def _check_still_whole(action: Action, before: dict[str, Any]) -> None:
    after = values(action, ("owner", "due_on"))
    if after["due_on"] != before["due_on"]:
        raise WrongState("A committed date moves with a reason: use “New date” on the action’s page.")
    if after["owner"] != before["owner"]:
        raise WrongState("A committed action changes hands with a word on why: use “Hand over” on its page.")
    missing = [gap for gap in gaps(action) if gap.field in {"size", "closed_when"}]
    if missing:
        raise Incomplete(missing)


def decide_not_to_act(
    event: Event,
    *,
    by: Any,
    reason: str,
    review_on: date | None = None,
    factor: Any = None,
    cause: Any = None,
    op: uuid.UUID | None = None,
) -> Action:
    """Record that no action follows: from the review, or from one factor or cause of it; why, and when it is looked at again."""
    reason = needed(reason)
    with change(event, "actions", "decided not to act", by=by, op=op) as done:
        check_reviewed(done.event)
        about = cause or factor
        title = (
            f"Decided not to act on “{shorten(about.text, 240, placeholder='…')}”" if about else "Decided not to act"
        )
        action = Action(event=done.event, created_by=by, title=title, drop_reason=reason, review_on=review_on)
        fill(action, {"factor": factor, "cause": cause})
        action.status, action.closed_at = Status.DROPPED, clock.now()
        save(action)
        done.about(action, reason=reason, status=action.status)
        return action


def look_at(event: Event, action: Action, *, by: Any, way: str, op: uuid.UUID | None = None) -> None:
    """Record that this meeting looked at an open action of an earlier review, and what came of it."""
    with change(event, "actions", LOOKED, by=by, op=op) as done:
        check_reviewed(done.event)
        done.about(action, way=way)


def looked_at(event: Event) -> dict[int, str]:
    """Open actions of earlier reviews that this review looked at, by key: what came of it last. One query."""
    rows = Change.objects.filter(event=event, what=LOOKED).order_by("seq").values_list("subject", "detail")
    return {int(subject.partition(":")[2]): detail.get("way", "") for subject, detail in rows}
