"""Reads a moment that somebody typed: a clock, a date, an offset from T-0, or words for it. Pure; never guesses silently.

Understood: 23:02, 11:02 pm, 2018-10-21 23:02, 21 Oct 2018, 23:02 +02:00, Oct 21 23:02, 21.10.2018, 2018-10, T+00:15, about 23:00.
A bare clock needs a day, an offset needs T-0. 12/05/2026 is refused, because half the world reads it the other way.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from aar_site.words import day_month_year

MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ],
        1,
    )
    for name in names.split()
}
MONTH = "(" + "|".join(sorted(MONTHS, key=len, reverse=True)) + ")"
ABOUT = re.compile(r"(?:about|around|approximately|approx\.?|circa|ca\.?|~)\s*", re.ASCII)
OFFSET = re.compile(r"\s*(z|utc|gmt|(?:utc|gmt)?[+\u2212-]\d{1,2}(?::?\d{2})?)$", re.ASCII)
RELATIVE = re.compile(r"t\s*([+\u2212-])\s*(\d{1,4}):(\d{2})(?::(\d{2}))?", re.ASCII)
CLOCK = re.compile(r"(\d{1,2})[:.h](\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*(am|pm)?$", re.ASCII)
DATES = (
    (re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})", re.ASCII), "day"),
    (re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})", re.ASCII), "day"),
    (re.compile(rf"(?P<d>\d{{1,2}})\.?\s+(?P<m>{MONTH})\.?,?(?:\s+(?P<y>\d{{4}}))?", re.ASCII), "day"),
    (re.compile(rf"(?P<m>{MONTH})\.?\s+(?P<d>\d{{1,2}})(?!\d),?(?:\s+(?P<y>\d{{4}}))?", re.ASCII), "day"),
    (re.compile(rf"(?P<m>{MONTH})\.?\s+(?P<y>\d{{4}})", re.ASCII), "month"),
    (re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})$", re.ASCII), "month"),
)
SLASHES = re.compile(r"\d{1,2}/\d{1,2}(?:/\d{2,4})?(?!\d)", re.ASCII)
WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+", re.ASCII)
A_DAY = timedelta(days=1)
SHORTLY = timedelta(hours=2)  # before or behind an event, and still of it


class NotATime(ValueError):
    """The text is no time that is understood. The message says what would be."""


class Unclear(ValueError):
    """The text is a time that can be read in two ways, or that never was. The message asks for what is missing."""


@dataclass(frozen=True)
class When:
    """A moment: `at` in UTC, `offset` minutes east of UTC as typed (None where none was), precision exact, approx, day, month."""

    at: datetime
    offset: int | None
    precision: str


@dataclass(frozen=True)
class Frame:
    """What an event lends to a time that says only part of itself: its zone, when it began and ended there, and T-0."""

    zone: ZoneInfo
    start: datetime | None = None
    end: datetime | None = None
    zero: datetime | None = None

    @property
    def is_long(self) -> bool:
        """Whether a clock without a day could be meant on several of its days."""
        return bool(self.start and self.end and self.end - self.start > A_DAY)

    @property
    def first(self) -> datetime | None:
        """From when on people tell: the start, or T-0 where a long event went unnoticed for half a day and more before it."""
        if self.start and self.zero and self.is_long and self.zero - self.start > A_DAY / 2:
            return self.zero.astimezone(self.zone)
        return self.start


def read(
    text: str, zone: ZoneInfo, *, day: date | None = None, near: date | None = None, zero: datetime | None = None
) -> When:
    """Read what was typed, in the given zone. `day` completes a bare clock, `zero` an offset; a date without a year is that of
    `day`, or the one that lies closest to `near`. Raises NotATime or Unclear."""
    rest = " ".join(text.casefold().split())
    about = ABOUT.match(rest)
    if about:
        rest = rest[about.end() :]
    if relative := RELATIVE.fullmatch(rest):
        return _relative(relative, zero, bool(about))
    if slashed := SLASHES.match(rest):
        raise Unclear(
            f"{slashed[0]} can be read in two ways. Name the month or start with the year: 12 May 2026, 2026-05-12."
        )
    rest, offset = _take_offset(WEEKDAY.sub("", rest, count=1))
    on, precision, rest = _take_date(rest, day, near)
    rest = rest.strip(" ,t") if precision != "clock" else rest
    clock = CLOCK.fullmatch(rest) if rest else None
    if rest and not clock:
        raise NotATime("Write a time such as 23:02, 2018-10-21 23:02, 21 Oct 2018 23:02 +02:00 or T+00:15.")
    if on is None:
        raise NotATime("Add the day: 2018-10-21 23:02.")
    if clock is None:
        if precision == "clock":
            raise NotATime("Write a time such as 23:02 or 2018-10-21 23:02.")
        return When(_in_zone(datetime(on.year, on.month, on.day), zone, None, ""), None, precision)  # noqa: DTZ001
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if clock[4]:
        hour = hour % 12 + (12 if clock[4] == "pm" else 0)
    try:
        local = datetime(on.year, on.month, on.day, hour, minute, second)  # noqa: DTZ001 - the zone follows
    except ValueError:
        raise NotATime(f"{clock[0]} is no time of day. The last minute of a day is 23:59.") from None
    return When(_in_zone(local, zone, offset, clock[0]), offset, "approx" if about else "exact")


def beside(text: str, frame: Frame, day: date | None, near: datetime | None = None) -> tuple[When, date | None]:
    """As `read`, beside an event; and the day for which a clock alone was taken. That is `day`, and where it is a moment's, close to
    that moment (`near`), always so. Where the clock would lie long before the event, it is the next day, unless it would lie further
    behind the end there; where it would lie long behind the end, the day before, if it is of the event on that one."""
    given = read(text, frame.zone, day=day, zero=frame.zero)
    if day is None or frame.start is None or (near and abs(given.at - near) <= A_DAY / 2):
        return given, day
    end = frame.end or frame.start
    is_before, is_behind = given.at < frame.start - SHORTLY, frame.start < end < given.at - SHORTLY
    if not (is_before or is_behind):
        return given, day
    next_to = day + (A_DAY if is_before else -A_DAY)
    try:
        other = read(text, frame.zone, day=next_to, zero=frame.zero).at
    except Unclear:
        return given, day
    is_alone = A_DAY / 2 < abs(other - given.at) < 2 * A_DAY  # what names its day is the same on both
    is_nearer = other - end < frame.start - given.at if is_before else other - SHORTLY <= end
    if is_alone and is_nearer and other >= frame.start - SHORTLY:
        return When(other, given.offset, given.precision), next_to
    return given, day


def _relative(match: re.Match[str], zero: datetime | None, is_about: bool) -> When:
    if zero is None:
        raise NotATime("There is no T-0 yet. Write a time such as 2018-10-21 23:02.")
    span = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4] or 0))
    return When(zero + (span if match[1] == "+" else -span), None, "approx" if is_about else "exact")


def _take_offset(rest: str) -> tuple[str, int | None]:
    """Split a trailing Z or +02:00 off. The dash of a date (2018-10) is no offset: a clock must stand before it."""
    match = OFFSET.search(rest)
    if not match or not CLOCK.search(rest[: match.start()]):
        return rest, None
    given = match[1].removeprefix("utc").removeprefix("gmt")
    if given in {"", "z"}:
        return rest[: match.start()], 0
    digits = given[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    total = (hours * 60 + minutes) * (1 if given[0] == "+" else -1)
    if minutes > 59 or not -12 * 60 <= total <= 14 * 60:
        raise NotATime(f"{given} is no offset from UTC. They lie between \u221212:00 and +14:00.")
    return rest[: match.start()], total


def _take_date(rest: str, day: date | None, near: date | None) -> tuple[date | None, str, str]:
    for pattern, precision in DATES:
        match = pattern.match(rest)
        if not match:
            continue
        parts = match.groupdict()
        month = MONTHS.get(parts["m"]) or int(parts["m"])
        if parts.get("y"):
            years = [int(parts["y"])]
        elif day:
            years = [day.year]
        elif near:
            years = [near.year, near.year - 1, near.year + 1]
        else:
            raise NotATime("Add the year: 21 Oct 2018 23:02.")
        days = [on for year in years if (on := _day(year, month, int(parts.get("d") or 1)))]
        if not days:
            raise NotATime(f"There is no such day: {match[0]}.")
        on = min(days, key=lambda one: abs(one - near)) if near else days[0]
        if not 1900 <= on.year <= 2200:
            raise NotATime(f"The year {on.year} is too far away.")
        return on, precision, rest[match.end() :]
    return day, "clock", rest


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _in_zone(local: datetime, zone: ZoneInfo, offset: int | None, typed: str) -> datetime:
    """UTC of a local time; asks where the clocks changed."""
    if offset is not None:
        return local.replace(tzinfo=timezone(timedelta(minutes=offset))).astimezone(UTC)
    first, second = local.replace(tzinfo=zone), local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset() and typed:
        offsets = f"{_iso(first)} or {_iso(second)}"
        if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
            raise Unclear(
                f"{typed} never was on that day in {zone.key}: the clocks went forward. Add the offset: {offsets}."
            )
        raise Unclear(f"{typed} was twice on that day in {zone.key}: the clocks went back. Add the offset: {offsets}.")
    return first.astimezone(UTC)


def _iso(moment: datetime) -> str:
    return moment.isoformat()[-6:]


def words(local: datetime | None, precision: str, *, with_offset: bool = False) -> str:
    """A stored moment in words that `read` reads back to the same: "21 Oct 2018, 22:52", "about ...", a day, 2018-10.

    An hour that was twice on its day carries its offset, whether asked for or not.
    """
    if local is None:
        return ""
    if precision == "month":
        return f"{local:%Y-%m}"
    day = day_month_year(local)
    if precision == "day":
        return day
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    is_twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    offset = f" {_iso(local)}" if with_offset or is_twice else ""
    return f"{'about ' if precision == 'approx' else ''}{day}, {clock}{offset.replace(' +00:00', ' Z')}"
