"""From drafts to a Reading: times completed and marked, people named, texts cut to what a moment holds."""

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta, timezone
from zoneinfo import ZoneInfo

from retros.imports import limits
from retros.imports.days import Days, NoTime
from retros.imports.drafts import Draft, Drafts
from retros.imports.found import Found, Person, Problem, Reading
from retros.imports.stamps import ZONES, Stamp


@dataclass(frozen=True)
class Asked:
    """What the reader was told beside the file. Whatever is missing is asked (Reading.needs_...), never assumed."""

    zone: ZoneInfo | timezone | None = None  # of clocks without an offset
    day: date | None = None  # of the first clock without a day
    captured: date | None = None  # the day on which the record was taken: gives the year where lines have none
    day_first: bool | None = None  # whether 03/04/2024 is the third of April
    columns: Mapping[str, str] = field(default_factory=dict)  # heading -> key of MEANINGS
    users: Mapping[str, str] = field(default_factory=dict)  # handle or id -> name
    private: bool = False  # whether private channels of an export are read
    only: tuple[str, ...] = ()  # channels of an export; empty means all


def finish(drafts: Drafts, asked: Asked) -> Reading:
    """Complete every draft in the order of the record."""
    order, why = _order(drafts, asked)
    days = _days(drafts, asked, order, why)
    entries, skipped = _completed(drafts, days, asked)
    return Reading(
        format=drafts.format,
        format_label=drafts.label,
        why=drafts.why,
        lines=drafts.lines,
        entries=tuple(entries),
        skipped=tuple(sorted([*drafts.skipped, *skipped], key=lambda p: (p.file, p.line))),
        needs_zone="zone" in days.needs,
        needs_day="day" in days.needs,
        needs_year="year" in days.needs,
        needs_order="order" in days.needs,
        needs_columns=drafts.needs_columns,
        order=why,
        people=_people(drafts, asked),
        columns=tuple(drafts.columns),
        rows=tuple(drafts.samples),
        files=tuple(drafts.files),
    )


def _completed(drafts: Drafts, days: Days, asked: Asked) -> tuple[list[Found], list[Problem]]:
    """Moments, and those whose time cannot be."""
    entries: list[Found] = []
    skipped: list[Problem] = []
    file = ""
    for draft in drafts.rows:
        if draft.file != file:
            file, days.last = draft.file, None
        try:
            if draft.is_day and draft.stamp:
                days.enter(draft.stamp)
            elif not draft.is_day:
                entries.append(_found(draft, days, drafts, asked))
        except NoTime as why_not:
            text = " ".join((draft.raw or draft.text)[: limits.EXCERPT].split())
            skipped.append(Problem(draft.line, str(why_not), text, draft.file, draft.last_line))
    return entries, skipped


def _people(drafts: Drafts, asked: Asked) -> tuple[Person, ...]:
    """Who wrote how much, by the handle that `users` maps."""
    handles = [draft.handle for draft in drafts.rows if draft.handle and not draft.is_day]
    names = {draft.handle: _name(draft, drafts, asked) for draft in drafts.rows if draft.handle}
    known = {*asked.users, *drafts.names}
    mapped = {draft.handle for draft in drafts.rows if draft.name in asked.users}
    return tuple(Person(h, names[h], count, h in known or h in mapped) for h, count in Counter(handles).most_common())


def _name(draft: Draft, drafts: Drafts, asked: Asked) -> str:
    told = asked.users.get(draft.handle) or asked.users.get(draft.name)
    name = told or draft.name or drafts.names.get(draft.handle) or draft.handle
    if not name.isascii():  # one spelling of each letter, and none of the marks that turn the direction of words
        name = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) not in {"Cf", "Cc"})
    return " ".join(name.split())[: limits.PERSON]


def _days(drafts: Drafts, asked: Asked, order: bool | None, why: str) -> Days:
    """What is known beforehand: what was told first, else what the record says for all its times, marked."""
    days = Days(asked.zone, asked.day, asked.captured, order, why if asked.day_first is None else "")
    days.in_order = drafts.in_order
    told = drafts.zero if drafts.zero and drafts.zero.year else drafts.stated
    if told and asked.day is None and told.year and told.month and told.day:
        try:
            days.day = date(told.year, told.month, told.day)
        except ValueError:
            days.day = None
        else:
            days.day_source = "the day that the record says of itself"
            days.day_guess = f"Day {days.day.isoformat()}, which the record says of itself; the line has a clock only."
    stated = drafts.zone
    if stated and asked.zone is None:
        minutes = stated.offset if stated.offset is not None else ZONES.get(stated.zone)
        if minutes is not None:
            days.zone = timezone(timedelta(minutes=minutes))
            days.zone_guess = f"Clock of {stated.text}, as the record says of all its times."
    elif drafts.area and asked.zone is None:
        days.zone, days.zone_guess = drafts.area, f"Clock of {drafts.area}, as the record says of all its times."
    return days


def _order(drafts: Drafts, asked: Asked) -> tuple[bool | None, str]:
    """Which of day and month comes first: as told, else as the dates settle that can be read in one order only."""
    pairs = [d.stamp for d in drafts.rows if d.stamp and d.stamp.pair]
    if asked.day_first is not None or not pairs:
        return asked.day_first, ""
    first = second = 0
    for stamp in (d.stamp for d in drafts.rows if d.stamp and d.stamp.pair is None and _is_slashed(d.stamp)):
        numbers = [int(n) for n in stamp.text.replace("-", "/").split("/")[:2] if n.isdigit()]
        first += len(numbers) == 2 and numbers[0] > 12
        second += len(numbers) == 2 and numbers[1] > 12
    if bool(first) == bool(second):
        return None, ""
    word, count = ("day", first) if first else ("month", second)
    dates = "one date works" if count == 1 else f"{count} dates work"
    return bool(first), f"The {word} comes first, because {dates} in this order only."


def _is_slashed(stamp: Stamp) -> bool:
    return stamp.month is not None and ("/" in stamp.text[:3] or "-" in stamp.text[:3])


def _found(draft: Draft, days: Days, drafts: Drafts, asked: Asked) -> Found:
    guesses = list(draft.guesses)
    known = days.known(draft.stamp) if draft.stamp else None
    if known:
        guesses += known.guesses
    text = draft.text.strip()
    if len(text) > limits.TEXT:
        text = text[: limits.TEXT]
        guesses.append(f"Cut after {limits.TEXT:,} letters.")
    url = draft.source_url if draft.source_url.startswith(("https://", "http://")) else ""
    if len(url) > limits.URL:
        url = ""
        guesses.append(f"Its link has more than {limits.URL} letters, and is left out.")
    return Found(
        line=draft.line,
        text=text,
        at=known.at if known else None,
        offset=known.offset if known else None,
        precision=known.precision if known else "approx",
        at_text=draft.stamp.text.strip()[: limits.AT_TEXT] if draft.stamp else "",
        author=_name(draft, drafts, asked),
        source=draft.source,
        source_label=" ".join(draft.source_label.split())[: limits.LABEL],
        source_url=url,
        raw=draft.raw[: limits.TEXT],
        type=draft.type,
        landmark=draft.landmark,
        is_key=draft.is_key,
        guesses=tuple(dict.fromkeys(guesses)),
        unclear=known.unclear if known else "No time is given.",
        choices=tuple(known.choices) if known else (),
        thread=draft.thread,
        last_line=draft.last_line,
        file=draft.file,
        item=draft.item,
    )
