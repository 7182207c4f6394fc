"""P19, P20 and P24: changes are on the other screens quickly, idle streams are cheap, and a slow reader harms nobody."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from retros.models import Change, RoomNote
from tests.factories import make_user
from tests.promises.people import Person
from tests.promises.streams import Reader, Readers, cpu, family, memory, open_files, part
from tests.promises.supervisor import Web
from tests.promises.writers import make_meeting


def write(people: list[Person], code: str, seconds: float, each: float, words: str = "") -> list[tuple[float, str]]:
    """Notes of these people in turn, one each so many seconds whether or not the one before is answered: (moment, words) of those
    that were kept. A server that is too busy may refuse one in ten and say when to come back: nothing is lost by that."""
    kept: list[tuple[float, str]] = []

    def post(person: Person, text: str) -> None:
        began = time.monotonic()
        if person.post(reverse("note_add", args=[code]), text=text, is_htmx=True).status < 400:
            kept.append((began, text))

    threads, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        number = len(threads)
        text = f"Note {number} {words}".strip()
        threads.append(threading.Thread(target=post, args=(people[number % len(people)], text)))
        threads[-1].start()
        time.sleep(each)
    for thread in threads:
        thread.join(30)
    assert len(kept) >= 0.9 * len(threads)
    return sorted(kept)


def numbered(event: Any, sent: list[tuple[float, str]]) -> list[tuple[float, int]]:
    """The same with the numbers that the changes got."""
    keys = dict(RoomNote.objects.filter(event=event).values_list("text", "pk"))
    seqs = dict(Change.objects.filter(event=event).values_list("subject", "seq"))
    return [(at, seqs[f"roomnote:{keys[text]}"]) for at, text in sent]


def seq_of(event: Any) -> int:
    event.refresh_from_db()
    return int(event.change_seq)


@pytest.mark.promise("P19", "20 screens, 5 writes/s: p50 <= 0.5 s, p95 <= 1 s, p99 <= 2 s, 0 lost")
def test_a_change_is_on_the_other_screens_quickly(
    web: Callable[..., Web], is_full: bool, measured: Callable[[str], None]
):
    users = [make_user() for _ in range(20)]
    event, running = make_meeting(users), web()
    people = [Person(user, running.port, is_single=True) for user in users[:5]]
    readers = Readers([Reader(running.port, event.code, user, seq_of(event)) for user in users])
    try:
        readers.wait()
        sent = numbered(event, write(people, event.code, 60 if is_full else 2, 0.2))
        until = time.monotonic() + 20  # late is a figure, lost is what never comes
        delays, lost = readers.delays(sent)
        while lost and time.monotonic() < until:
            time.sleep(0.2)
            delays, lost = readers.delays(sent)
    finally:
        readers.close()
    p50, p95, p99 = (part(delays, share) for share in (0.5, 0.95, 0.99))
    measured(
        f"{len(sent)} writes, p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, {lost} lost"
    )
    assert lost == 0
    if is_full:
        assert (p50 <= 0.5, p95 <= 1.0, p99 <= 2.0) == (True, True, True)


@pytest.mark.promise(
    "P20", "100 idle streams: memory <= 150 MB, processor <= 10 %, <= 10 database connections, open files back to start"
)
def test_idle_streams_are_cheap(web: Callable[..., Web], is_full: bool, measured: Callable[[str], None]):
    users = [make_user() for _ in range(100 if is_full else 30)]
    event, running = make_meeting(users), web()
    time.sleep(6)  # the one that asked whether it answers is closed
    at_start = opened(running)
    first = Readers([Reader(running.port, event.code, user, seq_of(event)) for user in users])
    first.wait()  # its threads and templates are there before anything is measured
    first.close()
    settle(running, at_start)
    before = memory(running), opened(running)
    readers = Readers([Reader(running.port, event.code, user, seq_of(event)) for user in users])
    try:
        readers.wait()
        busy, began = cpu(running), time.monotonic()
        time.sleep(600 if is_full else 3)
        load = (cpu(running) - busy) / (time.monotonic() - began)
        grown, connections = (memory(running) - before[0]) / 1024, database_connections()
        assert all(stream.got for stream in readers.streams)
        assert not any(stream.is_closed for stream in readers.streams)
    finally:
        readers.close()
    left = settle(running, before[1])
    each = grown * 1024 / len(users)
    measured(
        f"{len(users)} streams in {len(family(running))} process(es): {grown:.1f} MB ({each:.0f} KB each), {load:.1%} of a processor, "
        f"{connections} connections, {left - before[1]:+d} open files"
    )
    assert left <= before[1]
    assert grown <= 150
    assert connections <= 10 * max(1, len(family(running)) - 1)
    assert not is_full or load <= 0.10


def opened(running: Web) -> int:
    """Files and connections that the server has open, without those to the database."""
    return open_files(running, str(connection.settings_dict["NAME"])) - database_connections()


def settle(running: Web, most: int) -> int:
    """Wait until the server has noticed that its readers are gone; how much it has open then."""
    until = time.monotonic() + 20
    while opened(running) > most and time.monotonic() < until:
        time.sleep(0.2)
    return opened(running)


def database_connections() -> int:
    """Those that the database knows, this test's own not counted; SQLite's are files, and counted there."""
    if connection.vendor != "postgresql":
        return 0
    connection.close_pool()  # its own, of which one would go after ten minutes
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.promise(
    "P24", "50 readers of 1 byte/s: others' p95 within 20 %, <= 256 KB per stream, the slow ones get `reset`"
)
def test_a_slow_reader_harms_nobody(web: Callable[..., Web], is_full: bool, measured: Callable[[str], None]):
    users = [make_user() for _ in range(50 if is_full else 15)]
    others = [make_user() for _ in range(10)]
    event, running = make_meeting([*users, *others]), web()
    people = [Person(user, running.port, is_single=True) for user in others]
    seconds, each, words = (20.0, 0.2, "word " * 900) if is_full else (2.5, 0.1, "word " * 900)
    fast = [Reader(running.port, event.code, user, seq_of(event)) for user in others]
    readers = Readers(fast)
    readers.wait()
    write(people, event.code, seconds, each, words)  # the room is full of long notes before anything is measured
    quiet, _ = readers.delays(numbered(event, write(people, event.code, seconds, each, words + "quiet")))
    readers.stop()
    before = memory(running)
    slow = [Reader(running.port, event.code, user, seq_of(event), is_slow=True) for user in users]
    readers = Readers([*fast, *slow])
    try:
        time.sleep(1)
        sent, before_it, until = [], min(stream.got for stream in fast), time.monotonic() + 90
        while not sent or (
            min(stream.got for stream in fast) < before_it + held_between() and time.monotonic() < until
        ):
            sent += numbered(event, write(people, event.code, seconds, each, f"{words}slow {len(sent)}"))
        time.sleep(0.5)
        crowded, lost = readers.delays(sent)
        grown = (memory(running) - before) / len(slow)
        readers.stop()
        told = sum(has_reset(stream) for stream in slow)
    finally:
        readers.close()
    measured(
        f"p95 {part(quiet, 0.95) * 1000:.0f} ms alone, {part(crowded, 0.95) * 1000:.0f} ms beside {len(slow)} slow readers, "
        f"{lost} lost; {grown:.0f} KB per slow stream; {told} of {len(slow)} got reset"
    )
    assert lost == 0
    assert told == len(slow)
    assert not is_full or grown <= 256  # of few, most is what the server needs for itself
    assert not is_full or part(crowded, 0.95) <= 1.2 * part(quiet, 0.95) + 0.02


def held_between() -> int:
    """Bytes that the system itself keeps at most for a reader who takes none, and some more: after so many each has fallen behind."""
    return int(Path("/proc/sys/net/ipv4/tcp_wmem").read_text().split()[2]) + (1 << 20)


def has_reset(stream: Reader) -> bool:
    """Read what is left, as fast as it comes: whether the server told this reader to load anew."""
    text, until = b"", time.monotonic() + 20
    while b"event: reset" not in text and time.monotonic() < until:
        try:
            data = stream.socket.recv(1 << 20)
        except BlockingIOError:
            time.sleep(0.01)
            continue
        if not data:
            break
        text = text[-20:] + data
    return b"event: reset" in text
