"""Bringing a record into a timeline: read and kept for a choice, added so that all or nothing is seen, taken back as one.

What waits to be chosen is its owner's alone and changes nothing that others see. Adding goes in short steps, each a transaction
of its own, so that a meeting that is going on hardly notices: hidden entries first, some hundred at a time with a pause for
others, and one update at the end that shows all of them. Who does the steps is whoever holds the claim: the request that began
for its first two seconds, then the worker's sweep. A step takes its place by comparing `stored`, so two who believe that they
hold the claim cannot store a moment twice; one who dies is followed by the next sweep.

`bring_in` does all of it at once, for the command line.
"""

import time
import uuid
import zlib
from datetime import date, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DataError, IntegrityError, transaction
from django.db.models import F, Max, Q

from aar_site import clock
from retros import limits
from retros.imports import read
from retros.imports.found import Reading, Refused
from retros.live.log import WrongState, change
from retros.models import Event, Import, ImportState, TimelineEntry
from retros.services import import_rows
from retros.services.import_rows import Staged
from retros.services.states import check_open

STEP = 100  # moments in one transaction
PAUSE = 0.1  # seconds at most between two of them
SHARE = 2  # times as long for others as for us: who waits for SQLite's lock looks again ever more seldom
CLAIM = timedelta(seconds=10)  # a step takes a fraction of a second; who is silent for so long is gone, or too late
UNFINISHED = 5  # records that one person may leave waiting in one event
KEPT = timedelta(days=7)  # so long a record waits for its choice
SETTLED = "This record is in the timeline already, or on its way. Its page says how it stands."

UNSTORABLE = "A moment of this record cannot be stored, so none of it was added. Leave out lines with strange signs and try again."


class NowThere(Exception):
    """Some of what was chosen came into the timeline meanwhile; it is marked and no longer chosen. `count` says how much."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} came meanwhile")
        self.count = count


# --- Reading ----------------------------------------------------------------------------------------------------------
def reading_of(data: bytes, name: str, format: str, answers: dict[str, Any]) -> Reading:
    """Read a file with the answers that were given to earlier questions. Raises Refused with one line."""
    if len(data) > limits.IMPORT_BYTES:
        raise Refused(
            f"The file is larger than {limits.IMPORT_BYTES // 2**20} MB. Cut it to the hours around the event."
        )
    reading = read.read(
        data,
        name,
        format=format,
        zone=ZoneInfo(answers["zone"]) if answers.get("zone") else None,
        day=_day(answers.get("day")),
        captured=_day(answers.get("captured")),
        day_first=answers.get("day_first"),
        columns=answers.get("columns"),
        users=answers.get("users"),
        private=bool(answers.get("private")),
        only=answers.get("only", ()),
    )
    check_size(reading)
    return reading


def check_size(reading: Reading) -> None:
    """Refuses more than a timeline can hold."""
    if len(reading.entries) > limits.ENTRIES_PER_EVENT:
        raise Refused(
            f"it holds {len(reading.entries):,} moments, and a timeline at most {limits.ENTRIES_PER_EVENT:,}. "
            "Cut it to the hours around the event."
        )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def stage(
    event: Event, *, by: Any, name: str, data: bytes, format: str = "auto", op: uuid.UUID | None = None
) -> Import:
    """Read a record and keep it for its owner's choice. Raises Refused where nothing of it can be read."""
    answers: dict[str, Any] = {}
    reading = reading_of(data, name, format, answers)
    heading = _heading(reading)
    if heading and (columns := _remembered(by, heading)):
        answers["columns"] = columns
        reading = reading_of(data, name, format, answers)
    same = import_rows.compared(event, reading)
    with change(event, None, "read a record", by=by, op=op) as done:
        check_open(done.event)
        for imp in Import.objects.filter(event=event, by=by, state=ImportState.READ)[UNFINISHED - 1 :]:
            imp.delete()
        imp = Import(event=done.event, by=by, name=name[: limits.TITLE], format=format, heading=heading)
        imp.data = zlib.compress(data, 1)
        imp.answers = answers
        take(imp, reading, same, import_rows.chosen_at_first(reading, same), {})
        imp.save()
        done.about(imp)
    return imp


def answer(imp: Import, *, by: Any, answers: dict[str, Any], format: str, op: uuid.UUID | None = None) -> Import:
    """Read a record anew with these answers; what was ticked by hand stays. Raises Refused, and then everything is as before."""
    if imp.data is None:
        raise WrongState(SETTLED)
    reading = reading_of(zlib.decompress(bytes(imp.data)), imp.name, format, answers)
    same = import_rows.compared(imp.event, reading)
    with change(imp.event, None, "answered what a record left open", by=by, op=op) as done:
        check_open(done.event)
        fresh = _waiting(imp)
        before = (import_rows.unpack(fresh), fresh.chosen, fresh.picked)
        fresh.format, fresh.answers = format, answers
        take(fresh, reading, same, *import_rows.carried(before, reading, same))
        fresh.save()
        done.about(fresh)
    return fresh


def take(imp: Import, reading: Reading, same: list[int], chosen: str, picked: dict[str, Any]) -> None:
    """Let the import hold this reading and this choice; does not save it."""
    imp.label, imp.reading = reading.format_label[:120], import_rows.pack(reading, same)
    imp.chosen, imp.picked, imp.count = chosen, picked, chosen.count("1")


def _heading(reading: Reading) -> str:
    return "\x1f".join(column.name for column in reading.columns)[:500]


def _remembered(by: Any, heading: str) -> dict[str, str]:
    """How the same person read the columns of a table with the same heading before."""
    earlier = Import.objects.filter(by=by, heading=heading).exclude(answers={}).first()
    return earlier.answers.get("columns", {}) if earlier else {}


def asked_by(imp: Import) -> set[str]:
    """What the record asks before its moments can be told: zone, day, year, order, columns, people (who somebody is)."""
    reading = import_rows.unpack(imp).reading
    asks = {name for name in ("zone", "day", "year", "order") if getattr(reading, f"needs_{name}")}
    asks |= {"columns"} if reading.columns else set()
    return asks | ({"people"} if any(not person.is_known for person in reading.people) else set())


def _waiting(imp: Import) -> Import:
    """The import, locked, while it still waits for its choice."""
    fresh = Import.objects.select_for_update().filter(pk=imp.pk, state=ImportState.READ).first()
    if fresh is None:
        raise WrongState(SETTLED)
    return fresh


# --- Choosing ---------------------------------------------------------------------------------------------------------
def choose(
    imp: Import,
    *,
    by: Any,
    shown: set[int],
    ticked: set[int],
    picked: dict[int, Any],
    every: tuple[list[int], bool] | None = None,
    op: uuid.UUID | None = None,
) -> Import:
    """Keep what was ticked among the rows that were shown, and the readings of unclear times; `every` ticks or clears many."""
    with change(imp.event, None, "chose moments of a record", by=by, op=op) as done:
        check_open(done.event)
        fresh = _waiting(imp)
        flags = list(fresh.chosen)
        for index in shown & set(range(len(flags))):
            flags[index] = "1" if index in ticked else "0"
            if index in picked:
                fresh.picked[str(index)] = picked[index]
        for index in every[0] if every else []:
            flags[index] = "1" if every and every[1] else "0"
        fresh.chosen = "".join(flags)
        fresh.count = fresh.chosen.count("1")
        fresh.save(update_fields=["chosen", "picked", "count"])
        done.about(fresh)
    return fresh


def drop(imp: Import, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Throw a record away that was not added."""
    with change(imp.event, None, "threw a record away", by=by, op=op) as done:
        done.about(imp)
        Import.objects.filter(pk=imp.pk, state=ImportState.READ).delete()


# --- Adding -----------------------------------------------------------------------------------------------------------
def begin(imp: Import, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Start to add what is chosen; `carry_on` does it. Raises NowThere where the timeline got some of it meanwhile."""
    _mark_what_came(imp)
    with change(imp.event, None, "began to bring in a record", by=by, op=op) as done:
        check_open(done.event)
        fresh = _waiting(imp)
        if not fresh.count:
            raise WrongState("Nothing is chosen. Tick what belongs into the timeline first.")
        _check_not_full(done.event, fresh.count)
        other = Import.objects.filter(event=done.event, state=ImportState.ADDING).select_related("by").first()
        if other:
            who = other.by.name if other.by else "The command line"
            raise WrongState(f"{who} is adding “{other.name}” just now. Add yours when that is done.")
        fresh.entries.all().delete()  # of an earlier start that was stopped and died while it cleared up
        fresh.state, fresh.stored, fresh.claimed_until = ImportState.ADDING, 0, clock.now()
        fresh.save(update_fields=["state", "stored", "claimed_until"])
        done.about(fresh)


def _mark_what_came(imp: Import) -> None:
    """Compare with the timeline once more, because between reading and adding lie minutes, and other people."""
    if imp.reading is None:
        raise WrongState(SETTLED)
    staged = import_rows.unpack(imp)
    same = import_rows.compared_again(imp.event, staged)
    came = [i for i, (now, then) in enumerate(zip(same, staged.same, strict=True)) if now > 0 >= then]
    if not came:
        return
    with change(imp.event, None, "marked what came meanwhile", by=imp.by):
        fresh = _waiting(imp)
        flags = list(fresh.chosen)
        lost = [i for i in came if flags[i] == "1"]
        for index in lost:
            flags[index] = "0"
        fresh.chosen, fresh.count = "".join(flags), flags.count("1")
        fresh.reading = import_rows.repack(fresh, same)
        fresh.save(update_fields=["chosen", "count", "reading"])
    if lost:
        raise NowThere(len(lost))


def _check_not_full(event: Event, count: int) -> None:
    there = TimelineEntry.objects.kept().filter(event=event).count()
    if there + count > limits.ENTRIES_PER_EVENT:
        raise WrongState(
            f"A timeline holds at most {limits.ENTRIES_PER_EVENT:,} moments. {there:,} are there; choose fewer than {count:,}."
        )


def carry_on(pk: int, *, seconds: float) -> None:
    """Store what is still to be stored, for at most so long; the last one shows all of them. Does nothing where somebody
    else is at it, or nothing is left to do. Raises WrongState where the event closed meanwhile: then nothing was added."""
    if not _claim(pk):
        return
    imp = Import.objects.select_related("event", "by").get(pk=pk)
    chosen = [i for i, flag in enumerate(imp.chosen) if flag == "1"][imp.stored :]
    staged = import_rows.unpack(imp)
    others = TimelineEntry.objects.filter(event=imp.event).exclude(imported=imp)
    base = (others.aggregate(rank=Max("rank"))["rank"] or 0) + 1
    rows = import_rows.entries_of(imp, staged, chosen, base=base, hidden_at=clock.now())
    until, held, since = time.monotonic() + seconds, 0.0, time.monotonic()
    while part := list(islice(rows, STEP)):
        time.sleep(max(0.0, min(SHARE * held, PAUSE) - (time.monotonic() - since)))
        taken = _store(imp, part)
        if taken is None:
            return
        held, since = taken, time.monotonic()
        if imp.stored < imp.count and since > until:
            Import.objects.filter(pk=pk).update(claimed_until=clock.now())
            return
    _show(imp, staged)


def _claim(pk: int) -> bool:
    now = clock.now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return bool(Import.objects.filter(free, pk=pk, state=ImportState.ADDING).update(claimed_until=now + CLAIM))


def _store(imp: Import, part: list[TimelineEntry]) -> float | None:
    """One step; how long it kept others from writing. None where somebody else took it, or stopped the whole. What the
    database refuses ends the whole."""
    try:
        with transaction.atomic():
            mine = Import.objects.filter(pk=imp.pk, state=ImportState.ADDING, stored=imp.stored)
            if not mine.update(stored=F("stored") + len(part), claimed_until=clock.now() + CLAIM):
                return None
            began = time.monotonic()
            TimelineEntry.objects.bulk_create(part)
    except (IntegrityError, DataError):
        stop(imp)
        raise WrongState(UNSTORABLE) from None
    imp.stored += len(part)
    return time.monotonic() - began


def _show(imp: Import, staged: Staged) -> None:
    """The one moment at which everybody sees the entries: one update, one numbered change."""
    outcome = import_rows.outcome_of(imp, staged)
    try:
        with change(imp.event, "timeline", "brought in a record", by=imp.by) as done:
            check_open(done.event)
            _check_not_full(done.event, imp.count)
            mine = Import.objects.filter(pk=imp.pk, state=ImportState.ADDING, stored=F("count"))
            done_now = {"state": ImportState.ADDED, "added_at": clock.now(), "claimed_until": None, "outcome": outcome}
            if not mine.update(**done_now, data=None, reading=None, chosen="", picked={}):
                return
            TimelineEntry.objects.filter(imported=imp).update(removed_at=None)
            done.about(imp, after={"count": imp.count})
    except WrongState:
        stop(imp)
        raise


def stop(imp: Import) -> None:
    """Give up adding: what was stored goes, nobody saw it, and the record waits for its choice again."""
    if Import.objects.filter(pk=imp.pk, state=ImportState.ADDING).update(
        state=ImportState.READ, stored=0, claimed_until=None
    ):
        while _clear_some(imp):
            pass


def _clear_some(imp: Import) -> bool:
    """One step of clearing up. Over where nothing is left, and where somebody began anew: what stands there is theirs."""
    with transaction.atomic():
        if not Import.objects.select_for_update().filter(pk=imp.pk, state=ImportState.READ).values_list("pk"):
            return False
        keys = list(TimelineEntry.objects.filter(imported=imp).values_list("pk", flat=True)[:STEP])
        TimelineEntry.objects.filter(pk__in=keys).delete()
        return bool(keys)


def bring_in(event: Event, reading: Reading, *, name: str, by: Any = None, same: list[int] | None = None) -> Import:
    """Add everything of a reading that is new and whose time is clear, at once. Raises Refused or WrongState, and then nothing
    was added. `same` is what `import_rows.compared(event, reading)` said, where that was asked before."""
    check_size(reading)
    same = import_rows.compared(event, reading) if same is None else same
    with change(event, None, "began to bring in a record", by=by) as done:
        check_open(done.event)
        imp = Import(event=done.event, by=by, name=name[: limits.TITLE], state=ImportState.ADDING)
        imp.claimed_until = clock.now()
        take(imp, reading, same, import_rows.chosen_at_first(reading, same), {})
        if not imp.count:
            return imp  # nothing of it is new; nothing is stored
        _check_not_full(done.event, imp.count)
        try:
            with transaction.atomic():
                imp.save()
        except IntegrityError:
            raise WrongState(
                "Somebody is adding a record to this timeline just now. Try again when that is done."
            ) from None
    try:
        carry_on(imp.pk, seconds=3600)
    except WrongState:
        Import.objects.filter(pk=imp.pk).delete()
        raise
    imp.refresh_from_db()
    while imp.state == ImportState.ADDING:  # the sweep was quicker, and is at it
        time.sleep(0.2)
        imp.refresh_from_db()
    return imp


# --- What beat asks for -------------------------------------------------------------------------------------------------
def sweep(*, seconds: float = 100) -> int:
    """Carry on with records whose claim is free; how many were looked after."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=clock.now())
    keys = list(Import.objects.filter(free, state=ImportState.ADDING).values_list("pk", flat=True))
    for pk in keys:
        try:
            carry_on(pk, seconds=seconds)
        except WrongState:
            pass  # its event closed meanwhile: the record waits again, and its page says so
    return len(keys)


def forget() -> int:
    """Clear away records that nobody finished, with the files they hold; how many."""
    old = Import.objects.filter(state=ImportState.READ, created_at__lt=clock.now() - KEPT)
    count = old.count()
    old.delete()
    return count


# --- Reading pages ------------------------------------------------------------------------------------------------------
def waiting(event: Event, by: Any) -> list[Import]:
    """Records that the person read and did not finish."""
    rows = Import.objects.filter(event=event, by=by, state=ImportState.READ)
    return list(rows.defer("data", "reading", "chosen", "picked"))


def brought_in(event: Event) -> list[Import]:
    """Records that are in the timeline, on their way, or taken back; newest first."""
    rows = Import.objects.filter(event=event).exclude(state=ImportState.READ).select_related("by")
    return list(rows.defer("data", "reading", "chosen", "picked"))
