"""When the room meets: the page on which it is set, and the entry for a calendar."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from aar_site.http import typed
from retros import access
from retros.forms.schedule import ScheduleForm
from retros.http import op_of, see_other
from retros.live.log import Repeated
from retros.services import calendar, schedule
from retros.views.shell import event_context


@require_http_methods(["GET", "POST"])
def event_schedule(request: HttpRequest, code: str) -> HttpResponse:
    """When the room meets, for how long and by which agenda, and until when accounts are asked for."""
    event = access.get_event_or_404(request.user, code, "edit event")
    if "show" in request.POST:
        form = ScheduleForm(event=event, typed=request.POST)
    else:
        form = ScheduleForm(typed(request), event=event)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        times: dict[str, Any] = {name: data[name] for name in ("meeting_at", "accounts_due_at", "steps")}
        try:
            schedule.schedule(event, by=request.user, op=op_of(request), meeting_minutes=data["minutes"], **times)
        except Repeated:
            pass
        except ValidationError as error:
            form.add_error(None, error.messages)
        if not form.errors:
            messages.success(request, schedule.kept_words(event, data["meeting_at"]))
            return see_other(reverse("event_detail", args=[code]))
    context = event_context(event, request, form=form, time=schedule.facts(event))
    return render(request, "retros/event_schedule.html", context, status=422 if form.is_bound else 200)


@require_GET
def event_calendar(request: HttpRequest, code: str) -> HttpResponse:
    """The meeting as a file that every calendar reads. Raises WrongState where no time is set."""
    event = access.get_event_or_404(request.user, code, "enter room")
    response = HttpResponse(calendar.download(event), content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response["Content-Disposition"] = f'attachment; filename="review-{event.code}.ics"'
    response["Cache-Control"] = "private, no-store"
    return response
