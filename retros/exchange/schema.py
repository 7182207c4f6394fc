"""The shape of an event file: plain dataclasses, and the reading of plain data into them with one sentence per mistake. No Django."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from retros.exchange import chain, fields, own
from retros.exchange.fields import Invalid
from retros.exchange.moments import BadTime, Moment, zone_of

KINDS = ("incident", "launch", "project", "recurring", "decision")
# Read, and not kept: they describe the source, or are derived again from what is kept.
DESCRIBING = {
    "id",
    "organisation",
    "verification",
    "published",
    "traps",
    "attendees_listed",
    "retrospective_held",
    "lessons_count",
}
KEPT = {
    "kind", "title", "date", "timezone", "severity", "summary", "impact", "detection", "timeline", "root_causes", "whys",
    "contributing_factors", "what_went_well", "luck", "actions", "goals", "outcome", "lessons", "started_at", "ended_at",
}  # fmt: skip
IMPACT = {"started_at", "ended_at", "started_at_text", "ended_at_text", "duration_minutes", "who", "numbers"}
ROWS = {
    "timeline": {"at", "to", "at_text", "precision", "what", "phase", "source"},
    "contributing_factors": {"category", "text"},
    "actions": {"text", "owner_role", "owner", "due", "kind", "strength", "status", "ref", "closeable"},
}


@dataclass(frozen=True)
class EntryRow:
    moment: Moment | None
    until: Moment | None
    at_text: str
    is_approx: bool
    text: str
    phase: str
    url: str
    raw_at: str


@dataclass(frozen=True)
class ActionRow:
    text: str
    owner: str
    due: str
    type: str
    strength: str
    status: str
    reference: str
    is_closeable: bool


@dataclass(frozen=True)
class IntervalRow:
    label: str
    start: Moment | None
    end: Moment | None
    start_text: str
    end_text: str


@dataclass(frozen=True)
class EventFile:
    """Everything that a file says about one event, in its own words and order."""

    kind: str
    title: str
    zone_text: str
    zone: ZoneInfo | None
    date: Moment | None
    date_text: str
    start: Moment | None
    end: Moment | None
    severity_stated: str
    severity_suggested: str
    summary: str
    who: str
    detected_how: str
    stated_minutes: float | None
    figures: list[tuple[str, str]]
    intervals: list[IntervalRow]
    goals: list[own.GoalRow]
    own: own.OwnFields
    entries: list[EntryRow]
    whys: list[chain.WhyRow]
    is_cause_unknown: bool
    factors: list[tuple[str, str]]
    went_well: list[str]
    luck: list[str]
    actions: list[ActionRow]
    lessons: list[str]
    source_url: str
    unknown_fields: list[str] = field(default_factory=list)


def parse(data: dict[str, Any]) -> EventFile:
    """Read plain data into an EventFile. Raises Invalid with one line on the first mistake."""
    try:
        return _parse(data)
    except BadTime as error:
        raise Invalid(str(error)) from None


def _parse(data: dict[str, Any]) -> EventFile:
    zone = zone_of(data.get("timezone"))
    whys, is_unknown = chain.read(data)
    return EventFile(
        **_header(data, zone),
        **_impact(data, zone),
        entries=[_entry(row, i, zone) for i, row in enumerate(fields.listed(data, "timeline"), 1)],
        whys=whys,
        is_cause_unknown=is_unknown,
        factors=[_factor(row, i) for i, row in enumerate(fields.listed(data, "contributing_factors"), 1)],
        actions=[_action(row, i) for i, row in enumerate(fields.listed(data, "actions"), 1)],
        goals=own.goals(data),
        own=own.read(data, zone),
        went_well=fields.texts(data, "what_went_well"),
        luck=fields.texts(data, "luck"),
        lessons=fields.texts(data, "lessons"),
        unknown_fields=sorted(
            {*_unknown(data, KEPT | DESCRIBING | own.FIELDS, ""), *_unknown_in_rows(data), *own.unknown(data)}
        ),
    )


def _header(data: dict[str, Any], zone: ZoneInfo | None) -> dict[str, Any]:
    """What kind of event it was, how it is called, and how serious it was."""
    kind = fields.text(data, "kind", "kind") or "incident"
    if kind not in KINDS:
        raise Invalid(f"kind: '{kind[:40]}' is none of {', '.join(KINDS)}")
    title = " ".join(fields.text(data, "title", "title", most=200).split())
    if not title:
        raise Invalid("title: missing; give the event a title")
    given = data.get("severity")
    severity = fields.mapping(data, "severity") if isinstance(given, dict | None) else {"stated": given}
    return {
        "kind": kind,
        "title": title,
        "zone_text": fields.text(data, "timezone", "timezone", most=120),
        "zone": zone,
        "date": fields.moment(data, "date", zone, "date"),
        "date_text": fields.text(data, "date", "date"),
        "severity_stated": fields.text(severity, "stated", "severity.stated", most=120),
        "severity_suggested": fields.text(severity, "suggested", "severity.suggested", most=120),
        "summary": fields.text(data, "summary", "summary", most=2000),
        "source_url": fields.text(fields.mapping(data, "verification"), "url", "verification.url", most=500),
    }


def _impact(data: dict[str, Any], zone: ZoneInfo | None) -> dict[str, Any]:
    """From when to when, whom it touched, how it was noticed, and its figures."""
    impact = fields.mapping(data, "impact")
    intervals = _intervals(impact, zone)
    ends = [i.end for i in intervals if i.end]
    start = fields.moment(impact, "started_at", zone, "impact.started_at") or fields.moment(
        data, "started_at", zone, "started_at"
    )
    end = fields.moment(impact, "ended_at", zone, "impact.ended_at") or fields.moment(
        data, "ended_at", zone, "ended_at"
    )
    end = end or (max(ends, key=lambda m: m.at) if ends else None)
    if start and end and end.at < start.at:
        raise Invalid("impact: the end lies before the start")
    return {
        "start": start,
        "end": end,
        "who": fields.text(impact, "who", "impact.who", most=300),
        "detected_how": _detection(fields.mapping(data, "detection")),
        "stated_minutes": fields.number(impact.get("duration_minutes"), "impact.duration_minutes"),
        "figures": _figures(impact, fields.mapping(data, "outcome")),
        "intervals": intervals,
    }


def _detection(detection: dict[str, Any]) -> str:
    """How it was noticed, then whatever else the file says about it: monitored alert: yes; minutes to alert: 2."""
    how = fields.text(detection, "how", "detection.how", most=300)
    more = [f"{_label(k)}: {_figure(v)}" for k, v in detection.items() if k != "how" and _is_plain(v)]
    told = "; ".join(part for part in (how, *more) if part)
    return told if len(told) <= 300 else how


def _unknown(row: Any, known: Iterable[str], where: str) -> set[str]:
    return {f"{where}{str(key)[:60]}" for key in row if key not in known} if isinstance(row, dict) else set()


def _unknown_in_rows(data: dict[str, Any]) -> set[str]:
    """Fields of rows that would be left out, each named once."""
    found: set[str] = set()
    for name, known in ROWS.items():
        for row in fields.listed(data, name):
            found |= _unknown(row, known, f"{name}: ")
    impact = data.get("impact") or {}
    found |= chain.unknown(data)
    return found | {f"impact: {str(k)[:60]}" for k, v in impact.items() if not _is_kept_of_impact(str(k), v)}


def _is_kept_of_impact(key: str, value: Any) -> bool:
    return key in IMPACT or key.endswith(("_ended_at", "_window")) or fields.is_number(value)


# --- Pieces ---------------------------------------------------------------------------------------------------------
def _entry(row: Any, number: int, zone: ZoneInfo | None) -> EntryRow:
    where = f"timeline {number}"
    if not isinstance(row, dict):
        raise Invalid(f"{where}: a row is a mapping with 'at' and 'what'")
    text = fields.text(row, "what", f"{where}: what")
    if not text:
        raise Invalid(f"{where}: 'what' is missing")
    moment = fields.moment(row, "at", zone, f"{where}: at")
    until = fields.moment(row, "to", zone, f"{where}: to")
    at_text = fields.text(row, "at_text", f"{where}: at_text", most=120)
    if moment is None and not at_text:
        raise Invalid(f"{where}: give 'at' (a time) or 'at_text' (words for it)")
    if moment and until and until.at < moment.at:
        raise Invalid(f"{where}: 'to' lies before 'at'")
    return EntryRow(
        moment=moment,
        until=until,
        at_text=at_text,
        is_approx=fields.text(row, "precision", f"{where}: precision") == "approx",
        text=text,
        phase=fields.text(row, "phase", f"{where}: phase", most=40),
        url=fields.text(row, "source", f"{where}: source", most=500),
        raw_at=str(row.get("at", "")),
    )


def _factor(row: Any, number: int) -> tuple[str, str]:
    where = f"contributing_factors {number}"
    if isinstance(row, str):
        row = {"text": row}
    if not isinstance(row, dict) or not fields.text(row, "text", where):
        raise Invalid(f"{where}: a factor is a mapping with 'category' and 'text'")
    return fields.text(row, "category", f"{where}: category", most=40), fields.text(row, "text", where)


def _action(row: Any, number: int) -> ActionRow:
    where = f"actions {number}"
    if isinstance(row, str):
        row = {"text": row}
    if not isinstance(row, dict) or not fields.text(row, "text", where, most=300):
        raise Invalid(f"{where}: an action is a mapping with 'text'")
    return ActionRow(
        text=fields.text(row, "text", where, most=300),
        owner=fields.text(row, "owner_role", f"{where}: owner_role", most=120)
        or fields.text(row, "owner", f"{where}: owner", most=120),
        due=fields.text(row, "due", f"{where}: due", most=120),
        type=fields.text(row, "kind", f"{where}: kind", most=20),
        strength=fields.text(row, "strength", f"{where}: strength", most=20),
        status=fields.text(row, "status", f"{where}: status", most=60),
        reference=fields.text(row, "ref", f"{where}: ref", most=500),
        is_closeable=row.get("closeable") is not False,
    )


def _intervals(impact: dict[str, Any], zone: ZoneInfo | None) -> list[IntervalRow]:
    """The main interval, one for each further `<label>_ended_at`, and each `…_window` in its own words."""
    start = fields.moment(impact, "started_at", zone, "impact.started_at")
    end = fields.moment(impact, "ended_at", zone, "impact.ended_at")
    start_text = fields.text(impact, "started_at_text", "impact.started_at_text", most=120)
    end_text = fields.text(impact, "ended_at_text", "impact.ended_at_text", most=120)
    rows = []
    if start or end or start_text or end_text:
        rows.append(IntervalRow("whole event", start, end, start_text, end_text))
    for key in impact:
        words = str(key).replace("_", " ")
        if str(key).endswith("_ended_at"):
            rows.append(
                IntervalRow(
                    words.removesuffix(" ended at"), start, fields.moment(impact, key, zone, f"impact.{key}"), "", ""
                )
            )
        elif str(key).endswith("_window"):
            rows.append(IntervalRow(words, None, None, fields.text(impact, key, f"impact.{key}", most=120), ""))
    if any(str(key).endswith("_ended_at") for key in impact) and end is None and not end_text:
        rows = rows[1:]  # the labelled intervals say more than one without an end
    for row in rows:
        if row.start and row.end and row.end.at < row.start.at:
            raise Invalid(f"impact: {row.label} ends before it starts")
    return rows


def _figures(impact: dict[str, Any], outcome: dict[str, Any]) -> list[tuple[str, str]]:
    numbers = {**fields.mapping(impact, "numbers", "impact.numbers")}
    numbers.update({k: v for k, v in impact.items() if fields.is_number(v) and k != "duration_minutes"})
    numbers.update(outcome)
    return [(_figure(v), _label(k)) for k, v in numbers.items() if _is_plain(v)]


def _figure(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}"[:60] if fields.is_number(value) else fields.text({"value": value}, "value", "a figure", most=60)


def _label(key: Any) -> str:
    return fields.text({"key": str(key).replace("_", " ")}, "key", "the name of a figure", most=120)


def _is_plain(value: Any) -> bool:
    return value is not None and not isinstance(value, dict | list)
