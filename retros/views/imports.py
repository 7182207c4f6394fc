"""Pages of a record that is brought in: paste or upload, map and check, choose, added; and taking it back."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aar_site.http import typed
from retros import access
from retros.forms.imports import AnswersForm, RecordForm
from retros.http import op_of, see_other, whole
from retros.imports.found import Refused
from retros.live.log import Repeated
from retros.models import Event, Import, ImportState
from retros.services import accounts, import_page, import_rows, import_undo, imports, outline
from retros.services.people import people_of
from retros.services.states import check_open

PATIENCE = 2  # seconds of a request that adds; what is left then is carried on by the worker


def _context(event: Event, step: int, imp: Import | None = None, **more: Any) -> dict[str, Any]:
    return {"event": event, "step": step, "imp": imp, "op": access.new_op(), **more}


def _to(name: str, event: Event, pk: int | str, query: str = "") -> HttpResponse:
    address = reverse(name, args=[event.code, pk])
    return see_other(f"{address}?{query}" if query else address)


# --- 1 Paste or upload --------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def import_new(request: HttpRequest, code: str) -> HttpResponse:
    """Read a record; nothing of it is in the timeline yet."""
    event = access.get_event_or_404(request.user, code, "edit entries")
    check_open(event)
    form = RecordForm(typed(request), request.FILES or None)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            imp = imports.stage(
                event, by=request.user, name=data["name"], data=data["bytes"], format=data["format"], op=op_of(request)
            )
            return _to("import_check" if imports.asked_by(imp) else "import_choose", event, imp.pk)
        except Repeated as repeated:
            return _to("import_choose", event, repeated.operation.subject.removeprefix("import:"))
        except Refused as refusal:
            form.add_error("file" if "file" in request.FILES else "text", capfirst(str(refusal)))
    context = _context(event, 1, form=form, waiting=imports.waiting(event, request.user), **_brought_in(event))
    return render(request, "retros/import_new.html", context, status=422 if form.is_bound else 200)


def _brought_in(event: Event) -> dict[str, Any]:
    """The records of a timeline, with how much people worked with since."""
    rows = imports.brought_in(event)
    worked = import_undo.worked_with_each(event, [imp for imp in rows if imp.state == ImportState.ADDED])
    return {"imports": [(imp, len(worked.get(imp.pk, []))) for imp in rows]}


# --- 2 Map and check ----------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def import_check(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """What the record leaves open, and how it was understood; answering reads it anew."""
    event, imp = access.get_import_or_404(request.user, code, pk)
    if imp.state != ImportState.READ:
        return _to("imported_detail", event, pk)
    staged = import_rows.unpack(imp)
    user: Any = request.user
    offered = import_page.zones_offered(imp, staged, user.time_zone)
    began = accounts.frame_of(event, outline.zero_of(event)).first if staged.reading.needs_day else None
    people = [member.user.name for member in people_of(event)]
    first = {"reading": staged.reading, "answers": imp.answers, "zones_offered": offered, "people": people}
    first["day"] = began.date() if began else None
    form = AnswersForm(typed(request), **first, initial={"format": imp.format})
    if form.is_bound and form.is_valid():
        format = form.cleaned_data["format"]
        try:
            fresh = imports.answer(imp, by=request.user, answers=form.given(), format=format, op=op_of(request))
            is_more = imports.asked_by(fresh) - imports.asked_by(imp)  # a day was the question, then the zone is
            return _to("import_check" if is_more else "import_choose", event, pk)
        except Repeated:
            return _to("import_choose", event, pk)
        except Refused as refusal:
            form.add_error("format", capfirst(str(refusal)))
    context = _context(event, 2, imp, form=form, staged=staged, people=people, samples=import_page.samples(imp, staged))
    return render(request, "retros/import_check.html", context, status=422 if form.is_bound else 200)


# --- 3 Choose -----------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def import_choose(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """What was found, as it would stand. Each button of the page sends its ticks, so that they survive going to another one."""
    event, imp = access.get_import_or_404(request.user, code, pk)
    if imp.state != ImportState.READ:
        return _to("imported_detail", event, pk)
    if request.method == "GET":
        return _choose_page(request, event, imp)
    imports.choose(imp, by=request.user, **_ticks(request), every=_every(request, imp))
    return _to("import_choose", event, pk, _place(request.POST.get("to") or request.POST.get("here", "")))


def _ticks(request: HttpRequest) -> dict[str, Any]:
    """What stood on the page, and what was ticked and picked there."""
    shown = {whole(text, -1) for text in request.POST.getlist("shown")} - {-1}
    picked: dict[int, Any] = {}
    for index in shown:
        answer = request.POST.get(f"time-{index}", "")
        if answer:
            picked[index] = answer if answer == import_rows.WORDS else whole(answer)
    return {"shown": shown, "ticked": {whole(text, -1) for text in request.POST.getlist("row")}, "picked": picked}


def _every(request: HttpRequest, imp: Import) -> tuple[list[int], bool] | None:
    """All rows of the filter, to be ticked or cleared; None where no such button was pressed."""
    wish = request.POST.get("every", "")
    show = QueryDict(request.POST.get("here", "")).get("show", "")
    if wish not in {"yes", "no"} or show == "skipped":
        return None
    by_filter = import_rows.filtered(imp.event, import_rows.unpack(imp), imp)
    return by_filter.get(show, by_filter[""]), wish == "yes"


def _place(query: str) -> str:
    """A filter and a page, of what a button named."""
    given = QueryDict(query)
    show = given.get("show", "")
    return f"show={show if show in import_rows.FILTERS else ''}&page={whole(given.get('page', ''), 1)}"


def _choose_page(
    request: HttpRequest, event: Event, imp: Import, *, came: int = 0, status: int = 200, is_empty: bool = False
) -> HttpResponse:
    staged = import_rows.unpack(imp)
    show = "same" if came else request.GET.get("show", "")
    page = import_page.page(imp, staged, show=show, number=whole(request.GET.get("page", ""), 1))
    context = _context(event, 3, imp, page=page, staged=staged, came=came, is_empty=is_empty)
    return render(request, "retros/import_choose.html", context, status=status)


@require_POST
def import_add(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Add what is chosen: here while it takes seconds, by the worker what is left then."""
    event, imp = access.get_import_or_404(request.user, code, pk)
    op = op_of(request)
    if imp.state != ImportState.READ or access.carried_out(request.user, op, f"import:{pk}"):
        return _to("imported_detail", event, pk)
    imp = imports.choose(imp, by=request.user, **_ticks(request))
    if not imp.count:
        return _choose_page(request, event, imp, status=422, is_empty=True)
    try:
        imports.begin(imp, by=request.user, op=op)
    except Repeated:
        pass
    except imports.NowThere as some:
        _, imp = access.get_import_or_404(request.user, code, pk)
        return _choose_page(request, event, imp, came=some.count, status=409)
    imports.carry_on(pk, seconds=PATIENCE)
    return _to("imported_detail", event, pk)


@require_POST
def import_drop(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Throw the record away. Pressed twice, the second press finds nothing and leads to the same page."""
    op = op_of(request)
    event = access.get_event_or_404(request.user, code, "edit entries")
    if not access.carried_out(request.user, op, f"import:{pk}"):
        _, imp = access.get_import_or_404(request.user, code, pk)
        with suppress(Repeated):
            imports.drop(imp, by=request.user, op=op)
    return see_other(reverse("import_new", args=[event.code]))


# --- 4 Added ------------------------------------------------------------------------------------------------------------
@require_GET
def imported_detail(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """How adding goes, then what was added, what was left out and why, and the way back."""
    event, imp = access.get_import_or_404(request.user, code, pk)
    if imp.state == ImportState.READ:
        return _to("import_choose", event, pk)
    context = _context(event, 4, imp, here=import_undo.remaining(imp), **_brought_in(event))
    return render(request, "retros/imported_detail.html", context)


@require_POST
def imported_stop(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Give up adding; its owner may choose anew. What was quicker stays, and its page has an undo."""
    event, imp = access.get_import_or_404(request.user, code, pk)
    imports.stop(imp)
    if imp.by_id != request.user.pk:
        return see_other(reverse("timeline_detail", args=[code]))
    return _to("imported_detail", event, pk)


@require_http_methods(["GET", "POST"])
def imported_undo(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take the record back as one. What people worked with since is named first, and stays unless it is ticked."""
    event, imp = access.get_import_or_404(request.user, code, pk)
    worked = import_undo.worked_with(imp) if imp.state == ImportState.ADDED else []
    is_seen = request.POST.get("seen") == str(len(worked)) or not worked
    if request.method == "GET" or not is_seen:
        context = _context(event, 4, imp, worked=worked, going=import_undo.remaining(imp) - len(worked))
        return render(request, "retros/imported_undo.html", context, status=409 if request.method == "POST" else 200)
    also = {whole(text) for text in request.POST.getlist("also")}
    with suppress(Repeated):
        import_undo.undo(imp, by=request.user, also=also, op=op_of(request))
    return _to("imported_detail", event, pk)


@require_POST
def imported_redo(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Bring back what taking the record back removed."""
    event, imp = access.get_import_or_404(request.user, code, pk)
    with suppress(Repeated):
        import_undo.redo(imp, by=request.user, op=op_of(request))
    return _to("imported_detail", event, pk)
