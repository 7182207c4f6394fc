"""Every honest way an action moves or ends: begun, blocked, done, checked, dropped, given a new date or another owner, split,
opened again."""

import uuid
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max

from aar_site import clock
from aar_site.outbox import mail
from aar_site.words import day_month_year
from actions.models import CLOSED, OPEN, Action, Nudge, Status
from actions.services.ground import (
    CHECK_AFTER_DAYS,
    UNOWNED_LEVEL,
    changed,
    needed,
    promise,
    save,
    today_of,
    values,
    zone_of,
)
from retros.live.log import Stale, WrongState


def start(action: Action, *, by: Any, op: uuid.UUID | None = None, note: str = "") -> Action:
    """Say that work has begun."""
    with changed(action, "started an action", by=by, op=op, allowed=(Status.COMMITTED,)) as (fresh, done):
        fresh.status = Status.IN_PROGRESS
        done.about(fresh, reason=note.strip(), status=fresh.status)
        return fresh


def block(action: Action, *, by: Any, reason: str, op: uuid.UUID | None = None) -> Action:
    """Say what is in the way. Reminders go on, because a blocked action needs somebody's decision."""
    reason = needed(reason)
    with changed(action, "said what is in the way", by=by, op=op, allowed=OPEN) as (fresh, done):
        fresh.status, fresh.blocked_reason = Status.BLOCKED, reason
        done.about(fresh, reason=reason, status=fresh.status)
        return fresh


def unblock(action: Action, *, by: Any, op: uuid.UUID | None = None, note: str = "") -> Action:
    """Say that nothing is in the way any more; it is in progress again."""
    with changed(action, "unblocked an action", by=by, op=op, allowed=(Status.BLOCKED,)) as (fresh, done):
        done.about(fresh, reason=note.strip(), before={"blocked_reason": fresh.blocked_reason}, status="in_progress")
        fresh.status, fresh.blocked_reason = Status.IN_PROGRESS, ""
        return fresh


def close(action: Action, *, by: Any, evidence: str, op: uuid.UUID | None = None) -> Action:
    """Done, with what shows it. Nothing is sent for it any more."""
    evidence = needed(evidence)
    with changed(action, "closed an action", by=by, op=op, allowed=OPEN) as (fresh, done):
        fresh.status, fresh.evidence, fresh.closed_at = Status.DONE, evidence, clock.now()
        fresh.blocked_reason = ""
        done.about(fresh, reason=evidence, status=fresh.status)
        return fresh


def check_effect(action: Action, *, by: Any, note: str, op: uuid.UUID | None = None) -> Action:
    """Thirty days after it was done: it did what it was for. If it did not, `reopen` it."""
    note = needed(note)
    with changed(action, "checked an action’s effect", by=by, op=op, allowed=(Status.DONE,)) as (fresh, done):
        on = effect_due(fresh)
        if on is None or today_of(fresh) < on:
            raise WrongState(
                f"The effect shows after a while. It can be checked from {day_month_year(on)} on." if on else ""
            )
        fresh.status = Status.CHECKED
        done.about(fresh, reason=note, status=fresh.status)
        return fresh


def effect_due(action: Action) -> date | None:
    """From which day on the effect of a done action can be checked; None for any other."""
    closed = closed_on(action)
    return closed + timedelta(days=CHECK_AFTER_DAYS) if closed and action.status == Status.DONE else None


def closed_on(action: Action) -> date | None:
    """The day on which it was closed, where its owner is; None while it is open."""
    return action.closed_at.astimezone(ZoneInfo(zone_of(action))).date() if action.closed_at else None


def drop(action: Action, *, by: Any, reason: str, op: uuid.UUID | None = None) -> Action:
    """Decide against it, with a reason. A legal outcome."""
    reason = needed(reason)
    allowed = (Status.PROPOSED, *OPEN)
    with changed(action, "dropped an action", by=by, op=op, allowed=allowed) as (fresh, done):
        fresh.status, fresh.drop_reason, fresh.closed_at = Status.DROPPED, reason, clock.now()
        fresh.blocked_reason = ""
        done.about(fresh, reason=reason, status=fresh.status)
        return fresh


def stay(action: Action, *, by: Any, note: str, review_on: date | None = None, op: uuid.UUID | None = None) -> Action:
    """Looked at again: it is still not done, for a reason that still holds; and perhaps another day to look at it."""
    note = needed(note)
    with changed(action, "looked again at what was decided against", by=by, op=op, allowed=(Status.DROPPED,)) as (
        fresh,
        done,
    ):
        before, fresh.review_on = str(fresh.review_on or ""), review_on
        done.about(
            fresh,
            before={"review_on": before},
            after={"review_on": str(review_on or "")},
            reason=note,
            status=fresh.status,
        )
        return fresh


def redate(action: Action, *, by: Any, due_on: date, reason: str, op: uuid.UUID | None = None) -> Action:
    """A new date, with a reason; counted, because three of them ask another question than one."""
    reason = needed(reason)
    with changed(action, "gave an action a new date", by=by, op=op, allowed=OPEN) as (fresh, done):
        before = fresh.due_on
        _redate(fresh, due_on)
        done.about(
            fresh, before={"due_on": str(before)}, after={"due_on": str(due_on)}, reason=reason, status=fresh.status
        )
        return fresh


def _redate(action: Action, due_on: date) -> None:
    today = today_of(action)
    if due_on < today:
        raise WrongState(f"{day_month_year(due_on)} has passed. Enter a date from {day_month_year(today)} onward.")
    if due_on == action.due_on:
        raise WrongState("That is the date it has. Enter another one, or leave it.")
    action.due_on, action.due_text = due_on, ""
    action.redated_count += 1


def hand_over(action: Action, *, by: Any, owner: Any, reason: str = "", op: uuid.UUID | None = None) -> Action:
    """Give it to somebody else, who is then the one owner."""
    allowed = (Status.PROPOSED, *OPEN)
    with changed(action, "handed an action over", by=by, op=op, allowed=allowed) as (fresh, done):
        if not owner.is_active:
            raise WrongState(f"{owner.name} cannot sign in any more. Choose somebody else.")
        if fresh.owner_id == owner.pk:
            raise WrongState(f"{owner.name} owns it already.")
        before = values(fresh, ("owner",))
        _give(fresh, owner, by, reason)
        done.about(fresh, before=before, after=values(fresh, ("owner",)), reason=reason.strip(), status=fresh.status)
        return fresh


def _give(action: Action, owner: Any, by: Any, reason: str) -> None:
    """Make somebody the one owner, who is told unless they took it themselves."""
    action.owner, action.owner_text = owner, ""
    Nudge.objects.filter(action=action, level=UNOWNED_LEVEL).delete()  # should the next one leave, it is told again
    if owner != by:
        key = f"{action.pk}:{action.version}"
        mail.post("handed_over", key, template="handed_over", context=_told(action, by, reason), person=owner)


def _told(action: Action, by: Any, reason: str) -> dict[str, Any]:
    return {
        "action": action,
        "review": action.event.title,
        "giver": by,
        "reason": reason.strip(),
        "address": f"{settings.BASE_URL}/actions/{action.pk}/",
    }


def split(
    action: Action,
    *,
    by: Any,
    title: str,
    closed_when: str,
    due_on: date,
    rest_title: str,
    version: int,
    op: uuid.UUID | None = None,
) -> tuple[Action, Action]:
    """Keep the part that can close by `due_on` under this number; the rest becomes a proposal of its own, with this origin.
    Raises Stale with the newer action where it is not at `version` any more."""
    with changed(action, "split an action", by=by, op=op, allowed=OPEN) as (fresh, done):
        if fresh.version != version:
            raise Stale(fresh)
        before = values(fresh, ("title", "closed_when", "due_on"))
        if due_on != fresh.due_on or fresh.due_on < today_of(fresh):
            _redate(fresh, due_on)
        fresh.title, fresh.closed_when = title.strip(), closed_when.strip()
        last = Action.objects.filter(event=done.event).aggregate(last=Max("rank"))["last"]
        rest = Action(event=done.event, created_by=by, split_from=fresh, rank=(last or 0) + 1, title=rest_title.strip())
        rest.owner, rest.type, rest.strength, rest.factor = fresh.owner, fresh.type, fresh.strength, fresh.factor
        save(rest)
        after = {**values(fresh, ("title", "closed_when", "due_on")), "rest": rest.title}
        done.about(fresh, before=before, after=after, status=fresh.status, rest=rest.pk)
        return fresh, rest


def reopen(
    action: Action, *, by: Any, reason: str, due_on: date | None = None, owner: Any = None, op: uuid.UUID | None = None
) -> Action:
    """Open a closed action again, with a reason. One that was committed needs an owner who can sign in and a date that lies
    ahead; else it is a proposal."""
    reason = needed(reason)
    with changed(action, "opened an action again", by=by, op=op, allowed=CLOSED) as (fresh, done):
        before = {"status": fresh.status, **values(fresh, ("owner",))}
        fresh.due_on = due_on or fresh.due_on
        fresh.closed_at, fresh.drop_reason, fresh.review_on = None, "", None
        fresh.status = Status.PROPOSED
        if owner and owner != fresh.owner:
            _give(fresh, owner, by, reason)
        if fresh.committed_on:
            promise(fresh)
        done.about(fresh, before=before, after=values(fresh, ("owner",)), reason=reason, status=fresh.status)
        return fresh


def update(action: Action, *, by: Any, note: str, op: uuid.UUID | None = None) -> Action:
    """A word on how it stands, kept in its history. Changes nothing else."""
    note = needed(note)
    with changed(action, "wrote how an action stands", by=by, op=op) as (fresh, done):
        done.about(fresh, reason=note, status=fresh.status)
        return fresh
