"""Events: open one, change what is known of it, decide against a review."""

import hashlib
import uuid
from typing import Any

from django.db import IntegrityError, transaction

from aar_site.people.models import Service
from aar_site.search import is_named
from retros.live.log import Repeated, Stale, WrongState, change
from retros.models import Event, Impact, ImpactFigure, ImpactInterval, Membership, Operation, Role, State
from retros.models.timeline import Landmark, Source
from retros.services import agenda, entries, kinds, people, schedule, taken
from retros.services.states import check_not_published, check_open
from retros.when import When

EVENT_FIELDS = (
    "kind", "title", "what_happened", "team", "severity", "time_zone", "started_at", "started_precision",
    "ended_at", "ended_precision", "distribution", "is_restricted", "runbook_url", "review_on",
)  # fmt: skip
IMPACT_FIELDS = (
    "users_affected", "users_count", "business_effect", "customer_communication", "regulatory", "detected_how",
)  # fmt: skip


def open_event(
    *,
    by: Any,
    op: uuid.UUID | None = None,
    noticed_at: When | None = None,
    facilitator: Any = None,
    scribe: Any = None,
    **fields: Any,
) -> Event:
    """Create an event with its impact, what its kind adds and its first people, all or nothing. Without a named facilitator
    it is the writer.

    `noticed_at` becomes the timeline's entry that marks the detection. Others who are named get their invitation.
    With `no_review_reason` it is at once the recorded decision that it gets no review.
    Raises Repeated, also for two that arrive at the same moment.
    """
    try:
        with transaction.atomic():
            event = Event(created_by=by, **{name: fields[name] for name in EVENT_FIELDS if name in fields})
            if reason := fields.get("no_review_reason", "").strip():
                event.state, event.not_reviewed_reason = State.NOT_REVIEWED, reason
            event.meeting_minutes = agenda.length_for(event.kind, event.severity)
            event.full_clean(exclude=["created_by"])
            event.save()
            with change(event, "event,people", "opened the event", by=by, op=op) as done:
                event.services.set(services_named(fields.get("services", [])))
                impact = Impact(event=event, **{name: fields[name] for name in IMPACT_FIELDS if name in fields})
                impact.full_clean(exclude=["event"])
                impact.save()
                kinds.open_with(event, **fields)
                _first_people(event, by=by, facilitator=facilitator or by, scribe=scribe)
                if noticed_at:
                    text = impact.detected_how or "First sign noticed"
                    entries.insert(done.event, by=by, when=noticed_at, text=text, landmark=Landmark.DETECTED,
                                   is_key=True, source=Source.MEMORY)  # fmt: skip
                done.about(event)
    except IntegrityError:  # two of the same operation raced on two new rows, which no event's lock puts in order
        earlier = Operation.objects.filter(actor=by, op=op).first() if op else None
        if earlier is None:
            raise
        raise Repeated(earlier) from None
    return event


def _first_people(event: Event, *, by: Any, facilitator: Any, scribe: Any) -> None:
    named = [(facilitator, Role.FACILITATOR)]
    if scribe and scribe != facilitator:
        named.append((scribe, Role.SCRIBE))
    if by not in (facilitator, scribe):
        named.append((by, Role.PARTICIPANT))
    for user, role in named:
        membership = Membership.objects.create(event=event, user=user, role=role)
        if user != by:
            people.invite(membership, by=by)


def edit_event(event: Event, *, by: Any, seen: str, op: uuid.UUID | None = None, **fields: Any) -> Event:
    """Change what is known. `seen` is the fingerprint of what the writer read; raises Stale(event) when it moved on."""
    with change(event, "event", "changed what is known of the event", by=by, op=op) as done:
        fresh = done.event
        check_not_published(fresh)
        if seen != fingerprint(fresh):
            raise Stale(fresh)
        if fields.get("kind", fresh.kind) != fresh.kind and fresh.state != State.PREPARING:
            raise WrongState("The kind decides the agenda, so it stays as it was when the room opened.")
        before = fresh.kind, fresh.severity
        for name in EVENT_FIELDS:
            if name in fields:
                setattr(fresh, name, fields[name])
        schedule.follow_severity(fresh, *before)
        fresh.full_clean(exclude=["created_by"])
        fresh.save(update_fields=[*EVENT_FIELDS, "meeting_minutes"])
        if "services" in fields:
            fresh.services.set(services_named(fields["services"]))
        impact, _ = Impact.objects.get_or_create(event=fresh)
        for name in IMPACT_FIELDS:
            if name in fields:
                setattr(impact, name, fields[name])
        impact.full_clean(exclude=["event"])
        impact.save()
        kinds.save_launch(fresh, **fields)
        done.about(fresh)
        return fresh


def fingerprint(event: Event) -> str:
    """What `edit_event` would change, as a short hash: equal hashes, nothing changed meanwhile."""
    impact = getattr(event, "impact", None)
    values = [str(getattr(event, name if name != "team" else "team_id")) for name in EVENT_FIELDS]
    values += [str(getattr(impact, name, "")) for name in IMPACT_FIELDS]
    values += kinds.launch_values(event)
    values += sorted(service.name for service in event.services.all())
    return hashlib.sha256("\x1f".join(values).encode()).hexdigest()[:16]


def seen_of(row: ImpactInterval | ImpactFigure) -> str:
    """The same of an interval or a figure."""
    values = [f"{getattr(row, field.attname)}" for field in row._meta.concrete_fields]
    return hashlib.sha256("\x1f".join(values).encode()).hexdigest()[:16]


def _check_seen(row: Any, seen: str) -> None:
    if seen and seen != seen_of(row):
        raise Stale(row)


def services_named(names: list[str]) -> list[Service]:
    """The services of these names; a name that is new becomes a service, in the spelling given."""
    found = []
    for name in dict.fromkeys(name.strip() for name in names if name.strip()):
        service = Service.objects.filter(is_named(name)).first() or Service.objects.create(name=name)
        found.append(service)
    return found


def add_interval(event: Event, *, by: Any, op: uuid.UUID | None = None, **fields: Any) -> ImpactInterval:
    """Add from when to when something was affected; the length is computed."""
    with change(event, "event", "added an impact interval", by=by, op=op) as done:
        check_open(done.event)
        interval = ImpactInterval(event=done.event, **fields)
        interval.full_clean(exclude=["event"])
        interval.save()
        done.about(interval)
        return interval


def edit_interval(
    interval: ImpactInterval, *, by: Any, seen: str = "", op: uuid.UUID | None = None, **fields: Any
) -> None:
    """Change an interval; its former words stay in the history. `seen` is `seen_of` what the writer read: raises Stale(interval)
    when it moved on, WrongState where it was removed meanwhile."""
    with change(interval.event, "event", "changed an impact interval", by=by, op=op) as done:
        check_open(done.event)
        fresh = ImpactInterval.objects.select_for_update().filter(pk=interval.pk).first()
        if fresh is None:
            raise WrongState("This interval was removed meanwhile. Add it again.")
        _check_seen(fresh, seen)
        before = fresh.label
        for name, value in fields.items():
            setattr(fresh, name, value)
        fresh.full_clean(exclude=["event"])
        fresh.save()
        done.about(fresh, before={"label": before}, after={"label": fresh.label})


def remove_interval(interval: ImpactInterval, *, by: Any, op: uuid.UUID | None = None) -> int:
    """Take an interval out; returns the number of the change, by which `taken.bring_back` undoes it."""
    return taken.take(interval, "removed an impact interval", by=by, op=op, before={"label": interval.label})


def add_figure(event: Event, *, by: Any, op: uuid.UUID | None = None, value: str, label: str) -> ImpactFigure:
    """Add one number with what it counts, behind those that are there."""
    with change(event, "event", "added an impact figure", by=by, op=op) as done:
        check_open(done.event)
        rank = ImpactFigure.objects.filter(event=done.event).count()
        figure = ImpactFigure(event=done.event, value=value, label=label, rank=rank)
        figure.full_clean(exclude=["event"])
        figure.save()
        done.about(figure)
        return figure


def edit_figure(
    figure: ImpactFigure, *, by: Any, seen: str = "", op: uuid.UUID | None = None, value: str, label: str
) -> None:
    """Change a figure; `seen` and what is raised are as for an interval."""
    with change(figure.event, "event", "changed an impact figure", by=by, op=op) as done:
        check_open(done.event)
        fresh = ImpactFigure.objects.select_for_update().filter(pk=figure.pk).first()
        if fresh is None:
            raise WrongState("This figure was removed meanwhile. Add it again.")
        _check_seen(fresh, seen)
        before = {"value": fresh.value, "label": fresh.label}
        fresh.value, fresh.label = value, label
        fresh.full_clean(exclude=["event"])
        fresh.save()
        done.about(fresh, before=before, after={"value": value, "label": label})


def remove_figure(figure: ImpactFigure, *, by: Any, op: uuid.UUID | None = None) -> int:
    """Take a figure out; returns the number of the change, by which `taken.bring_back` undoes it."""
    before = {"value": figure.value, "label": figure.label}
    return taken.take(figure, "removed an impact figure", by=by, op=op, before=before)


def decline_review(event: Event, *, by: Any, reason: str, op: uuid.UUID | None = None) -> None:
    """Record that this event gets no review, and why. Not possible once accounts are revealed or the room was open."""
    with change(event, "event", "decided against a review", by=by, op=op) as done:
        fresh = done.event
        if fresh.state != State.PREPARING or fresh.is_revealed:
            raise WrongState("This review is under way. Publish what there is, short as it may be.")
        fresh.state, fresh.not_reviewed_reason = State.NOT_REVIEWED, reason.strip()
        fresh.full_clean(exclude=["created_by"])
        fresh.save(update_fields=["state", "not_reviewed_reason"])


def take_up_review(event: Event, *, by: Any, op: uuid.UUID | None = None) -> None:
    """Take the decision against a review back; the reason stays in the history."""
    with change(event, "event", "took the review up after all", by=by, op=op) as done:
        fresh = done.event
        if fresh.state != State.NOT_REVIEWED:
            raise WrongState("This event has a review already.")
        done.about(fresh, before={"reason": fresh.not_reviewed_reason})
        fresh.state, fresh.not_reviewed_reason = State.PREPARING, ""
        fresh.save(update_fields=["state", "not_reviewed_reason"])
