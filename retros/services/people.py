"""People of an event: who is asked, in which role; the review has exactly one facilitator, and the scribe is somebody else."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Subquery

from aar_site.outbox import mail
from aar_site.people.models import User
from aar_site.words import by_name
from retros import limits
from retros.live.log import WrongState, change
from retros.models import Event, Meeting, Membership, ParticipantAccount, Role
from retros.services.invitations import COUNT, check_limit, invite
from retros.services.states import check_reviewed

SCRIBE_IS_ANOTHER = (
    "The scribe is another person than the facilitator: nobody listens and writes at once. Hand the agenda over first."
)
GUEST_WRITES = "A guest comes by a link, and whoever writes for all signs in. Choose a colleague as scribe."


def add_person(
    event: Event,
    *,
    user: Any,
    by: Any,
    role: str = Role.PARTICIPANT,
    was_involved: bool = False,
    role_in_event: str = "",
    op: uuid.UUID | None = None,
) -> Membership:
    """Give a person a role, and tell them by mail. Raises ValidationError where the role is taken or the person is in."""
    with change(event, "people", "added a person", by=by, op=op) as done:
        check_reviewed(done.event)
        if Membership.objects.filter(event=done.event).count() >= limits.PEOPLE_PER_EVENT:
            raise WrongState(f"A review has at most {limits.PEOPLE_PER_EVENT} people.")
        _check_active(user)
        check_colleague(user, role)
        membership = Membership(
            event=done.event, user=user, role=role, was_involved=was_involved, role_in_event=role_in_event
        )
        membership.full_clean(exclude=["event"])
        membership.validate_constraints()
        membership.save()
        done.about(membership, after={"role": role})
        if user != by:
            check_limit(by, 1)
            invite(membership, by=by)
            done.detail[COUNT] = 1
        return membership


def edit_person(
    membership: Membership,
    *,
    by: Any,
    role: str,
    was_involved: bool,
    role_in_event: str = "",
    op: uuid.UUID | None = None,
) -> Membership:
    """Change a person's role; "" leaves it as it is by now. Making somebody facilitator hands the role over: the former one becomes
    a participant."""
    with change(membership.event, "people,lead", "changed a role", by=by, op=op) as done:
        fresh = _fresh(membership)
        if fresh is None:
            raise WrongState("This person was taken out of the review meanwhile. Add them again.")
        before = fresh.role
        role = role or before
        if before == Role.FACILITATOR and role == Role.SCRIBE:
            raise WrongState(SCRIBE_IS_ANOTHER)
        if before == Role.FACILITATOR and role != Role.FACILITATOR:
            raise WrongState("A review always has a facilitator. Make somebody else the facilitator instead.")
        check_colleague(fresh.user, role)
        if role == Role.FACILITATOR and before != Role.FACILITATOR:
            _check_active(fresh.user)
            _step_down(done.event, for_=fresh.user, by=by)
        fresh.role, fresh.was_involved, fresh.role_in_event = role, was_involved, role_in_event
        fresh.full_clean(exclude=["event", "user"])
        fresh.validate_constraints()
        fresh.save()
        done.about(fresh, before={"role": before}, after={"role": role})
        return fresh


def appoint_facilitator(event: Event, *, user: Any, by: Any, op: uuid.UUID | None = None) -> None:
    """An administrator names the facilitator, also of an event that has none; the former one stays as a participant.

    Nobody takes the role from an active facilitator for themselves: that would be a way into what was said in confidence.
    """
    with change(event, "people,lead", "named the facilitator", by=by, op=op) as done:
        _check_active(user)
        check_colleague(user, Role.FACILITATOR)
        lead = facilitator_of(done.event)
        if user == by and lead and lead != by and lead.is_active:
            raise WrongState(
                f"{lead.name} facilitates this review. Name somebody else, or ask {lead.name} to hand it over."
            )
        _step_down(done.event, for_=user, by=by)
        membership, _ = Membership.objects.get_or_create(event=done.event, user=user)
        membership.role = Role.FACILITATOR
        membership.save()
        done.about(membership, after={"role": Role.FACILITATOR})
        if user != by:
            invite(membership, by=by)


def _step_down(event: Event, *, for_: Any, by: Any) -> None:
    """Make room for another facilitator: the former one becomes a participant, and is told unless it was their own doing.

    Whoever handed the room on in the meeting does not take it back from somebody who was named here.
    """
    Meeting.objects.filter(event=event).update(first_lead=None, asked_to_lead=None)
    for former in (
        Membership.objects.filter(event=event, role=Role.FACILITATOR).exclude(user=for_).select_related("user")
    ):
        Membership.objects.filter(pk=former.pk).update(role=Role.PARTICIPANT)
        if former.user == by:
            continue
        mail.post(
            "stepped_down",
            f"membership:{former.pk}:{event.change_seq}",
            person=former.user,
            template="stepped_down",
            context={
                "event_title": event.title,
                "asked_by": by.name,
                "named": for_.name,
                "path": f"/e/{event.code}/",
            },
        )


def remove_person(membership: Membership, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Take a person out. What was revealed stays; an account that is still sealed stays sealed, and comes back with them."""
    with change(membership.event, "people", "removed a person", by=by, op=op) as done:
        fresh = _fresh(membership)
        if fresh is None:
            return  # somebody else was quicker, and meant the same
        if fresh.role == Role.FACILITATOR:
            raise WrongState("A review always has a facilitator. Make somebody else the facilitator first.")
        done.about(fresh, before={"role": fresh.role})
        fresh.delete()


def _fresh(membership: Membership) -> Membership | None:
    return Membership.objects.select_for_update().select_related("user").filter(pk=membership.pk).first()


def check_colleague(user: Any, role: str) -> None:
    """Whoever leads or writes for all signs in: a link may be forwarded. So neither is a guest. Raises WrongState."""
    if user.is_guest and role == Role.FACILITATOR:
        raise WrongState("A guest cannot facilitate. Choose a member.")
    if user.is_guest and role == Role.SCRIBE:
        raise WrongState(GUEST_WRITES)


def _check_active(user: Any) -> None:
    if not user.is_active:
        raise ValidationError("This person cannot sign in any more. Choose somebody else.")


# --- Reading --------------------------------------------------------------------------------------------------------
def members() -> Any:
    """People who can be given a role that needs an account of their own."""
    return User.objects.filter(is_active=True, is_guest=False)


def addable(event: Event) -> Any:
    """People who are not in the event yet."""
    return members().exclude(memberships__event=event)


def people_of(event: Event, reader: Any = None) -> list[Membership]:
    """Everybody with a role, facilitator and scribe first. For a reader each row says how the reader's own account stands, as
    `reader_account`: None where there is none, and never anything of somebody else's."""
    order = {Role.FACILITATOR: 0, Role.SCRIBE: 1, Role.PARTICIPANT: 2, Role.OBSERVER: 3}
    rows = Membership.objects.filter(event=event).select_related("user")
    if reader is not None:
        own = ParticipantAccount.objects.readable_by(reader).filter(event=event, author=reader.pk).order_by()
        rows = rows.annotate(reader_account=Subquery(own.values("state")[:1]))
    return sorted(rows, key=lambda row: (order[Role(row.role)], by_name(row.user.name)))


def facilitator_of(event: Event) -> Any:
    """The facilitator, or None in an event that was imported and has none yet."""
    row = Membership.objects.filter(event=event, role=Role.FACILITATOR).select_related("user").first()
    return row.user if row else None


def part_of(event: Event, user: Any) -> str:
    """What the person was in the event, in the facilitator's words; "" where nobody said."""
    return Membership.objects.filter(event=event, user=user.pk).values_list("role_in_event", flat=True).first() or ""
