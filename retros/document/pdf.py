"""Prints a document as tagged PDF, in a child process with limits. Nothing is fetched: fonts are ours, everything else is refused.

WeasyPrint is imported inside the child only: it takes half a second and 80 MB, and where Pango is missing the rest of the
product works without it.
"""

import multiprocessing
import resource
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from aar_site import fonts
from aar_site.processes import die_with
from retros.document.tree import Block, Document, Moments, Note

WALL_S, CPU_S, MEMORY = 60, 60, 2 * 1024**3
PLACES = threading.BoundedSemaphore(2)  # so many at once in one process: each takes a core and some hundred megabytes
PAPERS = {"a4": "A4", "letter": "Letter"}
ADDRESS = "hindcast-font:"
MOST_ROWS = 1_500  # of the timeline; five thousand take twenty seconds and half a gigabyte
RUNNING = 90  # characters of the title that fit the foot of a page


class NoPdf(Exception):
    """The PDF cannot be made. The message says why and what to do."""


@dataclass(frozen=True)
class _Job:
    html: str
    css: str
    fonts: dict[str, str]
    memory: int


def render(document: Document, *, paper: str = "a4") -> bytes:
    """The document as PDF/UA-1. Raises NoPdf where Pango is missing, or when it takes more than a minute."""
    document = _short(document)
    job = _Job(
        html=render_to_string("document/print.html", _head(document)),
        css=_css(document, paper),
        fonts={name: str(path()) for name, path in FONTS.items()},
        memory=MEMORY,
    )
    if not PLACES.acquire(timeout=WALL_S):
        raise NoPdf("Other PDFs are being made. Try again in a minute.")
    try:
        return _printed(job)
    finally:
        PLACES.release()


def _printed(job: _Job) -> bytes:
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(job, sender), daemon=True)
    child.start()
    sender.close()
    try:
        if not receiver.poll(WALL_S):
            raise NoPdf("The PDF took more than a minute and was stopped. Use Markdown, or shorten the timeline.")
        try:
            kind, value = receiver.recv()
        except EOFError:
            raise NoPdf("The PDF needs more memory than it may take. Use Markdown, or shorten the timeline.") from None
    finally:
        child.kill()
        child.join()
        receiver.close()
    if kind != "pdf":
        raise NoPdf(str(value))
    return bytes(value)


def _short(document: Document) -> Document:
    """Of a timeline that no paper holds, its key moments, with a note that says so."""

    def blocks(of: list[Block]) -> list[Block]:
        found: list[Block] = []
        for block in of:
            if isinstance(block, Moments) and len(block.rows) > MOST_ROWS:
                rows = [row for row in block.rows if row.is_key][:MOST_ROWS]
                words = f"The {len(rows):,} key moments of {len(block.rows):,}. All of them are in the Markdown file."
                found += [Note(words), Moments(rows)]
            else:
                found.append(block)
        return found

    return replace(document, sections=[replace(one, blocks=blocks(one.blocks)) for one in document.sections])


def _head(document: Document) -> dict[str, Any]:
    """The first page's lines: the kind above the title, short facts in two columns, long ones across."""
    known = [part for part in (document.fact("Type"), document.fact("Team")) if part]
    facts = [
        (label, value) for label, value in document.facts if value and label not in {"Type", "Team", "Date of event"}
    ]
    facts.insert(0, ("Event", document.span or document.event_date))
    return {
        "document": document,
        "kick": " \u00b7 ".join(["After-action review", *known]),
        "facts": [(label, value, len(value) > SHORT) for label, value in facts],
    }


SHORT = 44  # characters of a fact that fits half a line
FONTS = {
    "serif": fonts.serif,
    "serif-italic": fonts.serif_italic,
    "sans": fonts.sans,
    "mono": fonts.mono,
    "cjk": fonts.cjk,
}


def _css(document: Document, paper: str) -> str:
    """The print sheet with the running title and the paper; quotes and backslashes of the title are escaped for CSS."""
    sheet = (settings.BASE_DIR / "templates" / "document" / "print.css").read_text(encoding="utf-8")
    title = document.title if len(document.title) <= RUNNING else document.title[: RUNNING - 1].rstrip() + "\u2026"
    corner = f"{document.edition}, draft" if document.fact("Version") == "Draft" else document.edition
    return (
        f"{sheet}\n@page{{size:{PAPERS.get(paper, 'A4')};"
        f"@bottom-left{{content:{_quoted(title)}}}@top-right{{content:{_quoted(corner)}}}}}"
    )


def _quoted(text: str) -> str:
    """A CSS string; everything but letters, digits and spaces is escaped."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text) + '"'


def _child(job: _Job, sender: Any) -> None:
    if parent := multiprocessing.parent_process():
        die_with(parent.pid or 0)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (job.memory, job.memory))
    try:
        sender.send(("pdf", _print(job)))
    except OSError as error:
        sender.send(
            ("error", f"PDF is off on this server: {str(error).splitlines()[0][:120]}. Install the Pango libraries.")
        )
    except MemoryError:
        sender.send(("error", "The PDF needs more memory than it may take. Use Markdown, or shorten the timeline."))
    finally:
        sender.close()


def _print(job: _Job) -> bytes:
    """Runs in the child. The one place that imports WeasyPrint."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OnlyOurFonts(URLFetcher):  # type: ignore[misc]
        """Answers our own names, refuses every other address: no network, no files, no redirects."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols=(), allow_redirects=False)

        def fetch(self, url: str, headers: Any = None) -> Any:
            name = url.removeprefix(ADDRESS)
            if url.startswith(ADDRESS) and name in job.fonts:
                return URLFetcherResponse(url, Path(job.fonts[name]).read_bytes(), {"Content-Type": "font/ttf"})
            raise ValueError("nothing is fetched for a PDF")

    fetcher, configuration = OnlyOurFonts(), FontConfiguration()
    html = HTML(string=job.html, url_fetcher=fetcher, base_url=None)
    sheet = CSS(string=job.css, font_config=configuration, url_fetcher=fetcher)
    pdf: bytes = html.write_pdf(stylesheets=[sheet], font_config=configuration, pdf_variant="pdf/ua-1")
    return pdf
