"""What is pointed out on the timeline, from fields alone: each case rebuilt small, with the sentence and the ways to mend it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from retros.models import Event, Import, ImportState, State
from retros.services import entries, hints, mends
from tests.factories import START, make_entry, make_event, make_user


def found(event: Event) -> hints.Found:
    event = Event.objects.get(pk=event.pk)
    return hints.find(event, entries.ordered(event, light=True))


def kinds(event: Event) -> list[str]:
    return [hint.kind for hint in found(event).open]


def only(event: Event, kind: str) -> hints.Hint:
    (hint,) = [hint for hint in found(event).open if hint.kind == kind]
    return hint


def ways(hint: hints.Hint) -> list[str]:
    return [way.words for way in hint.mends]


@pytest.fixture
def event(db: None) -> Event:
    """An incident of 24 h 11 min of which nothing is to be said."""
    event = make_event(severity="sev1")
    for minutes, mark in ((2, "detected"), (10, "acknowledged"), (1000, "mitigated")):
        make_entry(event, minutes=minutes, landmark=mark, created_by=make_user())
    make_entry(event, "All is well", minutes=1451, landmark="resolved", type="decision", created_by=make_user())
    return event


def change(event: Event, **fields: Any) -> None:
    Event.objects.filter(pk=event.pk).update(**fields)


def test_a_timeline_in_order_says_nothing(event):
    assert kinds(event) == []


# --- The event's own facts ------------------------------------------------------------------------------------------
def test_an_end_that_is_missing_is_offered_from_the_resolution(event):
    change(event, ended_at=None)
    hint = only(event, "end")
    assert "Without an end there is no meeting" in hint.sentence
    assert ways(hint) == ["It ended with “Resolved”, 22 Oct, 23:03", "It ended then"]


def test_a_launch_that_lies_ahead_is_not_asked_for_its_end(db):
    event = make_event(kind="launch", severity="major", ended_at=None, review_on=date(2026, 12, 14))
    make_entry(event, "Go or no-go", created_by=make_user())
    assert kinds(event) == []
    change(event, ended_at=START + timedelta(days=1))
    assert "missing" in kinds(event)


def test_a_beginning_that_is_missing_is_offered_from_the_first_moment(event):
    change(event, started_at=None, ended_at=None)
    assert ways(only(event, "start")) == ["It began with the first moment, 21 Oct, 22:54", "It began then"]


def test_a_zone_that_nobody_named(event):
    change(event, is_zone_assumed=True)
    assert "read as UTC" in only(event, "zone").sentence
    change(event, time_zone="Europe/London")  # somebody named one since
    assert "zone" not in kinds(event)


def test_a_severity_that_nobody_set_quotes_the_source(event):
    change(event, severity="", severity_text="status red")
    hint = only(event, "severity")
    assert hint.sentence.endswith("The source says “status red”.")
    assert [value for value, _ in hint.mends[0].choices] == ["sev1", "sev2", "sev3", "sev4"]


@pytest.mark.parametrize(("stated", "is_wrong"), [(1451, False), (1450, True), (1452, True), (None, False)])
def test_a_stated_length_is_compared_to_the_minute(event, stated, is_wrong):
    change(event, stated_minutes=stated)
    assert ("duration" in kinds(event)) == is_wrong


def test_a_stated_length_says_both_and_moves_either_end(event):
    change(event, stated_minutes=1380)
    hint = only(event, "duration")
    assert hint.sentence == "The source states 23 h, end minus start gives 24 h 11 min."
    assert ways(hint) == ["Let it end at 22 Oct, 21:52", "Let it begin at 22 Oct, 00:03"]
    change(event, ended_precision="day")  # a day is no clock that could contradict
    assert "duration" not in kinds(event)


def test_a_heading_of_another_day(event):
    change(event, stated_on=date(2018, 10, 22))
    hint = only(event, "dates")
    assert hint.sentence == "The heading says Mon 22 Oct 2018, it began on Sun 21 Oct 2018."
    assert ways(hint) == ["Move the event to Mon 22 Oct 2018, same clock"]


def test_moments_that_lie_on_another_day_than_the_event(event):
    change(event, started_at=START + timedelta(days=2), ended_at=START + timedelta(days=2, hours=1))
    hint = only(event, "outside")
    assert hint.sentence == "Its moments lie on Sun 21 Oct 2018, the event on Tue 23 Oct 2018."
    assert ways(hint) == ["Move the event to Sun 21 Oct 2018, same clock"]


def test_an_impact_that_goes_on_after_the_end(event):
    event.intervals.create(
        label="builds", started_at=START - timedelta(minutes=5), ended_at=START + timedelta(hours=25)
    )
    rows = [hint for hint in found(event).open if hint.kind == "interval"]
    assert [ways(hint)[0] for hint in rows] == [
        "Let the event begin at 21 Oct, 22:47",
        "Let the event end at 22 Oct, 23:52",
    ]


# --- Landmarks ------------------------------------------------------------------------------------------------------
def test_a_resolution_before_the_detection(db):
    event = make_event(severity="sev2", ended_at=START + timedelta(hours=2))
    make_entry(event, minutes=60, landmark="detected", created_by=make_user())
    make_entry(event, minutes=30, landmark="resolved", created_by=make_user())
    hint = only(event, "landmarks")
    assert hint.sentence == "“Resolved”, 21 Oct, 23:22, lies before “Detected”, 21 Oct, 23:52."
    assert ways(hint) == ["Exchange the two marks", "Take “Resolved” off", "Take “Detected” off", "“Resolved” was then"]


def test_a_day_alone_contradicts_no_clock(db):
    event = make_event(severity="sev2", ended_at=START + timedelta(hours=2))
    make_entry(event, minutes=60, landmark="detected", created_by=make_user())
    make_entry(event, minutes=30, landmark="resolved", precision="day", created_by=make_user())
    assert not {"landmarks", "ends"} & set(kinds(event))


def test_an_early_alert_is_no_contradiction(db):
    event = make_event(severity="sev2")
    make_entry(event, minutes=-2, landmark="detected", created_by=make_user())
    make_entry(event, minutes=0, landmark="impact_start", created_by=make_user())
    assert "landmarks" not in kinds(event)


def test_an_end_that_the_heading_and_the_resolution_place_apart(event):
    change(event, ended_at=START + timedelta(hours=22, minutes=21))
    hint = only(event, "ends")
    assert hint.sentence == "“Resolved” is at 22 Oct, 23:03, the event’s end at 22 Oct, 21:13: 1 h 50 min apart."
    assert ways(hint) == [
        "Let the event end at 22 Oct, 23:03",
        "Put the moment at 22 Oct, 21:13",
        "Take “Resolved” off",
    ]


def test_landmarks_that_nobody_marked_offer_the_moments_that_could_be_them(db):
    event = make_event(severity="sev2")
    make_entry(event, "Alerts ring", minutes=2, created_by=make_user())
    make_entry(event, "All quiet", minutes=90, landmark="resolved", type="decision", created_by=make_user())
    change(event, ended_at=START + timedelta(minutes=90))
    rows = [hint for hint in found(event).open if hint.kind == "missing"]
    assert [hint.sentence for hint in rows] == [
        "No moment marks “Detected”.", "No moment marks “Acknowledged”.", "No moment marks “Impact ends”.",
    ]  # fmt: skip
    assert [words for _, words in rows[0].mends[0].choices] == ["22:54  Alerts ring"]
    assert rows[0].add == "mark=detected"


def test_a_thin_incident_is_asked_for_its_decision(event):
    for row in entries.ordered(event):
        row.type = ""
        row.save(update_fields=["type"])
    assert only(event, "decision").mends[0].words == "It was a decision"


def test_an_empty_timeline_is_not_asked_for_marks(db):
    assert kinds(make_event(severity="sev1")) == []


# --- Moments --------------------------------------------------------------------------------------------------------
def of_file(event: Event, text: str, minutes: int, rank: int, **extra: Any) -> Any:
    return make_entry(event, text, minutes=minutes, rank=rank, **extra)


def test_rows_of_a_record_that_its_clocks_sort_otherwise(event):
    of_file(event, "first", 20, 10)
    of_file(event, "typed wrongly", 5, 11)
    of_file(event, "third", 21, 12)
    hint = only(event, "order")
    assert hint.sentence == "“typed wrongly”, 21 Oct, 22:57, stands in its record behind a row of 21 Oct, 23:12."
    assert ways(hint) == ["It was then", "It was right after, about 23:12"]


def test_moments_that_people_add_later_are_not_out_of_order(event):
    of_file(event, "first", 20, 10)
    of_file(event, "added in the meeting", 5, 11, created_by=make_user())
    assert "order" not in kinds(event)


def test_a_moment_that_was_shared_without_a_name_is_of_no_record(event):
    of_file(event, "first", 20, 10)
    of_file(event, "from an account", 5, 11, source="account")
    assert "order" not in kinds(event)


def test_each_record_has_an_order_of_its_own(event):
    for rank, (minutes, number) in enumerate(((30, 0), (40, 1), (10, 0), (20, 1), (15, 2))):
        record = Import.objects.get_or_create(
            event=event, name="a" if rank < 2 else "b", defaults={"state": ImportState.READ}
        )[0]
        make_entry(event, f"{record.name}{number}", minutes=minutes, rank=rank, imported=record, import_row=number,
                   created_by=make_user())  # fmt: skip
    assert "b2" in only(event, "order").sentence


def test_seconds_are_no_disorder(event):
    of_file(event, "first", 20, 10)
    make_entry(event, "second", at=START + timedelta(minutes=19, seconds=30), rank=11)
    assert "order" not in kinds(event)


def test_a_moment_of_another_year(event):
    make_entry(event, at=datetime(2019, 10, 21, 23, 2, tzinfo=UTC), created_by=make_user())
    assert only(event, "far").sentence == "The moment of 21 Oct 2019, 23:02 lies 363 d 23 h after the end."


def test_a_moment_without_a_time_is_asked_for_one(event):
    make_entry(event, "Somebody calls", at=None, at_text="some time later", sort_at=START, created_by=make_user())
    assert only(event, "time").sentence == "“Somebody calls” has no time, only “some time later”."


def test_an_event_without_a_review_points_nothing_out(event):
    change(event, ended_at=None, state=State.NOT_REVIEWED, not_reviewed_reason="x")
    assert kinds(event) == []


@pytest.mark.parametrize("size", [1, 3])
def test_any_number_of_hints_takes_the_same_queries(db, size, django_assert_num_queries):
    event = make_event()
    for minutes in range(size):
        make_entry(event, minutes=100 - minutes * 10, rank=minutes)
        make_entry(event, at=None, at_text="later", sort_at=START, created_by=make_user())
    rows = entries.ordered(event)
    with django_assert_num_queries(3):
        hints.find(event, rows)


# --- Answers --------------------------------------------------------------------------------------------------------
def test_an_answer_holds_for_what_was_seen_and_no_longer(event):
    lead = make_user()
    change(event, stated_minutes=1380)
    row = mends.answer(event, only(event, "duration"), by=lead, reason="The source rounds.")
    assert kinds(event) == []
    ((hint, answer),) = found(event).answered
    assert (hint.kind, answer.reason, answer.created_by) == ("duration", "The source rounds.", lead)
    change(event, ended_at=START + timedelta(hours=20))
    assert "duration" in kinds(event)
    change(event, ended_at=START + timedelta(minutes=1451))
    mends.take_back(row, by=lead)
    assert kinds(event) == ["duration"]
