"""Filters of the timeline: which moments a link asks for, in words, and the links that add or take away one of them.

Groups are met together (a log *and* a key moment), the values of one group each by itself (a log *or* a chat).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from aar_site.people.models import User
from aar_site.search import holds
from aar_site.words import by_name
from retros.models import EntryType, Event, Resolution, Source, TimelineEntry
from retros.services.outline import Mark

FLAGS = {"key": "Key", "landmarks": "Landmarks", "disputed": "Disputed", "planned": "Planned"}
UNSETTLED = {Resolution.OPEN, Resolution.ROOM}
GROUPS = ("show", "source", "type", "who", "by", "q")
MOST_WORDS, MOST_VALUES, MOST_NAMES = 120, 40, 20


@dataclass(frozen=True)
class Choice:
    """One filter link: its words, how many moments it leaves, where it leads, and whether it is on."""

    words: str
    count: int
    query: str
    is_on: bool


@dataclass(frozen=True)
class Filter:
    """What is asked for. `with_words` holds the moments that contain the words `q`, once the database was asked."""

    flags: frozenset[str] = frozenset()
    source: frozenset[str] = frozenset()
    type: frozenset[str] = frozenset()
    who: frozenset[str] = frozenset()
    by: frozenset[int] = frozenset()
    q: str = ""
    with_words: frozenset[int] = field(default=frozenset(), compare=False)

    @property
    def is_on(self) -> bool:
        return self != Filter()

    @property
    def is_further(self) -> bool:
        """Whether something is asked for that stands below the first row of links."""
        return bool(self.type or self.who or self.by or self.q or self.flags & {"planned"})

    @property
    def others(self) -> list[tuple[str, str]]:
        """What is asked for besides words, as names and values of an address."""
        pairs = [("show", flag) for flag in FLAGS if flag in self.flags]
        return pairs + [
            (name, str(value)) for name in ("source", "type", "who", "by") for value in sorted(getattr(self, name))
        ]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [*self.others, ("q", self.q)] if self.q else self.others

    @property
    def query(self) -> str:
        """The address's query: show=key&source=log&q=topology."""
        return urlencode(self.pairs)

    def lets(self, mark: Mark, but: str = "") -> bool:
        """Whether a moment is asked for; `but` names a group that does not count."""
        return (
            (not self.flags or but == "flags" or all(_is(mark, flag) for flag in self.flags))
            and (not self.source or but == "source" or mark.source in self.source)
            and (not self.type or but == "type" or mark.type in self.type)
            and (not self.who or but == "who" or mark.author in self.who)
            and (not self.by or but == "by" or mark.created_by_id in self.by)
            and (not self.q or mark.pk in self.with_words)
        )

    def turned(self, group: str, value: Any) -> "Filter":
        """The same filter with one value more, or less where it was on."""
        return replace(self, **{group: getattr(self, group) ^ {value}})  # type: ignore[arg-type]


def read(event: Event, given: Any) -> Filter:
    """The filter of a query (a QueryDict); what is unknown is left out."""
    by = {int(value) for value in given.getlist("by") if value.isdecimal() and len(value) < 16}
    q = " ".join(given.get("q", "").replace("\0", "").split())[:MOST_WORDS]
    found = Filter(
        flags=frozenset(FLAGS.keys() & set(given.getlist("show"))),
        source=frozenset(set(Source.values) & set(given.getlist("source"))),
        type=frozenset(set(EntryType.values) & set(given.getlist("type"))),
        who=frozenset(name for name in given.getlist("who")[:MOST_VALUES] if name),
        by=frozenset(by),
        q=q,
    )
    return replace(found, with_words=_with_words(event, q)) if q else found


def kept(given: Any) -> str:
    """The filter's part of an address, for links and forms that lead away from the list and back; nothing is looked up."""
    pairs = [(name, value[:MOST_WORDS]) for name in GROUPS for value in given.getlist(name)[:MOST_VALUES] if value]
    return urlencode(pairs)


def _with_words(event: Event, q: str) -> frozenset[int]:
    """Moments that hold each of the words: in their text, their quotation, the name of their source, or who
    said it."""
    rows = TimelineEntry.objects.kept().filter(event=event)
    for word in q.split():
        rows = rows.filter(holds(word, "text", "raw", "source_label", "author"))
    return frozenset(rows.values_list("pk", flat=True))


def _is(mark: Mark, flag: str) -> bool:
    if flag == "key":
        return mark.is_key
    if flag == "landmarks":
        return bool(mark.landmark)
    return mark.is_planned if flag == "planned" else mark.dispute_state in UNSETTLED


def first_row(marks: list[Mark], chosen: Filter) -> list[Choice]:
    """All, key, landmarks, disputed, then each source that occurs."""
    everything = Choice("All", len(marks), "", not chosen.is_on)
    return [
        everything,
        *_flags(marks, chosen, ("key", "landmarks", "disputed")),
        *_values(marks, chosen, "source", Source),
    ]


def further(event: Event, marks: list[Mark], chosen: Filter) -> list[tuple[str, list[Choice]]]:
    """(group in words, its links) of types, of those who said or did it and of the people who added it, where there is
    something to choose; of many names the most frequent ones."""
    people = {
        mark.created_by_id for mark in marks if mark.created_by_id
    }  # an address that asks for others learns no name
    added = User.objects.filter(pk__in=people).values_list("pk", "name") if people else []
    names = dict(sorted(added, key=lambda row: by_name(row[1])))
    said = Counter(mark.author for mark in marks if mark.author)
    often = sorted({name for name, _ in said.most_common(MOST_NAMES)} | chosen.who, key=by_name)
    groups = [
        ("Type", [*_values(marks, chosen, "type", EntryType), *_flags(marks, chosen, ("planned",))]),
        ("Said or done by", _counted(marks, chosen, "who", zip(often, often, strict=True), lambda mark: mark.author)),
        ("Added by", _counted(marks, chosen, "by", names.items(), lambda mark: mark.created_by_id)),
    ]
    return [(title, links) for title, links in groups if len(links) > 1 or any(link.is_on for link in links)]


def _flags(marks: list[Mark], chosen: Filter, names: Iterable[str]) -> list[Choice]:
    rest = [mark for mark in marks if chosen.lets(mark)] if chosen.is_on else marks
    found = []
    for name in names:
        is_on = name in chosen.flags
        count = sum(_is(mark, name) for mark in rest)
        if is_on or count:
            found.append(Choice(FLAGS[name], count, chosen.turned("flags", name).query, is_on))
    return found


def _values(marks: list[Mark], chosen: Filter, group: str, kinds: Any) -> list[Choice]:
    return _counted(marks, chosen, group, kinds.choices, lambda mark: getattr(mark, group))


def _counted(marks: list[Mark], chosen: Filter, group: str, choices: Iterable[Any], value_of: Any) -> list[Choice]:
    """The values of a group with how many moments each has under everything else that is asked for."""
    rest = [mark for mark in marks if chosen.lets(mark, but=group)] if chosen.is_on else marks
    counts = Counter(map(value_of, rest))
    on = getattr(chosen, group)
    return [
        Choice(str(words), counts[value], chosen.turned(group, value).query, value in on)
        for value, words in choices
        if counts[value] or value in on
    ]
