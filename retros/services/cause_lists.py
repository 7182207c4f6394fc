"""What the root cause step shows: one nested list that is told as five whys, as a picture or path, and as an outline, and beside
it the map, what is discussed, and whether to stop. The same for everybody, so that the room may push it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, When

from aar_site.search import holds
from retros import cause_checks, limits
from retros.document import cause_map
from retros.models import Event, Meeting, Membership, NodeKind, TimelineEntry
from retros.services import cause_tree, outline
from retros.services.once import once

PICTURE_DEPTH = 4  # levels up to which the chain is drawn as brackets; deeper ones are told path by path


@dataclass(frozen=True)
class Row:
    """One cause in the nested list, which is written row by row: `opens` says that a list of what made it possible follows,
    `closing` which lists end behind it, each with the causes (key, text, how many below) that are written elsewhere and lead there
    too. A value that holds all that is shown of it, so that only a row that changed is rendered anew."""

    pk: int
    parent_id: int | None
    created_by_id: int | None
    depth: int
    below: int
    text: str
    name: str
    kind: str
    label: str
    question: str
    css: str
    tone: str
    chips: tuple[tuple[int, str, str], ...]
    leads: tuple[tuple[int, str], ...]
    is_root_cause: bool
    is_on_path: bool
    is_discussed: bool
    is_new: bool
    ands: bool
    opens: bool
    closing: tuple[tuple[tuple[int, str, int], ...], ...]


def context(event: Event, *, at: int = 0, new_pk: int = 0) -> dict[str, Any]:
    """Everything of the step. `at` asks for the path through one cause."""
    effects = cause_tree.read(event)
    nodes = list(cause_tree.every(effects))
    now = cause_tree.discussed(event, effects, at)
    depth = max((node.depth for node in nodes), default=0)
    return {
        "effects": effects,
        "cause_rows": _rows(event, effects, nodes, now, new_pk),
        "cause_count": len(nodes),
        "cause_depth": depth,
        "cause_now": now,
        "cause_map": _map(nodes) if depth > 1 else None,
        "chain_is_picture": depth <= PICTURE_DEPTH,
        "has_root_cause": any(node.is_root_cause for node in nodes),
        "held": [node for node in nodes if node.has_held],
        "defences": [node for node in nodes if node.kind == NodeKind.DEFENCE],
        "stop_checks": _stop_checks(event, effects),
        "cause_questions": _questions(event, effects, depth),
        "cause_head": _head(effects),
        "beside_template": "retros/_cause_beside.html",
    }


def _head(effects: list[Any]) -> str:
    """The question that the step is about: that of the only effect, where it has one that asks more than its label does."""
    if not effects:
        return "Why was this possible?"
    own = effects[0].question if len(effects) == 1 else ""
    return own if own.strip(" ?").lower() not in ("", "what happened") else "What had to be true for this to happen?"


def _rows(event: Event, effects: list[Any], nodes: list[Any], now: Any, new_pk: int) -> list[Row]:
    head = _head(effects)
    zero = cause_tree.zero_of(event, effects)
    path = cause_tree.path_through(effects, now)
    first = {node.children[0].pk for node in nodes if node.children}
    found: list[Row] = []
    above: list[Any] = []
    for i, node in enumerate(nodes):
        above[node.depth - 1 :] = [node]
        after = nodes[i + 1].depth if i + 1 < len(nodes) else 1
        kept = node.depth if node.shared or node.children else node.depth - 1
        is_also = node.pk not in first and node.depth > 1
        meeting = [child for child in node.children if not cause_tree.is_apart(child)] + node.shared
        found.append(
            Row(
                pk=node.pk,
                parent_id=node.parent_id,
                created_by_id=node.created_by_id,
                depth=node.depth,
                below=node.below,
                text=node.text,
                name=_short(node.text, 40),
                kind=node.kind,
                label=label_of(node),
                question=_question(node, head, is_also=is_also),
                css=" ".join(filter(None, ("more" if is_also else "", "held" if cause_tree.is_apart(node) else ""))),
                tone=tone_of(node),
                chips=_chips(event, node, zero),
                leads=tuple((effect.pk, effect.text) for effect in node.leads),
                is_root_cause=node.is_root_cause,
                is_on_path=node.pk in path,
                is_discussed=bool(now) and node.pk == now.pk,
                is_new=node.pk == new_pk,
                ands=len(meeting) > 1,
                opens=bool(node.shared or node.children),
                closing=tuple(_elsewhere(end) for end in above[after - 1 : kept][::-1]),
            )
        )
    return found


def _chips(event: Event, node: Any, zero: Any) -> tuple[tuple[int, str, str], ...]:
    """(key, "T+00:01 log", its words) of each moment that supports a node."""
    return tuple((entry.pk, cause_tree.chip(event, entry, zero), _short(entry.text, 120)) for entry in node.supports)


def _elsewhere(node: Any) -> tuple[tuple[int, str, int], ...]:
    return tuple((cause.pk, cause.text, cause.below) for cause in node.shared)


def _question(node: Any, head: str, *, is_also: bool) -> str:
    """What the answer answers; the question that stands above everything is not said twice."""
    if not node.parent_id:
        return node.question if node.question and node.question != head else "What happened"
    if cause_tree.is_apart(node):
        return "What limited it"
    if is_also:
        return f"Also because: {node.question}" if node.question else "Also because"
    return node.question or "Why was that possible?"


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}\u2026"


def label_of(node: Any) -> str:
    """Effect, Condition we can change, Defence: expected, absent …"""
    if not node.parent_id:
        return "Effect"
    state = f": {node.get_defence_display().lower()}" if node.defence else ""
    return f"{node.get_kind_display()}{state}" + (" we can change" if node.is_root_cause else "")


def tone_of(node: Any) -> str:
    """How its box is drawn."""
    if not node.parent_id:
        return "ef"
    return (
        "df" if node.kind == NodeKind.DEFENCE else "tr" if node.is_root_cause or node.kind == NodeKind.TRIGGER else ""
    )


TONES = {"ef": "effect", "df": "defence", "tr": "root", "": ""}


def _map(nodes: list[Any]) -> cause_map.Map:
    shown = [node for node in nodes if not cause_tree.is_apart(node)]
    rows = [cause_map.Row(node.pk, node.depth, TONES[tone_of(node)], node.number) for node in shown]
    return cause_map.draw(rows, [(node.pk, effect.pk) for node in shown for effect in node.leads])


def names_of(event: Event) -> list[str]:
    """The people of the event, by whom an answer is known to be about a person."""
    return once(event, "names", _names)


def _names(event: Event) -> list[str]:
    return list(Membership.objects.filter(event=event).values_list("user__name", flat=True))


def _stop_checks(event: Event, effects: list[Any]) -> list[tuple[str, bool]]:
    """(sentence, whether it holds) for the end of the branches; nothing is ever refused by them."""
    ends = [node for node in cause_tree.end_nodes(effects) if not node.has_held]
    names = names_of(event) if ends else []
    below = [node for node in cause_tree.every(effects) if node.parent_id]
    return [
        (
            "It is about the system, not a person",
            bool(ends) and not any(cause_checks.person(n.text, names) for n in ends),
        ),
        ("Evidence supports each step", bool(below) and all(node.supports for node in below)),
        ("We can change it", bool(ends) and all(node.is_root_cause for node in ends)),
    ]


def _questions(event: Event, effects: list[Any], depth: int) -> list[str]:
    return cause_checks.about_tree(
        levels=depth,
        effects=len(effects),
        branches=len(cause_tree.end_nodes(effects)) + sum(len(node.shared) for node in cause_tree.every(effects)),
        is_serious=event.is_serious,
    )


def questions_about(event: Event, text: str, *, question: str, parent: Any, has_evidence: bool) -> list[Any]:
    """What to ask the writer of an answer, from the answers above it. For the writer alone."""
    above, node = [], parent
    nodes = {n.pk: n for n in cause_tree.every(cause_tree.read(event))} if parent else {}
    while node is not None:
        above.append(node.text)
        node = nodes.get(node.parent_id)
    return cause_checks.about(text, question=question, above=above, names=names_of(event), has_evidence=has_evidence)


def next_question(parent: Any, names: list[str]) -> str:
    """The question to begin with below an answer: after one about a person, the one that leads on."""
    is_person = parent is not None and cause_checks.person(parent.text, names)
    return cause_checks.NEXT_AFTER_A_PERSON if is_person else ""


MOST_OFFERED = 8  # moments offered as evidence at once


@dataclass(frozen=True)
class Offer:
    """A moment that can be evidence, and whether it is chosen."""

    pk: int
    label: str
    text: str
    is_chosen: bool


def offers(event: Event, chosen: list[int], words: str = "") -> list[Offer]:
    """The chosen moments; then those that hold the words; without words the room's present moment, then the key ones."""
    kept = TimelineEntry.objects.kept().filter(event=event)
    found = list(kept.filter(pk__in=chosen).in_order()) if chosen else []
    rows = kept.exclude(pk__in=chosen)
    words = words[: limits.LINE].replace("\0", " ")  # what databases refuse to look for
    if words.strip():
        for word in words.split()[:6]:
            rows = rows.filter(holds(word, "text", "at_text", "source_label"))
        found += rows.in_order()[:MOST_OFFERED]
    else:
        cursor = Meeting.objects.filter(event=event).values_list("cursor", flat=True).first()
        here = Case(When(pk=cursor or 0, then=0), default=1)
        found += rows.order_by(here, "-is_key", F("sort_at").asc(nulls_first=True), "rank", "pk")[:MOST_OFFERED]
    zero = outline.zero_of(event) if found else None
    return [Offer(e.pk, cause_tree.chip(event, e, zero), e.text, e.pk in set(chosen)) for e in found]
