"""What needs a person now: at most seven tasks by urgency, the reviews they are in, the next room. Reads only.

A task says what to do, why it is asked now, and offers one button. Nothing here counts what others do, and an account
shows up with its author alone.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from aar_site import clock
from aar_site.templatetags.ui import in_words
from actions import asks
from actions.models import CLOSED, OPEN, Action
from retros.document.chart import trace_of
from retros.document.tree import Trace
from retros.models import Event, Membership, ParticipantAccount, State, TimelineEntry

IN_MOTION = 6


@dataclass(frozen=True)
class Motion:
    """A review that the person is in: what the row says of it."""

    event: Event
    url: str
    said: str
    shape: str
    tag: str
    trace: Trace | None


@dataclass(frozen=True)
class Now:
    """The whole page."""

    tasks: list[asks.Task]
    more: int
    motion: list[Motion]
    next_room: Membership | None
    open_count: int
    late_count: int


def now_page(user: Any) -> Now:
    """Everything that the page shows, in a constant number of queries."""
    today = clock.today(user.time_zone)
    roles = _roles(user)
    accounts = _accounts(user, roles)
    own = list(Action.objects.open().filter(owner=user.pk).select_related("event").order_by("due_on", "pk"))
    tasks = [
        *(t for m in roles if (t := asks.account_task(m, accounts.get(m.event_id), today, user))),
        *(t for m in roles for t in asks.room_tasks(m, today, user)),
        *(t for m in roles for t in asks.lead_tasks(m, today, user)),
        *asks.action_tasks(own, today),
        *asks.effect_tasks(user, today),
        *asks.unowned_tasks(user, today),
    ]
    tasks.sort(key=lambda t: (t.urgency, t.by, t.title))
    ahead = [
        m for m in roles if m.event.state == State.PREPARING and m.event.meeting_at and m.event.meeting_at > clock.now()
    ]
    return Now(
        tasks=tasks[: asks.MOST],
        more=max(len(tasks) - asks.MOST, 0),
        motion=_motion(roles, user),
        next_room=min(ahead, key=lambda m: m.event.meeting_at or clock.now(), default=None),
        open_count=len(own),
        late_count=sum(a.days_late(today) > 0 for a in own),
    )


def headline(now: Now) -> str:
    """ "Three things need you today", or that nothing does."""
    count = len(now.tasks) + now.more
    pressing = sum(t.urgency <= asks.TODAY for t in now.tasks)
    if not count:
        return "Nothing needs you"
    words = f"{in_words(count).capitalize()} thing{'' if count == 1 else 's'} need{'s' if count == 1 else ''} you"
    return words + (" today" if pressing == count else "")


def _roles(user: Any) -> list[Membership]:
    """The person's roles in reviews that move, or were published in the last thirty days. One query."""
    lately = clock.now() - timedelta(days=30)
    wanted = Q(event__state__in=(State.PREPARING, State.MEETING, State.DRAFT, State.REVIEW))
    wanted |= Q(event__state=State.PUBLISHED, event__published_at__gte=lately)
    found = Membership.objects.filter(wanted, user=user.pk).select_related("event")
    return list(found.order_by("event__meeting_at", "-event_id"))


def _accounts(user: Any, roles: list[Membership]) -> dict[int, str]:
    """The state of the person's own accounts, by event. Nobody else's is asked for. One query."""
    events = [m.event_id for m in roles if m.writes_account]
    return dict(ParticipantAccount.objects.filter(author=user.pk, event__in=events).values_list("event", "state"))


# --- Reviews in motion ------------------------------------------------------------------------------------------------
def _motion(roles: list[Membership], user: Any) -> list[Motion]:
    """The reviews that the person is in, moving ones first, then those just published. Two queries for all of them."""
    moving = [m for m in roles if m.event.state != State.PUBLISHED]
    shown = [*moving, *(m for m in roles if m.event.state == State.PUBLISHED)][:IN_MOTION]
    entries: dict[int, list[TimelineEntry]] = {m.event_id: [] for m in shown}
    fields = ("event_id", "at", "is_key", "landmark", "precision")
    for entry in (
        TimelineEntry.objects.kept()
        .filter(event__in=entries, at__isnull=False)
        .only(*fields)
        .order_by("event_id", "at")[:3000]
    ):
        entries[entry.event_id].append(entry)
    published = [m.event_id for m in shown if m.event.state == State.PUBLISHED]
    counts = {
        row["event"]: (row["closed"], row["total"])
        for row in Action.objects.filter(event__in=published, status__in=(*OPEN, *CLOSED))
        .values("event")
        .annotate(total=Count("pk"), closed=Count("pk", filter=Q(status__in=CLOSED)))
        .order_by("event")
    }
    return [_motion_row(m, trace_of(m.event, entries[m.event_id]), counts.get(m.event_id), user) for m in shown]


def _motion_row(member: Membership, trace: Trace | None, closed: tuple[int, int] | None, user: Any) -> Motion:
    event = member.event
    said = f"{event.get_kind_display()} · {asks.role_words(member)}"
    page, shape = {
        State.MEETING: ("room_detail", "now"),
        State.DRAFT: ("review_detail", "part"),
        State.REVIEW: ("review_detail", "part"),
        State.PUBLISHED: ("review_detail", "ok"),
    }.get(event.state, ("event_detail", "part"))  # type: ignore[call-overload]
    if event.state == State.PUBLISHED and closed:
        said += f" · {closed[0]} of {closed[1]} action{'' if closed[1] == 1 else 's'} closed"
    elif event.state == State.PREPARING:
        said += f" · {asks.moment(event.meeting_at, user)}" if event.meeting_at else " · no time yet"
    return Motion(event, reverse(page, args=[event.code]), said, shape, str(event.get_state_display()), trace)
