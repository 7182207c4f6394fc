"""Talking to the mail server: one message at a time, saying when its bytes are about to leave and what its answer means."""

import smtplib
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any, cast

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address


class Unreachable(Exception):
    """The server does not talk to us now, whatever the message; nothing of it was sent."""


class Refused(Exception):
    """The server talks, but does not take this message: never (`is_final`) or not now."""

    def __init__(self, reason: str, is_final: bool) -> None:
        super().__init__(reason)
        self.is_final = is_final


class Unanswered(Exception):
    """The message left, and no answer came: it may have arrived."""


class TwoStepBackend(EmailBackend):
    """Django's SMTP backend with its settings, for a message whose sender must know how far it came."""

    def hand_over(self, email: EmailMultiAlternatives, address: str, before_data: Callable[[], None]) -> None:
        """Send to one address. Calls before_data once the server has taken the address, before any byte of the message.

        Raises Unreachable, Refused or Unanswered; what before_data raises passes through.
        """
        try:
            server = self._greeted()
            try:
                message: Any = email.message()
                raw = message.as_bytes(linesep="\r\n")
                self._address(server, email, address)
            except (OSError, smtplib.SMTPServerDisconnected) as error:
                raise Unreachable(_lost(error)) from None
            before_data()
            try:
                code, words = server.data(raw)
            except smtplib.SMTPDataError as error:
                code, words = error.smtp_code, _bytes(error.smtp_error)
            except (OSError, smtplib.SMTPException) as error:
                raise Unanswered(
                    f"The connection was lost after the message had left ({type(error).__name__})."
                ) from None
            judge(code, words, is_final=code >= 500)
        finally:
            self.close()

    def _greeted(self) -> smtplib.SMTP:
        # A refused sign-in (535) or a missing TLS is trouble of the set-up: no message is to blame for it.
        try:
            self.open()
            server: Any = self.connection
            server.ehlo_or_helo_if_needed()
        except smtplib.SMTPResponseException as error:
            raise Unreachable(f"The mail server does not let us in ({error.smtp_code}).") from None
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(_lost(error)) from None
        return cast(smtplib.SMTP, server)

    def _address(self, server: smtplib.SMTP, email: EmailMultiAlternatives, address: str) -> None:
        sender = parseaddr(sanitize_address(email.from_email, "utf-8"))[1]
        # A refused sender is a wrong setting, so it is tried again and can still go out once that is mended.
        judge(*server.mail(sender), is_final=False)
        code, words = server.rcpt(sanitize_address(address, "utf-8"))
        judge(code, words, is_final=code >= 500)


def judge(code: int, words: bytes, *, is_final: bool) -> None:
    """Raise what an answer means: 2xx nothing, 421 that the server goes away, all else a refusal."""
    if 200 <= code < 300:
        return
    if code == 421:
        raise Unreachable("The mail server is closing its doors (421).")
    raise Refused(f"The mail server refused it ({code} {words.decode('utf-8', 'replace')[:120]}).", is_final=is_final)


def _bytes(words: bytes | str) -> bytes:
    return words.encode() if isinstance(words, str) else words


def _lost(error: Exception) -> str:
    return f"The mail server cannot be reached ({type(error).__name__})."
