"""Notes of the meeting, and ideas that are parked for a later step and come back there."""

import uuid
from typing import Any

from django.db.models import Max

from aar_site import clock
from retros import limits
from retros.live.log import Record, Stale, WrongState, change
from retros.models import Category, Event, Factor, RoomNote, State
from retros.services.agenda import agenda_for, parts_of
from retros.services.meeting import running

SHOWN = 15
PARK_FOR = {"root-cause": "Root cause", "factors": "Contributing factors", "actions": "Action items"}
DROPPED = "dropped"


def keep(event: Event, *, by: Any, text: str, parked_for: str = "", op: uuid.UUID | None = None) -> RoomNote:
    """Keep what was said, or park an idea for a later step."""
    topics, what = ("notes", "parked an idea") if parked_for else ("said", "kept a note")
    with change(event, topics, what, by=by, op=op) as done:
        check_not_full(done.event)
        meeting = running(done.event)
        slug = meeting.step.slug if meeting.step else "opening"
        entry = meeting.cursor if "timeline" in parts_of(done.event, slug) else None
        note = RoomNote(
            event=done.event, step_slug=slug, parked_for=parked_for, entry=entry, text=text.strip(), created_by=by
        )
        # What the table refuses it refuses itself; asked beforehand, that would be two more questions for each note.
        note.full_clean(exclude=["event", "created_by", "entry"], validate_constraints=False)
        note.save()
        done.about(note)
        return note


def edit(
    note: RoomNote, *, by: Any, version: int, text: str, parked_for: str = "", op: uuid.UUID | None = None
) -> RoomNote:
    """Change a note that the writer read at `version`, or the step it waits for. Raises Stale with the newer one."""
    with change(note.event, "notes", "edited a note", by=by, op=op) as done:
        fresh = _fresh(note, done)
        if fresh.version != version:
            raise Stale(fresh)
        before = fresh.text
        fresh.text, fresh.version = text.strip(), fresh.version + 1
        if parked_for != fresh.parked_for:
            fresh.parked_for, fresh.became = parked_for, ""
        fresh.full_clean(exclude=["event", "created_by", "entry"])
        fresh.save()
        done.about(fresh, before={"text": before}, after={"text": fresh.text})
        return fresh


def set_removed(note: RoomNote, *, by: Any, removed: bool, op: uuid.UUID | None = None) -> None:
    """Take a note away, or bring it back."""
    with change(note.event, "notes", "removed a note" if removed else "brought a note back", by=by, op=op) as done:
        _check_open(done.event)
        if not removed:
            check_not_full(done.event)
        RoomNote.objects.filter(pk=note.pk).update(removed_at=clock.now() if removed else None)
        done.about(note)


def take_up(note: RoomNote, *, by: Any, way: str, category: str = "", op: uuid.UUID | None = None) -> None:
    """What becomes of a parked idea: 'note', 'factor' (of a category), another step to wait for, 'dropped', or 'parked' again."""
    topics = "factors,notes,actions" if way == "factor" else "notes,actions"
    with change(note.event, topics, "took up a parked idea", by=by, op=op) as done:
        fresh = _fresh(note, done)
        if not fresh.parked_for:
            raise WrongState("This is a note already. Somebody else took it up meanwhile.")
        if fresh.became and way != "parked":
            raise WrongState("This idea was taken up already.")
        if way == "note":
            meeting = running(done.event)
            fresh.parked_for, fresh.step_slug = "", meeting.step.slug if meeting.step else fresh.step_slug
        elif way == "factor":
            fresh.became = f"factor:{_as_factor(fresh, category, by).pk}"
        elif way in PARK_FOR:
            fresh.parked_for = way
        else:
            fresh.became = DROPPED if way == DROPPED else ""
        fresh.version += 1
        fresh.save()
        done.about(fresh, after={"became": way})


def _as_factor(note: RoomNote, category: str, by: Any) -> Factor:
    last = Factor.objects.filter(event=note.event).aggregate(last=Max("rank"))["last"]
    factor = Factor(
        event=note.event, category=category, text=note.text, rank=0 if last is None else last + 1, created_by=by
    )
    factor.full_clean(exclude=["event", "created_by"])
    factor.save()
    return factor


def _fresh(note: RoomNote, done: Record) -> RoomNote:
    _check_open(done.event)
    fresh = RoomNote.objects.kept().select_for_update().filter(pk=note.pk).first()
    if fresh is None:
        raise WrongState("This note was removed meanwhile. Bring it back first, or keep it anew.")
    fresh.event = done.event
    return fresh


def check_not_full(event: Event) -> None:
    """Whether one more note may be kept. A note is a change with a number, so where there are fewer changes nothing is counted."""
    most = limits.NOTES_PER_EVENT
    if event.change_seq >= most and RoomNote.objects.kept().filter(event=event).count() >= most:
        raise WrongState(f"A review holds at most {most:,} notes. Write on in one that is there, or remove some.")


def _check_open(event: Event) -> None:
    if event.state == State.PUBLISHED:
        raise WrongState("This review is published, so the notes of its meeting stay as they are.")


# --- Reading --------------------------------------------------------------------------------------------------------
def park_targets(event: Event) -> list[tuple[str, str]]:
    """(slug, title) of the steps for which an idea can be parked: those that the event's agenda has."""
    slugs = {part for slug, _, _ in agenda_for(event) for part in parts_of(event, slug)}
    return [(slug, title) for slug, title in PARK_FOR.items() if slug in slugs]


def newest(event: Event) -> dict[str, Any]:
    """The newest notes, and whether others came before them."""
    rows = list(_with_names(event).filter(parked_for="")[: SHOWN + 1])
    return {"notes": rows[:SHOWN], "has_earlier": len(rows) > SHOWN}


def parked(event: Event, step_slug: str) -> dict[str, Any]:
    """Every idea that waits, each with the title of its step; those that come back at this step; and what can become of one."""
    rows = list(_with_names(event).exclude(parked_for="").filter(became=""))
    for row in rows:
        row.waits_for = PARK_FOR.get(row.parked_for, row.parked_for)  # type: ignore[attr-defined]
    return {
        "parked": rows,
        "parked_here": [row for row in rows if row.parked_for in parts_of(event, step_slug)] if step_slug else [],
        "park_targets": park_targets(event),
        "idea_kinds": Category.choices,
    }


def _with_names(event: Event) -> Any:
    """Notes, of whose writers the name is read and nothing else."""
    of_note = [field.attname for field in RoomNote._meta.concrete_fields]
    return RoomNote.objects.kept().filter(event=event).select_related("created_by").only(*of_note, "created_by__name")


def by_step(event: Event) -> list[tuple[str, list[RoomNote]]]:
    """Everything that was noted or parked, by the step at which it was said, in the order of the agenda."""
    titles = {slug: title for slug, title, _ in agenda_for(event)}
    found: dict[str, list[RoomNote]] = {slug: [] for slug in titles}
    rows = RoomNote.objects.kept().filter(event=event).select_related("created_by", "entry").order_by("id")
    for row in rows:
        row.fate = fate(row)  # type: ignore[attr-defined]
        found.setdefault(row.step_slug, []).append(row)
    return [(titles.get(slug, slug.replace("-", " ").capitalize()), mine) for slug, mine in found.items() if mine]


def fate(note: RoomNote) -> str:
    """What became of an idea, in words; "" for a note."""
    if not note.parked_for:
        return ""
    if not note.became:
        return f"Parked for {PARK_FOR[note.parked_for].lower()}"
    return (
        "Dropped"
        if note.became == DROPPED
        else f"Became a{'n action' if note.became.startswith('action') else ' factor'}"
    )
