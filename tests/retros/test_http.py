"""How refusals look at the edge, and who is refused for writing too often."""

import uuid
from types import SimpleNamespace

import pytest
from django.test import Client

from retros import http
from retros.models import TimelineEntry

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
    assert "Try again in a minute." in sent[3].content.decode()
    notice = client.post(add, headers={"HX-Request": "true"})
    assert (notice.status_code, notice["HX-Retarget"]) == (429, "#toast")
    assert client.get(f"/e/{cast.event.code}/timeline/").status_code == 200
    assert client_of(cast.facilitator).post(add, MOMENT).status_code == 303
