"""Plain data into an event file: nothing is lost in silence, nothing is finer than it was given."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retros.exchange import warnings
from retros.exchange.schema import Invalid, parse


def parsed(**fields):
    return parse({"title": "Cut", **fields})


def test_only_a_title_is_needed():
    event = parsed()
    assert (event.title, event.kind, event.entries, event.actions, event.unknown_fields) == (
        "Cut",
        "incident",
        [],
        [],
        [],
    )


def test_figures_keep_their_words_and_numbers():
    event = parsed(
        impact={"numbers": {"events_queued": 5000000, "left_gb": 4.5}, "site_down_minutes": 28, "duration_minutes": 30},
        outcome={"date_met": True, "user_reports": "a few", "nothing": None},
    )
    assert event.figures == [
        ("5,000,000", "events queued"),
        ("4.5", "left gb"),
        ("28", "site down minutes"),
        ("yes", "date met"),
        ("a few", "user reports"),
    ]
    assert event.stated_minutes == 30


def test_detection_keeps_whatever_the_file_says_about_it():
    event = parsed(detection={"how": "an alert", "monitored_alert": True, "minutes_to_alert": 2})
    assert event.detected_how == "an alert; monitored alert: yes; minutes to alert: 2"
    assert parsed(detection={"how": "x" * 290, "monitored_alert": True}).detected_how == "x" * 290


def test_intervals_keep_labels_windows_and_words():
    impact = {
        "started_at": "2026-05-12T09:00:00Z",
        "builds_ended_at": "2026-05-12T10:00:00Z",
        "site_ended_at": "2026-05-12T11:00:00Z",
        "data_loss_window": "17:20 to 00:00, or 23:25",
    }
    event = parsed(impact=impact)
    assert [(row.label, row.start_text) for row in event.intervals] == [
        ("builds", ""),
        ("site", ""),
        ("data loss window", "17:20 to 00:00, or 23:25"),
    ]
    assert event.end == event.intervals[1].end
    vague = parsed(impact={"started_at_text": "before 16:30", "ended_at_text": "after lunch"})
    assert [(row.start_text, row.end_text, row.start) for row in vague.intervals] == [
        ("before 16:30", "after lunch", None)
    ]


def test_fields_that_are_left_out_are_named_wherever_they_stand():
    event = parsed(
        colour="red",
        impact={"mood": "bad", "numbers": {}},
        timeline=[{"at": "2026-05-12", "what": "x", "who": "Eve"}],
        actions=[{"text": "x", "priority": 1}, {"text": "y", "priority": 2}],
        contributing_factors=["plain", {"text": "x", "weight": 1}],
    )
    assert event.unknown_fields == [
        "actions: priority",
        "colour",
        "contributing_factors: weight",
        "impact: mood",
        "timeline: who",
    ]


def test_many_unknown_fields_are_not_a_page_of_warnings():
    found = [w for w in warnings.find(parsed(**{f"field{n}": n for n in range(500)})) if w.kind == "unknown_field"]
    assert len(found) == 21
    assert found[-1].detail.startswith("480 further fields")


def test_an_end_before_the_start_is_no_event():
    with pytest.raises(Invalid, match="the end lies before the start"):
        parsed(started_at="2026-05-12", ended_at="2026-05-01")


def test_severity_is_a_text_or_stated_and_suggested():
    assert parsed(severity="status red").severity_stated == "status red"
    both = parsed(severity={"stated": None, "suggested": "SEV1"})
    assert (both.severity_stated, both.severity_suggested) == ("", "SEV1")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "title", "kind", "date", "timezone", "severity", "summary", "impact", "detection", "timeline", "root_causes", "whys",
    "contributing_factors", "what_went_well", "luck", "actions", "goals", "outcome", "lessons", "verification",
]  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELDS), values, max_size=6))
def test_whatever_the_fields_hold_it_is_an_event_file_or_refused(data):
    with suppress(Invalid):
        assert all(found.detail for found in warnings.find(parse({"title": "Cut", **data})))
