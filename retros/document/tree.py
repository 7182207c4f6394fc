"""The document as plain data: sections of blocks. Page, Markdown, PDF and what is stored are renderings of this tree alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Text:
    """Paragraphs that people wrote, in the small Markdown that the product reads (paragraphs, lists, emphasis, links)."""

    markdown: str


@dataclass(frozen=True)
class Facts:
    """Labelled facts in order: (label, value)."""

    pairs: list[tuple[str, str]]


@dataclass(frozen=True)
class Figures:
    """Large numbers with what they count: (value, label)."""

    pairs: list[tuple[str, str]]


@dataclass(frozen=True)
class Bullets:
    """A list; an item may carry a lead-in that is set apart ("Detection and alerting")."""

    items: list[tuple[str, str]]


@dataclass(frozen=True)
class Moment:
    """One row of the timeline. `offset` such as T+00:10, `clock` as given by the source, `iso` machine-readable or empty.
    `day` such as 21 Oct is empty where all moments are on one day, and where the clock is a day.

    `source` is empty where a note says it for all rows; `url` is the row's own source, where that differs from the event's.
    `views` are (who, what they remember) where people remember it differently, all of them while nothing is settled; `verdict`
    says where that stands: Both views are kept; Settled on 23:02.
    """

    offset: str
    clock: str
    iso: str
    text: str
    source: str
    source_kind: str
    landmark: str
    is_key: bool
    day: str = ""
    url: str = ""
    verdict: str = ""
    views: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Moments:
    """The timeline, in order."""

    rows: list[Moment]


@dataclass(frozen=True)
class Cause:
    """A node of the causal chain with its causes. `kind` as in NodeKind; `defence` says in words what became of one. `number` (in
    reading order, 0 in documents from before) names it where it is not written out: `shared` are (number, text) of causes that
    stand elsewhere and lead here too, `leads` those of its further effects."""

    text: str
    question: str
    kind: str
    is_root_cause: bool
    has_held: bool
    evidence: list[str]
    causes: list["Cause"] = field(default_factory=list)
    number: int = 0
    defence: str = ""
    shared: list[tuple[int, str]] = field(default_factory=list)
    leads: list[tuple[int, str]] = field(default_factory=list)

    @property
    def limited(self) -> bool:
        """A defence that held is no cause of the harm."""
        return self.has_held and not self.causes

    @property
    def meeting(self) -> list["Cause"]:
        """The causes that had to come together."""
        return [cause for cause in self.causes if not cause.limited]


@dataclass(frozen=True)
class Chain:
    """The effects that the room asked about, each with its tree of causes."""

    effects: list[Cause]

    @property
    def held(self) -> list[str]:
        """Defences that held, which a picture shows beside the chain."""
        return [node.text for effect in self.effects for node in with_below(effect) if node.limited]


def with_below(node: Cause) -> Iterator[Cause]:
    """A node, then everything below it, each before its causes."""
    yield node
    for cause in node.causes:
        yield from with_below(cause)


@dataclass(frozen=True)
class Item:
    """One row of a list of facts: `state` is its outcome in words, `tone` how a page marks it (ok, part, off or empty); `lines`
    are (label, text), the label may be empty."""

    title: str
    state: str = ""
    tone: str = ""
    lines: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Items:
    """Goals, decisions, options, occurrences: titles that say how each came out, with what stands behind it."""

    rows: list[Item]


@dataclass(frozen=True)
class PhaseRow:
    """A phase in words, and its planned and actual stretch as (start, length), fractions of the drawing; None where unknown."""

    title: str
    planned: str
    actual: str
    variance: str
    note: str = ""
    plan: tuple[float, float] | None = None
    real: tuple[float, float] | None = None


@dataclass(frozen=True)
class Phases:
    """Planned and actual phases, drawn over months: `marks` are (place, month)."""

    rows: list[PhaseRow]
    marks: list[tuple[float, str]]
    sentence: str = ""


@dataclass(frozen=True)
class Table:
    """A table of short texts; further lines of a cell are its small print. It may have no rows yet. `urls` are where the rows
    lead on the page, one for each or none at all; other renderings leave them out."""

    head: list[str]
    rows: list[list[str]]
    urls: list[str] = field(default_factory=list)

    @property
    def leading(self) -> list[tuple[list[str], str]]:
        return list(zip(self.rows, self.urls or [""] * len(self.rows), strict=True))


@dataclass(frozen=True)
class Part:
    """A headed part inside a section, such as Detection under Timeline; with a slug where it has a text of its own."""

    title: str
    blocks: list["Block"]
    slug: str = ""


@dataclass(frozen=True)
class Note:
    """A side note of the product's own words about the block before it: how times are read, where a figure is from."""

    text: str


@dataclass(frozen=True)
class Missing:
    """What is not there yet and how to add it; shown while drafting, never in a published document or an export.

    `url` is where it can be added, `words` say so on the link; both may be empty.
    """

    hint: str
    url: str = ""
    words: str = ""


Block = Text | Facts | Figures | Bullets | Moments | Chain | Items | Phases | Table | Part | Note | Missing


@dataclass(frozen=True)
class Section:
    """One section: its slug is its anchor and the name under which its text is edited."""

    slug: str
    title: str
    blocks: list[Block]


@dataclass(frozen=True)
class Trace:
    """The event drawn to scale: ticks at 0..1 of its length with their weight (k key, q remembered differently, m many at one
    place, n now), bands between landmarks, stretches of impact, labels of the axis. `keys` are the entries of the ticks, on pages
    where they lead there."""

    ticks: list[tuple[float, str]]
    bands: list[tuple[float, float, str]]
    labels: list[tuple[float, str]]
    sentence: str
    spans: list[tuple[float, float, str]] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)

    @property
    def drawn(self) -> list[tuple[float, str, int]]:
        """Ticks with their entry; 0 where they lead nowhere."""
        keys = self.keys or [0] * len(self.ticks)
        return [(place, weight, key) for (place, weight), key in zip(self.ticks, keys, strict=True)]

    @property
    def is_sparse(self) -> bool:
        """Whether each tick has room to be pressed."""
        return len(self.ticks) <= 100

    @property
    def names(self) -> list[tuple[float, str, bool]]:
        """Names of bands that keep clear of each other and of the edge: (place, words, whether a phone has room, too)."""
        wide = _clear(self.bands, SANS)
        narrow = _clear([(*band[:2], band[2] if i in wide else "") for i, band in enumerate(self.bands)], SANS_ON_PHONE)
        return [(place, words, i in narrow) for i, (place, _, words) in enumerate(self.bands) if i in wide]

    @property
    def axis(self) -> list[tuple[float, str, str, bool]]:
        """Labels of the axis that keep clear of each other: (place, words, anchor, whether a phone has room, too)."""
        wide, narrow = _clear_axis(self.labels, MONO), _clear_axis(self.labels, MONO_ON_PHONE)
        return [
            (place, words, _anchor(i, len(self.labels)), i in narrow)
            for i, (place, words) in enumerate(self.labels)
            if i in wide
        ]

    @property
    def strips(self) -> list[tuple[float, float, float, str, str]]:
        """Stretches of impact, one to a row: (place, length, place of the words, their anchor, words). The words stay inside."""
        return [(place, length, *_beside(place, length, words)) for place, length, words in self.spans]

    @property
    def printed(self) -> list[tuple[float, float, float, str, str, int]]:
        """The strips on paper, below the axis: as above, and the height at which each one's words stand."""
        return [(*strip, FIRST_STRIP + i * STRIP) for i, strip in enumerate(self.strips)]

    @property
    def print_height(self) -> int:
        return FIRST_STRIP - 28 + STRIP * len(self.spans) + (6 if self.spans else 0)


FIRST_STRIP, STRIP = 160, 40  # in thousandths of the line, where the picture itself is 132 high
# Shares of the picture's width that one letter takes on the narrowest desk (664 px) and phone (288 px).
SANS, SANS_ON_PHONE, MONO, MONO_ON_PHONE = 0.0105, 0.0235, 0.0112, 0.0256
SHORT, LONG = 28, 42  # letters of a strip's words that fit beside it, and that fit the phone at all


def _clear(bands: list[tuple[float, float, str]], letter: float) -> set[int]:
    """Bands whose name ends before the next name and the edge; where two would meet, the longer band is named."""
    taken: dict[int, tuple[float, float]] = {}
    for i, (place, _, words) in sorted(enumerate(bands), key=lambda one: -one[1][1]):
        end = place + (len(words) + 2) * letter
        if words and end <= 1 + 2 * letter and all(end <= a or place >= b for a, b in taken.values()):
            taken[i] = (place, end)
    return set(taken)


def _clear_axis(labels: list[tuple[float, str]], letter: float) -> set[int]:
    """Both ends, and between them those that touch no other; the last label ends at its place, those between stand on theirs."""
    if not labels:
        return set()
    kept, end = {0}, (len(labels[0][1]) + 2) * letter
    stop = 1 - (len(labels[-1][1]) + 2) * letter if len(labels) > 1 else 1.0
    for i, (place, words) in enumerate(labels[1:-1], 1):
        half = len(words) * letter / 2
        if place - half >= end and place + half <= stop:
            kept.add(i)
            end = place + half + 2 * letter
    return kept | ({len(labels) - 1} if stop >= (len(labels[0][1])) * letter else set())


def _anchor(index: int, count: int) -> str:
    return "start" if index == 0 else "end" if index == count - 1 else "middle"


def _beside(place: float, length: float, words: str) -> tuple[float, str, str]:
    """Where the words of a strip stand: with it where they fit the width that is left, else from the edge on."""
    if len(words) > SHORT:
        name, _, length_words = words.rpartition(", ")
        room = LONG - len(length_words) - 3
        return 0.0, "start", words if len(words) <= LONG else f"{name[:room].rstrip()}\u2026, {length_words}"[:LONG]
    if place < 0.35:
        return place, "start", words
    end = place + length
    return (end, "end", words) if end > 0.65 else ((place + end) / 2, "middle", words)


@dataclass(frozen=True)
class Document:
    """A whole review in one edition. `facts` are the header lines in their order; `span` says from when to when it went on."""

    title: str
    kind: str
    language: str
    edition: str
    event_date: str
    facts: list[tuple[str, str]]
    sections: list[Section]
    trace: Trace | None = None
    span: str = ""

    def fact(self, label: str) -> str:
        """The value of a header line; "" where there is none."""
        return dict(self.facts).get(label, "")


def notes_first(blocks: list[Block]) -> list[Block]:
    """Notes before what they explain: the order of exports. The page sets them beside it and keeps the order of the tree."""
    return (
        sorted(blocks, key=lambda block: not isinstance(block, Note))
        if any(isinstance(b, Note) for b in blocks)
        else blocks
    )


def finished(document: Document, optional: frozenset[str] = frozenset()) -> Document:
    """The document without its hints; sections named in `optional` that say nothing are left out."""

    def kept(blocks: list[Block]) -> list[Block]:
        shown = [replace(b, blocks=kept(b.blocks)) if isinstance(b, Part) else b for b in blocks]
        return [b for b in shown if not isinstance(b, Missing)]

    found = [Section(s.slug, s.title, kept(s.blocks)) for s in document.sections]
    return replace(document, sections=[s for s in found if s.blocks or s.slug not in optional])
