"""Similar past events: by what is shared, with the reason; never what the reader may not open; one query at any size."""

from datetime import timedelta
from typing import Any

import pytest

from retros.models import Event, Factor, State
from retros.services.similar import similar
from tests.factories import START, make_entry, make_event, make_member, make_service, make_team, make_user


def past(title: str = "Something else", *, services: Any = (), factors: Any = (), **extra: Any) -> Event:
    extra.setdefault("state", State.PUBLISHED)
    event = make_event(title, **extra)
    event.services.set(services)
    for category in factors:
        Factor.objects.create(event=event, category=category, text="x")
    return event


def why(event: Event, user: Any) -> dict[str, str]:
    return {one.event.title: one.why for one in similar(event, user)}


@pytest.fixture
def reader(db: None) -> Any:
    return make_user()


def test_a_shared_service_and_factor_are_named(reader):
    gateway, other = make_service("Gateway"), make_service("Mail")
    event = past("Deploys stop", services=[gateway, other], factors=["detection"], state=State.PREPARING)
    past("Gateway down", services=[gateway], factors=["detection", "design"])
    past("Unrelated", services=[make_service("Elsewhere")], factors=["capacity"])
    assert why(event, reader) == {"Gateway down": "Same service: Gateway; Same kind of factor: detection and alerting"}


def test_a_helping_condition_is_no_likeness(reader):
    event = past("One", factors=["helped"], state=State.PREPARING)
    past("Two", factors=["helped"])
    assert why(event, reader) == {}


def test_words_that_both_use(reader):
    event = past("Failover moved leaders across regions", state=State.PREPARING, what_happened="Replicas lagged.")
    past("Replication lag after a failover between regions")
    past("Printer on fire")
    assert why(event, reader) == {
        "Replication lag after a failover between regions": "Both speak of failover and replicas"
    }


def test_a_shared_team_alone_is_not_enough_and_is_said_where_more_is_shared(reader):
    team = make_team("Data")
    event = past("Failover moved leaders", team=team, state=State.PREPARING)
    past("Quite another thing", team=team)
    past("Leaders moved by a failover", team=team)
    assert why(event, reader) == {"Leaders moved by a failover": "Both speak of failover and leaders; same team"}


def test_events_that_people_noticed_first(reader):
    gateway = make_service("Gateway")
    event = past("One", services=[gateway], state=State.PREPARING)
    two = past("Two", services=[gateway])
    for each in (event, two):
        make_entry(each, landmark="detected", source="chat")
    assert why(event, reader) == {"Two": "Same service: Gateway; people noticed before a machine did"}
    for says_nothing in ("monitoring", "memory"):
        two.entries.update(source=says_nothing)
        assert why(event, reader) == {"Two": "Same service: Gateway"}


def test_at_most_three_the_most_alike_and_then_the_newest_first(reader):
    gateway = make_service("Gateway")
    event = past("Deploys stop", services=[gateway], factors=["design"], state=State.PREPARING)
    for days in range(4):
        past(f"day {days}", services=[gateway], started_at=START + timedelta(days=days), ended_at=None)
    past("most alike", services=[gateway], factors=["design"], started_at=START - timedelta(days=90), ended_at=None)
    assert list(why(event, reader)) == ["most alike", "day 3", "day 2"]


def test_only_what_the_reader_may_open(reader):
    gateway = make_service("Gateway")
    event = past("One", services=[gateway], state=State.PREPARING)
    past("draft", services=[gateway], state=State.DRAFT)
    restricted = past("restricted", services=[gateway], is_restricted=True)
    past("open", services=[gateway])
    guest, member = make_user(is_guest=True), make_user()
    make_member(event, guest)
    make_member(restricted, member)
    assert list(why(event, reader)) == ["open"]
    assert sorted(why(event, member)) == ["open", "restricted"]
    assert why(event, guest) == {}


@pytest.mark.parametrize("size", [1, 3])
def test_any_number_of_events_is_one_query(reader, size, django_assert_num_queries):
    gateway = make_service("Gateway")
    event = past("One", services=[gateway], state=State.PREPARING, team=make_team())
    for _ in range(size):
        past(services=[gateway], factors=["design"])
    with django_assert_num_queries(1):
        assert len(similar(event, reader)) == size
