"""Turns the bytes of an event file into plain data: YAML or JSON, safely, with one sentence where it cannot. No Django.

Timestamps stay the words of the file (a parsed one would lose its offset); an alias may repeat a short text only, so that
no file grows when it is read; nesting, size and repeated keys are limited.
"""

import json
import math
from typing import Any

import yaml

MAX_BYTES = 2 * 1024 * 1024
MAX_OWN_BYTES = 10 * 1024 * 1024  # of a file that Hindcast wrote: twenty thousand moments
MAX_DEPTH = 50


class Unreadable(ValueError):
    """The file cannot be read. The message is one line that says where and why."""


class _Loader(yaml.SafeLoader):
    """Safe YAML without timestamps, without aliases of collections, without repeated keys."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            anchor = self.peek_event().anchor
            if not isinstance(self.anchors.get(anchor), yaml.ScalarNode):
                raise Unreadable(f"line {self.peek_event().start_mark.line + 1}: an alias may only repeat a text")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable(f"line {self.peek_event().start_mark.line + 1}: nested deeper than {MAX_DEPTH} levels")
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise Unreadable(f"line {line}: the name of a field is a text, not a list or a mapping")
            if key.value in seen:
                raise Unreadable(f"line {line}: '{key.value[:60]}' is given twice")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(raw: bytes) -> dict[str, Any]:
    """The file's content as a mapping of plain data. Raises Unreadable with one line."""
    most = MAX_OWN_BYTES if b"hindcast" in raw[:20] else MAX_BYTES
    if len(raw) > most:
        raise Unreadable(f"the file is larger than an event file may be: at most {most:,} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"byte {error.start + 1} is not UTF-8; save the file as UTF-8") from None
    if "\x00" in text:
        raise Unreadable("the file holds NUL characters; it is not a text file")
    data = _json(text) if text.lstrip()[:1] == "{" else _yaml(text)
    if not _is_plain(data):
        raise Unreadable("an event file holds texts, numbers, lists and mappings; this one holds something else")
    if not isinstance(data, dict):
        raise Unreadable("an event file is a mapping with 'title', 'kind', 'timeline' and so on")
    return data


def _yaml(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with fewer rights
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Unreadable(f"line {line}: {error.problem or 'not valid YAML'}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("not valid YAML: " + " ".join(str(error).split())[:160]) from None


def _json(text: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            raise Unreadable(f"'{twice[:60]}' is given twice")
        return found

    def refuse(word: str) -> Any:
        raise Unreadable(f"{word} is not a number that can be stored")

    try:
        data = json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise Unreadable(f"line {error.lineno}: not valid JSON: {error.msg}") from None
    except RecursionError:
        raise Unreadable(f"nested deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:
        raise error if isinstance(error, Unreadable) else Unreadable("a number is too long to be read") from None
    if _depth(data) > MAX_DEPTH:
        raise Unreadable(f"nested deeper than {MAX_DEPTH} levels")
    return data


def _is_plain(data: Any) -> bool:
    """Whether a database can keep all of it: no endless numbers, no halves of letters, none of YAML's further types."""
    rest = [data]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            rest += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            rest += item
        elif isinstance(item, str):
            if any("\ud800" <= c <= "\udfff" for c in item):
                return False
        elif not (item is None or isinstance(item, int) or (isinstance(item, float) and math.isfinite(item))):
            return False
    return True


def _depth(data: Any) -> int:
    deepest, level = 0, [data]
    while level:
        deepest += 1
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if deepest > MAX_DEPTH + 1:
            break
    return deepest
