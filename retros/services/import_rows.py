"""What was found in a record, as it waits to be chosen from: packed, compared with the timeline, filtered, built as entries."""

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from retros import limits
from retros.imports.found import Column, Found, Person, Problem, Reading
from retros.models import EntryType, Event, Import, Landmark, Source, TimelineEntry

NAMES = [f.name for f in fields(Found)]
AT, AT_TEXT, TEXT, RAW, LINE = (NAMES.index(name) for name in ("at", "at_text", "text", "raw", "line"))
GUESSES, UNCLEAR, CHOICES, WHERE = (NAMES.index(name) for name in ("guesses", "unclear", "choices", "file"))
PRECISION = NAMES.index("precision")
FACTS = [f.name for f in fields(Reading) if f.type in {str, bool, int}]
FILTERS = {
    "": "All",
    "add": "Will add",
    "same": "Already there",
    "unclear": "Time unclear",
    "guessed": "Guessed",
    "outside": "Outside the event",
    "skipped": "Not read",
}
KEPT_SKIPPED = 5_000  # lines that were not read and can be looked at; beyond them they are counted
KEPT_LINES = 300  # of those that were left out, told on the page of an import that is done
WORDS = "words"  # picked: the moment stands by the words of its source


@dataclass
class Staged:
    """A reading that was unpacked. `reading.entries` is empty: 10,000 moments stay lists, in the order of NAMES, until a page
    or the timeline needs them. `same` has a number for each: 0 for new, an entry's key, or minus the place (from 1) of the
    row that it repeats."""

    reading: Reading
    rows: list[list[Any]]
    same: list[int]
    reasons: list[tuple[str, int]]  # why lines were not read, and how many

    @property
    def skipped(self) -> int:
        return sum(count for _, count in self.reasons)

    def at(self, index: int, picked: Mapping[str, Any]) -> datetime | None:
        """When it was, by the reading of its time that was picked."""
        row, answer = self.rows[index], picked.get(str(index))
        is_picked = isinstance(answer, int) and 0 <= answer < len(row[CHOICES])
        text = row[CHOICES][answer] if is_picked else row[AT]
        return datetime.fromisoformat(text) if text else None

    def found(self, index: int, picked: Mapping[str, Any]) -> Found:
        """The whole moment."""
        values = dict(zip(NAMES, self.rows[index], strict=True))
        values["choices"] = tuple(datetime.fromisoformat(text) for text in values["choices"])
        return Found(**{**values, "at": self.at(index, picked), "guesses": tuple(values["guesses"])})


# --- Packing --------------------------------------------------------------------------------------------------------
def pack(reading: Reading, same: list[int]) -> bytes:
    """The reading in a few hundred kilobytes for 10,000 lines."""
    whole = {name: getattr(reading, name) for name in FACTS}
    whole |= {
        "skipped": [[p.line, p.reason, p.text, p.file, p.last_line] for p in reading.skipped[:KEPT_SKIPPED]],
        "reasons": Counter(problem.reason for problem in reading.skipped).most_common(),
        "people": [asdict(person) for person in reading.people],
        "columns": [asdict(column) for column in reading.columns],
        "rows": reading.rows,
        "files": reading.files,
        "entries": [_packed(entry) for entry in reading.entries],
        "same": same,
    }
    return zlib.compress(json.dumps(whole, separators=(",", ":")).encode(), 1)


def _packed(found: Found) -> list[Any]:
    row = [getattr(found, name) for name in NAMES]
    row[AT] = found.at.isoformat() if found.at else None
    row[CHOICES] = [choice.isoformat() for choice in found.choices]
    return row


def unpack(imp: Import) -> Staged:
    """What `pack` made of the reading of this import."""
    whole = json.loads(zlib.decompress(bytes(imp.reading or b"")))
    reading = Reading(
        **{name: whole[name] for name in FACTS},
        skipped=tuple(Problem(*problem) for problem in whole["skipped"]),
        people=tuple(Person(**person) for person in whole["people"]),
        columns=tuple(Column(c["name"], tuple(c["values"]), c["meaning"]) for c in whole["columns"]),
        rows=tuple(tuple(row) for row in whole["rows"]),
        files=tuple(whole["files"]),
    )
    return Staged(reading, whole["entries"], whole["same"], [(reason, count) for reason, count in whole["reasons"]])


def repack(imp: Import, same: list[int]) -> bytes:
    """The packed reading of this import with another answer to what is there already."""
    whole = json.loads(zlib.decompress(bytes(imp.reading or b"")))
    return zlib.compress(json.dumps({**whole, "same": same}, separators=(",", ":")).encode(), 1)


# --- What is there already --------------------------------------------------------------------------------------------
def same_as(event: Event, entries: Iterable[Any]) -> list[int]:
    """For each moment: the entry of the timeline that says the same within the same minute, or the row that it repeats.

    Each is looked up by its words and its minute, so that the same line ten thousand times costs no more than once.
    """
    there: dict[tuple[str, Any], int] = {}
    rows = TimelineEntry.objects.kept().filter(event=event).values_list("pk", "at", "at_text", "text", "raw")
    for pk, at, at_text, text, raw in rows.iterator(2000):
        minute = _minute(at, at_text)
        there.setdefault((_plain(text), minute), pk)
        if raw:
            there.setdefault((_plain(raw), minute), pk)
    first: dict[tuple[str, Any], int] = {}
    same = []
    for place, (at, at_text, text, raw) in enumerate(entries, 1):
        minute, plain = _minute(at, at_text), _plain(text)
        earlier = first.setdefault((plain, at or at_text), place)
        pk = there.get((plain, minute)) or (there.get((_plain(raw), minute)) if raw else None)
        same.append(pk or (0 if earlier == place else -earlier))
    return same


def compared(event: Event, reading: Reading) -> list[int]:
    """For each moment of a reading what `same_as` says."""
    return same_as(event, ((e.at, e.at_text, e.text, e.raw) for e in reading.entries))


def compared_again(event: Event, staged: Staged) -> list[int]:
    """The same of moments that were unpacked: the timeline may have grown since."""
    return same_as(
        event,
        ((datetime.fromisoformat(r[AT]) if r[AT] else None, r[AT_TEXT], r[TEXT], r[RAW]) for r in staged.rows),
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _minute(at: datetime | None, at_text: str) -> Any:
    return at.astimezone(UTC).replace(second=0, microsecond=0) if at else at_text


# --- Choosing ---------------------------------------------------------------------------------------------------------
def chosen_at_first(reading: Reading, same: list[int]) -> str:
    """Everything new with a time that is clear; what is there already, or unclear, waits to be ticked."""
    return "".join("0" if there or entry.unclear else "1" for there, entry in zip(same, reading.entries, strict=True))


def carried(
    before: tuple[Staged, str, dict[str, Any]], reading: Reading, same: list[int]
) -> tuple[str, dict[str, Any]]:
    """The choice for a reading that an answer changed: what a person ticked or picked by hand stays, line by line."""
    staged, chosen, picked = before
    by_hand: dict[tuple[Any, ...], str] = {}
    answers: dict[tuple[Any, ...], Any] = {}
    for index, row in enumerate(staged.rows):
        key = (row[WHERE], row[LINE], row[TEXT])
        default = "0" if staged.same[index] or row[UNCLEAR] else "1"
        if index < len(chosen) and chosen[index] != default:
            by_hand[key] = chosen[index]
        if str(index) in picked:
            answers[key] = picked[str(index)]
    keys = [(entry.file, entry.line, entry.text) for entry in reading.entries]
    flags = zip(keys, chosen_at_first(reading, same), strict=True)
    kept = {str(i): answers[k] for i, k in enumerate(keys) if k in answers and reading.entries[i].unclear}
    return "".join(by_hand.get(key, flag) for key, flag in flags), kept


def is_unclear(row: list[Any], picked: Mapping[str, Any], index: int) -> bool:
    return bool(row[UNCLEAR]) and str(index) not in picked


def filtered(event: Event, staged: Staged, imp: Import) -> dict[str, list[int]]:
    """The places of the rows that each filter shows, in the order of FILTERS; the lines that were not read under "skipped"."""
    rows, picked = staged.rows, imp.picked
    first, last = event.started_at, event.ended_at

    def is_outside(row: list[Any]) -> bool:
        if not row[AT] or row[PRECISION] not in {"exact", "approx"}:
            return False
        at = datetime.fromisoformat(row[AT])
        return bool(first and at < first) or bool(last and at > last)

    return {
        "": list(range(len(rows))),
        "add": [i for i, flag in enumerate(imp.chosen) if flag == "1"],
        "same": [i for i, same in enumerate(staged.same) if same],
        "unclear": [i for i, row in enumerate(rows) if is_unclear(row, picked, i)],
        "guessed": [i for i, row in enumerate(rows) if row[GUESSES]],
        "outside": [i for i, row in enumerate(rows) if is_outside(row)],
        "skipped": list(range(len(staged.reading.skipped))),
    }


# --- Entries ----------------------------------------------------------------------------------------------------------
def entry_of(imp: Import, found: Found, index: int, **extra: Any) -> TimelineEntry:
    """The entry that a moment becomes, as it will stand; not stored."""
    when = found.when
    return TimelineEntry(
        event=imp.event,
        imported=imp,
        import_row=index,
        created_by=imp.by,
        at=when.at if when else None,
        utc_offset=when.offset if when and abs(when.offset or 0) <= 840 else None,
        precision=when.precision if when else "approx",
        at_text="" if when else (_kept(found.at_text, 120) or "no time given"),
        text=_kept(found.text, limits.ENTRY) or "(no words)",
        author=_kept(found.author, limits.NAME),
        source=found.source if found.source in Source.values else Source.LOG,
        source_label=provenance(imp, found),
        source_url=found.source_url if found.source_url.startswith(("https://", "http://")) and len(found.source_url) <= 500 else "",
        raw=_kept(found.raw if found.raw != found.text else "", limits.ENTRY),
        type=found.type if found.type in EntryType.values else "",
        landmark=found.landmark if found.landmark in Landmark.values else "",
        is_key=found.is_key,
        **extra,
    )  # fmt: skip


def provenance(imp: Import, found: Found) -> str:
    """Where a moment comes from: "#incident, line 12 of export.zip"."""
    last = f"\u2013{found.last_line}" if found.last_line > found.line else ""
    place = f"item {found.item}" if found.item else f"line{'s' if last else ''} {found.line}{last}"
    where = f"{place} of {found.file or imp.name}"
    thread = f"answers line {found.thread}" if found.thread else ""
    return _kept(", ".join(part for part in (found.source_label, where, thread) if part), limits.LINE)


def _kept(text: str, most: int) -> str:
    """What a database can hold: no NUL, no half of a character, not longer than it may be."""
    text = (
        text.replace("\0", "\ufffd").encode("utf-8", "replace").decode() if not text.isascii() or "\0" in text else text
    )
    return text if len(text) <= most else f"{text[: most - 1]}\u2026"


def entries_of(
    imp: Import, staged: Staged, chosen: list[int], *, base: int, hidden_at: datetime
) -> Iterator[TimelineEntry]:
    """The chosen moments as entries that nobody sees yet. One without a time stands where the moment before it in the
    record stands, the first ones where the next known one does."""
    times = (staged.at(index, imp.picked) for index in chosen)
    stands = next((at for at in times if at), None)
    for index in chosen:
        found = staged.found(index, imp.picked)
        stands = found.at or stands
        yield entry_of(imp, found, index, sort_at=stands, rank=base + index, removed_at=hidden_at)


def outcome_of(imp: Import, staged: Staged) -> dict[str, Any]:
    """What is kept of a record once it is added: how much was left out and why, with the first lines of it."""
    reasons = Counter(dict(staged.reasons))
    left = [(_where(p.file, p.line), p.reason, p.text) for p in staged.reading.skipped[:KEPT_LINES]]
    for index, flag in enumerate(imp.chosen):
        if flag == "1":
            continue
        row, same = staged.rows[index], staged.same[index]
        reason = (
            "already in the timeline" if same > 0 else "repeats another line" if same else
            "its time is unclear" if is_unclear(row, imp.picked, index) else "not chosen"
        )  # fmt: skip
        reasons[reason] += 1
        left.append((_where(row[WHERE], row[LINE]), reason, row[TEXT][:160]))
    return {
        "lines": staged.reading.lines,
        "found": len(staged.rows),
        "left": sum(reasons.values()),
        "reasons": reasons.most_common(),
        "rows": [[_kept(words, limits.LINE) for words in row] for row in left[:KEPT_LINES]],
    }


def _where(file: str, line: int) -> str:
    return f"{file} line {line}".strip()
