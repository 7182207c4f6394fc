"""Readers of one field of an event file: a text, a list, a mapping, a time, a number; one sentence per mistake. No Django."""

from typing import Any
from zoneinfo import ZoneInfo

from retros.exchange.moments import Moment, read_moment

LONGEST_TEXT = 10_000
MOST_ROWS = 20_000


class Invalid(ValueError):
    """The file says something that cannot be an event. The message is one line that names the place and the remedy."""


def text(data: dict[str, Any], key: str, where: str, most: int = LONGEST_TEXT) -> str:
    """A text without control characters; "" where there is none. Raises Invalid for what is none, or longer than `most` characters."""
    value = data.get(key)
    if value is None:
        return ""
    if isinstance(value, dict | list):
        raise Invalid(f"{where}: a text is expected, not a list or a mapping")
    kept = "".join(c for c in str(value) if c >= " " or c in "\n\t").strip()
    if len(kept) > most:
        raise Invalid(f"{where}: {len(kept):,} characters; at most {most:,} can be kept")
    return kept


def texts(data: dict[str, Any], key: str, most: int = LONGEST_TEXT) -> list[str]:
    """The texts of a list, without empty ones. Raises Invalid."""
    rows = listed(data, key)
    return [words for i, row in enumerate(rows, 1) if (words := text({"text": row}, "text", f"{key} {i}", most))]


def listed(data: dict[str, Any], key: str, where: str = "") -> list[Any]:
    """The rows of a list; [] where there is none. Raises Invalid for what is no list, or longer than can be kept."""
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise Invalid(f"{where or key}: a list is expected")
    if len(value) > MOST_ROWS:
        raise Invalid(f"{key}: {len(value):,} rows; at most {MOST_ROWS:,} can be kept")
    return value


def mapping(data: dict[str, Any], key: str, where: str = "") -> dict[str, Any]:
    """A mapping; {} where there is none. Raises Invalid for what is none."""
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Invalid(f"{where or key}: a mapping is expected")
    return value


def moment(data: dict[str, Any], key: str, zone: ZoneInfo | None, where: str) -> Moment | None:
    """A moment, read in the zone where it names none; None where there is none. Raises Invalid."""
    value = data.get(key)
    return None if value in (None, "") else read_moment(value, zone, where)


def number(value: Any, where: str) -> float | None:
    """Minutes; None where there are none. Raises Invalid."""
    if value is None:
        return None
    if not is_number(value):
        raise Invalid(f"{where}: a number of minutes is expected")
    return float(value)


def is_number(value: Any) -> bool:
    """Whether YAML or JSON gave a number; its yes and no are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
