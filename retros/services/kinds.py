"""What launches, projects, decisions and recurring issues have of their own: a launch's facts, and rows of goals, phases, choices and
occurrences. Each row is added, changed and removed in the same way, whatever it is."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects

from retros import timing
from retros.live.log import Stale, WrongState, change
from retros.models import Choice, Event, Goal, Kind, Launch, Occurrence, Phase
from retros.services import taken
from retros.services.states import check_open

LAUNCH_FIELDS = (
    "scope", "planned_start", "planned_start_precision", "planned_end", "planned_end_precision", "maintenance_minutes",
    "issue_count", "issue_note", "was_rolled_back", "rollback_note", "first_week_incidents", "first_week_note",
    "business_outcome",
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """A list that belongs to some kinds of event. `one` is what a row is called in a sentence."""

    slug: str
    title: str
    model: Any
    kinds: frozenset[str]
    one: str
    fields: tuple[str, ...]


PARTS = {
    part.slug: part
    for part in (
        Part("goals", "Goals", Goal, frozenset({Kind.LAUNCH, Kind.PROJECT}), "goal", ("text", "outcome", "note")),
        Part("phases", "Phases", Phase, frozenset({Kind.LAUNCH, Kind.PROJECT}), "phase",
             ("title", "planned_start", "planned_start_precision", "planned_end", "planned_end_precision", "actual_start",
              "actual_start_precision", "actual_end", "actual_end_precision", "note")),
        Part("choices", "Decisions", Choice, frozenset({Kind.PROJECT, Kind.DECISION}), "decision",
             ("text", "decided_on", "decided_on_precision", "was_chosen", "known_then", "expected", "outcome", "again")),
        Part("occurrences", "Occurrences", Occurrence, frozenset({Kind.RECURRING}), "occurrence",
             ("earlier_id", "on", "on_precision", "text", "promised", "became")),
    )
}  # fmt: skip


def parts_of(kind: str) -> list[Part]:
    """The lists that an event of this kind has, in the order of the page."""
    return [part for part in PARTS.values() if kind in part.kinds]


def read_ahead(event: Event, *more: str) -> Event:
    """Load the lists of the event's kind once, and `more` of it, for everything on a page that asks for them."""
    slugs = [part.slug for part in parts_of(event.kind)]
    prefetch_related_objects([event], *slugs, *(["occurrences__earlier"] if "occurrences" in slugs else []), *more)
    return event


def title_of(part: Part, kind: str) -> str:
    """What the list is called: a decision review has options, a project decisions on the way."""
    return "Options at that time" if part.model is Choice and kind == Kind.DECISION else part.title


def rows_of(event: Event, part: Part, user: Any) -> list[Any]:
    """The rows of one list in their order, each with its `words` for this reader: an event that an occurrence names keeps
    its title from those who may not open it (`is_open`)."""
    found = list(getattr(event, part.slug).all())
    keys = [row.earlier_id for row in found if part.model is Occurrence and row.earlier_id]
    seen = set(Event.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
    for row in found:
        row.is_open = part.model is Occurrence and row.earlier_id in seen
        is_secret = part.model is Occurrence and row.earlier_id and not row.is_open
        row.words = "An event that is not open to you" if is_secret else row.earlier.title if row.is_open else str(row)
    return found


def facts(event: Event, user: Any) -> dict[str, Any]:
    """What is known beyond what every event has: launch (None for other kinds), window (in words), and lists of part, title and rows."""
    launch = getattr(event, "launch", None) if event.kind == Kind.LAUNCH else None
    return {
        "launch": launch,
        "window": timing.window_words(launch, event) if launch else "",
        "parts": [
            {"part": part, "title": title_of(part, event.kind), "rows": rows_of(event, part, user)}
            for part in parts_of(event.kind)
        ],
    }


def add_part(event: Event, slug: str, *, by: Any, op: uuid.UUID | None = None, **fields: Any) -> Any:
    """Add a row behind those that are there. Raises WrongState where this kind of event has no such list."""
    part = PARTS[slug]
    with change(event, "event", f"added {_a(part.one)}", by=by, op=op) as done:
        check_open(done.event)
        if done.event.kind not in part.kinds:
            raise WrongState(f"{_a(done.event.get_kind_display().lower()).capitalize()} has no {slug}.")
        row = insert(done.event, slug, **fields)
        done.about(row)
        return row


def insert(event: Event, slug: str, **fields: Any) -> Any:
    """Write a row inside a change that is open already. Raises ValidationError."""
    part = PARTS[slug]
    row = part.model(event=event, rank=part.model.objects.filter(event=event).count(), **fields)
    _complete(row)
    row.full_clean()
    row.save()
    return row


def edit_part(row: Any, *, by: Any, seen: str, op: uuid.UUID | None = None, **fields: Any) -> None:
    """Change a row; its former words stay in the history. `seen` is the fingerprint of what the writer read; raises
    Stale(row) when it moved on, WrongState where it was removed meanwhile."""
    part = part_of(row)
    with change(row.event, "event", f"changed {_a(part.one)}", by=by, op=op) as done:
        check_open(done.event)
        fresh = part.model.objects.select_for_update().filter(pk=row.pk).first()
        if fresh is None:
            raise WrongState(f"This {part.one} was removed meanwhile. Add it again.")
        fresh.event = done.event
        if seen != fingerprint(fresh):
            raise Stale(fresh)
        before = _texts(fresh, part)
        for name, value in fields.items():
            setattr(fresh, name, value)
        _complete(fresh)
        fresh.full_clean()
        fresh.save()
        after = _texts(fresh, part)
        moved = {name for name in part.fields if before[name] != after[name]}
        done.about(fresh, before={n: before[n] for n in moved}, after={n: after[n] for n in moved})


def remove_part(row: Any, *, by: Any, op: uuid.UUID | None = None) -> int:
    """Take a row out; returns the number of the change, by which `taken.bring_back` undoes it."""
    part = part_of(row)
    return taken.take(row, f"removed {_a(part.one)}", by=by, op=op, before=_texts(row, part))


def save_launch(event: Event, **fields: Any) -> None:
    """Write the facts of a launch inside a change that is open already; other kinds have none. Raises ValidationError."""
    known = {name: fields[name] for name in LAUNCH_FIELDS if name in fields}
    if event.kind != Kind.LAUNCH or not known:
        return
    launch = Launch.objects.filter(event=event).first() or Launch(event=event)
    for name, value in known.items():
        setattr(launch, name, value)
    launch.full_clean(exclude=["event"])
    launch.save()


def open_with(event: Event, **fields: Any) -> None:
    """The first rows of a new event, inside the change that opens it: goals and options a line each, what was decided,
    and the earlier events that it repeats."""
    save_launch(event, **fields)
    for text in fields.get("goals", ()):
        insert(event, "goals", text=text)
    if fields.get("decided"):
        insert(event, "choices", text=fields["decided"], known_then=fields.get("known_then", ""),
               expected=fields.get("expected", ""))  # fmt: skip
    for text in fields.get("options", ()):
        insert(event, "choices", text=text, was_chosen=False)
    for earlier in fields.get("occurrences", ()):
        insert(event, "occurrences", earlier_id=earlier.pk)


def launch_values(event: Event) -> list[str]:
    """What is known of the launch, as texts; for the event's fingerprint."""
    launch = getattr(event, "launch", None) if event.kind == Kind.LAUNCH else None
    return [str(getattr(launch, name, "")) for name in LAUNCH_FIELDS]


def fingerprint(row: Any) -> str:
    """What `edit_part` would change, as a short hash: equal hashes, nothing changed meanwhile."""
    return hashlib.sha256("\x1f".join(_texts(row, part_of(row)).values()).encode()).hexdigest()[:16]


def _texts(row: Any, part: Part) -> dict[str, str]:
    return {name: str(getattr(row, name)) for name in part.fields}


def part_of(row: Any) -> Part:
    """The list that a row belongs to."""
    return next(part for part in PARTS.values() if isinstance(row, part.model))


def _complete(row: Any) -> None:
    """An occurrence that is an event here happened when that event began, unless somebody said another day."""
    if isinstance(row, Occurrence) and row.earlier and row.on is None and row.earlier.local_start:
        row.on = row.earlier.local_start.date()
        row.on_precision = "month" if row.earlier.started_precision == "month" else "day"


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
