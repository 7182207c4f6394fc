"""Who may write into an event's lists now: everybody who takes part while the room is open, the scribe and the facilitator before
and after; what is there already, its author and those two."""

from typing import Any

from django.http import HttpRequest

from retros import access
from retros.live.log import WrongState
from retros.models import Event, State


def open_event(request: HttpRequest, code: str) -> Event:
    """The event for somebody who may write here now."""
    event = access.get_event_or_404(request.user, code, "contribute")
    if event.state != State.MEETING and not access.may(event.role, "keep notes"):  # type: ignore[attr-defined]
        raise WrongState("Participants write here while the room is open. Until then, your account is the place.")
    return event


def own_or_writer(request: HttpRequest, code: str, model: Any, pk: int) -> tuple[Event, Any]:
    """A part of the event for its author, or for who keeps the notes."""
    open_event(request, code)
    event, thing = access.get_part_or_404(request.user, code, model, pk, "contribute")
    if thing.created_by_id != request.user.pk and not access.may(event.role, "keep notes"):  # type: ignore[attr-defined]
        access.refuse("keep notes")
    thing.event = event
    return event, thing
