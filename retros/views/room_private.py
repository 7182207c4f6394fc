"""What the room shows to one reader alone: who leads, as they see it, and the facilitator's script; what is said while it is closed."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from aar_site.http import typed
from retros import access
from retros.forms.leading import HandForm, RestForm
from retros.models import Event, State
from retros.services import guiding, leading, lobby, scripts


def of_page(request: HttpRequest, event: Event, shown: Mapping[str, Any]) -> dict[str, Any]:
    """Both, for the page of the open room that shows `shown`; before and afterwards what is missing, and what comes now."""
    verbs = access.VERBS[event.role]  # type: ignore[attr-defined]
    if event.state == State.PREPARING:
        return {"before": lobby.before(event)} if "steer room" in verbs else {}
    if event.state != State.MEETING:
        return {"after": lobby.after(event, is_writer="edit document" in verbs)}
    here = {member.user_id for member in shown["people"] if member.stands == "here"}
    ahead = leading.Known(shown["meeting"], shown["people"], here)
    found = lead_context(request, event, ahead)
    if "steer room" in verbs:
        found |= script_context(event, ahead) | {"rescues": scripts.RESCUES}
    return found


def lead_context(request: HttpRequest, event: Event, ahead: leading.Known | None = None) -> dict[str, Any]:
    role = event.role  # type: ignore[attr-defined]
    found = {"role": role, "may": access.VERBS[role], "leading": leading.standing(event, request.user, ahead)}
    return {"event": event, "op": access.new_op(), **found}


def script_context(event: Event, ahead: leading.Known | None = None) -> dict[str, Any]:
    people, here = leading.heirs(event, ahead)
    forms = {"hand_form": HandForm(people=people, here=here), "rest_form": RestForm(event=event)}
    return {"event": event, "op": access.new_op(), "pen_op": access.new_op(), **guiding.at(event), **forms}


def hand_form(request: HttpRequest, event: Event) -> HandForm:
    """To whom the room or the pen goes, as it was sent."""
    people, here = leading.heirs(event)
    return HandForm(typed(request), people=people, here=here)
