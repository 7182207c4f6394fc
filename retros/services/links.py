"""Personal links: what they carry, when they open, and how a browser is let in by one.

A mail carries a random key; the database keeps its SHA-256. The first browser whose visitor presses the button is let in;
each further one needs six digits that are mailed to the invited address. A session that a link opened names the link and its
issue, and is asked at every request whether that still opens: so a link ends everywhere at once, by whatever ends it.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F, Max
from django.utils.crypto import constant_time_compare, salted_hmac

from aar_site import clock, rate
from aar_site.outbox import delivery, mail
from aar_site.outbox.models import Message
from aar_site.people.models import User, normal_email
from retros.live.log import change
from retros.models import (
    AccountState,
    Change,
    Event,
    LinkCode,
    LinkKey,
    Membership,
    ParticipantAccount,
    PersonalLink,
    Role,
    State,
)

SESSION_KEY = "link"  # in a session that a link opened: its key in the database and its issue
CODE_MAIL = "link_code"
AGAIN_MAIL = "personal_link"
CODE_LIFE = timedelta(minutes=10)
TRIES = 3
CODES_PER_HOUR = 5
ASKS_PER_HOUR = 3  # of one address for a new link
MOST_IN_A_MAIL = 20


class BoundElsewhere(Exception):
    """Another browser came first: this one needs a code."""


class CodeRefused(Exception):
    """Not this code. `is_over`: nor any other that is typed here, because it ran out, was used or was tried three times."""

    def __init__(self, is_over: bool) -> None:
        super().__init__("the code was refused")
        self.is_over = is_over


def register() -> None:
    """Tell the outbox how mails with links are written, and when a code is not worth sending any more."""
    delivery.USELESS_AFTER[CODE_MAIL] = CODE_LIFE
    delivery.WRITERS[AGAIN_MAIL] = words_again
    mail.FOR_GUESTS = for_guest


# --- When a link opens ------------------------------------------------------------------------------------------------
def has_link(membership: Membership) -> bool:
    """Guests have no other way in. Of the members only those who write for themselves: who leads or takes notes signs in."""
    return membership.user.is_guest or membership.role in {Role.PARTICIPANT, Role.OBSERVER}


def ends_at(event: Event) -> datetime | None:
    """When the links of an event end by themselves: so many days after it was closed. None while it is not."""
    if event.state == State.PUBLISHED:
        closed = event.published_at
    elif event.state == State.NOT_REVIEWED:
        # Coming in by a link is a change of the people; it must not put off the link's own end.
        closed = Change.objects.filter(event=event).exclude(topics="people").aggregate(last=Max("at"))["last"]
    else:
        return None
    return closed + timedelta(days=settings.GUEST_LINK_DAYS) if closed else None


def is_open(link: PersonalLink) -> bool:
    """Whether the link lets its person in now. Wants membership, user and event at hand."""
    membership = link.membership
    if link.revoked_at is not None or not membership.user.is_active or not has_link(membership):
        return False
    end = ends_at(membership.event)
    return end is None or clock.now() < end


def find(token: str) -> PersonalLink | None:
    """The open link of a key. Unknown, revoked and run out are alike."""
    if not 20 <= len(token) <= 100:
        return None
    row = _links().filter(keys__token_sha256=_sha256(token), keys__issue=F("issue")).first()
    return row if row and is_open(row) else None


def of_session(mark: Any) -> PersonalLink | None:
    """The open link that a session was opened by."""
    row = _marked(mark)
    return row if row and is_open(row) else None


def outgrown(mark: Any) -> str:
    """The role for which whoever came by this link signs in by now, though nobody ended the link; "" for none."""
    row = _marked(mark)
    if row is None or row.revoked_at or not row.membership.user.is_active or has_link(row.membership):
        return ""
    return str(row.membership.role)


def _marked(mark: Any) -> PersonalLink | None:
    if not isinstance(mark, list) or len(mark) != 2:
        return None
    row: PersonalLink | None = _links().filter(pk=mark[0], issue=mark[1]).first()
    return row


def mark_of(link: PersonalLink) -> list[int]:
    """What a session remembers of the link that opened it."""
    return [link.pk, link.issue]


def living_sessions(keys: Iterable[str]) -> set[str]:
    """Of these sessions those that still let somebody in: not signed out, not run out, and their link open."""
    rows = Session.objects.filter(session_key__in=list(keys), expire_date__gt=clock.now())
    marks = {row.session_key: row.get_decoded().get(SESSION_KEY) for row in rows}
    known = {tuple(mark) for mark in marks.values() if mark}
    found = {(row.pk, row.issue) for row in _links().filter(pk__in=[pk for pk, _ in known]) if is_open(row)}
    return {key for key, mark in marks.items() if not mark or tuple(mark) in found}


def landing(link: PersonalLink) -> str:
    """Where a person goes who comes in: to the account while one is asked for, else to the review's page."""
    membership, event = link.membership, link.membership.event
    page = f"/e/{event.code}/"
    if not membership.writes_account or event.is_revealed or event.state not in {State.PREPARING, State.MEETING}:
        return page
    handed = ParticipantAccount.objects.filter(
        event=event, author=membership.user, state__in=[AccountState.SUBMITTED, AccountState.DECLINED]
    )
    return page if handed.exists() else f"{page}account/"


# --- What a mail carries ----------------------------------------------------------------------------------------------
def path_for(membership: Membership, page: str = "") -> str:
    """The path that a mail to this person carries: a fresh key of their link, or where they sign in, the page itself.

    To be posted as urgent: then the words of the mail, in which alone the key stands, are blanked however it ends.
    """
    page = page or f"/e/{membership.event.code}/"
    if not has_link(membership):
        return page
    link, _ = PersonalLink.objects.get_or_create(membership=membership)
    if link.revoked_at:
        return page
    token = secrets.token_urlsafe(32)
    LinkKey.objects.create(link=link, issue=link.issue, token_sha256=_sha256(token), created_at=clock.now())
    return f"/j/{token}/"


def for_guest(person: User, texts: dict[str, str]) -> dict[str, str] | None:
    """The parts of a mail to a guest, with their link in place of every address of an event's page: each mail opens the way.
    None where the links of all these events were ended."""
    page = re.compile(re.escape(settings.BASE_URL) + r"/e/(\w+)/[^\s\"<>)]*")
    codes = {code for text in texts.values() for code in page.findall(text)}
    if not codes:
        return texts
    rows = Membership.objects.filter(user=person, event__code__in=codes).select_related("user", "event")
    rows = rows.exclude(link__revoked_at__isnull=False)
    if not rows:
        return None
    ways = {m.event.code: settings.BASE_URL + path_for(m) for m in rows}
    return {name: page.sub(lambda at: ways.get(at[1], at[0]), text) for name, text in texts.items()}


def ask_again(address: str) -> None:
    """Somebody asks for a new link to an address. What becomes of it is decided when the mail is written, so that asking
    takes as long and says the same for every address. Beyond three in an hour for one address, nothing is sent."""
    address = normal_email(address)
    if rate.wait_for(f"link-ask:{_sha256(address)[:32]}", ASKS_PER_HOUR, 3600) == 0:
        mail.post_later(AGAIN_MAIL, address)


def words_again(message: Message) -> dict[str, Any] | None:
    """What the mail with new links says; None where this address was invited to nothing that is open.

    Nothing ends by it, because a stranger can ask: the former keys open on, and another browser needs its code.
    """
    rows = Membership.objects.filter(user__email=message.address).select_related("user", "event").order_by("-id")
    found = []
    with transaction.atomic():
        for membership in rows[:MOST_IN_A_MAIL]:
            link = PersonalLink.objects.filter(membership=membership).first() or PersonalLink(membership=membership)
            link.membership = membership
            if has_link(membership) and is_open(link):
                found.append({"title": membership.event.title, "path": path_for(membership)})
    return {"links": found} if found else None


# --- Coming in --------------------------------------------------------------------------------------------------------
def join(link: PersonalLink) -> None:
    """Bind the link to the browser that asks first. Raises BoundElsewhere in every other one."""
    membership = link.membership
    with change(membership.event, "people", "came in by the personal link", by=membership.user) as done:
        fresh = PersonalLink.objects.filter(pk=link.pk, issue=link.issue, joined_at=None, revoked_at=None)
        if not fresh.update(joined_at=clock.now(), browsers=1):
            raise BoundElsewhere
        done.about(membership)


def wait_for_code(link: PersonalLink) -> int:
    """Seconds until another code may be mailed; 0 takes one of the places."""
    return rate.wait_for(f"link-code:{link.pk}", CODES_PER_HOUR, 3600)


def send_code(link: PersonalLink) -> int:
    """Mail six digits to the invited address; returns by which key they are asked for."""
    digits = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        code = LinkCode.objects.create(
            link=link, issue=link.issue, code_hmac=_hmac(link.pk, digits), created_at=clock.now()
        )
        mail.post(
            CODE_MAIL,
            f"code:{code.pk}",
            person=link.membership.user,
            template="link_code",
            context={"code": digits},
            is_urgent=True,
            may_repeat=True,
        )
    return code.pk


def use_code(pk: int, typed: str) -> PersonalLink:
    """Let one more browser in. Raises CodeRefused. A try is counted before it is compared, so a burst gets no more than three."""
    now = clock.now()
    usable = LinkCode.objects.filter(pk=pk, used_at=None, created_at__gt=now - CODE_LIFE)
    if not usable.filter(tries__lt=TRIES).update(tries=F("tries") + 1):
        raise CodeRefused(is_over=True)
    code = LinkCode.objects.get(pk=pk)
    link = _links().filter(pk=code.link_id, issue=code.issue).first()
    if link is None or not is_open(link):
        raise CodeRefused(is_over=True)
    digits = "".join(c for c in typed if c in "0123456789")
    if not constant_time_compare(code.code_hmac, _hmac(link.pk, digits)):
        raise CodeRefused(is_over=code.tries >= TRIES)
    if not usable.update(used_at=now):
        raise CodeRefused(is_over=True)
    membership = link.membership
    with change(membership.event, "people", "used the personal link in another browser", by=membership.user) as done:
        PersonalLink.objects.filter(pk=link.pk).update(browsers=F("browsers") + 1)
        done.about(membership)
    return link


def code_link(pk: Any) -> PersonalLink | None:
    """The open link that a code was mailed for."""
    code = LinkCode.objects.filter(pk=pk).first() if isinstance(pk, int) else None
    link = _links().filter(pk=code.link_id, issue=code.issue).first() if code else None
    return link if link and is_open(link) else None


def _links() -> Any:
    return PersonalLink.objects.select_related("membership__user", "membership__event")


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _hmac(link: int, digits: str) -> str:
    """Six digits are soon tried out, so their hash wants a secret that is not in the database."""
    return salted_hmac("retros.link-code", f"{link}:{digits}", algorithm="sha256").hexdigest()
