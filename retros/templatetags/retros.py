"""Words that pages of the reviews wing need: fractions as percent, clocks and offsets of entries."""

from typing import Any

from django import template

from retros import timing

register = template.Library()


@register.filter
def pct(fraction: float) -> str:
    """0.25 as "25.00%": geometry is attributes in percent, so that no style is needed."""
    return f"{fraction * 100:.2f}%"


@register.filter
def clock_as_given(entry: Any) -> str:
    """The clock of an entry in its source's own offset and precision."""
    return timing.clock_label(entry)
