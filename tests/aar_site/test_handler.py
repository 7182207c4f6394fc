"""A request from end to end in one thread: what it is answered, which thread and connection it used, and answers that drive themselves."""

import asyncio
import threading
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from aar_site.handler import Handler

seen: list[Any] = []


def page(request: HttpRequest) -> HttpResponse:
    seen.append((threading.current_thread().name, connection.connection, request.body))
    response = HttpResponse("a page")
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return response


def table(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter([b"a,", b"b"]), content_type="text/csv")


class Drive:
    async def run(self, receive: Any, send: Any) -> None:
        seen.append(threading.current_thread().name)
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        seen.append((await receive())["type"])


def stream(request: HttpRequest) -> StreamingHttpResponse:
    response = StreamingHttpResponse([b"first"])
    response.drive = Drive()  # type: ignore[attr-defined]
    return response


urlpatterns = [path("livez", page), path("page/", page), path("table/", table), path("stream/", stream)]


@pytest.fixture
def ask(settings: Any, db: None) -> Any:
    settings.ROOT_URLCONF = __name__
    settings.ALLOWED_HOSTS = ["*"]
    settings.MIDDLEWARE = ["aar_site.middleware.MannersMiddleware", "django.middleware.common.CommonMiddleware"]
    handler = Handler()
    seen.clear()

    def answer(where: str, body: bytes = b"", method: str = "GET") -> tuple[Any, bytes]:
        sent: list[Any] = []
        came = iter([{"type": "http.request", "body": body}, {"type": "http.disconnect"}])

        async def receive() -> Any:
            return next(came)

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": method, "path": where, "query_string": b"", "headers": [(b"host", b"x")]}
        asyncio.run(handler(scope, receive, send))
        return sent[0], b"".join(message["body"] for message in sent[1:])

    yield answer
    handler.threads.shutdown()
    handler.probes.shutdown()


def test_a_page_is_answered_with_its_cookies_and_the_manners_of_the_middleware(ask):
    start, body = ask("/page/", b"typed", "POST")
    assert (start["status"], body) == (200, b"a page")
    headers = [name.lower() for name, _ in start["headers"]]
    assert headers.count(b"set-cookie") == 2
    assert b"permissions-policy" in headers
    assert seen[0][2] == b"typed"


def test_requests_are_answered_in_threads_that_live_on(ask):
    for _ in range(3):
        ask("/page/")
    names = {name for name, _, _ in seen}
    assert all(name.startswith("request_") for name in names)
    assert names <= {thread.name for thread in threading.enumerate() if thread.is_alive()}


def test_whether_it_turns_is_answered_while_every_other_request_waits(ask):
    """All that wait for a database would otherwise keep the answer that asks nothing of it."""
    for where in ("/livez", "/page/"):
        ask(where)
    assert [name.partition("_")[0] for name, _, _ in seen] == ["probe", "request"]


def test_an_answer_in_parts_is_sent_whole(ask):
    start, body = ask("/table/")
    assert (start["status"], body) == (200, b"a,b")


def test_an_answer_that_drives_itself_runs_in_the_loop_and_hears_that_its_reader_went(ask):
    start, body = ask("/stream/")
    assert (start["status"], body) == (200, b"first")
    assert seen == [threading.current_thread().name, "http.disconnect"]


def test_only_http_is_served(ask):
    with pytest.raises(ValueError, match="websocket"):
        asyncio.run(Handler()({"type": "websocket"}, None, None))  # type: ignore[arg-type]
