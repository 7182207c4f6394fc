"""Many streams read in one thread by sockets: when which number came, and readers that take a byte a second. And what processes use."""

import re
import selectors
import socket
import threading
import time
from pathlib import Path
from typing import Any

from tests.promises.people import signed_in
from tests.promises.supervisor import Web

NUMBER = re.compile(rb"id: (\d+)\nevent: change")


class Reader:
    """One stream. `seen`: (monotonic moment, number) of each numbered frame, taken when its beginning came."""

    def __init__(self, port: int, code: str, user: Any, after: int, *, is_slow: bool = False) -> None:
        self.seen: list[tuple[float, int]] = []
        self.rest, self.got, self.is_slow, self.is_closed = b"", 0, is_slow, False
        self.socket = socket.socket()
        if is_slow:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", port))
        head = f"GET /e/{code}/room/stream/?after={after} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sid={signed_in(user)}\r\n\r\n"
        self.socket.sendall(head.encode())
        self.socket.setblocking(False)

    def read(self, most: int = 1 << 20) -> None:
        try:
            data = self.socket.recv(most)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.is_closed = self.is_closed or not data
        self.got += len(data)
        text = self.rest + data
        now = time.monotonic()
        self.seen += [(now, int(number)) for number in NUMBER.findall(text)]
        last = max((found.end() for found in NUMBER.finditer(text)), default=0)
        self.rest = text[max(last, len(text) - 60) :]


class Readers:
    """Reads all of its streams until it is closed."""

    def __init__(self, streams: list[Reader]) -> None:
        self.streams, self.is_over = streams, threading.Event()
        self.thread = threading.Thread(target=self._read, name="readers", daemon=True)
        self.thread.start()

    def _read(self) -> None:
        fast = selectors.DefaultSelector()
        for stream in self.streams:
            if not stream.is_slow:
                fast.register(stream.socket, selectors.EVENT_READ, stream)
        slow, next_byte = [stream for stream in self.streams if stream.is_slow], time.monotonic() + 1
        while not self.is_over.is_set():
            for key, _ in fast.select(0.05):
                key.data.read()
                if key.data.is_closed:
                    fast.unregister(key.fileobj)
            if time.monotonic() >= next_byte:
                next_byte += 1
                for stream in slow:
                    stream.read(1)

    def wait(self, seconds: float = 30.0) -> None:
        """Until every stream that is read has brought something."""
        until = time.monotonic() + seconds
        while any(not stream.got for stream in self.streams if not stream.is_slow) and time.monotonic() < until:
            time.sleep(0.02)

    def stop(self) -> None:
        """Read no more; the streams stay open."""
        self.is_over.set()
        self.thread.join(5)

    def close(self) -> None:
        self.stop()
        for stream in self.streams:
            stream.socket.close()

    def delays(self, sent: list[tuple[float, int]]) -> tuple[list[float], int]:
        """Seconds from each (moment, number) sent until each stream that is read had that number or a later one; and how many never."""
        found, lost = [], 0
        for at, number in sent:
            for stream in self.streams:
                if not stream.is_slow:
                    there = next((when for when, seq in stream.seen if seq >= number), None)
                    lost += there is None
                    found += [] if there is None else [there - at]
        return found, lost


def part(values: list[float], share: float) -> float:
    rows = sorted(values)
    return rows[min(len(rows) - 1, int(share * len(rows)))] if rows else 0.0


def family(web: Web) -> list[int]:
    """The process and those that it started."""
    found = [web.process.pid]
    for pid in found:
        for task in list(Path(f"/proc/{pid}/task").iterdir()):
            try:
                found += [int(child) for child in (task / "children").read_text().split()]
            except OSError:
                pass  # a thread that ended meanwhile
    return found


def memory(web: Web) -> float:
    """Resident KB of all of them."""
    rows = [Path(f"/proc/{pid}/status").read_text() for pid in family(web)]
    return sum(float(found[1]) for row in rows if (found := re.search(r"VmRSS:\s+(\d+)", row)))


def cpu(web: Web) -> float:
    """Seconds of the processor so far."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in family(web)]
    return sum(int(row[11]) + int(row[12]) for row in fields) / 100


def open_files(web: Web, but: str) -> int:
    """What all of them have open: connections, files, pipes. Not the files of the database, whose name begins with `but`: they
    belong to threads, which live on."""
    found = 0
    for pid in family(web):
        for file in Path(f"/proc/{pid}/fd").iterdir():
            try:
                found += not str(file.readlink()).startswith(but)
            except OSError:
                pass  # closed meanwhile
    return found
