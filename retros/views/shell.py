"""What every page of an event shares: its header, trace and tabs, and what the reader may do here."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from retros import access, sections, timing
from retros.document import kinds
from retros.document.chart import trace_of
from retros.document.spans import length_words
from retros.models import Event, State
from retros.services import outline


def event_context(event: Event, request: HttpRequest, intervals: Any = (), **more: Any) -> dict[str, Any]:
    """Context of an event page: event, role, may (verbs), may_classes, tabs, trace, zero, rows (marks of the timeline, in order),
    dates, length, op. `intervals`: the stretches of impact, on pages whose picture shows them."""
    rows = outline.known(event)
    event.outline = rows  # type: ignore[attr-defined]  # for what the page asks next: see outline.known
    role = getattr(event, "role", None) or access.role_of(request.user, event)
    verbs = access.VERBS.get(role or "", frozenset())
    return {
        "event": event,
        "role": role,
        "may": verbs,
        "may_classes": may_classes(event, role),
        "tabs": _tabs(event, request.path, len(rows), verbs),
        "trace": trace_of(event, rows, phases=kinds.phases_of(event), intervals=intervals),
        "zero": timing.t_zero(event, rows),
        "rows": rows,
        "dates": timing.date_range(event.local_start, event.local_end, event.started_precision),
        "length": length_words(event),
        "op": access.new_op(),
        **more,
    }


def may_classes(event: Event, role: str | None) -> str:
    """Classes of the body by which the style sheet shows what this reader may press; the server decides again."""
    verbs = access.VERBS.get(role or "", frozenset())
    shown = {verb for verb in verbs if verb != "contribute"}
    if "contribute" in verbs and (event.state == State.MEETING or "keep notes" in verbs):
        shown.add("contribute")
    if event.is_closed:
        shown -= {"contribute", "keep notes", "edit entries", "add entry"}
    return " ".join(sorted("may-" + verb.replace(" ", "-") for verb in shown))


def _tabs(event: Event, path: str, entry_count: int, verbs: frozenset[str]) -> list[dict[str, Any]]:
    """Prepare, Timeline, Meeting (for those who may enter the room), Review, and what other wings add through the port."""
    fixed = [
        ("Prepare", "event_detail", None),
        ("Timeline", "timeline_detail", entry_count),
        *([("Meeting", "room_detail", None)] if "enter room" in verbs else []),
        ("Review", "review_detail", None),
    ]
    added = [(s.tab.title, s.tab.url_name, s.tab.count(event)) for s in sections.sections_for(event) if s.tab]
    found = []
    for title, name, count in [*fixed, *added]:
        url = reverse(name, args=[event.code])
        is_here = path == url if name == "event_detail" else path.startswith(url)
        found.append({"title": title, "url": url, "count": count, "is_here": is_here})
    if not any(tab["is_here"] for tab in found):
        found[0]["is_here"] = "/analysis/" not in path and "/causes/" not in path
    return found
