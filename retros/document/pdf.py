"""Makes the PDF of a document: lays out its HTML and style sheet, and has `printing` print them in a process with limits.

Half a second and 80 MB of WeasyPrint are spent there only; where Pango is missing the rest of the product works without it.
"""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from aar_site import fonts
from retros.document.printing import REFUSED
from retros.document.tree import Document

log = logging.getLogger(__name__)
WALL_S, MEMORY = 60, 2 * 1024**3
AT_ONCE, WAITING = 2, 4  # in one process: each takes a core and some hundred megabytes; whoever waits holds a thread
PLACES, LINE = threading.BoundedSemaphore(AT_ONCE), threading.BoundedSemaphore(AT_ONCE + WAITING)
FULL = "Several PDFs are being made just now. Markdown comes at any time."
PAPERS = {"a4": "A4", "letter": "Letter"}
RUNNING = 90  # characters of the title that fit the foot of a page


class NoPdf(Exception):
    """The PDF cannot be made. The message says why and what to do."""


class Full(Exception):
    """So many wait for a PDF that one more would keep others from writing. The message says so."""


@contextmanager
def in_line() -> Iterator[None]:
    """A place in the line for `render`, which is to be taken before anything is read for it. Raises Full at once if there is none."""
    if not LINE.acquire(blocking=False):
        raise Full(FULL)
    try:
        yield
    finally:
        LINE.release()


def render(document: Document, *, paper: str = "a4") -> bytes:
    """The document as PDF/UA-1. Raises NoPdf where Pango is missing, or when it takes more than a minute; Full where
    others still had not made way after one."""
    job = {
        "html": render_to_string("document/print.html", _head(document)),
        "css": _css(document, paper),
        "fonts": {name: str(path) for name, path in fonts.printed().items()},
        "memory": MEMORY,
    }
    if not PLACES.acquire(timeout=WALL_S):
        raise Full(FULL)
    try:
        return _printed(job)
    finally:
        PLACES.release()


def _printed(job: dict[str, Any]) -> bytes:
    command = [sys.executable, "-m", "retros.document.printing", str(os.getpid())]
    said = json.dumps(job).encode()
    try:
        done = subprocess.run(  # noqa: S603 - our own program; what people wrote goes in by a pipe
            command, input=said, capture_output=True, timeout=WALL_S, cwd=settings.BASE_DIR, check=False
        )
    except subprocess.TimeoutExpired:
        raise NoPdf("The PDF took more than a minute and was stopped. Use Markdown, or shorten the timeline.") from None
    if done.returncode == REFUSED:
        raise NoPdf(done.stderr.decode(errors="replace").strip().splitlines()[-1])
    if done.returncode:
        raise NoPdf(_why(done))
    return done.stdout


def _why(done: subprocess.CompletedProcess[bytes]) -> str:
    """What to say of a print that ended in another way. The log gets the kind of error alone: its words may be a reader's."""
    lines = done.stderr.decode(errors="replace").strip().splitlines() or [""]
    error = lines[-1].partition(":")[0]
    log.error("a PDF was not made: exit %s, %s", done.returncode, error if error.isidentifier() else "no reason said")
    if done.returncode < 0 or error == "MemoryError":  # ended by the system, for memory or for processor time
        return "The PDF needs more memory or time than it may take. Use Markdown, or shorten the timeline."
    return "The PDF could not be made, and the fault is not yours. Use Markdown, and tell whoever runs Hindcast."


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
