"""What a gate says before anybody is here: the buttons of the demo's people, and that the first start waits."""

from django import template

from aar_site.people import demo, setup

register = template.Library()


@register.simple_tag
def demo_buttons() -> list[tuple[str, str, str, str]]:
    """(role, its word, what it is about, the person's name); empty as soon as one real person is here."""
    return demo.buttons()


@register.simple_tag
def is_first_start() -> bool:
    """Whether nobody administers this installation yet: whoever opens its address alone looks for a way in that is printed."""
    return setup.is_needed()
