"""Forms of causes: one answer at a time, its place in the tree, and what it leads to beside that."""

from contextlib import suppress
from copy import copy
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import Truncator
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from retros import access
from retros.forms.causes import CauseForm
from retros.http import chosen, is_fragment, op_of, see_other, whole
from retros.live.log import Repeated, Stale
from retros.models import Event, SharedCause, WhyNode
from retros.services import cause_forms, cause_lists, causes, clash, meeting
from retros.views.contributing import open_event, own_or_writer
from retros.views.shell import event_context


def _answer(
    request: HttpRequest, event: Event, *, new: int = 0, undo: tuple[str, str] | None = None, has_words: bool = False
) -> HttpResponse:
    """The step as it is now, and what stands beside it; without script back to the page. `undo` is (words, address). Of new words
    the writer reads what nobody asked while they were typed."""
    if not is_fragment(request):
        for sentence in cause_forms.unasked(event, request.POST) if has_words else ():
            messages.info(request, f"{sentence} Only you see this.")
        back = f"?undo={undo[1].rsplit('/causes/', 1)[1]}" if undo else ""
        return see_other(reverse("analysis_detail", args=[event.code]) + back, "part-whys")
    event = meeting.with_event(event.pk)
    context = {"event": event, **cause_lists.context(event, new_pk=new)}
    response = render(request, "retros/_room_root_cause.html", context)
    response.write(render_to_string("retros/_room_beside.html", {**context, "parts": [context], "is_oob": True}))
    if has_words and (sentences := cause_forms.unasked(event, request.POST)):
        response.write(render_to_string("retros/_cause_unasked.html", {"sentences": sentences}))
    if undo:
        more = {"text": undo[0], "undo": undo[1], "target": "#part-whys"}
        response.write(render_to_string("_undo.html", more, request))
    return response


def _parent(request: HttpRequest, code: str) -> WhyNode | None:
    """The answer that is asked about: in the address at first, then in the form."""
    given = request.POST.get("parent") or request.GET.get("parent") or ""
    return access.get_part_or_404(request.user, code, WhyNode, whole(given), "contribute")[1] if given else None


def _sent(request: HttpRequest) -> Any:
    """The answer as it was sent; None where the form was only opened, or asked for moments."""
    return None if "find" in request.POST else chosen(request)


@require_http_methods(["GET", "POST"])
def cause_add(request: HttpRequest, code: str) -> HttpResponse:
    """Add an answer; by GET a page with the form, for those without script."""
    event = open_event(request, code)
    parent = _parent(request, code)
    initial = cause_forms.beginning(event, parent, request.GET) | cause_forms.so_far(request.POST)
    form = CauseForm(_sent(request), event=event, parent=parent, initial=initial)
    if not form.is_bound or not form.is_valid():
        return _form(request, event, form, parent=parent)
    is_discussed = access.may(event.role, "keep notes")  # type: ignore[attr-defined]
    try:
        new = causes.add(
            event, by=request.user, op=op_of(request), parent=parent, is_discussed=is_discussed, **form.cleaned_data
        ).pk
    except Repeated:
        new = 0  # the first try was kept; show the list as it is
    return _answer(request, event, new=new, has_words=bool(new))


@require_http_methods(["GET", "POST"])
def cause_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Edit one answer. Somebody else's edit in between answers 409 with both texts and what differs."""
    event, node = own_or_writer(request, code, WhyNode, pk)
    form = CauseForm(_sent(request), event=event, instance=copy(node), initial=cause_forms.so_far(request.POST))
    if request.POST.get("use") == "theirs":
        return _answer(request, event)  # it stands already
    if not form.is_bound or not form.is_valid():
        return _form(request, event, form, node=node)
    version = whole(request.POST.get("version", ""), node.version)
    try:
        causes.edit(node, by=request.user, version=version, op=op_of(request), **form.cleaned_data)
    except Repeated:
        pass
    except Stale as stale:
        both = clash.of(stale.current, form.cleaned_data["text"], started_from=version, by=request.user)
        return _form(request, event, form, node=stale.current, clash=both, status=409)
    return _answer(request, event, new=pk, has_words="text" in form.changed_data)


@require_GET
def cause_form(request: HttpRequest, code: str, pk: int = 0) -> HttpResponse:
    """The form alone, to be shown in place: for a new answer (?parent=) or an existing one."""
    if pk:
        event, node = own_or_writer(request, code, WhyNode, pk)
        context = cause_forms.context(event, CauseForm(event=event, instance=node), request.GET, node=node)
    else:
        event = open_event(request, code)
        parent = _parent(request, code)
        form = CauseForm(event=event, parent=parent, initial=cause_forms.beginning(event, parent, request.GET))
        context = cause_forms.context(event, form, request.GET, parent=parent)
    return render(request, "retros/_cause_form.html", context)


def _form(request: HttpRequest, event: Event, form: Any, *, status: int = 0, **about: Any) -> HttpResponse:
    """The form in place for htmx, on its own page otherwise; 422 when it was sent and is not right."""
    context = cause_forms.context(event, form, request.POST or request.GET, **about)
    status = status or (422 if form.is_bound else 200)
    if is_fragment(request):
        response = render(request, "retros/_cause_form.html", context, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = f"#{context['form_id']}", "outerHTML"
        return response
    return render(request, "retros/cause_form.html", {**event_context(event, request), **context}, status=status)


@require_POST
def cause_check(request: HttpRequest, code: str) -> HttpResponse:
    """Questions about what is being typed, for the one who types; nothing is kept of it."""
    event = open_event(request, code)
    asked = cause_forms.questions(event, request.POST)
    return render(request, "retros/_cause_questions.html", {"questions": asked})


@require_GET
def cause_evidence(request: HttpRequest, code: str) -> HttpResponse:
    """Moments that can be evidence: those chosen, and those that hold the words."""
    event = open_event(request, code)
    chosen = [whole(pk) for pk in request.GET.getlist("evidence")]
    found = cause_lists.offers(event, chosen, request.GET.get("q", ""))
    return render(request, "retros/_cause_evidence.html", {"offers": found, "q": request.GET.get("q", "")})


@require_POST
def cause_order(request: HttpRequest, code: str) -> HttpResponse:
    """Change places with the neighbour: up= or down= names the cause."""
    way = "up" if "up" in request.POST else "down"
    event, node = own_or_writer(request, code, WhyNode, whole(request.POST.get(way, "")))
    _once(causes.shift, node, request, is_up=way == "up")
    response = _answer(request, event)
    if is_fragment(request):  # the form stays open at the new place, for the next step
        form = cause_forms.context(event, CauseForm(event=event, instance=node), {}, node=node)
        slot = f'<div id="{form["form_id"]}"></div>'
        opened = render_to_string("retros/_cause_form.html", form, request)
        response.content = response.content.decode().replace(slot, opened, 1)
    return response


@require_POST
def cause_discuss(request: HttpRequest, code: str) -> HttpResponse:
    """Take everybody to a cause (pk=)."""
    event, node = access.get_part_or_404(request.user, code, WhyNode, whole(request.POST.get("pk", "")), "keep notes")
    _once(causes.discuss, node, request)
    return _answer(request, event)


@require_POST
def cause_place(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Move a cause below another one (below=), or make it an effect of its own."""
    event, node = own_or_writer(request, code, WhyNode, pk)
    below = request.POST.get("below", "")
    target = access.get_part_or_404(request.user, code, WhyNode, whole(below), "contribute")[1] if below else None
    _once(causes.place, node, request, below=target)
    return _answer(request, event, new=pk)


@require_POST
def cause_share(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Link a cause to one more effect (effect=)."""
    event, node = own_or_writer(request, code, WhyNode, pk)
    effect = access.get_part_or_404(request.user, code, WhyNode, whole(request.POST.get("effect", "")), "contribute")[1]
    _once(causes.share, node, request, effect=effect)
    return _answer(request, event, new=pk)


@require_POST
def cause_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    event, node = own_or_writer(request, code, WhyNode, pk)
    _once(causes.remove, node, request, is_keeper=access.may(event.role, "keep notes"))  # type: ignore[attr-defined]
    words = f"Removed “{Truncator(node.text).chars(60)}”."
    return _answer(request, event, undo=(words, reverse("cause_restore", args=[code, pk])))


@require_POST
def cause_restore(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    event, node = own_or_writer(request, code, WhyNode, pk)
    _once(causes.restore, node, request)
    return _answer(request, event, new=pk)


@require_POST
def cause_link_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    event, link = own_or_writer(request, code, SharedCause, pk)
    _once(causes.unshare, link, request)
    return _answer(request, event, undo=("Took the link away.", reverse("cause_link_restore", args=[code, pk])))


@require_POST
def cause_link_restore(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    event, link = own_or_writer(request, code, SharedCause, pk)
    _once(causes.share, link.cause, request, effect=link.effect)
    return _answer(request, event)


@require_POST
def cause_unknown(request: HttpRequest, code: str) -> HttpResponse:
    """Say that the cause is not established (is_so=yes), or take that back."""
    event = access.get_event_or_404(request.user, code, "keep notes")
    is_so = request.POST.get("is_so") == "yes"
    _once(causes.set_unknown, event, request, is_unknown=is_so)
    return _answer(request, event)


def _once(verb: Any, thing: Any, request: HttpRequest, **fields: Any) -> None:
    """Carry out a verb; a repeat is answered like the first."""
    with suppress(Repeated):
        verb(thing, by=request.user, op=op_of(request), **fields)
