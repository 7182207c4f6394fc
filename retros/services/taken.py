"""Facts that are taken off an event's page. Their rows go for good, and stand whole in the change, by whose number they come back."""

import uuid
from typing import Any

from django.core import serializers
from django.core.exceptions import ValidationError

from retros.live.log import WrongState, change
from retros.models import Change, Event
from retros.services.states import check_open

WHOLE = "row"


def take(row: Any, what: str, *, by: Any, before: dict[str, Any], op: uuid.UUID | None = None) -> int:
    """Take a row out; returns the number of the change. `before` is what the history says of it."""
    with change(row.event, "event", what, by=by, op=op) as done:
        check_open(done.event)
        done.about(row, before=before, **{WHOLE: serializers.serialize("json", [row])})
        type(row).objects.filter(pk=row.pk).delete()
    return done.seq


def bring_back(event: Event, seq: int, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Undo: the row stands where it stood."""
    with change(event, "event", "brought back what was removed", by=by, op=op) as done:
        check_open(done.event)
        row = taken(done.event, seq)
        if row is None:
            raise WrongState("This was brought back already.")
        try:
            row.full_clean()
        except ValidationError as refusal:
            raise WrongState(" ".join(refusal.messages)) from None
        row.save(force_insert=True)
        done.about(row)


def taken(event: Event, seq: int) -> Any:
    """The row that the change of that number took out, as it was; None where it took none, or where it is back."""
    found = Change.objects.filter(event=event, seq=seq, detail__has_key=WHOLE).first() if seq else None
    if found is None:
        return None
    [stored] = serializers.deserialize("json", found.detail[WHOLE])
    row: Any = stored.object
    return None if type(row).objects.filter(pk=row.pk).exists() else row
