"""Who is in a room now: each open page gives signs of life, and counts as here until the last of them has run out.

A page with a stream or a poll answers every twenty seconds or so; a page without script gives a sign whenever it is asked for.
Rows are written by whichever process hears the sign and read by all, so a server that is killed needs no farewell. Nothing here
is a change: no number, no row in the log, nothing in the record. Who came, for the record, is `Membership.attended_at`.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q

from aar_site import clock
from retros.models import Hand, Presence

FRESH_S = 10  # signs that come sooner say nothing new
LINE_S = 46  # so long a page with script counts as here after its last sign; it gives one every 20 to 35 seconds
PAGE_S = 300  # a page without script gives no signs while it is read
GRACE_S = 4  # who loads the page anew is not gone
WRITING_S = 6  # a page that goes on writing says so more often
HAND_S = 60  # so long the hand of who left stays up
FORGET_S = 3600
ENDED_S = 60  # so long a line that was closed is known, lest a late sign of it brings it back
MOST_LINES = 20  # of one person in one room; a page that names itself anew each time would fill the table


@dataclass(frozen=True)
class Now:
    """Who is in one room, who of them writes, and whose hand is up as (person, has the floor)."""

    here: frozenset[int] = frozenset()
    writing: frozenset[int] = frozenset()
    hands: frozenset[tuple[int, bool]] = frozenset()


def line_of(text: str) -> str:
    """The name that a page gave itself; what is no such name is none."""
    return text if len(text) <= 32 and text[:1] != "-" and text.replace("-", "").isalnum() else ""


# --- Signs ----------------------------------------------------------------------------------------------------------
def sign(event_id: int, user_id: int, line: str = "") -> None:
    """A sign of life of a page: of a line, or of a page without script."""
    now = clock.now()
    mine = Presence.objects.filter(event_id=event_id, user_id=user_id)
    known = {name: (seen, until) for name, seen, until in mine.values_list("line", "seen_at", "until")}
    if not line and any(name and until > now for name, (_, until) in known.items()):
        return  # its script speaks for itself
    seen, until = known.get(line, (None, now))
    if line and seen and until - seen < timedelta(seconds=LINE_S):
        return  # it was closed: this sign was under way then
    if seen and seen > now - timedelta(seconds=FRESH_S):
        return
    if seen is None and len(known) >= MOST_LINES:
        mine.filter(line__in=sorted(known, key=lambda name: known[name][0])[: len(known) - MOST_LINES + 1]).delete()
    come([(event_id, user_id, line)])


def come(pages: Collection[tuple[int, int, str]]) -> None:
    """Pages came, as (event, person, line): all of them in one statement. What a person opened without a line ends with it."""
    now = clock.now()
    rows = [
        Presence(event_id=e, user_id=u, line=n, seen_at=now, until=now + timedelta(seconds=LINE_S if n else PAGE_S))
        for e, u, n in set(pages)
    ]
    Presence.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["event", "user", "line"], update_fields=["seen_at", "until"]
    )
    with_line = {(e, u) for e, u, n in pages if n}
    for event_id in {e for e, _ in with_line}:
        people = [u for e, u in with_line if e == event_id]
        Presence.objects.filter(event_id=event_id, user_id__in=people, line="").delete()


def go(lines: Collection[str]) -> None:
    """Lines were closed; each has a moment to come back in."""
    soon = clock.now() + timedelta(seconds=GRACE_S)
    Presence.objects.filter(line__in=lines, until__gt=soon).update(until=soon, writing_until=None)


def write(event_id: int, user_id: int, line: str, *, is_writing: bool) -> None:
    """Somebody types in a field of the room, or stopped to. Which field, and what, is not told."""
    until = clock.now() + timedelta(seconds=WRITING_S) if is_writing else None
    Presence.objects.filter(event_id=event_id, user_id=user_id, line=line).update(writing_until=until)


def forget() -> None:
    """What is long past is nobody's business; and whose pages are all gone speaks no more. Who has the floor without a page, in
    the same building for one, keeps it."""
    now = clock.now()
    Presence.objects.filter(seen_at__lt=now - timedelta(seconds=FORGET_S)).delete()
    later = Presence.objects.filter(event=OuterRef("event"), user=OuterRef("user"), seen_at__gt=OuterRef("seen_at"))
    Presence.objects.filter(Exists(later), until__lt=now - timedelta(seconds=ENDED_S)).delete()
    pages = Presence.objects.filter(event=OuterRef("event"), user=OuterRef("user"))
    still = pages.filter(until__gt=now - timedelta(seconds=HAND_S))
    Hand.objects.filter(Exists(pages), ~Exists(still)).delete()


# --- Reading --------------------------------------------------------------------------------------------------------
def here(event: Any) -> dict[int, datetime]:
    """Who is in the room now, with the last sign of life of each."""
    rows = Presence.objects.filter(event=event, until__gt=clock.now()).values_list("user_id")
    return dict(rows.annotate(Max("seen_at")))


def away_for(event: Any, user_id: int) -> timedelta | None:
    """Since when nothing was heard of a person; None where nothing was heard in the last hour, or ever."""
    last = Presence.objects.filter(event=event, user_id=user_id).aggregate(last=Max("seen_at"))["last"]
    return clock.now() - last if last else None


def signs_in(event_ids: Collection[int]) -> dict[int, Now]:
    """Who is here and who writes, in these rooms; of hands nothing."""
    now = clock.now()
    here: dict[int, set[int]] = {pk: set() for pk in event_ids}
    writing: dict[int, set[int]] = {pk: set() for pk in event_ids}
    rows = Presence.objects.filter(event_id__in=event_ids, until__gt=now).annotate(writes=Q(writing_until__gt=now))
    for event_id, user_id, writes in rows.values_list("event_id", "user_id", "writes"):
        here[event_id].add(user_id)
        if writes:
            writing[event_id].add(user_id)
    return {pk: Now(frozenset(here[pk]), frozenset(writing[pk])) for pk in event_ids}


def now_in(event_ids: Collection[int]) -> dict[int, Now]:
    """All that is so now, in these rooms, in two queries."""
    hands: dict[int, set[tuple[int, bool]]] = {pk: set() for pk in event_ids}
    rows = Hand.objects.filter(event_id__in=event_ids).values_list("event_id", "user_id", "floor_at")
    for event_id, user_id, floor_at in rows:
        hands[event_id].add((user_id, floor_at is not None))
    return {pk: replace(now, hands=frozenset(hands[pk])) for pk, now in signs_in(event_ids).items()}


def silent(lines: Collection[str]) -> set[str]:
    """Of these lines those that gave no sign for too long: whoever held them is not there any more."""
    alive = Presence.objects.filter(line__in=lines, until__gt=clock.now())
    return set(lines) - set(alive.values_list("line", flat=True))
