"""Who came to the meeting, for the record; and who is in the room at this moment, for those who look."""

import uuid
from collections.abc import Collection
from typing import Any

from aar_site import clock
from retros.live import presence
from retros.live.log import WrongState, change
from retros.models import Event, Meeting, Membership, Role, State
from retros.services import floor, people

WORDS = {Role.FACILITATOR: "facilitator", Role.SCRIBE: "scribe", Role.OBSERVER: "listens"}
SHOWN = 12  # people whose rows stand open; the others are one press away
OPEN = {State.PREPARING, State.MEETING}
CORRECTED = {State.MEETING, State.DRAFT, State.REVIEW}


def attend(event: Event, *, by: Any) -> None:
    """Mark that a person came, once. Others see them come by their presence, so nothing is sent: five hundred may come at once."""
    if event.state != State.MEETING or not _waiting(event, by).exists():
        return
    with change(event, None, "", by=None) as done:
        if done.event.state == State.MEETING:
            _waiting(done.event, by).update(attended_at=clock.now())


def _waiting(event: Event, user: Any) -> Any:
    return Membership.objects.filter(event=event, user=user, attended_at__isnull=True, is_attendance_said=False)


def correct(
    event: Event, *, came: Collection[int], was: Collection[int] = (), by: Any, op: uuid.UUID | None = None
) -> int:
    """Say who was there (memberships by key), also of people who came without a browser; how many were put right.

    `was`: who had come by what the writer read. Only what they said otherwise changes, because others come in the meantime. What
    somebody said stays: a browser that is opened later does not change it.
    """
    with change(event, "people,document", "corrected who was there", by=by, op=op) as done:
        if done.event.state not in CORRECTED:
            raise WrongState(_when(done.event))
        began = Meeting.objects.filter(event=done.event).values_list("started_at", flat=True).first()
        rows = Membership.objects.filter(event=done.event)
        late = rows.filter(attended_at__isnull=True, pk__in=set(came) - set(was))
        away = rows.filter(attended_at__isnull=False, pk__in=set(was) - set(came))
        detail = {
            "came": list(late.values_list("user_id", flat=True)),
            "not": list(away.values_list("user_id", flat=True)),
        }
        done.detail = detail
        late.update(attended_at=began or clock.now(), is_attendance_said=True)
        away.update(attended_at=None, is_attendance_said=True)
        return len(detail["came"]) + len(detail["not"])


def _when(event: Event) -> str:
    if event.state == State.PUBLISHED:
        return "This review is published, so the record of its meeting stays as it is."
    return "Who was there is known once the room is open."


# --- Reading --------------------------------------------------------------------------------------------------------
SAYS = {"floor": "has the floor", "hand": "hand up", "writing": "writing", "left": "left", "expected": "expected"}


def of_room(event: Event) -> dict[str, Any]:
    """People as the room shows them, with who has the floor and whose hands are up; the page script counts on by the same words."""
    now = presence.signs_in([event.pk])[event.pk] if event.state in OPEN else presence.Now()
    members = people.people_of(event)
    found = floor.context(event, members)
    for place, member in enumerate(members):
        member.place = place  # type: ignore[attr-defined]
        _describe(event, member, now, found)
    stands = [member.stands for member in members]  # type: ignore[attr-defined]
    shown = _shown(members)
    return {
        **found,
        "people": members,
        "people_shown": shown,
        "people_more": [member for member in members if member not in shown],
        "counts": {name: stands.count(name) for name in ("here", "left", "expected", "came")},
        "writers": [member.user.name for member in members if member.user_id in now.writing],
    }


def leads_of(event: Event, members: list[Membership] | None = None) -> dict[str, Any]:
    """Who moves the agenda and who takes notes; None for nobody. `members` are everybody, where they are read already."""
    if members is None:
        rows = Membership.objects.filter(event=event, role__in=[Role.FACILITATOR, Role.SCRIBE])
        members = list(rows.select_related("user"))
    found = {member.role: member.user for member in members}
    return {"facilitator": found.get(Role.FACILITATOR), "scribe": found.get(Role.SCRIBE)}


def _shown(members: list[Membership]) -> list[Membership]:
    """Whose rows stand open: everybody in a small room, in a larger one the first of those who are here."""
    if len(members) <= SHOWN:
        return members
    return [member for member in members if member.stands in {"here", "came"}][:SHOWN]  # type: ignore[attr-defined]


def _describe(event: Event, member: Any, now: presence.Now, speaks: dict[str, Any]) -> None:
    """How the person `stands` (here, left, expected; later came or missed), what they are `doing`, and what their row `says`."""
    member.stands = _stands(event, member, now)
    member.doing = ""
    if speaks["speaker"] is member:
        member.doing = "floor"
    elif member in speaks["queue"]:
        member.doing = "hand"
    elif member.user_id in now.writing:
        member.doing = "writing"
    elif event.state == State.MEETING and member.stands != "here":
        member.doing = member.stands
    member.word = WORDS.get(Role(member.role), "")
    member.says = ", ".join(filter(None, [member.word, SAYS.get(member.doing, "")])) or member.role_in_event


def _stands(event: Event, member: Membership, now: presence.Now) -> str:
    if event.state not in OPEN:
        return "came" if member.attended_at else "missed"
    if member.user_id in now.here:
        return "here"
    return "left" if member.attended_at and event.state == State.MEETING else "expected"
