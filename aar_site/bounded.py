"""How large a request may be at all. Stands before Django, which writes a whole body to disk before any rule of a page is asked."""

from collections.abc import Awaitable, Callable
from typing import Any

# Four times the largest record: a file that is somewhat too large still gets its form back, with words.
MOST = 40 * 1024 * 1024
WORDS = (
    f"This is larger than {MOST // 2**20} MB, so it was not read and nothing was stored. Send a part of it.\n".encode()
)
App = Callable[[dict[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]


class Bounded:
    """An ASGI application that reads no body beyond MOST: told by its length it is answered 413; without one, cut off."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = dict(scope["headers"])
        told = headers.get(b"content-length", b"0")
        if scope.get("method") == "GET" and told == b"0" and b"transfer-encoding" not in headers:
            return await self.app(scope, receive, send)  # no body follows, and a stream is spared a step for each frame
        if not told.isdigit() or len(told) > 12 or int(told) > MOST:
            return await _refuse(send)
        seen, has_begun = 0, False

        async def counted() -> Any:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            return message if seen <= MOST else {"type": "http.disconnect"}

        async def answer(message: Any) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        await self.app(scope, counted, answer)
        if seen > MOST and not has_begun:
            await _refuse(send)


async def _refuse(send: Any) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": WORDS})
