"""What is said while the site cannot do something just now: 503, when to come back, and that nothing typed is lost.

A database that is busy or away is no mistake of ours and none of the reader's, and it passes. Every other error of it, such as a
table that is missing, stays a 500.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from aar_site.logs import told
from aar_site.rate import NotKept

log = logging.getLogger(__name__)
WAIT_S = 5
# Whole, whatever the form selects from its answers: a refusal holds nothing of that, and would be said to nobody.
IN_THE_NOTICE = {"HX-Retarget": "#toast", "HX-Reswap": "innerHTML", "HX-Reselect": "unset"}
BUSY = "The server is busy and could not answer in time. Nothing you typed is lost."
STORAGE = "The server’s disk is full, or takes no writing: whoever runs it has to look. Nothing you typed is lost."
# Of PostgreSQL: the line is gone, a deadlock, out of resources, stopped by an operator or by a time limit.
CLASSES = ("08", "40", "53", "57")
STATES = {"55P03", "25P03"}  # a lock was not given in time; a transaction was left idle
LOW_BYTE, CODES = 0xFF, {5, 6, 14}  # of SQLite: busy, locked, cannot be opened
FULL_STATES, FULL_CODES = {"53100", "25006", "58030"}, {8, 10, 13}  # full, for reading only, a disk that fails


def is_busy(error: BaseException | None) -> bool:
    """Whether the error says that the database is busy or away, itself or as the reason of another one."""
    return any(_is_busy(each) for each in _reasons(error))


def _reasons(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__


def is_full(error: BaseException | None) -> bool:
    """Whether the reason is a disk that takes no writing. Reading may go on meanwhile, and nothing that was kept is lost."""
    codes = ((getattr(e, "sqlstate", ""), getattr(e, "sqlite_errorcode", 0) & LOW_BYTE) for e in _reasons(error))
    return any(state in FULL_STATES or code in FULL_CODES for state, code in codes)


@contextmanager
def if_it_can() -> Iterator[None]:
    """What a page can do without, such as a sign that its reader is here: who only reads is not turned away for it."""
    try:
        yield
    except DatabaseError as error:
        if not is_busy(error):
            raise


def _is_busy(error: BaseException) -> bool:
    if isinstance(error, NotKept) or is_full(error):
        return True
    if isinstance(error, psycopg.Error) and error.sqlstate:
        return error.sqlstate.startswith(CLASSES) or error.sqlstate in STATES
    if isinstance(error, psycopg.OperationalError):
        return True  # the server gave no state, because none was reached: no line, or no place in the pool
    if isinstance(error, InterfaceError | psycopg.InterfaceError):
        return "connection" in str(error)  # it is closed; other such errors are mistakes in how it is used
    return getattr(error, "sqlite_errorcode", 0) & LOW_BYTE in CODES


def refused(request: HttpRequest, reason: str = BUSY, wait: int = WAIT_S, cause: str = "") -> HttpResponse:
    """A notice for htmx, a page otherwise. Neither asks the database anything. One line of the log says the cause, or the reason."""
    log.warning("busy at %s: %s", request.path, cause or reason)
    if request.headers.get("HX-Request") == "true":
        notice = f"{reason} Try again {in_words(wait)}."
        words = render_to_string("_refusal.html", {"reason": notice})
        response = HttpResponse(words, status=503, headers=IN_THE_NOTICE)
    else:
        context = {"reason": reason, "when": in_words(wait), "is_read": request.method in {"GET", "HEAD"}}
        response = HttpResponse(render_to_string("503.html", {**context, "path": request.get_full_path()}), status=503)
    response["Retry-After"] = str(wait)
    response._has_been_logged = True  # type: ignore[attr-defined]  # else its frames follow, and an overloaded server says it often
    return response


def in_words(wait: int) -> str:
    """When to try again."""
    if wait < 60:
        return "in a few seconds" if wait <= 10 else f"in {wait} seconds"
    minutes = -(-wait // 60)
    return "in a minute" if minutes == 1 else f"in {minutes} minutes"


def server_error(request: HttpRequest) -> HttpResponse:
    """What is said when a request ended in an error, wherever it arose: in a view, or in what stands around it.

    Not Django's own, which asks the session for a token first: where sessions cannot be read, that raises once more.
    """
    error = sys.exception()
    if is_busy(error):
        return refused(request, STORAGE if is_full(error) else BUSY, cause=told(error))
    return HttpResponse(render_to_string("500.html"), status=500)
