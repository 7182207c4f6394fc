"""What a file says that only some kinds of event have: goals with their outcome, the facts of a launch, phases, decisions and options,
occurrences, and what is known ahead. No Django."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from retros.exchange import fields
from retros.exchange.fields import Invalid
from retros.exchange.moments import Moment

FIELDS = {"launch", "phases", "decisions", "options", "occurrences", "runbook", "review_on"}
LAUNCH = {
    "scope", "planned_start", "planned_end", "maintenance_minutes", "issues", "issue_note", "rolled_back", "rollback_note",
    "first_week_incidents", "first_week_note", "business_outcome",
}  # fmt: skip
ROWS = {
    "goals": {"text", "outcome", "note"},
    "phases": {"title", "planned_start", "planned_end", "actual_start", "actual_end", "note"},
    "decisions": {"text", "decided_on", "chosen", "known_then", "expected", "outcome", "again"},
    "options": {"text", "decided_on", "chosen", "known_then", "expected", "outcome", "again"},
    "occurrences": {"event", "on", "text", "promised", "became"},
}
OUTCOMES = {
    "met": "met",
    "partly": "partly",
    "partly met": "partly",
    "not met": "not_met",
    "not_met": "not_met",
    "": "",
}
AGAIN = {
    "yes": "yes", "the same again": "yes", "otherwise": "otherwise", "no": "otherwise", "unknowable": "unknowable",
    "could not have been known": "unknowable", "": "",
}  # fmt: skip
LINE, NOTE, TITLE = 300, 5000, 120
MOST_COUNT = 10**9
MOST_ROWS = 200


@dataclass(frozen=True)
class GoalRow:
    text: str
    outcome: str = ""
    note: str = ""


@dataclass(frozen=True)
class OwnFields:
    """Values by the names of the models' fields, so that storing them needs no second list of names."""

    launch: dict[str, Any] = field(default_factory=dict)
    phases: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    occurrences: list[dict[str, Any]] = field(default_factory=list)
    runbook_url: str = ""
    review_on: date | None = None


def goals(data: dict[str, Any]) -> list[GoalRow]:
    """Goals, as a text each or with how far they were met."""
    return [_goal(row, f"goals {i}") for i, row in _rows(data, "goals") if row not in (None, "")]


def read(data: dict[str, Any], zone: ZoneInfo | None) -> OwnFields:
    """Everything else. Raises Invalid."""
    runbook = fields.text(data, "runbook", "runbook", most=500)
    review = _day(data, "review_on", "review_on", zone)
    if review["review_on_precision"] == "month":
        raise Invalid("review_on: a month is not enough; write 2026-12-14")
    choices = [_choice(row, f"decisions {i}", True, zone) for i, row in _rows(data, "decisions")]
    choices += [_choice(row, f"options {i}", False, zone) for i, row in _rows(data, "options")]
    return OwnFields(
        launch=_launch(fields.mapping(data, "launch"), zone),
        phases=[_phase(row, f"phases {i}", zone) for i, row in _rows(data, "phases")],
        choices=choices,
        occurrences=[_occurrence(r, f"occurrences {i}", zone) for i, r in _rows(data, "occurrences")],
        runbook_url=runbook if runbook.startswith(("https://", "http://")) else "",
        review_on=review["review_on"],
    )


def unknown(data: dict[str, Any]) -> set[str]:
    """Fields of these rows that would be left out, each named once."""
    found = {f"launch: {str(key)[:60]}" for key in fields.mapping(data, "launch") if key not in LAUNCH}
    for name, known in ROWS.items():
        for row in fields.listed(data, name):
            if isinstance(row, dict):
                found |= {f"{name}: {str(key)[:60]}" for key in row if key not in known}
    runbook = data.get("runbook")
    if runbook and not str(runbook).startswith(("https://", "http://")):
        found.add("runbook")
    return found


def _rows(data: dict[str, Any], key: str) -> list[tuple[int, Any]]:
    """The rows of a list with their numbers. More than a review can talk about are a mistake of the file."""
    rows = fields.listed(data, key)
    if len(rows) > MOST_ROWS:
        raise Invalid(f"{key}: {len(rows):,} rows; at most {MOST_ROWS} can be kept")
    return list(enumerate(rows, 1))


def _row(row: Any, where: str, name: str = "text", most: int = LINE) -> tuple[dict[str, Any], str]:
    """(the row as a mapping, its words). A bare text is a row with nothing but its words."""
    if isinstance(row, list) or row is None:
        raise Invalid(f"{where}: a text is expected, or a mapping with '{name}'")
    if not isinstance(row, dict):
        row = {name: row}
    words = fields.text(row, name, f"{where}: {name}", most=most)
    if not words:
        raise Invalid(f"{where}: '{name}' is missing")
    return row, words


def _one_of(row: dict[str, Any], key: str, where: str, words: dict[str, str]) -> str:
    said = fields.text(row, key, f"{where}: {key}", most=60).casefold()
    said = {"true": "yes", "false": "no"}.get(said, said)
    if said not in words:
        raise Invalid(f"{where}: {key} '{said[:40]}' is none of {', '.join(word for word in words if word)}")
    return words[said]


def _goal(row: Any, where: str) -> GoalRow:
    row, words = _row(row, where)
    return GoalRow(
        words, _one_of(row, "outcome", where, OUTCOMES), fields.text(row, "note", f"{where}: note", most=NOTE)
    )


def _launch(row: dict[str, Any], zone: ZoneInfo | None) -> dict[str, Any]:
    """The facts that are given; an empty mapping where there are none."""
    if not row:
        return {}
    found: dict[str, Any] = {}
    for key in ("scope", "issue_note", "rollback_note", "first_week_note", "business_outcome"):
        found[key] = fields.text(row, key, f"launch.{key}", most=NOTE)
    for name, key in (("maintenance_minutes",) * 2, ("issue_count", "issues"), ("first_week_incidents",) * 2):
        found[name] = _count(row, key)
    back = row.get("rolled_back")
    if back not in (None, True, False):
        raise Invalid("launch.rolled_back: true or false is expected; further words belong into rollback_note")
    found["was_rolled_back"] = back
    sides = [fields.moment(row, key, zone, f"launch.{key}") for key in ("planned_start", "planned_end")]
    if sides[0] and sides[1] and sides[1].at < sides[0].at:
        raise Invalid("launch: planned_end lies before planned_start")
    for key, side in zip(("planned_start", "planned_end"), sides, strict=True):
        found[key], found[f"{key}_precision"] = (side.at, side.precision) if side else (None, "exact")
    return found


def _count(row: dict[str, Any], key: str) -> int | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_COUNT:
        raise Invalid(f"launch.{key}: a whole number from 0 on is expected")
    return value


def _day(row: dict[str, Any], key: str, where: str, zone: ZoneInfo | None, *, is_end: bool = False) -> dict[str, Any]:
    """A day and how much of it is known, under the names of the model's fields; a month is its first day, or its last."""
    moment: Moment | None = fields.moment(row, key, zone, where)
    if moment is None:
        return {key: None, f"{key}_precision": "day"}
    day = moment.at.astimezone(zone).date() if zone else moment.at.date()
    if moment.precision != "month":
        return {key: day, f"{key}_precision": "day"}
    last = monthrange(day.year, day.month)[1] if is_end else 1
    return {key: day.replace(day=last), f"{key}_precision": "month"}


def _phase(row: Any, where: str, zone: ZoneInfo | None) -> dict[str, Any]:
    row, title = _row(row, where, "title", TITLE)
    found = {"title": title, "note": fields.text(row, "note", f"{where}: note", most=NOTE)}
    for side in ("planned", "actual"):
        for end in ("start", "end"):
            found |= _day(row, f"{side}_{end}", f"{where}: {side}_{end}", zone, is_end=end == "end")
        start, end_day = found[f"{side}_start"], found[f"{side}_end"]
        if start and end_day and end_day < start:
            raise Invalid(f"{where}: {side}_end lies before {side}_start")
    return found


def _choice(row: Any, where: str, is_chosen: bool, zone: ZoneInfo | None) -> dict[str, Any]:
    row, words = _row(row, where)
    chosen = row.get("chosen", is_chosen)
    if not isinstance(chosen, bool):
        raise Invalid(f"{where}: chosen is true or false")
    return {
        "text": words,
        "was_chosen": chosen,
        "again": _one_of(row, "again", where, AGAIN),
        **_day(row, "decided_on", f"{where}: decided_on", zone),
        **{key: fields.text(row, key, f"{where}: {key}", most=NOTE) for key in ("known_then", "expected", "outcome")},
    }


def _occurrence(row: Any, where: str, zone: ZoneInfo | None) -> dict[str, Any]:
    """A line, or the code of an event that stands here already (`event`)."""
    row = {"text": row} if isinstance(row, str) else row
    if not isinstance(row, dict):
        raise Invalid(f"{where}: a text is expected, or a mapping with 'text' or 'event'")
    code = fields.text(row, "event", f"{where}: event", most=12)
    words = fields.text(row, "text", f"{where}: text", most=LINE)
    if not code and not words:
        raise Invalid(f"{where}: give 'text', or 'event' (the code of an event that stands here)")
    return {
        "code": code,
        "text": words,
        **_day(row, "on", f"{where}: on", zone),
        **{key: fields.text(row, key, f"{where}: {key}", most=NOTE) for key in ("promised", "became")},
    }
