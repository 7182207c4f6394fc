"""Small charts as SVG, each with a sentence and a table that say the same. Pure: geometry and words, no database.

Presentation attributes and class names only, because the page allows no inline style. One drawing is 340 units wide.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH = 340
GAP = 2
Points = Sequence[tuple[str, int | None]]
Place = Callable[[float], float]


@dataclass(frozen=True)
class Chart:
    """A drawing and its equivalents: one sentence, and a table of `head` and `rows`."""

    svg: SafeString
    sentence: str
    head: list[str]
    rows: list[list[str]]
    has_figures: bool = True


@dataclass(frozen=True)
class Bar:
    """One bar: how many in all, and how many of them are overdue."""

    label: str
    total: int
    late: int = 0


def bars(title: str, rows: Sequence[Bar], *, head: str, start: int = 0, step: int = 30, height: int = 14) -> Chart:
    """Horizontal bars, the overdue part apart at the end of each. They begin at `start`, or where the names end."""
    start = start or min(max([104, *(7 * len(row.label) + 7 for row in rows)]), 160)
    longest = max((row.total for row in rows), default=0)
    unit = (WIDTH - start - 40) / longest if longest else 0
    parts = []
    for number, row in enumerate(rows):
        y = number * step + 5
        on_time = row.total - row.late
        width, x = round(on_time * unit, 1), float(start)
        if on_time:
            parts.append(_drawn('<rect class="b1" x="{}" y="{}" width="{}" height="{}"/>', x, y, width, height))
            x = round(x + width + GAP, 1)
        if row.late:
            width = round(max(row.late * unit - GAP, 2), 1)
            parts.append(_drawn('<rect class="b2" x="{}" y="{}" width="{}" height="{}"/>', x, y, width, height))
            x = round(x + width + GAP, 1)
        base = y + height - 3
        parts.append(format_html('<text x="0" y="{}">{}</text>', base, _short(row.label, start)))
        parts.append(_drawn('<text class="v" x="{}" y="{}">{}</text>', round(x + 6, 1), base, row.total))
    said = ", ".join(f"{r.label} {r.total}{f' ({r.late} overdue)' if r.late else ''}" for r in rows)
    sentence = f"{title}: {said}." if rows else f"{title}: none."
    table = [[r.label, str(r.total), str(r.late)] for r in rows]
    return Chart(_svg(parts, max(len(rows) * step, step), sentence), sentence, [head, "Open", "Overdue"], table)


def _short(label: str, start: int) -> str:
    most = start // 7
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"


def line(
    title: str,
    points: Points,
    *,
    unit: str = "",
    goal: int | None = None,
    top: int | None = None,
    marks: Sequence[tuple[int, str]] = (),
    is_filled: bool = False,
    head: str = "Open",
) -> Chart:
    """A line over equal steps of time. A point may be None (nothing to measure then): the line has a gap there.

    `marks` are (index of a point, words) along the axis; `top` is the upper end of the scale, else a round number above.
    """
    known = [value for _, value in points if value is not None]
    top = top or _round_up(max([*known, goal or 0, 4]))
    left, right, base, roof = 34, 300, 160.0, 24.0

    def x(index: float) -> float:
        return round(left + (right - left) * index / max(len(points) - 1, 1), 1)

    def y(value: float) -> float:
        return round(base - (base - roof) * value / top, 1)

    parts = []
    for number in range(3):
        value = top * number // 2
        parts.append(
            _drawn(
                '<line class="ax" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="0" y="{}">{}{}</text>',
                left,
                right,
                y(value),
                y(value),
                y(value) + 4,
                value,
                unit,
            )
        )
    if goal is not None:
        markup = '<polyline class="l2" points="{},{} {},{}"/><text x="0" y="{}">goal</text>'
        parts.append(_drawn(markup, left, y(goal), right, y(goal), y(goal) + 4))
    parts += _runs(points, x, y, base if is_filled else None)
    parts += _last(points, x, y, unit, goal)
    parts += [format_html('<text x="{}" y="184">{}</text>', x(index), words) for index, words in marks]
    sentence = _said(title, points, unit, goal)
    table = [[words, "no figure" if value is None else f"{value}{unit}"] for words, value in points]
    return Chart(_svg(parts, 190, sentence), sentence, ["Week ending", head], table, has_figures=bool(known))


def _runs(points: Points, x: Place, y: Place, base: float | None) -> list[SafeString]:
    """The line in its unbroken stretches, filled down to `base` if given; a stretch of one point is a dot."""
    runs: list[list[tuple[float, float]]] = [[]]
    for index, (_, value) in enumerate(points):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((x(index), y(value)))
    parts = []
    for run in (r for r in runs if r):
        path = " ".join(f"{a},{b}" for a, b in run)
        if base is not None and len(run) > 1:
            corners = f"{run[0][0]},{base} {path} {run[-1][0]},{base}"
            parts.append(_drawn('<polygon class="ar" points="{}"/>', corners))
        if len(run) > 1:
            parts.append(_drawn('<polyline class="l1" points="{}"/>', path))
        else:
            parts.append(_drawn('<circle class="dot" cx="{}" cy="{}" r="2.5"/>', *run[0]))
    return parts


def _last(points: Points, x: Place, y: Place, unit: str, goal: int | None) -> list[SafeString]:
    """The newest value as a dot with its number beside it, clear of the line and of the goal."""
    known = [(index, value) for index, (_, value) in enumerate(points) if value is not None]
    if not known:
        return []
    index, value = known[-1]
    markup = '<circle class="dot" cx="{}" cy="{}" r="4"/><text class="v" x="{}" y="{}">{}{}</text>'
    is_close = goal is not None and abs(y(goal) - y(value)) < 12
    aside = 4 if not is_close else -8 if value >= (goal or 0) else 16
    return [_drawn(markup, x(index), y(value), x(index) + 9, y(value) + aside, value, unit)]


def _said(title: str, points: Points, unit: str, goal: int | None) -> str:
    known = [value for _, value in points if value is not None]
    if not known:
        return f"{title}: nothing to show yet."
    first, last = known[0], known[-1]
    word = "rose" if last > first else "fell" if last < first else "stayed"
    middle = f"{word} from {first}{unit} to {last}{unit}" if word != "stayed" else f"stayed at {last}{unit}"
    peak = max(known)
    high = f", with {peak}{unit} at the highest" if peak > max(first, last) else ""
    return f"{title} {middle}{high}.{f' The goal is {goal}{unit}.' if goal is not None else ''}"


def boxes(title: str, rows: Sequence[tuple[str, int, int]], *, most: int = 9) -> Chart:
    """One box a review: filled where it was on time, hollow where not. Rows are (label, on time, in all).

    Past `most` reviews a row is one bar of two parts, to the scale of the longest.
    """
    longest = max((total for _, _, total in rows), default=0)
    parts = []
    for number, (label, good, total) in enumerate(rows):
        y = number * 36 + 7
        parts.append(format_html('<text x="0" y="{}">{}</text>', y + 13, label))
        spans: list[tuple[float, float, bool]]
        if longest <= most:
            spans = [(box * 27, 23, box < good) for box in range(total)]
        else:
            unit = 27 * most / longest
            spans = [(0, good * unit - GAP, True), (good * unit, (total - good) * unit - GAP, False)]
        parts += [_box(50 + x, y, width, is_good) for x, width, is_good in spans if width > 0]
        end = 50 + total * (27 if longest <= most else unit) + 8
        parts.append(_drawn('<text class="v" x="{}" y="{}">{} of {}</text>', round(end, 1), y + 13, good, total))
    said = ", ".join(f"{label} {good} of {total}" for label, good, total in rows)
    sentence = f"{title}: {said}." if rows else f"{title}: none yet."
    table = [[label, str(good), str(total)] for label, good, total in rows]
    return Chart(_svg(parts, max(len(rows) * 36, 36), sentence), sentence, ["Month", "On time", "Published"], table)


def _box(x: float, y: float, width: float, is_good: bool) -> SafeString:
    markup = '<rect class="{}" x="{}" y="{}" width="{}" height="16"/>'
    return _drawn(markup, "b1" if is_good else "b0", round(x, 1), y, round(width, 1))


def _drawn(markup: str, *places: float | str) -> SafeString:
    """Markup around numbers and our own words, which need no escaping: a page of charts has hundreds."""
    return SafeString(markup.format(*places))


def _svg(parts: Sequence[SafeString], height: float, sentence: str) -> SafeString:
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        WIDTH,
        round(height),
        sentence,
        SafeString("".join(parts)),
    )


def _round_up(value: int) -> int:
    """The next even, round number: 23 gives 30, 7 gives 8, 112 gives 120."""
    for step in (2, 10, 20, 50, 100, 200, 500, 1000, 5000, 10_000):
        if value <= step * 6:
            return -(-value // step) * step
    return value
