"""What is read from an action typed in one line, and what is left in it because it is not certain."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from actions import sections
from actions.oneline import day, read

TODAY = date(2026, 11, 25)  # a Wednesday
PRIYA, MARCUS, ANNA_K, ANNA_L = (SimpleNamespace(name=n) for n in ("Priya Raman", "Marcus", "Anna Kurz", "Anna Lang"))
PEOPLE = [PRIYA, MARCUS, ANNA_K, ANNA_L]


@pytest.mark.parametrize(
    ("line", "title", "owner", "due", "size"),
    [
        ("Stop the tool. Priya by 17 Dec, S", "Stop the tool", PRIYA, date(2026, 12, 17), "S"),
        ("Stop the tool. Priya Raman by 17 Dec 2027, M", "Stop the tool", PRIYA, date(2027, 12, 17), "M"),
        ("Stop the tool across regions Priya by Friday", "Stop the tool across regions", PRIYA, date(2026, 11, 27), ""),
        ("Stop the tool, @marcus, due 2026-12-01, size: l", "Stop the tool", MARCUS, date(2026, 12, 1), "L"),
        ("Stop the tool. Marcus by tomorrow, days", "Stop the tool", MARCUS, date(2026, 11, 26), "M"),
        ("Move service S. Priya by 17 Dec, M", "Move service S", PRIYA, date(2026, 12, 17), "M"),
        ("Stop the tool. Priya by Thu 17 Dec, S", "Stop the tool", PRIYA, date(2026, 12, 17), "S"),
        ("Ring the vendor by 3 Jan", "Ring the vendor", None, date(2027, 1, 3), ""),
        ("Stop the tool", "Stop the tool", None, None, ""),
        ("  Stop   the\n tool ", "Stop the tool", None, None, ""),
        ("", "", None, None, ""),
    ],
)
def test_what_a_line_says(line, title, owner, due, size):
    found = read(line, PEOPLE, TODAY)
    assert (found.title, found.owner, found.due_on, found.size) == (title, owner, due, size)


def test_closed_when_is_taken_out_and_made_a_sentence():
    found = read("Stop the tool. Priya by 17 Dec, S. Closed when a test proves it", PEOPLE, TODAY)
    assert (found.title, found.closed_when) == ("Stop the tool", "A test proves it.")
    assert found.understood == ["owner", "date", "size", "“closed when”"]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("db1 shows it", "db1 shows it."),
        ("/readyz says so.", "/readyz says so."),
        ("it holds", "It holds."),
        (".", "."),
    ],
)
def test_closed_when_keeps_a_name_as_it_is_spelled(words, kept):
    assert read(f"Stop the tool. Closed when {words}", PEOPLE, TODAY).closed_when == kept


def test_a_name_that_fits_two_people_is_asked_about_and_stays():
    found = read("Stop the tool. Anna by 17 Dec, S", PEOPLE, TODAY)
    assert (found.owner, found.owner_text, found.unclear) == (None, "Anna", ["2 people are called Anna"])
    assert "Anna" in found.title


def test_a_name_that_nobody_has_is_kept_as_words():
    found = read("Stop the tool @zoe by 17 Dec", PEOPLE, TODAY)
    assert (found.owner, found.owner_text, found.unclear) == (None, "zoe", ["nobody here is called zoe"])


def test_a_day_that_is_none_is_said_and_stays_in_the_title():
    found = read("Stop the tool. Priya by 31 Feb, S", PEOPLE, TODAY)
    assert found.due_on is None
    assert found.unclear == ["“31 Feb” is no date that we know"]
    assert "31 Feb" in found.title


@pytest.mark.parametrize(
    ("words", "on"),
    [("17 Dec", date(2026, 12, 17)), ("3 january", date(2027, 1, 3)), ("2026-12-01", date(2026, 12, 1)),
     ("Wednesday", date(2026, 12, 2)), ("next fri", date(2026, 11, 27)), ("today", TODAY), ("soon", None),
     ("14:00", None), ("17.12.2026", date(2026, 12, 17)), ("29 Feb", None),
     ("20 Nov", date(2026, 11, 20)), ("1 Oct", date(2026, 10, 1)), ("1 Sep", date(2027, 9, 1))],
)  # fmt: skip
def test_days_as_people_type_them(words, on):
    assert day(words, TODAY) == on


def test_the_example_at_the_line_holds_all_that_a_line_can_say():
    found = read(sections._example(TODAY), PEOPLE, TODAY)
    assert (found.title, found.owner, found.due_on) == (
        "Stop the tool from promoting across regions",
        PRIYA,
        TODAY + timedelta(days=14),
    )
    assert (found.size, found.closed_when, found.unclear) == ("S", "A rehearsal shows it.", [])
