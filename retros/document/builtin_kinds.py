"""The sections that launches, projects, decisions and recurring issues have beside those of an incident: what their records
say, then what people wrote, and what is asked before a publication."""

from collections.abc import Callable
from typing import Any

from retros import sections
from retros.document import builtin, kinds
from retros.document.tree import Block, Bullets, Part
from retros.models import Event, WellKind, WentWell
from retros.sections import Finding, Section
from retros.services import well

Facts = Callable[[Event], list[Block]]


def _no_facts(event: Event) -> list[Block]:
    return []


def _fine(event: Event) -> list[Finding]:
    return []


def _section(
    slug: str,
    title: str,
    hint: str,
    facts: Facts = _no_facts,
    gate: Callable[[Event], list[Finding]] = _fine,
    **more: Any,
) -> Section:
    """A section of facts followed by a text; its hint stands where both say nothing."""

    def build(event: Event) -> list[Block]:
        known, text = facts(event), builtin.optional(event, slug)
        return known + text or builtin.written(event, slug, hint)

    return Section(slug, title, build, is_text=True, gate=gate, **more)


def repeat(event: Event) -> list[Block]:
    """What is listed as having worked is what a launch would repeat; luck is set apart, because it cannot be."""
    rows = list(WentWell.objects.kept().filter(event=event))
    good = [("", row.text) for row in rows if row.kind != WellKind.LUCK]
    luck = [("", row.text) for row in rows if row.kind == WellKind.LUCK]
    blocks: list[Block] = [Bullets(good)] if good else []
    return blocks + ([Part("Luck", [Bullets(luck)])] if luck else [])


# --- Gate -----------------------------------------------------------------------------------------------------------
def gate_options(event: Event) -> list[Finding]:
    if kinds.known(event).choices or builtin.has_text(event, "options"):
        return []
    return [Finding("no-decision", "The decision is not recorded", "Readers must see what was chosen, and between what.",
                    "Record the decision and its options.", f"/e/{event.code}/edit/#choices", blocks=True)]  # fmt: skip


def gate_expected(event: Event) -> list[Finding]:
    if kinds.expected(event) or builtin.has_text(event, "expected"):
        return []
    return [Finding("no-expectation", "Nobody wrote down what was expected", "A result says little without the expectation.",
                    "Write what was expected, and what happened.", f"/e/{event.code}/review/edit/expected/")]  # fmt: skip


def gate_deviated(event: Event) -> list[Finding]:
    if kinds.deviations(event) or builtin.has_text(event, "deviated"):
        return []
    return [Finding("no-deviation", "Nothing is recorded as deviating", "Hardly any launch goes exactly to plan.",
                    "Write what went another way, or that nothing did.", f"/e/{event.code}/review/edit/deviated/")]  # fmt: skip


def gate_repeat(event: Event) -> list[Finding]:
    return [] if builtin.has_text(event, "repeat") else builtin.gate_went_well(event)


def gate_occurrences(event: Event) -> list[Finding]:
    if kinds.known(event).occurrences or builtin.has_text(event, "occurrences"):
        return []
    return [Finding("no-occurrences", "No earlier occurrence is recorded", "Recurring means that it happened before.",
                    "Link the earlier events, or write when it happened.", f"/e/{event.code}/edit/#occurrences", blocks=True)]  # fmt: skip


def register_all() -> None:
    """Register them; called once when the apps are ready."""
    for section in (
        _section("to-plan", "What went to plan", "What did you intend, and what came out as intended?", kinds.to_plan),
        _section("deviated", "What deviated", "Where did it go otherwise, and what was in front of people there?",
                 kinds.deviated, gate_deviated),
        _section("surprised", "What surprised us", "What did nobody expect?"),
        _section("differently", "What we would do differently", "With what is known now, what would you change?"),
        _section("repeat", "What we would repeat", "What would you do exactly so again?", repeat, gate_repeat,
                 made=well.made),
        _section("not-well", "What did not go well", "Which conditions made it hard?", kinds.not_well),
        _section("in-retrospect", "Decisions in retrospect", "Which decisions would you take again with the same facts?",
                 kinds.in_retrospect),
        _section("recommendations", "Recommendations for the next phase", "What do you hand to the next team?"),
        _section("occurrences", "Occurrences", "When did it happen before?", kinds.occurrences, gate_occurrences),
        _section("promised", "What was promised before", "What was promised, and what became of it?", kinds.promised),
        _section("options", "Decision and options", "What lay on the table, and what was known then?", kinds.options,
                 gate_options),
        _section("expected", "What we expected and what happened", "What did you expect, and what came?", kinds.expected,
                 gate_expected),
        _section("reasonable", "Why it was reasonable", "What made it the sensible choice, with what was known?", kinds.again),
        _section("ask-next", "What we would ask next time", "Which question would have changed the choice?"),
    ):  # fmt: skip
        sections.register(section)
