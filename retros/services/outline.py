"""The timeline at a glance: of each kept moment what pictures, filters and pages need, without its words.

Ten thousand entries as models take a fifth of a second to load, as rows of a few columns a fifth of that. A `Mark` answers what
`timing` and the trace ask of an entry; its words are loaded for the page that is shown (`entries.of`).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from django.db.models import Q
from django.db.models.functions import Left

from retros import timing
from retros.models import Event, Landmark, Meeting, TimelineEntry, Walks

COLUMNS = ("pk", "at", "until", "utc_offset", "precision", "at_text", "landmark", "type", "source", "is_key", "is_planned",
           "author", "created_by_id", "imported_id", "import_row", "rank", "dispute__state")  # fmt: skip
LABELS = dict(Landmark.choices)
MANY, ENOUGH = 40, 3  # a longer timeline is walked by its key moments, where there are so many
UNSETTLED = {"open", "room"}


@dataclass(slots=True)
class Mark:
    """One kept moment, as far as it can be drawn and counted."""

    pk: int
    at: datetime | None
    until: datetime | None
    utc_offset: int | None
    precision: str
    at_text: str
    landmark: str
    type: str
    source: str
    is_key: bool
    is_planned: bool
    author: str
    created_by_id: int | None
    imported_id: int | None
    import_row: int | None
    rank: int
    dispute_state: str | None
    event: Event
    name: str = ""

    @property
    def local_at(self) -> datetime | None:
        """The moment on the clock that the source used, as of an entry."""
        if self.at is None:
            return None
        own = self.event.zone if self.utc_offset is None else timezone(timedelta(minutes=self.utc_offset))
        return self.at.astimezone(own)

    def get_landmark_display(self) -> str:
        return str(LABELS.get(self.landmark, ""))


def of(event: Event) -> list[Mark]:
    """Every kept moment of the event, in order."""
    return _marks(event, TimelineEntry.objects.kept().filter(event=event))


def known(event: Event) -> list[Mark]:
    """What the page has read ahead, as `event.outline`; else every kept moment."""
    ahead: list[Mark] | None = getattr(event, "outline", None)
    return of(event) if ahead is None else ahead


def _marks(event: Event, rows: Any) -> list[Mark]:
    found: Any = rows.in_order().values_list(*COLUMNS)
    marks = [Mark(*(*row, event)) for row in found]
    # A phase is called by what its entry says; no other moment needs its words here.
    if phases := {mark.pk: mark for mark in marks if mark.landmark == Landmark.PHASE}:
        for pk, text in TimelineEntry.objects.filter(pk__in=phases).values_list("pk", Left("text", 60)):
            phases[pk].name = text
    return marks


def zero_of(event: Event) -> datetime | None:
    """T-0 without a look at every moment: only those that can be it are read."""
    kept = TimelineEntry.objects.kept().filter(event=event, at__isnull=False)
    able = Q(type="decision") if event.kind == "decision" else Q(landmark__in=("detected", "launch"))
    zero = timing.t_zero(event, _marks(event, kept.filter(able | Q(pk=event.t0_entry_id or 0))))
    return zero or kept.order_by("at").values_list("at", flat=True).first()


def last_day(event: Event) -> date | None:
    """The day of the last moment, else of the start: a clock that is typed alone belongs there. Moments that lie days before or behind
    the event say nothing of the next one: of the event's own days it is the one beside them. None where nothing is known."""
    rows = TimelineEntry.objects.kept().filter(event=event, at__isnull=False).select_related("event")
    last = rows.order_by("-sort_at", "-rank").first()
    local, start, end = last.local_at if last else None, event.local_start, timing.span_end(event)
    if local and end and local > end:
        local = end.astimezone(event.zone) - timedelta(microseconds=1)
    if start and (local is None or local < start):
        local = start
    return local.date() if local else None


def first_sign(event: Event, marks: list[Mark]) -> TimelineEntry | None:
    """The moment at which it was first noticed, with its words."""
    found = next((mark for mark in marks if mark.landmark == "detected"), None)
    return TimelineEntry.objects.filter(pk=found.pk).select_related("event").first() if found else None


# --- What the room stops at -----------------------------------------------------------------------------------------
def by_key(meeting: Meeting | None, marks: list[Mark]) -> tuple[bool, int]:
    """Whether the walk stops at key moments only, and how many there are. A long timeline begins that way."""
    keys = sum(1 for mark in marks if is_key(mark))
    if meeting is None or not meeting.walks:
        return len(marks) > MANY and keys >= ENOUGH, keys
    return meeting.walks == Walks.KEY and keys > 0, keys


def is_key(mark: Mark) -> bool:
    """What a walk never passes over: what carries the story, and what is remembered differently."""
    return timing.carries(mark) or mark.dispute_state in UNSETTLED


def first_stop(meeting: Meeting | None, marks: list[Mark]) -> int | None:
    """The key of the moment at which a walk begins; None in an empty timeline."""
    is_by_key, _ = by_key(meeting, marks)
    return next((mark.pk for mark in marks if not is_by_key or is_key(mark)), None)
