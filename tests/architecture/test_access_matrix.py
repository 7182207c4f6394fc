"""Every URL answers every role as the matrix says, and no URL is missing from it."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from retros.document import pdf
from retros.models import (
    Factor,
    ImpactFigure,
    ImpactInterval,
    Membership,
    Role,
    RoomNote,
    WhyNode,
)
from tests.access_matrix import MATRIX, PUBLIC, ROLES
from tests.factories import make_action, make_cast, make_entry, make_member, make_service, make_team, make_user


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The cast with one of each thing; a PDF is not printed for each role."""
    monkeypatch.setattr(pdf, "render", lambda *_, **__: b"%PDF-")
    cast = make_cast()
    event, lead = cast.event, cast.facilitator
    cast.deactivated = make_user("Gone", is_active=False)
    make_member(event, cast.deactivated, Role.PARTICIPANT)
    entry = make_entry(event, "First alert", created_by=lead)
    cast.things = {
        "code": event.code,
        "slug": "factors",
        "entry": entry.pk,
        "interval": ImpactInterval.objects.create(event=event, label="down").pk,
        "figure": ImpactFigure.objects.create(event=event, value="1", label="x").pk,
        "member": Membership.objects.get(event=event, user=cast.observer).pk,
        "factor": Factor.objects.create(event=event, category="change", text="x", created_by=lead).pk,
        "why": WhyNode.objects.create(event=event, text="x", created_by=lead).pk,
        "note": RoomNote.objects.create(event=event, step_slug="opening", text="x", created_by=lead).pk,
        "person": make_user("Somebody").pk,
        "team": make_team().pk,
        "service": make_service().pk,
        "action": make_action(event, owner=cast.participant).pk,
    }
    return cast


PK_OF = {
    "person": "person",
    "team": "team",
    "service": "service",
    "interval": "interval",
    "figure": "figure",
    "member": "member",
    "entry": "entry",
    "analysis": "factor",
    "note": "note",
    "room": "entry",
    "action": "action",
}
SLUGS = {"section_edit": "lessons", "room_text": "lessons", "analysis_none": "well"}


def address(name: str, things: dict[str, Any]) -> str:
    """The URL of a name, filled with the world's things."""
    pk = things[PK_OF.get(name.split("_", maxsplit=1)[0], "entry")]
    slug = SLUGS.get(name, things["slug"])
    for kwargs in ({}, {"code": things["code"]}, {"pk": pk}, {"code": things["code"], "pk": pk},
                   {"code": things["code"], "slug": slug}, {"code": things["code"], "slug": slug, "pk": pk}):  # fmt: skip
        try:
            return reverse(name, kwargs=kwargs)
        except NoReverseMatch:
            continue
    raise NoReverseMatch(name)


def answer(world: SimpleNamespace, role: str, name: str, method: str) -> int:
    """The status that the role gets; whatever the request changed is undone."""
    client = Client(raise_request_exception=False)
    if role != "anonymous":
        client.force_login(getattr(world, role))
    with transaction.atomic():
        response = client.generic(method, address(name, world.things), content_type="application/x-www-form-urlencoded")
        status = response.status_code
        transaction.set_rollback(True)
    return status


@pytest.mark.parametrize(("name", "method", "expected"), MATRIX, ids=[f"{n} {m}" for n, m, _ in MATRIX])
def test_every_role_gets_its_answer(world, name, method, expected):
    found = {role: answer(world, role, name, method) for role in ROLES}
    assert found == dict(zip(ROLES, map(int, expected.split()), strict=True))


def patterns() -> dict[str, str]:
    """Every URL name with its route."""

    def walk(resolver: Any) -> Any:
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern)
            else:
                yield pattern.name, str(pattern.pattern)

    return dict(walk(get_resolver()))


def test_no_url_is_missing_from_the_matrix():
    assert set(patterns()) - {name for name, _, _ in MATRIX} - set(PUBLIC) == set()


def test_the_matrix_names_no_url_that_is_gone():
    assert {name for name, _, _ in MATRIX} | set(PUBLIC) <= set(patterns())


OF_AN_EVENT = [(n, m) for n, m, _ in MATRIX if patterns().get(n, "").startswith("e/<str:code>/")]


@pytest.mark.parametrize(("name", "method"), OF_AN_EVENT, ids=[f"{n} {m}" for n, m in OF_AN_EVENT])
def test_a_foreign_event_answers_like_one_that_never_was(world, name, method):
    """To an outsider a real event and a random code are the same 404, by every URL that names an event."""
    client = Client(raise_request_exception=False)
    client.force_login(world.outsider)
    real = client.generic(method, address(name, world.things))
    never = client.generic(method, address(name, {**world.things, "code": "zzzzzzzzz"}))
    assert real.status_code == never.status_code == 404
    assert plain(real.content, world.event.code) == plain(never.content, "zzzzzzzzz")


def plain(page: bytes, code: str) -> bytes:
    """A page without the code in its address and without the token that differs at each request."""
    return re.sub(rb'(?<=content=")\w{64}(?=")|(?<=value=")\w{64}(?=")', b"", page.replace(code.encode(), b""))
