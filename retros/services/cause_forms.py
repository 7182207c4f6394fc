"""What the form of a cause shows beside its fields: the answer it is about, its place, moments as evidence, and both texts where
two people edited the same. Reads only."""

from typing import Any

from retros import limits
from retros.models import Event, NodeKind, WhyNode
from retros.services import cause_lists, cause_tree
from retros.services.clash import Clash


def beginning(event: Event, parent: WhyNode | None, given: Any) -> dict[str, Any]:
    """What a new answer's form begins with: the kind that was asked for, and the next question where the last answer needs one."""
    kind = given.get("kind", "")
    question = given.get("question", "")[: limits.LINE]
    names = cause_lists.names_of(event) if parent and not question else []
    return {
        "kind": kind if kind in NodeKind.values else NodeKind.CONDITION,
        "question": question or cause_lists.next_question(parent, names),
    }


def so_far(given: Any) -> dict[str, Any]:
    """What was typed before moments were looked for, to begin the form with once more; nothing of it is judged yet."""
    found = {name: given.get(name, "") for name in ("question", "text", "kind", "defence", "is_root_cause")}
    return {**found, "evidence": given.getlist("evidence")} if "find" in given else {}


def context(
    event: Event,
    form: Any,
    given: Any,
    *,
    node: WhyNode | None = None,
    parent: WhyNode | None = None,
    clash: Clash | None = None,
) -> dict[str, Any]:
    """`given` is what the browser sent: where the form stands (`slot`), and the words that moments are looked for by."""
    slot = "bar" if given.get("slot") == "bar" else ""
    form_id = f"form-why-{slot or (node.pk if node else f'new-{parent.pk if parent else 0}')}"
    form.auto_id = f"{form_id}_%s"  # several forms may be open on one page
    chosen = [int(pk) for pk in form["evidence"].value() or [] if _is_key(str(pk))]
    words = given.get("q", "")
    offers = cause_lists.offers(event, chosen, words)
    return {
        "event": event,
        "form": form,
        "thing": node,
        "parent": parent,
        "clash": clash,
        "slot": slot,
        "form_id": form_id,
        "q": words,
        "offers": offers,
        "chosen_count": sum(offer.is_chosen for offer in offers),
        **(_place(event, node) if node else {}),
    }


def _place(event: Event, node: WhyNode) -> dict[str, Any]:
    """Where the node could stand, and what it could lead to beside that: never itself, nor what leads to it."""
    nodes = list(cause_tree.every(cause_tree.read(event)))
    here = next((n for n in nodes if n.pk == node.pk), None)
    if here is None:
        return {}
    inside = {n.pk for n in cause_tree.every([here])}
    free = [n for n in nodes if n.pk not in inside]
    return {
        "below_count": here.below,
        "targets": [n for n in free if n.pk != node.parent_id and n.depth < limits.WHY_DEPTH],
        "effects_left": [n for n in free if n.pk != node.parent_id and n not in here.leads],
        "links": here.links,
    }


def _is_key(text: str) -> bool:
    """Whether a row can have this key; numbers beyond that break the database's own."""
    return text.isdecimal() and len(text) <= 15


def questions(event: Event, given: Any) -> list[Any]:
    """What to ask about the answer that is being typed."""
    pk = given.get("parent") or given.get("above") or ""
    parent = None
    if _is_key(pk):
        parent = next((n for n in cause_tree.every(cause_tree.read(event)) if n.pk == int(pk)), None)
    return cause_lists.questions_about(
        event,
        given.get("text", "")[: limits.NOTE],
        question=given.get("question", "")[: limits.LINE],
        parent=parent,
        has_evidence=bool(given.getlist("evidence")),
    )


def unasked(event: Event, given: Any) -> list[str]:
    """What the writer was not asked while typing, because the answer was pasted or kept at once."""
    seen = given.getlist("asked")
    left = [question for question in questions(event, given) if question.slug not in seen]
    return [" ".join(filter(None, (q.quote and f"\u201c{q.quote}\u201d", q.says, q.asks))) for q in left]
