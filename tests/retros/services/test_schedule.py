"""The window of a review: dates that follow from the end, a proposal inside it, what is said when it closes; length and agenda."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from aar_site import clock
from retros.live.log import Repeated, WrongState
from retros.models import Event, State
from retros.services import agenda, event_list, events, meeting, schedule
from tests.factories import START, make_cast, make_event, make_user

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)  # a Wednesday


def at(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)


def ended(days: float, **more: Any) -> Event:
    """An event that ended so many days before NOW."""
    end = NOW - timedelta(days=days)
    return make_event(**{"started_at": end - timedelta(hours=1), "ended_at": end, **more})


def keep(event: Event, **more: Any) -> Event:
    values = {"meeting_at": NOW + timedelta(days=2), "meeting_minutes": 75, "accounts_due_at": None, **more}
    schedule.schedule(event, by=more.pop("by", None), **values)
    return Event.objects.get(pk=event.pk)


# --- Dates ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("severity", "days"), [("sev1", 5), ("sev2", 5), ("major", 5), ("sev3", 10), ("", 10)])
def test_the_meeting_belongs_within_days_of_the_end(db, severity, days):
    event = make_event(severity=severity, created_at=START)
    assert schedule.meeting_due(event) == event.ended_at + timedelta(days=days)
    assert schedule.publish_due(event) == event.ended_at + timedelta(days=14)


@pytest.mark.parametrize(("days", "is_due"), [(179, True), (181, False), (3580, False)])
def test_nothing_is_late_of_what_was_long_ago_when_it_was_opened(db, monkeypatch, days, is_due):
    at(monkeypatch, NOW)
    event = ended(days, state=State.DRAFT, created_at=NOW)
    assert (schedule.meeting_due(event) is not None, schedule.publish_due(event) is not None) == (is_due, is_due)
    assert bool(event_list.late_words(event)) is is_due
    assert bool(event_list.next_words(event)) is is_due
    later = Event.objects.get(pk=event.pk)
    at(monkeypatch, NOW + timedelta(days=400))
    assert (schedule.publish_due(later) is not None) is is_due  # by when it was opened, not by what day it is
    assert bool(schedule.warnings(event, NOW)) is is_due
    assert schedule.proposal(event)[0].weekday() < 5


def test_no_date_follows_from_no_end(db):
    event = make_event(ended_at=None)
    assert schedule.meeting_due(event) is schedule.publish_due(event) is schedule.days_left(event) is None
    assert schedule.closing_words(event) == ""
    assert schedule.proposal(event)[0].weekday() < 5


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles", "UTC"])
@pytest.mark.parametrize("hour", [1, 9, 23])
@pytest.mark.parametrize("day", range(18, 25))  # Wednesday to Tuesday
def test_a_proposal_is_a_working_day_inside_the_window_with_accounts_in_before(db, monkeypatch, day, hour, zone):
    at(monkeypatch, datetime(2026, 11, day, hour, tzinfo=UTC))
    event = make_event(severity="sev1", started_at=clock.now(), ended_at=clock.now(), time_zone=zone)
    proposed, due = schedule.proposal(event)
    assert (proposed.weekday() < 5, due.weekday() < 5) == (True, True)
    assert (proposed.hour, due.hour, proposed.tzinfo.key) == (14, 14, zone)
    assert clock.now() < due < proposed
    assert proposed.date() <= schedule.meeting_due(event).astimezone(event.zone).date()
    assert schedule.warnings(event, proposed) == []


@pytest.mark.parametrize(("days", "severity", "proposed"), [
    (0, "sev1", "Mon 30 Nov"),  # three days from now is a Saturday
    (2, "sev1", "Fri 27 Nov"),  # the window closes on Saturday
    (4, "sev1", "Thu 26 Nov"),  # it closes tomorrow
    (5, "sev1", "Fri 27 Nov"),  # it closes today: the soonest that leaves time to write
    (9, "sev1", "Fri 27 Nov"),
    (3, "", "Mon 30 Nov"),
    (8, "", "Fri 27 Nov"),
    (2000, "", "Fri 27 Nov"),
])  # fmt: skip
def test_which_day_is_proposed(db, monkeypatch, days, severity, proposed):
    at(monkeypatch, NOW)
    event = ended(days, severity=severity, created_at=NOW - timedelta(days=days))
    found = schedule.proposal(event)[0]
    limit = schedule.meeting_due(event).date()
    assert schedule.facts(event)["is_inside"] is (found.date() <= limit)
    assert f"{found:%a} {found.day} {found:%b}" == proposed


def test_a_planned_review_is_proposed_on_its_day_while_that_lies_ahead(db, monkeypatch):
    at(monkeypatch, NOW)
    planned = make_event(kind="launch", started_at=None, ended_at=None, review_on=date(2026, 12, 14))
    assert schedule.proposal(planned)[0].date() == date(2026, 12, 14)
    passed = make_event(kind="launch", started_at=None, ended_at=None, review_on=date(2026, 11, 20))
    assert schedule.proposal(passed)[0].date() == date(2026, 11, 30)


def test_accounts_of_a_meeting_that_is_near_close_two_hours_before_it(db, monkeypatch):
    at(monkeypatch, NOW)
    event = ended(1)
    assert schedule.accounts_due(event, NOW + timedelta(hours=26)) == NOW + timedelta(hours=24)
    assert schedule.accounts_due(event, NOW + timedelta(hours=1)) == NOW + timedelta(hours=1)


def test_the_usual_deadline_keeps_its_clock_when_the_clocks_change(db):
    event = make_event(time_zone="Europe/Berlin")
    monday = datetime(2026, 10, 26, 14, tzinfo=event.zone)
    assert schedule.usual_due(event, monday) == datetime(2026, 10, 23, 14, tzinfo=event.zone)
    assert schedule.usual_due(event, monday).utcoffset() != monday.utcoffset()


# --- What is said -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("days", "words"), [
    (7, ""),
    (8, "The window closes in two days, Fri 27 Nov."),
    (9, "The window closes tomorrow, Thu 26 Nov."),
    (10, "The window closes today, Wed 25 Nov."),
    (13, "The meeting belonged by Sun 22 Nov, three days ago. Late is better than not at all."),
])  # fmt: skip
def test_a_window_that_closes_is_said(db, monkeypatch, days, words):
    at(monkeypatch, NOW)
    assert schedule.closing_words(ended(days)) == words
    assert schedule.closing_words(ended(days, meeting_at=NOW + timedelta(days=1))) == ""
    assert schedule.closing_words(ended(days, state=State.DRAFT)) == ""


def test_a_date_outside_of_the_window_is_warned_of(db, monkeypatch):
    at(monkeypatch, NOW)
    event = ended(1, severity="sev2", time_zone="Europe/Berlin")
    local = datetime(2026, 11, 30, 14, tzinfo=event.zone)
    assert schedule.warnings(event, None) == []
    assert schedule.warnings(event, local.replace(day=27)) == []
    assert schedule.warnings(event, local) == [
        "That is six days after the end. The meeting belongs by Sun 29 Nov: memories fade."
    ]
    assert schedule.warnings(event, local.replace(month=12, day=9)) == [
        "That is 15 days after the end: the review belonged published by Tue 8 Dec."
    ]
    assert schedule.warnings(event, local.replace(day=28, hour=7)) == [
        "That is a Saturday.", "07:00 lies outside of working hours in Europe/Berlin.",
    ]  # fmt: skip


@pytest.mark.parametrize(("after", "words"), [
    (None, ""), (timedelta(hours=1), "held on the same day"), (timedelta(days=1), "held 1 day after"),
    (timedelta(days=6), "held 6 days after"),
])  # fmt: skip
def test_how_long_after_the_event_it_was_held(db, after, words):
    event = make_event(ended_at=START, held_at=START + after if after else None)
    assert schedule.held_words(event) == words


# --- Setting it -------------------------------------------------------------------------------------------------------
def test_a_time_is_kept_once_and_not_after_the_room_opened(db):
    cast = make_cast()
    op = "11111111-1111-4111-8111-111111111111"
    values = {"by": cast.facilitator, "meeting_minutes": 60, "accounts_due_at": NOW, "op": op}
    schedule.schedule(cast.event, meeting_at=NOW + timedelta(days=1), **values)
    with pytest.raises(Repeated):
        schedule.schedule(cast.event, meeting_at=NOW, **values)
    fresh = Event.objects.get(pk=cast.event.pk)
    assert (fresh.meeting_at, fresh.meeting_minutes, fresh.accounts_due_at) == (NOW + timedelta(days=1), 60, NOW)
    for state in (State.MEETING, State.DRAFT, State.REVIEW):
        Event.objects.filter(pk=fresh.pk).update(state=state)
        with pytest.raises(WrongState, match="meeting has begun"):
            schedule.schedule(fresh, meeting_at=None, **{**values, "op": None})


# --- Length and agenda ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("kind", "severity", "minutes"), [
    ("incident", "", 75), ("incident", "sev1", 90), ("incident", "sev2", 75), ("incident", "sev3", 60), ("incident", "sev4", 15),
    ("launch", "major", 75), ("launch", "minor", 15), ("project", "large", 90), ("project", "medium", 60), ("project", "small", 15),
    ("recurring", "sev4", 60), ("recurring", "sev1", 90), ("decision", "", 75),
])  # fmt: skip
def test_the_length_fits_kind_and_severity(db, kind, severity, minutes):
    lead = make_user()
    event = events.open_event(by=lead, title="x", kind=kind, severity=severity, started_at=START)
    assert Event.objects.get(pk=event.pk).meeting_minutes == minutes


def test_the_length_follows_the_severity_until_somebody_chose_one(db):
    lead = make_user()
    event = events.open_event(by=lead, title="x", kind="incident", severity="sev4", started_at=START)

    def to(severity: str) -> int:
        events.edit_event(event, by=lead, seen=events.fingerprint(Event.objects.get(pk=event.pk)), severity=severity)
        return Event.objects.get(pk=event.pk).meeting_minutes

    assert to("sev1") == 90
    keep(event, meeting_minutes=90)
    assert to("sev3") == 90
    keep(event, meeting_at=None, meeting_minutes=75)
    assert to("sev4") == 75


def minutes_of(event: Event) -> list[int]:
    return [minutes for _, _, minutes in agenda.agenda_for(event)]


def test_an_edited_agenda_is_what_the_room_uses(db):
    cast = make_cast()
    steps = {slug: minutes for slug, _, minutes in agenda.agenda_for(cast.event)}
    fresh = keep(cast.event, steps={**steps, "timeline": 10, "root-cause": 25})
    assert minutes_of(fresh) == [3, 5, 10, 25, 10, 10, 10, 2]
    meeting.start(fresh, by=cast.facilitator)
    assert [step.planned_s // 60 for step in fresh.meeting.steps.all()] == [3, 5, 10, 25, 10, 10, 10, 2]


def test_a_length_that_changes_later_keeps_the_shares(db):
    event = make_event()
    steps = {slug: minutes for slug, _, minutes in agenda.agenda_for(event)}
    fresh = keep(event, steps={**steps, "timeline": 5, "root-cause": 30})
    longer = keep(fresh, meeting_minutes=90)
    assert (sum(minutes_of(longer)), minutes_of(longer)[3]) == (90, 36)
    short = keep(longer, meeting_minutes=15)
    assert minutes_of(short) == [1, 6, 3, 2, 3]
    assert minutes_of(keep(short, meeting_minutes=75)) == [3, 5, 20, 15, 10, 10, 10, 2]


def test_usual_minutes_are_not_stored_so_that_they_stay_usual(db):
    event = make_event()
    steps = {slug: minutes for slug, _, minutes in agenda.agenda_for(event)}
    assert keep(event, steps=steps).agenda_minutes == {}


def test_an_agenda_of_another_kind_is_forgotten(db):
    lead = make_user()
    event = make_event(facilitator=lead)
    steps = {slug: minutes for slug, _, minutes in agenda.agenda_for(event)}
    keep(event, steps={**steps, "timeline": 10})
    events.edit_event(event, by=lead, seen=events.fingerprint(Event.objects.get(pk=event.pk)), kind="launch")
    fresh = Event.objects.get(pk=event.pk)
    assert minutes_of(fresh) == [3, 5, 10, 15, 8, 12, 8, 11, 3]


@pytest.mark.parametrize("change", [{"timeline": 21}, {"timeline": 0}, {"dessert": 5}])
def test_steps_that_do_not_fit_are_refused(db, change):
    event = make_event()
    steps = {slug: minutes for slug, _, minutes in agenda.agenda_for(event)}
    with pytest.raises(ValidationError):
        keep(event, steps={**steps, **change})
    assert Event.objects.get(pk=event.pk).meeting_at is None
