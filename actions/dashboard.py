"""Figures of following through, for managers and administrators: counts by age, week, team, type and strength; what needs a
decision; reviews on time; what keeps coming back. Reads only, in a constant number of queries; never a figure about a person.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Q

from aar_site import clock
from aar_site.people.models import Team
from aar_site.templatetags.ui import MONTHS, in_words
from actions import charts, learning
from actions.models import Action, ActionType, Status, Strength
from actions.querysets import OPEN

SMALL_GROUP = 5  # events below which a team's figures stand together with those of other small teams
FEW = 5  # closed actions below which no share is given, because one more would move it by 20 points
GOAL = 80
PERIODS = {30: "30 days", 90: "90 days", 365: "Year"}
POINTS = {30: (5, 7), 90: (13, 7), 365: (13, 28)}
AGES = [
    ("Under 2 wks", 0, 14),
    ("2–4 wks", 14, 28),
    ("4–8 wks", 28, 56),
    ("8–12 wks", 56, 84),
    ("Over 12 wks", 84, 10**6),
]
DECISIONS = 50


@dataclass(frozen=True)
class Row:
    """What the figures need of one open action; loaded as plain values because there may be thousands."""

    team: int | None
    type: str
    strength: str
    due_on: date
    since: date
    redated: int
    status: str
    is_unowned: bool
    owner: int


@dataclass(frozen=True)
class Scope:
    """What the figures are about: teams as filters (pk, name, open, is_here), the chosen team, the period in days."""

    user: Any
    managed: list[int]
    teams: list[Team]
    team: Team | None
    days: int
    today: date

    def own(self, queryset: Any, path: str = "event__team") -> Any:
        return queryset.filter(**{path: self.team.pk}) if self.team else queryset


def scope_of(user: Any, managed: list[int], *, team: str, days: str) -> Scope:
    """Read the filters. A team that is too small to stand alone is no filter, unless the person manages it."""
    teams = list(Team.objects.annotate(reviews=Count("events")))
    shown = [t for t in teams if t.reviews >= SMALL_GROUP or t.pk in managed]
    chosen = next((t for t in shown if str(t.pk) == team), None)
    period = int(days) if days.isdecimal() and int(days) in PERIODS else 90
    return Scope(user, managed, shown, chosen, period, clock.today(user.time_zone))


def figures(scope: Scope) -> dict[str, Any]:
    """Everything that the dashboard shows, as context."""
    everywhere = _open_rows(Action.objects.all())
    rows = [r for r in everywhere if scope.team is None or r.team == scope.team.pk]
    closed = _closed(scope)
    team = scope.team.pk if scope.team else None
    decide, hidden = needs_decision(scope, rows)
    return {
        "scope": scope,
        "open_count": len(rows),
        "headline": headline(rows, closed, scope),
        "sentences": sentences(rows, closed, scope),
        "filters": _filters(everywhere, scope),
        "periods": [(days, words, days == scope.days) for days, words in PERIODS.items()],
        "age": _age(rows, scope.today),
        "weeks": _weeks(scope),
        "rate": _rate(closed, scope),
        "decide": decide,
        "decide_hidden": hidden,
        "by_team": None if scope.team else _by_team(everywhere, scope),
        "by_type": _by("Open by type", rows, "type", ActionType, scope.today),
        "by_strength": _by("Open by strength", rows, "strength", Strength, scope.today),
        "strength_words": _strength_words(rows),
        "patterns": learning.patterns(rows, scope.today),
        "own_open": sum(r.owner == scope.user.pk for r in everywhere),
        **learning.reviews(scope.days, team),
        "again": learning.recurring(team),
    }


def _open_rows(actions: Any) -> list[Row]:
    values = actions.filter(status__in=OPEN).values_list(
        "event__team", "type", "strength", "due_on", "committed_on", "redated_count", "status", "owner__is_active", "owner",
        "created_at",
    )  # fmt: skip
    return [
        Row(team, kind, strength, due, since or created.date(), redated, status, not active, owner)
        for team, kind, strength, due, since, redated, status, active, owner, created in values
    ]


# --- The sentence ---------------------------------------------------------------------------------------------------
def headline(rows: list[Row], closed: list[tuple[datetime, date, date | None]], scope: Scope) -> str:
    """ "23 open, 4 overdue, closing faster". The last part only where both periods hold enough to compare."""
    if not rows:
        return "Nothing is open"
    late = sum(r.due_on < scope.today for r in rows)
    words = f"{len(rows)} open, {late or 'none'} overdue"
    now, before = _speed(closed, scope, 0), _speed(closed, scope, 1)
    if now is not None and before is not None and now != before:
        words += ", closing faster" if now < before else ", closing slower"
    return words


def _speed(closed: list[tuple[datetime, date, date | None]], scope: Scope, back: int) -> int | None:
    """Median days from commitment to close in the period (`back` periods ago); None where too few closed."""
    days = [(at.date() - since).days for at, _, since in _within(closed, scope, back) if since]
    return round(median(days)) if len(days) >= FEW else None


def _within(closed: list[Any], scope: Scope, back: int) -> list[Any]:
    end = scope.today - timedelta(days=scope.days * back)
    start = end - timedelta(days=scope.days)
    return [row for row in closed if start < row[0].date() <= end]


def sentences(rows: list[Row], closed: list[Any], scope: Scope) -> list[str]:
    """What the headline rests on, in one to four sentences."""
    said = []
    late = sorted((scope.today - r.due_on).days for r in rows if r.due_on < scope.today)
    if late:
        oldest = f"{late[-1]} day{'' if late[-1] == 1 else 's'} late"
        if late[-1] >= 30:
            said.append(f"The oldest overdue action is {oldest} and asks for a decision.")
        else:
            said.append("The overdue one is " + oldest + "." if len(late) == 1 else f"The oldest is {oldest}.")
    said += _on_time_words(closed, scope)
    if speed := _speed(closed, scope, 0):
        said.append(f"Half of those that closed took {speed} days or less.")
    blocked = sum(r.status == Status.BLOCKED for r in rows)
    if blocked:
        said.append(
            "One is blocked, and says why."
            if blocked == 1
            else f"{in_words(blocked).capitalize()} are blocked, and say why."
        )
    unowned = sum(r.is_unowned for r in rows)
    if unowned:
        said.append("One has no owner." if unowned == 1 else f"{in_words(unowned).capitalize()} have no owner.")
    if not rows and not closed:
        said.append("Actions appear here once a review commits to them.")
    return said


def _on_time_words(closed: list[Any], scope: Scope) -> list[str]:
    now, before = _within(closed, scope, 0), _within(closed, scope, 1)
    if not now:
        return [f"Nothing closed in the last {scope.days} days."] if closed or scope.days else []
    good = sum(_is_on_time(row) for row in now)
    if len(now) < FEW:
        return [f"{good} of {len(now)} closed on time in the last {scope.days} days."]
    share = round(100 * good / len(now))
    words = f"{share}% closed on time in the last {scope.days} days"
    if len(before) >= FEW:
        earlier = round(100 * sum(_is_on_time(row) for row in before) / len(before))
        words += (
            f", up from {earlier}%"
            if share > earlier
            else f", down from {earlier}%"
            if share < earlier
            else ", as before"
        )
    return [words + "."]


def _is_on_time(row: tuple[datetime, date, date | None]) -> bool:
    return row[0].date() <= row[1]


# --- Charts ---------------------------------------------------------------------------------------------------------
def _closed(scope: Scope) -> list[tuple[datetime, date, date | None]]:
    """(closed at, due, committed) of everything done in this period, the one before it and the weeks that the line needs."""
    start = clock.now() - timedelta(days=2 * scope.days + 28)
    done = Action.objects.filter(status__in=(Status.DONE, Status.CHECKED), closed_at__gte=start)
    return list(scope.own(done).values_list("closed_at", "due_on", "committed_on"))


def _age(rows: list[Row], today: date) -> charts.Chart:
    found = []
    for words, least, most in AGES:
        those = [r for r in rows if least <= (today - r.since).days < most or (least == 0 and r.since > today)]
        found.append(charts.Bar(words, len(those), sum(r.due_on < today for r in those)))
    return charts.bars("Open actions by age", found, start=84, step=36, height=16)


def _steps(scope: Scope) -> list[date]:
    count, width = POINTS[scope.days]
    return [scope.today - timedelta(days=width * back) for back in reversed(range(count))]


def _marks(days: list[date]) -> list[tuple[int, str]]:
    """Names of months where they begin, at most four of them."""
    marks, seen = [], None
    for index, on in enumerate(days[:-1]):
        if (on.year, on.month) != seen:
            seen = (on.year, on.month)
            if not marks or index - marks[-1][0] >= 2:
                marks.append((index, MONTHS[on.month - 1]))
    return marks[:: -(-len(marks) // 4)] if marks else []


def _weeks(scope: Scope) -> charts.Chart:
    """How many were open at the end of each step: one query, because closing times are compared, not converted."""
    days = _steps(scope)
    counts = {
        f"n{i}": Count(
            "pk",
            filter=Q(committed_on__lte=on) & (Q(closed_at__isnull=True) | Q(closed_at__gt=_end_of(on))),
        )
        for i, on in enumerate(days)
    }
    found = scope.own(Action.objects.filter(committed_on__isnull=False)).aggregate(**counts)
    points = [(f"{on.day} {MONTHS[on.month - 1]}", found[f"n{i}"]) for i, on in enumerate(days)]
    return charts.line("Open actions", points, marks=_marks(days), is_filled=True)


def _end_of(on: date) -> datetime:
    return datetime.combine(on, time.max, UTC)


def _rate(closed: list[Any], scope: Scope) -> charts.Chart:
    """Share closed on time, each point over the four weeks before it; no point where nothing closed in them."""
    days, points = _steps(scope), []
    for on in days:
        those = [row for row in closed if on - timedelta(days=28) < row[0].date() <= on]
        share = round(100 * sum(_is_on_time(row) for row in those) / len(those)) if those else None
        points.append((f"{on.day} {MONTHS[on.month - 1]}", share))
    title = "Share closed on time"
    return charts.line(title, points, unit="%", goal=GOAL, top=100, marks=_marks(days), head="On time")


def _by(title: str, rows: list[Row], name: str, choices: Any, today: date) -> charts.Chart:
    total = Counter(getattr(r, name) for r in rows)
    late = Counter(getattr(r, name) for r in rows if r.due_on < today)
    labels = [*choices.choices, ("", "Not chosen")]
    found = [charts.Bar(label, total[value], late[value]) for value, label in labels if total[value]]
    if choices is ActionType:
        found.sort(key=lambda bar: -bar.total)
    return charts.bars(title, found)


def _by_team(rows: list[Row], scope: Scope) -> charts.Chart:
    """Teams in the order of their names, never of their numbers; small ones together."""
    names = {t.pk: t.name for t in scope.teams}
    total: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for row in rows:
        name = names.get(row.team or 0) or ("Smaller teams" if row.team else "No team")
        total[name] += 1
        late[name] += row.due_on < scope.today
    order = [*names.values(), "Smaller teams", "No team"]
    return charts.bars("Open by team", [charts.Bar(n, total[n], late[n]) for n in order if total[n]])


def _filters(rows: list[Row], scope: Scope) -> list[tuple[int, str, int, bool]]:
    total = Counter(row.team for row in rows)
    return [(t.pk, t.name, total[t.pk], scope.team == t) for t in scope.teams]


def _strength_words(rows: list[Row]) -> str:
    known = [r for r in rows if r.strength]
    if len(known) < FEW:
        return ""
    share = round(100 * sum(r.strength == Strength.STRONGER for r in known) / len(known))
    return f"{share}% would work even if nobody remembered them."


# --- What needs somebody --------------------------------------------------------------------------------------------
def needs_decision(scope: Scope, rows: list[Row]) -> tuple[list[dict[str, Any]], int]:
    """Overdue, blocked or unowned actions that the person may open, oldest first; and how many more there are."""
    today = scope.today
    wanted = Q(due_on__lt=today) | Q(status=Status.BLOCKED) | Q(owner__is_active=False)
    found = scope.own(Action.objects.visible_to(scope.user).open().filter(wanted))
    found = found.select_related("event__team", "owner").order_by("due_on", "pk")[:DECISIONS]
    shown = [_decision(action, scope) for action in found]
    total = sum(r.due_on < today or r.status == Status.BLOCKED or r.is_unowned for r in rows)
    return shown, max(total - len(shown), 0)


def _decision(action: Action, scope: Scope) -> dict[str, Any]:
    late = action.days_late(scope.today)
    is_unowned = action.owner is None or not action.owner.is_active
    is_named = action.owner_id == scope.user.pk or action.event.team_id in scope.managed
    notes = []
    if is_unowned:
        notes.append("Its owner cannot sign in any more")
    if action.redated_count:
        times = {1: "once", 2: "twice"}.get(action.redated_count, f"{action.redated_count} times")
        notes.append(f"Re-dated {times}")
    if action.status == Status.BLOCKED:
        notes.append(action.blocked_reason[:120])
    notes.append(f"From “{action.event.title}”")
    since = action.committed_on or action.created_at.date()
    return {
        "action": action,
        "note": " · ".join(notes),
        "owner": action.owner.name if is_named and not is_unowned else "",
        "is_unowned": is_unowned,
        "open_for": age_words((scope.today - since).days),
        "shape": "late" if late > 0 else "now",
        "due": f"{late} day{'' if late == 1 else 's'} late"
        if late > 0
        else "Blocked"
        if action.status == "blocked"
        else "No owner",
    }


def age_words(days: int) -> str:
    """How long something is open: days up to three weeks, then weeks."""
    if days < 21:
        return f"{max(days, 0)} day{'' if days == 1 else 's'}"
    return f"{days // 7} wks"
