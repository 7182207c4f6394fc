"""Sentences of accounts that become moments of the timeline: found, proposed, lifted, taken back.

A sentence is as sealed as its account. Before the reveal only the author lifts one, which is to share it early: the entry
says what the author chose to say, and carries no name unless they said so, neither on it nor in the change log. Until the
reveal they may take it back, and then it is gone. Afterwards whoever edits entries lifts any sentence that they can read.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from aar_site.words import moment as moment_words
from retros import limits, sentences, timing
from retros.live.log import WrongState, change
from retros.models import (
    AccountState,
    Change,
    EntryType,
    Event,
    LiftedMoment,
    Membership,
    ParticipantAccount,
    Source,
    TimelineEntry,
    sentence_key,
)
from retros.services import account_questions, accounts, entries
from retros.services.states import check_open
from retros.when import Frame, When

DAYS = {"day", "month"}
MOST_NEAR = 500
BESIDE = 6  # proposals that stand beside the timeline
NEAR = timedelta(minutes=2)
NEAR_IF_VAGUE = timedelta(minutes=5)
TYPES = {"noticed": EntryType.SIGNAL, "noticed_at": EntryType.SIGNAL, "did": EntryType.ACTION}


@dataclass(frozen=True)
class Moment:
    """One sentence of an account, as it could stand on the timeline, and where it stands if it does."""

    account: ParticipantAccount
    question: account_questions.Question
    sentence: str
    typed: str = ""
    reading: When | None = None
    doubt: str = ""
    read_as: str = ""  # "Sun 21 Oct 2018, 23:07 UTC"
    offset: str = ""  # "T+00:15"
    zero: datetime | None = None
    first_words: str = ""  # of the next answer, where the sentence is a clock and nothing else
    entry: TimelineEntry | None = None
    entry_offset: str = ""
    near: tuple[TimelineEntry, ...] = ()

    @property
    def key(self) -> str:
        """Names the sentence in an address; another sentence, another key."""
        return sentence_key(self.question.slug, self.sentence)

    @property
    def holds_time(self) -> bool:
        return bool(self.typed)

    @property
    def proposed_text(self) -> str:
        """The words that are offered: the sentence itself, unless it is a clock alone."""
        return (self.first_words or self.sentence)[: limits.ENTRY]

    @property
    def proposed_type(self) -> str:
        return TYPES.get(self.question.slug, "")


@dataclass(frozen=True)
class Piece:
    """A run of an answer as it is read: words, or a sentence that is a moment."""

    text: str
    moment: Moment | None = None


@dataclass(frozen=True)
class Book:
    """What is known of one event when its accounts are read for moments: T-0, and what one reader may know to be lifted."""

    event: Event
    zero: datetime | None
    lifted: dict[tuple[int, str, str], LiftedMoment]

    def pieces(self, account: ParticipantAccount, slug: str) -> list[Piece]:
        """An answer from its first word to its last, each sentence with a time by itself."""
        text, found, at = account.answers.get(slug, ""), [], 0
        for span, moment in self._sentences(account, slug):
            if not moment.holds_time and moment.entry is None:
                continue
            found += [Piece(text[at : span.start].strip()), Piece(span.text, moment)]
            at = span.end
        return [piece for piece in [*found, Piece(text[at:].strip())] if piece.text]

    def moments(self, account: ParticipantAccount) -> list[Moment]:
        """Every sentence of an account, in the order of its questions."""
        slugs = [q.slug for q, _ in account_questions.answered(self.event.kind, account.answers)]
        return [moment for slug in slugs for _, moment in self._sentences(account, slug)]

    def _sentences(self, account: ParticipantAccount, slug: str) -> Iterable[tuple[sentences.Sentence, Moment]]:
        question = account_questions.EVERY[slug]
        for span in sentences.read(account.answers.get(slug, ""), accounts.frame_of(self.event, self.zero)):
            yield span, self._moment(account, question, span)

    def _moment(
        self, account: ParticipantAccount, question: account_questions.Question, span: sentences.Sentence
    ) -> Moment:
        row = self.lifted.get((account.pk, question.slug, span.text))
        moment = Moment(
            account, question, span.text, span.typed, span.reading, span.doubt, zero=self.zero,
            entry=row.entry if row else None, entry_offset=self.offset_of(row.entry) if row else "",
        )  # fmt: skip
        if span.typed and question.slug == "noticed_at" and len(span.text) <= len(span.typed) + 12:
            moment = replace(
                moment, first_words=_first_words(account, question, accounts.frame_of(self.event, self.zero))
            )
        if span.reading is None:
            return moment
        at, precision = span.reading.at, span.reading.precision
        local = at.astimezone(self.event.zone)
        words = (
            timing.day_words(local.date(), precision) if precision in DAYS else moment_words(at, self.event.time_zone)
        )
        return replace(moment, read_as=words, offset=self._offset(local, precision))

    def offset_of(self, entry: TimelineEntry) -> str:
        return self._offset(entry.local_at or entry.at, entry.precision)

    def on_timeline(self) -> list[tuple[str, LiftedMoment]]:
        """What was lifted, with its offset, in the order of the timeline."""
        rows = sorted(
            self.lifted.values(), key=lambda row: (row.entry.sort_at is not None, row.entry.sort_at, row.entry.rank)
        )
        return [(self.offset_of(row.entry), row) for row in rows]

    def _offset(self, at: datetime | None, precision: str) -> str:
        zero = timing.known_zero(self.event, self.zero)
        return timing.offset_label(at, zero, precision, timing.calendar(self.event))

    def with_near(self, moments: list[Moment]) -> list[Moment]:
        """Each with up to three entries beside it that may be the same moment, remembered by somebody else or kept by a
        machine. One query for all."""
        spans = [_span(m.reading) if m.reading and not m.entry else None for m in moments]
        close = Q()
        for span in filter(None, spans):
            close |= Q(at__range=span)
        if not close:
            return moments
        rows = TimelineEntry.objects.kept().filter(close, event=self.event).exclude(precision__in=DAYS).defer("raw")
        timed = [row for row in rows.in_order()[:MOST_NEAR] if row.at]
        return [
            replace(m, near=_closest(m, span, timed)) if span else m for m, span in zip(moments, spans, strict=True)
        ]


def _closest(moment: Moment, span: tuple[datetime, datetime], rows: list[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    at = moment.reading.at if moment.reading else span[0]
    found = sorted((abs(row.at - at), row.pk, row) for row in rows if row.at and span[0] <= row.at <= span[1])
    return tuple(row for _, _, row in found[:3])


def _span(reading: When) -> tuple[datetime, datetime] | None:
    """Within which another entry may be the same moment; None where only a day is known."""
    if reading.precision in DAYS:
        return None
    width = NEAR if reading.precision == "exact" else NEAR_IF_VAGUE
    return reading.at - width, reading.at + width


def _first_words(account: ParticipantAccount, question: account_questions.Question, frame: Frame) -> str:
    """What to call a clock that stands alone: the first thing seen, unless that has a time of its own."""
    text = account.answers.get("saw") or account.answers.get("noticed") or ""
    first = next(sentences.spans(text), (0, 0))
    found = sentences.read(text[slice(*first)], frame)
    return found[0].text if found and not found[0].typed else question.heading


def book_of(event: Event, reader: Any, zero: datetime | None) -> Book:
    """For one reader: of accounts that are sealed for them nothing is known, not even that a sentence was lifted."""
    rows = (
        LiftedMoment.objects.readable_by(reader).filter(account__event=event).select_related("entry", "account__author")
    )
    found = rows.defer("account__answers", "account__note_to_facilitator", "entry__raw")
    for row in found:
        row.entry.event = event
    return Book(event, zero, {(row.account_id, row.question, row.sentence): row for row in found})


@dataclass(frozen=True)
class Shown:
    """One open account as it is read: its answers in pieces, its edits, and whether the reader may lift from it."""

    account: ParticipantAccount
    answers: list[tuple[account_questions.Question, list[Piece]]]
    edits: list[accounts.Edit]
    may_lift: bool


def read_together(book: Book, reader: Any, verbs: frozenset[str]) -> list[Shown]:
    """The open accounts, as one reader sees them; proposals with what stands close to them on the timeline."""
    found = []
    for account in accounts.readable(book.event, reader):
        verb = "write account" if account.author_id == reader.pk else "edit entries"
        asked = account_questions.answered(book.event.kind, account.answers)
        pieces = [(question, book.pieces(account, question.slug)) for question, _ in asked]
        may_lift = verb in verbs and not book.event.is_closed
        found.append(Shown(account, pieces, accounts.edits_of(account), may_lift))
    moments = [piece.moment for shown in found for _, pieces in shown.answers for piece in pieces if piece.moment]
    near = {(m.account.pk, m.key): m for m in book.with_near(moments)}
    return [
        replace(shown, answers=[(q, [_near(p, near) for p in pieces]) for q, pieces in shown.answers])
        for shown in found
    ]


def _near(piece: Piece, near: dict[tuple[int, str], Moment]) -> Piece:
    return replace(piece, moment=near[piece.moment.account.pk, piece.moment.key]) if piece.moment else piece


def proposed(book: Book, reader: Any, *, may_lift_all: bool) -> list[Moment]:
    """After the reveal: sentences with a time that are not on the timeline yet, in the order of their times; the own ones, or
    those of everybody for who edits entries. None before it: nobody's own sentences on a screen that others look at."""
    if not book.event.is_revealed or book.event.is_closed:
        return []
    rows = ParticipantAccount.objects.readable_by(reader).filter(event=book.event, state=AccountState.SUBMITTED)
    readable = rows if may_lift_all else rows.filter(author=reader.pk)
    every = (m for a in readable.select_related("author").defer("note_to_facilitator") for m in book.moments(a))
    found = [m for m in every if m.holds_time and m.entry is None]
    return sorted(found, key=lambda m: (m.reading is None, m.reading.at.timestamp() if m.reading else 0.0))


def aside(
    event: Event, reader: Any, zero: datetime | None, verbs: frozenset[str], rows: Sequence[TimelineEntry] = ()
) -> dict[str, Any]:
    """What the timeline shows beside itself after the reveal: the first proposals, and how many there are. The rows that it
    shows get the sentence that they came from, as `mark_sources` gives it."""
    if not event.is_revealed:
        return {}
    book = book_of(event, reader, zero)
    sources = {row.entry_id: row for row in book.lifted.values()}
    for entry in rows:
        entry.quoted = sources.get(entry.pk)
    if event.is_closed or "write account" not in verbs:
        return {}
    found = proposed(book, reader, may_lift_all="edit entries" in verbs)
    return {"proposed": book.with_near(found[:BESIDE]), "proposed_count": len(found)}


def mark_sources(rows: list[TimelineEntry], reader: Any) -> None:
    """After the reveal, give entries that came from an account the sentence, as `.quoted`, as far as the reader may read it.
    Not before: others may look at the author's screen. One query."""
    from_accounts = {row.pk: row for row in rows if row.source == Source.ACCOUNT and row.event.is_revealed}
    if not from_accounts:
        return
    found = LiftedMoment.objects.readable_by(reader).filter(entry__in=from_accounts)
    for row in found.select_related("account__author").defer("account__answers", "account__note_to_facilitator"):
        from_accounts[row.entry_id].quoted = row


def removed_by_others(account: ParticipantAccount) -> list[LiftedMoment]:
    """For the author, before the reveal: what was shared and then removed from the timeline, where it can be brought back."""
    if account.event.is_revealed:
        return []
    return list(
        LiftedMoment.objects.filter(account=account.pk, entry__removed_at__isnull=False).select_related("entry")
    )


def find(moments: list[Moment], key: str) -> Moment | None:
    return next((moment for moment in moments if moment.key == key), None)


# --- Writing --------------------------------------------------------------------------------------------------------
def lift(
    moment: Moment,
    *,
    by: Any,
    when: When,
    text: str,
    type: str = "",
    landmark: str = "",
    is_named: bool = False,
    op: uuid.UUID | None = None,
) -> TimelineEntry:
    """Put a sentence on the timeline; the entry that is there already, where it was lifted before.

    Raises WrongState where the author rewrote the sentence meanwhile, or where the account is sealed for `by`.
    """
    event, is_own = moment.account.event, moment.account.author_id == by.pk
    is_silent = is_own and not is_named and not event.is_revealed
    what = "added a moment from an account" if event.is_revealed else entries.SHARED
    with change(event, "timeline", what, by=None if is_silent else by, op=op) as done:
        check_open(done.event)
        if not is_own and not done.event.is_revealed:
            raise WrongState("The accounts are sealed. Only its author can share a moment of one.")
        account = ParticipantAccount.objects.readable_by(by).filter(pk=moment.account.pk).first()
        if account is None or moment.sentence not in account.answers.get(moment.question.slug, ""):
            raise WrongState("This sentence was rewritten meanwhile. Look at the account again.")
        if there := _lifted(moment):
            return there.entry
        entry = entries.insert(
            done.event, by=None if is_silent else by, when=when, text=text, type=type, landmark=landmark,
            source=Source.ACCOUNT, source_label=_label(account, by, is_named=is_named, is_early=not done.event.is_revealed),
        )  # fmt: skip
        LiftedMoment.objects.create(
            entry=entry, account=account, question=moment.question.slug, sentence=moment.sentence
        )
        done.about(entry)  # without its words: the author may take them back
        return entry


def take_back(account: ParticipantAccount, key: str, *, by: Any, op: uuid.UUID | None = None) -> bool:
    """Delete what was shared early, with all that hangs on it; whether there was something. Not possible after the reveal."""
    rows = LiftedMoment.objects.filter(account=account.pk, account__author=by.pk)
    mine = [row.entry_id for row in rows if row.key == key]  # what somebody removed is among them
    if not mine:
        return False
    with change(account.event, "timeline", "took a shared moment back", by=None, op=op) as done:
        check_open(done.event)
        if done.event.is_revealed:
            raise WrongState(
                "The accounts are open, and this moment is everybody\u2019s. It can be removed on the timeline."
            )
        TimelineEntry.objects.filter(event=done.event, pk__in=mine).delete()
        _forget_words(done.event, mine)
    return True


def _forget_words(event: Event, entries: list[int]) -> None:
    """Let the change log keep that somebody edited what is gone, and not the words that stood there."""
    for row in Change.objects.filter(event=event, subject__in=[f"timelineentry:{pk}" for pk in entries]).exclude(
        detail={}
    ):
        row.detail = {name: value for name, value in row.detail.items() if name in {"undo", "undid"}}
        row.save(update_fields=["detail"])


def _lifted(moment: Moment) -> LiftedMoment | None:
    rows = LiftedMoment.objects.filter(
        account=moment.account.pk, question=moment.question.slug, sentence=moment.sentence
    )
    return rows.filter(entry__removed_at__isnull=True).select_related("entry").first()


def _label(account: ParticipantAccount, by: Any, *, is_named: bool, is_early: bool) -> str:
    """Who it is known from: the author's name where they said so; their part once the accounts are open; before, nothing."""
    if is_named and account.author_id == by.pk:
        return str(by.name)
    if is_early:
        return ""
    member = Membership.objects.filter(event=account.event_id, user=account.author_id).first()
    return member.role_in_event[: limits.LINE] if member else ""
