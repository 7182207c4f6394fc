"""Reads an action that was typed in one line: "Stop the failover tool. Priya by 17 Dec, S. Closed when a test proves it". Pure.

Only what is certain is taken out of the line; the rest stays in the title, so that no word is lost. A name that fits two
people is kept as words and asked about.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from retros import when

CLOSED = re.compile(
    r"(?:^|(?<=[\s.,;(]))(?:closed|done)\s+when:?\s+(?P<words>[^\n]+?)\s*(?:\.\s*$|$|\.\s+(?=[A-Z@]))", re.IGNORECASE
)
DATE_WORDS = (
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}\.?\s+[a-z]{3,9}\.?(?:,?\s+\d{4})?|[a-z]{3,9}\.?\s+\d{1,2}(?:,?\s+\d{4})?"
    r"|today|tomorrow|(?:next\s+)?(?:mon|tues?|wed(?:nes)?|thur?s?|fri|satur|sat|sun)(?:day)?"
)
DUE = re.compile(
    r"(?:^|(?<=[\s,.;]))(?:by|due|until|before)\s+(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+(?=\d))?"
    rf"(?P<date>{DATE_WORDS})(?=$|[\s,.;)])",
    re.IGNORECASE,
)
SIZE = re.compile(r"(?:[,;]\s*|(?<=\s)|^)(?:size\s*:?\s*(?P<named>[SMLsml])|\(?(?P<bare>[SML])\)?)(?=\s*(?:$|[.,;]))")
SIZE_WORD = re.compile(r"[,;]\s*(?P<word>hours|days|weeks)(?=\s*(?:$|[.,;]))", re.IGNORECASE)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SLIP = timedelta(days=60)  # a day so shortly passed is a slip, not one of next year


@dataclass
class Reading:
    """What the line said. `owner_text` holds a name that fits nobody or several; `understood` names what was read, for the reader."""

    title: str
    owner: Any = None
    owner_text: str = ""
    due_on: date | None = None
    size: str = ""
    closed_when: str = ""
    understood: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


def read(text: str, people: Sequence[Any], today: date) -> Reading:
    """Take owner, date, size and "closed when" out of the line. `people` have `.name`; dates without a year lie ahead."""
    rest = " ".join(text.split())
    reading = Reading(title=rest)
    rest = _take_closed(rest, reading)
    rest = _take_size(rest, reading)
    rest, at = _take_due(rest, reading, today)
    rest = _take_owner(rest, at, people, reading)
    reading.title = _tidy(rest)
    for is_there, words in (
        (reading.owner, "owner"),
        (reading.due_on, "date"),
        (reading.size, "size"),
        (reading.closed_when, "“closed when”"),
    ):
        if is_there:
            reading.understood.append(words)
    return reading


def _take_closed(text: str, reading: Reading) -> str:
    found = CLOSED.search(text)
    if not found:
        return text
    reading.closed_when = found["words"].strip().rstrip(".")
    if reading.closed_when.partition(" ")[0].isalpha():  # db1 and /readyz are names
        reading.closed_when = reading.closed_when[:1].upper() + reading.closed_when[1:]
    reading.closed_when += "."
    return (text[: found.start()].rstrip(" ,;(") + " " + text[found.end() :].lstrip()).strip()


def _take_size(text: str, reading: Reading) -> str:
    if found := SIZE_WORD.search(text):
        reading.size = {"hours": "S", "days": "M", "weeks": "L"}[found["word"].casefold()]
    else:
        # The last one counts: "Plan B. Priya by 17 Dec, S" and "Move service S. Priya by 17 Dec, M" both end in the size.
        hits = list(SIZE.finditer(text))
        if not hits:
            return text
        found = hits[-1]
        reading.size = (found["named"] or found["bare"]).upper()
    return (text[: found.start()] + text[found.end() :]).strip(" ,;")


def _take_due(text: str, reading: Reading, today: date) -> tuple[str, int]:
    """The text without its date, and where the date stood (-1 for none): the owner stands before it."""
    for found in reversed(list(DUE.finditer(text))):
        on = day(found["date"], today)
        if on:
            reading.due_on = on
            return (text[: found.start()] + text[found.end() :]).strip(" ,;"), found.start()
        reading.unclear.append(f"“{found['date']}” is no date that we know")
    return text, -1


def day(words: str, today: date) -> date | None:
    """A calendar day as people type it; without a year the next one from today on, but one of the last two months is left where it
    is: whoever writes 20 Nov on the 26th hardly means next year, and reads that it has passed. None for anything else."""
    low = " ".join(words.casefold().split()).removeprefix("next ")
    if low in {"today", "tomorrow"}:
        return today + timedelta(days=low == "tomorrow")
    if low[:3] in WEEKDAYS and not any(c.isdigit() for c in low):
        return today + timedelta(days=(WEEKDAYS.index(low[:3]) - today.weekday() - 1) % 7 + 1)
    try:
        found = when.read(low, ZoneInfo("UTC"), day=today)
    except (when.NotATime, when.Unclear):
        return None
    if found.precision not in {"day", "approx"}:
        return None
    on = found.at.astimezone(UTC).date()
    if on < today - SLIP and not re.search(r"\d{4}", low):
        try:
            on = on.replace(year=on.year + 1)
        except ValueError:  # 29 February of a year that has none
            return None
    return on


def _take_owner(text: str, at: int, people: Sequence[Any], reading: Reading) -> str:
    """The name right before the date, after an "@", after "owner", or as the whole last sentence."""
    for pattern in (r"(?:@|\bowner:?\s+)(?P<name>[^\s.,;@]+(?:\s+[^\s.,;@]+)?)", None):
        if pattern:
            found = re.search(pattern, text, re.IGNORECASE)
            if not found:
                continue
            span, words = found.span(), found["name"]
        else:
            start, words = _last_words(text, at)
            span = (start, start + len(words))
        for name in (words, words.split()[0] if words.split() else ""):
            fits = matching(name, people)
            if len(fits) == 1:
                reading.owner = fits[0]
                cut = span[1] - (len(words) - len(name))
                return (text[: span[0]] + text[cut:]).strip()
            if len(fits) > 1:
                reading.owner_text = name
                reading.unclear.append(f"{len(fits)} people are called {name}")
                return text
        if pattern:
            reading.owner_text = words.split()[0]
            reading.unclear.append(f"nobody here is called {words.split()[0]}")
    return text


def _last_words(text: str, at: int) -> tuple[int, str]:
    """The sentence that stood right before the date, or the last one: where it starts, and its words."""
    head = text[:at].rstrip(" ,;") if at >= 0 else text.rstrip(" ,;.")
    start = max(head.rfind(mark) for mark in (". ", "; ", ", ", ": ")) + 1
    if start == 0 and head and at < 0:
        return len(text), ""  # the only sentence is the title itself
    words = head[start:].strip()
    if len(words.split()) > 3:  # "…across regions Priya by 17 Dec": the name is the last word or two
        words = " ".join(words.split()[-1:])
    return head.rfind(words), words


def matching(name: str, people: Sequence[Any]) -> list[Any]:
    """People of that full name; else of that first or last name."""
    want = " ".join(name.casefold().split())
    if not want:
        return []
    full = [p for p in people if p.name.casefold() == want]
    return full or [p for p in people if want in (p.name.casefold().split()[0], p.name.casefold().split()[-1])]


def _tidy(text: str) -> str:
    text = re.sub(r"\s+([.,;])", r"\1", text)
    text = re.sub(r"[.,;:\s]+$", "", text).strip()
    return re.sub(r"\.\s*\.", ".", text)
