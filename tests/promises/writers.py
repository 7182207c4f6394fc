"""Writers of a meeting who do everything that can be done there, and the check of their ledgers against the database.

Every write carries words that occur nowhere else, so that what was acknowledged can be looked for.
"""

import re
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from actions.models import Action
from retros.models import Event, Operation, ParticipantAccount, Role, RoomNote, TimelineEntry, WhyNode
from retros.services import meeting
from tests.factories import make_event, make_member, make_user
from tests.promises.people import BROKEN, Answer, Person

KINDS = (
    "moment",
    "account",
    "note",
    "moment edited",
    "account",
    "why",
    "moment removed",
    "moment",
    "action",
    "moment edited",
)


@dataclass
class Moment:
    """A moment that its writer added: what was acknowledged of it last, and what was sent since without an answer."""

    pk: int
    version: int
    words: str
    is_removed: bool = False
    is_known: bool = True  # False once an answer about it was lost: then it is left alone
    maybe: str = ""


@dataclass
class Writer(Person):
    """Works in one event at a time, a kind of write after the other."""

    event: Any = None
    number: int = 0
    kinds: tuple[str, ...] = KINDS
    moments: list[Moment] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    cause: int = 0  # key of an own answer to a why, for "why changed"
    saved: int = 0  # the last version of the account that was acknowledged
    sent: int = 0

    def go_to(self, event: Event) -> None:
        self.event, self.moments, self.saved, self.sent = event, [], 0, 0
        self.page = str(uuid.uuid4())

    def write(self, turn: int) -> None:
        """One write of the kind whose turn it is."""
        kind = self.kinds[(turn + self.number) % len(self.kinds)]
        words = f"{kind} {uuid.uuid4().hex}"
        try:
            answer = getattr(self, f"_{kind.replace(' ', '_')}")(words)
        except BROKEN:
            self.answers[0] += 1
        else:
            if answer is not None:
                self.answers[answer.status] += 1

    def _to(self, name: str, *args: Any, **fields: Any) -> Answer:
        return self.post(reverse(name, args=[self.event.code, *args]), **fields)

    def _moment(self, words: str) -> Answer:
        answer = self._to("entry_add", kind="moment", words=words, time="23:02", text=words, source="memory")
        if answer.is_kept and (found := re.search(r"entry=(\d+)", answer.place)):
            self.moments.append(Moment(int(found[1]), 1, words))
        return answer

    def _known(self) -> Moment | None:
        return next((m for m in reversed(self.moments) if m.is_known and not m.is_removed), None)

    def _moment_edited(self, words: str) -> Answer | None:
        moment = self._known()
        if moment is None:
            return None
        moment.is_known, moment.maybe = False, words
        fields = {"time": "23:03", "text": words, "source": "memory", "version": moment.version}
        answer = self._to("entry_edit", moment.pk, kind="moment edited", words=words, **fields)
        moment.is_known, moment.maybe = True, ""
        if answer.is_kept:
            moment.words, moment.version = words, moment.version + 1
        return answer

    def _moment_removed(self, words: str) -> Answer | None:
        moment = self._known()
        if moment is None:
            return None
        moment.is_known, moment.maybe = False, "removed"
        answer = self._to("entry_remove", moment.pk, kind="moment removed", words=str(moment.pk))
        moment.is_known, moment.maybe, moment.is_removed = True, "", answer.is_kept
        return answer

    def _account(self, words: str) -> Answer:
        self.sent += 1
        number = self.sent
        fields = {"saw": f"version {number}.", "page": self.page, "count": number, "seen": ":0"}
        answer = self._to("account_save", kind="account", words=words, **fields)
        if answer.status == 200:
            self.saved = number
        return answer

    def _note(self, words: str) -> Answer:
        return self._to("note_add", kind="note", words=words, text=words)

    def _why(self, words: str) -> Answer:
        return self._to("cause_add", kind="why", words=words, text=words)

    def _why_changed(self, words: str) -> Answer:
        return self._to("cause_edit", self.cause, kind="why changed", words=words, text=words)

    def _action(self, words: str) -> Answer:
        return self._to("action_line", kind="action", words=words, title=words)


def make_meeting(users: list[Any], *, step: str = "") -> Event:
    """A room that is open, with these people in it; at the step of this name, if one is given."""
    lead = make_user("Lead")
    event = make_event(facilitator=lead)
    for user in users:
        make_member(event, user, Role.PARTICIPANT, was_involved=True)
    meeting.start(event, by=lead)
    event.refresh_from_db()
    if step:
        here = meeting.meeting_of(event)
        rank = here.steps.get(slug=step).rank  # type: ignore[union-attr]
        meeting.go(event, by=lead, from_rank=here.step.rank, to_rank=rank)  # type: ignore[union-attr]
        event.refresh_from_db()
    event.lead = lead  # type: ignore[attr-defined]
    return event


class Crowd:
    """Writers in threads. `turn_to` sends all of them to an event; they write until `rest`. `pause` seconds between two writes."""

    def __init__(self, writers: list[Writer], *, pause: float = 0.0) -> None:
        self.writers, self.pause = writers, pause
        self.over, self.threads = threading.Event(), list[threading.Thread]()

    def turn_to(self, event: Event) -> None:
        for writer in self.writers:
            writer.go_to(event)
        self.over.clear()
        self.threads = [threading.Thread(daemon=True, target=self._work, args=(writer,)) for writer in self.writers]
        for thread in self.threads:
            thread.start()

    def _work(self, writer: Writer) -> None:
        turn = 0
        while not self.over.wait(
            self.pause if writer.answers.total() else self.pause * writer.number / len(self.writers)
        ):
            failed = writer.answers[0]
            writer.write(turn)
            turn += 1
            if writer.answers[0] > failed:
                self.over.wait(0.05)  # nobody is there just now

    def rest(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    @property
    def acknowledged(self) -> int:
        return sum(len(writer.acknowledged) for writer in self.writers)

    def wait_for(self, count: int, seconds: float) -> None:
        until = time.monotonic() + seconds
        while self.acknowledged < count and time.monotonic() < until:
            time.sleep(0.02)


def missing(event: Event, writers: list[Writer]) -> list[str]:
    """What was acknowledged in this event and is not in the database as it was acknowledged."""
    texts: dict[str, set[str]] = {
        "note": set(RoomNote.objects.filter(event=event).values_list("text", flat=True)),
        "why": set(WhyNode.objects.filter(event=event).values_list("text", flat=True)),
        "action": set(Action.objects.filter(event=event).values_list("title", flat=True)),
    }
    rows = {entry.pk: entry for entry in TimelineEntry.objects.filter(event=event)}
    kept = dict(ParticipantAccount.objects.filter(event=event).values_list("author", "answers"))
    done = {str(op) for op in Operation.objects.filter(event=event).values_list("op", flat=True)}
    first = event.created_at.timestamp()
    lost: list[str] = []
    for writer in writers:
        mine = [line for line in writer.acknowledged if line.sent_at >= first]
        lost += [
            f"{line.kind} {line.words}" for line in mine if line.kind in texts and line.words not in texts[line.kind]
        ]
        lost += [f"operation {line.op} ({line.kind})" for line in mine if line.op not in done]
        lost += [
            f"moment {moment.pk}: {moment.words}"
            for moment in writer.moments
            if not _stands(moment, rows.get(moment.pk))
        ]
        stored = int((re.search(r"\d+", kept.get(writer.user.pk, {}).get("saw", "0")) or ["0"])[0])
        lost += [f"account of {writer.user.pk}: version {writer.saved}"] if stored < writer.saved else []
    return lost


def _stands(moment: Moment, row: TimelineEntry | None) -> bool:
    """Whether the row says what was acknowledged last, or what was sent after it without an answer."""
    if row is None:
        return False
    is_removed = row.removed_at is not None
    return row.text in {moment.words, moment.maybe} and (is_removed == moment.is_removed or moment.maybe == "removed")


def unanswered(event: Event, writers: list[Writer]) -> int:
    """How many writes are stored without their writers knowing."""
    done = {str(op) for op in Operation.objects.filter(event=event).values_list("op", flat=True)}
    return sum(line.status == 0 and line.op in done for writer in writers for line in writer.ledger)
