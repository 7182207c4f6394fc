"""Pages of the people of an event: who is asked, in which role."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aar_site.http import typed
from retros import access
from retros.forms.people import FacilitatorForm, MemberForm, NewMemberForm
from retros.http import op_of, see_other
from retros.live.log import Repeated
from retros.models import Event, Membership
from retros.services import people
from retros.views.shell import event_context


@require_GET
def member_list(request: HttpRequest, code: str) -> HttpResponse:
    """Everybody with a role; the facilitator adds and changes."""
    event = access.get_event_or_404(request.user, code, "view event")
    return _page(request, event, NewMemberForm(people=people.addable(event)))


def _page(request: HttpRequest, event: Event, form: Any, status: int = 200) -> HttpResponse:
    context = event_context(event, request, form=form, people=people.people_of(event))
    return render(request, "retros/member_list.html", context, status=status)


@require_POST
def member_add(request: HttpRequest, code: str) -> HttpResponse:
    event = access.get_event_or_404(request.user, code, "manage people")
    form = NewMemberForm(request.POST, people=people.addable(event))
    if form.is_valid():
        try:
            people.add_person(event, by=request.user, op=op_of(request), **form.cleaned_data)
            return see_other(reverse("member_list", args=[code]))
        except Repeated:
            return see_other(reverse("member_list", args=[code]))
        except ValidationError as error:
            form.add_error(None, error.messages)
    return _page(request, event, form, 422)


@require_http_methods(["GET", "POST"])
def member_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    event, member = access.get_part_or_404(request.user, code, Membership, pk, "manage people")
    initial = {name: getattr(member, name) for name in ("role", "was_involved", "role_in_event")}
    form = MemberForm(typed(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            people.edit_person(member, by=request.user, op=op_of(request), **form.cleaned_data)
            return see_other(reverse("member_list", args=[code]))
        except Repeated:
            return see_other(reverse("member_list", args=[code]))
        except ValidationError as error:
            form.add_error(None, error.messages)
    context = event_context(event, request, form=form, member=member)
    return render(request, "retros/member_edit.html", context, status=422 if form.is_bound else 200)


@require_POST
def member_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    op = op_of(request)
    try:
        _, member = access.get_part_or_404(request.user, code, Membership, pk, "manage people", op=op)
        people.remove_person(member, by=request.user, op=op)
    except Repeated:
        pass
    return see_other(reverse("member_list", args=[code]))


@require_http_methods(["GET", "POST"])
def event_facilitator(request: HttpRequest, code: str) -> HttpResponse:
    """An administrator names the facilitator, without reading the review."""
    event = access.get_event_to_administer_or_404(request.user, code)
    form = FacilitatorForm(typed(request), people=people.members())
    if request.method == "POST" and form.is_valid():
        try:
            people.appoint_facilitator(event, user=form.cleaned_data["user"], by=request.user, op=op_of(request))
        except Repeated:
            pass
        return see_other(reverse("event_list"))
    context = {"event": event, "form": form, "op": access.new_op()}
    return render(request, "retros/event_facilitator.html", context, status=422 if form.is_bound else 200)
