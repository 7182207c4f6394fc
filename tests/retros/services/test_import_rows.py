"""A reading that waits: what is packed comes out again, what is there already is found at the same cost however often it stands there."""

import time
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from retros.imports.found import Column, Found, Person, Problem, Reading
from retros.models import Import
from retros.services import import_rows
from tests.factories import START, make_entry, make_import

BERLIN = timezone(timedelta(hours=2))


def test_what_is_packed_comes_out_as_it_was():
    whole = Found(
        line=3, text="text \u2603 \ud800", at=datetime(2018, 10, 22, 1, 0, tzinfo=BERLIN), offset=120, precision="approx",
        at_text="1 am", author="joana", source="chat", source_label="#ops", source_url="https://x.example", raw="raw",
        type="action", landmark="detected", is_key=True, guesses=("a", "b"), unclear="Noon?",
        choices=(START, START + timedelta(hours=12)), thread=2, last_line=5, file="a.json", item=4,
    )  # fmt: skip
    reading = Reading(
        format="slack", format_label="Slack export", why="it is one", lines=9, entries=(whole, Found(line=1, text="bare")),
        skipped=(Problem(2, "no time", "junk", "a.json", 3),), needs_zone=True, needs_order=True, order="2 of 3",
        people=(Person("U1", "priya", 3, True),), columns=(Column("when", ("a", "b"), "time"),), rows=(("a", "b"),),
        files=("a.json",),
    )  # fmt: skip
    staged = import_rows.unpack(Import(reading=import_rows.pack(reading, [0, 7])))
    assert [staged.found(index, {}) for index in (0, 1)] == list(reading.entries)
    assert (staged.same, staged.reasons) == ([0, 7], [("no time", 1)])
    for field in fields(Reading):
        expected = () if field.name == "entries" else getattr(reading, field.name)
        assert getattr(staged.reading, field.name) == expected, field.name


def test_another_comparison_changes_nothing_else():
    reading = Reading(format="log", entries=(Found(line=1, text="a"),))
    imp = Import(reading=import_rows.pack(reading, [0]))
    imp.reading = import_rows.repack(imp, [9])
    staged = import_rows.unpack(imp)
    assert (staged.same, staged.found(0, {})) == ([9], reading.entries[0])


@pytest.mark.parametrize(
    ("text", "raw", "seconds", "is_same"),
    [
        ("alerts  RING", "", 0, True),
        ("alerts ring", "", 59, True),  # typed to the minute, logged to the second
        ("alerts ring", "", 60, False),
        ("mended words", "22:52 alerts ring", 0, True),  # the same line, whose entry was edited since
        ("other", "", 0, False),
    ],
)
def test_the_same_words_in_the_same_minute_are_the_same(cast, text, raw, seconds, is_same):
    entry = make_entry(cast.event, "Alerts ring", raw="22:52 alerts ring")
    row = (START + timedelta(seconds=seconds), "", text, raw)
    assert import_rows.same_as(cast.event, [row]) == [entry.pk if is_same else 0]


def test_entries_that_were_taken_out_are_not_there(cast):
    make_entry(cast.event, "Alerts ring", removed_at=START)
    make_import(cast.event, Found(line=1, text="hidden", at=START), by=cast.scribe)
    assert import_rows.same_as(cast.event, [(START, "", "Alerts ring", ""), (START, "", "hidden", "")]) == [0, 0]


def test_moments_without_a_time_are_compared_by_their_words_for_it(cast):
    entry = make_entry(cast.event, "Calls begin", at=None, at_text="before noon", sort_at=None)
    rows = [(None, "before noon", "calls begin", ""), (None, "after noon", "calls begin", "")]
    assert import_rows.same_as(cast.event, rows) == [entry.pk, 0]


def test_the_same_line_many_times_costs_no_more_than_different_ones(cast):
    def took(rows: list[Any]) -> float:
        began = time.process_time()
        import_rows.same_as(cast.event, rows)
        return time.process_time() - began

    same = [(START, "", "connection refused", "")] * 20_000
    different = [(START + timedelta(seconds=n), "", f"connection {n} refused", "") for n in range(20_000)]
    assert took(same) < 5 * took(different) + 0.1


def test_provenance_says_line_item_and_file():
    imp = Import(name="export.zip")
    rows = [
        (Found(line=214, text="x"), "line 214 of export.zip"),
        (Found(line=2, last_line=4, text="x", source_label="#ops"), "#ops, lines 2\u20134 of export.zip"),
        (Found(line=7, text="x", source_label="#ops", thread=2), "#ops, line 7 of export.zip, answers line 2"),
        (Found(line=9, item=3, text="x", file="ops/2018-10-21.json"), "item 3 of ops/2018-10-21.json"),
    ]
    assert [import_rows.provenance(imp, found) for found, _ in rows] == [words for _, words in rows]


def test_what_is_left_out_is_told_by_reason(cast):
    make_entry(cast.event, "there")
    imp = make_import(
        cast.event,
        Found(line=1, text="there", at=START),
        Found(line=2, text="new", at=START),
        Found(line=3, text="new", at=START),
        Found(line=4, text="when?", unclear="No clock"),
        Found(line=5, text="unwanted", at=START),
        by=cast.scribe,
    )
    imp.chosen = "01000"
    outcome = import_rows.outcome_of(imp, import_rows.unpack(imp))
    assert dict(outcome["reasons"]) == {
        "already in the timeline": 1, "repeats another line": 1, "its time is unclear": 1, "not chosen": 1,
    }  # fmt: skip
    assert (outcome["left"], outcome["found"]) == (4, 5)
    assert outcome["rows"][0] == ["line 1", "already in the timeline", "there"]


def test_a_choice_by_hand_outlives_another_reading(cast):
    rows = [Found(line=n, text=f"t{n}", at=START + timedelta(minutes=n)) for n in (1, 2)]
    unclear = Found(line=3, text="t3", unclear="No zone", choices=(START,))
    imp = make_import(cast.event, *rows, unclear, by=cast.scribe)
    before = (import_rows.unpack(imp), "100", {"2": 0})  # the second was cleared by hand, the third picked
    again = Reading(
        format="log", entries=(Found(line=9, text="t9", at=datetime(2018, 1, 1, tzinfo=UTC)), *rows, unclear)
    )
    assert import_rows.carried(before, again, [0, 0, 0, 0]) == ("1100", {"3": 0})
