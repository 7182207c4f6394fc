"""The form of the meeting: clocks of the event, an agenda that fits its length, a deadline that moves along, clear refusals."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aar_site import clock
from retros.forms.schedule import ScheduleForm
from retros.models import Event
from tests.factories import INCIDENT_STEPS, make_event

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)  # a Wednesday


@pytest.fixture(autouse=True)
def _wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def event_of(**more: Any) -> Event:
    ended = {"started_at": NOW - timedelta(days=2), "ended_at": NOW - timedelta(days=1), "time_zone": "Europe/Berlin"}
    return make_event(**{**ended, **more})


def form(event: Event | None = None, **data: Any) -> ScheduleForm:
    return ScheduleForm({"minutes": "75", **data}, event=event or event_of())


def errors(bound: ScheduleForm) -> dict[str, list[str]]:
    bound.is_valid()
    return {name: list(found) for name, found in bound.errors.items()}


def steps(**minutes: int) -> dict[str, str]:
    """The steps of an incident of 75 minutes as the page sends them."""
    changed = {name.replace("_", "-"): value for name, value in minutes.items()}
    return {"shown": "75"} | {f"step_{slug}": str(value) for slug, value in {**INCIDENT_STEPS, **changed}.items()}


# --- Times ------------------------------------------------------------------------------------------------------------
def test_clocks_are_those_of_the_event(db):
    bound = form(meeting="26 Nov 2026, 14:00", accounts_due="25 Nov 2026, 18:00")
    assert errors(bound) == {}
    assert bound.cleaned_data["meeting_at"] == datetime(2026, 11, 26, 13, tzinfo=UTC)
    assert bound.cleaned_data["accounts_due_at"] == datetime(2026, 11, 25, 17, tzinfo=UTC)


@pytest.mark.parametrize(("typed", "words"), [
    ("26 Nov 2026", "Add the time of day"),
    ("24 Nov 2026, 14:00", "lies in the past"),
    ("tomorrow", "Write a time such as"),
    ("12/05/2026 14:00", "can be read in two ways"),
    ("26 Nov 2026, 25:00", "no time of day"),
    ("26 Nov 2026, 14:00 +25:00", "no offset from UTC"),
    ("26 Nov 2026, 14:00 Mars/Olympus", "Write a time such as"),
    ("28 Mar 2027, 02:30", "never was on that day in Europe/Berlin"),
    ("31 Oct 2027, 02:30", "was twice on that day in Europe/Berlin"),
    ("26 Nov 2029, 14:00", "more than a year ahead"),
])  # fmt: skip
def test_what_is_no_time_for_a_meeting_is_said(db, typed, words):
    assert words in errors(form(meeting=typed))["meeting"][0]


def test_a_hour_that_is_there_twice_is_chosen_by_its_offset(db):
    bound = form(meeting="31 Oct 2027, 02:30 +01:00")
    assert errors(bound) == {}
    assert bound.cleaned_data["meeting_at"] == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_a_review_comes_after_its_event(db):
    ahead = event_of(started_at=NOW + timedelta(days=3), ended_at=None)
    assert "The event begins on Sat 28 Nov" in errors(form(ahead, meeting="26 Nov 2026, 14:00"))["meeting"][0]
    late = event_of(ended_at=NOW + timedelta(days=4))
    assert "The event ends on Sun 29 Nov" in errors(form(late, meeting="27 Nov 2026, 14:00"))["meeting"][0]


def test_a_time_that_has_passed_may_stay_when_something_else_changes(db):
    passed = event_of(meeting_at=NOW - timedelta(hours=2), accounts_due_at=NOW - timedelta(hours=20))
    bound = form(passed, meeting="25 Nov 2026, 08:00", accounts_due="24 Nov 2026, 14:00", minutes="60")
    assert errors(bound) == {}
    assert bound.cleaned_data["meeting_at"] == passed.meeting_at


# --- The deadline -----------------------------------------------------------------------------------------------------
def test_without_a_deadline_accounts_close_a_day_ahead_on_a_working_day(db):
    monday = form(meeting="30 Nov 2026, 15:30")
    assert errors(monday) == {}
    assert monday.cleaned_data["accounts_due_at"] == datetime(2026, 11, 27, 14, 30, tzinfo=UTC)  # Friday


def test_the_usual_deadline_moves_along_and_one_that_was_chosen_stays(db):
    set_before = {
        "meeting_at": datetime(2026, 12, 1, 13, tzinfo=UTC),
        "accounts_due_at": datetime(2026, 11, 30, 13, tzinfo=UTC),
    }
    event = event_of(**set_before)
    moved = form(event, meeting="3 Dec 2026, 14:00", accounts_due="30 Nov 2026, 14:00")
    assert errors(moved) == {}
    assert moved.cleaned_data["accounts_due_at"] == datetime(2026, 12, 2, 13, tzinfo=UTC)
    chosen = form(event, meeting="3 Dec 2026, 14:00", accounts_due="30 Nov 2026, 10:00")
    assert errors(chosen) == {}
    assert chosen.cleaned_data["accounts_due_at"] == datetime(2026, 11, 30, 9, tzinfo=UTC)


def test_accounts_close_before_the_meeting_and_not_in_the_past(db):
    found = errors(form(meeting="26 Nov 2026, 14:00", accounts_due="27 Nov 2026, 10:00"))
    assert "close before the meeting" in found["accounts_due"][0]
    found = errors(form(meeting="26 Nov 2026, 14:00", accounts_due="24 Nov 2026, 10:00"))
    assert "lies in the past" in found["accounts_due"][0]


def test_without_a_time_there_is_none(db):
    bound = form(event_of(meeting_at=NOW + timedelta(days=1)), meeting="")
    assert errors(bound) == {}
    assert bound.cleaned_data["meeting_at"] is bound.cleaned_data["accounts_due_at"] is None


# --- Length and agenda ------------------------------------------------------------------------------------------------
def test_the_page_opens_with_the_proposal_and_the_agenda_of_its_length(db):
    page = ScheduleForm(event=event_of(meeting_minutes=60))
    assert page["meeting"].value() == "30 Nov 2026, 14:00"
    assert [field.value() for field in page.steps] == [3, 5, 25, 10, 4, 4, 6, 3]
    assert (page.total, page.spare) == (60, 0)


def test_minutes_of_a_step_are_kept_as_typed(db):
    bound = form(**steps(timeline=25, factors=5))
    assert errors(bound) == {}
    assert bound.cleaned_data["steps"]["timeline"] == 25
    assert bound.spare == 0


def test_steps_that_take_too_long_are_said_and_what_is_left_over_is_fine(db):
    assert "The steps take 80 minutes and the meeting has 75." in errors(form(**steps(timeline=25)))["__all__"][0]
    less = form(**steps(timeline=10))
    assert errors(less) == {}
    assert less.spare == 10


@pytest.mark.parametrize("minutes", ["0", "-3", "", "many", "9999999", "1.5"])
def test_a_step_takes_a_whole_number_of_minutes(db, minutes):
    assert "step_timeline" in errors(form(**{**steps(), "step_timeline": minutes}))


def test_another_length_brings_its_own_agenda_and_what_was_edited_keeps_its_shares(db):
    usual = form(minutes="60", **steps())
    assert errors(usual) == {}
    assert list(usual.cleaned_data["steps"].values()) == [3, 5, 25, 10, 4, 4, 6, 3]
    edited = form(minutes="90", **steps(timeline=10, factors=20))
    assert errors(edited) == {}
    found = edited.cleaned_data["steps"]
    assert sum(found.values()) == 90
    assert found["factors"] == 24
    assert found["timeline"] == 12


def test_fifteen_minutes_have_five_steps_whatever_was_edited_before(db):
    short = form(minutes="15", **steps(timeline=10, factors=20))
    assert errors(short) == {}
    assert list(short.cleaned_data["steps"].values()) == [1, 6, 3, 2, 3]


def test_what_was_typed_is_shown_and_not_checked_while_lengths_are_tried(db):
    page = ScheduleForm(event=event_of(), typed={"meeting": "nonsense", "minutes": "15", **steps()})
    assert not page.is_bound
    assert page["meeting"].value() == "nonsense"
    assert [field.value() for field in page.steps] == ["1", "6", "3", "2", "3"]
    assert page.warnings() == []


def test_a_date_outside_the_window_is_warned_of_and_can_be_kept(db):
    bound = form(event_of(severity="sev1"), meeting="5 Dec 2026, 20:00")
    assert errors(bound) == {}
    late, weekend, hour = bound.warnings()
    assert "That is 11 days after the end. The meeting belongs by Sun 29 Nov" in late
    assert weekend == "That is a Saturday."
    assert hour == "20:00 lies outside of working hours in Europe/Berlin."


def test_the_length_of_an_imported_meeting_can_stay(db):
    bound = form(event_of(meeting_minutes=50), minutes="50")
    assert errors(bound) == {}
    assert bound.cleaned_data["minutes"] == 50
    assert sum(bound.cleaned_data["steps"].values()) == 50
    assert "minutes" in errors(form(minutes="61"))
