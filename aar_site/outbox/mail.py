"""Posting mails: a row per mail, written in the caller's transaction; sending is the sweep's work.

The body waits encrypted with OUTBOX_KEY, which is not in the database: it may hold a sign-in code or a link. A second try
sends the same words under the same Message-ID.
"""

import base64
import json
import unicodedata
from collections.abc import Callable, Sequence
from email.utils import make_msgid
from textwrap import wrap
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import transaction
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template, render_to_string

from aar_site import clock
from aar_site.outbox.models import Message
from aar_site.people.models import DEMO_DOMAIN, User, normal_email

NO_SERVER = "No mail server is set, so no mail leaves. Ask an administrator: each is a file on the server."
SUBJECT_LENGTH = 150
COLUMNS = 64  # of the text part; some people read mail in a terminal
# Set by the wing that knows guests: they cannot sign in, so addresses of pages become ones that open for this person. None
# where nothing opens for them any more, so that they are not written to.
FOR_GUESTS: Callable[[User, dict[str, str]], dict[str, str] | None] = lambda person, texts: texts  # noqa: E731
Attachment = tuple[str, bytes, str]  # file name, content, MIME type


def leaves() -> bool:
    """Whether mails go to a mail server. Without one they are files in MAIL_DIR, and nobody gets them."""
    return not settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")


def promised(words: str, instead: str = NO_SERVER) -> str:
    """What a page says of a mail that is sent or will be: these words, or the truth while no mail leaves."""
    return words if leaves() else instead


def post(
    kind: str,
    key: str,
    *,
    template: str,
    context: dict[str, Any],
    person: User | None = None,
    address: str = "",
    is_urgent: bool = False,
    may_repeat: bool = False,
    attachments: Sequence[Attachment] = (),
    calendar: tuple[str, bytes] | None = None,
) -> bool:
    """Queue the mail `templates/email/<template>.{subject.txt,txt,html}`; True if it is new, False for a repeated (kind, key).

    Goes to the person, or without one to the address. Templates get BASE_URL as `base_url`, the person, and the context.
    Nobody who cannot sign in any more gets a mail, and no invented person: then False, and no row. `may_repeat`: sent again, under the same
    Message-ID, where it is uncertain whether it arrived; else never twice. `calendar` is (method, iCalendar) for programs that act on it.
    """
    if person is not None and (not person.is_active or person.is_demo):
        return False
    if Message.objects.filter(kind=kind, dedupe_key=key[:120]).exists():
        return False
    full = {**context, "base_url": settings.BASE_URL, "person": person}
    body = written(template, full)
    if person is not None and person.is_guest:
        texts = FOR_GUESTS(person, {"text": body["text"], "html": body["html"]})
        if texts is None:
            return False
        is_urgent, body = is_urgent or texts != body, {**body, **texts}
    body["attachments"] = [[name, base64.b64encode(content).decode(), mime] for name, content, mime in attachments]
    if calendar:
        body["calendar"] = [calendar[0], calendar[1].decode()]
    return _keep(
        kind,
        key,
        person=person,
        address=person.email if person else address,
        subject=plain(f"email/{template}.subject.txt", full),
        sealed_body=seal(body),
        is_urgent=is_urgent,
        may_repeat=may_repeat,
    )


def post_later(kind: str, address: str) -> None:
    """Queue the mail `templates/email/<kind>`, which is written when it is about to leave (`delivery.WRITERS`), or not at all:
    the same work for every address. Sent again where it is uncertain."""
    if not address.endswith(DEMO_DOMAIN):
        subject = plain(f"email/{kind}.subject.txt", {})
        _keep(kind, make_msgid(), subject=subject, address=address, is_urgent=True, may_repeat=True)


def written(template: str, context: dict[str, Any]) -> dict[str, Any]:
    """The words of a mail, as text and as HTML."""
    full = {"base_url": settings.BASE_URL, **context}
    text = in_columns(plain(f"email/{template}.txt", full))
    return {"text": text, "html": render_to_string(f"email/{template}.html", full)}


def post_account_mail(template_prefix: str, address: str, context: dict[str, Any]) -> None:
    """Queue a sign-in mail of allauth (account/email/<name>): urgent, and sent again where it is uncertain."""
    if normal_email(address).endswith(DEMO_DOMAIN):  # an address that nobody has
        return
    full = {**context, "base_url": settings.BASE_URL}
    body = {"text": in_columns(plain(f"{template_prefix}_message.txt", full))}
    try:
        body["html"] = render_to_string(f"{template_prefix}_message.html", full)
    except TemplateDoesNotExist:
        pass
    _keep(
        template_prefix.rsplit("/", 1)[-1][:40],
        make_msgid(),
        person=User.objects.filter(email=normal_email(address)).first(),
        address=address,
        subject=plain(f"{template_prefix}_subject.txt", full),
        sealed_body=seal(body),
        is_urgent=True,
        may_repeat=True,
    )


def _keep(kind: str, key: str, *, subject: str, **values: Any) -> bool:
    with transaction.atomic():
        _, is_new = Message.objects.get_or_create(
            kind=kind,
            dedupe_key=key[:120],
            defaults={
                "subject": clean_subject(subject),
                "message_id": make_msgid(domain=urlsplit(settings.BASE_URL).hostname or "localhost"),
                "next_attempt_at": clock.now(),
                **values,
            },
        )
    return is_new


def plain(template: str, context: dict[str, Any]) -> str:
    """Rendered as text: nothing is escaped for HTML, so that "R&D" does not arrive as "R&amp;D"."""
    inner: Any = get_template(template)
    return str(inner.template.render(Context(context, autoescape=False)))


def in_columns(text: str) -> str:
    """Lines of at most 64 columns, under the indent that they have; an address is never broken. One blank line at a time."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        indent = " " * (len(line) - len(line.lstrip()) + (2 if line.lstrip().startswith(("* ", "- ")) else 0))
        lines += wrap(line, COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]
    kept = [line for before, line in zip(["x", *lines], lines, strict=False) if line or before]
    return "\n".join(kept) + "\n"


def clean_subject(text: str) -> str:
    """One line of at most 150 characters, without control, bidi and separator characters, which mail libraries may turn
    into line breaks."""
    kept = (
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c
        for c in text
        if unicodedata.category(c) not in {"Cf", "Cs"}
    )
    line = " ".join("".join(kept).split())
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1].rstrip() + "…"


def seal(body: dict[str, Any]) -> bytes:
    return Fernet(settings.OUTBOX_KEY).encrypt(json.dumps(body).encode())


def unseal(sealed: bytes | memoryview) -> dict[str, Any]:
    """The body as it was posted. Raises cryptography's InvalidToken where the key has changed."""
    body: dict[str, Any] = json.loads(Fernet(settings.OUTBOX_KEY).decrypt(bytes(sealed)))
    return body
