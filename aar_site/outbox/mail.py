"""Posting mails: a row per mail, written in the caller's transaction; sending is the sweep's work.

The body waits encrypted with OUTBOX_KEY, which is not in the database: it may hold a sign-in code or a link. A second try
sends the same bytes under the same Message-ID.
"""

import json
import unicodedata
from email.utils import make_msgid
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from aar_site import clock
from aar_site.outbox.models import Message
from aar_site.people.models import User

SUBJECT_LENGTH = 150


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
) -> bool:
    """Queue the mail `templates/email/<template>.{subject.txt,txt,html}`; True if it is new, False for a repeated (kind, key).

    Templates get BASE_URL as `base_url` and the person. Guests and members alike; nobody who cannot sign in any more.
    """
    if person is not None and not person.is_active:
        return False
    full = {**context, "base_url": settings.BASE_URL, "person": person}
    subject = render_to_string(f"email/{template}.subject.txt", full)
    body = {
        "text": render_to_string(f"email/{template}.txt", full).strip() + "\n",
        "html": render_to_string(f"email/{template}.html", full),
    }
    with transaction.atomic():
        _, is_new = Message.objects.get_or_create(
            kind=kind,
            dedupe_key=key[:120],
            defaults={
                "person": person,
                "address": person.email if person else address,
                "subject": clean_subject(subject),
                "sealed_body": seal(body),
                "message_id": make_msgid(domain=urlsplit(settings.BASE_URL).hostname or "localhost"),
                "is_urgent": is_urgent,
                "may_repeat": may_repeat,
                "next_attempt_at": clock.now(),
            },
        )
    return is_new


def post_account_mail(template_prefix: str, address: str, context: dict[str, Any]) -> None:
    """Queue a sign-in mail of allauth (account/email/<name>): urgent, and the same Message-ID when it must be sent again."""
    body = {"text": render_to_string(f"{template_prefix}_message.txt", context).strip() + "\n"}
    message_id = make_msgid(domain=urlsplit(settings.BASE_URL).hostname or "localhost")
    Message.objects.create(
        kind=template_prefix.rsplit("/", 1)[-1][:40],
        dedupe_key=message_id[:120],
        person=User.objects.filter(email=address.casefold()).first(),
        address=address,
        subject=clean_subject(render_to_string(f"{template_prefix}_subject.txt", context)),
        sealed_body=seal(body),
        message_id=message_id,
        is_urgent=True,
        may_repeat=True,
        next_attempt_at=clock.now(),
    )


def clean_subject(text: str) -> str:
    """One line without control, bidi and separator characters, which mail libraries may turn into line breaks."""
    kept = (
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text if unicodedata.category(c) != "Cf"
    )
    line = " ".join("".join(kept).split())
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1].rstrip() + "…"


def seal(body: dict[str, str]) -> bytes:
    return Fernet(settings.OUTBOX_KEY).encrypt(json.dumps(body).encode())


def unseal(sealed: bytes) -> dict[str, str]:
    body: dict[str, str] = json.loads(Fernet(settings.OUTBOX_KEY).decrypt(bytes(sealed)))
    return body
