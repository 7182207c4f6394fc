"""The way to one reader: a frame is sent at once; where the reader is slow it waits, within bounds. All of it in the event loop.

Sent without a queue and without a task of its own: the server's `send` is a coroutine that ends at once while there is room
in the connection, so it is stepped here by hand. Only where it wants to wait does a task take it on.
"""

import asyncio
import time
import types
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator
from typing import Any

from retros.live import frames

MOST_WAITING = 128 * 1024  # bytes; up to as many again lie in the connection itself
PIECE = 32 * 1024
Send = Callable[[dict[str, Any]], Awaitable[None]]


def message(frame: bytes) -> dict[str, Any]:
    """A frame as the server takes it: one object for all readers. A large one is cut, so that no connection holds all of it."""
    found: dict[str, Any] = {"type": "http.response.body", "body": frame, "more_body": True}
    if len(frame) > PIECE:
        found["pieces"] = [message(frame[at : at + PIECE]) for at in range(0, len(frame), PIECE)]
    return found


END = {"type": "http.response.body", "body": b"", "more_body": False}
# The empty line ends the one within which a frame may have been given up: what was begun of that frame becomes part of this one.
ANEW = message(b"\n" + frames.reset())


class Line:
    """Takes frames for a reader in their order. `sent_at` is when one was last handed to the server."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.sent_at = time.monotonic()
        self.under_way: Iterator[dict[str, Any]] = iter(())  # the rest of the frame of which the reader has a part
        self.waiting: deque[dict[str, Any]] = deque()
        self.size = 0  # bytes that wait
        self.task: asyncio.Task[None] | None = None
        self.is_over = False

    def put(self, given: dict[str, Any]) -> None:
        """Send it, or keep it until those before it are through. A reader too far behind is told to load anew instead."""
        if self.is_over:
            return
        self.is_over = given is END
        if self.task is None:
            self._step(given)
            return
        if ANEW in self.waiting and not self.is_over:
            return  # it will be in the page that is loaded then
        self.waiting.append(given)
        self.size += len(given["body"])
        if self.size > MOST_WAITING and len(self.waiting) > 1:  # one may be large: all readers share it
            self.waiting = deque([ANEW, *([END] if self.is_over else [])])
            self.under_way, self.size = iter(()), 0  # large as well, and each slow reader may stand in another

    def _step(self, given: dict[str, Any]) -> None:
        self._begin(given)
        for piece in self.under_way:
            sending: Any = self.send(piece)
            try:
                waits_for = sending.send(None)
            except StopIteration:
                continue
            except Exception:  # the connection went away in this moment; its own task hears of it
                self.is_over = True
                return
            self.task = asyncio.ensure_future(self._later(_rest(sending, waits_for)))
            return

    def _begin(self, given: dict[str, Any]) -> None:
        self.sent_at = time.monotonic()
        self.under_way = iter(given.get("pieces", (given,)))

    async def _later(self, rest: Awaitable[None]) -> None:
        """The rest of a frame, and those that wait behind it."""
        try:
            await rest
            while piece := self._next():
                await self.send(piece)
        except Exception:
            self.is_over = True
        finally:
            self.task = None

    def _next(self) -> dict[str, Any] | None:
        piece = next(self.under_way, None)
        if piece is None and self.waiting:
            given = self.waiting.popleft()
            self.size = max(0, self.size - len(given["body"]))
            self._begin(given)
            piece = next(self.under_way)
        return piece

    def drop(self) -> None:
        """The reader is gone."""
        self.is_over = True
        self.under_way = iter(())
        self.waiting.clear()
        if self.task:
            self.task.cancel()
            self.task = None


@types.coroutine
def _rest(sending: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """What is left of a coroutine that was stepped once and waits for this future."""
    yield waits_for
    yield from sending  # type: ignore[misc]
