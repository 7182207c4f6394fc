"""One small event of each kind that is no incident, with everything that its kind knows. Invented."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from retros.models import EntryType, Event, Factor, State, WentWell
from tests.factories import (
    make_choice,
    make_entry,
    make_event,
    make_goal,
    make_launch,
    make_occurrence,
    make_phase,
)

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def fill_launch(event: Event, count: int = 2) -> None:
    """Planned a day earlier; phases of which every second one moved; goals, moments, what worked."""
    make_launch(
        event, scope="Mobile apps, 60% of users", planned_start=NOON - timedelta(days=1),
        planned_end=NOON + timedelta(days=3), maintenance_minutes=40, issue_count=4, issue_note="One of them major",
        was_rolled_back=False, first_week_incidents=0, business_outcome="47% sign in without a password",
    )  # fmt: skip
    for n in range(count):
        start = date(2026, 9, 29) + timedelta(days=28 * n)
        end = start + timedelta(days=27)
        make_phase(event, f"Phase {n + 1}", planned_start=start, planned_end=end, actual_start=start,
                   actual_end=end + timedelta(days=n * 3), note="A certificate came late" if n else "", rank=n)  # fmt: skip
        make_goal(event, f"Goal {n + 1}", outcome=("partly", "met")[n % 2], note="As counted", rank=n)
        make_entry(
            event, f"Moment {n + 1}", at=NOON + timedelta(days=21 * (n - 1)), landmark="launch" if n == 1 else ""
        )
        WentWell.objects.create(event=event, kind=("luck", "response")[n % 2], text=f"Worked {n + 1}")


def fill_project(event: Event, count: int = 2) -> None:
    for n in range(count):
        start = date(2026, 5, 4) + timedelta(days=28 * n)
        make_phase(event, f"Phase {n + 1}", planned_start=start, planned_end=start + timedelta(days=20),
                   actual_start=start, actual_end=start + timedelta(days=27), rank=n)  # fmt: skip
        make_goal(event, f"Goal {n + 1}", outcome=("met", "not_met")[n % 2], note="As counted", rank=n)
        make_choice(event, f"Decision {n + 1}", decided_on=date(2026, 5, 20), known_then="Two facts", outcome="One more fact",
                    again=("yes", "otherwise")[n % 2], rank=n)  # fmt: skip
        make_entry(event, f"Moment {n + 1}", at=datetime(2026, 5, 4 + 20 * n % 26, tzinfo=UTC), precision="day")
        Factor.objects.create(event=event, category="planning", text=f"Condition {n + 1}")


def fill_recurring(event: Event, count: int = 2) -> None:
    for n in range(count):
        earlier = make_event(f"Earlier {n + 1}", state=State.PUBLISHED)
        Factor.objects.create(event=earlier, category="detection", text="Nobody is told")
        make_occurrence(
            event, earlier=earlier, on=date(2025, 6 + n, 2), promised=f"Promise {n + 1}", became="Kept for a while"
        )
        make_entry(event, f"Moment {n + 1}", minutes=10 * n, landmark="detected" if n else "")


def fill_decision(event: Event, count: int = 2) -> None:
    for n in range(count):
        make_choice(event, f"Option {n + 1}", was_chosen=not n, decided_on=None if n else date(2026, 11, 10),
                    known_then="Prices of three vendors", expected="Cheap to run", outcome="" if n else "Dear to run",
                    again="" if n else "otherwise", rank=n)  # fmt: skip
        make_entry(event, f"Moment {n + 1}", at=NOON + timedelta(days=30 * n), precision="day",
                   type="" if n else EntryType.DECISION)  # fmt: skip


FILL = {"launch": fill_launch, "project": fill_project, "recurring": fill_recurring, "decision": fill_decision}
SPANS: dict[str, dict[str, Any]] = {
    "launch": {"started_at": NOON, "ended_at": NOON + timedelta(days=8)},
    "project": {
        "started_at": datetime(2026, 5, 4, tzinfo=UTC), "ended_at": datetime(2026, 8, 9, tzinfo=UTC),
        "started_precision": "day", "ended_precision": "day",
    },
    "recurring": {"started_at": NOON, "ended_at": NOON + timedelta(hours=5)},
    "decision": {
        "started_at": datetime(2026, 11, 1, tzinfo=UTC), "ended_at": datetime(2027, 3, 1, tzinfo=UTC),
        "started_precision": "month", "ended_precision": "month",
    },
}  # fmt: skip


def make_kind(kind: str, count: int = 2, **extra: Any) -> Event:
    """An event of the kind that knows `count` of everything."""
    event = make_event(f"A {kind}", kind=kind, what_happened=f"This {kind} came to its end.", **SPANS[kind], **extra)
    FILL[kind](event, count)
    return event
