"""A timeline of ten thousand entries: pages, filters, one row, adding, editing, moving, the table, and the document.

Server time is measured in this process, through all middleware. The reference is an answer without database and template
(`/livez`).
"""

import contextlib
import logging
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.figure import Figure
from retros import http
from retros.document import pdf
from retros.document.build import build
from retros.live.log import WrongState
from retros.models import Event, TimelineEntry
from retros.services import meeting
from tests.factories import make_cast, make_user

ENTRIES, ROUNDS = 10_000, 7
SOURCES = ("log", "log", "log", "chat", "ticket", "monitoring", "memory")
LANDMARKS = {5: "detected", 40: "acknowledged", 6_000: "mitigated", 9_800: "resolved"}
PAGES = {
    "first page": "",
    "page 50": "?page=50",
    "the page of one entry": "?entry={last}",
    "filter by source and type": "?source=log&source=chat&type=signal",
    "key entries of one person": "?show=key&by={lead}",
    "words": "?q=shard+7",
    "go to a time": "?at=T%2B05:00",
}


def run() -> Iterator[Figure]:
    logging.getLogger("django.request").setLevel(logging.ERROR)
    cast = fill(ENTRIES)
    client = Client(headers={"Host": "127.0.0.1"})
    client.force_login(cast.facilitator)
    base = f"/e/{cast.event.code}/timeline/"
    bare, _ = median(lambda: client.get("/livez"))
    for name, query in PAGES.items():
        url = base + query.format(last=cast.last, lead=cast.facilitator.pk)
        yield from measured(name, lambda url=url: client.get(url), 300, bare)
    yield from measured("prepare, with the same trace", lambda: client.get(f"/e/{cast.event.code}/"), 300, bare)
    yield from writing(client, base, cast, bare)
    yield from measured("export as CSV", lambda: client.get(base + "export.csv"), 3_000, bare, rounds=3)
    yield from the_document(cast.event)
    yield from the_room(client, cast, bare)


def fill(count: int) -> SimpleNamespace:
    """One event with that many entries, a few seconds apart, from several sources and people."""
    cast = make_cast()
    people = [cast.facilitator, *(make_user(f"Scribe number {n}") for n in range(5))]
    at, rows = cast.event.started_at, []
    for n in range(count):
        at += timedelta(seconds=(n * 7) % 13)
        rows.append(
            TimelineEntry(
                event=cast.event, at=at, sort_at=at, utc_offset=0, rank=n, source=SOURCES[n % 7], source_label=f"db-{n % 9}",
                text=f"Replication lag passed {n % 900} seconds on shard {n % 37}", raw=f"{at.isoformat()} mysqld[{n}]: lag {n % 900}",
                type=("signal", "action", "")[n % 3], landmark=LANDMARKS.get(n * 10_000 // count, ""),
                is_key=n % 97 == 0, created_by=people[n % 6],
            )
        )  # fmt: skip
    seen: set[str] = set()
    for row in rows:  # at a smaller count several rows fall on one landmark
        row.landmark = "" if row.landmark in seen else row.landmark
        seen.add(row.landmark)
    made = TimelineEntry.objects.bulk_create(rows, batch_size=1_000)
    cast.event.ended_at = at + timedelta(minutes=5)
    Event.objects.filter(pk=cast.event.pk).update(ended_at=cast.event.ended_at)
    cast.last, cast.middle = made[-1].pk, made[count // 2]
    return cast


def writing(client: Client, base: str, cast: SimpleNamespace, bare: float) -> Iterator[Figure]:
    entry, typed = cast.middle, {"text": "Somebody looks at the lag", "source": "memory"}
    marks = iter(range(10_000))
    hx = {"HX-Request": "true"}

    def edit() -> Any:
        version = TimelineEntry.objects.values_list("version", flat=True).get(pk=entry.pk)
        return client.post(
            f"{base}{entry.pk}/", {**typed, "time": "T+01:00", "version": version, "text": f"Edit {next(marks)}"}
        )

    def key() -> Any:
        value = ("yes", "no")[next(marks) % 2]
        return client.post(f"{base}{entry.pk}/key/", {"is_key": value}, headers=hx)

    yield from measured("one row marked in place (fragment)", key, 100, bare)
    yield from measured("add one", lambda: client.post(base + "add/", {**typed, "time": "T+02:00"}), 100, bare)
    yield from measured("edit one", edit, 100, bare)
    move = f"{base}{entry.pk}/move/"
    yield from measured("move one", lambda: client.post(move, {"way": ("up", "down")[next(marks) % 2]}), 100, bare)
    yield from measured("form of one", lambda: client.get(f"{base}{entry.pk}/"), 300, bare)


def the_document(event: Event) -> Iterator[Figure]:
    fresh = Event.objects.get(pk=event.pk)
    yield Figure("document of the key moments", median(lambda: build(fresh))[0], "ms", 500)
    before = time.perf_counter()
    size = len(pdf.render(build(fresh)))
    yield Figure("its PDF", time.perf_counter() - before, "s", 20, note=f"{size / 1024:.0f} KB")


def the_room(client: Client, cast: SimpleNamespace, bare: float) -> Iterator[Figure]:
    meeting.start(cast.event, by=cast.facilitator)
    url = f"/e/{cast.event.code}/room/"
    for rank in range(20):
        if b'id="part-walk"' in client.get(url).content:
            break
        with contextlib.suppress(WrongState):
            meeting.go(cast.event, by=cast.facilitator, from_rank=rank, to_rank=rank + 1)
    yield from measured("room at the step of the timeline", lambda: client.get(url), 300, bare)


def measured(name: str, ask: Callable[[], Any], budget: float, bare: float, rounds: int = ROUNDS) -> Iterator[Figure]:
    with CaptureQueriesContext(connection) as queries:
        answer = ask()
    asked = len(queries)
    if answer.status_code >= 400:
        yield Figure(name, answer.status_code, "status", 399)
        return
    took, worked = median(ask, rounds)
    note = f"{worked:.0f} ms of it on the processor, {len(answer.content) / 1024:.0f} KB"
    yield Figure(name, took, "ms", budget, bare, note)
    if answer.status_code == 200:
        yield Figure(name, asked, "queries", 15)


def median(ask: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Milliseconds by the clock and on the processor, each the middle of some rounds after one that warms up."""
    times, works = [], []
    for _ in range(rounds + 1):
        http.WRITES.counts.clear()  # a bench writes more often than hands
        before, busy = time.perf_counter(), time.process_time()
        ask()
        times.append((time.perf_counter() - before) * 1000)
        works.append((time.process_time() - busy) * 1000)
    return statistics.median(times[1:]), statistics.median(works[1:])
