"""Pages on which a sentence of an account becomes a moment: the author's own, and each that is open to who edits entries."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from aar_site.http import typed
from retros import access
from retros.forms.accounts import MomentForm
from retros.http import op_of, see_other
from retros.live.log import Repeated
from retros.models import Event, ParticipantAccount
from retros.services import accounts, lifting
from retros.views.shell import event_context

SHARED = "It is on the timeline now. You can take it back until all accounts are opened."
ADDED = "It is on the timeline, with the sentence that it came from."


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def account_share(request: HttpRequest, code: str) -> HttpResponse:
    """The author's own sentences; one of them, with ?sentence=, on its way to the timeline."""
    event = access.get_event_or_404(request.user, code, "write account")
    return _moments(request, event, accounts.own_account(event, request.user))


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def account_moments(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The same for an account that is open to the reader."""
    event, account = access.get_account_or_404(request.user, code, pk)
    return _moments(request, event, account)


def _moments(request: HttpRequest, event: Event, account: ParticipantAccount) -> HttpResponse:
    context = event_context(event, request, account=account, is_own=account.author_id == request.user.pk)
    book = lifting.book_of(event, request.user, context["zero"])
    found = book.moments(account)
    key = (request.POST if request.method == "POST" else request.GET).get("sentence", "")
    moment = lifting.find(found, key)
    if key and moment is None and request.method == "GET":
        raise Http404("No such sentence.")
    context["timed"] = book.with_near([m for m in found if m.holds_time or m.entry])
    context["removed"] = lifting.removed_by_others(account) if context["is_own"] else []
    context["others"] = [m for m in found if not m.holds_time and not m.entry]
    if moment is None:
        return render(request, "retros/account_moments.html", context, status=422 if request.method == "POST" else 200)
    return _moment(request, event, book.with_near([moment])[0], context)


def _moment(request: HttpRequest, event: Event, moment: lifting.Moment, context: dict[str, Any]) -> HttpResponse:
    form = MomentForm(typed(request), moment=moment, event=event, is_own=context["is_own"])
    if request.method == "POST" and form.is_valid():
        try:
            entry = lifting.lift(moment, by=request.user, op=op_of(request), **form.chosen())
            messages.success(request, ADDED if event.is_revealed else SHARED)
            at = f"?entry={entry.pk}#entry-{entry.pk}"
        except Repeated as repeated:
            at = f"#{repeated.operation.subject.replace('timelineentry:', 'entry-')}"
        if request.POST.get("back") == "room":
            return see_other(reverse("room_detail", args=[event.code]))
        if event.is_revealed:
            return see_other(reverse("timeline_detail", args=[event.code]) + at)
        return see_other(reverse("account_share", args=[event.code]))
    context.update(moment=moment, form=form, back=request.POST.get("back") or request.GET.get("back", ""))
    return render(request, "retros/account_moment.html", context, status=422 if form.is_bound else 200)


@require_POST
def account_unshare(request: HttpRequest, code: str) -> HttpResponse:
    """Take back what was shared early: it leaves the timeline for good."""
    event = access.get_event_or_404(request.user, code, "write account")
    account = accounts.own_account(event, request.user)
    try:
        is_gone = lifting.take_back(account, request.POST.get("sentence", ""), by=request.user, op=op_of(request))
    except Repeated:
        is_gone = True
    if is_gone:
        messages.success(request, "Taken back. It is gone from the timeline, and sealed with the rest.")
    return see_other(reverse("account_share", args=[code]))
