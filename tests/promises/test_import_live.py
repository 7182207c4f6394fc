"""P8: a long import does not stop the meeting, and is seen whole or not at all."""

import http.client
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.middleware.csrf import CSRF_SESSION_KEY

from bench.server import free_port, wait_for
from retros.imports.found import Found
from retros.models import Change, TimelineEntry
from tests.factories import START, make_cast, make_import, make_member, make_user

TOKEN = "t" * 32
WORKER = "import django; django.setup(); from retros.services import imports\nwhile imports.sweep(): pass"
PAUSE = 0.5  # of a writer after each answer: more often than twice a second nobody is let write


def here(**more: str) -> dict[str, str]:
    """The environment of a process over the database of this test."""
    given = connection.settings_dict
    address = f"sqlite:///{given['NAME']}"
    if connection.vendor == "postgresql":
        address = f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    return {**os.environ, "DATABASE_URL": address, "DEBUG": "1", **more}


@contextmanager
def serving() -> Iterator[int]:
    """The web process; yields its port."""
    port = free_port()
    env = here(BASE_URL=f"http://127.0.0.1:{port}")
    command = [sys.executable, "-m", "uvicorn", "aar_site.asgi:application", "--port", str(port), "--lifespan", "off"]
    process = subprocess.Popen([*command, "--log-level", "error", "--timeout-graceful-shutdown", "1"], env=env)
    try:
        wait_for(f"http://127.0.0.1:{port}/livez")
        yield port
    finally:
        process.terminate()
        process.wait(10)


def signed_in(user: Any) -> str:
    session = SessionStore()
    session[SESSION_KEY], session[CSRF_SESSION_KEY] = str(user.pk), TOKEN
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key or ""


def post(port: int, cookie: str, path: str, **fields: str) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": f"sid={cookie}", "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": TOKEN}
    line.request("POST", path, urlencode({"op": str(uuid.uuid4()), **fields}), headers)
    status = line.getresponse().status
    line.close()
    return status


class Meeting:
    """Writers who add a moment twice a second, each a person, and a reader who counts what is seen of the import."""

    def __init__(self, port: int, event: Any, cookies: list[str], pk: int) -> None:
        self.over, self.pk = threading.Event(), pk
        self.quiet: list[float] = []
        self.busy: list[float] = []
        self.into = self.quiet
        self.answers: set[int] = set()
        self.seen: set[int] = set()
        path = f"/e/{event.code}/timeline/add/"
        works: list[Callable[[], None]] = [lambda c=c, n=n: self.write(port, c, path, n) for n, c in enumerate(cookies)]  # type: ignore[misc]
        self.threads = [threading.Thread(target=work) for work in [*works, self.read]]

    def write(self, port: int, cookie: str, path: str, number: int) -> None:
        self.over.wait(PAUSE * number / len(self.threads))  # people do not press at one moment
        while not self.over.is_set():
            began, into = time.perf_counter(), self.into
            self.answers.add(post(port, cookie, path, time="23:02", text=f"Writer {number} saw it", source="memory"))
            into.append(time.perf_counter() - began)
            self.over.wait(PAUSE)

    def read(self) -> None:
        while not self.over.is_set():
            self.seen.add(TimelineEntry.objects.kept().filter(imported=self.pk).count())
            self.over.wait(0.02)
        connection.close()

    def __enter__(self) -> "Meeting":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(60)


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] * 1000 if times else 0.0


@pytest.mark.promise("P8", "writers' p95 <= 300 ms, all or nothing seen")
def test_a_long_import_does_not_stop_the_meeting(transactional_db, is_full, measured):
    rows, writers = (10_000, 20) if is_full else (1_000, 5)
    cast = make_cast()
    users = [make_user() for _ in range(writers)]
    for user in users:
        make_member(cast.event, user)
    found = [
        Found(line=n, text=f"host-{n % 7} replica {n} lags by {n % 900} seconds", at=START + timedelta(seconds=5 * n),
              offset=0, raw=f"2018-10-21T22:52:00Z host-{n % 7} replica {n} lags by {n % 900} seconds")
        for n in range(rows)
    ]  # fmt: skip
    imp = make_import(cast.event, *found, by=cast.scribe)
    scribe, cookies = signed_in(cast.scribe), [signed_in(user) for user in users]
    add = f"/e/{cast.event.code}/timeline/import/{imp.pk}/add/"
    with serving() as port, Meeting(port, cast.event, cookies, imp.pk) as meeting:
        time.sleep(10 if is_full else 1.5)
        meeting.into, began = meeting.busy, time.perf_counter()
        pressed = post(port, scribe, add)
        subprocess.run([sys.executable, "-c", WORKER], env=here(DJANGO_SETTINGS_MODULE="aar_site.settings"), check=True)
        took, until = time.perf_counter() - began, time.monotonic() + 20
        while rows not in meeting.seen and time.monotonic() < until:
            time.sleep(0.02)  # the reader has looked since
    ours = len(meeting.quiet) + len(meeting.busy)
    measured(
        f"p95 {p95(meeting.busy):.0f} ms of {len(meeting.busy)} writes by {writers} people while {rows:,} rows came in "
        f"{took:.1f} s (quiet {p95(meeting.quiet):.0f} ms); seen {sorted(meeting.seen)}"
    )
    assert pressed == 303
    assert meeting.answers == {303}
    assert meeting.seen == {0, rows}
    assert TimelineEntry.objects.kept().filter(event=cast.event).count() == rows + ours
    assert Change.objects.filter(event=cast.event, what="brought in a record").count() == 1
    if is_full:
        assert p95(meeting.busy) <= 300
