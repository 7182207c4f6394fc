"""What the room shows, the same for everybody: agenda, stage, people, notes, controls. Reads only."""

from dataclasses import dataclass
from typing import Any

from aar_site import clock
from retros import access, sections
from retros.models import AgendaStep, ClosingAnswer, Event, Meeting, Membership, Role, RoomNote, State
from retros.services import document, people, prompts, room_facts, summary_says, walk
from retros.services import meeting as meetings
from retros.services.agenda import agenda_for, parts_of
from retros.services.once import remembering

NOTES_SHOWN = 30
PARK_FOR = {"root-cause": "Root cause", "factors": "Contributing factors", "actions": "Action items"}


@dataclass(frozen=True)
class Row:
    """One step of the rail: its state ('done', 'here' or ''), and its minutes as words."""

    step: AgendaStep
    state: str
    words: str
    is_over: bool


def context(event: Event) -> dict[str, Any]:
    """Everything that the regions show, in a constant number of queries per step."""
    meeting = meetings.meeting_of(event)
    steps = list(meeting.steps.all()) if meeting else []
    step = meeting.step if meeting else None
    now = clock.now()
    spent = _spent(meeting, step, now)
    found: dict[str, Any] = {
        "event": event,
        "meeting": meeting,
        "step": step,
        "steps": [_row(row, step, meeting) for row in steps],
        "planned": sum(row.planned_s for row in steps) // 60,
        "step_planned_s": step.planned_s if step else 0,
        "step_spent_s": spent,
        "step_clock": _minutes(step.planned_s - spent) if step else "",
        "elapsed_s": sum(row.spent_s for row in steps) + (spent - step.spent_s if step else 0),
        "elapsed_clock": _hours(sum(row.spent_s for row in steps) + (spent - step.spent_s if step else 0)),
        "is_running": bool(meeting and meeting.since),
        "people": people.people_of(event),
        "previous": next((row for row in reversed(steps) if step and row.rank < step.rank), None),
        "following": next((row for row in steps if step and row.rank > step.rank), None),
        "agenda": [] if steps else agenda_for(event),
        "rule": prompts.rule(step.slug if step else ""),
        **_notes(event, step),
    }
    found["here_count"] = sum(1 for member in found["people"] if member.attended_at)
    found["expected_count"] = len(found["people"]) - found["here_count"]
    found["facilitator"] = next((m.user for m in found["people"] if m.role == Role.FACILITATOR), None)
    found["scribe"] = next((m.user for m in found["people"] if m.role == Role.SCRIBE), None)
    if step and event.state == State.MEETING:
        about, parts = remembering(event), parts_of(event, step.slug)
        found["prompt"] = prompts.of(event.kind, step.slug)
        head = prompts.head(event.kind, step.slug)
        found["head"] = "" if parts[0] in {"summary", "went-well"} else head
        found["well_head"] = head if parts[0] == "went-well" else ""
        found["parts"] = [_part(about, slug, meeting, found) for slug in parts]
    return found


def _spent(meeting: Meeting | None, step: AgendaStep | None, now: Any) -> int:
    if meeting is None or step is None:
        return 0
    return int(step.spent_s + (max(0, round((now - meeting.since).total_seconds())) if meeting.since else 0))


def _row(row: AgendaStep, step: AgendaStep | None, meeting: Meeting | None) -> Row:
    if step and row.pk == step.pk and meeting and not meeting.ended_at:
        return Row(row, "here", f"{row.planned_s // 60} min", False)
    if row.is_done:
        return Row(row, "done", _minutes(row.spent_s), row.spent_s > row.planned_s)
    return Row(row, "", f"{row.planned_s // 60} min", False)


def _minutes(seconds: int) -> str:
    """134 as "2:14"; what is over has a plus: "+0:30"."""
    whole = abs(seconds)
    return f"{'+' if seconds < 0 else ''}{whole // 60}:{whole % 60:02d}"


def _notes(event: Event, step: AgendaStep | None) -> dict[str, Any]:
    """The newest notes, and every parked idea, each with the title of the step it waits for."""
    rows = RoomNote.objects.kept().filter(event=event).select_related("created_by")
    parked = list(rows.exclude(parked_for=""))
    for row in parked:
        row.waits_for = PARK_FOR.get(row.parked_for, row.parked_for)  # type: ignore[attr-defined]
    return {
        "notes": list(rows.filter(parked_for="")[:NOTES_SHOWN]),
        "parked": parked,
        "parked_here": [row for row in parked if step and row.parked_for in parts_of(event, step.slug)],
        "park_targets": park_targets(event),
    }


def _hours(seconds: int) -> str:
    """4147 as "01:09:07"."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def park_targets(event: Event) -> list[tuple[str, str]]:
    """(slug, title) of the steps for which an idea can be parked: those that the event's agenda has."""
    slugs = {part for slug, _, _ in agenda_for(event) for part in parts_of(event, slug)}
    return [(slug, title) for slug, title in PARK_FOR.items() if slug in slugs]


def _part(event: Event, slug: str, meeting: Meeting | None, shared: dict[str, Any]) -> dict[str, Any]:
    """One part of the stage: its template and what it is given."""
    if slug == "opening":
        return {"template": "retros/_room_opening.html", "carried": _asides(event)}
    if slug == "timeline":
        return {"template": "retros/_room_timeline.html", **walk.context(event, meeting)}
    if slug == "close":
        answers = list(ClosingAnswer.objects.filter(event=event))
        return {"template": "retros/_room_close.html", "answer_count": len(answers)}
    section = sections.get(slug)
    if section.room_template:
        return {"template": section.room_template, **section.room_context(event)}
    return {"template": "retros/_room_text_step.html", **text_part(event, slug)}


def has_text(event: Event, slug: str) -> bool:
    """Whether the room shows this section as one text that people write."""
    shown = {section.slug for section in sections.sections_for(event) if not section.room_template} - {"timeline"}
    return slug in shown and slug in sections.writable(event)


def text_part(event: Event, slug: str) -> dict[str, Any]:
    """A section that is one text: what is kept, or what the recorded facts would say; the prompt asks for more."""
    section = sections.get(slug)
    kept = document.text_of(event, slug)
    composed = "" if kept.number else (section.compose(event) if section.compose else "")
    return {
        "section": section,
        "prompt": prompts.of(event.kind, slug),
        "is_inner": event.kind != "incident" and slug != "summary",
        "facts": room_facts.blocks_of(event, section),
        "rows": room_facts.facts_of(event, slug),
        "phases": room_facts.phases_at(event, slug),
        "slots": room_facts.slots_at(event, slug),
        "title": section.title_for(event),
        "kept": kept,
        "text": kept.text or composed,
        "is_composed": bool(composed),
        "changes": room_facts.changes_of(event, kept),
        **(_summary(event, kept.text or composed) if slug == "summary" else {}),
    }


def _summary(event: Event, text: str) -> dict[str, Any]:
    """The numbers under a summary, and what a stranger looks for in it."""
    return {"stats": room_facts.stats_of(event), "says": summary_says.says(event.kind, text)}


def _asides(event: Event) -> list[dict[str, Any]]:
    """What other wings bring to the opening, through the port."""
    found = []
    for section in sections.sections_for(event):
        if section.opening_template:
            found.append({"template": section.opening_template, **section.opening_context(event)})
    return found


def who_may_enter(event_id: int) -> dict[int, str]:
    """Role by id of the people whose streams may stay open: active, with a role that enters the room."""
    rows = Membership.objects.filter(event=event_id, user__is_active=True)
    roles = {
        user: access.own_role(role, is_guest=is_guest)
        for user, role, is_guest in rows.values_list("user_id", "role", "user__is_guest")
    }
    return {user: role for user, role in roles.items() if access.may(role, "enter room")}
