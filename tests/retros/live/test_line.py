"""The way to one reader: sent at once while there is room, kept in order while there is none, and bounded."""

import asyncio
from typing import Any

import pytest

from retros.live import frames
from retros.live import line as module
from retros.live.line import END, Line, message


class Connection:
    """A connection that can be full. .arrived: what the reader has."""

    def __init__(self) -> None:
        self.arrived: list[bytes | None] = []
        self.room = asyncio.Event()
        self.room.set()

    async def send(self, given: dict[str, Any]) -> None:
        await self.room.wait()
        self.arrived.append(given["body"] if given["more_body"] else None)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def run(case: Any) -> None:
    async def whole() -> None:
        connection = Connection()
        await case(connection, Line(connection.send))

    asyncio.run(whole())


def test_a_frame_is_through_before_the_call_returns():
    async def case(connection: Connection, line: Line) -> None:
        line.put(message(b"one"))
        assert connection.arrived == [b"one"]
        assert line.task is None

    run(case)


def test_what_a_full_connection_does_not_take_waits_in_its_order():
    async def case(connection: Connection, line: Line) -> None:
        connection.room.clear()
        for text in (b"one", b"two", b"three"):
            line.put(message(text))
        line.put(END)
        assert connection.arrived == []
        connection.room.set()
        await settle()
        assert connection.arrived == [b"one", b"two", b"three", None]
        assert (line.task, line.size) == (None, 0)
        line.put(message(b"after the end"))
        assert len(connection.arrived) == 4

    run(case)


def test_who_is_too_far_behind_is_told_to_load_anew_and_holds_no_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST_WAITING", 1000)

    async def case(connection: Connection, line: Line) -> None:
        connection.room.clear()
        for number in range(50):
            line.put(message(b"%03d" % number + b"x" * 300))
            assert sum(len(each["body"]) for each in line.waiting) <= 1000
        connection.room.set()
        await settle()
        assert connection.arrived[0] == b"000" + b"x" * 300  # was under way
        assert connection.arrived[1].startswith(b"\nevent: reset")
        assert len(connection.arrived) == 2  # the rest is in the page that is loaded then
        line.put(message(b"after that"))
        assert connection.arrived[-1] == b"after that"

    run(case)


def test_a_large_frame_is_cut_and_given_up_where_its_reader_must_load_anew(monkeypatch: pytest.MonkeyPatch):
    """No connection holds all of it, and what was sent of one that is given up is part of what says so."""
    monkeypatch.setattr(module, "PIECE", 40)
    monkeypatch.setattr(module, "MOST_WAITING", 120)
    large = frames.change(7, ["said"], "open", {"notes": "a long note. " * 5})

    async def case(connection: Connection, line: Line) -> None:
        line.put(message(large))
        assert b"".join(connection.arrived) == large
        assert len(connection.arrived) > 3
        connection.arrived.clear()
        connection.room.clear()
        for number in (7, 8, 9):
            line.put(message(frames.change(number, ["said"], "open", {"notes": "a long note. " * 5})))
        connection.room.set()
        await settle()
        assert connection.arrived == [large[:40], module.ANEW["body"]]
        assert events(b"".join(connection.arrived)) == ["reset"]

    run(case)


def events(wire: bytes) -> list[str]:
    """The names of the events as a browser hears them: of a block of lines up to an empty one the last that is said."""
    blocks = [block.split(b"\n") for block in wire.split(b"\n\n") if block.strip()]
    return [[line[7:].decode() for line in block if line.startswith(b"event: ")][-1] for block in blocks]


def test_a_connection_that_breaks_ends_the_line_quietly():
    async def case(connection: Connection, line: Line) -> None:
        async def broken(given: dict[str, Any]) -> None:
            raise OSError("gone")

        line.send = broken
        line.put(message(b"one"))
        assert line.is_over
        line.send = connection.send
        line.put(message(b"two"))
        assert connection.arrived == []

    run(case)


def test_a_reader_that_goes_takes_what_waited_along():
    async def case(connection: Connection, line: Line) -> None:
        connection.room.clear()
        line.put(message(b"one"))
        line.put(message(b"two"))
        line.drop()
        connection.room.set()
        await settle()
        assert (connection.arrived, list(line.waiting), line.task) == ([], [], None)

    run(case)
