"""The one door for reading: who may do what with an event. Holds the table of roles and verbs; knows no request.

Outside the person's scope an object does not exist (404); inside, a verb that the role lacks is refused (403). Rules of the
method, such as sealed accounts, live in the querysets; rules of state ("only while preparing") live in the services.
"""

import uuid
from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import Http404

from aar_site.people.models import Team, User
from aar_site.words import by_name
from retros.live.log import Repeated
from retros.models import (
    Event,
    Import,
    ImportState,
    Membership,
    Operation,
    ParticipantAccount,
    Role,
    SilentNote,
    TimelineEntry,
)

READER = "reader"  # a member who reads a published review without a role in it
GUEST = "guest"  # a participant who came by a personal link

READ = frozenset({"view event", "view timeline", "read document"})
TAKE_PART = READ | {
    "write account",
    "read accounts",
    "enter room",
    "add entry",
    "contribute",
    "propose action",
}
MEMBER = TAKE_PART | {"take over"}  # a guest takes part, and leads nothing
WRITE = MEMBER | {"edit entries", "keep notes", "edit document", "commit action"}
LEAD = WRITE | {
    "edit event",
    "manage people",
    "see account states",
    "reveal accounts",
    "steer room",
    "publish",
    "remind people",
    "decline review",
}

VERBS: dict[str, frozenset[str]] = {
    "facilitator": LEAD,
    "scribe": WRITE,
    "participant": MEMBER,
    GUEST: TAKE_PART,
    "observer": READ | {"read accounts", "enter room"},
    READER: READ,
}

WHO_MAY = {
    verb: [role for role in ("facilitator", "scribe", "participant", "observer") if verb in VERBS[role]]
    for verb in sorted(LEAD)
}


def role_of(user: Any, event: Event) -> str | None:
    """The person's role in an event that is visible to them; None where the event does not exist for them."""
    membership = Membership.objects.filter(event=event, user=user.pk).first()
    return _role(user, event, str(membership.role) if membership else "")


def own_role(role: str, *, is_guest: bool) -> str:
    """The role as this table knows it: a guest who takes part is a GUEST, whatever else they were made is what they are."""
    return GUEST if is_guest and role == Role.PARTICIPANT else role


def _role(user: Any, event: Event, own: str) -> str | None:
    if not own:
        return None if user.is_guest or event.state != "published" or event.is_restricted else READER
    return own_role(own, is_guest=user.is_guest)


def may(role: str | None, verb: str) -> bool:
    """Whether the role has the verb. An unknown verb is a mistake of the caller, not a no."""
    if verb not in LEAD:
        raise KeyError(f"no such verb: {verb}")
    return role is not None and verb in VERBS[role]


def get_event_or_404(user: Any, code: str, verb: str, *, op: uuid.UUID | None = None) -> Event:
    """The event, with the person's role as `event.role`. Raises Http404 outside the scope, PermissionDenied without the verb.

    With the operation id of a press that gives the verb away: raises Repeated where this very press did so before.
    """
    own = Membership.objects.filter(event=OuterRef("pk"), user=user.pk).values("role")[:1]
    rows = (
        Event.objects.visible_to(user)
        .select_related("team", "impact", "t0_entry", "launch")
        .annotate(own_role=Subquery(own))
    )
    event = rows.filter(code=code).first()
    if event is None:
        raise Http404("No such event.")
    event.role = _role(user, event, event.own_role or "")  # type: ignore[attr-defined]
    if not may(event.role, verb):  # type: ignore[attr-defined]
        if op and (earlier := done_before(user, op, event)):
            raise Repeated(earlier)
        refuse(verb)
    return event


def get_room_or_404(user: Any, code: str, verb: str) -> Event:
    """The same for forms and streams of the room, which show nothing of the event: two rows, without what pages show of it."""
    own = Membership.objects.filter(event__code=code, user=user.pk).select_related("event").first()
    if own is None or not user.is_active or (user.only_event and user.only_event != own.event_id):
        return get_event_or_404(user, code, verb)
    event: Any = own.event
    event.own_role = str(own.role)
    event.role = _role(user, event, event.own_role)
    if not may(event.role, verb):
        refuse(verb)
    return event  # type: ignore[no-any-return]


def refuse(verb: str) -> NoReturn:
    """Say no, and who may."""
    raise PermissionDenied(refusal(verb))


def refusal(verb: str) -> str:
    """Who may do this, in the reader's words."""
    roles = " and ".join(f"the {role}" for role in WHO_MAY[verb][:2])
    return f"{roles[:1].upper()}{roles[1:]} can do this. Ask them, or ask for the role."


def get_event_to_administer_or_404(user: Any, code: str) -> Event:
    """Any event, for an administrator who names its facilitator or ends a link: title and state, not a way to read it."""
    event = Event.objects.listed_for(user).filter(code=code).first()
    if event is None:
        raise Http404("No such event.")
    if not user.is_admin:
        raise PermissionDenied("Only administrators can do this here.")
    return event


def get_member_to_administer_or_404(user: Any, code: str, pk: int) -> Membership:
    """Anybody of any event, for an administrator who ends their link."""
    event = get_event_to_administer_or_404(user, code)
    member = Membership.objects.filter(event=event, pk=pk).select_related("user").first()
    if member is None:
        raise Http404("Nobody of this event.")
    member.event = event
    return member


def get_person_to_administer_or_404(user: Any, pk: int) -> User:
    """Anybody at all, for an administrator."""
    if not user.is_admin:
        raise PermissionDenied("Only administrators can do this here.")
    person = User.objects.filter(pk=pk).first()
    if person is None:
        raise Http404("No such person.")
    return person


def teams_of(user: Any) -> list[Team]:
    """The teams by which the person can filter lists."""
    return [] if user.is_guest else sorted(Team.objects.all(), key=lambda team: by_name(team.name))


def carried_out(user: Any, op: uuid.UUID | None, subject: str) -> Operation | None:
    """What the same button did when it was pressed before; None at the first press. To be asked before the object is looked
    for where the first press may have taken the object, or the right to it, away."""
    return (
        Operation.objects.filter(actor=user.pk, op=op, subject=subject).select_related("event").first() if op else None
    )


def done_before(user: Any, op: uuid.UUID | None, event: Event) -> Operation | None:
    """The change that the same press made before, of whatever it was; None at the first press."""
    return Operation.objects.filter(actor=user.pk, op=op, event=event).first() if op else None


def new_op() -> uuid.UUID:
    """A fresh operation id for a form that is rendered for one reader."""
    return uuid.uuid4()


def get_entry_or_404(user: Any, code: str, pk: int, verb: str) -> tuple[Event, TimelineEntry]:
    """An entry of the event; participants reach only their own with 'add entry', others need 'edit entries'. With 'enter room' it
    comes with its history, for the people of the review: who reads a published one sees what it says now."""
    event = get_event_or_404(user, code, verb)
    entry = TimelineEntry.objects.there().filter(event=event, pk=pk).first()
    if entry is None:
        raise Http404("No such entry.")
    entry.event = event
    if verb == "add entry" and entry.created_by_id != user.pk and not may(event.role, "edit entries"):  # type: ignore[attr-defined]
        refuse("edit entries")
    return event, entry


def get_import_or_404(user: Any, code: str, pk: int) -> tuple[Event, Import]:
    """A record that is brought in. Until it is added it is its owner's alone: it holds a whole file, unchosen."""
    event = get_event_or_404(user, code, "edit entries")
    imp = Import.objects.filter(event=event, pk=pk).defer("data").select_related("by").first()
    if imp is None or (imp.state == ImportState.READ and imp.by_id != user.pk):
        raise Http404("No such record.")
    imp.event = event
    return event, imp


def get_account_or_404(user: Any, code: str, pk: int) -> tuple[Event, ParticipantAccount]:
    """An account whose sentences the person may put on the timeline: the own one, and, for who edits entries, each that they
    can read. A sealed one is not there, for anybody else."""
    event = get_event_or_404(user, code, "read accounts")
    account = ParticipantAccount.objects.readable_by(user).filter(event=event, pk=pk).first()
    if account is None:
        raise Http404("No such account.")
    verb = "write account" if account.author_id == user.pk else "edit entries"
    if not may(event.role, verb):  # type: ignore[attr-defined]
        refuse(verb)
    account.event = event
    return event, account


def get_part_or_404(
    user: Any, code: str, model: Any, pk: int, verb: str, *, op: uuid.UUID | None = None
) -> tuple[Event, Any]:
    """Any other part of an event (why, factor, note …) that belongs to it.

    With the operation id of a removal: raises Repeated where the part is gone because this very press removed it before; or where
    it gave the verb away.
    """
    event = get_event_or_404(user, code, verb, op=op)
    part = model.objects.filter(event=event, pk=pk).first()
    if part is None:
        earlier = carried_out(user, op, f"{model._meta.model_name}:{pk}")
        if earlier and earlier.event_id == event.pk:
            raise Repeated(earlier)
        raise Http404("No such part.")
    return event, part


def get_silent_note_or_404(user: Any, code: str, pk: int, verb: str) -> tuple[Event, SilentNote]:
    """A note of silent writing: with "keep notes" one that was shown, to be placed; else an own one, while it is sealed. Any
    other is not there."""
    event = get_event_or_404(user, code, verb)
    rows = SilentNote.objects.readable_by(user).filter(event=event)
    rows = rows.shown() if verb == "keep notes" else rows.filter(author=user.pk)
    note = rows.filter(pk=pk).first()
    if note is None:
        raise Http404("No such note.")
    note.event = event
    return event, note
