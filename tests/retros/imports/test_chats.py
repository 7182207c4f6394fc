"""Copies of chats: who, when, what, and what goes on over several lines."""

from datetime import date

from retros.imports.read import read
from tests.retros.imports.records import CAPTURED, UTC, by_line, file, left_out, rows

JOINED = "Somebody joins or leaves, or the chat program speaks."


def test_teams_with_dates_and_a_clock_of_twelve_hours():
    reading = file("teams.txt", zone=UTC)
    assert rows(reading) == [
        (1, "2018-10-21T22:52:00+00:00", "Priya Natarajan", "Leaders went west, and the writes with them."),
        (3, "2018-10-21T22:54:00+00:00", "Marcus Bell", "Alerts everywhere"),
        (8, "2018-10-21T23:02:00+00:00", "Priya Natarajan", "The layout lists west only: note the colon"),
        (10, "2018-10-22T00:05:00+00:00", "Femi Ade", "Plan: restore, sync, fall back"),
    ]
    assert left_out(reading) == [(7, JOINED)]
    assert by_line(reading)[3].text == "Alerts everywhere\n - database\n - hooks"
    assert "passed midnight" in by_line(reading)[10].guesses[0], "the last line had no day of its own"
    assert (reading.format, by_line(reading)[1].source) == ("chat", "chat")


def test_days_as_headings_in_german():
    assert rows(file("teams-de.txt", zone=UTC)) == [
        (2, "2018-10-21T22:52:00+00:00", "Priya Natarajan", "Die Leader sind nach Westen gezogen."),
        (4, "2018-10-21T22:54:00+00:00", "Marcus Bell", "Überall Alarme."),
        (7, "2018-10-22T00:05:00+00:00", "Femi Ade", "Plan steht."),
    ]


def test_the_window_of_slack_with_names_above_their_times():
    reading = file("slack-copy.txt", zone=UTC, day=date(2018, 11, 2), captured=CAPTURED)
    assert rows(reading) == [
        (1, "2018-11-02T22:52:00+00:00", "Priya Natarajan", "leaders moved to the west coast"),
        (5, "2018-11-02T22:54:00+00:00", "Priya Natarajan", "many alerts"),
        (7, "2018-11-02T23:09:00+00:00", "joana.m", "status to yellow"),
        (11, "2018-11-03T00:05:00+00:00", "femi", "the plan is formed"),
    ]
    assert by_line(reading)[1].text == "leaders moved to the west coast\nthis one goes on"


def test_chat_without_a_day_is_asked():
    reading = file("slack-copy.txt", zone=UTC, captured=CAPTURED)
    assert reading.needs_day
    assert by_line(reading)[1].unclear == "The clock names no day."


def test_irc_whose_day_changes():
    reading = file("irc.txt", zone=UTC)
    assert rows(reading) == [
        (2, "2018-10-21T22:52:00+00:00", "priya", "leaders moved"),
        (3, "2018-10-21T22:54:00+00:00", "marcus", "alerts"),
        (6, "2018-10-22T00:05:00+00:00", "femi", "plan formed"),
    ]
    assert left_out(reading) == [(4, JOINED)]
    assert not any(entry.guesses for entry in reading.entries), "the record names its days itself"


def test_whatsapp():
    reading = file("whatsapp.txt", zone=UTC)
    assert rows(reading) == [
        (1, "2018-10-21T22:52:10+00:00", "Priya", "leaders moved"),
        (2, "2018-10-21T22:54:00+00:00", "Marcus Bell", "alerts"),
        (4, "2018-10-22T00:05:30+00:00", "Femi", "plan formed"),
    ]
    assert by_line(reading)[2].last_line == 3


def test_many_ways_to_write_who_and_when():
    for line in (
        "[10:52 • 21/10/2018] Priya: words",
        "[21/10/2018 10:52] Priya\nwords",
        "21/10/2018, 10:52 - Priya: words",
        "[21/10/2018 10:52] Priya: words",
        "21.10.2018, 10:52 - Priya: words",
        "2018-10-21 10:52 <Priya> words",
        "Priya [21/10/2018 10:52 AM]\nwords",
        "Priya — 21/10/2018 10:52 AM\nwords",
        "Priya, 21. Oktober 2018 um 10:52 Uhr\nwords",
        "\u200e[21/10/2018, 10:52:00\u202fAM] Priya: words",
    ):
        (row,) = rows(read(line.encode(), zone=UTC, format="chat"))
        assert row == (1, "2018-10-21T10:52:00+00:00", "Priya", "words"), line


def test_what_the_same_person_goes_on_to_say_has_the_half_of_the_day_above():
    text = "Priya :palm_tree:  11:58 PM\nleaders moved west\n11:59\nand more alerts\n12:02\nplan is formed\n"
    found = read(text.encode(), zone=UTC, day=CAPTURED).entries
    assert [(e.at.isoformat()[8:16], e.author, e.text) for e in found] == [
        ("03T23:58", "Priya", "leaders moved west"),
        ("03T23:59", "Priya", "and more alerts"),
        ("04T00:02", "Priya", "plan is formed"),
    ]
    assert "Read as pm, like the message above." in found[1].guesses


def test_a_word_behind_a_time_in_brackets_is_who_wrote_the_lines_below_it_and_else_the_words():
    text = "[21/10/2018 10:52] joana.m\nstatus to yellow\n[21/10/2018 10:53] alerts\n[21/10/2018 10:54] femi\nplan formed\n"
    assert rows(read(text.encode(), zone=UTC)) == [
        (1, "2018-10-21T10:52:00+00:00", "joana.m", "status to yellow"),
        (3, "2018-10-21T10:53:00+00:00", "", "alerts"),
        (4, "2018-10-21T10:54:00+00:00", "femi", "plan formed"),
    ]


def test_today_and_yesterday_depend_on_the_day_of_the_record():
    text = b"[Yesterday 4:52 PM] Priya: words"
    assert read(text, zone=UTC, format="chat").needs_year
    (entry,) = read(text, zone=UTC, format="chat", captured=CAPTURED).entries
    assert (entry.at.isoformat(), entry.guesses) == (
        "2018-11-02T16:52:00+00:00",
        ("Yesterday is 2018-11-02, from the day on which the record was taken.",),
    )


def test_a_level_of_a_log_is_nobody():
    (entry,) = read(b"22:52 WARNING: disk is full", zone=UTC, format="chat", day=CAPTURED).entries
    assert (entry.author, entry.text) == ("", "WARNING: disk is full")


def test_a_time_without_words_is_listed():
    reading = read(
        b"Priya  10:52 PM\nwords here\n10:54 PM\nNovember 3rd\n",
        zone=UTC,
        format="chat",
        day=CAPTURED,
        captured=CAPTURED,
    )
    assert [e.text for e in reading.entries] == ["words here"]
    assert left_out(reading) == [(3, "A time without a message.")]


def test_people_are_counted_and_named():
    reading = file("teams.txt", zone=UTC, users={"Femi Ade": "Femi"})
    people = {p.handle: (p.name, p.count, p.is_known) for p in reading.people}
    assert people == {
        "Priya Natarajan": ("Priya Natarajan", 2, False),
        "Marcus Bell": ("Marcus Bell", 1, False),
        "Femi Ade": ("Femi", 1, True),
    }
