"""The live room: a kept change is sent -> everybody else has it; beside it a bare server that sends as many bytes to as many readers.

Real web process as `serve` starts it, real sessions, all middleware, durable commits. Readers and writers are a process of their own.
A round is 20 changes, each sent when everybody has the one before: 14 notes, 4 causes, a step forward and back. Ours and the bare one
take turns; each figure is the middle of three rounds.
"""

import itertools
import json
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction

from aar_site.people.models import User
from bench import browsers
from bench.figure import Figure
from bench.server import free_port, serving
from retros.models import Change, Event, Membership, RoomNote, WhyNode
from retros.services import meeting, notes
from tests.factories import make_entry, make_event, make_user

SIZES = (10, 50, 200, 500)
MUST = {10: 25, 50: 17, 200: 6, 500: 4}  # times the bare server's median
AIM = {10: 10, 50: 8, 200: 3, 500: 2}
ROUNDS, WRITERS, MISSED = 3, 20, 100
PRINTERS = 10  # who fetch PDFs in turn: one person may print a review five times in ten minutes
KINDS = "nncnnnc>nnn<ncnnncnn"  # note, cause, a step forward, a step back
SAID = (
    "Replication to the west fell behind by {} seconds while the fail-over was still being decided on in the channel."
)


class Room:
    """A meeting at the step of the causes, with so many participants, and the requests that its people send."""

    def __init__(self, people: int) -> None:
        self.lead = make_user("Lead")
        self.event = make_event("Forty-three seconds", facilitator=self.lead)
        self.other = make_event("Something else", facilitator=self.lead)  # read while the room is live
        for event in (self.event, self.other):
            for n in range(20):
                make_entry(event, SAID.format(n), minutes=n, created_by=self.lead)
        meeting.start(self.event, by=self.lead)
        self.event.refresh_from_db()
        self.rank = 3
        for rank in range(self.rank):
            meeting.go(self.event, by=self.lead, from_rank=rank, to_rank=rank + 1)
        with transaction.atomic():
            users = User.objects.bulk_create(
                [User(email=f"p{n}@example.org", name=f"Person {n}") for n in range(people)]
            )
            Membership.objects.bulk_create([Membership(event=self.event, user=u, role="participant") for u in users])
            Membership.objects.bulk_create(
                [Membership(event=self.other, user=u, role="observer") for u in users[:PRINTERS]]
            )
            self.keys = [session_of(user) for user in users]
            self.lead_key = session_of(self.lead)
        self.fill()

    def fill(self) -> None:
        """As many notes and causes as a meeting has at this step: each size begins with the same page."""
        RoomNote.objects.filter(event=self.event).delete()
        WhyNode.objects.filter(event=self.event).delete()
        for n in range(12):
            RoomNote.objects.create(event=self.event, step_slug="root-cause", text=SAID.format(n), created_by=self.lead)
        top = WhyNode.objects.create(event=self.event, text=SAID.format(0), created_by=self.lead)
        for n in range(5):
            WhyNode.objects.create(event=self.event, parent=top, rank=n, text=SAID.format(n), created_by=self.lead)

    @property
    def seq(self) -> int:
        return int(Event.objects.values_list("change_seq", flat=True).get(pk=self.event.pk))

    def streams(self, count: int, after: int) -> list[str]:
        path = f"/e/{self.event.code}/room/stream/?after={after}"
        return [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie(key)}\r\n\r\n" for key in self.keys[:count]]

    def round(self, kinds: str = KINDS) -> list[tuple[int, str]]:
        return [(n % WRITERS, self.change(kind, n)) for n, kind in enumerate(kinds)]

    def change(self, kind: str, n: int, mark: str = "") -> str:
        """The request that a browser sends when somebody keeps something."""
        base, key = f"/e/{self.event.code}/", self.keys[n % WRITERS]
        fields = {"op": str(uuid.uuid4()), "text": mark or SAID.format(n)}
        if kind == "n":
            return post(base + "room/notes/add/", key, fields)
        if kind == "c":
            return post(base + "causes/add/", key, {**fields, "kind": "condition"})
        at = self.rank + (kind == "<")
        return post(base + "room/step/", self.lead_key, {**fields, "from": at, "to": at + (1 if kind == ">" else -1)})


def session_of(user: User) -> str:
    """A signed-in session, with the token of its forms."""
    store = SessionStore()
    store.update(
        {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            "_csrftoken": TOKEN,
        }
    )
    store.create()
    return str(store.session_key)


TOKEN = "a" * 32


def cookie(key: str) -> str:
    return f"{settings.SESSION_COOKIE_NAME}={key}"


def post(path: str, key: str, fields: dict[str, Any]) -> str:
    body = urlencode(fields)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie(key)}\r\nX-CSRFToken: {TOKEN}\r\nHX-Request: true\r\n"
    return f"{head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"


class Place:
    """A server that a crowd reads and writes at: ours, or the bare one."""

    def __init__(self, name: str, order: Callable[..., Any], port: int, pid: int) -> None:
        self.name, self._order, self.port, self.pid = name, order, port, pid

    def order(self, do: str, **more: Any) -> Any:
        return self._order(crowd=self.name, do=do, host="127.0.0.1", port=self.port, **more)

    def cpu(self) -> float:
        """Milliseconds of the processor so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 10.0

    def memory(self) -> float:
        """KB that belong to it."""
        rows = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        return next(float(row.split()[1]) for row in rows if row.startswith("Pss:"))


@contextmanager
def crowd() -> Iterator[Callable[..., Any]]:
    command = [sys.executable, "-m", "bench.crowd"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    told, heard = process.stdin, process.stdout
    if told is None or heard is None:
        raise SystemExit("The crowd has no ears.")

    def order(**given: Any) -> Any:
        told.write(json.dumps(given) + "\n")
        told.flush()
        answer = heard.readline()
        if not answer:
            raise SystemExit("The crowd has gone.")
        return json.loads(answer)

    try:
        yield order
    finally:
        told.close()
        process.wait(10)


@contextmanager
def bare() -> Iterator[tuple[int, int]]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.bare", str(port)])
    time.sleep(1)
    try:
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(10)


def run() -> Iterator[Figure]:
    room = Room(max(SIZES))
    with ExitStack() as stack:
        site = stack.enter_context(serving())
        order = stack.enter_context(crowd())
        ours = Place("ours", order, site.port, site.pid)
        other = Place("bare", order, *stack.enter_context(bare()))
        warm(room, ours)
        for size in SIZES:
            yield from fan_out(room, ours, other, size)
        yield from coming_back(room, ours)
        yield from burst(room, ours)
        yield from beside_pages(room, ours, site)
    yield from browsers.run()


def warm(room: Room, ours: Place) -> None:
    """Templates are compiled and threads started before anything is measured."""
    ours.order("join", requests=room.streams(5, room.seq))
    ours.order("write", requests=room.round(), seq=room.seq)
    ours.order("leave")


def fan_out(room: Room, ours: Place, other: Place, size: int) -> Iterator[Figure]:
    room.fill()
    before = ours.memory()
    joined = ours.order("join", requests=room.streams(size, room.seq))["seconds"][-1]
    each = (ours.memory() - before) / size
    other.order("join", requests=["GET / HTTP/1.1\r\n\r\n"] * size)
    mine: list[Any] = []
    theirs: list[Any] = []
    works: list[float] = []
    for _ in range(ROUNDS):
        busy = ours.cpu()
        mine.append(ours.order("write", requests=room.round(), seq=room.seq))
        works.append((ours.cpu() - busy) / len(KINDS))
        line = f"POST / HTTP/1.1\r\nX-Size: {mine[-1]['frame']}\r\nContent-Length: 0\r\n\r\n"
        seq = sum(row["changes"] for row in theirs) + BASE[0]
        theirs.append(other.order("write", requests=[(n % WRITERS, line) for n in range(len(KINDS))], seq=seq))
    BASE[0] += len(KINDS) * ROUNDS
    for place in (ours, other):
        place.order("leave")
    yield from ratios(size, mine, theirs, works)
    if size == max(SIZES):
        yield Figure(f"{size} join", joined, "s", 1)
        yield Figure(f"memory of each of {size}", each, "KB", 80, note="aim 20")


BASE = [0]  # changes that the bare server has counted so far


def ratios(size: int, mine: list[Any], theirs: list[Any], works: list[float]) -> Iterator[Figure]:
    p50, p95, most = (statistics.median(at(row["took"], part) for row in mine) for part in (0.5, 0.95, 1))
    bare50, bare95 = (statistics.median(at(row["took"], part) for row in theirs) for part in (0.5, 0.95))
    kb = statistics.median(row["frame"] for row in mine) / 1024
    yield Figure(
        f"{size}: half have it after", p50, "ms", MUST[size] * bare50, bare50,
        f"at most {MUST[size]} x, aim {AIM[size]} x; {kb:.0f} KB to each",
    )  # fmt: skip
    yield Figure(
        f"{size}: 95 % have it after", p95, "ms", 2 * p50, bare95, f"at most 2 x the half; the last {most:.0f} ms"
    )
    answered = statistics.median(statistics.median(row["answered"]) for row in mine)
    yield Figure(f"{size}: answer to the writer", answered, "ms")
    yield Figure(f"{size}: processor for a change", statistics.median(works), "ms")
    yield Figure(f"{size}: lost", sum(row["lost"] for row in mine), "", 0)


def at(values: list[float], part: float) -> float:
    rows = sorted(values) or [0.0]
    return rows[min(len(rows) - 1, int(part * len(rows)))]


def coming_back(room: Room, ours: Place) -> Iterator[Figure]:
    left = room.seq
    for n in range(MISSED):
        notes.keep(room.event, by=room.lead, text=SAID.format(n))
    took = ours.order("join", requests=room.streams(max(SIZES), left))["seconds"]
    ours.order("leave")
    yield Figure(
        f"{len(took)} come back, {MISSED} missed by each", took[-1], "s", 2, note=f"half after {at(took, 0.5):.2f} s"
    )


def burst(room: Room, ours: Place, items: int = 10, viewers: int = 50) -> Iterator[Figure]:
    room.fill()
    ours.order("join", requests=room.streams(viewers, room.seq))
    asked = [[room.change("n", who, f"burst {who} {n}") for n in range(items)] for who in range(WRITERS)]
    found = ours.order("burst", requests=asked)
    ours.order("leave")
    numbers = numbers_of(room)
    after, single, lost = [], [], 0
    last = max(answered for mine in found["items"] for _, answered, _ in mine)
    for who, mine in enumerate(found["items"]):
        for n, (sent, _, status) in enumerate(mine):
            number = numbers.get(f"burst {who} {n}")
            for seen in found["seen"]:
                there = next((when for when, seq in seen if number and seq >= number), None)
                lost += there is None or status >= 400
                if there is not None:
                    single.append((there - sent) * 1000)
                    after.append(there - last)
    whole = last - min(sent for mine in found["items"] for sent, _, _ in mine)
    yield Figure(
        f"burst {WRITERS} x {items}, {viewers} see it: last one",
        max(0.0, *after),
        "s",
        0.5,
        note=f"after the last answer; sent within {whole:.2f} s",
    )
    yield Figure("burst: the slowest single delivery", max(single), "ms", 100, note=f"half {at(single, 0.5):.0f} ms")
    yield Figure("burst: lost", lost, "", 0)


def numbers_of(room: Room) -> dict[str, int]:
    """The number of the change that kept each note."""
    texts = {f"roomnote:{pk}": text for pk, text in RoomNote.objects.filter(event=room.event).values_list("pk", "text")}
    rows = Change.objects.filter(event=room.event, subject__in=texts).values_list("subject", "seq")
    found = {texts[subject]: seq for subject, seq in rows}
    connection.close()
    return found


def beside_pages(room: Room, ours: Place, site: str, size: int = 50) -> Iterator[Figure]:
    """The same changes while pages and PDFs are served: by another web process, and by the same."""
    room.fill()
    with serving() as elsewhere:
        ours.order("join", requests=room.streams(size, room.seq))
        found: dict[str, list[float]] = {"quiet": [], "other": [], "same": []}
        made = Counter[str]()
        for _ in range(2):
            for name, where in (("quiet", ""), ("other", elsewhere), ("same", site)):
                with reading(where, room) if where else nullcontext(Counter[str]()) as fetched:
                    took = ours.order("write", requests=room.round(), seq=room.seq)["took"]
                made[name] += fetched["pdf"]
                found[name].append(at(took, 0.95))
        ours.order("leave")
    quiet, other, same = (statistics.median(found[name]) for name in ("quiet", "other", "same"))
    says = "reference: quiet; beside {} PDFs"
    yield Figure(
        f"{size}: 95 % while another process serves pages", other, "ms", 2 * quiet, quiet, says.format(made["other"])
    )
    yield Figure(f"{size}: 95 % while the same one serves pages", same, "ms", None, quiet, says.format(made["same"]))


@contextmanager
def reading(site: str, room: Room) -> Iterator[Counter[str]]:
    """Somebody reads one page after the other, others fetch PDFs in turn; yields how many of both they got."""
    stop, got = threading.Event(), Counter[str]()
    pages = [(f"/e/{room.other.code}/{part}", room.lead_key) for part in ("", "timeline/", "review/", "room/")]
    pdfs = [(f"/e/{room.other.code}/review.pdf", key) for key in room.keys[:PRINTERS]]

    def read(kind: str, asked: list[tuple[str, str]]) -> None:
        for path, key in itertools.cycle(asked):
            if stop.is_set():
                return
            pause = fetch(site + path, key)
            got[kind] += not pause
            stop.wait(pause)

    threads = [threading.Thread(target=read, args=given) for given in (("page", pages), ("pdf", pdfs))]
    for thread in threads:
        thread.start()
    try:
        yield got
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def fetch(address: str, key: str) -> float:
    """Read it. Seconds to wait where the server asks for that."""
    try:
        with urlopen(Request(address, headers={"Cookie": cookie(key)}), timeout=60) as answer:  # noqa: S310 - our own address
            answer.read()
    except HTTPError as refusal:
        if refusal.code not in {429, 503}:
            raise
        return float(refusal.headers["Retry-After"])
    return 0.0
