"""Pages of events: the list, a new one, what is known of it, its preparation, and the decision against a review."""

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aar_site.http import typed
from aar_site.outbox import mail
from retros import access, sections
from retros.forms.events import (
    EventForm,
    FigureForm,
    IntervalForm,
    NewEventForm,
    ReasonForm,
    differences,
    initial_of,
)
from retros.forms.kinds import FORMS, PartForm
from retros.http import op_of, see_other, whole
from retros.live.log import Repeated, Stale, WrongState
from retros.models import Event, ImpactFigure, ImpactInterval
from retros.services import (
    accounts,
    agenda,
    events,
    kinds,
    outline,
    people,
    readiness,
    recurrence,
    schedule,
    similar,
    taken,
)
from retros.services import event_list as lists
from retros.views.shell import event_context


@require_GET
def event_list(request: HttpRequest) -> HttpResponse:
    """Events by where they stand; filters are links."""
    given = {name: request.GET.get(name, "") for name in ("kind", "team", "year")}
    listing = lists.listing(
        request.user,
        kind=given["kind"],
        team=whole(given["team"]),
        year=given["year"],
        show_all="all" in request.GET,
        late_only="late" in request.GET,
    )
    context = {
        "listing": listing,
        "given": given,
        "teams": access.teams_of(request.user),
        "late": "late" in request.GET,
    }
    return render(request, "retros/event_list.html", context)


@require_http_methods(["GET", "POST"])
def event_new(request: HttpRequest) -> HttpResponse:
    """Open an event; every member may."""
    user: Any = request.user
    if user.is_guest:
        raise PermissionDenied("Members open events. Ask the person who invited you.")
    form = _new_form(request, user)
    if form.is_bound and form.is_valid():
        try:
            event = events.open_event(by=user, op=op_of(request), **form.cleaned_data)
        except Repeated as repeated:
            event = repeated.operation.event
        except ValidationError as error:
            form.add_error(None, error.messages)
        if not form.errors:
            return see_other(reverse("event_detail", args=[event.code]))
    op = request.POST.get("op") or access.new_op()
    context: dict[str, Any] = {"form": form, "op": op, "from": _from(request)}
    context["minutes"] = agenda.length_for(form.chosen_kind, form.chosen_severity)
    context["agenda"] = agenda.agenda_for(Event(kind=form.chosen_kind, meeting_minutes=context["minutes"]))
    return render(request, "retros/event_new.html", context, status=422 if form.is_bound else 200)


def _from(request: HttpRequest) -> str:
    """The code of the event that a recurring issue is opened from."""
    return (request.POST.get("from") or request.GET.get("from", ""))[:20]


def _new_form(request: HttpRequest, user: Any) -> NewEventForm:
    """The form as it was sent, or as it opens: for the kind that was chosen, with what was typed before, and with the events
    that a recurring issue repeats."""
    again, keys = None, request.POST.getlist("occurrences")
    if _from(request):
        again = recurrence.proposal(access.get_event_or_404(user, _from(request), "view event"), user)
    known = [str(event.pk) for event in again.events] if again else []
    more = {"people": people.members(), "zone": user.time_zone, "earlier": recurrence.opened_from(user, keys + known)}
    if request.method == "POST" and "show" not in request.POST:
        return NewEventForm(request.POST, **more)
    initial: dict[str, Any] = {"facilitator": user.pk, "kind": request.GET.get("kind", "incident")}
    teams = list(user.team_memberships.values_list("team", flat=True)[:2])
    if len(teams) == 1:
        initial["team"] = teams[0]
    if again:
        services = ", ".join(again.events[-1].services.values_list("name", flat=True))
        initial |= {"title": again.title, "services": services, "team": again.events[-1].team_id, "occurrences": known}
    return NewEventForm(initial=initial | typed_before(request), **more)


def typed_before(request: HttpRequest) -> dict[str, Any]:
    """What stood in the form when another kind was chosen: it is shown again, and nothing is checked yet."""
    found = {name: request.POST[name] for name in NewEventForm.base_fields if name in request.POST}
    return found | ({"occurrences": request.POST.getlist("occurrences")} if "occurrences" in found else {})


@require_GET
def event_detail(request: HttpRequest, code: str) -> HttpResponse:
    """Prepare: what is ready, what comes next, who is asked, what is still open from earlier."""
    event = kinds.read_ahead(access.get_event_or_404(request.user, code, "view event"))
    context = event_context(event, request)
    rows, verbs = people.people_of(event, request.user), context["may"]
    standings = accounts.standings(event, rows) if "see account states" in verbs else None
    checks = readiness.checks(event, rows, standings)
    context.update(
        checks=checks,
        ready=sum(check.state == "ok" for check in checks),
        people=rows,
        standings=standings,
        is_waiting=mail.leaves() and any(row.state == "not in" for row in standings or ()),
        told=accounts.told(event, request.user, standings),
        step=readiness.next_step(event, verbs, rows, standings, len(context["rows"])),
        own=readiness.own_account(event, request.user, rows),
        asides=[s for s in sections.sections_for(event) if s.aside_template],
        time=schedule.facts(event),
        late=lists.late_words(event),
        again=recurrence.proposal(event, request.user),
        similar=[] if event.is_closed else similar.similar(event, request.user),
        **kinds.facts(event, request.user),
    )
    for section in context["asides"]:
        context.update(section.aside_context(event, request.user))
    return render(request, "retros/event_detail.html", context)


@require_http_methods(["GET", "POST"])
def event_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change what is known. When somebody else changed it meanwhile, their values stand beside what was typed."""
    event = kinds.read_ahead(access.get_event_or_404(request.user, code, "edit event"), "services")
    sent = None if "show" in request.POST else typed(request)
    form = EventForm(sent, initial=initial_of(event) | typed_before(request), zone=event.time_zone)
    if not form.is_bound or not form.is_valid():
        return edit_page(request, event, form, status=422 if form.is_bound else 200)
    seen = request.POST.get("seen", "")
    try:
        events.edit_event(event, by=request.user, op=op_of(request), seen=seen, **form.cleaned_data)
    except Repeated:
        pass
    except Stale as error:
        now = initial_of(error.current)
        return edit_page(request, event, form, status=409, theirs=differences(form, now), seen=None)
    except (WrongState, ValidationError) as error:
        form.add_error(None, getattr(error, "messages", [str(error)]))
        return edit_page(request, event, form, status=422)
    return see_other(reverse("event_detail", args=[code]))


def edit_page(request: HttpRequest, event: Event, form: EventForm, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page with its three forms. What a conflict showed counts as read: then, and only then, `seen` is taken anew."""
    kinds.read_ahead(event, "services")
    seen = more.pop("seen", request.POST.get("seen")) or events.fingerprint(event)
    given = more.pop("part_forms", {})
    more.setdefault("interval_form", IntervalForm(event=event))
    more.setdefault("figure_form", FigureForm())
    context = event_context(event, request, form=form, seen=seen, **more)
    context["removed"] = taken.taken(event, whole(request.GET.get("removed", "")))
    context["removed_seq"] = request.GET.get("removed", "")
    context["first_sign"] = outline.first_sign(event, context["rows"])
    context["intervals"], context["figures"] = event.intervals.all(), event.figures.all()
    context.update(kinds.facts(event, request.user))
    for entry in context["parts"]:
        slug = entry["part"].slug
        entry["form"] = given.get(slug) or part_form(request, event, slug)
    return render(request, "retros/event_edit.html", context, status=status)


def part_form(request: HttpRequest, event: Event, slug: str, row: Any = None, data: Any = None) -> PartForm:
    """The form of a row; earlier events are those that the reader may open."""
    more = {"earlier": recurrence.choosable(request.user, event)} if slug == "occurrences" else {}
    return FORMS[slug](data, event=event, row=row, **more)


def _parts_page(request: HttpRequest, event: Event, **forms: Any) -> HttpResponse:
    page = EventForm(initial=initial_of(event), zone=event.time_zone)
    return edit_page(request, event, page, status=422, **forms)


@require_POST
def interval_add(request: HttpRequest, code: str) -> HttpResponse:
    event = access.get_event_or_404(request.user, code, "edit event")
    form = IntervalForm(request.POST, event=event)
    if not form.is_valid():
        return _parts_page(request, event, interval_form=form)
    with suppress(Repeated):
        events.add_interval(event, by=request.user, op=op_of(request), **form.cleaned_data)
    return see_other(reverse("event_edit", args=[code]), "intervals")


@require_http_methods(["GET", "POST"])
def interval_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    event, interval = access.get_part_or_404(request.user, code, ImpactInterval, pk, "edit event")
    form = IntervalForm(typed(request), event=event, interval=interval)
    return _edit_number(request, event, interval, form, name="interval", edit=events.edit_interval)


def _edit_number(request: HttpRequest, event: Event, row: Any, form: Any, *, name: str, edit: Any) -> HttpResponse:
    """The page of an interval or a figure. Somebody quicker: 409 with what it says now."""
    seen, status = request.POST.get("seen") or events.seen_of(row), 422 if form.is_bound else 200
    theirs = None
    if form.is_bound and form.is_valid():
        try:
            edit(row, by=request.user, seen=seen, op=op_of(request), **form.cleaned_data)
        except Repeated:
            pass
        except Stale as error:
            now = {field: form.value_of(error.current, field) for field in form.fields}
            theirs, seen, status = differences(form, now), events.seen_of(error.current), 409
        if theirs is None:
            return see_other(reverse("event_edit", args=[event.code]), f"{name}s")
    context = event_context(event, request, form=form, seen=seen, theirs=theirs, **{name: row})
    return render(request, f"retros/{name}_edit.html", context, status=status)


def remove_row(request: HttpRequest, code: str, model: Any, pk: int, *, remove: Any) -> HttpResponse:
    """Take a row off the event's page, and back to it, where it is offered to bring it back."""
    op = op_of(request)
    try:
        _, row = access.get_part_or_404(request.user, code, model, pk, "edit event", op=op)
        seq = remove(row, by=request.user, op=op)
    except Repeated as repeated:
        seq = repeated.operation.seq
    return see_other(f"{reverse('event_edit', args=[code])}?removed={seq}", "undo")


@require_POST
def interval_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    return remove_row(request, code, ImpactInterval, pk, remove=events.remove_interval)


@require_POST
def figure_add(request: HttpRequest, code: str) -> HttpResponse:
    event = access.get_event_or_404(request.user, code, "edit event")
    form = FigureForm(request.POST)
    if not form.is_valid():
        return _parts_page(request, event, figure_form=form)
    with suppress(Repeated):
        events.add_figure(event, by=request.user, op=op_of(request), **form.cleaned_data)
    return see_other(reverse("event_edit", args=[code]), "figures")


@require_http_methods(["GET", "POST"])
def figure_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    event, figure = access.get_part_or_404(request.user, code, ImpactFigure, pk, "edit event")
    form = FigureForm(typed(request), initial={"value": figure.value, "label": figure.label})
    return _edit_number(request, event, figure, form, name="figure", edit=events.edit_figure)


@require_POST
def figure_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    return remove_row(request, code, ImpactFigure, pk, remove=events.remove_figure)


@require_http_methods(["GET", "POST"])
def event_decline(request: HttpRequest, code: str) -> HttpResponse:
    """Record that this event gets no review, and why."""
    event = access.get_event_or_404(request.user, code, "decline review")
    form = ReasonForm(typed(request))
    if request.method == "POST" and form.is_valid():
        with suppress(Repeated):
            events.decline_review(event, by=request.user, op=op_of(request), reason=form.cleaned_data["reason"])
        messages.success(request, "Recorded. The reason stands in the list of events.")
        return see_other(reverse("event_detail", args=[code]))
    context = event_context(event, request, form=form)
    return render(request, "retros/event_decline.html", context, status=422 if form.is_bound else 200)


@require_POST
def event_take_up(request: HttpRequest, code: str) -> HttpResponse:
    """Take the decision against a review back."""
    event = access.get_event_or_404(request.user, code, "decline review")
    with suppress(Repeated):
        events.take_up_review(event, by=request.user, op=op_of(request))
    return see_other(reverse("event_detail", args=[code]))
