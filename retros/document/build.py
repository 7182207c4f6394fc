"""Builds the document of an event: walks the sections, gathers the header, draws the trace. Constant number of queries."""

from dataclasses import replace
from typing import Any

from django.db.models import prefetch_related_objects

from retros import sections
from retros.document import kinds
from retros.document.chart import trace_of
from retros.document.filename import file_name
from retros.document.spans import span
from retros.document.tree import Document, Section
from retros.models import Event, Membership, Role
from retros.services import entries, outline, schedule
from retros.services.once import remembering


def build(event: Event, *, marks: list[outline.Mark] | None = None, edition: str = "Internal") -> Document:
    """The document as it stands now, from the recorded facts and the kept texts. `marks`: the timeline, where it was read."""
    marks = outline.of(event) if marks is None else marks
    # The sections get a copy that remembers what several of them need, so that each is read once and nothing stays behind.
    ahead = remembering(event)
    ahead.rows, ahead.total = entries.for_document(event, marks), len(marks)
    prefetch_related_objects([ahead], "intervals", "figures")
    trace = trace_of(event, marks, phases=kinds.phases_of(ahead), intervals=ahead.intervals.all())
    found = [
        Section(section.slug, section.title_for(ahead), section.build(ahead))
        for section in sections.sections_for(ahead)
    ]
    return Document(
        title=event.title,
        kind=event.kind,
        language="en",
        edition=edition,
        event_date=date_of(event),
        facts=_facts(event),
        sections=found,
        trace=replace(trace, keys=[]) if trace else None,
        span=span(event),
    )


def date_of(event: Event) -> str:
    """The start in its zone: 2018-10-21, or 2021-12 where only the month is known; empty without a start."""
    local = event.local_start
    if local is None:
        return ""
    return f"{local:%Y-%m}" if event.started_precision == "month" else f"{local:%Y-%m-%d}"


def name_of(document: Document, ending: str) -> str:
    """The file name of an export: it follows the document, so that a published version keeps its name."""
    return file_name(document.title, document.event_date, ending)


def _facts(event: Event) -> list[tuple[str, str]]:
    people: list[Any] = list(Membership.objects.filter(event=event).select_related("user"))
    lead = next((m.user.name for m in people if m.role == Role.FACILITATOR), "")
    names = [m.user.name for m in people if m.role in {Role.SCRIBE, Role.PARTICIPANT}]
    held = event.held_at.astimezone(event.zone) if event.held_at else None
    facts = [
        ("Date of event", date_of(event)),
        ("AAR date", f"{held:%Y-%m-%d}" if held else ""),
        ("Severity / scope", _severity(event)),
        ("Facilitator", lead),
        ("Participants", ", ".join(names)),
        ("Type", event.get_kind_display()),
        ("Distribution", event.get_distribution_display()),
    ]
    further = [
        ("Team", event.team.name if event.team else ""),
        ("Held", _days_after(event)),
        ("In the meeting", ", ".join(m.user.name for m in people if m.attended_at)),
        ("Source", event.source_url),
    ]
    return facts + [(label, value) for label, value in further if value]


def _severity(event: Event) -> str:
    """SEV-1 (status red): ours, and beside it the source's words where they say something else."""
    ours = str(event.get_severity_display()) if event.severity else ""
    theirs = event.severity_text
    same = ours.replace("-", "").lower() == theirs.replace("-", "").lower()
    return f"{ours} ({theirs})" if ours and theirs and not same else ours or theirs


def _days_after(event: Event) -> str:
    """'held N days after' where the meeting was later than the window."""
    days = schedule.days_after(event, event.held_at)
    return f"{days} days after the event" if days is not None and days > schedule.meet_days(event) else ""
