"""Sending what waits: the two-step claim.

A message is `claimed` for a while, talked to the mail server up to the recipient, turned `sending`, and only then are its
bytes handed over; answered, it is `sent`. A worker that dies while `claimed` has sent nothing: the claim runs out and another
worker takes it. One that dies while `sending` may or may not have sent: the message becomes `uncertain` and is not sent
again, unless its kind may repeat (a sign-in code, an invitation), which then goes out under the same Message-ID.

The end of the claim (`claimed_until`) is also its name: a worker whose claim ran out finds another value there, and lets go.
While the server cannot be reached, no message loses a try: all that are due wait together, so that one connection is tried
at a time, and one bad address delays nobody.
"""

import base64
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from email.header import Header
from email.utils import format_datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.db.models import F, QuerySet

from aar_site import clock
from aar_site.outbox import mail
from aar_site.outbox.inline import inlined
from aar_site.outbox.models import Message
from aar_site.outbox.smtp import Refused, TwoStepBackend, Unanswered, Unreachable

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=4)  # longer than the slowest conversation with a server that still answers
MOST_ATTEMPTS = 12
BATCH = 100
LONGEST_SWEEP = 45.0  # seconds
GIVE_UP_AFTER = timedelta(days=3)
USELESS_AFTER = {"login_code": timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)}
# By kind, what a wing is asked before such a message leaves: why it is not wanted any more, "" while it is.
OUTDATED: dict[str, Callable[[Message], str]] = {}
# By kind, who knows what a mail says that was queued without words (`mail.post_later`): its context, or None for no mail.
WRITERS: dict[str, Callable[[Message], dict[str, Any] | None]] = {}
State = Message.State


class TakenOver(Exception):
    """The claim ran out while we talked, and another worker has the message."""


def sweep() -> int:
    """Send what is due, urgent ones first; returns how many were sent. Safe to run in several workers at once."""
    release_leftovers()
    started, sent = time.monotonic(), 0
    for _ in range(BATCH):
        message = claim()
        if message is None:
            break
        sent += deliver(message)
        if time.monotonic() - started > LONGEST_SWEEP:
            break
    return sent


def release_leftovers() -> None:
    """Put back what a dead worker held: claimed ones wait again, sending ones are uncertain or repeat."""
    dead = Message.objects.filter(state__in=[State.CLAIMED, State.SENDING], claimed_until__lt=clock.now())
    if not dead.exists():  # reading first: a sweep that finds nothing takes no write lock
        return
    failed = dead.filter(attempts__gte=MOST_ATTEMPTS).exclude(state=State.SENDING, may_repeat=False)
    failed.update(state=State.FAILED, claimed_until=None, error="Each try ended with its worker.")
    dead.filter(state=State.CLAIMED).update(state=State.WAITING, claimed_until=None)
    dead.filter(state=State.SENDING, may_repeat=True).update(state=State.WAITING, claimed_until=None)
    dead.update(
        state=State.UNCERTAIN, claimed_until=None, sealed_body=b"", error="The worker ended before the server answered."
    )


def claim() -> Message | None:
    """Take the most urgent message that is due; None when nothing is."""
    now = clock.now()
    due = Message.objects.filter(state=State.WAITING, next_attempt_at__lte=now)
    for pk in due.order_by("-is_urgent", "next_attempt_at", "pk").values_list("pk", flat=True)[:20]:
        # The condition on the state makes the claim exclusive on both databases, without holding a lock while talking.
        taken = Message.objects.filter(pk=pk, state=State.WAITING).update(
            state=State.CLAIMED, claimed_until=now + LEASE, attempts=F("attempts") + 1
        )
        if taken:
            return Message.objects.select_related("person").get(pk=pk)
    return None


def deliver(message: Message) -> bool:
    """Send one claimed message. True when it was sent; otherwise it waits, failed or was dropped, with its reason."""
    try:
        if reason := no_longer_wanted(message):
            end(message, State.DROPPED, reason)
            return False
        if not write(message):
            held(message).delete()  # somebody typed an address that we have nothing to say to
            return False
        send(message)
    except Unreachable as trouble:
        put_off(message, str(trouble))
    except Refused as refusal:
        try_later(message, str(refusal), is_final=refusal.is_final)
    except Unanswered as silence:
        doubt(message, str(silence))
    except TakenOver:
        log.warning("mail %s: another worker has it", message.pk)
    except Exception as error:  # one message that cannot be made must not keep the others from leaving
        log.exception("mail %s (%s) cannot be made", message.pk, message.kind)
        try_later(message, f"It cannot be made ({type(error).__name__}).", is_final=False)
    else:
        end(message, State.SENT, "" if mail.leaves() else "No mail server was set: it is a file on the server.")
        return True
    return False


def no_longer_wanted(message: Message) -> str:
    """Why a message is not sent any more; empty while it is wanted."""
    if message.person is not None and not message.person.is_active:
        return "This person cannot sign in any more."
    limit = USELESS_AFTER.get(message.kind)
    if limit and clock.now() - message.created_at > limit:
        return "The code had run out before it could be sent."
    outdated = OUTDATED.get(message.kind)
    return outdated(message) if outdated else ""


def write(message: Message) -> bool:
    """Give a mail that waited without words its own, once, so that each try sends the same. False where there are none."""
    if message.sealed_body or message.kind not in WRITERS:
        return True
    found = WRITERS[message.kind](message)
    if found is None:
        return False
    message.sealed_body = mail.seal(mail.written(message.kind, found))
    if not held(message).update(sealed_body=message.sealed_body):
        raise TakenOver
    return True


def send(message: Message) -> None:
    """Hand the message to the configured mail backend; turns it `sending` at the last moment before its bytes leave."""
    email = compose(message)
    connection: Any = get_connection(fail_silently=False)
    if type(connection) is EmailBackend:
        TwoStepBackend(fail_silently=False).hand_over(email, message.address, lambda: start_sending(message))
        return
    start_sending(message)
    try:
        connection.send_messages([email])
    except Exception as error:
        raise Unanswered(f"The mail backend broke off ({type(error).__name__}).") from error


class Mail(EmailMultiAlternatives):
    """A mail whose long subject begins on the line of its name: after an empty first line some programs show a space before it."""

    def message(self, **options: Any) -> Any:
        made = super().message(**options)
        subject = str(self.subject)
        charset = "us-ascii" if subject.isascii() and "=?" not in subject else "utf-8"
        made.replace_header("Subject", Header(subject, charset, header_name="Subject"))
        return made


def compose(message: Message) -> EmailMultiAlternatives:
    """The mail as it leaves. Its date is that of the posting, so that each try sends the same."""
    body = mail.unseal(message.sealed_body)
    email = Mail(
        subject=message.subject,
        body=body["text"],
        to=[message.address],
        headers={
            "Message-ID": message.message_id,
            "Date": format_datetime(message.created_at),
            "Auto-Submitted": "auto-generated",
        },
    )
    if body.get("html"):
        email.attach_alternative(inlined(body["html"]), "text/html")
    if calendar := body.get("calendar"):
        # Programs act on the part that stands last among the alternatives; some look for a file instead. Of another type than
        # the part, so that none shows two meetings.
        email.attach_alternative(calendar[1], f"text/calendar; method={calendar[0]}")
        email.attach("invite.ics", calendar[1].encode(), "application/ics")
    for name, content, mime in body.get("attachments", ()):
        email.attach(name, base64.b64decode(content), mime)
    return email


def held(message: Message) -> QuerySet[Message]:
    """The row, as long as our claim holds it."""
    return Message.objects.filter(
        pk=message.pk, state__in=[State.CLAIMED, State.SENDING], claimed_until=message.claimed_until
    )


def start_sending(message: Message) -> None:
    until = clock.now() + LEASE
    if not held(message).update(state=State.SENDING, claimed_until=until):
        raise TakenOver
    message.claimed_until = until


def put_off(message: Message, reason: str) -> None:
    """The server is away: give the try back, and let everything that is due wait a quarter of the time it waited already
    (15 seconds to 5 minutes). After three days it has failed."""
    log.warning("mails wait: %s", reason)
    now = clock.now()
    waited = now - message.created_at
    if waited > GIVE_UP_AFTER:
        end(message, State.FAILED, reason)
        return
    until = now + min(max(waited / 4, timedelta(seconds=15)), timedelta(minutes=5))
    held(message).update(
        state=State.WAITING,
        claimed_until=None,
        attempts=F("attempts") - 1,
        next_attempt_at=until,
        error=reason[:200],
    )
    others = Message.objects.filter(state=State.WAITING, next_attempt_at__lte=now)
    others.update(next_attempt_at=until, error=reason[:200])


def try_later(message: Message, reason: str, *, is_final: bool) -> None:
    """Wait longer each time (15 s, 30 s … at most an hour); after twelve tries or a final no it has failed."""
    log.warning("mail %s (%s) not sent: %s", message.pk, message.kind, reason)
    if is_final or message.attempts >= MOST_ATTEMPTS:
        end(message, State.FAILED, reason)
        return
    pause = timedelta(seconds=min(15 * 2 ** (message.attempts - 1), 3600))
    held(message).update(
        state=State.WAITING, claimed_until=None, next_attempt_at=clock.now() + pause, error=reason[:200]
    )


def doubt(message: Message, reason: str) -> None:
    """It may have arrived: kinds that may repeat go out again under the same Message-ID, all others stay uncertain."""
    if message.may_repeat:
        try_later(message, reason, is_final=False)
    else:
        end(message, State.UNCERTAIN, reason)


def end(message: Message, state: State, error: str = "") -> None:
    """The end of a message: its row stays; its body too, for another try, where it failed and opens no door."""
    values: dict[str, Any] = {"state": state, "claimed_until": None, "error": error[:200]}
    if state != State.FAILED or message.is_urgent:  # urgent are those with a code or a link that lets somebody in
        values["sealed_body"] = b""
    if state == State.SENT:
        values["sent_at"] = clock.now()
    changed = held(message).update(**values)
    if not changed and state == State.SENT:
        # The claim ran out while the server was thinking; its yes is worth more than our doubt.
        Message.objects.filter(pk=message.pk, state__in=[State.UNCERTAIN, State.WAITING]).update(**values)
