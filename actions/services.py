"""Verbs of following through: propose, commit, and every honest way an action moves or ends. State rules live here.

Each verb is one change with the topic "actions", so that the room sees it and the action's history can tell it: the change
carries what was before and after, and the person's reason. An action stays changeable after its review is published; that
is what following through means. Who may do what is decided by `access`, before these are called.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max

from aar_site import clock
from aar_site.outbox import mail
from actions.models import CLOSED, OPEN, Action, Nudge, Status
from retros.live.log import Record, Stale, WrongState, change
from retros.models import Change, Event, Factor, RoomNote, State

FIELDS = ("title", "owner", "due_on", "size", "closed_when", "type", "strength", "factor", "reference")
CHECK_AFTER_DAYS = 30
DECIDE_AFTER_DAYS = 30  # days late, from which on an action needs a decision rather than a reminder
UNOWNED_LEVEL = 100  # the nudge that tells a manager that an action has lost its owner


@dataclass(frozen=True)
class Gap:
    """What an action lacks before it can be committed: the field, and how to mend it."""

    field: str
    words: str


class Incomplete(WrongState):
    """The action cannot be committed yet. `gaps` names each thing that is missing, and how to mend it."""

    def __init__(self, gaps: list[Gap]) -> None:
        super().__init__(" ".join(gap.words for gap in gaps))
        self.gaps = gaps


def today_of(action: Action) -> date:
    """Today where the owner is; without an owner, where the event was."""
    return clock.today(_zone(action))


def gaps(action: Action) -> list[Gap]:
    """What is missing before the action can be committed; empty when it is complete."""
    found = []
    if action.owner is None:
        said = f" The source says “{action.owner_text}”." if action.owner_text else ""
        found.append(Gap("owner", f"Name one person who owns it.{said}"))
    elif not action.owner.is_active:
        found.append(Gap("owner", f"{action.owner.name} cannot sign in any more. Name somebody else."))
    if action.due_on is None:
        said = f" The source says “{action.due_text}”." if action.due_text else ""
        found.append(Gap("due_on", f"Give it a date.{said}"))
    elif action.due_on < today_of(action):
        found.append(Gap("due_on", f"{_day(action.due_on)} has passed. Give it a date from today onward."))
    if not action.size:
        found.append(Gap("size", "Say how large it is: hours (S), days (M) or weeks (L)."))
    if not action.closed_when.strip():
        found.append(Gap("closed_when", "Say when it is closed: something that a stranger could check."))
    return found


def _day(on: date) -> str:
    return f"{on.day} {on:%b %Y}"


# --- Writing one action ---------------------------------------------------------------------------------------------
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
        _check_reviewed(done.event)
        last = Action.objects.filter(event=done.event).aggregate(last=Max("rank"))["last"]
        action = Action(event=done.event, created_by=by, rank=0 if last is None else last + 1)
        _fill(action, fields)
        if may_commit and not gaps(action):
            done.what = "committed to an action"
            _commit(action)
        _save(action)
        done.about(action, after=_values(action, FIELDS), status=action.status)
        if idea and RoomNote.objects.kept().filter(pk=idea.pk).update(removed_at=clock.now()):
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
        done.about(fresh, before=_values(fresh, ("title",)))
        if idea:
            RoomNote.objects.filter(pk=idea).update(removed_at=None)
        fresh.delete()


def is_fresh(action: Action) -> bool:
    """Whether it is as it was first written, within the hour."""
    return action.version == 1 and clock.now() - action.created_at < timedelta(hours=1)


def commit(action: Action, *, by: Any, op: uuid.UUID | None = None) -> Action:
    """Make a proposal a promise. Raises Incomplete, which names each missing thing."""
    with _changed(action, "committed to an action", by=by, op=op, allowed=(Status.PROPOSED,)) as (fresh, done):
        _commit(fresh)
        done.about(fresh, after=_values(fresh, ("owner", "due_on", "size")), status=fresh.status)
        return fresh


def _commit(action: Action) -> None:
    missing = gaps(action)
    if missing:
        raise Incomplete(missing)
    action.status = Status.COMMITTED
    action.committed_on = action.committed_on or clock.today(action.event.time_zone)


def edit(
    action: Action, *, by: Any, version: int, op: uuid.UUID | None = None, then_commit: bool = False, **fields: Any
) -> Action:
    """Change what an action says, read at `version`. Raises Stale with the newer action, Incomplete where it would no longer
    be whole. A committed action's date is moved by `redate` and its owner by `hand_over`, which ask for a reason."""
    with _changed(action, "edited an action", by=by, op=op) as (fresh, done):
        if fresh.version != version:
            raise Stale(fresh)
        if fresh.status in CLOSED:
            raise WrongState("This action is closed. Open it again first, then change it.")
        before = _values(fresh, FIELDS)
        _fill(fresh, fields)
        if fresh.status != Status.PROPOSED:
            _check_still_whole(fresh, before)
        elif then_commit:
            done.what = "committed to an action"
            _commit(fresh)
        after = _values(fresh, FIELDS)
        changed = [name for name in FIELDS if before[name] != after[name]]
        done.about(
            fresh,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            status=fresh.status,
        )
        return fresh


def _check_still_whole(action: Action, before: dict[str, Any]) -> None:
    after = _values(action, ("owner", "due_on"))
    if after["due_on"] != before["due_on"]:
        raise WrongState("A committed date moves with a reason: use “New date” on the action’s page.")
    if after["owner"] != before["owner"]:
        raise WrongState("A committed action changes hands with a word on why: use “Hand over” on its page.")
    missing = [gap for gap in gaps(action) if gap.field in {"size", "closed_when"}]
    if missing:
        raise Incomplete(missing)


# --- Moving it ------------------------------------------------------------------------------------------------------
def start(action: Action, *, by: Any, op: uuid.UUID | None = None, note: str = "") -> Action:
    """Say that work has begun."""
    allowed = (Status.COMMITTED,)
    return _move(action, Status.IN_PROGRESS, "started an action", by=by, op=op, allowed=allowed, note=note)


def block(action: Action, *, by: Any, reason: str, op: uuid.UUID | None = None) -> Action:
    """Say what is in the way. Reminders go on, because a blocked action needs somebody's decision."""
    reason = _needed(reason)
    with _changed(action, "said what is in the way", by=by, op=op, allowed=OPEN) as (fresh, done):
        fresh.status, fresh.blocked_reason = Status.BLOCKED, reason
        done.about(fresh, reason=reason, status=fresh.status)
        return fresh


def unblock(action: Action, *, by: Any, op: uuid.UUID | None = None, note: str = "") -> Action:
    """Say that nothing is in the way any more; it is in progress again."""
    with _changed(action, "unblocked an action", by=by, op=op, allowed=(Status.BLOCKED,)) as (fresh, done):
        done.about(fresh, reason=note.strip(), before={"blocked_reason": fresh.blocked_reason}, status="in_progress")
        fresh.status, fresh.blocked_reason = Status.IN_PROGRESS, ""
        return fresh


def close(action: Action, *, by: Any, evidence: str, op: uuid.UUID | None = None) -> Action:
    """Done, with what shows it. Nothing is sent for it any more."""
    evidence = _needed(evidence)
    with _changed(action, "closed an action", by=by, op=op, allowed=OPEN) as (fresh, done):
        fresh.status, fresh.evidence, fresh.closed_at = Status.DONE, evidence, clock.now()
        fresh.blocked_reason = ""
        done.about(fresh, reason=evidence, status=fresh.status)
        return fresh


def check_effect(action: Action, *, by: Any, note: str, op: uuid.UUID | None = None) -> Action:
    """Thirty days after it was done: it did what it was for. If it did not, `reopen` it."""
    note = _needed(note)
    with _changed(action, "checked an action’s effect", by=by, op=op, allowed=(Status.DONE,)) as (fresh, done):
        on = effect_due(fresh)
        if on is None or today_of(fresh) < on:
            raise WrongState(f"The effect shows after a while. It can be checked from {_day(on)} on." if on else "")
        fresh.status = Status.CHECKED
        done.about(fresh, reason=note, status=fresh.status)
        return fresh


def effect_due(action: Action) -> date | None:
    """From which day on the effect of a done action can be checked; None for any other."""
    closed = closed_on(action)
    return closed + timedelta(days=CHECK_AFTER_DAYS) if closed and action.status == Status.DONE else None


def closed_on(action: Action) -> date | None:
    """The day on which it was closed, where its owner is; None while it is open."""
    return action.closed_at.astimezone(ZoneInfo(_zone(action))).date() if action.closed_at else None


def drop(action: Action, *, by: Any, reason: str, op: uuid.UUID | None = None) -> Action:
    """Decide against it, with a reason. A legal outcome."""
    reason = _needed(reason)
    allowed = (Status.PROPOSED, *OPEN)
    with _changed(action, "dropped an action", by=by, op=op, allowed=allowed) as (fresh, done):
        fresh.status, fresh.drop_reason, fresh.closed_at = Status.DROPPED, reason, clock.now()
        fresh.blocked_reason = ""
        done.about(fresh, reason=reason, status=fresh.status)
        return fresh


def decide_not_to_act(event: Event, *, by: Any, reason: str, op: uuid.UUID | None = None) -> Action:
    """Record that the review ends without an action, and why."""
    reason = _needed(reason)
    with change(event, "actions", "decided not to act", by=by, op=op) as done:
        _check_reviewed(done.event)
        action = Action(event=done.event, created_by=by, title="Decided not to act", drop_reason=reason)
        action.status, action.closed_at = Status.DROPPED, clock.now()
        _save(action)
        done.about(action, reason=reason, status=action.status)
        return action


def redate(action: Action, *, by: Any, due_on: date, reason: str, op: uuid.UUID | None = None) -> Action:
    """A new date, with a reason; counted, because three of them ask another question than one."""
    reason = _needed(reason)
    with _changed(action, "gave an action a new date", by=by, op=op, allowed=OPEN) as (fresh, done):
        before = fresh.due_on
        _redate(fresh, due_on)
        done.about(
            fresh, before={"due_on": str(before)}, after={"due_on": str(due_on)}, reason=reason, status=fresh.status
        )
        return fresh


def _redate(action: Action, due_on: date) -> None:
    today = today_of(action)
    if due_on < today:
        raise WrongState(f"{_day(due_on)} has passed. Enter a date from {_day(today)} onward.")
    if due_on == action.due_on:
        raise WrongState("That is the date it has. Enter another one, or leave it.")
    action.due_on, action.due_text = due_on, ""
    action.redated_count += 1


def hand_over(action: Action, *, by: Any, owner: Any, reason: str = "", op: uuid.UUID | None = None) -> Action:
    """Give it to somebody else, who is then the one owner."""
    allowed = (Status.PROPOSED, *OPEN)
    with _changed(action, "handed an action over", by=by, op=op, allowed=allowed) as (fresh, done):
        if not owner.is_active:
            raise WrongState(f"{owner.name} cannot sign in any more. Choose somebody else.")
        if fresh.owner_id == owner.pk:
            raise WrongState(f"{owner.name} owns it already.")
        before = _values(fresh, ("owner",))
        _give(fresh, owner, by, reason)
        done.about(fresh, before=before, after=_values(fresh, ("owner",)), reason=reason.strip(), status=fresh.status)
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
    op: uuid.UUID | None = None,
) -> tuple[Action, Action]:
    """Keep the part that can close by `due_on` under this number; the rest becomes a proposal of its own, with this origin."""
    with _changed(action, "split an action", by=by, op=op, allowed=OPEN) as (fresh, done):
        before = _values(fresh, ("title", "due_on"))
        if due_on != fresh.due_on or fresh.due_on < today_of(fresh):
            _redate(fresh, due_on)
        fresh.title, fresh.closed_when = title.strip(), closed_when.strip()
        last = Action.objects.filter(event=done.event).aggregate(last=Max("rank"))["last"]
        rest = Action(event=done.event, created_by=by, split_from=fresh, rank=(last or 0) + 1, title=rest_title.strip())
        rest.owner, rest.type, rest.strength, rest.factor = fresh.owner, fresh.type, fresh.strength, fresh.factor
        _save(rest)
        after = {**_values(fresh, ("title", "due_on")), "rest": rest.title}
        done.about(fresh, before=before, after=after, status=fresh.status, rest=rest.pk)
        return fresh, rest


def reopen(
    action: Action, *, by: Any, reason: str, due_on: date | None = None, owner: Any = None, op: uuid.UUID | None = None
) -> Action:
    """Open a closed action again, with a reason. One that was committed needs an owner who can sign in and a date that lies
    ahead; else it is a proposal."""
    reason = _needed(reason)
    with _changed(action, "opened an action again", by=by, op=op, allowed=CLOSED) as (fresh, done):
        before = {"status": fresh.status, **_values(fresh, ("owner",))}
        fresh.due_on = due_on or fresh.due_on
        fresh.closed_at, fresh.drop_reason = None, ""
        fresh.status = Status.PROPOSED
        if owner and owner != fresh.owner:
            _give(fresh, owner, by, reason)
        if fresh.committed_on:
            _commit(fresh)
        done.about(fresh, before=before, after=_values(fresh, ("owner",)), reason=reason, status=fresh.status)
        return fresh


def update(action: Action, *, by: Any, note: str, op: uuid.UUID | None = None) -> Action:
    """A word on how it stands, kept in its history. Changes nothing else."""
    note = _needed(note)
    with _changed(action, "wrote how an action stands", by=by, op=op) as (fresh, done):
        done.about(fresh, reason=note, status=fresh.status)
        return fresh


# --- Common ground --------------------------------------------------------------------------------------------------
@contextmanager
def _changed(
    action: Action, what: str, *, by: Any, op: uuid.UUID | None, allowed: tuple[str, ...] = ()
) -> Iterator[tuple[Action, Record]]:
    """One change of one action: yields it fresh and locked, saves it, counts its version."""
    with change(action.event, "actions", what, by=by, op=op) as done:
        # "of self": PostgreSQL cannot lock the outer side of the joins.
        rows = Action.objects.select_for_update(of=("self",)).select_related("owner", "event")
        fresh = rows.filter(pk=action.pk).first()
        if fresh is None:
            raise WrongState("This action was taken back meanwhile. Add it anew if it is needed.")
        fresh.event = done.event
        check_state(fresh, allowed)
        yield fresh, done
        fresh.version += 1
        _save(fresh)


def check_state(action: Action, allowed: tuple[str, ...]) -> None:
    """Raise WrongState where the action is in none of these states; no states mean any."""
    if allowed and action.status not in allowed:
        raise WrongState(f"This action is {action.get_status_display().lower()} now. Its page says what can be done.")


def _move(action: Action, status: str, what: str, *, by: Any, op: Any, allowed: tuple[str, ...], note: str) -> Action:
    with _changed(action, what, by=by, op=op, allowed=allowed) as (fresh, done):
        fresh.status = status
        done.about(fresh, reason=note.strip(), status=status)
        return fresh


def _fill(action: Action, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if name not in (*FIELDS, "owner_text", "due_text"):
            raise TypeError(f"an action has no field {name!r} that can be written")
        setattr(action, name, value.strip() if isinstance(value, str) else value)
    if action.owner and "owner" in fields:
        action.owner_text = ""
    if action.due_on and "due_on" in fields:
        action.due_text = ""
    factor = fields.get("factor")
    if factor and not Factor.objects.kept().filter(pk=factor.pk, event=action.event).exists():
        raise WrongState("That factor belongs to another review, or was removed. Choose one of this review.")


def _save(action: Action) -> None:
    action.full_clean(exclude=["event", "owner", "created_by", "factor", "split_from"])
    action.save()


def _values(action: Action, names: tuple[str, ...]) -> dict[str, Any]:
    """Values for the history, as JSON: people and factors by their words."""
    values = {}
    for name in names:
        value = getattr(action, name)
        values[name] = "" if value is None else value if isinstance(value, str) else str(value)
    return values


def _needed(words: str) -> str:
    if not words.strip():
        raise WrongState("Say it in a few words: they stay with the action.")
    return words.strip()


def _zone(action: Action) -> str:
    return action.owner.time_zone if action.owner else action.event.time_zone


def _check_reviewed(event: Event) -> None:
    if event.state == State.NOT_REVIEWED:
        raise WrongState("This event gets no review. Take the review up first, then add actions.")
