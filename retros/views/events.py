"""Pages of events: the list, a new one, what is known of it, its preparation, its time, and the decision against a review."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from retros import access, sections
from retros.forms.events import (
    KIND_HINTS,
    EventForm,
    FigureForm,
    IntervalForm,
    NewEventForm,
    ReasonForm,
    ScheduleForm,
    initial_of,
    words_for,
)
from retros.http import op_of, see_other
from retros.live.log import Repeated, Stale
from retros.models import Event, ImpactFigure, ImpactInterval
from retros.services import accounts, event_list as lists, events, people, readiness
from retros.views.shell import event_context


@require_GET
def event_list(request: HttpRequest) -> HttpResponse:
    """Events by where they stand; filters are links."""
    given = {name: request.GET.get(name, "") for name in ("kind", "team", "year")}
    listing = lists.listing(request.user, **given, show_all="all" in request.GET)
    teams = access.teams_of(request.user)
    return render(request, "retros/event_list.html", {"listing": listing, "given": given, "teams": teams})


@require_http_methods(["GET", "POST"])
def event_new(request: HttpRequest) -> HttpResponse:
    """Open an event; every member may."""
    if request.user.is_guest:
        raise PermissionDenied("Members open events. Ask the person who invited you.")
    initial = {"facilitator": request.user.pk, "kind": request.GET.get("kind", "incident")}
    form = NewEventForm(request.POST or None, people=people.members(), zone=request.user.time_zone, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            event = events.open_event(by=request.user, op=op_of(request), **form.cleaned_data)
        except Repeated as repeated:
            event = repeated.operation.event
        if not access.role_of(request.user, event):
            return see_other(reverse("event_list"))
        return see_other(reverse("event_detail", args=[event.code]))
    context = {"form": form, "kind_hints": KIND_HINTS, "op": request.POST.get("op") or access.new_op()}
    return render(request, "retros/event_new.html", context, status=422 if form.is_bound else 200)


@require_GET
def event_detail(request: HttpRequest, code: str) -> HttpResponse:
    """Prepare: what is ready, who is asked, what is still open from earlier."""
    event = access.get_event_or_404(request.user, code, "view event")
    context = event_context(event, request)
    checks = readiness.checks(event)
    if "see account states" not in context["may"]:
        checks = [check for check in checks if check.group != "Accounts"]
    context.update(
        checks=checks,
        ready=sum(check.state == "ok" for check in checks),
        people=people.people_of(event),
        own=accounts.own_account(event, request.user) if "write account" in context["may"] else None,
        asides=[s for s in sections.sections_for(event) if s.aside_template],
        meeting_due=events.meeting_due(event),
        publish_due=events.publish_due(event),
    )
    for section in context["asides"]:
        context.update(section.aside_context(event, request.user))
    if "see account states" in context["may"]:
        context.update(standings=accounts.standings(event), told=accounts.notes_for_facilitator(event))
    return render(request, "retros/event_detail.html", context)


@require_http_methods(["GET", "POST"])
def event_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change what is known. When somebody else changed it meanwhile, their values stand beside what was typed."""
    event = access.get_event_or_404(request.user, code, "edit event")
    form = EventForm(request.POST or None, initial=initial_of(event), zone=event.time_zone)
    stale: Event | None = None
    if request.method == "POST" and form.is_valid():
        try:
            events.edit_event(
                event, by=request.user, op=op_of(request), seen=request.POST.get("seen", ""), **form.cleaned_data
            )
            return see_other(reverse("event_detail", args=[event.code]))
        except Repeated:
            return see_other(reverse("event_detail", args=[event.code]))
        except Stale as error:
            stale = error.current
    status = 409 if stale else 422 if form.is_bound else 200
    return _edit_page(request, event, form, status=status, stale=stale)


def _edit_page(request: HttpRequest, event: Event, form: EventForm, *, status: int = 200, **more: Any) -> HttpResponse:
    more.setdefault("interval_form", IntervalForm(event=event))
    more.setdefault("figure_form", FigureForm())
    context = event_context(event, request, form=form, kind_hints=KIND_HINTS, seen=events.fingerprint(event), **more)
    if more.get("stale"):
        context["theirs"] = differences(form, initial_of(more["stale"]))
    return render(request, "retros/event_edit.html", context, status=status)


def differences(form: EventForm, now: dict[str, Any]) -> list[tuple[str, str]]:
    """(label, their value) of each field that says something else than what was typed."""
    found = []
    for name, field in form.fields.items():
        theirs = now.get(name, "")
        typed = form.data.get(name, "")
        said = str(getattr(theirs, "pk", theirs) if theirs is not None else "")
        if name in now and name != "is_restricted" and said != typed:
            found.append((str(field.label), str(theirs or "empty")))
    return found


@require_POST
def interval_add(request: HttpRequest, code: str) -> HttpResponse:
    event = access.get_event_or_404(request.user, code, "edit event")
    form = IntervalForm(request.POST, event=event)
    if not form.is_valid():
        page = EventForm(initial=initial_of(event), zone=event.time_zone)
        return _edit_page(request, event, page, status=422, interval_form=form)
    fields = {name: form.cleaned_data[name] for name in ("label", "started_at", "ended_at")}
    try:
        events.add_interval(event, by=request.user, op=op_of(request), **fields)
    except Repeated:
        pass
    return see_other(reverse("event_edit", args=[code]), "intervals")


@require_POST
def interval_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    _, interval = access.get_part_or_404(request.user, code, ImpactInterval, pk, "edit event")
    events.remove_interval(interval, by=request.user, op=op_of(request))
    return see_other(reverse("event_edit", args=[code]), "intervals")


@require_POST
def figure_add(request: HttpRequest, code: str) -> HttpResponse:
    event = access.get_event_or_404(request.user, code, "edit event")
    form = FigureForm(request.POST)
    if not form.is_valid():
        page = EventForm(initial=initial_of(event), zone=event.time_zone)
        return _edit_page(request, event, page, status=422, figure_form=form)
    try:
        events.add_figure(event, by=request.user, op=op_of(request), **form.cleaned_data)
    except Repeated:
        pass
    return see_other(reverse("event_edit", args=[code]), "figures")


@require_POST
def figure_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    _, figure = access.get_part_or_404(request.user, code, ImpactFigure, pk, "edit event")
    events.remove_figure(figure, by=request.user, op=op_of(request))
    return see_other(reverse("event_edit", args=[code]), "figures")


@require_http_methods(["GET", "POST"])
def event_schedule(request: HttpRequest, code: str) -> HttpResponse:
    """When the room meets, and until when accounts are asked for."""
    event = access.get_event_or_404(request.user, code, "edit event")
    initial = {"minutes": event.meeting_minutes}
    for name, moment in (("meeting", event.meeting_at), ("accounts_due", event.accounts_due_at)):
        initial[name] = words_for(moment.astimezone(event.zone) if moment else None, "exact")
    form = ScheduleForm(request.POST or None, event=event, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        times = {"meeting_at": data["meeting_at"], "accounts_due_at": data["accounts_due_at"]}
        try:
            events.schedule(event, by=request.user, op=op_of(request), meeting_minutes=data["minutes"], **times)
        except Repeated:
            pass
        return see_other(reverse("event_detail", args=[code]))
    due = {"meeting_due": events.meeting_due(event), "publish_due": events.publish_due(event)}
    context = event_context(event, request, form=form, **due)
    return render(request, "retros/event_schedule.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def event_decline(request: HttpRequest, code: str) -> HttpResponse:
    """Record that this event gets no review, and why."""
    event = access.get_event_or_404(request.user, code, "decline review")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            events.decline_review(event, by=request.user, op=op_of(request), reason=form.cleaned_data["reason"])
        except Repeated:
            pass
        messages.success(request, "Recorded. The reason stands in the list of events.")
        return see_other(reverse("event_detail", args=[code]))
    context = event_context(event, request, form=form)
    return render(request, "retros/event_decline.html", context, status=422 if form.is_bound else 200)


@require_POST
def event_take_up(request: HttpRequest, code: str) -> HttpResponse:
    """Take the decision against a review back."""
    event = access.get_event_or_404(request.user, code, "decline review")
    try:
        events.take_up_review(event, by=request.user, op=op_of(request))
    except Repeated:
        pass
    return redirect("event_detail", code)
