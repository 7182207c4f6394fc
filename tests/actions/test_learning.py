"""Reviews on time, what keeps coming back, and questions that several unclosed actions raise."""

from datetime import timedelta

import pytest

from aar_site import clock
from actions import learning
from actions.dashboard import Open
from retros.models import Category, Factor, State
from tests.factories import make_event, make_service, make_team

DAY = timedelta(days=1)


def published(days_ago, took, **extra):
    at = clock.now() - days_ago * DAY
    extra.setdefault("state", State.PUBLISHED)
    return make_event(started_at=at - (took + 1) * DAY, ended_at=at - took * DAY, published_at=at, **extra)


def recurs(service, category="detection", days=20, **extra):
    event = make_event(started_at=clock.now() - days * DAY, ended_at=None, **{"state": State.PUBLISHED, **extra})
    event.services.add(service)
    Factor.objects.create(event=event, category=category, text="x")
    return event


# --- Reviews on time --------------------------------------------------------------------------------------------------
def test_reviews_are_on_time_up_to_the_fourteenth_day(db):
    for took in (2, 14, 14.5, 30):
        published(5, took)
    found = learning.reviews(90, None)
    assert (found["reviews_on_time"], found["reviews_count"]) == (2, 4)


def test_only_the_period_and_the_team_count(db):
    team = make_team()
    published(5, 2, team=team)
    published(5, 2)
    published(100, 2, team=team)
    assert learning.reviews(90, team.pk)["reviews_count"] == 1
    assert learning.reviews(90, None)["reviews_count"] == 2
    assert learning.reviews(365, None)["reviews_count"] == 3


def test_the_median_is_given_from_five_on_and_late_ones_are_counted(db):
    for took in (2, 4, 6, 8):
        published(5, took)
    assert learning.reviews(90, None)["reviews_words"] == ""
    published(5, 10)
    make_event(ended_at=clock.now() - 15 * DAY)
    assert learning.reviews(90, None)["reviews_words"] == "Median day 6. One is late now."
    make_event(ended_at=clock.now() - 13 * DAY)  # not yet late
    make_event(ended_at=clock.now() - 99 * DAY, state=State.NOT_REVIEWED, not_reviewed_reason="Small.")
    make_event(ended_at=clock.now() - 15 * DAY, state=State.DRAFT)
    assert learning.reviews(90, None)["reviews_words"] == "Median day 6. Two are late now."


def test_what_was_long_ago_when_it_was_opened_is_neither_late_nor_on_time(db):
    published(1, 3000)
    make_event(started_at=clock.now() - 3001 * DAY, ended_at=clock.now() - 3000 * DAY, state=State.DRAFT)
    found = learning.reviews(90, None)
    assert (found["reviews_count"], found["reviews_words"]) == (0, "")
    published(1, 20)
    assert learning.reviews(90, None)["reviews_count"] == 1


def test_a_year_shows_its_last_six_months_at_most(db):
    for days in range(5, 360, 20):
        published(days, 2)
    assert len(learning.reviews(365, None)["reviews"].rows) == 6


# --- What keeps coming back -------------------------------------------------------------------------------------------
def test_the_same_factor_at_the_same_service_in_two_reviews_comes_back(db):
    mysql, auth = make_service("mysql"), make_service("auth")
    recurs(mysql)
    assert learning.recurring(None) == []
    recurs(auth)
    recurs(mysql, "ownership")
    assert learning.recurring(None) == []
    recurs(mysql)
    (row,) = learning.recurring(None)
    assert (row["service"], row["times"]) == ("mysql", 2)
    assert row["factor"] == Category("detection").label
    assert row["ask"] == "What would end it at mysql for good?"


@pytest.mark.parametrize(
    "extra",
    [{"state": State.DRAFT}, {"is_restricted": True}, {"days": 181}, {"category": Category.HELPED}],
    ids=["a draft", "restricted", "long ago", "what helped"],
)
def test_it_comes_back_only_in_published_reviews_of_half_a_year_and_not_as_help(db, extra):
    mysql = make_service()
    recurs(mysql)
    recurs(mysql, **{"category": "detection", **extra})
    assert learning.recurring(None) == []


def test_twice_in_one_review_is_once(db):
    mysql = make_service()
    Factor.objects.create(event=recurs(mysql), category="detection", text="y")
    assert learning.recurring(None) == []


# --- Questions --------------------------------------------------------------------------------------------------------
def row(team=1, *, strength="", late=0, redated=0):
    due = clock.today() - late * DAY
    return Open(team, "prevent", strength, 1, late > 0, late >= 30, redated >= 2, 0, 0, late > 0, due)


def test_one_such_action_is_no_pattern():
    assert learning.patterns([row(redated=3), row(late=40), row(strength="weaker")]) == []


def test_patterns_are_questions_to_the_organisation():
    rows = [row(1, redated=2), row(2, redated=5), row(1, late=30), row(1, late=31), row(1, late=29)]
    assert learning.patterns(rows) == [
        "Two actions have had two new dates or more, in two teams. What stands in their way?",
        "Two are thirty days overdue or more. Which of them would nobody miss?",
    ]


def test_more_than_half_weak_asks_what_tools_could_do():
    weak, strong = row(strength="weaker"), row(strength="stronger")
    assert learning.patterns([weak, weak, weak, strong, strong])[0].startswith("More than half depend on")
    assert learning.patterns([weak, weak, strong, strong, row()]) == []
    assert learning.patterns([weak, weak, weak, strong]) == []
