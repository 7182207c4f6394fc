"""Findings of an event file: each kind is found where it is, and the sound file has none but those it truly has."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from retros.exchange import warnings
from retros.exchange.reading import read
from retros.exchange.schema import Invalid, parse

FILE = Path(__file__).parent / "files" / "checkout.yaml"


def facts(**changes: Any) -> dict[str, Any]:
    data = read(FILE.read_bytes())
    data.update(changes)
    return data


def kinds(data: dict[str, Any]) -> list[str]:
    return [w.kind for w in warnings.find(parse(data))]


def row(at: str, phase: str = "", what: str = "x") -> dict[str, str]:
    return {"at": at, "what": what, "phase": phase}


def test_a_sound_file_names_only_its_gaps():
    assert kinds(facts()) == ["action_without_owner", "action_without_date"]


IMPACT = read(FILE.read_bytes())["impact"]
TIMELINE = read(FILE.read_bytes())["timeline"]


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        (
            {"impact": {**IMPACT, "duration_minutes": 90}},
            "duration_mismatch",
            "stated 90 minutes, end minus start gives 120",
        ),
        (
            {"timeline": [*TIMELINE, row("2026-05-12T09:00:00+02:00")]},
            "out_of_order",
            "row 7 (2026-05-12T09:00:00+02:00)",
        ),
        (
            {"timeline": [*TIMELINE[:2], row("2026-05-12T09:12:00+02:00", "acknowledged"), *TIMELINE[4:]]},
            "landmark_conflict",
            "'acknowledged' (2026-05-12T09:12:00+02:00) comes before 'detected'",
        ),
        (
            {"timeline": [*TIMELINE[:5], row("2026-05-12T13:00:00+02:00", "resolved")]},
            "landmark_conflict",
            "the impact's end at 2026-05-12T11:10+02:00",
        ),
        ({"date": "2026-05-13"}, "date_conflict", "the date is 2026-05-13, the impact starts on 2026-05-12"),
        ({"timezone": "not stated"}, "missing_zone", "the file says 'not stated'"),
        ({"timezone": None}, "missing_zone", "the file names none"),
        ({"timeline": TIMELINE[:2]}, "missing_landmark", "'resolved'"),
        (
            {"impact": {"started_at": "2026-05-12T09:10:00+02:00", "ended_at_text": "around noon"}},
            "missing_end",
            "'around noon'",
        ),
        ({"impact": {}, "date": None}, "missing_start", "no start"),
        (
            {"actions": [{"text": "Think", "owner_role": "lead", "due": "after the sale"}]},
            "action_without_date",
            "'after the sale'",
        ),
        ({"actions": [{"text": "Think", "owner_role": "", "due": "2026-06-01"}]}, "action_without_owner", "'Think'"),
        ({"actions": [{"text": "Think", "closeable": False}]}, "action_not_closeable", "'Think'"),
        ({"actions": []}, "factor_without_action", "'The alert names latency"),
        ({"severty": "SEV1"}, "unknown_field", "'severty'"),
    ],
)
def test_each_kind_is_found(changes, kind, words):
    found = [w.detail for w in warnings.find(parse(facts(**changes))) if w.kind == kind]
    assert any(words in detail for detail in found), found


def test_of_alert_and_report_the_earlier_one_is_the_detection():
    rows = [row("2026-05-12T09:00:00Z", "first_report"), row("2026-05-12T09:05:00Z", "first_alert")]
    assert warnings.landmarks(parse(facts(timeline=rows))) == ["detected", ""]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "title: missing"),
        ({"title": "x" * 201}, "title: 201 characters"),
        ({"kind": "party"}, "kind: 'party' is none of"),
        ({"timeline": "later"}, "timeline: a list"),
        ({"timeline": ["later"]}, "timeline 1: a row is a mapping"),
        ({"timeline": [{"at": "2026-05-12T09:00Z"}]}, "timeline 1: 'what' is missing"),
        ({"timeline": [{"what": "x"}]}, "timeline 1: give 'at'"),
        ({"timeline": [row("yesterday")]}, "timeline 1: at: 'yesterday' is no time"),
        ({"timeline": [{"at": "2026-05-12", "to": "2026-05-01", "what": "x"}]}, "'to' lies before 'at'"),
        ({"impact": ["much"]}, "impact: a mapping"),
        ({"impact": {"started_at": "2026-05-12T09:00Z", "ended_at": "2026-05-12T08:00Z"}}, "ends before it starts"),
        ({"actions": [{"owner": "x"}]}, "actions 1"),
        ({"summary": {"a": 1}}, "summary: a text"),
        ({"whys": [{"text": ""}]}, "whys 1: 'text' is missing"),
    ],
)
def test_a_mistake_is_named_with_its_place(changes, words):
    with pytest.raises(Invalid) as refusal:
        parse(facts(**changes))
    assert words in str(refusal.value)


def test_whys_go_twelve_levels_deep_and_no_deeper():
    """The effect that the title names is the first of them, unless the file has effects of its own."""
    deep: Any = {"text": "bottom"}
    for _ in range(11):
        deep = {"text": "why", "causes": [deep]}
    with pytest.raises(Invalid, match="12 levels"):
        parse(facts(whys=[deep]))
    assert parse(facts(whys=[deep["causes"][0]])).whys
    assert parse(facts(whys=[{**deep, "kind": "effect"}])).whys
    with pytest.raises(Invalid, match="12 levels"):
        parse(facts(whys=[{"text": "effect", "kind": "effect", "causes": [deep]}]))


def test_the_file_of_the_tests_is_plain_yaml():
    assert yaml.safe_load(FILE.read_text())["title"] == "Checkout slows down for two hours"
