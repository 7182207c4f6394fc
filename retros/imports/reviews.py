"""A review that was written as Markdown: its timeline as a table, a list or lines, with what the review says of zone, day and T-0."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from retros.imports import limits, tables
from retros.imports.chats import day_of
from retros.imports.drafts import OUTSIDE, Draft, Drafts, clean, follow, lines_of
from retros.imports.found import Refused
from retros.imports.labels import LANDMARKS, SOURCES
from retros.imports.stamps import Stamp, read_at, read_date, set_zone

_HEADING = re.compile(r"(#{1,6})\s{1,4}(\S.{0,300})$")
TIMELINE = re.compile(
    r"time\s?line|chronolog|sequence of events|what happened when|zeitachse|zeitleiste|ablauf|cronolog|déroulé",
    re.IGNORECASE,
)
BULLET = re.compile(r"(\s{0,12})(?:[-*+•]|\d{1,4}[.)])\s{1,4}(?:\[[ xX]\]\s)?")
_OPENING = re.compile(r"[*_`\[(\"]{0,6}(?:\s{0,2})")
_CLOSING = re.compile(r"[*_`\])\"]{0,6}\s{0,4}[:|\u2013\u2014>-]{0,3}[*_`]{0,4}\s{0,4}")
_SEPARATOR = re.compile(r"\s{0,40}\|?\s{0,40}:?-{1,40}:?\s{0,40}(?:\|\s{0,40}:?-{1,40}:?\s{0,40}){0,60}\|?\s{0,40}$")
_ZONE = r"((?:UTC|GMT)(?:[+\u2212-]\d{1,2}(?::?\d{2})?)?|[A-Z]{2,4}T|[A-Z][A-Za-z]{2,20}/[A-Z][A-Za-z_]{2,30}(?:/[A-Z][A-Za-z_]{2,30})?)\b"
_STATED = re.compile(r"(?i:times|clocks)\s(?:(?:are|is|all|given|in)\s){0,3}\(?" + _ZONE)
_IN_BRACKETS = re.compile(r"\((?:all\s)?(?:times?\s)?(?:are\s)?(?:in\s)?" + _ZONE)
_ZERO = re.compile(r"T\+00:00 is (.{6,40}?), (?:the|as)\b|T\+00:00 is (.{6,40}?)(?=[,.]\s)")
_DATED = re.compile(
    r"\s{0,3}[-*]?\s{0,3}\**(?:date|day|when|datum|incident date|date of (?:the )?(?:incident|event)|started?|began|happened)\b"
    r"[^:\n]{0,30}:\**\s{0,4}",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"T\s?([+\u2212-])\s?(\d{1,4}):(\d{2})(?::(\d{2}))?", re.ASCII)
_COUNTED_DAYS = re.compile(r"[DW]\s?[+\u2212-]\s?\d{1,4}(?= \()", re.ASCII)  # D+3, W-2, with the day in brackets
_COLON = re.compile(r"[*_`\])]{0,4}\s?[:|\u2013\u2014-]")
_ABOUT = re.compile(r"\b(?:about|around|approx\.?|ca\.?|~)\s?", re.IGNORECASE)
_UNTIL = re.compile(r"\s{0,2}(?:to|until|[\u2013\u2014-])\s{0,2}(?=\d)")
_KNOWN_FROM = re.compile(r"\s\(([^()]{1,300}|[^()]{0,200}\([^()]{0,60}\)[^()]{0,60})\)$")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_LINK = re.compile(r"\[([^\[\]]{1,300})\]\((https?://[^\s()]{1,500})\)")
_DIGIT = re.compile(r"\d")
_MARKED = re.compile(r"[*_`\\&\[]")
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
HOW_TO_READ = "Says how the clocks are to be read."
NO_TIME_HERE = "Stands in the timeline and has no time."


def looks_like_one(text: str) -> bool:
    """Whether a heading names a timeline, or there are headings and rows with times."""
    return any((m := _HEADING.match(line)) and TIMELINE.search(m[2]) for line in text[:300_000].split("\n"))


def read(text: str, drafts: Drafts, columns: Mapping[str, str]) -> None:
    """Fill the drafts from the timeline of the review, or from all of it where no heading names one."""
    lines = [(number, line) for number, line in lines_of(text)]
    drafts.lines = len(lines)
    drafts.label = "Review in Markdown"
    _facts(lines, drafts)
    walk = _Walk(drafts, columns, has_heading=looks_like_one(text))
    index = 0
    while index < len(lines):
        index = walk.take(lines, index)
    if not any(not row.is_day for row in drafts.rows):
        raise Refused(
            "line 1: no row of a timeline with a time is found. A heading “Timeline” with a list or a table is what is looked for."
        )


def _facts(lines: list[tuple[int, str]], drafts: Drafts) -> None:
    """What the review says of all its times: a zone, a day, T-0."""
    for _, line in lines:
        if len(line) > 2000:
            continue
        stated = _STATED.search(line) or (_IN_BRACKETS.search(line) if line.startswith("#") else None)
        if stated and drafts.zone is None and drafts.area is None:
            _set_zone(stated[1], drafts)
        zero = _ZERO.search(line)
        if zero and drafts.zero is None:
            found = read_at(zero[1] or zero[2] or "")
            drafts.zero = found[0] if found else None
        if drafts.stated is None:
            drafts.stated = _stated_day(line)


def _stated_day(line: str) -> Stamp | None:
    """The day of a line such as “Date: 2019-10-21”, or with which the title ends."""
    if match := _DATED.match(line):
        found = read_date(line, match.end())
        day = found[0] if found else None
    else:
        day = _day_in(_plain(line[2:])) if line.startswith("# ") else None
    return day if day and day.month and day.year else None


def _set_zone(words: str, drafts: Drafts) -> None:
    stamp = Stamp(words)
    if set_zone(stamp, words):
        drafts.zone = stamp
    elif "/" in words:
        try:
            drafts.area = ZoneInfo(words)
        except (ValueError, OSError, KeyError):
            drafts.area = None


class _Walk:
    """Goes down the lines: inside or outside the timeline, rows with what continues them, tables as a whole."""

    def __init__(self, drafts: Drafts, columns: Mapping[str, str], *, has_heading: bool) -> None:
        self.drafts, self.columns = drafts, columns
        self.has_heading = has_heading
        self.level = 0  # of the heading that began the timeline; 0 outside
        self.current: Draft | None = None
        self.indent = 0

    @property
    def is_inside(self) -> bool:
        return self.level > 0 or not self.has_heading

    def take(self, lines: list[tuple[int, str]], index: int) -> int:
        """Look at one line, or at one table; returns the index behind it."""
        number, line = lines[index]
        if not line.strip() or len(line) > limits.MAX_LINE:
            return index + 1
        if heading := _HEADING.match(line):
            self._head(number, len(heading[1]), heading[2])
            return index + 1
        if index + 1 < len(lines) and _SEPARATOR.match(lines[index + 1][1]) and "|" in line and self.is_inside:
            return self._table(lines, index)
        if _ZERO.search(line, 0, 2000):
            self.drafts.skip(number, HOW_TO_READ, line)
        elif self.is_inside:
            self._line(number, line)
        else:
            self.drafts.skip(number, OUTSIDE, line)
        return index + 1

    def _head(self, number: int, level: int, words: str) -> None:
        self.current = None
        bare = _plain(words)
        if self.level and level <= self.level:
            self.level = 0
        if not self.level and TIMELINE.search(bare):
            self.level = level
            return
        if self.is_inside and (day := _day_in(bare)):
            self.drafts.add(Draft(number, day, bare, is_day=True))
        elif not self.is_inside:
            self.drafts.skip(number, OUTSIDE, words)

    def _line(self, number: int, line: str) -> None:
        bullet = BULLET.match(line)
        start = bullet.end() if bullet else len(line) - len(line.lstrip())
        indent = len(bullet[1]) if bullet else start
        has_number = bool(_DIGIT.search(line))
        if self.current and indent > self.indent and not (has_number and starts_with_time(line, start)):
            self._follow(number, line)
            return
        day = day_of(_plain(line[start:]).rstrip(":")) if has_number and len(line) < 120 else None
        draft = row_of(line, start, self.drafts, number) if has_number and not day else None
        if day:
            self.current = None
            self.drafts.add(Draft(number, day, line, is_day=True))
        elif draft:
            self.current, self.indent = draft, indent
            self.drafts.add(draft)
        elif self._goes_on(number, line) and not bullet:
            self._follow(number, line)
        else:
            self._left_out(number, line)

    def _goes_on(self, number: int, line: str) -> bool:
        """Whether a line without a mark of its own is the next of the row above it, as a paragraph is broken into lines."""
        above = self.current
        if above is None or line.startswith((" ", "*", "_", "|", ">")):
            return False
        return (above.last_line or above.line) == number - 1

    def _follow(self, number: int, line: str) -> None:
        if self.current:
            follow(self.current, _plain(line).strip())
            self.current.last_line = number

    def _left_out(self, number: int, line: str) -> None:
        self.current = None
        self.drafts.skip(number, NO_TIME_HERE if self.has_heading else OUTSIDE, line)

    def _table(self, lines: list[tuple[int, str]], index: int) -> int:
        """A table of the timeline is read as any table is."""
        self.current = None
        rows = []
        heading = [_plain(cell) for cell in _cells(lines[index][1])]
        index += 2
        while index < len(lines) and "|" in lines[index][1]:
            number, line = lines[index]
            rows.append(tables.Row(number, [_plain(cell) for cell in _cells(line)], number))
            index += 1
        tables.fill(heading, rows, self.drafts, self.columns)
        return index


def row_of(line: str, start: int, drafts: Drafts, number: int) -> Draft | None:
    """A row such as “**22:52** words” or “T+00:10 (21 Oct, 23:02): words (Detected; Chat)”; None where no time stands first."""
    opening = _OPENING.match(line, start)
    pos = opening.end() if opening else start
    found = _relative(line, pos, drafts) or _absolute(line, pos)
    if not found:
        return None
    stamp, end, guesses = found
    closing = _CLOSING.match(line, end)
    words = line[closing.end() if closing else end :].strip()
    draft = Draft(number, stamp, "", source="document", raw=clean(line.strip()), guesses=guesses)
    _take_words(draft, words)
    return draft if draft.text else None


def _absolute(line: str, pos: int) -> tuple[Stamp, int, list[str]] | None:
    found = read_at(line, pos, epoch=False)
    if not found or (found[0].hour is None and found[0].word):
        return None
    stamp, end = found
    if stamp.hour is None and stamp.year is None and not _COLON.match(line, end):
        return None  # “3/4 of all shards are back” and “May 5 nodes fail” name no day
    guesses = []
    until = _UNTIL.match(line, end)
    if (
        until
        and stamp.hour is not None
        and (later := read_at(line, until.end(), epoch=False))
        and later[0].hour is not None
    ):
        end = later[1]
        if later[0].offset is not None and stamp.offset is None:
            stamp.offset = later[0].offset
        guesses.append(f"The record says until {later[0].text}; the end is not read.")
    if end < len(line) and line[end].isalnum():
        return None
    return stamp, end, guesses


def _relative(line: str, pos: int, drafts: Drafts) -> tuple[Stamp, int, list[str]] | None:
    """T+00:10, alone or with the clock in brackets; the clock is what counts."""
    match = _RELATIVE.match(line, pos) or _COUNTED_DAYS.match(line, pos)
    if not match:
        return None
    end = match.end()
    if line[end : end + 2] == " (" and (close := line.find(")", end)) > 0:
        inside = line[end + 2 : close]
        bare = _ABOUT.sub("", inside)
        found = read_at(bare, epoch=False)
        if found:
            stamp, stop = found
            stamp.is_about = bare != inside
            stamp.text = f"{match[0]} ({inside})"
            guesses = [f"The record says {inside}; the end is not read."] if _UNTIL.match(bare, stop) else []
            return stamp, close + 1, guesses
    counted = _counted(match, drafts)
    return (counted, end, []) if counted else None


def _counted(match: re.Match[str], drafts: Drafts) -> Stamp | None:
    """T-0 as the review gives it, plus the offset; None where it gives none."""
    zero = drafts.zero
    if (
        match.re is not _RELATIVE
        or zero is None
        or zero.year is None
        or zero.month is None
        or zero.day is None
        or zero.hour is None
    ):
        return None
    seconds = int(match[2]) * 3600 + int(match[3]) * 60 + int(match[4] or 0)
    try:
        at = datetime(zero.year, zero.month, zero.day, zero.hour, zero.minute)  # noqa: DTZ001 - its zone follows
        at += timedelta(seconds=seconds if match[1] == "+" else -seconds)
    except (ValueError, OverflowError):
        return None
    stamp = Stamp(match[0], at.year, at.month, at.day, at.hour, at.minute, at.second)
    stamp.offset, stamp.zone = zero.offset, zero.zone
    return stamp


def _take_words(draft: Draft, words: str) -> None:
    """The words of a row; what stands in brackets behind them may name landmark and source."""
    known = _KNOWN_FROM.search(words)
    if known and _take_known(draft, known[1]):
        words = words[: known.start()]
    if link := _LINK.search(words):
        draft.source_url = draft.source_url or link[2]
    bold = _BOLD.fullmatch(words.strip())
    draft.is_key = bool(bold)
    draft.text = _plain(words)


def _take_known(draft: Draft, words: str) -> bool:
    """“Detected; Chat, #ops; https://…”. False, and nothing taken, where none of it is known."""
    parts = [part.strip() for part in _ESCAPE.sub(r"\1", words).split(";")]
    took = False
    for part in parts:
        kind, _, label = part.partition(",")
        if landmark := LANDMARKS.get(part.casefold()):
            draft.landmark, took = landmark, True
        elif source := SOURCES.get(kind.strip().casefold()):
            draft.source, draft.source_label, took = source, label.strip(), True
        elif part.startswith(("https://", "http://")) and took:
            draft.source_url = part
    return took


def _plain(words: str) -> str:
    """Without marks of emphasis, escapes and links' addresses."""
    if not _MARKED.search(words):
        return clean(words).strip()
    words = _LINK.sub(r"\1", words)
    words = _BOLD.sub(r"\1", words).replace("`", "")
    words = re.sub(r"(?<!\\)(?<!\w)[*_]{1,2}(?=\S)|(?<=\S)(?<!\\)[*_]{1,2}(?!\w)", "", words)
    return clean(_ESCAPE.sub(r"\1", words).replace("&lt;", "<").replace("&amp;", "&")).strip()


def _day_in(words: str) -> Stamp | None:
    """The day that a heading is, or ends with: “Day 2, 22 October 2018”."""
    if day := day_of(words):
        return day
    for pos in (m.end() for m in re.finditer(r"[\s(]", words[:80])):
        found = read_date(words, pos)
        if found and found[0].month and words[found[1] :].strip(" ):") == "":
            return found[0]
    return None


def starts_with_time(line: str, start: int) -> bool:
    opening = _OPENING.match(line, start)
    pos = opening.end() if opening else start
    found = read_at(line, pos, epoch=False)
    return bool((found and found[0].hour is not None) or _RELATIVE.match(line, pos))


def _cells(line: str) -> list[str]:
    """The cells of a row of a table; an escaped bar ends none."""
    bare = line.strip().removeprefix("|")
    bare = bare[:-1] if bare.endswith("|") and not bare.endswith("\\|") else bare
    return [cell.replace("\0", "|").strip() for cell in bare.replace("\\|", "\0").split("|")]
