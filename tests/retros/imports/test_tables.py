"""CSV and TSV: delimiter, heading, what a column is, quotes, and rows that are none."""

import pytest

from retros.imports import limits
from retros.imports.found import Refused
from retros.imports.read import read
from tests.retros.imports.records import UTC, by_line, file, left_out, rows


def test_a_table_says_what_its_columns_are():
    reading = file("timeline.csv", zone=UTC)
    assert [(c.name, c.meaning) for c in reading.columns] == [
        ("when", "time"), ("who", "author"), ("text", "text"), ("kind", "type"), ("sys", "source"), ("dur_ms", "skip"),
    ]  # fmt: skip
    assert reading.columns[0].values == ("18/11/2026 23:09", "18/11/2026 23:13", "03/12/2026 10:00")
    assert reading.rows[0] == ("18/11/2026 23:09", "joana.m", "status to yellow", "communication", "statuspage", "412")


def test_rows_have_the_line_on_which_they_begin():
    reading = file("timeline.csv", zone=UTC)
    assert rows(reading) == [
        (2, "2026-11-18T23:09:00+00:00", "joana.m", "status to yellow"),
        (3, "2026-11-18T23:13:00+00:00", "joana.m", "coordinator joins;"),
        (5, "2026-12-03T10:00:00+00:00", "", "customers told"),
        (7, "2026-11-19T00:00:00+00:00", "ines", "first summary"),
        (11, "2026-11-18T23:20:00+00:00", "ines", '=HYPERLINK("x")'),
        (13, "2026-11-19T01:00:00+00:00", "ines", "after the quote"),
    ]
    found = by_line(reading)
    assert (found[3].last_line, found[7].precision, found[2].type, found[2].source_label) == (
        4,
        "day",
        "communication",
        "statuspage",
    )


def test_days_are_read_in_the_order_that_most_of_them_settle_with_a_mark():
    entry = by_line(file("timeline.csv", zone=UTC))[5]
    assert "The day comes first" in entry.guesses[0]


def test_rows_that_are_none_are_listed():
    assert left_out(file("timeline.csv", zone=UTC)) == [
        (6, "The heading again."),
        (8, "There is no such day."),
        (9, "The row has no time."),
        (10, "The time is not understood."),
        (12, "A quote opens here and never closes."),
    ]


def test_day_and_clock_in_two_columns_and_a_zone_in_the_heading():
    reading = file("timeline.tsv")
    assert rows(reading) == [
        (2, "2018-10-21T22:52:00+00:00", "", "leaders moved"),
        (3, "2018-10-22T00:05:00+00:00", "", "plan formed"),
    ]
    assert [e.source_url for e in reading.entries] == ["https://status.example/1", ""], "a link leads to the web"


@pytest.mark.parametrize("sign", ["=", "-", "\uff1d", "\uff20"])
def test_the_mark_before_a_formula_is_taken_off(sign):
    (entry,) = read(f"when,text\n2018-10-21T22:52:00Z,'{sign}x\n".encode(), "t.csv").entries
    assert entry.text == f"{sign}x"


@pytest.mark.parametrize(("words", "link", "kept", "said"), [
    ("x" * 10_001, "", 10_000, ["Cut after 10,000 letters."]),
    ("x", f"https://logs.example/{'q' * 480}", 1, ["Its link has more than 500 letters, and is left out."]),
    ("x", f"https://logs.example/{'q' * 479}", 1, []),
])  # fmt: skip
def test_what_a_moment_cannot_hold_is_said_beside_it(words, link, kept, said):
    (entry,) = read(f"when,text,link\n2018-10-21T22:52:00Z,{words},{link}\n".encode(), "t.csv").entries
    assert (len(entry.text), list(entry.guesses)) == (kept, said)
    assert bool(entry.source_url) == (bool(link) and not said)


def test_columns_may_be_named_by_heading_or_number():
    table = b"a,b,c\n2018-10-21T22:52:00Z,x,priya\n"
    (entry,) = read(table, "t.csv", columns={"b": "text", "3": "who"}).entries
    assert (entry.at.isoformat(), entry.text, entry.author) == ("2018-10-21T22:52:00+00:00", "x", "priya")
    with pytest.raises(Refused, match="no column “d”. There are: a, b, c"):
        read(table, "t.csv", columns={"d": "text"})
    with pytest.raises(Refused, match="“colour” is nothing that a column can be"):
        read(table, "t.csv", columns={"a": "colour"})


def test_a_table_without_a_time_asks_for_its_columns():
    reading = read(b"apples,pears\nred,green\nbrown,blue\n", "t.csv")
    assert (reading.needs_columns, reading.entries) == (True, ())
    assert [c.name for c in reading.columns] == ["apples", "pears"]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("x," * 200 + "x\n", "line 2: 201 columns. A table may have 200"),
        ("no time,x\n" * 1_003, "line 1002: more than 1 rows"),
    ],
)
def test_a_table_is_refused_at_the_row_that_is_too_much(monkeypatch, rows, why):
    monkeypatch.setattr(limits, "MAX_MOMENTS", 1)
    with pytest.raises(Refused, match=why):
        read(f"when,text\n{rows}".encode(), "t.csv")


def test_a_table_without_a_heading_numbers_its_columns():
    reading = read(b"2018-10-21 22:52,leaders moved to the west\n2018-10-21 22:54,alerts\n", "t.csv", zone=UTC)
    assert [(c.name, c.meaning) for c in reading.columns] == [("Column 1", "time"), ("Column 2", "text")]
    assert len(reading.entries) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_ends_of_lines(encoding, end):
    text = end.join(["when,who,text", '2018-10-21 22:52,Zoë,"a, b"', "2018-10-21 22:54,Zoë,c"])
    reading = read(text.encode(encoding), "t.csv", zone=UTC)
    assert rows(reading) == [
        (2, "2018-10-21T22:52:00+00:00", "Zoë", "a, b"),
        (3, "2018-10-21T22:54:00+00:00", "Zoë", "c"),
    ]


def test_rows_shorter_and_longer_than_the_heading():
    reading = read(b"when,text,who\n2018-10-21 22:52,short\n2018-10-21 22:53,x,y,z\n", "t.csv", zone=UTC)
    assert [e.text for e in reading.entries] == ["short"]
    assert left_out(reading) == [(3, "More cells than the heading has.")]


def test_epoch_seconds_and_milliseconds_in_a_column():
    reading = read(b"ts,message\n1540162320,a\n1540162440250,b\n", "t.csv")
    assert [e.at.isoformat() for e in reading.entries] == [
        "2018-10-21T22:52:00+00:00",
        "2018-10-21T22:54:00.250000+00:00",
    ]
