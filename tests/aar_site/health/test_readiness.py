"""Health says the truth: what makes the installation useless, what makes it worse, and nothing to strangers."""

import shutil
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from aar_site import clock
from aar_site.health import readiness, services, tasks, views
from aar_site.health.models import Heartbeat
from aar_site.outbox import mail
from tests.aar_site.conftest import free_port
from tests.factories import make_user

LONGEST_PROBE = readiness.LONGEST_PROBE


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a machine that is busy with something else is no database that is away."""
    monkeypatch.setattr(views, "REMEMBERED", 0.0)
    monkeypatch.setattr(readiness, "LONGEST_PROBE", 60.0)


@pytest.fixture
def healthy(transactional_db: None) -> None:
    """Scheduler and worker were seen just now."""
    for name in readiness.PARTS:
        services.note(name)


def answer(client: Client) -> tuple[int, str]:
    response = client.get("/readyz")
    return response.status_code, response.content.decode().strip()


def test_a_healthy_installation_says_ok_without_cookie_or_session_or_trace(healthy: None, client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response.headers["Content-Type"] == "text/plain"
    assert not response.cookies
    assert set(readiness.last_seen()) == set(readiness.PARTS)  # what the probe wrote is gone
    assert client.post("/readyz").status_code == 405


def test_a_database_that_takes_no_change_is_503_and_strangers_are_not_told_why(
    healthy: None, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise OperationalError("disk I/O error")

    monkeypatch.setattr(services, "try_to_write", refuse)
    assert answer(client) == (503, "unavailable")
    assert answer(client) == (503, "unavailable")
    assert caplog.messages == ["readiness: the database takes no change"]  # once, when it changed
    monkeypatch.undo()
    monkeypatch.setattr(views, "REMEMBERED", 0.0)
    assert answer(client) == (200, "ok")
    assert caplog.messages[-1] == "readiness: ok again"


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_whoever_asks_is_nobody_so_that_a_dead_database_breaks_no_answer(
    db: None, client: Client, path: str, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    client.force_login(make_user())
    monkeypatch.setattr(readiness, "look", readiness.Found)
    with django_assert_num_queries(0):
        assert client.get(path).status_code == 200


def test_a_database_that_is_locked_is_503_soon(healthy: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody holds the lock that the probe needs; livez does not care. The database itself would wait for twenty seconds."""
    assert LONGEST_PROBE <= 2
    monkeypatch.setattr(readiness, "LONGEST_PROBE", LONGEST_PROBE)
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        services.note("probe")
        try:
            with transaction.atomic():
                services.note("probe")
                held.set()
                let_go.wait(60)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(20)
    started = time.monotonic()
    try:
        assert answer(client) == (503, "unavailable")
        assert time.monotonic() - started < 10
        assert client.get("/livez").status_code == 200
    finally:
        let_go.set()
        holder.join()
    until = time.monotonic() + 30  # the probe that hung ends first
    while (last := answer(client)) != (200, "ok") and time.monotonic() < until:
        time.sleep(0.1)
    assert last == (200, "ok")


def test_pending_migrations_are_503(healthy: None, client: Client) -> None:
    recorder = MigrationRecorder(connection)
    latest = max(known for known in readiness.known_migrations() if known[0] == "actions")
    recorder.record_unapplied(*latest)
    try:
        assert readiness.examine().broken == ["migrations are pending"]
        assert answer(client) == (503, "unavailable")
    finally:
        recorder.record_applied(*latest)


def test_a_full_disk_is_503(healthy: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "LEAST_FREE", shutil.disk_usage("/").total * 1000)
    assert readiness.examine().broken == ["the disk is full"]
    assert answer(client) == (503, "unavailable")


@pytest.mark.parametrize("part", readiness.PARTS)
def test_a_part_that_is_silent_for_five_minutes_degrades(healthy: None, client: Client, part: str) -> None:
    Heartbeat.objects.filter(name=part).update(seen_at=clock.now() - timedelta(minutes=4, seconds=50))
    assert answer(client) == (200, "ok")
    Heartbeat.objects.filter(name=part).update(seen_at=clock.now() - timedelta(minutes=5, seconds=1))
    assert readiness.examine().degraded == [f"the {part} is silent"]
    assert answer(client) == (200, "degraded")
    Heartbeat.objects.all().delete()
    assert len(readiness.examine().degraded) == 2


def test_mails_that_should_have_left_degrade(healthy: None, client: Client) -> None:
    mail.post("welcome", "1", person=make_user(), template="welcome", context={"asked_by": "Ines", "path": "/"})
    assert answer(client) == (200, "ok")
    clock.move(timedelta(minutes=5, seconds=1))
    for part in readiness.PARTS:
        services.note(part)
    assert readiness.examine().degraded == ["mails wait"]


def test_redis_that_does_not_answer_degrades(healthy: None, client: Client, settings: Any) -> None:
    settings.REDIS_URL = ""
    assert readiness.redis_answers()
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert readiness.examine().degraded == ["redis does not answer"]
    assert answer(client) == (200, "degraded")


def test_the_answer_is_kept_for_a_moment(healthy: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(views, "REMEMBERED", 60.0)
    monkeypatch.setattr(views, "_last", (-60.0, readiness.Found()))
    monkeypatch.setattr(readiness, "look", lambda: asked.append(1) or readiness.Found())
    assert [answer(client) for _ in range(3)] == [(200, "ok")] * 3
    assert asked == [1]


def test_the_scheduler_shows_itself_by_asking_and_the_worker_by_doing(db: None) -> None:
    tasks.note_the_scheduler()
    assert set(readiness.last_seen()) == {"scheduler"}
    tasks.sign_of_life()
    assert set(readiness.last_seen()) == {"scheduler", "worker"}
    first = readiness.last_seen()
    clock.move(timedelta(minutes=1))
    tasks.sign_of_life()
    assert readiness.last_seen()["worker"] - first["worker"] >= timedelta(minutes=1)
    assert Heartbeat.objects.count() == 2
