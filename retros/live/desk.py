"""Tells everybody in a room who came, who left, who writes and whose hand is up: what changed, gathered for a quarter of a second.

A thread of each web process that serves streams. It writes the signs of its own streams, reads what all processes wrote, and
hands out the difference to what it told last; who came just now gets the whole. It lives while there are streams.
"""

import logging
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import close_old_connections

from retros.live import bell, frames, presence
from retros.live.hub import RETURNS_MS, Hub, Stream
from retros.live.line import END, message

log = logging.getLogger(__name__)
GATHER_S = 0.25
READ_S = 0.5  # what other processes wrote is known that late at most
RENEW_S = 8.0  # with LINE_S of presence: a dead line is ended within a minute


@dataclass
class News:
    """Streams that came and went since the last round."""

    came: list[Stream]
    went: list[Stream]


class Desk:
    """The streams of a hub as people in rooms. The edge gives `render`: the region that shows who has the floor."""

    def __init__(self, hub: Hub, render: Callable[[int], str]) -> None:
        self.hub, self.render = hub, render
        self.lock = threading.Lock()
        self.wake = threading.Event()
        self.thread: threading.Thread | None = None
        self.news = News([], [])
        self.open: set[Stream] = set()
        self.told: dict[int, presence.Now] = {}
        self.next_renewal = 0.0
        hub.watchers.append(self.note)
        bell.listen(self.hear)

    def note(self, stream: Stream, is_here: bool) -> None:
        """In the event loop: a stream came or went."""
        with self.lock:
            (self.news.came if is_here else self.news.went).append(stream)
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._run, name="desk", daemon=True)
                self.thread.start()
        self.wake.set()

    def hear(self, event_id: int, *_: object) -> None:
        """Something was kept, perhaps a raised hand."""
        if event_id in self.told:
            self.wake.set()

    def _run(self) -> None:
        while True:
            if self.wake.wait(READ_S):
                time.sleep(GATHER_S)  # more come in the same moment
            self.wake.clear()
            try:
                self._round()
            except Exception:  # outlives a database that is away for a moment
                log.exception("nobody was told who is here")
            finally:
                close_old_connections()
            with self.lock:
                if not self.open and not self.news.came and not self.news.went:
                    self.thread, self.told = None, {}
                    return

    def _round(self) -> None:
        with self.lock:
            news, self.news = self.news, News([], [])
        try:
            self._write(news)
        except Exception:
            with self.lock:
                self.news = News(news.came + self.news.came, news.went + self.news.went)
            raise
        rooms = {stream.event_id for stream in self.open}
        newcomers = [stream for stream in news.came if stream in self.open]
        for event_id, now in (presence.now_in(rooms) if rooms else {}).items():
            mine = [stream for stream in newcomers if stream.event_id == event_id]
            try:
                self._tell(event_id, now, mine)
            except Exception:  # one room keeps no other waiting, and is told in the next round
                log.exception("nobody in the room of event %s was told who is here", event_id)
                with self.lock:
                    self.news.came += mine
        self.told = {pk: now for pk, now in self.told.items() if pk in rooms}

    def _write(self, news: News) -> None:
        self.open = (self.open | set(news.came)) - set(news.went)
        if news.came:
            presence.come([_page(stream) for stream in news.came])
        if news.went:  # a page that has come back by another stream meanwhile is not gone
            presence.go({stream.page for stream in news.went} - {stream.page for stream in self.open})
        if time.monotonic() >= self.next_renewal:
            self.next_renewal = time.monotonic() + RENEW_S
            self._renew()

    def _renew(self) -> None:
        """Pages that answer by themselves are asked whether they did; others are here as long as their stream is."""
        presence.forget()
        if quiet := [_page(stream) for stream in self.open if not stream.answers]:
            presence.come(quiet)
        answering = {stream.page: stream for stream in self.open if stream.answers}
        for line in presence.silent(answering):
            answering[line].send(message(frames.bye(RETURNS_MS)), END)

    def _tell(self, event_id: int, now: presence.Now, newcomers: list[Stream]) -> None:
        before = self.told.get(event_id, presence.Now())
        if not newcomers and now == before:
            return
        floor = self.render(event_id) if newcomers or now.hands != before.hands else ""
        if now != before:
            self.hub.tell(
                event_id, frames.presence(difference(before, now, floor if now.hands != before.hands else ""))
            )
        if newcomers:
            whole = message(frames.presence(whole_of(now, floor)))
            for stream in newcomers:
                stream.send(whole)
        self.told[event_id] = now


def _page(stream: Stream) -> tuple[int, int, str]:
    return stream.event_id, stream.user_id, stream.page


def difference(before: presence.Now, now: presence.Now, floor: str) -> dict[str, Any]:
    """What changed; `floor` is the fresh region where hands did."""
    found: dict[str, Any] = {"came": sorted(now.here - before.here), "left": sorted(before.here - now.here)}
    if now.writing != before.writing:
        found["writing"] = sorted(now.writing)
    if now.hands != before.hands:
        found.update(_hands(now), regions={"floor": floor})
    return found


def whole_of(now: presence.Now, floor: str) -> dict[str, Any]:
    """Everything, for one who just came."""
    return {"here": sorted(now.here), "writing": sorted(now.writing), **_hands(now), "regions": {"floor": floor}}


def news_of(event_id: int, render: Callable[[int], str]) -> dict[str, Any]:
    """Everything, for one who polls; `seen` is other where it is."""
    now = presence.now_in([event_id])[event_id]
    told = repr([sorted(part) for part in (now.here, now.writing, now.hands)])
    return {**whole_of(now, render(event_id)), "seen": f"{zlib.crc32(told.encode()):x}"}


def _hands(now: presence.Now) -> dict[str, Any]:
    return {
        "hands": sorted(user for user, has_floor in now.hands if not has_floor),
        "floor": next((user for user, has_floor in now.hands if has_floor), None),
    }
