"""The small words of the look: glyphs, people, states, times. Reads what it is given; asks the database nothing."""

import unicodedata
from datetime import UTC, datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from aar_site.outbox.mail import promised
from aar_site.words import clock_time, day, duration, in_words, moment, on_both_clocks, zone_name

register = template.Library()
for function in (clock_time, day, duration, in_words, moment, promised, zone_name):
    register.filter(function.__name__, function)

STATES = {"", "ok", "part", "now", "ask", "late", "off"}
GLYPHS = {
    "lock": '<rect x="3" y="7" width="10" height="6.5" rx="1.5"/><path d="M5.2 7V5a2.8 2.8 0 0 1 5.6 0v2"/>',
    "bulb": '<path d="M8 1.5a4.6 4.6 0 0 0-2.4 8.5c.4.3.6.7.6 1.2h3.6c0-.5.2-.9.6-1.2A4.6 4.6 0 0 0 8 '
    '1.5ZM6.4 14h3.2"/>',
    "clock": '<circle cx="8" cy="8" r="6"/><path d="M8 4.6V8l2.4 1.6"/>',
    "hand": '<path d="M4.5 8.5v-3M7 7.5v-5M9.5 7.5V3M12 8.5v-4M4.5 8.5l-1.4-1c-.8-.5-1.6.5-1 1.2L5 '
    '13c.6.9 1.4 1.5 2.6 1.5h1.2c1.9 0 3.2-1.4 3.2-3.2V8.5"/>',
    "pause": '<path d="M5.5 3.5v9M10.5 3.5v9"/>',
    "play": '<path d="M4.5 3v10l8-5Z"/>',
    "next": '<path d="m6 3 5 5-5 5"/>',
    "back": '<path d="m10 3-5 5 5 5"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "check": '<path d="m3 8.5 3.2 3.2L13 4.5"/>',
    "pen": '<path d="m3 13 .7-2.8L11 3l2 2-7.2 7.3Z"/>',
    "down": '<path d="M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3 13.5h10"/>',
    "link": '<path d="M6.5 9.5a2.6 2.6 0 0 0 3.7 0l2.2-2.2a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.5 6.5a2.6 2.6 '
    '0 0 0-3.7 0L3.6 8.7a2.6 2.6 0 0 0 3.7 3.7l.8-.8"/>',
    "person": '<circle cx="8" cy="5.2" r="2.7"/><path d="M2.8 13.5c.6-2.6 2.6-4 5.2-4s4.6 1.4 5.2 4"/>',
}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An inline glyph, 15 px, in the colour of the text. Hidden from screen readers unless it has a label."""
    said = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="ico" width="15" height="15" viewBox="0 0 16 16" fill="none" stroke="currentColor" '
        'stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        said,
        mark_safe(GLYPHS[name]),  # noqa: S308  (our own drawing, from the table above)
    )


@register.simple_tag
def tag(state: str, words: Any) -> SafeString:
    """A state in words with its shape: ok, part, now, ask, late, off, or "" for plain. ValueError for any other."""
    if state not in STATES:
        raise ValueError(f"There is no state {state!r}: choose one of {sorted(STATES)}.")
    return format_html('<span class="{}">{}</span>', f"tag {state}".rstrip(), words)


@register.simple_tag
def person(user: Any, on: bool = False) -> SafeString:
    """Initials in a ring, and the name. `on` draws the ring as present. None reads as nobody."""
    name = getattr(user, "name", None) or (str(user) if user else "")
    if not name:
        return mark_safe('<span class="who"><span class="fine">Nobody yet</span></span>')
    return format_html(
        '<span class="who"><span class="pic{}" aria-hidden="true">{}</span>{}</span>',
        " on" if on else "",
        initials(name),
        name,
    )


@register.simple_tag(takes_context=True)
def nav_link(context: template.Context, address: str, words: str, *prefixes: str) -> SafeString:
    """A link of a navigation, current on its page, below it and below the prefixes. Without an address, nothing."""
    if not address:
        return mark_safe("")
    request = context.get("request")
    path = request.path if request else ""
    is_here = path == address or any(path.startswith(p) for p in (address, *prefixes) if p != "/")
    return format_html('<a href="{}"{}>{}</a>', address, mark_safe(' aria-current="page"') if is_here else "", words)


@register.filter
def initials(name: Any) -> str:
    """Two characters for a name: "Ines" gives "In", "Ines Carvalho" gives "IC"; empty for an empty name."""
    words = [w for w in unicodedata.normalize("NFC", str(name or "")).split() if w[0].isalnum()]
    if not words:
        return ""
    if len(words) > 1:
        return (words[0][0] + words[-1][0]).upper()
    return words[0][:1].upper() + words[0][1:2].lower()


@register.simple_tag
def when(value: datetime | None, zone: str = "UTC", form: str = "full") -> SafeString | str:
    """A moment in the event's zone; script adds the reader's. `form` is "full" (with its day) or "clock"."""
    if value is None:
        return ""
    time = clock_time(value, zone)
    said = format_html('<span class="t">{}</span> {}', time, zone_name(value, zone))
    return format_html(
        '<time class="d" datetime="{}" data-local="{}" data-zone="{}">{}</time>',
        f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        form,
        zone or "UTC",
        format_html("{}, {}", day(value, zone), said) if form == "full" else said,
    )


@register.simple_tag
def moment_for(value: datetime | None, zone: str, person: Any) -> str:
    """The same in a mail, where no script helps: on the reader's clock, the event's beside it. Nobody asks a guest where they are."""
    is_known = person is not None and not person.is_guest
    return on_both_clocks(value, zone, person.time_zone if is_known else "")
