"""A browser in the room without the browser: follows the frames by number as static/js/room.js does, with its pauses and signs.

Runs in a thread, or as a process of its own that can be stopped, and says each step in a line of JSON:
python -m tests.promises.follower PORT CODE COOKIE
"""

import http.client
import itertools
import json
import random
import re
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

SILENCE = 34.0  # seconds without a sign after which a line counts as dead, asked every five
FIRST_SIGN = 8.0  # seconds within which a stream must bring something
POLL = 1.5  # seconds between questions while nothing comes through; twice that once they are answered
LONGEST_POLL = 4.0
BROKEN = (OSError, http.client.HTTPException)
TOKEN = "t" * 32  # as tests.promises.people puts it into each session; imported it would bring all of Django


@dataclass
class Follower:
    """What this browser knows: the number it has, the regions as they stand on its page, and everything that happened to it."""

    port: int
    code: str
    cookie: str
    role: str = ""
    seq: int = 0
    regions: dict[str, str] = field(default_factory=dict)
    told: list[tuple[float, str, int]] = field(default_factory=list)  # (moment, what, number)
    said: Any = None  # called with each line of `told`

    def __post_init__(self) -> None:
        self.is_over = threading.Event()
        self.is_heard, self.tries, self.is_lost = False, 0, False
        self.sign, self.lock = time.monotonic(), threading.RLock()
        self.sock: socket.socket | None = None
        self.name, self.lines, self.answered = uuid.uuid4().hex[:12], 0, 0.0
        self.thread = threading.Thread(target=self._follow, name="follower", daemon=True)

    # --- What a test asks -------------------------------------------------------------------------------------------------
    def start(self) -> "Follower":
        self.load()
        self.thread.start()
        return self

    def stop(self) -> None:
        self.is_over.set()
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is closed already
        self.thread.join(2)

    def wait(self, what: str, seconds: float, *, since: int = 0) -> float | None:
        """Until something of this name is told (after the first `since` lines); the moment of it, or None."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for at, name, _ in self.told[since:]:
                if name == what:
                    return at
            time.sleep(0.01)
        return None

    def wait_for_seq(self, seq: int, seconds: float) -> float | None:
        """Until it has this number; seconds that it took, or None."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.seq >= seq:
                return time.monotonic() - began
            time.sleep(0.005)
        return None

    @property
    def went_back(self) -> int:
        """How often the page showed an older state than before."""
        numbers = [seq for _, what, seq in self.told if what in {"applied", "loaded"}]
        return sum(b < a for a, b in itertools.pairwise(numbers))

    # --- The page -----------------------------------------------------------------------------------------------------------
    def load(self) -> None:
        """The page anew: its number is read before its content."""
        status, page = self._get(f"/e/{self.code}/room/")
        if status != 200:
            self.is_over.set()
            return self._tell("turned away", status)
        found = re.search(r'data-seq="(\d+)"', page)
        self.role = (re.search(r'data-role="(\w*)"', page) or [None, ""])[1]
        self.seq = int(found[1]) if found else 0
        self.regions = {"page": page}
        self._tell("loaded", self.seq)

    def _apply(self, frame: dict[str, Any]) -> None:
        with self.lock:
            if frame["seq"] <= self.seq:
                return self._tell("known", frame["seq"])
            self.seq = frame["seq"]
            self.regions.update(frame["regions"])
            self._tell("applied", self.seq)

    def _tell(self, what: str, number: int = 0) -> None:
        self.told.append((time.monotonic(), what, number))
        if self.said:
            self.said(what, number)

    # --- The line -----------------------------------------------------------------------------------------------------------
    def _follow(self) -> None:
        threading.Thread(target=self._ask_meanwhile, name="poll", daemon=True).start()
        while not self.is_over.is_set():
            pause = None
            try:
                pause = self._stream()
            except BROKEN:
                pass
            if pause is None and not self.is_over.is_set():
                pause = self._failed()
            self.is_over.wait(pause or 0)

    def _failed(self) -> float:
        self.tries, self.is_heard = self.tries + 1, False
        if not self.is_lost:
            self.is_lost = True
            self._tell("lost")
        return min(8.0, 0.5 * 2 ** min(self.tries, 4)) * (0.6 + random.random() * 0.8)  # noqa: S311 - spreads a room

    def _ask_meanwhile(self) -> None:
        """From the second failure on until a stream comes through; no question waits for the answer to the one before."""
        while not self.is_over.wait(POLL):
            if self.tries >= 2 and (self.is_lost or time.monotonic() - self.sign > 2.5):
                threading.Thread(target=self._poll, name="poll", daemon=True).start()

    def _poll(self) -> None:
        try:
            status, body = self._get(f"/e/{self.code}/room/poll/?after={self.seq}", timeout=LONGEST_POLL)
        except BROKEN:
            return
        if status == 200:
            self._apply(json.loads(body))
        elif status != 204 and status < 500:
            return self.load()
        if status < 500:
            self._signed()

    def _answer(self) -> None:
        """Say to the server that this page hears, every twenty seconds at most."""
        if time.monotonic() - self.answered < 20:
            return
        self.answered = time.monotonic()
        threading.Thread(target=self._attend, args=(f"{self.name}-{self.lines}",), daemon=True).start()

    def _attend(self, name: str) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": TOKEN,
            "Cookie": f"sid={self.cookie}",
        }
        try:
            line.request("POST", f"/e/{self.code}/room/attend/", f"line={name}", headers)
            line.getresponse().read()
        except BROKEN:
            pass
        finally:
            line.close()

    def _signed(self) -> None:
        self.sign = time.monotonic()
        if self.is_lost:
            self.is_lost = False
            self._tell("back")

    def _stream(self) -> float | None:
        """One stream to its end. Returns the pause that the server asked for, or None where it failed."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=FIRST_SIGN)
        try:
            self.lines += 1
            path = f"/e/{self.code}/room/stream/?after={self.seq}&role={self.role}&line={self.name}-{self.lines}"
            line.request("GET", path, headers={"Cookie": f"sid={self.cookie}", "Accept": "text/event-stream"})
            response = line.getresponse()
            if response.status != 200:
                self._tell("refused", response.status)
                return None
            self._tell("opened", self.seq)
            self.sock = sock = response.fp.raw._sock  # type: ignore[union-attr]
            for event, data in self._events(response):
                sock.settimeout(SILENCE)
                self.is_heard, self.tries = True, 0
                self._signed()
                self._answer()
                if event == "change":
                    self._apply(data)
                elif event == "presence":
                    for user in data.get("left", ()):
                        self._tell("left", user)
                elif event in {"reset", "gone"}:
                    self._tell(event)
                    self.load()
                    return 0.0
                elif event == "bye":
                    self._tell("bye", data["retry"])
                    return float(data["retry"]) / 1000
            return None
        finally:
            line.close()
            self._tell("closed")

    def _events(self, response: http.client.HTTPResponse) -> Iterator[tuple[str, dict[str, Any]]]:
        """As a browser takes them: an event ends at an empty line, and its last name is its name."""
        event, data = "", b""
        while not self.is_over.is_set():
            text = response.readline()
            if not text:
                return
            if text.startswith(b"event: "):
                event = text[7:].strip().decode()
            elif text.startswith(b"data: "):
                data = text[6:]
            elif not text.strip() and data:
                yield event, json.loads(data)
                event, data = "", b""

    def _get(self, path: str, timeout: float = 20.0) -> tuple[int, str]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            line.request("GET", path, headers={"Cookie": f"sid={self.cookie}"})
            response = line.getresponse()
            return response.status, response.read().decode()
        finally:
            line.close()


class Apart:
    """A follower in a process of its own, which can be put to sleep by a signal."""

    def __init__(self, port: int, code: str, cookie: str) -> None:
        command = [sys.executable, "-m", "tests.promises.follower", str(port), code, cookie]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.told: list[tuple[float, str, int]] = []
        self.seq, self.regions = 0, dict[str, str]()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        for text in self.process.stdout or ():
            said = json.loads(text)
            if "regions" in said:
                self.regions = said["regions"]
                continue
            self.told.append((time.monotonic(), said["what"], said["number"]))
            if said["what"] in {"applied", "loaded"}:
                self.seq = said["number"]

    wait, wait_for_seq = Follower.wait, Follower.wait_for_seq

    def stop(self) -> None:
        """Ends it; then `regions` are those that it showed last."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait(20)
        self.thread.join(5)


def main(port: str, code: str, cookie: str) -> None:
    def say(what: str, number: int) -> None:
        print(json.dumps({"at": time.time(), "what": what, "number": number}), flush=True)  # noqa: T201

    follower = Follower(int(port), code, cookie, said=say).start()
    sys.stdin.read()  # until the one who started it has seen enough
    print(json.dumps({"regions": follower.regions}), flush=True)  # noqa: T201
    follower.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
