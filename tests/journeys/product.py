"""The whole product as its users have it: `manage.py serve` in a process of its own, a real mail server, real Chromium."""

import email
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from aiosmtpd.controller import Controller

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MailServer:
    """A real SMTP server on loopback that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self.controller.start()
        self.url = f"smtp://127.0.0.1:{self.controller.port}"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(email.message_from_bytes(envelope.content))
        return "250 OK"

    def wait_for(self, address: str, words: str, seconds: float = 30) -> str:
        """The text of the first mail to this address that holds these words in its subject or body."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for mail in list(self.mails):
                text = text_of(mail)
                if mail["To"] == address and words.lower() in f"{mail['Subject']}\n{text}".lower():
                    return text
            time.sleep(0.1)
        seen = [(m["To"], m["Subject"]) for m in self.mails]
        raise AssertionError(f"no mail to {address} with {words!r} within {seconds} s; there are {seen}")


def text_of(mail: Message) -> str:
    """The plain text with its lines joined, because a mail breaks them where it likes."""
    parts = [p for p in mail.walk() if p.get_content_type() == "text/plain"]
    return " ".join(" ".join(p.get_payload(decode=True).decode() for p in parts).split())  # type: ignore[union-attr]


class Product:
    """One installation: its data folder, its database, its address; started, stopped and started again later."""

    def __init__(self, folder: Path, mail: MailServer) -> None:
        self.folder, self.mail = folder, mail
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None
        self.database = own_database(folder)

    @property
    def environment(self) -> dict[str, str]:
        """What its commands run with."""
        own = {"HINDCAST_DATA": str(self.folder), "EMAIL_URL": self.mail.url, "BASE_URL": self.address}
        return {**os.environ, **self.database, **own}

    def start(self, shift_s: float = 0) -> str:
        """Serve with the clock moved by so many seconds; returns what it printed until it answered."""
        environment = {**self.environment, "HINDCAST_CLOCK_SHIFT": str(shift_s), "PYTHONUNBUFFERED": "1"}
        self.log = (self.folder.parent / f"serve-{time.monotonic_ns()}.log").open("w+")
        command = [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=self.log, stderr=self.log, text=True)
        until = time.monotonic() + 120
        while time.monotonic() < until and self.process.poll() is None:
            said = Path(self.log.name).read_text()
            if "is running on" in said and said.endswith("\n"):
                return said
            time.sleep(0.1)
        raise AssertionError(f"the product did not start:\n{Path(self.log.name).read_text()}")

    def stop(self) -> int:
        """TERM, as an operator stops it; the exit code."""
        if self.process is None or self.process.poll() is not None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        self.log.close()
        return code

    def first_start_path(self, said: str) -> str:
        found = re.search(r"http://\S+\?code=\S+", said)
        assert found, said
        parts = urlsplit(found[0])
        return f"{parts.path}?{parts.query}"


def own_database(folder: Path) -> dict[str, str]:
    """On PostgreSQL a database of its own beside the one given; on SQLite the file in the data folder."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        return {"DATABASE_URL": ""}
    name = f"journey_{time.monotonic_ns()}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return {"DATABASE_URL": given.rpartition("/")[0] + f"/{name}"}


@contextmanager
def product(folder: Path) -> Iterator[Product]:
    """A fresh installation with its mail server; both are gone afterwards."""
    mail = MailServer()
    data = folder / "data"
    data.mkdir()
    one = Product(data, mail)
    try:
        yield one
    finally:
        one.stop()
        mail.controller.stop()
