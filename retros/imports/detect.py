"""Which format a record is, and why: by what its first lines or its first object look like."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from retros.imports import chats, log_lines, pager, reviews, tables, tickets
from retros.imports.log_objects import entry_of

LOOKED_AT = 300  # lines
_HEADING = re.compile(r"#{1,6}\s\S")
_TABLE = re.compile(r"\s*\|.{1,2000}\|\s*$")


@dataclass(frozen=True)
class Choice:
    format: str
    why: str


def of_text(text: str, filename: str) -> Choice:
    """Of a text that is no JSON."""
    lines = [line for line in text[:400_000].split("\n") if line.strip()][:LOOKED_AT]
    name = filename.casefold()
    if name.endswith((".csv", ".tsv", ".psv")) and tables.delimiter_of(text):
        return Choice("csv", "the file is called so")
    if name.endswith((".md", ".markdown")):
        return Choice("markdown", "the file is called so")
    if _is_review(lines):
        return Choice("markdown", "it has headings, and rows with times below them")
    heading = _is_table(text, lines)
    if heading:
        return Choice("csv", f"the first line names columns: {heading}")
    logs, talks = _share(lines, _is_log), _share(lines, _is_talk)
    alone = [line for line in lines if chats.day_of(chats._plain(line))]  # noqa: SLF001 - the same plain line
    if talks > logs or (talks and alone and logs <= talks):
        return Choice("chat", f"{_percent(talks)} of its lines begin with who and when")
    if logs:
        return Choice("log", f"{_percent(logs)} of its lines begin with a time")
    if tables.delimiter_of(text) and any(tables._is_time(cell) for cell in re.split(r"[,;\t|]", lines[0])[:20]):  # noqa: SLF001
        return Choice("csv", "its lines are cut into equal columns")
    return Choice("log", "nothing else fits")


def _percent(share: float) -> str:
    return "all" if share > 0.995 else f"{share:.0%}"


def _share(lines: list[str], test: Callable[[str], bool]) -> float:
    return sum(test(line[:2000]) for line in lines) / len(lines) if lines else 0.0


def _is_log(line: str) -> bool:
    head = log_lines.head_of(line)
    return head is not None and head.kind != "clock" or bool(head and not _is_talk(line))


def _is_talk(line: str) -> bool:
    """A line with a person and a clock. A stamp of a machine (seconds, an offset, a T) speaks for a log unless a nick stands in <>."""
    line = chats._plain(line)  # noqa: SLF001
    head = chats.head_of(line)
    if head is None:
        return False
    if head.is_nick or (head.is_bracketed and head.author and not _is_machine(head.stamp.text)):
        return True
    if not head.author and not head.is_bracketed:
        return head.pos >= len(line) and not _is_machine(head.stamp.text)
    return not _is_machine(head.stamp.text)


def _is_machine(stamp: str) -> bool:
    return bool(
        re.match(
            r"\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d:\d\d|[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d$|\d\d:\d\d:\d\d[.,]\d",
            stamp,
        )
    )


def _is_review(lines: list[str]) -> bool:
    headings = [line for line in lines if _HEADING.match(line)]
    if not headings:
        return False
    if any(reviews._TIMELINE.search(line) for line in headings):  # noqa: SLF001
        return True
    rows = [line for line in lines if reviews._starts_with_time(line, _start(line)) or _TABLE.match(line)]  # noqa: SLF001
    return len(headings) > 1 and bool(rows)


def _start(line: str) -> int:
    bullet = reviews._BULLET.match(line)  # noqa: SLF001
    return bullet.end() if bullet else 0


def _is_table(text: str, lines: list[str]) -> str:
    """The names in the first line, where they are those of columns and the lines below are cut as it is."""
    mark = tables.delimiter_of(text)
    if not mark or len(lines) < 2:
        return ""
    cells = [cell.strip().strip('"') for cell in lines[0].split(mark)]
    known = [cell for cell in cells if tables._key(cell) in tables.NAMES]  # noqa: SLF001
    times = [cell for cell in cells if tables._is_time(cell)]  # noqa: SLF001
    if times or len(cells) < 2 or not known or log_lines.head_of(lines[0]):
        return ""
    return ", ".join(cells)[:80]


def of_json(value: Any) -> Choice | None:
    """Of a JSON document, or of the first item of a list; None where nothing in it is known."""
    first = next((item for item in value if isinstance(item, dict)), None) if isinstance(value, list) else value
    if not isinstance(first, dict):
        return None
    if "__REALTIME_TIMESTAMP" in first:
        return Choice("journald", "it has the fields of the journal")
    if ("ts" in first and ("text" in first or first.get("type") == "message" or "user" in first)) or (
        isinstance(first.get("messages"), list) and any("ts" in m for m in first["messages"] if isinstance(m, dict))
    ):
        return Choice("slack", "it has the fields of Slack")
    if pager.is_ours(value):
        return Choice("pagerduty", "it has the fields of PagerDuty")
    if tickets.is_jira(value):
        return Choice("jira", "it has the fields of Jira")
    if tickets.is_github(value):
        return Choice("github", "it has the fields of GitHub")
    if entry_of(first).stamp:
        return Choice("log", "its objects have a time and a message")
    return None
