"""Fans kept changes out to the streams of this process.

Whoever commits a change renders it: the thread that rang the bell makes each touched region once, and the event loop hands the
frame to every stream of the event. While one thread renders for an event, others that commit leave theirs to the watcher: a
thread that asks every 250 ms which events moved on (and at once when the bell rings in another process), looks after rights,
and gives a sign of life to idle streams. It lives while there are streams. Streams hold no database connection and no thread.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import close_old_connections

from aar_site import clock
from retros.live import bell, frames
from retros.live.line import END, Line, Send, message
from retros.models import Change, Event

log = logging.getLogger(__name__)
# Topics under which a change says who made it: not where people write silently, agree without a name, or come and go.
OPEN = {"actions", "analysis", "document", "event", "notes", "said", "summary", "timeline", "went-well"}
POLL_S = 0.25
RIGHTS_S = 4.0  # five seconds are promised
BEAT_S = 15.0  # so long at most a stream says nothing
MOST_PER_PERSON = 3  # streams per person and event; the oldest is closed
MOST_OF_ALL = 12  # of a person over all events
OLDEST_RETURNS_MS = 30_000  # else the windows of one person would push each other out in turn
RETURNS_MS = 500  # whoever comes back is asked who they are; after signing out, that is nobody
MOST_BEHIND = 500  # changes beyond which a reader gets the whole room
FRESH_S = 1.0  # so long what was rendered for one who came back serves others too; clocks in it are that old at most
BEAT = message(frames.HEARTBEAT)


def signed_in(keys: set[str]) -> set[str]:
    """Of these sessions those that have not ended."""
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=clock.now())
    return set(rows.values_list("session_key", flat=True))


@dataclass(eq=False)
class Stream:
    """One open stream: who reads which event in which role, and up to which number. Its line belongs to its event loop."""

    event_id: int
    user_id: int
    role: str
    session_key: str
    seq: int = 0
    page: str = ""  # the name by which its page gives signs of life
    answers: bool = False  # whether the page does so by itself; else it is here as long as the stream is
    line: Line | None = None
    loop: asyncio.AbstractEventLoop | None = None

    def attach(self, send: Send) -> None:
        """In the event loop: from here on frames reach the reader."""
        self.line, self.loop = Line(send), asyncio.get_running_loop()

    def put(self, *given: dict[str, Any]) -> None:
        """In the event loop."""
        for each in given:
            if self.line:
                self.line.put(each)

    def send(self, *given: dict[str, Any]) -> None:
        """From any thread."""
        call_soon(self.loop, self.put, *given)


def call_soon(loop: asyncio.AbstractEventLoop | None, call: Callable[..., None], *args: Any) -> None:
    try:
        if loop:
            loop.call_soon_threadsafe(call, *args)
    except RuntimeError:
        pass  # the loop is closed: its streams are gone already


@dataclass(eq=False)
class Room:
    """The streams of one event in this process. `seen`: what was handed to them last. `lock`: one renders at a time."""

    seen: int
    streams: list[Stream] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Hub:
    """The streams of this process and their watcher. The edge gives `render`, who is `allowed` in an event, and which of given
    sessions are `alive`. Those in `watchers` are called in the event loop when a stream came (True) or went (False)."""

    def __init__(
        self,
        render: Callable[[int, set[str]], tuple[str, dict[str, str]]],
        allowed: Callable[[int], dict[int, str]],
        alive: Callable[[set[str]], set[str]] = signed_in,
    ) -> None:
        self.render, self.allowed, self.alive = render, allowed, alive
        self.rooms: dict[int, Room] = {}
        self.recent = Recent()
        self.watchers: list[Callable[[Stream, bool], None]] = []
        self.lock = threading.RLock()  # the goodbye comes in a signal, perhaps while its own thread holds the lock
        self.wake = threading.Event()
        self.thread: threading.Thread | None = None
        self.listener: threading.Thread | None = None
        self.is_closing = False
        bell.listen(self.hear)

    # --- Streams, in the event loop -----------------------------------------------------------------------------------
    def open(self, stream: Stream) -> None:
        """Begin to feed a stream whose reader has everything up to its `seq`."""
        with self.lock:
            is_new = stream.event_id not in self.rooms
            room = self.rooms.setdefault(stream.event_id, Room(stream.seq))
            self._make_way(stream.user_id, room)
            room.streams.append(stream)
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._watch, name="hub", daemon=True)
                self.thread.start()
        if is_new or stream.seq < room.seen:  # what was kept while it came is brought at once
            self.wake.set()
        for watcher in self.watchers:
            watcher(stream, True)

    def _make_way(self, user_id: int, room: Room) -> None:
        """End the oldest stream of a person who has the most already, in this event or over all."""
        own = [(each, other) for each in self.rooms.values() for other in each.streams if other.user_id == user_id]
        here = [(each, other) for each, other in own if each is room]
        for found, most in ((here, MOST_PER_PERSON), (own, MOST_OF_ALL)):
            if len(found) >= most:
                where, oldest = found[0]
                oldest.send(message(frames.bye(OLDEST_RETURNS_MS)), END)
                where.streams.remove(oldest)
                return

    def close(self, stream: Stream) -> None:
        """Feed the stream no more; the last one of an event ends the watching of it."""
        if stream.line:
            stream.line.drop()
        with self.lock:
            room = self.rooms.get(stream.event_id)
            if room and stream in room.streams:
                room.streams.remove(stream)
            if room and not room.streams:
                del self.rooms[stream.event_id]
            if not self.rooms:
                self.wake.set()
        for watcher in self.watchers:
            watcher(stream, False)

    def tell(self, event_id: int, frame: bytes) -> None:
        """Hand a frame without a number, such as who is here, to every stream of an event in this process; from any thread."""
        room = self.rooms.get(event_id)
        for loop in loops_of(room.streams) if room else ():
            call_soon(loop, self._tell, room, message(frame), loop)

    def _tell(self, room: Room, given: dict[str, Any], loop: Any) -> None:
        for stream in list(room.streams):
            if stream.loop is loop:
                stream.put(given)

    def say_goodbye(self) -> None:
        """End every stream: the server is going away. Readers come back at different moments, over five seconds, so that three are
        left where the new one needs two. Few are spread as well: each step is a golden section of the span, so that the next falls
        into the widest gap."""
        self.is_closing = True
        with self.lock:
            everyone = [stream for room in self.rooms.values() for stream in room.streams]
        for number, stream in enumerate(everyone):
            stream.send(message(frames.bye(500 + number * 3090 % 5000)), END)

    # --- Changes, in the thread that committed or in the watcher's ----------------------------------------------------
    def hear(self, event_id: int, seq: int, topics: str, who: str = "") -> None:
        """Something was kept. Never fails: the change is kept already, and its writer is waiting for the answer."""
        room = self.rooms.get(event_id)
        if room is None or not seq:
            return
        if not room.lock.acquire(blocking=False):
            self.wake.set()
            return
        try:
            self._bring(event_id, room, [(seq, topics, who)] if seq == room.seen + 1 else None)
        except Exception:
            log.exception("a change of event %s could not be pushed", event_id)
            self.wake.set()
        finally:
            room.lock.release()

    def _bring(self, event_id: int, room: Room, known: list[tuple[int, str, str]] | None = None) -> None:
        """Hand out what was kept since the last time: `known`, or what the log says. The caller holds the room's lock."""
        after = room.seen
        missed = Change.objects.filter(event=event_id, seq__gt=after).order_by("seq")
        rows = known or list(missed.values_list("seq", "topics", "actor__name"))
        behind = min((stream.seq for stream in list(room.streams)), default=after)
        if not rows and behind >= after:
            return
        seq = rows[-1][0] if rows else after
        topics = {topic for _, touched, _ in rows for topic in touched.split(",") if topic}
        frame = b""
        if rows:
            names = {name or "" for _, touched, name in rows if OPEN & set(touched.split(","))}
            by = names.pop() if len(names) == 1 else ""
            frame = frames.change(seq, sorted(topics), *self.render(event_id, topics), by)
        whole = self.whole(event_id, behind, seq) if behind < after else b""
        room.seen = seq
        for loop in loops_of(room.streams):
            call_soon(loop, self._deliver, room, loop, (after, seq), message(frame), message(whole))
        if "people" in topics:
            self._check_rights(event_id)

    def _deliver(
        self, room: Room, loop: Any, span: tuple[int, int], frame: dict[str, Any], whole: dict[str, Any]
    ) -> None:
        """In the event loop: the frame to those who have what was before it, the whole room to those who are further behind."""
        after, seq = span
        for stream in list(room.streams):
            given = frame if stream.seq >= after else whole
            if stream.loop is loop and stream.seq < seq and given["body"]:
                stream.seq = seq
                stream.put(given)

    def whole(self, event_id: int, after: int, seq: int) -> bytes:
        """What brings a reader from one number to another: the present state of every region that was touched in between."""
        topics = {"all"}
        if after and seq - after <= MOST_BEHIND:  # numbers have no gaps
            rows = Change.objects.filter(event=event_id, seq__gt=after).order_by()
            topics = {
                topic for each in rows.values_list("topics", flat=True).distinct() for topic in each.split(",") if topic
            }
        return self.recent.frame(event_id, seq, topics, self.render)

    # --- The watcher ---------------------------------------------------------------------------------------------------
    def _watch(self) -> None:
        if settings.REDIS_URL and (self.listener is None or not self.listener.is_alive()):
            self.listener = threading.Thread(target=self._hear_redis, name="hub-bell", daemon=True)
            self.listener.start()
        next_rights = time.monotonic() + RIGHTS_S
        while True:
            self.wake.wait(POLL_S)
            self.wake.clear()
            with self.lock:
                if not self.rooms:
                    self.thread = None
                    close_old_connections()
                    return
            try:
                self._round()
                if time.monotonic() >= next_rights:
                    self._beat()
                    self._check_rights()
                    next_rights = time.monotonic() + RIGHTS_S
            except Exception:  # the watcher must outlive a database that is away for a moment
                log.exception("hub round failed")
                time.sleep(POLL_S)
            finally:
                close_old_connections()

    def _round(self) -> None:
        with self.lock:
            watched = dict(self.rooms)
        for event_id, seq in Event.objects.filter(pk__in=watched).values_list("pk", "change_seq"):
            room = watched[event_id]
            is_behind = any(stream.seq < room.seen for stream in list(room.streams))
            if seq > room.seen or is_behind:
                with room.lock:
                    try:
                        self._bring(event_id, room)
                        if is_behind:  # who came in was asked for their role before what was kept meanwhile
                            self._check_rights(event_id)
                    except Exception:  # one event that cannot be rendered keeps no other room waiting
                        log.exception("change %s of event %s could not be pushed", seq, event_id)
                        time.sleep(POLL_S)

    def _beat(self) -> None:
        """A sign of life to those who would hear nothing until it is looked again."""
        with self.lock:
            everyone = [stream for room in self.rooms.values() for stream in room.streams]
        for loop in loops_of(everyone):
            call_soon(loop, beat, [stream for stream in everyone if stream.loop is loop])

    def _check_rights(self, only: int | None = None) -> None:
        with self.lock:
            everyone = {e: list(room.streams) for e, room in self.rooms.items() if only in (None, e)}
        keys = {stream.session_key for mine in everyone.values() for stream in mine}
        alive = self.alive(keys)
        for event_id, mine in everyone.items():
            allowed = self.allowed(event_id)
            for stream in mine:
                role = allowed.get(stream.user_id)
                if stream.session_key not in alive:
                    stream.send(message(frames.bye(RETURNS_MS)), END)
                elif role is None:
                    stream.send(message(frames.gone()), END)
                elif role != stream.role:  # the page shows what the role may press, so it is another page now
                    stream.role = role
                    stream.send(message(frames.reset()))

    def _hear_redis(self) -> None:
        """Wakes the watcher when another process rings; without Redis the poll finds the same changes a little later."""
        while self.rooms:
            try:
                client: Any = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1)
                with client.pubsub() as channel:
                    channel.subscribe(bell.CHANNEL)
                    while self.rooms:
                        if channel.get_message(timeout=1.0):
                            self.wake.set()
            except (redis.RedisError, OSError):
                time.sleep(1)


class Recent:
    """Frames that were made for who came back a moment ago, for all who come back in the same moment."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.made: dict[tuple[int, int, frozenset[str]], tuple[float, bytes]] = {}

    def frame(
        self, event_id: int, seq: int, topics: set[str], render: Callable[[int, set[str]], tuple[str, dict[str, str]]]
    ) -> bytes:
        key = (event_id, seq, frozenset(topics))
        with self.lock:
            now = time.monotonic()
            self.made = {known: made for known, made in self.made.items() if now - made[0] < FRESH_S}
            if key not in self.made:
                self.made[key] = (now, frames.change(seq, sorted(topics), *render(event_id, topics)))
            return self.made[key][1]


def loops_of(streams: Iterable[Stream]) -> set[asyncio.AbstractEventLoop | None]:
    """One in a process that serves; more where tests start servers one after the other."""
    return {stream.loop for stream in list(streams)}


def beat(streams: list[Stream]) -> None:
    """In the event loop."""
    latest = time.monotonic() - BEAT_S + RIGHTS_S + 1
    for stream in streams:
        if stream.line and stream.line.sent_at < latest:
            stream.put(BEAT)
