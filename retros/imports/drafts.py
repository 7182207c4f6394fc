"""What a reader of one format hands over: lines with their stamps as they stand there, before anything is completed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from retros.imports import limits
from retros.imports.found import Column, Problem, Refused
from retros.imports.stamps import Stamp

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
NO_TIME = "Holds no time, and does not continue the line before."
OUTSIDE = "Stands outside the timeline."
RUNS = {NO_TIME, OUTSIDE}  # reasons of which a run of lines is one row
TOO_LONG = f"The line is longer than {limits.MAX_LINE:,} letters."


@dataclass(slots=True)
class Draft:
    """A moment in the words of the file. `handle` is who, as the file identifies them; `name` is what the file calls them."""

    line: int
    stamp: Stamp | None
    text: str
    handle: str = ""
    name: str = ""
    source: str = "log"
    source_label: str = ""
    source_url: str = ""
    raw: str = ""
    type: str = ""
    landmark: str = ""
    is_key: bool = False
    guesses: list[str] = field(default_factory=list)
    thread: int | None = None
    last_line: int = 0
    file: str = ""
    item: int = 0
    is_day: bool = False  # says which day the lines below it are of, and is no moment


@dataclass
class Drafts:
    """Everything one format found. A zone or a year that the file states for all its lines stands here too."""

    format: str
    label: str = ""
    why: str = ""
    rows: list[Draft] = field(default_factory=list)
    skipped: list[Problem] = field(default_factory=list)
    lines: int = 0
    files: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    samples: list[tuple[str, ...]] = field(default_factory=list)
    needs_columns: bool = False
    names: dict[str, str] = field(default_factory=dict)  # handle -> name, from the file's own list of users
    zone: Stamp | None = None  # "All times are UTC"
    area: ZoneInfo | None = None  # the same by the name of a place
    zero: Stamp | None = None  # "T+00:00 is 21 Oct 2018, 22:54 UTC"
    stated: Stamp | None = None  # "Date: 2018-10-21"
    in_order: bool = True  # whether a clock that goes back means that midnight passed

    def add(self, draft: Draft) -> None:
        if len(self.rows) >= limits.MAX_MOMENTS:
            place = f"{draft.file} line {draft.line}".strip()
            raise Refused(
                f"{place}: more than {limits.MAX_MOMENTS:,} moments. Cut the record to the hours of the event and bring it again."
            )
        self.rows.append(draft)

    def skip(self, line: int, reason: str, text: str = "", file: str = "") -> None:
        """List a line; a run of equal reasons with no moment in between is one row."""
        last = self.skipped[-1] if self.skipped else None
        is_run = last and last.reason == reason and reason in RUNS and last.file == file
        if last and is_run and (not self.rows or self.rows[-1].line < last.line):
            self.skipped[-1] = Problem(last.line, reason, last.text, file, line)
        else:
            self.skipped.append(Problem(line, reason, " ".join(clean(text[: limits.EXCERPT]).split()), file))


def clean(text: str) -> str:
    """Words without colours of a terminal, control characters and halves of letters."""
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    if "\u2028" in text or "\u2029" in text:
        text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    return _CONTROL.sub("", text) if _CONTROL.search(text) else text


def follow(draft: Draft, line: str) -> None:
    """Append a line that belongs to a moment; what is longer than a moment may be is not collected."""
    if len(draft.raw) <= limits.TEXT:
        draft.raw += "\n" + clean(line)
    if len(draft.text) <= limits.TEXT:
        draft.text += "\n" + clean(line).rstrip()


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Numbered lines, from 1. Raises Refused where there are too many."""
    if text.count("\n") > limits.MAX_LINES:
        raise Refused(
            f"line {limits.MAX_LINES:,}: more lines than a record may have. Cut it to the hours of the event."
        )
    start, number, size = 0, 0, len(text)
    while start < size:
        end = text.find("\n", start)
        end = size if end < 0 else end
        number += 1
        yield number, text[start:end]
        start = end + 1
