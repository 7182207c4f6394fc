"""Which open actions of earlier reviews come up again in this one, and why. Reads only."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from aar_site import clock
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
    services = dict(event.services.values_list("pk", "name"))
    factors = Factor.objects.kept().filter(event=event).exclude(category=Category.HELPED)
    kinds = set(factors.values_list("category", flat=True))
    # By a subquery: joined to the services, each action would come once per service and all of them need sorting twice.
    served = Event.objects.filter(services__in=services).values("pk")
    shared = Q(event__in=served) | Q(factor__category__in=kinds, factor__removed_at__isnull=True)
    if event.team_id:
        shared |= Q(event__team=event.team_id)
    found = (
        Action.objects.open()
        .filter(shared, event__state=State.PUBLISHED, event__is_restricted=False)
        .exclude(event=event)
        .select_related("owner", "event__team", "factor")
        .prefetch_related("event__services")
        .order_by("due_on", "pk")[:most]
    )
    today = clock.today(event.time_zone)
    return [Carried(a, _reason(a, event, services, kinds), _late(a, today)) for a in found]


def _late(action: Action, today: date) -> int:
    return (today - action.due_on).days if action.due_on else 0


def _reason(action: Action, event: Event, services: dict[int, str], kinds: set[str]) -> str:
    """The most telling thing that the two reviews share."""
    same = [s.name for s in action.event.services.all() if s.pk in services]
    if same:
        return f"Same service: {', '.join(sorted(same))}"
    if action.answers and action.answers.category in kinds:
        return f"Same kind of factor: {action.answers.get_category_display().lower()}"
    return f"Same team: {action.event.team}"
