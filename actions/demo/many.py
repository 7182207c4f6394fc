"""Bulk rows for measuring: thousands of published events with their actions, beside whatever is there. No history, no texts."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from aar_site import clock
from actions.models import Action, ActionType, Size, Status, Strength
from retros.models import Category, Event, Factor, Impact, Membership, Role, State, TimelineEntry

THINGS = ("Checkout", "Search", "Uploads", "Sign-in", "Webhooks", "Builds", "Mail", "Exports")
WHAT = (
    "slow for readers in the west",
    "refused one request in ten",
    "stopped after a change of settings",
    "fell behind at the peak",
)
DO = ("Alert on the queue of", "Add a limit to", "Write the runbook of", "Test the restore of", "Split the deploy of")
BATCH = 500


@transaction.atomic
def fill(events: int, actions: int, *, people: list[Any], teams: list[Any], services: list[Any] = ()) -> list[Event]:  # type: ignore[assignment]
    """So many events over the past three years, one every few hours, with actions of which a third is closed and some are late."""
    now = clock.now()
    made = Event.objects.bulk_create([_event(n, events, teams, now) for n in range(events)], batch_size=BATCH)
    Impact.objects.bulk_create([Impact(event=event) for event in made], batch_size=BATCH)
    Membership.objects.bulk_create(
        [Membership(event=e, user=people[n % len(people)], role=Role.FACILITATOR) for n, e in enumerate(made)],
        batch_size=BATCH,
    )
    TimelineEntry.objects.bulk_create(
        [
            TimelineEntry(event=e, at=e.started_at, sort_at=e.started_at, utc_offset=0, text="First errors")
            for e in made
        ],
        batch_size=BATCH,
    )
    kinds = [kind for kind in Category.values if kind != Category.HELPED]
    factors = [
        Factor(event=e, category=kinds[n % len(kinds)], text="Nothing compared the two") for n, e in enumerate(made)
    ]
    factors = Factor.objects.bulk_create(factors, batch_size=BATCH)
    if services:
        through = Event.services.through
        through.objects.bulk_create(
            [through(event_id=e.pk, service_id=services[n % len(services)].pk) for n, e in enumerate(made)],
            batch_size=BATCH,
        )
    rows = [_action(n, made[n % events], factors[n % events], people, now) for n in range(actions)]
    Action.objects.bulk_create(rows, batch_size=BATCH)
    return made


def _event(number: int, whole: int, teams: list[Any], now: Any) -> Event:
    start = now - timedelta(days=1095) * (whole - number) / whole - timedelta(days=20)
    return Event(
        title=f"{THINGS[number % len(THINGS)]} {WHAT[number % len(WHAT)]}, case {number + 1}",
        team=teams[number % len(teams)],
        severity=("sev2", "sev3", "sev4")[number % 3],
        started_at=start,
        ended_at=start + timedelta(hours=1 + number % 5),
        state=State.PUBLISHED,
        held_at=start + timedelta(days=4),
        published_at=start + timedelta(days=6 + number % 12),
        created_at=start,
    )


def _action(number: int, event: Event, factor: Factor, people: list[Any], now: Any) -> Action:
    """A third is closed; of the open ones a tenth is late."""
    start = event.created_at
    is_done = number % 3 == 0
    due = start + timedelta(days=30) if is_done else now + timedelta(days=number % 100 - 10)
    return Action(
        event=event,
        factor=factor,
        title=f"{DO[number % len(DO)]} {THINGS[number % len(THINGS)].lower()} {number + 1}",
        owner=people[number % len(people)],
        due_on=due.date(),
        size=Size.values[number % 3],
        type=ActionType.values[number % len(ActionType.values)],
        strength=Strength.values[number % 3],
        closed_when="The check runs every night, and its result is on the board.",
        status=Status.DONE if is_done else Status.COMMITTED,
        evidence="Seen on the board." if is_done else "",
        closed_at=min(start + timedelta(days=20 + number % 40), now) if is_done else None,
        committed_on=(start + timedelta(days=4)).date(),
        created_at=start + timedelta(days=4),
        rank=number,
    )
