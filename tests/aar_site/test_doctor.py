"""The doctor finds each fault of the site, names the remedy, and its exit code tells."""

import shutil
import sqlite3
from collections.abc import Iterable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils.module_loading import autodiscover_modules

from aar_site import clock, doctor
from aar_site.health import examinations, readiness, services
from aar_site.health.examinations import Line
from aar_site.outbox import mail
from aar_site.outbox.models import Message
from tests.aar_site.conftest import free_port
from tests.factories import make_user


def marks(lines: Iterable[Line]) -> str:
    return "".join(line.mark for line in lines)


def post(key: str) -> Message:
    mail.post("welcome", key, person=make_user(), template="welcome", context={"asked_by": "Ines", "path": "/"})
    return Message.objects.latest("pk")


def test_a_broken_rule_names_the_first_rows_and_a_kept_one_is_a_line() -> None:
    assert examinations.none("All is even", [], "Mend it.") == Line("All is even")
    one = examinations.none("All is even", (f"row {n}" for n in range(7)), "Mend it.")
    assert one.words == "Broken: all is even: row 0, row 1, row 2, row 3, row 4 and 2 more"
    assert (one.mark, Line("x", "y", is_warning=True).mark, Line("x").mark) == ("✗", "!", "✓")


def test_the_command_says_each_line_with_its_remedy_and_exits_with_1_on_a_fault(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Iterable[Line]:
        raise OperationalError("no such table: x")

    def run(*found: Any) -> tuple[str, int]:
        autodiscover_modules("doctor")  # first, so that none of them lands in the list of this test
        monkeypatch.setattr(examinations, "_examinations", [("That", one) for one in found])
        said = StringIO()
        try:
            call_command("doctor", stdout=said)
        except SystemExit as end:
            return said.getvalue(), int(str(end.code))
        return said.getvalue(), 0

    fine, odd = Line("All is well"), Line("Something is odd", "Look at it.", is_warning=True)
    assert run(lambda: [fine, odd]) == (
        "✓ All is well\n! Something is odd\n  → Look at it.\n\n0 faults, 1 to look at\n", 0,
    )  # fmt: skip
    said, code = run(broken, lambda: [fine])
    assert code == 1
    assert "✗ That cannot be examined: OperationalError: no such table: x\n" in said
    assert said.endswith("✓ All is well\n\n1 fault, 0 to look at\n")


def test_every_wing_is_examined(db: None) -> None:
    said = StringIO()
    with pytest.raises(SystemExit):  # nobody has seen a worker here
        call_command("doctor", stdout=said)
    for words in ("Hindcast 0.", "No mail waits", "Changes are numbered", "An action answers"):
        assert said.getvalue().count(words) == 1
    assert "cannot be examined" not in said.getvalue()


@pytest.mark.parametrize(("version", "mark"), [((3, 51, 2), "!"), ((3, 51, 3), "✓"), ((4, 0, 0), "✓")])
def test_an_old_sqlite_is_a_warning(monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...], mark: str) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    assert doctor.sqlite_version().mark == mark


def test_unsafe_settings_are_faults_and_missing_mail_is_a_warning(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE")  # of the browser tests
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert marks(doctor.deployment()) == "!"
    settings.BASE_URL, settings.IS_HTTPS, settings.ALLOW_HTTP = "http://reviews.example.org", False, False
    [refused] = [line for line in doctor.deployment() if line.mark == "✗"]
    assert "passwords would travel in the open" in refused.words
    assert "ALLOW_HTTP=yes" in refused.fix
    settings.BASE_URL, settings.EMAIL_BACKEND = "http://127.0.0.1:8000", "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "mail.example.org", 587
    found = list(doctor.deployment())
    assert marks(found) == "✓✓"
    assert "people reach it at http://127.0.0.1:8000" in found[0].words
    assert "mail.example.org:587" in found[1].words


def test_a_full_disk_is_a_fault(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA_DIR = tmp_path
    assert marks(doctor.disk()) == "✓"
    monkeypatch.setattr(readiness, "LEAST_FREE", shutil.disk_usage(tmp_path).total * 10)
    assert marks(doctor.disk()) == "✗"


def test_a_pending_migration_is_a_fault(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert marks(doctor.schema()) == "✓"
    monkeypatch.setattr(readiness, "known_migrations", lambda: {("actions", "0999_later")})
    [line] = doctor.schema()
    assert (line.mark, "actions.0999_later" in line.words) == ("✗", True)


def test_what_a_power_cut_would_lose_is_a_fault(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The throw-away PostgreSQL of the tests is such a one."""
    if connection.vendor == "sqlite":
        monkeypatch.setattr(doctor, "_value", {"PRAGMA journal_mode": "wal", "PRAGMA synchronous": 1,
                                               "PRAGMA foreign_keys": 1}.__getitem__)  # fmt: skip
        assert marks(doctor.durability()) == "✓✗✓"
    else:
        good = {"SHOW fsync": "on", "SHOW full_page_writes": "on", "SHOW synchronous_commit": "on"}
        monkeypatch.setattr(doctor, "_value", good.__getitem__)
        assert marks(doctor.durability()) == "✓✓✓"
        monkeypatch.setattr(doctor, "_value", {**good, "SHOW fsync": "off"}.__getitem__)
        assert marks(doctor.durability()) == "✗✓✓"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL shows what it was told to be, see above")
def test_this_connection_is_durable(db: None) -> None:
    assert marks(doctor.durability()) == "✓✓✓"


def test_a_row_whose_parent_is_gone_and_a_damaged_file_are_faults(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert marks(doctor.integrity()) == "✓✓"
    sqlite = {
        "PRAGMA foreign_key_check": [("outbox_message", 7, "people_user", 0)],
        "PRAGMA quick_check": [("broken page",)],
    }
    monkeypatch.setattr(doctor, "_rows", lambda question: sqlite.get(question, [("some_index",)]))
    assert marks(doctor.integrity()) == "✗✗"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL lets nobody switch its foreign keys off")
def test_a_lost_parent_is_found_by_name(transactional_db: None) -> None:
    with connection.constraint_checks_disabled():
        row = post("1")
        Message.objects.filter(pk=row.pk).update(person_id=999_999)
        lost = list(doctor.integrity())[1]
        assert f"outbox_message row {row.pk} (no people_user)" in lost.words
        Message.objects.all().delete()


def test_a_silent_process_and_an_unreachable_redis_are_faults(db: None, settings: Any) -> None:
    settings.REDIS_URL = ""
    assert marks(doctor.processes()) == "✗✗"
    for part in readiness.PARTS:
        services.note(part)
    assert marks(doctor.processes()) == "✓✓"
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert marks(doctor.processes()) == "✓✓✗"
    clock.move(timedelta(minutes=6))
    assert marks(doctor.processes()) == "✗✗✗"


def test_mails_that_wait_and_mails_that_were_lost_are_listed(db: None) -> None:
    assert marks(doctor.mails()) == "✓✓"
    post("1")
    clock.move(timedelta(minutes=6))
    assert marks(doctor.mails()) == "✗✓"
    lost = post("2")
    Message.objects.filter(pk=lost.pk).update(state="failed", error="550 no such user")
    [_, line] = doctor.mails()
    assert line.mark == "!"
    assert f"failed  welcome  {lost.address}  550 no such user" in line.words


def test_nobody_who_administers_is_told(db: None) -> None:
    assert marks(doctor.people()) == "!✓"
    make_user("Ines", is_admin=True)
    assert marks(doctor.people()) == "✓✓"
