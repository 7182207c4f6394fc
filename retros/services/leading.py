"""Who leads the room: the role and the pen change hands, somebody takes over from a facilitator who is gone, the first takes
it back. One role each (decision 0004): whoever gets the role gives up their own, whoever gives it up takes part."""

import uuid
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aar_site import clock
from aar_site.words import by_name
from retros.live import presence
from retros.live.log import Record, WrongState, change
from retros.models import Change, Event, Meeting, Membership, Role, State
from retros.services.meeting import awake, running

AWAY = timedelta(seconds=45)  # without a sign of the facilitator's browser, before somebody else may move the agenda
JUST = timedelta(minutes=5)  # so long whoever got the room is told how
HANDED, TAKEN, TAKEN_BACK = "handed over the room", "took over the room", "took the room back"
MOVES = (HANDED, TAKEN, TAKEN_BACK, "changed a role", "named the facilitator")  # the last two on the page of the people


def hand_over(event: Event, *, by: Any, to: int, op: uuid.UUID | None = None) -> None:
    """Give the room to somebody who takes part. `to` is their user id."""
    with change(event, "people,agenda,lead", HANDED, by=by, op=op) as done:
        meeting = running(done.event)
        former = _lead(done.event)
        if former is None or former.user_id != by.pk:
            raise WrongState("Somebody else facilitates meanwhile.")
        _pass_on(done, meeting, _heir(done.event, to))


def take_over(event: Event, *, by: Any, pen_to: int | None = None, op: uuid.UUID | None = None) -> None:
    """Become the facilitator in place of one who gave no sign for 45 seconds. The scribe hands the pen to `pen_to` first; it is laid
    down where nobody could take it. Refused while the meeting rests: then everybody is gone, and nobody has to move it."""
    with change(event, "people,agenda,lead", TAKEN, by=by, op=op) as done:
        meeting = awake(done.event)
        former = _lead(done.event)
        if former and not is_gone(done.event, meeting, former):
            raise WrongState(f"{former.user.name} is here. Ask {former.user.name} to hand over the room.")
        mine = Membership.objects.filter(event=done.event, user=by).first()
        has_pen = bool(mine and mine.role == Role.SCRIBE)
        if mine and has_pen:
            _lay_down(done.event, mine, pen_to)
        _pass_on(done, meeting, _heir(done.event, by.pk), is_pen_down=has_pen and pen_to is None)


def take_back(event: Event, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Who facilitated first is back; whoever stood in takes part again, with the pen where they laid it down for that."""
    with change(event, "people,agenda,lead", TAKEN_BACK, by=by, op=op) as done:
        meeting = running(done.event)
        if meeting.first_lead_id != by.pk:
            raise WrongState("Who facilitated first can take the room back. Ask to have it handed over.")
        mine = Membership.objects.filter(event=done.event, user=by).first()
        if mine and mine.role == Role.SCRIBE:
            raise WrongState("You have the pen. Hand it to somebody else first: nobody listens and writes at once.")
        stood_in = _lead(done.event)
        _pass_on(done, meeting, _heir(done.event, by.pk))
        if stood_in and _laid_down(done.event, meeting, stood_in):
            _set_role(stood_in, Role.SCRIBE)


def ask(event: Event, *, by: Any, whom: int, op: uuid.UUID | None = None) -> None:
    """Ask somebody to take over while the facilitator is away; everybody sees that they are asked."""
    with change(event, "lead", "asked somebody to take over", by=by, op=op) as done:
        meeting = awake(done.event)
        former = _lead(done.event)
        if former and not is_gone(done.event, meeting, former):
            raise WrongState(f"{former.user.name} is here again.")
        asked = _heir(done.event, whom)
        Meeting.objects.filter(pk=meeting.pk).update(asked_to_lead=asked.user_id)
        done.about(asked)


def hand_pen(event: Event, *, by: Any, to: int, op: uuid.UUID | None = None) -> None:
    """Make somebody who takes part the scribe; the former one takes part again. The facilitator is refused."""
    with change(event, "people,lead", "handed over the pen", by=by, op=op) as done:
        running(done.event)
        heir = _heir(done.event, to)
        former = Membership.objects.filter(event=done.event, role=Role.SCRIBE).first()
        lead = _lead(done.event)
        if by.pk not in {former and former.user_id, lead and lead.user_id}:
            raise WrongState("You gave the pen, or the room, to somebody else a moment ago.")
        _set_role(former, Role.PARTICIPANT)
        _set_role(heir, Role.SCRIBE)
        done.about(heir, before={"role": Role.PARTICIPANT}, after={"role": Role.SCRIBE})


def _lead(event: Event) -> Membership | None:
    return Membership.objects.filter(event=event, role=Role.FACILITATOR).select_related("user").first()


def _heir(event: Event, user_id: int) -> Membership:
    """Who is to get a role: takes part, and is a colleague. Raises WrongState with the reason where they cannot."""
    found = Membership.objects.filter(event=event, user=user_id).select_related("user").first()
    if found is None or not found.user.is_active:
        raise WrongState("This person is not in the review any more. Choose somebody else.")
    reason = {
        Role.FACILITATOR: f"{found.user.name} facilitates. Nobody listens and writes at once: choose somebody else.",
        Role.SCRIBE: f"{found.user.name} has the pen. Hand the pen to somebody else first, or choose another person.",
        Role.OBSERVER: f"{found.user.name} listens, and writes nothing here. Choose somebody who takes part.",
    }.get(Role(found.role))
    if found.user.is_guest:
        reason = f"{found.user.name} is a guest of this review. Choose a colleague."
    if reason:
        raise WrongState(reason)
    return found


def _lay_down(event: Event, mine: Membership, pen_to: int | None) -> None:
    """The scribe gives the pen away before taking over; nobody listens and writes at once."""
    here = presence.here(event)
    others = may_lead(list(Membership.objects.filter(event=event).select_related("user")))
    if pen_to is None and any(row.user_id in here for row in others):
        raise WrongState("You have the pen. Choose who writes from here on; then you can take over.")
    heir = _heir(event, pen_to) if pen_to is not None else None
    _set_role(mine, Role.PARTICIPANT)
    _set_role(heir, Role.SCRIBE)


def _laid_down(event: Event, meeting: Meeting, member: Membership) -> bool:
    """Whether somebody laid the pen down to lead this room, and nobody took it up since."""
    if Membership.objects.filter(event=event, role=Role.SCRIBE).exists():
        return False
    rows = Change.objects.filter(event=event, at__gte=meeting.started_at, what=TAKEN, subject=f"membership:{member.pk}")
    last = rows.order_by("seq").last()
    return bool(last and last.detail["before"].get("is_pen_down"))


def _pass_on(done: Record, meeting: Meeting, heir: Membership, *, is_pen_down: bool = False) -> None:
    """The heir facilitates, the former one takes part. Remembers who was the first, until they have it back."""
    former = _lead(done.event)
    _set_role(former, Role.PARTICIPANT)
    _set_role(heir, Role.FACILITATOR)
    first = meeting.first_lead_id or (former.user_id if former else None)
    back = first == heir.user_id
    Meeting.objects.filter(pk=meeting.pk).update(first_lead=None if back else first, asked_to_lead=None)
    before = {"lead": former.user_id if former else None, **({"is_pen_down": True} if is_pen_down else {})}
    done.about(heir, before=before, after={"role": Role.FACILITATOR})


def _set_role(member: Membership | None, role: str) -> None:
    if member is not None:
        Membership.objects.filter(pk=member.pk).update(role=role)


# --- Reading --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Leading:
    """Who leads, as one reader sees it. `away_since` is the last sign of a facilitator who is gone; `ask_again_s` says in how many
    seconds one who just left will have been gone long enough. `next_up` are here and could take over, or write."""

    lead: Any
    away_since: datetime | None
    ask_again_s: int | None
    asked: Any
    is_first: bool
    next_up: list[Membership]

    @property
    def to_ask(self) -> list[Membership]:
        """Whom one may still ask."""
        return [row for row in self.next_up if row.user != self.asked]


@dataclass(frozen=True)
class Known:
    """What a page read already: the meeting, its people by name, and who of them is here."""

    meeting: Meeting | None
    people: list[Membership]
    here: Container[int]


def known(event: Event) -> Known:
    people = Membership.objects.filter(event=event).select_related("user").order_by()
    by_names = sorted(people, key=lambda row: by_name(row.user.name))
    return Known(Meeting.objects.filter(event=event).first(), by_names, presence.here(event))


def standing(event: Event, user: Any, ahead: Known | None = None) -> Leading:
    """`ahead`: what the page read already; while the facilitator is here, nothing more is asked."""
    found = ahead or known(event)
    meeting, people, here = found.meeting, found.people, found.here
    lead = next((row for row in people if row.role == Role.FACILITATOR), None)
    is_open = meeting is not None and event.state == State.MEETING and meeting.rests_since is None
    last = last_sign(event, meeting, lead, here) if meeting and is_open else None
    gone = clock.now() - last if last else timedelta(0)
    return Leading(
        lead=lead.user if lead else None,
        away_since=last if gone > AWAY else None,
        ask_again_s=int((AWAY - gone).total_seconds()) + 1 if last and gone <= AWAY else None,
        asked=next((row.user for row in people if meeting and row.user_id == meeting.asked_to_lead_id), None),
        is_first=bool(meeting and is_open and meeting.first_lead_id == user.pk),
        next_up=[row for row in may_lead(people) if row.user_id != user.pk and row.user_id in here],
    )


def heirs(event: Event, ahead: Known | None = None) -> tuple[list[Membership], Container[int]]:
    """Who can get the room or the pen, those who are here first; and who is here."""
    found = ahead or known(event)
    return sorted(may_lead(found.people), key=lambda row: row.user_id not in found.here), found.here


def may_lead(people: list[Membership]) -> list[Membership]:
    """Who can get the room or the pen: colleagues who take part."""
    return [row for row in people if row.role == Role.PARTICIPANT and not row.user.is_guest and row.user.is_active]


def last_sign(event: Event, meeting: Meeting, lead: Membership | None, here: Container[int]) -> datetime | None:
    """When the facilitator was heard of last; None while they are here. Of one who never came: when the room was opened."""
    if lead is None or not lead.user.is_active:
        return meeting.started_at
    if lead.user_id in here:
        return None
    silent = presence.away_for(event, lead.user_id)
    return clock.now() - silent if silent is not None else meeting.started_at


def is_gone(event: Event, meeting: Meeting, lead: Membership | None) -> bool:
    """Whether somebody else may move the agenda now."""
    last = last_sign(event, meeting, lead, presence.here(event))
    return last is not None and clock.now() - last > AWAY


def handed(event: Event, meeting: Meeting) -> tuple[str, datetime] | None:
    """From whom the facilitator has the room, and since when; None where nobody else led it, or that is long ago."""
    found = leads(event, meeting)
    recent = len(found) > 1 and clock.now() - found[-1][1] < JUST
    return (found[-2][0], found[-1][1]) if recent else None


def leads(event: Event, meeting: Meeting) -> list[tuple[str, datetime]]:
    """Who led from when on, in order; empty where the role never changed hands while the room was open."""
    rows = Change.objects.filter(event=event, at__gte=meeting.started_at, what__in=MOVES).order_by("seq")
    moves = [row for row in rows if row.detail.get("after", {}).get("role") == Role.FACILITATOR]
    if not moves or meeting.started_at is None:
        return []
    people = list(Membership.objects.filter(event=event).select_related("user"))
    names = {f"membership:{row.pk}": row.user.name for row in people}
    first = moves[0].detail.get("before", {}).get("lead")
    found = [(row.user.name, meeting.started_at) for row in people if row.user_id == first]
    return found + [(names[row.subject], row.at) for row in moves if row.subject in names]
