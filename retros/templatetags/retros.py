"""Words that pages of the reviews wing need: fractions as percent, clocks and offsets of entries."""

from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from retros import timing
from retros.document.prose import to_html

register = template.Library()


@register.filter
def pct(fraction: float) -> str:
    """0.25 as "25.00%": geometry is attributes in percent, so that no style is needed."""
    return f"{fraction * 100:.2f}%"


@register.filter
def clock_as_given(entry: Any) -> str:
    """The clock of an entry in its source's own offset and precision."""
    return timing.clock_label(entry)


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
