"""From draft to published: what stands in the way, the snapshot, and who is told."""

import uuid
from dataclasses import replace
from typing import Any

from aar_site import clock
from aar_site.outbox import mail
from retros import sections
from retros.document import prose
from retros.document.build import build
from retros.document.stored import dump, load
from retros.document.tree import Document, Note, Section, Table, finished
from retros.live.log import WrongState, change
from retros.models import Event, Membership, Publication, Role, State
from retros.sections import Finding
from retros.services import document
from retros.services.once import remembering
from retros.services.outline import Mark


def findings(event: Event) -> list[Finding]:
    """What the sections find before a publication; those with `blocks` stop it, the rest is advice."""
    about = remembering(event)
    found = [finding for section in sections.sections_for(event) for finding in section.gate(about)]
    return sorted(found, key=lambda finding: not finding.blocks)


def ask_for_review(event: Event, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Draft -> in review: ready to be read by its people."""
    _move(event, {State.DRAFT}, State.REVIEW, "asked for reading", by=by, op=op)


def back_to_draft(event: Event, *, by: Any, op: uuid.UUID | None = None) -> None:
    """In review -> draft."""
    _move(event, {State.REVIEW}, State.DRAFT, "went back to drafting", by=by, op=op)


def _move(event: Event, allowed: set[Any], target: Any, what: str, *, by: Any, op: uuid.UUID | None) -> None:
    with change(event, "document", what, by=by, op=op) as done:
        if done.event.state not in allowed:
            raise WrongState(f"This review is {done.event.get_state_display().lower()}, so this step does not fit.")
        Event.objects.filter(pk=done.event.pk).update(state=target)


def publish(event: Event, *, by: Any, op: uuid.UUID | None = None) -> Publication:
    """Keep the document as it stands as a new version, and tell participants and owners. Raises WrongState on a blocker."""
    with change(event, "document", "published the review", by=by, op=op) as done:
        fresh = done.event
        if fresh.state not in {State.DRAFT, State.REVIEW, State.PUBLISHED}:
            raise WrongState("The meeting comes first: a review is published from its draft.")
        blockers = [finding for finding in findings(fresh) if finding.blocks]
        if blockers:
            raise WrongState(f"{blockers[0].title}. {blockers[0].remedy}")
        latest = Publication.objects.filter(event=fresh).first()
        whole = _finished(fresh)
        if latest and fresh.state == State.PUBLISHED and load(latest.tree) == whole:
            raise WrongState(f"Nothing has changed since version {latest.version}. Correct a section first.")
        version = (latest.version if latest else 0) + 1
        publication = Publication.objects.create(
            event=fresh, version=version, tree=dump(whole), published_at=clock.now(), published_by=by
        )
        Event.objects.filter(pk=fresh.pk).update(
            state=State.PUBLISHED, published_at=fresh.published_at or publication.published_at
        )
        done.about(publication, after={"version": version})
        if version == 1:
            _tell(fresh)
        return publication


def _tell(event: Event) -> None:
    """One mail to each participant and each owner of an action, with the summary and the link.

    Of a restricted review an owner who is none of its people hears nothing: the summary is not theirs to read.
    """
    members = {m.user: m.role for m in Membership.objects.filter(event=event).select_related("user")}
    people = {user for user, role in members.items() if role != Role.OBSERVER}
    owned: dict[int, list[str]] = {}
    for section in sections.sections_for(event):
        for person, title in section.followers(event):
            if person in members or not event.is_restricted:
                people.add(person)
                owned.setdefault(person.pk, []).append(title)
    summary = prose.to_plain(document.text_of(event, "summary").text)
    for person in people:
        mail.post(
            "published",
            f"{event.pk}:{person.pk}",
            person=person,
            template="published",
            context={
                "event_title": event.title,
                "summary": summary,
                "path": f"/e/{event.code}/review/",
                "actions": owned.get(person.pk, []),
            },
        )


def shown(event: Event, marks: list[Mark] | None = None) -> tuple[Document, Publication | None]:
    """What readers get: the newest published version; before the first one the draft, and then no publication."""
    latest = newest(event)
    return (_as_published(latest, event), latest) if latest else (draft(event, marks), None)


def _as_published(latest: Publication, event: Event) -> Document:
    """The text of a version. What has a status goes on changing afterwards, so it says of which day it is."""
    on = f"{latest.published_at.astimezone(event.zone):%Y-%m-%d}"
    note = Note(f"As it stood on {on}, when version {latest.version} was published.")

    def dated(section: Section) -> Section:
        has_status = any(isinstance(b, Table) and "Status" in b.head and b.rows for b in section.blocks)
        return replace(section, blocks=[*section.blocks, note]) if has_status else section

    whole = load(latest.tree)
    return replace(whole, sections=[dated(section) for section in whole.sections])


def draft(event: Event, marks: list[Mark] | None = None) -> Document:
    """The document as it stands now, whatever is published. `marks`: the timeline, where it was read already."""
    return build(event, marks=marks)


def exported(event: Event) -> tuple[Document, Publication | None]:
    """What exports carry: the published version, or the draft without its hints. The last header line says which of them."""
    latest = newest(event)
    whole = _as_published(latest, event) if latest else _finished(event)
    version = (
        f"{latest.version}, published {latest.published_at.astimezone(event.zone):%Y-%m-%d}" if latest else "Draft"
    )
    return replace(whole, facts=[*whole.facts, ("Version", version)]), latest


def newest(event: Event) -> Publication | None:
    """The newest version of a published review; no query before that."""
    return Publication.objects.filter(event=event).first() if event.state == State.PUBLISHED else None


def _finished(event: Event) -> Document:
    """The draft without its hints and without sections that may be left out."""
    return finished(build(event), sections.OPTIONAL.get(event.kind, frozenset()))


def changed_since(draft: Document, latest: Publication, kind: str) -> list[str]:
    """Titles of the sections in which the draft differs from a published version; 'Header' for the lines above them."""
    now, then = finished(draft, sections.OPTIONAL.get(kind, frozenset())), load(latest.tree)
    before = {section.slug: section for section in then.sections}
    changed = [section.title for section in now.sections if before.pop(section.slug, None) != section]
    changed += [section.title for section in before.values()]
    same_head = (now.title, now.facts, now.event_date, now.trace) == (
        then.title,
        then.facts,
        then.event_date,
        then.trace,
    )
    return changed if same_head else ["Header", *changed]


def versions(event: Event) -> list[Publication]:
    return list(Publication.objects.filter(event=event).select_related("published_by").defer("tree"))
