"""What a file says that only some kinds have: read as given, stored under its names, refused with its place, never lost unsaid."""

from datetime import date
from typing import Any

import pytest

from retros.exchange.load import load
from retros.exchange.schema import Invalid, parse
from retros.models import Choice, Event, Goal, Occurrence, Phase
from tests.factories import make_event

LAUNCH: dict[str, Any] = {
    "kind": "launch", "title": "Second wave", "timezone": "Europe/Berlin", "runbook": "https://runbooks.example.org/x",
    "review_on": "2026-12-14", "severity": "Major launch",
    "goals": ["Half of all", {"text": "No calls", "outcome": "not met", "note": "12"}],
    "launch": {"scope": "all phones", "planned_start": "2026-11-09", "planned_end": "2026-11-13T18:00:00+01:00", "issues": 4,
               "maintenance_minutes": 40, "issue_note": "1 major", "rolled_back": True, "rollback_note": "in part",
               "first_week_incidents": 1, "first_week_note": "quiet", "business_outcome": "47%"},
    "phases": [{"title": "Trial", "planned_start": "2026-06", "planned_end": "2026-06", "actual_start": "2026-06-08",
                "actual_end": "2026-07-15", "note": "leave"}, "Wave"],
}  # fmt: skip


def stored(data: dict[str, Any]) -> tuple[Event, list[str]]:
    event, found = load(parse(data))
    return event, [f"{w.kind}: {w.detail}" for w in found if w.kind in {"unknown_field", "other_kind", "unknown_event"}]


def test_a_launch_is_kept_whole(db):
    event, said = stored(LAUNCH)
    assert said == []
    assert (event.runbook_url, event.review_on, event.severity) == (
        "https://runbooks.example.org/x",
        date(2026, 12, 14),
        "major",
    )
    assert list(Goal.objects.values_list("text", "outcome", "note")) == [
        ("Half of all", "", ""),
        ("No calls", "not_met", "12"),
    ]
    launch = event.launch
    assert launch.planned_words == "9 Nov 2026 \u2013 13 Nov 2026, 18:00"
    assert (launch.scope, launch.maintenance_minutes, launch.issue_count, launch.issue_note) == (
        "all phones",
        40,
        4,
        "1 major",
    )
    assert (launch.was_rolled_back, launch.rollback_note, launch.business_outcome) == (True, "in part", "47%")
    assert (launch.first_week_incidents, launch.first_week_note) == (1, "quiet")
    trial, wave = Phase.objects.all()
    assert (trial.planned_words, trial.actual_words, trial.variance_words, trial.note) == (
        "Jun 2026", "8 Jun \u2013 15 Jul 2026", "+1 month", "leave",
    )  # fmt: skip
    assert (wave.title, wave.planned_words, wave.variance_words) == ("Wave", "", "")


def test_decisions_and_options_are_kept_in_their_order(db):
    row = {
        "text": "Buy",
        "decided_on": "2025-03",
        "known_then": "k",
        "expected": "e",
        "outcome": "o",
        "again": True,
        "chosen": True,
    }
    stored({"kind": "decision", "title": "Queue", "options": [row, "Run our own"]})
    buy, run = Choice.objects.all()
    assert (buy.text, buy.was_chosen, buy.decided_words, buy.again) == ("Buy", True, "Mar 2025", "yes")
    assert (buy.known_then, buy.expected, buy.outcome) == ("k", "e", "o")
    assert (run.text, run.was_chosen) == ("Run our own", False)
    stored({"kind": "project", "title": "P", "decisions": [{"text": "Freeze", "again": "otherwise"}]})
    assert Choice.objects.filter(event__kind="project", was_chosen=True, again="otherwise").count() == 1


def test_occurrences_link_what_stands_here_and_keep_words_of_the_rest(db):
    earlier = make_event()
    event, said = stored({"kind": "recurring", "title": "R", "occurrences": [
        {"event": earlier.code, "promised": "p", "became": "b"}, {"event": "nowhere"}, {"event": earlier.code, "text": "twice"},
        {"on": "2026-04", "text": "In spring"},
    ]})  # fmt: skip
    rows = {str(row): row for row in Occurrence.objects.filter(event=event)}
    assert set(rows) == {earlier.title, "Event nowhere", "twice", "In spring"}
    assert (rows[earlier.title].earlier, rows[earlier.title].promised, rows[earlier.title].became) == (
        earlier,
        "p",
        "b",
    )
    assert rows["In spring"].on_words == "Apr 2026"
    assert [line.split(":")[0] for line in said] == ["unknown_event", "unknown_event"]


def test_what_belongs_to_another_kind_is_kept_and_said(db):
    event, said = stored({**LAUNCH, "kind": "incident", "occurrences": ["x"], "decisions": ["y"]})
    assert [line.split("'")[1] for line in said] == [
        "launch", "phases", "decisions or options", "occurrences", "runbook", "review_on",
    ]  # fmt: skip
    assert (event.phases.count(), event.launch.issue_count, event.choices.get().text) == (2, 4, "y")


def test_goals_of_other_kinds_stay_the_text_of_a_section(db):
    event, _ = stored({"title": "x", "goals": ["Up again"]})
    assert not event.goals.exists()
    assert event.section_texts.get(slug="impact").text == "- Up again"


def test_unknown_fields_of_rows_are_named(db):
    _, said = stored({
        "kind": "launch", "title": "x", "launch": {"mood": "good"}, "goals": [{"text": "g", "owner": "x"}],
        "phases": [{"title": "p", "colour": "red"}], "runbook": "the wiki", "weather": "fine",
    })  # fmt: skip
    assert [line.split("'")[1] for line in said] == [
        "goals: owner",
        "launch: mood",
        "phases: colour",
        "runbook",
        "weather",
    ]


@pytest.mark.parametrize(("data", "said"), [
    ({"goals": [{"outcome": "met"}]}, "goals 1: 'text' is missing"),
    ({"goals": [["x"]]}, "goals 1: a text is expected"),
    ({"goals": [{"text": "x", "outcome": "great"}]}, "goals 1: outcome 'great' is none of met, partly"),
    ({"goals": ["x" * 301]}, "goals 1: text: 301 characters; at most 300"),
    ({"goals": ["x"] * 201}, "goals: 201 rows; at most 200"),
    ({"launch": ["x"]}, "launch: a mapping is expected"),
    ({"launch": {"issues": "many"}}, "launch.issues: a whole number"),
    ({"launch": {"issues": -1}}, "launch.issues: a whole number"),
    ({"launch": {"issues": True}}, "launch.issues: a whole number"),
    ({"launch": {"rolled_back": "in part"}}, "launch.rolled_back: true or false"),
    ({"launch": {"planned_start": "2026-11-09", "planned_end": "2026-11-08"}}, "planned_end lies before planned_start"),
    ({"launch": {"planned_start": "soon"}}, "launch.planned_start: 'soon' is no time"),
    ({"phases": [{"title": "x", "planned_start": "2026-07", "planned_end": "2026-06"}]}, "phases 1: planned_end lies before"),
    ({"phases": [{"title": "x" * 121}]}, "phases 1: title: 121 characters"),
    ({"options": [{"text": "x", "chosen": "perhaps"}]}, "options 1: chosen is true or false"),
    ({"decisions": [{"text": "x", "again": "never"}]}, "decisions 1: again 'never' is none of"),
    ({"occurrences": [{"on": "2026-01-01"}]}, "occurrences 1: give 'text', or 'event'"),
    ({"occurrences": [7]}, "occurrences 1: a text is expected"),
    ({"review_on": "2026-12"}, "review_on: a month is not enough"),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_its_place(data, said):
    with pytest.raises(Invalid) as refused:
        parse({"title": "x", "kind": "launch", **data})
    assert said in str(refused.value)
