"""The port between the wings: a review is an ordered list of sections, and everything that shows, exports, checks or carries
a review walks that list. Whoever brings a section registers it here; nobody needs to know who did."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from retros.document.tree import Block
from retros.models import Event


@dataclass(frozen=True)
class Check:
    """One computed readiness check. `state` is 'ok', 'part', 'ask' (people disagree), 'off' (not started); never ticked by hand."""

    group: str
    title: str
    detail: str
    state: str
    label: str
    url: str = ""


@dataclass(frozen=True)
class Finding:
    """One finding of the health check or the publish gate, with its one remedy. `blocks` stops the publication."""

    slug: str
    title: str
    detail: str
    remedy: str
    url: str = ""
    blocks: bool = False


@dataclass(frozen=True)
class Tab:
    """A tab of the event's pages: its words, URL name and a count (None for none)."""

    title: str
    url_name: str
    count: Callable[[Event], int | None]


def _nothing(event: Event) -> list[Any]:
    return []


def _nothing_of(event: Event, user: Any) -> list[Any]:
    return []


def _no_data(event: Event) -> dict[str, Any]:
    return {}


def _no_aside(event: Event, user: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Section:
    """One section of a review.

    slug: its anchor, and the name under which its text is kept. title: its heading, by kind where kinds differ.
    build(event): its blocks, from the recorded facts; called with the event of one query-prefetched review.
    is_text: people write it by hand (kept in SectionText); `compose` offers a first draft from the recorded facts.
    """

    slug: str
    title: str
    build: Callable[[Event], list[Block]]
    titles: dict[str, str] = field(default_factory=dict)
    is_text: bool = False
    compose: Callable[[Event], str] | None = None
    readiness: Callable[[Event], list[Check]] = _nothing
    gate: Callable[[Event], list[Finding]] = _nothing
    tab: Tab | None = None
    room_template: str = ""
    room_context: Callable[[Event], dict[str, Any]] = _no_data
    opening_template: str = ""
    opening_context: Callable[[Event], dict[str, Any]] = _no_data
    aside_template: str = ""
    aside_context: Callable[[Event, Any], dict[str, Any]] = _no_aside
    load: Callable[[Event, Any], None] | None = None
    carried: Any = None  # its rows in the event's own file (exchange.carried.Carried)
    followers: Callable[[Event], list[Any]] = _nothing
    # For the close of a meeting: (what, how many) the room made, (date, words) that lie ahead, (title, words) of what a reader owns.
    made: Callable[[Event], list[tuple[str, int]]] = _nothing
    ahead: Callable[[Event], list[tuple[date, str]]] = _nothing
    owned: Callable[[Event, Any], list[tuple[str, str]]] = _nothing_of

    def title_for(self, event: Event) -> str:
        return self.titles.get(event.kind, self.title)


_registry: dict[str, Section] = {}

ORDER: dict[str, list[str]] = {
    "incident": ["summary", "impact", "timeline", "root-cause", "factors", "went-well", "actions", "lessons"],
    "launch": [
        "summary", "impact", "timeline", "to-plan", "deviated", "surprised", "differently", "repeat",
        "root-cause", "factors", "actions", "lessons",
    ],
    "project": [
        "summary", "impact", "timeline", "went-well", "not-well", "surprised", "differently", "in-retrospect",
        "actions", "lessons", "recommendations",
    ],
    "recurring": [
        "summary", "impact", "occurrences", "promised", "timeline", "root-cause", "factors", "went-well", "actions", "lessons",
    ],
    "decision": ["summary", "options", "timeline", "expected", "reasonable", "ask-next", "actions", "lessons"],
}  # fmt: skip


# Headed parts inside a section that have a text of their own: section -> slug -> title.
PARTS: dict[str, dict[str, dict[str, str]]] = {
    kind: {"timeline": {"detection": "Detection", "response": "Response"}} for kind in ("incident", "recurring")
}
# Left out of a finished document while nothing is said there; every other section says that nothing is recorded.
OPTIONAL: dict[str, frozenset[str]] = {
    "launch": frozenset({"root-cause", "factors"}),
}


def register(section: Section) -> None:
    """Add a section to the port; called once per section when the apps are ready. A slug twice is a mistake."""
    if section.slug in _registry:
        raise ValueError(f"section {section.slug} is registered twice")
    _registry[section.slug] = section


def get(slug: str) -> Section:
    """The section of that slug. Raises KeyError."""
    return _registry[slug]


def sections_for(event: Event) -> list[Section]:
    """The sections of this event's review, in the order of its kind."""
    return [_registry[slug] for slug in ORDER[event.kind] if slug in _registry]


def parts_of(event: Event, slug: str) -> dict[str, str]:
    """The parts of a section of this event's review that have a text of their own: slug -> title."""
    return PARTS.get(event.kind, {}).get(slug, {})


def writable(event: Event) -> dict[str, str]:
    """Everything that people write by hand in this event's review, in its order: slug -> title."""
    found: dict[str, str] = {}
    for section in sections_for(event):
        if section.is_text:
            found[section.slug] = section.title_for(event)
        found.update(parts_of(event, section.slug))
    return found


def all_sections() -> list[Section]:
    """Every registered section, whatever the kind."""
    return list(_registry.values())
