"""Pages of the timeline: the list with its filters, adding, editing, removing, marking, and who changed what."""

from contextlib import suppress
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aar_site.http import typed
from retros import access, timing, when
from retros.document import kinds
from retros.document.build import date_of
from retros.document.chart import extent
from retros.document.filename import file_name
from retros.forms import hints
from retros.forms.events import differences
from retros.forms.timeline import EntryForm, initial_of
from retros.http import is_fragment, op_of, see_other, whole
from retros.live.log import Repeated, Stale
from retros.models import Event
from retros.services import entries, imports, lifting, outline, t_zero, timeline_filter, timeline_rows, timeline_table
from retros.views.room_answers import answer
from retros.views.shell import event_context


def _context(event: Event, request: HttpRequest) -> dict[str, Any]:
    """With the stretches of impact, which picture and hints both look at."""
    prefetch_related_objects([event], "intervals")
    return event_context(event, request, event.intervals.all())


@require_GET
def timeline_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The timeline with filters as links, a page at a time; ?at=23:07 leads to the moment that is nearest."""
    event = access.get_event_or_404(request.user, code, "view timeline")
    context = _context(event, request)
    chosen = timeline_filter.read(event, request.GET)
    if at := request.GET.get("at", "").strip():
        try:
            shown = [mark for mark in context["rows"] if chosen.lets(mark)]
            return _at_entry(request, code, timeline_rows.nearest(event, shown, at[:60], context["zero"]))
        except (when.NotATime, when.Unclear) as error:
            context.update(at=at, at_error=str(error))
    return _page(request, event, context, chosen)


def _page(
    request: HttpRequest,
    event: Event,
    context: dict[str, Any],
    chosen: timeline_filter.Filter,
    form: EntryForm | None = None,
) -> HttpResponse:
    marks, zero = context["rows"], timing.known_zero(event, context["zero"])
    asked = {name: whole(request.GET.get(name, "")) for name in ("page", "entry", "removed")}
    page = timeline_rows.page(event, marks, chosen, zero, number=asked["page"], entry=asked["entry"])
    context["page_at"] = timeline_rows.lies(
        page, extent(event, marks, kinds.phases_of(event)) if page.numbers else None
    )
    is_wrong = bool(form) or "at_error" in context
    context.update(
        page=page,
        zero=zero,
        chosen=chosen,
        choices=timeline_filter.first_row(marks, chosen),
        further=timeline_filter.further(event, marks, chosen),
        form=form or (_blank(event, zero, request) if {"mark", "add"} & set(request.GET) else None),
        taken=asked["entry"] if "day" in request.GET else 0,
        removed=entries.removed_entry(event, asked["removed"]),
        t_zero=t_zero.story(event, marks, zero, is_new="t0" in request.GET),
        derived=timing.derived(event, marks),
        imports=imports.brought_in(event),
        **_way_back(event, chosen.query),
        **_rights(event),
        **hints.aside(event, marks, context["may"]),
        **lifting.aside(event, request.user, zero, context["may"], [line.entry for line in page.lines]),
    )
    return render(request, "retros/timeline_detail.html", context, status=422 if is_wrong else 200)


def _way_back(event: Event, query: str) -> dict[str, str]:
    """The timeline's address and the filter that the reader came with, for the links of a row: they lead away and back."""
    return {"base": reverse("timeline_detail", args=[event.code]), "query": query, "tail": f"?{query}" if query else ""}


def _rights(event: Event) -> dict[str, bool]:
    """What the reader may do with each row of the list."""
    may = access.VERBS[event.role]  # type: ignore[attr-defined]
    is_open = not event.is_closed
    return {
        "may_change": is_open and "edit entries" in may,
        "may_say": is_open and "add entry" in may,
        "may_look": "enter room" in may,
    }


def _at_entry(request: HttpRequest, code: str, pk: int | str, also: str = "") -> HttpResponse:
    """Back to the timeline, on the page and at the place of an entry, under the filter that the reader came with."""
    query = timeline_filter.kept(request.GET)
    parts = "&".join(part for part in (query, f"entry={pk}", also) if part)
    return see_other(f"{reverse('timeline_detail', args=[code])}?{parts}", f"entry-{pk}")


def _taken(form: EntryForm) -> str:
    """Says beside the moment that its clock was read on another day than the form named."""
    return "day=taken" if form.taken else ""


def _form(event: Event, zero: Any, data: Any = None, **kwargs: Any) -> EntryForm:
    """A clock alone is read on the day of the last entry, else of the event's start."""
    return EntryForm(data, event=event, day=outline.last_day(event), zero=zero, **kwargs)


def _blank(event: Event, zero: Any, request: HttpRequest) -> EntryForm:
    """The form as it opens: at its first field, with the landmark that was asked for."""
    form = _form(event, zero, initial={"landmark": request.GET.get("mark", "")})
    form.fields["time"].widget.attrs["autofocus"] = True
    return form


@require_http_methods(["GET", "POST"])
def entry_add(request: HttpRequest, code: str) -> HttpResponse:
    """Add a moment; what was understood of the time stands in the new row."""
    event = access.get_event_or_404(request.user, code, "add entry")
    if request.method == "GET":
        return see_other(reverse("timeline_detail", args=[code]) + "?add=1")
    form = _form(event, outline.zero_of(event), request.POST)
    if not form.is_valid():
        context = _context(event, request)
        return _page(request, event, context, timeline_filter.read(event, request.GET), form)
    try:
        entry = entries.add(
            event, by=request.user, op=op_of(request), when=form.cleaned_data["when"], **form.fields_of_entry()
        )
    except Repeated as repeated:
        return _at_entry(request, code, repeated.operation.subject.removeprefix("timelineentry:"))
    return _at_entry(request, code, entry.pk, _taken(form))


@require_http_methods(["GET", "POST"])
def entry_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Edit a moment, with who changed what before. Somebody else's edit in between answers 409 with both texts."""
    event, entry = access.get_entry_or_404(request.user, code, pk, "add entry")
    form = EntryForm(typed(request), event=event, initial=initial_of(entry), near=entry, zero=outline.zero_of(event))
    stale: list[tuple[str, str]] | None = None
    if request.method == "POST" and form.is_valid():
        data = {"version": whole(request.POST.get("version", "")), "reason": form.cleaned_data["reason"]}
        fields = {**form.fields_of_entry(), "when": form.cleaned_data["when"]}
        try:
            entries.edit(entry, by=request.user, op=op_of(request), **data, **fields)
            return _at_entry(request, code, pk, _taken(form))
        except Repeated:
            return _at_entry(request, code, pk)
        except Stale as error:
            entry, stale = error.current, differences(form, initial_of(error.current))
    context = event_context(event, request, form=form, entry=entry, stale=stale)
    context.update(history=entries.history(entry), **_way_back(event, timeline_filter.kept(request.GET)))
    status = 409 if stale is not None else 422 if form.is_bound else 200
    return render(request, "retros/entry_edit.html", context, status=status)


@require_GET
def entry_history(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One moment and everything that was done to it, for the people of the review."""
    event, entry = access.get_entry_or_404(request.user, code, pk, "enter room")
    context = event_context(event, request, entry=entry, history=entries.history(entry))
    context["line"] = timeline_rows.lines_of(event, [entry], context["zero"])[0]
    context.update(**_way_back(event, timeline_filter.kept(request.GET)))
    return render(request, "retros/entry_history.html", context)


@require_GET
def timeline_removed(request: HttpRequest, code: str) -> HttpResponse:
    """Moments that were taken out, each to be brought back."""
    event = access.get_event_or_404(request.user, code, "add entry")
    context = event_context(event, request)
    own = None if access.may(event.role, "edit entries") else request.user.pk  # type: ignore[attr-defined]
    context["lines"] = timeline_rows.lines_of(event, entries.removed(event, of=own), context["zero"])
    return render(request, "retros/timeline_removed.html", context)


@require_POST
def entry_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    _, entry = access.get_entry_or_404(request.user, code, pk, "add entry")
    with suppress(Repeated):
        entries.set_removed(
            entry, by=request.user, removed=True, op=op_of(request), reason=request.POST.get("reason", "")
        )
    parts = "&".join(part for part in (timeline_filter.kept(request.GET), f"removed={pk}") if part)
    return see_other(f"{reverse('timeline_detail', args=[code])}?{parts}", "undo")


@require_POST
def entry_restore(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    _, entry = access.get_entry_or_404(request.user, code, pk, "add entry")
    with suppress(Repeated):
        entries.set_removed(entry, by=request.user, removed=False, op=op_of(request))
    return _at_entry(request, code, pk)


@require_POST
def entry_key(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Mark as key (is_key=yes) or not; the row comes back where it stands, or the reader to the room (back=room)."""
    event, entry = access.get_entry_or_404(request.user, code, pk, "edit entries")
    with suppress(Repeated):
        entries.set_key(entry, by=request.user, is_key=request.POST.get("is_key") == "yes", op=op_of(request))
    if request.POST.get("back") == "room":
        return answer(request, event)
    if not is_fragment(request):
        return _at_entry(request, code, pk)
    return render(request, "retros/_entry.html", _row(request, event, pk))


def _row(request: HttpRequest, event: Event, pk: int) -> dict[str, Any]:
    """What one row of the list says, without a look at the others."""
    (line,) = timeline_rows.lines_of(event, entries.loaded(event, [pk]), outline.zero_of(event))
    lifting.mark_sources([line.entry], request.user)
    may = access.VERBS[event.role]  # type: ignore[attr-defined]
    back = _way_back(event, timeline_filter.kept(request.GET))
    row = {"event": event, "line": line, "entry": line.entry, "may": may, "is_swapped": True}
    return {**row, **back, **_rights(event)}


@require_POST
def entry_move(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Move up (way=up) or down among the entries of the same minute."""
    _, entry = access.get_entry_or_404(request.user, code, pk, "edit entries")
    with suppress(Repeated):
        entries.move(entry, by=request.user, up=request.POST.get("way") == "up", op=op_of(request))
    return _at_entry(request, code, pk)


@require_POST
def entry_t_zero(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Count offsets from this entry; reset=yes returns to the detection. The page then offers what was before."""
    event, entry = access.get_entry_or_404(request.user, code, pk, "edit entries")
    is_reset = request.POST.get("reset") == "yes"
    with suppress(Repeated):
        entries.set_t_zero(event, by=request.user, entry=None if is_reset else entry, op=op_of(request))
    return _at_entry(request, code, pk, "t0=moved")


@require_GET
def timeline_export(request: HttpRequest, code: str) -> HttpResponse:
    """The moments that the filter asks for, all of them without one, as CSV: for people of the organisation."""
    event = access.get_event_or_404(request.user, code, "view timeline")
    if request.user.is_guest:  # type: ignore[union-attr]
        raise PermissionDenied("A table is taken along by people of the organisation. Ask the facilitator for it.")
    text = timeline_table.as_csv(event, timeline_filter.read(event, request.GET))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    name = file_name(event.title, date_of(event), "csv").replace("aar", "timeline", 1)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
