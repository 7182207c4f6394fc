"""For machines that watch: does the process turn, and can it do its work. One word each: strangers ask too."""

import logging
import time
from threading import Lock

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from aar_site.health import readiness

log = logging.getLogger(__name__)
REMEMBERED = 1.0  # seconds; whoever asks more often gets the same answer
_lock = Lock()
_last: tuple[float, readiness.Found] = (-REMEMBERED, readiness.Found())


@login_not_required
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process turns. Asks nothing of the database; says nothing about it."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 `ok`, 200 `degraded` or 503 `unavailable`; why stands in the log and in `manage.py doctor`."""
    found = _current()
    response = HttpResponse(f"{found.word}\n", content_type="text/plain", status=503 if found.broken else 200)
    response._has_been_logged = True  # type: ignore[attr-defined]  # once, with the reason, and not at each question
    return response


def _current() -> readiness.Found:
    """What was found at most a second ago. A change of it is logged."""
    global _last
    with _lock:
        before = _last[1]
        if time.monotonic() - _last[0] >= REMEMBERED:
            found = readiness.look()
            _last = (time.monotonic(), found)
            if found != before:
                log.warning("readiness: %s", ", ".join([*found.broken, *found.degraded]) or "ok again")
        return _last[1]
