"""What the records of a launch, project, decision or recurring issue say, as blocks. Page, exports and room show the same."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aar_site.words import counted, in_words, plural, zone_of
from retros import timing
from retros.document import phases as drawing
from retros.document.spans import between, length_words, span
from retros.document.tree import Block, Bullets, Facts, Item, Items, Part, Table
from retros.models import Choice, Event, Factor, Goal, Launch, Occurrence, Phase, State
from retros.services import factor_lists
from retros.services.once import once, remembers

TONES = {"met": "ok", "partly": "part", "not_met": "off", "yes": "ok", "otherwise": "part", "unknowable": "off"}
# Where on the page of an event's facts the facts of a section are changed.
FACTS_AT = {
    "impact": "goals", "to-plan": "phases", "deviated": "phases", "in-retrospect": "choices", "options": "choices",
    "expected": "choices", "occurrences": "occurrences", "promised": "occurrences",
}  # fmt: skip
HIDDEN = "An earlier event whose review is not open to everybody"


@dataclass(frozen=True)
class Known:
    """The rows of an event's kind; empty where the kind has none. `factors` are (category, how many earlier events name it)."""

    launch: Launch | None = None
    goals: list[Goal] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    occurrences: list[Occurrence] = field(default_factory=list)
    common: list[tuple[str, int]] = field(default_factory=list)


def known(event: Event) -> Known:
    """The rows of the event's kind: nothing is asked for a kind that has none of it."""
    return once(event, "kind", read)


def read(event: Event) -> Known:
    """The rows of the event's kind: three queries at most."""
    match event.kind:
        case "launch":
            launch = getattr(event, "launch", None)
            return Known(launch=launch, goals=list(event.goals.all()), phases=list(event.phases.all()))
        case "project":
            return Known(
                goals=list(event.goals.all()), phases=list(event.phases.all()), choices=list(event.choices.all())
            )
        case "decision":
            return Known(choices=list(event.choices.all()))
        case "recurring":
            rows = list(event.occurrences.select_related("earlier"))
            return Known(occurrences=rows, common=_common(rows))
        case _:
            return Known()


def phases_of(event: Event) -> list[Phase]:
    """The phases that the trace names; no query for kinds without any."""
    if event.kind not in {"launch", "project"}:
        return []
    return known(event).phases if remembers(event) else list(event.phases.all())


def _common(rows: list[Occurrence]) -> list[tuple[str, int]]:
    """Categories of factors that more than one of the earlier events names, the most frequent first."""
    earlier = [row.earlier_id for row in rows if row.earlier_id]
    pairs = (
        set(Factor.objects.kept().filter(event__in=earlier).values_list("event_id", "category")) if earlier else set()
    )
    labels = dict(Factor._meta.get_field("category").choices or [])
    counted = Counter(category for _, category in pairs)
    return [(str(labels.get(name, name)), n) for name, n in counted.most_common() if n > 1]


# --- Launch ---------------------------------------------------------------------------------------------------------
def outcome_pairs(event: Event) -> list[tuple[str, str]]:
    """The facts of a launch, or how long a project ran; [] for other kinds."""
    if event.kind == "project":
        return [("Ran", ran(event))]
    launch = known(event).launch
    if event.kind != "launch":
        return []
    if launch is None:
        return [("Went out", span(event))]
    planned = window(launch, event)
    pairs = [
        ("Scope", launch.scope),
        ("Planned", planned),
        ("Actual", span(event)),
        ("Maintenance", _length(launch.maintenance_minutes)),
        ("Issues", _count(launch.issue_count, launch.issue_note)),
        ("Rolled back", _yes(launch.was_rolled_back, launch.rollback_note)),
        ("First seven days", first_week(launch)),
        ("Business outcome", launch.business_outcome),
    ]
    return [(label, value) for label, value in pairs if value]


def ran(event: Event) -> str:
    """4 May – 9 Aug 2026, 14 weeks: whole days, as projects count."""
    start, end = event.local_start, event.local_end
    if start is None or end is None:
        return span(event)
    return f"{span(event)}, {ran_length(event)}"


def ran_length(event: Event) -> str:
    """How long a project ran, its last day included; "" where an end is missing."""
    start, end = event.local_start, event.local_end
    if start is None or end is None:
        return ""
    return drawing.length(timedelta(days=(end.date() - start.date()).days))


def window(launch: Launch, event: Event) -> str:
    """The planned window in the event's zone, no finer than it was known."""
    start, end = launch.planned_start, launch.planned_end
    first, last = _said(start, launch.planned_start_precision, event), _said(end, launch.planned_end_precision, event)
    if start and end and {launch.planned_start_precision, launch.planned_end_precision} <= {"exact", "approx"}:
        return between(start.astimezone(event.zone), end.astimezone(event.zone))
    if first and last:
        return first if first == last else f"{first} \u2013 {last}"
    return f"from {first}" if first else f"until {last}" if last else ""


def _said(at: datetime | None, precision: str, event: Event) -> str:
    """9 Nov 2026, 22:00 UTC; the day or the month alone where no more is known."""
    if at is None:
        return ""
    local = at.astimezone(event.zone)
    if precision in {"day", "month"}:
        return timing.day_words(local.date(), precision)
    about = "about " if precision == "approx" else ""
    return f"{timing.day_words(local.date())}, {about}{local:%H:%M} {zone_of(local)}"


def _length(minutes: int | None) -> str:
    """40 min; a maintenance of no minutes is none."""
    return "" if minutes is None else timing.duration_label(timedelta(minutes=minutes)) if minutes else "None"


def _count(count: int | None, note: str) -> str:
    """In words, because a number with a full stop behind it begins a list."""
    number = "" if count is None else in_words(count).capitalize() if count else "None"
    return ". ".join(part for part in (number, note.strip()) if part)


def _yes(value: bool | None, note: str) -> str:
    said = "" if value is None else "Yes" if value else "No"
    return ". ".join(part for part in (said, note.strip()) if part)


def first_week(launch: Launch) -> str:
    count = launch.first_week_incidents
    words = "" if count is None else f"{count or 'No'} {plural(count, 'incident')}"
    return ". ".join(part for part in (words, launch.first_week_note.strip()) if part)


def deviations(event: Event) -> list[list[str]]:
    """Rows of planned, what happened, gap: where the record differs from the plan. A difference is no fault."""
    found = known(event)
    rows = [row for row in _window_rows(event, found.launch) if row[2] != SAME]
    rows += [_phase_row(phase) for phase in found.phases if _moved(phase)]
    if found.launch and found.launch.was_rolled_back:
        rows.append(["Stays out", _yes_words("Rolled back", found.launch.rollback_note), ""])
    rows += [
        [goal.text, _yes_words(goal.get_outcome_display(), goal.note), ""]
        for goal in found.goals
        if goal.outcome in {"partly", "not_met"}
    ]
    return rows


SAME = "as planned"


def _window_rows(event: Event, launch: Launch | None) -> list[list[str]]:
    """Start and end against their plan, where both are known well enough to be compared."""
    if launch is None:
        return []
    sides = [
        ("Start", launch.planned_start, launch.planned_start_precision, event.started_at, event.started_precision),
        ("End", launch.planned_end, launch.planned_end_precision, event.ended_at, event.ended_precision),
    ]
    return [
        [f"{name} {_said(plan, how, event)}", _said(real, was, event), _gap(event, plan, real, {how, was})]
        for name, plan, how, real, was in sides
        if plan and real
    ]


def _gap(event: Event, plan: datetime, real: datetime, how: set[str]) -> str:
    """+1 day, \u22128 h; days where one side is a day; "" where a month is all that is known."""
    if "month" in how:
        return ""
    days = (real.astimezone(event.zone).date() - plan.astimezone(event.zone).date()).days
    apart = abs(real - plan)
    if ("day" in how and not days) or apart < timedelta(minutes=1):
        return SAME
    sign = timing.MINUS if real < plan else "+"
    if "day" in how or apart >= timedelta(days=1):
        return f"{sign}{counted(abs(days), 'day')}"
    return f"{sign}{timing.duration_label(apart)}"


def _moved(phase: Phase) -> bool:
    return timing.variance_words(phase)[:1] in {"+", timing.MINUS}


def _phase_row(phase: Phase) -> list[str]:
    until, actual = (
        timing.day_words(phase.planned_end, phase.planned_end_precision),
        timing.day_words(phase.actual_end, phase.actual_end_precision),
    )
    return [f"{phase.title} until {until}", _yes_words(actual, phase.note), drawing.variance(phase)]


def _yes_words(first: str, note: str) -> str:
    return ". ".join(part for part in (first, " ".join(note.split())) if part)


def deviated(event: Event) -> list[Block]:
    rows = deviations(event)
    return [Table(["Planned", "What happened", "Gap"], rows)] if rows else []


def to_plan(event: Event) -> list[Block]:
    """What the record says went as planned."""
    found, launch = known(event), known(event).launch
    said = [f"{row[0]}, as planned" for row in _window_rows(event, launch) if row[2] == SAME]
    said += [f"{p.title}: ended when planned" for p in found.phases if _is_on_time(p)]
    said += [
        _yes_words(f"Goal met: {goal.text.rstrip('.')}", goal.note) for goal in found.goals if goal.outcome == "met"
    ]
    if launch and launch.was_rolled_back is False:
        said.append("Nothing was rolled back")
    if launch and launch.first_week_incidents == 0:
        said.append("No incident in the first seven days")
    return [Bullets([("", text) for text in said])] if said else []


def _is_on_time(phase: Phase) -> bool:
    words = timing.variance_words(phase)
    return bool(words) and not _moved(phase)


# --- Project --------------------------------------------------------------------------------------------------------
def goals(event: Event) -> list[Block]:
    rows = known(event).goals
    items = [
        Item(
            goal.text,
            goal.get_outcome_display() if goal.outcome else "Not settled",
            TONES.get(goal.outcome, ""),
            [("", goal.note.strip())] if goal.note.strip() else [],
        )
        for goal in rows
    ]
    return [Part("Goals", [Items(items)])] if items else []


def phases(event: Event) -> list[Block]:
    block = drawing.block(known(event).phases)
    return [block] if block else []


def not_well(event: Event) -> list[Block]:
    """Goals that were missed, and conditions that were recorded as factors: a project has no section of its own for them."""
    said = [
        (goal.get_outcome_display(), _yes_words(goal.text, goal.note))
        for goal in known(event).goals
        if goal.outcome in {"partly", "not_met"}
    ]
    said += [(str(row.get_category_display()), row.text) for row in factor_lists.together(event)]
    return [Bullets(said)] if said else []


# --- Decisions ------------------------------------------------------------------------------------------------------
def in_retrospect(event: Event) -> list[Block]:
    """Decisions on the way: what was known then, what came of it, and whether it would be taken again."""
    items = [
        Item(
            choice.text,
            choice.get_again_display() if choice.again else "",
            TONES.get(choice.again, ""),
            _lines(
                ("Decided", timing.day_words(choice.decided_on, choice.decided_on_precision)),
                ("Known then", choice.known_then),
                ("Expected", choice.expected),
                ("What came of it", choice.outcome),
            ),
        )
        for choice in known(event).choices
    ]
    return [Items(items)] if items else []


def options(event: Event) -> list[Block]:
    """What lay on the table, the chosen option first."""
    rows = sorted(known(event).choices, key=lambda choice: not choice.was_chosen)
    items = [
        Item(
            choice.text,
            "Chosen" if choice.was_chosen else "Not chosen",
            "ok" if choice.was_chosen else "off",
            _lines(
                ("Decided", timing.day_words(choice.decided_on, choice.decided_on_precision)),
                ("Known then", choice.known_then),
            ),
        )
        for choice in rows
    ]
    return [Items(items)] if items else []


def expected(event: Event) -> list[Block]:
    """Expectation beside outcome, of every option that has one of them."""
    rows = [choice for choice in known(event).choices if choice.expected.strip() or choice.outcome.strip()]
    items = [
        Item(choice.text, lines=_lines(("Expected", choice.expected), ("What happened", choice.outcome)))
        for choice in rows
    ]
    return [Items(items)] if items else []


def again(event: Event) -> list[Block]:
    """Whether the chosen option would be chosen again."""
    said = [
        (choice.text, str(choice.get_again_display()))
        for choice in known(event).choices
        if choice.was_chosen and choice.again
    ]
    return [Facts(said)] if said else []


def _lines(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    return [(label, text.strip()) for label, text in pairs if text.strip()]


# --- Recurring issue ------------------------------------------------------------------------------------------------
def occurrences(event: Event) -> list[Block]:
    """The earlier times, oldest first, this one last; and the factors that they share."""
    found = known(event)
    if not found.occurrences:
        return []
    items = [
        Item(occurrence_words(row), lines=_lines(("", ", ".join(filter(None, (_day_of(row), _review_of(row)))))))
        for row in found.occurrences
    ]
    items.append(Item("This time", lines=[("", ", ".join(filter(None, (span(event), length_words(event)))))]))
    blocks: list[Block] = [Items(items)]
    if found.common:
        whole = sum(1 for row in found.occurrences if row.earlier_id)
        shared = [("", f"{name}, in {n} of {whole}") for name, n in found.common]
        blocks.append(Part("Common factors", [Bullets(shared)]))
    return blocks


def _day_of(row: Occurrence) -> str:
    return timing.day_words(row.on, row.on_precision)


def _review_of(row: Occurrence) -> str:
    return f"review {row.earlier.code}" if row.earlier and is_open(row.earlier) else ""


def is_open(event: Event) -> bool:
    """Whether everybody who reads this review may know of that one."""
    return event.state == State.PUBLISHED and not event.is_restricted


def occurrence_words(row: Occurrence) -> str:
    """What a row is called: its own words, else the title of the earlier event where readers may know it."""
    if row.text:
        return row.text
    return row.earlier.title if row.earlier and is_open(row.earlier) else HIDDEN


def promised(event: Event) -> list[Block]:
    """What was promised each time, and what became of it."""
    rows = [row for row in known(event).occurrences if row.promised.strip() or row.became.strip()]
    items = [
        Item(
            occurrence_words(row),
            lines=_lines(("", _day_of(row)), ("Promised", row.promised), ("What became of it", row.became)),
        )
        for row in rows
    ]
    return [Items(items)] if items else []
