"""Renders a document as Markdown, in the one structure that exports have. Pure."""

from retros.document.prose import inert, inert_cell, inert_line
from retros.document.tree import (
    Block,
    Bullets,
    Cause,
    Chain,
    Document,
    Facts,
    Figures,
    Missing,
    Moments,
    Part,
    Table,
    Text,
)

KIND_WORDS = {"trigger": "Trigger", "event": "Event", "decision": "Decision", "defence": "Defence"}


def render(document: Document) -> str:
    """The whole review; ends with a line break. Hints about what is missing are left out."""
    head = [f"# AAR: {inert_line(document.title)}", ""]
    # Two spaces at the end of a line keep each fact on its own line.
    head += [f"**{label}:** {inert_line(value) or 'not stated'}  " for label, value in document.facts]
    parts = ["\n".join(head).rstrip()]
    for section in document.sections:
        parts.append(f"## {section.title}")
        parts += _blocks(section.blocks, 3)
    return "\n\n".join(part for part in parts if part) + "\n"


def _blocks(blocks: list[Block], level: int) -> list[str]:
    found = [_block(block, level) for block in blocks]
    return [text for text in found if text] or ["Nothing recorded."]


def _block(block: Block, level: int) -> str:  # noqa: PLR0911 - one line per kind of block
    match block:
        case Text(markdown):
            return inert(markdown)
        case Facts(pairs) | Figures(pairs):
            order = pairs if isinstance(block, Facts) else [(label, value) for value, label in pairs]
            return "\n".join(f"- **{inert_line(label)}:** {inert_line(value)}" for label, value in order)
        case Bullets(items):
            return "\n".join(
                f"- {f'**{inert_line(lead)}:** ' if lead else ''}{inert_line(text)}" for lead, text in items
            )
        case Moments(rows):
            return "\n".join(_moment(row) for row in rows)
        case Chain(effects):
            return "\n".join(line for effect in effects for line in _cause(effect, 0))
        case Table(head, rows):
            lines = [_row(head), "|" + " --- |" * len(head), *(_row(row) for row in rows)]
            return "\n".join(lines)
        case Part(title, inner):
            return "\n\n".join([f"{'#' * level} {title}", *_blocks(inner, level + 1)])
        case Missing():
            return ""
    raise TypeError(f"unknown block {block!r}")


def _moment(row) -> str:  # type: ignore[no-untyped-def]
    stamp = " ".join(part for part in (row.offset, f"({row.clock})" if row.offset and row.clock else row.clock) if part)
    marks = f" [{row.landmark}]" if row.landmark else ""
    text = inert_line(row.text)
    return f"- {inert_line(stamp)}{marks} {f'**{text}**' if row.is_key and '*' not in text else text}"


def _cause(node: Cause, depth: int) -> list[str]:
    kind = f"{KIND_WORDS[node.kind]}: " if node.kind in KIND_WORDS and depth else ""
    marks = " (root cause)" if node.is_root_cause else " (held)" if node.has_held else ""
    question = f"*{inert_line(node.question)}* " if node.question and "*" not in node.question else ""
    evidence = f" Evidence: {'; '.join(inert_line(e) for e in node.evidence)}." if node.evidence else ""
    line = f"{'  ' * depth}- {question}{kind}{inert_line(node.text)}{marks}{evidence}"
    return [line, *(inner for cause in node.causes for inner in _cause(cause, depth + 1))]


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(inert_cell(cell) for cell in cells) + " |"
