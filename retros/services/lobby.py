"""What the room says while it is closed: before, what is still missing; afterwards, how it went and what comes now. Reads only."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Sum

from aar_site import clock
from retros.models import AgendaStep, Event, Meeting, State
from retros.sections import Check, Finding
from retros.services import accounts, leading, people, publishing, readiness, schedule
from retros.services.agenda import agenda_for

DRAFT_WITHIN = timedelta(hours=48)
SHOWN = 5  # of what is missing; the page of the event has everything


@dataclass(frozen=True)
class Before:
    """What is not ready yet, of how many checks, what opening begins with, and whether accounts wait to be opened first."""

    missing: list[Check]
    more: int
    ready: int
    total: int
    first_step: str
    first_minutes: int
    opens_accounts: bool


@dataclass(frozen=True)
class After:
    """How long it took of what was planned, what was skipped, who led from when on, and what stands between the draft and its readers."""

    minutes: int
    planned: int
    skipped: list[str]
    leads: list[Any]
    draft_by: Any
    publish_by: Any
    findings: list[Finding]
    more: int

    @property
    def is_late(self) -> bool:
        return bool(self.publish_by and self.publish_by < clock.now())


def before(event: Event) -> Before:
    """For the facilitator, who sees how accounts stand."""
    rows = people.people_of(event)
    standings = accounts.standings(event, rows)
    checks = readiness.checks(event, rows, standings)
    missing = [check for check in checks if check.state != "ok"]
    (_, title, minutes), *_ = agenda_for(event)
    ready = len(checks) - len(missing)
    opens = not event.is_revealed and any(row.state == "in" for row in standings)
    return Before(missing[:SHOWN], max(0, len(missing) - SHOWN), ready, len(checks), title, minutes, opens)


def after(event: Event, *, is_writer: bool) -> After | None:
    """None where there was no meeting in the room. What is missing in the draft is for those who write it."""
    meeting = Meeting.objects.filter(event=event, started_at__isnull=False).first()
    if meeting is None:
        return None
    steps = AgendaStep.objects.filter(meeting=meeting)
    sums = steps.aggregate(spent=Sum("spent_s"), planned=Sum("planned_s"))
    is_draft = event.state in {State.DRAFT, State.REVIEW}
    findings = publishing.findings(event) if is_writer and is_draft else []
    return After(
        minutes=round((sums["spent"] or 0) / 60),
        planned=round((sums["planned"] or 0) / 60),
        skipped=list(steps.filter(is_done=False, spent_s=0).values_list("title", flat=True)),
        leads=leading.leads(event, meeting),
        draft_by=meeting.ended_at + DRAFT_WITHIN if meeting.ended_at and is_draft else None,
        publish_by=schedule.publish_due(event) if is_draft else None,
        findings=findings[:SHOWN],
        more=max(0, len(findings) - SHOWN),
    )
