"""Which format a record is, and why: by what its first lines or its first object look like."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from retros.imports import chats, log_lines, pager, reviews, tables, tickets
from retros.imports.log_objects import entry_of

LOOKED_AT = 300  # lines
_MACHINE = re.compile(
    r"\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d:\d\d|\d\d:\d\d:\d\d[.,]\d|"
    r"(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d(?:$|[. ])"
)
_HEADING = re.compile(r"#{1,6}\s\S")
_TABLE = re.compile(r"\s*\|.{1,2000}\|\s*$")


@dataclass(frozen=True)
class Choice:
    format: str
    why: str


def of_text(text: str, filename: str) -> Choice:
    """Of a text that is no JSON."""
    lines = [line for line in text[:400_000].split("\n") if line.strip()][:LOOKED_AT]
    return _named(text, filename.casefold()) or _structured(text, lines) or _spoken(text, lines)


def _named(text: str, name: str) -> Choice | None:
    if name.endswith((".csv", ".tsv", ".psv")) and tables.delimiter_of(text):
        return Choice("csv", "the file is called so")
    return Choice("markdown", "the file is called so") if name.endswith((".md", ".markdown")) else None


def _structured(text: str, lines: list[str]) -> Choice | None:
    if _is_review(lines):
        return Choice("markdown", "it has headings, and rows with times below them")
    if _share(lines, _is_row) >= 0.5:
        return Choice("markdown", "it is a list or a table of times")
    heading = _is_table(text, lines)
    return Choice("csv", f"the first line names columns: {heading}") if heading else None


def _spoken(text: str, lines: list[str]) -> Choice:
    """A chat where more lines have a person than a machine's time; else a log."""
    logs, talks = _share(lines, _is_log), _share(lines, _is_talk)
    has_day = any(chats.day_of(chats.plain(line)) for line in lines)
    if talks and (talks >= logs or (has_day and talks > logs / 2)):
        return Choice("chat", f"{_count(talks, lines)} say who and when")
    if logs:
        return Choice("log", f"{_count(logs, lines)} begin with a time")
    if tables.delimiter_of(text) and any(tables.is_time(cell) for cell in re.split(r"[,;\t|]", lines[0])[:20]):
        return Choice("csv", "its lines are cut into equal columns")
    return Choice("log", "nothing else fits")


def _count(share: float, lines: list[str]) -> str:
    """How many of the lines that were looked at."""
    count = round(share * len(lines))
    return "all lines" if count == len(lines) else f"{count} of the first {len(lines)} lines"


def _share(lines: list[str], test: Callable[[str], bool]) -> float:
    return sum(test(line[:2000]) for line in lines) / len(lines) if lines else 0.0


def _is_log(line: str) -> bool:
    head = log_lines.head_of(line)
    return head is not None and (head.kind != "clock" or not _is_talk(line))


def _is_talk(line: str) -> bool:
    """A line with a person and a clock. A stamp of a machine (seconds, an offset, a T) speaks for a log unless a nick stands in <>."""
    line = chats.plain(line)
    head = chats.head_of(line)
    own = log_lines.head_of(line) if line else None
    if head is None or (own and own.kind in {"access", "syslog5424", "klog", "json", "logfmt"}):
        return False
    if head.is_nick or (head.is_bracketed and head.author and not _is_machine(head.stamp.text)):
        return True
    if not head.author and not head.is_bracketed:
        return head.pos >= len(line) and not _is_machine(head.stamp.text)
    return not _is_machine(head.stamp.text)


def _is_machine(stamp: str) -> bool:
    return bool(_MACHINE.match(stamp))


def _is_review(lines: list[str]) -> bool:
    headings = [line for line in lines if _HEADING.match(line)]
    if not headings:
        return False
    if any(reviews.TIMELINE.search(line) for line in headings):
        return True
    rows = [line for line in lines if reviews.starts_with_time(line, _start(line)) or _TABLE.match(line)]
    return len(headings) > 1 and bool(rows)


def _is_row(line: str) -> bool:
    """A row of a list, or of a table between bars, with a time in front."""
    if _TABLE.match(line):
        return bool(re.match(r"\s*\|[\s:|-]*$", line)) or any(
            tables.is_time(cell.strip()) for cell in line.split("|")[:8]
        )
    return _start(line) > 0 and reviews.starts_with_time(line, _start(line))


def _start(line: str) -> int:
    bullet = reviews.BULLET.match(line)
    return bullet.end() if bullet else 0


def _is_table(text: str, lines: list[str]) -> str:
    """The names in the first line, where they are those of columns and the lines below are cut as it is."""
    mark = tables.delimiter_of(text)
    if not mark or len(lines) < 2:
        return ""
    cells = [cell.strip().strip('"') for cell in lines[0].split(mark)]
    known = [cell for cell in cells if tables.key_of(cell) in tables.NAMES]
    times = [cell for cell in cells if tables.is_time(cell)]
    if times or len(cells) < 2 or not known or log_lines.head_of(lines[0]):
        return ""
    return ", ".join(cells)[:80]


def of_json(value: Any) -> Choice | None:
    """Of a JSON document, or of the first item of a list; None where nothing in it is known."""
    first = next((item for item in value if isinstance(item, dict)), None) if isinstance(value, list) else value
    if not isinstance(first, dict):
        return None
    tests: list[tuple[str, str, bool]] = [
        ("journald", "the journal", "__REALTIME_TIMESTAMP" in first),
        ("slack", "Slack", _is_slack(first)),
        ("pagerduty", "PagerDuty", pager.is_ours(value)),
        ("jira", "Jira", tickets.is_jira(value)),
        ("github", "GitHub", tickets.is_github(value)),
    ]
    for format, name, fits in tests:
        if fits:
            return Choice(format, f"it has the fields of {name}")
    return Choice("log", "its objects have a time and a message") if entry_of(first).stamp else None


def _is_slack(first: dict[str, Any]) -> bool:
    if "ts" in first:
        return "text" in first or "user" in first or first.get("type") == "message"
    messages = first.get("messages")
    return isinstance(messages, list) and any("ts" in m for m in messages if isinstance(m, dict))
