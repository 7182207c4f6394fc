"""The one way in: bytes of a record, or the files of a folder, become a Reading. Nothing is stored and nothing is guessed unmarked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from retros.imports.found import Reading, Refused


@dataclass(frozen=True)
class Asked:
    """What the reader was told beside the file. Whatever is missing is asked (Reading.needs_...), never assumed."""

    zone: ZoneInfo | None = None  # of clocks without an offset
    day: date | None = None  # of the first clock without a day
    captured: date | None = None  # the day on which the record was taken: gives the year where lines have none
    day_first: bool | None = None  # whether 03/04/2024 is the third of April
    columns: Mapping[str, str] = field(default_factory=dict)  # heading -> key of MEANINGS
    users: Mapping[str, str] = field(default_factory=dict)  # handle or id -> name


def read(
    data: bytes,
    filename: str = "",
    *,
    format: str = "auto",
    zone: ZoneInfo | None = None,
    day: date | None = None,
    captured: date | None = None,
    day_first: bool | None = None,
    columns: Mapping[str, str] | None = None,
    users: Mapping[str, str] | None = None,
) -> Reading:
    """Read one file: text, JSON, or a zip of a Slack export. Raises Refused with one line."""
    asked = Asked(zone, day, captured, day_first, columns or {}, users or {})
    return read_files({filename: data}, format=format, asked=asked)


def read_files(files: Mapping[str, bytes], *, format: str = "auto", asked: Asked) -> Reading:
    """Read the files of a folder (a Slack export), or one file. Raises Refused with one line."""
    raise Refused("no format is read yet")
