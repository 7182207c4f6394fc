"""Which regions of the room a topic touches, and how a region is rendered: once, the same for everybody.

Declaring a region here says that its bytes hold nothing that differs by person: no token, no operation id, no reader's zone.
A test renders every region for every role and compares. Accounts, anonymous answers and the facilitator's notes can never
stand here: what is sealed or differs by person is fetched through the door by each browser.
"""

from typing import Any

from django.template.loader import render_to_string

from retros.models import Event
from retros.services import meeting, room

TEMPLATES = {
    "rail": "retros/_room_rail.html",
    "stage": "retros/_room_stage.html",
    "people": "retros/_room_people.html",
    "notes": "retros/_room_notes.html",
    "ctl": "retros/_room_ctl.html",
}
REGIONS: dict[str, set[str]] = {
    "agenda": {"rail", "stage", "notes", "ctl"},
    "notes": {"notes"},
    "people": {"people", "ctl"},
    "event": {"stage"},
    "timeline": set(),
    "summary": set(),
    "analysis": set(),
    "factors": set(),
    "went-well": set(),
    "actions": set(),
    "document": set(),
}


def regions_for(event: Event, topics: set[str]) -> set[str]:
    """Regions that these topics touch while the room is at its present step."""
    found = {region for topic in topics for region in REGIONS.get(topic, set())}
    if topics & meeting.stage_topics(event):
        found.add("stage")
    return found


def render(event: Event, regions: set[str]) -> dict[str, str]:
    """HTML by region id, for everybody alike."""
    context: dict[str, Any] = room.context(event)
    return {name: render_to_string(TEMPLATES[name], context) for name in sorted(regions)}


def render_topics(event_id: int, topics: set[str]) -> dict[str, str]:
    """What the hub asks for: the touched regions of an event, freshly read."""
    event = Event.objects.select_related("team", "impact", "meeting").get(pk=event_id)
    return render(event, regions_for(event, topics))
