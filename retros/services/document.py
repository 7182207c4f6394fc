"""Texts of the document: kept by section, with every revision; two people never overwrite each other."""

import uuid
from dataclasses import dataclass
from typing import Any

from retros import limits, sections, text_diff
from retros.live.log import Stale, WrongState, change
from retros.models import Event, Revision, SectionText
from retros.services.once import once, remembers
from retros.services.states import check_reviewed


@dataclass(frozen=True)
class Conflict:
    """Two texts that started from the same revision. `base_number` is what the next text must name.

    `combined` holds both changes where they do not overlap, else it is empty. `words` shows it word by word: against the
    text that both started from, or without a combined one, mine against theirs.
    """

    mine: str
    theirs: str
    base_number: int
    author: str
    combined: str
    words: list[tuple[str, str]]


def text_of(event: Event, slug: str) -> SectionText:
    """The section's current text; unsaved and empty with number 0 where nobody wrote one."""
    kept: SectionText | None
    if remembers(event):
        kept = once(event, "texts", texts_of).get(slug)
    else:
        kept = SectionText.objects.filter(event=event, slug=slug).first()
    return kept or SectionText(event=event, slug=slug)


def texts_of(event: Event) -> dict[str, SectionText]:
    """All kept texts of an event by section, in one query."""
    return {row.slug: row for row in SectionText.objects.filter(event=event)}


def save_text(
    event: Event, slug: str, *, text: str, base_number: int, by: Any, op: uuid.UUID | None = None
) -> SectionText:
    """Keep a section's text that started from revision `base_number`; raises Stale(section) when somebody was quicker.

    The text that is refused is stored as well, as a revision beside the head's line, so that nothing written is lost.
    """
    try:
        return _save(event, slug, text=text, base_number=base_number, by=by, op=op)
    except Stale as stale:
        _keep_aside(event, slug, text=text, base_number=base_number, by=by, head=stale.current)
        raise


def _save(event: Event, slug: str, *, text: str, base_number: int, by: Any, op: uuid.UUID | None) -> SectionText:
    if slug not in sections.writable(event):
        raise KeyError(f"no text is written under {slug}")
    topics = "summary,document" if slug == "summary" else "document"
    with change(event, topics, f"wrote {slug}", by=by, op=op) as done:
        check_reviewed(done.event)
        if len(text) > limits.SECTION:
            raise WrongState(f"A section holds at most {limits.SECTION:,} characters. Move details to the timeline.")
        section, _ = SectionText.objects.select_for_update().get_or_create(event=done.event, slug=slug)
        if section.number != base_number:
            raise Stale(section)
        if section.text == text and section.number:
            return section
        top = section.revisions.first()
        section.number = (top.number if top else 0) + 1
        section.text = text
        section.save()
        Revision.objects.create(section=section, number=section.number, base_number=base_number, text=text, author=by)
        done.about(section, after={"number": section.number})
        return section


def _keep_aside(event: Event, slug: str, *, text: str, base_number: int, by: Any, head: SectionText) -> None:
    with change(event, "", f"wrote {slug} beside somebody else", by=by) as done:
        section = SectionText.objects.select_for_update().filter(pk=head.pk).first()
        if section is None:  # the form named a revision of a text that nobody wrote: there is no line to stand beside
            return
        top = section.revisions.first()
        if section.revisions.filter(text=text, author=by, base_number=base_number).exists():
            return
        number = (top.number if top else 0) + 1
        Revision.objects.create(
            section=section, number=number, base_number=min(base_number, number - 1), text=text, author=by
        )
        done.about(section, after={"number": number})


def conflict(section: SectionText, mine: str, started_from: int) -> Conflict:
    """Both texts, put together where that is safe. `started_from` is the revision that the refused text began with."""
    rows = {row.number: row for row in section.revisions.select_related("author")}
    latest, base = rows.get(section.number), rows.get(started_from)
    combined = text_diff.combined(base.text if base else "", section.text, mine)
    return Conflict(
        mine=mine,
        theirs=section.text,
        base_number=section.number,
        author=latest.author.name if latest and latest.author else "Somebody",
        combined=combined,
        words=text_diff.words(base.text if base else "", combined) if combined else text_diff.words(section.text, mine),
    )


def revisions(event: Event, slug: str, *, most: int | None = None) -> list[Revision]:
    """The revisions of a section, newest first, with their authors: all, or so many."""
    rows = Revision.objects.filter(section__event=event, section__slug=slug)
    return list(rows.select_related("author").order_by("-number")[:most])
