"""Forms of the notes: keep one, park an idea, take one away."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from retros import access
from retros.forms.room import NoteForm
from retros.http import is_fragment, op_of
from retros.live.log import Repeated
from retros.models import RoomNote
from retros.services import notes, room
from retros.views.room_answers import again, answer, carry_out, page


@require_POST
def note_add(request: HttpRequest, code: str) -> HttpResponse:
    """Keep a note, or park an idea for a later step."""
    event = access.get_event_or_404(request.user, code, "contribute")
    form = NoteForm(request.POST)
    if not form.is_valid():
        if is_fragment(request):
            more = {"note_form": form, "park_targets": room.park_targets(event)}
            return again(request, event, "retros/_room_note_form.html", "note-form", 422, **more)
        return page(request, event, 422, note_form=form)
    carry_out(notes.keep, event, request, **form.cleaned_data)
    return answer(request, event)


@require_POST
def note_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a note away (removed=yes), or bring it back; the own ones, or with the right to keep notes."""
    event, note = access.get_part_or_404(request.user, code, RoomNote, pk, "contribute")
    if note.created_by_id != request.user.pk and not access.may(event.role, "keep notes"):  # type: ignore[attr-defined]
        access.refuse("keep notes")
    note.event, removed = event, request.POST.get("removed") == "yes"
    try:
        notes.set_removed(note, by=request.user, removed=removed, op=op_of(request))
    except Repeated:
        pass
    if removed and is_fragment(request):
        undo = reverse("note_remove", args=[code, pk])
        return render(request, "_undo.html", {"text": "The note was removed.", "undo": undo, "target": "#toast"})
    return answer(request, event)
