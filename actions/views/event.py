"""Actions of one event: its tab, the form for a new one, the line of the room, the decision not to act."""

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aar_site.http import typed
from actions import access, reading, sections, services
from actions.forms import ActionForm, LineForm, NoActionForm
from actions.models import Action
from retros import access as event_access
from retros.http import is_fragment, op_of, see_other, whole
from retros.live.log import Repeated
from retros.models import Event, State
from retros.services.once import remembering
from retros.views.shell import event_context

NO_ACTION = "Recorded. The review says so, with the reason."


@require_GET
def event_actions(request: HttpRequest, code: str) -> HttpResponse:
    """The event's own actions and those that come up again."""
    event = event_access.get_event_or_404(request.user, code, "view event")
    return _page(request, event)


def _page(request: HttpRequest, event: Event, status: int = 200, **more: Any) -> HttpResponse:
    event = remembering(event)
    acts = {**sections.room_context(event), **more}
    context = {**event_context(event, request), "acts": acts}
    if access.may_commit_in(request.user, event):
        context["may_classes"] += " may-propose-action may-commit-action"
    return render(request, "actions/event_actions.html", context, status=status)


def answer(request: HttpRequest, event: Event, *, said: str = "", anchor: str = "", undo: str = "") -> HttpResponse:
    """After a kept form: for htmx the list, what was done and its undo; else back to the event's tab, said above it."""
    page = reverse("event_actions", args=[event.code])
    if not is_fragment(request):
        if said:
            messages.success(request, said)
        return see_other(page, anchor)
    context = {"event": event, "reader": request.user, "acts": sections.room_context(event), "said": said, "undo": undo}
    return render(request, "actions/_actions_kept.html", context)


def is_check(request: HttpRequest) -> bool:
    """Whether the writer only asks about the wording: nothing is kept or counted."""
    return request.method == "POST" and request.POST.get("then") == "check"


def about(request: HttpRequest, event: Event, form: ActionForm) -> HttpResponse:
    """What would be understood and asked of what is being typed; for the writer alone."""
    return render(request, "actions/_action_reading.html", {"event": event, **reading.about_form(form, event)})


@require_http_methods(["GET", "POST"])
def action_add(request: HttpRequest, code: str) -> HttpResponse:
    """Write a whole action. "Commit" names what is missing; "Keep as proposed" keeps what there is."""
    event = access.get_event_for_proposing_or_404(request.user, code)
    idea = _idea(request, event)
    answers = {name: whole(request.GET.get(name, "")) or None for name in ("factor", "cause")}
    initial = {"title": idea.text if idea else "", **answers}
    form = ActionForm(typed(request), event=event, by=request.user, initial=initial)
    if is_check(request) and is_fragment(request):
        return about(request, event, form)
    then_commit = request.POST.get("then") == "commit" and event.may_commit
    if request.method == "POST" and not is_check(request) and form.is_valid():
        missing = reading.gaps_of(event, form.cleaned_data) if then_commit else []
        if not missing:
            return _keep(request, event, form, may_commit=then_commit)
        reading.add_gaps(form, missing)
    context = {
        "event": event,
        "form": form,
        "idea": idea,
        "may_commit": event.may_commit,
        "op": event_access.new_op(),
        **reading.about_form(form, event),
    }
    status = 422 if form.errors and not is_check(request) else 200
    return render(request, "actions/action_add.html", context, status=status)


def _idea(request: HttpRequest, event: Event) -> Any:
    """The parked idea that the form was opened from, or filled with."""
    return access.idea_of(event, whole(request.POST.get("idea") or request.GET.get("idea", "")))


@require_POST
def action_line(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the line of the room: committed where it is complete, otherwise proposed, with what is missing named."""
    event = access.get_event_for_proposing_or_404(request.user, code)
    form = LineForm(request.POST, event=event)
    if form.is_valid() and not is_check(request):
        return _keep(request, event, form, may_commit=event.may_commit)
    if not is_fragment(request):
        event_access.get_event_or_404(request.user, code, "view event")
        return _page(request, event, 200 if is_check(request) else 422, form=form, **reading.about_form(form, event))
    if is_check(request):
        return about(request, event, form)
    context = {"event": event, "form": form, **reading.about_form(form, event)}
    response = render(request, "actions/_action_line.html", context, status=422)
    response["HX-Retarget"], response["HX-Reswap"] = "#action-line", "outerHTML"
    return response


def _keep(request: HttpRequest, event: Event, form: ActionForm, *, may_commit: bool) -> HttpResponse:
    """Keep it and say what became of it; a repeat is answered like the first press, unless the action was taken back since."""
    try:
        action: Action | None = services.keep(
            event,
            by=request.user,
            op=op_of(request),
            may_commit=may_commit,
            idea=_idea(request, event),
            **form.cleaned_data,
        )
    except Repeated as repeated:
        action = access.made_by(event, repeated.operation)
    if action is None:
        return answer(request, event)
    said = reading.kept_words(action, getattr(form, "unclear", None))
    undo = reverse("action_take_back", args=[action.pk])
    return answer(request, event, said=said, anchor=f"action-{action.pk}", undo=undo)


@require_http_methods(["GET", "POST"])
def action_none(request: HttpRequest, code: str) -> HttpResponse:
    """Record that no action follows, and why."""
    event = access.get_event_for_proposing_or_404(request.user, code)
    if not event.may_commit:
        event_access.refuse("commit action")
    in_room = event.state == State.MEETING and event_access.may(event.role, "enter room")
    back = "room_detail" if in_room else "event_actions"
    answers = {name: whole(request.GET.get(name, "")) or None for name in ("factor", "cause")}
    form = NoActionForm(typed(request), event=event, initial=answers)
    if request.method == "POST" and form.is_valid():
        with suppress(Repeated):
            services.decide_not_to_act(event, by=request.user, op=op_of(request), **form.cleaned_data)
        if back == "room_detail":
            messages.success(request, NO_ACTION)
            return see_other(reverse(back, args=[code]))
        return answer(request, event, said=NO_ACTION)
    more = {"about": form.about(), "back": reverse(back, args=[code])}
    context = {"event": event, "form": form, "op": event_access.new_op(), **more}
    return render(request, "actions/action_none.html", context, status=422 if form.errors else 200)
