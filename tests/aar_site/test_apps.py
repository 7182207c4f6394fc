"""How a process of the site ends."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

ENDS = """
import atexit, threading, django
django.setup()
from django.db import connection
connection.ensure_connection()
print(sum("pool" in thread.name for thread in threading.enumerate()))
atexit._run_exitfuncs()
print(sum("pool" in thread.name for thread in threading.enumerate()))
"""


def test_the_threads_of_the_connections_are_gone_before_python_ends(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connections that wait in a pool")
    ended = subprocess.run(
        [sys.executable, "-c", ENDS],
        cwd=settings.BASE_DIR, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    before, after = ended.stdout.split()
    assert (int(before) > 0, after) == (True, "0")
