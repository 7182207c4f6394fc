"""What the page of a record shows: filters with their counts, rows as they will stand, where the new moments fall."""

from datetime import timedelta
from typing import Any

import pytest

from retros.imports.found import Found, Problem
from retros.services import import_page, import_rows
from tests.factories import START, make_entry, make_event, make_import


def found(line: int, minutes: float | None, text: str = "", **extra: Any) -> Found:
    at = None if minutes is None else START + timedelta(minutes=minutes)
    return Found(line=line, text=text or f"line {line}", at=at, offset=0 if at else None, **extra)


def page(imp: Any, show: str = "", number: int = 1) -> import_page.Page:
    return import_page.page(imp, import_rows.unpack(imp), show=show, number=number)


def test_filters_count_and_show_their_rows(cast):
    make_entry(cast.event, "there", minutes=4)
    imp = make_import(
        cast.event,
        found(1, 4, "there"),
        found(2, -5),
        found(3, 10, guesses=("The day is that of the line before.",)),
        found(4, None, unclear="No clock"),
        found(5, 10, "line 3"),
        found(6, 60 * 25),
        by=cast.scribe,
    )
    shown = page(imp)
    assert [(name, count) for name, _, count in shown.filters] == [
        ("", 6), ("add", 3), ("same", 2), ("unclear", 1), ("guessed", 1), ("outside", 2),
    ]  # fmt: skip
    lines = {show: [row.found.line for row in page(imp, show).rows] for show in ("add", "same", "unclear", "outside")}
    assert lines == {"add": [2, 3, 6], "same": [1, 5], "unclear": [4], "outside": [2, 6]}
    assert [(row.same > 0, row.same_line) for row in page(imp, "same").rows] == [(True, 0), (False, 3)]
    assert page(imp, "nonsense").show == ""


def test_rows_stand_as_they_will_stand(cast):
    imp = make_import(cast.event, found(7, 63, author="joana", source="chat", source_label="#ops"), by=cast.scribe)
    row = page(imp).rows[0]
    assert (row.line.offset, row.line.clock, row.line.source) == (
        "T+01:03",
        "23:55",
        "joana · Chat · #ops, line 7 of app.log",
    )


def test_unclear_times_offer_their_readings_and_the_words_of_the_source(cast):
    ways = (START + timedelta(hours=1), START + timedelta(hours=13))
    imp = make_import(cast.event, found(1, None, at_text="11:52", unclear="Noon?", choices=ways), by=cast.scribe)
    assert [way.words for way in page(imp).rows[0].readings] == [
        "21 Oct 2018, 23:52 UTC = T+01:00", "22 Oct 2018, 11:52 UTC = T+13:00", "“11:52”, without a moment",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("count", "number", "rows", "numbers"), [(0, 1, 0, []), (100, 9, 100, []), (1_050, 11, 50, [1, 0, 9, 10, 11])]
)
def test_pages_are_a_hundred_rows(cast, count, number, rows, numbers):
    imp = make_import(cast.event, *[found(n, n / 60) for n in range(1, count + 1)] or [found(1, 1)], by=cast.scribe)
    shown = page(imp, "" if count else "same", number)
    assert (len(shown.rows), shown.numbers) == (rows, numbers)


def test_where_new_moments_fall_is_drawn_to_scale_and_not_too_densely(cast):
    imp = make_import(cast.event, *[found(n, n) for n in range(1, 1_000)], by=cast.scribe)
    shown = page(imp)
    assert shown.trace is not None
    assert len(shown.fresh) <= import_page.MOST_NEW
    assert (shown.fresh[0], shown.fresh[-1]) == (0.0, pytest.approx(999 / 1451, abs=0.01))


@pytest.mark.parametrize("minutes", [None, 0])
def test_an_event_without_any_time_has_a_page_too(db, minutes):
    event = make_event(started_at=None, ended_at=None)
    imp = make_import(event, found(1, minutes))
    assert len(page(imp).rows) == 1


def test_what_was_not_read_is_told_by_reason(cast):
    imp = make_import(cast.event, found(1, 1), by=cast.scribe)
    staged = import_rows.unpack(imp)
    assert staged.skipped == 0
    problems = tuple(
        Problem(n, ("no time", "no JSON")[n % 3 == 0], f"line {n}") for n in range(import_rows.KEPT_SKIPPED + 9)
    )
    reading = type(staged.reading)(format="log", lines=9, skipped=problems)
    imp.reading = import_rows.pack(reading, [])
    imp.chosen = ""
    shown = page(imp, "skipped", 2)
    assert shown.skipped == import_rows.KEPT_SKIPPED + 9
    assert shown.reasons[0][0] == "no time"
    assert shown.problems[0].line == 100
