"""A database that is busy or away is 503 with when to come back, wherever in a request it shows; every other error stays a 500."""

import logging
import sqlite3

import psycopg
import psycopg_pool
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.db.transaction import TransactionManagementError
from django.test import Client

from aar_site import busy
from retros.live import presence
from tests.factories import make_user


def sqlite(code: int, words: str = "") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


def wrapped(cause: Exception, kind: type[Exception] = OperationalError) -> Exception:
    error = kind(str(cause))
    error.__cause__ = cause
    return error


PASSES = [
    psycopg.errors.LockNotAvailable("canceling statement due to lock timeout"),
    psycopg.errors.QueryCanceled("canceling statement due to statement timeout"),
    psycopg.errors.DeadlockDetected(),
    psycopg.errors.TooManyConnections(),
    psycopg.errors.AdminShutdown(),
    psycopg.errors.IdleInTransactionSessionTimeout(),
    psycopg_pool.PoolTimeout("couldn't get a connection after 10.00 sec"),
    psycopg.OperationalError("the connection is lost"),
    psycopg.InterfaceError("the connection is closed"),
    sqlite(sqlite3.SQLITE_BUSY, "database is locked"),
    sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT, "database is locked"),
    sqlite(sqlite3.SQLITE_CANTOPEN, "unable to open database file"),
]
FULL = [
    psycopg.errors.DiskFull(),
    psycopg.errors.ReadOnlySqlTransaction(),
    psycopg.errors.IoError(),
    sqlite(sqlite3.SQLITE_FULL, "database or disk is full"),
    sqlite(sqlite3.SQLITE_READONLY_DBMOVED, "attempt to write a readonly database"),
    sqlite(sqlite3.SQLITE_IOERR_SHMSIZE, "disk I/O error"),
]
STAYS = [
    psycopg.errors.UndefinedTable(),
    psycopg.errors.StatementTooComplex(),
    psycopg.errors.ObjectNotInPrerequisiteState(),
    psycopg.errors.InvalidTextRepresentation(),
    psycopg.InterfaceError("the cursor is closed"),
    sqlite(sqlite3.SQLITE_ERROR, "no such table: retros_event"),
    sqlite(sqlite3.SQLITE_CORRUPT, "database disk image is malformed"),
]


def test_what_passes_is_told_from_what_is_broken():
    wrong = [repr(e) for e in [*PASSES, *FULL] if not busy.is_busy(wrapped(e))]
    wrong += [repr(e) for e in FULL if not busy.is_full(wrapped(e))]
    wrong += [repr(e) for e in [*PASSES, *STAYS] if busy.is_full(wrapped(e))]
    wrong += [repr(e) for e in STAYS if busy.is_busy(wrapped(e, ProgrammingError))]
    assert wrong == []
    assert busy.is_busy(InterfaceError("connection already closed"))
    assert busy.is_busy(wrapped(wrapped(PASSES[0]), TransactionManagementError))  # somebody went on after it
    assert not busy.is_busy(ValueError("the connection is lost"))
    assert not busy.is_busy(None)


@pytest.fixture
def broken(db, monkeypatch, caplog):
    """Asks for the start page as somebody whose session cannot be read; returns the answer and what the log says."""
    client = Client(raise_request_exception=False)
    client.force_login(make_user("Ada"))

    def ask(error: Exception, **how):
        def load(self):
            raise error

        monkeypatch.setattr(SessionStore, "load", load)
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            return client.get("/?secret=1", **how), caplog.records

    return ask


def test_before_the_view_it_is_answered_too_in_one_line_of_the_log(broken):
    answer, lines = broken(wrapped(PASSES[6]))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    page = answer.content.decode()
    assert "The server is busy and could not answer in time. Nothing you typed is lost." in page
    assert '<a class="btn go big" href="/?secret=1">Open this page again</a>' in page
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    [line] = lines
    assert line.getMessage() == "busy at /: OperationalError: couldn't get a connection after 10.00 sec"
    assert (line.exc_info, line.levelname) == (None, "WARNING")
    notice, _ = broken(wrapped(PASSES[9]), headers={"HX-Request": "true"})
    assert (notice.status_code, notice["HX-Retarget"], notice["HX-Reswap"]) == (503, "#toast", "innerHTML")
    assert "Try again in a few seconds." in notice.content.decode()


def test_a_disk_that_takes_no_writing_is_called_by_its_name(broken):
    answer, _ = broken(wrapped(FULL[5]))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "The server’s disk is full, or takes no writing" in answer.content.decode()


def test_who_only_reads_the_room_is_not_turned_away_where_no_sign_can_be_kept(cast, monkeypatch):
    def refuse(*_):
        raise wrapped(FULL[3])

    monkeypatch.setattr(presence, "sign", refuse)
    client = Client()
    client.force_login(cast.participant)
    assert client.get(f"/e/{cast.event.code}/room/").status_code == 200
    monkeypatch.setattr(presence, "sign", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        client.get(f"/e/{cast.event.code}/room/")


def test_a_mistake_of_ours_stays_one_with_its_frames(broken):
    answer, lines = broken(wrapped(STAYS[5]))
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()
    assert any(line.exc_info for line in lines)


@pytest.mark.parametrize(
    ("wait", "words"),
    [(5, "in a few seconds"), (30, "in 30 seconds"), (60, "in a minute"), (61, "in 2 minutes")],
)
def test_when_to_come_back_in_words(wait, words):
    assert busy.in_words(wait) == words
