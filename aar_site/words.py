"""Numbers, lengths of time and moments in the words that readers see. Pure: pages, mails and sentences all use these."""

import unicodedata
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from aar_site import clock

MINUS = "\u2212"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def in_words(number: int, noun: str = "") -> str:
    """Whole numbers to nine as words ("two"), then digits; with a noun "two days". For sentences: "Two things to fix"."""
    said = NUMBERS[number] if 0 <= number < len(NUMBERS) else str(number)
    return f"{said} {plural(number, noun)}" if noun else said


def counted(number: int, noun: str) -> str:
    """ "1 day", "3 days"."""
    return f"{number} {plural(number, noun)}"


def plural(number: int, noun: str) -> str:
    """The noun as it stands behind that number: with an s, but for one."""
    return noun if number == 1 else f"{noun}s"


def duration(span: timedelta | None) -> str:
    """A length of time for readers: "43 s", "5 min", "24 h 11 min", past 99 h "5 days 3 h". Empty for None."""
    if span is None:
        return ""
    sign, seconds = (MINUS if span < timedelta(0) else ""), abs(round(span.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if hours > 99:
        parts = [(days, "days"), (hours % 24, "h")]
    elif hours:
        parts = [(hours, "h"), (minutes % 60, "min")]
    elif minutes >= 10:
        parts = [(minutes, "min")]
    else:
        parts = [(minutes, "min"), (seconds % 60, "s")]
    return sign + (" ".join(f"{n} {unit}" for n, unit in parts if n) or "0 s")


def day_month(on: date) -> str:
    """ "26 Nov"."""
    return f"{on.day} {MONTHS[on.month - 1]}"


def month_year(on: date) -> str:
    """ "Nov 2026"."""
    return f"{MONTHS[on.month - 1]} {on.year}"


def day_month_year(on: date) -> str:
    """ "26 Nov 2026"."""
    return f"{on.day} {month_year(on)}"


def day(value: date | datetime | None, zone: str = "UTC") -> str:
    """ "Thu 26 Nov", with the year where it is not this one. A moment is taken in the given zone, a date as it is."""
    if value is None:
        return ""
    on = value.astimezone(ZoneInfo(zone or "UTC")).date() if isinstance(value, datetime) else value
    year = "" if on.year == clock.today(zone or "UTC").year else f" {on.year}"
    return f"{DAYS[on.weekday()]} {day_month(on)}{year}"


def clock_time(value: datetime | None, zone: str = "UTC") -> str:
    """ "14:00" in the given zone."""
    return "" if value is None else f"{value.astimezone(ZoneInfo(zone or 'UTC')):%H:%M}"


def zone_name(value: datetime | None, zone: str = "UTC") -> str:
    """What the zone is called at that moment: "UTC", "CET", or "UTC+5:45" where it has no letters of its own."""
    return "" if value is None else zone_of(value.astimezone(ZoneInfo(zone or "UTC")))


def zone_of(local: datetime) -> str:
    """The same of a moment that is told in its zone already. (%Z would say "-03" where a zone has no letters.)"""
    name = local.tzname() or ""
    if name.isalpha():
        return name
    minutes = int((local.utcoffset() or timedelta(0)).total_seconds()) // 60
    rest = f":{abs(minutes) % 60:02d}" if minutes % 60 else ""
    return f"UTC{MINUS if minutes < 0 else '+'}{abs(minutes) // 60}{rest}"


def moment(value: datetime | None, zone: str = "UTC") -> str:
    """ "Thu 26 Nov, 14:00 UTC" in the given zone; for text without markup."""
    return "" if value is None else f"{day(value, zone)}, {clock_time(value, zone)} {zone_name(value, zone)}"


def on_both_clocks(value: datetime | None, zone: str = "UTC", theirs: str = "") -> str:
    """ "Thu 26 Nov, 19:00 CET (18:00 UTC)": on the reader's clock, and beside it on the one of the given zone; the day, too, where
    it is another one there. Once, where both clocks say the same or the reader's zone is not known."""
    if value is None or not theirs:
        return moment(value, zone)
    own = moment(value, theirs)
    if value.astimezone(ZoneInfo(theirs)).utcoffset() == value.astimezone(ZoneInfo(zone or "UTC")).utcoffset():
        return own
    other = moment(value, zone) if day(value, zone) != day(value, theirs) else moment(value, zone).rpartition(", ")[2]
    return f"{own} ({other})"


def by_name(name: str) -> tuple[str, str]:
    """The place of a name in a list that people read, whatever its case: Örjan beside Orla. SQLite knows the letters of ASCII only."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return plain.casefold(), name
