"""Copies of a chat: Teams, the window of Slack, WhatsApp, Discord, Zoom, IRC, minutes taken by hand. Who wrote, when, and what follows."""

import re
from dataclasses import dataclass

from retros.imports import limits
from retros.imports.drafts import TOO_LONG, Draft, Drafts, clean, follow, lines_of
from retros.imports.found import Refused
from retros.imports.months import RELATIVE, WEEKDAYS
from retros.imports.stamps import Stamp, read_at, read_date

_MARKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_OPEN = re.compile(r"\s{0,8}(?:[-*•>]\s{1,3})?([\[(])?\s{0,2}")
_AUTHOR = re.compile(
    r"\s{0,3}(?:[-\u2013\u2014|:•·]\s{1,3})?(?:<\s?([^<>\n]{1,60})>|\*\s(\S{1,40})(?=\s)|([^\s:<>\[\]\"{}=][^:<>\[\]\"{}=\n]{0,59}?)\s?(?::(?!//)))(?:\s|$)"
)
_ZOOM = re.compile(r"\s{1,3}From\s{1,3}([^:\n]{1,80}?)\s{1,3}to\s{1,3}[^:\n]{1,60}:\s?", re.IGNORECASE)
_HANDLE = re.compile(r"@?[^\W\d_][\w.-]{1,38}\w")
_NAME = re.compile(r"[^\W\d_][\w .,'’()@/-]{0,59}$")
_GAP = re.compile(r"(?:\s{1,4}|,\s?)(?:APP\s{1,3})?(?:[-\u2013\u2014•|]\s{1,3})?[\[(]?(?=\w)")
_EMOJI = re.compile(r":[\w+-]{1,40}:|[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]")
_SMALL = {"de", "da", "di", "van", "von", "der", "den", "la", "le", "bin", "al", "el", "dos", "du", "y", "e"}
_DECORATED = re.compile(r"^[-=_*#\u2500-\u257f\u2013\u2014 ]{0,40}|[-=_*\u2500-\u257f\u2013\u2014 :]{0,40}$")
_DIGIT = re.compile(r"\d")
_DAYS = {*RELATIVE, *WEEKDAYS}
_CHANGED = re.compile(r"---\s(?:Day changed|Log opened)\s", re.IGNORECASE)
_LEVEL = re.compile(
    r"(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL|CRIT|TRACE|ALERT|EMERG|LOG|HINT|DETAIL)\b", re.ASCII
)
# A program, a host or a file in front of a colon is nobody; joana.m is somebody.
_MACHINE = re.compile(
    r"[\w.-]{0,60}(?:\[\d{1,8}\]|/\w|#\d)|[\w-]{1,40}(?:\.[\w-]{1,40}){2,8}|"
    r"[\w-]{1,60}\.(?:com|net|org|io|local|internal|lan|py|go|js|ts|java|rs|c|cpp|rb|php|log|sh|service)",
    re.ASCII,
)
_NOISE = re.compile(
    r"(?:new messages?|new|edited|\(edited\)|unread|today|view thread|\d{1,4} repl(?:y|ies)|last reply .{0,40}|pinned by .{0,60}|"
    r"\d{1,3} reactions?|.{1,60} (?:has |have )?(?:joined|left)(?: the (?:channel|chat|meeting|conversation))?\.?|"
    r"messages and calls are end-to-end encrypted.{0,200}|like \d{1,3}|-?!-\s.{0,200}|-->\s.{0,200}|<--\s.{0,200}|\*{3}\s.{0,200})",
    re.IGNORECASE,
)
_JOINED = "Somebody joins or leaves, or the chat program speaks."
_NO_HEAD = "Stands before the first message."


@dataclass(slots=True)
class Line:
    """What the head of a chat line says. `pos` is where the words begin; a bare time has no author."""

    stamp: Stamp
    author: str
    pos: int
    is_bracketed: bool = False
    is_nick: bool = False


def read(text: str, drafts: Drafts) -> None:
    """Fill the drafts; raises Refused where no line has a time."""
    walk = _Walk(drafts)
    for number, raw in lines_of(text):
        drafts.lines = number
        if not raw.strip():
            continue
        if len(raw) > limits.MAX_LINE:
            drafts.skip(number, TOO_LONG, raw)
            continue
        walk.take(number, plain(raw), clean(raw))
    walk.close()
    if not any(not row.is_day for row in drafts.rows):
        first = drafts.skipped[0] if drafts.skipped else None
        raise Refused(
            f"line {first.line if first else 1}: no message with a time is found: “{first.text[:60] if first else ''}”. "
            "Copy the chat with names and times, or name the format."
        )
    drafts.label = "Copy of a chat"


def plain(raw: str) -> str:
    """Without the invisible marks that chat programs put around times, and with plain spaces."""
    return raw.rstrip() if raw.isascii() else _SPACES.sub(" ", _MARKS.sub("", raw)).rstrip()


class _Walk:
    """Reads line by line; remembers a line that may be the name above a time."""

    def __init__(self, drafts: Drafts) -> None:
        self.drafts = drafts
        self.current: Draft | None = None
        self.name: tuple[int, str] | None = None  # a line that is perhaps the name of who wrote next
        self.author = ""
        self.following = 0
        self.is_perhaps_name = False  # the only word behind a time in brackets

    def take(self, number: int, line: str, raw: str) -> None:
        has_number = bool(_DIGIT.search(line))
        day = day_of(line) if has_number or line.strip(" -=*_#").casefold() in _DAYS else None
        if day:
            self.close()
            self.current = None
            self.drafts.add(Draft(number, day, line, is_day=True))
            return
        head = head_of(line) if has_number else None
        if head:
            self._begin(number, line, raw, head)
        elif _NOISE.fullmatch(line.strip()):
            self._spill()
            self.drafts.skip(number, _JOINED, line)
        else:
            self._spill()
            name = _EMOJI.sub("", line).strip()
            if _NAME.fullmatch(name) and _is_name(name, is_closed=False):
                self.name = (number, name)
            else:
                self._continue(number, line, raw)

    def _begin(self, number: int, line: str, raw: str, head: Line) -> None:
        author = head.author
        if not author and self.name and not line[head.pos :].strip():
            author, self.name = self.name[1], None
            number -= 1
            raw = f"{author}\n{raw}"
        self._spill()
        self._drop_empty()
        words = line[head.pos :].strip()
        if not author and words and _NOISE.fullmatch(words):
            self.close()
            self.current = None
            self.drafts.skip(number, _JOINED, line)
            return
        if not words and not author and self.current and self.current.text:
            author = self.author  # a time of its own below a message: the same person goes on
        self.author = author
        above = self.current.stamp if self.current else None
        self.current = Draft(number, head.stamp, words, handle=author, source="chat", raw=raw, last_line=0)
        self.is_perhaps_name = head.is_bracketed and not author and bool(_HANDLE.fullmatch(words))
        if not head.author and _take_half(head.stamp, above):
            self.current.guesses.append(f"Read as {head.stamp.half}, like the message above.")
        self.following = 0
        self.drafts.add(self.current)

    def _continue(self, number: int, line: str, raw: str) -> None:
        if self.current is None or self.following >= limits.MAX_FOLLOWING:
            self.drafts.skip(
                number, _NO_HEAD if self.current is None else "More lines follow one message than are read.", line
            )
            return
        if self.is_perhaps_name and self.current.last_line == 0:  # “[22:52] joana.m”, and the words below it
            self.author = self.current.handle = self.current.text.lstrip("@")
            self.current.text, self.current.raw = clean(line).strip(), f"{self.current.raw}\n{raw}"
        elif self.current.text:
            follow(self.current, line)
        else:
            self.current.text, self.current.raw = clean(line).strip(), f"{self.current.raw}\n{raw}"
        self.current.last_line = number
        self.following += 1

    def _spill(self) -> None:
        """The line that looked like a name was a line of the message."""
        if self.name:
            number, line = self.name
            self.name = None
            self._continue(number, line, line)

    def _drop_empty(self) -> None:
        if self.current and not self.current.text and self.drafts.rows and self.drafts.rows[-1] is self.current:
            self.drafts.rows.pop()
            self.drafts.skip(self.current.line, "A time without a message.", self.current.raw)

    def close(self) -> None:
        self._spill()
        self._drop_empty()


def _take_half(stamp: Stamp, above: Stamp | None) -> bool:
    """A clock without am or pm below one that has it, as Slack shows what the same person goes on to say."""
    if not above or not above.half or stamp.half or stamp.has_date or stamp.hour is None or not 1 <= stamp.hour <= 12:
        return False
    stamp.half = above.half
    if stamp.hour == 12 and above.hour != 12:  # 11:58 pm, then 12:02
        stamp.half = "am" if above.half == "pm" else "pm"
    return True


def day_of(line: str) -> Stamp | None:
    """A line that is nothing but a day: “Sunday, October 21st”, “--- 21.10.2018 ---”."""
    if changed := _CHANGED.match(line):
        found = read_at(line, changed.end())
        return found[0] if found and found[0].has_date else None
    bare = _DECORATED.sub("", line.strip())
    if not 3 <= len(bare) <= 60 or not (_DIGIT.search(bare) or bare.casefold() in _DAYS):
        return None
    found = read_date(bare)
    if not found or found[1] != len(bare):
        return None
    return found[0]


def head_of(line: str) -> Line | None:
    """The head of a message: [time] name: words, time - name: words, time <nick> words, name [time], name, time."""
    opened = _OPEN.match(line)
    start = opened.end() if opened else 0
    found = read_at(line, start, epoch=False)
    if found and (found[0].hour is not None or found[0].at):
        return _timed(line, found[0], found[1], bool(opened and opened[1]))
    return _named(line)


def _timed(line: str, stamp: Stamp, end: int, is_bracketed: bool) -> Line | None:
    if is_bracketed:
        if line[end : end + 1] not in {"]", ")"}:
            return None
        end += 1
    elif end < len(line) and line[end] not in " \t,:-|–—•":
        return None
    rest = line[end:]
    if zoom := _ZOOM.match(rest):
        return Line(stamp, zoom[1].strip(), end + zoom.end())
    match = _AUTHOR.match(rest)
    author = next((part for part in match.groups() if part), "").strip() if match else ""
    if match and author and not _LEVEL.match(author) and not _MACHINE.fullmatch(author) and len(author.split()) <= 6:
        return Line(stamp, author.lstrip("@+~&%"), end + match.end(), is_bracketed, bool(match[1]))
    bare = rest.strip(" \t:-|–—•")
    if (
        is_bracketed
        and bare
        and len(bare.split()) <= 4
        and _NAME.fullmatch(bare)
        and bare[0].isupper()
        and bare == bare.title()
    ):
        return Line(stamp, bare, len(line), True)
    return Line(stamp, "", end + (len(rest) - len(rest.lstrip(" \t:-|–—•"))), is_bracketed)


def _named(line: str) -> Line | None:
    """Priya Natarajan  10:52 PM: a name before the time, the words on the next lines or behind a bracket."""
    if not line or not (line[0].isalpha() or line[0] == "@"):
        return None
    for gap in _GAP.finditer(line, 0, 90):
        name = _EMOJI.sub("", line[: gap.start()]).strip()
        if len(name) > 60 or not _is_name(name, is_closed="[" in gap[0]):
            continue
        found = read_at(line, gap.end(), epoch=False)
        if not found or found[0].hour is None:
            continue
        rest = line[found[1] :].strip()
        is_closed = rest[:1] in {"]", ")"}
        if is_closed or not rest:
            words = rest[1:].lstrip(" :")
            return Line(found[0], name.lstrip("@"), len(line) - len(words), is_closed)
    return None


def _is_name(words: str, *, is_closed: bool) -> bool:
    """Whether this is how somebody is called: one word, or several that begin like names do."""
    parts = words.split()
    if not 1 <= len(parts) <= 6 or words[-1] in ":;.!?=":
        return False
    return (
        len(parts) == 1
        or is_closed
        or all(part[0].isupper() or not part[0].isalpha() or part in _SMALL for part in parts)
    )
