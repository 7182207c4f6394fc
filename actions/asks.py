"""The things that one person is asked to do now: each with a verb, its reason and one button. Reads only.

An account shows up with its author alone; what waits for the facilitator is the one next step that nobody else can take.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from textwrap import shorten
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, Q
from django.urls import reverse

from aar_site import clock
from aar_site.outbox.mail import leaves, promised
from aar_site.people.models import Team, User
from aar_site.words import clock_time, day, in_words
from actions.history import overdue
from actions.models import Action, Status
from actions.querysets import IS_OPEN
from actions.services import CHECK_AFTER_DAYS, DECIDE_AFTER_DAYS
from retros.models import AccountState, Event, Membership, Role, State
from retros.services import event_list, schedule
from retros.services.accounts import Standing

LATE, TODAY, SOON, WAITING = range(4)  # urgency; within one, the earlier date goes first
FAR = date(9999, 1, 1)
SOON_DAYS = 7
CHECK_UNTIL_DAYS = 90  # an effect that nobody checked by then is asked about no more
ROOM_OPENS = timedelta(minutes=15)
REMIND_WITHIN = timedelta(days=2)
PREPARE_DAYS = 3
# What a task says of an action; the rest of the rows stays in the database, because somebody may own hundreds.
READ = ("title", "due_on", "size", "status", "blocked_reason", "closed_at", "review_on", "event__title")


@dataclass(frozen=True)
class Task:
    """One thing to do. `shape` and `tag` say how it stands, `why` where it comes from; `go` is the button's words."""

    urgency: int
    by: date
    title: str
    shape: str
    tag: str
    why: str
    url: str
    go: str


# --- Reviews ----------------------------------------------------------------------------------------------------------
def account_task(member: Membership, state: str | None, user: Any) -> Task | None:
    """Write, while it is asked for; read, once all are open and the room has not met."""
    event = member.event
    if event.state != State.PREPARING:
        return None
    if event.is_revealed:
        title, url = f"Read the accounts of “{event.title}”", reverse("account_reading", args=[event.code])
        why = f"The room meets {moment(event.meeting_at, user)}" if event.meeting_at else "Before the room meets"
        by = local(event.meeting_at, user)
        return Task(urgency(by, user), by or FAR, title, "part", "Accounts are open", why, url, "Read")
    if not member.writes_account or state in (AccountState.SUBMITTED, AccountState.DECLINED):
        return None
    title, url = f"Write what you saw in “{event.title}”", reverse("account_edit", args=[event.code])
    go = "Go on writing" if state else "Write"
    why = "Ten quiet minutes. Only you can read it until all are opened together"
    due = event.accounts_due_at
    by = local(due, user)
    if due and due < clock.now():
        return Task(LATE, by or FAR, title, "late", f"Was due {day(by)}", why, url, go)
    why = f"Until {moment(due, user)}. {why}" if due else why
    shape, tag = ("part", "Draft") if state else ("off", "Asked for")
    return Task(urgency(by, user), by or FAR, title, shape, tag, why, url, go)


def room_task(member: Membership) -> Task | None:
    """The room is open: it comes first, whatever else is late."""
    event = member.event
    if event.state != State.MEETING:
        return None
    title, url = f"Join the room of “{event.title}”", reverse("room_detail", args=[event.code])
    return Task(LATE, date.min, title, "now", "Open now", role_words(member).capitalize(), url, "Join the room")


def lead_task(member: Membership, standings: list[Standing], user: Any) -> Task | None:
    """What waits for the facilitator, one thing a review."""
    event = member.event
    if member.role != Role.FACILITATOR:
        return None
    if event.state in (State.DRAFT, State.REVIEW):
        return _publish(event, user)
    if event.state != State.PREPARING:
        return None
    if event.ended_at is None:
        return _add_end(event)
    if event.meeting_at is None:
        return _set_time(event, user)
    return _meeting_ahead(event, event.meeting_at, standings, user)


def _add_end(event: Event) -> Task:
    title, url = f"Say when “{event.title}” ended", reverse("event_edit", args=[event.code])
    if on := event.review_on:  # opened ahead: nothing is late before it is over
        return Task(WAITING, on, title, "part", f"Review on {day(on)}", "Once it is over", url, "Add the end")
    return Task(WAITING, FAR, title, "off", "No end yet", "Its meeting needs one", url, "Add the end")


def _publish(event: Event, user: Any) -> Task:
    due = schedule.publish_due(event)
    by, title, url = (
        local(due, user),
        f"Publish the review of “{event.title}”",
        reverse("review_detail", args=[event.code]),
    )
    why, go = "A review belongs within 14 days of its event" if due else "Its meeting is over", "Go to the review"
    if due and by and due < clock.now():
        return Task(LATE, by, title, "late", f"Due {days_ago(by, user)}", why, url, go)
    return Task(urgency(by, user), by or FAR, title, "part", f"By {day(by)}" if by else "Draft", why, url, go)


def _set_time(event: Event, user: Any) -> Task:
    due = schedule.meeting_due(event)
    by = local(due, user)
    title, url = f"Set a time for the review of “{event.title}”", reverse("event_schedule", args=[event.code])
    is_late = bool(due and due < clock.now())
    shape, tag = (
        ("late", f"Belonged by {day(by)}") if is_late else ("part", f"Belongs by {day(by)}" if by else "No time yet")
    )
    why = "Memories fade fast" if by else "The event is long ago, so no day is too late"
    return Task(LATE if is_late else urgency(by, user), by or FAR, title, shape, tag, why, url, "Set the time")


def _meeting_ahead(event: Event, at: datetime, standings: list[Standing], user: Any) -> Task | None:
    """A time is set: open the room, open the accounts, ask for those that are missing, or prepare; whichever comes first."""
    now, due, meets = clock.now(), event.accounts_due_at, at.astimezone(ZoneInfo(user.time_zone)).date()
    title, url = f"“{event.title}”", reverse("event_detail", args=[event.code])
    if at <= now + ROOM_OPENS:
        room = reverse("room_detail", args=[event.code])
        tag = f"Planned {moment(at, user)}"
        return Task(LATE, meets, f"Open the room of {title}", "now", tag, "You facilitate", room, "Open the room")
    if not event.is_revealed and due and due <= now:
        why, reveal = (
            "Everyone reads for ten minutes before the room meets",
            reverse("account_reveal", args=[event.code]),
        )
        tag = "Deadline has passed"
        return Task(
            urgency(meets, user), meets, f"Open the accounts of {title}", "part", tag, why, reveal, "Look and open"
        )
    missing = [s.membership.user.name for s in standings if s.state == "not in" and s.membership.user_id != user.pk]
    if not event.is_revealed and due and due <= now + REMIND_WITHIN and missing:
        who = " and ".join(missing) if len(missing) < 3 else f"{in_words(len(missing))} people"
        tag = f"{sum(s.state == 'in' for s in standings)} of {len(standings)} in"
        why, by = f"For {title}. They close {moment(due, user)}", due.astimezone(ZoneInfo(user.time_zone)).date()
        return Task(urgency(by, user), by, f"Ask {who} for what they saw", "part", tag, why, url, "See who is missing")
    if meets <= clock.today(user.time_zone) + timedelta(days=PREPARE_DAYS):
        tag = f"Meets {moment(at, user)}"
        return Task(
            urgency(meets, user), meets, f"Prepare {title}", "part", tag, "You facilitate", url, "See what is ready"
        )
    return None


def leaderless_tasks(user: Any) -> list[Task]:
    """For an administrator: reviews in motion that nobody facilitates, as after an import. One query."""
    if not user.is_admin:
        return []
    led = Membership.objects.filter(role=Role.FACILITATOR).values("event")
    rows = Event.objects.listed_for(user).exclude(state__in=(State.PUBLISHED, State.NOT_REVIEWED)).exclude(pk__in=led)
    why, go = "Nobody can prepare or hold the review without one", "Name somebody"
    return [
        Task(
            WAITING,
            FAR,
            f"Find a facilitator for “{title}”",
            "off",
            "Nobody yet",
            why,
            reverse("event_facilitator", args=[code]),
            go,
        )
        for code, title in rows.order_by("-pk").values_list("code", "title")
    ]


# --- Actions ----------------------------------------------------------------------------------------------------------
def action_tasks(own: list[Action], user: Any) -> list[Task]:
    """The own actions that are late or due within a week."""
    today = clock.today(user.time_zone)
    return [_own(a, a.due_on, today, user) for a in own if a.due_on and (a.due_on - today).days <= SOON_DAYS]


def _own(action: Action, due: date, today: date, user: Any) -> Task:
    late, url = (today - due).days, reverse("action_detail", args=[action.pk])
    title = f"Your action: {action.title}"
    why = f"From “{action.event.title}” · size {action.size}"
    if action.status == Status.BLOCKED:
        why = "Blocked: " + shorten(action.blocked_reason, 100, placeholder="…")
    if late >= DECIDE_AFTER_DAYS:
        decide = reverse("action_move", args=[action.pk, "decide"])
        return Task(LATE, due, f"Decide: {action.title}", "late", overdue(late), why, decide, "Decide")
    if late > 0:
        return Task(LATE, due, title, "late", overdue(late), why, url, "Update or re-date")
    if late == 0:
        return Task(TODAY, due, title, "now", "Due today", why, url, "Close it")
    return Task(SOON, due, title, "part", f"Due {day(due)}", why, url, "See where it stands")


def owned(user: Any) -> list[Action]:
    """The person's open actions, those done so long ago that their effect can be seen, and what they recorded as decided against
    until a day that has come. One query."""
    now = clock.now()
    seen = (now - timedelta(days=CHECK_UNTIL_DAYS), now - timedelta(days=CHECK_AFTER_DAYS))
    wanted = IS_OPEN | Q(status=Status.DONE, closed_at__range=seen)
    again = Q(status=Status.DROPPED, review_on__lte=clock.today(user.time_zone), created_by=user.pk)
    found = Action.objects.filter(Q(wanted, owner=user.pk) | again).select_related("event").only(*READ)
    return list(found.order_by("due_on", "pk"))


def effect_tasks(done: list[Action], user: Any) -> list[Task]:
    """Done thirty days ago: did it do what it was for?"""
    found = []
    for action in done:
        if action.status == Status.DROPPED:
            found.append(_again(action, user))
            continue
        on, url = local(action.closed_at, user), reverse("action_move", args=[action.pk, "check"])
        title, why = f"Check the effect: {action.title}", f"From “{action.event.title}”. Did it do what it was for?"
        found.append(Task(WAITING, on or FAR, title, "ok", f"Done {day(on)}", why, url, "Check"))
    return found


def _again(action: Action, user: Any) -> Task:
    """Decided not to act, and to look at it again: the day has come."""
    title, url = f"Look again: {action.title}", reverse("action_detail", args=[action.pk])
    why = f"From “{action.event.title}”. Does the reason still hold?"
    by = action.review_on or FAR
    return Task(urgency(by, user), by, title, "part", f"Since {day(by)}", why, url, "Look again")


def unowned_tasks(user: Any, managed: list[int]) -> list[Task]:
    """For a team's manager: actions whose owner can no longer sign in. One query."""
    rows = Action.objects.open().filter(event__team__in=managed, owner__is_active=False)
    found = []
    for action in rows.select_related("event").only(*READ):
        title, url = f"Find an owner: {action.title}", reverse("action_move", args=[action.pk, "hand-over"])
        why = f"From “{action.event.title}”. Its owner cannot sign in any more"
        found.append(Task(TODAY, action.due_on or FAR, title, "now", "No owner", why, url, "Hand it over"))
    return found


def late_reviews_tasks(user: Any, managed: list[int]) -> list[Task]:
    """For a team's manager: its late reviews that somebody else facilitates, in one task. One query."""
    own = Membership.objects.filter(user=user.pk, role=Role.FACILITATOR).values("event")
    rows = Event.objects.filter(team__in=managed, state__in=event_list.MOVING).exclude(pk__in=own) if managed else []
    late = [(event, words) for event in rows if (words := event_list.late_words(event))]
    if not late:
        return []
    team = f"&team={managed[0]}" if len(managed) == 1 else ""
    url, why = (
        f"{reverse('event_list')}?late=1{team}",
        "Your team’s. Ask what would help" if team else "Of your teams. Ask what would help",
    )
    if len(late) == 1:
        event, words = late[0]
        return [
            Task(TODAY, FAR, f"The review of “{event.title}” is late", "late", words, why, url, "See where it stands")
        ]
    title, tag = f"{in_words(len(late)).capitalize()} reviews are late", f"{len(late)} late"
    return [Task(TODAY, FAR, title, "late", tag, why, url, "See which")]


# --- A new house -----------------------------------------------------------------------------------------------------
def first_steps(user: Any) -> list[Task]:
    """For the administrator of an installation that nobody uses yet, each until it is done. Who works without teams is asked
    for them no longer than for the rest; for a mail server always, because others wait for mails. One query."""
    if not user.is_admin:
        return []
    others, events = User.objects.exclude(pk=user.pk), Event.objects.all()
    house = User.objects.filter(pk=user.pk).values_list(Exists(Team.objects.all()), Exists(others), Exists(events))
    has_teams, has_people, has_events = house.get()
    has_teams = has_teams or (has_people and has_events)
    team = "Reviews are listed by team, and its managers hear of what is stuck"
    people = f"{promised('Each gets a mail with the way in. ', '')}Who took part in an event writes what they saw"
    event = "Something broke, something went out, a stretch of work ended: a title is enough"
    mails = "Until then each mail is a file on the server, and nobody gets an invitation, a code or a reminder"
    steps = [
        (has_teams, "Say who is in which team", "No team yet", team, "team_add", "Add a team"),
        (leaves(), "Name a mail server", "No mail leaves", mails, "settings_mail", "See how"),
        (has_people, "Add people", "Only you so far", people, "person_add", "Add somebody"),
        (has_events, "Open your first event", "None yet", event, "event_new", "Open an event"),
    ]
    return [
        Task(WAITING, FAR, title, "off", tag, why, reverse(name), go)
        for is_done, title, tag, why, name, go in steps
        if not is_done
    ]


# --- Words ------------------------------------------------------------------------------------------------------------
def local(at: datetime | None, user: Any) -> date | None:
    """The day of a moment on the reader's calendar."""
    return at.astimezone(ZoneInfo(user.time_zone)).date() if at else None


def moment(at: datetime | None, user: Any) -> str:
    """ "Thu 26 Nov, 14:00" on the reader's clock."""
    return f"{day(at, user.time_zone)}, {clock_time(at, user.time_zone)}" if at else ""


def urgency(by: date | None, user: Any) -> int:
    """Where a task of that day stands: late, today, within a week, or later."""
    if by is None:
        return WAITING
    ahead = (by - clock.today(user.time_zone)).days
    return LATE if ahead < 0 else TODAY if ahead == 0 else SOON if ahead <= SOON_DAYS else WAITING


def days_ago(on: date, user: Any) -> str:
    """ "today", "yesterday", "3 days ago"."""
    days = (clock.today(user.time_zone) - on).days
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")


def role_words(member: Membership) -> str:
    """What the person is to the review."""
    words = {Role.FACILITATOR: "you facilitate", Role.SCRIBE: "you write", Role.OBSERVER: "you follow"}
    return words.get(Role(member.role), "you take part")
