"""The meeting: its clock (which counts here, on the server), its rest, the cursor in the timeline, the close."""

import uuid
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import F

from aar_site import clock
from retros.live.log import Repeated, Stale, WrongState, change
from retros.models import (
    AgendaStep,
    Event,
    Hand,
    Meeting,
    Operation,
    State,
    TimelineEntry,
)
from retros.services import outline
from retros.services.agenda import agenda_for, parts_of
from retros.services.once import once, remembering

TOPICS = {
    "opening": {"actions", "people", "factors"},  # what is carried over shares a kind of factor
    "summary": {"summary", "event", "analysis", "actions"},  # until somebody writes it, it is composed of these
    "timeline": {"timeline", "notes", "said", "accounts"},  # what was said, noted and told stands beside its moment
    "root-cause": {"analysis", "notes"},
    "factors": {"factors", "notes"},
    "went-well": {"went-well"},
    "actions": {"actions", "notes", "factors", "analysis", "went-well"},  # what nothing answers yet
    "close": {"actions", "factors", "analysis", "went-well"},  # what the meeting made
    "repeat": {"document", "went-well"},
    "not-well": {"document", "factors"},
}


def start(event: Event, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Open the room. Raises WrongState without an end of the event, or where it was open already."""
    with change(event, "agenda,people,event", "opened the room", by=by, op=op) as done:
        fresh = done.event
        if fresh.ended_at is None:
            raise WrongState("This event has no end yet. Enter when it ended, a day is enough; then open the room.")
        if fresh.state != State.PREPARING:
            raise WrongState("The room was opened before. Join it, or go to the review.")
        meeting, _ = Meeting.objects.get_or_create(event=fresh)
        meeting.steps.all().delete()
        steps = [
            AgendaStep(meeting=meeting, rank=rank, slug=slug, title=title, planned_s=minutes * 60)
            for rank, (slug, title, minutes) in enumerate(agenda_for(fresh))
        ]
        AgendaStep.objects.bulk_create(steps)
        now = clock.now()
        meeting.started_at, meeting.since = now, now
        meeting.step = meeting.steps.first()
        meeting.ended_at = None
        _stand(meeting, fresh)
        meeting.save()
        Event.objects.filter(pk=fresh.pk).update(state=State.MEETING, held_at=now)


def go(event: Event, *, by: Any, from_rank: int, to_rank: int, op: uuid.UUID | None = None) -> None:
    """Move to another step. `from_rank` is the step that the facilitator saw; raises Stale(meeting) when the room moved on."""
    with change(event, "agenda", "moved the agenda", by=by, op=op) as done:
        meeting = awake(done.event)
        step = meeting.step
        if step is None or step.rank != from_rank:
            raise Stale(meeting)
        target = meeting.steps.filter(rank=to_rank).first()
        if target is None:
            raise WrongState("There is no such step on this agenda.")
        _stop_clock(meeting)
        if to_rank > from_rank:  # what is jumped over stays open: it was not done, and the rail says so
            meeting.steps.filter(pk=step.pk).update(is_done=True)
        meeting.steps.filter(rank__gte=to_rank).update(is_done=False)
        meeting.step, meeting.since = target, clock.now()
        _stand(meeting, done.event)
        meeting.save()
        done.about(meeting, after={"step": target.slug})


def _stand(meeting: Meeting, event: Event) -> None:
    """The walk begins at its first moment, and stays there where others come before it or its own time changes."""
    if meeting.cursor_id is None and meeting.step and "timeline" in parts_of(event, meeting.step.slug):
        meeting.cursor_id = outline.first_stop(meeting, outline.of(event))


def set_paused(event: Event, *, by: Any, is_paused: bool, op: uuid.UUID | None = None) -> None:
    """Stop the clock, or let it run on."""
    with change(event, "agenda", "paused the room" if is_paused else "went on", by=by, op=op) as done:
        meeting = awake(done.event)
        if is_paused and meeting.since:
            _stop_clock(meeting)
        elif not is_paused and meeting.since is None:
            meeting.since = clock.now()
        meeting.save()


def add_minutes(event: Event, *, by: Any, minutes: int = 5, op: uuid.UUID | None = None) -> None:
    """Give the current step more time."""
    with change(event, "agenda", "added minutes", by=by, op=op) as done:
        meeting = awake(done.event)
        meeting.steps.filter(pk=meeting.step_id or 0).update(planned_s=F("planned_s") + minutes * 60)


def end(event: Event, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Close the room: the review becomes a draft."""
    with change(event, "agenda,people,event", "closed the room", by=by, op=op) as done:
        meeting = running(done.event)
        _stop_clock(meeting)
        meeting.ended_at = clock.now()
        meeting.rests_since = meeting.resumes_at = meeting.asked_to_lead = None
        Hand.objects.filter(event=done.event).delete()
        meeting.steps.filter(pk=meeting.step_id or 0).update(is_done=True)
        meeting.save()
        Event.objects.filter(pk=done.event.pk).update(state=State.DRAFT)


def rest(event: Event, *, by: Any, until: datetime | None = None, op: uuid.UUID | None = None) -> None:
    """Close for today without an end: the clock stands, and the room goes on at this step, at `until` or whenever somebody can."""
    with change(event, "agenda,people,event", "closed the room for today", by=by, op=op) as done:
        meeting = running(done.event)
        if until is not None and until <= clock.now():
            raise WrongState("This moment has passed. Choose a later one, or leave it open.")
        _stop_clock(meeting)
        meeting.rests_since = meeting.rests_since or clock.now()
        Hand.objects.filter(event=done.event).delete()
        meeting.resumes_at = until
        meeting.save()
        done.about(meeting, after={"until": until.isoformat() if until else ""})


def resume(event: Event, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Go on after a rest, at the same step."""
    with change(event, "agenda,people,event", "went on after a rest", by=by, op=op) as done:
        meeting = running(done.event)
        if meeting.rests_since is None:
            raise WrongState("The meeting goes on already.")
        meeting.rests_since = meeting.resumes_at = None
        meeting.since = clock.now()
        meeting.save()


def reopen(event: Event, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Open the room again at its last step, after a break or on another day; not once the review is published."""
    with change(event, "agenda,people,event", "opened the room again", by=by, op=op) as done:
        if done.event.state not in {State.DRAFT, State.REVIEW}:
            raise WrongState("The room can be opened again while the review is a draft.")
        meeting = Meeting.objects.select_for_update().filter(event=done.event, started_at__isnull=False).first()
        if meeting is None:
            raise WrongState("This review had no meeting yet.")
        meeting.ended_at, meeting.since = None, clock.now()
        meeting.save()
        Event.objects.filter(pk=done.event.pk).update(state=State.MEETING)


def set_cursor(event: Event, *, by: Any, entry: TimelineEntry, op: uuid.UUID | None = None) -> None:
    """Take everybody to a moment of the timeline."""
    with change(event, "timeline", "walked on", by=by, op=op) as done:
        meeting = awake(done.event)
        if not TimelineEntry.objects.kept().filter(event=done.event, pk=entry.pk).exists():
            raise WrongState("This moment was removed meanwhile. Choose another one, or bring it back.")
        meeting.cursor = entry
        meeting.save(update_fields=["cursor"])


def agree(event: Event, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Count one who agrees to the ground rule; counted, not named: the log says nothing of whom.

    Raises Repeated for a second press. A press is remembered for an hour in the cache, which takes part in the change.
    """
    with change(event, "agenda", "agreed to the ground rule", by=None) as done:
        meeting = running(done.event)
        if op and not cache.add(f"agreed-{op}", True, 3600):
            raise Repeated(Operation(op=op, event=done.event))
        Meeting.objects.filter(pk=meeting.pk).update(agreed_count=F("agreed_count") + 1)


def running(event: Event) -> Meeting:
    """The meeting of a locked event, locked itself. Raises WrongState while the room is not open."""
    if event.state != State.MEETING:
        raise WrongState("The room is not open." if event.state == State.PREPARING else "The meeting is over.")
    return Meeting.objects.select_for_update(of=("self",)).select_related("step").get(event=event)


def awake(event: Event) -> Meeting:
    """The meeting, locked; WrongState where it is not open, or rests."""
    meeting = running(event)
    if meeting.rests_since:
        raise WrongState("The meeting rests. Go on with it first; everything stands where it stood.")
    return meeting


def _stop_clock(meeting: Meeting) -> None:
    """Add what the running step spent to it; leaves the clock stopped."""
    if meeting.since and meeting.step_id:
        spent = max(0, round((clock.now() - meeting.since).total_seconds()))
        AgendaStep.objects.filter(pk=meeting.step_id).update(spent_s=F("spent_s") + spent)
    meeting.since = None


# --- Reading --------------------------------------------------------------------------------------------------------
def meeting_of(event: Event) -> Meeting | None:
    """The meeting of the event with its step and cursor, not locked; None before its room was opened first."""
    return once(event, "meeting", _read_meeting)


def with_event(event_id: int) -> Event:
    """The event of a room with its meeting, in one question; it remembers what is read of it."""
    meeting = Meeting.objects.filter(event=event_id).select_related("event", "step").first()
    event: Any = remembering(meeting.event if meeting else Event.objects.get(pk=event_id))
    event.remembered["meeting"] = meeting
    return event  # type: ignore[no-any-return]


def _read_meeting(event: Event) -> Meeting | None:
    return Meeting.objects.filter(event=event).select_related("step", "cursor").first()


def stage_topics(event: Event) -> set[str]:
    """Topics that change what the stage shows at the present step."""
    meeting = meeting_of(event)
    if meeting is None or meeting.step is None:
        return {"event", "people"}
    found: set[str] = set()
    for slug in parts_of(event, meeting.step.slug):
        found |= TOPICS.get(slug, {"document"})
    return found
