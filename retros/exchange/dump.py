"""Writes the causes of an event as an event file: title, dates, the tree of causes, and the moments that it leans on."""

from typing import Any

from retros.exchange import chain
from retros.models import Event, TimelineEntry
from retros.services import cause_tree


def causes(event: Event) -> dict[str, Any]:
    """Plain data that `import_event` reads. A cause that leads to two effects is written once; the other one is named."""
    effects = cause_tree.read(event)
    proof = {entry.pk: entry for node in cause_tree.every(effects) for entry in node.evidence.all()}
    moments = [_moment(entry) for entry in sorted(proof.values(), key=lambda entry: (str(entry.sort_at), entry.rank))]
    found = {
        "title": event.title,
        "kind": event.kind,
        "date": event.local_start.date().isoformat() if event.local_start else "",
        "timezone": event.time_zone,
        "severity": event.severity_text or event.get_severity_display(),
        "timeline": moments,
        "root_causes": ["Not established"] if event.is_cause_unknown else [],
        "whys": chain.write([_row(node) for node in effects]),
    }
    return {key: value for key, value in found.items() if value}


def _moment(entry: TimelineEntry) -> dict[str, Any]:
    when = {"at": entry.local_at.isoformat()} if entry.local_at else {"at_text": entry.at_text}
    return {**when, "what": entry.text}


def _row(node: Any) -> chain.WhyRow:
    return chain.WhyRow(
        text=node.text,
        question=node.question,
        kind=node.kind,
        is_root_cause=node.is_root_cause,
        causes=[_row(child) for child in node.children],
        defence=node.defence,
        name=f"c{node.number}" if node.leads or node.shared else "",
        also_leads_to=[f"c{effect.number}" for effect in node.leads],
        evidence=[entry.text for entry in node.evidence.all()],
        is_effect=node.depth == 1,
    )
