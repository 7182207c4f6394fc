"""The one way in: bytes of a record, or the files of a folder, become a Reading. Nothing is stored and nothing is guessed unmarked."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timezone
from typing import Any
from zoneinfo import ZoneInfo

from retros.imports import (
    chats,
    detect,
    limits,
    log_lines,
    log_objects,
    objects,
    opening,
    pager,
    reviews,
    slack,
    tables,
    tickets,
)
from retros.imports.drafts import Draft, Drafts
from retros.imports.finish import Asked, finish
from retros.imports.found import FORMATS, Reading, Refused

# Other names by which a format may be asked for.
NAMES = {
    **{name: name for name in FORMATS},
    "auto": "auto", "logs": "log", "syslog": "log", "nginx": "log", "apache": "log", "iso": "log", "epoch": "log", "klog": "log",
    "journal": "journald", "teams": "chat", "text": "chat", "tsv": "csv", "table": "csv", "md": "markdown", "aar": "markdown",
}  # fmt: skip
JSON_FORMATS = {"slack", "pagerduty", "jira", "github", "journald"}
_LISTS = re.compile(
    r'"(log_entries|incidents|notes|messages|events|issues|hits|entries|items|value|logs|data)"\s*:\s*(?=\[\s*\{)'
)
_TIME_IN_JSON = re.compile(r'"(\d{4}-\d\d-\d\dT[^"\s]{5,25})"')


def read(
    data: bytes,
    filename: str = "",
    *,
    format: str = "auto",
    zone: ZoneInfo | timezone | None = None,
    day: date | None = None,
    captured: date | None = None,
    day_first: bool | None = None,
    columns: Mapping[str, str] | None = None,
    users: Mapping[str, str] | None = None,
    private: bool = False,
    only: Iterable[str] = (),
) -> Reading:
    """Read one file: text, JSON, or a zip (a Slack export, or one file). Raises Refused with one line."""
    asked = Asked(zone, day, captured, day_first, columns or {}, users or {}, private, tuple(only))
    opening.check_bytes(data)
    if opening.is_zip(data):
        archive = opening.Archive(data)
        return read_files(archive.names, archive.read, format=format, asked=asked)
    return _one(data, filename, _format(format), asked)


def read_files(names: list[str], opened: Callable[[str], bytes], *, format: str = "auto", asked: Asked) -> Reading:
    """Read the files of a folder or an archive: a Slack export, or one file. `opened` gives one at a time. Raises Refused."""
    names = [name for name in names if not name.startswith("__MACOSX/") and not name.rpartition("/")[2].startswith(".")]
    if len(names) > limits.MAX_FILES:
        raise Refused(f"the folder holds more than {limits.MAX_FILES:,} files. Take the channels of the event only.")
    asked_for = _format(format)
    if slack.is_export(names) and asked_for in {"auto", "slack"}:
        drafts = Drafts("slack", why="it has the folders of a Slack export")
        slack.read_export(names, lambda name: opening.text_of(opened(name), name)[0], drafts, asked)
        return _checked(finish(drafts, asked), drafts)
    if len(names) == 1:
        return _one(opened(names[0]), names[0].rpartition("/")[2], asked_for, asked)
    shown = ", ".join(names[:3])[:120]
    raise Refused(
        f"a folder or a zip is read where it is a Slack export or holds one file; this one holds {shown or 'nothing'}."
    )


def _format(asked: str) -> str:
    name = NAMES.get(asked.casefold().strip())
    if name is None:
        raise Refused(f"“{asked[:40]}” is no format. There are: auto, {', '.join(FORMATS)}.")
    return name


def _one(data: bytes, filename: str, asked_for: str, asked: Asked) -> Reading:
    text, is_guess = opening.text_of(data)
    del data
    drafts = Drafts(asked_for, why="it was asked for")
    first = text.lstrip()[:1]
    if asked_for in JSON_FORMATS or (asked_for in {"auto", "log"} and first in {"{", "["} and _is_json(text)):
        _json(text, drafts, asked)
    else:
        _text(text, filename, drafts, asked)
    if is_guess:
        for row in drafts.rows:
            if not row.text.isascii():
                row.guesses.append(opening.OTHER_ENCODING)
    return _checked(finish(drafts, asked), drafts)


def _text(text: str, filename: str, drafts: Drafts, asked: Asked) -> None:
    if drafts.format == "auto":
        choice = detect.of_text(text, filename)
        drafts.format, drafts.why = choice.format, choice.why
    if drafts.format == "log":
        log_lines.read(text, drafts)
    elif drafts.format == "chat":
        chats.read(text, drafts)
    elif drafts.format == "csv":
        tables.read(text, drafts, asked.columns, delimiter="\t" if filename.casefold().endswith(".tsv") else "")
    else:
        reviews.read(text, drafts, asked.columns)


def _checked(reading: Reading, drafts: Drafts) -> Reading:
    """A record in which no moment is found is refused, with the first of the reasons."""
    if reading.entries or reading.needs_columns:
        return reading
    first = next((p for p in reading.skipped if p.line), None) or next(iter(reading.skipped), None)
    if first is None:
        raise Refused("no moment is found in it.")
    where = f"{first.file} line {first.line}".strip() if first.line else first.file
    raise Refused(f"no moment is found in it; {where}: {first.reason}")


# --- JSON -------------------------------------------------------------------------------------------------------------
def _is_json(text: str) -> bool:
    """Whether a text that begins like JSON is one document, or one object on each line, and no log line such as “[22:52] …”."""
    return bool(re.match(r'\{\s*(?:"|\}|$)|\[\s*(?:[\[{"\]]|$)', text.lstrip()[:400]))


def _json(text: str, drafts: Drafts, asked: Asked) -> None:
    """One document, or an object on each line."""
    if _is_lines(text):
        _json_lines(text, drafts)
        return
    is_list = text.lstrip()[:1] == "["
    if is_list:
        number, _, head = next(objects.items(text), (0, 1, None))
        value: Any = [head] if number else []
    else:
        value = objects.whole(text)
    choice = detect.of_json(value) if drafts.format in {"auto", "log"} else None
    if drafts.format == "auto":
        if choice is None and not (found := _LISTS.search(text, 0, 100_000)):
            known = "Slack, PagerDuty, Jira, GitHub, the journal, and logs with time and message"
            raise Refused(f"line 1: JSON of no kind that is known. Known are {known}.")
        drafts.format, drafts.why = (
            (choice.format, choice.why) if choice else ("log", f"it has a list of {found[1]}" if found else "")
        )
    if drafts.format == "slack":
        people = slack.People(users=dict(asked.users))
        slack.read_file(text, drafts, people)
    elif drafts.format in {"pagerduty", "jira", "github"}:
        _ticket(text, value, drafts, is_list=is_list)
    else:
        _objects(_numbered(text, value, is_list=is_list), drafts)


def _is_lines(text: str) -> bool:
    """Whether the first line is an object of its own and another follows it."""
    lines = [line for line in text[:400_000].split("\n") if line.strip()][:2]
    return (
        bool(lines) and log_objects.parsed_line(lines[0]) is not None and (len(lines) > 1 or "__REALTIME" in lines[0])
    )


def _json_lines(text: str, drafts: Drafts) -> None:
    first = log_objects.parsed_line(next(line for line in text.split("\n", 50) if line.strip()))
    is_journal = bool(first and first.is_journal)
    why = "it has the fields of the journal" if is_journal else "each of its lines is an object with a time"
    log_lines.read(text, drafts)
    if drafts.format in {"auto", "journald"}:
        drafts.format, drafts.why = (
            ("journald" if is_journal else "log"),
            why if drafts.format == "auto" else drafts.why,
        )
    drafts.label = "Journal (JSON)" if is_journal else "Log lines: JSON"


def _numbered(text: str, value: Any, *, is_list: bool) -> Iterator[tuple[int, int, Any]]:
    """The items of a list, or of the first list inside an object; else the object itself."""
    if is_list:
        yield from objects.items(text)
    elif found := _LISTS.search(text):
        yield from _listed(text, found[1])
    else:
        yield 1, 1, value


def _listed(text: str, name: str) -> Iterator[tuple[int, int, Any]]:
    """The items of the list that an object holds by this name, with their lines."""
    found = re.compile(rf'"{name}"\s*:\s*(?=\[)').search(text)
    line = text.count("\n", 0, found.end()) if found else 0
    for number, own, item in objects.items(text, "", found.end()) if found else ():
        yield number, own + line, item


def _ticket(text: str, value: Any, drafts: Drafts, *, is_list: bool) -> None:
    reader = {"pagerduty": pager.read, "jira": tickets.read_jira, "github": tickets.read_github}[drafts.format]
    if is_list:
        reader(objects.items(text), drafts)
        return
    inside = [
        name for name in (*pager.LISTS, "issues") if isinstance(value, dict) and isinstance(value.get(name), list)
    ]
    if isinstance(value, dict) and isinstance(value.get("incident"), dict):
        reader(iter([(1, 1, value["incident"])]), drafts)
    if not inside or "fields" in value or "title" in value:
        if not drafts.rows:
            reader(iter([(1, 1, value)]), drafts)
    else:
        for name in inside:
            reader(_listed(text, name), drafts)
    _locate(text, drafts.rows)


def _locate(text: str, rows: list[Draft]) -> None:
    """The line on which each moment's time stands, for documents that are one object."""
    places: dict[str, list[int]] = {}
    line, counted = 1, 0
    for match in _TIME_IN_JSON.finditer(text):
        line, counted = line + text.count("\n", counted, match.start()), match.start()
        places.setdefault(match[1], []).append(line)
    for row in rows:
        found = places.get(row.stamp.text) if row.stamp else None
        if found:
            row.line = found.pop(0) if len(found) > 1 else found[0]


def _objects(numbered: Iterator[tuple[int, int, Any]], drafts: Drafts) -> None:
    """A list of log entries."""
    drafts.label = "Log entries (JSON)"
    drafts.in_order = False
    for number, line, value in numbered:
        drafts.lines += 1
        entry = log_objects.entry_of(value) if isinstance(value, dict) else None
        if entry is None or entry.stamp is None:
            drafts.skip(line, "The object has no time.", str(value)[:160])
            continue
        if not entry.text:
            drafts.skip(line, "The object has no words.", str(value)[:160])
            continue
        drafts.add(Draft(line, entry.stamp, entry.text, source_label=entry.label, raw=entry.text, item=number))
