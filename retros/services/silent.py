"""Silent writing: everybody writes down conditions for two minutes, all are shown in one moment, then the room places each.

Until then a note is sealed: it is stored at once, without a change row, and its author alone reads it. The room is told one
number, how many notes there are. Showing deals them anew in a random order, without their authors and with one time for all,
so that from then on they are the room's: no row, number or order tells who wrote what. What is kept after the show waits,
sealed, for the next one.
"""

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import Max

from aar_site import clock
from retros.live.log import Record, Stale, WrongState, change
from retros.models import Change, Event, Factor, Meeting, Membership, Outcome, RoomNote, SilentNote
from retros.services.agenda import parts_of
from retros.services.meeting import running
from retros.services.notes import check_not_full
from retros.services.states import check_open

WRITING_S = 120  # the clock only shows; showing the notes is the facilitator's press
MOST_NOTES = 50  # of one person in one event
PLACED = "placed a note"  # made a factor of it


def open_writing(event: Event, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Let everybody write in silence. Refused away from the factors, and where it is open already."""
    with change(event, "factors", "opened silent writing", by=by, op=op) as done:
        meeting = running(done.event)
        if meeting.step is None or "factors" not in parts_of(done.event, meeting.step.slug):
            raise WrongState("Silent writing belongs to the contributing factors. Move the agenda there first.")
        if meeting.writing_since:
            raise WrongState("Everybody is writing already.")
        meeting.writing_since = clock.now()
        meeting.save(update_fields=["writing_since"])


def keep(event: Event, *, by: Any, texts: list[str], category: str = "", op: uuid.UUID | None = None) -> None:
    """Store notes of one person, sealed. Also after the show: what somebody still had on their screen is not lost."""
    with change(event, None, "", by=by, op=op) as done:
        running(done.event)
        _check_room_for(done.event, len(texts), by)
        for text in texts:
            note = SilentNote(event=done.event, author=by, text=text, category=category)
            note.full_clean(exclude=["event", "author", "factor", "shown_at"])
            note.save()


def _check_room_for(event: Event, more: int, by: Any) -> None:
    kept = SilentNote.objects.sealed().filter(event=event, author=by).count()
    if kept + more > MOST_NOTES:
        raise WrongState(f"You have {kept} notes, and {MOST_NOTES} is the most. Put some of them together.")


def edit(
    note: SilentNote, *, by: Any, text: str, category: str, version: int, op: uuid.UUID | None = None
) -> SilentNote:
    """Change an own sealed note that was read at `version`. Raises Stale with the newer one."""
    with change(note.event, None, "", by=by, op=op):
        fresh = SilentNote.objects.sealed().select_for_update().filter(pk=note.pk, author=by).first()
        if fresh is None:
            raise WrongState("This note was shown or removed meanwhile. Copy your words, and keep them as a new one.")
        if fresh.version != version:
            raise Stale(fresh)
        fresh.text, fresh.category, fresh.version = text, category, fresh.version + 1
        fresh.full_clean(exclude=["event", "author", "factor", "shown_at"])
        fresh.save()
        return fresh


def set_removed(note: SilentNote, *, by: Any, removed: bool, op: uuid.UUID | None = None) -> None:
    """Take an own sealed note away, or bring it back."""
    with change(note.event, None, "", by=by, op=op) as done:
        if not removed:
            _check_room_for(done.event, 1, by)
        SilentNote.objects.filter(pk=note.pk, author=by, shown_at=None).update(
            removed_at=clock.now() if removed else None
        )


def show(event: Event, *, by: Any, op: uuid.UUID | None = None) -> int:
    """Show every sealed note to the room at this moment, and end the writing; returns how many there were."""
    with change(event, "factors", "showed the silent notes", by=by, op=op) as done:
        meeting, now = running(done.event), clock.now()
        # Who was taken out of the review wrote for a circle they are no longer in: theirs stay sealed.
        people = Membership.objects.filter(event=done.event).values("user")
        waiting = SilentNote.objects.sealed().filter(event=done.event, author__in=people)
        notes = list(waiting.select_for_update())
        if not notes and meeting.writing_since is None:
            raise WrongState("No note is waiting. Open the silent writing first.")
        random.SystemRandom().shuffle(notes)
        last = SilentNote.objects.shown().filter(event=done.event).aggregate(last=Max("rank"))["last"] or 0
        SilentNote.objects.filter(pk__in=[note.pk for note in notes]).delete()
        SilentNote.objects.bulk_create(
            SilentNote(
                event=done.event, text=note.text, category=note.category, shown_at=now, created_at=now, rank=rank
            )
            for rank, note in enumerate(notes, last + 1)
        )
        meeting.writing_since = None
        meeting.save(update_fields=["writing_since"])
        done.about(meeting, after={"notes": len(notes)})
        return len(notes)


# --- Placing --------------------------------------------------------------------------------------------------------
def keep_as(note: SilentNote, *, by: Any, category: str, op: uuid.UUID | None = None) -> Factor:
    """Make a note a factor of this kind; its words can be changed there."""
    with _placed(note, PLACED, by=by, op=op) as (fresh, done):
        last = Factor.objects.filter(event=done.event).aggregate(last=Max("rank"))["last"]
        factor = Factor(event=done.event, category=category, text=fresh.text, created_by=by)
        factor.rank = 0 if last is None else last + 1
        factor.full_clean(exclude=["event", "created_by"])
        factor.save()
        fresh.outcome, fresh.factor = Outcome.FACTOR, factor
        done.about(factor, after={"text": factor.text})
        return factor


def same_as(note: SilentNote, *, by: Any, factor: Factor, op: uuid.UUID | None = None) -> None:
    """Put a note to the factor that says the same; it stands beneath it in its own words."""
    with _placed(note, "put alike notes together", by=by, op=op) as (fresh, done):
        if not Factor.objects.kept().filter(pk=factor.pk, event=done.event).exists():
            raise WrongState("That factor was removed meanwhile. Choose another one, or a kind.")
        fresh.outcome, fresh.factor = Outcome.FACTOR, factor
        done.about(factor, after={"text": fresh.text})


def leave_out(note: SilentNote, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Decide that a note is no factor. It stays among what was written."""
    with _placed(note, "left a note out", by=by, op=op) as (fresh, _):
        fresh.outcome = Outcome.LEFT_OUT


def park(note: SilentNote, *, by: Any, op: uuid.UUID | None = None) -> None:
    """A note that is a remedy waits for the actions, as a parked idea."""
    with _placed(note, "parked an idea", by=by, op=op, topics="factors,notes") as (fresh, done):
        check_not_full(done.event)
        step = Meeting.objects.filter(event=done.event).values_list("step__slug", flat=True).first() or "factors"
        RoomNote.objects.create(event=done.event, step_slug=step, parked_for="actions", text=fresh.text, created_by=by)
        fresh.outcome = Outcome.PARKED


def put_back(note: SilentNote, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Place a note again: undo of all four. A factor that was made of a note, was not touched since and has none left goes with
    it; so does the idea that it was parked as, unless somebody took that up."""
    with change(note.event, "factors,notes", "took a note up again", by=by, op=op) as done:
        check_open(done.event)
        fresh = SilentNote.objects.shown().select_for_update().get(pk=note.pk)
        if fresh.outcome == Outcome.PARKED:
            ideas = RoomNote.objects.kept().filter(event=done.event, parked_for="actions", became="", text=fresh.text)
            idea = ideas.first()
            RoomNote.objects.filter(pk=idea.pk if idea else 0).update(removed_at=clock.now())
        others = SilentNote.objects.filter(factor=fresh.factor_id or 0).exclude(pk=fresh.pk)
        if fresh.factor_id and not others.exists():
            born = Change.objects.filter(event=done.event, subject=f"factor:{fresh.factor_id}").order_by("seq").first()
            if born and born.what == PLACED:
                Factor.objects.filter(pk=fresh.factor_id, version=1).update(removed_at=clock.now())
        SilentNote.objects.filter(pk=fresh.pk).update(outcome="", factor=None)


@contextmanager
def _placed(
    note: SilentNote, what: str, *, by: Any, op: uuid.UUID | None, topics: str = "factors"
) -> Iterator[tuple[SilentNote, Record]]:
    with change(note.event, topics, what, by=by, op=op) as done:
        check_open(done.event)
        rows = SilentNote.objects.shown().select_for_update(of=("self",)).select_related("factor")
        fresh = rows.get(pk=note.pk)
        if not is_to_place(fresh):
            raise WrongState("Somebody placed this note a moment ago.")
        yield fresh, done
        fresh.save()


def is_to_place(note: SilentNote) -> bool:
    """Whether the room has not said yet what becomes of it; also where its factor was removed."""
    return not note.outcome or bool(note.outcome == Outcome.FACTOR and (not note.factor or note.factor.removed_at))
