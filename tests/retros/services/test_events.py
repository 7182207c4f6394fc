"""Events: opened with their first people, changed without overwriting anybody, declined with a reason; their impact; their dates."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from aar_site.outbox.models import Message
from aar_site.people.models import Service
from retros.live.log import Repeated, Stale, WrongState
from retros.models import Event, Impact, ImpactFigure, ImpactInterval, Kind, Membership, Role, State
from retros.services import events
from retros.when import When
from tests.factories import START, make_cast, make_service, make_user

FIELDS = {
    "title": "Forty-three seconds",
    "kind": "incident",
    "started_at": START,
    "ended_at": START + timedelta(hours=24),
}


def roles_of(event: Event) -> dict[str, str]:
    return {m.user.name: m.role for m in Membership.objects.filter(event=event)}


# --- Opening --------------------------------------------------------------------------------------------------------
def test_an_event_opens_with_its_impact_its_people_and_its_first_sign(db):
    ines, tomasz, writer = make_user("Ines"), make_user("Tomasz"), make_user("Writer")
    mysql = make_service("mysql")
    event = events.open_event(
        by=writer, facilitator=ines, scribe=tomasz, noticed_at=When(START + timedelta(minutes=2), None, "exact"),
        services=["MySQL", " pages ", "pages", ""], users_affected="31 million", detected_how="Monitoring rang", **FIELDS,
    )  # fmt: skip
    assert roles_of(event) == {"Ines": "facilitator", "Tomasz": "scribe", "Writer": "participant"}
    assert {s.name for s in event.services.all()} == {"mysql", "pages"}
    assert mysql in event.services.all()
    assert event.impact.users_affected == "31 million"
    first = event.entries.get()
    assert (first.text, first.landmark, first.is_key) == ("Monitoring rang", "detected", True)
    assert set(Message.objects.values_list("person__name", "kind")) == {
        ("Ines", "invitation"),
        ("Tomasz", "invitation"),
    }


@pytest.mark.parametrize("kind", Kind.values)
def test_a_title_is_enough_for_every_kind(db, kind):
    writer = make_user("Writer")
    event = events.open_event(by=writer, title="Something", kind=kind)
    assert roles_of(event) == {"Writer": "facilitator"}
    assert (event.state, event.ended_at) == (State.PREPARING, None)
    assert not Message.objects.exists()


def test_nothing_is_left_of_an_event_that_was_refused(db):
    with pytest.raises(ValidationError):
        events.open_event(by=make_user(), services=["new-one"], **{**FIELDS, "title": ""})
    with pytest.raises(ValidationError):
        events.open_event(by=make_user(), services=["new-one"], users_affected="x" * 301, **FIELDS)
    assert not Event.objects.exists()
    assert not Service.objects.exists()


def test_the_same_operation_opens_one_event(db):
    writer, op = make_user(), uuid.uuid4()
    event = events.open_event(by=writer, op=op, **FIELDS)
    with pytest.raises(Repeated) as repeated:
        events.open_event(by=writer, op=op, **FIELDS)
    assert repeated.value.operation.event == event
    assert Event.objects.count() == 1


# --- Changing -------------------------------------------------------------------------------------------------------
def edit(cast: Any, seen: str | None = None, **fields: Any) -> Event:
    return events.edit_event(
        cast.event, by=cast.facilitator, seen=seen or events.fingerprint(Event.objects.get(pk=cast.event.pk)), **fields
    )


def test_what_is_known_changes_and_what_is_not_sent_stays(cast):
    cast.event.services.add(make_service("mysql"))
    changed = edit(cast, title="Another title", business_effect="None")
    assert (changed.title, changed.started_at) == ("Another title", START)
    assert Impact.objects.get(event=cast.event).business_effect == "None"
    assert [s.name for s in changed.services.all()] == ["mysql"]
    assert [s.name for s in edit(cast, services=["pages"]).services.all()] == ["pages"]


def test_a_service_is_the_same_in_any_case_of_any_letter(db):
    exchange = make_service("Börse")
    assert events.services_named(["börse", "BÖRSE", "Börse"]) == [exchange] * 3
    assert Service.objects.count() == 1


@pytest.mark.parametrize("change", [{"title": "x"}, {"business_effect": "x"}, {"services": ["x"]}])
def test_somebody_quicker_is_noticed_wherever_they_changed_it(cast, change):
    seen = events.fingerprint(cast.event)
    edit(cast, **change)
    with pytest.raises(Stale) as stale:
        edit(cast, seen=seen, title="mine")
    assert stale.value.current.title != "mine"
    assert Event.objects.get(pk=cast.event.pk).title != "mine"


def test_the_kind_stays_once_the_room_was_open(db):
    cast = make_cast(state=State.MEETING)
    with pytest.raises(WrongState, match="The kind decides the agenda"):
        edit(cast, kind="launch")
    assert edit(cast, kind="incident", title="y").title == "y"


def test_an_end_before_the_start_is_refused(cast):
    with pytest.raises(ValidationError, match="The end lies before the start"):
        edit(cast, ended_at=START - timedelta(minutes=1))


# --- Impact -----------------------------------------------------------------------------------------------------------
def test_intervals_come_change_and_go(cast):
    times = {"started_at": START, "ended_at": START + timedelta(hours=1)}
    row = events.add_interval(cast.event, by=cast.facilitator, label="Stale pages", **times)
    assert row.duration == timedelta(hours=1)
    with pytest.raises(ValidationError, match="The end lies before the start"):
        events.edit_interval(row, by=cast.facilitator, ended_at=START - timedelta(hours=1))
    events.edit_interval(row, by=cast.facilitator, label="Old pages")
    assert ImpactInterval.objects.get().label == "Old pages"
    events.remove_interval(row, by=cast.facilitator)
    with pytest.raises(WrongState, match="removed meanwhile"):
        events.edit_interval(row, by=cast.facilitator, label="x")
    events.remove_interval(row, by=cast.facilitator)
    assert not ImpactInterval.objects.exists()


def test_figures_come_in_order_change_and_go(cast):
    rows = [events.add_figure(cast.event, by=cast.facilitator, value=v, label="x") for v in ("43", "5,000,000")]
    events.edit_figure(rows[0], by=cast.facilitator, value="44", label="seconds")
    assert [f.value for f in cast.event.figures.all()] == ["44", "5,000,000"]
    events.remove_figure(rows[0], by=cast.facilitator)
    with pytest.raises(WrongState, match="removed meanwhile"):
        events.edit_figure(rows[0], by=cast.facilitator, value="1", label="x")
    assert ImpactFigure.objects.count() == 1


# --- States -----------------------------------------------------------------------------------------------------------
def test_declined_with_a_reason_and_taken_up_again(cast):
    with pytest.raises(ValidationError):
        events.decline_review(cast.event, by=cast.facilitator, reason="   ")
    events.decline_review(cast.event, by=cast.facilitator, reason=" Fixed the same day. ")
    fresh = Event.objects.get(pk=cast.event.pk)
    assert (fresh.state, fresh.not_reviewed_reason) == (State.NOT_REVIEWED, "Fixed the same day.")
    with pytest.raises(WrongState):
        events.decline_review(cast.event, by=cast.facilitator, reason="again")
    events.take_up_review(cast.event, by=cast.facilitator)
    with pytest.raises(WrongState, match="has a review already"):
        events.take_up_review(cast.event, by=cast.facilitator)
    fresh.refresh_from_db()
    assert (fresh.state, fresh.not_reviewed_reason) == (State.PREPARING, "")


@pytest.mark.parametrize("state", [State.MEETING, State.DRAFT, State.REVIEW, State.PUBLISHED])
def test_a_review_under_way_is_not_declined(db, state):
    cast = make_cast(state=state)
    with pytest.raises(WrongState, match="under way"):
        events.decline_review(cast.event, by=cast.facilitator, reason="x")


def test_a_revealed_review_is_not_declined(db):
    cast = make_cast(revealed_at=START)
    with pytest.raises(WrongState, match="under way"):
        events.decline_review(cast.event, by=cast.facilitator, reason="x")


def test_a_published_event_keeps_its_facts(db):
    cast = make_cast(state=State.PUBLISHED)
    interval = ImpactInterval.objects.create(event=cast.event, label="x")
    figure = ImpactFigure.objects.create(event=cast.event, label="x", value="1")
    by = {"by": cast.facilitator}
    for act in (lambda: edit(cast, title="x"), lambda: events.add_interval(cast.event, label="x", **by),
                lambda: events.edit_interval(interval, label="y", **by), lambda: events.remove_interval(interval, **by),
                lambda: events.add_figure(cast.event, value="1", label="x", **by),
                lambda: events.edit_figure(figure, value="2", label="x", **by), lambda: events.remove_figure(figure, **by)):  # fmt: skip
        with pytest.raises(WrongState, match="This review is published"):
            act()


def test_roles_stay_one_each(db):
    writer, other = make_user(), make_user()
    event = events.open_event(by=writer, facilitator=other, scribe=other, **FIELDS)
    assert Membership.objects.filter(event=event, role=Role.FACILITATOR).count() == 1
    assert not Membership.objects.filter(event=event, role=Role.SCRIBE).exists()
