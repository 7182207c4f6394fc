"""Names of time zones: which there are, and whether a given one is real."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError


@cache
def names() -> list[str]:
    """All IANA zones that a person may choose, UTC first."""
    kept = {z for z in available_timezones() if "/" in z and not z.startswith(("Etc/", "SystemV/", "posix/", "right/"))}
    return ["UTC", *sorted(kept)]


def validate_zone(name: str) -> None:
    """Refuses what is not an IANA zone."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValidationError("Choose a time zone from the list, for example Europe/Berlin.") from None
