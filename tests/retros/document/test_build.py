"""The header of the document, and how long an event lasted in words no finer than what is known."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from retros.document import markdown
from retros.document.build import build, date_of, name_of
from retros.document.spans import length_words, span
from retros.document.tree import Note
from retros.models import ImpactInterval, Role
from retros.services import timeline_table
from retros.services.timeline_filter import Filter
from tests.factories import START, make_entry, make_event, make_member, make_team, make_user


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2021, 12, day, hour, tzinfo=UTC)


def test_the_header_says_when_how_serious_and_who(db):
    event = make_event(
        "Cut", facilitator=make_user("Ines"), severity="sev1", severity_text="status red", team=make_team("Data platform"),
        held_at=START + timedelta(days=8), source_url="https://example.org/post",
    )  # fmt: skip
    make_member(event, make_user("Tomasz"), Role.SCRIBE)
    make_member(event, make_user("Priya"))
    make_member(event, make_user("Olga"), Role.OBSERVER)
    assert build(event).facts == [
        ("Date of event", "2018-10-21"),
        ("AAR date", "2018-10-29"),
        ("Severity / scope", "SEV-1 (status red)"),
        ("Facilitator", "Ines"),
        ("Participants", "Tomasz, Priya"),
        ("Type", "Incident"),
        ("Distribution", "Internal"),
        ("Team", "Data platform"),
        ("Held", "7 days after the event"),
        ("Source", "https://example.org/post"),
    ]


def test_the_header_names_who_was_in_the_meeting(db):
    event = make_event(facilitator=make_user("Ines"))
    assert build(event).fact("In the meeting") == ""
    make_member(event, make_user("Olga"), Role.OBSERVER, attended_at=START)
    make_member(event, make_user("Priya"))
    assert build(event).fact("In the meeting") == "Olga"


@pytest.mark.parametrize(
    ("severity", "said", "shown"),
    [("sev2", "SEV2", "SEV-2"), ("", "status red", "status red"), ("", "", ""), ("major", "", "Major launch")],
)
def test_the_severity_is_said_once(db, severity, said, shown):
    assert build(make_event(severity=severity, severity_text=said)).fact("Severity / scope") == shown


def test_a_late_meeting_is_said(db):
    assert build(make_event(held_at=START + timedelta(days=30))).fact("Held") == "29 days after the event"
    assert build(make_event(held_at=START + timedelta(days=9))).fact("Held") == ""


def test_the_date_is_that_of_the_start_in_its_zone(db):
    late = datetime(2026, 1, 1, 4, 30, tzinfo=UTC)
    assert date_of(make_event(started_at=late, ended_at=None, time_zone="America/Los_Angeles")) == "2025-12-31"
    month = make_event("Flutter 2.8", started_at=at(1), started_precision="month", ended_at=None)
    assert date_of(month) == "2021-12"
    assert name_of(build(month), "pdf") == "aar-2021-12-flutter-2-8.pdf"


@pytest.mark.parametrize(
    ("fields", "length", "words"),
    [
        ({"started_at": at(1, 10), "ended_at": at(1, 12)}, "2 h", "1 Dec 2021, 10:00 to 12:00 UTC"),
        ({"started_at": at(1, 10), "ended_at": at(2, 12)}, "26 h", "1 Dec 2021, 10:00 to 2 Dec 2021, 12:00 UTC"),
        ({"started_at": at(1), "ended_at": at(4), "started_precision": "day", "ended_precision": "day"}, "3 days", "1\u20134 Dec 2021"),
        ({"started_at": at(1, 10), "ended_at": at(4), "ended_precision": "day"}, "3 days", "1\u20134 Dec 2021"),
        ({"started_at": at(1, 10), "ended_at": at(1, 12), "ended_precision": "approx"}, "About 2 h", "1 Dec 2021, 10:00 to 12:00 UTC"),
        ({"started_at": at(1), "ended_at": None, "started_precision": "month"}, "", "Dec 2021"),
        ({"started_at": None, "ended_at": None}, "", "not stated"),
    ],
)  # fmt: skip
def test_a_length_is_no_finer_than_its_ends(db, fields, length, words):
    event = make_event(**fields)
    assert (length_words(event), span(event)) == (length, words)


def test_building_leaves_nothing_on_the_event_and_costs_the_same_for_more(db, django_assert_num_queries):
    event = make_event()
    for _size in (1, 3):
        make_member(event)
        make_entry(event)
        with django_assert_num_queries(10):
            build(event)
    assert not hasattr(event, "remembered")


def test_a_minus_is_a_minus_in_offsets_and_zones_on_the_page_in_markdown_and_in_tables(db):
    event = make_event(time_zone="America/Sao_Paulo", ended_at=START + timedelta(hours=2))
    make_entry(event, "Lag grows", minutes=-2)
    make_entry(event, "Alert", minutes=0, landmark="detected", utc_offset=-180)
    ImpactInterval.objects.create(event=event, label="Reads", started_at=START, ended_text="once the copy was there")
    told = build(event)
    for text in (markdown.render(told), timeline_table.as_csv(event, Filter())):
        assert "T−00:02" in text
        assert re.findall(r"\bT-\d|[ (]-\d|UTC-\d", text) == []
    note = next(block for section in told.sections for block in section.blocks if isinstance(block, Note))
    assert "UTC−3, the detection." in note.text
    assert markdown.render(told).count("UTC−3") >= 3  # T-0, the whole event, the stretch with one end
