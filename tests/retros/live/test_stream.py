"""The stream over real HTTP: what arrives, when, for whom; across two processes; and how it ends."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
import redis
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from aar_site.people.models import User
from retros.live import bell, frames
from retros.live import hub as hubs
from retros.live.stream import hub
from retros.models import Event, Membership
from retros.services import meeting, notes, people
from tests.factories import make_cast
from tests.journeys.product import ROOT, free_port


class Reader:
    """A person's stream, read as a browser reads it."""

    def __init__(self, site: str, user: User | None, path: str, last_id: str = "", key: str = "") -> None:
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last_id} if last_id else {})}
        if user:
            client = Client()
            client.force_login(user)
            self.session_key = key or client.cookies[configured.SESSION_COOKIE_NAME].value
            headers["Cookie"] = f"{configured.SESSION_COOKIE_NAME}={self.session_key}"
        self.connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=10)
        self.connection.request("GET", path, headers=headers)
        self.response = self.connection.getresponse()
        self.status = self.response.status

    def next(self) -> tuple[str, Any] | None:
        """(event, data) of the next frame; None at the end of the stream. Fails after ten seconds of silence."""
        event = data = ""
        while line := self.response.readline():
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                event = text[7:]
            if text.startswith("data: "):
                data = text[6:]
            if text == "" and event:
                return event, json.loads(data)
        return None

    def until(self, wanted: str) -> Any:
        """The data of the next frame of this name; other frames are passed over."""
        while frame := self.next():
            if frame[0] == wanted:
                return frame[1]
        raise AssertionError(f"the stream ended without {wanted!r}")

    def close(self) -> None:
        self.response.close()
        self.connection.close()


@pytest.fixture
def cast(live: str) -> Iterator[SimpleNamespace]:
    """The cast with an open room on a real server; streams that a test leaves open are closed."""
    found = make_cast()
    meeting.start(found.event, by=found.facilitator)
    found.readers = []

    def listen(role: str, after: int | str = "", site: str = live, **more: Any) -> Reader:
        path = f"/e/{found.event.code}/room/stream/?after={after}"
        reader = Reader(site, getattr(found, role, None), path + more.pop("query", ""), **more)
        found.readers.append(reader)
        return reader

    found.listen, found.site = listen, live
    yield found
    for reader in found.readers:
        reader.close()
    until = time.monotonic() + 5
    while hub.rooms and time.monotonic() < until:
        time.sleep(0.02)


def seq_of(cast: SimpleNamespace) -> int:
    return Event.objects.get(pk=cast.event.pk).change_seq


def test_a_kept_note_reaches_everybody_with_the_same_bytes(cast):
    readers = [cast.listen(role, seq_of(cast)) for role in ("facilitator", "participant", "guest", "observer")]
    assert [reader.next() for reader in readers] == [("beat", {})] * 4
    notes.keep(cast.event, by=cast.scribe, text="Nobody had seen it before.")
    found = [reader.until("change") for reader in readers]
    assert found[0]["seq"] == seq_of(cast)
    assert "Nobody had seen it before." in found[0]["regions"]["notes"]
    assert all(frame == found[0] for frame in found)


def test_who_comes_back_catches_up_by_number(cast):
    left = seq_of(cast)
    notes.keep(cast.event, by=cast.scribe, text="Said while the train was in the tunnel.")
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=1)
    back = cast.listen("participant", left).until("change")
    assert back["seq"] == seq_of(cast)
    assert "in the tunnel" in back["regions"]["notes"]
    assert 'data-step="summary"' in back["regions"]["stage"]
    assert cast.listen("participant", 0, last_id=str(seq_of(cast))).next() == ("beat", {})


def test_a_number_or_a_role_that_cannot_be_loads_the_page_anew(cast):
    assert cast.listen("participant", seq_of(cast) + 1).next() == ("reset", {})
    assert cast.listen("participant", seq_of(cast), query="&role=scribe").next() == ("reset", {})
    assert cast.listen("guest", seq_of(cast), query="&role=guest").next() == ("beat", {})


def test_strangers_and_nonsense_get_no_stream(cast):
    gone = User.objects.create_user("gone@example.org", "Gone", is_active=False)
    Membership.objects.create(event=cast.event, user=gone, role="participant")
    cast.gone = gone
    found = {role: cast.listen(role).status for role in ("nobody", "gone", "outsider", "manager", "admin", "observer")}
    assert found == {"nobody": 401, "gone": 401, "outsider": 404, "manager": 404, "admin": 404, "observer": 200}
    assert cast.listen("observer", "three").status == 400


def test_a_removed_person_is_sent_away_by_the_change_itself(cast, monkeypatch):
    monkeypatch.setattr(hubs, "RIGHTS_S", 60)  # nobody looks after rights meanwhile
    reader = cast.listen("participant", seq_of(cast))
    reader.next()
    people.remove_person(Membership.objects.get(event=cast.event, user=cast.participant), by=cast.facilitator)
    assert reader.until("gone") == {}
    assert reader.next() is None


def test_a_deactivated_person_is_sent_away_though_nothing_changed_in_the_event(cast):
    assert hubs.RIGHTS_S < 5  # seconds, which are promised
    reader = cast.listen("participant", seq_of(cast))
    reader.next()
    User.objects.filter(pk=cast.participant.pk).update(is_active=False)
    assert reader.until("gone") == {}


def test_who_signs_out_is_sent_away_though_they_keep_their_role(cast):
    reader, other = cast.listen("participant", seq_of(cast)), cast.listen("participant", seq_of(cast))
    assert [each.next() for each in (reader, other)] == [("beat", {})] * 2
    Session.objects.filter(session_key=reader.session_key).delete()
    assert reader.until("bye") == {"retry": hubs.RETURNS_MS}
    assert reader.next() is None
    assert cast.listen("participant", key=reader.session_key).status == 401
    notes.keep(cast.event, by=cast.scribe, text="Still here.")
    assert "Still here." in other.until("change")["regions"]["notes"]  # another device of the same person


def test_the_poll_brings_what_the_stream_would(cast):
    client, address = Client(), f"/e/{cast.event.code}/room/poll/"
    client.force_login(cast.observer)
    assert client.get(f"{address}?after={seq_of(cast)}").status_code == 204
    notes.keep(cast.event, by=cast.scribe, text="Kept for the poll.")
    found = client.get(f"{address}?after=0").json()
    assert (found["seq"], found["state"]) == (seq_of(cast), "meeting")
    assert "Kept for the poll." in found["regions"]["notes"]
    assert client.get(f"{address}?after=x").status_code == 400


def test_questions_of_one_moment_are_answered_by_one_rendering(cast, monkeypatch):
    """After a break the whole room asks at once."""
    monkeypatch.setattr(hubs, "FRESH_S", 60)  # here the moment is as long as three take to sign in
    behind = seq_of(cast)
    notes.keep(cast.event, by=cast.scribe, text="Kept while the line was away.")
    rendered, real = [], hub.render
    monkeypatch.setattr(hub, "render", lambda *about: rendered.append(about) or real(*about))
    answers = []
    for user in (cast.facilitator, cast.participant, cast.observer):
        client = Client()
        client.force_login(user)
        answers.append(client.get(f"/e/{cast.event.code}/room/poll/?after={behind}").json())
    assert len(rendered) == 1
    assert answers[0] == answers[1] == answers[2]
    assert "Kept while the line was away." in answers[0]["regions"]["notes"]


def test_a_bell_that_nobody_hears_costs_a_poll_and_no_more(cast, monkeypatch, settings):
    """Redis is away: the address answers nothing."""
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    monkeypatch.setattr(bell, "ring", lambda *_: None)  # and this process's own bell is deaf too
    reader = cast.listen("observer", seq_of(cast))
    reader.next()
    notes.keep(cast.event, by=cast.scribe, text="Found by the poll.")
    assert "Found by the poll." in reader.until("change")["regions"]["notes"]
    assert hubs.POLL_S < 0.5


@pytest.mark.skipif(not configured.REDIS_URL, reason="needs Redis")
def test_the_bell_of_another_process_comes_over_redis(cast, monkeypatch):
    monkeypatch.setattr(hubs, "POLL_S", 30)
    reader = cast.listen("observer", seq_of(cast))
    reader.next()
    monkeypatch.setattr("retros.live.log.bell.ring", lambda *_: None)  # as if another process had written
    notes.keep(cast.event, by=cast.scribe, text="Written elsewhere.")
    is_heard = threading.Event()

    def ring() -> None:  # until the hub listens
        while not is_heard.wait(0.1):
            redis.Redis.from_url(configured.REDIS_URL).publish(bell.CHANNEL, "")

    threading.Thread(target=ring, daemon=True).start()
    try:
        assert "Written elsewhere." in reader.until("change")["regions"]["notes"]
    finally:
        is_heard.set()


def database_url() -> str:
    """The database of this test, as another process is told of it."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    return (
        f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST'] or '127.0.0.1'}:{given['PORT']}/{given['NAME']}"
    )


@pytest.fixture
def second(transactional_db: None, tmp_path: Path) -> Iterator[SimpleNamespace]:
    """Another web process on the same database."""
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    env = {**os.environ, "DATABASE_URL": database_url(), "HINDCAST_DATA": str(tmp_path), "BASE_URL": site}
    env |= {"SECRET_KEY": configured.SECRET_KEY, "DEBUG": "1"}
    command = [sys.executable, "-m", "uvicorn", "aar_site.asgi:application", "--port", str(port), "--lifespan", "off"]
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=said, stderr=said)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                urlopen(f"{site}/livez", timeout=2).close()  # noqa: S310
                break
            except OSError:
                time.sleep(0.05)
        yield SimpleNamespace(site=site, process=process, said=tmp_path / "said")
        process.kill()
        process.wait(10)


def test_two_processes_share_one_room_and_each_ends_its_streams(cast, second):
    here, there = cast.listen("observer", seq_of(cast)), cast.listen("participant", seq_of(cast), site=second.site)
    assert (here.next(), there.next()) == (("beat", {}), ("beat", {})), second.said.read_text()
    notes.keep(cast.event, by=cast.scribe, text="Heard in both.")
    texts = [reader.until("change")["regions"]["notes"] for reader in (here, there)]
    assert texts[0] == texts[1]
    second.process.send_signal(signal.SIGTERM)
    assert there.until("bye")["retry"] >= 500
    assert there.next() is None
    second.process.wait(20)  # a server that waits for its streams waits for ever


def test_a_stream_that_is_closed_leaves_nothing_behind(cast):
    reader = cast.listen("observer", seq_of(cast))
    reader.next()
    until = time.monotonic() + 20
    while not hub.rooms and time.monotonic() < until:  # the first frame is sent a moment before
        time.sleep(0.01)
    assert len(hub.rooms[cast.event.pk].streams) == 1
    reader.close()
    notes.keep(cast.event, by=cast.scribe, text="x")  # the server notices when it next writes
    while (hub.rooms or any(t.name == "hub" for t in threading.enumerate())) and time.monotonic() < until:
        time.sleep(0.05)
    assert hub.rooms == {}
    assert not any(thread.name == "hub" for thread in threading.enumerate())


def test_a_server_that_is_leaving_takes_no_new_reader(cast, monkeypatch):
    monkeypatch.setattr(hub, "is_closing", True)
    reader = cast.listen("observer")
    assert (reader.status, reader.response.headers["Retry-After"]) == (503, "2")
    assert frames.bye(500)
