"""When the room meets, for how long and by which agenda: the window that follows from the event's end, a proposal inside it,
and what is to be said of a date that lies elsewhere."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from aar_site import clock
from aar_site.outbox.mail import promised
from aar_site.words import clock_time, counted, day, in_words
from retros import when
from retros.live.log import WrongState, change
from retros.models import Event, State
from retros.services import agenda

PUBLISH_DAYS = 14
MEET_DAYS_SERIOUS, MEET_DAYS = 5, 10
# An event that is opened so long after its end is told for what it teaches: nothing of it is late.
LONG_AGO = timedelta(days=180)
CLOSING_DAYS = 2  # so many days before the window closes it is said
MEETS_AT = time(14)
OPENS, CLOSES = time(8), time(18)
FIELDS = ["meeting_at", "meeting_minutes", "accounts_due_at", "agenda_minutes"]


def schedule(
    event: Event,
    *,
    by: Any,
    meeting_at: datetime | None,
    meeting_minutes: int,
    accounts_due_at: datetime | None,
    steps: dict[str, int] | None = None,
    op: uuid.UUID | None = None,
) -> None:
    """Set when the meeting is, how long, by which agenda, and until when accounts are asked for; all count until the room opens.

    `steps` are the minutes of each step; without them what was edited before is fitted to the length. Calendars follow by
    themselves (`services.calendar`). Raises ValidationError where the steps are not those of the agenda, or take too long.
    """
    with change(event, "event,agenda", "set the meeting's time", by=by, op=op) as done:
        fresh = done.event
        if fresh.state != State.PREPARING:
            raise WrongState("The meeting has begun, so its time is part of the record now.")
        fresh.meeting_at, fresh.accounts_due_at = meeting_at, accounts_due_at
        edited = agenda.fitted(fresh, meeting_minutes) if steps is None else steps
        fresh.meeting_minutes = meeting_minutes
        fresh.agenda_minutes = agenda.kept(fresh, edited)
        fresh.full_clean(exclude=["created_by"])
        fresh.save(update_fields=FIELDS)


def follow_severity(event: Event, kind: str, severity: str) -> None:
    """Give the event the length that fits it now, where no time is set and the length is still the one that fitted before."""
    if event.meeting_at is None and event.meeting_minutes == agenda.length_for(kind, severity):
        event.meeting_minutes = agenda.length_for(event.kind, event.severity)


# --- The window -----------------------------------------------------------------------------------------------------
def meet_days(event: Event) -> int:
    """Within how many days after the end the meeting belongs."""
    return MEET_DAYS_SERIOUS if event.is_serious else MEET_DAYS


def meeting_due(event: Event) -> datetime | None:
    """Until when the meeting belongs: five days after the end of a serious event, ten otherwise; None for one of long ago."""
    return _after_end(event, meet_days(event))


def publish_due(event: Event) -> datetime | None:
    """Until when the review belongs published: fourteen days after the event's end; None for one of long ago."""
    return _after_end(event, PUBLISH_DAYS)


def was_long_ago(ended: datetime, created: datetime) -> bool:
    """Whether an event was over so long before it was opened that no day of its review can be late."""
    return created - ended >= LONG_AGO


def _after_end(event: Event, days: int) -> datetime | None:
    ended = event.ended_at
    return ended + timedelta(days=days) if ended and not was_long_ago(ended, event.created_at) else None


def days_after(event: Event, at: datetime | None) -> int | None:
    """Calendar days of the event's zone from its end to a moment; None where one of them is missing."""
    if at is None or event.ended_at is None:
        return None
    return (at.astimezone(event.zone).date() - event.ended_at.astimezone(event.zone).date()).days


def days_left(event: Event) -> int | None:
    """Days until the day on which the meeting belongs, negative past it; None while no window is open: no end, or over."""
    due = meeting_due(event)
    if due is None or event.state != State.PREPARING:
        return None
    return (due.astimezone(event.zone).date() - clock.today(event.time_zone)).days


def is_closing(event: Event) -> bool:
    """Whether the window is about to close, or closed, and no meeting lies ahead."""
    left, at = days_left(event), event.meeting_at
    return left is not None and left <= CLOSING_DAYS and not (at and at > clock.now())


# --- What is said of it ---------------------------------------------------------------------------------------------
def closing_words(event: Event) -> str:
    """ "The window closes tomorrow, Fri 27 Nov."; "" while there is time, or where a meeting lies ahead."""
    due, left = meeting_due(event), days_left(event)
    if due is None or left is None or not is_closing(event):
        return ""
    on = day(due, event.time_zone)
    if left < 0:
        return f"The meeting belonged by {on}, {_days(-left)} ago. Late is better than not at all."
    when = {0: "today", 1: "tomorrow"}.get(left, f"in {_days(left)}")
    return f"The window closes {when}, {on}."


def warnings(event: Event, at: datetime | None) -> list[str]:
    """What speaks against a date, in whole sentences; the choice stays with the facilitator."""
    if at is None:
        return []
    local, after = at.astimezone(event.zone), days_after(event, at)
    due, publish = meeting_due(event), publish_due(event)
    found = []
    if after is not None and after > PUBLISH_DAYS and publish:
        found.append(
            f"That is {_days(after)} after the end: the review belonged published by {day(publish, event.time_zone)}."
        )
    elif after is not None and after > meet_days(event) and due:
        found.append(
            f"That is {_days(after)} after the end. The meeting belongs by {day(due, event.time_zone)}: memories fade."
        )
    if local.weekday() >= 5:
        found.append(f"That is a {local:%A}.")
    if not OPENS <= local.time() < CLOSES:
        found.append(
            f"{clock_time(at, event.time_zone)} lies outside of working hours in {event.time_zone.replace('_', ' ')}."
        )
    return found


def held_words(event: Event) -> str:
    """ "held 6 days after" the event's end; "" before, or where an end is missing."""
    after = days_after(event, event.held_at)
    if after is None:
        return ""
    return "held on the same day" if after <= 0 else f"held {counted(after, 'day')} after"


def _days(count: int) -> str:
    return in_words(count, "day")


def kept_words(event: Event, at: datetime | None) -> str:
    """What the facilitator reads after a time was kept, with what speaks against it."""
    if at is None:
        return f"No time is set. {promised('Whoever was invited is told that the meeting does not take place.')}"
    said = f"The time is set. {promised('Everybody in the review gets it as an invitation for their calendar.')}"
    return " ".join([said, *warnings(event, at)])


def facts(event: Event) -> dict[str, Any]:
    """What the pages of one event say of its time; the proposal where it has none that lies ahead."""
    is_open = event.state == State.PREPARING and not (event.meeting_at and event.meeting_at > clock.now())
    proposed = proposal(event) if is_open else None
    return {
        "meeting_due": meeting_due(event),
        "publish_due": publish_due(event),
        "closing": closing_words(event),
        "warnings": warnings(event, event.meeting_at) if event.state == State.PREPARING else [],
        "held": held_words(event),
        "ends_at": event.meeting_at + timedelta(minutes=event.meeting_minutes) if event.meeting_at else None,
        "proposed": proposed,
        "is_inside": proposed is not None and (days_after(event, proposed[0]) or 0) <= meet_days(event),
        "proposed_words": when.words(proposed[0], "exact") if proposed else "",
    }


# --- A proposal -----------------------------------------------------------------------------------------------------
def proposal(event: Event) -> tuple[datetime, datetime]:
    """(meeting, accounts due) to start from: a working day of the event's zone at 14:00, inside the window while that is open.

    Three days from now leave time to write; the window's last working day is taken where it comes first, and the soonest day
    that leaves a day to write where the window is as good as over.
    """
    today, due = clock.today(event.time_zone), meeting_due(event)
    if due is None:
        return _at(event, max(event.review_on or today, _day_with_time_to_write(event, today + timedelta(days=3))))
    last, next_day = _working_day(due.astimezone(event.zone).date(), -1), _working_day(today + timedelta(days=1), 1)
    if last < next_day:
        return _at(event, _day_with_time_to_write(event, today + timedelta(days=2)))
    return _at(event, min(_day_with_time_to_write(event, today + timedelta(days=3)), last))


def _day_with_time_to_write(event: Event, on: date) -> date:
    """The first working day from this one on whose usual deadline leaves a day to write."""
    on = _working_day(on, 1)
    while usual_due(event, datetime.combine(on, MEETS_AT, event.zone)) < clock.now() + timedelta(hours=24):
        on = _working_day(on + timedelta(days=1), 1)
    return on


def _at(event: Event, on: date) -> tuple[datetime, datetime]:
    meeting = datetime.combine(on, MEETS_AT, event.zone)
    return meeting, accounts_due(event, meeting)


def accounts_due(event: Event, meeting_at: datetime) -> datetime:
    """When accounts close: at the same clock on the working day before; two hours before where that is as good as over."""
    now, before = clock.now(), usual_due(event, meeting_at)
    if before > now + timedelta(hours=4):
        return before
    short = meeting_at - timedelta(hours=2)
    return short if short > now else meeting_at


def usual_due(event: Event, meeting_at: datetime) -> datetime:
    """The same clock on the working day before a meeting."""
    local = meeting_at.astimezone(event.zone)
    return datetime.combine(_working_day(local.date() - timedelta(days=1), -1), local.time(), event.zone)


def _working_day(on: date, step: int) -> date:
    while on.weekday() >= 5:
        on += timedelta(days=step)
    return on
