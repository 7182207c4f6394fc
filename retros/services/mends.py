"""Puts right what a hint points out, in one change that is undone as one; and records that what looked wrong is right.

What a mend changed stands in its change row with the values before and after: undoing puts back only what nobody touched since.
"""

import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from retros.live.log import WrongState, change
from retros.models import Change, Event, HintAnswer, ImpactInterval, Landmark, TimelineEntry
from retros.services.hints import CLOCKED, Hint, Mend
from retros.services.states import check_open

WHAT, UNDID = "mended the timeline", "took a mend of the timeline back"
TOPICS = "timeline,event"
MOMENTS = {"at", "sort_at", "started_at", "ended_at"}


def mend(event: Event, hint: Hint, way: Mend, *, by: Any, value: Any = None, op: uuid.UUID | None = None) -> int:
    """Put it right in this way, with the value that it asks for; returns the number of the change, by which it is undone."""
    with change(event, TOPICS, WHAT, by=by, op=op) as done:
        check_open(done.event)
        changes = changes_of(way, value)
        if way.asks == "zone":
            undo: list[Any] = [["zone", 0, {"time_zone": done.event.time_zone}, {"time_zone": value}]]
            _read_in(done.event, value, is_assumed=False)
        else:
            undo = [_change(done.event, what, key, fields) for what, key, fields in changes]
        done.subject = next((f"timelineentry:{key}" for what, key, _ in changes if what == "entry"), "event")
        done.detail = {"reason": hint.sentence, "way": way.words, "undo": undo}
    return done.seq


def changes_of(way: Mend, value: Any) -> tuple[tuple[str, int, dict[str, Any]], ...]:
    """What a mend changes once its value is given."""
    if way.asks in {"start", "end"}:
        side = "started" if way.asks == "start" else "ended"
        return (("event", 0, {f"{side}_at": value.at, f"{side}_precision": value.precision}),)
    if way.asks == "time":
        fields = {"at": value.at, "utc_offset": value.offset, "precision": value.precision, "at_text": ""}
        return (("entry", way.about, fields),)
    if way.asks == "severity":
        return (("event", 0, {"severity": value}),)
    if way.asks == "mark":
        return (("entry", int(value), {"landmark": Landmark(way.initial).value, "is_key": True}),)
    if way.asks == "decision":
        return (("entry", int(value), {"type": "decision"}),)
    return way.changes


def undo(event: Event, seq: int, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Take a mend back. Raises WrongState where somebody changed the same since, or took it back already."""
    with change(event, TOPICS, UNDID, by=by, op=op) as done:
        check_open(done.event)
        row = undoable(done.event, seq)
        if row is None:
            raise WrongState("This was taken back already.")
        for what, key, before, after in row.detail["undo"]:
            _put_back(done.event, what, key, before, after)
        done.subject, done.detail = row.subject, {"undid": seq}


def undoable(event: Event, seq: int) -> Change | None:
    """The mend of that number, where it was not taken back."""
    row = Change.objects.filter(event=event, seq=seq, what=WHAT).first()
    gone = Change.objects.filter(event=event, seq__gt=seq, what=UNDID, detail__undid=seq)
    return None if row is None or gone.exists() else row


# --- Answers --------------------------------------------------------------------------------------------------------
def answer(event: Event, hint: Hint, *, by: Any, reason: str, op: uuid.UUID | None = None) -> HintAnswer:
    """Record that what is pointed out is right as it stands, and why. It comes back where one of its values changes."""
    with change(event, TOPICS, "said that a hint is answered", by=by, op=op) as done:
        check_open(done.event)
        row = HintAnswer.objects.filter(event=done.event, key=hint.key).first()
        if row is None:
            row = HintAnswer(
                event=done.event, key=hint.key, sentence=hint.sentence, reason=reason.strip(), created_by=by
            )
            row.full_clean(exclude=["event", "created_by"])
            row.save()
        done.about(row, after={"hint": hint.sentence, "reason": row.reason})
        return row


def take_back(row: HintAnswer, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Point it out again; the answer stays in the history."""
    with change(row.event, TOPICS, "took the answer to a hint back", by=by, op=op) as done:
        check_open(done.event)
        done.about(row, before={"hint": row.sentence, "reason": row.reason})
        HintAnswer.objects.filter(pk=row.pk).delete()


# --- Writing, inside a change ---------------------------------------------------------------------------------------
def _change(event: Event, what: str, key: int, fields: dict[str, Any]) -> list[Any]:
    """Set fields of the event or of an entry; returns [what, key, values before, values after] as JSON holds them."""
    thing = _thing(event, what, key)
    fields = {**fields, "sort_at": fields["at"]} if "at" in fields else dict(fields)
    before = {name: _plain(getattr(thing, name)) for name in fields}
    _set(thing, fields)
    return [what, key, before, {name: _plain(value) for name, value in fields.items()}]


def _put_back(event: Event, what: str, key: int, before: dict[str, Any], after: dict[str, Any]) -> None:
    if what == "zone":
        if event.time_zone != after["time_zone"]:
            raise WrongState("The time zone was changed since. Set it on the page of the event.")
        _read_in(event, before["time_zone"], is_assumed=True)
        return
    thing = _thing(event, what, key)
    if any(_plain(getattr(thing, name)) != value for name, value in after.items()):
        raise WrongState("Somebody changed the same since, so it stays as it is. Change it by hand.")
    _set(thing, {name: _read(name, value) for name, value in before.items()})


def _thing(event: Event, what: str, key: int) -> Any:
    if what == "event":
        return event
    entry = TimelineEntry.objects.kept().select_for_update().filter(event=event, pk=key).first()
    if entry is None:
        raise WrongState("This moment was removed meanwhile. Bring it back first.")
    entry.event = event
    return entry


def _set(thing: Any, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(thing, name, value)
    if isinstance(thing, Event):
        if thing.started_at and thing.ended_at and thing.ended_at < thing.started_at:
            raise WrongState("The event would end before it begins. Change both times on its page.")
        thing.full_clean(exclude=["created_by"])
        thing.save(update_fields=list(fields))
        return
    if thing.until and thing.at and thing.until < thing.at:
        raise WrongState("The moment would begin after its own end. Change both times on its page.")
    thing.version += 1
    thing.full_clean(exclude=["event", "created_by"])
    thing.validate_constraints()
    thing.save()


def _read_in(event: Event, zone: str, *, is_assumed: bool) -> None:
    """Read every time that was given without an offset in another zone: the same clock, another moment. The event's own times
    and intervals keep no offset; where all moments carry one, so did they."""
    old, new = event.zone, ZoneInfo(zone)
    timed = TimelineEntry.objects.filter(event=event, sort_at__isnull=False)
    rows, is_given = list(timed.filter(utc_offset=None)), timed.filter(utc_offset__isnull=False).exists()
    event.time_zone, event.is_zone_assumed = zone, is_assumed
    if any(row.precision in CLOCKED for row in rows) or not is_given:
        event.started_at, event.ended_at = (_same_clock(at, old, new) for at in (event.started_at, event.ended_at))
        spans = list(ImpactInterval.objects.filter(event=event))
        for span in spans:
            span.started_at, span.ended_at = (_same_clock(at, old, new) for at in (span.started_at, span.ended_at))
        ImpactInterval.objects.bulk_update(spans, ["started_at", "ended_at"])
    event.full_clean(exclude=["created_by"])
    event.save(update_fields=["started_at", "ended_at", "time_zone", "is_zone_assumed"])
    for row in rows:
        row.at, row.until, row.sort_at = (_same_clock(at, old, new) for at in (row.at, row.until, row.sort_at))
        row.version += 1
    TimelineEntry.objects.bulk_update(rows, ["at", "until", "sort_at", "version"], batch_size=500)


def _same_clock(at: datetime | None, old: ZoneInfo, new: ZoneInfo) -> datetime | None:
    return at.astimezone(old).replace(tzinfo=new) if at else None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in MOMENTS and value else value
