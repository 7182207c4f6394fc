"""What a reader of the timeline would stumble over: times, landmarks and facts that contradict each other or are missing, each
with what mends it. Only what follows from fields is pointed out; prose is not understood here.

A hint is computed anew each time and never stored. Its key names the finding together with the values it was made from: an
answer ("this is right, because") and a press on a mend hold for exactly what its reader saw.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from aar_site.words import day_month, day_month_year
from retros import timing, when
from retros.models import Event, HintAnswer, Landmark, Severity, Source, State, TimelineEntry

CLOCKED = {"exact", "approx"}
LABELS = dict(Landmark.choices)
# What contradicts itself; the rest is missing, and no obstacle to a meeting.
CLASHES = {"duration", "dates", "outside", "order", "landmarks", "ends", "far", "interval"}
FAR, NOTEWORTHY = timedelta(days=30), timedelta(minutes=1)
MOST_OF_A_KIND, MOST_CHOICES = 10, 40
SEVERITIES = {"incident": "sev", "recurring": "sev", "launch": "m", "project": ""}


@dataclass(frozen=True)
class Mend:
    """One way to put it right. `changes` are (what, key, fields): "event", or "entry" with its key. Where `asks` names a field,
    the reader gives a value first: "time", "end", "start", "zone", "severity", "mark" or "decision"."""

    slug: str
    words: str
    verb: str = "edit entries"
    changes: tuple[tuple[str, int, dict[str, Any]], ...] = ()
    asks: str = ""
    initial: str = ""
    about: int = 0
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Hint:
    """One finding in a sentence. `entry` is the moment it is about, 0 for none."""

    kind: str
    sentence: str
    seen: tuple[Any, ...] = ()
    mends: tuple[Mend, ...] = ()
    entry: int = 0
    add: str = ""
    key: str = field(init=False)

    def __post_init__(self) -> None:
        words = "\x1f".join(str(value) for value in (self.kind, self.entry, *self.seen))
        object.__setattr__(self, "key", f"{self.kind}-{hashlib.sha256(words.encode()).hexdigest()[:20]}")

    @property
    def is_clash(self) -> bool:
        return self.kind in CLASHES


@dataclass(frozen=True)
class Found:
    """Hints that wait for somebody, and those that somebody answered: (hint, answer)."""

    open: list[Hint]
    answered: list[tuple[Hint, HintAnswer]]

    @property
    def missing(self) -> list[str]:
        """Landmarks that nobody marked, in words."""
        return [str(LABELS[hint.seen[0]]) for hint in self.open if hint.kind == "missing"]

    @property
    def clashes(self) -> list[Hint]:
        return [hint for hint in self.open if hint.is_clash]

    def named(self, key: str) -> Hint | None:
        return next((hint for hint in self.open if hint.key == key), None)


def find(event: Event, marks: list[Any], *, to_count: bool = False) -> Found:
    """Every hint of an event, the answered ones apart. `marks` are its kept moments in order, without their words. Three queries
    at most; `to_count` leaves out the words of moments that nobody will read, and with them one."""
    if event.state == State.NOT_REVIEWED:
        return Found([], [])
    every = list(_all(event, marks, to_count=to_count))
    rows = HintAnswer.objects.filter(event=event).select_related("created_by") if every else []
    answers = {row.key: row for row in rows}
    return Found(
        [hint for hint in every if hint.key not in answers],
        [(hint, answers[hint.key]) for hint in every if hint.key in answers],
    )


def at_moment(event: Event, marks: list[Any], pk: int) -> list[Hint]:
    """What contradicts itself at one moment, and nobody answered. One query where nothing does."""
    is_one = any(hint.entry == pk and hint.is_clash for hint in _all(event, marks, to_count=True))
    return [hint for hint in find(event, marks).clashes if hint.entry == pk] if is_one else []


def _all(event: Event, marks: list[Any], *, to_count: bool) -> Iterator[Hint]:
    yield from _ends(event, marks)
    yield from _zone(event)
    yield from _severity(event)
    yield from _duration(event)
    yield from _dates(event, marks)
    yield from _landmarks(event, marks)
    yield from _against_header(event, marks)
    yield from _intervals(event)
    yield from _far(event, marks)
    yield from _told(event, marks, to_count=to_count)


# --- The event's own facts ------------------------------------------------------------------------------------------
def _ends(event: Event, marks: list[Any]) -> Iterator[Hint]:
    """No beginning, no end. A launch or project that lies ahead has none yet."""
    found, timed = timing.landmarks(marks), [mark for mark in marks if mark.at and mark.precision in CLOCKED]
    if event.started_at is None and timed:
        first = found.get("impact_start") or timed[0]
        yield Hint("start", "Nobody said when it began.", (), (
            _event_at("start", "It began with the first moment,", "started", first),
            _asked("began", "It began then", "start")))  # fmt: skip
    if event.ended_at is None and event.started_at and not event.review_on:
        last = found.get("resolved") or found.get("mitigated") or (timed[-1] if timed else None)
        named = f"\u201c{last.get_landmark_display()}\u201d" if last and last.landmark else "the last moment"
        is_after = last and last.at >= event.started_at
        ways = [_event_at("end", f"It ended with {named},", "ended", last)] if is_after else []
        yield Hint("end", "Nobody said when it ended. Without an end there is no meeting.", (),
                   (*ways, _asked("ended", "It ended then", "end")))  # fmt: skip


def _event_at(slug: str, words: str, side: str, mark: Any) -> Mend:
    fields = {f"{side}_at": mark.at, f"{side}_precision": mark.precision}
    return Mend(slug, f"{words} {_stamp(mark)}", "edit event", (("event", 0, fields),))


def _asked(slug: str, words: str, asks: str, initial: str = "") -> Mend:
    return Mend(slug, words, "edit event", asks=asks, initial=initial)


def _zone(event: Event) -> Iterator[Hint]:
    if event.is_zone_assumed and event.time_zone == "UTC":
        yield Hint("zone", "No time zone was named. Times without an offset were read as UTC.", (),
                   (Mend("zone", "Read them in this zone", "edit event", asks="zone", initial=event.time_zone),))  # fmt: skip


def _severity(event: Event) -> Iterator[Hint]:
    start = SEVERITIES.get(event.kind)
    if event.severity or not start:
        return
    said = f" The source says \u201c{event.severity_text}\u201d." if event.severity_text else ""
    able = tuple((value, str(label)) for value, label in Severity.choices if value and value.startswith(start))
    if event.kind == "launch":
        able = tuple(pair for pair in able if "launch" in pair[1])
    yield Hint("severity", f"No severity is set; it decides how soon the meeting belongs.{said}", (event.severity_text,),
               (Mend("severity", "Set it", "edit event", asks="severity", choices=able),))  # fmt: skip


def _duration(event: Event) -> Iterator[Hint]:
    """What the source states of the length beside end minus start; a stated length that an interval has is that one's."""
    length, stated = event.duration, event.stated_minutes
    if length is None or stated is None or not {event.started_precision, event.ended_precision} <= CLOCKED:
        return
    said = timedelta(minutes=stated)
    if abs(length - said) < NOTEWORTHY or event.started_at is None or event.ended_at is None:
        return
    end, start = event.started_at + said, event.ended_at - said
    yield Hint(
        "duration",
        f"The source states {timing.duration_label(said)}, end minus start gives {timing.duration_label(length)}.",
        (stated, event.started_at, event.ended_at),
        (
            Mend("end", f"Let it end at {_local(event, end)}", "edit event", (("event", 0, {"ended_at": end}),)),
            Mend(
                "start", f"Let it begin at {_local(event, start)}", "edit event", (("event", 0, {"started_at": start}),)
            ),
        ),
    )


def _dates(event: Event, marks: list[Any]) -> Iterator[Hint]:
    """The day that a heading states, and the days on which the moments lie, beside the event's own."""
    local = event.local_start
    if local is None or event.started_precision == "month":
        return
    if event.stated_on and event.stated_on != local.date():
        words = f"The heading says {timing.day_label(event.stated_on)}, it began on {timing.day_label(local.date())}."
        yield Hint("dates", words, (event.stated_on, event.started_at), _shifts(event, event.stated_on - local.date()))
    timed = [mark for mark in marks if mark.at and mark.precision in CLOCKED]
    if not timed or event.ended_at is None or event.started_at is None or event.kind not in {"incident", "recurring"}:
        return
    first, last = min(mark.at for mark in timed), max(mark.at for mark in timed)
    if last < event.started_at or first > event.ended_at:
        on = first.astimezone(event.zone).date()
        words = f"Its moments lie on {timing.day_label(on)}, the event on {timing.day_label(local.date())}."
        yield Hint("outside", words, (event.started_at, first, last), _shifts(event, on - local.date()))


def _shifts(event: Event, days: timedelta) -> tuple[Mend, ...]:
    if not days or event.started_at is None:
        return ()
    fields = {"started_at": _moved(event, event.started_at, days)}
    if event.ended_at:
        fields["ended_at"] = _moved(event, event.ended_at, days)
    day = timing.day_label(fields["started_at"].astimezone(event.zone).date())
    return (Mend("shift", f"Move the event to {day}, same clock", "edit event", (("event", 0, fields),)),)


def _moved(event: Event, at: datetime, days: timedelta) -> datetime:
    """So many days later by the calendar of the event's zone."""
    local = at.astimezone(event.zone)
    return (local.replace(tzinfo=None) + days).replace(tzinfo=event.zone).astimezone(at.tzinfo)


def _intervals(event: Event) -> Iterator[Hint]:
    if (
        event.started_at is None
        or event.ended_at is None
        or not {event.started_precision, event.ended_precision} <= CLOCKED
    ):
        return
    for row in list(event.intervals.all())[:MOST_OF_A_KIND]:
        for at, side, word, is_out in (
            (
                row.started_at,
                "started_at",
                "begins before the event",
                row.started_at and row.started_at < event.started_at,
            ),
            (
                row.ended_at,
                "ended_at",
                "goes on after the event\u2019s end",
                row.ended_at and row.ended_at > event.ended_at,
            ),
        ):
            if is_out and at:
                verb = "begin" if side == "started_at" else "end"
                mend = Mend(
                    side, f"Let the event {verb} at {_local(event, at)}", "edit event", (("event", 0, {side: at}),)
                )
                words = f"The impact \u201c{row.label[:80]}\u201d {word}, at {_local(event, at)}."
                yield Hint("interval", words, (row.pk, side, at, event.started_at, event.ended_at), (mend,))


# --- Moments --------------------------------------------------------------------------------------------------------
def _landmarks(event: Event, marks: list[Any]) -> Iterator[Hint]:
    """A later landmark at an earlier moment: the marks are exchanged, one is taken off, or a time is wrong."""
    found = timing.landmarks(marks)
    for earlier, later in timing.SEQUENCE:
        a, b = found.get(earlier), found.get(later)
        if not (a and b and b.at < a.at and {a.precision, b.precision} <= CLOCKED):
            continue
        first, second = LABELS[earlier], LABELS[later]
        yield Hint(
            "landmarks",
            f"\u201c{second}\u201d, {_stamp(b)}, lies before \u201c{first}\u201d, {_stamp(a)}.",
            (a.pk, a.at, earlier, b.at, later),
            (
                Mend("swap", "Exchange the two marks",
                     changes=(("entry", a.pk, {"landmark": later}), ("entry", b.pk, {"landmark": earlier}))),
                Mend("off-later", f"Take \u201c{second}\u201d off", changes=(("entry", b.pk, {"landmark": ""}),)),
                Mend("off-earlier", f"Take \u201c{first}\u201d off", changes=(("entry", a.pk, {"landmark": ""}),)),
                Mend("time", f"\u201c{second}\u201d was then", asks="time", initial=_typed(b), about=b.pk),
            ),
            entry=b.pk,
        )  # fmt: skip


def _against_header(event: Event, marks: list[Any]) -> Iterator[Hint]:
    found = timing.landmarks(marks)
    for name, side, word in (("impact_start", "started", "begin"), ("resolved", "ended", "end")):
        mark, said = found.get(name), getattr(event, f"{side}_at")
        precise = getattr(event, f"{side}_precision")
        if not mark or said is None or not {mark.precision, precise} <= CLOCKED or abs(mark.at - said) < NOTEWORTHY:
            continue
        noun, other = ("start", event.ended_at) if side == "started" else ("end", event.started_at)
        is_in_order = other is None or mark.at == other or (mark.at < other) == (side == "started")
        gap = timing.duration_label(mark.at - said)
        moved = {"at": said, "precision": precise, "at_text": ""}
        yield Hint(
            "ends",
            f"\u201c{LABELS[name]}\u201d is at {_stamp(mark)}, the event\u2019s {noun} at {_local(event, said)}: {gap} apart.",
            (name, mark.at, said),
            (
                *([_event_at("event", f"Let the event {word} at", side, mark)] if is_in_order else []),
                Mend("entry", f"Put the moment at {_local(event, said)}", changes=(("entry", mark.pk, moved),)),
                Mend("off", f"Take \u201c{LABELS[name]}\u201d off", changes=(("entry", mark.pk, {"landmark": ""}),)),
            ),
            entry=mark.pk,
        )  # fmt: skip


def _far(event: Event, marks: list[Any]) -> Iterator[Hint]:
    """A moment a month or more away from an incident is most often a year or a month that was typed wrongly."""
    if event.kind not in {"incident"} or event.started_at is None:
        return
    end, count = event.ended_at or event.started_at, 0
    for mark in marks:
        if mark.at is None or event.started_at - FAR <= mark.at <= end + FAR:
            continue
        is_before = mark.at < event.started_at
        gap = timing.duration_label(event.started_at - mark.at if is_before else mark.at - end)
        words = f"The moment of {_stamp(mark, with_year=True)} lies {gap} {'before the start' if is_before else 'after the end'}."
        mend = Mend("time", "It was then", asks="time", initial=_typed(mark), about=mark.pk)
        yield Hint("far", words, (mark.at, event.started_at, event.ended_at), (mend,), entry=mark.pk)
        count += 1
        if count == MOST_OF_A_KIND:
            return


def _disorder(marks: list[Any]) -> list[tuple[Any, Any]]:
    """Moments that stand in their record behind a later one, with that one: by the minute, because seconds are no disorder. A
    moment that a person added, or shared without a name, is of no record."""
    records: dict[int | None, list[Any]] = {}
    for mark in marks:
        is_told = mark.imported_id or (mark.created_by_id is None and mark.source != Source.ACCOUNT)
        if is_told and mark.at is not None and mark.precision == "exact":
            records.setdefault(mark.imported_id, []).append(mark)
    found = []
    for rows in records.values():
        rows.sort(key=lambda mark: (mark.import_row or 0, mark.rank, mark.pk))
        found += [(row, ahead) for ahead, row in pairwise(rows) if ahead.at - row.at >= NOTEWORTHY]
    return sorted(found, key=lambda pair: pair[0].at)[:MOST_OF_A_KIND]


def _order(disorder: list[tuple[Any, Any]], texts: dict[int, str]) -> Iterator[Hint]:
    """They are sorted here; one of the two clocks may be wrong."""
    for row, ahead in disorder:
        short = _short(texts.get(row.pk, ""))
        words = f"\u201c{short}\u201d, {_stamp(row)}, stands in its record behind a row of {_stamp(ahead)}."
        behind = {"at": ahead.at, "utc_offset": ahead.utc_offset, "precision": "approx", "at_text": ""}
        yield Hint("order", words, (row.at, ahead.at), (
            Mend("time", "It was then", asks="time", initial=_typed(row), about=row.pk),
            Mend("behind", f"It was right after, about {timing.clock_label(ahead)}", changes=(("entry", row.pk, behind),)),
        ), entry=row.pk)  # fmt: skip


def _told(event: Event, marks: list[Any], *, to_count: bool) -> Iterator[Hint]:
    """What names moments by their words: rows out of order, moments without a time, landmarks that a review of this kind asks
    for, and a decision, where no moment is one."""
    timeless = [mark for mark in marks if mark.at is None][:MOST_OF_A_KIND]
    is_ahead = event.review_on is not None and event.ended_at is None
    missing = timing.missing_landmarks(event.kind, marks) if marks and not is_ahead else []
    is_undecided = bool(marks) and event.kind == "incident" and not any(mark.type == "decision" for mark in marks)
    unmarked = _likely([mark for mark in marks if not mark.landmark]) if missing else []
    untyped = _likely([mark for mark in marks if not mark.type]) if is_undecided else []
    disorder = _disorder(marks)
    named = {mark.pk for mark in (*timeless, *unmarked, *untyped)} | {row.pk for row, _ in disorder}
    texts = _texts(event, set() if to_count else named)

    def choices(able: list[Any]) -> tuple[tuple[str, str], ...]:
        return tuple((str(m.pk), f"{timing.clock_label(m)}  {_short(texts.get(m.pk, ''))}") for m in able)

    yield from _order(disorder, texts)
    for row in timeless:
        mend = Mend("time", "It was then", asks="time", about=row.pk)
        words = f"\u201c{_short(texts.get(row.pk, ''))}\u201d has no time, only \u201c{row.at_text}\u201d."
        yield Hint("time", words, (row.at_text,), (mend,), entry=row.pk)
    for name in missing:
        ways = (Mend("mark", "Mark it", asks="mark", initial=name, choices=choices(unmarked)),) if unmarked else ()
        yield Hint("missing", f"No moment marks \u201c{LABELS[name]}\u201d.", (name,), ways, add=f"mark={name}")
    if is_undecided:
        ways = (Mend("decision", "It was a decision", asks="decision", choices=choices(untyped)),) if untyped else ()
        yield Hint("decision", "No moment says what was decided.", (), ways, add="add=1")


def _likely(able: list[Any]) -> list[Any]:
    """At most so many to choose from, in their order: key moments before others."""
    keys = [mark for mark in able if mark.is_key][:MOST_CHOICES]
    rest = [mark for mark in able if not mark.is_key][: MOST_CHOICES - len(keys)]
    places = {mark.pk: i for i, mark in enumerate(able)} if keys and rest else {}
    return sorted([*keys, *rest], key=lambda mark: places.get(mark.pk, 0))


# --- Words ----------------------------------------------------------------------------------------------------------
def _texts(event: Event, keys: set[int]) -> dict[int, str]:
    return dict(TimelineEntry.objects.filter(event=event, pk__in=keys).values_list("pk", "text")) if keys else {}


def _short(text: str) -> str:
    return words if len(words := " ".join(text.split())) <= 60 else words[:59].rstrip() + "\u2026"


def _stamp(mark: Any, *, with_year: bool = False) -> str:
    """21 Oct, 23:02: the day and the clock as its source gave it."""
    day = (day_month_year if with_year else day_month)(mark.local_at)
    return day if mark.precision in {"day", "month"} else f"{day}, {timing.clock_label(mark)}"


def _local(event: Event, at: datetime) -> str:
    local = at.astimezone(event.zone)
    return f"{day_month(local)}, {local:%H:%M}"


def _typed(mark: Any) -> str:
    return when.words(mark.local_at, mark.precision, with_offset=mark.utc_offset is not None)
