"""Pages of accounts: write one, open all, read them side by side."""

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aar_site.http import typed
from aar_site.outbox.mail import promised
from retros import access
from retros.forms.accounts import AccountForm
from retros.http import op_of, see_other
from retros.live.log import Repeated, Stale, WrongState
from retros.models import Event, ParticipantAccount
from retros.services import accounts, lifting, outline, people
from retros.views.shell import event_context

SUBMITTED = "Your account is in. You can edit it until all accounts are opened together."
ELSEWHERE = "Not saved: another window of yours saved other words. Press the button to see both."
SUBMITTED_LATER = "Your account is in, marked as later. Everyone in the review can read it."


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def account_edit(request: HttpRequest, code: str) -> HttpResponse:
    """The own account. POST hands it in; the draft saves itself through `account_save`."""
    event = access.get_event_or_404(request.user, code, "write account")
    account = accounts.own_account(event, request.user)
    form = AccountForm(typed(request), account=account, **_asked_of(event, request))
    if request.method == "POST" and form.is_valid():
        try:
            accounts.submit(event, by=request.user, op=op_of(request), window=form.window(), **form.written())
        except Repeated:
            pass
        except Stale as stale:
            return _conflict_page(request, event, stale.current, form.written())
        except ValidationError as error:
            form.add_error(None, error)
            return _account_page(request, event, account, form, 422)
        except WrongState as refusal:
            form.add_error(None, str(refusal))
            now = access.get_event_or_404(request.user, code, "write account")
            return _account_page(request, now, account, form, 409)
        messages.success(request, SUBMITTED_LATER if event.is_revealed else SUBMITTED)
        return see_other(reverse("account_edit", args=[code]))
    return _account_page(request, event, account, form, 422 if form.is_bound else 200)


def _asked_of(event: Event, request: HttpRequest) -> dict[str, str]:
    """What chooses the questions: the event's kind, and the person's part in it."""
    return {"kind": event.kind, "part": people.part_of(event, request.user)}


def _conflict_page(
    request: HttpRequest, event: Event, account: ParticipantAccount, written: dict[str, Any]
) -> HttpResponse:
    """What was typed in the fields, what another window kept above them; sent again, the author has read both."""
    typed_text = {**written["answers"], "note": written["note"]}
    form = AccountForm(account=account, initial=typed_text, **_asked_of(event, request))
    return _account_page(request, event, account, form, 409, stale=accounts.differences(account, **written))


def _account_page(
    request: HttpRequest, event: Event, account: ParticipantAccount, form: AccountForm, status: int, **more: Any
) -> HttpResponse:
    context = event_context(event, request, form=form, account=account, **more)
    context["facilitator"] = people.facilitator_of(event)
    context["book"] = book = lifting.book_of(event, request.user, context["zero"])
    context["shared"] = [(offset, row) for offset, row in book.on_timeline() if row.account_id == account.pk]
    context["timed"] = [moment for moment in book.moments(account) if moment.holds_time and not moment.entry]
    context["read_as"] = accounts.read_as(event, str(form["noticed_at"].value() or ""), context["zero"])
    return render(request, "retros/account_edit.html", context, status=status)


@sensitive_post_parameters()
@require_POST
def account_save(request: HttpRequest, code: str) -> HttpResponse:
    """Autosave: keeps the draft, and answers how the first clock is read; the page says when it was kept.

    Refused where another window saved meanwhile: the button, which sends the whole page, then shows both texts.
    """
    event = access.get_event_or_404(request.user, code, "write account")
    form = AccountForm(request.POST, kind=event.kind)
    if not form.is_valid():
        return HttpResponse(status=422)
    zero = outline.zero_of(event)
    answer = {"read_as": accounts.read_as(event, form.cleaned_data["noticed_at"], zero)}
    try:
        kept = accounts.save_draft(event, by=request.user, op=op_of(request), window=form.window(), **form.written())
        answer["seen"] = kept.mark
    except Repeated:
        account = accounts.own_account(event, request.user)
        if not accounts.differences(account, **form.written()):  # else another window saved since
            answer["seen"] = account.mark
    except Stale:
        return HttpResponse(ELSEWHERE, status=409, content_type="text/plain; charset=utf-8")
    return JsonResponse(answer)


@require_POST
def account_decline(request: HttpRequest, code: str) -> HttpResponse:
    """Say that one writes no account; no reason is asked."""
    event = access.get_event_or_404(request.user, code, "write account")
    with suppress(Repeated):
        accounts.decline(event, by=request.user, op=op_of(request))
    messages.success(request, "Noted. Only the facilitator sees it, and you can still write one.")
    return see_other(reverse("event_detail", args=[code]))


@require_POST
def account_take_back(request: HttpRequest, code: str) -> HttpResponse:
    """Make a draft again of what was handed in or declined."""
    event = access.get_event_or_404(request.user, code, "write account")
    with suppress(Repeated):
        accounts.take_back(event, by=request.user, op=op_of(request))
    messages.success(request, "Taken back: it is your draft again.")
    return see_other(reverse("account_edit", args=[code]))


@require_POST
def account_remind(request: HttpRequest, code: str) -> HttpResponse:
    """Ask those whose account is not in."""
    event = access.get_event_or_404(request.user, code, "remind people")
    try:
        asked = accounts.remind(event, by=request.user, op=op_of(request))
    except Repeated:
        asked = 0
    words = (
        promised(f"{asked} {'person was' if asked == 1 else 'people were'} asked.")
        if asked
        else "Everybody was asked today already."
    )
    messages.success(request, words)
    return see_other(reverse("event_detail", args=[code]))


@require_http_methods(["GET", "POST"])
def account_reveal(request: HttpRequest, code: str) -> HttpResponse:
    """Open all accounts: what becomes readable, what stays sealed, and that it is final."""
    event = access.get_event_or_404(request.user, code, "reveal accounts")
    if request.method == "POST":
        with suppress(Repeated):
            accounts.reveal(event, by=request.user, op=op_of(request))
        return see_other(reverse("account_reading", args=[code]))
    standings = accounts.standings(event)
    context = event_context(
        event,
        request,
        opened=[row for row in standings if row.state == "in"],
        waiting=[row for row in standings if row.state == "not in"],
        declined=[row for row in standings if row.state == "declined"],
        told=len(accounts.notes_for_facilitator(event, request.user)),
        people=people.people_of(event),
    )
    return render(request, "retros/account_reveal.html", context)


@require_GET
def account_reading(request: HttpRequest, code: str) -> HttpResponse:
    """The accounts under the same questions, beside each other. Before the reveal there is nothing here for anybody."""
    event = access.get_event_or_404(request.user, code, "read accounts")
    if not event.is_revealed:
        return render(request, "retros/account_reading.html", event_context(event, request), status=409)
    context = event_context(event, request, quiet_until=accounts.quiet_until(event))
    book = lifting.book_of(event, request.user, context["zero"])
    context.update(shown=lifting.read_together(book, request.user, context["may"]), lifted=book.on_timeline())
    return render(request, "retros/account_reading.html", context)
