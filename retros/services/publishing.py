"""From draft to published: what stands in the way, the snapshot, and who is told."""

import uuid
from typing import Any

from aar_site import clock
from aar_site.outbox import mail
from retros import sections
from retros.document import prose
from retros.document.build import build
from retros.document.tree import Document, Missing, Section, dump, load
from retros.live.log import WrongState, change
from retros.models import Event, Membership, Publication, Role, State
from retros.sections import Finding
from retros.services import document


def findings(event: Event) -> list[Finding]:
    """What the sections find before a publication; those with `blocks` stop it, the rest is advice."""
    found = [finding for section in sections.sections_for(event) for finding in section.gate(event)]
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
        version = (latest.version if latest else 0) + 1
        publication = Publication.objects.create(
            event=fresh, version=version, tree=dump(finished(build(fresh))), published_at=clock.now(), published_by=by
        )
        Event.objects.filter(pk=fresh.pk).update(
            state=State.PUBLISHED, published_at=fresh.published_at or publication.published_at
        )
        done.about(publication, after={"version": version})
        if version == 1:
            _tell(fresh)
        return publication


def finished(whole: Document) -> Document:
    """The document without its hints; a section that says nothing says so."""
    kept = [Section(s.slug, s.title, [b for b in s.blocks if not isinstance(b, Missing)]) for s in whole.sections]
    return Document(
        title=whole.title,
        kind=whole.kind,
        language=whole.language,
        edition=whole.edition,
        event_date=whole.event_date,
        facts=whole.facts,
        sections=[s for s in kept if s.blocks],
        trace=whole.trace,
    )


def _tell(event: Event) -> None:
    """One mail to each participant and each owner of an action, with the summary and the link."""
    people = {m.user for m in Membership.objects.filter(event=event).exclude(role=Role.OBSERVER).select_related("user")}
    owned: dict[int, list[str]] = {}
    for section in sections.sections_for(event):
        for person, title in section.followers(event):
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


def shown(event: Event) -> tuple[Document, Publication | None]:
    """What readers get: the newest published version; before the first one the draft."""
    latest = Publication.objects.filter(event=event).select_related("published_by").first()
    if event.state == State.PUBLISHED and latest:
        return load(latest.tree), latest
    return build(event), latest


def exported(event: Event) -> Document:
    """What exports carry: the published version, or the draft without its hints."""
    whole, _ = shown(event)
    return finished(whole)


def differs_from_published(event: Event, latest: Publication | None) -> bool:
    """Whether the draft has moved on since the newest version: then a correction can be published."""
    return latest is not None and dump(finished(build(event))) != latest.tree


def versions(event: Event) -> list[Publication]:
    return list(Publication.objects.filter(event=event).select_related("published_by").defer("tree"))
