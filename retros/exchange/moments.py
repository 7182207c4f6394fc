"""Reads the times of an event file exactly as they are given: offset kept, precision kept, vague words kept. No Django."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

EXACT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII | re.IGNORECASE
)
DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
MONTH = re.compile(r"(\d{4})-(\d\d)", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1900, 2200


class BadTime(ValueError):
    """The text is no time. The message quotes it and gives an example."""


@dataclass(frozen=True)
class Moment:
    """A time as given. `at` is aware (UTC); `offset` minutes east of UTC, None where the file gave none."""

    at: datetime
    offset: int | None
    precision: str
    has_zone: bool


def zone_of(words: Any) -> ZoneInfo | None:
    """The IANA zone that the file names, such as 'America/Los_Angeles (PST)'; None for 'not stated', 'n/a' or nothing."""
    first = str(words or "").split(" ")[0].strip()
    if not first or first.lower() in {"n/a", "not", "unknown", "none"}:
        return None
    try:
        return ZoneInfo(first)
    except (ValueError, OSError, KeyError):
        return None


def read_moment(value: Any, zone: ZoneInfo | None, where: str) -> Moment:
    """Read one time. A time without an offset is one of the file's zone, else of UTC (`has_zone` says which). Raises BadTime."""
    text = str(value).strip()
    try:
        if match := EXACT.fullmatch(text):
            return _exact(match, zone)
        if match := DAY.fullmatch(text):
            return _midnight(date(*(int(g) for g in match.groups())), zone, "day")
        if match := MONTH.fullmatch(text):
            return _midnight(date(int(match[1]), int(match[2]), 1), zone, "month")
    except (ValueError, OverflowError):
        pass
    raise BadTime(f"{where}: '{text[:40]}' is no time; write 2026-11-18T22:52:00Z, 2026-11-18 or 2026-11")


def _exact(match: re.Match[str], zone: ZoneInfo | None) -> Moment:
    year, month, day, hour, minute = (int(match[i]) for i in range(1, 6))
    check_year(year)
    local = datetime(year, month, day, hour, minute, int(match[6] or 0))  # noqa: DTZ001 - the zone follows
    given = match[7]
    if given:
        offset = 0 if given in "Zz" else _minutes(given)
        return Moment((local - timedelta(minutes=offset)).replace(tzinfo=UTC), offset, "exact", True)
    aware = local.replace(tzinfo=zone or UTC)
    return Moment(aware.astimezone(UTC), None, "exact", zone is not None)


def _minutes(given: str) -> int:
    digits = given[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if minutes > 14 * 60 or int(digits[2:]) > 59:
        raise ValueError(given)
    return -minutes if given[0] == "-" else minutes


def _midnight(day: date, zone: ZoneInfo | None, precision: str) -> Moment:
    check_year(day.year)
    local = datetime(day.year, day.month, day.day, tzinfo=zone or UTC)
    # A day needs no zone to be understood, so it never counts as one without.
    return Moment(local.astimezone(UTC), None, precision, True)


def check_year(year: int) -> None:
    """Raises ValueError where no event of a review can be."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"year {year}")
