"""The tree of causes as pages read it: numbered, with levels, shared causes, evidence, and what the room discusses. Reads only."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch

from retros import timing
from retros.models import Event, SharedCause, TimelineEntry, WhyNode
from retros.services import outline
from retros.services.meeting import meeting_of
from retros.services.once import once


def read(event: Event) -> list[WhyNode]:
    """The effects. Each node has `.children` (its causes in order), `.depth` (1 for effects), `.number` (in reading order),
    `.supports` (the moments that are its evidence), `.shared` (causes that stand elsewhere and lead here too), `.leads` (further
    effects it leads to), `.links` (the same, each with its link's key) and `.below` (how many causes stand below it). Two queries,
    three where a cause is shared."""
    return once(event, "causes", _read)


def _read(event: Event) -> list[WhyNode]:
    moments = Prefetch(
        "evidence", TimelineEntry.objects.kept().in_order(), to_attr="supports"
    )  # not those that were taken out since
    links = SharedCause.objects.kept().filter(event=event)
    is_shared = Exists(links.filter(cause=OuterRef("pk")))
    nodes: list[Any] = list(
        WhyNode.objects.kept().filter(event=event).annotate(is_shared=is_shared).prefetch_related(moments)
    )
    by_parent: dict[int | None, list[WhyNode]] = {}
    for node in nodes:
        by_parent.setdefault(node.parent_id, []).append(node)
    effects = by_parent.get(None, [])
    there: dict[int, WhyNode] = {}
    _number(effects, by_parent, there, 1)
    for node in there.values():
        node.shared, node.leads, node.links = [], [], []  # type: ignore[attr-defined]
    for link in links if any(node.is_shared for node in nodes) else []:  # type: ignore[attr-defined]
        cause, effect = there.get(link.cause_id), there.get(link.effect_id)
        if cause and effect:
            effect.shared.append(cause)  # type: ignore[attr-defined]
            cause.leads.append(effect)  # type: ignore[attr-defined]
            cause.links.append((link.pk, effect))  # type: ignore[attr-defined]
    return effects


def _number(nodes: list[WhyNode], by_parent: dict[Any, list[WhyNode]], there: dict[int, WhyNode], depth: int) -> None:
    for node in nodes:
        there[node.pk] = node
        node.number, node.depth = len(there), depth  # type: ignore[attr-defined]
        node.children = by_parent.get(node.pk, [])  # type: ignore[attr-defined]
        _number(node.children, by_parent, there, depth + 1)  # type: ignore[attr-defined]
        node.below = len(there) - node.number  # type: ignore[attr-defined]


def every(nodes: list[Any]) -> Iterator[Any]:
    """The nodes of `read`, each followed by all that is below it."""
    for node in nodes:
        yield node
        yield from every(node.children)


def made(event: Event) -> list[tuple[str, int]]:
    """For the close: how many causes there are."""
    return [("Causes", WhyNode.objects.kept().filter(event=event).count())]


def end_nodes(effects: list[Any]) -> list[Any]:
    """The nodes where a branch stops today: those below an effect that have no cause of their own."""
    return [node for node in every(effects) if node.parent_id and not node.children and not node.shared]


def discussed(event: Event, effects: list[Any], at: int = 0) -> Any:
    """The node that everybody looks at: the one asked for, the one that the room was taken to, else the newest. None without any."""
    nodes = {node.pk: node for node in every(effects)}
    if at not in nodes:
        meeting = meeting_of(event)
        led: Any = meeting and meeting.cause_id
        at = led if led in nodes else max(nodes, default=0)
    return nodes.get(at)


def path_through(effects: list[Any], node: Any) -> set[int]:
    """The keys of one path from an effect through `node` down to a branch's end: by first causes where nobody chose. What is no
    cause in the chain is on none, and leads to the path of what stands above it."""
    nodes = {n.pk: n for n in every(effects)}
    path, at = set(), node or next(iter(effects), None)
    if at is not None and is_apart(at):
        at = nodes[at.parent_id]
    end = at
    while at is not None:
        path.add(at.pk)
        at = nodes.get(at.parent_id)
    while end is not None:
        path.add(end.pk)
        end = next((child for child in end.children if not is_apart(child)), None)
    return path


def is_apart(node: Any) -> bool:
    """A defence that held limited the harm: it is listed, and is no cause in the chain."""
    return bool(node.has_held and node.parent_id and not node.children)


def chip(event: Event, entry: TimelineEntry, zero: Any) -> str:
    """When and from where, as a moment is named in few words."""
    entry.event = event
    when = timing.offset_label(entry.at, zero, entry.precision, timing.calendar(event)) or timing.clock_label(entry)
    return f"{when} {entry.get_source_display().lower()}"


def zero_of(event: Event, effects: list[Any]) -> Any:
    """T-0 where some evidence is named, so that nothing is asked for a tree without any."""
    return outline.zero_of(event) if any(node.supports for node in every(effects)) else None
