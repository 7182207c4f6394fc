"""What a launch, a project, a decision and a recurring issue need before their meeting, beside what every review needs: computed."""

from collections.abc import Callable
from typing import Any

from retros import timing
from retros.models import Event, Launch
from retros.sections import Check


def checks(event: Event) -> list[Check]:
    """The checks of this kind, in the order of the page; none for an incident, whose impact has its own."""
    find = BY_KIND.get(event.kind)
    return find(event, f"/e/{event.code}/edit/") if find else []


def _launch(event: Event, url: str) -> list[Check]:
    launch: Any = getattr(event, "launch", None) or Launch()
    planned = bool(launch.planned_start and launch.planned_end)
    actual = bool(event.started_at and event.ended_at)
    week = launch.first_week_incidents is not None or bool(launch.first_week_note)
    return [
        _goals(event, url, "What it was meant to achieve", "The review compares against these words"),
        _both(
            "Outcomes",
            "Window, planned and actual",
            timing.window_words(launch, event),
            (planned, actual),
            (url, "Actual days missing" if planned else "Plan missing"),
        ),
        _both(
            "Outcomes",
            "Issues and rollback",
            "How many there were, and whether something was rolled back",
            (launch.issue_count is not None, launch.was_rolled_back is not None),
            (url, "How many issues?" if launch.issue_count is None else "Rolled back?"),
        ),
        _one("Outcomes", "The first seven days", "Incidents since, in a number or in words", week, url),
    ]


def _project(event: Event, url: str) -> list[Check]:
    phases = list(event.phases.all())
    measured = sum(bool(timing.variance_words(phase)) for phase in phases)
    named = len(event.choices.all())
    told = f"{measured} of {len(phases)} with both plan and actual end" if phases else "Planned days beside actual ones"
    return [
        _goals(event, url, "Goals, and how far each was met", "Met, partly, or not: a finding, not a fault"),
        _both(
            "Goals and phases",
            "Phases with plan and actual days",
            told,
            (bool(phases), bool(phases) and measured == len(phases)),
            (f"{url}#phases", f"{measured} of {len(phases)}"),
        ),
        _both(
            "Goals and phases",
            "Beginning and end",
            "A day or a month is enough",
            (event.started_at is not None, event.ended_at is not None),
            (url, "No end yet" if event.started_at else "No beginning yet"),
        ),
        _one(
            "Goals and phases",
            "Decisions worth looking at again",
            f"{named} named" if named else "Taken on the way, with what was known then",
            bool(named),
            f"{url}#choices",
        ),
    ]


def _decision(event: Event, url: str) -> list[Check]:
    rows = list(event.choices.all())
    chosen = [row for row in rows if row.was_chosen]
    url = f"{url}#choices"
    return [
        _both(
            "Decision",
            "What was decided, and what else lay on the table",
            f"{len(rows)} options" if len(rows) > 1 else "",
            (bool(chosen), len(rows) > len(chosen)),
            (url, "No other option" if chosen else "Nothing chosen yet"),
        ),
        _one(
            "Decision",
            "What was known and expected then",
            "Written down before the outcome is talked about",
            any(row.known_then and row.expected for row in chosen),
            url,
        ),
        _one("Decision", "What came of it", "In a sentence or a number", any(row.outcome for row in chosen), url),
    ]


def _recurring(event: Event, url: str) -> list[Check]:
    rows = list(event.occurrences.all())
    told = [row for row in rows if row.promised and row.became]
    url = f"{url}#occurrences"
    return [
        Check(
            "Occurrences",
            "Earlier times",
            f"{len(rows)} so far" if rows else "Events that stand here, or a line each",
            "ok" if len(rows) > 1 else "part" if rows else "off",
            "Done" if len(rows) > 1 else f"{len(rows)} so far",
            url,
        ),
        _both(
            "Occurrences",
            "What was promised, and what became of it",
            "For each time, in a sentence",
            (bool(told), bool(rows) and len(told) == len(rows)),
            (url, f"{len(told)} of {len(rows)}"),
        ),
    ]


BY_KIND: dict[str, Callable[[Event, str], list[Check]]] = {
    "launch": _launch,
    "project": _project,
    "decision": _decision,
    "recurring": _recurring,
}


def _goals(event: Event, url: str, title: str, hint: str) -> Check:
    rows = list(event.goals.all())
    said = sum(bool(row.outcome) for row in rows)
    group = "Outcomes" if event.kind == "launch" else "Goals and phases"
    have = (bool(rows), bool(rows) and said == len(rows))
    detail = f"{said} of {len(rows)} with an outcome" if rows else hint
    return _both(group, title, detail, have, (f"{url}#goals", f"{said} of {len(rows)}"))


def _both(group: str, title: str, detail: str, have: tuple[bool, bool], to: tuple[str, str]) -> Check:
    """Done with both; begun with one of them. `to` is where it is done, and what to say while it is begun."""
    url, left = to
    state = "ok" if all(have) else "part" if any(have) else "off"
    return Check(group, title, detail, state, {"ok": "Done", "part": left, "off": "Not started"}[state], url)


def _one(group: str, title: str, detail: str, is_there: bool, url: str) -> Check:
    return Check(group, title, detail, "ok" if is_there else "off", "Done" if is_there else "Not started", url)
