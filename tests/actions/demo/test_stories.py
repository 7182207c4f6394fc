"""Stories as they are written down: whole, in the product's own words for things, and moved by whole weeks."""

from datetime import date, timedelta

from actions.demo import stories
from actions.models import ActionType, Size, Strength
from retros.exchange.schema import parse
from retros.models import Kind, State

TODAY = date(2026, 11, 25)


def test_a_story_keeps_its_weekday_and_its_clock_on_whatever_day_it_is_told() -> None:
    for today in (TODAY, TODAY + timedelta(days=4), date(2028, 2, 29)):
        found = {s.key: parse(s.facts) for s in stories.stories(today)}["database-failover"]
        assert found.start is not None
        assert f"{found.start.at:%a %H:%M}" == "Sun 22:52"
        weeks = (today - timedelta(days=today.weekday()) - found.start.at.date()).days // 7
        assert weeks == 11, "the Sunday of the twelfth week before this one"


def test_only_texts_that_begin_as_a_day_are_moved() -> None:
    week = timedelta(days=7)
    given = {"at": "2018-10-21T22:52:00Z", "day": "2018-12-28", "text": "From 2018-10-21 on", "n": [3, True, None]}
    given |= {"pacific": "2018-10-21T09:00:00-07:00"}
    moved = {"at": "2018-10-28T22:52:00Z", "day": "2019-01-04", "text": "From 2018-10-21 on", "n": [3, True, None]}
    moved |= {"pacific": "2018-10-28T09:00:00"}
    assert stories.shifted(given, week) == moved


def test_every_kind_and_every_state_has_a_story() -> None:
    found = stories.stories(TODAY)
    assert {s.facts["kind"] for s in found} == set(Kind.values)
    assert {s.review["state"] for s in found} == set(State.values)
    assert len(found) == stories.count() >= 16


def test_stories_name_only_people_that_are_in_the_organisation() -> None:
    book = stories.organisation()
    people = {row["id"] for row in book["people"]}
    assert len(people) == len({row["name"] for row in book["people"]}) == 40
    assert len(book["teams"]) == 6
    for story in stories.stories(TODAY):
        review = story.review
        named = {review["facilitator"], *review.get("people", {}), *review.get("observers", [])}
        named |= {row["who"] for row in review.get("accounts", [])} | {
            a["owner"] for a in review.get("actions", []) if "owner" in a
        }
        assert named <= people, story.key
        assert review["team"] in book["teams"], story.key


def test_an_action_that_has_an_owner_has_all_that_a_promise_needs() -> None:
    for story in stories.stories(TODAY):
        for action in story.review.get("actions", []):
            if "owner" in action:
                assert {"due", "size", "closed_when", "type", "strength"} <= set(action), action["title"]
                assert action["size"] in Size.values
                assert action["type"] in ActionType.values
                assert action["strength"] in Strength.values


def test_a_file_says_nothing_that_the_import_leaves_out() -> None:
    for story in stories.stories(TODAY):
        assert parse(story.facts).unknown_fields == [], story.key


def test_a_clock_of_summer_is_the_same_clock_in_winter() -> None:
    """The offset belongs to the season in which it happened, so it does not move along."""
    found = {s.key: parse(s.facts) for s in stories.stories(date(2026, 2, 25))}["website-address"]
    first = found.entries[0].moment
    assert first is not None
    assert first.has_zone
    assert f"{first.at.astimezone(found.zone):%a %H:%M %z}" == "Fri 15:27 -0800"
