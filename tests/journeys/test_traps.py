"""What real reports get wrong, rebuilt small: each that follows from fields is pointed out, at the import or on the timeline, and
is put right there."""

from typing import Any

import pytest

from retros.exchange.load import load
from retros.exchange.schema import parse
from retros.models import Event
from retros.services import hints, mends, outline
from retros.when import When
from tests.factories import make_user


def row(at: str, what: str = "something", phase: str = "", **more: Any) -> dict[str, Any]:
    return {"at": at, "what": what, **({"phase": phase} if phase else {}), **more}


def a_report(**fields: Any) -> dict[str, Any]:
    """A report of an hour in which nothing is wrong."""
    timeline = [
        row("2026-03-02T10:00:00Z", "alerts", "impact_start"),
        row("2026-03-02T10:04:00Z", "seen", "detected"),
        row("2026-03-02T10:06:00Z", "taken", "acknowledged"),
        row("2026-03-02T10:30:00Z", "rolled back", "decision"),
        row("2026-03-02T10:40:00Z", "steady", "mitigated"),
        row("2026-03-02T11:00:00Z", "over", "resolved"),
    ]
    action = {"text": "Page when alerts ring", "owner_role": "on call", "due": "2026-04-01", "closeable": True}
    return {
        "kind": "incident", "title": "Alerts", "date": "2026-03-02", "timezone": "UTC", "severity": {"stated": "SEV2"},
        "impact": {"started_at": "2026-03-02T10:00:00Z", "ended_at": "2026-03-02T11:00:00Z", "duration_minutes": 60},
        "timeline": timeline, "actions": [action], **fields,
    }  # fmt: skip


def impact(**fields: Any) -> dict[str, Any]:
    return {"started_at": "2026-03-02T10:00:00Z", "ended_at": "2026-03-02T11:00:00Z", "duration_minutes": 60, **fields}


def with_rows(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    return [*a_report()["timeline"], *rows]


def pointed_out(event: Event) -> dict[str, hints.Hint]:
    event = Event.objects.get(pk=event.pk)
    return {hint.kind: hint for hint in hints.find(event, outline.of(event)).open}


TRAPS = {
    # the heading names another day and another length than its own moments
    "heading of another day": ({"date": "2026-03-03"}, "dates", "date_conflict"),
    "stated length differs": ({"impact": impact(duration_minutes=59)}, "duration", "duration_mismatch"),
    # the end in the heading and the end in the body lie apart
    "two ends": ({"impact": impact(ended_at="2026-03-02T10:40:00Z", duration_minutes=40)}, "ends", "landmark_conflict"),
    "resolved before detected": (
        {"timeline": [row("2026-03-02T10:00:00Z", phase="resolved"), row("2026-03-02T10:30:00Z", phase="detected")]},
        "landmarks",
        "missing_landmark",
    ),
    # rows out of order, and rows without a time
    "out of order": ({"timeline": with_rows(row("2026-03-02T10:20:00Z", "told late"))}, "order", "out_of_order"),
    "no time": ({"timeline": with_rows({"at_text": "some time later", "what": "a call"})}, "time", None),
    "no zone": ({"timezone": "not stated"}, "zone", "missing_zone"),
    "no end": ({"impact": impact(ended_at=None, duration_minutes=None)}, "end", "missing_end"),
    "no severity": ({"severity": {"stated": None}}, "severity", None),
    # a thin timeline: nobody says when it was noticed, or what was decided
    "no detection": (
        {"timeline": [row("2026-03-02T10:00:00Z"), row("2026-03-02T11:00:00Z", phase="resolved")]},
        "missing",
        "missing_landmark",
    ),
    "no decision": ({"timeline": a_report()["timeline"][:3] + a_report()["timeline"][4:]}, "decision", None),
    # several impacts with ends of their own
    "an impact past the end": ({}, "interval", None),
}  # fmt: skip


def test_a_report_in_which_nothing_is_wrong_says_nothing(db):
    event, warnings = load(parse(a_report()))
    assert warnings == []
    assert pointed_out(event) == {}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_that_follows_from_fields_is_found_and_mended(db, name):
    fields, kind, warned = TRAPS[name]
    event, warnings = load(parse(a_report(**fields)))
    if kind == "interval":
        event.intervals.create(label="builds", started_at=event.started_at, ended_at=event.ended_at.replace(hour=13))
    assert warned is None or warned in {warning.kind for warning in warnings}
    hint = pointed_out(event)[kind]
    way = hint.mends[0]
    value: Any = {
        "time": When(event.started_at.replace(minute=59), 0, "exact"),
        "end": When(event.started_at.replace(hour=11), 0, "exact"),
        "zone": "Europe/London",
        "severity": "sev2",
    }.get(way.asks)
    if way.asks in {"mark", "decision"}:
        value = way.choices[0][0]
    mends.mend(event, hint, way, by=make_user(), value=value)
    again = pointed_out(event).get(kind)
    assert again is None or again.key != hint.key


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ({"owner_role": None}, "action_without_owner"),
        ({"due": "soon"}, "action_without_date"),
        ({"closeable": False}, "action_not_closeable"),
    ],
)
def test_an_action_that_nobody_can_close_is_named(db, action, kind):
    whole = {**a_report()["actions"][0], **action}
    _, warnings = load(parse(a_report(actions=[whole])))
    assert [warning.kind for warning in warnings] == [kind]


def test_of_an_alert_a_report_and_a_detection_the_first_counts_and_the_others_are_named(db):
    rows = a_report()["timeline"]
    early = row("2026-03-02T10:02:00Z", "a user writes", "first_report")
    event, warnings = load(parse(a_report(timeline=[rows[0], early, *rows[1:]])))
    assert [(w.kind, w.detail) for w in warnings] == [
        (
            "second_detection",
            "'detected' (2026-03-02T10:04:00Z) is not marked: 'first_report' (2026-03-02T10:02:00Z) counts",
        )
    ]
    assert [entry.text for entry in event.entries.filter(landmark="detected")] == ["a user writes"]


def test_a_factor_that_no_action_answers_is_named(db):
    factor = {"category": "monitoring", "text": "Nobody watches disks"}
    _, warnings = load(parse(a_report(contributing_factors=[factor])))
    assert [warning.kind for warning in warnings] == ["factor_without_action"]


def test_days_over_midnight_and_a_month_alone_are_no_contradiction(db):
    fields = {"impact": impact(ended_at="2026-03-03T00:30:00Z", duration_minutes=870), "date": "2026-03"}
    rows = [*a_report()["timeline"][:5], row("2026-03-03T00:30:00Z", "over", "resolved")]
    event, _ = load(parse(a_report(**fields, timeline=rows)))
    assert pointed_out(event) == {}
