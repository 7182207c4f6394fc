"""What the facilitator is told at a step: the script, what is left, what was jumped over, how the room came to them."""

from types import SimpleNamespace

import pytest

from retros.models import Factor, Membership, Role, SilentNote, State, WentWell
from retros.services import attendance, causes, guiding, leading, meeting, notes, silent
from tests.factories import make_cast


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """The cast in an open room, two of whom came; .at(rank) moves there."""
    found = make_cast()
    meeting.start(found.event, by=found.facilitator)
    found.event.refresh_from_db()
    for user in (found.facilitator, found.scribe):
        attendance.attend(found.event, by=user)

    def at(rank: int) -> dict:
        meeting.go(found.event, by=found.facilitator, from_rank=found.rank, to_rank=rank)
        found.rank = rank
        return guiding.at(found.event)

    found.rank, found.at = 0, at
    return found


def test_at_the_opening_it_waits_for_those_who_came_and_for_somebody_who_writes(cast):
    assert guiding.at(cast.event)["todo"] == ["Not everybody who came has agreed yet. Wait a moment; nobody is listed."]
    for user in (cast.facilitator, cast.scribe):
        meeting.agree(cast.event, by=user)
    assert guiding.at(cast.event)["todo"] == []
    Membership.objects.filter(event=cast.event, role=Role.SCRIBE).update(role=Role.PARTICIPANT)
    without = ["Nobody has the pen. Ask somebody to write, and hand it to them."]
    assert guiding.at(cast.event)["todo"] == without
    assert cast.at(7)["todo"][-1:] == without, "who had it may have taken the room over"


def test_a_step_tells_its_script_and_what_is_left_until_it_is_done(cast):
    found = cast.at(5)
    assert found["step"].slug == "went-well"
    assert [script.do[:20] for script in found["scripts"]] == ["One thing per person"]
    assert [words for words in found["todo"] if "Nothing is listed under what went well" in words]
    WentWell.objects.create(event=cast.event, kind="luck", text="The backup was fresh", created_by=cast.scribe)
    assert guiding.at(cast.event)["todo"] == []
    assert [step.slug for step in found["jumped"]] == ["summary", "timeline", "root-cause", "factors"]


def test_factors_and_parked_ideas_are_asked_for_at_their_steps(cast):
    assert cast.at(4)["todo"][0].startswith("No factor is kept yet")
    Factor.objects.create(event=cast.event, category="change", text="No rehearsal", created_by=cast.scribe)
    assert not [words for words in guiding.at(cast.event)["todo"] if "No factor" in words]
    for text in ("Alert on it", "Write it down"):
        notes.keep(cast.event, by=cast.scribe, text=text, parked_for="actions")
    assert cast.at(6)["todo"][0] == "Two parked ideas waited for this step. Read them before new ones are made."


def test_notes_that_were_shown_wait_at_the_factors_until_each_is_placed(cast):
    cast.at(4)
    silent.open_writing(cast.event, by=cast.facilitator)
    silent.keep(cast.event, by=cast.participant, texts=["Hosts look alike", "Nobody tried a restore"])
    assert guiding.at(cast.event)["todo"][0].startswith("No factor is kept yet"), "sealed notes are not spoken of"
    silent.show(cast.event, by=cast.facilitator)
    assert guiding.at(cast.event)["todo"][0] == "Two notes wait to be placed."
    first, second = SilentNote.objects.shown().filter(event=cast.event)
    silent.keep_as(first, by=cast.scribe, category="verification")
    assert guiding.at(cast.event)["todo"][0] == "One note waits to be placed."
    silent.leave_out(second, by=cast.scribe)
    assert not [words for words in guiding.at(cast.event)["todo"] if "placed" in words or "No factor" in words]


def test_the_close_counts_answers_of_those_who_came(cast):
    assert cast.at(7)["todo"] == ["0 of 2 have answered the two questions."]


def test_who_just_got_the_room_is_told_from_whom(cast):
    assert guiding.at(cast.event)["handed"] is None
    leading.hand_over(cast.event, by=cast.facilitator, to=cast.participant.pk)
    assert guiding.at(cast.event)["handed"][0] == "Facilitator"


def test_a_room_that_was_never_opened_has_no_step(db):
    cast = make_cast()
    assert cast.event.state == State.PREPARING
    assert guiding.at(cast.event) == {"step": None}


def test_causes_left_open_are_named_at_their_step(cast):
    assert any("No cause is recorded" in words for words in cast.at(3)["todo"])
    causes.set_unknown(cast.event, by=cast.facilitator, is_unknown=True)
    cast.event.refresh_from_db()
    assert not any("No cause" in words for words in guiding.at(cast.event)["todo"])
