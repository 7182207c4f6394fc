"""Silent writing: sealed until one moment, without names after it, and each note placed once."""

import uuid
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from aar_site import clock
from retros.live.log import Repeated, Stale, WrongState
from retros.models import Change, Event, Factor, Meeting, Operation, RoomNote, SilentNote, State
from retros.services import analysis, factor_lists, meeting, silent
from tests.factories import make_cast


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """The cast at the contributing factors, writing."""
    found = make_cast()
    meeting.start(found.event, by=found.facilitator)
    meeting.go(found.event, by=found.facilitator, from_rank=0, to_rank=4)
    silent.open_writing(found.event, by=found.facilitator)
    found.event.refresh_from_db()
    return found


def write(cast: Any, role: str, *texts: str, **more: Any) -> list[SilentNote]:
    silent.keep(cast.event, by=getattr(cast, role), texts=list(texts), **more)
    return list(SilentNote.objects.filter(event=cast.event, author=getattr(cast, role)))


def shown(cast: Any) -> list[SilentNote]:
    silent.show(cast.event, by=cast.facilitator)
    return list(SilentNote.objects.shown().filter(event=cast.event))


def seq(cast: Any) -> int:
    return Event.objects.get(pk=cast.event.pk).change_seq


def refresh(note: SilentNote) -> SilentNote:
    return SilentNote.objects.select_related("factor", "event").get(pk=note.pk)


def test_writing_opens_at_the_factors_and_once(cast):
    with pytest.raises(WrongState, match="writing already"):
        silent.open_writing(cast.event, by=cast.facilitator)
    shown(cast)
    meeting.go(cast.event, by=cast.facilitator, from_rank=4, to_rank=5)
    with pytest.raises(WrongState, match="belongs to the contributing factors"):
        silent.open_writing(cast.event, by=cast.facilitator)
    assert Meeting.objects.get().writing_since is None


def test_a_sealed_note_leaves_no_change_and_no_number(cast):
    before = (seq(cast), Change.objects.count())
    (note,) = write(cast, "participant", "Flat lag looks like late metrics", category="diagnosis", op=uuid.uuid4())
    silent.edit(note, by=cast.participant, text="Flat lag looks the same", category="", version=1)
    silent.set_removed(note, by=cast.participant, removed=True)
    silent.set_removed(note, by=cast.participant, removed=False)
    assert (seq(cast), Change.objects.count()) == before
    assert set(Operation.objects.values_list("subject", flat=True)) == {""}
    assert refresh(note).text == "Flat lag looks the same"


def test_a_second_press_keeps_nothing_twice(cast):
    op = uuid.uuid4()
    write(cast, "guest", "One", "Two", op=op)
    with pytest.raises(Repeated):
        write(cast, "guest", "One", "Two", op=op)
    assert SilentNote.objects.count() == 2


def test_only_the_author_changes_a_note_and_only_what_they_read(cast):
    (note,) = write(cast, "participant", "Mine")
    with pytest.raises(WrongState, match="shown or removed"):
        silent.edit(note, by=cast.scribe, text="Theirs", category="", version=1)
    silent.edit(note, by=cast.participant, text="Mine, better", category="", version=1)
    with pytest.raises(Stale) as stale:
        silent.edit(note, by=cast.participant, text="Mine, from another window", category="", version=1)
    assert stale.value.current.text == "Mine, better"
    silent.set_removed(note, by=cast.scribe, removed=True)
    assert refresh(note).removed_at is None


def test_nobody_writes_without_end(cast, monkeypatch):
    monkeypatch.setattr(silent, "MOST_NOTES", 2)
    write(cast, "participant", "One", "Two")
    with pytest.raises(WrongState, match="You have 2 notes"):
        write(cast, "participant", "Three")
    assert len(write(cast, "guest", "Another person's")) == 1
    first, _ = SilentNote.objects.filter(author=cast.participant)
    silent.set_removed(first, by=cast.participant, removed=True)
    write(cast, "participant", "In its place")
    with pytest.raises(WrongState, match="You have 2 notes"):
        silent.set_removed(first, by=cast.participant, removed=False)
    assert SilentNote.objects.sealed().filter(author=cast.participant).count() == 2


def test_all_are_shown_in_one_moment_without_their_authors(cast):
    write(cast, "participant", "From one", category="diagnosis")
    clock.move(timedelta(seconds=20))
    write(cast, "guest", "From another")
    (gone,) = write(cast, "scribe", "Thrown away")
    silent.set_removed(gone, by=cast.scribe, removed=True)
    number = seq(cast)
    notes = shown(cast)
    assert {(n.text, n.category, n.author) for n in notes} == {
        ("From one", "diagnosis", None),
        ("From another", "", None),
    }
    assert len({n.shown_at for n in notes} | {n.created_at for n in notes}) == 1  # no time tells who was first
    assert sorted(n.rank for n in notes) == [1, 2]
    assert Change.objects.get(seq=number + 1).detail == {"after": {"notes": 2}}
    assert Meeting.objects.get().writing_since is None


def test_the_order_of_showing_is_dealt(cast, monkeypatch):
    """A row written later may get an earlier number: the order of the numbers tells nothing either."""
    monkeypatch.setattr(silent.random.SystemRandom, "shuffle", lambda self, notes: notes.reverse())
    write(cast, "participant", "First")
    write(cast, "guest", "Second")
    assert [n.text for n in sorted(shown(cast), key=lambda n: n.pk)] == ["Second", "First"]


def test_a_note_that_comes_after_the_show_waits_sealed_for_the_next(cast):
    write(cast, "participant", "In time")
    shown(cast)
    write(cast, "guest", "Too late")
    assert [n.text for n in SilentNote.objects.sealed()] == ["Too late"]
    assert factor_lists.count_context(cast.event)["sealed"] == 1
    assert {n.text for n in shown(cast)} == {"In time", "Too late"}
    with pytest.raises(WrongState, match="No note is waiting"):
        silent.show(cast.event, by=cast.facilitator)


def test_notes_of_who_was_taken_out_of_the_review_stay_sealed(cast):
    write(cast, "guest", "Of somebody who left")
    write(cast, "participant", "Of somebody who is here")
    cast.event.memberships.filter(user=cast.guest).delete()
    assert factor_lists.count_context(cast.event)["sealed"] == 1
    assert [n.text for n in shown(cast)] == ["Of somebody who is here"]


def test_writing_ends_with_the_meeting(cast):
    meeting.end(cast.event, by=cast.facilitator)
    for verb in (lambda: write(cast, "guest", "x"), lambda: silent.show(cast.event, by=cast.facilitator)):
        with pytest.raises(WrongState, match="meeting is over"):
            verb()


@pytest.mark.parametrize(
    "wrong",
    [
        {"author": None},  # sealed, of nobody
        {"outcome": "left_out"},  # sealed, and decided
        {"text": ""},
        {"outcome": "nonsense"},
    ],
)
def test_the_database_refuses_what_cannot_be(cast, wrong):
    fields = {"event": cast.event, "author": cast.guest, "text": "x", **wrong}
    with pytest.raises(IntegrityError), transaction.atomic():
        SilentNote.objects.create(**fields)


def test_a_shown_note_has_no_author_in_the_database(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        SilentNote.objects.create(event=cast.event, author=cast.guest, text="x", shown_at=clock.now())


# --- Placing --------------------------------------------------------------------------------------------------------
def test_a_note_becomes_a_factor_of_its_kind_once(cast):
    write(cast, "participant", "Backups cross the public network")
    (note,) = shown(cast)
    factor = silent.keep_as(note, by=cast.scribe, category="recovery")
    assert (factor.text, factor.category) == ("Backups cross the public network", "recovery")
    with pytest.raises(WrongState, match="a moment ago"):
        silent.leave_out(note, by=cast.facilitator)
    assert Factor.objects.kept().count() == 1
    silent.put_back(note, by=cast.scribe)
    assert not Factor.objects.kept().exists()
    assert silent.is_to_place(refresh(note))


def test_alike_notes_stand_under_one_factor_and_come_apart_again(cast):
    write(cast, "participant", "Flat lag looks like late metrics", "Late metrics look like flat lag")
    one, two = shown(cast)
    factor = silent.keep_as(one, by=cast.scribe, category="diagnosis")
    silent.same_as(two, by=cast.scribe, factor=factor)
    found = factor_lists.factors_context(cast.event)
    ((_, (shown_factor,)),) = found["factor_groups"]
    assert [note.text for note in shown_factor.said] == [two.text]
    assert (found["placing"], found["factor_head"]) == (None, "Two notes, one factor")
    silent.put_back(one, by=cast.scribe)  # the other note still stands under it
    assert Factor.objects.kept().get() == factor
    silent.put_back(two, by=cast.scribe)
    assert not Factor.objects.kept().exists()


def test_a_factor_that_somebody_worked_on_outlives_its_note(cast):
    write(cast, "participant", "Flat lag")
    (note,) = shown(cast)
    factor = silent.keep_as(note, by=cast.scribe, category="diagnosis")
    analysis.edit(factor, by=cast.scribe, version=1, caught_earlier_if="the page said so")
    silent.put_back(note, by=cast.scribe)
    assert Factor.objects.kept().get() == factor


def test_a_note_whose_factor_is_removed_waits_again(cast):
    write(cast, "participant", "Flat lag")
    (note,) = shown(cast)
    factor = silent.keep_as(note, by=cast.scribe, category="diagnosis")
    analysis.remove(factor, by=cast.scribe)
    assert factor_lists.factors_context(cast.event)["placing"]["note"] == note
    with pytest.raises(WrongState, match="removed meanwhile"):
        silent.same_as(note, by=cast.scribe, factor=factor)


def test_a_remedy_is_parked_and_taken_up_again(cast):
    write(cast, "participant", "Let the hub lose its vote")
    (note,) = shown(cast)
    silent.park(note, by=cast.scribe)
    idea = RoomNote.objects.kept().get(parked_for="actions")
    assert (idea.text, refresh(note).outcome) == ("Let the hub lose its vote", "parked")
    silent.put_back(note, by=cast.scribe)
    assert not RoomNote.objects.kept().filter(parked_for="actions").exists()


def test_what_is_left_out_stays_among_what_was_written(cast):
    write(cast, "participant", "Nobody's business")
    (note,) = shown(cast)
    silent.leave_out(note, by=cast.scribe)
    found = factor_lists.factors_context(cast.event)
    assert (found["written"], found["left_out"], found["placing"]) == ([note], 1, None)


def test_nothing_is_placed_once_the_review_is_published(cast):
    write(cast, "participant", "Flat lag")
    (note,) = shown(cast)
    Event.objects.filter(pk=cast.event.pk).update(state=State.PUBLISHED, published_at=clock.now())
    note = refresh(note)
    with pytest.raises(WrongState, match="published"):
        silent.keep_as(note, by=cast.scribe, category="diagnosis")
    cast.event.refresh_from_db()
    assert factor_lists.factors_context(cast.event)["written"] == []  # readers get factors, not what the room wrote
