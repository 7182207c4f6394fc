"""Settings by environment: each nonsense is refused in one line that names the variable and the remedy."""

import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from aar_site import env

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "BASE_URL", "DATABASE_PASSWORD", "REDIS_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


def test_a_secret_may_stand_in_a_file_and_its_newline_does_not_count(monkeypatch, tmp_path):
    path = tmp_path / "word"
    path.write_text("harbour\n")
    monkeypatch.setenv("WORD_FILE", str(path))
    assert env.text("WORD") == "harbour"
    path.unlink()
    with pytest.raises(ImproperlyConfigured, match=r"WORD_FILE points to .*word, which cannot be read: No such file"):
        env.text("WORD")


@pytest.mark.parametrize(
    ("read", "value", "says"),
    [
        (lambda: env.flag("X"), "perhaps", "X is 'perhaps'. Set it to yes or no."),
        (lambda: env.whole("X", 1, 0, 5), "6", "X is '6'. Set it to a whole number from 0 to 5."),
        (lambda: env.whole("X", 1, 0, 5), "-1", "X is '-1'. Set it to a whole number from 0 to 5."),
        (lambda: env.whole("X", 1, 0, 5), "two", "X is 'two'. Set it to a whole number from 0 to 5."),
        (lambda: env.choice("X", "A", ("A", "B")), "c", "X is 'C'. Set it to one of A, B."),
        (lambda: env.web_address("X", ""), "reviews.example.org", "X is 'reviews.example.org'. Set it to an address"),
        (lambda: env.web_address("X", ""), "https://a.example/path", "such as https://reviews.example.org."),
        (lambda: env.web_address("X", ""), "https://a.example:port", "such as https://reviews.example.org."),
        (lambda: env.web_address("X", ""), "https://me:pw@a.example", "such as https://reviews.example.org."),
        (lambda: env.web_address("X", ""), "ftp://a.example", "such as https://reviews.example.org."),
        (lambda: env.database("X", ""), "mysql://a/b", "X is not an address of SQLite or PostgreSQL."),
        (lambda: env.database("X", ""), "nonsense", "Set it to postgres://hindcast@db.example.org:5432/hindcast"),
        (lambda: env.database("X", ""), "postgres://db", "X is not an address of SQLite or PostgreSQL."),
        (lambda: env.database("X", ""), "postgres://db:port/x", "X is not an address of SQLite or PostgreSQL."),
        (lambda: env.database("X", ""), "sqlite://", "X is not an address of SQLite or PostgreSQL."),
        (lambda: env.redis("X"), "localhost:6379", "Set it to redis://redis.example.org:6379/0."),
        (lambda: env.redis("X"), "http://redis", "X is no address of a Redis server."),
        (lambda: env.mail("X"), "mail.example.org", "Set it to smtp+tls://user:password@mail.example.org:587."),
        (lambda: env.mail("X"), "smtp://", "X is not the address of a mail server."),
        (lambda: env.mail("X"), "smtp://mail.example.org:mail", "X is not the address of a mail server."),
    ],
)
def test_nonsense_is_refused_in_one_line_with_the_remedy(monkeypatch, read, value, says):
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured) as refused:
        read()
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_password_in_a_refused_address_is_not_repeated(monkeypatch):
    for read in (lambda: env.database("X", ""), lambda: env.redis("X"), lambda: env.mail("X")):
        monkeypatch.setenv("X", "wrong://user:hunter2@host/x")
        with pytest.raises(ImproperlyConfigured) as refused:
            read()
        assert "hunter2" not in str(refused.value)


def test_addresses_become_settings_and_passwords_may_come_apart(monkeypatch):
    monkeypatch.setenv("X", "postgres://app@db:5433/reviews?sslmode=require")
    monkeypatch.setenv("DATABASE_PASSWORD", "p@ss/word")
    found = env.database("X", "")
    assert (found["HOST"], found["PORT"], found["NAME"], found["USER"]) == ("db", 5433, "reviews", "app")
    assert (found["PASSWORD"], found["OPTIONS"]) == ("p@ss/word", {"sslmode": "require"})
    monkeypatch.setenv("X", "redis://redis:6379/0")
    monkeypatch.setenv("REDIS_PASSWORD", "p@ss/word")
    assert env.redis("X") == "redis://:p%40ss%2Fword@redis:6379/0"
    monkeypatch.setenv("X", "smtp+tls://me:pw@mail.example.org")
    found = env.mail("X")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("mail.example.org", 587, True)


def test_a_secret_is_made_once_for_this_user_alone(tmp_path):
    folder = tmp_path / "data"
    found: set[str] = set()
    threads = [threading.Thread(target=lambda: found.add(env.kept_secret("KEY", folder))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert len(found.pop()) >= 64
    assert [path.name for path in folder.iterdir()] == ["key"]
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_data_folder_that_cannot_be_made_says_what_to_set(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ImproperlyConfigured, match=r"Set HINDCAST_DATA to a folder that this user may write\."):
        env.kept_secret("KEY", tmp_path / "file" / "data")


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'LOUD'. Set it to one of DEBUG, INFO, WARNING, ERROR, CRITICAL."),
        ({"DATABASE_URL": "mysql://a/b"}, "DATABASE_URL is not an address of SQLite or PostgreSQL."),
    ],
)
def test_the_command_line_says_it_in_one_line_without_a_traceback(tmp_path, variables, says):
    surroundings = {**os.environ, "HINDCAST_DATA": str(tmp_path), **variables}
    command = [sys.executable, "manage.py", "check"]
    ended = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith(says)
    assert ended.stderr.count("\n") == 1


def test_the_manual_names_every_setting_and_no_other():
    code = "".join((ROOT / "aar_site" / name).read_text(encoding="utf-8") for name in ("settings.py", "env.py"))
    read = set(re.findall(r"""(?:env\.\w+|\btext)\(\s*["']([A-Z_]+)["']""", code))
    manual = (ROOT / "docs" / "manual" / "running.md").read_text(encoding="utf-8")
    rows = "".join(line.split("|")[1] for line in manual.splitlines() if line.startswith("| `"))
    told = set(re.findall(r"`([A-Z_]+)`", rows)) | {"HINDCAST_DATA"}
    assert told == read
