"""Pages of the timeline: the list with its filters, adding, editing, removing, marking."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aar_site.http import typed
from retros import access, timing
from retros.forms.events import differences
from retros.forms.timeline import EntryForm, initial_of
from retros.http import op_of, see_other, whole
from retros.live.log import Repeated, Stale
from retros.models import Event, TimelineEntry
from retros.services import entries, timeline_rows
from retros.views.shell import event_context


@require_GET
def timeline_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The timeline with filters as links, a page at a time."""
    event = access.get_event_or_404(request.user, code, "view timeline")
    return _page(request, event)


def _page(request: HttpRequest, event: Event, form: EntryForm | None = None) -> HttpResponse:
    context = event_context(event, request)
    rows = context["rows"]
    show = request.GET.get("show", "")
    shown = timeline_rows.chosen(rows, show)
    last = max(1, -(-len(shown) // timeline_rows.PAGE))
    number = whole(request.GET.get("page", "")) or timeline_rows.page_of(shown, whole(request.GET.get("entry", "")))
    page = max(1, min(number, last))
    part = shown[(page - 1) * timeline_rows.PAGE : page * timeline_rows.PAGE]
    entries.fill_quotations(part)
    context.update(
        lines=timeline_rows.lines_of(event, part, context["zero"], is_part=page > 1 or len(shown) < len(rows)),
        choices=timeline_rows.choices(rows),
        show=show,
        pages=range(1, last + 1),
        page=page,
        form=form or _blank(event, rows, request),
        is_form_open=bool(form) or not {"mark", "add"}.isdisjoint(request.GET),
        removed=entries.removed_entry(event, whole(request.GET.get("removed", ""))),
        **timeline_rows.hints(event, rows),
    )
    return render(request, "retros/timeline_detail.html", context, status=422 if form else 200)


def _at_entry(code: str, pk: int | str) -> HttpResponse:
    """Back to the timeline, on the page and at the place of an entry."""
    return see_other(f"{reverse('timeline_detail', args=[code])}?entry={pk}", f"entry-{pk}")


def _form(event: Event, rows: list[TimelineEntry], data: Any = None, **kwargs: Any) -> EntryForm:
    """A bare clock is read on the day of the last entry, else of the event's start."""
    last = next((row.local_at for row in reversed(rows) if row.local_at), event.local_start)
    return EntryForm(data, event=event, day=last.date() if last else None, zero=timing.t_zero(event, rows), **kwargs)


def _blank(event: Event, rows: list[TimelineEntry], request: HttpRequest) -> EntryForm:
    """The form as it opens: at its first field, with the landmark that was asked for."""
    form = _form(event, rows, initial={"landmark": request.GET.get("mark", "")})
    form.fields["time"].widget.attrs["autofocus"] = True
    return form


@require_http_methods(["GET", "POST"])
def entry_add(request: HttpRequest, code: str) -> HttpResponse:
    """Add a moment; what was understood of the time stands in the new row."""
    event = access.get_event_or_404(request.user, code, "add entry")
    if request.method == "GET":
        return see_other(reverse("timeline_detail", args=[code]) + "?add=1")
    rows = entries.ordered(event, light=True)
    form = _form(event, rows, request.POST)
    if not form.is_valid():
        return _page(request, event, form)
    try:
        entry = entries.add(
            event, by=request.user, op=op_of(request), when=form.cleaned_data["when"], **form.fields_of_entry()
        )
    except Repeated as repeated:
        return _at_entry(code, repeated.operation.subject.removeprefix("timelineentry:"))
    return _at_entry(code, entry.pk)


@require_http_methods(["GET", "POST"])
def entry_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Edit a moment, with who changed what before. Somebody else's edit in between answers 409 with both texts."""
    event, entry = access.get_entry_or_404(request.user, code, pk, "add entry")
    rows = entries.ordered(event, light=True)
    form = EntryForm(typed(request), event=event, initial=initial_of(entry), zero=timing.t_zero(event, rows))
    form.day = entry.local_at.date() if entry.local_at else form.day
    stale: list[tuple[str, str]] | None = None
    if request.method == "POST" and form.is_valid():
        data = {"version": whole(request.POST.get("version", "")), "when": form.cleaned_data["when"]}
        try:
            entries.edit(entry, by=request.user, op=op_of(request), **data, **form.fields_of_entry())
            return _at_entry(code, pk)
        except Repeated:
            return _at_entry(code, pk)
        except Stale as error:
            entry, stale = error.current, differences(form, initial_of(error.current))
    status = 409 if stale is not None else 422 if form.is_bound else 200
    history = [(item, entries.former_words(item)) for item in entries.history(entry)]
    context = event_context(event, request, form=form, entry=entry, stale=stale, history=history)
    return render(request, "retros/entry_edit.html", context, status=status)


@require_POST
def entry_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    _, entry = access.get_entry_or_404(request.user, code, pk, "add entry")
    try:
        entries.set_removed(entry, by=request.user, removed=True, op=op_of(request))
    except Repeated:
        pass
    return see_other(f"{reverse('timeline_detail', args=[code])}?removed={pk}", "undo")


@require_POST
def entry_restore(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    _, entry = access.get_entry_or_404(request.user, code, pk, "add entry")
    try:
        entries.set_removed(entry, by=request.user, removed=False, op=op_of(request))
    except Repeated:
        pass
    return _at_entry(code, pk)


@require_POST
def entry_key(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Mark as key (is_key=yes) or not."""
    _, entry = access.get_entry_or_404(request.user, code, pk, "edit entries")
    try:
        entries.set_key(entry, by=request.user, is_key=request.POST.get("is_key") == "yes", op=op_of(request))
    except Repeated:
        pass
    return _at_entry(code, pk)


@require_POST
def entry_move(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Move up (way=up) or down among the entries of the same minute."""
    _, entry = access.get_entry_or_404(request.user, code, pk, "edit entries")
    try:
        entries.move(entry, by=request.user, up=request.POST.get("way") == "up", op=op_of(request))
    except Repeated:
        pass
    return _at_entry(code, pk)


@require_POST
def entry_t_zero(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Count offsets from this entry; reset=yes returns to the detection."""
    event, entry = access.get_entry_or_404(request.user, code, pk, "edit entries")
    is_reset = request.POST.get("reset") == "yes"
    try:
        entries.set_t_zero(event, by=request.user, entry=None if is_reset else entry, op=op_of(request))
    except Repeated:
        pass
    return _at_entry(code, pk)
