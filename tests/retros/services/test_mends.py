"""Mends: one press puts a contradiction right, one press takes that back, and nothing that somebody changed since is touched."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from retros.live.log import Repeated, WrongState
from retros.models import Event, TimelineEntry
from retros.services import entries, hints, mends
from retros.when import When
from tests.factories import START, make_entry, make_event, make_user


@pytest.fixture
def event(db: None) -> Event:
    return make_event(severity="sev1", ended_at=START + timedelta(hours=2))


@pytest.fixture
def lead(db: None) -> Any:
    return make_user("Ines")


def open_hints(event: Event) -> list[hints.Hint]:
    event = Event.objects.get(pk=event.pk)
    return hints.find(event, entries.ordered(event, light=True)).open


def hint_of(event: Event, kind: str) -> hints.Hint:
    return next(hint for hint in open_hints(event) if hint.kind == kind)


def press(event: Event, kind: str, slug: str, by: Any, value: Any = None, **more: Any) -> int:
    hint = hint_of(event, kind)
    way = next(way for way in hint.mends if way.slug == slug)
    return mends.mend(event, hint, way, by=by, value=value, **more)


def state(event: Event) -> tuple[Any, ...]:
    """Everything that a mend can change."""
    event = Event.objects.get(pk=event.pk)
    rows = TimelineEntry.objects.filter(event=event).order_by("pk")
    spans = event.intervals.values_list("started_at", "ended_at")
    names = ("at", "until", "sort_at", "utc_offset", "precision", "at_text", "landmark", "type", "is_key")
    facts = [getattr(event, name) for name in ("started_at", "ended_at", "time_zone", "severity", "is_zone_assumed")]
    return (*facts, list(rows.values_list(*names)), list(spans))


def conflicting(event: Event) -> tuple[TimelineEntry, TimelineEntry]:
    late = make_entry(event, minutes=60, landmark="detected", created_by=make_user())
    early = make_entry(event, minutes=30, landmark="resolved", created_by=make_user())
    return late, early


CASES = [
    ("landmarks", "swap", None),
    ("landmarks", "off-later", None),
    ("landmarks", "off-earlier", None),
    ("landmarks", "time", When(START + timedelta(minutes=119), 60, "exact")),
    ("ends", "event", None),
    ("ends", "entry", None),
    ("ends", "off", None),
    ("duration", "end", None),
    ("duration", "start", None),
    ("missing", "mark", "late"),
    ("decision", "decision", "late"),
    ("severity", "severity", "sev2"),
    ("zone", "zone", "America/Los_Angeles"),
    ("dates", "shift", None),
    ("interval", "ended_at", None),
    ("order", "behind", None),
]


@pytest.mark.parametrize(("kind", "slug", "value"), CASES)
def test_every_mend_ends_its_hint_and_is_taken_back_as_one(event, lead, kind, slug, value):
    late, _ = conflicting(event)
    changes = {
        "duration": {"stated_minutes": 130}, "severity": {"severity": ""}, "zone": {"is_zone_assumed": True},
        "dates": {"stated_on": (START + timedelta(days=1)).date()},
    }.get(kind, {})  # fmt: skip
    Event.objects.filter(pk=event.pk).update(**changes)
    event.intervals.create(label="builds", started_at=START, ended_at=START + timedelta(hours=3))
    make_entry(event, "unsaid", minutes=50, rank=1)
    make_entry(event, "in its record after that", minutes=40, rank=2)
    before, hint = state(event), hint_of(event, kind)
    seq = press(event, kind, slug, lead, late.pk if value == "late" else value)
    assert state(event) != before
    assert hint.key not in {one.key for one in open_hints(event)}
    mends.undo(event, seq, by=lead)
    assert state(event) == before
    assert hint.key in {one.key for one in open_hints(event)}


def test_exchanged_marks_stand_in_their_order(event, lead):
    late, early = conflicting(event)
    press(event, "landmarks", "swap", lead)
    late.refresh_from_db()
    early.refresh_from_db()
    assert (late.landmark, early.landmark, late.version) == ("resolved", "detected", 2)


def test_a_zone_read_anew_moves_what_had_no_offset_and_nothing_else(event, lead):
    Event.objects.filter(pk=event.pk).update(is_zone_assumed=True)
    bare = make_entry(event, minutes=10, utc_offset=None, created_by=make_user())
    given = make_entry(event, minutes=20, utc_offset=0, created_by=make_user())
    press(event, "zone", "zone", lead, "America/Los_Angeles")
    for row in (bare, given):
        row.refresh_from_db()
    fresh = Event.objects.get(pk=event.pk)
    assert (fresh.local_start.hour, fresh.local_start.minute, fresh.time_zone) == (22, 52, "America/Los_Angeles")
    assert bare.at == bare.sort_at == START + timedelta(hours=7, minutes=10)
    assert given.at == START + timedelta(minutes=20)


def test_what_somebody_changed_since_is_not_taken_back(event, lead):
    late, _ = conflicting(event)
    seq = press(event, "landmarks", "swap", lead)
    TimelineEntry.objects.filter(pk=late.pk).update(landmark="mitigated")
    with pytest.raises(WrongState, match="changed the same since"):
        mends.undo(event, seq, by=lead)


def test_a_mend_is_taken_back_once_and_pressed_once(event, lead):
    conflicting(event)
    op = uuid.uuid4()
    hint = hint_of(event, "landmarks")
    seq = mends.mend(event, hint, hint.mends[0], by=lead, op=op)
    with pytest.raises(Repeated):
        mends.mend(event, hint, hint.mends[0], by=lead, op=op)
    mends.undo(event, seq, by=lead)
    with pytest.raises(WrongState, match="taken back already"):
        mends.undo(event, seq, by=lead)
    with pytest.raises(WrongState, match="taken back already"):
        mends.undo(event, seq - 1, by=lead)  # a change that was no mend


def test_the_history_of_the_moment_names_the_mend(event, lead):
    late, _ = conflicting(event)
    press(event, "landmarks", "off-earlier", lead)
    (step,) = entries.history(late)
    assert (step.change.what, step.who, step.change.detail["way"]) == (mends.WHAT, "Ines", "Take “Detected” off")
    assert step.reason.endswith("lies before “Detected”, 21 Oct, 23:52.")


def test_an_answer_needs_a_reason_and_is_one(event, lead):
    conflicting(event)
    hint = hint_of(event, "landmarks")
    with pytest.raises(Exception, match="cannot be blank"):
        mends.answer(event, hint, by=lead, reason="  ")
    first = mends.answer(event, hint, by=lead, reason="It was foreseen.")
    assert mends.answer(event, hint, by=make_user(), reason="Another") == first


def test_a_mend_that_cannot_be_is_refused_whole(event, lead):
    late, _ = conflicting(event)
    TimelineEntry.objects.filter(pk=late.pk).update(until=START + timedelta(minutes=70))
    before = state(event)
    hint = hint_of(event, "landmarks")
    way = hints.Mend("time", "It was then", asks="time", about=late.pk)
    with pytest.raises(WrongState, match="begin after its own end"):
        mends.mend(event, hint, way, by=lead, value=When(START + timedelta(minutes=80), 0, "exact"))
    assert state(event) == before
