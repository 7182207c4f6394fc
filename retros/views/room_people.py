"""The people of a room: signs of life, hands, the floor, who was there, and roles that change on the way."""

from contextlib import suppress

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from retros import access
from retros.forms.room import RoleForm
from retros.http import is_fragment, op_of, see_other, whole
from retros.live import presence
from retros.live.log import Repeated
from retros.models import Membership
from retros.services import attendance, floor, roles
from retros.views.room_answers import answer
from retros.views.shell import event_context


@require_POST
def room_attend(request: HttpRequest, code: str) -> HttpResponse:
    """A page says that its reader is here: when it is opened, and from then on in answer to what it hears."""
    event = access.get_event_or_404(request.user, code, "enter room")
    if event.state in attendance.OPEN:
        presence.sign(event.pk, request.user.pk or 0, presence.line_of(request.POST.get("line", "")))
    attendance.attend(event, by=request.user)
    return HttpResponse(status=204)


@require_POST
def room_writing(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody types in a field of the room (is_writing=yes), or stopped to. Neither the field nor the words are told."""
    event = access.get_event_or_404(request.user, code, "contribute")
    line = presence.line_of(request.POST.get("line", ""))
    presence.write(event.pk, request.user.pk or 0, line, is_writing=request.POST.get("is_writing") == "yes")
    return HttpResponse(status=204)


@require_POST
def room_hand(request: HttpRequest, code: str) -> HttpResponse:
    """Raise the own hand (is_up=yes) or take it down, which also ends having the floor."""
    event = access.get_event_or_404(request.user, code, "enter room")
    if request.POST.get("is_up") == "yes":
        floor.raise_hand(event, by=request.user)
    else:
        floor.lower_hand(event, user_id=request.user.pk or 0, by=request.user)
    return answer(request, event)


@require_POST
def room_floor(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Give somebody of the review the floor (has_floor=yes), or end it; a hand in the queue is taken down by the same."""
    event, member = access.get_part_or_404(request.user, code, Membership, pk, "steer room")
    verb = floor.give if request.POST.get("has_floor") == "yes" else floor.lower_hand
    verb(event, user_id=member.user_id, by=request.user)
    return answer(request, event)


@require_GET
def room_people(request: HttpRequest, code: str) -> HttpResponse:
    """Everybody with role and attendance, to be put right by who keeps the notes; a page, and the same in the room's sheet."""
    event = access.get_event_or_404(request.user, code, "keep notes")
    context = event_context(event, request, form=RoleForm(), **attendance.of_room(event))
    return render(request, "retros/room_people.html", context)


@require_POST
def room_attendance(request: HttpRequest, code: str) -> HttpResponse:
    """Say who was there: came= for each membership, was= for each that the page showed as having come."""
    event = access.get_event_or_404(request.user, code, "keep notes")
    came, was = ({whole(text) for text in request.POST.getlist(name)} for name in ("came", "was"))
    with suppress(Repeated):
        count = attendance.correct(event, came=came, was=was, by=request.user, op=op_of(request))
        if count and not is_fragment(request):
            messages.success(request, "The record says who was there, as you put it.")
    return see_other(reverse("room_people", args=[code]))


@require_POST
def room_role(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Make somebody participant, observer or scribe; they are told by their own page."""
    _, member = access.get_part_or_404(request.user, code, Membership, pk, "manage people")
    form = RoleForm(request.POST)
    if form.is_valid():
        with suppress(Repeated):
            roles.set_role(member, role=form.cleaned_data["role"], by=request.user, op=op_of(request))
    return see_other(reverse("room_people", args=[code]))
