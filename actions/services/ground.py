"""What every verb of following through stands on: how one action is locked, changed and saved, and what it still lacks."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from aar_site import clock
from aar_site.words import day_month_year
from actions.models import Action, Status
from retros.live.log import Record, WrongState, change
from retros.models import Event, Factor, State, WhyNode

FIELDS = ("title", "owner", "due_on", "size", "closed_when", "type", "strength", "factor", "cause", "reference")
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
    return clock.today(zone_of(action))


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
        found.append(Gap("due_on", f"{day_month_year(action.due_on)} has passed. Give it a date from today onward."))
    if not action.size:
        found.append(Gap("size", "Say how large it is: hours (S), days (M) or weeks (L)."))
    if not action.closed_when.strip():
        found.append(Gap("closed_when", "Say when it is closed: something that a stranger could check."))
    return found


def promise(action: Action) -> None:
    """Commit the action; it is not saved here. Raises Incomplete with what is missing."""
    missing = gaps(action)
    if missing:
        raise Incomplete(missing)
    action.status = Status.COMMITTED
    action.committed_on = action.committed_on or clock.today(action.event.time_zone)


@contextmanager
def changed(
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
        save(fresh)


def check_state(action: Action, allowed: tuple[str, ...]) -> None:
    """Raise WrongState where the action is in none of these states; no states mean any."""
    if allowed and action.status not in allowed:
        raise WrongState(f"This action is {action.get_status_display().lower()} now. Its page says what can be done.")


def fill(action: Action, fields: dict[str, Any]) -> None:
    """Set fields that a form or a file may write. Raises WrongState where factor or cause are not of the same review."""
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
    cause = fields.get("cause")
    if cause and not WhyNode.objects.kept().filter(pk=cause.pk, event=action.event).exists():
        raise WrongState("That cause belongs to another review, or was removed. Choose one of this review.")


def save(action: Action) -> None:
    """Check and save. Raises ValidationError."""
    action.full_clean(exclude=["event", "owner", "created_by", "factor", "cause", "split_from"])
    action.save()


def values(action: Action, names: tuple[str, ...]) -> dict[str, Any]:
    """Values for the history, as JSON: people and factors by their words."""
    values = {}
    for name in names:
        value = getattr(action, name)
        values[name] = "" if value is None else value if isinstance(value, str) else str(getattr(value, "text", value))
    return values


def needed(words: str) -> str:
    """The words without blanks around them. Raises WrongState where there are none."""
    if not words.strip():
        raise WrongState("Say it in a few words: they stay with the action.")
    return words.strip()


def zone_of(action: Action) -> str:
    """The zone in which its days count: the owner's, without one the event's."""
    return action.owner.time_zone if action.owner else action.event.time_zone


def check_reviewed(event: Event) -> None:
    """Raises WrongState where the event gets no review."""
    if event.state == State.NOT_REVIEWED:
        raise WrongState("This event gets no review. Take the review up first, then add actions.")
