"""The close: two anonymous questions with one thing to take along, what the room made, and what happens next.

Nothing tells whose an answer is. Rates stand there when all who are here have answered and these are five, or when the meeting
is over and three have; while answers still come in one by one, a rate that moves would tell the last one.
"""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.utils.crypto import salted_hmac

from aar_site import clock
from aar_site.words import day, in_words
from retros import sections
from retros.live.log import Repeated, WrongState, change
from retros.models import Again, ClosingAnswer, Event, Learned, Membership, Operation, SilentNote, State
from retros.services import schedule, well
from retros.services.agenda import agenda_for, parts_of
from retros.services.once import remembering

LEAST_OPEN, LEAST_AFTER = 5, 3
MARK_DAYS, DAY_S = 180, 86_400


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
    """Store two anonymous answers. A sealed write: no change row, no person, no time. Raises Repeated for a second press, and
    for a second answer of the same person: who answers four times would read the fifth from the rates."""
    with change(event, None, "", by=None) as done:
        if done.event.state not in {State.MEETING, State.DRAFT, State.REVIEW}:
            raise WrongState("The questions are asked at the end of the meeting, until its review is published.")
        if op and ClosingAnswer.objects.filter(op=op).exists():
            raise Repeated(Operation(op=op, event=done.event))
        if by is not None and not cache.add(_mark(done.event, by), True, _until_midnight()):
            raise Repeated(Operation(event=done.event))
        row = ClosingAnswer(event=done.event, learned=learned, again=again, thing=" ".join(thing.split()), op=op)
        row.full_clean(exclude=["event"])
        row.save()
        return row


def _mark(event: Event, by: Any) -> str:
    """That somebody has answered, as a key that names nobody to who reads the table; the answer does not hold it."""
    return f"closed-{salted_hmac('closing answer', f'{event.pk}:{by.pk}', algorithm='sha256').hexdigest()}"


def _until_midnight() -> int:
    """Seconds to a midnight in half a year, so that when a mark ends tells nothing of when it was made."""
    return MARK_DAYS * DAY_S - int(clock.now().timestamp()) % DAY_S


# --- Reading --------------------------------------------------------------------------------------------------------
DRAFT_DAYS = 2


def context(event: Event) -> dict[str, Any]:
    """What the meeting made, and what happens next. The same for everybody; nothing about answers."""
    about = remembering(event)
    asked = {part for slug, _, _ in agenda_for(event) for part in parts_of(event, slug)}
    found = [
        (what, count)
        for section in sections.sections_for(event)
        for what, count in section.made(about)
        if count or section.slug in asked  # a nought of what nobody was asked for says nothing
    ]
    return {"made": found, "ahead": _ahead(about), "is_well_unsaid": well.is_unsaid(event)}


def _ahead(event: Event) -> list[tuple[str, str]]:
    """Days that lie ahead, in their order, as words."""
    held = event.held_at.astimezone(event.zone).date() if event.held_at else None
    due = schedule.publish_due(event)
    days: list[tuple[date, str]] = []
    if held:
        days.append((held + timedelta(days=DRAFT_DAYS), "The draft is tidied by then"))
    if due:
        on = due.astimezone(event.zone).date()
        days.append((on, "Was to be published by then" if held and on < held else "Published at the latest"))
    days += [one for section in sections.sections_for(event) for one in section.ahead(event)]
    return [(day(on), words) for on, words in sorted(days)]


def own_context(event: Event, user: Any) -> dict[str, Any]:
    """What one reader gets beside it: how many answered, the rates where they may be told, and what is theirs."""
    answers, is_over = answers_of(event), event.state != State.MEETING
    people = Membership.objects.filter(event=event)
    here = people.filter(attended_at__isnull=False).count()
    return {
        "answered": _answered(len(answers), max(here, len(answers))),
        "rates": rates(answers, is_over=is_over, here=here),
        "why_none": _why_none(max(here, len(answers)), is_over=is_over),
        "things": things(answers) if is_over else [],
        "owned": [one for section in sections.sections_for(event) for one in section.owned(event, user)],
        "never_shown": SilentNote.objects.sealed().filter(event=event, author__in=people.values("user")).count(),
        "every_s": 10,
    }


def _answered(count: int, here: int) -> str:
    """ "Five of eight have answered"."""
    if not count:
        return "Nobody has answered yet"
    words = f"{in_words(count).capitalize()} of {in_words(here)} {'has' if count == 1 else 'have'} answered"
    return words


def _why_none(here: int, *, is_over: bool) -> str:
    """Why nobody reads yet what the answers say, and when that changes."""
    if is_over:
        return "What they say is shown from three answers on: among fewer one could tell whose it is."
    if here < LEAST_OPEN:
        return "What they say is shown once the meeting is over, from three answers on: among fewer than five one could tell whose it is."
    return "What they say is shown once everybody here has answered, or the meeting is over."


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
