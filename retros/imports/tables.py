"""Tables: CSV, TSV and their relatives. Finds the delimiter and the heading, and proposes what each column means."""

import contextlib
import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from aar_site.tables import as_typed
from retros.imports import limits
from retros.imports.drafts import Draft, Drafts, clean, lines_of
from retros.imports.found import MEANINGS, Column, Refused
from retros.imports.labels import LANDMARKS, SOURCES, TYPES
from retros.imports.log_objects import stamp_of
from retros.imports.stamps import Stamp, read_at, set_zone

DELIMITERS = ",;\t|"
_BRACKET = re.compile(r"[(\[].{0,80}$")
_WORDS = {
    "time": "time timestamp when datetime at date_time created created_at occurred_at started_at event_time start_time start begin ts "
    "@timestamp moment zeit zeitpunkt fecha_hora",
    "date": "date day datum fecha data jour",
    "clock": "clock uhrzeit time_of_day hour heure hora",
    "zone": "zone tz timezone time_zone utc_offset offset",
    "text": "text what message msg description summary event details detail note notes action content body entry what_happened title "
    "subject log activity ereignis was",
    "author": "who person author user name owner by actor responder reporter username assignee from sender participant agent wer",
    "source": "source sys system service channel tool origin known_from quelle",
    "landmark": "landmark phase milestone marks",
    "type": "type kind category",
    "link": "link url href permalink html_url",
}
NAMES = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}
ALIASES = {
    "at": "time", "when": "time", "timestamp": "time", "day": "date", "tz": "zone", "what": "text", "message": "text",
    "who": "author", "person": "author", "user": "author", "url": "link", "ignore": "skip", "none": "skip",
}  # fmt: skip
UNCLOSED = "A quote opens here and never closes."
MISPLACED = "A quote stands where it cannot."
NO_TIME = "The row has no time."
BAD_TIME = "The time is not understood."
NO_WORDS = "The row has no words."
REPEATED = "The heading again."
UNEVEN = "More cells than the heading has."


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: list[str]
    last_line: int


def delimiter_of(text: str) -> str:
    """The delimiter that cuts the first lines into equal parts, or the first into names of columns; empty where none does."""
    lines = [line for line in text[:200_000].split("\n") if line.strip()][:30]
    best, score = "", 0.0
    for mark in DELIMITERS:
        try:
            rows = [row for row in csv.reader(lines, delimiter=mark) if row]
        except csv.Error:
            continue
        counts = [len(row) for row in rows]
        usual = max(set(counts), key=counts.count) if counts else 1
        named = sum(key_of(cell) in NAMES for cell in rows[0]) if rows and counts[0] > 1 else 0
        share = counts.count(usual) / len(counts) if usual > 1 else 0
        if (share >= 0.6 or named > 1) and named + share + usual / 1000 > score:
            best, score = mark, named + share + usual / 1000
    return best


def rows_of(text: str, delimiter: str, drafts: Drafts) -> Iterator[Row]:
    """Rows with the line on which each begins. A quote that never closes costs its own line only."""
    lines = [line for _, line in lines_of(text)]
    drafts.lines = len(lines)
    start, broken = 0, 0
    while start < len(lines):
        reader = csv.reader((lines[i] + "\n" for i in range(start, len(lines))), delimiter=delimiter, strict=True)
        line = start
        try:
            for cells in reader:
                end = start + reader.line_num
                if end - line > limits.MAX_ROW_LINES:
                    raise csv.Error("unexpected end of data")
                if any(cell.strip() for cell in cells):
                    yield Row(line + 1, [clean(cell).strip() for cell in cells], end)
                line = end
            return
        except csv.Error as error:
            broken += 1
            if broken > 100:
                raise Refused(f"line {line + 1}: more than 100 rows with broken quotes. Is this a table?") from None
            drafts.skip(line + 1, UNCLOSED if "end of data" in str(error) else MISPLACED, lines[line])
            start = line + 1


def read(text: str, drafts: Drafts, columns: Mapping[str, str], *, delimiter: str = "") -> None:
    """Fill the drafts with the rows; without a column for the time and one for the words, only columns and samples."""
    delimiter = delimiter or delimiter_of(text)
    if not delimiter:
        raise Refused("line 1: no comma, semicolon, tab or bar cuts these lines into columns. Name the format.")
    rows = _limited(text, delimiter, drafts)
    heading, body = _heading(rows)
    body = [row for row in body if not _is_odd(row, heading, drafts)]
    if not body:
        raise Refused(f"line {rows[0].line}: the table has a heading and no rows.")
    drafts.label = f"{'TSV' if delimiter == chr(9) else 'CSV'}, {len(heading)} columns, {len(body):,} rows"
    fill(heading, body, drafts, columns)


def fill(heading: list[str], body: list[Row], drafts: Drafts, columns: Mapping[str, str]) -> None:
    """Read rows below a heading."""
    meanings = _meanings(heading, body, columns)
    drafts.columns = [Column(name, _first_values(i, body), meanings[i]) for i, name in enumerate(heading)]
    drafts.samples = [tuple(cell[: limits.EXCERPT] for cell in row.cells) for row in body[:5]]
    if "text" not in meanings or not {"time", "date", "clock"} & set(meanings):
        drafts.needs_columns = True
        return
    for row in body:
        _add(row, meanings, heading, drafts)


def _limited(text: str, delimiter: str, drafts: Drafts) -> list[Row]:
    """All rows, at least one. Raises Refused at the first that is too many or too wide, before the rest is in memory."""
    rows: list[Row] = []
    for row in rows_of(text, delimiter, drafts):
        if len(row.cells) > limits.MAX_COLUMNS:
            raise Refused(
                f"line {row.line}: {len(row.cells):,} columns. A table may have {limits.MAX_COLUMNS}; take those of the event."
            )
        rows.append(row)
        if len(rows) > limits.MAX_MOMENTS + 1000:
            raise Refused(
                f"line {row.line}: more than {limits.MAX_MOMENTS:,} rows. Cut the table to the hours of the event."
            )
    if not rows:
        first = drafts.skipped[0] if drafts.skipped else None
        raise Refused(f"line {first.line if first else 1}: {first.reason if first else 'the table is empty.'}")
    return rows


def _heading(rows: list[Row]) -> tuple[list[str], list[Row]]:
    """The names of the columns: the first row where none of its cells is a time or a number, else numbers."""
    first = rows[0].cells
    is_heading = any(first) and not any(is_time(cell) or cell.replace(".", "", 1).isdigit() for cell in first)
    if not is_heading:
        return [f"Column {i + 1}" for i in range(len(first))], rows
    names: list[str] = []
    for i, cell in enumerate(first):
        name = " ".join(cell.split())[:80] or f"Column {i + 1}"
        names.append(name if name not in names else f"{name} ({i + 1})")
    return names, rows[1:]


def _is_odd(row: Row, heading: list[str], drafts: Drafts) -> bool:
    if row.cells[: len(heading)] == heading:
        drafts.skip(row.line, REPEATED, ", ".join(row.cells))
        return True
    if len(row.cells) > len(heading) and any(row.cells[len(heading) :]):
        drafts.skip(row.line, UNEVEN, ", ".join(row.cells))
        return True
    return False


def _meanings(heading: list[str], body: list[Row], asked: Mapping[str, str]) -> list[str]:
    """What each column is: as told, else proposed by its name, else by its values; each meaning once."""
    told = _told(heading, asked)
    found = [told.get(i, "") for i in range(len(heading))]
    for i, name in enumerate(heading):
        meaning = NAMES.get(key_of(name), "")
        if not found[i] and meaning and meaning not in found:
            found[i] = meaning
    sample = body[:50]
    shares = [_time_share(i, sample) for i in range(len(heading))]
    if not {"time", "date", "clock"} & set(found):
        free = [i for i in range(len(heading)) if not found[i] and shares[i] >= 0.6]
        for i in free[:1]:
            found[i] = "time"
    if "time" in found and "date" in found and i_of(found, "time") not in told:
        # A date beside a time of day: the two make one moment.
        only_clock = [r for r in sample if (s := _stamp(_cell(r, i_of(found, "time")))) and not s.has_date and not s.at]
        found[i_of(found, "time")] = "clock" if only_clock else "time"
    if "text" not in found:
        lengths = [
            (sum(len(_cell(r, i)) for r in sample), i) for i in range(len(heading)) if not found[i] and shares[i] < 0.3
        ]
        if lengths and max(lengths)[0]:
            found[max(lengths)[1]] = "text"
    return [meaning or "skip" for meaning in found]


def i_of(found: list[str], meaning: str) -> int:
    return found.index(meaning)


def _told(heading: list[str], asked: Mapping[str, str]) -> dict[int, str]:
    told: dict[int, str] = {}
    for name, given in asked.items():
        meaning = ALIASES.get(given.casefold(), given.casefold())
        if meaning not in MEANINGS:
            raise Refused(f"“{given[:40]}” is nothing that a column can be. There are: {', '.join(MEANINGS)}.")
        place = next(
            (i for i, own in enumerate(heading) if own == name or own.casefold() == name.casefold().strip()), None
        )
        if place is None and name.isdigit() and 1 <= int(name) <= len(heading):
            place = int(name) - 1
        if place is None:
            raise Refused(f"there is no column “{name[:40]}”. There are: {', '.join(heading)[:200]}.")
        told[place] = meaning
    return told


def key_of(name: str) -> str:
    """A heading as one word: `Start time (UTC)` becomes start_time."""
    bare = _BRACKET.sub("", name).strip().casefold()
    return "_".join(bare.replace("-", " ").replace("/", " ").split())


def _add(row: Row, meanings: list[str], heading: list[str], drafts: Drafts) -> None:
    said: dict[str, list[str]] = {}
    for i, meaning in enumerate(meanings):
        if meaning != "skip" and _cell(row, i):
            said.setdefault(meaning, []).append(_cell(row, i))
    raw = ", ".join(f"{name}: {cell}" for name, cell in zip(heading, row.cells, strict=False) if cell)
    one: dict[str, str] = {meaning: "\n".join(cells) for meaning, cells in said.items()}
    given = " ".join(part for part in (one.get("date", ""), one.get("clock", ""), one.get("time", "")) if part)
    if not one.get("text"):
        drafts.skip(row.line, NO_WORDS, raw)
        return
    stamp = _stamp(given) if given else None
    if stamp is None:
        drafts.skip(row.line, BAD_TIME if given else NO_TIME, raw)
        return
    zone = one.get("zone") or _zone_of(heading, meanings, drafts)
    if zone and stamp.offset is None and not stamp.zone and not stamp.at:
        set_zone(stamp, zone)
    drafts.add(_draft(row, one, stamp, raw))


def _draft(row: Row, one: dict[str, str], stamp: Stamp, raw: str) -> Draft:
    source = one.get("source", "")
    kind = SOURCES.get(source.casefold(), "")
    return Draft(
        row.line,
        stamp,
        as_typed(one["text"]),
        handle=as_typed(one.get("author", "")),
        source=kind or "document",
        source_label="" if kind else as_typed(source),
        source_url=one.get("link", ""),
        type=TYPES.get(one.get("type", "").casefold(), ""),
        landmark=LANDMARKS.get(one.get("landmark", "").casefold(), ""),
        raw=raw,
        last_line=row.last_line if row.last_line > row.line else 0,
    )


def _zone_of(heading: list[str], meanings: list[str], drafts: Drafts) -> str:
    """The zone that a heading such as “Time (UTC)” names; a place such as Europe/London holds for the whole record."""
    for name, meaning in zip(heading, meanings, strict=True):
        inside = name.partition("(")[2].partition(")")[0].strip() if meaning in {"time", "clock"} else ""
        if inside and set_zone(Stamp(""), inside):
            return inside
        if "/" in inside and drafts.area is None:
            with contextlib.suppress(ValueError, OSError, KeyError):
                drafts.area = ZoneInfo(inside)
    return ""


def _stamp(cell: str) -> Stamp | None:
    text = " ".join(cell.split())[:80]
    found = read_at(text, epoch=False)
    if found and found[1] == len(text):
        return found[0]
    return stamp_of(text) if text.replace(".", "", 1).isdigit() else None


def is_time(cell: str) -> bool:
    return _stamp(cell) is not None if cell[:1].isalnum() else False


def _time_share(i: int, sample: list[Row]) -> float:
    cells = [_cell(row, i) for row in sample if _cell(row, i)]
    return sum(is_time(cell) for cell in cells) / len(cells) if cells else 0.0


def _cell(row: Row, i: int) -> str:
    return row.cells[i] if i < len(row.cells) else ""


def _first_values(i: int, body: list[Row]) -> tuple[str, ...]:
    return tuple([_cell(row, i)[:80] for row in body if _cell(row, i)][:3])


def settings(columns: Any) -> dict[str, str]:
    """A mapping from `COLUMN=field` pairs. Raises Refused."""
    pairs = [pair.rpartition("=") for pair in columns or ()]
    if wrong := next((pair for pair in pairs if not pair[0] or not pair[2]), None):
        raise Refused(f"“{''.join(wrong)[:60]}”: write COLUMN=field, such as when=time.")
    return {name.strip(): meaning.strip() for name, _, meaning in pairs}
