"""Runs the whole product on one machine: web, Celery worker and beat as supervised children that never outlive it."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser
from functools import partial
from typing import IO, Any
from urllib.request import ProxyHandler, build_opener

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from aar_site import env
from aar_site.management.commands.prepare import bring_up_to_date
from aar_site.people import setup
from aar_site.processes import die_with

GRACE = 8.0  # seconds that a child has to finish its work after TERM
SOONEST_RESTART, LATEST_RESTART = 1.0, 60.0  # seconds
DIRECT = build_opener(ProxyHandler({}))  # a proxy of the environment does not lead to this machine
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
STEADY = 60.0  # seconds; a child that ran so long begins with the shortest pause again


class Child:
    """One process with its command; started again when it dies, after a pause that doubles while it keeps dying."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name, self.command = name, command
        self.pause = SOONEST_RESTART
        self.due: float | None = None  # when it starts again, while it is dead
        self.start()

    def start(self) -> None:
        self.started, self.due = time.monotonic(), None
        bound = partial(die_with, os.getpid())
        self.process = subprocess.Popen(
            self.command,
            cwd=settings.BASE_DIR,
            start_new_session=True,
            preexec_fn=bound,  # noqa: PLW1509 - before exec it only makes one system call
        )

    def mend(self) -> str | None:
        """Start it again when it is time; never waits. Returns what happened, in a line, or None."""
        code = self.process.poll()
        if code is None:
            return None
        now = time.monotonic()
        if self.due is None:
            self.pause = SOONEST_RESTART if now - self.started > STEADY else min(self.pause * 2, LATEST_RESTART)
            self.due = now + self.pause
            return f"{self.name} ended with {code}; it starts again in {self.pause:.0f} s"
        if now >= self.due:
            self.start()
        return None


class Command(BaseCommand):
    help = "Serve everything from this machine: web, worker and beat, with migrations and static files done first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", metavar="HOST:PORT", help="default 127.0.0.1:8000")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = split_bind(options["bind"])
        address = f"http://{reachable(host)}:{port}"
        place = settings.BASE_URL if env.text("BASE_URL") else address
        if place == address and host not in LOOPBACK:
            self.stdout.write(f"Reachable by other machines. Those who type a name other than {address} are refused:")
            self.stdout.write("set BASE_URL to the address that people type.")
        os.environ["BASE_URL"] = place  # for the children: links in mails lead to where they are served
        os.environ["HINDCAST_DATA"] = str(settings.DATA_DIR)  # also where it was given as seen from another folder
        lock = hold_data_folder()
        check_port(host, port)
        prepare()
        stop = told_to_stop()
        children = [Child(name, command) for name, command in commands(host, port).items()]
        try:
            threading.Thread(target=self.announce, args=(address, place, stop), daemon=True).start()
            while not waited(0.5, stop):
                for child in children:
                    if line := child.mend():
                        self.stderr.write(line)
        finally:
            end(children)
            lock.close()

    def announce(self, address: str, place: str, stop: list[int]) -> None:
        """Once the web process answers, say where; while there is no administrator, print the link of the first start."""
        while not answers(f"{address}/livez"):
            if waited(0.1, stop):
                return
        link = setup.first_start_link(place)
        invitation = f"\nFirst start. Open this link to become the administrator:\n\n    {link}\n" if link else ""
        self.stdout.write(f"Hindcast is running on {address}/{invitation}")
        self.stdout.flush()


def told_to_stop() -> list[int]:
    """Holds the signals to stop as they come. No Event: its lock may be held by the very thread in which the handler runs."""
    heard: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _: heard.append(number))
    return heard


def waited(seconds: float, stop: list[int]) -> bool:
    """Whether it is time to stop, after so long."""
    time.sleep(0 if stop else seconds)
    return bool(stop)


def answers(url: str) -> bool:
    try:
        with DIRECT.open(url, timeout=2):
            return True
    except OSError:  # also URLError, and an answer that is an error
        return False


def reachable(host: str) -> str:
    """The host as it stands in an address of this machine: every-address becomes loopback, IPv6 gets its brackets."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"[{host}]" if ":" in host else host


def split_bind(bind: str) -> tuple[str, int]:
    """HOST:PORT, [HOST]:PORT or PORT."""
    host, _, port = bind.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CommandError(f"--bind {bind}: write HOST:PORT, for example 127.0.0.1:8000.")
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
    bring_up_to_date()
    try:
        call_command("collectstatic", interactive=False, verbosity=0)
    except OSError as error:
        why = f"STATIC_ROOT is {settings.STATIC_ROOT}, which cannot be written: {error.strerror}."
        raise CommandError(f"{why} Set it to a folder of your own, or unset it.") from None
    except ValueError as error:  # a style sheet names a file that is not there
        missing = str(error).partition(" with <")[0]
        raise CommandError(f"{missing}. Start with sh script/start, which makes what is missing.") from None
    for name in ("messages", "done", "control"):
        (settings.QUEUE_DIR / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.MAIL_DIR.mkdir(mode=0o700, exist_ok=True)


def commands(host: str, port: int) -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--quiet", "-A", "aar_site"]
    web = [*python, "uvicorn", "aar_site.asgi:application", "--host", host, "--port", str(port), "--lifespan", "off"]
    web += ["--log-level", "warning", "--timeout-graceful-shutdown", "5", "--no-server-header", "--no-proxy-headers"]
    web += ["--limit-concurrency", "2000", "--http", "h11", "--h11-max-incomplete-event-size", "32768"]
    worker = [*celery, "worker", "-P", "threads", "-c", "4", "--without-gossip", "--without-mingle", "-l", "WARNING"]
    return {
        "web": web,
        "worker": [*worker, "-n", f"hindcast-{os.getpid()}@localhost"],
        "beat": [*celery, "beat", "-l", "WARNING", "--pidfile="],
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
