"""What the timeline points out, with the forms that put it right: the page of all hints, mending, undoing, answering."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from retros import access
from retros.forms.hints import AnswerForm, MendForm, shown
from retros.http import op_of, see_other, whole
from retros.live.log import Repeated, WrongState
from retros.models import Event, HintAnswer
from retros.services import hints, mends, outline
from retros.views.shell import event_context

GONE = "This was put right or changed meanwhile. Look again."


@require_GET
def hint_list(request: HttpRequest, code: str) -> HttpResponse:
    """Everything that is pointed out, what was answered, and the way back from the last mend (?mended=)."""
    event = access.get_event_or_404(request.user, code, "enter room")
    return _page(request, event)


@require_POST
def hint_mend(request: HttpRequest, code: str) -> HttpResponse:
    """Put a hint (key=) right in one of its ways (way=), with the value that it asks for."""
    event = access.get_event_or_404(request.user, code, "edit entries")
    hint = hints.find(event, outline.of(event)).named(request.POST.get("key", ""))
    way = next((way for way in hint.mends if way.slug == request.POST.get("way")), None) if hint else None
    if hint is None or way is None:
        return _repeated_or_gone(request, event)
    if not access.may(event.role, way.verb):  # type: ignore[attr-defined]
        access.refuse(way.verb)
    form = MendForm(request.POST, event=event, hint=hint, way=way) if way.asks else None
    if form and not form.is_valid():
        return _page(request, event, sent=(hint.key, form))
    try:
        value = form.cleaned_data["value"] if form else None
        seq = mends.mend(event, hint, way, by=request.user, value=value, op=op_of(request))
    except Repeated as repeated:
        seq = repeated.operation.seq
    return _mended(code, seq)


@require_POST
def hint_undo(request: HttpRequest, code: str) -> HttpResponse:
    """Take a mend back, by the number of its change (seq=)."""
    event = access.get_event_or_404(request.user, code, "edit entries")
    row = mends.undoable(event, whole(request.POST.get("seq", "")))
    if row and any(what != "entry" for what, *_ in row.detail["undo"]) and not access.may(event.role, "edit event"):  # type: ignore[attr-defined]
        access.refuse("edit event")
    with suppress(Repeated):
        mends.undo(event, whole(request.POST.get("seq", "")), by=request.user, op=op_of(request))
    return see_other(reverse("hint_list", args=[code]))


@require_POST
def hint_answer(request: HttpRequest, code: str) -> HttpResponse:
    """Say that what a hint (key=) points out is right, and why."""
    event = access.get_event_or_404(request.user, code, "edit entries")
    hint = hints.find(event, outline.of(event)).named(request.POST.get("key", ""))
    if hint is None:
        return _repeated_or_gone(request, event)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, event, sent=(hint.key, form))
    with suppress(Repeated):
        mends.answer(event, hint, by=request.user, reason=form.cleaned_data["reason"], op=op_of(request))
    return see_other(reverse("hint_list", args=[code]))


@require_POST
def hint_ask_again(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take an answer back, so that it is pointed out again."""
    op = op_of(request)
    with suppress(Repeated):
        event, row = access.get_part_or_404(request.user, code, HintAnswer, pk, "edit entries", op=op)
        row.event = event
        mends.take_back(row, by=request.user, op=op)
    return see_other(reverse("hint_list", args=[code]))


def _page(request: HttpRequest, event: Event, sent: tuple[str, Any] | None = None) -> HttpResponse:
    context = event_context(event, request)
    found = hints.find(event, context["rows"])
    verbs = frozenset() if event.is_closed else context["may"]
    mended = mends.undoable(event, whole(request.GET.get("mended", "")))
    context.update(hints=shown(event, found, verbs, sent), answered=found.answered, mended=mended)
    return render(request, "retros/hint_list.html", context, status=422 if sent else 200)


def _mended(code: str, seq: int) -> HttpResponse:
    return see_other(f"{reverse('hint_list', args=[code])}?mended={seq}", "mended")


def _repeated_or_gone(request: HttpRequest, event: Event) -> HttpResponse:
    """The hint is not there any more: by this very press, which is answered as before, or by somebody else."""
    earlier = access.done_before(request.user, op_of(request), event)
    if earlier:
        return _mended(event.code, earlier.seq)
    raise WrongState(GONE)
