"""The things that one person is asked to do now: each with a verb, its reason and one button. Reads only.

An account shows up with its author alone; what waits for the facilitator is the one next step that nobody else can take.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from aar_site import clock
from aar_site.templatetags.ui import clock_time, day
from actions.models import Action, Status
from actions.services import CHECK_AFTER_DAYS
from retros.models import AccountState, Event, Membership, Role, State

MOST = 7
LATE, TODAY, SOON, WAITING = range(4)  # urgency; within one, the earlier date goes first
FAR = date(9999, 1, 1)
PUBLISH_WITHIN = timedelta(days=14)
CHECK_UNTIL_DAYS = 90  # an effect that nobody checked by then is asked about no more


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


def account_task(member: Membership, state: str | None, today: date, user: Any) -> Task | None:
    """Write, while it is asked for; read, once all are open and the room has not met."""
    event = member.event
    if event.state != State.PREPARING:
        return None
    if event.is_revealed:
        by = _local(event.meeting_at, user)
        when = f"The room meets {moment(event.meeting_at, user)}" if event.meeting_at else "Before the room meets"
        url = reverse("account_reading", args=[event.code])
        return Task(
            _urgency(by, today),
            by or FAR,
            f"Read the accounts of “{event.title}”",
            "part",
            "Accounts are open",
            when,
            url,
            "Read",
        )
    if not member.writes_account or state in (AccountState.SUBMITTED, AccountState.DECLINED):
        return None
    by = _local(event.accounts_due_at, user)
    is_late = bool(by and by < today)
    why = f"Until {moment(event.accounts_due_at, user)}. " if event.accounts_due_at and not is_late else ""
    tag = "Draft" if state == AccountState.DRAFT else "Asked for"
    return Task(
        LATE if is_late else _urgency(by, today),
        by or FAR,
        f"Write what you saw in “{event.title}”",
        "late" if is_late else "part" if state else "off",
        f"Was due {day(by)}" if is_late else tag,
        f"{why}Ten quiet minutes. Only you can read it until all are opened together",
        reverse("account_edit", args=[event.code]),
        "Go on writing" if state else "Write",
    )


def room_tasks(member: Membership, today: date, user: Any) -> list[Task]:
    event = member.event
    if event.state != State.MEETING:
        return []
    url = reverse("room_detail", args=[event.code])
    return [
        Task(
            LATE,
            date.min,
            f"Join the room of “{event.title}”",
            "now",
            "Open now",
            role_words(member),
            url,
            "Join the room",
        )
    ]


def lead_tasks(member: Membership, today: date, user: Any) -> list[Task]:
    """What waits for the facilitator, one thing a review: the next step that nobody else can take."""
    event = member.event
    if member.role != Role.FACILITATOR:
        return []
    if event.state == State.PREPARING:
        return _preparing(event, today, user)
    if event.state in (State.DRAFT, State.REVIEW):
        by = _local(event.ended_at + PUBLISH_WITHIN, user) if event.ended_at else None
        is_late = bool(by and by < today)
        tag = f"Due {_days_ago(by, today)}" if is_late and by else f"By {day(by)}" if by else "Draft"
        why = "A review belongs within 14 days of its event"
        url = reverse("review_detail", args=[event.code])
        return [
            Task(
                _urgency(by, today),
                by or FAR,
                f"Publish the review of “{event.title}”",
                "late" if is_late else "part",
                tag,
                why,
                url,
                "Go to the review",
            )
        ]
    return []


def _preparing(event: Event, today: date, user: Any) -> list[Task]:
    meets = _local(event.meeting_at, user)
    url = reverse("event_detail", args=[event.code])
    if event.ended_at is None:
        return [
            Task(
                WAITING,
                FAR,
                f"Say when “{event.title}” ended",
                "off",
                "No end yet",
                "Its meeting needs one",
                reverse("event_edit", args=[event.code]),
                "Add the end",
            )
        ]
    if event.meeting_at is None:
        by = _local(event.ended_at + timedelta(days=5 if event.is_serious else 10), user)
        is_late = bool(by and by < today)
        tag = f"Belonged by {day(by)}" if is_late else f"Belongs by {day(by)}"
        return [
            Task(
                _urgency(by, today),
                by or FAR,
                f"Set a time for the review of “{event.title}”",
                "late" if is_late else "part",
                tag,
                "Memories fade fast",
                reverse("event_schedule", args=[event.code]),
                "Set the time",
            )
        ]
    if event.meeting_at <= clock.now() + timedelta(minutes=15):
        return [
            Task(
                LATE,
                meets or FAR,
                f"Open the room of “{event.title}”",
                "now",
                f"Planned {moment(event.meeting_at, user)}",
                "You facilitate",
                reverse("room_detail", args=[event.code]),
                "Open the room",
            )
        ]
    if not event.is_revealed and event.accounts_due_at and event.accounts_due_at <= clock.now():
        return [
            Task(
                _urgency(meets, today),
                meets or FAR,
                f"Open the accounts of “{event.title}”",
                "part",
                "Deadline has passed",
                "Everyone reads for ten minutes before the room meets",
                reverse("account_reveal", args=[event.code]),
                "Look and open",
            )
        ]
    return (
        [
            Task(
                WAITING,
                meets or FAR,
                f"Prepare “{event.title}”",
                "part",
                f"Meets {day(meets)}",
                "You facilitate",
                url,
                "See what is ready",
            )
        ]
        if (meets and (meets - today).days <= 3)
        else []
    )


def action_tasks(own: list[Action], today: date) -> list[Task]:
    """The own actions that are late or due within a week."""
    found = []
    for action in own:
        late = action.days_late(today)
        if action.due_on is None or late < -7:
            continue
        url = reverse("action_detail", args=[action.pk])
        why = f"From “{action.event.title}” · size {action.size}"
        if action.status == Status.BLOCKED:
            why = f"Blocked: {action.blocked_reason[:100]}"
        if late >= 30:
            found.append(
                Task(
                    LATE,
                    action.due_on,
                    f"Decide: {action.title}",
                    "late",
                    f"Due {late} days ago",
                    why,
                    reverse("action_move", args=[action.pk, "decide"]),
                    "Decide",
                )
            )
        elif late > 0:
            found.append(
                Task(
                    LATE,
                    action.due_on,
                    f"Your action: {action.title}",
                    "late",
                    f"Due {_days_ago(action.due_on, today)}",
                    why,
                    url,
                    "Update or re-date",
                )
            )
        else:
            words = "Due today" if late == 0 else f"Due {day(action.due_on)}"
            found.append(
                Task(
                    TODAY if late == 0 else SOON,
                    action.due_on,
                    f"Your action: {action.title}",
                    "now" if late == 0 else "part",
                    words,
                    why,
                    url,
                    "Close it" if late == 0 else "Open",
                )
            )
    return found


def effect_tasks(user: Any, today: date) -> list[Task]:
    """Done thirty days ago by this person: did it do what it was for? One query."""
    now = clock.now()
    done = Action.objects.filter(
        owner=user.pk,
        status=Status.DONE,
        closed_at__lte=now - timedelta(days=CHECK_AFTER_DAYS),
        closed_at__gte=now - timedelta(days=CHECK_UNTIL_DAYS),
    ).select_related("event")[:MOST]
    return [
        Task(
            WAITING,
            a.closed_at.date(),
            f"Check the effect: {a.title}",
            "ok",
            f"Done {day(a.closed_at)}",
            f"From “{a.event.title}”. Did it do what it was for?",
            reverse("action_move", args=[a.pk, "check"]),
            "Check",
        )
        for a in done
        if a.closed_at
    ]


def unowned_tasks(user: Any, today: date) -> list[Task]:
    """For a team's manager: actions whose owner can no longer sign in. One query."""
    if user.is_guest:
        return []
    managed = user.team_memberships.filter(is_manager=True).values("team")
    rows = Action.objects.open().filter(event__team__in=managed, owner__is_active=False).select_related("event")[:MOST]
    return [
        Task(
            TODAY,
            a.due_on or FAR,
            f"Find an owner: {a.title}",
            "now",
            "No owner",
            f"From “{a.event.title}”. Its owner cannot sign in any more",
            reverse("action_move", args=[a.pk, "hand-over"]),
            "Hand it over",
        )
        for a in rows
    ]


# --- Words ------------------------------------------------------------------------------------------------------------
def _local(at: datetime | None, user: Any) -> date | None:
    return at.astimezone(ZoneInfo(user.time_zone)).date() if at else None


def moment(at: datetime | None, user: Any) -> str:
    """ "Thu 26 Nov, 14:00" on the reader's clock."""
    return f"{day(at, user.time_zone)}, {clock_time(at, user.time_zone)}" if at else ""


def _urgency(by: date | None, today: date) -> int:
    if by is None:
        return WAITING
    return LATE if by < today else TODAY if by == today else SOON if (by - today).days <= 7 else WAITING


def _days_ago(on: date, today: date) -> str:
    days = (today - on).days
    return "yesterday" if days == 1 else f"{days} days ago"


def role_words(member: Membership) -> str:
    return {
        Role.FACILITATOR: "you facilitate",
        Role.SCRIBE: "you write",
        Role.OBSERVER: "you follow",
    }.get(member.role, "you take part")  # type: ignore[call-overload]
