"""Ten thousand log lines on their way into a timeline: read, kept for the choice, chosen from, added; and taken back.

Measured in this process, through all middleware, as the browser sends it; adding is the request and what the worker does after
it. The reference of the whole is the reader alone; that of a page is an answer without database and template (`/livez`).
"""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.figure import Figure
from retros.imports.read import read
from retros.models import Import, TimelineEntry
from retros.services import imports
from tests.factories import START, make_cast

LINES, ROUNDS = 10_000, 5


def run() -> Iterator[Figure]:
    cast = make_cast()
    client = Client(headers={"Host": "127.0.0.1"})
    client.force_login(cast.scribe)
    base = f"/e/{cast.event.code}/timeline/"
    data = log()
    reading = took(lambda: read(data, "app.log"))
    bare = median(lambda: client.get("/livez"))
    sent = took(lambda: client.post(f"{base}import/", {"file": SimpleUploadedFile("app.log", data)}))
    pk = Import.objects.latest("pk").pk
    first = took(lambda: client.get(f"{base}import/{pk}/"))
    busy = time.process_time()
    added = took(lambda: add(client, base, pk))
    busy = time.process_time() - busy
    if TimelineEntry.objects.kept().filter(imported=pk).count() != LINES:
        raise SystemExit("The lines did not all arrive.")
    yield Figure(
        f"{LINES:,} lines read, previewed and stored", sent + first + added, "s", 5, reading, "reference: read alone"
    )
    yield Figure("sent, read, compared and kept", sent, "s", None, reading)
    yield Figure("added, with pauses for others", added, "s", note=f"{busy:.1f} s of it on the processor")
    yield from pages(client, base, data, bare)
    yield Figure("taken back as one", took(lambda: client.post(f"{base}imported/{pk}/undo/")), "s", 1)
    yield Figure("brought back as one", took(lambda: client.post(f"{base}imported/{pk}/redo/")), "s", 1)


def log() -> bytes:
    """A line each four seconds, as a service writes them."""
    at = [START + timedelta(seconds=4 * n) for n in range(LINES)]
    words = "db-{} orchestrator[{}]: replica {} of cluster {} lags by {} seconds"
    return "\n".join(
        f"{moment:%Y-%m-%dT%H:%M:%SZ} {words.format(n % 7, 900 + n % 11, n, n % 31, n % 900)}"
        for n, moment in enumerate(at)
    ).encode()


def add(client: Client, base: str, pk: int) -> None:
    client.post(f"{base}import/{pk}/add/")
    while Import.objects.get(pk=pk).state == "adding":
        imports.sweep()


def pages(client: Client, base: str, data: bytes, bare: float) -> Iterator[Figure]:
    """Pages of a second record of that length, beside the first one."""
    client.post(f"{base}import/", {"file": SimpleUploadedFile("other.log", data.replace(b"lags", b"is late"))})
    pk = Import.objects.latest("pk").pk
    for name, part in {
        "paste or upload": "import/",
        "map and check": f"import/{pk}/check/",
        "choose, first page": f"import/{pk}/",
        "choose, page 50 of a filter": f"import/{pk}/?show=add&page=50",
        "added, with what was left out": f"imported/{pk - 1}/",
    }.items():
        with CaptureQueriesContext(connection) as queries:
            client.get(base + part)
        asked = len(queries)  # before the next request clears the list
        yield Figure(name, median(lambda part=part: client.get(base + part)), "ms", 300, bare)  # type: ignore[misc]
        yield Figure(name, asked, "queries", 15)
    ticks: dict[str, Any] = {
        "here": "show=&page=1",
        "shown": [str(n) for n in range(100)],
        "row": ["1"],
        "to": "page=2",
    }
    yield Figure("keep the ticks of a page", median(lambda: client.post(f"{base}import/{pk}/", ticks)), "ms", 100, bare)


def took(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def median(act: Callable[[], Any]) -> float:
    """Milliseconds, after one that warms up."""
    act()
    return statistics.median(took(act) * 1000 for _ in range(ROUNDS))
