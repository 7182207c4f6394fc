"""What keeps happening: which earlier events a recurring issue can name, and when a third one like it asks for a review of its own."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet

from retros.models import Category, Event, Factor, Kind, Occurrence

WINDOW_DAYS = 180
TIMES = 3
MOST_OFFERED = 300


@dataclass(frozen=True)
class Recurrence:
    """Events that share a service and a contributing factor's category within the window, the latest last."""

    service: str
    category: str
    events: list[Event]

    @property
    def title(self) -> str:
        return f"{self.category} in {self.service}, again"[:200]


def choosable(user: Any, event: Event | None = None) -> QuerySet[Event]:
    """Earlier events that a recurring issue may name: those the person may open, newest first. Restricted ones are named nowhere else."""
    rows = Event.objects.visible_to(user).filter(is_restricted=False).exclude(kind=Kind.RECURRING)
    linked = Q()
    if event is not None:
        rows = rows.exclude(pk=event.pk)
        linked = Q(pk__in=Event.objects.visible_to(user).filter(recurs_in__event=event).order_by().values("pk"))
    # A fixed list of keys, because a slice can neither be filtered nor looked up by a form.
    keys = list(rows.order_by("-started_at", "-id").values_list("pk", flat=True)[:MOST_OFFERED])
    return Event.objects.filter(Q(pk__in=keys) | linked).order_by("-started_at", "-id")


def opened_from(user: Any, keys: list[str]) -> QuerySet[Event]:
    """Those of these events that a new recurring issue may name for this person."""
    numbers = [int(key) for key in keys if key.isdecimal() and len(key) <= 15]
    return Event.objects.visible_to(user).filter(pk__in=numbers, is_restricted=False).order_by("started_at", "id")


def proposal(event: Event, user: Any) -> Recurrence | None:
    """The recurrence that this event completes, of what the reader may see; None where there is none or it is taken up
    already. Taken up is: a recurring issue names the event, reviewed or not."""
    if event.kind in {Kind.RECURRING, Kind.DECISION} or event.started_at is None or user.is_guest:
        return None
    found = {} if event.is_restricted else _shared(event, user)
    if not found or Occurrence.objects.filter(earlier=event).exists():
        return None
    (service, category), keys = max(found.items(), key=lambda item: (len(item[1]), item[0]))
    rows = list(Event.objects.filter(pk__in=keys).order_by("started_at", "id"))
    return Recurrence(service, str(Category(category).label), rows)


def _shared(event: Event, user: Any) -> dict[tuple[str, str], set[int]]:
    """(service, category) -> the events that share them with this one, where they are enough."""
    since = event.started_at - timedelta(days=WINDOW_DAYS) if event.started_at else None
    visible = Event.objects.visible_to(user).filter(
        started_at__gte=since, started_at__lte=event.started_at, is_restricted=False
    )
    rows = Factor.objects.kept().filter(
        event__in=visible.exclude(kind=Kind.RECURRING).values("pk"), event__services__in=event.services.values("pk")
    )
    by_pair: dict[tuple[str, str], set[int]] = defaultdict(set)
    for category, service, key in rows.values_list("category", "event__services__name", "event").distinct():
        by_pair[(str(service), str(category))].add(key)
    return {pair: keys for pair, keys in by_pair.items() if event.pk in keys and len(keys) >= TIMES}
