"""Counting: as many as there are places, whoever comes at once; then how long to wait."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from aar_site import clock
from aar_site.rate import NotKept, PerProcess, wait_for


def test_places_are_for_each_key_and_come_back_with_the_next_window(db):
    waits = [wait_for("a", 3, 600) for _ in range(4)]
    assert waits[:3] == [0, 0, 0]
    assert 0 < waits[3] <= 600
    assert wait_for("b", 3, 600) == 0
    clock.move(timedelta(seconds=waits[3]))
    assert wait_for("a", 3, 600) == 0


@pytest.mark.django_db(transaction=True)
def test_a_burst_gets_no_more_places_than_there_are():
    start, waits = threading.Barrier(6), []

    def come() -> None:
        start.wait()
        waits.append(wait_for("burst", 2, 600))
        connection.close()

    threads = [threading.Thread(target=come) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(waits), waits.count(0)) == (6, 2)


@pytest.fixture
def full_of_work(db, monkeypatch):
    """The database gives nobody its lock in time; Django's cache keeps quiet about that, and says that the row was there."""

    def atomic(**_):
        raise OperationalError("database is locked")

    monkeypatch.setattr("django.core.cache.backends.db.transaction", SimpleNamespace(atomic=atomic))


def test_a_busy_database_is_not_taken_for_somebody_who_asks_too_often(full_of_work):
    with pytest.raises(NotKept):
        wait_for("a", 3, 600)


def test_whoever_asks_for_a_link_meanwhile_is_told_to_come_back(full_of_work):
    answer = Client(raise_request_exception=False).post(reverse("link_ask"), {"email": "ada@example.org"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "The server is busy and could not answer in time. Nothing you typed is lost." in answer.content.decode()


def test_in_one_process_each_person_has_their_own_count(monkeypatch):
    now = 1200.0
    monkeypatch.setattr("aar_site.rate.time", SimpleNamespace(monotonic=lambda: now))
    limit = PerProcess(most=2, seconds=60)
    assert [limit.wait_for(key) for key in (1, 1, 1, 2)] == [0, 0, 60, 0]
    now += 59
    assert limit.wait_for(1) == 1
    now += 1
    assert limit.wait_for(1) == 0
