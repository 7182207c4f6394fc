"""Renders a document as Markdown, in the one structure that exports have. Pure."""

from retros.document.prose import inert, literal, literal_cell
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
    Phases,
    Table,
    Text,
    notes_first,
)

KIND_WORDS = {"trigger": "Trigger", "event": "Event", "decision": "Decision", "defence": "Defence"}


def render(document: Document) -> str:
    """The whole review; ends with a line break. Hints about what is missing are left out."""
    head = [f"# AAR: {literal(document.title)}"]
    # Two spaces at the end of a line keep each fact on its own line.
    head += [f"**{label}:** {literal(value) or 'not stated'}  " for label, value in document.facts]
    parts = ["\n".join(head).rstrip()]
    for section in document.sections:
        parts.append(f"## {literal(section.title)}")
        parts += _blocks(section.blocks, 3)
    return "\n\n".join(part for part in parts if part) + "\n"


def _blocks(blocks: list[Block], level: int) -> list[str]:
    """Notes first; figures after the facts that every review states, although the page shows them first."""
    ordered = notes_first(blocks)
    if not any(isinstance(block, Part) for block in blocks):
        ordered = sorted(ordered, key=lambda block: isinstance(block, Figures))
    found = [_block(block, level) for block in ordered]
    return [text for text in found if text] or ["Nothing recorded."]


def _block(block: Block, level: int) -> str:  # noqa: PLR0911 - one line per kind of block
    match block:
        case Text(markdown):
            return inert(markdown)
        case Facts(pairs):
            return "\n".join(f"- **{literal(label)}:** {literal(value)}" for label, value in pairs)
        case Figures(pairs):
            # Words between two lists keep them two.
            return "\n".join(
                ["In figures:", "", *(f"- **{literal(label)}:** {literal(value)}" for value, label in pairs)]
            )
        case Bullets(items):
            return "\n".join(f"- {f'**{literal(lead)}:** ' if lead else ''}{literal(text)}" for lead, text in items)
        case Moments(rows):
            return "\n".join(line for row in rows for line in (_moment(row), *_views(row)))
        case Chain(effects):
            return "\n".join(line for effect in effects for line in _cause(effect, 0))
        case Items(rows):
            return "\n".join(line for row in rows for line in _item(row))
        case Phases(rows):
            cells = [["\n".join(filter(None, (r.title, r.note))), r.planned, r.actual, r.variance] for r in rows]
            return _block(Table(["Phase", "Planned", "Actual", "Variance"], cells), level)
        case Table(head, rows):
            lines = [_row(head), "|" + " --- |" * len(head), *(_row(row) for row in rows)]
            return "\n".join(lines) + ("" if rows else "\n\nNone recorded.")
        case Part(title, inner):
            return "\n\n".join([f"{'#' * level} {literal(title)}", *_blocks(inner, level + 1)])
        case Note(text):
            return f"*{literal(text)}*"
        case Missing():
            return ""
    raise TypeError(f"unknown block {block!r}")


def _moment(row: Moment) -> str:
    """- T+00:10 (21 Oct, about 23:02): **what happened** (Detected; Chat, #ops; https://…)"""
    clock = f"{row.day}, {row.clock}" if row.day else row.clock
    stamp = f"{row.offset} ({clock})" if row.offset and clock else row.offset or clock
    text = f"**{literal(row.text)}**" if row.is_key else literal(row.text)
    known = "; ".join(part for part in (row.landmark, row.source, row.url) if part)
    return f"- {literal(stamp)}: {text}" + (f" ({literal(known)})" if known else "")


def _views(row: Moment) -> list[str]:
    """How people remember a moment differently, or that it was settled, beneath it."""
    views = [f"  - {f'{literal(who)}: ' if who else ''}{literal(told)}" for who, told in row.views]
    return [f"  - *{literal(row.verdict)}*", *views] if row.verdict else []


def _item(row: Item) -> list[str]:
    """- **Retire the old ledger** (Met), and beneath it what stands behind it."""
    title = f"- **{literal(row.title)}**" + (f" ({literal(row.state)})" if row.state else "")
    return [title, *(f"  - {f'{literal(label)}: ' if label else ''}{literal(text)}" for label, text in row.lines)]


def _ended(words: str) -> str:
    return words if words.endswith((".", "?", "!")) else f"{words}."


def _cause(node: Cause, depth: int) -> list[str]:
    """A node and, deeper, its causes. One that leads to two effects is written at one of them, with a name, and linked from the other."""
    name = f'<a id="cause-{node.number}"></a>Cause {node.number}, ' if node.leads else ""
    kind = f"{KIND_WORDS[node.kind]}: " if node.kind in KIND_WORDS and depth else ""
    kind = f"{name}{kind[:1].lower() if name else kind[:1]}{kind[1:]}" if kind else name.replace(",", ":")
    state = node.defence or ("Held" if node.has_held else "")
    marks = " (root cause)" if node.is_root_cause else f" ({state[:1].lower()}{state[1:]})" if state else ""
    question = f"*{literal(node.question)}* " if node.question else ""
    line = f"{'  ' * depth}- {question}{kind}{literal(node.text)}{marks}"
    if node.evidence:
        line = _ended(f"{_ended(line)} Evidence: {'; '.join(literal(e) for e in node.evidence)}")
    links = [f"{'  ' * (depth + 1)}- And [cause {number}](#cause-{number})" for number, _ in node.shared]
    return [line, *(inner for cause in node.causes for inner in _cause(cause, depth + 1)), *links]


def _row(cells: list[str]) -> str:
    """A cell's small print follows its first line in the same cell, as sentences."""
    joined = [". ".join(line.rstrip(".") for line in cell.split("\n")) if "\n" in cell else cell for cell in cells]
    return "| " + " | ".join(literal_cell(cell) for cell in joined) + " |"
