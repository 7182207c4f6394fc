"""Reads a time where it stands in a line: the many spellings of dates and clocks. Says what the text says, and completes nothing."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from retros.imports.months import MONTHS, RELATIVE, WEEKDAYS


@dataclass(slots=True)
class Stamp:
    """What a text says of a time. Parts that it does not say are None; `pair` are day and month in an order not known."""

    text: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int = 0
    second: int = 0
    micro: int = 0
    half: str = ""  # "am" or "pm"
    offset: int | None = None
    zone: str = ""  # an abbreviation such as PST
    pair: tuple[int, int] | None = None
    word: str = ""  # today, yesterday, or the English name of a weekday
    at: datetime | None = None  # where the text is an instant: seconds since 1970
    is_about: bool = False
    is_short_year: bool = False  # the year has two digits

    @property
    def has_date(self) -> bool:
        return self.month is not None or self.pair is not None or bool(self.word)


# Abbreviations with one meaning, minutes east of UTC.
ZONES = {
    "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "MEZ": 60, "MESZ": 120, "EET": 120, "EEST": 180, "MSK": 180,
    "EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480,
    "HST": -600, "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660, "ACST": 570, "AWST": 480, "NZST": 720, "NZDT": 780,
}  # fmt: skip
# Those with several: nothing but the reader knows which.
SEVERAL = {"CST": (-360, 480), "IST": (330, 120, 60), "BST": (60, 360)}

_ZONE = (
    r"(?P<zone>\s?(?:Z|(?:UTC|GMT)?[+\u2212-]\d{2}:?\d{2}|(?:UTC|GMT)[+\u2212-]\d{1,2}(?::\d{2})?|"
    + "|".join(sorted({*ZONES, *SEVERAL}, key=len, reverse=True))
    + r")|[+\u2212-]\d{2})(?!\w|:\d)"
)
_CLOCK = (
    r"(?P<hour>\d{1,2})(?P<sep>[:.h])(?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,:](?P<part>\d{1,9}))?)?(?!\d)"
    r"(?:\s?(?P<half>[ap]\.?m\b\.?))?(?:\s(?:Uhr|h)\b)?"
)
_ISO = re.compile(
    r"(?P<year>\d{4})(?P<dash>[-/.])(?P<month>\d{1,2})(?P=dash)(?P<day>\d{1,2})(?:T|_|,?\s{1,2}|:)"
    + _CLOCK
    + rf"(?:{_ZONE})?",
    re.ASCII | re.IGNORECASE,
)
_BASIC = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})[T ](?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    rf"(?P<half>)(?:{_ZONE})?(?![\d:])",
    re.ASCII | re.IGNORECASE,
)
_CLOCKS = re.compile(_CLOCK + rf"(?:{_ZONE})?", re.ASCII | re.IGNORECASE)
_ACCESS = re.compile(
    r"(?P<day>\d{1,2})/(?P<name>[A-Za-z]{3})/(?P<year>\d{4}):(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})(?P<part>)(?P<half>)"
    rf"(?:{_ZONE})?",
    re.ASCII,
)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)", re.ASCII)
_KANJI = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![\d:]|\.\d)", re.ASCII)
_TWO_NUMBERS = re.compile(r"(\d{1,2})([/.])(\d{1,2})\.?(?![\d:./h])", re.ASCII)
_DAY_NAME = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|\.)?[ /-](?:de )?([^\W\d_]{3,10})\.?(?:,?[ /-](?:de )?(\d{4})|[/-](\d{2})(?=[ ,]))?(?!\w|:\d)",
    re.IGNORECASE,
)
_NAME_DAY = re.compile(r"([^\W\d_]{3,10})\.?\s{1,2}(\d{1,2})(?:st|nd|rd|th)?(?:,?\s(\d{4}))?(?!\w|:\d)", re.IGNORECASE)
_WEEKDAY = re.compile(r"([^\W\d_]{2,10})\.?,?\s{1,2}")
_WORD = re.compile(r"([^\W\d_]{3,10})(?![\w])")
_BETWEEN = re.compile(r"\s{0,3}[,T•·@|]?\s{0,3}(?:(?:at|um|à|a las|alle|às|om|kl\.)\s{1,2})?", re.IGNORECASE)
_TRAILING_YEAR = re.compile(r"\s(?:[A-Z]{3,4}\s)?(\d{4})(?![\d:.-])", re.ASCII)
_ABOUT = re.compile(r"(?:about|around|approximately|approx\.?|circa|ca\.?|~)\s*", re.IGNORECASE)
_EPOCH = re.compile(r"(\d{10})(?:\.(\d{1,9})|(\d{3})|(\d{6})|(\d{9}))?(?![\w.:/-])", re.ASCII)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+\u2212-])(\d{1,2}):?(\d{2})?$", re.ASCII | re.IGNORECASE)


def read_at(text: str, pos: int = 0, *, epoch: bool = True) -> tuple[Stamp, int] | None:
    """The time that begins at `pos`, and where it ends: date and clock, clock and date, one of them, or seconds since 1970."""
    first = text[pos : pos + 1]
    if first.isdigit() and ":" in text[pos + 1 : pos + 3]:
        return _clock_first(text, pos)
    if first.isdigit():
        if match := _ISO.match(text, pos) or _BASIC.match(text, pos):
            return _dated(match), match.end()
        if epoch and (match := _EPOCH.match(text, pos)):
            return _instant(match), match.end()
        if match := _ACCESS.match(text, pos):
            return _dated(match), match.end()
    about = _ABOUT.match(text, pos) if first in "aAcC~" else None
    found = _mixed(text, about.end() if about else pos)
    if found and about:
        found[0].is_about = True
        found[0].text = text[pos : found[1]]
    return found


def _mixed(text: str, pos: int) -> tuple[Stamp, int] | None:
    if dated := read_date(text, pos):
        stamp, end = dated
        between = _BETWEEN.match(text, end)
        start = between.end() if between else end
        clock = _CLOCKS.match(text, start) if start > end else None
        if clock and (clock["sep"] != "." or clock["half"] or "." in text[pos:end]):
            _set_clock(stamp, clock)
            end = clock.end()
            late = _TRAILING_YEAR.match(text, end) if stamp.year is None and stamp.month else None
            if late and 1970 <= int(late[1]) <= 2100:
                stamp.year, end = int(late[1]), late.end()
        stamp.text = text[pos:end]
        return stamp, end
    return _clock_first(text, pos)


def _clock_first(text: str, pos: int) -> tuple[Stamp, int] | None:
    """A clock, and the day behind it where it has a year or a mark stands between: 22:52 3/4 of all shards is no third of April."""
    clock = _CLOCKS.match(text, pos)
    if not clock or (clock["sep"] == "." and not clock["half"] and not clock[0].endswith("Uhr")):
        return None
    stamp = Stamp("")
    _set_clock(stamp, clock)
    end = clock.end()
    between = _BETWEEN.match(text, end)
    start = between.end() if between else end
    if start > end and text[start : start + 1].isalnum() and (dated := read_date(text, start)) and not dated[0].word:
        day = dated[0]
        if day.year is not None or text[end:start].strip():
            stamp.year, stamp.month, stamp.day, stamp.pair = day.year, day.month, day.day, day.pair
            stamp.is_short_year = day.is_short_year
            end = dated[1]
    stamp.text = text[pos:end]
    return stamp, end


def read_date(text: str, pos: int = 0) -> tuple[Stamp, int] | None:
    """The day that begins at `pos`: numbers, names of months in seven languages, today, yesterday, or a weekday."""
    start = pos
    named = ""
    if text[pos : pos + 1].isalpha():
        match = _WEEKDAY.match(text, pos)
        if match and match[1].casefold() in WEEKDAYS:
            named, pos = WEEKDAYS[match[1].casefold()], match.end()
    found = _date(text, pos)
    if found is None and (match := _WORD.match(text, start)):
        word = match[1].casefold()
        if word in RELATIVE or (word in WEEKDAYS and len(word) > 3):
            return Stamp(match[0], word=RELATIVE.get(word) or WEEKDAYS[word]), match.end()
    if found is None and named:
        return None
    if found:
        found[0].text = text[start : found[1]]
    return found


def _date(text: str, pos: int) -> tuple[Stamp, int] | None:
    if not text[pos : pos + 1].isdigit():
        match = _NAME_DAY.match(text, pos)
        month = MONTHS.get(match[1].casefold()) if match else None
        return (_on(match[3], month, match[2]), match.end()) if match and month else None
    if match := _YEAR_FIRST.match(text, pos) or _KANJI.match(text, pos):
        count = match.re.groups
        return _on(match[1], int(match[count - 1]), match[count]), match.end()
    if (match := _DAY_NAME.match(text, pos)) and (month := MONTHS.get(match[2].casefold())):
        return _on(match[3] or match[4], month, match[1]), match.end()
    match = _NUMBERS.match(text, pos) or _TWO_NUMBERS.match(text, pos)
    stamp = _numbers(match) if match else None
    return (stamp, match.end()) if match and stamp else None


def _on(year: str | None, month: int, day: str) -> Stamp:
    return _short(Stamp("", year=int(year) if year else None, month=month, day=int(day)), year)


def _short(stamp: Stamp, year: str | None) -> Stamp:
    stamp.is_short_year = len(year or "") == 2
    return stamp


def _numbers(match: re.Match[str]) -> Stamp | None:
    """A dot stands between day and month in this order everywhere; a slash and a dash do not say. None where no month is."""
    first, second = int(match[1]), int(match[3])
    year = match[4] if match.re.groups == 4 else None
    if (
        min(first, second) > 12
        or not first
        or not second
        or max(first, second) > 31
        or (match[2] == "." and second > 12)
    ):
        return None
    if match[2] == "." or first > 12:
        return _on(year, second, match[1])
    if second > 12 or first == second:
        return _on(year, first, match[3])
    return _short(Stamp("", year=int(year) if year else None, pair=(first, second)), year)


def _dated(match: re.Match[str]) -> Stamp:
    parts = match.groupdict()
    name = parts.get("name")
    stamp = Stamp(
        match[0],
        year=int(parts["year"]),
        month=(MONTHS.get(name.casefold()) or 0) if name else int(parts["month"]),
        day=int(parts["day"]),
    )
    _set_clock(stamp, match)
    return stamp


def _set_clock(stamp: Stamp, match: re.Match[str]) -> None:
    stamp.hour, stamp.minute = int(match["hour"]), int(match["minute"])
    if match["second"]:
        stamp.second = int(match["second"])
        if match["part"]:
            stamp.micro = int(match["part"][:6].ljust(6, "0"))
    if match["half"]:
        stamp.half = match["half"][0].lower() + "m"
    if match["zone"]:
        set_zone(stamp, match["zone"])


def set_zone(stamp: Stamp, given: str) -> bool:
    """Read an offset or an abbreviation into the stamp; False where it is neither."""
    given = given.strip()
    if given.upper() in {"Z", "UTC", "GMT"}:
        stamp.offset = 0
    elif match := _OFFSET.fullmatch(given):
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        stamp.offset = minutes if match[1] == "+" else -minutes
    elif given.upper() in ZONES or given.upper() in SEVERAL:
        stamp.zone = given.upper()
    else:
        return False
    return True


def _instant(match: re.Match[str]) -> Stamp:
    micro = match[2] or match[3] or match[4] or match[5] or ""
    return Stamp(
        match[0], at=datetime.fromtimestamp(int(match[1]), UTC).replace(microsecond=int(micro[:6].ljust(6, "0")))
    )
