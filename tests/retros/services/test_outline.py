"""Marks answer what entries answer, in one query for any number; T-0 and the last day without a look at all of them."""

from datetime import date, timedelta

import pytest

from retros import timing
from retros.document.chart import trace_of
from retros.services import entries, outline
from tests.factories import START, make_entry, make_event


def test_a_mark_says_what_its_entry_says(db):
    event = make_event(time_zone="Europe/Berlin")
    make_entry(event, "first", landmark="detected", is_key=True, until=START + timedelta(minutes=3))
    make_entry(event, "second", minutes=40, utc_offset=None, precision="approx", landmark="phase")
    make_entry(event, "third", minutes=90, utc_offset=-300, type="decision", source="chat")
    entries.insert(event, by=None, when=None, text="vague", at_text="later")
    rows, marks = entries.ordered(event), outline.of(event)
    for tell in (timing.clock_label, timing.zone_label, timing.until_label, timing.foreign_zone):
        assert [tell(mark) for mark in marks] == [tell(row) for row in rows]
    assert [(m.pk, m.is_key, m.type, m.source, m.get_landmark_display()) for m in marks] == [
        (r.pk, r.is_key, r.type, r.source, r.get_landmark_display()) for r in rows
    ]
    assert [mark.name for mark in marks] == ["", "second", "", ""]
    assert trace_of(event, marks) == trace_of(event, rows)
    assert timing.gaps(marks) == timing.gaps(rows)


@pytest.mark.parametrize("size", [1, 3])
def test_any_number_costs_one_query(db, django_assert_num_queries, size):
    event = make_event()
    for n in range(size):
        make_entry(event, minutes=n)
    with django_assert_num_queries(1):
        assert [mark.local_at is not None for mark in outline.of(event)] == [True] * size


def test_zero_is_found_without_the_others(db):
    event = make_event(started_at=None, ended_at=None)
    assert outline.zero_of(event) is None
    assert outline.last_day(event) is None
    first = make_entry(event, at=START)
    assert outline.zero_of(event) == START
    make_entry(event, at=START + timedelta(hours=1), landmark="detected")
    assert outline.zero_of(event) == START + timedelta(hours=1)
    event.t0_entry = first
    assert outline.zero_of(event) == START
    make_entry(event, at=START + timedelta(hours=2), utc_offset=120)
    assert outline.last_day(event) == date(2018, 10, 22)


@pytest.mark.parametrize(
    ("days", "precision", "on"),
    [(-20, "exact", 21), (0, "exact", 21), (30, "exact", 21), (30, "day", 22), (30, "month", 31)],
)
def test_moments_far_from_the_event_lend_no_day_to_the_next_one(db, days, precision, on):
    event = make_event(ended_at=START.replace(day=22, hour=0, minute=0), ended_precision=precision)
    make_entry(event, at=START + timedelta(days=days))
    assert outline.last_day(event) == date(2018, 10, on)


def test_the_zero_of_a_decision_is_the_decision(db):
    event = make_event(kind="decision")
    make_entry(event, minutes=5, landmark="detected")
    assert outline.zero_of(event) == START
    make_entry(event, minutes=9, type="decision")
    assert outline.zero_of(event) == START + timedelta(minutes=9)


def test_the_first_sign_comes_with_its_words(db):
    event = make_event()
    make_entry(event, "before")
    assert outline.first_sign(event, outline.of(event)) is None
    make_entry(event, "Alerts ring", minutes=2, landmark="detected")
    assert outline.first_sign(event, outline.of(event)).text == "Alerts ring"
