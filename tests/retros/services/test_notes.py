"""Notes: where they were said, who changed them; and parked ideas, which come back and become something."""

import pytest
from django.core.exceptions import ValidationError

from retros import limits
from retros.live.log import Stale, WrongState
from retros.models import Change, Event, Factor, RoomNote, State
from retros.services import meeting, notes
from tests.factories import START, make_entry


@pytest.fixture
def room(cast):
    """The cast in an open room."""
    meeting.start(cast.event, by=cast.facilitator)
    return cast


def test_notes_belong_to_their_step_and_a_removal_is_undone(room):
    note = notes.keep(room.event, by=room.scribe, text="  Said.  ")
    idea = notes.keep(room.event, by=room.participant, text="Write it down", parked_for="actions")
    assert (note.text, note.step_slug, idea.parked_for, note.entry) == ("Said.", "opening", "actions", None)
    notes.set_removed(note, by=room.scribe, removed=True)
    assert list(RoomNote.objects.kept()) == [idea]
    notes.set_removed(note, by=room.scribe, removed=False)
    assert set(RoomNote.objects.kept()) == {note, idea}


def test_a_note_of_the_walk_knows_its_moment(room):
    entry = make_entry(room.event)
    meeting.go(room.event, by=room.facilitator, from_rank=0, to_rank=2)
    meeting.set_cursor(room.event, by=room.facilitator, entry=entry)
    assert notes.keep(room.event, by=room.scribe, text="Here").entry == entry


def test_notes_of_a_published_review_stay(cast):
    note = RoomNote.objects.create(
        event=cast.event, step_slug="opening", text="Said", parked_for="factors", created_by=cast.participant
    )
    Event.objects.filter(pk=cast.event.pk).update(state=State.PUBLISHED, published_at=START)
    for refused in (
        lambda: notes.set_removed(note, by=cast.participant, removed=True),
        lambda: notes.edit(note, by=cast.participant, version=1, text="Other"),
        lambda: notes.take_up(note, by=cast.participant, way="dropped"),
    ):
        with pytest.raises(WrongState, match="stay as they are"):
            refused()
    note.refresh_from_db()
    assert (note.removed_at, note.text, note.became) == (None, "Said", "")


def test_a_change_says_before_and_after_and_refuses_what_was_not_read(room):
    note = notes.keep(room.event, by=room.scribe, text="Five minutes")
    kept = notes.edit(note, by=room.scribe, version=1, text=" Six minutes ", parked_for="factors")
    assert (kept.text, kept.version, kept.parked_for) == ("Six minutes", 2, "factors")
    change = Change.objects.filter(event=room.event).latest("seq")
    assert change.detail == {"before": {"text": "Five minutes"}, "after": {"text": "Six minutes"}}
    with pytest.raises(Stale) as stale:
        notes.edit(note, by=room.facilitator, version=1, text="Seven minutes")
    assert stale.value.current.text == "Six minutes"
    notes.set_removed(note, by=room.scribe, removed=True)
    with pytest.raises(WrongState, match="removed meanwhile"):
        notes.edit(note, by=room.scribe, version=2, text="Eight minutes")


def test_parked_ideas_come_back_at_their_step(room):
    for step in ("root-cause", "factors", "actions"):
        notes.keep(room.event, by=room.guest, text=f"For {step}", parked_for=step)
    assert [note.text for note in notes.parked(room.event, "factors")["parked_here"]] == ["For factors"]
    assert notes.parked(room.event, "timeline")["parked_here"] == []
    assert len(notes.parked(room.event, "timeline")["parked"]) == 3
    assert notes.parked(room.event, "factors")["parked"][0].waits_for == "Action items"


def test_an_idea_becomes_a_factor_once(room):
    idea = notes.keep(room.event, by=room.guest, text="Alerts named no cause", parked_for="factors")
    notes.take_up(idea, by=room.scribe, way="factor", category="detection")
    factor = Factor.objects.get(event=room.event)
    assert (factor.text, factor.category, factor.created_by) == ("Alerts named no cause", "detection", room.scribe)
    idea.refresh_from_db()
    assert idea.became == f"factor:{factor.pk}"
    assert notes.parked(room.event, "factors")["parked"] == []
    with pytest.raises(WrongState, match="taken up already"):
        notes.take_up(idea, by=room.facilitator, way="factor", category="detection")
    assert Factor.objects.count() == 1
    with pytest.raises(ValidationError):
        other = notes.keep(room.event, by=room.guest, text="Another", parked_for="factors")
        notes.take_up(other, by=room.scribe, way="factor", category="nonsense")


def test_an_idea_becomes_a_note_waits_elsewhere_or_is_dropped_and_comes_back(room):
    idea = notes.keep(room.event, by=room.guest, text="An idea", parked_for="factors")
    notes.take_up(idea, by=room.scribe, way="actions")
    idea.refresh_from_db()
    assert (idea.parked_for, idea.became) == ("actions", "")
    notes.take_up(idea, by=room.scribe, way="dropped")
    assert notes.parked(room.event, "actions")["parked"] == []
    notes.take_up(idea, by=room.scribe, way="parked")
    assert len(notes.parked(room.event, "actions")["parked"]) == 1
    meeting.go(room.event, by=room.facilitator, from_rank=0, to_rank=4)
    notes.take_up(idea, by=room.scribe, way="note")
    assert [note.text for note in notes.newest(room.event)["notes"]] == ["An idea"]
    idea.refresh_from_db()
    assert (idea.parked_for, idea.step_slug, idea.became) == ("", "factors", "")
    with pytest.raises(WrongState, match="a note already"):
        notes.take_up(idea, by=room.scribe, way="dropped")


def test_the_newest_notes_are_shown_and_all_stand_by_step(room, django_assert_num_queries):
    for n in range(notes.SHOWN + 1):
        notes.keep(room.event, by=room.scribe, text=f"Said {n}")
    dropped = notes.keep(room.event, by=room.guest, text="Idea", parked_for="actions")
    notes.take_up(dropped, by=room.scribe, way="dropped")
    meeting.go(room.event, by=room.facilitator, from_rank=0, to_rank=1)
    notes.keep(room.event, by=room.scribe, text="At the summary")
    found = notes.newest(room.event)
    assert (len(found["notes"]), found["has_earlier"], found["notes"][0].text) == (15, True, "At the summary")
    with django_assert_num_queries(1):
        steps = notes.by_step(room.event)
    assert [(title, len(rows)) for title, rows in steps] == [("Open", 17), ("Read the summary", 1)]
    assert [row.fate for row in steps[0][1] if row.fate] == ["Dropped"]


def test_a_review_holds_so_many_notes_and_not_one_more(room, monkeypatch):
    most = RoomNote.objects.filter(event=room.event).count() + 5
    monkeypatch.setattr(limits, "NOTES_PER_EVENT", most)
    kept = [notes.keep(room.event, by=room.scribe, text=f"Note {n}") for n in range(5)]
    refused = pytest.raises(WrongState, match=f"holds at most {most} notes. Write on in one that is there, or remove")
    for parked_for in ("", "actions"):
        with refused:
            notes.keep(room.event, by=room.scribe, text="One more", parked_for=parked_for)
    notes.edit(kept[0], by=room.scribe, version=1, text="Note 0, and one more")
    notes.set_removed(kept[1], by=room.scribe, removed=True)
    notes.keep(room.event, by=room.scribe, text="In its place")
    with refused:
        notes.set_removed(kept[1], by=room.scribe, removed=False)
    assert RoomNote.objects.kept().filter(event=room.event).count() == most
