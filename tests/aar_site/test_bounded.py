"""A request larger than any page sends is not written to disk: refused by its length, or cut off where it tells none."""

import asyncio
from typing import Any

import pytest

from aar_site import bounded


def asked(*chunks: bytes, length: bytes | None = None) -> tuple[list[Any], list[Any]]:
    """What the application behind it received, and what was sent back."""
    received: list[Any] = []
    sent: list[Any] = []
    parts = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]

    async def app(_: Any, receive: Any, send: Any) -> None:
        while parts:
            received.append(await receive())
            if received[-1]["type"] == "http.disconnect":
                return  # as Django does
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Any:
        return parts.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-length", length)] if length is not None else []
    asyncio.run(bounded.Bounded(app)({"type": "http", "headers": headers}, receive, send))
    return received, sent


def test_what_fits_passes_as_it_is():
    received, sent = asked(b"a", b"b", length=b"2")
    assert [message["body"] for message in received] == [b"a", b"b"]
    assert sent[0]["status"] == 200


@pytest.mark.parametrize("length", [str(bounded.MOST + 1).encode(), b"9" * 40, b"-1", b"many"])
def test_what_tells_that_it_is_too_large_is_refused_unread(length):
    received, sent = asked(b"a", length=length)
    assert received == []
    assert (sent[0]["status"], b"nothing was stored" in sent[1]["body"]) == (413, True)


def test_what_tells_no_length_is_cut_off(monkeypatch):
    monkeypatch.setattr(bounded, "MOST", 3)
    received, sent = asked(b"ab", b"c", b"d")
    assert sent[0]["status"] == 413
    assert [message["type"] for message in received] == ["http.request", "http.request", "http.disconnect"]
