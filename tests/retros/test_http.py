"""How refusals look at the edge, who is refused for writing too often, and what is said while the database is busy."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test import Client

from retros import http
from retros.models import Event, Operation, RoomNote, TimelineEntry
from retros.services import meeting
from tests.factories import make_cast

MOMENT = {"time": "23:00", "text": "x", "source": "log"}


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(http.WRITES, "most", 3)
    monkeypatch.setattr("aar_site.rate.time", SimpleNamespace(monotonic=lambda: 1230))


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_more_than_hands_can_write_is_refused_with_when_to_come_back(cast, few):
    client, add = client_of(cast.scribe), f"/e/{cast.event.code}/timeline/add/"
    sent = [client.post(add, {**MOMENT, "op": str(uuid.uuid4())}) for _ in range(4)]
    assert [answer.status_code for answer in sent] == [303, 303, 303, 429]
    assert (sent[3]["Retry-After"], TimelineEntry.objects.count()) == ("30", 3)
    assert "Try again in 30 seconds." in sent[3].content.decode()
    notice = client.post(add, headers={"HX-Request": "true"})
    assert (notice.status_code, notice["HX-Retarget"], notice["HX-Reselect"]) == (429, "#toast", "unset")
    assert client.get(f"/e/{cast.event.code}/timeline/").status_code == 200
    assert client_of(cast.facilitator).post(add, MOMENT).status_code == 303


@contextmanager
def held(event: Event) -> Iterator[None]:
    """Somebody else's transaction keeps the event for longer than this thread has patience."""
    is_held, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Event.objects.select_for_update().get(pk=event.pk)
            is_held.set()
            is_over.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    patience = {"sqlite": ("PRAGMA busy_timeout=50", "PRAGMA busy_timeout=20000")}
    short, usual = patience.get(connection.vendor, ("SET lock_timeout = 50", "RESET lock_timeout"))
    with connection.cursor() as cursor:
        assert is_held.wait(20)
        cursor.execute(short)
        try:
            yield
        finally:
            is_over.set()
            holder.join()
            cursor.execute(usual)


def test_while_the_event_is_held_it_is_said_when_to_come_back_and_the_same_form_is_kept_once_then(
    transactional_db, caplog
):
    cast = make_cast()
    meeting.start(cast.event, by=cast.facilitator)
    client, add = client_of(cast.scribe), f"/e/{cast.event.code}/room/notes/add/"
    client.raise_request_exception = False
    form = {"text": "Said while others wrote.", "op": str(uuid.uuid4())}
    caplog.clear()
    with held(cast.event):
        notice, page = client.post(add, form, headers={"HX-Request": "true"}), client.post(add, form)
    assert [(a.status_code, a["Retry-After"]) for a in (notice, page)] == [(503, "5")] * 2
    assert notice["HX-Retarget"] == "#toast"
    assert "Nothing you typed is lost. Try again in a few seconds." in notice.content.decode()
    assert "Send it again in a few seconds." in page.content.decode()
    lines = [record for record in caplog.records if record.name != "asyncio"]
    assert [(line.name, line.exc_info, add in line.getMessage()) for line in lines] == [
        ("aar_site.busy", None, True)
    ] * 2
    assert not RoomNote.objects.exists()
    sent = [client.post(add, form, headers={"HX-Request": "true"}).status_code for _ in range(2)]
    assert (sent, RoomNote.objects.count(), Operation.objects.filter(op=form["op"]).count()) == ([204, 204], 1, 1)
