"""What reading a record yields: moments with where each stands in the file, what was left out and why, and what must be asked. Pure."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from retros.when import When


class Refused(ValueError):
    """Nothing of the file is read. The message is one line: where (line or file), why, and how to mend it."""

    def __init__(self, why: str) -> None:
        super().__init__(" ".join("".join(c if c.isprintable() else " " for c in why).split()))


@dataclass(frozen=True, slots=True)
class Found:
    """One moment of a record.

    `at` is aware and keeps the offset of the source; None where the time is missing or `unclear` says why it can be read in
    several ways (`choices`, often empty). `offset` is minutes east of UTC as the source gave them, None where it gave none.
    `guesses` are sentences, one for each thing that the record did not say itself.
    """

    line: int  # of the first line in its file, from 1
    text: str
    at: datetime | None = None
    offset: int | None = None
    precision: str = "exact"  # exact, approx, day, month
    at_text: str = ""  # the time in the words of the file
    author: str = ""
    source: str = "log"  # a value of models.Source
    source_label: str = ""
    source_url: str = ""
    raw: str = ""  # the lines as they stand in the file
    type: str = ""  # a value of models.EntryType where the file says so
    landmark: str = ""  # a value of models.Landmark where the file says so
    is_key: bool = False
    guesses: tuple[str, ...] = ()
    unclear: str = ""
    choices: tuple[datetime, ...] = ()
    thread: int | None = None  # line of the message that this one answers
    last_line: int = 0  # of a moment with continuation lines; 0 means `line`
    file: str = ""  # name inside the archive or folder; empty for a single file
    item: int = 0  # number in the list that a JSON file is, from 1; several may stand on one line

    @property
    def when(self) -> When | None:
        """As the storing services take it."""
        return When(self.at.astimezone(UTC), self.offset, self.precision) if self.at else None

    @property
    def where(self) -> str:
        """Where in the record, for readers."""
        place = f"item {self.item} (line {self.line})" if self.item else f"line {self.line}"
        return f"{self.file} {place}".strip()


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that yields no moment, or one whose time is unclear. `reason` is one of few sentences, so that equal ones can be counted."""

    line: int
    reason: str
    text: str = ""  # how the line begins, at most 160 letters
    file: str = ""
    last_line: int = 0  # of several lines that share the reason; 0 means `line`


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the record names: `handle` is what `users` maps, `name` what is shown, `count` how many moments."""

    handle: str
    name: str
    count: int
    is_known: bool  # named by the file's own list of users or by the caller


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, first values, and what it is read as (a key of MEANINGS)."""

    name: str
    values: tuple[str, ...]
    meaning: str


# What a column of a table can be, in the order in which a page offers them.
MEANINGS = {
    "time": "Time",
    "date": "Day",
    "clock": "Clock",
    "zone": "Time zone",
    "text": "What happened",
    "author": "Person",
    "source": "Source",
    "landmark": "Landmark",
    "type": "Type",
    "link": "Link",
    "skip": "Leave out",
}

# Formats a reader may name instead of `auto`, with what they are called on a page.
FORMATS = {
    "log": "Log lines",
    "journald": "Journal (JSON)",
    "slack": "Slack export",
    "chat": "Copy of a chat",
    "csv": "CSV",
    "pagerduty": "PagerDuty",
    "jira": "Jira",
    "github": "GitHub",
    "markdown": "Review in Markdown",
}


@dataclass(frozen=True)
class Reading:
    """All that one record says. `entries` are in the order of the file."""

    format: str
    format_label: str = ""  # such as "Log lines: syslog (RFC 3164)"
    why: str = ""  # why this format was chosen, in a few words
    lines: int = 0  # how many lines (of text) or items (of JSON) were looked at
    entries: tuple[Found, ...] = ()
    skipped: tuple[Problem, ...] = ()
    needs_zone: bool = False  # there are clocks without an offset, and no zone was given
    needs_day: bool = False  # there are clocks without a day, and no day was given
    needs_year: bool = False  # there are days without a year, and `captured` was not given
    needs_columns: bool = False  # a table in which no column is known to hold the time, or none the words
    needs_order: bool = False  # 03/04/2024 can be read in two ways, no line settles it, and `day_first` was not given
    order: str = ""  # how many dates settle which of day and month comes first, in a sentence
    people: tuple[Person, ...] = ()
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()  # the first rows of a table, below its heading
    files: tuple[str, ...] = field(default=())  # files of an archive or folder that were read
