"""What differs between two texts, word by word, and both changes of a third put together where they do not overlap. Pure.

Compared by the shortest way from one text to the other (Myers), which takes as long as they differ, and has a bound: a
comparison by longest runs takes minutes where words repeat, and one person could hold everybody up with it.
"""

import re

MOST_WORDS = 4_000  # beyond that, lines are compared; beyond as many lines, the whole
MOST_EDITS = 400  # texts that differ in more pieces are shown one after the other


def words(before: str, after: str) -> list[tuple[str, str]]:
    """Runs of the text in reading order: (kind, words) with kind 'same', 'theirs' (only before) or 'mine' (only after)."""
    a, b = _pieces(before, after)
    found: list[tuple[str, str]] = []
    for is_same, a1, a2, b1, b2 in _runs(a, b):
        if is_same:
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
    return [(a1, a2, tuple(after[b1:b2])) for is_same, a1, a2, b1, b2 in _runs(before, after) if not is_same]


def _pieces(*texts: str) -> list[list[str]]:
    """Words, marks and spaces; of long texts the lines."""
    found = [re.findall(r"\w+|\s+|[^\w\s]", text) for text in texts]
    if max(len(pieces) for pieces in found) > MOST_WORDS:
        found = [text.splitlines(keepends=True) for text in texts]
    return found if max(len(pieces) for pieces in found) <= MOST_WORDS else [[text] if text else [] for text in texts]


def _runs(a: list[str], b: list[str]) -> list[tuple[bool, int, int, int, int]]:
    """Both lists from beginning to end, as (is the same, from and to in the first, from and to in the second). A space between
    two changes is part of one change: that two texts have spaces says nothing of either."""
    words = [run for run in _alike(a, b) if not "".join(a[run[0] : run[0] + run[2]]).isspace()]
    found: list[tuple[bool, int, int, int, int]] = []
    i = j = 0
    for start, there, length in [*words, (len(a), len(b), 0)]:
        x, y, end = start, there, start + length
        while x > i and y > j and a[x - 1] == b[y - 1]:
            x, y = x - 1, y - 1
        if i < x or j < y:
            found.append((False, i, x, j, y))
        if x < end:
            found.append((True, x, end, y, y + end - x))
        i, j = end, y + end - x
    return found


def _alike(a: list[str], b: list[str]) -> list[tuple[int, int, int]]:
    """Runs that stand in both, in order, as (place in the first, place in the second, length): on the shortest way, or their
    beginning and end alone where that is too long."""
    reach, trail = {1: 0}, []  # by diagonal, how far into the first list so many edits lead
    for edits in range(MOST_EDITS + 1):
        trail.append(dict(reach))
        for k in range(-edits, edits + 1, 2):
            x = reach[k + 1] if _is_new(reach, k, edits) else reach[k - 1] + 1
            while x < len(a) and 0 <= x - k < len(b) and a[x] == b[x - k]:
                x += 1
            reach[k] = x
            if x >= len(a) and x - k >= len(b):
                return _way_back(trail, len(a), len(b))
    return _ends(a, b)


def _is_new(reach: dict[int, int], k: int, edits: int) -> bool:
    """Whether the last edit on the way to this diagonal puts in a piece of the second list; else one of the first goes."""
    return k == -edits or (k != edits and reach[k - 1] < reach[k + 1])


def _way_back(trail: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int, int]]:
    found = []
    for edits in range(len(trail) - 1, -1, -1):
        reach, k = trail[edits], x - y
        is_new = _is_new(reach, k, edits)
        start = reach[k + 1] if is_new else reach[k - 1] + 1
        if x > start:
            found.append((start, start - k, x - start))
        x, y = (start, start - k - 1) if is_new else (start - 1, start - k)
    return found[::-1]


def _ends(a: list[str], b: list[str]) -> list[tuple[int, int, int]]:
    least = min(len(a), len(b))
    first = next((i for i in range(least) if a[i] != b[i]), least)
    last = next((i for i in range(least - first) if a[-1 - i] != b[-1 - i]), least - first)
    return [(x, y, n) for x, y, n in ((0, 0, first), (len(a) - last, len(b) - last, last)) if n]
