"""Two people changed the words of one thing: both texts, what differs, and both together where that is safe.

Sections of the document have revisions (`services.document.conflict`); the items of the lists have their change log.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from retros import text_diff
from retros.live.log import change
from retros.models import Change


@dataclass(frozen=True)
class Clash:
    """`combined` holds both changes where they do not overlap, else it is empty; `words` shows it word by word, or mine
    against theirs."""

    mine: str
    theirs: str
    author: str
    combined: str
    words: list[tuple[str, str]]


def of(thing: Any, mine: str, *, started_from: int, by: Any, field: str = "text") -> Clash:
    """Between what `by` wrote and what the thing (as it is now) says. What they wrote is kept in its history, whatever they choose."""
    theirs = str(getattr(thing, field))
    subject = f"{thing._meta.model_name}:{thing.pk}"
    rows = Change.objects.filter(event=thing.event_id, subject=subject).select_related("actor").order_by("-seq")
    edits = [row for row in rows[:50] if "before" in row.detail][: max(0, thing.version - started_from)]
    befores = [row.detail["before"][field] for row in edits if field in row.detail["before"]]
    base = befores[-1] if befores else theirs
    combined = text_diff.combined(base, theirs, mine) if edits else ""
    _keep_aside(thing, field, mine, by)
    return Clash(
        mine=mine,
        theirs=theirs,
        author=edits[0].actor.name if edits and edits[0].actor else "Somebody",
        combined=combined,
        words=text_diff.words(base, combined) if combined else text_diff.words(theirs, mine),
    )


def _keep_aside(thing: Any, field: str, mine: str, by: Any) -> None:
    """A row without a topic: nobody's page changes by it."""
    with change(thing.event, "", "wrote beside somebody else", by=by, op=uuid.uuid4()) as done:
        done.about(thing, aside={field: mine})
