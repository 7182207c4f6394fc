"""Silent writing in the room: opening and showing it, the own notes, and placing what was shown."""

import uuid
from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from retros import access
from retros.forms.silent import NotesForm, PlaceForm, SilentNoteForm
from retros.http import is_fragment, op_of, see_other, whole
from retros.live.log import Repeated, Stale
from retros.models import Event, Factor, SilentNote, State
from retros.services import factor_lists, silent
from retros.views.room_answers import answer, carry_out
from retros.views.shell import event_context


@require_POST
def silent_open(request: HttpRequest, code: str) -> HttpResponse:
    """Let everybody write."""
    event = access.get_event_or_404(request.user, code, "steer room")
    carry_out(silent.open_writing, event, request)
    return answer(request, event)


@require_POST
def silent_show(request: HttpRequest, code: str) -> HttpResponse:
    """Show all notes at once."""
    event = access.get_event_or_404(request.user, code, "steer room")
    carry_out(silent.show, event, request)
    return answer(request, event)


# --- The own notes --------------------------------------------------------------------------------------------------
def _context(request: HttpRequest, event: Event, **more: Any) -> dict[str, Any]:
    return {
        "event": event,
        "may": access.VERBS[event.role],  # type: ignore[attr-defined]
        "op": uuid.uuid4(),
        **factor_lists.own_context(event, request.user),
        **more,
    }


@require_GET
def silent_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The own notes as a page, for browsers without script."""
    event = access.get_event_or_404(request.user, code, "enter room")
    gone = whole(request.GET.get("removed", ""))
    return _page(request, event, undo=reverse("silent_remove", args=[code, gone]) if gone else "")


def _page(request: HttpRequest, event: Event, status: int = 200, **more: Any) -> HttpResponse:
    context = {**event_context(event, request), **_context(request, event, **more)}
    return render(request, "retros/silent_detail.html", context, status=status)


@require_GET
def silent_own(request: HttpRequest, code: str) -> HttpResponse:
    """The reader's part of the step: what they wrote, and the room's one number."""
    event = access.get_event_or_404(request.user, code, "enter room")
    return render(request, "retros/_silent_own.html", _context(request, event))


@require_GET
def silent_count(request: HttpRequest, code: str) -> HttpResponse:
    """How many notes there are, the same for everybody; asked for every few seconds, because a sealed note is no change."""
    event = access.get_event_or_404(request.user, code, "enter room")
    return render(request, "retros/_silent_count.html", {"event": event, **factor_lists.count_context(event)})


def _mine(request: HttpRequest, event: Event, status: int = 200, **more: Any) -> HttpResponse:
    """The list of the own notes for htmx, else their page."""
    if not is_fragment(request):
        if status == 200:
            return see_other(reverse("silent_detail", args=[event.code]))
        return _page(request, event, status, **more)
    context = _context(request, event, is_beside=True, **more)
    response = render(request, "retros/_silent_mine.html", context, status=status)
    if context["is_writing"]:
        response.write(render_to_string("retros/_silent_count.html", context))
    return response


@require_POST
def silent_add(request: HttpRequest, code: str) -> HttpResponse:
    """Keep notes, a line each."""
    event = access.get_event_or_404(request.user, code, "contribute")
    form = NotesForm(request.POST)
    if form.is_valid():
        given = {"texts": form.cleaned_data["text"], "category": form.cleaned_data["category"]}
        carry_out(silent.keep, event, request, **given)
        return _mine(request, event)
    if not is_fragment(request):
        return _page(request, event, 422, form=form)
    response = render(request, "retros/_silent_form.html", _context(request, event, form=form), status=422)
    response["HX-Retarget"] = "#silent-form"
    return response


@require_POST
def silent_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Change an own note. Another window of the same person in between: 409 with both texts."""
    event, note = access.get_silent_note_or_404(request.user, code, pk, "contribute")
    form = SilentNoteForm(request.POST)
    if not form.is_valid():
        return _mine(request, event, 422, form=form, edited=pk)
    version = whole(request.POST.get("version", ""), note.version)
    try:
        silent.edit(note, by=request.user, version=version, op=op_of(request), **form.cleaned_data)
    except Repeated:
        pass
    except Stale as stale:
        return _mine(request, event, 409, form=form, edited=pk, stale=stale.current)
    return _mine(request, event)


@require_POST
def silent_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take an own note away (removed=yes), or bring it back."""
    event, note = access.get_silent_note_or_404(request.user, code, pk, "contribute")
    removed = request.POST.get("removed") == "yes"
    with suppress(Repeated):
        silent.set_removed(note, by=request.user, removed=removed, op=op_of(request))
    if removed and not is_fragment(request):
        return see_other(f"{reverse('silent_detail', args=[code])}?removed={pk}", "undo")
    response = _mine(request, event)
    if removed:
        undo = {"text": "Your note was removed.", "undo": request.path, "target": "#silent-mine"}
        response.write(render_to_string("_undo.html", undo, request))
    return response


# --- Placing --------------------------------------------------------------------------------------------------------
@require_POST
def silent_place(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Say what becomes of a shown note: a factor of a kind, the same as one, parked, or left out."""
    event, note = access.get_silent_note_or_404(request.user, code, pk, "keep notes")
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return _lists(request, event, said="Choose a kind, or the factor that says the same.", status=422)
    try:
        said = _place(request, note, form.cleaned_data["verb"], form.cleaned_data["value"])
    except Repeated:
        said = ""
    return _lists(request, event, said=said, undo=reverse("silent_back", args=[code, pk]))


def _place(request: HttpRequest, note: SilentNote, verb: str, value: str) -> str:
    """Carry it out; what was done, in the words of the notice."""
    by: dict[str, Any] = {"by": request.user, "op": op_of(request)}
    if verb == "kind":
        return f"Placed under {silent.keep_as(note, category=value, **by).get_category_display().lower()}."
    if verb == "same":
        _, factor = access.get_part_or_404(request.user, note.event.code, Factor, whole(value), "keep notes")
        silent.same_as(note, factor=factor, **by)
        return "Put together with the factor that says the same."
    if verb == "parked":
        silent.park(note, **by)
        return "Parked for the actions."
    silent.leave_out(note, **by)
    return "Left out. It stays among what was written."


@require_POST
def silent_back(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a placed note up again; undo of placing it."""
    event, note = access.get_silent_note_or_404(request.user, code, pk, "keep notes")
    with suppress(Repeated):
        silent.put_back(note, by=request.user, op=op_of(request))
    return _lists(request, event)


def _lists(request: HttpRequest, event: Event, *, said: str = "", undo: str = "", status: int = 200) -> HttpResponse:
    """What was done, and its undo. In the room the stream brings the factors, once, as to everybody; elsewhere they come along."""
    if not is_fragment(request):
        name = "room_detail" if event.state == State.MEETING else "analysis_detail"
        return see_other(reverse(name, args=[event.code]), "part-factors")
    event.refresh_from_db()
    notice = {"text": said, "undo": undo, "target": "#part-factors"}
    words = render_to_string("_undo.html" if undo else "_notice.html", notice, request) if said else ""
    if request.headers.get("HX-Current-URL", "").split("?")[0].endswith(reverse("room_detail", args=[event.code])):
        return HttpResponse(words, status=status, headers={"HX-Reswap": "none"})
    context = {"event": event, **factor_lists.factors_context(event)}
    response = render(request, "retros/_room_factors.html", context, status=status)
    response.write(words)
    return response
