"""Who leads the room: handing it over, taking over, taking it back; the facilitator's script; closing for today."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aar_site.http import typed
from retros import access
from retros.forms.leading import RestForm
from retros.http import op_of, see_other, whole
from retros.live.log import Repeated
from retros.models import Event
from retros.services import leading, meeting
from retros.views.room_answers import answer, carry_out
from retros.views.room_private import hand_form, lead_context, script_context
from retros.views.shell import event_context


@require_GET
def room_lead(request: HttpRequest, code: str) -> HttpResponse:
    """What this reader is told of the facilitator: gone, or back in somebody else's hands. A private region of the room."""
    event = access.get_event_or_404(request.user, code, "enter room")
    return render(request, "retros/_room_lead.html", lead_context(request, event))


@require_GET
def room_script(request: HttpRequest, code: str) -> HttpResponse:
    """What the facilitator is told at this step, for their eyes alone. A private region of the room."""
    event = access.get_event_or_404(request.user, code, "steer room")
    return render(request, "retros/_room_script.html", script_context(event))


@require_http_methods(["GET", "POST"])
def room_hand_over(request: HttpRequest, code: str) -> HttpResponse:
    """Give the room to somebody else; the former facilitator takes part."""
    return _handed(request, code, "steer room", leading.hand_over, "retros/room_hand_over.html")


@require_http_methods(["GET", "POST"])
def room_pen(request: HttpRequest, code: str) -> HttpResponse:
    """Make somebody else the scribe."""
    return _handed(request, code, "keep notes", leading.hand_pen, "retros/room_pen.html")


def _handed(request: HttpRequest, code: str, verb: str, act: Callable[..., None], template: str) -> HttpResponse:
    """The form, or what it does; a second press is answered like the first, which gave the right to it away."""
    room, op = reverse("room_detail", args=[code]), op_of(request)
    try:
        event = access.get_event_or_404(request.user, code, verb, op=op)
    except Repeated:
        return see_other(room)
    form = hand_form(request, event)
    if not form.is_bound or not (form.is_valid() or access.done_before(request.user, op, event)):
        return _page(request, event, template, form)
    carry_out(act, event, request, to=form.cleaned_data.get("to"))
    return see_other(room)


@require_http_methods(["GET", "POST"])
def room_rest(request: HttpRequest, code: str) -> HttpResponse:
    """Close for today without an end."""
    event = access.get_event_or_404(request.user, code, "steer room")
    form = RestForm(typed(request), event=event)
    if form.is_bound and form.is_valid():
        carry_out(meeting.rest, event, request, until=form.cleaned_data["at"])
        return see_other(reverse("room_detail", args=[code]))
    return _page(request, event, "retros/room_rest.html", form)


@require_POST
def room_resume(request: HttpRequest, code: str) -> HttpResponse:
    """Go on after a rest."""
    event = access.get_event_or_404(request.user, code, "steer room")
    carry_out(meeting.resume, event, request)
    return answer(request, event)


@require_POST
def room_take_over(request: HttpRequest, code: str) -> HttpResponse:
    """Facilitate in place of one who is gone; the scribe says who writes (pen_to)."""
    event = access.get_event_or_404(request.user, code, "take over")
    carry_out(leading.take_over, event, request, pen_to=whole(request.POST.get("pen_to", "")) or None)
    return see_other(reverse("room_detail", args=[code]))


@require_POST
def room_take_back(request: HttpRequest, code: str) -> HttpResponse:
    """Whoever facilitated first has the room again."""
    event = access.get_event_or_404(request.user, code, "take over")
    carry_out(leading.take_back, event, request)
    return see_other(reverse("room_detail", args=[code]))


@require_POST
def room_ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask somebody to take over."""
    event = access.get_event_or_404(request.user, code, "contribute")
    carry_out(leading.ask, event, request, whom=whole(request.POST.get("whom", "")))
    return answer(request, event)


def _page(request: HttpRequest, event: Event, template: str, form: Any) -> HttpResponse:
    context = event_context(event, request, form=form)
    return render(request, template, context, status=422 if form.is_bound else 200)
