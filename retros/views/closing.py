"""The close of a meeting: the two anonymous questions, also for who left earlier, and what the answers say."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from retros import access
from retros.forms.room import CloseForm
from retros.http import see_other
from retros.models import Event, State
from retros.services import closing
from retros.views.room_answers import carry_out, page
from retros.views.shell import event_context


@require_http_methods(["GET", "POST"])
def room_close(request: HttpRequest, code: str) -> HttpResponse:
    """Two anonymous answers, once per person; by GET their page, for whoever left before the end."""
    event = access.get_event_or_404(request.user, code, "enter room")
    if request.method == "GET":
        return _page(request, event)
    form, key = CloseForm(request.POST), f"closed-{event.code}"
    if not form.is_valid():
        if event.state == State.MEETING:
            return page(request, event, 422, close_form=form)
        return _page(request, event, 422, close_form=form)
    if key not in request.session and carry_out(closing.answer, event, request, **form.cleaned_data):
        request.session[key] = True
    if event.state == State.MEETING:
        return see_other(reverse("room_detail", args=[code]), "close-answered")
    return see_other(reverse("room_close", args=[code]))


def _page(request: HttpRequest, event: Event, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        **event_context(event, request),
        **closing.context(event),
        **closing.own_context(event, request.user),
        "anonymous_op": uuid.uuid4(),  # shared with no other form: an operation that is kept names its person
        "has_answered": f"closed-{event.code}" in request.session,
        **more,
    }
    return render(request, "retros/close_detail.html", context, status=status)


@require_GET
def close_own(request: HttpRequest, code: str) -> HttpResponse:
    """How many answered, the rates where they may be told, and what this reader takes along."""
    event = access.get_event_or_404(request.user, code, "enter room")
    context = {"event": event, "may": access.VERBS[event.role], **closing.own_context(event, request.user)}  # type: ignore[attr-defined]
    return render(request, "retros/_close_own.html", context)
