"""Timeline entries: kept as typed, in order, with who changed what; removed and brought back; T-0; one minute's order."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from retros import limits, timing
from retros.live.log import Repeated, Stale, WrongState
from retros.models import Change, Event, State, TimelineEntry
from retros.services import entries, outline
from retros.when import When
from tests.factories import make_cast, make_entry

AT = datetime(2018, 10, 21, 23, 2, tzinfo=UTC)


def add(cast: Any, text: str = "Alerts ring", when: When | None = None, **extra: Any) -> TimelineEntry:
    extra.setdefault("op", None)
    return entries.add(cast.event, by=cast.scribe, text=text, when=when or When(AT, 120, "exact"), **extra)


def texts(event: Event) -> list[str]:
    return [row.text for row in entries.ordered(event)]


# --- Adding and editing ---------------------------------------------------------------------------------------------
def test_an_entry_is_kept_as_typed(cast):
    kept = add(cast, type="signal", landmark="detected", source="log", source_label="pager", source_url="https://x.example",
               raw="23:02Z ALERT", is_key=True, is_planned=True)  # fmt: skip
    kept.refresh_from_db()
    assert (kept.at, kept.utc_offset, kept.precision) == (AT, 120, "exact")
    assert (kept.type, kept.landmark, kept.source, kept.source_label, kept.raw) == (
        "signal", "detected", "log", "pager", "23:02Z ALERT",
    )  # fmt: skip
    assert (kept.is_key, kept.is_planned, kept.created_by, kept.version) == (True, True, cast.scribe, 1)
    assert timing.clock_label(kept) == "01:02"


def test_a_vague_time_keeps_its_words_and_stands_behind_what_is_there(cast):
    add(cast, "first")
    vague = entries.add(cast.event, by=cast.scribe, when=None, at_text="some minutes later", text="vague")
    add(cast, "later", When(AT + timedelta(hours=1), None, "exact"))
    assert texts(cast.event) == ["first", "vague", "later"]
    assert (vague.at, vague.sort_at) == (None, AT)


def test_an_entry_needs_a_time_or_words_for_it(cast):
    with pytest.raises(ValidationError, match="Enter a time, or say in words"):
        entries.add(cast.event, by=cast.scribe, when=None, text="never")


def test_limits_and_foreign_fields(cast, monkeypatch):
    longest = "x" * limits.ENTRY
    kept = add(cast, longest, version=9, removed_at=AT, created_by=cast.participant)
    assert (len(kept.text), kept.version, kept.removed_at, kept.created_by) == (limits.ENTRY, 1, None, cast.scribe)
    for fields in (
        {"text": longest + "x"},
        {"text": ""},
        {"text": "ok", "raw": longest + "x"},
        {"text": "ok", "type": "guess"},
    ):
        with pytest.raises(ValidationError):
            entries.add(cast.event, by=cast.scribe, when=When(AT, None, "exact"), **fields)
    monkeypatch.setattr(limits, "ENTRIES_PER_EVENT", 1)
    with pytest.raises(WrongState, match="at most 1 moments"):
        add(cast)
    assert TimelineEntry.objects.filter(event=cast.event).count() == 1


def test_a_repeated_operation_is_done_once_and_names_what_it_made(cast):
    op = uuid.uuid4()
    kept = add(cast, op=op)
    with pytest.raises(Repeated) as repeated:
        add(cast, op=op)
    assert repeated.value.operation.subject == f"timelineentry:{kept.pk}"
    assert texts(cast.event) == ["Alerts ring"]


def test_an_edit_keeps_what_it_replaced(cast):
    kept = add(cast)
    later = When(AT + timedelta(minutes=5), 0, "approx")
    entries.edit(kept, by=cast.facilitator, version=1, when=later, text="Alerts rang", type="signal")
    newest, first = entries.history(kept)
    assert (newest.who, newest.reason, first.who) == (cast.facilitator.name, "", cast.scribe.name)
    assert newest.replaced == [
        ("Time", "22 Oct 2018, 01:02 +02:00", "about 21 Oct 2018, 23:07 Z"),
        ("Words", "Alerts ring", "Alerts rang"),
        ("Type", "empty", "Signal"),
    ]
    kept.refresh_from_db()
    assert (kept.text, kept.precision, kept.version) == ("Alerts rang", "approx", 2)


def test_the_offset_as_given_stays_while_only_words_change(cast):
    kept = add(cast, when=When(AT.replace(second=41, microsecond=250000), 120, "exact"))
    entries.edit(kept, by=cast.scribe, version=1, when=When(AT.replace(second=41), 120, "exact"), text="other words")
    kept.refresh_from_db()
    assert (kept.at.microsecond, kept.utc_offset) == (250000, 120)
    entries.edit(kept, by=cast.scribe, version=2, when=When(AT, 60, "exact"), text="another clock")
    kept.refresh_from_db()
    assert (kept.at, kept.utc_offset, kept.sort_at) == (AT, 60, AT)


def test_somebody_quicker_is_told_apart(cast):
    kept = add(cast)
    entries.edit(kept, by=cast.facilitator, version=1, when=When(AT, 0, "exact"), text="theirs")
    with pytest.raises(Stale) as stale:
        entries.edit(kept, by=cast.scribe, version=1, when=When(AT, 0, "exact"), text="mine")
    assert stale.value.current.text == "theirs"
    assert texts(cast.event) == ["theirs"]


def test_removed_is_brought_back_to_its_place(cast):
    rows = [add(cast, name, When(AT + timedelta(minutes=n), None, "exact")) for n, name in enumerate("abc")]
    entries.set_t_zero(cast.event, by=cast.scribe, entry=rows[1])
    entries.set_removed(rows[1], by=cast.scribe, removed=True)
    assert texts(cast.event) == ["a", "c"]
    assert outline.zero_of(Event.objects.get(pk=cast.event.pk)) == cast.event.started_at
    for act in (lambda: entries.edit(rows[1], by=cast.scribe, version=1, when=None, text="x"),
                lambda: entries.set_key(rows[1], by=cast.scribe, is_key=True),
                lambda: entries.set_t_zero(cast.event, by=cast.scribe, entry=rows[1])):  # fmt: skip
        with pytest.raises(WrongState, match="removed meanwhile"):
            act()
    assert entries.removed_entry(cast.event, rows[1].pk) == rows[1]
    entries.set_removed(rows[1], by=cast.scribe, removed=False)
    assert texts(cast.event) == ["a", "b", "c"]
    assert outline.zero_of(Event.objects.get(pk=cast.event.pk)) == rows[1].at
    assert entries.removed_entry(cast.event, rows[1].pk) is None


def test_zero_moves_and_returns(cast):
    rows = [add(cast, "start", landmark="detected"), add(cast, "later", When(AT + timedelta(hours=1), None, "exact"))]
    for chosen, zero in ((rows[1], rows[1].at), (None, AT)):
        entries.set_t_zero(cast.event, by=cast.scribe, entry=chosen)
        fresh = Event.objects.get(pk=cast.event.pk)
        assert timing.t_zero(fresh, outline.of(fresh)) == outline.zero_of(fresh) == zero
    vague = entries.add(cast.event, by=cast.scribe, when=None, at_text="then", text="vague")
    with pytest.raises(WrongState, match="T-0 needs a moment"):
        entries.set_t_zero(cast.event, by=cast.scribe, entry=vague)


def test_moments_of_one_minute_are_ordered_by_hand(cast):
    rows = {name: add(cast, name) for name in "abc"}
    other = add(cast, "later", When(AT + timedelta(minutes=1), None, "exact"))
    entries.move(rows["c"], by=cast.scribe, up=True)
    assert texts(cast.event) == ["a", "c", "b", "later"]
    entries.move(rows["a"], by=cast.scribe, up=True)
    entries.move(other, by=cast.scribe, up=True)
    assert texts(cast.event) == ["a", "c", "b", "later"]
    entries.move(rows["a"], by=cast.scribe, up=False)
    assert texts(cast.event) == ["c", "a", "b", "later"]


def test_a_published_timeline_is_closed(db):
    cast = make_cast(state=State.PUBLISHED)
    row = make_entry(cast.event)
    for act in (lambda: add(cast), lambda: entries.edit(row, by=cast.scribe, version=1, when=None, text="x"),
                lambda: entries.set_removed(row, by=cast.scribe, removed=True),
                lambda: entries.set_key(row, by=cast.scribe, is_key=True),
                lambda: entries.move(row, by=cast.scribe, up=True),
                lambda: entries.set_t_zero(cast.event, by=cast.scribe, entry=row)):  # fmt: skip
        with pytest.raises(WrongState, match="This review is published"):
            act()
    assert not Change.objects.filter(event=cast.event).exists()


def test_a_reason_is_kept_beside_the_change(cast):
    kept = add(cast)
    entries.edit(
        kept, by=cast.scribe, version=1, when=When(AT, 120, "exact"), text="other", reason="  The log\n says so "
    )
    entries.set_removed(kept, by=cast.scribe, removed=True, reason="Told twice")
    removed, edited, _ = entries.history(kept)
    assert (edited.reason, removed.reason) == ("The log says so", "Told twice")


def test_a_mark_as_key_is_an_edit_that_others_are_told_of(cast):
    kept = add(cast)
    entries.set_key(kept, by=cast.scribe, is_key=True)
    assert entries.history(kept)[0].replaced == [("Key moment", "no", "yes")]
    with pytest.raises(Stale):
        entries.edit(kept, by=cast.scribe, version=1, when=When(AT, 120, "exact"), text="x", is_key=False)


def test_removed_moments_are_listed_the_last_one_first(cast):
    mine = entries.add(cast.event, by=cast.participant, when=When(AT, 0, "exact"), text="mine")
    rows = [add(cast, "first"), mine, add(cast, "kept")]
    for row in rows[:2]:
        entries.set_removed(row, by=cast.scribe, removed=True)
    assert [row.text for row in entries.removed(cast.event)] == ["mine", "first"]
    assert [row.text for row in entries.removed(cast.event, of=cast.participant.pk)] == ["mine"]


def test_a_long_timeline_is_told_by_what_carries_the_story(cast, monkeypatch):
    for n, extra in enumerate(({"landmark": "detected"}, {}, {"is_key": True}, {"type": "decision"}, {})):
        make_entry(cast.event, f"m{n}", minutes=n, **extra)
    marks = outline.of(cast.event)
    assert len(entries.for_document(cast.event, marks)) == 5
    monkeypatch.setattr(entries, "MOST_IN_DOCUMENT", 4)
    assert [row.text for row in entries.for_document(cast.event, marks)] == ["m0", "m2", "m3"]


@pytest.mark.parametrize("up", [True, False])
def test_a_moment_that_was_taken_out_does_not_move(db, up):
    cast = make_cast()
    first, second = make_entry(cast.event, "a", rank=0), make_entry(cast.event, "b", rank=1)
    entries.set_removed(second, by=cast.scribe, removed=True)
    entries.move(second, by=cast.scribe, up=up)
    first.refresh_from_db()
    assert first.rank == 0
