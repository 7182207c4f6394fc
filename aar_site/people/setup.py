"""The first start: while there is no administrator, a one-time code that the server printed lets one person become it."""

import hashlib
import secrets
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse

from aar_site import clock
from aar_site.people import demo
from aar_site.people.models import SetupCode, User

FAILURES = 10  # wrong tries after which the code is dead; a restart prints a new one


class SetupRefused(Exception):
    """The code is wrong, used up, or an administrator exists. The message is for the reader."""


def is_needed() -> bool:
    """Whether nobody administers this installation yet."""
    return not User.objects.filter(is_admin=True, is_active=True).exists()


def first_start_link(base_url: str) -> str | None:
    """A fresh link to the first-start page with its code, or None where an administrator exists. Older codes die."""
    if not is_needed():
        return None
    code = secrets.token_hex(4).upper()
    with transaction.atomic():
        SetupCode.objects.filter(used_at__isnull=True).delete()
        SetupCode.objects.create(code_sha256=_digest(code))
    return base_url.rstrip("/") + address(f"{code[:4]}-{code[4:]}")


def address(code: str, page: str = "setup") -> str:
    """A page of the first start, with the code."""
    return f"{reverse(page)}?{urlencode({'code': code})}"


def become_administrator(code: str, *, email: str, name: str, password: str, time_zone: str) -> User:
    """Create the first administrator. Raises SetupRefused; a wrong code counts, also when two people try at once."""
    with transaction.atomic():
        row = _tried(code)
        if row.is_right:
            if demo.is_there():
                raise SetupRefused(
                    "The demo is here. Take it out first, so that nothing invented mixes with what is real."
                )
            user = User.objects.create_user(email, name, password, is_admin=True, time_zone=time_zone)
            row.used_at = clock.now()
            row.save()
    if row.is_right:
        return user
    raise _refusal(row)


def check_code(code: str) -> None:
    """Raise SetupRefused for a code that is not the printed one; a wrong one counts, the right one stays as it is."""
    with transaction.atomic():
        row = _tried(code)
    if not row.is_right:
        raise _refusal(row)


def _tried(code: str) -> Any:
    """The locked row of the printed code, with `is_right`; a wrong try is counted in it."""
    row: Any = SetupCode.objects.select_for_update().filter(used_at__isnull=True).first()
    if row is None or not is_needed():
        raise SetupRefused("This installation has its administrator already. Sign in instead.")
    row.is_right = row.failures < FAILURES and secrets.compare_digest(row.code_sha256, _digest(code))
    if not row.is_right:
        row.failures += 1
        row.save()
    return row


def _refusal(row: SetupCode) -> SetupRefused:
    if row.failures >= FAILURES:
        return SetupRefused("Too many wrong codes. Start the server again: it prints a new one.")
    return SetupRefused(
        "This code is not the one that the server printed last. Copy it from the line that names the link."
    )


def _digest(code: str) -> str:
    cleaned = "".join(c for c in code.upper() if c.isalnum())
    return hashlib.sha256(cleaned.encode()).hexdigest()
