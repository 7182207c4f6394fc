"""Fans kept changes out to the streams of this process: one reader thread, one query per round, whatever the number of streams.

The reader asks every 250 ms which watched events moved on, and at once when the bell rings (in this process, or over Redis
from another one). Each touched region is rendered once and handed to every stream of the event. Streams hold no database
connection. The thread lives while there are streams.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from aar_site import clock
from retros.live import bell, frames
from retros.models import Change, Event

log = logging.getLogger(__name__)
POLL_S = 0.25
RIGHTS_S = 4.0  # five seconds are promised
MOST_WAITING = 200  # frames that a slow reader may have waiting before it is told to load anew
MOST_PER_PERSON = 3  # streams per person and event; the oldest is closed
OLDEST_RETURNS_MS = 30_000  # else the windows of one person would push each other out in turn
RETURNS_MS = 500  # whoever comes back is asked who they are; after signing out, that is nobody
MOST_BEHIND = 500  # changes in one round beyond which readers load anew


def signed_in(keys: set[str]) -> set[str]:
    """Of these sessions those that have not ended."""
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=clock.now())
    return set(rows.values_list("session_key", flat=True))


@dataclass(eq=False)
class Stream:
    """One open stream: who reads which event in which role, and the queue of its event loop."""

    event_id: int
    user_id: int
    role: str
    session_key: str
    loop: asyncio.AbstractEventLoop
    queue: "asyncio.Queue[bytes | None]" = field(default_factory=asyncio.Queue)

    def send(self, frame: bytes | None) -> None:
        """From any thread; None ends the stream."""
        try:
            self.loop.call_soon_threadsafe(self._put, frame)
        except RuntimeError:
            pass  # its event loop is closed: the stream is gone already

    def _put(self, frame: bytes | None) -> None:
        if self.queue.qsize() >= MOST_WAITING and frame is not None:
            while not self.queue.empty():
                self.queue.get_nowait()
            frame = frames.reset()
        self.queue.put_nowait(frame)


class Hub:
    """The streams of this process and their reader. The edge gives `render`, who is `allowed` in an event, and which of given
    sessions are `alive`."""

    def __init__(
        self,
        render: Callable[[int, set[str]], tuple[str, dict[str, str]]],
        allowed: Callable[[int], dict[int, str]],
        alive: Callable[[set[str]], set[str]] = signed_in,
    ) -> None:
        self.render, self.allowed, self.alive = render, allowed, alive
        self.streams: dict[int, list[Stream]] = {}
        self.seen: dict[int, int] = {}
        self.lock = threading.RLock()  # the goodbye comes in a signal, perhaps while its own thread holds the lock
        self.wake = threading.Event()
        self.thread: threading.Thread | None = None
        self.listener: threading.Thread | None = None
        self.is_closing = False
        bell.listen(self.wake.set)

    def open(self, stream: Stream, seq: int) -> None:
        """Begin to feed a stream whose reader has everything up to `seq` (of its event)."""
        with self.lock:
            mine = self.streams.setdefault(stream.event_id, [])
            own = [s for s in mine if s.user_id == stream.user_id]
            if len(own) >= MOST_PER_PERSON:
                own[0].send(frames.bye(OLDEST_RETURNS_MS))
                own[0].send(None)
                mine.remove(own[0])
            mine.append(stream)
            self.seen[stream.event_id] = min(seq, self.seen.get(stream.event_id, seq))
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._run, name="hub", daemon=True)
                self.thread.start()
        self.wake.set()

    def close(self, stream: Stream) -> None:
        """Feed the stream no more; the last one of an event ends the watching of it."""
        with self.lock:
            mine = self.streams.get(stream.event_id, [])
            if stream in mine:
                mine.remove(stream)
            if not mine:
                self.streams.pop(stream.event_id, None)
                self.seen.pop(stream.event_id, None)
        self.wake.set()

    def say_goodbye(self) -> None:
        """End every stream: the server is going away. Readers come back at different moments."""
        self.is_closing = True
        with self.lock:
            everyone = [stream for mine in self.streams.values() for stream in mine]
        for number, stream in enumerate(everyone):
            stream.send(frames.bye(500 + number * 37 % 3500))
            stream.send(None)

    def _run(self) -> None:
        if settings.REDIS_URL and (self.listener is None or not self.listener.is_alive()):
            self.listener = threading.Thread(target=self._hear_redis, name="hub-bell", daemon=True)
            self.listener.start()
        next_rights = time.monotonic() + RIGHTS_S
        while True:
            self.wake.wait(POLL_S)
            self.wake.clear()
            with self.lock:
                if not self.streams:
                    self.thread = None
                    return
            try:
                self._round()
                if time.monotonic() >= next_rights:
                    self._check_rights()
                    next_rights = time.monotonic() + RIGHTS_S
            except Exception:  # the reader must outlive a database that is away for a moment
                log.exception("hub round failed")
                time.sleep(POLL_S)
            finally:
                connection.close()

    def _round(self) -> None:
        with self.lock:
            watched = dict(self.seen)
        for event_id, seq in Event.objects.filter(pk__in=watched).values_list("pk", "change_seq"):
            if seq > watched[event_id]:
                try:
                    self._push(event_id, watched[event_id], seq)
                except Exception:  # one event that cannot be rendered keeps no other room waiting
                    log.exception("change %s of event %s could not be pushed", seq, event_id)
                    time.sleep(POLL_S)

    def _push(self, event_id: int, after: int, seq: int) -> None:
        rows = list(Change.objects.filter(event=event_id, seq__gt=after, seq__lte=seq).values_list("topics", "what"))
        topics = {topic for topics, _ in rows for topic in topics.split(",") if topic}
        if len(rows) > MOST_BEHIND:
            frame = frames.reset()
        else:
            frame = frames.change(seq, sorted(topics), *self.render(event_id, topics))
        with self.lock:
            # A stream that came meanwhile from further behind has lowered the number: then the next round sends again.
            if self.seen.get(event_id) == after:
                self.seen[event_id] = seq
            readers = list(self.streams.get(event_id, []))
        for stream in readers:
            stream.send(frame)
        if "people" in topics:
            self._check_rights(event_id)

    def _check_rights(self, only: int | None = None) -> None:
        with self.lock:
            everyone = {e: list(mine) for e, mine in self.streams.items() if only in (None, e)}
        keys = {stream.session_key for mine in everyone.values() for stream in mine}
        alive = self.alive(keys)
        for event_id, mine in everyone.items():
            allowed = self.allowed(event_id)
            for stream in mine:
                role = allowed.get(stream.user_id)
                if stream.session_key not in alive:
                    stream.send(frames.bye(RETURNS_MS))
                    stream.send(None)
                elif role is None:
                    stream.send(frames.gone())
                    stream.send(None)
                elif role != stream.role:  # the page shows what the role may press, so it is another page now
                    stream.role = role
                    stream.send(frames.reset())

    def _hear_redis(self) -> None:
        """Wakes the reader when another process rings; without Redis the poll finds the same changes a little later."""
        while self.streams:
            try:
                client: Any = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1)
                with client.pubsub() as channel:
                    channel.subscribe(bell.CHANNEL)
                    while self.streams:
                        if channel.get_message(timeout=1.0):
                            self.wake.set()
            except (redis.RedisError, OSError):
                time.sleep(1)
