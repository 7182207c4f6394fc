"""Walking the timeline in the room: which moments the walk stops at, where it stands, and what is said beside a moment.

What is read here is the same for everybody in the room. Accounts are among it once they are open, and only then: whoever enters
the room may read them from there on (`access.py`), and nothing takes a reveal back.
"""

import uuid
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils.text import Truncator

from aar_site.words import in_words
from retros import timing, when
from retros.document import chart, kinds
from retros.document.tree import Trace
from retros.live.log import change
from retros.models import Event, LiftedMoment, Meeting, ParticipantAccount, RoomNote, TimelineEntry, Walks
from retros.services import account_questions, accounts, entries, hints, lifting, outline, timeline_rows
from retros.services.meeting import running
from retros.services.outline import Mark
from retros.services.walk_prompts import ask

MOST_PASSAGES, MOST_NOTES, LONGEST = 6, 6, 240
REACH, REACH_IF_SLOW = timedelta(hours=1), timedelta(days=3)  # what an account says further off speaks of another time
NTH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "one")
MOST_HINTED = 1_500  # contradictions of a longer timeline stand on its own page
MOST_LISTED = 1_500  # of a longer one those are to choose from that carry the story, and those nearby


@dataclass(frozen=True)
class Near:
    """A neighbour of the moment, and how many lie between that the walk passes over."""

    line: timeline_rows.Line
    passed: int


@dataclass(frozen=True)
class Passage:
    """What one open account says of a moment: who, when, in their words. `key` names the sentence that holds the time, until it
    is a moment itself."""

    account_id: int
    who: str
    stamp: str
    text: str
    key: str = ""


@dataclass(frozen=True)
class Stand:
    """One moment as the room shows it. `index` counts from 1 among the stops of the walk, `count` is how many those are, `whole`
    how many moments the timeline has."""

    entry: TimelineEntry
    line: timeline_rows.Line
    before: list[Near]
    after: list[Near]
    index: int
    count: int
    whole: int
    by_key: bool
    ask: tuple[str, ...]
    passages: list[Passage] = field(default_factory=list)
    unsaid: int = 0  # passages that are left out
    notes: list[RoomNote] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)

    @property
    def earlier(self) -> TimelineEntry | None:
        return self.before[-1].line.entry if self.before else None

    @property
    def later(self) -> TimelineEntry | None:
        return self.after[0].line.entry if self.after else None


def context(event: Event, meeting: Meeting | None) -> dict[str, Any]:
    """The part of the stage: where the room stands, and the picture with its place."""
    marks = outline.of(event)
    at = meeting.cursor_id if meeting else None
    stand = stand_at(event, meeting, marks, at)
    is_slow = event.kind in timing.SLOW
    trace = chart.trace_of(event, marks, stand and stand.entry, kinds.phases_of(event))
    return {
        "stand": stand,
        "trace": trace,
        "stretch": None if is_slow else _stretch(event, marks, trace),
        "drawn_phases": kinds.phases(event) if event.kind == "project" else [],
        "phases": kinds.phases_of(event) if event.kind == "project" else [],
        "is_slow": is_slow,
    }


def stand_at(event: Event, meeting: Meeting | None, marks: list[Mark], pk: int | None) -> Stand | None:
    """A moment with its neighbours, the first where that one is gone; None in an empty timeline."""
    by_key, _ = outline.by_key(meeting, marks)
    stops = [mark for mark in marks if not by_key or outline.is_key(mark) or mark.pk == pk]
    if not stops:
        return None
    index = next((i for i, mark in enumerate(stops) if mark.pk == pk), 0)
    first = max(0, index - 1)
    shown = stops[first : index + 3]
    rows = entries.loaded(event, [mark.pk for mark in shown])
    zero = timing.t_zero(event, marks)
    lines = timeline_rows.lines_of(event, rows, zero)
    places = {mark.pk: i for i, mark in enumerate(marks)}
    here, entry = index - first, rows[index - first]
    passages = _passages(event, stops, entry, zero)
    passed = [places[b.pk] - places[a.pk] - 1 for a, b in pairwise(shown)]
    return Stand(
        entry=entry,
        line=lines[here],
        before=[Near(line, n) for line, n in zip(lines[:here], passed, strict=False)],
        after=[Near(line, n) for line, n in zip(lines[here + 1 :], passed[here:], strict=True)],
        index=index + 1,
        count=len(stops),
        whole=len(marks),
        by_key=by_key,
        ask=ask(entry.type, entry.landmark),
        passages=passages[:MOST_PASSAGES],
        unsaid=max(0, len(passages) - MOST_PASSAGES),
        notes=list(RoomNote.objects.kept().filter(entry=entry).select_related("created_by")[:MOST_NOTES]),
        clashes=_clashes(event, marks, entry.pk),
    )


def rows_of(event: Event, meeting: Meeting | None) -> dict[str, Any]:
    """The moments of the timeline in a line each, to choose from: (line, whether the walk stops there, whether it stands there)."""
    marks = outline.of(event)
    by_key, stops = outline.by_key(meeting, marks)
    here = (meeting and meeting.cursor_id) or outline.first_stop(meeting, marks) or 0  # where the stage shows it to be
    found = entries.ordered(event, light=True, only=_listed(marks, here))
    lines = timeline_rows.lines(
        found, timing.known_zero(event, timing.t_zero(event, marks)), days_in=timing.calendar(event)
    )
    at_key = {mark.pk for mark in marks if outline.is_key(mark)}
    return {
        "rows": [(line, line.entry.pk in at_key, line.entry.pk == here) for line in lines],
        "by_key": by_key,
        "stops": stops,
        "whole": len(marks),
        "is_cut": len(found) < len(marks),
    }


def _listed(marks: list[Mark], here: int) -> list[int] | None:
    """None for all of them; of a very long timeline the keys of what the walk stops at, and of what is nearest to where the room
    stands."""
    if len(marks) <= MOST_LISTED:
        return None
    half = MOST_LISTED // 2
    at = next((i for i, mark in enumerate(marks) if mark.pk == here), 0)
    near = marks[max(0, at - half // 2) :][:half]
    return list({mark.pk for mark in [*near, *[mark for mark in marks if outline.is_key(mark)][:half]]})


def moment_of(event: Event) -> TimelineEntry | None:
    """The moment that the room stands at, the first where it stands nowhere; None in an empty timeline."""
    kept = TimelineEntry.objects.kept().filter(event=event)
    found = kept.filter(pk__in=Meeting.objects.filter(event=event).values("cursor")).first() or kept.in_order().first()
    if found:
        found.event = event
    return found


def clock_of(entry: TimelineEntry) -> str:
    """What to type for a moment close to this one: its clock where that is the event's own, else the whole."""
    local = entry.local_at
    is_own = local is not None and local.utcoffset() == local.astimezone(entry.event.zone).utcoffset()
    if local is None or not is_own or entry.precision not in {"exact", "approx"}:
        return when.words(local, entry.precision, with_offset=entry.utc_offset is not None)
    return f"{local:%H:%M}"


# --- Writing --------------------------------------------------------------------------------------------------------
def choose(event: Event, *, by: Any, walks: str, op: uuid.UUID | None = None) -> None:
    """Stop at key moments, or at all of them; for everybody in the room. It goes on where it stands."""
    with change(event, "timeline", f"walked {Walks(walks).label.lower()}", by=by, op=op) as done:
        meeting = running(done.event)
        meeting.walks = walks
        meeting.save(update_fields=["walks"])


# --- Beside it ------------------------------------------------------------------------------------------------------
def _passages(event: Event, stops: list[Mark], entry: TimelineEntry, zero: datetime | None) -> list[Passage]:
    """What open accounts say of the moment: sentences that it came from, and those whose time lies nearer to it than to any
    other stop of the walk. Nothing before the reveal."""
    if not event.is_revealed:
        return []
    rows = ParticipantAccount.objects.opened().filter(event=event).select_related("author")
    became = LiftedMoment.objects.opened().filter(account__event=event)
    named = became.values_list("account_id", "question", "sentence", "entry_id")
    moment_of = {(of, slug, sentence): pk for of, slug, sentence, pk in named}
    near, book = _Nearness(event, stops, entry), lifting.Book(event, zero, {})
    found: list[tuple[bool, float, Passage]] = []
    for account in rows.defer("note_to_facilitator").order_by("submitted_at", "pk"):
        for said in _spoken(book, account):
            pk = moment_of.pop((account.pk, said.slug, said.sentence), None)
            if (pk == entry.pk if pk else near.covers(said)) and said.text != " ".join(entry.text.split()):
                passage = Passage(account.pk, account.author.name, said.stamp, said.text, "" if pk else said.key)
                found.append((pk is None, near.distance(said), passage))
        for (of, slug, sentence), pk in moment_of.items():  # without a time of their own
            if (of, pk) == (account.pk, entry.pk) and sentence != entry.text and slug in account.answers:
                found.append(
                    (False, 0.0, Passage(account.pk, account.author.name, "", Truncator(sentence).chars(LONGEST)))
                )
    return [passage for _, _, passage in sorted(found, key=lambda row: row[:2])]


@dataclass(frozen=True)
class Said:
    """A sentence of an open account that holds a time, with the words that follow it."""

    slug: str
    sentence: str
    key: str
    text: str
    stamp: str
    at: datetime | None
    precision: str


# Reading fifteen accounts takes as long as all the rest of the stage, which comes anew with every kept change. What was read is
# kept in this process under the text itself and what it was read with, so it cannot be stale; open accounts only come here.
_SPOKEN: dict[tuple[Any, ...], tuple[Said, ...]] = {}
MOST_KEPT = 300


def _spoken(book: lifting.Book, account: ParticipantAccount) -> tuple[Said, ...]:
    event = book.event
    key = (
        account.pk,
        event.kind,
        accounts.frame_of(event, book.zero),
        event.t0_entry_id,
        tuple(account.answers.items()),
    )
    found = _SPOKEN.get(key)
    if found is None:
        if len(_SPOKEN) >= MOST_KEPT:
            _SPOKEN.clear()
        found = _SPOKEN[key] = tuple(_read(book, account))
    return found


def _read(book: lifting.Book, account: ParticipantAccount) -> Iterator[Said]:
    for question, _ in account_questions.answered(book.event.kind, account.answers):
        pieces = book.pieces(account, question.slug)
        for piece, after in zip(pieces, [*pieces[1:], lifting.Piece("")], strict=True):
            moment = piece.moment
            if moment is None:
                continue
            words = f"{moment.proposed_text} {'' if after.moment else after.text}"
            text = Truncator(" ".join(words.split())).chars(LONGEST)
            reading = moment.reading
            at, precision = (reading.at, reading.precision) if reading else (None, "")
            yield Said(question.slug, moment.sentence, moment.key, text, moment.offset or moment.typed, at, precision)


class _Nearness:
    """Whether a time in an account belongs to one moment of the timeline, and not to another stop of the walk."""

    def __init__(self, event: Event, stops: list[Mark], entry: TimelineEntry) -> None:
        self.entry, self.is_slow, self.zone = entry, event.kind in timing.SLOW, event.zone
        self.reach = REACH_IF_SLOW if self.is_slow else REACH
        self.ats = [mark.at for mark in stops if mark.at is not None]

    def covers(self, said: Said) -> bool:
        if said.at is None or self.entry.at is None:
            return False
        if said.precision in lifting.DAYS:  # a day is as near to each of its hours
            return said.precision == "day" and self.is_slow and self._day(said.at) == self._day(self.entry.at)
        return abs(self.entry.at - said.at) <= min(self.reach, self._nearest(said.at))

    def distance(self, said: Said) -> float:
        """In seconds."""
        return abs((self.entry.at - said.at).total_seconds()) if said.at and self.entry.at else 0.0

    def _nearest(self, at: datetime) -> timedelta:
        place = bisect_left(self.ats, at)
        return min((abs(other - at) for other in self.ats[max(0, place - 1) : place + 1]), default=timedelta.max)

    def _day(self, at: datetime) -> Any:
        return at.astimezone(self.zone).date()


def _clashes(event: Event, marks: list[Mark], pk: int) -> list[str]:
    """What contradicts itself at this moment, as its own page says it."""
    if len(marks) > MOST_HINTED:
        return []
    return [hint.sentence for hint in hints.at_moment(event, marks, pk)]


# --- The picture ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Stretch:
    """The phase of an event that the room stands in, drawn alone: its name, its place among all, its ends in words."""

    name: str
    place: str  # second of three phases
    start: str
    end: str
    trace: Trace


def _stretch(event: Event, marks: list[Mark], trace: Trace | None) -> Stretch | None:
    """None where the event has no phases, or the moment has no place in the picture."""
    ends = chart.extent(event, marks)
    here = next((place for place, weight in trace.ticks if weight == "n"), None) if trace else None
    if trace is None or ends is None or here is None:
        return None
    found = [i for i, (start, _, _) in enumerate(trace.bands) if start <= here]
    if not found or len(trace.bands) < 2:
        return None
    start, width, name = trace.bands[found[-1]]
    zero = timing.t_zero(event, marks)
    length = ends[1] - ends[0]
    first, last = (timing.offset_label(_minute(ends[0] + length * at), zero) for at in (start, start + width))
    place = f"{NTH[min(found[-1], len(NTH) - 1)]} of {in_words(len(trace.bands))} phases"
    return Stretch(name, place, first, last, chart.part_of(trace, start, width))


def _minute(at: datetime) -> datetime:
    """The nearest one: places in a picture are no finer."""
    return (at + timedelta(seconds=30)).replace(second=0, microsecond=0)
