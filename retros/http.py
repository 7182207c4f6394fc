"""Small words of the edge: the operation id of a form, the answer to a kept form, and how refusals of the services look."""

import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from aar_site import busy
from aar_site.rate import PerProcess
from retros.live.log import WrongState

WRITES = PerProcess(most=120, seconds=60)  # of one person; autosave sends 30 in a minute, a busy scribe fewer


def op_of(request: HttpRequest) -> uuid.UUID | None:
    """The operation id that the form carries; None where it carries none or nonsense (then a repeat is a second change)."""
    try:
        return uuid.UUID(request.POST.get("op", ""))
    except ValueError:
        return None


def chosen(request: HttpRequest, field: str = "text") -> Any:
    """What a form sends that came back with two texts: the own one again, both together, or what stands in the field. None where
    theirs is taken, which stands already; also for a form that was only opened."""
    use = request.POST.get("use", "")
    if request.method != "POST" or use == "theirs":
        return None
    if use not in {"mine", "both"} or use not in request.POST:
        return request.POST
    data = request.POST.copy()
    data[field] = str(data[use])
    return data


def whole(text: str, default: int = 0) -> int:
    """A whole number as it comes in addresses and hidden fields; nonsense and what no row can hold is the default."""
    return int(text) if text.isdecimal() and len(text) <= 15 else default


def kept(request: HttpRequest, fragment: str, context: dict[str, Any], *, page: str, anchor: str = "") -> HttpResponse:
    """After a kept form: the fragment for htmx; else back to the page (303, so that a reload sends nothing twice)."""
    if is_fragment(request):
        return render(request, fragment, context)
    return see_other(page, anchor)


def see_other(page: str, anchor: str = "") -> HttpResponseRedirect:
    """To a page by GET, at an anchor if one is given."""
    response = HttpResponseRedirect(f"{page}#{anchor}" if anchor else page)
    response.status_code = 303
    return response


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks; only form endpoints may branch on it, because a URL has one representation."""
    return request.headers.get("HX-Request") == "true"


class TooOften(Exception):
    """Refused for now: `wait` is how many seconds. The message says what is kept within which bounds."""

    def __init__(self, message: str, wait: int) -> None:
        super().__init__(message)
        self.wait = wait


class Busy(TooOften):
    """Refused because the site has too much to do, not because of who asks."""


class RefusalMiddleware:
    """How a refusal looks, as a notice for htmx and as a page otherwise: a service's WrongState, and a ValidationError that no
    form takes, is 409 with its sentence, TooOften 429 and Busy 503 with Retry-After. Refuses those itself who write more often
    than hands can."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.method in {"GET", "HEAD", "OPTIONS"} or not request.user.is_authenticated:
            return None
        wait = WRITES.wait_for(request.user.pk)
        return _too_often(request, TooOften("This was more than a person writes in a minute.", wait)) if wait else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Busy):
            return busy.refused(request, str(exception), exception.wait)
        if isinstance(exception, TooOften):
            return _too_often(request, exception)
        if isinstance(exception, ValidationError):  # what the form could not know, such as what others did meanwhile
            return _refused(request, " ".join(exception.messages), 409)
        return _refused(request, str(exception), 409) if isinstance(exception, WrongState) else None


def _too_often(request: HttpRequest, refusal: TooOften) -> HttpResponse:
    response = _refused(request, f"{refusal} Try again {busy.in_words(refusal.wait)}.", 429)
    response["Retry-After"] = str(refusal.wait)
    return response


def _refused(request: HttpRequest, reason: str, status: int) -> HttpResponse:
    template = "_refusal.html" if is_fragment(request) else "409.html"
    response = render(request, template, {"reason": reason, "is_too_often": status == 429}, status=status)
    if is_fragment(request):
        for name, value in busy.IN_THE_NOTICE.items():
            response[name] = value
    return response
