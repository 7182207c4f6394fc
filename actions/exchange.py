"""Actions of an event file: they stay proposed, with the source's words for owner, date and status kept."""

from datetime import date

from actions.models import Action, ActionType, Status, Strength
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
