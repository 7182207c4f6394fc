"""Whether the organisation learns: reviews on time, what keeps coming back, what unclosed actions have in common. Reads only."""

from collections import defaultdict
from datetime import timedelta
from statistics import median
from typing import Any

from aar_site import clock
from aar_site.words import MONTHS, in_words
from actions import charts
from actions.models import Strength
from retros.models import Category, Event, Factor, State
from retros.services.schedule import PUBLISH_DAYS, was_long_ago

FEW = 5
PUBLISH_WITHIN = timedelta(days=PUBLISH_DAYS)
RECURS_WITHIN = timedelta(days=180)


def _of(team: int | None, queryset: Any, path: str = "event__team") -> Any:
    return queryset.filter(**{path: team}) if team else queryset


def _due(events: Any, column: str) -> list[tuple[Any, Any]]:
    """(ended_at, the column) of those that were due at all. Told apart here: SQLite calls back for every sum of two times."""
    rows = events.filter(ended_at__isnull=False).values_list("ended_at", column, "created_at")
    return [(ended, value) for ended, value, created in rows if not was_long_ago(ended, created)]


def reviews(days: int, team: int | None) -> dict[str, Any]:
    """Reviews published within fourteen days of their event, by month of publication; how many are late now."""
    start = clock.now() - timedelta(days=days)
    published = _of(team, Event.objects.filter(published_at__gte=start), "team")
    rows = _due(published.order_by("published_at"), "published_at")
    months: dict[tuple[int, int], list[bool]] = defaultdict(list)
    for ended, at in rows:
        months[at.year, at.month].append(at - ended <= PUBLISH_WITHIN)
    shown = [(MONTHS[month - 1], sum(good), len(good)) for (_, month), good in sorted(months.items())][-6:]
    moving = _of(team, Event.objects.exclude(state__in=(State.PUBLISHED, State.NOT_REVIEWED)), "team")
    late = len(_due(moving.filter(ended_at__lt=clock.now() - PUBLISH_WITHIN), "state"))
    spans = [(at - ended).days for ended, at in rows]
    words = [f"Median day {round(median(spans))}."] if len(spans) >= FEW else []
    if late:
        words.append("One is late now." if late == 1 else f"{in_words(late).capitalize()} are late now.")
    return {
        "reviews": charts.boxes("Reviews published within 14 days", shown),
        "reviews_count": len(rows),
        "reviews_on_time": sum(sum(good) for good in months.values()),
        "reviews_words": " ".join(words),
    }


def recurring(team: int | None) -> list[dict[str, Any]]:
    """The same kind of factor at the same service in two or more published reviews within 180 days. One query."""
    start = clock.now() - RECURS_WITHIN
    rows = _of(
        team,
        Factor.objects.kept().filter(
            event__state=State.PUBLISHED, event__is_restricted=False, event__started_at__gte=start,
            event__services__isnull=False,
        ).exclude(category=Category.HELPED)
    ).values_list("category", "event__services__name", "event").distinct()  # fmt: skip
    events: dict[tuple[str, str], set[int]] = defaultdict(set)
    for category, service, event in rows:
        events[category, service].add(event)
    found = [(len(pks), Category(c).label, s) for (c, s), pks in events.items() if len(pks) >= 2]
    found.sort(key=lambda row: (-row[0], row[1], row[2]))
    return [
        {"factor": label, "service": service, "times": n, "ask": f"What would end it at {service} for good?"}
        for n, label, service in found[:6]
    ]


def patterns(rows: list[Any]) -> list[str]:
    """What several unclosed actions have in common, as questions to the organisation; never about a person."""
    found = []
    often = sum(r.often for r in rows)
    if often >= 2:
        teams = len({r.team for r in rows if r.often})
        where = "one team" if teams == 1 else f"{in_words(teams)} teams"
        found.append(
            f"{in_words(often).capitalize()} actions have had two new dates or more, in {where}. What stands in their way?"
        )
    stuck = sum(r.stuck for r in rows)
    if stuck >= 2:
        found.append(
            f"{in_words(stuck).capitalize()} are thirty days overdue or more. Which of them would nobody miss?"
        )
    known, weak = (sum(r.total for r in rows if r.strength in those) for those in (Strength, [Strength.WEAKER]))
    if known >= FEW and weak * 2 > known:
        found.append("More than half depend on people remembering them. Which could the tools do instead?")
    return found
