"""Log entries that are JSON objects: the journal of systemd, containers, and the many structured loggers."""

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from retros.imports import limits
from retros.imports.stamps import Stamp, read_at

TIMES = (
    "@timestamp",
    "timestamp",
    "time",
    "ts",
    "datetime",
    "eventTime",
    "event_time",
    "asctime",
    "date",
    "created_at",
    "@t",
    "t",
    "receiveTimestamp",
)
MESSAGES = (
    "message",
    "msg",
    "MESSAGE",
    "log",
    "@m",
    "event",
    "text",
    "textPayload",
    "summary",
    "short_message",
    "error",
    "body",
)
LEVELS = ("level", "severity", "levelname", "lvl", "@l", "log.level")
PLACES = ("logger", "logger_name", "service", "component", "app", "container", "host", "hostname", "source")
_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Entry:
    """One object. `stamp` is None where none of the usual fields holds a time."""

    stamp: Stamp | None
    text: str
    label: str
    is_journal: bool = False


def parsed_line(line: str) -> Entry | None:
    """The object of one line; None where it is no JSON object."""
    try:
        data = json.loads(line.removeprefix("data: ").removeprefix("\x1e"))
    except (ValueError, RecursionError):
        return None
    return entry_of(data) if isinstance(data, dict) else None


def entry_of(data: dict[str, Any]) -> Entry:
    """The entry that an object is."""
    if "__REALTIME_TIMESTAMP" in data or "_SOURCE_REALTIME_TIMESTAMP" in data:
        return _journal(data)
    stamp = next((s for name in TIMES if name in data and (s := stamp_of(data[name]))), None)
    text = next((str(data[name]) for name in MESSAGES if isinstance(data.get(name), str) and data[name].strip()), "")
    if not text and isinstance(data.get("jsonPayload"), dict):
        text = str(data["jsonPayload"].get("message") or "")
    level = next((str(data[name]) for name in LEVELS if isinstance(data.get(name), str) and data[name]), "")
    place = next((str(data[name]) for name in PLACES if isinstance(data.get(name), str) and data[name]), "")
    if not text:
        rest = {k: v for k, v in data.items() if k not in TIMES and isinstance(v, str | int | float | bool)}
        text = ", ".join(f"{k}={v}" for k, v in list(rest.items())[:20])
    elif level:
        text = f"{level.upper()} {text}"
    return Entry(stamp, text.strip(), place)


def _journal(data: dict[str, Any]) -> Entry:
    stamp = stamp_of(data.get("__REALTIME_TIMESTAMP") or data.get("_SOURCE_REALTIME_TIMESTAMP"), unit=1_000_000)
    said = data.get("MESSAGE")
    if isinstance(said, list):  # bytes that are no UTF-8 are written as numbers
        said = bytes(n for n in said[: limits.TEXT] if isinstance(n, int) and 0 <= n < 256).decode("utf-8", "replace")
    host = data.get("_HOSTNAME")
    program = data.get("SYSLOG_IDENTIFIER") or data.get("_COMM") or data.get("_SYSTEMD_UNIT")
    label = " ".join(str(part) for part in (host, program) if isinstance(part, str))
    return Entry(stamp, str(said or "").strip(), label, is_journal=True)


def stamp_of(value: Any, *, unit: int = 0) -> Stamp | None:
    """A time in JSON: a text, or a number of seconds, milli-, micro- or nanoseconds since 1970 (`unit` of them in a second)."""
    if isinstance(value, dict):  # {"$date": …}, {"seconds": …, "nanos": …}
        value = value.get("$date", value.get("seconds"))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, str):
        text = value.strip()[:64]
        found = read_at(text, epoch=False) if not _is_number(text) else None
        if found and found[1] == len(text):
            found[0].text = text
            return found[0]
        if not _is_number(text):
            return None
        value = text
    return instant(value, unit)


def instant(value: int | float | str, unit: int = 0) -> Stamp | None:
    """A number since 1970 as a stamp; None where it is no number or lies before 1990 or far in the future."""
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number) or number < 0:
        return None
    if not unit:
        unit = next((u for u in (1, 1_000, 1_000_000, 1_000_000_000) if 6.3e8 <= number / u <= 7.3e9), 0)
    if not unit or number / unit > 7.3e9:
        return None
    text = str(value)
    # Whole seconds and the rest apart: a float would lose the last digits.
    whole, _, part = (
        text.partition(".") if unit == 1 and "e" not in text.lower() else (str(int(number // unit)), "", "")
    )
    micro = (
        int(part[:6].ljust(6, "0")) if part.isdigit() else round(number % unit * 1_000_000 / unit) if unit > 1 else 0
    )
    return Stamp(text[: limits.AT_TEXT], at=_EPOCH_START + timedelta(seconds=int(whole), microseconds=micro))


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(".", "", 1).isdigit() and len(text) >= 9
