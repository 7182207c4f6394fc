"""An older review in Markdown: lists, tables, headings that are days, and our own export."""

import pytest
from django.test import RequestFactory

from retros.document import markdown
from retros.imports.found import Refused
from retros.imports.read import read
from retros.models import Landmark
from retros.services import publishing
from tests.factories import START, make_cast, make_entry
from tests.retros.imports.records import CAPTURED, UTC, by_line, file, left_out, rows


def test_a_list_below_a_heading_that_names_zone_and_day():
    reading = file("review.md")
    assert rows(reading) == [
        (9, "2019-10-21T01:38:00+00:00", "", "Site-down alert pages the backup contact"),
        (10, "2019-10-21T01:39:00+00:00", "", "A maintainer joins and finds the root partition full"),
        (12, "2019-10-21T01:52:00+00:00", "", "Enlarging the disk is proposed"),
        (14, "2019-10-21T08:19:00+00:00", "", "Failed builds are queued again"),
        (18, "2019-10-22T00:10:00+00:00", "", "Summary goes out to the list"),
    ]
    found = by_line(reading)
    assert found[10].text.endswith("\n- the graph had shown it for weeks")
    assert (found[12].precision, found[18].source_url) == ("approx", "https://list.example/7")


def test_what_the_review_says_of_itself_is_marked_where_it_was_used():
    found = by_line(file("review.md"))
    assert found[9].guesses == (
        "Day 2019-10-21, which the record says of itself; the line has a clock only.",
        "Clock of UTC, as the record says of all its times.",
    )
    assert found[14].guesses == (), "the line says all of it"
    assert "The record says until 01:45; the end is not read." in found[10].guesses


def test_lines_without_a_time_are_listed_and_the_rest_of_the_review_by_runs():
    assert [(p.line, p.last_line, p.reason) for p in file("review.md").skipped] == [
        (1, 5, "Stands outside the timeline."),
        (13, 0, "Stands in the timeline and has no time."),
        (20, 22, "Stands outside the timeline."),
    ]


def test_a_table_and_the_zone_of_a_place():
    reading = file("review-table.md")
    assert rows(reading) == [
        (7, "2023-06-06T10:23:00+01:00", "Joana", "A user reports that all pods vanished"),
        (8, "2023-06-06T10:30:00+01:00", "Femi", "Nodes are seen to be replaced | all at once"),
    ]
    assert left_out(reading)[1] == (9, "The time is not understood.")


def test_a_zone_that_is_told_counts_more_than_what_the_review_says():
    (first, *_) = file("review-table.md", zone=UTC).entries
    assert (first.at.isoformat(), first.guesses) == ("2023-06-06T10:23:00+00:00", ())


def test_a_title_may_name_the_day_and_a_heading_the_zone():
    (entry,) = read(b"# Storage, 2017-02-28\n\n## Timeline (all times PST)\n\n- 09:37 command runs\n").entries
    assert entry.at.isoformat() == "2017-02-28T09:37:00-08:00"
    assert len(entry.guesses) == 2


def test_what_a_sentence_counts_is_no_day():
    reading = read(
        b"## Timeline\n\n- 3/4 of all shards are back\n- May 5 nodes fail\n- 5 May: deploy, 2019-05-05 10:00\n",
        captured=CAPTURED,
    )
    assert [e.text for e in reading.entries] == ["deploy, 2019-05-05 10:00"]
    assert [p.line for p in reading.skipped] == [3, 4]


def test_a_review_without_a_timeline_is_refused():
    with pytest.raises(Refused, match="no row of a timeline"):
        read(b"# Review\n\n## Timeline\n\nNothing recorded.\n", format="markdown")


def test_our_own_export_comes_back_as_it_was(db, rf: RequestFactory):
    event = make_cast().event
    make_entry(
        event, text="Leaders *moved* to the west", at=START, utc_offset=0, landmark=Landmark.DETECTED, is_key=True
    )
    make_entry(event, text="Alerts", at=START.replace(minute=59), utc_offset=0, source="chat", source_label="#ops")
    make_entry(event, text="Summary", at=START, utc_offset=0, precision="day")
    whole, _ = publishing.exported(event)
    reading = read(markdown.render(whole).encode())
    found = {entry.text: entry for entry in reading.entries}
    assert set(found) == {"Leaders *moved* to the west", "Alerts", "Summary"}
    first, second = found["Leaders *moved* to the west"], found["Alerts"]
    assert (first.at, first.landmark, first.is_key, first.precision) == (
        START.replace(second=0),
        "detected",
        True,
        "exact",
    )
    assert (second.source, second.source_label, second.is_key) == ("chat", "#ops", False)
    assert found["Summary"].precision == "day"
