"""Which regions of the room a topic touches, and how a region is rendered: once, the same for everybody.

Declaring a region here says that its bytes hold nothing that differs by person: no token, no operation id, no reader's zone.
A test renders every region for every role and compares. Sealed accounts, anonymous answers and the facilitator's notes can never
stand here: what is sealed or differs by person is fetched through the door by each browser. Accounts that were opened for good
are read to the room by the walk, because whoever may enter it may read them.
"""

from typing import Any

from django.template.loader import render_to_string

from retros.models import Event, State
from retros.services import floor, meeting, room

TEMPLATES = {
    "name": "retros/_room_name.html",
    "rail": "retros/_room_rail.html",
    "stage": "retros/_room_stage.html",
    "beside": "retros/_room_beside.html",
    "people": "retros/_room_people.html",
    "notes": "retros/_room_notes.html",
    "parked": "retros/_room_parked.html",
    "floor": "retros/_room_floor.html",
    "ctl": "retros/_room_ctl.html",
    "timer": "retros/_room_timer.html",
}
REGIONS: dict[str, set[str]] = {
    "agenda": {"rail", "stage", "ctl", "timer"},
    "notes": {"notes", "parked"},  # and the stage of the step at which parked ideas come back
    # What was said and is parked for no step; and the stage of the walk, where it stands at its moment.
    "said": {"notes"},
    "people": {"people", "ctl"},
    "lead": set(),
    "event": {"name", "stage"},
    "timeline": set(),
    "accounts": set(),
    "summary": set(),
    "analysis": set(),
    "factors": set(),
    "went-well": set(),
    "actions": set(),
    "document": set(),
    "all": set(TEMPLATES),  # for a reader who is too far behind to say what it missed
}


def regions_for(event: Event, topics: set[str]) -> set[str]:
    """Regions that these topics touch while the room is at its present step."""
    found = {region for topic in topics for region in REGIONS.get(topic, set())}
    if topics & meeting.stage_topics(event):
        found.add("stage")
    return found | ({"beside"} if "stage" in found else set())


def render(event: Event, regions: set[str]) -> dict[str, str]:
    """HTML by region id, for everybody alike. Without an open room there is no stage: what stands there differs by reader."""
    if event.state != State.MEETING:
        regions = regions - {"stage"}
    context: dict[str, Any] = room.context(event) if regions else {}
    return {name: render_to_string(TEMPLATES[name], context) for name in sorted(regions)}


def render_floor(event_id: int) -> str:
    """Who has the floor and whose hands are up, by itself: hands are no topic, because they are no change."""
    event = Event.objects.get(pk=event_id)
    return render_to_string(TEMPLATES["floor"], {"event": event, **floor.of(event)})


def render_topics(event_id: int, topics: set[str]) -> tuple[str, dict[str, str]]:
    """What the hub asks for: the review's state, and the touched regions of the event, freshly read."""
    event = meeting.with_event(event_id)
    return event.state, render(event, regions_for(event, topics))
