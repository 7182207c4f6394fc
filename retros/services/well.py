"""What went well: what worked and must not be lost, and luck, of which the room is asked whether it can become design."""

import uuid
from typing import Any

from aar_site import clock
from retros.live.log import WrongState, change
from retros.models import (
    Category,
    Defence,
    Event,
    Factor,
    LuckAnswer,
    Meeting,
    RoomNote,
    TimelineEntry,
    WellKind,
    WentWell,
    WhyNode,
)
from retros.services.agenda import agenda_for, parts_of
from retros.services.notes import check_not_full
from retros.services.states import check_open

DESIGN = "Make it design: "


def park_luck(item: WentWell, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Luck that could become design: it waits for the actions as a parked idea."""
    with change(item.event, "went-well,notes", "parked luck for the actions", by=by, op=op) as done:
        fresh = _luck(done.event, item)
        check_not_full(done.event)
        step = Meeting.objects.filter(event=done.event).values_list("step__slug", flat=True).first() or "went-well"
        RoomNote.objects.create(
            event=done.event, step_slug=step, parked_for="actions", text=f"{DESIGN}{fresh.text}"[:5000], created_by=by
        )
        WentWell.objects.filter(pk=fresh.pk).update(luck_answer=LuckAnswer.PARKED)
        done.about(fresh)


def accept_luck(item: WentWell, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Luck that stays luck, and that is fine."""
    with change(item.event, "went-well", "left luck as it is", by=by, op=op) as done:
        fresh = _luck(done.event, item)
        WentWell.objects.filter(pk=fresh.pk).update(luck_answer=LuckAnswer.FINE)
        done.about(fresh)


def ask_luck_again(item: WentWell, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Undo of both: the question is open again, and what was parked of it waits no longer, unless somebody took it up."""
    with change(item.event, "went-well,notes", "asked about luck again", by=by, op=op) as done:
        check_open(done.event)
        if WentWell.objects.filter(pk=item.pk, luck_answer=LuckAnswer.PARKED).exists():
            text = f"{DESIGN}{item.text}"[:5000]
            ideas = RoomNote.objects.kept().filter(event=done.event, parked_for="actions", became="", text=text)
            idea = ideas.first()
            RoomNote.objects.filter(pk=idea.pk if idea else 0).update(removed_at=clock.now())
        WentWell.objects.filter(pk=item.pk).update(luck_answer="")
        done.about(item)


def _luck(event: Event, item: WentWell) -> WentWell:
    check_open(event)
    fresh = WentWell.objects.kept().select_for_update().filter(pk=item.pk, kind=WellKind.LUCK).first()
    if fresh is None:
        raise WrongState("This is not listed as luck any more.")
    if fresh.luck_answer:
        raise WrongState("Somebody answered this a moment ago.")
    return fresh


# --- Reading --------------------------------------------------------------------------------------------------------
def context(event: Event) -> dict[str, Any]:
    """What went well by kind, luck apart, and the next thing on record that might belong here. The same for everybody."""
    rows = list(WentWell.objects.kept().filter(event=event))
    groups = [(k.label, [r for r in rows if r.kind == k]) for k in WellKind if k != WellKind.LUCK]
    return {
        "well_groups": [(label, items) for label, items in groups if items],
        "luck": [r for r in rows if r.kind == WellKind.LUCK],
        "well_count": len(rows),
        "well_kinds": WellKind.choices,
        "well_proposed": _proposed(event, {r.text for r in rows}),
    }


def _proposed(event: Event, known: set[str]) -> dict[str, str] | None:
    """Something that is recorded and helped: a factor that limited the harm, a defence that held, a key moment of recovery."""
    helped = Factor.objects.kept().filter(event=event, category=Category.HELPED).values_list("text", flat=True)
    held = WhyNode.objects.kept().filter(event=event, defence=Defence.HELD).values_list("text", flat=True)
    turns = TimelineEntry.objects.kept().filter(event=event, type="recovery").in_order().values_list("text", flat=True)
    sources = (
        ("A factor that helped", WellKind.TOOL, helped[: len(known) + 1]),
        ("A defence that held", WellKind.TOOL, held[: len(known) + 1]),
        ("From the timeline", WellKind.RESPONSE, turns[: len(known) + 1]),
    )
    for source, kind, texts in sources:
        for text in texts:
            if text not in known:
                return {"source": source, "kind": kind.value, "text": text}
    return None


def is_unsaid(event: Event) -> bool:
    """Whether the agenda asks, nothing is listed, and nobody said that there is nothing: it cannot be skipped without a word."""
    asked = {part for slug, _, _ in agenda_for(event) for part in parts_of(event, slug)}
    return (
        "went-well" in asked and not event.went_well_none and not WentWell.objects.kept().filter(event=event).exists()
    )


def made(event: Event) -> list[tuple[str, int]]:
    """For the close: how many things went well."""
    return [("Went well", WentWell.objects.kept().filter(event=event).count())]
