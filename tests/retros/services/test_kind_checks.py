"""What each kind needs before its meeting, computed from what is recorded."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from retros.models import Choice, Event, Goal, Launch, Occurrence, Phase
from retros.services import kind_checks, readiness
from tests.factories import START, make_cast, make_event

DAYS = {"planned_end": date(2026, 6, 30), "actual_end": date(2026, 7, 15)}


def labels(cast: SimpleNamespace) -> dict[str, str]:
    return {check.title: check.label for check in kind_checks.checks(Event.objects.get(pk=cast.event.pk))}


def test_an_incident_has_none(cast):
    assert labels(cast) == {}


def test_a_launch_from_nothing_to_ready(db):
    cast = make_cast(kind="launch")
    goal, window, issues, week = (
        "What it was meant to achieve", "Window, planned and actual", "Issues and rollback", "The first seven days",
    )  # fmt: skip
    assert labels(cast) == {goal: "Not started", window: "Plan missing", issues: "Not started", week: "Not started"}
    launch = Launch.objects.create(event=cast.event, planned_start=START, planned_end=START, issue_count=0)
    Goal.objects.create(event=cast.event, text="x")
    assert labels(cast) == {goal: "0 of 1", window: "Done", issues: "Rolled back?", week: "Not started"}
    launch.was_rolled_back, launch.first_week_incidents = False, 0
    launch.save()
    Goal.objects.update(outcome="not_met")
    assert set(labels(cast).values()) == {"Done"}


def test_a_project_from_nothing_to_ready(db):
    cast = make_cast(kind="project", ended_at=None)
    goals, phases, ends, choices = (
        "Goals, and how far each was met", "Phases with plan and actual days", "Beginning and end",
        "Decisions worth looking at again",
    )  # fmt: skip
    assert labels(cast) == {goals: "Not started", phases: "Not started", ends: "No end yet", choices: "Not started"}
    Goal.objects.create(event=cast.event, text="x", outcome="met")
    Phase.objects.create(event=cast.event, title="a", **DAYS)
    late = Phase.objects.create(event=cast.event, title="b", planned_end=DAYS["planned_end"])
    Choice.objects.create(event=cast.event, text="x")
    Event.objects.update(ended_at=START)
    assert labels(cast) == {goals: "Done", phases: "1 of 2", ends: "Done", choices: "Done"}
    late.actual_end = DAYS["actual_end"]
    late.save()
    assert labels(cast)[phases] == "Done"


def test_a_decision_from_nothing_to_ready(db):
    cast = make_cast(kind="decision")
    assert set(labels(cast).values()) == {"Not started"}
    chosen = Choice.objects.create(event=cast.event, text="Buy", known_then="k", expected="e")
    assert list(labels(cast).values()) == ["No other option", "Done", "Not started"]
    Choice.objects.create(event=cast.event, text="Run", was_chosen=False)
    chosen.outcome = "o"
    chosen.save()
    assert set(labels(cast).values()) == {"Done"}


def test_a_recurring_issue_from_nothing_to_ready(db):
    cast = make_cast(kind="recurring")
    assert list(labels(cast).values()) == ["0 so far", "Not started"]
    Occurrence.objects.create(event=cast.event, text="x", promised="p", became="b")
    assert list(labels(cast).values()) == ["1 so far", "Done"]
    Occurrence.objects.create(event=cast.event, earlier=make_event())
    assert list(labels(cast).values()) == ["Done", "1 of 2"]


@pytest.mark.parametrize(("kind", "count"), [("launch", 12), ("project", 12), ("decision", 11), ("recurring", 11)])
def test_they_stand_among_the_others_and_lead_to_where_it_is_done(db, kind, count):
    event: Any = make_event(kind=kind)
    found = readiness.checks(event, [], [])
    assert len(found) == count
    own = kind_checks.checks(event)
    assert all(check in found and check.url.startswith(f"/e/{event.code}/edit/") for check in own)


def test_what_was_opened_ahead_waits_for_its_end_and_says_when_its_review_is(db):
    cast = make_cast(kind="launch", ended_at=None, review_on=date(2026, 12, 14))
    step = readiness.next_step(cast.event, frozenset({"edit event"}), [], [], 0)
    assert step is not None
    assert (step.title, step.go) == ("Review planned for 14 Dec 2026", "Add the end")
