"""Notes of the meeting, and ideas that are parked for a later step."""

import uuid
from typing import Any

from aar_site import clock
from retros.live.log import WrongState, change
from retros.models import Event, RoomNote, State
from retros.services.meeting import running


def keep(event: Event, *, by: Any, text: str, parked_for: str = "", op: uuid.UUID | None = None) -> RoomNote:
    """Keep what was said, or park an idea for a later step."""
    with change(event, "notes", "parked an idea" if parked_for else "kept a note", by=by, op=op) as done:
        meeting = running(done.event)
        slug = meeting.step.slug if meeting.step else "opening"
        note = RoomNote(event=done.event, step_slug=slug, parked_for=parked_for, text=text.strip(), created_by=by)
        note.full_clean(exclude=["event", "created_by"])
        note.save()
        done.about(note)
        return note


def set_removed(note: RoomNote, *, by: Any, removed: bool, op: uuid.UUID | None = None) -> None:
    """Take a note away, or bring it back."""
    with change(note.event, "notes", "removed a note" if removed else "brought a note back", by=by, op=op) as done:
        if done.event.state == State.PUBLISHED:
            raise WrongState("This review is published, so the notes of its meeting stay as they are.")
        RoomNote.objects.filter(pk=note.pk).update(removed_at=clock.now() if removed else None)
        done.about(note)
