"""Composes a first draft of the summary from the recorded facts. It is offered, never written over a person's words."""

from datetime import timedelta

from aar_site.words import counted, plural
from retros import sections, timing
from retros.document import kinds, phases
from retros.document.spans import length_words, span
from retros.document.tree import Table
from retros.models import Event, Impact
from retros.services import cause_tree

MOST_NAMED = 3


def summary(event: Event) -> str:
    """Two or three paragraphs: what happened, how it came out or why it was possible, what will change."""
    middle = {"launch": _launched, "project": _delivered, "decision": _decided}.get(event.kind)
    parts = [_what(event), _recurs(event), middle(event) if middle else _why(event), _actions(event)]
    return "\n\n".join(part for part in parts if part)


def _what(event: Event) -> str:
    first = sentence(event.what_happened or event.title)
    known = event.impact if hasattr(event, "impact") else Impact()
    count = f"{known.users_count:,} " if known.users_count is not None else ""
    who = f" Affected: {sentence(count + known.users_affected)}" if count or known.users_affected else ""
    figures = ", ".join(_figure(figure.value, figure.label) for figure in list(event.figures.all())[:4])
    return first + _when(event) + who + (f" In figures: {figures}." if figures else "")


def _when(event: Event) -> str:
    """How long it lasted; a launch says its window, a project how long it ran, a decision nothing."""
    length = length_words(event)
    if event.kind == "project" and event.ended_at and event.started_at:
        return f" It ran for {kinds.ran_length(event)} ({span(event)})."
    if event.kind in timing.SLOW or not length:
        return ""
    return f" It lasted {length[:1].lower()}{length[1:]} ({span(event)})."


def _figure(value: str, label: str) -> str:
    """A number stands before what it counts; a word after it."""
    return f"{value} {label}" if value[:1].isdigit() else f"{label}: {value}"


def _why(event: Event) -> str:
    if event.is_cause_unknown:
        return "The cause is not established."
    told = [sentence(node.text) for node in cause_tree.every(cause_tree.read(event)) if node.is_root_cause][:3]
    return ("Why it was possible: " + " ".join(told)) if told else ""


# --- Kinds ----------------------------------------------------------------------------------------------------------
def _launched(event: Event) -> str:
    """Window, rollback, issues, the first week, what came of it."""
    launch = kinds.known(event).launch
    told = [_goals(event)]
    if launch:
        planned = kinds.window(launch, event)
        told = [
            f"Planned: {planned}; actual: {span(event)}." if planned else "",
            {True: "It was rolled back.", False: "It was not rolled back."}.get(launch.was_rolled_back, ""),  # type: ignore[arg-type]
            f"{_number(launch.issue_count, 'issue')} during the launch." if launch.issue_count is not None else "",
            f"{_number(launch.first_week_incidents, 'incident')} in the first seven days."
            if launch.first_week_incidents is not None
            else "",
            sentence(launch.business_outcome) if launch.business_outcome else "",
            *told,
        ]
    return " ".join(part for part in told if part)


def _delivered(event: Event) -> str:
    """How many goals were met, and which phase moved most."""
    late = [p for p in kinds.known(event).phases if p.variance and timing.variance_words(p)[:1] in {"+", timing.MINUS}]
    moved = max(late, key=lambda phase: abs(phase.variance or timedelta()), default=None)
    last = f"The plan moved most in \u201c{moved.title}\u201d: {phases.variance(moved)}." if moved else ""
    return " ".join(part for part in (_goals(event), last) if part)


def _goals(event: Event) -> str:
    """One of three goals was met. Partly met: … Not met: …"""
    goals = kinds.known(event).goals
    if not any(goal.outcome for goal in goals):
        return ""
    met = sum(goal.outcome == "met" for goal in goals)
    told = [f"{met} of {counted(len(goals), 'goal')} {'was' if met == 1 else 'were'} met."]
    for outcome, words in (("partly", "Partly met"), ("not_met", "Not met")):
        named = [goal.text.rstrip(".") for goal in goals if goal.outcome == outcome]
        if named:
            told.append(f"{words}: {_listed(named)}.")
    return " ".join(told)


def _decided(event: Event) -> str:
    """What was chosen among how many options, what was expected of it, and what came."""
    rows = kinds.known(event).choices
    told = []
    for choice in [row for row in rows if row.was_chosen][:MOST_NAMED]:
        among = f", one of {len(rows)} options" if len(rows) > 1 else ""
        told.append(f"Chosen: {choice.text.rstrip('.')}{among}.")
        told += [
            f"{label}: {sentence(text)}"
            for label, text in (("Expected", choice.expected), ("What came", choice.outcome))
            if text.strip()
        ]
    return " ".join(told)


def _recurs(event: Event) -> str:
    """How often it happened before, and what was promised the last time."""
    rows = kinds.known(event).occurrences
    if not rows:
        return ""
    day = next((timing.day_words(row.on, row.on_precision) for row in rows if row.on), "")
    times = "once" if len(rows) == 1 else "twice" if len(rows) == 2 else f"{len(rows)} times"
    promise = next((row.promised for row in reversed(rows) if row.promised.strip()), "")
    return f"It happened {times} before{f', first on {day}' if day else ''}." + (
        f" Promised then: {sentence(promise)}" if promise else ""
    )


def _number(count: int | None, noun: str) -> str:
    return f"{count or 'No'} {plural(count or 0, noun)}"


def _listed(named: list[str]) -> str:
    more = f"; and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return "; ".join(named[:MOST_NAMED]) + more


def _actions(event: Event) -> str:
    """The first actions, through the port: this wing does not know the one that keeps them."""
    try:
        blocks = sections.get("actions").build(event)
    except KeyError:
        return ""
    rows = [row for block in blocks if isinstance(block, Table) for row in block.rows if row[-1] != "Dropped"]
    titles = [row[0].partition("\n")[0].rstrip(".") for row in rows]
    return f"What will change: {_listed(titles)}." if titles else ""


def sentence(text: str) -> str:
    """The words on one line, with an end that another sentence may follow."""
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?", "\u2026")) else f"{text}."
