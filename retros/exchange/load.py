"""Stores an EventFile as one event with everything in it, or stores nothing. Actions travel through the section port."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from retros import sections
from retros.exchange import chain, warnings
from retros.exchange.moments import Moment
from retros.exchange.schema import EventFile
from retros.live.log import change
from retros.models import (
    Category,
    EntryType,
    Event,
    Factor,
    Impact,
    ImpactFigure,
    ImpactInterval,
    Launch,
    Membership,
    Precision,
    Revision,
    Role,
    SectionText,
    SharedCause,
    Source,
    TimelineEntry,
    WellKind,
    WentWell,
    WhyNode,
)
from retros.services import kinds

CATEGORIES = {
    "change-management": Category.CHANGE,
    "monitoring": Category.DETECTION,
    "observability": Category.DIAGNOSIS,
    "triage": Category.DIAGNOSIS,
    "interface": Category.TOOLING,
    "knowledge": Category.DOCUMENTATION,
    "experience": Category.DOCUMENTATION,
    "load": Category.CAPACITY,
    "growth": Category.CAPACITY,
    "platform": Category.DEPENDENCY,
    "process": Category.ORGANISATION,
    "estimation": Category.PLANNING,
    "timing": Category.PLANNING,
    "sequencing": Category.PLANNING,
}
TYPES = {
    "first_alert": EntryType.SIGNAL,
    "first_report": EntryType.SIGNAL,
    "decision": EntryType.DECISION,
    "mitigated": EntryType.RECOVERY,
    "resolved": EntryType.RECOVERY,
    "trigger": EntryType.ACTION,
    "mitigation_started": EntryType.ACTION,
}


def load(file: EventFile, *, team: Any = None, facilitator: Any = None) -> tuple[Event, list[warnings.Warning]]:
    """Create the event, all or nothing; returns it with the findings of the file. `facilitator` makes it open to a person."""
    found = warnings.find(file)
    with transaction.atomic():
        event = _event(file, team, found)
        if facilitator:
            Membership.objects.create(event=event, user=facilitator, role=Role.FACILITATOR)
        with change(event, "event,timeline,analysis,factors,went-well,actions", "imported from a file", by=None):
            _impact(event, file)
            _entries(event, file)
            _whys(event, file, found)
            _factors(event, file, found)
            _went_well(event, file)
            _own(event, file, found)
            _texts(event, file)
            for section in sections.all_sections():
                if section.load:
                    section.load(event, file)
        event.refresh_from_db()
    return event, found


def _event(file: EventFile, team: Any, found: list[warnings.Warning]) -> Event:
    start = file.start or file.date
    severity = _severity(file.severity_stated) or _severity(file.severity_suggested)
    if severity and not _severity(file.severity_stated):
        found.append(
            warnings.Warning("severity_suggested", f"severity taken from the suggestion '{file.severity_suggested}'")
        )
    event = Event(
        kind=file.kind,
        title=file.title,
        what_happened=file.summary[:2000],
        team=team,
        severity=severity,
        severity_text=file.severity_stated,
        time_zone=file.zone.key if file.zone else "UTC",
        started_at=start.at if start else None,
        started_precision=start.precision if start else Precision.EXACT,
        ended_at=file.end.at if file.end else None,
        ended_precision=file.end.precision if file.end else Precision.EXACT,
        stated_minutes=round(file.stated_minutes) if file.stated_minutes else None,
        stated_on=_day(file),
        is_zone_assumed=_is_zone_assumed(file),
        is_cause_unknown=file.is_cause_unknown,
        source_url=file.source_url,
        runbook_url=file.own.runbook_url,
        review_on=file.own.review_on,
    )
    event.full_clean()
    event.save()
    return event


def _day(file: EventFile) -> date | None:
    """The day that the file's heading names, in its zone; a month alone is none."""
    if file.date is None or file.date.precision == "month":
        return None
    return file.date.at.astimezone(file.zone or UTC).date()


def _is_zone_assumed(file: EventFile) -> bool:
    """Whether UTC is only a guess: the file names no zone, or one of its clocks has neither a zone nor an offset."""
    given = [file.start, file.end, *(row.moment for row in file.entries)]
    return file.zone is None or any(moment is not None and not moment.has_zone for moment in given)


def _severity(words: str) -> str:
    named = re.match(r"(?:(major|minor) launch|(large|medium|small) project)\b", words, re.IGNORECASE)
    if named:
        return (named[1] or named[2]).lower()
    match = re.match(r"(?:SEV|P)[- ]?([0-4])\b", words, re.IGNORECASE)
    return f"sev{max(int(match[1]), 1)}" if match else ""


def _impact(event: Event, file: EventFile) -> None:
    Impact.objects.create(event=event, users_affected=file.who, detected_how=file.detected_how)
    ImpactInterval.objects.bulk_create(
        ImpactInterval(
            event=event,
            label=row.label[:300],
            started_at=_at(row.start),
            ended_at=_at(row.end),
            started_text=row.start_text,
            ended_text=row.end_text,
        )
        for row in file.intervals
    )
    ImpactFigure.objects.bulk_create(
        ImpactFigure(event=event, value=value, label=label, rank=i) for i, (value, label) in enumerate(file.figures)
    )


def _at(moment: Moment | None) -> datetime | None:
    return moment.at if moment else None


def _entries(event: Event, file: EventFile) -> None:
    """Rows without a time stay behind their predecessor; landmarks are key moments."""
    rows, last = [], None
    for rank, (row, mark) in enumerate(zip(file.entries, warnings.landmarks(file), strict=True)):
        last = row.moment.at if row.moment else last
        precision = row.moment.precision if row.moment else Precision.APPROX
        rows.append(
            TimelineEntry(
                event=event,
                at=_at(row.moment),
                until=_at(row.until),
                utc_offset=row.moment.offset if row.moment else None,
                precision=Precision.APPROX if row.is_approx and precision == Precision.EXACT else precision,
                at_text=row.at_text,
                sort_at=last,
                rank=rank,
                text=row.text,
                type=TYPES.get(row.phase, ""),
                landmark=mark,
                source=Source.DOCUMENT,
                source_url=row.url if row.url.startswith(("https://", "http://")) else "",
                source_label="" if row.url.startswith(("https://", "http://")) else row.url[:300],
                is_key=bool(mark) or row.phase == "decision",
            )
        )
    TimelineEntry.objects.bulk_create(rows, batch_size=500)


def _whys(event: Event, file: EventFile, found: list[warnings.Warning]) -> None:
    """Effects and what the file says of them; rows that are no effects hang below the one that the title names."""
    effects = [row for row in file.whys if row.is_effect]
    causes = [row for row in file.whys if not row.is_effect]
    if causes:
        question = "Why was this possible, and why did it last so long?"
        asked = [replace(row, question=row.question or question) for row in causes]
        effects = [chain.WhyRow(file.title, "What happened?", "event", causes=asked), *effects]
    moments = dict(TimelineEntry.objects.filter(event=event).values_list("text", "pk"))
    stored = [pair for rank, row in enumerate(effects) for pair in _why(event, row, None, rank, moments)]
    named = {row.name: node for row, node in stored}
    for row, cause in stored:
        for effect in {named[name] for name in row.also_leads_to}:
            if effect.pk != cause.parent_id:
                SharedCause.objects.create(event=event, cause=cause, effect=effect)
    lost = sorted({words for row, _ in stored for words in row.evidence if words not in moments})
    found += [
        warnings.Warning("unknown_evidence", f"no row of the timeline says '{words[:60]}'") for words in lost[:20]
    ]


def _why(
    event: Event, row: chain.WhyRow, parent: WhyNode | None, rank: int, moments: dict[str, int]
) -> list[tuple[chain.WhyRow, WhyNode]]:
    """Store a row and what is below it; returns each row with its node."""
    node = WhyNode.objects.create(
        event=event,
        parent=parent,
        rank=rank,
        text=row.text,
        question=row.question or ("Why was that possible?" if parent else ""),
        kind=row.kind,
        defence=row.defence,
        is_root_cause=row.is_root_cause,
    )
    node.evidence.set([moments[words] for words in row.evidence if words in moments])
    below = [_why(event, child, node, i, moments) for i, child in enumerate(row.causes)]
    return [(row, node), *(pair for pairs in below for pair in pairs)]


def _factors(event: Event, file: EventFile, found: list[warnings.Warning]) -> None:
    for rank, (name, text) in enumerate(file.factors):
        category = CATEGORIES.get(name) or (Category(name) if name in Category.values else None)
        if category is None:
            found.append(
                warnings.Warning("unknown_category", f"factor '{name}' was put under 'Organisation and incentives'")
            )
        Factor.objects.create(event=event, category=category or Category.ORGANISATION, text=text, rank=rank)


def _went_well(event: Event, file: EventFile) -> None:
    rows = [(WellKind.RESPONSE, text) for text in file.went_well] + [(WellKind.LUCK, text) for text in file.luck]
    WentWell.objects.bulk_create(
        WentWell(event=event, kind=kind, text=text, rank=i) for i, (kind, text) in enumerate(rows)
    )


def _own(event: Event, file: EventFile, found: list[warnings.Warning]) -> None:
    """What its kind has of its own, whatever the kind: rows that this kind does not show stay for when the kind is mended."""
    if file.own.launch:
        Launch.objects.create(event=event, **file.own.launch)
    if event.kind in kinds.PARTS["goals"].kinds:
        for row in file.goals:
            kinds.insert(event, "goals", text=row.text, outcome=row.outcome, note=row.note)
    for fields in file.own.phases:
        kinds.insert(event, "phases", **fields)
    for fields in file.own.choices:
        kinds.insert(event, "choices", **fields)
    for row_fields in file.own.occurrences:
        _occurrence(event, dict(row_fields), found)


def _occurrence(event: Event, fields: dict[str, Any], found: list[warnings.Warning]) -> None:
    """An earlier event by its code; an unknown code, or one given twice, leaves the words."""
    code = fields.pop("code")
    earlier = Event.objects.filter(code=code).exclude(recurs_in__event=event).first() if code else None
    if code and earlier is None:
        found.append(warnings.Warning("unknown_event", f"no event has the code '{code}', or it is linked already"))
        fields["text"] = fields["text"] or f"Event {code}"
    kinds.insert(event, "occurrences", earlier=earlier, **fields)


def _texts(event: Event, file: EventFile) -> None:
    """Lessons become the text of their section, as its first revision; goals too where the kind has no rows for them."""
    goals = [] if event.kind in kinds.PARTS["goals"].kinds else [row.text for row in file.goals]
    for slug, lines in (("impact", goals), ("lessons", file.lessons)):
        if lines:
            text = "\n".join(f"- {line}" for line in lines)
            section = SectionText.objects.create(event=event, slug=slug, text=text, number=1)
            Revision.objects.create(section=section, number=1, base_number=0, text=text)
