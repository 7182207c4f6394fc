"""Forms of the notes: keep one, change it, take it away; park an idea, and say what becomes of it."""

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from retros import access
from retros.forms.room import NoteForm, TakeUpForm
from retros.http import chosen, is_fragment, op_of, see_other, whole
from retros.live.log import Repeated, Stale
from retros.models import Category, Event, RoomNote
from retros.services import clash, notes
from retros.views.contributing import own_or_writer
from retros.views.room_answers import again, answer, carry_out, page
from retros.views.shell import event_context

GONE = {
    "note_remove": "The note was removed.",
    "note_take_up": "The idea was dropped.",
}  # by the verb that also brings it back


@require_GET
def note_list(request: HttpRequest, code: str) -> HttpResponse:
    """Everything that was noted, by the step at which it was said."""
    event = access.get_event_or_404(request.user, code, "enter room")
    context = event_context(event, request, steps=notes.by_step(event))
    for name, said in GONE.items():
        if pk := whole(request.GET.get(name, "")):
            context.update(said=said, undo=reverse(name, args=[code, pk]))
    return render(request, "retros/note_list.html", context)


@require_POST
def note_add(request: HttpRequest, code: str) -> HttpResponse:
    """Keep a note, or park an idea for a later step."""
    event = access.get_room_or_404(request.user, code, "contribute")
    form = NoteForm(request.POST)
    if not form.is_valid():
        if is_fragment(request):
            more = {"note_form": form, "park_targets": notes.park_targets(event)}
            return again(request, event, "retros/_room_note_form.html", "note-form", 422, **more)
        return page(request, event, 422, note_form=form)
    carry_out(notes.keep, event, request, **form.cleaned_data)
    return answer(request, event)


def _own_or_keeper(request: HttpRequest, code: str, pk: int) -> tuple[Event, RoomNote]:
    """A note for somebody who wrote it, or keeps the notes."""
    event, note = access.get_part_or_404(request.user, code, RoomNote, pk, "contribute")
    if note.created_by_id != request.user.pk and not access.may(event.role, "keep notes"):  # type: ignore[attr-defined]
        access.refuse("keep notes")
    note.event = event
    return event, note


@require_GET
def note_form(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The form of a note alone, to be shown in its place."""
    event, note = _own_or_keeper(request, code, pk)
    context = {"event": event, **_form_context(event, note, NoteForm(initial=_initial(note)))}
    return render(request, "retros/_note_edit.html", context)


@require_http_methods(["GET", "POST"])
def note_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Change a note. Somebody else's change in between answers 409 with both texts."""
    event, note = _own_or_keeper(request, code, pk)
    form = NoteForm(chosen(request), initial=_initial(note))
    if request.method == "POST" and not form.is_bound:
        return _changed(request, note)  # theirs was taken, and stands
    if request.method != "POST" or not form.is_valid():
        return _form(request, event, note, form, status=422 if form.is_bound else 200)
    version = whole(request.POST.get("version", ""), note.version)
    try:
        notes.edit(note, by=request.user, version=version, op=op_of(request), **form.cleaned_data)
    except Repeated:
        pass
    except Stale as stale:
        both = clash.of(stale.current, form.cleaned_data["text"], started_from=version, by=request.user)
        return _form(request, event, stale.current, form, status=409, clash=both)
    return _changed(request, note)


def _changed(request: HttpRequest, note: RoomNote) -> HttpResponse:
    if is_fragment(request):
        return render(request, "retros/_note_slot.html", {"note": note})
    return see_other(reverse("room_detail", args=[note.event.code]), f"note-{note.pk}")


def _initial(note: RoomNote) -> dict[str, str]:
    return {"text": note.text, "parked_for": note.parked_for}


def _form_context(event: Event, note: RoomNote, form: NoteForm, **more: Any) -> dict[str, Any]:
    form.auto_id = f"note-{note.pk}-%s"  # several may be open
    return {"note": note, "form": form, "park_targets": notes.park_targets(event), **more}


def _form(request: HttpRequest, event: Event, note: RoomNote, form: NoteForm, *, status: int, **more: Any) -> Any:
    """The form in its place for htmx, on a page of its own otherwise."""
    context = _form_context(event, note, form, **more)
    if is_fragment(request):
        return again(request, event, "retros/_note_edit.html", f"form-note-{note.pk}", status, **context)
    return render(request, "retros/note_edit.html", {**event_context(event, request), **context}, status=status)


@require_POST
def note_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a note away (removed=yes), or bring it back; the own ones, or with the right to keep notes."""
    event, note = _own_or_keeper(request, code, pk)
    removed = request.POST.get("removed") == "yes"
    with suppress(Repeated):
        notes.set_removed(note, by=request.user, removed=removed, op=op_of(request))
    return _gone(request, code, pk, "note_remove") if removed else answer(request, event)


@require_POST
def note_take_up(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """What becomes of a parked idea: a note, a factor, dropped, another step; or way=parked, which brings it back."""
    event, note = own_or_writer(request, code, RoomNote, pk)
    form = TakeUpForm(request.POST)
    if not form.is_valid():
        if is_fragment(request):
            more = {"note": note, "take_up": form, "idea_kinds": Category.choices}
            return again(request, event, "retros/_room_idea.html", f"idea-{pk}", 422, **more)
        messages.error(request, "Choose a kind of condition, then keep it as a factor.")
        return page(request, event, 422)
    with suppress(Repeated):
        notes.take_up(note, by=request.user, op=op_of(request), **form.cleaned_data)
    return (
        _gone(request, code, pk, "note_take_up")
        if form.cleaned_data["way"] == notes.DROPPED
        else answer(request, event)
    )


def _gone(request: HttpRequest, code: str, pk: int, verb: str) -> HttpResponse:
    """What was done and the way back: in the room's notice, without script above the list of notes."""
    if not is_fragment(request):
        return see_other(f"{reverse('note_list', args=[code])}?{verb}={pk}", "undo")
    undo = reverse(verb, args=[code, pk])
    return render(request, "_undo.html", {"text": GONE[verb], "undo": undo, "target": "#toast"})
