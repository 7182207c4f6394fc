"""What differs between two texts, word by word, and both changes of a third put together where they do not overlap. Pure."""

import re
from difflib import SequenceMatcher

MOST_WORDS = 4_000  # beyond that, lines are compared: the time grows with the square


def words(before: str, after: str) -> list[tuple[str, str]]:
    """Runs of the text in reading order: (kind, words) with kind 'same', 'theirs' (only before) or 'mine' (only after)."""
    a, b = _pieces(before, after)
    found: list[tuple[str, str]] = []
    for kind, a1, a2, b1, b2 in SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(a[a1:a2])))
            continue
        if a2 > a1:
            found.append(("theirs", "".join(a[a1:a2])))
        if b2 > b1:
            found.append(("mine", "".join(b[b1:b2])))
    return found


def combined(base: str, theirs: str, mine: str) -> str:
    """The text with both changes; "" where they touch the same words, so that a person must choose."""
    parts, one, two = _pieces(base, theirs, mine)
    edits = sorted({*_edits(parts, one), *_edits(parts, two)})
    result, at, last = [], 0, -1
    for start, end, put in edits:
        if start <= last:
            return ""
        result += [*parts[at:start], *put]
        at, last = end, end
    return "".join([*result, *parts[at:]])


def _edits(before: list[str], after: list[str]) -> list[tuple[int, int, tuple[str, ...]]]:
    codes = SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes()
    return [(a1, a2, tuple(after[b1:b2])) for kind, a1, a2, b1, b2 in codes if kind != "equal"]


def _pieces(*texts: str) -> list[list[str]]:
    """Words, marks and spaces; of long texts the lines."""
    found = [re.findall(r"\w+|\s+|[^\w\s]", text) for text in texts]
    if max(len(pieces) for pieces in found) > MOST_WORDS:
        return [text.splitlines(keepends=True) for text in texts]
    return found
