"""Keeps the calendars of an event's people as its meeting is: invitation, update, cancellation, and the agenda a day ahead.

Nothing that changes a meeting sends anything. A sweep compares what each person's calendar holds (`CalendarCopy`) with what it
should hold now, and posts the difference once nothing moved for half a minute: of several quick changes the last one counts, a
change that is taken back sends nothing, and whoever was never invited gets no cancellation. The comparison is repeated
under the event's lock, and a round of mails carries one sequence number, which with the person is the mail's key: two
sweeps at once post one mail.

A meeting that has begun, or whose time has passed, stays in the calendars as it was.
"""

import hashlib
import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q

from aar_site import clock, words
from aar_site.outbox import mail
from aar_site.outbox.models import Message
from retros import ics
from retros.live.log import WrongState, change
from retros.models import CalendarCopy, Event, MeetingCalendar, Membership, Role, State
from retros.services import people
from retros.services.agenda import agenda_for

log = logging.getLogger(__name__)
QUIET = timedelta(seconds=30)
AHEAD = timedelta(hours=24)
AT_ONCE = 25  # mails under one lock: a fraction of a second
INVITATION, CANCELLED, REMINDER = "meeting_invitation", "meeting_cancelled", "meeting_reminder"


class Told(NamedTuple):
    """What a calendar says of a meeting; where one of these changes, it is told anew."""

    title: str
    starts_at: datetime
    minutes: int


@dataclass(frozen=True)
class Due:
    """What one event's calendars lack: people to be asked (each with the copy they hold, if any), and copies to be cancelled."""

    asked: list[tuple[Membership, CalendarCopy | None]]
    withdrawn: list[CalendarCopy]
    fingerprint: str

    @property
    def held(self) -> int:
        """The highest number that one of these calendars holds already; the next one must be higher to be taken for newer."""
        return max(
            [copy.sequence for _, copy in self.asked if copy] + [copy.sequence for copy in self.withdrawn], default=-1
        )


# --- The sweep ------------------------------------------------------------------------------------------------------
def sweep() -> int:
    """Post what calendars lack, and the agenda of meetings that are a day ahead; the number of mails. Safe to run twice at once."""
    due = [event for event, due in _read(list(_concerned(clock.now()))) if _is_due(due)]
    return sum(_or_later(_bring_up_to_date, event) for event in due) + _remind()


def _bring_up_to_date(event: Event) -> int:
    """Post the difference a few people at a time, so that nobody who writes in the review waits for hundreds of mails."""
    total = 0
    while posted := _next_few(event):
        total += posted
    return total


def _or_later(step: Callable[..., int], event: Event, *more: Any) -> int:
    """What cannot be made for one event must not keep the others from theirs; the next sweep tries again."""
    try:
        return step(event, *more)
    except Exception:
        log.exception("calendars of event %s", event.pk)
        return 0


def _concerned(now: datetime) -> Any:
    """Events with a meeting ahead, or with one that somebody's calendar still holds."""
    held = CalendarCopy.objects.filter(event=OuterRef("pk"), is_cancelled=False, starts_at__gt=now)
    return Event.objects.filter(Q(state=State.PREPARING, meeting_at__gt=now) | Exists(held)).order_by("pk")


def _read(events: list[Event]) -> list[tuple[Event, Due]]:
    """What each of them lacks; two queries for all."""
    members, copies = defaultdict(list), defaultdict(list)
    rows = Membership.objects.filter(event__in=events, user__is_active=True).select_related("user")
    # A guest whose link was ended is shut out, although their place is kept until somebody takes them out.
    for member in rows.exclude(user__is_guest=True, link__revoked_at__isnull=False).order_by("pk"):
        if not member.user.is_demo:
            members[member.event_id].append(member)
    for copy in CalendarCopy.objects.filter(event__in=events).select_related("person"):
        copies[copy.event_id].append(copy)
    return [(event, _due(event, members[event.pk], copies[event.pk])) for event in events]


def _due(event: Event, members: list[Membership], copies: list[CalendarCopy]) -> Due:
    now = clock.now()
    by_person = {copy.person_id: copy for copy in copies}
    is_ahead = bool(event.state == State.PREPARING and event.meeting_at and event.meeting_at > now)
    asked = [(m, by_person.get(m.user_id)) for m in members if is_ahead and not _holds(by_person.get(m.user_id), event)]
    is_off = event.state == State.NOT_REVIEWED or (event.state == State.PREPARING and event.meeting_at is None)
    staying = {member.user_id for member in members}
    withdrawn = [
        copy
        for copy in copies
        if not copy.is_cancelled and copy.starts_at > now and (is_off or copy.person_id not in staying)
    ]
    told = [event.title, event.meeting_at, event.meeting_minutes, is_ahead, is_off, sorted(staying)]
    return Due(asked, withdrawn, hashlib.sha256(repr(told).encode()).hexdigest())


def _holds(copy: CalendarCopy | None, event: Event) -> bool:
    """Whether a calendar shows the meeting as it is."""
    if copy is None or copy.is_cancelled:
        return False
    return Told(copy.title, copy.starts_at, copy.minutes) == _as_it_is(event)


def _as_it_is(event: Event) -> Told:
    """Of an event whose meeting has a time."""
    assert event.meeting_at is not None  # noqa: S101 - for the type checker
    return Told(event.title, event.meeting_at, event.meeting_minutes)


def _is_due(due: Due) -> bool:
    return bool(due.asked or due.withdrawn)


def _next_few(event: Event) -> int:
    """Post the difference for some of the people, once it has stood for half a minute; the number of mails."""
    with change(event, None, "", by=None) as done:
        [(fresh, due)] = _read([done.event])
        calendar, _ = MeetingCalendar.objects.get_or_create(event=fresh)
        if not _is_due(due):
            return 0
        now = clock.now()
        if calendar.seen != due.fingerprint:
            calendar.seen, calendar.seen_at = due.fingerprint, now
            calendar.save()
            return 0
        if now - calendar.seen_at < QUIET:
            return 0
        if due.held >= calendar.sequence:
            calendar.sequence = due.held + 1
            calendar.save()
        lead = people.facilitator_of(fresh)
        posted = [_withdraw(fresh, copy, calendar.sequence, lead) for copy in due.withdrawn[:AT_ONCE]]
        posted += [
            _invite(fresh, member, copy, calendar.sequence, lead) for member, copy in due.asked[: AT_ONCE - len(posted)]
        ]
        return sum(posted)


def _invite(event: Event, member: Membership, copy: CalendarCopy | None, sequence: int, lead: Any) -> bool:
    told, person, is_known = _as_it_is(event), member.user, copy is not None and not copy.is_cancelled
    meeting = appointment(event, told, sequence, lead)
    data = ics.request(meeting, (person.name, person.email), is_optional=member.role == Role.OBSERVER)
    CalendarCopy.objects.update_or_create(
        event=event,
        person=person,
        defaults={
            **told._asdict(),
            "sequence": sequence,
            "is_cancelled": False,
            "sent_at": clock.now(),
        },
    )
    moved = is_known and copy and copy.starts_at != told.starts_at
    context = {
        **_words(event, told, person),
        "is_known": is_known,
        "was": words.moment(copy.starts_at, event.time_zone) if copy and moved else "",
        "role": member.get_role_display(),
        "agenda": agenda_for(event),
    }
    key = f"{event.pk}:{person.pk}:{sequence}"
    return mail.post(
        INVITATION,
        key,
        person=person,
        template=INVITATION,
        context=context,
        calendar=("REQUEST", data),
        may_repeat=True,
    )


def _withdraw(event: Event, copy: CalendarCopy, sequence: int, lead: Any) -> bool:
    """The words of the copy: whoever was taken out learns nothing that is newer than what they were told."""
    told = Told(copy.title, copy.starts_at, copy.minutes)
    meeting = appointment(event, told, sequence, lead)
    data = ics.cancel(meeting, (copy.person.name, copy.person.email))
    copy.is_cancelled, copy.sequence, copy.sent_at = True, sequence, clock.now()
    copy.save()
    is_out = event.meeting_at is not None and event.state == State.PREPARING
    context = {
        **_words(event, told, copy.person),
        "is_out": is_out,
        "is_declined": event.state == State.NOT_REVIEWED,
    }
    key = f"{event.pk}:{copy.person_id}:{sequence}"
    return mail.post(
        CANCELLED,
        key,
        person=copy.person,
        template=CANCELLED,
        context=context,
        calendar=("CANCEL", data),
        may_repeat=True,
    )


# --- A day ahead ----------------------------------------------------------------------------------------------------
def _remind() -> int:
    """The agenda, a day ahead, to whom it was not sent since then anyway."""
    now = clock.now()
    rows = CalendarCopy.objects.filter(
        is_cancelled=False,
        starts_at__gt=now,
        starts_at__lte=now + AHEAD,
        sent_at__lt=F("starts_at") - AHEAD,
        event__state=State.PREPARING,
        event__meeting_at=F("starts_at"),
        person__is_active=True,
    )
    by_event: dict[int, list[int]] = defaultdict(list)
    for event_id, person_id in rows.order_by("event", "pk").values_list("event", "person"):
        by_event[event_id].append(person_id)
    few = [
        (event, by_event[event.pk][start : start + AT_ONCE])
        for event in Event.objects.filter(pk__in=by_event).order_by("pk")
        for start in range(0, len(by_event[event.pk]), AT_ONCE)
    ]
    return sum(_or_later(_remind_of, event, some) for event, some in few)


def _remind_of(event: Event, some: list[int]) -> int:
    with change(event, None, "", by=None) as done:
        fresh = done.event
        members = Membership.objects.filter(event=fresh, user__in=some).select_related("user")
        posted = 0
        for member in members.order_by("pk"):
            CalendarCopy.objects.filter(event=fresh, person=member.user).update(sent_at=clock.now())
            posted += _post_reminder(fresh, member)
        return posted


def _post_reminder(event: Event, member: Membership) -> bool:
    told, person = _as_it_is(event), member.user
    context = {
        **_words(event, told, person),
        "role": member.get_role_display(),
        "agenda": agenda_for(event),
        "is_revealed": event.is_revealed,
    }
    key = f"{event.pk}:{person.pk}:{told.starts_at:%Y%m%dT%H%M%SZ}"
    return mail.post(REMINDER, key, person=person, template=REMINDER, context=context)


# --- What the outbox asks before such a mail leaves -----------------------------------------------------------------
def outdated(message: Message) -> str:
    """Why an invitation, cancellation or reminder that had to wait is not sent any more; "" while it still holds."""
    event, person, told = message.dedupe_key.split(":")
    copy = CalendarCopy.objects.filter(event=int(event), person=int(person)).select_related("event").first()
    if copy is None:
        return "Nobody is invited to it any more."
    if message.kind == REMINDER:
        holds = (
            not copy.is_cancelled and copy.event.state == State.PREPARING and f"{copy.starts_at:%Y%m%dT%H%M%SZ}" == told
        )
        return "" if holds and copy.starts_at > clock.now() else "The meeting was moved, called off or has begun."
    if copy.sequence > int(told):
        return "A later change took its place."
    return "" if copy.starts_at + timedelta(minutes=copy.minutes) > clock.now() else "The meeting is over."


# --- Words and files ------------------------------------------------------------------------------------------------
def download(event: Event) -> bytes:
    """The meeting as a file, under the same name and number as the invitations. Raises WrongState where no time is set."""
    if event.meeting_at is None or event.state == State.NOT_REVIEWED:
        raise WrongState("No time is set for this meeting yet.")
    calendar = MeetingCalendar.objects.filter(event=event).first()
    sequence, lead = calendar.sequence if calendar else 0, people.facilitator_of(event)
    return ics.publish(appointment(event, _as_it_is(event), sequence, lead))


def appointment(event: Event, told: Told, sequence: int, lead: Any) -> ics.Appointment:
    """The meeting in the event's zone. Its name outlives a move to another address; the organizer is the address that mails
    come from, because programs ask for both to be the same, with the facilitator's name."""
    site, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    agenda = "\n".join(f"{taken} min  {step}" for _, step, taken in agenda_for(event))
    room = f"{settings.BASE_URL}/e/{event.code}/room/"
    who = f"{lead.name} facilitates.\n\n" if lead else ""
    return ics.Appointment(
        uid=f"{event.code}-{event.created_at:%Y%m%dT%H%M%S}@hindcast",
        sequence=sequence,
        stamp=clock.now(),
        title=f"Review: {told.title}",
        starts_at=told.starts_at.astimezone(event.zone),
        minutes=told.minutes,
        description=f"{who}Agenda\n{agenda}\n\nThe room: {room}",
        address=room,
        organizer=(f"{lead.name}, {site or 'Hindcast'}" if lead else site or "Hindcast", address),
    )


def _words(event: Event, told: Told, person: Any) -> dict[str, Any]:
    """What each of the three mails says: title, when, how long, and where the event is found."""
    at = told.starts_at
    theirs, ours = (at.astimezone(zone).utcoffset() for zone in (ZoneInfo(person.time_zone), event.zone))
    is_elsewhere = theirs != ours and not person.is_guest  # nobody asks a guest where they are
    return {
        "event_title": told.title,
        "when": words.moment(at, event.time_zone),
        "local": words.moment(at, person.time_zone) if is_elsewhere else "",
        "minutes": told.minutes,
        "path": f"/e/{event.code}/",
    }
