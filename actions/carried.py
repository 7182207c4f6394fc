"""Which open actions of earlier reviews come up again in this one, and why. Reads only."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q

from aar_site import clock
from aar_site.people.models import Service
from actions.models import Action
from retros.models import Category, Event, Factor, State

MOST = 12


@dataclass(frozen=True)
class Carried:
    """An open action of another review with the reason it was chosen. `late` is days past its date, 0 or less before it."""

    action: Action
    reason: str
    late: int


def carried_over(event: Event, *, most: int = MOST) -> list[Carried]:
    """Open actions of other published reviews that share a service, a kind of factor or the team; overdue ones first.

    Only published, unrestricted reviews: everybody in the room sees the same list, guests too. A constant number of queries.
    """
    kinds = Factor.objects.kept().filter(event=event).exclude(category=Category.HELPED).order_by().values("category")
    # By a subquery: joined to the services, each action would come once per service and all of them need sorting twice.
    served = Event.objects.filter(services__in=event.services.values("pk")).order_by().values("pk")
    shared = Q(event__in=served) | Q(factor__category__in=kinds, factor__removed_at__isnull=True)
    if event.team_id:
        shared |= Q(event__team=event.team_id)
    same_services = Service.objects.filter(pk__in=event.services.values("pk"))
    found = (
        Action.objects.open()
        .filter(shared, event__state=State.PUBLISHED, event__is_restricted=False)
        .exclude(event=event)
        .annotate(is_same_kind=Exists(kinds.filter(category=OuterRef("factor__category"))))
        .select_related("owner", "event__team", "factor")
        .prefetch_related(Prefetch("event__services", same_services, to_attr="shared_services"))
        .order_by("due_on", "pk")[:most]
    )
    today = clock.today(event.time_zone)
    return [Carried(a, _reason(a), _late(a, today)) for a in found]


def _late(action: Action, today: date) -> int:
    return (today - action.due_on).days if action.due_on else 0


def _reason(action: Any) -> str:
    """The most telling thing that the two reviews share."""
    if action.event.shared_services:
        return f"Same service: {', '.join(service.name for service in action.event.shared_services)}"
    if action.answers and action.is_same_kind:
        return f"Same kind of factor: {action.answers.get_category_display().lower()}"
    return f"Same team: {action.event.team}"
