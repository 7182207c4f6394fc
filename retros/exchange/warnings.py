"""What a reader of an event file would stumble over: contradictions between its fields and gaps in them. No Django.

Only what follows from fields is found; prose is not understood here. The kinds are listed in docs/manual/event-files.md.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta, timezone
from itertools import pairwise

from retros import timing
from retros.exchange.schema import EntryRow, EventFile

# Which landmark a phase of the file marks. The order is that in which they can happen.
PHASES = {
    "impact_start": "impact_start",
    "first_alert": "detected",
    "first_report": "detected",
    "detected": "detected",
    "acknowledged": "acknowledged",
    "declared": "declared",
    "diagnosed": "investigation",
    "investigation": "investigation",
    "mitigation_started": "mitigation",
    "mitigation": "mitigation",
    "mitigated": "mitigated",
    "verification": "verification",
    "closed": "verification",
    "resolved": "resolved",
    "launch": "launch",
    "announced": "announced",
    "cutover": "cutover",
    "pre_launch": "pre_launch",
    "first_day": "first_day",
    "first_week": "first_week",
    "phase": "phase",
}
NEEDED = {
    "incident": ("detected", "acknowledged", "mitigated", "resolved"),
    "launch": ("launch",),
    "recurring": ("detected",),
}
MOST_NAMED = 20
STOP = frozenset([
    "about", "after", "again", "also", "been", "before", "could", "every", "from", "have", "into", "more", "only",
    "other", "over", "same", "some", "than", "that", "their", "them", "then", "there", "these", "they", "this",
    "were", "what", "when", "where", "which", "while", "will", "with", "would",
])  # fmt: skip


@dataclass(frozen=True)
class Warning:
    """One finding: its kind (a word of the list) and a sentence that quotes what the file says."""

    kind: str
    detail: str


def find(event: EventFile) -> list[Warning]:
    """All findings, in the order in which a reader meets them."""
    return [
        *_zone(event),
        *_ends(event),
        *_duration(event),
        *_dates(event),
        *_order(event),
        *_landmarks(event),
        *_actions(event),
        *_factors(event),
        *_of_other_kinds(event),
        *_unknown(event),
    ]


def _of_other_kinds(event: EventFile) -> Iterator[Warning]:
    """What is kept, and not shown while the event is of this kind."""
    own = event.own
    for name, given, kinds in (
        ("launch", own.launch, {"launch"}),
        ("phases", own.phases, {"launch", "project"}),
        ("decisions or options", own.choices, {"project", "decision"}),
        ("occurrences", own.occurrences, {"recurring"}),
        ("runbook", own.runbook_url, {"launch", "project"}),
        ("review_on", own.review_on, {"launch", "project"}),
    ):
        if given and event.kind not in kinds:
            yield Warning("other_kind", f"'{name}' is kept, and is shown for a {' or '.join(sorted(kinds))} only")


def _unknown(event: EventFile) -> Iterator[Warning]:
    for name in event.unknown_fields[:MOST_NAMED]:
        yield Warning("unknown_field", f"'{name}' is not a field of an event file and was left out")
    more = len(event.unknown_fields) - MOST_NAMED
    if more > 0:
        yield Warning("unknown_field", f"{more:,} further fields are none of an event file and were left out")


def landmarks(event: EventFile) -> list[str]:
    """The landmark of each entry ('' for none). Of an alert and a report, the earlier one is the detection."""
    marks = [PHASES.get(row.phase, "") for row in event.entries]
    first_detection = next((i for i, mark in enumerate(marks) if mark == "detected"), None)
    return ["" if mark == "detected" and i != first_detection else mark for i, mark in enumerate(marks)]


def _zone(event: EventFile) -> Iterator[Warning]:
    if event.zone is None:
        said = f"the file says '{event.zone_text}'" if event.zone_text else "the file names none"
        yield Warning("missing_zone", f"time zone: {said}; times without an offset were read as UTC")
    elif any(row.moment and not row.moment.has_zone for row in event.entries):
        yield Warning("missing_zone", "some times carry no offset and were read as UTC")


def _ends(event: EventFile) -> Iterator[Warning]:
    if event.start is None and event.date is None:
        yield Warning("missing_start", "the file gives no start and no date")
    if event.end is None:
        words = next((i.end_text for i in event.intervals if i.end_text), "")
        kept = f"; kept in the file's words: '{words}'" if words else ""
        yield Warning(
            "missing_end", f"no moment for the end{kept}. The meeting can start once there is one; a day is enough"
        )


def _duration(event: EventFile) -> Iterator[Warning]:
    main = next((i for i in event.intervals if i.start and i.end), None)
    if event.stated_minutes is None or main is None or main.start is None or main.end is None:
        return
    minutes = (main.end.at - main.start.at).total_seconds() / 60
    if abs(minutes - event.stated_minutes) >= 1:
        yield Warning(
            "duration_mismatch", f"stated {event.stated_minutes:g} minutes, end minus start gives {minutes:g}"
        )


def _dates(event: EventFile) -> Iterator[Warning]:
    if event.date is None or event.start is None:
        return
    day = event.start.at.astimezone(event.zone) if event.zone else event.start.at
    said = event.date.at.astimezone(event.zone) if event.zone else event.date.at
    same = (day.year, day.month) == (said.year, said.month) and (event.date.precision == "month" or day.day == said.day)
    if not same:
        yield Warning("date_conflict", f"the date is {event.date_text}, the impact starts on {day:%Y-%m-%d}")


def _order(event: EventFile) -> Iterator[Warning]:
    timed = [(i, row) for i, row in enumerate(event.entries, 1) if row.moment and row.moment.precision == "exact"]
    for (_, before), (number, row) in pairwise(timed):
        if before.moment and row.moment and row.moment.at < before.moment.at:
            yield Warning(
                "out_of_order", f"row {number} ({row.raw_at}) is earlier than the row before it ({before.raw_at})"
            )


def _landmarks(event: EventFile) -> Iterator[Warning]:
    marks = landmarks(event)
    first: dict[str, EntryRow] = {}
    for mark, row in zip(marks, event.entries, strict=True):
        if mark:
            first.setdefault(mark, row)
    seen = [row for row in event.entries if PHASES.get(row.phase) == "detected"]
    for row in seen[1:]:
        yield Warning(
            "second_detection",
            f"'{row.phase}' ({row.raw_at}) is not marked: '{seen[0].phase}' ({seen[0].raw_at}) counts",
        )
    for mark in NEEDED.get(event.kind, ()):
        if mark not in first:
            yield Warning("missing_landmark", f"no row marks '{mark}'")
    for earlier, later in timing.SEQUENCE:
        a, b = first.get(earlier), first.get(later)
        if a and b and a.moment and b.moment and b.moment.at < a.moment.at:
            yield Warning("landmark_conflict", f"'{later}' ({b.raw_at}) comes before '{earlier}' ({a.raw_at})")
    yield from _against_header(event, first)


def _against_header(event: EventFile, first: dict[str, EntryRow]) -> Iterator[Warning]:
    for mark, said in (("impact_start", event.start), ("resolved", event.end)):
        row = first.get(mark)
        if (
            row
            and row.moment
            and said
            and {row.moment.precision, said.precision} == {"exact"}
            and row.moment.at != said.at
        ):
            which = "start" if mark == "impact_start" else "end"
            there = said.at.astimezone(timezone(timedelta(minutes=row.moment.offset or 0)))
            at = there.isoformat(timespec="minutes")
            yield Warning("landmark_conflict", f"'{mark}' is at {row.raw_at}, the impact's {which} at {at}")


def _actions(event: EventFile) -> Iterator[Warning]:
    for action in event.actions:
        short = _short(action.text)
        if not action.owner:
            yield Warning("action_without_owner", f"'{short}' names no owner")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", action.due):
            said = f"says '{action.due}', which is no date" if action.due else "names no date"
            yield Warning("action_without_date", f"'{short}' {said}")
        if not action.is_closeable:
            yield Warning("action_not_closeable", f"'{short}' has no end product: say when it is closed")


def _factors(event: EventFile) -> Iterator[Warning]:
    words = [_stems(a.text) for a in event.actions]
    for _, text in event.factors:
        if not any(_stems(text) & others for others in words):
            yield Warning("factor_without_action", f"'{_short(text)}' shares no word with any action")


def _stems(text: str) -> set[str]:
    """Content words cut to six letters, so that 'deploys' meets 'deployment'."""
    return {w[:6] for w in re.findall(r"[^\W\d_]{4,}", text.casefold()) if w not in STOP}


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59].rstrip() + "…"
