"""Figures: the sentence, the periods, the charts' counts, what needs a decision; and never a figure about a person."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from aar_site import clock
from actions import dashboard
from actions.dashboard import Begun, Closed, Open
from actions.models import Status
from retros.models import State
from tests.factories import make_action, make_event, make_team, make_user

DAY = timedelta(days=1)


def today() -> Any:
    return clock.today()


def scope(days: int = 90) -> Any:
    return SimpleNamespace(today=today(), days=days, team=None)


def row(*, late: int = -5, is_blocked: bool = False, is_unowned: bool = False) -> Open:
    """One open action."""
    pressing = late > 0 or is_blocked or is_unowned
    return Open(1, "prevent", "", 1, late > 0, late >= 30, 0, is_blocked, is_unowned, pressing, today() - late * DAY)


def closed(ago: int = 1, *, took: int = 10, late: int = 0, is_done: bool = True) -> Closed:
    on = today() - ago * DAY
    return Closed(on, on - late * DAY, on - took * DAY, is_done)


def figures(user: Any, managed: Any = (), *, team: str = "", days: str = "") -> dict[str, Any]:
    return dashboard.figures(dashboard.scope_of(user, list(managed), team=team, days=days))


@pytest.fixture
def ruth(db):
    """A manager of the team Network."""
    return make_user("Ruth")


@pytest.fixture
def network(ruth):
    return make_team("Network", manager=ruth)


# --- The sentence -----------------------------------------------------------------------------------------------------
def test_the_headline_counts_what_is_open_and_overdue():
    assert dashboard.headline([], [], scope()) == "Nothing is open"
    assert dashboard.headline([row()], [], scope()) == "1 open, none overdue"
    assert dashboard.headline([row(), row(late=1), row(late=0)], [], scope()) == "3 open, 1 overdue"


@pytest.mark.parametrize(
    ("before", "now", "words"), [(20, 10, ", closing faster"), (10, 20, ", closing slower"), (10, 10, "")]
)
def test_faster_and_slower_compare_medians_of_two_periods(before, now, words):
    done = [closed(100, took=before)] * 5 + [closed(5, took=now)] * 5
    assert dashboard.headline([row()], done, scope()) == f"1 open, none overdue{words}"


def test_no_speed_is_given_where_fewer_than_five_closed():
    done = [closed(100, took=20)] * 5 + [closed(5, took=10)] * 4
    assert dashboard.headline([row()], done, scope()) == "1 open, none overdue"


@pytest.mark.parametrize(
    ("late", "words"),
    [
        ([], []),
        ([1], ["One is 1 day overdue."]),
        ([3, 9], ["The oldest is 9 days overdue."]),
        ([3, 30], ["The oldest is 30 days overdue and asks for a decision."]),
    ],
)
def test_the_oldest_overdue_is_named_by_its_days(late, words):
    said = dashboard.sentences([row(late=n) for n in late] or [row()], [], scope())
    assert said == [*words, "Nothing closed in the last 90 days."]


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ((0, 0), (2, 3), "2 of 3 closed on time in the last 90 days."),
        ((0, 0), (4, 5), "80% closed on time in the last 90 days."),
        ((3, 5), (4, 5), "80% closed on time in the last 90 days, up from 60%."),
        ((5, 5), (4, 5), "80% closed on time in the last 90 days, down from 100%."),
        ((4, 5), (4, 5), "80% closed on time in the last 90 days, as before."),
    ],
)
def test_shares_are_given_from_five_on(before, now, words):
    def some(ago: int, good: int, total: int) -> list[Closed]:
        return [closed(ago)] * good + [closed(ago, late=2)] * (total - good)

    assert dashboard.sentences([row()], some(100, *before) + some(5, *now), scope())[0] == words


def test_a_period_ends_today_and_begins_after_its_first_day():
    assert [row.on for row in dashboard._within([closed(n) for n in (180, 179, 90, 89, 0)], scope(), 0)] == [
        today() - 89 * DAY, today(),
    ]  # fmt: skip
    assert len(dashboard._within([closed(n) for n in (180, 179, 90, 89, 0)], scope(), 1)) == 2


def test_blocked_and_unowned_are_said():
    said = dashboard.sentences([row(is_blocked=True), row(is_unowned=True), row(is_unowned=True)], [], scope())
    assert said[-2:] == ["One is blocked, and says why.", "Two have no owner."]


def test_the_day_of_its_date_is_on_time():
    assert dashboard._is_on_time(closed(late=0))
    assert not dashboard._is_on_time(closed(late=1))


# --- Charts -----------------------------------------------------------------------------------------------------------
def test_ages_start_at_their_lower_end():
    rows = [Begun(today() - n * DAY, 10, n > 50) for n in (900, 84, 83, 56, 55, 28, 27, 14, 13, 0, -1)]
    assert [cells[1:] for cells in dashboard._age(rows, today()).rows] == [
        ["30", "0"], ["20", "0"], ["20", "1"], ["20", "2"], ["20", "2"],
    ]  # fmt: skip


def test_open_week_by_week_counts_what_was_committed_and_not_closed_by_then():
    rows = [Begun(today() - 100 * DAY, 1, 0), Begun(today() - 10 * DAY, 1, 0)]
    gone = [closed(40, took=20, is_done=False), closed(8, took=20)]
    counts = [int(cells[1]) for cells in dashboard._weeks(rows, gone, scope()).rows]
    assert counts[-1] == 2  # today: both open ones
    assert counts[-2] == 2  # a week ago: both; what closed eight days ago had gone
    assert counts[-3] == 2  # two weeks ago: the old one, and the one that closed since
    assert counts[0] == 1


def test_the_share_on_time_needs_five_in_four_weeks():
    done = [closed(3)] * 4 + [closed(3, late=1)]
    values = [cells[1] for cells in dashboard._rate(done, scope()).rows]
    assert values[-1] == "80%"
    assert set(values[:-1]) == {"no figure"}
    assert not dashboard._rate(done[:4], scope()).has_figures


@pytest.mark.parametrize("days", [30, 90, 365])
def test_every_period_ends_today_and_names_at_most_four_months(days):
    steps = dashboard._steps(scope(days))
    assert steps[-1] == today()
    assert len(dashboard._marks(steps)) <= 4


# --- From the database ------------------------------------------------------------------------------------------------
def test_an_empty_house_has_no_figures(ruth, network):
    found = figures(ruth, [network.pk])
    assert found["headline"] == "Nothing is open"
    assert not found["has_any"]
    assert found["decide"] == []


@pytest.mark.parametrize(
    ("count", "words"), [(1, "One proposal of published reviews is"), (3, "Three proposals of published reviews are")]
)
def test_what_a_published_review_proposes_is_not_passed_over(ruth, network, client, count, words):
    published = make_event(team=network, state=State.PUBLISHED)
    for _ in range(count):
        make_action(published, status=Status.PROPOSED)
    make_action(make_event(team=network), status=Status.PROPOSED)  # still being worked on
    make_action(make_event(state=State.PUBLISHED, is_restricted=True), status=Status.PROPOSED)
    found = figures(ruth, [network.pk])
    assert (found["headline"], found["proposed"], found["has_any"]) == (
        f"None committed, {count} proposed",
        count,
        True,
    )
    client.force_login(ruth)
    page = client.get("/actions/").content.decode()
    assert f"{words} not committed" in page
    assert "Nothing is late, blocked or without an owner" not in page
    assert client.get("/actions/?view=all&state=proposed").context["found"].total == count
    make_action(published, status=Status.COMMITTED, due_on=today() + DAY)
    assert figures(ruth, [network.pk])["headline"] == "1 open, none overdue"


def test_proposed_and_dropped_ones_are_not_open_and_a_drop_is_no_success(ruth, network):
    event = make_event(team=network)
    make_action(event, status=Status.PROPOSED)
    make_action(event, status=Status.COMMITTED, due_on=today() + DAY, committed_on=today() - 30 * DAY)
    for _ in range(5):
        make_action(
            event, status=Status.DROPPED, closed_at=clock.now(), due_on=today() - DAY, committed_on=today() - 9 * DAY
        )
    found = figures(ruth, [network.pk])
    assert found["headline"] == "1 open, none overdue"
    assert found["sentences"] == ["Nothing closed in the last 90 days."]
    assert found["weeks"].rows[-1][1] == "1"
    assert found["weeks"].rows[-2][1] == "6"  # with those dropped since


def test_open_ones_are_counted_by_the_database_as_each_figure_asks(ruth, network):
    event = make_event(team=network)
    make_action(event, due_on=today() - 30 * DAY, redated_count=2, committed_on=today() - 40 * DAY)
    make_action(event, due_on=today() - 29 * DAY, redated_count=1, committed_on=today() - 40 * DAY)
    make_action(event, due_on=today(), status=Status.BLOCKED, blocked_reason="x", owner=make_user(is_active=False))
    (rows,) = dashboard._open_rows(today())
    assert rows == Open(network.pk, "", "", 3, 2, 1, 1, 1, 1, 3, today() - 30 * DAY)
    begun = dashboard._begun(dashboard.scope_of(ruth, [], team="", days=""))
    assert sorted((r.total, r.late) for r in begun) == [(1, 0), (2, 2)]


def test_small_teams_stand_together_except_the_own_one(ruth, network):
    last, big, small = make_team("Zoning"), make_team("billing"), make_team("Support")
    for team, count in ((last, 6), (big, 5), (small, 4), (network, 1)):
        for _ in range(count):
            make_action(make_event(team=team), due_on=today() + DAY)
    make_action(make_event(), due_on=today() - DAY)
    found = figures(ruth, [network.pk])
    assert found["by_team"].rows == [
        ["billing", "5", "0"], ["Network", "1", "0"], ["Zoning", "6", "0"], ["Smaller teams", "4", "0"], ["No team", "1", "1"],
    ]  # fmt: skip
    assert [(name, count) for _, name, count, _ in found["filters"]] == [("billing", 5), ("Network", 1), ("Zoning", 6)]


def test_a_team_too_small_to_stand_alone_is_no_filter_for_others(ruth, network):
    small = make_team("Support")
    make_action(make_event(team=small), due_on=today() + DAY)
    make_action(make_event(team=network), due_on=today() + DAY)
    assert figures(ruth, [network.pk], team=str(small.pk))["headline"] == "2 open, none overdue"
    assert figures(ruth, [network.pk], team=str(network.pk))["headline"] == "1 open, none overdue"


@pytest.mark.parametrize("given", ["", "7", "-1", "1e9", "abc", "９０"])
def test_an_unknown_period_is_ninety_days(ruth, given):
    assert dashboard.scope_of(ruth, [], team="x", days=given).days == 90


def test_a_decision_is_needed_for_late_blocked_and_unowned_ones(ruth, network):
    event = make_event("Search index", team=network)
    make_action(event, "fine", due_on=today())
    make_action(event, "blocked", due_on=today() + 9 * DAY, status=Status.BLOCKED, blocked_reason="No contract")
    make_action(event, "unowned", due_on=today() + 5 * DAY, owner=make_user(is_active=False))
    make_action(event, "late", due_on=today() - 31 * DAY, redated_count=2, committed_on=today() - 98 * DAY)
    found = figures(ruth, [network.pk])
    assert [(d["action"].title, d["due"], d["shape"]) for d in found["decide"]] == [
        ("late", "31 days overdue", "late"), ("unowned", "No owner", "now"), ("blocked", "Blocked", "now"),
    ]  # fmt: skip
    assert found["decide"][0]["note"] == "Re-dated twice · From “Search index”"
    assert found["decide"][0]["open_for"] == "14 wks"
    assert found["decide"][2]["note"] == "No contract · From “Search index”"
    assert (found["decide_more"], found["is_cut"]) == (0, False)


def test_owners_are_named_in_the_own_team_alone(ruth, network):
    for team, name in ((network, "Samira"), (make_team("Billing"), "Otto")):
        event = make_event(team=team, state=State.PUBLISHED)
        make_action(event, owner=make_user(name), due_on=today() - 2 * DAY)
    found = figures(ruth, [network.pk])
    assert sorted(d["owner"] for d in found["decide"]) == ["", "Samira"]
    admin = make_user("Ada", is_admin=True)
    assert [d["owner"] for d in figures(admin)["decide"]] == ["", ""]


def test_what_is_not_open_to_the_reader_is_counted_and_not_shown(ruth, network):
    make_action(make_event("Secret", team=make_team()), "Hidden", due_on=today() - 3 * DAY)
    make_action(make_event(team=network), "Shown", due_on=today() - DAY)
    found = figures(ruth, [network.pk])
    assert [d["action"].title for d in found["decide"]] == ["Shown"]
    assert (found["decide_more"], found["is_cut"]) == (1, False)


def test_fifteen_decisions_are_shown_of_many(ruth, network):
    event = make_event(team=network)
    for _ in range(17):
        make_action(event, due_on=today() - DAY)
    found = figures(ruth, [network.pk])
    assert (len(found["decide"]), found["decide_more"], found["is_cut"]) == (15, 2, True)
    assert found["contents"][0] == ("decide", "Needs a decision, 17")


def test_no_figure_is_about_a_person(ruth, network):
    """Beside the list of decisions, no name of an owner reaches the page's figures."""
    for number in range(6):
        make_action(make_event(team=network), owner=make_user(f"Zebedee{number}"), due_on=today() - number * DAY)
    found = figures(ruth, [network.pk])
    del found["decide"]
    assert "Zebedee" not in repr(found)
