"""Tells the hub of this process, and over Redis those of the others, that something was kept. A hint: never the news itself."""

import queue
import threading
from collections.abc import Callable

import redis
from django.conf import settings

CHANNEL = "hindcast:bell"
_listeners: list[Callable[[int, int, str, str], None]] = []
_outgoing: "queue.SimpleQueue[None]" = queue.SimpleQueue()
_lock = threading.Lock()
_sender: threading.Thread | None = None


def listen(hear: Callable[[int, int, str, str], None]) -> None:
    """Call `hear` at each ring in this process, in the thread that committed, with the event's key, and number, topics and
    author of the change; 0 and "" where what was kept is no change, such as a raised hand."""
    _listeners.append(hear)


def ring(event_id: int, seq: int = 0, topics: str = "", who: str = "") -> None:
    """Tell the listeners of this process at once, and other processes by a background thread; never waits for them, never fails."""
    if settings.REDIS_URL:
        _start_sender()
        _outgoing.put(None)
    for hear in list(_listeners):
        hear(event_id, seq, topics, who)


def _start_sender() -> None:
    global _sender
    with _lock:
        if _sender is None or not _sender.is_alive():
            _sender = threading.Thread(target=_send, name="bell", daemon=True)
            _sender.start()


def _send() -> None:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    while True:
        _outgoing.get()
        while not _outgoing.empty():  # many changes at once are one ring
            _outgoing.get()
        try:
            client.publish(CHANNEL, "")
        except redis.RedisError:
            pass  # other processes find the change by their poll
