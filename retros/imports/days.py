"""Completes what a stamp leaves open: zone, day, year, order of day and month. Each completion is marked; what has two answers is asked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from aar_site.words import MINUS
from retros.imports import limits
from retros.imports.months import WEEK
from retros.imports.stamps import SEVERAL, ZONES, Stamp

BACK = timedelta(hours=3)  # a clock that goes back further has passed midnight
NO_ZONE = "The clock names no zone."
NO_DAY = "The clock names no day."
NO_YEAR = "The day names no year."
NO_ORDER = "Day and month can be read in two orders."
NO_SUCH_DAY = "There is no such day."
NO_SUCH_CLOCK = "There is no such time of day."
TOO_FAR = f"The year lies outside {limits.FIRST_YEAR} to {limits.LAST_YEAR}."


class NoTime(ValueError):
    """The stamp names a time that cannot be. The message is the reason for the list of what was left out."""


@dataclass(slots=True)
class Known:
    """A completed stamp."""

    at: datetime | None = None
    offset: int | None = None
    precision: str = "exact"
    guesses: list[str] = field(default_factory=list)
    unclear: str = ""
    choices: list[datetime] = field(default_factory=list)


class Unclear(Exception):
    """There is more than one answer, or none yet."""

    def __init__(self, reason: str, choices: Iterable[datetime] = ()) -> None:
        self.reason, self.choices = reason, list(choices)


@dataclass
class Days:
    """Walks down a record and remembers the day it is in."""

    zone: ZoneInfo | timezone | None = None
    day: date | None = None
    captured: date | None = None
    day_first: bool | None = None
    order_guess: str = ""  # why day_first is what it is, where nobody said so
    zone_guess: str = ""
    in_order: bool = True
    needs: set[str] = field(default_factory=set)
    last: datetime | None = None  # of the line before, on its own clock
    day_guess: str = ""
    day_source: str = "the day that was given"

    def __post_init__(self) -> None:
        if self.day:
            self.day_guess = f"Day {self.day.isoformat()} as it was given; the line has a clock only."

    def known(self, stamp: Stamp) -> Known:
        """Raises NoTime where the stamp names what cannot be."""
        known = Known()
        if stamp.at:
            known.at = stamp.at
            _check_year(stamp.at.year)
            return known
        try:
            clock, carry = _clock(stamp, known.guesses)
            on = self._day(stamp, known.guesses, clock)
            if clock is None:
                known.precision = "day"
                known.at = datetime(on.year, on.month, on.day, tzinfo=self.zone or UTC)
                return known
            local = datetime(on.year, on.month, on.day, *clock, stamp.micro) + timedelta(days=carry)  # noqa: DTZ001
            self.last = local
            if stamp.has_date:
                self.day_source = "a day above"
                self.day, self.day_guess = on, f"Day {on.isoformat()} of a line above; the line has a clock only."
            known.precision = "approx" if stamp.is_about else "exact"
            known.at, known.offset = self._zoned(stamp, local, known.guesses)
        except Unclear as why:
            known.unclear, known.choices = why.reason, why.choices
        except OverflowError:
            raise NoTime(TOO_FAR) from None
        if known.at and self.captured and known.at.date() > self.captured + timedelta(days=1):
            known.guesses.append("Lies after the day on which the record was taken.")
        return known

    def enter(self, stamp: Stamp) -> None:
        """A heading that names the day of the lines below it."""
        guesses: list[str] = []
        try:
            self.day = self._day(stamp, guesses, None)
        except Unclear as why:
            self.day, self.day_guess = None, why.reason
            return
        self.day_guess = " ".join(guesses)
        self.last = None

    # --- The day ----------------------------------------------------------------------------------------------------
    def _day(self, stamp: Stamp, guesses: list[str], clock: tuple[int, int, int] | None) -> date:
        if stamp.word:
            return self._named(stamp, guesses)
        if not stamp.has_date:
            return self._same_day(guesses, clock)
        month, day = (stamp.month, stamp.day) if stamp.pair is None else (None, None)
        year = self._year(stamp, guesses)
        if stamp.pair is not None:
            month, day = self._ordered(stamp.pair, year, guesses)
        return _date(year, month or 0, day or 0)

    def _year(self, stamp: Stamp, guesses: list[str]) -> int:
        if stamp.year is not None:
            if not stamp.is_short_year:
                return stamp.year
            guesses.append(f"Year {2000 + stamp.year}; the line has two digits of it.")
            return 2000 + stamp.year
        first, second = stamp.pair or (stamp.month or 0, stamp.day or 0)
        month, day = (second, first) if stamp.pair and self.day_first else (first, second)
        if self.captured:
            year = _latest(month, day, self.captured + timedelta(days=1))
            guesses.append(f"Year {year}, from the day on which the record was taken; the line names none.")
            return year
        if self.day:
            year = _nearest(month, day, self.day)
            guesses.append(f"Year {year}, from {self.day_source}; the line names none.")
            return year
        self.needs.add("year")
        raise Unclear(NO_YEAR)

    def _ordered(self, pair: tuple[int, int], year: int, guesses: list[str]) -> tuple[int, int]:
        if self.day_first is None:
            self.needs.add("order")
            both = [(pair[1], pair[0]), pair]
            raise Unclear(
                NO_ORDER, [datetime(year, m, d, tzinfo=self.zone or UTC) for m, d in both if _is_day(year, m, d)]
            )
        if self.order_guess:
            guesses.append(self.order_guess)
        return (pair[1], pair[0]) if self.day_first else pair

    def _named(self, stamp: Stamp, guesses: list[str]) -> date:
        if not self.captured:
            self.needs.add("year")
            raise Unclear(f"“{stamp.word.capitalize()}” depends on the day on which the record was taken.")
        if stamp.word in {"today", "yesterday"}:
            on = self.captured - timedelta(days=stamp.word == "yesterday")
        else:
            on = self.captured - timedelta(days=(self.captured.weekday() - WEEK.index(stamp.word)) % 7)
        guesses.append(f"{stamp.word.capitalize()} is {on.isoformat()}, from the day on which the record was taken.")
        return on

    def _same_day(self, guesses: list[str], clock: tuple[int, int, int] | None) -> date:
        if self.day is None:
            self.needs.add("day")
            raise Unclear(self.day_guess or NO_DAY)
        hour, minute, second = clock or (0, 0, 0)
        local = datetime(self.day.year, self.day.month, self.day.day, hour, minute, second)  # noqa: DTZ001
        if self.in_order and self.last and self.last - local > BACK:
            self.day += timedelta(days=1)
            self.day_guess = (
                f"Day {self.day.isoformat()}, because the clock passed midnight; the line has a clock only."
            )
        elif (
            self.in_order
            and self.last
            and local < self.last
            and self.last.date() == self.day
            and self.last - local > timedelta(minutes=5)
        ):
            guesses.append("Earlier than the line before; taken as of the same day.")
        if self.day_guess:
            guesses.append(self.day_guess)
        return self.day

    # --- The zone ---------------------------------------------------------------------------------------------------
    def _zoned(self, stamp: Stamp, local: datetime, guesses: list[str]) -> tuple[datetime, int | None]:
        if stamp.offset is not None:
            if not -840 <= stamp.offset <= 840:
                raise NoTime("The offset from UTC lies outside -14:00 to +14:00.")
            return local.replace(tzinfo=timezone(timedelta(minutes=stamp.offset))), stamp.offset
        if stamp.zone:
            return self._abbreviated(stamp.zone, local, guesses)
        if self.zone is None:
            self.needs.add("zone")
            raise Unclear(NO_ZONE)
        if self.zone_guess:
            guesses.append(self.zone_guess)
        return _in_zone(local, self.zone), None

    def _abbreviated(self, name: str, local: datetime, guesses: list[str]) -> tuple[datetime, int | None]:
        """The zone that was given decides where its own clocks carry this name; else the one meaning that the name has."""
        for fold in (0, 1) if isinstance(self.zone, ZoneInfo) else ():
            own = local.replace(tzinfo=self.zone, fold=fold)
            if own.tzname() == name:
                offset = own.utcoffset() or timedelta()
                return local.replace(tzinfo=timezone(offset)), int(offset.total_seconds() // 60)
        offsets = SEVERAL.get(name)
        if offsets:
            self.needs.add("zone")
            raise Unclear(
                f"{name} is the name of several zones.",
                [local.replace(tzinfo=timezone(timedelta(minutes=m))) for m in offsets],
            )
        minutes = ZONES[name]
        at = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
        if minutes:
            guesses.append(f"{name} is read as {at.isoformat()[-6:].replace('-', MINUS)}.")
        return at, minutes


def _clock(stamp: Stamp, guesses: list[str]) -> tuple[tuple[int, int, int] | None, int]:
    """Hour, minute, second, and how many days later; None where the stamp is a day. Raises NoTime."""
    if stamp.hour is None:
        return None, 0
    hour, minute, second = stamp.hour, stamp.minute, stamp.second
    if stamp.half and hour > 12:
        if stamp.half == "am" or hour > 23:
            raise NoTime(NO_SUCH_CLOCK)
        guesses.append(f"{hour:02}:{minute:02} is taken as a clock of 24 hours although “pm” follows.")
    elif stamp.half:
        hour = hour % 12 + (12 if stamp.half == "pm" else 0)
    if second == 60 and minute == 59:
        guesses.append("A leap second, taken as the second before it.")
        second = 59
    if (hour, minute, second) == (24, 0, 0):
        guesses.append("24:00 is taken as the beginning of the next day.")
        return (0, 0, 0), 1
    if hour > 23 or minute > 59 or second > 59:
        raise NoTime(NO_SUCH_CLOCK)
    return (hour, minute, second), 0


def _in_zone(local: datetime, zone: ZoneInfo | timezone) -> datetime:
    """Raises Unclear with both answers where the clocks changed."""
    first, second = local.replace(tzinfo=zone), local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    both = [local.replace(tzinfo=timezone(m.utcoffset() or timedelta())) for m in (first, second)]
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise Unclear(f"The time never was in {zone}: the clocks went forward.", both)
    raise Unclear(f"The time was twice in {zone}: the clocks went back.", both)


def _date(year: int, month: int, day: int) -> date:
    _check_year(year)
    try:
        return date(year, month, day)
    except ValueError:
        raise NoTime(NO_SUCH_DAY) from None


def _check_year(year: int) -> None:
    if not limits.FIRST_YEAR <= year <= limits.LAST_YEAR:
        raise NoTime(TOO_FAR)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _latest(month: int, day: int, until: date) -> int:
    """The last year in which this day lies not after `until`; of the 29th of February, a year that has one."""
    for year in range(until.year, until.year - 8, -1):
        if _is_day(year, month, day) and date(year, month, day) <= until:
            return year
    return until.year


def _nearest(month: int, day: int, to: date) -> int:
    years = [y for y in range(to.year - 4, to.year + 5) if _is_day(y, month, day)]
    return min(years, key=lambda y: abs(date(y, month, day) - to), default=to.year)
