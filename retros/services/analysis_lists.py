"""What the fragments of causes, factors and what went well show; the same for everybody, so the room may push them."""

from itertools import groupby
from typing import Any

from retros.models import Category, Event, Factor, Membership, WellKind, WentWell, WhyNode
from retros.services import analysis

PICTURE_DEPTH = 4  # levels up to which the chain is drawn as brackets; deeper ones are an outline
ORGANISATIONAL = {"communication", "ownership", "staffing", "planning", "priorities", "organisation"}


def root_cause_context(event: Event) -> dict[str, Any]:
    """The tree of causes as five whys and as a chain, with the checks that tell whether it is deep enough."""
    effects = analysis.causal_tree(event)
    ends = analysis.end_nodes(effects)
    depth = analysis.deepest(effects)
    return {
        "effects": effects,
        "chain_is_picture": depth <= PICTURE_DEPTH,
        "held": [n for n in analysis.every(effects) if n.kind == "defence" and n.has_held],
        "stop_checks": _stop_checks(event, effects, ends),
        "why_topic": effects[0].text if effects else event.title,
    }


def _stop_checks(event: Event, effects: list[WhyNode], ends: list[WhyNode]) -> list[tuple[str, bool]]:
    """(sentence, whether it holds) for the end of the branches; nothing is ever refused by them."""
    names = [name.casefold() for name in Membership.objects.filter(event=event).values_list("user__name", flat=True)]
    words = [set(node.text.casefold().replace(",", " ").replace(".", " ").split()) for node in ends]
    is_system = bool(ends) and not any(set(name.split()[:1]) & said for name in names for said in words)
    below = [n for n in analysis.every(effects) if n.parent_id]
    return [
        ("It is about the system, not a person", is_system),
        ("Evidence supports each step", bool(below) and all(n.evidence.all() for n in below)),
        ("We can change it", bool(ends) and all(n.is_root_cause for n in ends)),
    ]


def factors_context(event: Event) -> dict[str, Any]:
    """Factors grouped by kind of condition, in the order of the taxonomy; a question where a whole side is silent."""
    order = list(Category.values)
    factors = sorted(Factor.objects.kept().filter(event=event), key=lambda f: (order.index(f.category), f.rank, f.pk))
    groups = [(Category(name).label, list(rows)) for name, rows in groupby(factors, key=lambda f: f.category)]
    used = {f.category for f in factors}
    silent = []
    if factors and not used & {"detection", "diagnosis"}:
        silent.append("detection")
    if factors and "recovery" not in used:
        silent.append("recovery")
    if factors and not used & ORGANISATIONAL:
        silent.append("roles, hand-over or priorities")
    return {
        "factor_groups": groups,
        "factor_count": len(factors),
        "factor_silent": silent,
        "categories": Category.choices,
    }


def went_well_context(event: Event) -> dict[str, Any]:
    """What went well grouped by kind, and luck apart."""
    rows = list(WentWell.objects.kept().filter(event=event))
    groups = [(k.label, [r for r in rows if r.kind == k]) for k in WellKind if k != WellKind.LUCK]
    return {
        "well_groups": [(label, items) for label, items in groups if items],
        "luck": [r for r in rows if r.kind == WellKind.LUCK],
        "well_count": len(rows),
        "well_kinds": WellKind.choices,
    }
