"""Actions of an event file, whoever wrote it: they come in proposed, with the words for owner, date and status kept."""

from collections.abc import Iterable
from datetime import date

from actions.models import Action, ActionType, Status, Strength
from retros.exchange.carried import Carried
from retros.exchange.schema import ActionRow, EventFile
from retros.models import Event


def load(event: Event, file: EventFile) -> None:
    """Store the file's actions with the event. Nobody is made an owner by a role's name: a person commits them later."""
    Action.objects.bulk_create(_action(event, row, rank) for rank, row in enumerate(file.actions))


def _action(event: Event, row: ActionRow, rank: int) -> Action:
    return Action(
        event=event,
        title=row.text,
        owner_text=row.owner,
        due_on=_day(row.due),
        due_text="" if _day(row.due) else row.due,
        type=row.type if row.type in ActionType.values else "",
        strength=row.strength if row.strength in Strength.values else "",
        reference=row.reference,
        status=Status.PROPOSED,
        status_text=row.status,
        rank=rank,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _rows(event: Event) -> Iterable[Action]:
    """The actions as they will come in: owner and state in words, because a promise is made where it is kept."""
    for action in Action.objects.filter(event=event).select_related("owner"):
        action.owner_text = action.owner.name if action.owner else action.owner_text
        if action.status != Status.PROPOSED:
            action.status_text = action.get_status_display()
        yield action


CARRIED = Carried(
    "actions",
    Action,
    (
        "title", "owner_text", "due_on", "due_text", "size", "closed_when", "type", "strength", "factor", "cause", "reference",
        "status_text", "blocked_reason", "drop_reason", "evidence", "rank",
    ),
    _rows,
    names={"factor": "factors", "cause": "causes"},
)  # fmt: skip
