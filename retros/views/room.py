"""The room: one page for everybody, and the small forms on it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from retros import access
from retros.forms.review import SectionForm
from retros.http import is_fragment, op_of, see_other, whole
from retros.live.log import Repeated, Stale, WrongState
from retros.models import Event
from retros.services import document, meeting, room
from retros.views.room_answers import again, answer, carry_out, page


@require_GET
def room_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The room for everybody; the number of the last change is read before the content, so none is missed."""
    event = access.get_event_or_404(request.user, code, "enter room")
    return page(request, event)


@require_POST
def room_start(request: HttpRequest, code: str) -> HttpResponse:
    event = access.get_room_or_404(request.user, code, "steer room")
    carry_out(meeting.start, event, request)
    return see_other(reverse("room_detail", args=[code]))


@require_POST
def room_step(request: HttpRequest, code: str) -> HttpResponse:
    """Move from the step that was seen (from=) to another (to=). Of several presses one moves the room, the others are told."""
    event = access.get_room_or_404(request.user, code, "steer room")
    ranks = {f"{name}_rank": whole(request.POST.get(name, ""), -1) for name in ("from", "to")}
    if min(ranks.values()) < 0 or not carry_out(meeting.go, event, request, **ranks):
        raise WrongState("The room had moved on already. Look where it stands now.")
    return answer(request, event)


@require_POST
def room_pause(request: HttpRequest, code: str) -> HttpResponse:
    """Stop the clock (is_paused=yes), or let it run on."""
    event = access.get_room_or_404(request.user, code, "steer room")
    carry_out(meeting.set_paused, event, request, is_paused=request.POST.get("is_paused") == "yes")
    return answer(request, event)


@require_POST
def room_extend(request: HttpRequest, code: str) -> HttpResponse:
    """Five minutes more for this step."""
    event = access.get_room_or_404(request.user, code, "steer room")
    carry_out(meeting.add_minutes, event, request)
    return answer(request, event)


@require_POST
def room_end(request: HttpRequest, code: str) -> HttpResponse:
    """Close the room; the review becomes a draft."""
    event = access.get_room_or_404(request.user, code, "steer room")
    carry_out(meeting.end, event, request)
    messages.success(request, "The room is closed. The review is a draft now: polish it within two days.")
    return see_other(reverse("review_detail", args=[code]))


@require_POST
def room_reopen(request: HttpRequest, code: str) -> HttpResponse:
    event = access.get_room_or_404(request.user, code, "steer room")
    carry_out(meeting.reopen, event, request)
    return see_other(reverse("room_detail", args=[code]))


@require_POST
def room_cursor(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take everybody to a moment of the timeline."""
    event, entry = access.get_entry_or_404(request.user, code, pk, "steer room")
    carry_out(meeting.set_cursor, event, request, entry=entry)
    return answer(request, event)


@require_POST
def room_agree(request: HttpRequest, code: str) -> HttpResponse:
    """Agree to the ground rule; the session remembers that it did, nothing says who."""
    event = access.get_event_or_404(request.user, code, "enter room")
    key = f"agreed-{event.code}"
    if key not in request.session and carry_out(meeting.agree, event, request):
        request.session[key] = True
    return answer(request, event)


@require_POST
def room_text(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Keep the text of a section in the room. Somebody else's text in between: the editor with both."""
    event = access.get_event_or_404(request.user, code, "edit document")
    form = SectionForm(request.POST)
    if not room.has_text(event, slug):
        raise Http404("No such text.")
    if not form.is_valid():
        return _text_again(request, event, slug, 422, text_error=" ".join(map(str, form.errors.get("text", []))))
    if request.POST.get("use") == "theirs":
        return _text_again(request, event, slug, 200) if is_fragment(request) else answer(request, event)
    text, base = form.chosen(), form.cleaned_data["base"]
    try:
        document.save_text(event, slug, text=text, base_number=base, by=request.user, op=op_of(request))
    except Repeated:
        pass
    except Stale as stale:
        return _text_again(request, event, slug, 409, conflict=document.conflict(stale.current, text, base))
    return answer(request, event)


def _text_again(request: HttpRequest, event: Event, slug: str, status: int, **more: Any) -> HttpResponse:
    """The editor once more, with what was typed and why it was not kept; as it stands (200) where somebody else's was taken."""
    both = more.get("conflict")
    if status != 200:
        typed = (both and both.combined) or request.POST.get("text", "")
        more.update(again=slug, typed=typed, base=request.POST.get("base", ""))
    if not is_fragment(request):
        return page(request, event, status, **more)
    part = room.text_part(event, slug)
    return again(request, event, "retros/_room_text.html", f"part-text-{slug}", status, **part, **more)
