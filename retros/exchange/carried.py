"""What the own file of an event carries: its lists, the fields of their rows, and which of those name a row of another list.

What is not named here stays behind, with its reason, in docs/manual/event-files.md; a test compares both with the models.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from retros import sections
from retros.models import (
    Dispute,
    Event,
    Factor,
    Impact,
    ImpactFigure,
    ImpactInterval,
    Launch,
    Occurrence,
    Recollection,
    Resolution,
    RoomNote,
    SectionText,
    SharedCause,
    State,
    TimelineEntry,
    WentWell,
    WhyNode,
)
from retros.services import cause_tree, kinds

VERSION = 1
EVENT = (
    "kind", "title", "what_happened", "severity", "severity_text", "time_zone", "started_at", "started_precision", "ended_at",
    "ended_precision", "stated_minutes", "stated_on", "is_zone_assumed", "distribution", "is_restricted", "is_cause_unknown",
    "went_well_none", "state", "not_reviewed_reason", "held_at", "source_url", "runbook_url", "review_on",
)  # fmt: skip
# A meeting is held, and a review published, where it is: what comes in is prepared anew, or written on.
COMES_IN_AS = {State.MEETING: State.PREPARING, State.REVIEW: State.DRAFT, State.PUBLISHED: State.DRAFT}
MEMBER = ("role", "was_involved", "role_in_event", "attended_at", "is_attendance_said")
PEOPLE = "people"


@dataclass(frozen=True)
class Carried:
    """One list. `rows` are those of an event in their order. `names` says which fields name a row of which list; such a list stands
    earlier, or is this one. `many` is a field that names several. `always` are values that a row gets when it comes in."""

    name: str
    model: type[Model]
    fields: tuple[str, ...]
    rows: Callable[[Event], Iterable[Any]]
    names: Mapping[str, str] = field(default_factory=dict)
    many: str = ""
    always: Mapping[str, Any] = field(default_factory=dict)


def lists() -> list[Carried]:
    """Every list, those of other wings before the notes, which name their rows."""
    return [*BEFORE, *(s.carried for s in sections.all_sections() if s.carried), *AFTER]


def _of(model: Any, *, kept: bool = False) -> Callable[[Event], Iterable[Any]]:
    return lambda event: (model.objects.kept() if kept else model.objects).filter(event=event)


def _causes(event: Event) -> list[Any]:
    return list(cause_tree.every(cause_tree.read(event)))


def _shared(event: Event) -> Iterable[Any]:
    keys = [node.pk for node in _causes(event)]
    return SharedCause.objects.kept().filter(event=event, cause__in=keys, effect__in=keys).order_by("id")


def _disputes(event: Event) -> Iterable[Any]:
    return Dispute.objects.filter(event=event, entry__removed_at=None).exclude(state=Resolution.WITHDRAWN)


def _views(event: Event) -> Iterable[Any]:
    return Recollection.objects.kept().filter(event=event, dispute__in=_disputes(event))


BEFORE = (
    Carried("impact", Impact, ("users_affected", "users_count", "business_effect", "customer_communication", "regulatory",
        "detected_how"), _of(Impact)),
    Carried("intervals", ImpactInterval, ("label", "started_at", "ended_at", "started_text", "ended_text"), _of(ImpactInterval)),
    Carried("figures", ImpactFigure, ("value", "label", "rank"), _of(ImpactFigure)),
    Carried("launch", Launch, kinds.LAUNCH_FIELDS, _of(Launch)),
    *(Carried(part.slug, part.model, (*part.fields, "rank"), _of(part.model)) for part in kinds.PARTS.values()
        if part.model is not Occurrence),
    Carried("occurrences", Occurrence, ("earlier", "on", "on_precision", "text", "promised", "became", "rank"),
        lambda event: Occurrence.objects.filter(event=event).select_related("earlier")),
    Carried("texts", SectionText, ("slug", "text"), lambda event: SectionText.objects.filter(event=event).exclude(text=""),
        always={"number": 1}),
    Carried("timeline", TimelineEntry, ("at", "until", "utc_offset", "precision", "at_text", "sort_at", "rank", "text", "type",
        "landmark", "source", "source_label", "source_url", "raw", "is_key", "is_planned", "author"),
        lambda event: TimelineEntry.objects.kept().filter(event=event).in_order()),
    Carried("causes", WhyNode, ("parent", "rank", "question", "text", "kind", "defence", "is_root_cause", "evidence"), _causes,
        names={"parent": "causes", "evidence": "timeline"}, many="evidence"),
    Carried("shared_causes", SharedCause, ("cause", "effect"), _shared, names={"cause": "causes", "effect": "causes"}),
    Carried("factors", Factor, ("category", "text", "caught_earlier_if", "rank"), _of(Factor, kept=True)),
    Carried("went_well", WentWell, ("kind", "text", "luck_answer", "rank"), _of(WentWell, kept=True)),
)  # fmt: skip
AFTER = (
    Carried("notes", RoomNote, ("step_slug", "parked_for", "text", "entry", "became", "created_at", "created_by"),
        lambda event: RoomNote.objects.kept().filter(event=event).order_by("id"),
        names={"entry": "timeline", "created_by": PEOPLE}),
    Carried("disputes", Dispute, ("entry", "state", "reason", "resolved_by", "resolved_at", "created_at", "created_by"), _disputes,
        names={"entry": "timeline", "resolved_by": PEOPLE, "created_by": PEOPLE}),
    Carried("views", Recollection, ("dispute", "author", "is_original", "is_chosen", "at", "utc_offset", "precision", "at_text", "text",
        "other", "is_before", "note", "source", "source_label", "source_url", "created_at"), _views,
        names={"dispute": "disputes", "author": PEOPLE, "other": "timeline"}),
)  # fmt: skip
BECAME = {"factor": "factors", "action": "actions"}  # what a parked idea was turned into, and the list of it
