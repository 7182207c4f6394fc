"""The page of causes, contributing factors and what went well, and the forms of the last two: two lists, one set of views."""

import re
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import Truncator
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aar_site.http import typed
from retros import access
from retros.forms.analysis import FactorForm, WentWellForm
from retros.http import chosen, is_fragment, kept, op_of, whole
from retros.live.log import Repeated, Stale
from retros.models import Event, Factor, WentWell
from retros.services import analysis, cause_lists, clash, well
from retros.services.factor_lists import factors_context
from retros.views.contributing import open_event, own_or_writer
from retros.views.shell import event_context

UNDO = re.compile(r"(links/)?(\d{1,15})/restore/")


@dataclass(frozen=True)
class Part:
    """One of the two lists: its model, form, fragment and what the fragment is given."""

    slug: str
    title: str
    model: Any
    form: Any
    template: str
    context: Any


PARTS = {
    "factors": Part("factors", "Contributing factor", Factor, FactorForm, "retros/_room_factors.html", factors_context),
    "well": Part("well", "What went well", WentWell, WentWellForm, "retros/_room_went_well.html", well.context),
}


def _part(slug: str) -> Part:
    try:
        return PARTS[slug]
    except KeyError:
        raise Http404("No such list.") from None


def _answer(request: HttpRequest, event: Event, part: Part, *, new: Any = None, removed: Any = None) -> HttpResponse:
    """The list as it is now, with the new item marked; after a removal with a way back."""
    page = reverse("analysis_detail", args=[event.code])
    if removed and not is_fragment(request):
        page += f"?removed={part.slug}-{removed.pk}"
    context = {"event": event, "new_pk": new and new.pk, **part.context(event)}
    response = kept(request, part.template, context, page=page, anchor=f"part-{part.slug}")
    if removed and is_fragment(request):
        undo = reverse("analysis_restore", args=[event.code, part.slug, removed.pk])
        text = f"Removed “{Truncator(removed.text).chars(60)}”."
        more = {"text": text, "undo": undo, "target": f"#part-{part.slug}"}
        response.write(render_to_string("_undo.html", more, request))
    return response


@require_GET
def analysis_detail(request: HttpRequest, code: str) -> HttpResponse:
    """Causes, factors and what went well on one page, outside the room."""
    event = access.get_event_or_404(request.user, code, "view timeline")
    context = event_context(event, request)
    causes = cause_lists.context(event, at=whole(request.GET.get("at", "")))
    context.update(causes, beside_parts=[causes])
    for part in PARTS.values():
        context.update(part.context(event))
    slug, _, pk = request.GET.get("removed", "").partition("-")
    if slug in PARTS and whole(pk):
        context["undo"] = reverse("analysis_restore", args=[code, slug, whole(pk)])
    if undo := UNDO.fullmatch(request.GET.get("undo", "")):
        context["undo"] = reverse(f"cause_{'link_' if undo[1] else ''}restore", args=[code, int(undo[2])])
    return render(request, "retros/analysis_detail.html", context)


@require_http_methods(["GET", "POST"])
def analysis_add(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Add to a list; by GET a page with the form, for those without script."""
    part, event = _part(slug), open_event(request, code)
    form = part.form(typed(request), event=event)
    if request.method == "POST" and form.is_valid():
        try:
            new = analysis.add(event, part.model, by=request.user, op=op_of(request), **form.cleaned_data)
        except Repeated:
            new = None  # the first try was kept; show the list as it is
        event.refresh_from_db()
        return _answer(request, event, part, new=new)
    return _form(request, event, part, form)


@require_http_methods(["GET", "POST"])
def analysis_edit(request: HttpRequest, code: str, slug: str, pk: int) -> HttpResponse:
    """Edit one item. Somebody else's edit in between answers 409 with both texts."""
    part = _part(slug)
    event, thing = own_or_writer(request, code, part.model, pk)
    form = part.form(chosen(request), event=event, instance=copy(thing))
    if request.method == "POST" and not form.is_bound:
        return _answer(request, event, part)  # theirs was taken, and stands
    if request.method != "POST" or not form.is_valid():
        return _form(request, event, part, form, thing=thing)
    version = whole(request.POST.get("version", ""), thing.version)
    try:
        analysis.edit(thing, by=request.user, version=version, op=op_of(request), **form.cleaned_data)
    except Repeated:
        pass
    except Stale as stale:
        both = clash.of(stale.current, form.cleaned_data["text"], started_from=version, by=request.user)
        return _form(request, event, part, form, thing=stale.current, both=both, status=409)
    return _answer(request, event, part, new=thing)


@require_GET
def analysis_form(request: HttpRequest, code: str, slug: str, pk: int = 0) -> HttpResponse:
    """The form alone, to be shown in place: for a new item (pk 0) or an existing one."""
    part = _part(slug)
    if pk:
        event, thing = own_or_writer(request, code, part.model, pk)
        form = part.form(event=event, instance=thing)
        return render(request, "retros/_analysis_form.html", _form_context(event, part, form, thing=thing))
    event = open_event(request, code)
    return render(request, "retros/_analysis_form.html", _form_context(event, part, part.form(event=event)))


@require_POST
def analysis_remove(request: HttpRequest, code: str, slug: str, pk: int) -> HttpResponse:
    part = _part(slug)
    event, thing = own_or_writer(request, code, part.model, pk)
    with suppress(Repeated):
        analysis.remove(thing, by=request.user, op=op_of(request))
    return _answer(request, event, part, removed=thing)


@require_POST
def analysis_restore(request: HttpRequest, code: str, slug: str, pk: int) -> HttpResponse:
    part = _part(slug)
    event, thing = own_or_writer(request, code, part.model, pk)
    with suppress(Repeated):
        analysis.restore(thing, by=request.user, op=op_of(request))
    return _answer(request, event, part)


@require_POST
def analysis_none(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Say that nothing went well, or take that back (is_so=)."""
    part, event = _part(slug), access.get_event_or_404(request.user, code, "keep notes")
    is_so = request.POST.get("is_so") == "yes"
    with suppress(Repeated):
        if part.model is WentWell:
            analysis.set_went_well_none(event, is_none=is_so, by=request.user, op=op_of(request))
        else:
            raise Http404("Factors have no such answer.")
    event.refresh_from_db()
    return _answer(request, event, part)


def _form(request: HttpRequest, event: Event, part: Part, form: Any, *, status: int = 0, **more: Any) -> HttpResponse:
    """The form in place for htmx, on its own page otherwise; 422 when it was sent and is not right."""
    status = status or (422 if form.is_bound else 200)
    context = _form_context(event, part, form, **more)
    if is_fragment(request):
        response = render(request, "retros/_analysis_form.html", context, status=status)
        response["HX-Retarget"] = f"#{context['form_id']}"
        response["HX-Reswap"] = "outerHTML"
        return response
    template = "retros/analysis_edit.html" if more.get("thing") else "retros/analysis_add.html"
    return render(request, template, {**event_context(event, request), **context}, status=status)


def _form_context(event: Event, part: Part, form: Any, *, thing: Any = None, both: Any = None) -> dict[str, Any]:
    if thing:
        action = reverse("analysis_edit", args=[event.code, part.slug, thing.pk])
        form_id = f"form-{part.slug}-{thing.pk}"
    else:
        action = reverse("analysis_add", args=[event.code, part.slug])
        form_id = f"form-{part.slug}-new-0"
    form.auto_id = f"{form_id}_%s"  # several forms may be open on one page
    return {
        "event": event,
        "part": part,
        "form": form,
        "thing": thing,
        "clash": both,
        "action": action,
        "form_id": form_id,
    }
