"""Reminders of accounts that go out by themselves: 48 and 24 hours before the deadline, one mail a person and day.

What keeps them from coming twice lies in rows: one for each person, deadline and hour, and the mail itself, which is unique
by person and local day. Whoever comes second, another sweep or a clock that was set back, finds them and posts nothing. After
an outage one comes instead of two, and nobody is reminded of what they were asked by mail on the same day.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from aar_site import clock
from aar_site.outbox import mail
from aar_site.outbox.models import Message
from aar_site.people.models import User
from retros.models import AccountReminder, Event, Membership, State
from retros.services import accounts

KIND = "account_reminder"
HOURS = {48: 36, 24: 0}  # from so many hours before the deadline until so many
ASKED_LATELY = timedelta(hours=20)
UNWANTED = "Nothing that it names is open any more."  # as of any reminder: an administrator learns nothing of who wrote


@dataclass(frozen=True)
class Due:
    """One person, one account, and how many hours before its deadline this is."""

    membership: Membership
    due_at: datetime
    hours: int


def sweep() -> int:
    """Post what is due; the number of mails. Safe to run twice at once."""
    by_person: dict[int, list[Due]] = defaultdict(list)
    for due in _due():
        by_person[due.membership.user_id].append(due)
    return sum(_remind(found) for _, found in sorted(by_person.items()))


def open_events() -> Any:
    """Events whose accounts are asked for, with a deadline that is near and not past."""
    now = clock.now()
    near = Q(accounts_due_at__gt=now, accounts_due_at__lte=now + timedelta(hours=max(HOURS)))
    return Event.objects.filter(near, state=State.PREPARING, revealed_at=None)


def _due(only: Iterable[int] | None = None) -> list[Due]:
    """Who is to be reminded now: asked, neither in nor declined, not told of this hour or a later one yet."""
    events = {event.pk: event for event in open_events()}
    if not events:
        return []
    waiting = [
        standing.membership
        for rows in accounts.standings_of(list(events.values())).values()
        for standing in rows
        if standing.state == "not in" and standing.membership.user.is_active
        and (only is None or standing.membership.pk in only)
    ]  # fmt: skip
    told = defaultdict(set)
    for pk, named, hours in AccountReminder.objects.filter(membership__in=waiting).values_list(
        "membership", "due_at", "hours"
    ):
        told[pk, named].add(hours)
    found = []
    for membership in waiting:
        event = membership.event = events[membership.event_id]
        due_at: Any = event.accounts_due_at  # there is one: that is how these events were found
        hours = _hours(due_at - clock.now())
        if hours and not any(level <= hours for level in told[membership.pk, due_at]):
            found.append(Due(membership, due_at, hours))
    asked = _asked_lately([due.membership for due in found])
    return [due for due in found if due.membership.pk not in asked]


def _hours(left: timedelta) -> int:
    """Which reminder this time is for; 0 between them: after an outage one comes instead of two."""
    hours = left / timedelta(hours=1)
    return next((level for level, until in HOURS.items() if until < hours <= level), 0)


def _asked_lately(waiting: list[Membership]) -> set[int]:
    """Those who were invited, or reminded by hand, within the last hours; also by a mail that a clock dates ahead."""
    if not waiting:
        return set()
    lately = Message.objects.filter(
        kind__in=["invitation", KIND],
        person__in=[m.user_id for m in waiting],
        created_at__gt=clock.now() - ASKED_LATELY,
    )
    keys = [key.removeprefix("membership:").partition(":")[0] for key in lately.values_list("dedupe_key", flat=True)]
    return {int(key) for key in keys if key.isdecimal()}


def _remind(found: list[Due]) -> bool:
    """Tell one person of everything that is due, in one mail. Rows before the mail; read again after the rows are locked."""
    person = found[0].membership.user
    today = clock.today(person.time_zone)
    with transaction.atomic():
        if not User.objects.select_for_update().filter(pk=person.pk, is_active=True).exists():
            return False
        fresh = _due(only=[due.membership.pk for due in found])
        if not fresh or Message.objects.filter(kind=KIND, dedupe_key=_key(person, today)).exists():
            return False
        AccountReminder.objects.bulk_create(
            AccountReminder(membership=d.membership, due_at=d.due_at, hours=d.hours, told_on=today) for d in fresh
        )
        events = [d.membership.event for d in sorted(fresh, key=lambda d: (d.due_at, d.membership.pk))]
        return mail.post(KIND, _key(person, today), person=person, template="account_reminders", context=_words(events))


def _key(person: User, today: date) -> str:
    return f"person:{person.pk}:{today}"


def _words(events: list[Event]) -> dict[str, Any]:
    """Context of the mail: each event with its deadline and the address of the account, the most pressing first."""
    rows = [
        {"title": e.title, "path": f"/e/{e.code}/account/", "due": e.accounts_due_at, "time_zone": e.time_zone}
        for e in events
    ]
    return {"rows": rows, "first": rows[0], "is_one": len(rows) == 1}


def outdated(message: Message) -> str:
    """Why a reminder that had to wait is not sent any more; "" while one of the accounts that it names is still asked for."""
    whose, _, rest = message.dedupe_key.partition(":")
    if whose != "person":
        named = Membership.objects.filter(pk=whose)
    else:
        told = AccountReminder.objects.filter(membership__user=message.person, told_on=rest.partition(":")[2])
        named = Membership.objects.filter(pk__in=told.values("membership"))
    asked = named.filter(event__state=State.PREPARING, event__revealed_at=None).select_related("event")
    standings = accounts.standings_of([membership.event for membership in asked])
    wanted = {s.membership.pk for rows in standings.values() for s in rows if s.state == "not in"}
    return "" if wanted & {membership.pk for membership in asked} else UNWANTED
