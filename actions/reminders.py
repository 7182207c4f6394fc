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
from django.db.models import Exists, F, OuterRef, Q

from aar_site import clock
from aar_site.outbox import mail
from aar_site.outbox.models import Message
from aar_site.people.models import TeamMembership, User
from aar_site.words import DAYS, day_month, in_words
from actions.history import overdue
from actions.models import OPEN, Action, Nudge, Reminder, Status
from actions.services import DECIDE_AFTER_DAYS, UNOWNED_LEVEL
from retros.models import Membership, Role

OWNER_LEVELS = (-2, 0, 3, 7, DECIDE_AFTER_DAYS)
MANAGER_LEVEL = 8  # the first day after the owner's last reminder
DECISION_LEVEL = DECIDE_AFTER_DAYS
EARLY = -99  # no level is reached yet
OPENS, CLOSES = time(9), time(17)
KIND = "daily"
MAIL = "reminder"
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
    there = _at_work(_concerned(now.date()), now)
    book = read([person for person, _ in there], now.date() + timedelta(days=1))
    return sum(remind(person, local) for person, local in there if any(book.due(person, local)))


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
    """Who looks after each action: its team's active managers, else the facilitator of its review, else the
    administrators, so that no late action is late in silence. Two queries, or three."""
    by_team: dict[int, list[User]] = defaultdict(list)
    teams = {a.event.team_id for a in actions if a.event.team_id}
    managers = TeamMembership.objects.filter(team__in=teams, is_manager=True, user__is_active=True)
    for row in managers.select_related("user"):
        by_team[row.team_id].append(row.user)
    lonely = {a.event_id for a in actions if not by_team.get(a.event.team_id or 0)}
    leads = Membership.objects.filter(event__in=lonely, role=Role.FACILITATOR, user__is_active=True)
    by_event = {row.event_id: [row.user] for row in leads.select_related("user")}
    found = {a.pk: by_team.get(a.event.team_id or 0) or by_event.get(a.event_id, []) for a in actions}
    if not all(found.values()):
        administrators = list(User.objects.filter(is_admin=True, is_active=True))
        found = {pk: people or administrators for pk, people in found.items()}
    return found


# --- What is due ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Book:
    """What some people have on their hands, read at once: own open actions, those they look after, what they were told."""

    own: dict[int, list[Any]]
    kept: dict[int, list[Any]]
    told: dict[tuple[int, int, date], int]

    def due(self, person: User, local: date) -> tuple[list[Due], list[Due]]:
        """What is new to the person on their local day: own actions and those looked after, the latest first."""
        own = [Due(a, level_of((local - a.due_on).days, local), (local - a.due_on).days) for a in self.own[person.pk]]
        kept = [Due(a, _level_for_keeper(a, local), (local - a.due_on).days) for a in self.kept[person.pk]]
        return self._news(person, own), self._news(person, kept)

    def _news(self, person: User, found: list[Due]) -> list[Due]:
        return [d for d in found if d.level > self.told.get((person.pk, d.action.pk, d.action.due_on), EARLY)]


def read(people: list[User], today: date) -> Book:
    """The book of these people. Five queries, however many they are."""
    own: dict[Any, list[Any]] = defaultdict(list)
    kept: dict[Any, list[Any]] = defaultdict(list)
    near = Action.objects.open().filter(owner__in=people, due_on__lte=today + FURTHEST)
    for action in near.select_related("event", "owner").order_by("due_on", "pk"):
        own[action.owner_id].append(action)
    late_or_unowned = _for_managers(today)
    by = keepers(late_or_unowned)
    for action in late_or_unowned:
        for person in by[action.pk]:
            if person.pk != action.owner_id:
                kept[person.pk].append(action)
    told: dict[tuple[int, int, date], int] = {}
    nudges = Nudge.objects.filter(person__in=people, action__status__in=OPEN)
    for who, what, on, level in nudges.values_list("person", "action", "due_on", "level"):
        told[who, what, on] = max(level, told.get((who, what, on), EARLY))
    return Book(own, kept, told)


def remind(person: User, local: date) -> bool:
    """Tell one person everything that is new on their local day, in one mail; True if one was posted.

    The row is written before the mail: whoever comes second waits for it, finds it and stops. What is due is read after
    it, so that an action that was closed in between is not named.
    """
    with transaction.atomic():
        reminder, is_first = Reminder.objects.get_or_create(person=person, local_date=local, kind=KIND)
        if not is_first:
            return False
        own, kept = read([person], local).due(person, local)
        if not own and not kept:
            reminder.delete()
            return False
        Nudge.objects.bulk_create(
            Nudge(person=person, action=due.action, due_on=due.action.due_on, level=due.level, reminder=reminder)
            for due in [*own, *kept]
        )
        return mail.post(MAIL, f"{person.pk}:{local}", person=person, template="reminder", context=words(own, kept))


def outdated(message: Message) -> str:
    """Why a mail that had to wait (the mail server was away) is not sent any more; "" while anything in it still holds."""
    told = Nudge.objects.filter(
        person=message.person, reminder__kind=KIND, reminder__local_date=message.dedupe_key.partition(":")[2]
    )
    same_date = told.filter(action__status__in=OPEN, due_on=F("action__due_on"))
    still = same_date.filter(Q(action__owner=message.person) | Q(level__in=(MANAGER_LEVEL, UNOWNED_LEVEL)))
    return "" if still.exists() else "Nothing that it names is open any more."


def _level_for_keeper(action: Any, local: date) -> int:
    if not action.owner.is_active:
        return UNOWNED_LEVEL
    return MANAGER_LEVEL if (local - action.due_on).days >= MANAGER_LEVEL else EARLY


def level_of(late: int, local: date) -> int:
    """The highest level reached so many days after the date (negative before it).

    On a Friday what is due on Monday counts as two days before: nobody is told on a Saturday.
    """
    if local.weekday() == 4 and late == -3:
        late = -2
    return max((level for level in OWNER_LEVELS if level <= late), default=EARLY)


def upcoming(action: Action, today: date) -> list[tuple[date, str]]:
    """When reminders will follow if nothing changes: (day, to whom), for the action's page."""
    if not action.is_open or action.due_on is None or action.owner is None or not action.owner.is_active:
        return []
    told = [(level, action.owner.name) for level in OWNER_LEVELS]
    told += [(MANAGER_LEVEL, keeper.name) for keeper in keepers([action])[action.pk]]
    return sorted((on, who) for level, who in told if (on := _told_on(action.due_on, level)) > today)[:3]


def _told_on(due_on: date, level: int) -> date:
    """The working day on which a level is told: on a weekend the Monday after, but the Friday before what is due on Monday."""
    on = due_on + timedelta(days=level)
    if on.weekday() == 5 and level < 0:
        return on - timedelta(days=1)
    return on + timedelta(days={5: 2, 6: 1}.get(on.weekday(), 0))


# --- Words ----------------------------------------------------------------------------------------------------------
def words(own: list[Due], kept: list[Due]) -> dict[str, Any]:
    """Context of the mail: its headline, rows of the own actions, rows of those looked after, and what happens next."""
    first = (own or kept)[0]
    is_one = len(own) + len(kept) == 1
    return {
        "headline": _headline(own, kept),
        "first_title": first.action.title,
        "is_one": is_one,
        "opening": _opening_of_own(own) if own else _opening_of_kept(kept),
        "own": [_row(due) for due in own],
        "kept": [_kept_row(due) for due in kept],
        "after": "One mail a day at most, in your working hours." + (_next(own) if own else ""),
        **(_exits(first, is_own=bool(own)) if is_one else _to_the_list()),
    }


def _exits(due: Due, *, is_own: bool) -> dict[str, Any]:
    """The button and the links beside it, for a mail about one action."""
    page = _address(due.action)
    if not is_own:
        return {"address": page, "go": "Open the action"}
    if due.level == DECISION_LEVEL:
        return {"address": f"{page}decide/", "go": "Decide"}
    blocked = [] if due.action.status == Status.BLOCKED else [{"address": f"{page}block/", "go": "It is blocked"}]
    return {
        "address": f"{page}close/",
        "go": "Close it",
        "others": [{"address": f"{page}redate/", "go": "New date"}, *blocked],
    }


def _to_the_list() -> dict[str, Any]:
    return {"address": f"{settings.BASE_URL}/actions/", "go": "Open your actions"}


def _opening_of_own(own: list[Due]) -> str:
    """How many, and which answers are fine."""
    old = sum(due.level == DECISION_LEVEL for due in own)
    choice = "do it, split it, hand it over, or drop it with a reason. All four are respectable."
    if old == len(own) == 1:
        return f"Thirty days on, one of your actions needs a decision rather than a reminder: {choice}"
    if old:
        which = "One needs" if old == 1 else f"{in_words(old).capitalize()} need"
        return f"{_count(own)} {which} a decision after thirty days: {choice}"
    return f"{_count(own)} If a date no longer fits, change it: a new date with a reason is a good answer."


def _count(own: list[Due]) -> str:
    many = in_words(len(own)).capitalize()
    return "This is one of your actions." if len(own) == 1 else f"{many} of your actions, in one mail."


def _opening_of_kept(kept: list[Due]) -> str:
    if len(kept) > 1:
        return "These are overdue where you look after the work, or have no owner any more. What would unblock them?"
    if kept[0].level == UNOWNED_LEVEL:
        return "An action that you look after has lost its owner. Who takes it on?"
    return "An action that you look after is more than a week overdue. What would unblock it?"


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
        return f"To decide after {due.late} days"
    if due.late > 0:
        return overdue(due.late)
    if due.late == 0:
        return "Due today"
    return "Due tomorrow" if due.late == -1 else f"Due on {on:%A}"


def _row(due: Due) -> dict[str, str]:
    action = due.action
    is_blocked, is_late = action.status == Status.BLOCKED, due.late > 0
    note = action.blocked_reason if is_blocked else f"Closed when: {action.closed_when}"
    right = "Blocked" if is_blocked else _date(action.due_on)
    return {
        "title": action.title,
        "address": _address(action) + ("decide/" if due.level == DECISION_LEVEL else ""),
        "note": f"{'Blocked: ' if is_blocked and is_late else ''}{_short(note)} From “{action.event.title}”.",
        "right": overdue(due.late) if is_late else right,
        "tone": "late" if is_late else "now" if is_blocked else "",
    }


def _kept_row(due: Due) -> dict[str, str]:
    action = due.action
    if due.level == UNOWNED_LEVEL:
        note, right = f"{action.owner.name} cannot sign in any more.", "No owner"
    else:
        is_blocked = action.status == Status.BLOCKED
        how = f"Blocked: {_short(action.blocked_reason)}" if is_blocked else "Reminded after 3 and 7 days."
        note, right = f"Owner: {action.owner.name}. {how}", overdue(due.late)
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
    return f"{DAYS[on.weekday()]} {day_month(on)}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    text = text if len(text) <= 160 else text[:159].rstrip() + "…"
    return text if text.endswith((".", "…", "?")) else text + "."
