"""The document as it is stored: a tree as JSON-ready data, and back, whatever version of this product stored it."""

from dataclasses import asdict
from typing import Any

from retros.document.tree import (
    Block,
    Bullets,
    Cause,
    Chain,
    Document,
    Facts,
    Figures,
    Item,
    Items,
    Missing,
    Moment,
    Moments,
    Note,
    Part,
    PhaseRow,
    Phases,
    Section,
    Table,
    Text,
    Trace,
)

BLOCKS: dict[str, Any] = {
    c.__name__: c for c in (Text, Facts, Figures, Bullets, Moments, Chain, Items, Phases, Table, Part, Note, Missing)
}


def dump(document: Document) -> dict[str, Any]:
    """The tree as JSON-ready data; each block carries its type's name as 'block'."""

    def block(value: Block) -> dict[str, Any]:
        data = asdict(value)
        if isinstance(value, Part):
            data["blocks"] = [block(b) for b in value.blocks]
        return {"block": type(value).__name__, **data}

    data = asdict(document)
    data["sections"] = [
        {"slug": s.slug, "title": s.title, "blocks": [block(b) for b in s.blocks]} for s in document.sections
    ]
    return data


def load(data: dict[str, Any]) -> Document:
    """The inverse of `dump`. Raises KeyError or TypeError on data of another shape."""
    trace = data.get("trace")
    return Document(
        title=data["title"],
        kind=data["kind"],
        language=data["language"],
        edition=data["edition"],
        event_date=data["event_date"],
        facts=[(a, b) for a, b in data["facts"]],
        sections=[Section(s["slug"], s["title"], [_loaded(b) for b in s["blocks"]]) for s in data["sections"]],
        trace=Trace(
            ticks=[(a, b) for a, b in trace["ticks"]],
            bands=[(a, b, c) for a, b, c in trace["bands"]],
            labels=[(a, b) for a, b in trace["labels"]],
            sentence=trace["sentence"],
            spans=[(a, b, c) for a, b, c in trace.get("spans", [])],
        )
        if trace
        else None,
        span=data.get("span", ""),
    )


def _cause(value: dict[str, Any]) -> Cause:
    links = {name: [(number, text) for number, text in value.get(name, [])] for name in ("shared", "leads")}
    return Cause(**{**value, **links, "causes": [_cause(c) for c in value["causes"]]})


def _pair(value: Any) -> tuple[float, float] | None:
    return (value[0], value[1]) if value else None


def _loaded(value: dict[str, Any]) -> Block:  # noqa: PLR0911 - one line per kind of block
    rest = {k: v for k, v in value.items() if k != "block"}
    match value["block"]:
        case "Part":
            return Part(**{**rest, "blocks": [_loaded(b) for b in rest["blocks"]]})
        case "Moments":
            return Moments([Moment(**{**r, "views": [(a, b) for a, b in r.get("views", [])]}) for r in rest["rows"]])
        case "Chain":
            return Chain([_cause(c) for c in rest["effects"]])
        case "Facts" | "Figures":
            return BLOCKS[value["block"]]([(a, b) for a, b in rest["pairs"]])
        case "Bullets":
            return Bullets([(a, b) for a, b in rest["items"]])
        case "Items":
            return Items([Item(**{**row, "lines": [(a, b) for a, b in row["lines"]]}) for row in rest["rows"]])
        case "Phases":
            rows = [PhaseRow(**{**row, "plan": _pair(row["plan"]), "real": _pair(row["real"])}) for row in rest["rows"]]
            return Phases(rows, [(a, b) for a, b in rest["marks"]], rest["sentence"])
        case name:
            return BLOCKS[name](**rest)
