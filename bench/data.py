"""An installation that has been used for years, in rows: 2,000 events, 10,000 actions, and one event full of everything."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from actions.models import Action
from retros.models import Event, Factor, Impact, Membership, ParticipantAccount, Role, TimelineEntry, WhyNode
from tests.factories import make_action, make_entry, make_team, make_user
from tests.world import make_world

EVENTS, ACTIONS, ENTRIES, PEOPLE, TEAMS = 2_000, 10_000, 100, 30, 20
START = datetime(2024, 1, 8, 9, 30, tzinfo=UTC)


def fill() -> SimpleNamespace:
    """The world of the access matrix, with its event filled, among so many others."""
    world = make_world(revealed_at=START + timedelta(days=2), started_at=START, ended_at=START + timedelta(hours=5))
    people = [make_user(f"Person number {n}") for n in range(PEOPLE)]
    fill_event(world, people)
    teams = [world.team, *(make_team() for _ in range(TEAMS - 1))]
    many = [
        Event(
            title=f"Checkout errors in region {n}", started_at=START + timedelta(hours=8 * n),
            ended_at=START + timedelta(hours=8 * n + 2), team=teams[n % TEAMS], state="published",
            published_at=START + timedelta(hours=8 * n + 200),
        )
        for n in range(EVENTS)
    ]  # fmt: skip
    events = Event.objects.bulk_create(many, batch_size=500)
    Impact.objects.bulk_create([Impact(event=event) for event in events], batch_size=500)
    Membership.objects.bulk_create(
        [Membership(event=event, user=world.facilitator, role=Role.FACILITATOR) for event in events], batch_size=500
    )
    fill_actions(world, people, events)
    return world


def fill_event(world: SimpleNamespace, people: list) -> None:
    event, lead = world.event, world.facilitator
    for n in range(ENTRIES):
        make_entry(
            event, f"Replication lag passed {n} seconds on the cluster in the west", minutes=3 * n, created_by=lead
        )
    Membership.objects.bulk_create(
        [Membership(event=event, user=user, role=Role.PARTICIPANT, was_involved=True) for user in people]
    )
    ParticipantAccount.objects.bulk_create(
        [
            ParticipantAccount(
                event=event, author=user, answers={"noticed": "The graph went flat."}, state="submitted",
                submitted_at=START + timedelta(days=1),
            )
            for user in people
        ]
    )  # fmt: skip
    for n in range(15):
        WhyNode.objects.create(event=event, text=f"The fail-over took path {n}", created_by=lead)
        Factor.objects.create(event=event, category="change", text=f"The change had no canary {n}", created_by=lead)
        make_action(event, f"Add a check for the replication of shard {n}", owner=people[n])


def fill_actions(world: SimpleNamespace, people: list, events: list) -> None:
    """Spread over the events and people; a third closed, a tenth overdue."""
    pattern = make_action(events[0], owner=people[0])
    fields = {f.name: getattr(pattern, f.name) for f in Action._meta.concrete_fields if f.name != "id"}
    today = datetime.now(UTC).date()
    rows = []
    for n in range(ACTIONS):
        row = Action(**fields)
        row.event, row.owner, row.title = events[n % len(events)], people[n % len(people)], f"Alert on queue {n}"
        row.due_on = today + timedelta(days=n % 100 - 10)
        if n % 3 == 0:
            row.status, row.closed_at = "done", START + timedelta(days=n % 900)
        rows.append(row)
    Action.objects.bulk_create(rows, batch_size=500)
    TimelineEntry.objects.bulk_create(
        [TimelineEntry(event=e, at=e.started_at, sort_at=e.started_at, utc_offset=0, text="Start") for e in events], 500
    )
