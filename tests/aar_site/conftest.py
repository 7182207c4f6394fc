"""A mail server on loopback that can be slow, refuse, break off or fall silent at any step of the conversation."""

import asyncio
import email
import socket
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

HANG, BREAK_OFF = "hang", "break off"


class MailServer:
    """`answers` maps a step (EHLO, MAIL, RCPT, DATA) or a recipient to a reply, HANG or BREAK_OFF; else 250."""

    def __init__(self) -> None:
        self.port = free_port()
        self.answers: dict[str, str] = {}
        self.mails: list[EmailMessage] = []
        self.reached: list[str] = []
        self.controller: Controller | None = None
        self.open()

    def open(self) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def close(self) -> None:
        if self.controller:
            self.controller.stop()
        self.controller = None

    async def _answer(self, server: SMTP, step: str, good: str, *also: str) -> str:
        self.reached.append(step)
        reply = next((self.answers[key] for key in (step, *also) if key in self.answers), good)
        if reply == HANG:
            await asyncio.sleep(60)
        if reply == BREAK_OFF:
            server.transport.abort()
        return reply

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, name: str, responses: Any) -> list[str]:
        session.host_name = name
        return [await self._answer(server, "EHLO", "250 HELP")]

    async def handle_HELO(self, server: Any, session: Any, envelope: Any, name: str) -> str:
        return await self._answer(server, "EHLO", "250 ok")

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        return await self._answer(server, "MAIL", "250 ok")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        reply = await self._answer(server, "RCPT", "250 ok", address)
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        # A server that falls silent has the message all the same: that is the case that cannot be known from outside.
        reply = self.answers.get("DATA", "250 ok")
        if not reply[0].isdigit() or reply.startswith("250"):
            self.mails.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return await self._answer(server, "DATA", "250 ok")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """The server, set as the one that mails leave by; the sender gives up after two seconds of silence."""
    one = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", one.port, 2
    yield one
    one.close()
