"""What needs a person now: at most seven tasks by urgency, the reviews they are in, the next room. Reads only.

A task says what to do, why it is asked now, and offers one button. Nothing here counts what others do, and an account
shows up with its author alone.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse

from aar_site import clock
from aar_site.words import counted, in_words
from actions import access, asks
from actions.models import CLOSED, OPEN, Action
from retros.document.prose import to_plain
from retros.document.tree import Trace
from retros.models import AccountState, Event, Membership, ParticipantAccount, Role, SectionText, State
from retros.services import accounts, event_list

MOST = 7
IN_MOTION = 6
LESSONS = 30
LESSON_LENGTH = (25, 240)


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
class Room:
    """The next meeting: what the person is in it, and who writes."""

    event: Event
    you: str
    scribe: str
    trace: Trace | None


@dataclass(frozen=True)
class Now:
    """The whole page. `lesson` is (sentence, event) or None; `is_fresh`: nothing has happened yet that one could read."""

    tasks: list[asks.Task]
    more: int
    pressing: int
    motion: list[Motion]
    room: Room | None
    open_count: int
    late_count: int
    team_open: int | None
    team_late: int
    lesson: tuple[str, Event] | None
    is_fresh: bool


def now_page(user: Any) -> Now:
    """Everything that the page shows, in a constant number of queries."""
    today = clock.today(user.time_zone)
    roles = _roles(user)
    states = _own_accounts(user, roles)
    owned = asks.owned(user)
    own = [a for a in owned if a.is_open]
    teams = access.teams_of(user)
    managed = [team for team, is_manager in teams.items() if is_manager]
    tasks = _tasks(user, roles, states, owned, managed)
    of_team = _of_teams(teams, today)
    shown = sorted(roles, key=lambda m: m.event.state == State.PUBLISHED)[:IN_MOTION]
    nearest = [
        m for m in roles if m.event.state == State.PREPARING and m.event.meeting_at and m.event.meeting_at > clock.now()
    ][:1]
    traces = event_list.traces(list({m.event_id: m.event for m in (*shown, *nearest)}.values()))
    return Now(
        tasks=tasks[:MOST],
        more=max(len(tasks) - MOST, 0),
        pressing=sum(t.urgency <= asks.TODAY for t in tasks),
        motion=_motion(shown, states, traces, user),
        room=_room(nearest[0], traces) if nearest else None,
        open_count=len(own),
        late_count=sum(a.days_late(today) > 0 for a in own),
        team_open=of_team["open"] if teams else None,
        team_late=of_team["late"],
        lesson=_lesson(user),
        is_fresh=not tasks and not shown and not Event.objects.listed_for(user).exists(),
    )


def _of_teams(teams: Iterable[int], today: date) -> dict[str, int]:
    """How many of the teams' actions are open, and how many of them overdue: nobody's name, and no task of whoever reads it."""
    rows = Action.objects.open().filter(event__team__in=teams)
    return rows.aggregate(open=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))


def _tasks(
    user: Any, roles: list[Membership], states: dict[int, str], owned: list[Action], managed: list[int]
) -> list[asks.Task]:
    """All tasks, the most urgent first."""
    led = [m.event for m in roles if m.role == Role.FACILITATOR and m.event.state == State.PREPARING]
    standings = accounts.standings_of(led) if led else {}
    of_reviews = [
        task
        for m in roles
        for task in (
            asks.room_task(m),
            asks.account_task(m, states.get(m.event_id), user),
            asks.lead_task(m, standings.get(m.event_id, []), user),
        )
        if task
    ]
    own, done = [a for a in owned if a.is_open], [a for a in owned if not a.is_open]
    of_actions = [*asks.action_tasks(own, user), *asks.effect_tasks(done, user), *asks.unowned_tasks(user, managed)]
    of_reviews += [*asks.late_reviews_tasks(user, managed), *asks.leaderless_tasks(user)]
    asked = sorted([*of_reviews, *of_actions], key=lambda t: (t.urgency, t.by, t.title))
    return [*asked, *asks.first_steps(user)]


def headline(now: Now) -> str:
    """ "Three things need you today", or that nothing does. "Today" only where all of them press."""
    count = len(now.tasks) + now.more
    if not count:
        return "Nothing needs you"
    words = f"{in_words(count, 'thing').capitalize()} need{'s' if count == 1 else ''} you"
    return words + (" today" if now.pressing == count else "")


def lead(now: Now, user: Any) -> str:
    """The sentence below: the day, how much of it presses, and the next room."""
    today = clock.today(user.time_zone)
    said = [f"{today:%A} {today.day} {today:%B}."]
    count = len(now.tasks) + now.more
    if now.pressing and now.pressing < count:
        words = in_words(now.pressing).capitalize()
        said.append(f"{words} of them cannot wait." if now.pressing > 1 else "One of them cannot wait.")
    if now.room and (at := now.room.event.meeting_at):
        said.append(f"Your next review is on {asks.moment(at, user)}.")
    return " ".join(said)


def _roles(user: Any) -> list[Membership]:
    """The person's roles in reviews that move, or were published in the last thirty days. One query."""
    lately = clock.now() - timedelta(days=30)
    wanted = Q(event__state__in=event_list.MOVING) | Q(event__state=State.PUBLISHED, event__published_at__gte=lately)
    found = Membership.objects.filter(wanted, user=user.pk).select_related("event")
    return list(found.order_by(F("event__meeting_at").asc(nulls_last=True), "-event_id"))


def _own_accounts(user: Any, roles: list[Membership]) -> dict[int, str]:
    """The state of the person's own accounts, by event. Nobody else's is asked for. One query."""
    events = [m.event_id for m in roles if m.writes_account]
    return dict(ParticipantAccount.objects.filter(author=user.pk, event__in=events).values_list("event", "state"))


# --- Reviews in motion ------------------------------------------------------------------------------------------------
PAGES = {
    State.MEETING: "room_detail",
    State.DRAFT: "review_detail",
    State.REVIEW: "review_detail",
    State.PUBLISHED: "review_detail",
}


def _motion(
    shown: list[Membership], states: dict[int, str], traces: dict[int, Trace | None], user: Any
) -> list[Motion]:
    """The reviews that the person is in, moving ones first, then those just published. One query."""
    published = [m.event_id for m in shown if m.event.state == State.PUBLISHED]
    counts = {
        row["event"]: (row["closed"], row["total"])
        for row in Action.objects.filter(event__in=published, status__in=(*OPEN, *CLOSED), committed_on__isnull=False)
        .values("event")
        .annotate(total=Count("pk"), closed=Count("pk", filter=Q(status__in=CLOSED)))
        .order_by("event")
    }
    found = []
    for member in shown:
        event, (shape, words) = member.event, _standing(member, states.get(member.event_id))
        url = reverse(PAGES.get(State(event.state), "event_detail"), args=[event.code])
        said = _said(member, counts.get(event.pk), user)
        found.append(Motion(event, url, said, shape, words, traces.get(event.pk)))
    return found


def _said(member: Membership, counts: tuple[int, int] | None, user: Any) -> str:
    event = member.event
    said = f"{event.get_kind_display()} · {asks.role_words(member)}"
    if event.state == State.PUBLISHED and counts:
        return f"{said} · {counts[0]} of {counted(counts[1], 'action')} closed"
    if event.state == State.PREPARING:
        return f"{said} · {asks.moment(event.meeting_at, user)}" if event.meeting_at else f"{said} · no time yet"
    return said


def _standing(member: Membership, account: str | None) -> tuple[str, str]:
    """(shape, words): late before all else, then what the person's own account asks for, then the state."""
    event = member.event
    if late := event_list.late_words(event):
        return "late", late
    if event.state == State.PREPARING and not event.is_revealed and member.writes_account:
        if account == AccountState.SUBMITTED:
            return "ok", "Your account is in"
        if account != AccountState.DECLINED:
            return ("part", "Your account is a draft") if account else ("off", "Your account is asked for")
    shapes = {State.MEETING: "now", State.PUBLISHED: "ok"}
    return shapes.get(State(event.state), "part"), str(event.get_state_display())


def _room(member: Membership, traces: dict[int, Trace | None]) -> Room:
    """One query, for the scribe's name."""
    scribe = Membership.objects.filter(event=member.event_id, role=Role.SCRIBE).select_related("user").first()
    name = "Nobody yet" if scribe is None else "You" if scribe.user_id == member.user_id else scribe.user.name
    return Room(member.event, str(member.get_role_display()), name, traces.get(member.event_id))


# --- A lesson ---------------------------------------------------------------------------------------------------------
def _lesson(user: Any) -> tuple[str, Event] | None:
    """One sentence out of the lessons of published reviews that the person may read, another one each day. One query."""
    readable = Event.objects.visible_to(user).filter(state=State.PUBLISHED).values("pk")
    texts = SectionText.objects.filter(slug="lessons", event__in=readable).exclude(text="").select_related("event")
    rows = list(texts.order_by("-event__published_at", "pk")[:LESSONS])
    today = clock.today(user.time_zone).toordinal()
    for turn in range(len(rows)):
        row = rows[(today + turn) % len(rows)]
        if found := sentences(row.text):
            return found[today // len(rows) % len(found)], row.event
    return None


def sentences(text: str) -> list[str]:
    """Those of a text's paragraphs and list items that stand alone: one line, neither a word nor a page long."""
    least, most = LESSON_LENGTH
    lines = [re.sub(r"\s+", " ", part).strip() for part in to_plain(text).split("\n\n")]
    return [line for line in lines if least <= len(line) <= most]
