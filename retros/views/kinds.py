"""Pages of what a kind of event has of its own: rows of goals, phases, choices and occurrences, added, changed and removed alike."""

from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from aar_site.http import typed
from retros import access
from retros.forms.events import EventForm, differences, initial_of
from retros.forms.kinds import PartForm
from retros.http import op_of, see_other, whole
from retros.live.log import Repeated, Stale
from retros.models import Event
from retros.services import kinds, taken
from retros.views.events import edit_page, part_form, remove_row
from retros.views.shell import event_context


def _part_or_404(slug: str) -> kinds.Part:
    if slug not in kinds.PARTS:
        raise Http404("No such list.")
    return kinds.PARTS[slug]


@require_POST
def part_add(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Add a row to one of the lists on the event's page."""
    event = access.get_event_or_404(request.user, code, "edit event")
    _part_or_404(slug)
    form = part_form(request, event, slug, data=request.POST)
    if form.is_valid():
        try:
            kinds.add_part(event, slug, by=request.user, op=op_of(request), **form.cleaned_data)
        except Repeated:
            pass
        except ValidationError as error:
            form.add_error(None, error.messages)
    if form.errors:
        page = EventForm(initial=initial_of(event), zone=event.time_zone)
        return edit_page(request, event, page, status=422, part_forms={slug: form})
    return see_other(reverse("event_edit", args=[code]), slug)


@require_http_methods(["GET", "POST"])
def part_edit(request: HttpRequest, code: str, slug: str, pk: int) -> HttpResponse:
    """Change a row. When somebody else changed it meanwhile, their words stand beside what was typed."""
    event, row = access.get_part_or_404(request.user, code, _part_or_404(slug).model, pk, "edit event")
    form = part_form(request, event, slug, row, typed(request))
    if request.method == "GET" or not form.is_valid():
        return _edit_page(request, event, row, form, status=422 if form.is_bound else 200)
    seen = request.POST.get("seen", "")
    try:
        kinds.edit_part(row, by=request.user, op=op_of(request), seen=seen, **form.cleaned_data)
    except Repeated:
        pass
    except Stale as error:
        now = {name: form.value_of(error.current, name) for name in form.fields}
        return _edit_page(request, event, error.current, form, status=409, theirs=differences(form, now))
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _edit_page(request, event, row, form, status=422)
    return see_other(reverse("event_edit", args=[code]), slug)


def _edit_page(
    request: HttpRequest, event: Event, row: Any, form: PartForm, *, status: int, theirs: Any = None
) -> HttpResponse:
    """The page of one row. What a conflict showed counts as read: then, and only then, `seen` is taken anew."""
    part = kinds.part_of(row)
    seen = (request.POST.get("seen") if theirs is None else "") or kinds.fingerprint(row)
    context = event_context(event, request, form=form, row=row, part=part, seen=seen, theirs=theirs)
    return render(request, "retros/part_edit.html", context, status=status)


@require_POST
def part_remove(request: HttpRequest, code: str, slug: str, pk: int) -> HttpResponse:
    """Take a row out."""
    return remove_row(request, code, _part_or_404(slug).model, pk, remove=kinds.remove_part)


@require_POST
def fact_restore(request: HttpRequest, code: str) -> HttpResponse:
    """Undo of taking a row, an interval or a figure out, by the number of that change (seq=)."""
    event = access.get_event_or_404(request.user, code, "edit event")
    with suppress(Repeated):
        taken.bring_back(event, whole(request.POST.get("seq", "")), by=request.user, op=op_of(request))
    return see_other(reverse("event_edit", args=[code]))
