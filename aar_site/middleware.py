"""Manners of htmx and of private pages: a redirect to sign-in becomes 401 for a fragment; nothing private is kept by caches."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers

DOOR = "/j/"  # of personal links
PROBES = {"/livez", "/readyz"}  # know nobody: a session is a row, and they answer also where the database does not


class SmallPagesMiddleware(GZipMiddleware):
    """Pages travel compressed, streams as they are: a stream that waits to be compressed is late.

    Django adds a random length to each, so that what a page holds cannot be guessed from its size.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = not response.streaming and response.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


class MannersMiddleware:
    """Stands first, so that it sees every answer as it leaves. Runs under both servers without an extra thread."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        if request.path in PROBES:
            request.COOKIES = {}
        if request.encoding:  # a form is UTF-8 whatever it says: other codecs make characters that no row can hold
            request.encoding = "utf-8"
        if iscoroutinefunction(self):
            return self._later(request)
        return mend(request, self.get_response(request))

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Nothing has an address with a NUL in it, and one of the databases refuses to look for it."""
        if "\0" in request.path:
            raise Http404("No such address.")

    async def _later(self, request: HttpRequest) -> HttpResponse:
        return mend(request, await self.get_response(request))


def mend(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Set what every answer carries, and turn a fragment's redirect to sign-in into 401 with a target for htmx."""
    is_fragment = request.headers.get("HX-Request") == "true"
    if is_fragment and is_sign_in(response):
        location = response["Location"]
        response = HttpResponse(status=401)
        response["HX-Redirect"] = location
    patch_vary_headers(response, ["HX-Request"])
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if request.path.startswith(DOOR):
        response["Referrer-Policy"] = "no-referrer"  # its path is a key, in errors too
    response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
    if response.status_code == 429:
        response.headers.setdefault("Retry-After", "60")
    # Every page may hold something that was said in confidence, so the browser keeps no copy; static files set their own.
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def is_sign_in(response: HttpResponse) -> bool:
    """Whether the response sends the reader to the sign-in page."""
    return response.status_code == 302 and response["Location"].split("?")[0] == resolve_url(settings.LOGIN_URL)
