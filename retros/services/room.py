"""What the room shows, the same for everybody: agenda, stage, people, notes, controls. Reads only."""

from dataclasses import dataclass
from typing import Any

from aar_site import clock
from retros import access, sections
from retros.models import AgendaStep, Event, Meeting, Membership, Role, State
from retros.services import attendance, closing, document, notes, prompts, room_facts, summary_says, walk
from retros.services import meeting as meetings
from retros.services.agenda import agenda_for, parts_of
from retros.services.later import Later, Read
from retros.services.once import remembering


@dataclass(frozen=True)
class Row:
    """One step of the rail: its state ('done', 'here', 'skipped' or ''), its minutes as words, and the same for who hears them."""

    step: AgendaStep
    state: str
    words: str
    is_over: bool
    said: str = ""


def context(event: Event) -> Later:
    """Everything that the regions show, in a constant number of queries per step; what no region asks for is not read."""
    meeting = meetings.meeting_of(event)
    step = meeting.step if meeting else None
    spent = _spent(meeting, step, clock.now())
    slug = step.slug if step else ""
    found: dict[str, Any] = {
        "event": event,
        "meeting": meeting,
        "step": step,
        "step_planned_s": step.planned_s if step else 0,
        "step_spent_s": spent,
        "step_clock": _clock(step.planned_s - spent) if step else "",
        "step_left": _left(step, meeting, spent) if step and meeting else "",
        "rests": bool(meeting and meeting.rests_since),
        "is_running": bool(meeting and meeting.since),
        "rule": prompts.rule(slug),
    }
    groups: dict[tuple[str, ...], Read] = {
        STEPS: lambda: _steps(event, meeting, step, spent),
        NOTES: lambda: notes.newest(event),
        PARKED: lambda: notes.parked(event, slug),
        PEOPLE: lambda: attendance.of_room(event),
        LEADS: lambda: attendance.leads_of(event, dict.get(shown, "people")),
    }
    if step and event.state == State.MEETING:
        groups[STAGE] = lambda: _stage(event, meeting, step, shown)
    shown = Later(found, groups)
    return shown


STEPS = ("steps", "planned", "elapsed_s", "elapsed_clock", "previous", "following", "agenda")
NOTES = ("notes", "has_earlier")
PARKED = ("parked", "parked_here", "park_targets", "idea_kinds")
PEOPLE = ("people", "people_shown", "people_more", "counts", "writers", "speaker", "queue")
LEADS = ("facilitator", "scribe")
STAGE = ("prompt", "head", "well_head", "parts")


def _steps(event: Event, meeting: Meeting | None, step: AgendaStep | None, spent: int) -> dict[str, Any]:
    steps = list(meeting.steps.all()) if meeting else []
    elapsed = sum(row.spent_s for row in steps) + (spent - step.spent_s if step else 0)
    return {
        "steps": [_row(row, step, meeting, spent) for row in steps],
        "planned": sum(row.planned_s for row in steps) // 60,
        "elapsed_s": elapsed,
        "elapsed_clock": _hours(elapsed),
        "previous": next((row for row in reversed(steps) if step and row.rank < step.rank), None),
        "following": next((row for row in steps if step and row.rank > step.rank), None),
        "agenda": [] if steps else agenda_for(event),
    }


def _stage(event: Event, meeting: Meeting | None, step: AgendaStep, shown: Later) -> dict[str, Any]:
    about, parts = remembering(event), parts_of(event, step.slug)
    found = {"prompt": prompts.of(event.kind, step.slug), "head": "", "well_head": ""}
    if shown["rests"]:
        return {**found, "parts": [{"template": "retros/_room_rest.html"}]}
    head = prompts.head(event.kind, step.slug)
    if parts[0] == "went-well":
        found["well_head"] = head
    elif parts[0] != "summary":
        found["head"] = head
    return {**found, "parts": [_part(about, slug, meeting, shown) for slug in parts]}


def _spent(meeting: Meeting | None, step: AgendaStep | None, now: Any) -> int:
    if meeting is None or step is None:
        return 0
    return int(step.spent_s + (max(0, round((now - meeting.since).total_seconds())) if meeting.since else 0))


def _row(row: AgendaStep, step: AgendaStep | None, meeting: Meeting | None, spent: int) -> Row:
    """What the rail says of a step: what is left of it, what it took, or what is planned."""
    planned, is_over = f"{row.planned_s // 60} min", row.spent_s > row.planned_s
    if step and row.pk == step.pk and meeting and not meeting.ended_at:
        return Row(
            row, "here", f"{_clock(abs(row.planned_s - spent))} {_left(row, meeting, spent)}", spent > row.planned_s
        )
    if row.is_done:
        over = f", {_minutes(row.spent_s - row.planned_s)} longer than planned" if is_over else ""
        return Row(row, "done", _minutes(row.spent_s), is_over, f", done in {_minutes(row.spent_s)} of {planned}{over}")
    if meeting and step and (meeting.ended_at or row.rank < step.rank) and not row.spent_s:
        return Row(row, "skipped", "skipped", False)
    words = f"{row.spent_s // 60} of {planned}" if row.spent_s >= 60 else planned
    return Row(row, "", words, is_over)


def _left(step: AgendaStep, meeting: Meeting, spent: int) -> str:
    """What stands beside the clock of the running step; the page script counts on with the same words."""
    is_over, minutes = spent > step.planned_s, round(step.planned_s / 60)
    words = f"over {minutes} min" if is_over else f"left of {minutes} min"
    return words if meeting.since else f"{words}, {'resting' if meeting.rests_since else 'paused'}"


def _clock(seconds: int) -> str:
    """134 as "02:14", what is over as "+00:30"."""
    return f"{'+' if seconds < 0 else ''}{abs(seconds) // 60:02d}:{abs(seconds) % 60:02d}"


def _minutes(seconds: int) -> str:
    """134 as "2:14"; what is over has a plus: "+0:30"."""
    whole = abs(seconds)
    return f"{'+' if seconds < 0 else ''}{whole // 60}:{whole % 60:02d}"


def _hours(seconds: int) -> str:
    """4147 as "01:09:07"."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _part(event: Event, slug: str, meeting: Meeting | None, shared: dict[str, Any]) -> dict[str, Any]:
    """One part of the stage: its template and what it is given."""
    if slug == "opening":
        listeners = [member.user.name for member in shared["people"] if member.role == Role.OBSERVER]
        return {"template": "retros/_room_opening.html", "carried": _asides(event), "listeners": listeners}
    if slug == "timeline":
        return {"template": "retros/_room_timeline.html", **walk.context(event, meeting)}
    if slug == "close":
        return {"template": "retros/_room_close.html", **closing.context(event)}
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
    is_inner = event.kind != "incident" and slug != "summary"
    rows, phases = room_facts.facts_of(event, slug), room_facts.phases_at(event, slug)
    is_bare = is_inner and slug not in room_facts.SHOWN_ABOVE and not any((kept.text, composed, rows, phases))
    return {
        "section": section,
        "prompt": prompts.of(event.kind, slug),
        "is_inner": is_inner,
        "is_bare": is_bare,
        "facts": room_facts.blocks_of(event, section),
        "rows": rows,
        "phases": phases,
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
