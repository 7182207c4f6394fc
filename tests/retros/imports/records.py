"""Reads the records that stand beside these tests, as they are exported, and says what was found in a few words."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from retros.imports.finish import Asked
from retros.imports.found import Found, Reading
from retros.imports.read import read, read_files

FILES = Path(__file__).parent / "files"
UTC, CAPTURED = ZoneInfo("UTC"), date(2018, 11, 3)


def file(name: str, **asked) -> Reading:
    return read((FILES / name).read_bytes(), name, **asked)


def folder(name: str, **asked) -> Reading:
    root = FILES / name
    names = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    return read_files(names, lambda own: (root / own).read_bytes(), asked=Asked(**asked))


def rows(reading: Reading) -> list[tuple[int, str, str, str]]:
    """(line, time or why it has none, author, first line of the words) of each moment."""
    return [(e.line, e.at.isoformat() if e.at else e.unclear, e.author, e.text.split("\n")[0]) for e in reading.entries]


def left_out(reading: Reading) -> list[tuple[int, str]]:
    return [(p.line, p.reason) for p in reading.skipped]


def by_line(reading: Reading) -> dict[int, Found]:
    return {entry.line: entry for entry in reading.entries}
