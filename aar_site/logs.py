"""What the server writes to its log: times, places and kinds of errors, never what people wrote or what lets them in.

The message of an exception may quote a value that somebody typed, so it is kept only where the words are the system's own.
"""

import copy
import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, InterfaceError, OperationalError

OWN_WORDS = (OSError, OperationalError, InterfaceError, IntegrityError, ImproperlyConfigured, ImportError)
MAIL_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PASSWORD_IN_ADDRESS = re.compile(r"(?<=://)[^\s/@]*:[^\s/@]*(?=@)")
QUERY = re.compile(r"(?<=[\w/])\?[^\s'\"]+")
# A key of a link: the part of a path that is long and mixes digits and letters.
KEY_IN_PATH = re.compile(r"(?<=/)(?=[\w~:-]*\d)(?=[\w~:-]*[A-Za-z])[\w~:-]{20,}")
JOIN_KEY = re.compile(r"(?<=/j/)[^/\s'\"]+")
RESET_KEY = re.compile(r"(?<=/reset/)[0-9A-Za-z]+-[^/\s]+")


def scrubbed(line: str) -> str:
    """The text without mail addresses, query strings, keys in paths and passwords in addresses of servers."""
    line = PASSWORD_IN_ADDRESS.sub("...", line)
    line = MAIL_ADDRESS.sub("<address>", line)
    line = JOIN_KEY.sub("<key>", RESET_KEY.sub("<key>", line))
    return QUERY.sub("?<query>", KEY_IN_PATH.sub("<key>", line))


def told(error: BaseException | None) -> str:
    """The kind of an error, with its first line where that line is the system's own."""
    if error is None:
        return "an error"
    kind = type(error).__name__
    first = str(error).partition("\n")[0]
    return f"{kind}: {first}" if isinstance(error, OWN_WORDS) and first else kind


class QuietFormatter(logging.Formatter):
    """Formats as usual, then scrubs; exceptions become their frames and their kind."""

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)
        record.exc_text = None  # another handler may have kept the full text there
        if isinstance(record.args, dict) and "exc" in record.args:  # a failed task: Celery puts the error in its words
            record.args = {**record.args, "exc": told(record.exc_info[1] if record.exc_info else None)}
        return scrubbed(super().format(record))

    def formatException(self, ei: Any) -> str:
        lines = []
        error, seen = ei[1], set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            frames = traceback.extract_tb(error.__traceback__)
            lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames] + [told(error)]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
            lines += ["after"] if error is not None and id(error) not in seen else []
        return "\n".join(lines)


class JsonFormatter(QuietFormatter):
    """One object a line, with these keys and no others: what a library hangs on a record does not get in."""

    def format(self, record: logging.LogRecord) -> str:
        message, _, frames = super().format(record).partition("\n")
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": message,
        }
        if frames:
            told["more"] = frames.split("\n")
        return json.dumps(told, ensure_ascii=False)
