"""Figures of following through, for managers and administrators: counts by age, week, team, type and strength; what needs a
decision; reviews on time; what keeps coming back. Reads only, in a constant number of queries; never a figure about a person.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from operator import attrgetter
from statistics import median
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q

from aar_site import clock
from aar_site.people.models import Team
from aar_site.words import MONTHS, by_name, counted, day_month, in_words
from actions import charts, learning, pressing
from actions.history import overdue
from actions.models import OPEN, Action, ActionType, Status, Strength
from actions.services import DECIDE_AFTER_DAYS
from retros.models import State

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
    ("Over 12 wks", 84, 10**5),
]
LINE_DAYS = 28  # what one point of the line of shares looks back on


class Open(NamedTuple):
    """Open actions of one team, type and strength: how many, and how many of them are what. Counted by the database, because
    there may be thousands. No owner: no figure is about one."""

    team: int | None
    type: str
    strength: str
    total: int
    late: int
    stuck: int  # late enough to need a decision
    often: int  # re-dated twice or more
    blocked: int
    unowned: int
    pressing: int  # overdue, blocked or unowned
    oldest: date


class Begun(NamedTuple):
    """What was committed on one day and is open: how many, and how many of them are overdue."""

    on: date
    total: int
    late: int


class Closed(NamedTuple):
    """What they need of a closed one: the day it closed on the reader's calendar, done or dropped."""

    on: date
    due_on: date
    since: date
    is_done: bool


_day = attrgetter("on")


@dataclass(frozen=True)
class Scope:
    """What the figures are about: the teams that may stand alone, the chosen one, the period in days."""

    user: Any
    managed: list[int]
    teams: Sequence[Team]
    team: Team | None
    days: int
    today: date

    def own(self, queryset: Any, path: str = "event__team") -> Any:
        return queryset.filter(**{path: self.team.pk}) if self.team else queryset


def scope_of(user: Any, managed: list[int], *, team: str, days: str) -> Scope:
    """Read the filters. A team that is too small to stand alone is no filter, unless the person manages it."""
    teams = sorted(Team.objects.annotate(reviews=Count("events")), key=lambda team: by_name(team.name))
    shown = [t for t in teams if t.reviews >= SMALL_GROUP or t.pk in managed]
    chosen = next((t for t in shown if str(t.pk) == team), None)
    period = next((period for period in PERIODS if str(period) == days), 90)
    return Scope(user, managed, shown, chosen, period, clock.today(user.time_zone))


def figures(scope: Scope) -> dict[str, Any]:
    """Everything that the dashboard shows, as context."""
    everywhere = _open_rows(scope.today)
    rows = [r for r in everywhere if scope.team is None or r.team == scope.team.pk]
    begun, closed = _begun(scope), _closed(scope)
    done = [row for row in closed if row.is_done]
    team = scope.team.pk if scope.team else None
    charts_of = {
        "age": _age(begun, scope.today),
        "weeks": _weeks(begun, closed, scope),
        "rate": _rate(done, scope),
        "by_team": None if scope.team else _by_team(rows, scope),
        "by_type": _by("type", rows, ActionType),
        "by_strength": _by("strength", rows, Strength),
        **learning.reviews(scope.days, team),
    }
    decide, total = pressing.needed(scope), _sum(rows, "pressing")
    # None of them is closed; said, it lets the database begin at what is open.
    uncommitted = Action.objects.filter(closed_at=None, status=Status.PROPOSED, event__state=State.PUBLISHED)
    proposed = scope.own(uncommitted.visible_to(scope.user)).count()
    context = {
        "scope": scope,
        "sees_figures": True,
        "has_any": bool(rows or closed or proposed or charts_of["reviews_count"]),
        "headline": headline(rows, done, scope, proposed),
        "sentences": sentences(rows, done, scope),
        "filters": _filters(everywhere, scope),
        "periods": [(days, words, days == scope.days) for days, words in PERIODS.items()],
        "proposed": proposed,
        "decide": decide,
        "decide_more": total - len(decide),
        "is_cut": len(decide) == pressing.MOST,
        "strength_words": _strength_words(rows),
        "patterns": learning.patterns(rows),
        "again": learning.recurring(team),
        "charts": [chart for chart in charts_of.values() if isinstance(chart, charts.Chart)],
        "contents": _contents(total, with_teams=scope.team is None),
    }
    return charts_of | context


def _contents(decisions: int, *, with_teams: bool) -> list[tuple[str, str]]:
    """The list of contents of a phone, in the order of its page."""
    found = [
        ("decide", f"Needs a decision, {decisions}"),
        ("age", "Age"),
        ("open", "Week by week"),
        ("rate", "Closed on time"),
    ]
    found += [("team", "By team")] if with_teams else []
    return [
        *found,
        ("type", "By type"),
        ("strength", "By strength"),
        ("reviews", "Reviews on time"),
        ("again", "Coming back"),
    ]


def _open_rows(today: date) -> list[Open]:
    """Every open action of the organisation. One query, which is quicker through all rows in their order than by an index."""
    late, blocked, unowned = Q(due_on__lt=today), Q(status=Status.BLOCKED), Q(owner__is_active=False)
    alike = Action.objects.filter(status__in=OPEN).order_by().values_list("event__team", "type", "strength")
    counted = alike.annotate(
        total=Count("pk"),
        late=Count("pk", filter=late),
        stuck=Count("pk", filter=Q(due_on__lte=today - timedelta(days=DECIDE_AFTER_DAYS))),
        often=Count("pk", filter=Q(redated_count__gte=2)),
        blocked=Count("pk", filter=blocked),
        unowned=Count("pk", filter=unowned),
        pressing=Count("pk", filter=late | blocked | unowned),
        oldest=Min("due_on"),
    )
    return [Open(*row) for row in counted]


def _begun(scope: Scope) -> list[Begun]:
    """The open actions of the scope by the day on which they were committed, in order. One query."""
    days = scope.own(Action.objects.open()).order_by("committed_on").values_list("committed_on")
    counted = days.annotate(total=Count("pk"), late=Count("pk", filter=Q(due_on__lt=scope.today)))
    return [Begun(*row) for row in counted]


def _sum(rows: list[Open], what: str) -> int:
    return sum(getattr(row, what) for row in rows)


# --- The sentence ---------------------------------------------------------------------------------------------------
def headline(rows: list[Open], done: list[Closed], scope: Scope, proposed: int = 0) -> str:
    """ "23 open, 4 overdue, closing faster". The last part only where both periods hold enough to compare."""
    if not rows:
        return f"None committed, {proposed} proposed" if proposed else "Nothing is open"
    words = f"{_sum(rows, 'total')} open, {_sum(rows, 'late') or 'none'} overdue"
    now, before = _speed(done, scope, 0), _speed(done, scope, 1)
    if now is not None and before is not None and now != before:
        words += ", closing faster" if now < before else ", closing slower"
    return words


def _speed(done: list[Closed], scope: Scope, back: int) -> int | None:
    """Median days from commitment to close in the period (`back` periods ago); None where too few closed."""
    days = [(row.on - row.since).days for row in _within(done, scope, back)]
    return round(median(days)) if len(days) >= FEW else None


def _within(done: list[Closed], scope: Scope, back: int) -> list[Closed]:
    """Those of the period; `done` stands in the order of the days."""
    end = scope.today - timedelta(days=scope.days * back)
    start = end - timedelta(days=scope.days)
    return done[bisect_right(done, start, key=_day) : bisect_right(done, end, key=_day)]


def sentences(rows: list[Open], done: list[Closed], scope: Scope) -> list[str]:
    """What the headline rests on, in one to five sentences."""
    late = _sum(rows, "late")
    said = _late_words(late, (scope.today - min(r.oldest for r in rows)).days) if late else []
    said += _on_time_words(done, scope)
    if speed := _speed(done, scope, 0):
        said.append(f"Half of those that closed took {counted(speed, 'day')} or less.")
    if blocked := _sum(rows, "blocked"):
        said.append("One is blocked, and says why." if blocked == 1 else f"{_many(blocked)} are blocked, and say why.")
    if unowned := _sum(rows, "unowned"):
        said.append("One has no owner." if unowned == 1 else f"{_many(unowned)} have no owner.")
    return said


def _many(count: int) -> str:
    return in_words(count).capitalize()


def _late_words(count: int, days: int) -> list[str]:
    words = f"{'One' if count == 1 else 'The oldest'} is {overdue(days)}"
    return [f"{words} and asks for a decision." if days >= DECIDE_AFTER_DAYS else f"{words}."]


def _on_time_words(done: list[Closed], scope: Scope) -> list[str]:
    now, before = _within(done, scope, 0), _within(done, scope, 1)
    when = f"in the last {'year' if scope.days == 365 else f'{scope.days} days'}"
    if not now:
        return [f"Nothing closed {when}."]
    share = _share(now)
    if len(now) < FEW:
        return [f"{sum(_is_on_time(row) for row in now)} of {len(now)} closed on time {when}."]
    if len(before) < FEW:
        return [f"{share}% closed on time {when}."]
    earlier = _share(before)
    turn = "up from" if share > earlier else "down from"
    return [f"{share}% closed on time {when}, " + ("as before." if share == earlier else f"{turn} {earlier}%.")]


def _is_on_time(row: Closed) -> bool:
    return row.on <= row.due_on


def _share(done: list[Closed]) -> int:
    return round(100 * sum(_is_on_time(row) for row in done) / len(done))


# --- Charts ---------------------------------------------------------------------------------------------------------
def _closed(scope: Scope) -> list[Closed]:
    """Everything closed in this period and the one before it, by day; the lines look no further back. One query."""
    zone = ZoneInfo(scope.user.time_zone)
    start = clock.now() - timedelta(days=2 * scope.days + 1)
    found = scope.own(Action.objects.filter(closed_at__gte=start, committed_on__isnull=False, due_on__isnull=False))
    found = found.order_by("closed_at").values_list("closed_at", "due_on", "committed_on", "status")
    return [
        Closed(at.astimezone(zone).date(), due, since, status != Status.DROPPED) for at, due, since, status in found
    ]


def _age(begun: list[Begun], today: date) -> charts.Chart:
    days = [row.on for row in begun]
    total, late = (list(accumulate((getattr(row, what) for row in begun), initial=0)) for what in ("total", "late"))
    found = []
    for words, least, most in AGES:
        first = bisect_right(days, today - timedelta(days=most))
        last = bisect_right(days, today - timedelta(days=least)) if least else len(days)
        found.append(charts.Bar(words, total[last] - total[first], late[last] - late[first]))
    return charts.bars("Open actions by age", found, head="Age", start=84, step=36, height=16)


def _steps(scope: Scope) -> list[date]:
    count, width = POINTS[scope.days]
    return [scope.today - timedelta(days=width * back) for back in reversed(range(count))]


def _marks(days: list[date]) -> list[tuple[int, str]]:
    """Names of months where they begin, at most four of them."""
    marks: list[tuple[int, str]] = []
    seen = None
    for index, on in enumerate(days[:-1]):
        if (on.year, on.month) != seen:
            seen = (on.year, on.month)
            if not marks or index - marks[-1][0] >= 2:
                marks.append((index, MONTHS[on.month - 1]))
    return marks[:: -(-len(marks) // 4)] if marks else []


def _weeks(begun: list[Begun], closed: list[Closed], scope: Scope) -> charts.Chart:
    """How many were open at the end of each step: committed by then, and not closed by then."""
    days, since = _steps(scope), sorted(row.since for row in closed)
    total = list(accumulate((row.total for row in begun), initial=0))

    def open_on(on: date) -> int:
        return total[bisect_right(begun, on, key=_day)] + bisect_right(since, on) - bisect_right(closed, on, key=_day)

    points = [(day_month(on), open_on(on)) for on in days]
    return charts.line("Open actions", points, marks=_marks(days), is_filled=True)


def _rate(done: list[Closed], scope: Scope) -> charts.Chart:
    """Share closed on time, each point over the four weeks before it; no point where fewer than a handful closed in them."""
    days, ends = _steps(scope), [row.on for row in done]
    good = list(accumulate((_is_on_time(row) for row in done), initial=0))  # how many of the first n were on time
    points: list[tuple[str, int | None]] = []
    for on in days:
        first, last = bisect_right(ends, on - timedelta(days=LINE_DAYS)), bisect_right(ends, on)
        count = last - first
        points.append((day_month(on), round(100 * (good[last] - good[first]) / count) if count >= FEW else None))
    title = "Share closed on time"
    return charts.line(title, points, unit="%", goal=GOAL, top=100, marks=_marks(days), head="On time")


def _by(name: str, rows: list[Open], choices: Any) -> charts.Chart:
    total: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for row in rows:
        total[getattr(row, name)] += row.total
        late[getattr(row, name)] += row.late
    labels = [*choices.choices, ("", "Not chosen")]
    found = [charts.Bar(label, total[value], late[value]) for value, label in labels if total[value]]
    if choices is ActionType:
        found.sort(key=lambda bar: -bar.total)
    return charts.bars(f"Open by {name}", found, head=name.capitalize())


def _by_team(rows: list[Open], scope: Scope) -> charts.Chart:
    """Teams in the order of their names, never of their numbers; small ones together."""
    names = {t.pk: t.name for t in scope.teams}
    total: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for row in rows:
        name = names.get(row.team or 0) or ("Smaller teams" if row.team else "No team")
        total[name] += row.total
        late[name] += row.late
    order = [*names.values(), "Smaller teams", "No team"]
    return charts.bars("Open by team", [charts.Bar(n, total[n], late[n]) for n in order if total[n]], head="Team")


def _filters(rows: list[Open], scope: Scope) -> list[tuple[int, str, int, bool]]:
    total: Counter[int | None] = Counter()
    for row in rows:
        total[row.team] += row.total
    return [(t.pk, t.name, total[t.pk], scope.team == t) for t in scope.teams]


def _strength_words(rows: list[Open]) -> str:
    known = sum(r.total for r in rows if r.strength)
    if known < FEW:
        return ""
    share = round(100 * sum(r.total for r in rows if r.strength == Strength.STRONGER) / known)
    return f"{share}% would work even if nobody remembered them."
