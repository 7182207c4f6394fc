"""What the forms of the room share: how a verb is carried out, and what the browser gets afterwards."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from aar_site.busy import if_it_can
from retros import access
from retros.http import is_fragment, op_of, see_other
from retros.live import presence
from retros.live.log import Repeated, Stale
from retros.models import Event
from retros.services import attendance, room
from retros.views.room_private import of_page
from retros.views.shell import may_classes


def page(request: HttpRequest, event: Event, status: int = 200, **more: Any) -> HttpResponse:
    """The room; the number of the last change is read before the content, so none is missed."""
    seq, me = event.change_seq, request.user.pk
    if event.state in attendance.OPEN:
        with if_it_can():
            presence.sign(event.pk, me or 0)
    shown = room.context(event)
    context = {
        **shown,
        **of_page(request, event, shown),
        "seq": seq,
        "op": uuid.uuid4(),
        "hand_is_up": any(member.user_id == me for member in shown["queue"]),
        "door_op": uuid.uuid4(),
        "anonymous_op": uuid.uuid4(),  # shared with no other form: an operation that is kept names its person
        "role": event.role,  # type: ignore[attr-defined]
        "may": access.VERBS[event.role],  # type: ignore[attr-defined]
        "may_classes": may_classes(event, event.role),  # type: ignore[attr-defined]
        "has_agreed": f"agreed-{event.code}" in request.session,
        "has_answered": f"closed-{event.code}" in request.session,
        **more,
    }
    return render(request, "retros/room_detail.html", context, status=status)


def answer(request: HttpRequest, event: Event) -> HttpResponse:
    """After a kept form: nothing for the script, to which the change comes as to everybody, by the stream; else the page."""
    if is_fragment(request):
        return HttpResponse(status=204)
    return see_other(reverse("room_detail", args=[event.code]))


def again(request: HttpRequest, event: Event, template: str, target: str, status: int, **more: Any) -> HttpResponse:
    """A form that was not kept, with what was typed, in the place where it stands."""
    context = {"event": event, "may": access.VERBS[event.role], "op": uuid.uuid4(), **more}  # type: ignore[attr-defined]
    response = render(request, template, context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = f"#{target}", "outerHTML"
    return response


def carry_out(verb: Callable[..., Any], event: Event, request: HttpRequest, **fields: Any) -> bool:
    """Carry out a verb; a repeat is answered like the first. False where the room had moved on."""
    try:
        verb(event, by=request.user, op=op_of(request), **fields)
    except Repeated:
        pass
    except Stale:
        return False
    return True
