"""Forms by kind: what is asked, what stays within reach, days and months that read back to the same."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from retros.forms.events import EventForm, NewEventForm, initial_of
from retros.forms.kinds import ChoiceForm, GoalForm, OccurrenceForm, PhaseForm
from retros.models import Event, Launch, Phase
from retros.services import people
from tests.factories import make_event, make_user

BASE = {"title": "x", "time_zone": "Europe/Berlin", "distribution": "internal"}


def form(kind: str, **data: Any) -> EventForm:
    return EventForm({**BASE, "kind": kind, **data})


# --- Which fields -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("kind", "asked", "not_asked"), [
    ("incident", {"detected_how", "users_affected"}, {"planned_start", "goals", "review_on", "decided"}),
    ("launch", {"planned_start", "scope", "was_rolled_back", "review_on", "goals"}, {"detected_how", "noticed", "decided"}),
    ("project", {"review_on", "runbook_url", "goals"}, {"scope", "users_affected", "options"}),
    ("recurring", {"detected_how", "users_affected"}, {"scope", "goals", "occurrences"}),
    ("decision", {"decided", "options", "known_then", "expected"}, {"goals", "detected_how", "review_on"}),
    ("party", {"detected_how"}, {"goals"}),
])  # fmt: skip
def test_each_kind_is_asked_its_own(db, kind, asked, not_asked):
    found = set(NewEventForm(initial={"kind": kind}, people=people.members()).fields)
    assert asked <= found
    assert not not_asked & found


def test_what_was_typed_for_another_kind_stays_within_reach(db):
    assert "users_affected" in form("launch", users_affected="everybody").fields
    assert "users_affected" not in form("launch").fields
    event = make_event(kind="launch")
    event.impact.users_affected = "everybody"
    assert "users_affected" in EventForm(initial=initial_of(event)).fields


@pytest.mark.parametrize(("kind", "label", "offered"), [
    ("incident", "Severity", ["", "sev1", "sev2", "sev3", "sev4"]), ("launch", "Scope", ["", "major", "minor"]),
    ("project", "Size", ["", "large", "medium", "small"]),
])  # fmt: skip
def test_severity_goes_by_the_name_and_the_levels_of_the_kind(db, kind, label, offered):
    field: Any = form(kind).fields["severity"]
    assert (field.label, [value for value, _ in field.choices]) == (label, offered)


# --- A launch ---------------------------------------------------------------------------------------------------------
def test_a_launch_keeps_its_window_as_given(db):
    bound = form(
        "launch", planned_start="9 Nov 2026", planned_end="13 Nov 2026, 18:00", was_rolled_back="no", issue_count="0"
    )
    assert bound.errors == {}
    data = bound.cleaned_data
    assert data["planned_start"] == datetime(2026, 11, 8, 23, tzinfo=UTC)
    assert (data["planned_start_precision"], data["planned_end_precision"]) == ("day", "exact")
    assert (data["was_rolled_back"], data["issue_count"], data["first_week_incidents"]) == (False, 0, None)
    event = Event.objects.create(kind="launch", title="x", time_zone="Europe/Berlin")
    Launch.objects.create(
        event=event, planned_start=data["planned_start"], planned_start_precision="day", was_rolled_back=True
    )
    values = initial_of(Event.objects.get(pk=event.pk))
    assert (values["planned_start"], values["planned_end"], values["was_rolled_back"]) == ("9 Nov 2026", "", "yes")


@pytest.mark.parametrize(("data", "field", "said"), [
    ({"planned_start": "9 Nov 2026", "planned_end": "8 Nov 2026"}, "planned_end", "The end lies before the start"),
    ({"planned_start": "soon"}, "planned_start", "Write a time such as"),
    ({"planned_start": "29 Mar 2026, 02:30"}, "planned_start", "the clocks went forward"),
    ({"issue_count": "-1"}, "issue_count", "greater than or equal to 0"),
    ({"issue_count": "9" * 12}, "issue_count", "less than or equal to"),
    ({"was_rolled_back": "perhaps"}, "was_rolled_back", "valid choice"),
    ({"review_on": "2026-12"}, "review_on", "Name the day"),
    ({"review_on": "12/05/2026"}, "review_on", "can be read in two ways"),
    ({"runbook_url": "not a link"}, "runbook_url", "valid URL"),
])  # fmt: skip
def test_what_is_wrong_with_a_launch_stands_at_its_field(db, data, field, said):
    bound = form("launch", **data)
    assert set(bound.errors) == {field}
    assert said in bound.errors[field][0]


# --- A new one ----------------------------------------------------------------------------------------------------------
def new(kind: str, **data: Any) -> NewEventForm:
    lead = make_user()
    return NewEventForm({**BASE, "kind": kind, "facilitator": lead.pk, **data}, people=people.members())


def test_goals_and_options_are_a_line_each(db):
    assert new("launch", goals=" a \n\n b\n").is_valid()
    assert new("launch", goals=" a \r\n\r\n b\r\n").errors == {}
    bound = new("decision", decided="Buy", options="Run\nWait")
    assert bound.is_valid()
    assert bound.cleaned_data["options"] == ["Run", "Wait"]
    assert "at most 300 characters" in new("project", goals="x" * 301).errors["goals"][0]


def test_occurrences_are_those_that_may_be_named(db):
    mine, other = make_event(), make_event()
    allowed = Event.objects.filter(pk=mine.pk)
    data = {**BASE, "kind": "recurring", "facilitator": make_user().pk}
    good = NewEventForm({**data, "occurrences": [mine.pk]}, people=people.members(), earlier=allowed)
    assert good.is_valid()
    assert list(good.cleaned_data["occurrences"]) == [mine]
    bad = NewEventForm({**data, "occurrences": [other.pk]}, people=people.members(), earlier=allowed)
    assert set(bad.errors) == {"occurrences"}


# --- Rows -------------------------------------------------------------------------------------------------------------
def test_days_and_months_of_a_phase_read_back_to_the_same(db):
    event = make_event(kind="project")
    typed = {"title": "Design", "planned_start": "2026-06", "planned_end": "Jun 2026", "actual_start": "8 Jun 2026",
             "actual_end": "2026-07-15", "note": ""}  # fmt: skip
    bound = PhaseForm(typed, event=event)
    assert bound.is_valid()
    data = bound.cleaned_data
    assert (data["planned_start"], data["planned_end"]) == (date(2026, 6, 1), date(2026, 6, 30))
    assert (data["planned_end_precision"], data["actual_end_precision"]) == ("month", "day")
    again = PhaseForm(event=event, row=Phase(event=event, **data))
    assert [again.initial[name] for name in PhaseForm.days] == ["Jun 2026", "Jun 2026", "8 Jun 2026", "15 Jul 2026"]


@pytest.mark.parametrize(("bound", "field", "said"), [
    (lambda e: GoalForm({"text": ""}, event=e), "text", "required"),
    (lambda e: GoalForm({"text": "x", "outcome": "great"}, event=e), "outcome", "valid choice"),
    (lambda e: PhaseForm({"title": "x", "actual_start": "2 Jan 2026", "actual_end": "1 Jan 2026"}, event=e), "actual_end",
     "The end lies before the start"),
    (lambda e: PhaseForm({"title": "x", "planned_end": "31 Feb 2026"}, event=e), "planned_end", "no such day"),
    (lambda e: ChoiceForm({"text": "x", "again": "never"}, event=e), "again", "valid choice"),
    (lambda e: OccurrenceForm({"text": "", "earlier": ""}, event=e, earlier=Event.objects.none()), "text", "Choose an event"),
    (lambda e: OccurrenceForm({"earlier": str(e.pk)}, event=e, earlier=Event.objects.none()), "earlier", "valid choice"),
])  # fmt: skip
def test_what_is_wrong_with_a_row_stands_at_its_field(db, bound, field, said):
    found = bound(make_event()).errors
    assert set(found) == {field}
    assert said in found[field][0]


def test_a_row_of_a_decision_is_an_option(db):
    assert ChoiceForm(event=make_event(kind="decision")).fields["text"].label == "Option"
    assert ChoiceForm(event=make_event(kind="project")).fields["text"].label == "Decision"
