"""The way to one reader: sent at once while there is room, kept in order while there is none, and bounded."""

import asyncio
from typing import Any

import pytest

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
        assert connection.arrived[1].startswith(b"event: reset")
        assert connection.arrived[-1] == b"049" + b"x" * 300

    run(case)


def test_a_large_frame_is_cut_and_never_torn(monkeypatch: pytest.MonkeyPatch):
    """No connection holds all of it, and what is dropped is whole frames."""
    monkeypatch.setattr(module, "PIECE", 4)
    monkeypatch.setattr(module, "MOST_WAITING", 12)

    async def case(connection: Connection, line: Line) -> None:
        line.put(message(b"one two three"))
        assert connection.arrived == [b"one ", b"two ", b"thre", b"e"]
        connection.arrived.clear()
        connection.room.clear()
        for text in (b"first one", b"second one", b"third one"):
            line.put(message(text))
        connection.room.set()
        await settle()
        whole = b"".join(piece or b"" for piece in connection.arrived)
        assert whole.startswith(b"first one" + b"event: reset")
        assert b"second" not in whole

    run(case)


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
