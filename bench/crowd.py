"""A process of its own that reads many streams and writes to the room, so that measuring costs the server nothing.

    python -m bench.crowd   (orders come as lines of JSON on its input, answers go out as lines of JSON)

`join`: open a stream for each header. `write`: send requests one after the other, each when everybody has the one before.
`burst`: send those of each writer one after the other, all writers at once. `leave`: close the streams. Times are seconds of the
monotonic clock, which all processes of a machine share.
"""

import asyncio
import json
import re
import sys
import time
from typing import Any

SEQ = re.compile(rb"id: (\d+)\nevent: change")
PATIENCE = 5.0
GAP = 0.008  # the room is quiet again before the next change


class Reader(asyncio.Protocol):
    """One stream: takes the chunks of the answer apart just enough to know when a numbered frame is complete."""

    def __init__(self, crowd: "Crowd", request: bytes) -> None:
        self.crowd, self.request = crowd, request
        self.buffer = bytearray()
        self.is_open = False
        self.first: float | None = None
        self.seq, self.seen, self.frames = 0, [], 0  # type: int, list[tuple[float, int]], int
        self.largest = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self.buffer += data
        if not self.is_open:
            head = self.buffer.find(b"\r\n\r\n")
            if head < 0:
                return
            if not self.buffer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"A stream was answered {bytes(self.buffer[:40])!r}.")
            del self.buffer[: head + 4]
            self.is_open = True
        while (at := self.buffer.find(b"\r\n")) >= 0:
            end = at + 2 + int(bytes(self.buffer[:at]), 16)
            if len(self.buffer) < end + 2:
                return
            self.frame(now, bytes(self.buffer[at + 2 : end]))
            del self.buffer[: end + 2]

    def frame(self, now: float, body: bytes) -> None:
        if self.first is None:
            self.first = now
            self.crowd.has_joined()
        found = SEQ.match(body)
        if found:
            self.frames += 1
            self.seq = max(self.seq, int(found[1]))
            self.seen.append((now, self.seq))
            self.largest = body if self.crowd.keeps else self.largest
            self.crowd.has_arrived(self.seq)


class Writer:
    """One kept-alive connection that posts forms."""

    def __init__(self, host: str, port: int) -> None:
        self.place = (host, port)
        self.reader: asyncio.StreamReader | None = None

    async def post(self, request: bytes) -> int:
        if self.reader is None:
            self.reader, self.writer = await asyncio.open_connection(*self.place)
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        if b"chunked" in head.lower():
            while (size := int((await self.reader.readline()).strip() or b"0", 16)) > 0:
                await self.reader.readexactly(size + 2)
            await self.reader.readline()
        elif found := re.search(rb"(?i)content-length: (\d+)", head):
            await self.reader.readexactly(int(found[1]))
        return int(head.split(b" ")[1])


class Crowd:
    def __init__(self) -> None:
        self.readers: list[Reader] = []
        self.keeps = False
        self.joined = self.arrived = self.target = 0
        self.event = asyncio.Event()

    def has_joined(self) -> None:
        self.joined += 1
        if self.joined == len(self.readers):
            self.event.set()

    def has_arrived(self, seq: int) -> None:
        if seq >= self.target > 0:
            self.arrived += 1
            if self.arrived >= len(self.readers):
                self.event.set()

    async def join(self, host: str, port: int, requests: list[str], **_: Any) -> dict[str, Any]:
        """Seconds until each reader has its first frame."""
        self.event, self.joined = asyncio.Event(), 0
        self.readers = [Reader(self, request.encode()) for request in requests]
        loop, began = asyncio.get_running_loop(), time.monotonic()
        await asyncio.gather(*(loop.create_connection(lambda r=r: r, host, port) for r in self.readers))  # type: ignore[misc]
        await self._wait(60)
        return {"seconds": sorted((r.first or began + 60) - began for r in self.readers)}

    async def write(self, host: str, port: int, requests: list[tuple[int, str]], seq: int, **_: Any) -> dict[str, Any]:
        """(who, request), one after the other: milliseconds from sent to received, of each reader and each change."""
        writers = {who: Writer(host, port) for who, _ in requests}
        took, answered, lost = [], [], 0
        self.keeps = True
        for number, (who, request) in enumerate(requests):
            self.target, self.arrived, self.event = seq + number + 1, 0, asyncio.Event()
            for reader in self.readers:
                reader.seen.clear()
            sent = time.monotonic()
            status = await writers[who].post(request.encode())
            answered.append((time.monotonic() - sent) * 1000)
            if status >= 400:
                raise SystemExit(f"A write was answered {status}.")
            await self._wait(PATIENCE)
            for reader in self.readers:
                at = next((at for at, got in reader.seen if got >= self.target), None)
                lost += at is None
                took += [] if at is None else [(at - sent) * 1000]
            self.target = 0
            await asyncio.sleep(GAP)
        frame = max((r.largest for r in self.readers[:1]), key=len, default=b"")
        return {"took": took, "answered": answered, "lost": lost, "frame": len(frame), "changes": len(requests)}

    async def burst(self, host: str, port: int, requests: list[list[str]], **_: Any) -> dict[str, Any]:
        """All writers at once. When each item was sent and answered; when each reader had which number."""
        for reader in self.readers:
            reader.seen.clear()

        async def run(mine: list[str]) -> list[tuple[float, float, int]]:
            writer, found = Writer(host, port), []
            for text in mine:
                sent = time.monotonic()
                status = await writer.post(text.encode())
                found.append((sent, time.monotonic(), status))
            return found

        items = await asyncio.gather(*(run(mine) for mine in requests))
        await asyncio.sleep(1.5)
        return {"items": items, "seen": [reader.seen for reader in self.readers]}

    async def leave(self, **_: Any) -> dict[str, Any]:
        for reader in self.readers:
            reader.transport.abort()
        self.readers = []
        return {}

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.event.wait(), seconds)
        except TimeoutError:
            pass


async def main() -> None:
    """Crowds by name: one at ours and one at the bare server at the same time."""
    crowds: dict[str, Crowd] = {}
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        crowd = crowds.setdefault(order.get("crowd", ""), Crowd())
        print(json.dumps(await getattr(crowd, order["do"])(**order)), flush=True)


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
