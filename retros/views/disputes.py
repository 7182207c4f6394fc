"""Pages and forms of disputes: an own view of a moment, and what is decided about the views."""

from contextlib import suppress
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from aar_site.http import typed
from retros import access
from retros.forms.disputes import DecisionForm, RecollectionForm, initial_of
from retros.forms.events import differences
from retros.http import is_fragment, op_of, see_other, whole
from retros.live.log import Repeated, Stale, WrongState
from retros.models import Dispute, Event, Recollection, Resolution, TimelineEntry
from retros.services import disputes, remembered
from retros.views.shell import event_context

MOVED_ON = "Somebody added to this or decided it while you were reading. Look again, then decide."


@require_http_methods(["GET", "POST"])
def recollection_add(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Say how one remembers a moment differently; everybody who takes part may."""
    event, entry = access.get_part_or_404(request.user, code, TimelineEntry, pk, "add entry")
    entry = _entry(event, entry.pk)
    form = RecollectionForm(typed(request), event=event, entry=entry)
    if form.is_bound and form.is_valid():
        with suppress(Repeated):
            given = {"when": form.cleaned_data["when"], **form.said()}
            disputes.remember(entry, by=request.user, op=op_of(request), **given)
        return _back(request, event, pk)
    return _form(request, event, entry, form, view=None)


@require_http_methods(["GET", "POST"])
def recollection_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Change one's own view. Saved elsewhere meanwhile: 409 with both texts."""
    event, view = _view(request, code, pk)
    entry = _entry(event, view.dispute.entry_id)
    form = RecollectionForm(typed(request), initial=initial_of(view), event=event, entry=entry)
    if form.is_bound and form.is_valid():
        fields: dict[str, Any] = {"when": form.cleaned_data["when"], **form.said()}
        try:
            version = whole(request.POST.get("version", ""))
            disputes.edit(view, by=request.user, version=version, op=op_of(request), **fields)
        except Repeated:
            pass
        except Stale as error:
            error.current.event = event
            stale = differences(form, initial_of(error.current))
            return _form(request, event, entry, form, view=error.current, stale=stale, status=409)
        return _back(request, event, entry.pk)
    return _form(request, event, entry, form, view=view)


@require_POST
def recollection_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a view back (removed=yes), or bring it back; the own ones, or with the right to edit entries."""
    event, view = access.get_part_or_404(request.user, code, Recollection, pk, "add entry")
    if view.author_id != request.user.pk and not access.may(event.role, "edit entries"):  # type: ignore[attr-defined]
        access.refuse("edit entries")
    view.event = event
    removed = request.POST.get("removed") == "yes"
    with suppress(Repeated):
        disputes.set_removed(view, by=request.user, removed=removed, op=op_of(request))
    entry = view.dispute.entry_id
    if removed:
        return see_other(f"{reverse('recollection_add', args=[code, entry])}?taken={pk}")
    return _back(request, event, entry)


@require_http_methods(["GET", "POST"])
def dispute_decide(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The views side by side; settle on one (decision=settle, view=), keep both (keep), or leave it for the room (leave)."""
    event, dispute = access.get_part_or_404(request.user, code, Dispute, pk, "edit entries")
    entry = _entry(event, dispute.entry_id)
    if not entry.remembered:
        raise Http404("Nobody remembers it differently any more.")
    form = DecisionForm(typed(request), shown=entry.remembered)
    if not form.is_bound or not form.is_valid():
        return _views(request, event, entry, form)
    try:
        _decide(entry.remembered.dispute, form, by=request.user, op=op_of(request))
    except Stale:  # what was typed stays, beside the views as they are now
        form.add_error(None, MOVED_ON)
        return _views(request, event, entry, form, status=409)
    return _answer(request, event, entry.pk)


@require_POST
def dispute_reopen(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a decision back."""
    event, dispute = access.get_part_or_404(request.user, code, Dispute, pk, "edit entries")
    dispute.event = event
    try:
        disputes.reopen(dispute, by=request.user, version=whole(request.POST.get("version", "")), op=op_of(request))
    except Repeated:
        pass
    except Stale:
        raise WrongState(MOVED_ON) from None
    return _answer(request, event, dispute.entry_id)


def _decide(dispute: Dispute, form: DecisionForm, **who: Any) -> None:
    data = form.cleaned_data
    given = {"reason": data["reason"], "version": data["version"], **who}
    with suppress(Repeated):
        if data["decision"] == "settle":
            disputes.settle(dispute, view=form.views[data["view"]], **given)
        elif data["decision"] == "keep":
            disputes.keep(dispute, **given)
        else:
            disputes.leave(dispute, **given)


def _views(request: HttpRequest, event: Event, entry: Any, form: DecisionForm, status: int = 0) -> HttpResponse:
    """The views, with what is missing and what was typed; the page of the moment, or its place in the room."""
    status = status or (422 if form.is_bound else 200)
    more = {"entry": entry, "shown": entry.remembered, "decision": form}
    if not is_fragment(request):
        return render(request, "retros/dispute_decide.html", event_context(event, request, **more), status=status)
    more |= {"event": event, "in_room": True, "op": access.new_op()}
    response = render(request, "retros/_dispute.html", more, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = f"#dispute-{entry.remembered.dispute.pk}", "outerHTML"
    return response


def _answer(request: HttpRequest, event: Event, pk: int) -> HttpResponse:
    """After a decision: nothing for the room's script, to which the change comes by the stream; else the page."""
    return HttpResponse(status=204) if is_fragment(request) else _back(request, event, pk)


def _back(request: HttpRequest, event: Event, pk: int) -> HttpResponse:
    """To where the reader came from: the room, or the entry on the timeline."""
    if request.POST.get("back") == "room":
        return see_other(reverse("room_detail", args=[event.code]))
    return see_other(f"{reverse('timeline_detail', args=[event.code])}?entry={pk}", f"entry-{pk}")


def _entry(event: Event, pk: int) -> Any:
    """A kept entry with its dispute in words, where it has one."""
    entry = remembered.entry_of(event, pk)
    if entry is None:
        raise Http404("This moment was removed.")
    return entry


def _view(request: HttpRequest, code: str, pk: int) -> tuple[Event, Recollection]:
    """An own view; what another person remembers is changed by nobody else."""
    event, view = access.get_part_or_404(request.user, code, Recollection, pk, "add entry")
    if view.author_id != request.user.pk or view.is_original:
        raise PermissionDenied("Only its author changes a view. Add your own beside it.")
    if view.removed_at:
        raise Http404("This view was taken back.")
    view.event = event
    return event, view


def _form(request: HttpRequest, event: Event, entry: Any, form: RecollectionForm, **more: Any) -> HttpResponse:
    status = more.pop("status", 422 if form.is_bound else 200)
    shown = getattr(entry, "remembered", None)
    is_decided = bool(shown and shown.dispute.state in {Resolution.KEPT, Resolution.SETTLED})
    back = request.POST.get("back") or request.GET.get("back", "")
    taken = remembered.taken_back(entry, whole(request.GET.get("taken", "")))
    more |= {"form": form, "entry": entry, "shown": shown, "is_decided": is_decided, "back": back, "taken": taken}
    context = event_context(event, request, **more)
    return render(request, "retros/recollection_form.html", context, status=status)
