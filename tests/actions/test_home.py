"""Now: at most seven tasks in the right order, a headline that is the answer, and nothing about other people."""

import calendar
import re
from datetime import timedelta

import pytest

from aar_site import clock
from actions import home
from actions.models import Status
from retros.models import Role, SectionText, State
from tests.factories import make_account, make_action, make_entry, make_event, make_member, make_team, make_user

DAY = timedelta(days=1)


@pytest.fixture
def ines(db):
    return make_user("Ines")


def due(days):
    return clock.today() + days * DAY


# --- Tasks and the headline -------------------------------------------------------------------------------------------
def test_without_anything_nothing_needs_you(ines):
    now = home.now_page(ines)
    assert home.headline(now) == "Nothing needs you"
    assert (now.tasks, now.more, now.motion, now.room, now.lesson) == ([], 0, [], None, None)
    assert now.is_fresh


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([0], "One thing needs you today"),
        ([0, -3], "Two things need you today"),
        ([0, 5], "Two things need you"),
        ([6], "One thing needs you"),
        ([-1] * 12, "12 things need you today"),
    ],
)
def test_today_stands_in_the_headline_only_where_everything_presses(ines, days, words):
    event = make_event()
    for number in days:
        make_action(event, owner=ines, due_on=due(number))
    assert home.headline(home.now_page(ines)) == words


def test_the_sentence_below_says_how_much_presses_and_when_the_next_room_is(ines):
    event = make_event(meeting_at=clock.now() + 9 * DAY)
    make_member(event, ines, Role.OBSERVER)
    for number in (-1, 0, 4):
        make_action(event, owner=ines, due_on=due(number))
    said = home.lead(home.now_page(ines), ines)
    assert "Two of them cannot wait." in said
    assert "Your next review is on " in said
    assert said.split()[0] in calendar.day_name


def test_the_most_urgent_come_first_and_seven_are_shown(ines):
    event = make_event(state=State.MEETING)
    make_member(event, ines)
    for number in (3, -1, -40, 0, 5, 6, 7, -2):
        make_action(event, f"{number}", owner=ines, due_on=due(number))
    now = home.now_page(ines)
    assert [t.title.rsplit(" ", 1)[-1] for t in now.tasks[1:]] == ["-40", "-2", "-1", "0", "3", "5"]
    assert now.tasks[0].go == "Join the room"
    assert now.more == 2
    assert now.pressing == 5


def test_other_peoples_accounts_and_actions_ask_nothing_of_me(ines):
    event = make_event(accounts_due_at=clock.now() + DAY)
    make_member(event, ines, Role.SCRIBE)
    other = make_user("Marcus")
    make_member(event, other)
    make_account(event, other, state="draft")
    make_action(event, owner=other, due_on=due(-5))
    now = home.now_page(ines)
    assert now.tasks == []
    assert (now.open_count, now.late_count) == (0, 0)


def test_the_own_and_the_teams_open_actions_are_counted(ines):
    event = make_event(team=make_team(members=[ines]))
    make_action(event, owner=ines, due_on=due(-5))
    make_action(event, owner=ines, due_on=due(50))
    make_action(event, due_on=due(-1))
    make_action(event, due_on=due(0))
    make_action(event, status=Status.DONE, due_on=due(-9))
    make_action(make_event(team=make_team()), due_on=due(-50))
    now = home.now_page(ines)
    assert (now.open_count, now.late_count, now.team_open, now.team_late) == (2, 1, 4, 2)


def test_a_manager_reads_how_many_are_overdue_in_the_team_where_nothing_is_asked(ines, client):
    event = make_event(team=make_team(manager=ines), state=State.PUBLISHED, published_at=clock.now())
    make_action(event, owner=make_user("Marcus"), due_on=due(-5))
    client.force_login(ines)
    page = client.get("/").content.decode()
    assert "Nothing needs you" in page
    assert re.search(r"Overdue in your team</dt><dd>.*?\b1\b", page)


def test_without_a_team_no_team_is_counted(ines):
    now = home.now_page(ines)
    assert (now.team_open, now.team_late) == (None, 0)


# --- Reviews in motion ------------------------------------------------------------------------------------------------
def test_reviews_in_motion_are_the_own_ones_moving_ones_first(ines):
    published = make_event("Published", state=State.PUBLISHED, published_at=clock.now() - 2 * DAY)
    old = make_event("Long published", state=State.PUBLISHED, published_at=clock.now() - 40 * DAY)
    soon = make_event("Soon", meeting_at=clock.now() + 2 * DAY, ended_at=clock.now())
    later = make_event("Later", meeting_at=clock.now() + 9 * DAY, ended_at=clock.now())
    unplanned = make_event("Unplanned", ended_at=clock.now())
    for event in (published, old, later, unplanned, soon):
        make_member(event, ines, Role.OBSERVER)
    make_event("Somebody else’s", ended_at=clock.now())
    now = home.now_page(ines)
    assert [row.event.title for row in now.motion] == ["Soon", "Later", "Unplanned", "Published"]
    assert [row.url for row in now.motion] == [
        f"/e/{soon.code}/", f"/e/{later.code}/", f"/e/{unplanned.code}/", f"/e/{published.code}/review/",
    ]  # fmt: skip
    assert now.room.event == soon


def test_a_row_says_what_the_person_is_how_it_stands_and_what_became_of_its_actions(ines):
    moving = {"ended_at": clock.now(), "meeting_at": clock.now() + 2 * DAY}
    for title, role, extra in (
        ("writes", Role.PARTICIPANT, moving),
        ("has written", Role.PARTICIPANT, moving),
        ("follows", Role.OBSERVER, moving),
        ("late", Role.OBSERVER, {"state": State.DRAFT, "ended_at": clock.now() - 17 * DAY}),
    ):
        make_member(make_event(title, **extra), ines, role)
    over = make_event("over", state=State.PUBLISHED, published_at=clock.now() - DAY)
    make_member(over, ines, Role.SCRIBE)
    for status in (Status.DONE, Status.DROPPED, Status.COMMITTED, Status.PROPOSED):
        make_action(over, status=status, due_on=due(30))
    make_action(over, status=Status.DROPPED, committed_on=None)  # the decision that no action follows is none
    written = next(row.event for row in home.now_page(ines).motion if row.event.title == "has written")
    make_account(written, ines)
    rows = {row.event.title: row for row in home.now_page(ines).motion}
    assert (rows["writes"].shape, rows["writes"].tag) == ("off", "Your account is asked for")
    assert (rows["has written"].shape, rows["has written"].tag) == ("ok", "Your account is in")
    assert (rows["follows"].shape, rows["follows"].tag) == ("part", "Preparing")
    assert rows["late"].shape == "late"
    assert rows["late"].tag == "Review due 3 days ago"
    assert rows["over"].said == "Incident · you write · 2 of 3 actions closed"
    assert rows["follows"].said.startswith("Incident · you follow · ")


def test_the_next_room_names_its_scribe_and_draws_its_trace(ines):
    event = make_event("Soon", facilitator=ines, meeting_at=clock.now() + 2 * DAY)
    make_entry(event, minutes=5, is_key=True)
    assert home.now_page(ines).room.scribe == "Nobody yet"
    make_member(event, make_user("Tomasz"), Role.SCRIBE)
    room = home.now_page(ines).room
    assert (room.you, room.scribe) == ("Facilitator", "Tomasz")
    assert "k" in [weight for _, weight in room.trace.ticks]


# --- A lesson ---------------------------------------------------------------------------------------------------------
def lessons(event, text):
    SectionText.objects.create(event=event, slug="lessons", text=text, number=1)


def test_a_lesson_comes_from_a_published_review_that_one_may_read(ines):
    draft = make_event("Draft", state=State.DRAFT)
    make_member(draft, ines)
    lessons(draft, "A draft is no lesson yet, not even to those who are in it.")
    lessons(
        make_event("Restricted", state=State.PUBLISHED, is_restricted=True), "What is restricted stays with its people."
    )
    assert home.now_page(ines).lesson is None
    event = make_event("Open", state=State.PUBLISHED)
    lessons(event, "- Mark work as done where the *next* worker will look.\n- Short.")
    assert home.now_page(ines).lesson == ("Mark work as done where the next worker will look.", event)


def test_the_lesson_changes_with_the_day(ines):
    lessons(
        make_event(state=State.PUBLISHED),
        "Mark work as done where others look.\n\nRehearse the odd case as well, once.",
    )
    first = home.now_page(ines).lesson
    clock.move(DAY)
    assert home.now_page(ines).lesson != first
    clock.move(DAY)
    assert home.now_page(ines).lesson == first


def test_a_review_whose_lessons_are_too_short_is_passed_over(ines):
    lessons(make_event("Terse", state=State.PUBLISHED), "Short.")
    event = make_event("Open", state=State.PUBLISHED)
    lessons(event, "Mark work as done where others look.")
    for _ in range(3):
        assert home.now_page(ines).lesson == ("Mark work as done where others look.", event)
        clock.move(DAY)


@pytest.mark.parametrize("text", ["Short.", "x" * 241, "", "- \n- "])
def test_a_word_and_a_page_are_no_lesson(text):
    assert home.sentences(text) == []
