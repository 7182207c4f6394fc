"""Mails leave once, through a real mail server that misbehaves in each way that mail servers have."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.db import connection
from django.utils.dateparse import parse_datetime

from aar_site import clock
from aar_site.outbox import delivery, mail
from aar_site.outbox.models import Message
from aar_site.people.models import User
from tests.aar_site.conftest import BREAK_OFF, HANG, MailServer
from tests.factories import make_user

SECRET = "/in/secret-link-f81c/"
State = Message.State


def post(person: User | None = None, *, key: str = "1", kind: str = "welcome", **extra: Any) -> Message:
    """A mail that waits, with a link in it that nobody else may read."""
    person = person or make_user()
    context = {"asked_by": "Ines", "path": SECRET}
    assert mail.post(kind, f"{person.pk}:{key}", person=person, template="welcome", context=context, **extra)
    return Message.objects.latest("pk")


def later(**span: float) -> int:
    """Time passes, and the sweep comes round again."""
    clock.move(timedelta(**span))
    return delivery.sweep()


def test_a_mail_arrives_once_with_both_texts_and_leaves_nothing_behind(db: None, server: MailServer) -> None:
    row = post(make_user("Ines Carvalho", email="ines@example.org"))
    assert delivery.sweep() == 1
    assert later(days=1) == 0
    (arrived,) = server.mails
    assert arrived["To"] == "ines@example.org"
    assert arrived["Message-ID"] == row.message_id
    assert arrived["Auto-Submitted"] == "auto-generated"
    sent_on = parse_datetime(arrived["Date"].datetime.isoformat())
    assert sent_on is not None
    assert abs(sent_on - row.created_at) < timedelta(seconds=1)
    text, html = arrived.get_body(("plain",)), arrived.get_body(("html",))
    assert text is not None
    assert html is not None
    assert SECRET in text.get_content()
    assert SECRET in html.get_content()
    assert 'style="' in html.get_content()
    row.refresh_from_db()
    assert row.state == State.SENT
    assert bytes(row.sealed_body) == b""
    assert row.attempts == 1


def test_the_body_waits_encrypted_and_no_link_or_address_is_logged(
    db: None, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answers["DATA"] = "451 not now"
    row = post(make_user("Tomasz", email="tomasz@example.org"))
    delivery.sweep()
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed_body FROM outbox_message WHERE id = %s", [row.pk])
        stored = bytes(cursor.fetchone()[0])
    assert len(stored) > 500
    assert SECRET.encode() not in stored
    assert SECRET in mail.unseal(stored)["text"]
    said = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("aar_site"))
    assert "451" in said
    assert SECRET not in said
    assert "tomasz@example.org" not in said


# --- Two-step claim -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("step", "may_repeat", "states"),
    [
        ("RCPT", False, [State.CLAIMED, State.SENT]),
        ("DATA", False, [State.SENDING, State.UNCERTAIN]),
        ("DATA", True, [State.SENDING, State.SENT]),
    ],
)
def test_a_killed_worker(
    transactional_db: None, server: MailServer, step: str, may_repeat: bool, states: list[str]
) -> None:
    """SIGKILL while claimed: sent by the next one. While sending: uncertain, or again under the same Message-ID."""
    server.answers[step] = HANG
    row = post(may_repeat=may_repeat)
    worker = subprocess.Popen(
        [sys.executable, "-c", "import django; django.setup(); from aar_site.outbox import delivery; delivery.sweep()"],
        cwd=site.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "aar_site.settings", **same_database(), **same_server(server)},
    )
    wait_for(lambda: step in server.reached)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait(5)
    server.answers.clear()
    assert delivery.sweep() == 0, "its claim still stands"
    row.refresh_from_db()
    assert row.state == states[0]
    later(minutes=5)
    row.refresh_from_db()
    assert row.state == states[1]
    assert bytes(row.sealed_body) == b""
    assert len(server.mails) == (2 if may_repeat else 1)
    assert {m["Message-ID"] for m in server.mails} == {row.message_id}


def same_database() -> dict[str, str]:
    """The test's own database, for another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return {"DATABASE_URL": f"sqlite:///{Path(name).resolve()}", "OUTBOX_KEY": site.OUTBOX_KEY}
    return {"DATABASE_URL": os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}", "OUTBOX_KEY": site.OUTBOX_KEY}


def same_server(server: MailServer) -> dict[str, str]:
    return {"EMAIL_URL": f"smtp://127.0.0.1:{server.port}"}


def wait_for(is_so: Any) -> None:
    until = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_many_workers_at_once_send_each_mail_once(transactional_db: None, server: MailServer) -> None:
    rows = {post(key=str(n)).message_id for n in range(12)}
    sent: list[int] = []

    def work() -> None:
        sent.append(delivery.sweep())
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sum(sent) == 12
    assert sorted(m["Message-ID"] for m in server.mails) == sorted(rows)


def test_a_worker_that_was_too_slow_lets_go(db: None, server: MailServer) -> None:
    """Its claim ran out, another one sent the mail: the bytes do not leave a second time, and the state stays."""
    row = post()
    slow = delivery.claim()
    assert slow is not None
    assert later(minutes=5) == 1
    assert delivery.deliver(slow) is False
    row.refresh_from_db()
    assert row.state == State.SENT
    assert len(server.mails) == 1


# --- What mail servers do -------------------------------------------------------------------------------------------
def test_while_the_server_is_away_no_mail_loses_a_try(db: None, server: MailServer) -> None:
    rows = [post(key=str(n)) for n in range(3)]
    server.close()
    for _ in range(200):
        later(minutes=1)
    for row in rows:
        row.refresh_from_db()
        assert (row.state, row.attempts) == (State.WAITING, 0)
        assert "cannot be reached" in row.error
    server.open()
    later(minutes=5, seconds=1)
    assert sorted(m["Message-ID"] for m in server.mails) == sorted(r.message_id for r in rows)
    assert set(Message.objects.values_list("attempts", flat=True)) == {1}


def test_one_connection_is_tried_while_the_server_is_away(db: None, server: MailServer) -> None:
    for n in range(5):
        post(key=str(n))
    server.answers["MAIL"] = "421 closing"
    delivery.sweep()
    assert server.reached.count("MAIL") == 1
    assert Message.objects.filter(state=State.WAITING, attempts=0).count() == 5
    assert not Message.objects.filter(next_attempt_at__lte=clock.now()).exists()


def test_after_three_days_without_a_server_a_mail_has_failed(db: None, server: MailServer) -> None:
    row = post()
    server.close()
    later(days=3, minutes=1)
    row.refresh_from_db()
    assert row.state == State.FAILED
    assert mail.unseal(row.sealed_body)["text"]  # an administrator may send it again


def test_a_mail_with_a_code_that_failed_leaves_nothing_behind(db: None, server: MailServer) -> None:
    person = make_user("Nobody", email="nobody@example.org")
    mail.post_account_mail("account/email/password_reset_key", person.email, {"password_reset_url": SECRET})
    server.answers["nobody@example.org"] = "550 no such user"
    delivery.sweep()
    row = Message.objects.get()
    assert (row.state, bytes(row.sealed_body)) == (State.FAILED, b"")


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_421_means_wait_at_every_step(db: None, server: MailServer, step: str) -> None:
    row = post()
    server.answers[step] = "421 closing"
    delivery.sweep()
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.WAITING, 0)
    server.answers.clear()
    assert later(minutes=1) == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_451_is_tried_again_and_at_last_given_up(db: None, server: MailServer, step: str) -> None:
    row = post()
    server.answers[step] = "451 greylisted"
    delivery.sweep()
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.WAITING, 1)
    assert "451 greylisted" in row.error
    for _ in range(delivery.MOST_ATTEMPTS):
        later(hours=1, seconds=1)
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.FAILED, delivery.MOST_ATTEMPTS)
    assert server.mails == []


@pytest.mark.parametrize("step", ["nobody@example.org", "DATA"])
def test_550_is_final_and_delays_nobody_else(db: None, server: MailServer, step: str) -> None:
    bad = post(make_user("Nobody", email="nobody@example.org"))
    server.answers[step] = "550 no such user"
    assert delivery.sweep() == 0
    bad.refresh_from_db()
    assert (bad.state, bad.attempts) == (State.FAILED, 1)
    assert "550 no such user" in bad.error
    server.answers.pop("DATA", None)
    good = post(make_user("Somebody"))
    assert delivery.sweep() == 1
    assert good.message_id in {m["Message-ID"] for m in server.mails}


@pytest.mark.parametrize("silence", [HANG, BREAK_OFF])
@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_silence_before_the_message_left_loses_nothing(db: None, server: MailServer, step: str, silence: str) -> None:
    row = post()
    server.answers[step] = silence
    delivery.sweep()
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.WAITING, 0)
    server.answers.clear()
    assert later(minutes=1) == 1
    assert len(server.mails) == 1


@pytest.mark.parametrize("silence", [HANG, BREAK_OFF])
@pytest.mark.parametrize(("may_repeat", "state"), [(False, State.UNCERTAIN), (True, State.SENT)])
def test_silence_after_the_message_left(
    db: None, server: MailServer, silence: str, may_repeat: bool, state: str
) -> None:
    row = post(may_repeat=may_repeat)
    server.answers["DATA"] = silence
    delivery.sweep()
    server.answers.clear()
    later(minutes=1)
    row.refresh_from_db()
    assert row.state == state
    assert len(server.mails) == (2 if may_repeat else 1)
    assert {m["Message-ID"] for m in server.mails} == {row.message_id}


def test_a_mail_that_cannot_be_made_keeps_no_other_from_leaving(db: None, server: MailServer) -> None:
    broken = post(key="broken")
    Message.objects.filter(pk=broken.pk).update(sealed_body=b"made with another key", is_urgent=True)
    good = post(key="good")
    assert delivery.sweep() == 1
    assert [m["Message-ID"] for m in server.mails] == [good.message_id]
    broken.refresh_from_db()
    assert broken.state == State.WAITING
    assert "InvalidToken" in broken.error


# --- Who gets none --------------------------------------------------------------------------------------------------
def test_who_was_deactivated_meanwhile_gets_nothing(db: None, server: MailServer) -> None:
    person = make_user()
    row = post(person)
    person.is_active = False
    person.save()
    assert delivery.sweep() == 0
    row.refresh_from_db()
    assert row.state == State.DROPPED
    assert bytes(row.sealed_body) == b""
    assert server.mails == []
    assert mail.post("welcome", "2", person=person, template="welcome", context={"asked_by": "x", "path": "/"}) is False


def test_a_code_that_has_run_out_is_not_sent(db: None, server: MailServer) -> None:
    mail.post_account_mail("account/email/login_code", make_user().email, {"code": "481516"})
    server.close()
    delivery.sweep()
    server.open()
    later(seconds=site.ACCOUNT_LOGIN_BY_CODE_TIMEOUT + 1)
    row = Message.objects.get()
    assert row.state == State.DROPPED
    assert server.mails == []


def test_urgent_ones_leave_first(db: None, server: MailServer) -> None:
    post(key="1")
    urgent = post(key="2", is_urgent=True)
    delivery.sweep()
    assert server.mails[0]["Message-ID"] == urgent.message_id


def test_without_a_mail_server_mails_are_files(db: None, settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", tmp_path
    post()
    assert delivery.sweep() == 1
    (file,) = tmp_path.iterdir()
    assert SECRET in file.read_text()


# --- Mails that are written late --------------------------------------------------------------------------------------
def test_a_mail_that_is_written_late_says_the_same_at_each_try(
    db: None, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def words(message: Message) -> Any:
        asked.append(message.address)
        return {"links": [{"title": f"Try {len(asked)}", "path": SECRET}]}

    monkeypatch.setitem(delivery.WRITERS, "personal_link", words)
    mail.post_later("personal_link", "femi@example.org")
    row = Message.objects.get()
    assert bytes(row.sealed_body) == b""
    server.answers["DATA"] = "451 not now"
    assert delivery.sweep() == 0
    row.refresh_from_db()
    assert SECRET.encode() not in bytes(row.sealed_body)
    server.answers.clear()
    assert later(minutes=1) == 1
    assert asked == ["femi@example.org"]
    (arrived,) = server.mails
    assert arrived["Subject"] == "[Hindcast] Your personal link"
    assert "Try 1" in arrived.get_body(("plain",)).get_content()
    row.refresh_from_db()
    assert bytes(row.sealed_body) == b""


def test_a_mail_that_nobody_has_words_for_leaves_no_row(
    db: None, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(delivery.WRITERS, "personal_link", lambda message: None)
    mail.post_later("personal_link", "stranger@example.org")
    mail.post_later("personal_link", "somebody@demo.example")
    assert Message.objects.count() == 1
    assert delivery.sweep() == 0
    assert not Message.objects.exists()
    assert server.mails == []
