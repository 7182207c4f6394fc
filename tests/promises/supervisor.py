"""The web of the product over the test's database: one process as `manage.py serve` starts it, or two as docker-compose.yml does.

What dies is started again within half a second, for as long as it is wanted. Signals go to processes by their id.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from django.conf import settings
from django.db import connection
from django.urls import reverse

from aar_site.management.commands.serve import commands
from aar_site.processes import die_with

DIRECT = build_opener(ProxyHandler({}))
LONGEST_START = 60.0  # seconds; the machine may be busy with other tests


def here(**more: str) -> dict[str, str]:
    """The environment of a process over the database of this test."""
    given = connection.settings_dict
    address = f"sqlite:///{given['NAME']}"
    if connection.vendor == "postgresql":
        address = f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    return {**os.environ, "DATABASE_URL": address, "HINDCAST_DATA": str(settings.DATA_DIR), **more}


class Web:
    """The web process(es) under one address. `kill`, `term`, `pause` reach all of them; `starts` counts the starts."""

    def __init__(self, port: int, static: Path, *, processes: int = 1, app: str = "", **env: str) -> None:
        self.port, self.processes, self.starts = port, processes, 0
        self.address, self.app = f"http://127.0.0.1:{port}", app
        self.env = here(BASE_URL=self.address, STATIC_ROOT=str(static), **env)
        self.log = static.parent / f"web-{port}.log"
        self.is_wanted = True
        self.is_over = threading.Event()
        started = threading.Event()
        self.keeper = threading.Thread(target=self._keep, args=(started,), name="supervisor", daemon=True)
        self.keeper.start()
        started.wait()

    def _start(self) -> None:
        command = commands("127.0.0.1", self.port)["web"]
        if self.app:
            command = [self.app if word.endswith(":application") else word for word in command]
        if self.processes > 1:
            command = [*command, "--workers", str(self.processes)]
        self.starts += 1
        with self.log.open("ab") as log:
            bound: Any = partial(die_with, os.getpid())
            self.process = subprocess.Popen(
                command,
                env=self.env,
                start_new_session=True,
                preexec_fn=bound,  # noqa: PLW1509 - before exec it only makes one system call
                stdout=log,
                stderr=log,
            )

    def _keep(self, started: threading.Event) -> None:
        """Every start is this thread's, because a process dies with the thread that started it."""
        self._start()
        started.set()
        while not self.is_over.wait(0.1):
            if self.process.poll() is not None and self.is_wanted:
                self._start()

    def signal(self, number: int) -> None:
        """To every process of the web at once."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    def kill(self) -> None:
        """All of them at one moment; returns when they are dead."""
        dying = self.process
        self.signal(signal.SIGKILL)
        dying.wait()

    def term(self) -> int:
        """Ask it to end, as a deploy does, and wait; returns its exit code. It is not started again."""
        self.is_wanted = False
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def ready(self) -> float:
        """Wait until it answers (a page that reads the database); returns the seconds that it took."""
        began = time.monotonic()
        while time.monotonic() - began < LONGEST_START:
            try:
                DIRECT.open(self.address + reverse("account_login"), timeout=5).close()
                return time.monotonic() - began
            except OSError:
                time.sleep(0.02)
        raise AssertionError(f"the web did not answer within {LONGEST_START:.0f} s:\n{self.said()}")

    def said(self) -> str:
        """What it wrote to its log."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def close(self) -> None:
        """End it, and nothing is started again."""
        self.is_wanted = False
        self.signal(signal.SIGCONT)
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(8)
            except subprocess.TimeoutExpired:
                pass
        self.kill()
        self.is_over.set()
        self.keeper.join(5)


def collect_static(folder: Path) -> Path:
    """Style sheets and scripts as a deployment has them, for processes that run without DEBUG."""
    env = here(STATIC_ROOT=str(folder))
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], env=env, check=True)
    return folder
