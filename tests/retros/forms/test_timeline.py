"""The form of a moment: a time is read, words are kept as words, what only looks like a time is asked again."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from retros.forms.timeline import EntryForm, initial_of
from retros.models import TimelineEntry
from retros.when import When
from tests.factories import START, make_event

DAY = date(2018, 10, 21)


def form(event: Any = None, **data: Any) -> EntryForm:
    values = {"time": "23:02", "text": "Alerts ring", "source": "memory", **data}
    return EntryForm(values, event=event or make_event(), day=DAY, zero=START)


@pytest.mark.parametrize(
    ("typed", "when", "words"),
    [("23:02", When(datetime(2018, 10, 21, 23, 2, tzinfo=UTC), None, "exact"), ""),
     ("T+00:10", When(datetime(2018, 10, 21, 23, 2, tzinfo=UTC), None, "exact"), ""),
     ("Friday before release", None, "Friday before release"), ("shortly before 23:00", None, "shortly before 23:00"),
     ("between 22:50 and 23:10", None, "between 22:50 and 23:10")],
)  # fmt: skip
def test_times_and_words(db, typed, when, words):
    bound = form(time=typed)
    assert not bound.errors
    assert (bound.cleaned_data["when"], bound.fields_of_entry()["at_text"]) == (when, words)


@pytest.mark.parametrize(
    ("data", "field", "said"),
    [({"time": ""}, "time", "required"), ({"time": "25:99"}, "time", "no time of day"), ({"time": "12/05"}, "time", "in two ways"),
     ({"text": ""}, "text", "required"), ({"text": "x" * 10001}, "text", "at most 10000"),
     ({"landmark": "x"}, "landmark", "valid choice"), ({"source": "x"}, "source", "valid choice"),
     ({"source_url": "javascript:alert(1)"}, "source_url", "valid URL"), ({"source_url": "//evil"}, "source_url", "valid URL"),
     ({"time": "x" * 121}, "time", "at most 120")],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field(db, data, field, said):
    bound = form(**data)
    assert set(bound.errors) == {field}
    assert said in bound.errors[field][0]


def test_an_hour_that_was_twice_is_asked_for(db):
    bound = form(make_event(time_zone="Europe/Berlin"), time="28 Oct 2018, 02:30")
    assert "was twice on that day" in bound.errors["time"][0]


def test_the_hint_names_the_day_of_a_bare_clock(db):
    assert "means Sun 21 Oct 2018" in form().fields["time"].help_text


@pytest.mark.parametrize(
    ("values", "typed"),
    [({"utc_offset": None}, "21 Oct 2018, 23:02:41"), ({"utc_offset": 120}, "22 Oct 2018, 01:02:41 +02:00"),
     ({"utc_offset": 0, "precision": "approx"}, "about 21 Oct 2018, 23:02:41 Z"), ({"precision": "day"}, "21 Oct 2018"),
     ({"precision": "month"}, "2018-10"), ({"at": None, "at_text": "that night"}, "that night")],
)  # fmt: skip
def test_a_kept_time_fills_the_form_and_reads_back_to_itself(db, values, typed):
    event = make_event()
    kept = {"at": datetime(2018, 10, 21, 23, 2, 41, tzinfo=UTC), "utc_offset": None, "text": "x", **values}
    entry = TimelineEntry(event=event, **kept)
    assert initial_of(entry)["time"] == typed
    bound = form(event, time=typed)
    assert not bound.errors
    if kept["at"] and kept.get("precision", "exact") in {"exact", "approx"}:
        assert bound.cleaned_data["when"] == When(kept["at"], kept["utc_offset"], kept.get("precision", "exact"))
