"""Reminders of owned actions: who is told what, when, and never twice.

The promise is one mail a person and local day, and it lies in the database: a `Reminder` row is unique by person and local
date, and is written in the same transaction as the mail it stands for. Two sweeps at once, a worker that is killed, a
clock that jumps back: whoever comes second finds the row and posts nothing. A `Nudge` row says that a person was told of
an action at a level, so that the next mail names only what is new. Levels are days relative to the due date where the
owner is; only the highest one reached is ever told, so that an outage of three days ends in one mail, not in several.

Whoever can no longer sign in is no owner: the team's managers are told at once, and again should the next owner leave.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from aar_site import clock
from aar_site.outbox import mail
from aar_site.people.models import TeamMembership, User
from aar_site.templatetags.ui import DAYS, MONTHS, in_words
from actions.models import Action, Nudge, Reminder
from actions.services import UNOWNED_LEVEL
from retros.models import Membership, Role

OWNER_LEVELS = (-2, 0, 3, 7, 30)
MANAGER_LEVEL = 8  # the first day after the owner's last reminder
DECISION_LEVEL = 30
OPENS, CLOSES = time(9), time(17)
KIND = "daily"
FURTHEST = timedelta(days=4)  # two days before, over a weekend, in the zone that is furthest ahead


@dataclass(frozen=True)
class Due:
    """One thing that one person is to be told: an action at a level."""

    action: Any  # an open Action: the database sees to it that it has an owner and a date
    level: int
    late: int


# --- The sweep ------------------------------------------------------------------------------------------------------
def sweep() -> int:
    """Post what is due to everybody whose working hours it is; the number of mails posted. Safe to run twice at once."""
    now = clock.now()
    posted = 0
    for person, local in _at_work(_concerned(now.date()), now):
        posted += remind(person, local)
    return posted


def _at_work(people: Iterable[User], now: datetime) -> list[tuple[User, date]]:
    """Those in their working hours, with their local date, who had no mail on that date yet."""
    there = [(p, local) for p in people if (local := working_day(p, now))]
    mailed = set(
        Reminder.objects.filter(person__in=[p.pk for p, _ in there], kind=KIND).values_list("person", "local_date")
    )
    return [(p, local) for p, local in there if (p.pk, local) not in mailed]


def working_day(person: User, now: datetime) -> date | None:
    """The person's local date if it is Monday to Friday, 09:00 to 17:00 there; else None."""
    local = now.astimezone(ZoneInfo(person.time_zone))
    return local.date() if local.weekday() < 5 and OPENS <= local.time() < CLOSES else None


def _concerned(today: date) -> list[User]:
    """Everybody who may have to be told something: owners, and those who look after late or unowned actions."""
    told_all = Nudge.objects.filter(
        action=OuterRef("pk"), person=OuterRef("owner"), due_on=OuterRef("due_on"), level__gte=DECISION_LEVEL
    )
    near = Action.objects.open().filter(due_on__lte=today + FURTHEST)
    owners = near.filter(owner__is_active=True).exclude(Exists(told_all)).values("owner")
    found = {p.pk: p for p in User.objects.filter(pk__in=owners, is_active=True)}
    for looking_after in keepers(_for_managers(today + timedelta(days=1))).values():
        found.update((p.pk, p) for p in looking_after)
    return [found[pk] for pk in sorted(found)]


def _for_managers(today: date) -> list[Action]:
    """Open actions that are more than a week late, or whose owner can no longer sign in."""
    rows = Action.objects.open().filter(
        Q(due_on__lte=today - timedelta(days=MANAGER_LEVEL)) | Q(owner__is_active=False)
    )
    return list(rows.select_related("owner", "event__team").order_by("due_on", "pk"))


def keepers(actions: list[Action]) -> dict[int, list[User]]:
    """Who looks after each action: its team's active managers, else the facilitator of its review. Two queries."""
    by_team: dict[int, list[User]] = defaultdict(list)
    teams = {a.event.team_id for a in actions if a.event.team_id}
    managers = TeamMembership.objects.filter(team__in=teams, is_manager=True, user__is_active=True)
    for row in managers.select_related("user"):
        by_team[row.team_id].append(row.user)
    lonely = {a.event_id for a in actions if not by_team.get(a.event.team_id or 0)}
    leads = Membership.objects.filter(event__in=lonely, role=Role.FACILITATOR, user__is_active=True)
    by_event = {row.event_id: [row.user] for row in leads.select_related("user")}
    return {a.pk: by_team.get(a.event.team_id or 0) or by_event.get(a.event_id, []) for a in actions}


# --- One person -----------------------------------------------------------------------------------------------------
def remind(person: User, local: date) -> bool:
    """Tell one person everything that is new on their local day, in one mail; True if one was posted.

    The row is written before the mail: whoever comes second waits for it, finds it and stops. What is due is read again
    after it, so that an action that was closed in between is not named.
    """
    if not own_due(person, local) and not kept_due(person, local):
        return False
    with transaction.atomic():
        reminder, is_first = Reminder.objects.get_or_create(person=person, local_date=local, kind=KIND)
        own, kept = (own_due(person, local), kept_due(person, local)) if is_first else ([], [])
        if not own and not kept:
            if is_first:
                reminder.delete()
            return False
        Nudge.objects.bulk_create(
            Nudge(person=person, action=due.action, due_on=due.action.due_on, level=due.level, reminder=reminder)
            for due in [*own, *kept]
        )
        mail.post("reminder", f"{person.pk}:{local}", person=person, template="reminder", context=words(own, kept))
    return True


def own_due(person: User, local: date) -> list[Due]:
    """The person's own open actions that reached a level which they were not told of. Two queries; the latest first."""
    near = Action.objects.open().filter(owner=person, due_on__lte=local + FURTHEST)
    rows: list[Any] = list(near.select_related("event", "owner").order_by("due_on", "pk"))
    told = _told(person, rows)
    found = []
    for action in rows:
        late = (local - action.due_on).days
        level = level_of(late, local)
        if level is not None and told.get((action.pk, action.due_on), -99) < level:
            found.append(Due(action, level, late))
    return found


def kept_due(person: User, local: date) -> list[Due]:
    """What the person looks after for others: more than a week late, or without an owner."""
    late_or_unowned = _for_managers(local)
    by = keepers(late_or_unowned)
    rows: list[Any] = [a for a in late_or_unowned if person in by[a.pk]]
    told = _told(person, rows)
    found = []
    for action in rows:
        late = (local - action.due_on).days
        is_unowned = not action.owner.is_active
        level = UNOWNED_LEVEL if is_unowned else MANAGER_LEVEL
        if action.owner_id == person.pk or (not is_unowned and late < MANAGER_LEVEL):
            continue
        if told.get((action.pk, action.due_on), -99) < level:
            found.append(Due(action, level, late))
    return found


def _told(person: User, rows: list[Action]) -> dict[tuple[int, date], int]:
    """The highest level at which the person was told of each action, by its due date."""
    told: dict[tuple[int, date], int] = {}
    for pk, on, level in Nudge.objects.filter(person=person, action__in=rows).values_list("action", "due_on", "level"):
        told[pk, on] = max(level, told.get((pk, on), -99))
    return told


def level_of(late: int, local: date) -> int | None:
    """The highest level reached so many days after the date (negative before it); None while it is early.

    On a Friday what is due on Monday counts as two days before: nobody is told on a Saturday.
    """
    if local.weekday() == 4 and late == -3:
        late = -2
    return max((level for level in OWNER_LEVELS if level <= late), default=None)


def upcoming(action: Action, today: date) -> list[tuple[date, str]]:
    """When reminders will follow if nothing changes: (day, to whom), for the action's page."""
    if not action.is_open or action.due_on is None or action.owner is None or not action.owner.is_active:
        return []
    days = [(action.due_on + timedelta(days=level), action.owner.name) for level in OWNER_LEVELS]
    for keeper in keepers([action])[action.pk]:
        days.append((action.due_on + timedelta(days=MANAGER_LEVEL), keeper.name))
    return sorted((_weekday(on), who) for on, who in days if on > today)[:3]


def _weekday(on: date) -> date:
    return on + timedelta(days={5: 2, 6: 1}.get(on.weekday(), 0))


# --- Words ----------------------------------------------------------------------------------------------------------
def words(own: list[Due], kept: list[Due]) -> dict[str, Any]:
    """Context of the mail: its headline, rows of the own actions, rows of those looked after, and what happens next."""
    first = (own or kept)[0]
    is_one = len(own) + len(kept) == 1
    is_decision = any(due.level == DECISION_LEVEL for due in own)
    page = _address(first.action) + ("decide/" if own and first.level == DECISION_LEVEL else "")
    return {
        "headline": _headline(own, kept),
        "first_title": first.action.title,
        "is_one": is_one,
        "opening": _opening(own, kept, is_decision),
        "own": [_row(due) for due in own],
        "kept": [_kept_row(due) for due in kept],
        "address": page if is_one else f"{settings.BASE_URL}/actions/",
        "go": "Open your actions"
        if not is_one
        else "Decide"
        if is_decision
        else "Open the action"
        if kept
        else "Close it",
        "alt": "New date" if is_one and own and not is_decision else "",
        "alt_address": _address(first.action) + "redate/",
        "after": "One mail a day at most, in your working hours." + ("" if not own else _next(own)),
    }


def _opening(own: list[Due], kept: list[Due], is_decision: bool) -> str:
    """One or two calm sentences: how many, and which answers are fine."""
    if not own:
        return "This is late in a team that you look after, or has no owner. What would unblock it?"
    count = (
        "One of your actions" if len(own) == 1 else f"{in_words(len(own)).capitalize()} of your actions, in one mail"
    )
    if is_decision:
        return (
            f"{count}. Thirty days on, it needs a decision rather than a reminder: do it, split it, hand it over, or drop it "
            "with a reason. All four are respectable."
        )
    return f"{count}. If a date no longer fits, change it: a new date with a reason is a good answer."


def _next(own: list[Due]) -> str:
    """What follows if nothing changes, for the action that is least far along."""
    level = min(due.level for due in own)
    return {
        -2: " Next if still open: on the day, then after 3 and 7 days.",
        0: " Next if still open: after 3 and 7 days.",
        3: " Next if still open: after 7 days.",
        7: " Next if still open: your team’s manager is told, to help.",
    }.get(level, "")


def _headline(own: list[Due], kept: list[Due]) -> str:
    """ "Due on Thursday, and two more"; the most pressing first."""
    if not own:
        return "One action needs you" if len(kept) == 1 else f"{in_words(len(kept)).capitalize()} actions need you"
    more = len(own) + len(kept) - 1
    return _due(own[0]) + (f", and {in_words(more)} more" if more else "")


def _due(due: Due) -> str:
    on = due.action.due_on
    if due.level == DECISION_LEVEL:
        return f"{due.late} days late: it asks for a decision"
    if due.late > 0:
        return f"{due.late} day{'' if due.late == 1 else 's'} late"
    if due.late == 0:
        return "Due today"
    return "Due tomorrow" if due.late == -1 else f"Due on {on:%A}"


def _row(due: Due) -> dict[str, str]:
    action = due.action
    note = f"Blocked: {action.blocked_reason}" if action.status == "blocked" else f"Closed when: {action.closed_when}"
    return {
        "title": action.title,
        "address": _address(action) + ("decide/" if due.level == DECISION_LEVEL else ""),
        "note": f"{_short(note)} From “{action.event.title}”.",
        "right": f"{due.late} day{'' if due.late == 1 else 's'} late" if due.late > 0 else _date(action.due_on),
        "tone": "late" if due.late > 0 else "now" if action.status == "blocked" else "",
    }


def _kept_row(due: Due) -> dict[str, str]:
    action = due.action
    if due.level == UNOWNED_LEVEL:
        note, right = f"No owner: {action.owner.name} cannot sign in any more.", "No owner"
    else:
        note, right = f"{action.owner.name} was reminded after 3 and 7 days.", f"{due.late} days late"
        if action.status == "blocked":
            note = f"{action.owner.name}. Blocked: {_short(action.blocked_reason)}"
    return {
        "title": action.title,
        "address": _address(action),
        "note": f"{note} From “{action.event.title}”.",
        "right": right,
        "tone": "late" if due.late > 0 else "now",
    }


def _address(action: Action) -> str:
    return f"{settings.BASE_URL}/actions/{action.pk}/"


def _date(on: date) -> str:
    return f"{DAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    text = text if len(text) <= 160 else text[:159].rstrip() + "…"
    return text if text.endswith((".", "…", "?")) else text + "."
