"""How a request is answered under ASGI: from end to end in one thread, of a few that live on.

Why not Django's own handler. Between the event loop and a thread it hops once for every middleware that wants to see the view,
and each request gets a thread of its own: that one opens the database anew and, where the answer is a stream, stays as long as
the stream. Here the same chain of middleware and the view run in one go in a thread of a pool, whose connection is kept.

An answer with a `drive` (an object with `run(receive, send)`) writes its own body in the event loop: the live stream does. By then
its request is over for the thread and for the database.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from aar_site.middleware import PROBES
from aar_site.stack import with_room

# Enough that some who wait for a PDF keep nobody from writing; more would wait for each other, for the interpreter first.
THREADS = 32
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Handler(ASGIHandler):
    """Django's handler with the chain for threads, run once per request."""

    def __init__(self) -> None:
        self.load_middleware()
        self.threads = ThreadPoolExecutor(THREADS, "request")
        # Whether it turns is answered also while all others wait for a database.
        self.probes = ThreadPoolExecutor(2, "probe")
        self.respond = with_room(self._respond)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise ValueError(f"Only HTTP is served here, not {scope['type']}.")
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        loop, context = asyncio.get_running_loop(), contextvars.copy_context()
        threads = self.probes if scope["path"] in PROBES else self.threads
        response, whole = await loop.run_in_executor(threads, context.run, self.respond, scope, body)
        drive = getattr(response, "drive", None)
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers_of(response)})
        if drive is None:
            for chunk, is_last in self.chunk_bytes(whole):
                await send({"type": "http.response.body", "body": chunk, "more_body": not is_last})
            return
        del response, body, context  # a stream lasts for an hour; what its request needed does not
        await drive.run(receive, send)

    def _respond(self, scope: dict[str, Any], body: IO[bytes]) -> tuple[HttpResponseBase, bytes]:
        """In a thread: the whole request, until its database connection is free again. Returns the answer and its bytes."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response: Any = refusal if request is None else self.get_response(request)
        response._handler_class = self.__class__
        is_driven = hasattr(response, "drive")
        try:
            return response, b"" if is_driven else b"".join(response)
        finally:
            response.close()
            body.close()


def headers_of(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    """Names and values as they go over the wire, with a line for each cookie."""
    found = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    return found + [(b"Set-Cookie", c.output(header="").strip().encode("ascii")) for c in response.cookies.values()]
