"""Published reviews that look like this event, of those that the reader may open, each with the reason why. Reads only."""

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable

from aar_site.people.models import Service
from retros.models import Category, Event, Factor, Landmark, State, TimelineEntry

MOST, READ = 3, 60
ENOUGH = 3  # a shared team alone is no likeness, and neither are two words that happen to be the same
SAME_SERVICE, SAME_FACTOR, SAME_TEAM, SAME_KIND, EACH_WORD, MOST_WORDS = 3, 2, 1, 1, 1, 3
STOP = frozenset([
    "able", "about", "after", "again", "almost", "also", "another", "back", "because", "been", "before", "could", "every", "five",
    "first", "four", "from", "half", "have", "hour", "hours", "into", "later", "made", "minute", "minutes", "more", "most", "nobody",
    "only", "other", "over", "people", "reach", "review", "second", "seconds", "several", "some", "somebody", "team", "than", "that",
    "their", "them", "then", "there", "these", "they", "this", "three", "time", "until", "users", "well", "went", "were", "what",
    "when", "where", "which", "while", "whole", "will", "with", "without", "would",
])  # fmt: skip


@dataclass(frozen=True)
class Similar:
    """An earlier event with what it shares with this one, the most telling first."""

    event: Event
    reasons: list[str]
    score: int

    @property
    def why(self) -> str:
        return "; ".join(self.reasons)


def similar(event: Event, user: Any) -> list[Similar]:
    """At most three, the most alike first, the newest of equals. One query, bounded: of many candidates those that share most
    fields are read, the newest first, and compared by their words."""
    own = _stems(f"{event.title} {event.what_happened}")
    found = [_compared(other, event, own) for other in _candidates(event, user)]
    likely = [one for one in found if one.score >= ENOUGH and one.reasons]
    return sorted(likely, key=lambda one: -one.score)[:MOST]


def _candidates(event: Event, user: Any) -> list[Any]:
    service = Service.objects.filter(events=OuterRef("pk"), pk__in=event.services.values("pk")).order_by("name")
    own = Factor.objects.kept().filter(event=event).exclude(category=Category.HELPED).order_by()
    factor = (
        Factor.objects.kept().filter(event=OuterRef("pk"), category__in=own.values("category")).order_by("rank", "pk")
    )
    rows = Event.objects.visible_to(user).filter(state=State.PUBLISHED).exclude(pk=event.pk)
    rows = rows.annotate(
        shared_service=Subquery(service.values("name")[:1]),
        shared_factor=Subquery(factor.values("category")[:1]),
        was_reported=_was_reported(OuterRef("pk")),
        is_reported=_was_reported(Value(event.pk)),
    ).annotate(
        near=_if(Q(shared_service__isnull=False), SAME_SERVICE)
        + _if(Q(shared_factor__isnull=False), SAME_FACTOR)
        + _if(Q(team=event.team_id) if event.team_id else Q(pk__in=[]), SAME_TEAM)
        + _if(Q(kind=event.kind), SAME_KIND)
    )
    return list(rows.order_by("-near", F("started_at").desc(nulls_last=True), "-pk")[:READ])


def _if(condition: Q, points: int) -> Combinable:
    return Case(When(condition, then=points), default=0, output_field=IntegerField())


def _was_reported(event: Any) -> Exists:
    """Whether people noticed it before a machine did: its detection is known from a chat, a ticket or an account. One that somebody
    remembers says nothing of it: every event that was opened by hand has such a detection, also where a pager rang."""
    marks = TimelineEntry.objects.kept().filter(event=event, landmark=Landmark.DETECTED)
    return Exists(marks.filter(source__in=["chat", "ticket", "account"]))


def _compared(other: Any, event: Event, own: dict[str, str]) -> Similar:
    """The candidate with its score and its reasons in words."""
    reasons, score = [], other.near
    if other.shared_service:
        reasons.append(f"Same service: {other.shared_service}")
    if other.shared_factor:
        reasons.append(f"Same kind of factor: {str(Category(other.shared_factor).label).lower()}")
    words = _shared(own, _stems(f"{other.title} {other.what_happened}"))
    if len(words) >= 2:
        score += EACH_WORD * min(len(words), MOST_WORDS)
        reasons.append(f"Both speak of {' and '.join(words[:2])}")
    is_noticed = {event.kind, other.kind} <= {"incident", "recurring"} and other.was_reported and other.is_reported
    if is_noticed and reasons:
        score += 1
        reasons.append("people noticed before a machine did")
    if event.team_id and other.team_id == event.team_id and not other.shared_service:
        reasons.append("same team")
    return Similar(other, reasons, score)


def _shared(own: dict[str, str], theirs: dict[str, str]) -> list[str]:
    """Words that both use, as this event writes them, the longest first: long words say more."""
    return sorted((own[stem] for stem in own.keys() & theirs.keys()), key=lambda word: (-len(word), word))


def _stems(text: str) -> dict[str, str]:
    """Content words by their first six letters, so that "deploys" meets "deployment"."""
    found: dict[str, str] = {}
    for word in re.findall(r"[^\W\d_]{4,}", text.casefold()):
        if word not in STOP:
            found.setdefault(word[:6], word)
    return found
