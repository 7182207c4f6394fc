"""Sending what waits: the two-step claim.

A message is `claimed` for a while, talked to the mail server up to the recipient, turned `sending`, and only then are its
bytes handed over; answered, it is `sent`. A worker that dies while `claimed` has sent nothing: the claim runs out and another
worker takes it. One that dies while `sending` may or may not have sent: the message becomes `uncertain` and is not sent
again, unless its kind may repeat (a sign-in code, an invitation), which then goes out under the same Message-ID.
"""

import logging
import smtplib
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address
from django.db import transaction
from django.db.models import F, Q

from aar_site import clock
from aar_site.outbox import mail
from aar_site.outbox.models import Message

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 12
BATCH = 50
State = Message.State


class Refused(Exception):
    """The mail server will not take this message, now or ever (`is_final`)."""

    def __init__(self, reason: str, is_final: bool) -> None:
        super().__init__(reason)
        self.is_final = is_final


def sweep() -> int:
    """Send everything that is due; returns how many messages were sent. Safe to run in several workers at once."""
    release_leftovers()
    sent = 0
    for _ in range(BATCH):
        message = claim()
        if message is None:
            break
        sent += deliver(message)
    return sent


def release_leftovers() -> None:
    """Put back what a dead worker held: claimed ones wait again, sending ones are uncertain or repeat."""
    now = clock.now()
    dead = Message.objects.filter(claimed_until__lt=now)
    dead.filter(state=State.CLAIMED).update(state=State.WAITING, claimed_until=None)
    dead.filter(state=State.SENDING, may_repeat=True).update(state=State.WAITING, claimed_until=None)
    dead.filter(state=State.SENDING).update(state=State.UNCERTAIN, claimed_until=None)


def claim() -> Message | None:
    """Take the most urgent message that is due, for two minutes; None when nothing is."""
    now = clock.now()
    due = Message.objects.filter(state=State.WAITING, next_attempt_at__lte=now).order_by("-is_urgent", "next_attempt_at", "pk")
    for pk in due.values_list("pk", flat=True)[:20]:
        # The condition on the state makes the claim exclusive on both databases, without holding a lock while talking.
        taken = Message.objects.filter(pk=pk, state=State.WAITING).update(
            state=State.CLAIMED, claimed_until=now + LEASE, attempts=F("attempts") + 1
        )
        if taken:
            return Message.objects.select_related("person").get(pk=pk)
    return None


def deliver(message: Message) -> bool:
    """Send one claimed message. True when it was sent; otherwise it waits, failed or was dropped, with its reason."""
    if message.person is not None and not message.person.is_active:
        finish(message, State.DROPPED, error="This person cannot sign in any more.")
        return False
    try:
        send(message)
    except Refused as refusal:
        retry(message, str(refusal), is_final=refusal.is_final)
        return False
    finish(message, State.SENT)
    return True


def send(message: Message) -> None:
    """Hand the message to the configured mail backend; turns it `sending` at the last moment before its bytes leave."""
    email = compose(message)
    connection = get_connection(fail_silently=False)
    try:
        if isinstance(connection, EmailBackend):
            send_by_smtp(message, email, connection)
        else:
            start_sending(message)
            connection.send_messages([email])
    except Refused:
        raise
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise Refused(f"The mail server refused the address ({code}).", is_final=code >= 500) from None
    except smtplib.SMTPResponseException as error:
        raise Refused(f"The mail server answered {error.smtp_code}.", is_final=error.smtp_code >= 550) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Refused(f"The mail server cannot be reached ({type(error).__name__}).", is_final=False) from None


def send_by_smtp(message: Message, email: EmailMultiAlternatives, connection: EmailBackend) -> None:
    """MAIL and RCPT while still `claimed`; DATA once `sending`."""
    connection.open()
    server: smtplib.SMTP = connection.connection
    try:
        encoding = email.encoding or "utf-8"
        raw = email.message().as_bytes(linesep="\r\n")
        server.ehlo_or_helo_if_needed()
        code, words = server.mail(sanitize_address(email.from_email, encoding).rpartition("<")[2].rstrip(">"))
        if code != 250:
            raise smtplib.SMTPResponseException(code, words)
        code, words = server.rcpt(message.address)
        if code not in {250, 251}:
            raise smtplib.SMTPRecipientsRefused({message.address: (code, words)})
        start_sending(message)
        code, words = server.data(raw)
        if code != 250:
            raise smtplib.SMTPResponseException(code, words)
    finally:
        connection.close()


def compose(message: Message) -> EmailMultiAlternatives:
    body = mail.unseal(message.sealed_body)
    email = EmailMultiAlternatives(
        subject=message.subject,
        body=body["text"],
        to=[message.address],
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
    )
    if body.get("html"):
        email.attach_alternative(body["html"], "text/html")
    return email


def start_sending(message: Message) -> None:
    changed = Message.objects.filter(pk=message.pk, state=State.CLAIMED).update(
        state=State.SENDING, claimed_until=clock.now() + LEASE
    )
    if not changed:
        raise Refused("Another worker took this message over.", is_final=False)


def retry(message: Message, reason: str, *, is_final: bool) -> None:
    """Wait longer each time (15 s, 30 s … at most 15 minutes); after twelve tries or a final no it has failed."""
    log.warning("mail %s not sent: %s", message.kind, reason)
    if is_final or message.attempts >= MOST_ATTEMPTS:
        finish(message, State.FAILED, error=reason)
        return
    pause = timedelta(seconds=min(15 * 2 ** (message.attempts - 1), 900))
    Message.objects.filter(pk=message.pk).filter(Q(state=State.CLAIMED) | Q(state=State.SENDING)).update(
        state=State.WAITING, claimed_until=None, next_attempt_at=clock.now() + pause, error=reason[:200]
    )


def finish(message: Message, state: Any, error: str = "") -> None:
    """The end of a message: its body is blanked, its row stays."""
    with transaction.atomic():
        Message.objects.filter(pk=message.pk).update(
            state=state,
            claimed_until=None,
            sealed_body=b"",
            sent_at=clock.now() if state == State.SENT else None,
            error=error[:200],
        )
