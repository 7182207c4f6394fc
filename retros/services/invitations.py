"""Asking people in: members and guests alike, one or many at once; sending the link again, ending it, making it anew."""

import re
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from aar_site import clock
from aar_site.outbox import mail
from aar_site.outbox.models import Message
from aar_site.people.models import User
from retros import limits
from retros.live.log import WrongState, change
from retros.models import Change, Event, Membership, PersonalLink, Role
from retros.services import links
from retros.services.states import check_reviewed

MAIL = "invitation"
DAY = timedelta(days=1)
COUNT = "invitations"  # in the detail of a change: how many went out by it


@dataclass
class Outcome:
    """What became of a list of addresses."""

    invited: list[Membership] = field(default_factory=list)
    present: list[str] = field(default_factory=list)


def invite_all(
    event: Event,
    *,
    people: list[tuple[str, str]],
    by: Any,
    role: str = Role.PARTICIPANT,
    was_involved: bool = False,
    role_in_event: str = "",
    op: uuid.UUID | None = None,
) -> Outcome:
    """Give everybody of the list (name, address) a role, and mail each a personal link: all, or none.

    Whoever is a member already takes part as that member; others become guests. Raises ValidationError, naming the address.
    """
    outcome = Outcome()
    with change(event, "people", "invited people", by=by, op=op) as done:
        check_reviewed(done.event)
        known = set(Membership.objects.filter(event=done.event).values_list("user__email", flat=True))
        fresh = [(name, address) for name, address in people if address not in known]
        outcome.present = [address for _, address in people if address in known]
        if len(known) + len(fresh) > limits.PEOPLE_PER_EVENT:
            raise WrongState(f"A review has at most {limits.PEOPLE_PER_EVENT} people.")
        check_limit(by, len(fresh))
        for name, address in fresh:
            membership = Membership(
                event=done.event,
                user=_person(name, address, done.event),
                role=role,
                was_involved=was_involved,
                role_in_event=role_in_event,
            )
            # New, and in a role that several have: its constraints have nothing to ask.
            membership.clean_fields(exclude=["event", "user"])
            membership.save()
            invite(membership, by=by)
            outcome.invited.append(membership)
        done.detail = {COUNT: len(fresh)}
    return outcome


def invite(membership: Membership, *, by: Any, again: bool = False) -> None:
    """Queue the mail that asks a person in: to write an account, to lead the review, or to be there. Once for each role."""
    _check_address(membership.user)
    key = f"membership:{membership.pk}:{membership.role}" + (f":{secrets.token_hex(6)}" if again else "")
    account = f"/e/{membership.event.code}/account/" if membership.writes_account else ""
    mail.post(
        MAIL,
        key,
        person=membership.user,
        template="invitation",
        context={
            "event_title": membership.event.title,
            "asked_by": by.name,
            "role": membership.get_role_display(),
            "writes_account": membership.writes_account,
            "by_link": links.has_link(membership),
            "path": links.path_for(membership, account),
            "due": membership.event.accounts_due_at,
            "time_zone": membership.event.time_zone,
        },
        is_urgent=links.has_link(membership),
        may_repeat=True,
    )


def outdated(message: Message) -> str:
    """Why an invitation that had to wait is not sent any more."""
    row = Membership.objects.filter(pk=message.dedupe_key.split(":")[1]).select_related("user", "event").first()
    if row is None:
        return "This person was taken out of the review."
    link = PersonalLink.objects.filter(membership=row).first()
    return "The link was ended." if link and link.revoked_at and links.has_link(row) else ""


def send_again(membership: Membership, *, by: Any, op: uuid.UUID | None = None) -> None:
    """The invitation once more, with a link that opens beside those sent before."""
    with change(membership.event, "people", "sent the invitation again", by=by, op=op) as done:
        fresh = _fresh(done.event, membership)
        check_limit(by, 1)
        if PersonalLink.objects.filter(membership=fresh, revoked_at__isnull=False).exists():
            raise WrongState("This link was ended. Make a new one instead.")
        invite(fresh, by=by, again=True)
        done.about(fresh, **{COUNT: 1})


def revoke(membership: Membership, *, by: Any, op: uuid.UUID | None = None) -> None:
    """End the link: none of its keys opens, and the sessions that it opened see nothing more."""
    with change(membership.event, "people", "ended the personal link", by=by, op=op) as done:
        fresh = _fresh(done.event, membership)
        link, _ = PersonalLink.objects.get_or_create(membership=fresh)
        PersonalLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=clock.now())
        done.about(fresh)


def restore(membership: Membership, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Take the end back: the link is as it was, and who came in by it is in again."""
    with change(membership.event, "people", "took the end of the personal link back", by=by, op=op) as done:
        fresh = _fresh(done.event, membership)
        PersonalLink.objects.filter(membership=fresh).update(revoked_at=None)
        done.about(fresh)


def renew(membership: Membership, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Another link in place of the former one, which ends with its sessions and codes; the first browser is bound anew."""
    with change(membership.event, "people", "made a new personal link", by=by, op=op) as done:
        fresh = _fresh(done.event, membership)
        if not links.has_link(fresh):
            raise WrongState("Whoever leads a review or takes its notes signs in, and has no link.")
        check_limit(by, 1)
        link, _ = PersonalLink.objects.get_or_create(membership=fresh)
        waiting = Message.objects.filter(kind=MAIL, person=fresh.user, dedupe_key__startswith=f"membership:{fresh.pk}:")
        waiting.filter(state=Message.State.WAITING).update(state=Message.State.DROPPED, sealed_body=b"")
        link.codes.all().delete()
        PersonalLink.objects.filter(pk=link.pk).update(
            issue=F("issue") + 1, joined_at=None, browsers=0, revoked_at=None
        )
        invite(fresh, by=by, again=True)
        done.about(fresh, **{COUNT: 1})


def _person(name: str, address: str, event: Event) -> User:
    user = User.objects.filter(email=address).first()
    if user is None:
        spoken = " ".join(part.capitalize() for part in re.split(r"[._+-]+", address.partition("@")[0]) if part)
        try:
            with transaction.atomic():
                return User.objects.create_user(address, name or spoken, is_guest=True, time_zone=event.time_zone)
        except (IntegrityError, ValidationError):
            user = User.objects.filter(email=address).first()
            if user is None:
                raise
            # Somebody else asked the same person into another review, and was quicker.
    if not user.is_active:
        raise ValidationError(f"{address} cannot sign in any more. Leave it out, or ask an administrator.")
    return user


def check_limit(by: Any, wanted: int) -> None:
    """Under a lock on the person who invites, so that a burst gets no more."""
    User.objects.select_for_update().get(pk=by.pk)
    sent = Change.objects.filter(actor=by, at__gt=clock.now() - DAY, detail__has_key=COUNT)
    if sum(detail[COUNT] for detail in sent.values_list("detail", flat=True)) + wanted > limits.INVITATIONS_PER_DAY:
        raise WrongState(f"One person sends at most {limits.INVITATIONS_PER_DAY} invitations a day. Go on tomorrow.")


def _check_address(user: User) -> None:
    sent = Message.objects.filter(kind=MAIL, person=user, created_at__gt=clock.now() - DAY).count()
    if sent >= limits.INVITATIONS_PER_ADDRESS:
        raise ValidationError(
            f"{user.email} was written to {sent} times today, which is the most. Wait until tomorrow."
        )


def _fresh(event: Event, membership: Membership) -> Membership:
    found = Membership.objects.filter(event=event, pk=membership.pk).select_related("user").first()
    if found is None:
        raise WrongState("This person was taken out of the review meanwhile.")
    found.event = event
    return found


# --- Reading ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Way:
    """How a person of the review comes in, as its facilitator sees it. `tag` is a shape, `at` the moment that it names."""

    state: str  # "member", "invited", "joined", "ended", "lost" or "quiet" (nobody has written to them)
    link: PersonalLink | None

    @property
    def tag(self) -> str:
        return {"joined": "ok", "invited": "part", "ended": "off", "lost": "late", "quiet": "off"}.get(self.state, "")

    @property
    def label(self) -> str:
        words = {"joined": "Joined", "invited": "Invited", "ended": "Link ended", "lost": "Mail came back"}
        return words.get(self.state, "Not invited")


def ways(event: Event, people: list[Membership]) -> dict[int, Way]:
    """By membership, in two queries. `event` is that of all of them."""
    rows = {row.membership_id: row for row in PersonalLink.objects.filter(membership__event=event)}
    mails = Message.objects.filter(kind=MAIL, person__in=[m.user_id for m in people])
    lost: dict[int, bool] = {}
    for key, state in mails.order_by("pk").values_list("dedupe_key", "state"):
        lost[int(key.split(":")[1])] = state == Message.State.FAILED
    end = links.ends_at(event)
    is_over = end is not None and clock.now() >= end
    return {m.pk: _way(m, rows.get(m.pk), lost.get(m.pk), is_over) for m in people}


def _way(membership: Membership, link: PersonalLink | None, lost: bool | None, is_over: bool) -> Way:
    if not links.has_link(membership):
        return Way("member", None)
    if link is not None and (link.revoked_at or is_over or not membership.user.is_active):
        return Way("ended", link)
    if lost and (link is None or link.joined_at is None):
        return Way("lost", link)
    if link is None or lost is None:
        return Way("joined" if link and link.joined_at else "quiet", link)
    return Way("joined" if link.joined_at else "invited", link)


def ways_of(person: User) -> list[tuple[Membership, Way]]:
    """Every review into which a link of this person leads or led, the newest first."""
    rows = PersonalLink.objects.filter(membership__user=person).select_related("membership__event", "membership__user")
    found = []
    for row in rows.order_by("-membership__event__created_at", "-pk"):
        end = links.ends_at(row.membership.event)
        way = _way(row.membership, row, False, is_over=end is not None and clock.now() >= end)
        if way.state != "member":
            found.append((row.membership, way))
    return found


def history(membership: Membership) -> list[Change]:
    """What happened with the person's link and role, newest first."""
    rows = Change.objects.filter(event=membership.event_id, subject=f"membership:{membership.pk}")
    return list(rows.select_related("actor").order_by("-seq")[:20])
