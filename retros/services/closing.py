"""The close: two anonymous questions with one thing to take along, what the room made, and what happens next.

Nothing tells whose an answer is. Rates stand there when all who are here have answered and these are five, or when the meeting
is over and three have; while answers still come in one by one, a rate that moves would tell the last one.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from retros.live.log import Repeated, WrongState, change
from retros.models import Again, ClosingAnswer, Event, Learned, Operation, State

LEAST_OPEN, LEAST_AFTER = 5, 3


@dataclass(frozen=True)
class Rates:
    """How many of those who answered learned something, and how many would come again."""

    count: int
    learned: int
    a_little: int
    again: int
    perhaps: int


def answer(
    event: Event, *, by: Any, learned: str, again: str, thing: str = "", op: uuid.UUID | None = None
) -> ClosingAnswer:
    """Store two anonymous answers. A sealed write: no change row, no person, no time. Raises Repeated for a second press."""
    with change(event, None, "", by=None) as done:
        if done.event.state not in {State.MEETING, State.DRAFT, State.REVIEW}:
            raise WrongState("The questions are asked at the end of the meeting, until its review is published.")
        if op and ClosingAnswer.objects.filter(op=op).exists():
            raise Repeated(Operation(op=op, event=done.event))
        row = ClosingAnswer(event=done.event, learned=learned, again=again, thing=" ".join(thing.split()), op=op)
        row.full_clean(exclude=["event"])
        row.save()
        return row


# --- Reading --------------------------------------------------------------------------------------------------------
def rates(answers: list[ClosingAnswer], *, is_over: bool, here: int) -> Rates | None:
    """The rates, where they may be told; None while they would tell of somebody."""
    count = len(answers)
    if count < (LEAST_AFTER if is_over else max(LEAST_OPEN, here)):
        return None
    learned, again = [row.learned for row in answers], [row.again for row in answers]
    return Rates(
        count,
        learned.count(Learned.YES),
        learned.count(Learned.LITTLE),
        again.count(Again.YES),
        again.count(Again.PERHAPS),
    )


def things(answers: list[ClosingAnswer]) -> list[str]:
    """What people take along, in the order of the alphabet: the order of writing could tell who was first."""
    return sorted({row.thing for row in answers if row.thing}, key=str.casefold)


def answers_of(event: Event) -> list[ClosingAnswer]:
    return list(ClosingAnswer.objects.filter(event=event))


def lessons(event: Event) -> str:
    """A first draft of the lessons: what people said they take along, once the meeting is over."""
    return "" if event.state == State.MEETING else "\n".join(f"- {words}" for words in things(answers_of(event)))
