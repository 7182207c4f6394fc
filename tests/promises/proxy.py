"""A line that breaks in every way that lines break: a TCP proxy before one port, whose mode can change at any moment."""

import asyncio
import random
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

MODES = {
    "pass": "everything goes through",
    "refuse": "nobody listens; what was open is reset",
    "cut": "whoever comes is reset, and what was open",
    "blackhole": "connections stand, and everything sent in them is swallowed",
    "drop": "the request gets through; of a share of connections the answer is thrown away and the line reset",
    "half": "the answer ends after so many bytes",
    "hold": "answers that end go through; streams are held back until they end, which is never",
    "503": "every request is answered 503 by the proxy itself",
}
UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def reset(writer: asyncio.StreamWriter) -> None:
    """RST instead of a polite end."""
    line = writer.get_extra_info("socket")
    if line is not None:
        try:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
    writer.transport.abort()


class Proxy:
    """Runs in a thread of its own. Clients that send one request per connection can be dropped by request: what was thrown
    away stands in `dropped`, as (request, answer)."""

    def __init__(self, to_port: int, *, seed: int = 1) -> None:
        self.to_port, self.mode = to_port, "pass"
        self.share, self.bytes, self.delay = 0.3, 100, 0.0
        self.dropped: list[tuple[bytes, bytes]] = []
        self.given_up: list[float] = []  # when the server ended a line whose other end heard nothing any more
        self.random = random.Random(seed)  # noqa: S311 - the same lines are dropped in each run
        self.open: set[asyncio.StreamWriter] = set()
        self.loop = asyncio.new_event_loop()
        self.server: asyncio.Server | None = None
        self.place = socket.socket()  # bound for good: while nobody listens, the system gives the port to nobody else
        self.place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.place.bind(("127.0.0.1", 0))
        self.port = self.place.getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever, name="proxy", daemon=True)
        self.thread.start()
        self._do(self._listen)

    def set(self, mode: str, *, share: float = 0.3, size: int = 100, delay: float = 0.0) -> None:
        """Change what happens from now on. `delay` holds back each piece in any mode that lets it through."""
        if mode not in MODES:
            raise KeyError(mode)
        self.share, self.bytes, self.delay = share, size, delay
        self._do(lambda: self._change(mode))

    def close(self) -> None:
        self._do(self._end)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.place.close()

    def _do(self, work: Callable[[], Any]) -> None:
        asyncio.run_coroutine_threadsafe(work(), self.loop).result(20)

    async def _listen(self) -> None:
        self.server = await asyncio.start_server(self._meet, "127.0.0.1", self.port, backlog=512)

    async def _change(self, mode: str) -> None:
        self.mode = mode
        if mode in {"cut", "refuse"}:
            for writer in list(self.open):
                reset(writer)
        if mode == "refuse" and self.server:
            self.server.close()
            self.server = None
        elif mode != "refuse" and self.server is None:
            await self._listen()

    async def _end(self) -> None:
        for writer in list(self.open):
            reset(writer)
        if self.server:
            self.server.close()
        for task in asyncio.all_tasks(self.loop) - {asyncio.current_task()}:
            task.cancel()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):  # cancelled: the test is over
            pass
        finally:
            self.open.discard(writer)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "cut":
            return reset(writer)
        if self.mode == "blackhole":
            return await self._swallow(reader)
        if self.mode == "503":
            await reader.readuntil(b"\r\n\r\n")
            writer.write(UNAVAILABLE)
            return await writer.drain()
        try:
            upstream, down = await asyncio.open_connection("127.0.0.1", self.to_port)
        except OSError:
            return reset(writer)
        self.open.add(down)
        try:
            if self.mode == "drop" and self.random.random() < self.share:
                return await self._throw_away(reader, writer, upstream, down)
            ways = (self._carry(reader, down), self._carry(upstream, writer, is_answer=True))
            pair = [asyncio.ensure_future(way) for way in ways]
            await asyncio.wait(pair, return_when=asyncio.FIRST_COMPLETED)
            for task in pair:
                task.cancel()
            await asyncio.gather(*pair, return_exceptions=True)
        finally:
            self.open.discard(down)
            down.close()

    async def _carry(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, *, is_answer: bool = False) -> None:
        """Bytes one way until the line ends. A line that lost bytes never carries any again, as after a real hole."""
        sent = 0
        while data := await self._heard(source, is_answer):
            if self.delay:
                await asyncio.sleep(self.delay)
            if is_answer and self.mode == "hold" and b"text/event-stream" in data:
                await self._swallow(source)
            if is_answer and self.mode == "half" and sent + len(data) > self.bytes:
                to.write(data[: max(0, self.bytes - sent)])
                await to.drain()
                return reset(to)
            sent += len(data)
            to.write(data)
            await to.drain()

    async def _heard(self, source: asyncio.StreamReader, is_answer: bool) -> bytes:
        """What came; in a black hole it is swallowed with all that follows, the end included."""
        data = await source.read(65536)
        if self.mode == "blackhole":
            await self._swallow(source, is_at_end=not data, is_answer=is_answer)
        return data

    async def _swallow(self, source: asyncio.StreamReader, *, is_at_end: bool = False, is_answer: bool = False) -> None:
        while not is_at_end:
            is_at_end = not await source.read(65536)
        if is_answer:
            self.given_up.append(time.monotonic())
        await asyncio.sleep(3600)

    async def _throw_away(self, reader: Any, writer: asyncio.StreamWriter, upstream: Any, down: Any) -> None:
        """One request and its answer, which the client never sees."""
        head = await reader.readuntil(b"\r\n\r\n")
        told = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        request = head + await reader.readexactly(int(told[1]) if told else 0)
        down.write(request)
        self.dropped.append((request, await upstream.read(-1)))
        reset(writer)
