"""Composes a first draft of the summary from the recorded facts. It is offered, never written over a person's words."""

from retros import sections
from retros.document.build import length_words, span
from retros.document.tree import Table
from retros.models import Event, Impact
from retros.services import analysis


def summary(event: Event) -> str:
    """Two or three paragraphs: what happened and whom it touched, why it was possible, what will change."""
    parts = [_what(event), _why(event), _actions(event)]
    return "\n\n".join(part for part in parts if part)


def _what(event: Event) -> str:
    first = _sentence(event.what_happened or event.title)
    length = length_words(event)
    when = f" It lasted {length[:1].lower()}{length[1:]} ({span(event)})." if length else ""
    known = event.impact if hasattr(event, "impact") else Impact()
    count = f"{known.users_count:,} " if known.users_count is not None else ""
    who = f" Affected: {_sentence(count + known.users_affected)}" if count or known.users_affected else ""
    figures = ", ".join(_figure(figure.value, figure.label) for figure in list(event.figures.all())[:4])
    return first + when + who + (f" In figures: {figures}." if figures else "")


def _figure(value: str, label: str) -> str:
    """A number stands before what it counts; a word after it."""
    return f"{value} {label}" if value[:1].isdigit() else f"{label}: {value}"


def _why(event: Event) -> str:
    if event.is_cause_unknown:
        return "The cause is not established."
    told = [_sentence(node.text) for node in analysis.every(analysis.causal_tree(event)) if node.is_root_cause][:3]
    return ("Why it was possible: " + " ".join(told)) if told else ""


def _actions(event: Event) -> str:
    """The first actions, through the port: this wing does not know the one that keeps them."""
    try:
        blocks = sections.get("actions").build(event)
    except KeyError:
        return ""
    rows = [row for block in blocks if isinstance(block, Table) for row in block.rows if row[-1] != "Dropped"]
    titles = [row[0].partition("\n")[0].rstrip(".") for row in rows]
    more = f"; and {len(titles) - 3} more" if len(titles) > 3 else ""
    return f"What will change: {'; '.join(titles[:3])}{more}." if titles else ""


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?", "\u2026")) else f"{text}."
