"""Disputes: every view is kept beside the entry; settling changes the entry, reopening gives it back; who, why and when stay."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from retros.live.log import Repeated, Stale, WrongState
from retros.models import Change, Dispute, Recollection, Resolution, State, TimelineEntry
from retros.services import disputes, entries, remembered
from retros.when import When
from tests.factories import START, make_entry, make_event

LATER = START + timedelta(minutes=15)


def at(minutes: int, precision: str = "exact") -> When:
    return When(START + timedelta(minutes=minutes), 0, precision)


def remember(cast: Any, entry: TimelineEntry, when: When | None = None, by: Any = None, **said: Any) -> Recollection:
    return disputes.remember(entry, by=by or cast.participant, when=when, **said)


def dispute_of(entry: TimelineEntry) -> Dispute:
    return Dispute.objects.get(entry=entry)


def settle(cast: Any, view: Recollection, reason: str = "The query log shows it.") -> None:
    dispute = dispute_of(TimelineEntry.objects.get(dispute=view.dispute_id))
    disputes.settle(dispute, by=cast.facilitator, view=view, reason=reason, version=dispute.version)


def order(event: Any) -> list[str]:
    return [row.text for row in entries.ordered(event)]


@pytest.fixture
def entry(cast: Any) -> TimelineEntry:
    return make_entry(
        cast.event, "The topology is wrong", minutes=10, created_by=cast.scribe, source="chat", source_label="#ops"
    )


# --- Remembering ----------------------------------------------------------------------------------------------------
def test_a_view_stands_beside_what_the_timeline_said_and_changes_nothing(cast, entry):
    view = remember(cast, entry, at(15), note="I locked deploys at once.", source="log", source_label="deploy tool")
    original, own = dispute_of(entry).recollections.all()
    assert (original.is_original, original.at, original.text, original.author) == (
        True,
        entry.at,
        entry.text,
        None,
    )
    assert (original.source, original.source_label) == ("chat", "#ops")
    assert (own, own.author, own.at, own.note, own.source_label) == (
        view, cast.participant, LATER, "I locked deploys at once.", "deploy tool",
    )  # fmt: skip
    entry.refresh_from_db()
    assert (entry.at, entry.text, entry.version) == (START + timedelta(minutes=10), "The topology is wrong", 1)


def test_several_people_add_their_views_and_there_is_one_original(cast, entry):
    remember(cast, entry, at(15))
    remember(cast, entry, at(20, "approx"), by=cast.guest)
    remember(cast, entry, text="Only the hub was cut", by=cast.scribe)
    dispute = dispute_of(entry)
    assert [row.author for row in dispute.recollections.all()] == [
        None,
        cast.participant,
        cast.guest,
        cast.scribe,
    ]
    assert disputes.kinds_of(dispute) == {"time", "fact"}


def test_a_view_says_something(cast, entry):
    with pytest.raises(ValidationError, match="Say when it was"):
        remember(cast, entry, note="I was there")
    assert not Dispute.objects.exists()


def test_a_view_names_a_moment_of_the_same_timeline_and_not_itself(cast, entry):
    elsewhere = make_entry(make_event(), "Elsewhere")
    for other in (entry, elsewhere):
        with pytest.raises(WrongState, match="another moment of this timeline"):
            remember(cast, entry, other=other, is_before=True)


def test_the_same_press_twice_is_one_view(cast, entry):
    op = uuid.uuid4()
    remember(cast, entry, at(15), op=op)
    with pytest.raises(Repeated):
        remember(cast, entry, at(15), op=op)
    assert Recollection.objects.filter(is_original=False).count() == 1


def test_nothing_is_remembered_where_the_record_is_closed_or_the_moment_gone(cast, entry):
    entries.set_removed(entry, by=cast.scribe, removed=True)
    with pytest.raises(WrongState, match="removed meanwhile"):
        remember(cast, entry, at(15))
    entries.set_removed(entry, by=cast.scribe, removed=False)
    cast.event.state, cast.event.published_at = State.PUBLISHED, START
    cast.event.save()
    with pytest.raises(WrongState, match="published"):
        remember(cast, entry, at(15))


def test_twenty_views_are_enough(cast, entry):
    for minute in range(20):
        remember(cast, entry, at(minute))
    with pytest.raises(WrongState, match="twenty views"):
        remember(cast, entry, at(30))


# --- The own view ---------------------------------------------------------------------------------------------------
def test_an_own_view_is_changed_with_its_former_words_kept(cast, entry):
    view = remember(cast, entry, at(15))
    changed = disputes.edit(view, by=cast.participant, version=1, when=at(17), note="Later, I think.")
    assert (changed.at, changed.note, changed.version) == (START + timedelta(minutes=17), "Later, I think.", 2)
    assert Change.objects.latest("seq").detail["before"]["when"] == "23:07"
    with pytest.raises(Stale):
        disputes.edit(view, by=cast.participant, version=1, when=at(19))


def test_the_last_view_taken_back_ends_the_dispute_and_comes_back_with_it(cast, entry):
    view = remember(cast, entry, at(15))
    disputes.set_removed(view, by=cast.participant, removed=True)
    assert dispute_of(entry).state == Resolution.WITHDRAWN
    disputes.set_removed(view, by=cast.participant, removed=False)
    assert dispute_of(entry).state == Resolution.OPEN


def test_what_was_decided_upon_is_neither_changed_nor_taken_back(cast, entry):
    view = remember(cast, entry, at(15))
    settle(cast, view)
    with pytest.raises(WrongState, match="decided meanwhile"):
        disputes.edit(view, by=cast.participant, version=1, when=at(17))
    with pytest.raises(WrongState, match="decided meanwhile"):
        disputes.set_removed(view, by=cast.participant, removed=True)


def test_what_the_timeline_said_first_cannot_be_taken_away(cast, entry):
    remember(cast, entry, at(15))
    original = dispute_of(entry).recollections.get(is_original=True)
    with pytest.raises(WrongState, match="stays beside"):
        disputes.set_removed(original, by=cast.facilitator, removed=True)


# --- Deciding -------------------------------------------------------------------------------------------------------
def test_settling_gives_the_entry_that_time_and_keeps_both_views(cast, entry):
    view = remember(cast, entry, When(LATER, 60, "approx"))
    settle(cast, view)
    entry.refresh_from_db()
    assert (entry.at, entry.sort_at, entry.utc_offset, entry.precision, entry.text) == (
        LATER, LATER, 60, "approx", "The topology is wrong",
    )  # fmt: skip
    dispute = dispute_of(entry)
    assert (dispute.state, dispute.resolved_by, dispute.reason) == (
        "settled",
        cast.facilitator,
        "The query log shows it.",
    )
    assert [(row.at, row.is_chosen) for row in dispute.recollections.all()] == [
        (START + timedelta(minutes=10), False), (LATER, True),
    ]  # fmt: skip
    change = Change.objects.latest("seq")
    assert change.subject == f"timelineentry:{entry.pk}"
    assert change.detail["before"] == {"when": "23:02"}
    assert change.detail["after"] == {"when": "about 00:07"}


def test_settling_on_a_fact_changes_the_words_and_leaves_the_time(cast, entry):
    settle(cast, remember(cast, entry, text="Only the hub was cut"))
    entry.refresh_from_db()
    assert (entry.text, entry.at) == ("Only the hub was cut", START + timedelta(minutes=10))


def test_settling_on_what_the_timeline_said_leaves_the_entry_as_it_is(cast, entry):
    remember(cast, entry, at(15), text="Something else")
    settle(cast, dispute_of(entry).recollections.get(is_original=True))
    entry.refresh_from_db()
    assert (entry.at, entry.text) == (START + timedelta(minutes=10), "The topology is wrong")


def test_settling_on_words_for_a_time_keeps_the_place(cast, entry):
    make_entry(cast.event, "Later", minutes=20)
    settle(cast, remember(cast, entry, at_text="before anybody had coffee"))
    entry.refresh_from_db()
    assert (entry.at, entry.at_text) == (None, "before anybody had coffee")
    assert order(cast.event) == ["The topology is wrong", "Later"]


def test_settling_on_an_order_within_a_minute_moves_only_the_entry(cast, entry):
    other = make_entry(cast.event, "Deploys are locked", minutes=10, rank=1)
    make_entry(cast.event, "Status is yellow", minutes=10, rank=2)
    settle(cast, remember(cast, entry, other=other, is_before=False))
    assert order(cast.event) == ["Deploys are locked", "The topology is wrong", "Status is yellow"]
    entry.refresh_from_db()
    assert (entry.precision, entry.at) == ("exact", START + timedelta(minutes=10))


def test_settling_on_an_order_that_its_clock_contradicts_makes_the_clock_an_about(cast, entry):
    other = make_entry(cast.event, "Deploys are locked", minutes=15)
    settle(cast, remember(cast, entry, other=other, is_before=False))
    entry.refresh_from_db()
    assert (entry.at, entry.precision) == (LATER, "approx")
    assert order(cast.event) == ["Deploys are locked", "The topology is wrong"]


def test_an_order_that_the_clocks_say_already_changes_nothing(cast, entry):
    other = make_entry(cast.event, "Deploys are locked", minutes=15)
    settle(cast, remember(cast, entry, other=other, is_before=True))
    entry.refresh_from_db()
    assert (entry.at, entry.precision) == (START + timedelta(minutes=10), "exact")


def test_an_end_before_the_settled_time_is_dropped(cast, entry):
    TimelineEntry.objects.filter(pk=entry.pk).update(until=START + timedelta(minutes=12))
    settle(cast, remember(cast, entry, at(15)))
    entry.refresh_from_db()
    assert (entry.at, entry.until) == (LATER, None)


@pytest.mark.parametrize("how", ["settle", "keep"])
def test_a_decision_has_a_reason(cast, entry, how):
    view = remember(cast, entry, at(15))
    dispute = dispute_of(entry)
    more = {"view": view} if how == "settle" else {}
    with pytest.raises(ValidationError, match="Say why"):
        getattr(disputes, how)(dispute, by=cast.facilitator, reason=" ", version=dispute.version, **more)
    entry.refresh_from_db()
    assert (dispute_of(entry).state, entry.at) == ("open", START + timedelta(minutes=10))


def test_both_are_kept_and_the_entry_stays(cast, entry):
    remember(cast, entry, at(15))
    dispute = dispute_of(entry)
    disputes.keep(dispute, by=cast.facilitator, reason="Two clocks, nobody can know.", version=dispute.version)
    entry.refresh_from_db()
    assert (dispute_of(entry).state, entry.at) == ("kept", START + timedelta(minutes=10))


def test_what_was_left_for_the_room_is_settled_there(cast, entry):
    view = remember(cast, entry, at(15))
    dispute = dispute_of(entry)
    disputes.leave(dispute, by=cast.facilitator, version=dispute.version)
    assert (dispute_of(entry).state, dispute_of(entry).resolved_by) == ("room", cast.facilitator)
    settle(cast, view)
    assert dispute_of(entry).state == "settled"


def test_a_decision_is_taken_on_what_was_read(cast, entry):
    view = remember(cast, entry, at(15))
    seen = dispute_of(entry)
    remember(cast, entry, at(12), by=cast.guest)
    with pytest.raises(Stale):
        disputes.settle(seen, by=cast.facilitator, view=view, reason="x", version=seen.version)
    settle(cast, view)
    with pytest.raises(WrongState, match="decided already"):
        settle(cast, view)


# --- Opening again --------------------------------------------------------------------------------------------------
def test_opening_again_gives_the_entry_back_what_it_said(cast, entry):
    other = make_entry(cast.event, "Deploys are locked", minutes=10, rank=1)
    view = remember(cast, entry, at(15), text="Other words", other=other, is_before=False)
    settle(cast, view)
    dispute = dispute_of(entry)
    disputes.reopen(dispute, by=cast.facilitator, version=dispute.version)
    entry.refresh_from_db()
    assert (entry.at, entry.sort_at, entry.text, entry.precision) == (
        START + timedelta(minutes=10), START + timedelta(minutes=10), "The topology is wrong", "exact",
    )  # fmt: skip
    assert order(cast.event) == ["The topology is wrong", "Deploys are locked"]
    assert (dispute_of(entry).state, dispute_of(entry).reason, dispute_of(entry).former) == ("open", "", {})
    assert not Recollection.objects.filter(is_chosen=True).exists()


def test_opening_again_leaves_what_somebody_changed_since(cast, entry):
    settle(cast, remember(cast, entry, at(15)))
    entry.refresh_from_db()
    entries.edit(entry, by=cast.scribe, version=entry.version, when=at(16), text="Corrected since", source="memory")
    dispute = dispute_of(entry)
    disputes.reopen(dispute, by=cast.facilitator, version=dispute.version)
    entry.refresh_from_db()
    assert (entry.at, entry.text) == (START + timedelta(minutes=16), "Corrected since")


def test_a_view_after_a_decision_opens_it_again_and_leaves_the_entry(cast, entry):
    settle(cast, remember(cast, entry, at(15)))
    remember(cast, entry, at(20), by=cast.guest)
    entry.refresh_from_db()
    assert (dispute_of(entry).state, entry.at) == ("open", LATER)
    assert [row.is_chosen for row in dispute_of(entry).recollections.all()] == [False, False, False]


# --- As readers see it ----------------------------------------------------------------------------------------------
def test_the_words_of_a_dispute(cast, entry):
    other = make_entry(cast.event, "Deploys are locked", minutes=15)
    remember(cast, entry, at(12, "approx"), note="My first query.")
    remember(cast, entry, other=other, is_before=False, by=cast.guest)
    shown = remembered.entry_of(cast.event, entry.pk).remembered
    assert (shown.question, shown.tag, shown.keep) == (
        "When was this, and what happened?",
        ("ask", "Disputed"),
        "Keep all three",
    )
    assert [(v.stamp, v.order, v.by, v.line) for v in shown.views] == [
        ("23:02", "", "As the timeline said", "23:02"),
        ("about 23:04", "", "Participant", "about 23:04: My first query."),
        ("", "after “Deploys are locked”", "Guest", "after “Deploys are locked”"),
    ]  # fmt: skip
    assert shown.views[2].effect == "Its time would become about 23:07."


def test_the_history_of_the_moment_tells_who_decided_what_and_that_it_was_opened_again(cast, entry):
    settle(cast, remember(cast, entry, at(15)))
    shown = remembered.entry_of(cast.event, entry.pk).remembered
    assert (shown.verdict, shown.tag) == ("Settled on 23:07", ("ok", "Settled"))
    disputes.reopen(dispute_of(entry), by=cast.scribe, version=dispute_of(entry).version)
    steps = entries.history(entry)
    assert [(step.change.what, step.who, step.reason) for step in steps] == [
        ("opened a settled moment again", "Scribe", "The query log shows it."),
        ("settled a moment on one view", "Facilitator", "The query log shows it."),
        ("remembered a moment differently", "Participant", ""),
    ]  # fmt: skip
    assert [step.replaced for step in steps[:2]] == [[("Time", "23:07", "23:02")], [("Time", "23:02", "23:07")]]


def test_the_day_is_said_where_it_is_another(cast, entry):
    remember(cast, entry, When(START + timedelta(hours=2), 0, "exact"))
    shown = remembered.entry_of(cast.event, entry.pk).remembered
    assert [view.stamp for view in shown.views] == ["23:02", "22 Oct, 00:52"]


@pytest.mark.parametrize("size", [1, 3])
def test_any_number_of_disputes_is_read_in_one_query(cast, size, django_assert_num_queries):
    for minute in range(size):
        remember(cast, make_entry(cast.event, minutes=minute), at(30))
    rows = entries.ordered(cast.event)
    with django_assert_num_queries(1):
        remembered.attach(cast.event, rows)
    assert sum(row.remembered is not None for row in rows) == size


def test_a_timeline_without_disputes_asks_nothing(cast, entry, django_assert_num_queries):
    rows = entries.ordered(cast.event)
    with django_assert_num_queries(0):
        remembered.attach(cast.event, rows)


def test_the_neighbours_offered_are_in_order_and_without_the_moment_itself(cast, entry):
    make_entry(cast.event, "before", minutes=1)
    make_entry(cast.event, "same minute, later in it", minutes=10, rank=5)
    make_entry(cast.event, "after", minutes=20)
    assert [row.text for row in remembered.near(entry)] == ["before", "same minute, later in it", "after"]
    entry.event = cast.event


# --- What cannot be stored ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"state": "settled", "reason": ""}, "dispute_that_is_decided"),
        ({"state": "kept", "reason": "x"}, "dispute_that_is_decided_has_a_time"),
        ({"state": "unheard"}, "dispute_"),
    ],
)
def test_an_impossible_dispute_is_refused_by_the_database(cast, entry, fields, name):
    remember(cast, entry, at(15))
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Dispute.objects.update(**fields)


def test_one_original_and_one_chosen_view(cast, entry):
    remember(cast, entry, at(15))
    with pytest.raises(IntegrityError), transaction.atomic():
        Recollection.objects.update(is_original=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Recollection.objects.update(is_chosen=True)
    with pytest.raises(IntegrityError, match="says_something"), transaction.atomic():
        Recollection.objects.update(at=None, text="", at_text="")


def test_a_dispute_goes_with_its_event(cast, entry):
    settle(cast, remember(cast, entry, datetime_when()))
    cast.event.delete()
    assert not Dispute.objects.exists()
    assert not Recollection.objects.exists()


def datetime_when() -> When:
    return When(datetime(2018, 10, 21, 23, 7, tzinfo=UTC), None, "exact")
