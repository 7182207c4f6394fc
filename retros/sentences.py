"""Sentences of what people wrote, and the time that one of them holds. Pure; every step is linear in the text.

A sentence may name a clock (23:07, 11 pm, noon), a day (21 Oct, 2018-10-21), both, or an offset (T+00:15). What is missing is
filled in from the event, and each such guess is said in `doubt`, because nothing is guessed without a mark.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from retros import timing, when
from retros.when import Frame

END = re.compile(r"(?<=[.!?\u2026])\s+|(?<=[.!?\u2026][\"')\]\u201d\u2019])\s+|\n+")
ABBREVIATIONS = {"ca", "approx", "e.g", "i.e", "vs", "no", "dr", "mr", "mrs", "ms", "a.m", "p.m"}
MONTH = "(?:" + "|".join(sorted({name.capitalize() for name in when.MONTHS}, key=len, reverse=True)) + ")"
MONTH_NEXT = re.compile(MONTH)
HOLDS_ONE = re.compile(r"\d|\b[Nn]oon\b|\b[Mm]idnight\b")
CLOCK = re.compile(
    r"(?P<relative>(?<!\w)T[+\u2212-]\d{1,4}:\d{2}(?::\d{2})?(?!\d))"
    r"|(?:(?<![\w:.,+\u2212/-])|(?<=\dT)|(?<=\d[\u2013-]))"
    r"(?:(?P<clock>\d{1,2}[:h]\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)(?![\d:])(?P<half> ?[ap]\.?m\b\.?)?"
    r"|(?P<hour>\d{1,2}) ?(?P<half_hour>[ap])\.?m\b\.?"
    r"|(?P<word>[Nn]oon|[Mm]idnight)\b)"
    r"(?! ?(?:hours?|hrs?|minutes?|mins?|seconds?|secs?)\b)",
    re.ASCII,
)
DOTTED = re.compile(
    r"\b(?:[Aa]t|[Aa]round|[Aa]bout|[Bb]y|[Ss]ince|[Uu]ntil) (?P<clock>\d{1,2}\.\d{2})(?![\d%.]|\.\d)", re.ASCII
)
DATE = re.compile(
    r"(?<![\w.:/-])(?:(?P<iso>\d{4}-\d{2}-\d{2})|(?P<dotted>\d{1,2}\.\d{1,2}\.\d{4})"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.? {{1,3}}(?:of )?(?P<month>{MONTH})\b\.?(?:,? {{1,3}}(?P<year>\d{{4}}))?"
    rf"|(?P<month2>{MONTH})\.? {{1,3}}(?:the )?(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,? {{1,3}}(?P<year2>\d{{4}}))?"
    rf"|(?P<month3>{MONTH}),? {{1,3}}(?P<year3>\d{{4}}))(?!\d)",
    re.ASCII,
)
OFFSET = re.compile(
    r" ?(?P<offset>Z\b|(?:UTC|GMT)(?:[+\u2212-]\d{1,2}(?::?\d{2})?)?(?!\w)|[+\u2212]\d{2}:?\d{2}\b|(?<= )-\d{4}\b)",
    re.ASCII,
)
NAMED_ZONE = re.compile(r" (?P<zone>[A-Z]{1,3}[SD]T|WET|CET|EET|BST|MSK|[CE]EST|SGT|HKT)\b", re.ASCII)
VAGUE = re.compile(
    r"(?:\b(?:about|around|approximately|approx\.?|circa|ca\.?|roughly|maybe|perhaps|towards?|nearly|almost|before|after)|~) ?$",
    re.IGNORECASE | re.ASCII,
)
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
WEEKDAY = re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:s|rs|day|sday|nesday|rsday|urday)?\b", re.ASCII)
ANY_DAY = date(2000, 1, 1)  # to see whether a clock is one
HALVES = {"a": "am", "p": "pm"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it was written, and its time: the words that hold it, how they are read, and what of that is a guess.

    Without `typed` it holds no time; without `reading` its time needs a person.
    """

    text: str
    start: int
    end: int
    typed: str = ""
    reading: when.When | None = None
    doubt: str = ""


def read(text: str, frame: Frame) -> list[Sentence]:
    """All sentences of a text, in order, each with the first time that it holds."""
    return [_with_time(Sentence(text[start:end], start, end), frame) for start, end in spans(text)]


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a text begin and end, without the space around them."""
    start = 0
    for gap in END.finditer(text):
        if gap.start() and _goes_on(text, gap):
            continue
        yield from _trimmed(text, start, gap.start())
        start = gap.end()
    yield from _trimmed(text, start, len(text))


def _goes_on(text: str, gap: re.Match[str]) -> bool:
    """Whether what looks like an end is the point of an abbreviation, or of a day before its month (21. October)."""
    at = gap.start() - 1
    if text[at] != "." or "\n" in gap[0]:
        return False
    word = text[max(text.rfind(" ", max(0, at - 12), at), text.rfind("\n", max(0, at - 12), at)) + 1 : at]
    if word.isdigit():
        return len(word) <= 2 and bool(MONTH_NEXT.match(text, gap.end()))
    return word.lstrip("(").casefold() in ABBREVIATIONS


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    if part.strip():
        yield start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())


def _with_time(sentence: Sentence, frame: Frame) -> Sentence:
    text = sentence.text
    if not HOLDS_ONE.search(text):
        return sentence
    days = list(DATE.finditer(text))
    for match in _clocks(text):
        found = _at_clock(sentence, match, _day_of(match, days), frame)
        if found:
            return found
    return _on_day(sentence, days[0], frame) if days else sentence


def _clocks(text: str) -> list[re.Match[str]]:
    found = [*CLOCK.finditer(text), *DOTTED.finditer(text)]
    return sorted(found, key=lambda match: match.start("clock") if match["clock"] else match.start())


def _day_of(clock: re.Match[str], days: list[re.Match[str]]) -> re.Match[str] | None:
    """The day that a clock stands beside; else the only one of the sentence."""
    for day in days:
        if 0 <= clock.start() - day.end() <= 6 or 0 <= day.start() - clock.end() <= 10:
            return day
    return days[0] if len(days) == 1 else None


def _at_clock(sentence: Sentence, match: re.Match[str], day: re.Match[str] | None, frame: Frame) -> Sentence | None:
    """The sentence with the clock read; None where it is no time of day after all (a ratio, a version)."""
    text, groups = sentence.text, match.groupdict()
    after = text[match.end() : match.end() + 14]
    offset, named = OFFSET.match(after), NAMED_ZONE.match(after)
    said = groups.get("relative") or _clock_words(groups)
    about = "about " if VAGUE.search(text[max(0, match.start() - 18) : match.start()] + _lead(match)) else ""
    typed = f"{about}{_day_words(day, frame)}{said}{' ' + offset['offset'] if offset else ''}"
    sure = replace(sentence, typed=typed)
    try:
        if day is None and frame.start is None and not groups.get("relative"):
            when.read(typed, frame.zone, day=ANY_DAY)
            return replace(sure, doubt="Add the day: when the event began is not known.")
        weekday = None if day else _weekday_of(match, text)
        is_whole = day is not None or bool(groups.get("relative"))
        reading, doubt = _read(typed, frame, weekday) if not is_whole else (_plain(typed, frame), "")
    except when.Unclear as trouble:
        return replace(sure, doubt=str(trouble))
    except when.NotATime:
        return None
    if day is None and (slashed := when.SLASHES.search(text)):
        return replace(sure, doubt=f"{slashed[0]} can be read in two ways: name the month.")
    if named and reading.at.astimezone(frame.zone).tzname() != named["zone"]:
        return replace(sure, doubt=f"Written in {named['zone']}: add its offset from UTC.")
    return replace(sure, reading=reading, doubt=doubt)


def _lead(match: re.Match[str]) -> str:
    """What stands before a dotted clock inside its own match: "around "."""
    whole = match[0]
    return whole[: match.start("clock") - match.start()] if match["clock"] and not whole[0].isdigit() else ""


def _clock_words(groups: dict[str, str | None]) -> str:
    if groups.get("word"):
        return "12:00" if str(groups["word"]).lower() == "noon" else "00:00"
    if groups.get("hour"):
        return f"{groups['hour']}:00 {HALVES[str(groups['half_hour'])]}"
    half = (groups.get("half") or "").strip()[:1]
    return f"{groups['clock']}{' ' + HALVES[half] if half else ''}"


def _day_words(match: re.Match[str] | None, frame: Frame) -> str:
    """A day in words that `when.read` understands, with the event's year where none is named; "" without a day."""
    if match is None:
        return ""
    whole = match["iso"] or match["dotted"]
    if whole:
        return f"{whole} "
    if match["month3"]:
        return f"{match['month3']} {match['year3']} "
    year = match["year"] or match["year2"] or (str(frame.start.year) if frame.start else "")
    return f"{match['day'] or match['day2']} {match['month'] or match['month2']} {year} ".replace("  ", " ")


def _weekday_of(clock: re.Match[str], text: str) -> int | None:
    """The day of the week that stands just before a clock ("Monday at 08:05") or just after it ("08:05 on Monday")."""
    before = WEEKDAY.findall(text[max(0, clock.start() - 16) : clock.start()])
    after = WEEKDAY.search(text[clock.end() : clock.end() + 14])
    name = before[-1] if before else after[1] if after else ""
    return WEEKDAYS.index(name) if name else None


def _plain(typed: str, frame: Frame) -> when.When:
    return when.read(typed, frame.zone, zero=frame.zero)


def _read(typed: str, frame: Frame, weekday: int | None) -> tuple[when.When, str]:
    """How a clock without a day is read, and what of it is a guess. It falls on the first day of which people tell (`Frame.first`), or
    on the one beside it where it is nearer to the event; on the first day of that name from then on, where it names one."""
    start = frame.first
    if start is None:
        return _plain(typed, frame), ""
    on = start.date()
    if weekday is not None:
        on, is_sure = _named(weekday, on, frame)
        doubt = "" if is_sure else f"Which {on:%A}? Read as {timing.day_label(on)}."
        return when.read(typed, frame.zone, day=on, zero=frame.zero), doubt
    reading, taken = when.beside(typed, replace(frame, start=start), on)
    is_guess = frame.is_long or reading.at < start - when.SHORTLY
    return reading, f"No day is named: read as {timing.day_label(taken or on)}." if is_guess else ""


def _named(weekday: int, first: date, frame: Frame) -> tuple[date, bool]:
    """The day of that name from the event's first day on, else the last before it; and whether no other is possible."""
    on = first + timedelta(days=(weekday - first.weekday()) % 7)
    last = frame.end.date() if frame.end else None
    if last and on > last:
        return on - timedelta(days=7), False
    return on, bool(last and on + timedelta(days=7) > last)


def _on_day(sentence: Sentence, day: re.Match[str], frame: Frame) -> Sentence:
    """A sentence that names a day and no clock."""
    typed = _day_words(day, frame).strip()
    try:
        return replace(sentence, typed=typed, reading=when.read(typed, frame.zone))
    except when.Unclear as trouble:
        return replace(sentence, typed=typed, doubt=str(trouble))
    except when.NotATime:
        return sentence
