"""Small words of the edge: the operation id of a form, the answer to a kept form, and how refusals of the services look."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from retros.live.log import WrongState


def op_of(request: HttpRequest) -> uuid.UUID | None:
    """The operation id that the form carries; None where it carries none or nonsense (then a repeat is a second change)."""
    try:
        return uuid.UUID(request.POST.get("op", ""))
    except ValueError:
        return None


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


class RefusalMiddleware:
    """Turns a service's WrongState into 409 with its sentence: as a notice for htmx, as a page otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, WrongState):
            return None
        template = "_refusal.html" if is_fragment(request) else "409.html"
        response = render(request, template, {"reason": str(exception)}, status=409)
        if is_fragment(request):
            response["HX-Retarget"] = "#toast"
            response["HX-Reswap"] = "innerHTML"
        return response
