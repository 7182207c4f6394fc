"""Disputes as readers see them: the views side by side in words, where the dispute stands, and what a decision would do."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from aar_site.words import day_month, in_words
from retros import timing
from retros.models import Dispute, Event, Precision, Recollection, Resolution, Source, TimelineEntry
from retros.services.disputes import kinds_of_view

UNSETTLED = {Resolution.OPEN, Resolution.ROOM}
NEAR = 12
CLOCKED = {Precision.EXACT, Precision.APPROX}
QUESTIONS = {"time": "When was this?", "order": "What came first?", "fact": "What happened here?"}
TAGS = {
    Resolution.OPEN: ("ask", "Disputed"),
    Resolution.ROOM: ("ask", "Left for the room"),
    Resolution.KEPT: ("ask", "Both kept"),
    Resolution.SETTLED: ("ok", "Settled"),
}


@dataclass(frozen=True)
class View:
    """One view in words. `stamp` is its time and `order` its place before or after another moment, each empty where it does not
    speak of that; `effect` is what settling on an order would do to a clock that contradicts it."""

    row: Recollection
    stamp: str
    order: str
    text: str
    by: str
    source: str
    effect: str = ""

    @property
    def line(self) -> str:
        """23:07: Deploys were locked the minute we understood it. (for the document)"""
        place = ", ".join(part for part in (self.stamp, self.order) if part)
        return ": ".join(part for part in (place, self.text or self.row.note) if part)


@dataclass(frozen=True)
class Remembered:
    """One disputed moment as its page, the room and the document show it."""

    dispute: Dispute
    question: str
    tag: tuple[str, str]
    views: list[View]

    @property
    def is_open(self) -> bool:
        """Whether it can be decided: nobody did, or it was left for the room."""
        return self.dispute.state in UNSETTLED

    @property
    def chosen(self) -> View | None:
        return next((view for view in self.views if view.row.is_chosen), None)

    @property
    def keep(self) -> str:
        return "Keep both" if len(self.views) == 2 else f"Keep all {in_words(len(self.views))}"

    @property
    def verdict(self) -> str:
        """Where it stands, as the document says it: Settled on 23:02; Both views are kept; Not settled."""
        if self.dispute.state == Resolution.SETTLED:
            on = self.chosen.stamp or self.chosen.order if self.chosen else ""
            return f"Settled on {on}" if on else "Settled"
        if self.dispute.state == Resolution.KEPT:
            return "Both views are kept" if len(self.views) == 2 else "All views are kept"
        return "Remembered differently, and not settled"


def attach(event: Event, rows: Iterable[TimelineEntry]) -> None:
    """Give the disputed ones among these entries their `remembered`; entries from `entries.ordered` know whether they are.
    No query where none is disputed, else one: a dispute always has the view that the timeline came with."""
    asked = {row.pk: row for row in rows if getattr(row, "dispute_state", None) not in {None, Resolution.WITHDRAWN}}
    if not asked:
        return
    views: dict[Dispute, list[Recollection]] = {}
    kept = Recollection.objects.kept().filter(dispute__entry__in=asked)
    kept = kept.select_related("author", "other", "dispute__resolved_by", "dispute__created_by")
    for view in kept.order_by("-is_original", "id"):
        view.event = event
        views.setdefault(view.dispute, []).append(view)
    for dispute, its in views.items():
        entry = asked[dispute.entry_id]
        dispute.event, dispute.entry = event, entry
        entry.remembered = shown(dispute, entry, its)


def entry_of(event: Event, pk: int) -> TimelineEntry | None:
    """A kept entry with its dispute in words, where it has one; None where it was removed."""
    rows = TimelineEntry.objects.kept().filter(event=event, pk=pk).annotate(dispute_state=F("dispute__state"))
    entry = rows.first()
    if entry:
        entry.event = event
        attach(event, [entry])
    return entry


def taken_back(entry: TimelineEntry, pk: int) -> Recollection | None:
    """A view of this entry that was taken back and can be brought back."""
    rows = Recollection.objects.filter(dispute__entry=entry, pk=pk, removed_at__isnull=False)
    return rows.first() if pk else None


def near(entry: TimelineEntry) -> list[TimelineEntry]:
    """The moments around an entry in their order, without itself: what came first is asked of neighbours."""
    rows = TimelineEntry.objects.kept().filter(event=entry.event).exclude(pk=entry.pk).defer("raw").in_order()
    place = entry.sort_at or entry.created_at
    earlier = Q(sort_at__lt=place) | Q(sort_at=place, rank__lte=entry.rank) | Q(sort_at__isnull=True)
    found = [*reversed(rows.filter(earlier).reverse()[:NEAR]), *rows.exclude(earlier)[:NEAR]]
    for row in found:
        row.event = entry.event
    return found


def shown(dispute: Dispute, entry: TimelineEntry, rows: list[Recollection]) -> Remembered:
    """A dispute in words, from its views in order, the original one first."""
    kinds = {kind for row in rows if not row.is_original for kind in kinds_of_view(row)}
    asked = [words for kind, words in QUESTIONS.items() if kind in kinds]
    question = asked[0] if len(asked) == 1 else "When was this, and what happened?"
    return Remembered(
        dispute=dispute,
        question=question,
        tag=TAGS[Resolution(dispute.state)],
        views=[_view(row, entry, kinds) for row in rows],
    )


def _view(row: Recollection, entry: TimelineEntry, kinds: set[str]) -> View:
    says = kinds_of_view(row) & kinds
    stamp = stamp_of(row, entry) if "time" in says else ""
    order = _order(row) if "order" in says else ""
    source = " \u00b7 ".join(part for part in (Source(row.source).label, row.source_label) if part)
    return View(
        row=row,
        stamp=stamp,
        order=order,
        text=row.text if "fact" in says else "",
        by="As the timeline said" if row.is_original else row.author.name if row.author else "",
        source="" if row.source == Source.MEMORY and not row.source_label else source,
        effect=_effect(row, entry) if order else "",
    )


def stamp_of(row: Recollection, entry: TimelineEntry) -> str:
    """The clock of a view, with its day where that is another than the entry's."""
    words, local, there = timing.clock_label(row), row.local_at, entry.local_at
    if local and row.precision in CLOCKED and there and local.date() != there.date():
        return f"{day_month(local)}, {words}"
    return (
        f"{words} {timing.zone_label(row)}".strip()
        if local and row.utc_offset not in {None, entry.utc_offset}
        else words
    )


def _order(row: Recollection) -> str:
    if row.other is None:
        return ""
    short = row.other.text if len(row.other.text) <= 60 else row.other.text[:59].rstrip() + "\u2026"
    return f"{'before' if row.is_before else 'after'} \u201c{short}\u201d"


def _effect(row: Recollection, entry: TimelineEntry) -> str:
    """What settling on an order would do to a time that contradicts it."""
    other = row.other
    if other is None or entry.at is None or other.sort_at is None or entry.at == other.sort_at:
        return ""
    if (entry.at < other.sort_at) == row.is_before:
        return ""
    return f"Its time would become about {timing.clock_label(other).removeprefix('about ')}."


def unsettled(rows: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """(disputed and undecided, left for the room) among the entries of a timeline."""
    states = [(row, getattr(row, "dispute_state", None)) for row in rows]
    return [r for r, s in states if s == Resolution.OPEN], [r for r, s in states if s == Resolution.ROOM]
