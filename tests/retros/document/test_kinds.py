"""The documents of launches, projects, recurring issues and decisions, as a whole and where they are easily wrong."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from retros.document import compose, kinds, markdown, pdf
from retros.document.build import build
from retros.models import State
from retros.services import publishing
from tests.factories import make_choice, make_event, make_goal, make_launch, make_occurrence, make_phase
from tests.kinds import FILL, NOON, make_kind

FILES = Path(__file__).parent / "files"
KINDS = sorted(FILL)


def exported(event):
    return markdown.render(publishing.exported(event)[0])


def slugs(event):
    return [finding.slug for finding in publishing.findings(event)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_markdown_of_a_kind_is_this(db, kind):
    text = exported(make_kind(kind))
    assert without_codes(text) == (FILES / f"{kind}.md").read_text(encoding="utf-8")


def without_codes(text):
    """Codes of earlier events are drawn by lot."""
    return "\n".join(line.split(", review ")[0] for line in text.split("\n"))


@pytest.mark.parametrize("kind", KINDS)
def test_three_of_everything_cost_the_queries_of_one(db, kind):
    counts = []
    for count in (1, 3):
        event = make_kind(kind, count)
        with CaptureQueriesContext(connection) as asked:
            build(event)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 15


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_prints(db, kind):
    pages = PdfReader(BytesIO(pdf.render(build(make_kind(kind))))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert {
        "launch": "Phase 2",
        "project": "Outline planned, filled actual.",
        "recurring": "Promise 2",
        "decision": "Not chosen",
    }[kind] in text


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_known_is_no_error(db, kind):
    event = make_event(kind=kind, started_at=None, ended_at=None)
    assert exported(event).startswith("# AAR: ")
    assert compose.summary(event) == f"{event.title}."


# --- Launch ---------------------------------------------------------------------------------------------------------
def test_gaps_are_counted_in_days_of_the_zone_and_below_a_day_by_the_clock(db):
    event = make_event(kind="launch", time_zone="Europe/Berlin", started_at=NOON, ended_at=NOON + timedelta(days=3))
    make_launch(event, planned_start=NOON - timedelta(hours=8), planned_end=NOON)
    assert [row[2] for row in kinds.deviations(event)] == ["+8 h", "+3 days"]


def test_what_was_kept_is_no_deviation_and_a_month_is_compared_with_nothing(db):
    event = make_event(kind="launch", started_at=NOON, ended_at=NOON + timedelta(days=3))
    launch = make_launch(event, planned_start=NOON, planned_end=NOON, planned_end_precision="month")
    assert [row[2] for row in kinds.deviations(event)] == [""]
    launch.planned_end = None
    launch.save()
    assert kinds.deviations(event) == []
    assert [text for _, text in kinds.to_plan(event)[0].items] == ["Start 10 Nov 2026, 12:00 UTC, as planned"]


def test_a_rollback_is_a_deviation_and_none_is_to_plan(db):
    event = make_event(kind="launch")
    make_launch(event, was_rolled_back=True, rollback_note="Sign-in was slow")
    assert kinds.deviations(event) == [["Stays out", "Rolled back. Sign-in was slow", ""]]
    assert kinds.to_plan(event) == []


def test_an_unknown_count_is_left_out_and_none_is_said(db):
    event = make_event(kind="launch")
    launch = make_launch(event, first_week_incidents=0)
    assert dict(kinds.outcome_pairs(event))["First seven days"] == "No incidents"
    assert "Issues" not in dict(kinds.outcome_pairs(event))
    launch.issue_count = 0
    launch.save()
    assert dict(kinds.outcome_pairs(event))["Issues"] == "None"
    launch.issue_count, launch.issue_note, launch.maintenance_minutes = 3, "None of them serious.", 0
    launch.save()
    pairs = dict(kinds.outcome_pairs(event))
    assert (pairs["Issues"], pairs["Maintenance"]) == ("Three. None of them serious.", "None")


# --- Project --------------------------------------------------------------------------------------------------------
def test_a_draft_names_the_phase_that_moved_most_and_the_goals_that_were_missed(db):
    event = make_event("Ledger", kind="project", what_happened="It moved.")
    make_goal(event, "Retire it", outcome="met")
    make_goal(event, "Close in two days.", outcome="not_met")
    for title, days in (("Design", 3), ("Build", -14)):
        make_phase(event, title, planned_end=date(2026, 6, 20), actual_end=date(2026, 6, 20) + timedelta(days=days))
    said = compose.summary(event)
    assert "1 of 2 goals was met. Not met: Close in two days." in said
    assert "The plan moved most in \u201cBuild\u201d: \u22122 weeks." in said


# --- Recurring issue ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("extra", "is_named"),
    [({"state": State.PUBLISHED}, True), ({"state": State.PUBLISHED, "is_restricted": True}, False), ({}, False)],
)
def test_an_earlier_event_that_not_everybody_may_know_keeps_its_title(db, extra, is_named):
    event = make_event(kind="recurring")
    earlier = make_event("The quiet outage", **extra)
    make_occurrence(event, earlier=earlier, on=date(2025, 6, 2), promised="A check")
    text = exported(event)
    assert ("The quiet outage" in text) is is_named
    assert (earlier.code in text) is is_named
    assert "2 Jun 2025" in text


# --- Gate -----------------------------------------------------------------------------------------------------------
def test_a_kind_is_asked_for_its_own_and_not_for_the_cause_of_an_incident(db):
    asked = {
        "launch": ["no-summary", "no-timeline", "no-deviation", "no-went-well"],
        "project": ["no-summary", "no-timeline", "no-goals", "no-went-well"],
        "recurring": ["no-summary", "no-occurrences", "no-timeline", "no-cause", "no-went-well"],
        "decision": ["no-summary", "no-decision", "no-timeline", "no-expectation"],
    }
    for kind, expected in asked.items():
        found = set(slugs(make_event(kind=kind)))
        assert found & {"no-cause", "no-went-well", "no-goals", "no-decision", "no-expectation", "no-deviation",
                        "no-occurrences", "no-summary", "no-timeline"} == set(expected)  # fmt: skip


def test_what_is_recorded_is_not_asked_for(db):
    for kind, gone in (
        ("launch", "no-deviation"),
        ("project", "no-goals"),
        ("recurring", "no-occurrences"),
        ("decision", "no-decision"),
    ):
        assert gone not in slugs(make_kind(kind))
    event = make_event(kind="project")
    make_goal(event, "Half done")
    assert "open-goals" in slugs(event)


def test_an_unsettled_decision_asks_for_what_was_expected(db):
    event = make_event(kind="decision")
    make_choice(event, "Buy")
    assert "no-expectation" in slugs(event)
    make_choice(event, "Build", expected="Cheap")
    assert "no-expectation" not in slugs(event)


def test_the_days_of_a_decision_count_from_it(db):
    rows = next(block for s in build(make_kind("decision")).sections if s.slug == "timeline" for block in s.blocks).rows
    assert [row.offset for row in rows] == ["D+0", "W+4"]


def test_a_file_is_named_by_the_month_where_no_more_is_known(db):
    from_month = make_event(
        "Beta", kind="launch", started_at=datetime(2021, 12, 1, tzinfo=UTC), ended_at=None, started_precision="month"
    )
    assert build(from_month).event_date == "2021-12"
