"""The first start: while there is no administrator, a one-time code that the server printed lets one person become it."""

import hashlib
import secrets
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse

from aar_site import clock
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
    return f"{base_url.rstrip('/')}{reverse('setup')}?{urlencode({'code': f'{code[:4]}-{code[4:]}'})}"


def become_administrator(code: str, *, email: str, name: str, password: str, time_zone: str) -> User:
    """Create the first administrator. Raises SetupRefused; a wrong code counts, also when two people try at once."""
    with transaction.atomic():
        row = SetupCode.objects.select_for_update().filter(used_at__isnull=True).first()
        if row is None or not is_needed():
            raise SetupRefused("This installation has its administrator already. Sign in instead.")
        right = row.failures < FAILURES and secrets.compare_digest(row.code_sha256, _digest(code))
        if right:
            user = User.objects.create_user(email, name, password, is_admin=True, time_zone=time_zone)
            row.used_at = clock.now()
        else:
            row.failures += 1
        row.save()
    if right:
        return user
    if row.failures >= FAILURES:
        raise SetupRefused("Too many wrong codes. Start the server again: it prints a new one.")
    raise SetupRefused(
        "This code is not the one that the server printed last. Copy it from the line that names the link."
    )


def _digest(code: str) -> str:
    cleaned = "".join(c for c in code.upper() if c.isalnum())
    return hashlib.sha256(cleaned.encode()).hexdigest()
