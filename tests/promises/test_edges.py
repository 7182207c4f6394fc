"""P12: phases move along allowed edges only, and once."""

import threading
from typing import Any

import pytest
from django.urls import reverse

from retros.models import AgendaStep, Event, Meeting, State
from retros.services import meeting, publishing
from tests.factories import make_entry, make_event, make_user
from tests.promises.people import Person

# What the facilitator may not do in a state, by name of the URL and fields. Written by hand from the rules of the meeting.
FORBIDDEN: dict[str, list[tuple[str, dict[str, str]]]] = {
    State.PREPARING: [
        ("room_step", {"from": "0", "to": "1"}), ("room_pause", {"is_paused": "yes"}), ("room_extend", {}), ("room_end", {}),
        ("room_reopen", {}), ("note_add", {"text": "Too early"}), ("review_state", {"to": "review"}), ("review_publish", {}),
    ],
    State.MEETING: [
        ("room_start", {}), ("room_reopen", {}), ("room_step", {"from": "3", "to": "4"}), ("room_step", {"from": "0", "to": "99"}),
        ("review_state", {"to": "review"}), ("review_state", {"to": "draft"}), ("review_publish", {}), ("event_decline", {"reason": "No"}),
    ],
    State.DRAFT: [
        ("room_start", {}), ("room_step", {"from": "0", "to": "1"}), ("room_pause", {"is_paused": "yes"}), ("room_extend", {}),
        ("room_end", {}), ("account_reveal", {}), ("review_state", {"to": "draft"}),
    ],
    State.REVIEW: [("room_start", {}), ("room_step", {"from": "0", "to": "1"}), ("room_end", {}), ("review_state", {"to": "review"})],
    State.PUBLISHED: [
        ("room_start", {}), ("room_step", {"from": "0", "to": "1"}), ("room_end", {}), ("room_reopen", {}),
        ("account_reveal", {}), ("review_state", {"to": "review"}), ("review_state", {"to": "draft"}),
    ],
}  # fmt: skip


@pytest.mark.promise(
    "P12", "1 winner per step of 10 who press at once, the others 409; each forbidden edge 409; 100 rounds"
)
def test_phases_move_along_allowed_edges_only_and_once(running, is_full, measured):
    rounds, hands = (100, 10) if is_full else (8, 6)
    lead = make_user("Lead")
    event = make_event(facilitator=lead)
    make_entry(event)
    people = [Person(lead, running.port) for _ in range(hands)]
    wrong: list[str] = []
    opened = press(people, event, "room_start")
    last = AgendaStep.objects.filter(meeting__event=event).count() - 1
    for number in range(rounds):
        here = number % last
        answers = press(people, event, "room_step", **{"from": str(here), "to": str(here + 1)})
        wrong += [] if answers == once(hands) else [f"step {here}: {answers}"]
        if here + 1 == last:
            press(people[:1], event, "room_step", **{"from": str(last), "to": "0"})
    ends = {"start": opened, "reveal": press(people, event, "account_reveal"), "end": press(people, event, "room_end")}
    ends["review"] = press(people, event, "review_state", to="review")
    wrong += [f"{name}: {answers}" for name, answers in ends.items() if answers != once(hands)]
    tried = [(state, name, fields) for state, edges in FORBIDDEN.items() for name, fields in edges]
    open_edges = [
        f"{state} {name} {fields}" for state, name, fields in tried if not is_refused(people[0], state, name, fields)
    ]
    measured(
        f"{len(wrong)} of {rounds + len(ends)} presses by {hands} hands had not one winner; "
        f"{len(open_edges)} of {len(tried)} forbidden edges open"
    )
    assert wrong == []
    assert open_edges == []


def once(hands: int) -> list[int]:
    return [303, *[409] * (hands - 1)]


def press(people: list[Person], event: Event, name: str, **fields: str) -> list[int]:
    """The same button by everybody at one moment."""
    answers: list[int] = []
    gate = threading.Barrier(len(people))

    def one(person: Person) -> None:
        gate.wait()
        answers.append(person.post(reverse(name, args=[event.code]), **fields).status)

    threads = [threading.Thread(daemon=True, target=one, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


def is_refused(lead: Person, state: str, name: str, fields: dict[str, Any]) -> bool:
    """409 by direct POST, and nothing moved."""
    event = in_state(lead.user, state)
    before = standing(event)
    answer = lead.post(reverse(name, args=[event.code]), **fields)
    return answer.status == 409 and standing(event) == before


def in_state(lead: Any, state: str) -> Event:
    """An event that came to this state by its own verbs as far as a room goes."""
    event = make_event(facilitator=lead)
    make_entry(event)
    if state == State.PREPARING:
        return event
    meeting.start(event, by=lead)
    if state == State.MEETING:
        return event
    meeting.end(event, by=lead)
    if state == State.REVIEW:
        publishing.ask_for_review(event, by=lead)
    if state == State.PUBLISHED:
        Event.objects.filter(pk=event.pk).update(state=state, published_at=event.ended_at)
    return event


def standing(event: Event) -> Any:
    row = Event.objects.get(pk=event.pk)
    step = Meeting.objects.filter(event=event).values_list("step__rank", "since", "ended_at").first()
    return row.state, row.change_seq, row.revealed_at, row.published_at, step
