"""What `prepare` refuses of a database."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection


@pytest.fixture
def ascii_database(db: None) -> Iterator[str]:
    """The address of an empty database that knows no letters beyond ASCII."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite keeps text as UTF-8 always")
    given, name = connection.settings_dict, f"ascii_{os.getpid()}"
    with connection._nodb_cursor() as maker:  # type: ignore[attr-defined]
        maker.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    yield f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{name}"
    with connection._nodb_cursor() as maker:  # type: ignore[attr-defined]
        maker.execute(f"DROP DATABASE {name}")


def test_a_database_that_does_not_hold_every_letter_is_refused(ascii_database: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", "prepare"],
        cwd=settings.BASE_DIR, env={**os.environ, "DATABASE_URL": ascii_database, "HINDCAST_DATA": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    last = ended.stderr.strip().splitlines()[-1]
    assert (ended.returncode, "SQL_ASCII" in last) == (1, True)
    assert last.endswith("createdb --encoding UTF8 --template template0 NAME")
