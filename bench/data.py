"""An installation that has been used for years, in rows: 2,000 events, 10,000 actions, and one event full of everything."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from actions.demo import many
from retros.models import Factor, Membership, ParticipantAccount, Role, WhyNode
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
    many.fill(EVENTS, ACTIONS, people=[world.facilitator, *people], teams=teams)
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
        WhyNode.objects.create(event=event, text=f"The fail-over took path {n}", rank=100 + n, created_by=lead)
        Factor.objects.create(event=event, category="change", text=f"The change had no canary {n}", created_by=lead)
        make_action(event, f"Add a check for the replication of shard {n}", owner=people[n])
