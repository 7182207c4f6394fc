"""Causes in an event file: a tree of rows, each with its kind, its evidence and the names of effects that it leads to beside the one it
stands below. No Django."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from retros.exchange import fields
from retros.exchange.fields import Invalid

LEVELS = 12  # the effect is the first of them
KINDS = ("condition", "trigger", "event", "decision", "defence")
FATES = ("held", "present", "absent", "bypassed", "belief")
NOT_ESTABLISHED = {"not established", "unknown", "cause not established"}
KEYS = {"text", "question", "kind", "defence", "root_cause", "evidence", "id", "also_leads_to", "causes"}


@dataclass(frozen=True)
class WhyRow:
    """One cause. `name` is how the file calls it, `also_leads_to` the names of its further effects, `evidence` words of its moments."""

    text: str
    question: str = ""
    kind: str = "condition"
    is_root_cause: bool = False
    causes: list["WhyRow"] = field(default_factory=list)
    defence: str = ""
    name: str = ""
    also_leads_to: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    is_effect: bool = False


def read(data: dict[str, Any]) -> tuple[list[WhyRow], bool]:
    """(the causes, whether the file says that none is established). Raises Invalid."""
    rows = [_row(row, f"whys {i}", 1) for i, row in enumerate(fields.listed(data, "whys"), 1)]
    _check_links(rows)
    causes = fields.texts(data, "root_causes")
    known = [c for c in causes if c.strip(". ").lower() not in NOT_ESTABLISHED]
    return rows or [WhyRow(c, is_root_cause=True) for c in known], bool(causes) and not known


def every(rows: list[WhyRow]) -> Iterator[WhyRow]:
    for row in rows:
        yield row
        yield from every(row.causes)


def unknown(data: dict[str, Any]) -> set[str]:
    """Fields of the rows that would be left out, each named once."""

    def walk(rows: Any) -> Iterator[str]:
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict):
                yield from (f"whys: {str(key)[:60]}" for key in row if key not in KEYS)
                yield from walk(row.get("causes"))

    return set(walk(data.get("whys")))


def _row(row: Any, where: str, level: int) -> WhyRow:
    row = {"text": row} if isinstance(row, str) else row
    if not isinstance(row, dict):
        raise Invalid(f"{where}: a cause is a text, or a mapping with 'text' and 'causes'")
    text = fields.text(row, "text", f"{where}: text")
    if not text:
        raise Invalid(f"{where}: 'text' is missing")
    kind = fields.text(row, "kind", f"{where}: kind", most=10) or "condition"
    is_effect = kind == "effect" and level == 1
    level = level if is_effect or level > 1 else 2  # other rows stand below the effect that the title names
    if level > LEVELS:
        raise Invalid(f"{where}: causes go at most {LEVELS} levels deep, the effect included")
    fate = fields.text(row, "defence", f"{where}: defence", most=10)
    return WhyRow(
        text=text,
        question=fields.text(row, "question", f"{where}: question", most=300),
        kind=_kind(kind, fate),
        is_root_cause=row.get("root_cause") is True,
        causes=[
            _row(child, f"{where}.{i}", level + 1) for i, child in enumerate(fields.listed(row, "causes", where), 1)
        ],
        defence=fate if fate in FATES else "",
        name=fields.text(row, "id", f"{where}: id", most=60),
        also_leads_to=fields.texts(row, "also_leads_to"),
        evidence=fields.texts(row, "evidence"),
        is_effect=is_effect,
    )


def _kind(kind: str, fate: str) -> str:
    if fate in FATES:
        return "defence"
    return {"effect": "event"}.get(kind, kind if kind in KINDS else "condition")


def _check_links(rows: list[WhyRow]) -> None:
    """Raises Invalid where a name is given twice or to nothing, or a link leads to its own cause."""
    leads: dict[str, set[str]] = {}
    names: set[str] = set()

    def walk(row: WhyRow, key: str, effect: str) -> None:
        if row.name in names:
            raise Invalid(f"whys: the id '{row.name}' is given twice")
        names.update({row.name} - {""})
        leads[key] = {effect, *(f"id {name}" for name in row.also_leads_to)} - {""}
        for i, child in enumerate(row.causes):
            walk(child, f"id {child.name}" if child.name else f"{key}.{i}", key)

    for i, row in enumerate(rows):
        walk(row, f"id {row.name}" if row.name else str(i), "")
    for row in every(rows):
        for name in row.also_leads_to:
            if name not in names:
                raise Invalid(f"whys: '{row.text[:40]}' leads to '{name[:40]}', and no cause has that id")
    while leads:  # what leads nowhere any more goes; a circle stays
        free = [key for key, found in leads.items() if not found & leads.keys()]
        if not free:
            raise Invalid("whys: causes lead to each other in a circle")
        for key in free:
            del leads[key]
