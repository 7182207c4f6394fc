"""Which open actions come up again, why, and for whom."""

from datetime import timedelta

import pytest

from aar_site import clock
from actions.carried import carried_over
from retros.models import Factor
from tests.factories import make_action, make_event, make_service, make_team, make_user


@pytest.fixture
def now(db):
    return make_event("Now", team=make_team())


def earlier(title="Earlier", **extra):
    return make_event(title, **{"state": "published", **extra})


def reasons(event):
    return [(row.action.title, row.reason) for row in carried_over(event)]


def test_service_before_factor_before_team(now):
    search = make_service("search")
    now.services.add(search)
    Factor.objects.create(event=now, category="detection", text="x", created_by=make_user())
    same_service, same_factor, same_team = earlier(team=now.team), earlier(), earlier(team=now.team)
    same_service.services.add(search, make_service("other"))
    factor = Factor.objects.create(event=same_factor, category="detection", text="y", created_by=make_user())
    make_action(same_service, "A")
    make_action(same_factor, "B", factor=factor)
    make_action(same_team, "C")
    assert reasons(now) == [
        ("A", "Same service: search"),
        ("B", "Same kind of factor: detection and alerting"),
        ("C", f"Same team: {now.team.name}"),
    ]


@pytest.mark.parametrize("status", ["proposed", "done", "checked", "dropped"])
def test_only_open_ones_come_up(now, status):
    make_action(earlier(team=now.team), status=status)
    assert reasons(now) == []


def test_nothing_of_unpublished_restricted_foreign_or_the_own_review(now):
    make_action(earlier(team=now.team, state="draft"))
    make_action(earlier(team=now.team, is_restricted=True))
    make_action(earlier(team=make_team()))
    make_action(now)
    assert reasons(now) == []


def test_a_removed_factor_or_one_that_helped_is_no_tie(now):
    Factor.objects.create(event=now, category="helped", text="x", created_by=make_user())
    other = earlier()
    factor = Factor.objects.create(event=other, category="helped", text="x", created_by=make_user())
    make_action(other, factor=factor)
    assert reasons(now) == []


def test_the_most_overdue_comes_first(now):
    today = clock.today()
    for days in (5, -3, -30):
        make_action(earlier(team=now.team), f"{days}", due_on=today + timedelta(days=days))
    assert [(row.action.title, row.late) for row in carried_over(now)] == [("-30", 30), ("-3", 3), ("5", -5)]
    assert len(carried_over(now, most=2)) == 2


def test_the_cost_is_the_same_for_one_and_three(now, django_assert_num_queries):
    service = make_service()
    now.services.add(service)
    for count in (1, 3):
        for _ in range(count):
            event = earlier(team=now.team)
            event.services.add(service)
            make_action(event)
        with django_assert_num_queries(2):
            carried_over(now)
