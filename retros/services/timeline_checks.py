"""What the timeline needs before a meeting: moments, agreement about them, and marks that the room can follow. Computed."""

from typing import Any

from aar_site.words import counted, in_words
from retros import timing
from retros.models import Event
from retros.sections import Check
from retros.services import hints, outline, remembered


def checks(event: Event) -> list[Check]:
    """Whether there are moments, whether they agree, and whether the room can see what matters."""
    marks = outline.known(event)
    found, base = hints.find(event, marks, to_count=True), f"/e/{event.code}/timeline/"
    count = len(marks)
    state = "ok" if count >= 3 else "part" if marks else "off"
    so_far = f"{count} so far"
    label = "Done" if state == "ok" else so_far if marks else "Not started"
    there = Check("Timeline", "Moments from logs, chat and memory", so_far if marks else "", state, label, base)
    return [there, _agreement(marks, found, base), _marked(marks, found, base)]


def _marked(marks: list[Any], found: hints.Found, base: str) -> Check:
    """What the room stops at, and the landmarks that a review of this kind asks for. A landmark that never was is answered as a hint."""
    carried, missing = [mark for mark in marks if timing.carries(mark)], found.missing
    keys = sum(mark.is_key for mark in carried)  # the number that the timeline's filter says
    told = counted(keys, "key moment") if keys else ""
    if others := len(carried) - keys:
        told = f"{told}, {others} more" if told else counted(others, "moment")
        told += " by landmark or decision"
    told = told or "They carry the story in the room"
    told += f"; not marked: {', '.join(missing).lower()}" if marks and missing else ""
    state = "ok" if carried and not missing else "part" if carried else "off"
    label = {"ok": "Done", "part": f"{len(missing)} not marked", "off": "Not started"}[state]
    url = f"{base}look-again/" if carried else base
    return Check("Timeline", "Mark the moments that matter", told, state, label, url)


def _agreement(marks: list[Any], found: hints.Found, base: str) -> Check:
    """Disputes that nobody decided, then times and landmarks that contradict each other. What is left for the room is decided."""
    disputed, left = remembered.unsettled(marks)
    told = [f"{len(disputed)} disputed"] if disputed else []
    told += [f"{len(found.clashes)} to look at"] if found.clashes else []
    wait = f"{len(left)} left for the room" if left else ""
    detail = (
        "People remember a moment differently"
        if len(disputed) == 1
        else f"People remember {in_words(len(disputed))} moments differently"
    )
    if not disputed:
        detail = found.clashes[0].sentence if found.clashes else wait
    url = f"{base}?show=disputed" if disputed or (left and not found.clashes) else f"{base}look-again/"
    state = "ask" if told else "ok" if marks else "off"
    return Check(
        "Timeline",
        "Settle what disagrees",
        detail,
        state,
        ", ".join(told) or wait or ("Done" if marks else "Not started"),
        url,
    )
