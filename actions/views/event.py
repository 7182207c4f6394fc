"""Actions of one event: its tab, the form for a new one, the line of the room, the decision not to act."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aar_site.http import typed
from actions import access, reading, sections, services
from actions.forms import ActionForm, LineForm, NoActionForm
from retros import access as event_access
from retros.http import is_fragment, kept, op_of, see_other
from retros.live.log import Repeated
from retros.models import Event
from retros.views.shell import event_context


@require_GET
def event_actions(request: HttpRequest, code: str) -> HttpResponse:
    """The event's own actions and those that come up again."""
    event = event_access.get_event_or_404(request.user, code, "view event")
    return _page(request, event)


def _page(request: HttpRequest, event: Event, status: int = 200, **more: Any) -> HttpResponse:
    context = {**event_context(event, request), "acts": {**sections.room_context(event), **more}}
    if access.may_commit_in(request.user, event):
        context["may_classes"] += " may-propose-action may-commit-action"
    return render(request, "actions/event_actions.html", context, status=status)


def answer(request: HttpRequest, event: Event, *, anchor: str = "part-actions", said: str = "") -> HttpResponse:
    """After a kept form: the list for htmx, else back to the event's tab with what was done said above it."""
    if said and not is_fragment(request):
        messages.success(request, said)
    acts = {**sections.room_context(event), "said": said} if is_fragment(request) else {}
    context = {"event": event, "acts": acts, "op": event_access.new_op()}
    return kept(
        request, "actions/_actions.html", context, page=reverse("event_actions", args=[event.code]), anchor=anchor
    )


@require_http_methods(["GET", "POST"])
def action_add(request: HttpRequest, code: str) -> HttpResponse:
    """Write a whole action. "Commit" names what is missing; "Keep as proposed" keeps what there is."""
    event = access.get_event_for_proposing_or_404(request.user, code)
    form = ActionForm(typed(request), event=event)
    is_commit = request.POST.get("then") == "commit" and event.may_commit
    if request.method == "POST" and form.is_valid():
        try:
            missing = reading.gaps_of(event, form.cleaned_data) if is_commit else []
            if not missing:
                action = services.keep(
                    event, by=request.user, op=op_of(request), may_commit=is_commit, **form.cleaned_data
                )
                return answer(request, event, anchor=f"action-{action.pk}", said=reading.kept_words(action))
            reading.add_gaps(form, missing)
        except Repeated:
            return answer(request, event)
    return _form_page(request, event, form)


def _form_page(request: HttpRequest, event: Event, form: Any) -> HttpResponse:
    context = {
        "event": event,
        "form": form,
        "may_commit": event.may_commit,
        "op": event_access.new_op(),
        **reading.about_form(form, event),
    }
    return render(request, "actions/action_add.html", context, status=422 if form.errors else 200)


@require_POST
def action_line(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the line of the room: committed where it is complete, otherwise proposed, with what is missing named."""
    event = access.get_event_for_proposing_or_404(request.user, code)
    form = LineForm(request.POST, event=event)
    if not form.is_valid():
        if is_fragment(request):
            response = render(request, "actions/_action_line.html", {"event": event, "form": form}, status=422)
            response["HX-Retarget"], response["HX-Reswap"] = "#action-line", "outerHTML"
            return response
        event_access.get_event_or_404(request.user, code, "view event")
        return _page(request, event, 422, form=form)
    try:
        action = services.keep(
            event, by=request.user, op=op_of(request), may_commit=event.may_commit, **form.cleaned_data
        )
    except Repeated:
        return answer(request, event)
    return answer(request, event, anchor=f"action-{action.pk}", said=reading.kept_words(action, form.unclear))


@require_POST
def action_reading(request: HttpRequest, code: str) -> HttpResponse:
    """What would be understood and asked of what is being typed; for the writer alone, nothing is kept or counted."""
    event = access.get_event_for_proposing_or_404(request.user, code)
    is_line = "line" in request.POST
    form = (LineForm if is_line else ActionForm)(request.POST, event=event)
    if is_fragment(request):
        return render(request, "actions/_action_reading.html", {"event": event, **reading.about_form(form, event)})
    if is_line:
        return _page(request, event, form=form, **reading.about_form(form, event))
    return _form_page(request, event, form)


@require_http_methods(["GET", "POST"])
def action_none(request: HttpRequest, code: str) -> HttpResponse:
    """Record that no action follows, and why."""
    event = access.get_event_for_proposing_or_404(request.user, code)
    if not event.may_commit:
        event_access.refuse("commit action")
    form = NoActionForm(typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            services.decide_not_to_act(event, by=request.user, op=op_of(request), **form.cleaned_data)
        except Repeated:
            pass
        return see_other(reverse("event_actions", args=[code]))
    context = {"event": event, "form": form, "op": event_access.new_op()}
    return render(request, "actions/action_none.html", context, status=422 if form.errors else 200)
