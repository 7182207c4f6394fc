"""Pages of the people of an event: who is asked, in which role."""

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aar_site.http import typed
from aar_site.outbox.mail import promised
from aar_site.words import in_words
from retros import access
from retros.forms.people import FacilitatorForm, InviteForm, MemberForm, NewMemberForm
from retros.http import op_of, see_other
from retros.live.log import Repeated, WrongState
from retros.models import Event, Membership
from retros.services import invitations, people
from retros.views.shell import event_context


@require_GET
def member_list(request: HttpRequest, code: str) -> HttpResponse:
    """Everybody with a role; the facilitator invites, adds and changes."""
    return _page(request, access.get_event_or_404(request.user, code, "view event"))


def _page(request: HttpRequest, event: Event, status: int = 200, **forms: Any) -> HttpResponse:
    """`forms`: the one that was refused, as `invite` or `form` (of one more colleague)."""
    context = event_context(event, request, people=people.people_of(event))
    if access.may(context["role"], "manage people"):
        ways = invitations.ways(event, context["people"])
        for member in context["people"]:
            member.way = ways[member.pk]
        context["invite"] = forms.get("invite") or InviteForm(prefix="many")
        context["form"] = forms.get("form") or NewMemberForm(people=people.addable(event))
        context["ended"] = next((m for m in context["people"] if str(m.pk) == request.GET.get("ended")), None)
    return render(request, "retros/member_list.html", context, status=status)


@require_POST
def member_invite(request: HttpRequest, code: str) -> HttpResponse:
    """Several people at once, by address."""
    event = access.get_event_or_404(request.user, code, "manage people")
    form = InviteForm(request.POST, prefix="many")
    if form.is_valid():
        data = form.cleaned_data
        try:
            done = invitations.invite_all(
                event, people=data.pop("addresses"), by=request.user, op=op_of(request), **data
            )
            messages.success(request, _said(done))
            return see_other(reverse("member_list", args=[code]))
        except Repeated:
            return see_other(reverse("member_list", args=[code]))
        except ValidationError as error:
            form.add_error("addresses", error.messages)
    return _page(request, event, 422, invite=form)


def _said(done: invitations.Outcome) -> str:
    count = len(done.invited)
    said = (
        f"{in_words(count).capitalize()} {'person is' if count == 1 else 'people are'} invited. {promised('')}".strip()
        if count
        else "Nobody new."
    )
    return f"{said} In the review already: {', '.join(done.present)}." if done.present else said


@require_POST
def member_add(request: HttpRequest, code: str) -> HttpResponse:
    """One colleague, out of the list of members."""
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
    return _page(request, event, 422, form=form)


MOVES = {
    "send": (invitations.send_again, "The invitation to {} is on its way again.", "Links sent before still open."),
    "end": (invitations.revoke, "", ""),
    "restore": (invitations.restore, "", "The link of {} opens again."),
    "renew": (invitations.renew, "A new link for {} is on its way.", "The former one is ended, everywhere."),
}


@require_POST
def member_link(request: HttpRequest, code: str, pk: int, move: str) -> HttpResponse:
    """What the facilitator does with a person's link."""
    _, member = access.get_part_or_404(request.user, code, Membership, pk, "manage people")
    if move not in MOVES:
        raise Http404("No such move.")
    act, mailed, rest = MOVES[move]
    page = reverse("member_list", args=[code])
    try:
        act(member, by=request.user, op=op_of(request))
    except Repeated:
        return see_other(page)
    except ValidationError as error:
        raise WrongState(" ".join(error.messages)) from None
    said = f"{promised(mailed) if mailed else ''} {rest}".strip().format(member.user.name)
    if said:
        messages.success(request, said)
    return see_other(page if said else f"{page}?ended={pk}", "" if not said else f"member-{pk}")


@require_http_methods(["GET", "POST"])
def member_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    try:
        event, member = access.get_part_or_404(request.user, code, Membership, pk, "manage people", op=op_of(request))
    except Repeated:  # it made somebody else the facilitator
        return see_other(reverse("member_list", args=[code]))
    initial = {name: getattr(member, name) for name in ("role", "was_involved", "role_in_event")}
    form = MemberForm(typed(request), initial=initial, is_guest=member.user.is_guest)
    form.fields["role"].show_hidden_initial = True  # what was read: in the room the pen may change hands meanwhile
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data if "role" in form.changed_data else {**form.cleaned_data, "role": ""}
        try:
            people.edit_person(member, by=request.user, op=op_of(request), **given)
            return see_other(reverse("member_list", args=[code]))
        except Repeated:
            return see_other(reverse("member_list", args=[code]))
        except ValidationError as error:
            form.add_error(None, error.messages)
    context = event_context(event, request, form=form, member=member, history=invitations.history(member))
    context["way"] = invitations.ways(event, [member])[member.pk]
    return render(request, "retros/member_edit.html", context, status=422 if form.is_bound else 200)


@require_POST
def member_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    op = op_of(request)
    with suppress(Repeated):
        _, member = access.get_part_or_404(request.user, code, Membership, pk, "manage people", op=op)
        people.remove_person(member, by=request.user, op=op)
    return see_other(reverse("member_list", args=[code]))


@require_GET
def person_links(request: HttpRequest, pk: int) -> HttpResponse:
    """Every personal link of somebody, for an administrator: by the titles of the reviews, which they do not read."""
    person = access.get_person_to_administer_or_404(request.user, pk)
    context = {"person": person, "ways": invitations.ways_of(person)}
    return render(request, "retros/person_links.html", context)


@require_POST
def person_link(request: HttpRequest, code: str, pk: int, move: str) -> HttpResponse:
    """An administrator ends somebody's link, or opens it again; what else is done with links is the facilitator's."""
    member = access.get_member_to_administer_or_404(request.user, code, pk)
    if move not in {"end", "restore"}:
        raise Http404("No such move.")
    with suppress(Repeated):
        MOVES[move][0](member, by=request.user, op=op_of(request))
    return see_other(reverse("person_links", args=[member.user_id]), f"link-{pk}")


@require_http_methods(["GET", "POST"])
def event_facilitator(request: HttpRequest, code: str) -> HttpResponse:
    """An administrator names the facilitator, without reading the review."""
    event = access.get_event_to_administer_or_404(request.user, code)
    form = FacilitatorForm(typed(request), people=people.members())
    if request.method == "POST" and form.is_valid():
        with suppress(Repeated):
            people.appoint_facilitator(event, user=form.cleaned_data["user"], by=request.user, op=op_of(request))
        return see_other(reverse("event_list"))
    context = {"event": event, "form": form, "op": access.new_op()}
    return render(request, "retros/event_facilitator.html", context, status=422 if form.is_bound else 200)
