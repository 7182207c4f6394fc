"""Runs the whole product on one machine: web, Celery worker and beat as supervised children that never outlive it."""

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser
from typing import IO, Any
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from aar_site.people import setup

GRACE = 8.0  # seconds that a child has to finish its work after TERM
SOONEST_RESTART = 1.0  # seconds; doubles for a child that keeps dying, up to a minute


class Child:
    """One process with its command; started again when it dies."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name, self.command = name, command
        self.pause = SOONEST_RESTART
        self.start()

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(self.command, start_new_session=True, preexec_fn=die_with_parent)  # noqa: PLW1509

    def mend(self, stop: threading.Event) -> str | None:
        """Start it again if it died; returns what happened, in a line, or None."""
        code = self.process.poll()
        if code is None:
            return None
        self.pause = SOONEST_RESTART if time.monotonic() - self.started > 60 else min(self.pause * 2, 60.0)
        stop.wait(self.pause)
        if stop.is_set():
            return None
        self.start()
        return f"{self.name} ended with {code} and was started again"


def die_with_parent() -> None:
    """In the child, on Linux: the kernel ends it when the supervisor dies, also by SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Command(BaseCommand):
    help = "Serve everything from this machine: web, worker and beat, with migrations and static files done first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", metavar="HOST:PORT", help="default 127.0.0.1:8000")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = split_bind(options["bind"])
        settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = hold_data_folder()
        check_port(host, port)
        prepare()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        children = [Child(name, command) for name, command in commands(host, port).items()]
        try:
            address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
            threading.Thread(target=self.announce, args=(address, stop), daemon=True).start()
            while not stop.wait(0.5):
                for child in children:
                    if line := child.mend(stop):
                        self.stderr.write(line)
        finally:
            end(children)
            lock.close()

    def announce(self, address: str, stop: threading.Event) -> None:
        """Once the web process answers, say where; while there is no administrator, print the link of the first start."""
        while not stop.wait(0.1):
            try:
                with urlopen(f"{address}/livez", timeout=2):  # noqa: S310 - our own address
                    break
            except (URLError, OSError):
                continue
        if stop.is_set():
            return
        link = setup.first_start_link(address)
        invitation = f"\nFirst start. Open this link to become the administrator:\n\n    {link}\n" if link else ""
        self.stdout.write(f"Hindcast is running on {address}/{invitation}")
        self.stdout.flush()


def split_bind(bind: str) -> tuple[str, int]:
    """HOST:PORT, [HOST]:PORT or PORT."""
    host, _, port = bind.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CommandError(f"--bind {bind}: write HOST:PORT, for example 127.0.0.1:8000")
    return host.strip("[]") or "127.0.0.1", int(port)


def hold_data_folder() -> IO[str]:
    """An exclusive lock on the data folder until the process ends; two servers on one folder would do work twice."""
    lock = (settings.DATA_DIR / "serve.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CommandError(
            f"Another Hindcast is running on {settings.DATA_DIR}. Stop it, or set HINDCAST_DATA to another folder."
        ) from None
    return lock


def check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"{host}:{port} cannot be used: {error.strerror}. Choose another with --bind.") from None


def prepare() -> None:
    """Bring database, static files and folders to where this version needs them; quick when they are there already."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    for name in ("messages", "done", "control"):
        (settings.QUEUE_DIR / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.MAIL_DIR.mkdir(mode=0o700, exist_ok=True)


def commands(host: str, port: int) -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--quiet", "-A", "aar_site"]
    web = [*python, "uvicorn", "aar_site.asgi:application", "--host", host, "--port", str(port), "--lifespan", "off"]
    web += ["--log-level", "warning", "--timeout-graceful-shutdown", "5", "--no-server-header"]
    worker = [*celery, "worker", "-P", "threads", "-c", "4", "--without-gossip", "--without-mingle", "-l", "WARNING"]
    return {
        "web": web,
        "worker": [*worker, "-n", f"hindcast-{os.getpid()}@localhost"],
        "beat": [*celery, "beat", "-l", "WARNING", "--pidfile=", "-s", str(settings.DATA_DIR / "beat-schedule")],
    }


def end(children: list[Child]) -> None:
    """TERM to all, then KILL to what is left after the grace."""
    for child in children:
        child.process.terminate()
    until = time.monotonic() + GRACE
    for child in children:
        try:
            child.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
