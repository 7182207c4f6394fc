"""One of each thing that an address can name, and the address of every URL name filled with them."""

from types import SimpleNamespace
from typing import Any

from django.urls import NoReverseMatch, get_resolver, reverse

from aar_site.outbox.models import Message
from retros.imports.found import Found
from retros.models import (
    Factor,
    Goal,
    HintAnswer,
    ImpactFigure,
    ImpactInterval,
    Membership,
    ParticipantAccount,
    Role,
    RoomNote,
    SharedCause,
    SilentNote,
    WentWell,
    WhyNode,
)
from retros.services import disputes
from tests.factories import (
    START,
    make_action,
    make_cast,
    make_entry,
    make_import,
    make_member,
    make_service,
    make_team,
    make_user,
)


def make_world(**event_extra: Any) -> SimpleNamespace:
    """The cast with one of each thing, by key in `.things`."""
    cast = make_cast(**event_extra)
    event, lead = cast.event, cast.facilitator
    cast.deactivated = make_user("Gone", is_active=False)
    make_member(event, cast.deactivated, Role.PARTICIPANT)
    entry = make_entry(event, "First alert", created_by=lead)
    view = disputes.remember(entry, by=lead, when=None, text="It was the second alert")
    cast.things = {
        "code": event.code,
        "slug": "factors",
        "entry": entry.pk,
        "interval": ImpactInterval.objects.create(event=event, label="down").pk,
        "figure": ImpactFigure.objects.create(event=event, value="1", label="x").pk,
        "part": Goal.objects.create(event=event, text="x").pk,
        "member": Membership.objects.get(event=event, user=cast.observer).pk,
        "factor": Factor.objects.create(event=event, category="change", text="x", created_by=lead).pk,
        "why": WhyNode.objects.create(event=event, text="x", created_by=lead).pk,
        "shared_cause": _shared_cause(event, lead),
        "luck": WentWell.objects.create(event=event, kind="luck", text="x", created_by=lead).pk,
        "silent": SilentNote.objects.create(event=event, author=cast.participant, text="x").pk,
        "note": RoomNote.objects.create(event=event, step_slug="opening", text="x", created_by=lead).pk,
        "person": make_user("Somebody").pk,
        "team": make_team().pk,
        "mail": Message.objects.create(kind="welcome", dedupe_key="x", address="x@example.org", message_id="<x>").pk,
        "service": make_service().pk,
        "account": ParticipantAccount.objects.create(event=event, author=cast.participant).pk,
        "action": make_action(event, owner=cast.participant).pk,
        "recollection": view.pk,
        "dispute": view.dispute_id,
        "hint": HintAnswer.objects.create(event=event, key="x", sentence="x", reason="x", created_by=lead).pk,
        "import": make_import(event, by=lead).pk,
        "imported": make_import(event, Found(line=9, text="Alerts stop", at=START), by=lead, state="added").pk,
    }
    return cast


def _shared_cause(event: Any, lead: Any) -> int:
    """A cause that leads to two effects."""
    one, other = (WhyNode.objects.create(event=event, text="x", rank=n, created_by=lead) for n in (1, 2))
    below = WhyNode.objects.create(event=event, parent=one, text="x", created_by=lead)
    return int(SharedCause.objects.create(event=event, cause=below, effect=other, created_by=lead).pk)


PK_OF = {
    "recollection": "recollection",
    "recollection_add": "entry",
    "dispute": "dispute",
    "hint": "hint",
    "account": "account",
    "person": "person",
    "person_link": "member",
    "team": "team",
    "mail": "mail",
    "service": "service",
    "interval": "interval",
    "figure": "figure",
    "part": "part",
    "member": "member",
    "entry": "entry",
    "analysis": "factor",
    "cause": "why",
    "cause_link_remove": "shared_cause",
    "cause_link_restore": "shared_cause",
    "note": "note",
    "luck": "luck",
    "silent": "silent",
    "room": "entry",
    "room_floor": "member",
    "room_role": "member",
    "room_fact": "part",
    "import": "import",
    "imported": "imported",
    "action": "action",
}
SLUGS = {
    "part_add": "goals",
    "part_edit": "goals",
    "part_remove": "goals",
    "section_edit": "lessons",
    "room_text": "lessons",
    "room_fact": "goals",
    "room_fact_new": "goals",
    "analysis_none": "well",
    "member_link": "end",
    "person_link": "end",
}


def address(name: str, things: dict[str, Any]) -> str:
    """The URL of a name, filled with the world's things."""
    pk = things.get(PK_OF.get(name) or PK_OF.get(name.split("_", maxsplit=1)[0], "entry"), 0)
    slug = SLUGS.get(name, things["slug"])
    for kwargs in ({}, {"code": things["code"]}, {"pk": pk}, {"pk": pk, "move": "close"}, {"code": things["code"], "pk": pk},
                   {"code": things["code"], "slug": slug}, {"code": things["code"], "slug": slug, "pk": pk},
                   {"code": things["code"], "pk": pk, "move": slug}, {"token": "x" * 43}):  # fmt: skip
        try:
            return reverse(name, kwargs=kwargs)
        except NoReverseMatch:
            continue
    raise NoReverseMatch(name)


def patterns() -> dict[str, str]:
    """Every URL name with its route."""

    def walk(resolver: Any) -> Any:
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern)
            else:
                yield pattern.name, str(pattern.pattern)

    return dict(walk(get_resolver()))
