"""Deployments that would hurt are refused, each with its remedy; honest ones pass."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aar_site import checks

ROOT = Path(__file__).parents[2]
FOREIGN = {"DATABASE_URL", "REDIS_URL", "DEBUG", "DJANGO_ALLOW_ASYNC_UNSAFE"}  # of the test run


def ids(check):
    return [found.id for found in check()]


def test_debug_and_https_do_not_go_together(settings):
    settings.DEBUG, settings.IS_HTTPS = True, True
    assert ids(checks.check_debug) == ["hindcast.E001"]
    settings.IS_HTTPS = False
    assert ids(checks.check_debug) == []


def test_a_short_key_is_refused_also_as_a_fallback(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "x" * 49, []
    assert ids(checks.check_secret_key) == ["hindcast.E002"]
    settings.SECRET_KEY = "x" * 50
    assert ids(checks.check_secret_key) == []
    settings.SECRET_KEY_FALLBACKS = ["changeme"]
    assert ids(checks.check_secret_key) == ["hindcast.E002"]


def test_a_key_that_encrypts_nothing_is_refused(settings):
    assert ids(checks.check_outbox_key) == []
    settings.OUTBOX_KEY = "short"
    assert ids(checks.check_outbox_key) == ["hindcast.E007"]


@pytest.mark.parametrize(
    ("sender", "found"),
    [
        ("Hindcast <hindcast@localhost>", []),
        ("reviews@example.org", []),
        ("Hindcast", ["hindcast.E008"]),
        ("Hindcast <reviews@>", ["hindcast.E008"]),
    ],
)
def test_a_sender_without_an_address_is_refused(settings, sender, found):
    settings.DEFAULT_FROM_EMAIL = sender
    assert ids(checks.check_sender) == found


def test_any_host_is_no_host(settings):
    settings.ALLOWED_HOSTS = ["reviews.example.org"]
    assert ids(checks.check_allowed_hosts) == []
    settings.ALLOWED_HOSTS = ["reviews.example.org", "*"]
    assert ids(checks.check_allowed_hosts) == ["hindcast.E003"]


@pytest.mark.parametrize(
    ("address", "is_refused"),
    [
        ("http://reviews.example.org", True),
        ("http://203.0.114.7:8000", True),
        ("http://[2606:4700::1111]", True),
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
        ("http://localhost:8000", False),
        ("http://10.1.2.3", False),
        ("http://reviews:8000", False),
        ("http://reviews.internal", False),
    ],
)
def test_http_is_for_the_own_house_unless_somebody_says_so(settings, address, is_refused):
    settings.BASE_URL, settings.IS_HTTPS, settings.ALLOW_HTTP = address, False, False
    assert ids(checks.check_https) == (["hindcast.E004"] if is_refused else [])
    settings.ALLOW_HTTP = True
    assert ids(checks.check_https) == []


def test_secrets_that_others_can_read_are_refused(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    tmp_path.chmod(0o755)
    secret = tmp_path / "secret_key"
    secret.write_text("x")
    secret.chmod(0o644)
    [found] = checks.check_private_files()
    assert found.id == "hindcast.E005"
    assert found.msg.endswith(f"Run:  chmod 600 {secret}")
    secret.chmod(0o600)
    assert checks.check_private_files() == []
    secret.chmod(0o644)
    tmp_path.chmod(0o700)  # nobody else gets in, so the file's own mode does no harm
    assert checks.check_private_files() == []


def test_sqlite_on_a_disk_of_the_network_is_refused(settings, tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nhouse:/share {tmp_path}/my\\040share nfs4 rw 0 0\n")
    assert checks.disk_of(tmp_path / "my share" / "data", mounts) == "nfs4"
    assert checks.disk_of(tmp_path, mounts) == "ext4"
    assert checks.disk_of(tmp_path, tmp_path / "none") == ""
    monkeypatch.setattr(checks, "disk_of", lambda folder: "nfs4")
    settings.IS_SQLITE = True
    assert ids(checks.check_disk) == ["hindcast.E006"]
    settings.IS_SQLITE = False
    assert ids(checks.check_disk) == []


def test_a_deployment_is_told_what_is_still_missing(settings):
    settings.IS_HTTPS, settings.PROXY_COUNT = True, 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert ids(checks.check_proxy) + ids(checks.check_mail) == ["hindcast.W001", "hindcast.W002"]
    settings.PROXY_COUNT, settings.EMAIL_BACKEND = 1, "django.core.mail.backends.smtp.EmailBackend"
    assert ids(checks.check_proxy) + ids(checks.check_mail) == []


def run(tmp_path, *command, **variables):
    bare = {k: v for k, v in os.environ.items() if k not in FOREIGN}
    environment = {**bare, "HINDCAST_DATA": str(tmp_path), **variables}
    return subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_a_good_deployment_passes_django_s_own_list_without_a_word(tmp_path):
    good = {"BASE_URL": "https://reviews.example.org", "PROXY_COUNT": "1", "EMAIL_URL": "smtp://mail.example.org"}
    ended = run(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **good)
    assert ended.returncode == 0, ended.stderr


def test_a_database_that_is_away_is_said_in_one_line(tmp_path):
    ended = run(tmp_path, "prepare", DATABASE_URL="postgres://hindcast@127.0.0.1:1/hindcast?connect_timeout=1")
    assert ended.returncode == 1
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("CommandError: The database does not answer (")
    assert last.endswith("See that it runs, and that DATABASE_URL and DATABASE_PASSWORD are right.")
    assert "Traceback" not in ended.stderr


def test_a_place_for_static_files_that_cannot_be_written_is_named(tmp_path):
    ended = run(tmp_path, "serve", "--bind", "127.0.0.1:8127", STATIC_ROOT="/proc/static")
    assert ended.returncode == 1
    assert "STATIC_ROOT is /proc/static, which cannot be written: No such file or directory." in ended.stderr
    assert "Traceback" not in ended.stderr


def test_serving_stops_before_it_starts_where_the_address_is_public_and_in_the_open(tmp_path):
    ended = run(tmp_path, "serve", "--bind", "127.0.0.1:9", BASE_URL="http://reviews.example.org")
    assert ended.returncode != 0
    assert "hindcast.E004" in ended.stderr
    assert "set ALLOW_HTTP=yes" in ended.stderr
    assert not list(tmp_path.glob("serve.lock"))
