"""JSON that was brought: decoded within limits of depth, count and size; a list item by item, each with the line it stands on."""

import json
import re
from collections.abc import Iterator
from typing import Any

from retros.imports import limits
from retros.imports.drafts import clean
from retros.imports.found import Refused

_SPACE = re.compile(r"[ \t\r\n]*")
_COMMA = re.compile(r"[ \t\r\n]*([,\]])[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def check_size(text: str, name: str = "") -> None:
    """Before anything is built: each bracket becomes an object in memory. Raises Refused."""
    where = f"{name}: " if name else ""
    if text.count("[") + text.count("{") > limits.MAX_BRACKETS or text.count(",") > limits.MAX_COMMAS:
        raise Refused(f"{where}more objects than a record may hold. Cut it to the hours of the event.")


def whole(text: str, name: str = "") -> Any:
    """The whole document. Raises Refused with the line."""
    check_size(text, name)
    value, end = _decode(text, _skip(text, 0), name)
    if _skip(text, end) < len(text):
        raise Refused(_where(name, _line(text, end)) + "something follows the end of the JSON.")
    return value


def items(text: str, name: str = "", pos: int = 0) -> Iterator[tuple[int, int, Any]]:
    """Number, line and value of each item of the list that begins at `pos`; one at a time, so that none is kept."""
    start = pos
    if pos == 0:
        check_size(text, name)
    pos = _skip(text, pos)
    if text[pos : pos + 1] != "[":
        raise Refused(_where(name, _line(text, pos)) + "a list of messages is expected here.")
    pos = _skip(text, pos + 1)
    number, line, counted = 0, 1, start
    if text[pos : pos + 1] == "]":
        return
    while True:
        line, counted = line + text.count("\n", counted, pos), pos
        number += 1
        if number > limits.MAX_ITEMS:
            raise Refused(
                _where(name, line) + f"more than {limits.MAX_ITEMS:,} items. Cut the record to the hours of the event."
            )
        value, pos = _decode(text, pos, name)
        yield number, line, value
        match = _COMMA.match(text, pos)
        if not match:
            raise Refused(_where(name, _line(text, pos)) + "the JSON breaks off or is damaged here.")
        pos = match.end()
        if match[1] == "]":
            return


def _decode(text: str, pos: int, name: str) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, pos)
    except json.JSONDecodeError as error:
        raise Refused(_where(name, error.lineno) + f"not valid JSON: {error.msg}.") from None
    except RecursionError:
        raise Refused(_where(name, _line(text, pos)) + "the JSON is nested too deeply.") from None
    except ValueError:
        raise Refused(_where(name, _line(text, pos)) + "a number is too long to be read.") from None


def _skip(text: str, pos: int) -> int:
    match = _SPACE.match(text, pos)
    return match.end() if match else pos


def _line(text: str, pos: int) -> int:
    return text.count("\n", 0, pos) + 1


def _where(name: str, line: int) -> str:
    return f"{name} line {line}: ".lstrip()


def words(value: Any, limit: int = limits.TEXT) -> str:
    """A text as it is; nothing where the file has something else in its place."""
    return clean(value[: limit + 1]) if isinstance(value, str) else ""


def inner(value: Any, *path: str) -> Any:
    """What stands at a path of names; None where the path breaks off."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def dicts(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; nothing where it is none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
