"""Lists of actions: whose stand where, what a row says, who is named; and CSV that no spreadsheet runs."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from aar_site import clock, tables
from actions import lists
from actions.models import Status
from retros.models import Role, State
from tests.factories import make_action, make_event, make_member, make_team, make_user

DAY = timedelta(days=1)


@pytest.fixture
def ines(db):
    return make_user("Ines")


@pytest.fixture
def team(ines):
    return make_team("Network", members=[ines])


def due(days):
    return clock.today() + days * DAY


def found(user, **asked):
    return lists.listing(user, today=clock.today(), **asked)


def titles(listing):
    return {title: [row.action.title for row in rows] for title, rows in listing.groups}


def test_the_own_ones_come_first_then_the_teams_each_by_date(ines, team):
    event, elsewhere = make_event(team=team, state=State.PUBLISHED), make_event(team=make_team(), state=State.PUBLISHED)
    make_action(event, "team late", due_on=due(-9))
    make_action(event, "team soon", due_on=due(2))
    make_action(elsewhere, "mine", owner=ines, due_on=due(30))
    make_action(event, "mine late", owner=ines, due_on=due(-1))
    make_action(elsewhere, "theirs", due_on=due(1))
    listing = found(ines)
    assert titles(listing) == {"Yours": ["mine late", "mine"], "Your team’s": ["team late", "team soon"]}
    assert (listing.total, listing.mine, listing.late) == (4, 2, 1)
    everything = found(ines, is_everything=True)
    assert titles(everything)["Everything else that you may open"] == ["team late", "theirs", "team soon"]


def test_states_choose(ines, team):
    event = make_event(team=team)
    for status in Status:
        extra = {"blocked_reason": "x"} if status == Status.BLOCKED else {}
        make_action(
            event,
            str(status.value),
            owner=ines,
            due_on=due(-1 if status == "in_progress" else 5),
            status=status,
            **extra,
        )
    shown = {state: titles(found(ines, state=state)).get("Yours") for state in lists.STATES}
    assert shown[""] == ["in_progress", "committed", "blocked"]
    assert shown["overdue"] == ["in_progress"]
    assert shown["blocked"] == ["blocked"]
    assert shown["proposed"] == ["proposed"]
    assert sorted(shown["closed"]) == ["checked", "done", "dropped"]
    assert found(ines, state="nonsense").state == ""


def test_the_last_closed_comes_first(ines):
    event = make_event()
    for days in (3, 1, 2):
        make_action(event, f"{days}", owner=ines, status=Status.DONE, closed_at=clock.now() - days * DAY)
    assert titles(found(ines, state="closed"))["Yours"] == ["1", "2", "3"]


def test_a_proposal_of_another_team_is_not_listed(ines, team):
    make_action(make_event(team=team), "team’s proposal", status=Status.PROPOSED)
    assert found(ines, state="proposed", is_everything=True).total == 0
    make_member(make_event(team=team), ines, Role.OBSERVER)
    event = make_event()
    make_member(event, ines, Role.OBSERVER)
    make_action(event, "in my review", status=Status.PROPOSED)
    assert found(ines, state="proposed", is_everything=True).total == 1


def test_two_roles_do_not_list_an_action_twice(ines, team):
    event = make_event(team=team, state=State.PUBLISHED)
    make_member(event, ines)
    make_team(members=[ines])
    make_action(event, owner=ines, due_on=due(1))
    assert found(ines, is_everything=True).total == 1


def test_pages_hold_fifty_and_numbers_outside_are_mended(ines):
    event = make_event()
    for number in range(51):
        make_action(event, f"{number}", owner=ines, due_on=due(number))
    first, last = found(ines), found(ines, page=2)
    assert (first.pages, len(first.groups[0][1]), titles(last)) == (2, 50, {"Yours": ["50"]})
    for page, number in ((0, 1), (99, 2), (-1, 1)):
        assert found(ines, page=page).page == number


def test_the_own_ones_stand_on_the_first_page_however_late_the_teams_are(ines, team):
    event = make_event(team=team, state=State.PUBLISHED)
    for number in range(51):
        make_action(event, due_on=due(-number))
    make_action(event, "mine", owner=ines, due_on=due(90))
    assert titles(found(ines))["Yours"] == ["mine"]
    assert "Yours" not in titles(found(ines, page=2))


def test_names_stand_for_the_own_teams_and_a_lost_owner_is_no_name(ines, team):
    other = make_event(state=State.PUBLISHED)
    make_action(make_event(team=team, state=State.PUBLISHED), "near", owner=make_user("Samira"), due_on=due(1))
    make_action(other, "far", owner=make_user("Otto"), due_on=due(2))
    make_action(
        make_event(team=team, state=State.PUBLISHED), "lost", owner=make_user("Lena", is_active=False), due_on=due(3)
    )
    rows = {row.action.title: row for _, group in found(ines, is_everything=True).groups for row in group}
    assert {name: (row.owner, row.is_unowned) for name, row in rows.items()} == {
        "near": ("Samira", False), "far": ("", False), "lost": ("", True),
    }  # fmt: skip


def test_a_row_says_what_is_in_the_way_how_often_it_moved_and_where_it_is_from(ines):
    action = make_action(
        make_event("Search index"),
        owner=ines,
        due_on=due(1),
        redated_count=3,
        status=Status.BLOCKED,
        blocked_reason="No contract",
    )
    assert lists.note(action) == "No contract · Re-dated 3 times · From “Search index”"
    action.blocked_reason = "word " * 40
    assert lists.note(action).startswith("word word")
    assert "word… · Re-dated" in lists.note(action)
    action.redated_count = 1
    action.status = Status.COMMITTED
    assert lists.note(action) == "Re-dated once · From “Search index”"


@pytest.mark.parametrize(
    ("days", "state", "words"),
    [
        ([], "", "None of your actions is open"),
        ([3], "", "One of your actions is open"),
        ([-3], "", "One of your actions is open, and overdue"),
        ([3, -1, 5], "", "Three of your actions are open, one overdue"),
        ([-1, -2], "overdue", "Two of your actions are overdue"),
        ([1], "blocked", "None of your actions is blocked"),
    ],
)
def test_the_headline_says_what_one_owns(ines, days, state, words):
    event = make_event()
    for number in days:
        make_action(event, owner=ines, due_on=due(number))
    make_action(event, due_on=due(-4))
    assert lists.headline(found(ines, state=state)) == words


def test_who_owns_nothing_is_told_of_the_team(ines):
    event = make_event(team=make_team(manager=ines))
    make_action(event, due_on=due(3))
    assert lists.headline(found(ines)) == "One of your team’s actions is open"
    make_action(event, due_on=due(4))
    assert lists.headline(found(ines)) == "Two of your team’s actions are open"


def test_the_headline_of_everything_counts_everything(ines):
    event = make_event(state=State.PUBLISHED)
    assert lists.headline(found(ines, is_everything=True)) == "None open"
    make_action(event, due_on=due(-4))
    make_action(event, due_on=due(4))
    assert lists.headline(found(ines, is_everything=True)) == "2 open, 1 overdue"
    assert lists.headline(found(ines, is_everything=True, state="overdue")) == "1 overdue"


# --- CSV --------------------------------------------------------------------------------------------------------------
def table(user, **asked):
    asked = {"state": "", "is_everything": True, "team": 0, **asked}
    text = lists.as_csv(user, today=clock.today(), **asked)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_csv_holds_the_rows_of_the_list(ines, team):
    event = make_event("Search, “index”\nrebuilt", team=team)
    make_action(event, "Rotate keys", owner=ines, due_on=due(-3), type="prevent", strength="weaker", redated_count=2)
    make_action(make_event(), "Not mine to see", due_on=due(1))
    (row,) = table(ines)
    assert row["Action"] == "Rotate keys"
    assert row["Review"] == "Search, “index”\nrebuilt"
    assert (row["Owner"], row["Team"], row["Days overdue"], row["New dates"]) == ("Ines", "Network", "3", "2")
    assert (row["Due"], row["Type"], row["Strength"], row["Status"]) == (
        due(-3).isoformat(),
        "Prevent",
        "Weaker",
        "Committed",
    )


def test_csv_tells_the_day_on_which_it_was_closed_where_its_owner_is(ines, team):
    there = make_user(time_zone="Pacific/Auckland")
    closed = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
    make_action(make_event(team=team, state=State.PUBLISHED), owner=there, status="done", closed_at=closed)
    assert [r["Closed"] for r in table(ines, state="closed")] == ["2026-11-21"]


def test_csv_keeps_names_state_and_team_like_the_list(ines, team):
    make_action(make_event(team=team, state=State.PUBLISHED), "near", owner=make_user("Samira"), due_on=due(1))
    far = make_event(state=State.PUBLISHED, team=make_team())
    make_action(far, "far", owner=make_user("Otto"), due_on=due(-2))
    make_action(far, "lost", owner=make_user("Lena", is_active=False), due_on=due(3))
    assert {r["Action"]: r["Owner"] for r in table(ines)} == {"near": "Samira", "far": "", "lost": "No owner"}
    assert [r["Action"] for r in table(ines, state="overdue")] == ["far"]
    assert [r["Action"] for r in table(ines, is_everything=False)] == ["near"]
    assert [r["Action"] for r in table(ines, team=far.team_id)] == ["far", "lost"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", " =", "\u00a0=", "\u3000=", "\ufeff=", "\n="])
def test_no_cell_is_a_formula(ines, sign):
    text = f"{sign}HYPERLINK('http://example.org')"
    make_action(make_event(), text, owner=ines, due_on=due(1), closed_when=text)
    (row,) = table(ines)
    for column in ("Action", "Closed when"):
        assert row[column].startswith("'")
        assert tables.as_typed(row[column]) == text


@pytest.mark.parametrize("text", ["Rotate keys", "3 of 5", "a=b", "'quoted", "", "one; two - three"])
def test_ordinary_cells_stay_as_they_are(text):
    assert tables.neutral(text) == text


def test_line_ends_are_looked_through_once():
    """Each that was looked through to the last cost half a second for one cell."""
    assert tables.neutral("A\n\n \n=1") == "A\n\n \n'=1"
    assert tables.as_typed("A\n'\n'=1") == "A\n'\n=1"
