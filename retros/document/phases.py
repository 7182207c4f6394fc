"""Draws planned and actual phases over months, and says in words what the drawing shows. Pure: takes rows with the fields of Phase."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from aar_site.words import MONTHS, counted, day_month
from retros import timing
from retros.document.tree import PhaseRow, Phases

MOST_MARKS = 8
SHORT = 42  # days of a drawing that is marked by weeks


def block(phases: list[Any]) -> Phases | None:
    """The block of an event's phases; None where there are none."""
    if not phases:
        return None
    days = [day for phase in phases for side in ("planned", "actual") for day in _ends(phase, side)]
    first, last = (min(days), max(days)) if days else (None, None)
    rows = [
        PhaseRow(
            title=phase.title,
            planned=words(phase, "planned"),
            actual=words(phase, "actual"),
            variance=variance(phase),
            note=" ".join(phase.note.split()),
            plan=_stretch(phase, "planned", first, last),
            real=_stretch(phase, "actual", first, last),
        )
        for phase in phases
    ]
    return Phases(rows, _marks(first, last), _sentence(rows))


def words(phase: Any, side: str) -> str:
    """9–13 Nov 2026 (5 days); without the length where an end is missing or known by its month only."""
    said = timing.days_words(phase, side)
    ends = _ends(phase, side)
    exact = {getattr(phase, f"{side}_{end}_precision") for end in ("start", "end")} == {"day"}
    return f"{said} ({length(ends[1] - ends[0])})" if exact and len(ends) == 2 else said


def variance(phase: Any) -> str:
    """How far the end lies from its plan; whole weeks as weeks."""
    moved: timedelta | None = phase.variance
    if not moved or moved.days % 7 or "month" in {phase.planned_end_precision, phase.actual_end_precision}:
        return timing.variance_words(phase)
    weeks = moved.days // 7
    return f"{timing.MINUS if weeks < 0 else '+'}{counted(abs(weeks), 'week')}"


def length(between: timedelta) -> str:
    """How long a stretch is that includes its last day: 5 days, 4 weeks, 14 weeks for what is about that. A single week is
    seven days, because it stands beside six and eight."""
    days = between.days + 1
    weeks = round(days / 7)
    if days == 7 or (days % 7 and days < 28):
        return counted(days, "day")
    return f"{weeks} weeks"


def _ends(phase: Any, side: str) -> list[date]:
    found = (getattr(phase, f"{side}_start"), getattr(phase, f"{side}_end"))
    return [day for day in found if day]


def _stretch(phase: Any, side: str, first: date | None, last: date | None) -> tuple[float, float] | None:
    """Where it lies in the drawing; what has one end only is a day wide."""
    ends = _ends(phase, side)
    if not ends or first is None or last is None:
        return None
    whole = (last - first).days + 1
    start, end = (round(days / whole, 4) for days in ((ends[0] - first).days, (ends[-1] - first).days + 1))
    return start, round(end - start, 4)  # of the rounded ends, so that no bar leaves the drawing


def _marks(first: date | None, last: date | None) -> list[tuple[float, str]]:
    """The first day of each month at its place, at most eight of them; the first one stands at the left edge. A short
    drawing is marked by its weeks."""
    if first is None or last is None:
        return []
    whole = (last - first).days + 1
    if whole <= SHORT:
        weeks = [first + timedelta(days=number) for number in range(0, whole, 7)]
        places = [(round((day - first).days / whole, 4), day) for day in weeks]
        return [(place, day_month(day)) for place, day in places if place < 0.9]
    months = [(0.0, first)]
    day = _next_month(first)
    while day <= last:
        months.append(((day - first).days / whole, day))
        day = _next_month(day)
    step = -(-len(months) // MOST_MARKS)
    found = [(round(place, 4), day) for place, day in months[::step] if place < 0.94]
    if len(found) > 1 and found[1][0] < 0.08:
        found.pop(0)
    return [(place, month_words(day)) for place, day in found]


def month_words(day: date) -> str:
    """May; a January says its year."""
    return f"Jan {day.year}" if day.month == 1 else MONTHS[day.month - 1]


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _sentence(rows: list[PhaseRow]) -> str:
    told = [
        f"{row.title}: planned {row.planned or 'not stated'}, actual {row.actual or 'not stated'}"
        + (f", {row.variance}" if row.variance else "")
        for row in rows
    ]
    return f"Planned and actual phases. {'; '.join(told)}."


# --- Geometry -------------------------------------------------------------------------------------------------------
ROW, PAPER_ROW = 46, 64
LETTER = 0.021  # width of a letter on a phone, as a fraction of the drawing
MOST_LETTERS = 26


@dataclass(frozen=True)
class Bar:
    """One phase in the drawing: where its bars lie, and its name beside the planned one (or the actual one without a plan)."""

    title: str
    plan: tuple[float, float] | None
    real: tuple[float, float] | None
    x: float
    anchor: str
    dx: int
    row: int
    is_below: bool

    plan_y = property(lambda self: 4 + ROW * self.row)
    real_y = property(lambda self: 16 + ROW * self.row)
    text_y = property(lambda self: (41 if self.is_below else 13) + ROW * self.row)
    paper_plan_y = property(lambda self: 4 + PAPER_ROW * self.row)
    paper_real_y = property(lambda self: 22 + PAPER_ROW * self.row)
    paper_text_y = property(lambda self: (56 if self.is_below else 18) + PAPER_ROW * self.row)
    paper_dx = property(lambda self: 10 if self.dx > 0 else -10 if self.dx else 0)


@dataclass(frozen=True)
class Drawing:
    """The bars of a block, and the heights of its picture on the page and on paper."""

    bars: list[Bar]

    floor = property(lambda self: ROW * len(self.bars))
    foot = property(lambda self: self.floor + 15)
    height = property(lambda self: self.floor + 19)
    paper_floor = property(lambda self: PAPER_ROW * len(self.bars))
    paper_foot = property(lambda self: self.paper_floor + 18)
    paper = property(lambda self: self.paper_floor + 24)


def draw(phases: Phases) -> Drawing | None:
    """The drawing; None where no phase has a day."""
    shown = [row for row in phases.rows if row.plan or row.real]
    return Drawing([_bar(row, number) for number, row in enumerate(shown)]) if shown else None


def _bar(row: PhaseRow, number: int) -> Bar:
    """The name goes to the right of its bar, else to the left, else beneath both."""
    title = row.title if len(row.title) <= MOST_LETTERS else f"{row.title[: MOST_LETTERS - 1].rstrip()}\u2026"
    start, size = row.plan or row.real or (0.0, 0.0)
    need, end = LETTER * len(title) + 0.03, start + size
    if end + need <= 1:
        return Bar(title, row.plan, row.real, end, "start", 8, number, False)
    if start >= need:
        return Bar(title, row.plan, row.real, start, "end", -8, number, False)
    return Bar(title, row.plan, row.real, max(0.0, min(start, 1 - need)), "start", 0, number, True)
