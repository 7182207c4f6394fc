"""What the records of an event say at a step of the room, as rows that are changed where they stand; and the history of a text
in this meeting."""

from dataclasses import dataclass, field
from typing import Any

from aar_site.words import in_words
from retros import sections, text_diff, timing
from retros.document import kinds
from retros.document.spans import length_words, span
from retros.document.tree import Block, Items, Missing, Part, Text
from retros.models import Choice, Event, Goal, Occurrence, Phase, Revision, SectionText

SHOWN_ABOVE = {"summary", "repeat", "promised"}  # what the records say stands on the stage already
OUTCOMES = (("met", "met"), ("partly", "partly"), ("not_met", "not"), ("", "not settled"))
MOST_CHANGES, MOST_COMPARED = 5, 6_000
NO_GOAL = "No goal is recorded yet. What did people say at the start that it was for?"
NO_OPTION = "No option is recorded yet. What was chosen, and what else lay on the table?"
NO_CHOICE = "Which option was chosen is not recorded yet."
NO_DECISION = "No decision is recorded yet. Which ones set the course?"


@dataclass(frozen=True)
class Fact:
    """One row: `pk` names it in the list `slug` of its event, 0 where it is computed. `sides` stand side by side: (label, words,
    or "" where nobody said it yet)."""

    title: str
    pk: int = 0
    when: str = ""
    tone: str = ""
    state: str = ""
    sides: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Facts:
    """The rows of one list at one step. `add` is what a press for one more says, `none` what stands there without a row."""

    slug: str
    sum: str
    add: str
    rows: list[Fact]
    none: str


def facts_of(event: Event, slug: str) -> Facts | None:
    """The rows that a section is about; None where it has none of its own."""
    if slug == "impact":
        goals = kinds.known(event).goals
        found = [_goal(row) for row in goals]
        return Facts("goals", _counted(goals), "Add a goal", found, NO_GOAL) if _has_goals(event) else None
    if slug == "occurrences":
        return _times(event)
    choices = kinds.known(event).choices
    if slug == "options":
        rows = sorted(choices, key=lambda choice: not choice.was_chosen)
        return Facts("choices", _number(rows, "option"), "Add an option", [_option(row) for row in rows], NO_OPTION)
    if slug == "expected":
        return Facts("choices", "", "", [_expected(row) for row in choices if _is_weighed(row)], NO_CHOICE)
    if slug == "in-retrospect":
        return Facts("choices", _number(choices), "Add a decision", [_choice(row) for row in choices], NO_DECISION)
    return None


def _has_goals(event: Event) -> bool:
    return event.kind in {"launch", "project"}


def _times(event: Event) -> Facts:
    """The earlier times, each with what was promised then and what became of it; and this one."""
    this = Fact("This time", when=", ".join(filter(None, (span(event), length_words(event)))))
    rows = [*(_occurrence(row) for row in kinds.known(event).occurrences), this]
    return Facts("occurrences", _number(rows, "time"), "Add an earlier time", rows, "")


def blocks_of(event: Event, section: sections.Section) -> list[Block]:
    """What else the records say under a section, as the document shows it; the plan of a launch begins with its phases."""
    if section.slug in SHOWN_ABOVE:
        return []
    ahead = kinds.phases(event) if section.slug == "to-plan" else []
    are_rows = facts_of(event, section.slug) is not None
    return ahead + [block for block in section.build(event) if not _is_shown(block, are_rows)]


def _is_shown(block: Block, are_rows: bool) -> bool:
    """Whether the stage says it already: as its text, or as rows."""
    is_list = isinstance(block, Items) or (isinstance(block, Part) and block.title == "Goals")
    return isinstance(block, Text | Missing) or (are_rows and is_list)


def _number(rows: list[Any], word: str = "decision") -> str:
    return in_words(len(rows), word).capitalize() if rows else ""


def _counted(goals: list[Goal]) -> str:
    """1 met, 1 partly, 1 not"""
    counts = [(sum(1 for goal in goals if goal.outcome == value), words) for value, words in OUTCOMES]
    return ", ".join(f"{n} {words}" for n, words in counts if n)


def _goal(goal: Goal) -> Fact:
    state = str(goal.get_outcome_display()) if goal.outcome else "Not settled"
    return Fact(
        goal.text, goal.pk, "", kinds.TONES.get(goal.outcome, "now"), state, [("", goal.note)] if goal.note else []
    )


def _choice(choice: Choice) -> Fact:
    state = str(choice.get_again_display()) if choice.again else "Not weighed yet"
    sides = [("Known then", choice.known_then), ("Known now", choice.outcome)]
    sides += [("Expected", choice.expected)] if choice.expected.strip() else []
    return Fact(choice.text, choice.pk, choice.decided_words, kinds.TONES.get(choice.again, "now"), state, sides)


def _option(choice: Choice) -> Fact:
    state, tone = ("Chosen", "ok") if choice.was_chosen else ("Not chosen", "off")
    return Fact(choice.text, choice.pk, choice.decided_words, tone, state, [("Known then", choice.known_then)])


def _is_weighed(choice: Choice) -> bool:
    return choice.was_chosen or bool(choice.expected.strip() or choice.outcome.strip())


def _expected(choice: Choice) -> Fact:
    state = str(choice.get_again_display()) if choice.again and choice.was_chosen else ""
    sides = [("Expected", choice.expected), ("What happened", choice.outcome)]
    return Fact(choice.text, choice.pk, "", kinds.TONES.get(choice.again, "") if state else "", state, sides)


def _occurrence(row: Occurrence) -> Fact:
    is_told = row.earlier and kinds.is_open(row.earlier)
    sides = [("Promised", row.promised), ("What became of it", row.became)]
    tone, state = ("part", "Reviewed") if is_told else ("", "")
    return Fact(kinds.occurrence_words(row), row.pk, row.on_words, tone, state, sides)


def phases_at(event: Event, slug: str) -> list[Phase]:
    """The phases that are changed at a part of the stage."""
    return kinds.known(event).phases if slug in {"to-plan", "deviated"} else []


def slots_at(event: Event, slug: str) -> list[str]:
    """The lists whose rows are changed at a part of the stage, each once on a stage: their forms open there."""
    if slug == "summary":
        return ["figures", "intervals"]
    rows = facts_of(event, slug)
    return [rows.slug] if rows else ["phases"] if slug in {"to-plan", "deviated"} and event.kind == "launch" else []


# --- A text in this meeting -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Change:
    """What one revision changed, word by word; nothing where the texts are too long to be compared while everybody waits."""

    revision: Revision
    words: list[tuple[str, str]]


def changes_of(event: Event, kept: SectionText) -> list[Change]:
    """The newest changes of a text since the meeting began, the last one first: those that became the text, each with its author."""
    if not kept.number or event.held_at is None:
        return []
    rows = {row.number: row for row in kept.revisions.select_related("author")[: MOST_CHANGES * 4]}
    found: list[Change] = []
    row = rows.get(kept.number)
    while row and row.at >= event.held_at and len(found) < MOST_CHANGES:
        before = rows.get(row.base_number)
        old = before.text if before else ""
        is_short = len(old) + len(row.text) <= MOST_COMPARED
        found.append(Change(row, text_diff.words(old, row.text) if is_short and before else []))
        row = before
    return found


def stats_of(event: Event) -> list[dict[str, Any]]:
    """The numbers under a summary: how long something was affected, computed, and figures as they were given."""
    found = [
        {"slug": "intervals", "pk": row.pk, "value": timing.duration_label(row.duration), "label": row.label}
        for row in event.intervals.all()
        if row.duration is not None
    ]
    figures = [{"slug": "figures", "pk": row.pk, "value": row.value, "label": row.label} for row in event.figures.all()]
    return [*found, *figures]
