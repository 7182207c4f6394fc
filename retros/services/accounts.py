"""Accounts: written in private, sealed for everybody else, opened together at one moment.

A write before the reveal is a sealed write: it takes the event's lock, so that it falls before or after the reveal and never
across it, and leaves no number and no row in the change log.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError

from aar_site import clock
from aar_site.outbox import mail
from aar_site.words import moment
from retros import limits, sentences, text_diff, timing, when
from retros.live.log import Stale, WrongState, change
from retros.models import AccountRevision, AccountState, Event, Membership, ParticipantAccount, Role, State
from retros.services import account_questions

READING_MINUTES = 10
SLUGS = set(account_questions.EVERY)
MOST_COMPARED = 12_000  # characters
STANDINGS: dict[str, str] = {AccountState.SUBMITTED: "in", AccountState.DECLINED: "declined"}


@dataclass(frozen=True)
class Standing:
    """What the facilitator may know of a person's account: in, not in, or declined. Nothing tells a draft from nothing."""

    membership: Membership
    state: str
    is_late: bool
    is_after_reveal: bool = False

    @property
    def label(self) -> str:
        return {"in": "In", "declined": "Declined"}.get(self.state, "Not in")

    @property
    def tag(self) -> str:
        return {"in": "ok", "declined": ""}.get(self.state, "off")

    @property
    def mark(self) -> str:
        """How late it came; "" in time."""
        return "after the opening" if self.is_after_reveal else "recalled late" if self.is_late else ""


@dataclass(frozen=True)
class Window:
    """The opened page that saves: its random id, its how manieth save this is, and the mark of the account that it read.

    A page may save where nobody saved since it read; and after itself, but never an older save after a newer one: an
    autosave that was on its way for long, or whose answer was lost, stands in nobody's way and takes nothing back.
    """

    page: uuid.UUID | None
    count: int
    seen: str

    def is_behind(self, account: ParticipantAccount) -> bool:
        if self.page and self.page == account.saved_page:
            return self.count <= account.saved_count
        return self.seen != account.mark


def save_draft(
    event: Event,
    *,
    by: Any,
    answers: dict[str, str],
    note: str,
    window: Window | None = None,
    op: uuid.UUID | None = None,
) -> ParticipantAccount:
    """Keep what is written so far; questions that `answers` does not name keep theirs. What was handed in stays handed in.

    Once it is open, only `submit` changes it (WrongState). Raises Stale(account) where another window saved other words since
    this one read; nothing is replaced then.
    """
    return _write(event, by=by, answers=answers, note=note, window=window, op=op, submit=False)


def submit(
    event: Event,
    *,
    by: Any,
    answers: dict[str, str],
    note: str,
    window: Window | None = None,
    op: uuid.UUID | None = None,
) -> ParticipantAccount:
    """Hand the account in. It can be edited until the reveal. Raises ValidationError for an account without a word, and
    Stale as `save_draft` does."""
    return _write(event, by=by, answers=answers, note=note, window=window, op=op, submit=True)


def _write(
    event: Event,
    *,
    by: Any,
    answers: dict[str, str],
    note: str,
    window: Window | None,
    op: uuid.UUID | None,
    submit: bool,
) -> ParticipantAccount:
    topics = "accounts" if submit and event.is_revealed else None
    with change(event, topics, "added to an account after the reveal", by=by, op=op) as done:
        _check_open(done.event, by)
        if done.event.is_revealed and topics is None and submit:
            raise WrongState(
                "The accounts were opened while you were writing. Send it again: it will be marked as later."
            )
        account, _ = ParticipantAccount.objects.select_for_update().get_or_create(event=done.event, author=by)
        kept = _merged(account, answers, note)
        if submit and not kept:
            raise ValidationError("Write at least one answer. Half a sentence is enough, or decline without a reason.")
        is_new = (account.answers, account.note_to_facilitator) != (kept, note)
        if not is_new and not submit:
            return account
        _claim(account, window, is_new=is_new)
        is_first = account.submitted_at is None
        if done.event.is_revealed and not is_first and account.answers != kept:
            if not submit:
                raise WrongState(
                    "The accounts are open. Send your changes, so that everyone can see what they replace."
                )
            AccountRevision.objects.create(
                account=account, number=account.revisions.count() + 1, answers=account.answers, replaced_at=clock.now()
            )
        now = clock.now()
        _address_note(account, done.event, note)
        account.answers, account.saved_at = kept, now
        if submit or account.state == AccountState.DECLINED or not kept:
            account.state = AccountState.SUBMITTED if submit else AccountState.DRAFT
        if submit and is_first:
            account.submitted_at = now
            account.is_late = bool(done.event.accounts_due_at and now > done.event.accounts_due_at)
            account.is_after_reveal = done.event.is_revealed
        elif account.state == AccountState.DRAFT:
            account.submitted_at = None
        account.save()
        if topics is not None:
            done.about(account)
        return account


def _claim(account: ParticipantAccount, window: Window | None, *, is_new: bool = True) -> None:
    """Mark the save as this window's. Raises Stale where its new words would replace what the window never showed."""
    is_something = account.answers or account.note_to_facilitator or account.state == AccountState.DECLINED
    if window and is_new and is_something and window.is_behind(account):
        raise Stale(account)
    if window is None or window.page is None:
        account.saved_page, account.saved_count = None, account.saved_count + 1
    elif window.page == account.saved_page:
        account.saved_count = max(window.count, account.saved_count)
    else:
        account.saved_page, account.saved_count = window.page, window.count


def _merged(account: ParticipantAccount, answers: dict[str, str], note: str) -> dict[str, str]:
    """The answers that are there, with those that were sent in their places. Raises ValidationError where they are too long."""
    given = {slug: text for slug, text in answers.items() if slug in SLUGS}
    kept = {slug: text for slug, text in {**account.answers, **given}.items() if text.strip()}
    if any(len(text) > limits.ACCOUNT_ANSWER for text in kept.values()) or len(note) > limits.NOTE:
        raise ValidationError(
            f"An answer has at most {limits.ACCOUNT_ANSWER:,} characters, the note to the facilitator {limits.NOTE:,}."
        )
    if sum(map(len, kept.values())) > limits.ACCOUNT:
        raise ValidationError(f"All answers together have at most {limits.ACCOUNT:,} characters.")
    return kept


def _address_note(account: ParticipantAccount, event: Event, note: str) -> None:
    """Bind a note to the one who facilitates as it is written: whoever takes the role over later never reads it."""
    if note == account.note_to_facilitator:
        return
    lead = Membership.objects.filter(event=event, role=Role.FACILITATOR).first()
    account.note_to_facilitator, account.note_for_id = note, lead.user_id if lead and note else None


def decline(event: Event, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Say that one writes no account; no reason is asked, and what was written stays sealed. `take_back` undoes it."""
    with change(event, None, "", by=by, op=op) as done:
        _check_open(done.event, by)
        account, _ = ParticipantAccount.objects.select_for_update().get_or_create(event=done.event, author=by)
        if account.state == AccountState.SUBMITTED and done.event.is_revealed:
            raise WrongState("The accounts are open, and yours with them. It can be edited, not withdrawn.")
        account.state, account.submitted_at, account.saved_at = AccountState.DECLINED, None, clock.now()
        _claim(account, None)  # a draft that was on its way does not take it back
        account.save()


def take_back(event: Event, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Make a draft again of what was handed in or declined. Not possible for what others can read already."""
    with change(event, None, "", by=by, op=op) as done:
        _check_open(done.event, by)
        account = ParticipantAccount.objects.select_for_update().filter(event=done.event, author=by).first()
        if account is None:
            return
        if account.state == AccountState.SUBMITTED and done.event.is_revealed:
            raise WrongState("The accounts are open, and yours with them. It can be edited, not withdrawn.")
        account.state, account.submitted_at, account.is_late = AccountState.DRAFT, None, False
        account.save()


def reveal(event: Event, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Open all submitted accounts to the people of the event, at this moment, for good."""
    with change(event, "event,people", "opened the accounts", by=by, op=op) as done:
        fresh = done.event
        if fresh.is_revealed:
            raise WrongState("The accounts are open already. They stay open.")
        if fresh.state not in {State.PREPARING, State.MEETING}:
            raise WrongState("The meeting is over; accounts are opened before or in the meeting.")
        # Who was taken out of the review wrote for a circle they are no longer in: theirs stays sealed.
        people = Membership.objects.filter(event=fresh).values("user")
        gone = ParticipantAccount.objects.filter(event=fresh, state=AccountState.SUBMITTED).exclude(author__in=people)
        gone.update(state=AccountState.DRAFT, submitted_at=None)
        fresh.revealed_at = clock.now()
        fresh.save(update_fields=["revealed_at"])


def quiet_until(event: Event) -> datetime | None:
    """The end of the ten minutes in which everybody reads before anyone speaks."""
    return event.revealed_at + timedelta(minutes=READING_MINUTES) if event.revealed_at else None


def remind(event: Event, *, by: Any, op: uuid.UUID | None = None) -> int:
    """Ask those whose account is not in, once a day at most; returns how many were asked."""
    asked = 0
    with change(event, "", "reminded people of their accounts", by=by, op=op) as done:
        if done.event.is_revealed or done.event.state != State.PREPARING:
            raise WrongState("Reminders go out while the review is being prepared, until the accounts are opened.")
        for standing in standings(done.event):
            person = standing.membership.user
            if standing.state != "not in" or not person.is_active:
                continue
            asked += mail.post(
                "account_reminder",
                f"{standing.membership.pk}:{clock.today(person.time_zone)}",
                person=person,
                template="account_reminder",
                context={
                    "event_title": done.event.title,
                    "asked_by": by.name,
                    "path": f"/e/{done.event.code}/account/",
                    "due": done.event.accounts_due_at,
                    "time_zone": done.event.time_zone,
                },
            )
    return asked


def standings(event: Event, people: Iterable[Membership] | None = None) -> list[Standing]:
    """For the facilitator: who is in, not in, declined. Loads no text, and does not tell a draft from nothing. `people`: those of
    the event, where they were read."""
    return standings_of([event], people)[event.pk]


def standings_of(events: list[Event], people: Iterable[Membership] | None = None) -> dict[int, list[Standing]]:
    """The same for several events that one person facilitates, by key, in two queries at most."""
    if people is None:
        people = Membership.objects.filter(event__in=events).select_related("user")
    handed = ParticipantAccount.objects.filter(
        event__in=events, state__in=[AccountState.SUBMITTED, AccountState.DECLINED]
    )
    fields = ("event", "author", "state", "is_late", "is_after_reveal")
    known = {(event, author): said for event, author, *said in handed.values_list(*fields)}
    found: dict[int, list[Standing]] = {event.pk: [] for event in events}
    for membership in people:
        state, *marks = known.get((membership.event_id, membership.user_id), ["", False, False])
        if not membership.writes_account and state != AccountState.SUBMITTED:
            continue
        word = STANDINGS.get(state, "not in")
        found[membership.event_id].append(Standing(membership, word, *marks))
    return found


def frame_of(event: Event, zero: datetime | None) -> when.Frame:
    """What this event lends to a time that says only part of itself."""
    end = timing.span_end(event)
    return when.Frame(event.zone, event.local_start, end.astimezone(event.zone) if end else None, zero)


def read_as(event: Event, text: str, zero: datetime | None) -> str:
    """How a time in an account is read: "Sun 21 Oct 2018, 23:07 UTC, which is T+00:13"; "" where it is no time.

    A day alone is read where the kind is told in days.
    """
    read = next((s.reading for s in sentences.read(text, frame_of(event, zero)) if s.reading), None)
    if read is None:
        return ""
    if read.precision in {"day", "month"}:
        return (
            timing.day_words(read.at.astimezone(event.zone).date(), read.precision) if event.kind in timing.SLOW else ""
        )
    offset = timing.offset_label(read.at, timing.known_zero(event, zero), read.precision, timing.calendar(event))
    return moment(read.at, event.time_zone) + (f", which is {offset}" if offset else "")


def differences(account: ParticipantAccount, answers: dict[str, str], note: str) -> list[tuple[str, str]]:
    """For the author alone: (question, what is kept) where that says something else than what was sent."""
    every = account_questions.EVERY.values()
    worded = {q.slug: q.words for q in (*every, *account_questions.core(account.event.kind))}
    kept = [(worded[slug], account.answers.get(slug, ""), text) for slug, text in answers.items() if slug in SLUGS]
    kept.append(("For the facilitator alone", account.note_to_facilitator, note))
    return [(label, theirs) for label, theirs, mine in kept if theirs != mine]


@dataclass(frozen=True)
class Edit:
    """What an author changed after the reveal: when, and by heading the words that went and came."""

    at: datetime
    changes: list[tuple[str, list[tuple[str, str]]]]


def edits_of(account: ParticipantAccount) -> list[Edit]:
    """The edits since the reveal, newest first. Of an account from `readable`, whose revisions are loaded."""
    rows = list(account.revisions.all())
    texts = [*(row.answers for row in rows), account.answers]
    found = []
    for row, before, after in zip(rows, texts, texts[1:], strict=False):
        headings = {
            slug: q.heading for slug, q in account_questions.EVERY.items() if before.get(slug) != after.get(slug)
        }
        changes = [(words, _changed(before.get(slug, ""), after.get(slug, ""))) for slug, words in headings.items()]
        found.append(Edit(row.replaced_at, changes))
    return found[::-1]


def _changed(before: str, after: str) -> list[tuple[str, str]]:
    """Word by word; of long texts the former words and the present ones, because comparing grows with the square."""
    if len(before) + len(after) > MOST_COMPARED:
        return [(kind, text) for kind, text in (("theirs", before), ("mine", after)) if text]
    return text_diff.words(before, after)


def own_account(event: Event, user: Any) -> ParticipantAccount:
    """The person's own account, unsaved and empty where there is none."""
    found = ParticipantAccount.objects.readable_by(user).filter(event=event, author=user).first()
    return found or ParticipantAccount(event=event, author=user)


def readable(event: Event, user: Any) -> list[ParticipantAccount]:
    """Accounts that the person may read now, with their authors and revisions, and the author's part as `.part`."""
    rows = ParticipantAccount.objects.readable_by(user).filter(event=event, state=AccountState.SUBMITTED)
    found = list(
        rows.select_related("author")
        .defer("note_to_facilitator")
        .prefetch_related("revisions")
        .order_by("submitted_at")
    )
    parts = dict(Membership.objects.filter(event=event).values_list("user", "role_in_event"))
    for account in found:
        account.part = parts.get(account.author_id, "")  # type: ignore[attr-defined]
    return found


def notes_for_facilitator(event: Event, reader: Any) -> list[ParticipantAccount]:
    """Sentences told to this facilitator alone, of accounts that were handed in; empty for everybody else."""
    rows = ParticipantAccount.objects.filter(
        event=event,
        state=AccountState.SUBMITTED,
        note_for=reader.pk,
        event__memberships__user=reader.pk,
        event__memberships__role=Role.FACILITATOR,
    ).exclude(note_to_facilitator="")
    return list(rows.select_related("author").defer("answers"))


def told(event: Event, reader: Any, standings: list[Standing] | None) -> list[ParticipantAccount]:
    """The same for a page that knows who is in: nothing is asked where nobody handed one in."""
    return notes_for_facilitator(event, reader) if any(row.state == "in" for row in standings or ()) else []


def _check_open(event: Event, by: Any) -> None:
    if event.state in {State.PUBLISHED, State.NOT_REVIEWED}:
        raise WrongState(
            "This review is closed, so accounts are not taken any more. Tell the facilitator what is missing."
        )
    if not Membership.objects.filter(event=event, user=by).exclude(role=Role.OBSERVER).exists():
        raise WrongState("Observers write no account. Ask the facilitator for another role.")
