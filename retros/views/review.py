"""Pages of the document: read it, write it section by section, publish it, take it along."""

import logging
import uuid
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aar_site.http import typed
from aar_site.rate import wait_for
from retros import access, limits, sections
from retros.document import markdown, pdf
from retros.document.build import name_of
from retros.document.tree import Document
from retros.forms.review import SectionForm
from retros.http import Busy, TooOften, op_of, see_other
from retros.live.log import Repeated, Stale, WrongState
from retros.models import Event, Publication, State
from retros.services import document, entries, publishing
from retros.services.once import remembering
from retros.views.shell import event_context

log = logging.getLogger(__name__)
PRINTS, PRINTS_S = 5, 600
FULL_S = 20  # then the line before the printer is shorter
ELSEWHERE = {"Date of event", "Type", "Team"}  # header lines that the page shows in its own way


@require_GET
def review_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The record: the newest published version, or the draft. Those who write it can read the next draft by ?show=draft."""
    event = remembering(access.get_event_or_404(request.user, code, "read document"))
    writes = access.may(event.role, "edit document")
    if (
        writes or event.state != State.PUBLISHED
    ):  # then the document is built beside the timeline of the tab and the trace
        event.outline = entries.outline_for_document(event)
    context = event_context(event, request, is_draft=event.state != State.PUBLISHED, changed=[])
    whole, latest = publishing.shown(event, context["rows"])
    if latest and writes:
        draft = publishing.draft(event, context["rows"])
        context["changed"] = publishing.changed_since(draft, latest, event.kind)
        if context["changed"] and request.GET.get("show") == "draft":
            whole, context["is_draft"] = draft, True
    context.update(
        document=whole, publication=latest, editable=sections.writable(event), file_name=name_of(whole, "md")
    )
    context["facts"] = [(label, value) for label, value in whole.facts if value and label not in ELSEWHERE]
    return render(request, "retros/review_detail.html", context)


@require_GET
def review_markdown(request: HttpRequest, code: str) -> HttpResponse:
    """The review as Markdown, to be saved."""
    event = access.get_event_or_404(request.user, code, "read document")
    whole, _ = publishing.exported(event)
    return _file(markdown.render(whole).encode(), "text/markdown; charset=utf-8", name_of(whole, "md"))


@require_GET
def review_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The review as PDF (?paper=letter for Letter), kept by published version."""
    event = access.get_event_or_404(request.user, code, "read document")
    paper = "letter" if request.GET.get("paper") == "letter" else "a4"
    published = publishing.newest(event)
    kept = _kept_pdf(event, published, paper) if published else None
    if kept and kept.exists():
        whole, content = publishing.exported(event)[0], kept.read_bytes()
    else:
        whole, content = _print(request, event, paper)
    return _file(content, "application/pdf", name_of(whole, "pdf"))


def _print(request: HttpRequest, event: Event, paper: str) -> tuple[Document, bytes]:
    """Printing holds a place for up to a minute, so a person prints each review a few times in ten minutes only."""
    try:
        with pdf.in_line():
            wait = wait_for(f"pdf:{event.pk}:{request.user.pk}", PRINTS, PRINTS_S)
            if wait:
                raise TooOften(f"A review is printed {PRINTS} times in ten minutes; Markdown comes at any time.", wait)
            whole, published = publishing.exported(event)
            content = pdf.render(whole, paper=paper)
    except pdf.Full as refusal:
        raise Busy(str(refusal), FULL_S) from None
    except pdf.NoPdf as refusal:
        raise WrongState(str(refusal)) from None
    if published:
        _keep(_kept_pdf(event, published, paper), content)
    return whole, content


def _kept_pdf(event: Event, published: Publication, paper: str) -> Path:
    """Where the PDF of a published version is kept, which is printed once. Its moment stands in the name: once a backup is restored
    the same number is given again, to other words."""
    moment = f"{published.published_at.timestamp():.0f}"
    return (
        settings.DATA_DIR
        / "cache"
        / "pdf"
        / f"{event.code}-{published.version}-{moment}-{paper}-{settings.VERSION}.pdf"
    )


def _keep(path: Path, content: bytes) -> None:
    """So that it is printed once; where the disk takes no writing the reader has it all the same."""
    partial = path.with_suffix(f".{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        log.warning("a PDF was not kept: %s", error.strerror)
        with suppress(OSError):
            partial.unlink()


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "POST"])
def section_edit(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Write one section. A save that started from an older text answers with both, and nothing is lost."""
    event = access.get_event_or_404(request.user, code, "edit document")
    title, composed = _text_section(event, slug)
    kept = document.text_of(event, slug)
    initial = {"text": kept.text if kept.number else composed, "base": kept.number}
    form = SectionForm(typed(request), initial=initial)
    conflict, status = None, 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        text, base = form.chosen(), form.cleaned_data["base"]
        try:
            document.save_text(event, slug, text=text, base_number=base, by=request.user, op=op_of(request))
            return _back_to(event, slug)
        except Repeated:
            return _back_to(event, slug)
        except Stale as stale:
            conflict, status = document.conflict(stale.current, text, base), 409
            kept_both = {"text": conflict.combined or text, "base": conflict.base_number, "mine": text}
            form = SectionForm(initial=kept_both)
    context = event_context(event, request, slug=slug, title=title, form=form, kept=kept, conflict=conflict)
    most = None if request.GET.get("history") == "all" else limits.REVISIONS_SHOWN
    context["revisions"] = document.revisions(event, slug, most=most)
    context["is_composed"] = bool(composed) and not kept.number
    return render(request, "retros/section_edit.html", context, status=status)


def _back_to(event: Event, slug: str) -> HttpResponse:
    """To what was written: of a published review that stands in the draft of the next version."""
    draft = "?show=draft" if event.state == State.PUBLISHED else ""
    return see_other(reverse("review_detail", args=[event.code]) + draft, slug)


def _text_section(event: Event, slug: str) -> tuple[str, str]:
    """Title of a text that people write here, and the draft that the facts compose for it."""
    title = sections.writable(event).get(slug)
    if title is None:
        raise Http404("No such section.")
    compose = next((s.compose for s in sections.sections_for(event) if s.slug == slug), None)
    return title, compose(event) if compose else ""


@require_http_methods(["GET", "POST"])
def review_publish(request: HttpRequest, code: str) -> HttpResponse:
    """What stands in the way, who will be told, and the button."""
    event = access.get_event_or_404(request.user, code, "publish")
    if request.method == "POST":
        with suppress(Repeated):
            publication = publishing.publish(event, by=request.user, op=op_of(request))
            messages.success(request, f"Published as version {publication.version}.")
        return see_other(reverse("review_detail", args=[code]))
    found = publishing.findings(event)
    context = event_context(event, request, findings=found, blockers=[f for f in found if f.blocks])
    context["versions"] = publishing.versions(event)
    if latest := publishing.newest(event):
        context["changed"] = publishing.changed_since(publishing.draft(event, context["rows"]), latest, event.kind)
    return render(request, "retros/review_publish.html", context)


@require_POST
def review_state(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for reading (to=review), or go back to drafting (to=draft)."""
    event = access.get_event_or_404(request.user, code, "publish")
    step = publishing.ask_for_review if request.POST.get("to") == "review" else publishing.back_to_draft
    with suppress(Repeated):
        step(event, by=request.user, op=op_of(request))
    return see_other(reverse("review_detail", args=[code]))
