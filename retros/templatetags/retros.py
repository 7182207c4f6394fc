"""Words that pages of the reviews wing need: fractions as percent, clocks and offsets of entries."""

from typing import Any
from urllib.parse import urlsplit

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from retros import timing
from retros.document import kinds, phases, picture, tree
from retros.document.prose import to_html

register = template.Library()
register.filter("clock_as_given", timing.clock_label)
register.filter("notes_first", tree.notes_first)
register.filter("is_picture", picture.is_picture)
register.filter("pictures", picture.draw)
register.filter("map_of", picture.map_of)
register.filter("bars", phases.draw)


@register.filter
def is_web(address: str) -> bool:
    """Whether an address that somebody typed may become a link."""
    return address.startswith(("https://", "http://"))


@register.filter
def host(address: str) -> str:
    """Where a link leads: example.org/report for a long address."""
    parts = urlsplit(address)
    return f"{parts.netloc}{parts.path}".rstrip("/")


@register.filter
def sentence(text: str) -> str:
    """The text with a full stop where it has none, so that another sentence can follow."""
    return text if not text or text[-1] in ".!?\u2026" else f"{text}."


@register.filter
def pct(fraction: float) -> str:
    """0.25 as "25.00%": geometry is attributes in percent, so that no style is needed."""
    return f"{fraction * 100:.2f}%"


@register.filter
def day_as_given(entry: Any) -> str:
    return timing.day_label(entry.local_at) if entry.local_at else ""


@register.filter
def of_thousand(fraction: float) -> str:
    """0.25 as "250.0": geometry of printed pictures, in a view box of 1000."""
    return f"{fraction * 1000:.1f}"


@register.filter
def prose(text: str) -> SafeString:
    """The small Markdown of people's texts as safe HTML."""
    return mark_safe(to_html(text))  # noqa: S308 - cleaned by document.prose, tested with hostile texts


@register.filter
def page_template(block: Any) -> str:
    """The fragment that shows a block of the document on the page."""
    return f"document/_{type(block).__name__.lower()}.html"


@register.filter
def print_template(block: Any) -> str:
    """The fragment that prints a block of the document."""
    return f"document/_print_{type(block).__name__.lower()}.html"


ROWS: dict[tuple[Any, ...], SafeString] = {}
MOST_ROWS = 4000


@register.simple_tag(takes_context=True)
def row(context: Any, template: str, note: Any, **more: Any) -> SafeString:
    """One note by its template. What is pushed to everybody is the same until the note's version changes, so it is kept, and a note
    that comes costs one rendering and not thirty. A reader's own page has a token in it, and is rendered."""
    event, is_pushed = context["event"], "csrf_token" not in context
    key = (template, note.pk, note.version, note.created_by.name, event.code, event.time_zone, *more.values())
    if is_pushed and (kept := ROWS.get(key)):  # asked once: other threads empty it
        return kept
    with context.push(note=note, **more):
        found: SafeString = context.template.engine.get_template(template).render(context)
    return _keep(key, found) if is_pushed else found


def _keep(key: tuple[Any, ...], row: SafeString) -> SafeString:
    if len(ROWS) >= MOST_ROWS:
        ROWS.clear()
    ROWS[key] = row
    return row


@register.simple_tag
def row_of(template: str, row: Any, **more: str) -> SafeString:
    """A row that is a value, by its template, which is given the row and what is said beside it, and nothing else: kept as well."""
    key = (template, row, *more.values())
    return ROWS.get(key) or _keep(key, render_to_string(template, {"row": row, **more}))


@register.simple_tag(takes_context=True)
def part(context: Any, part: dict[str, Any], place: str = "template") -> SafeString:
    """A part of the room's stage by its own template, given what the part brings beside what the page has; with another place
    ("beside_template"), what it brings there."""
    with context.push(part=part, **part):
        return context.template.engine.get_template(part[place]).render(context)  # type: ignore[no-any-return]


@register.filter
def facts_at(slug: str) -> str:
    """The place on the page of an event's facts where those of a section are changed; "" where it has none."""
    return kinds.FACTS_AT.get(slug, "")


@register.filter
def unit(number: float) -> str:
    """A length inside a printed picture, with a point whatever the reader's language."""
    return f"{number:.1f}"


@register.filter
def with_evidence(block: Any) -> list[Any]:
    """The nodes of a causal chain that name evidence, which its drawing cannot carry."""
    return [node for node in picture.nodes(block.effects) if node.evidence]
