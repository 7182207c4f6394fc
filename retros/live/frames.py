"""What goes over the wire: server-sent frames as bytes. Pure."""

import json
from typing import Any

# A named event, because a browser tells nobody of comments: where it stays away, a proxy holds the stream back.
HEARTBEAT = b"event: beat\ndata: {}\n\n"


def change(seq: int, topics: list[str], state: str, regions: dict[str, str], by: str = "") -> bytes:
    """A numbered change: the topics it touched, the review's state, fresh HTML by region id, and who changed it in the open."""
    return _frame("change", {"seq": seq, "topics": topics, "state": state, "regions": regions, "by": by}, seq)


def presence(news: dict[str, Any]) -> bytes:
    """Who came and left, who writes, whose hand is up: beside the changes, and without a number."""
    return _frame("presence", news)


def reset() -> bytes:
    """The reader is too far behind, or the room is another one now: load the page again."""
    return _frame("reset", {})


def bye(retry_ms: int) -> bytes:
    """The server goes away; come back after so many milliseconds."""
    return _frame("bye", {"retry": retry_ms})


def gone() -> bytes:
    """The reader may not be here any more."""
    return _frame("gone", {})


def _frame(event: str, data: dict[str, Any], seq: int | None = None) -> bytes:
    number = f"id: {seq}\n" if seq is not None else ""
    return f"{number}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def content(frame: bytes) -> dict[str, Any]:
    """What a frame says, for those who are answered in one piece."""
    found: dict[str, Any] = json.loads(frame.partition(b"\ndata: ")[2])
    return found


def cursor(*given: str | None) -> int:
    """The largest number that a reader names; 0 for none. Raises ValueError on nonsense."""
    numbers = []
    for text in given:
        if text:
            if not text.isdecimal() or len(text) > 18:
                raise ValueError("a cursor is a whole number")
            numbers.append(int(text))
    return max(numbers, default=0)
