"""The buttons by which a visitor becomes one of the demo's people."""

from django import template

from aar_site.people import demo

register = template.Library()


@register.simple_tag
def demo_buttons() -> list[tuple[str, str, str, str]]:
    """(role, its word, what it is about, the person's name); empty as soon as one real person is here."""
    return demo.buttons()
