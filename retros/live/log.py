"""The one seam for writing: `change(...)` locks the event, refuses repeats, numbers the change and commits.

Why so. Two people write at once, browsers send twice, and a reader follows by number. A row lock on the event gives each
change of it a place in one line; the number is taken under that lock, because an auto-increment id becomes visible out of
order and a reader that follows it skips rows. The operation id is checked under the same lock, so that a double click is
one change. Everything that must be sent is queued in the same transaction; after the commit the bell rings, which is a
hint only: a reader that misses it finds the change by its number.

A sealed write (an account, an anonymous answer) passes `topics=None`: lock and operation check, but no number and no
row, because a number that jumps would tell that somebody is writing.
"""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from aar_site import clock
from aar_site.rate import NotKept
from retros.live import bell
from retros.models import Change, Event, Operation

_open: ContextVar[bool] = ContextVar("a change is open", default=False)
_turn = threading.Lock()
PATIENCE_S = 20  # as long as SQLite itself would wait; who has had no turn by then would wait as long again there


class Turn:
    """SQLite has one writer at a time: those of this process wait for each other here, where the next one goes on at once. In the
    database they would sleep and ask again, and whoever sleeps longest comes last. Given back when the change is committed."""

    def __init__(self) -> None:
        is_needed = connection.vendor == "sqlite" and not connection.in_atomic_block
        if is_needed and not _turn.acquire(timeout=PATIENCE_S):
            raise NotKept(f"no turn to write within {PATIENCE_S} s")
        self.is_mine = is_needed

    def give_back(self) -> None:
        if self.is_mine:
            self.is_mine = False
            _turn.release()


class Repeated(Exception):
    """The operation id was carried out before. `operation` says by which change and on what, so the edge can answer the same."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(f"operation {operation.op} was carried out already")
        self.operation = operation


class Stale(Exception):
    """Somebody changed the object since the writer read it. `current` is the object as it is now."""

    def __init__(self, current: Any) -> None:
        super().__init__("changed by somebody else in the meantime")
        self.current = current


class WrongState(Exception):
    """The event's state, or the object's, does not allow this. The message says what to do instead, in the reader's words."""


@dataclass
class Record:
    """What the change log will say; services fill it while the change is open."""

    event: Event
    what: str
    subject: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    seq: int = 0

    def about(self, thing: Model, **detail: Any) -> None:
        """Name the object of this change (and, where it shows a history, values before and after)."""
        self.subject = f"{thing._meta.model_name}:{thing.pk}"
        self.detail = detail


@contextmanager
def change(
    event: Event, topics: str | None, what: str, *, by: Any | None, op: uuid.UUID | None = None
) -> Iterator[Record]:
    """Do one change inside an event; yields a Record whose `event` is the locked, fresh row.

    topics: names of the room's regions that this changes, by comma; "" for none; None for a sealed write.
    by: the person, or None for the system. Raises Repeated on entry when (by, op) was carried out before.
    Never nests. An exception inside undoes everything.
    """
    if _open.get():
        raise RuntimeError("change() never nests: do both things in one change")
    turn = Turn()
    token = _open.set(True)
    try:
        with transaction.atomic():
            transaction.on_commit(turn.give_back)
            fresh = Event.objects.select_for_update().get(pk=event.pk)
            _refuse_repeat(by, op)
            record = Record(event=fresh, what=what)
            yield record
            if topics is not None:
                record.seq = fresh.change_seq + 1
                Event.objects.filter(pk=fresh.pk).update(change_seq=record.seq)
                fresh.change_seq = record.seq
                Change.objects.create(
                    event=fresh,
                    seq=record.seq,
                    topics=topics,
                    what=record.what,
                    subject=record.subject,
                    detail=record.detail,
                    actor=by,
                    at=clock.now(),
                )
            if op is not None and by is not None:
                Operation.objects.create(actor=by, op=op, event=fresh, seq=record.seq, subject=record.subject)
            if topics:
                transaction.on_commit(partial(bell.ring, fresh.pk, record.seq, topics, by.name if by else ""))
    except IntegrityError:
        _refuse_repeat(by, op)  # the same id for two events at one moment, which no form of ours sends
        raise
    finally:
        turn.give_back()
        _open.reset(token)


def _refuse_repeat(by: Any | None, op: uuid.UUID | None) -> None:
    earlier = Operation.objects.filter(actor=by, op=op).first() if op is not None and by is not None else None
    if earlier:
        raise Repeated(earlier)
