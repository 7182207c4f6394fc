"""Brings a record into the timeline of an event, or shows as JSON what that would add."""

import json
import os
import re
import sys
from argparse import ArgumentParser, BooleanOptionalAction
from collections.abc import Callable
from datetime import date, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from retros.imports import limits, objects, opening, slack, tables
from retros.imports.finish import Asked
from retros.imports.found import FORMATS, Found, Problem, Reading, Refused
from retros.imports.read import read_files
from retros.imports.stamps import Stamp, set_zone
from retros.live.log import WrongState
from retros.models import Event
from retros.services import import_rows, imports

_DAY_FILE = re.compile(r"\d{4}-\d\d-\d\d\.json")


class Command(BaseCommand):
    help = "Read a record (log, chat, Slack export, table, pager, ticket, review) into a timeline. Bad input costs one line and exit 2."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code")
        parser.add_argument("file", help="a file, the folder or zip of a Slack export, or - for standard input")
        parser.add_argument("--format", default="auto", help=f"auto, {', '.join(FORMATS)}")
        parser.add_argument("--tz", help="zone of clocks without an offset, such as America/New_York, UTC or +02:00")
        parser.add_argument("--date", metavar="DAY", help="day of the first clock without a day, such as 2018-10-21")
        parser.add_argument("--captured", metavar="DAY", help="day on which the record was taken; gives the year")
        parser.add_argument(
            "--day-first", action=BooleanOptionalAction, default=None, help="whether 03/04/2024 is the third of April"
        )
        parser.add_argument("--map", action="append", metavar="COLUMN=FIELD", help="what a column of a table is")
        parser.add_argument(
            "--users", type=Path, metavar="FILE", help='JSON: {"id": "name"} or the users.json of Slack'
        )
        parser.add_argument("--channel", action="append", default=[], help="only this channel of an export")
        parser.add_argument("--private", action="store_true", help="private channels of an export too")
        parser.add_argument("--dry-run", action="store_true", help="print what would be added, and store nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        event = Event.objects.select_related("team").filter(code=options["code"]).first()
        if event is None:
            raise CommandError(f"There is no event '{options['code']}'.", returncode=2)
        try:
            asked = _asked(options)
            names, opened = _opened(options["file"])
            reading = read_files(names, opened, format=options["format"], asked=asked)
            imports.check_size(reading)
            same = import_rows.compared(event, reading)
            answer = (
                _shown(event, reading, same) if options["dry_run"] else _stored(event, reading, same, options["file"])
            )
        except OSError as error:
            raise _refusal(options["file"], error.strerror) from None
        except (Refused, WrongState) as error:
            raise _refusal(options["file"], error) from None
        self.stdout.write(json.dumps(answer, ensure_ascii=False))


def _refusal(file: str, why: object) -> CommandError:
    """One line, whatever the file and its words are called."""
    return CommandError(" ".join(f"{file}: {why}".split()), returncode=2)


def _asked(options: dict[str, Any]) -> Asked:
    return Asked(
        zone=_zone(options["tz"]),
        day=_day(options["date"], "--date"),
        captured=_day(options["captured"], "--captured"),
        day_first=options["day_first"],
        columns=tables.settings(options["map"]),
        users=_users(options["users"]),
        private=options["private"],
        only=tuple(name.removeprefix("#") for name in options["channel"]),
    )


def _zone(name: str | None) -> ZoneInfo | timezone | None:
    if not name:
        return None
    stamp = Stamp(name)
    if name[0] in "+-\u2212" and set_zone(stamp, name) and stamp.offset is not None and abs(stamp.offset) <= 840:
        return timezone(timedelta(minutes=stamp.offset))
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise Refused(f"“{name[:40]}” is no time zone. Write America/New_York, UTC or +02:00.") from None


def _day(text: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(f"{option} “{text}”: write a day such as 2018-10-21.") from None


def _users(path: Path | None) -> dict[str, str]:
    """Names by id or handle: a JSON object, or the users.json of Slack."""
    if path is None:
        return {}
    with path.open("rb") as file:
        text, _ = opening.text_of(file.read(limits.MAX_BYTES + 1), str(path))
    found = objects.whole(text, str(path))
    if isinstance(found, dict):
        return {key: name for key, name in found.items() if isinstance(name, str)}
    return {str(user["id"]): slack.name_of(user) for user in objects.dicts(found) if "id" in user}


def _opened(file: str) -> tuple[list[str], Callable[[str], bytes]]:
    """The names of the files and how one is read, of a folder, an archive, a file or standard input."""
    if file != "-" and Path(file).is_dir():
        return _folder(Path(file))
    if file == "-":
        data = sys.stdin.buffer.read(limits.MAX_BYTES + 1)
    else:
        with Path(file).open("rb") as opened:
            data = opened.read(limits.MAX_BYTES + 1)
    opening.check_bytes(data)
    if opening.is_zip(data):
        archive = opening.Archive(data)
        return archive.names, archive.read
    return ["" if file == "-" else Path(file).name], lambda _: data


def _folder(root: Path) -> tuple[list[str], Callable[[str], bytes]]:
    """Regular files only: a link may lead anywhere."""
    names: list[str] = []
    total = 0
    for folder, _, files in os.walk(root):
        for name in files:
            path = Path(folder) / name
            if path.is_symlink() or not path.is_file():
                raise Refused(f"{path.relative_to(root)}: a link instead of a file.")
            total += path.stat().st_size
            names.append(path.relative_to(root).as_posix())
        if len(names) > limits.MAX_FILES or total > limits.MAX_UNPACKED:
            raise Refused("the folder holds more than an export may hold. Take the channels of the event only.")

    # The folder of one channel: its own name is that of the channel.
    prefix = f"{root.resolve().name}/" if any(_DAY_FILE.fullmatch(name) for name in names) else ""

    def opened(name: str) -> bytes:
        with (root / name.removeprefix(prefix)).open("rb") as file:
            data = file.read(limits.MAX_BYTES + 1)
        opening.check_bytes(data)
        return data

    return [prefix + name for name in names], opened


def _stored(event: Event, reading: Reading, same: list[int], file: str) -> dict[str, Any]:
    """Add what is new and has a clear time; say what was not added."""
    if reading.needs_columns:
        known = ", ".join(column.name for column in reading.columns)
        raise Refused(f"which column is the time and which the words? There are: {known}. Write --map COLUMN=time.")
    imp = imports.bring_in(event, reading, name="standard input" if file == "-" else Path(file).name, same=same)
    return {
        "code": event.code,
        "import": imp.pk,
        "format": reading.format_label,
        "added": imp.count,
        "duplicates": sum(1 for there in same if there),
        "ambiguous": sum(1 for e, there in zip(reading.entries, same, strict=True) if e.unclear and not there),
        "skipped": len(reading.skipped),
    }


def _shown(event: Event, reading: Reading, same: list[int]) -> dict[str, Any]:
    """What a dry run prints."""
    asks = [name for name in ("zone", "day", "year", "order", "columns") if getattr(reading, f"needs_{name}")]
    found = list(zip(reading.entries, same, strict=True))
    return {
        "code": event.code,
        "format": reading.format,
        "format_label": reading.format_label,
        "why": reading.why,
        "asks": asks,
        "entries": [_entry(entry) for entry in reading.entries],
        "skipped": [_problem(problem) for problem in reading.skipped],
        "ambiguous": [_unclear(entry) for entry in reading.entries if entry.unclear],
        "duplicates": [_duplicate(entry, there, reading) for entry, there in found if there],
        "people": [{"handle": p.handle, "name": p.name, "count": p.count, "known": p.is_known} for p in reading.people],
        "columns": [{"name": c.name, "field": c.meaning, "values": list(c.values)} for c in reading.columns],
    }


def _entry(entry: Found) -> dict[str, Any]:
    return _place(entry) | {
        "at": entry.at.isoformat() if entry.at else None,
        "precision": entry.precision,
        "at_text": entry.at_text,
        "text": entry.text,
        "author": entry.author,
        "source": entry.source,
        "source_label": entry.source_label,
        "thread": entry.thread,
        "guesses": list(entry.guesses),
    }


def _place(row: Found | Problem) -> dict[str, Any]:
    """Line, last line where there are several, and the file inside an archive."""
    place: dict[str, Any] = {"line": row.line}
    if row.last_line > row.line:
        place["last_line"] = row.last_line
    if row.file:
        place["file"] = row.file
    return place


def _problem(problem: Problem) -> dict[str, Any]:
    return _place(problem) | {"reason": problem.reason, "text": problem.text}


def _unclear(entry: Found) -> dict[str, Any]:
    choices = [at.isoformat() for at in entry.choices]
    return _place(entry) | {"reason": entry.unclear, "text": entry.text[: limits.EXCERPT], "choices": choices}


def _duplicate(entry: Found, there: int, reading: Reading) -> dict[str, Any]:
    """The same moment stands in the timeline (`entry`), or earlier in the record (`of_line`)."""
    which = {"entry": there} if there > 0 else {"of_line": reading.entries[-there - 1].line}
    return _place(entry) | which | {"text": entry.text[: limits.EXCERPT]}
