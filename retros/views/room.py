"""The room: one page for everybody, and the small forms on it."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from retros import access
from retros.forms.review import SectionForm
from retros.forms.room import CloseForm, NoteForm
from retros.http import is_fragment, op_of, see_other, whole
from retros.live.log import Repeated, Stale
from retros.models import Event, RoomNote, TimelineEntry
from retros.services import document, meeting, room
from retros.views.shell import may_classes


@require_GET
def room_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The room for everybody; the number of the last change is read before the content, so none is missed."""
    event = access.get_event_or_404(request.user, code, "enter room")
    return _page(request, event)


def _page(request: HttpRequest, event: Event, status: int = 200, **more: Any) -> HttpResponse:
    seq = event.change_seq
    context = {
        **room.context(event),
        "seq": seq,
        "op": uuid.uuid4(),
        "anonymous_op": uuid.uuid4(),  # shared with no other form: an operation that is kept names its person
        "role": event.role,  # type: ignore[attr-defined]
        "may": access.VERBS[event.role],  # type: ignore[attr-defined]
        "may_classes": may_classes(event, event.role),  # type: ignore[attr-defined]
        "has_agreed": f"agreed-{event.code}" in request.session,
        "has_answered": f"closed-{event.code}" in request.session,
        **more,
    }
    return render(request, "retros/room_detail.html", context, status=status)


def _answer(request: HttpRequest, event: Event) -> HttpResponse:
    """After a kept form: nothing for the script, to which the change comes as to everybody, by the stream; else the page."""
    if is_fragment(request):
        return HttpResponse(status=204)
    return see_other(reverse("room_detail", args=[event.code]))


def _put(request: HttpRequest, event: Event, template: str, target: str, status: int, **more: Any) -> HttpResponse:
    """A form that was not kept, with what was typed, in the place where it stands."""
    context = {"event": event, "may": access.VERBS[event.role], "op": uuid.uuid4(), **more}  # type: ignore[attr-defined]
    response = render(request, template, context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = f"#{target}", "outerHTML"
    return response


def _do(verb: Callable[..., Any], event: Event, request: HttpRequest, **fields: Any) -> bool:
    """Carry out a verb; a repeat is answered like the first. False where the room had moved on."""
    try:
        verb(event, by=request.user, op=op_of(request), **fields)
    except Repeated:
        pass
    except Stale:
        return False
    return True


@require_POST
def room_start(request: HttpRequest, code: str) -> HttpResponse:
    event = access.get_event_or_404(request.user, code, "steer room")
    _do(meeting.start, event, request)
    return see_other(reverse("room_detail", args=[code]))


@require_POST
def room_step(request: HttpRequest, code: str) -> HttpResponse:
    """Move from the step that was seen (from=) to another (to=)."""
    event = access.get_event_or_404(request.user, code, "steer room")
    ranks = {f"{name}_rank": whole(request.POST.get(name, ""), -1) for name in ("from", "to")}
    if min(ranks.values()) >= 0:
        _do(meeting.go, event, request, **ranks)
    return _answer(request, event)


@require_POST
def room_pause(request: HttpRequest, code: str) -> HttpResponse:
    """Stop the clock (is_paused=yes), or let it run on."""
    event = access.get_event_or_404(request.user, code, "steer room")
    _do(meeting.set_paused, event, request, is_paused=request.POST.get("is_paused") == "yes")
    return _answer(request, event)


@require_POST
def room_extend(request: HttpRequest, code: str) -> HttpResponse:
    """Five minutes more for this step."""
    event = access.get_event_or_404(request.user, code, "steer room")
    _do(meeting.add_minutes, event, request)
    return _answer(request, event)


@require_POST
def room_end(request: HttpRequest, code: str) -> HttpResponse:
    """Close the room; the review becomes a draft."""
    event = access.get_event_or_404(request.user, code, "steer room")
    _do(meeting.end, event, request)
    messages.success(request, "The room is closed. The review is a draft now: polish it within two days.")
    return see_other(reverse("review_detail", args=[code]))


@require_POST
def room_reopen(request: HttpRequest, code: str) -> HttpResponse:
    event = access.get_event_or_404(request.user, code, "steer room")
    _do(meeting.reopen, event, request)
    return see_other(reverse("room_detail", args=[code]))


@require_POST
def room_cursor(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take everybody to a moment of the timeline."""
    event, entry = access.get_part_or_404(request.user, code, TimelineEntry, pk, "steer room")
    _do(meeting.set_cursor, event, request, entry=entry)
    return _answer(request, event)


@require_POST
def note_add(request: HttpRequest, code: str) -> HttpResponse:
    """Keep a note, or park an idea for a later step."""
    event = access.get_event_or_404(request.user, code, "contribute")
    form = NoteForm(request.POST)
    if not form.is_valid():
        if is_fragment(request):
            more = {"note_form": form, "park_targets": room.park_targets(event)}
            return _put(request, event, "retros/_room_note_form.html", "note-form", 422, **more)
        return _page(request, event, 422, note_form=form)
    _do(meeting.keep_note, event, request, **form.cleaned_data)
    return _answer(request, event)


@require_POST
def note_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a note away (removed=yes), or bring it back; the own ones, or with the right to keep notes."""
    event, note = access.get_part_or_404(request.user, code, RoomNote, pk, "contribute")
    if note.created_by_id != request.user.pk and not access.may(event.role, "keep notes"):  # type: ignore[attr-defined]
        access.refuse("keep notes")
    note.event, removed = event, request.POST.get("removed") == "yes"
    try:
        meeting.set_note_removed(note, by=request.user, removed=removed, op=op_of(request))
    except Repeated:
        pass
    if removed and is_fragment(request):
        undo = reverse("note_remove", args=[code, pk])
        return render(request, "_undo.html", {"text": "The note was removed.", "undo": undo, "target": "#toast"})
    return _answer(request, event)


@require_POST
def room_agree(request: HttpRequest, code: str) -> HttpResponse:
    """Agree to the ground rule; the session remembers that it did, nothing says who."""
    event = access.get_event_or_404(request.user, code, "enter room")
    key = f"agreed-{event.code}"
    if key not in request.session and _do(meeting.agree, event, request):
        request.session[key] = True
    return _answer(request, event)


@require_POST
def room_close_answer(request: HttpRequest, code: str) -> HttpResponse:
    """Two anonymous answers, once per session."""
    event = access.get_event_or_404(request.user, code, "enter room")
    form, key = CloseForm(request.POST), f"closed-{event.code}"
    if not form.is_valid():
        return _page(request, event, 422, close_error="Answer both questions, or skip them.")
    if key not in request.session:
        given = {
            "has_learned": form.cleaned_data["learned"] == "yes",
            "would_come_again": form.cleaned_data["again"] == "yes",
        }
        if _do(meeting.answer_close, event, request, **given):
            request.session[key] = True
    return see_other(reverse("room_detail", args=[code]))


@require_POST
def room_attend(request: HttpRequest, code: str) -> HttpResponse:
    """The browser says that its reader came in."""
    event = access.get_event_or_404(request.user, code, "enter room")
    meeting.attend(event, by=request.user)
    return HttpResponse(status=204)


@require_POST
def room_text(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Keep the text of a section in the room. Somebody else's text in between: the editor with both."""
    event = access.get_event_or_404(request.user, code, "edit document")
    form = SectionForm(request.POST)
    if not room.has_text(event, slug):
        raise Http404("No such text.")
    if not form.is_valid():
        return _text_again(request, event, slug, 422, text_error=" ".join(map(str, form.errors.get("text", []))))
    text, base = form.cleaned_data["text"].strip(), form.cleaned_data["base"]
    try:
        document.save_text(event, slug, text=text, base_number=base, by=request.user, op=op_of(request))
    except Repeated:
        pass
    except Stale as stale:
        return _text_again(request, event, slug, 409, conflict=document.conflict(stale.current, text, base))
    return _answer(request, event)


def _text_again(request: HttpRequest, event: Event, slug: str, status: int, **more: Any) -> HttpResponse:
    """The editor once more, with what was typed and why it was not kept."""
    both = more.get("conflict")
    typed = (both and both.combined) or request.POST.get("text", "")
    more.update(again=slug, typed=typed, base=request.POST.get("base", ""))
    if not is_fragment(request):
        return _page(request, event, status, **more)
    part = room.text_part(event, slug)
    return _put(request, event, "retros/_room_text.html", f"part-text-{slug}", status, **part, **more)
