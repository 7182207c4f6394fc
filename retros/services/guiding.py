"""What the room tells its facilitator at the present step: the script, what is left to do here, what comes next. Theirs alone."""

from typing import Any

from aar_site.words import in_words
from retros import sections
from retros.models import ClosingAnswer, Event, Factor, Membership, Role, RoomNote, SilentNote
from retros.services import leading, scripts
from retros.services import meeting as meetings
from retros.services.agenda import parts_of
from retros.services.once import remembering
from retros.services.silent import is_to_place


def at(event: Event) -> dict[str, Any]:
    """For the facilitator's script: the step, its scripts, what is left, what was jumped over, and how the room came to them."""
    meeting = meetings.meeting_of(event)
    step = meeting.step if meeting else None
    if meeting is None or step is None:
        return {"step": None}
    parts = parts_of(event, step.slug)
    return {
        "step": step,
        "meeting": meeting,
        "scripts": scripts.of(event.kind, parts),
        "todo": todo(event, parts, meeting.agreed_count),
        "jumped": list(meeting.steps.filter(rank__lt=step.rank, is_done=False)),
        "handed": leading.handed(event, meeting),
    }


def todo(event: Event, parts: tuple[str, ...], agreed: int) -> list[str]:
    """What is left to do at a step, in whole sentences: what its sections would say before a publication, and the room's own."""
    about, found = remembering(event), []
    for slug in parts:
        found += OWN[slug](event, agreed) if slug in OWN else []
    for section in sections.sections_for(event):
        if section.slug in parts:
            found += [
                f"{check.title}: {check.label.lower()}." for check in section.readiness(about) if check.state != "ok"
            ]
            found += [f"{finding.title}. {finding.remedy}" for finding in section.gate(about)]
    if not Membership.objects.filter(event=event, role=Role.SCRIBE).exists():  # also later on: a scribe may take over
        found.append("Nobody has the pen. Ask somebody to write, and hand it to them.")
    return found


def _opening(event: Event, agreed: int) -> list[str]:
    came = Membership.objects.filter(event=event, attended_at__isnull=False).count()
    return [] if agreed >= came else ["Not everybody who came has agreed yet. Wait a moment; nobody is listed."]


def _factors(event: Event, agreed: int) -> list[str]:
    shown = SilentNote.objects.shown().filter(event=event).select_related("factor")
    count = sum(is_to_place(note) for note in shown)
    if count:
        return [f"{in_words(count).capitalize()} note{' waits' if count == 1 else 's wait'} to be placed."]
    if Factor.objects.kept().filter(event=event).exists():
        return []
    return ["No factor is kept yet. One condition at least, or say why there is none."]


def _actions(event: Event, agreed: int) -> list[str]:
    count = RoomNote.objects.kept().filter(event=event, parked_for="actions").count()
    words = in_words(count, "parked idea").capitalize()
    return [f"{words} waited for this step. Read them before new ones are made."] if count else []


def _close(event: Event, agreed: int) -> list[str]:
    count = ClosingAnswer.objects.filter(event=event).count()
    came = Membership.objects.filter(event=event, attended_at__isnull=False).count()
    return [f"{count} of {came} have answered the two questions."] if count < came else []


OWN = {"opening": _opening, "factors": _factors, "actions": _actions, "close": _close}
