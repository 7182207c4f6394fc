"""Phases in words and as a drawing. Pure: rows with the fields of the model, no database."""

from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retros.document import phases


def phase(title="Build", plan=(None, None), real=(None, None), precision="day", note=""):
    ends = {"planned_start": plan[0], "planned_end": plan[1], "actual_start": real[0], "actual_end": real[1]}
    known = {f"{name}_precision": precision for name in ends}
    late = real[1] - plan[1] if plan[1] and real[1] else None
    return SimpleNamespace(title=title, note=note, variance=late, **ends, **known)


MAY, JUNE = date(2026, 5, 4), date(2026, 6, 1)


def test_no_phases_are_no_block_and_phases_without_days_no_drawing():
    assert phases.block([]) is None
    block = phases.block([phase()])
    assert [(row.planned, row.actual, row.variance) for row in block.rows] == [("", "", "")]
    assert phases.draw(block) is None


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (date(2026, 5, 4), "4 May 2026 (1 day)"),
        (date(2026, 5, 8), "4\u20138 May 2026 (5 days)"),
        (date(2026, 5, 10), "4\u201310 May 2026 (7 days)"),
        (date(2026, 5, 24), "4\u201324 May 2026 (3 weeks)"),
        (date(2026, 8, 9), "4 May \u2013 9 Aug 2026 (14 weeks)"),
    ],
)
def test_a_stretch_includes_its_last_day(end, words):
    assert phases.words(phase(plan=(MAY, end)), "planned") == words


def test_a_month_has_no_length():
    assert (
        phases.words(phase(plan=(date(2026, 5, 1), date(2026, 6, 30)), precision="month"), "planned")
        == "May 2026 \u2013 Jun 2026"
    )


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (24, "on the day"),
        (25, "+1 day"),
        (31, "+1 week"),
        (17, "\u22121 week"),
        (10, "\u22122 weeks"),
        (14, "\u221210 days"),
    ],
)
def test_whole_weeks_are_said_as_weeks(end, words):
    assert phases.variance(phase(plan=(MAY, date(2026, 5, 24)), real=(MAY, date(2026, 5, end)))) == words


def test_bars_lie_to_scale_over_months_and_the_name_goes_where_room_is():
    block = phases.block(
        [
            phase("Design", plan=(MAY, date(2026, 5, 24)), real=(MAY, date(2026, 5, 31))),
            phase("Settle", plan=(date(2026, 7, 27), date(2026, 8, 2)), real=(date(2026, 8, 3), date(2026, 8, 9))),
            phase("Everything that was to be done", plan=(MAY, date(2026, 8, 9))),
        ]
    )
    assert block.rows[0].plan == (0.0, round(21 / 98, 4))
    assert block.rows[1].real == (round(91 / 98, 4), round(7 / 98, 4))
    assert block.rows[2].real is None
    assert [words for _, words in block.marks] == ["May", "Jun", "Jul", "Aug"]
    design, settle, whole = phases.draw(block).bars
    assert (design.anchor, design.x, design.is_below) == ("start", design.plan[1], False)
    assert (settle.anchor, settle.x, settle.is_below) == ("end", settle.plan[0], False)
    assert (whole.is_below, whole.title) == (True, "Everything that was to be\u2026")


def test_a_name_beneath_its_bars_is_nearer_to_them_than_to_the_next_row():
    upper, lower = phases.draw(phases.block([phase(plan=(MAY, JUNE), real=(MAY, JUNE)) for _ in range(2)])).bars
    assert upper.is_below
    for letters, own, text, below in (
        (18, upper.paper_real_y + 18, upper.paper_text_y, lower.paper_plan_y),  # on paper
        (13, upper.real_y + 12, upper.text_y, lower.plan_y),
    ):
        top, foot = text - 0.7 * letters, text + 0.25 * letters
        assert 2 <= top - own < below - foot


def test_a_few_weeks_are_marked_by_weeks():
    block = phases.block([phase(plan=(date(2026, 7, 20), date(2026, 8, 9)))])
    assert block.marks == [(0.0, "20 Jul"), (0.3333, "27 Jul"), (0.6667, "3 Aug")]


def test_years_are_marked_and_marks_stay_few():
    marks = phases.block([phase(plan=(date(2025, 11, 3), date(2027, 2, 1)))]).marks
    assert len(marks) <= phases.MOST_MARKS
    assert "Jan 2026" in [words for _, words in marks]


DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@example(
    [
        (date(2020, 5, 14), *[date(2021, 1, 1)] * 3),
        (date(2021, 1, 1), date(2021, 1, 1), date(2028, 2, 20), date(2030, 1, 1)),
    ]
)
@given(st.lists(st.tuples(DAYS, DAYS, DAYS, DAYS), min_size=1, max_size=5))
def test_nothing_leaves_the_drawing(rows):
    block = phases.block([phase(plan=tuple(sorted(r[:2])), real=tuple(sorted(r[2:]))) for r in rows])
    for bar in phases.draw(block).bars:
        for start, length in (bar.plan, bar.real):
            assert 0 <= start <= 1
            assert 0 < length <= 1.0001 - start
        assert 0 <= bar.x <= 1
    assert all(0 <= place < 1 for place, _ in block.marks)
