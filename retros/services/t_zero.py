"""T-0 as the page tells it: which moment it is, who moved it there, and what it was before, so that a move can be taken back."""

from dataclasses import dataclass
from datetime import datetime

from retros.models import Change, Event
from retros.services.outline import Mark

MOVED = "moved T-0"
MEANINGS = {"detected": "the detection", "launch": "the launch", "decision": "the decision"}


@dataclass(frozen=True)
class Story:
    """`mark` is the entry that T-0 is, where it is one; `by` who chose it ("" where nobody did). `undo_to` is the entry it was
    before the newest move, `is_reset` that it was nobody's choice; neither where there is nothing to take back."""

    mark: Mark | None = None
    by: str = ""
    undo_to: int = 0
    is_reset: bool = False

    @property
    def meaning(self) -> str:
        """What it is where nobody chose it."""
        marks = (self.mark.landmark, self.mark.type) if self.mark else ()
        return next((MEANINGS[mark] for mark in marks if mark in MEANINGS), "the start")


def story(event: Event, marks: list[Mark], zero: datetime | None, *, is_new: bool = False) -> Story:
    """`is_new`: the reader has just moved it, and is offered the way back."""
    # None, too, while what was chosen is off the timeline, or has no time any more.
    chosen = next((m for m in marks if m.pk == event.t0_entry_id and m.at is not None), None)
    mark = chosen or next((m for m in marks if zero is not None and m.at == zero), None)
    if chosen is None and not is_new:
        return Story(mark)
    last = Change.objects.filter(event=event, what=MOVED).select_related("actor").order_by("-seq").first()
    if last is None:
        return Story(mark)
    by = last.actor.name if last.actor and chosen else ""
    former = last.detail.get("before", {}).get("t0") if is_new else None
    if former and former != event.t0_entry_id and any(m.pk == former for m in marks):
        return Story(mark, by, undo_to=former)
    return Story(mark, by, undo_to=chosen.pk, is_reset=True) if is_new and chosen else Story(mark, by)
