"""Every URL answers every role as the matrix says, and no URL is missing from it."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings

from retros.document import pdf
from tests.access_matrix import MATRIX, PUBLIC, ROLES
from tests.world import address, make_world, patterns

# Says so before the first fixture is made: a run of this file alone makes no test database otherwise, and would ask the real one.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleNamespace]:
    """The cast with one of each thing, made once: making it takes longer than asking."""
    cheap = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    with django_db_blocker.unblock(), transaction.atomic():
        with cheap:
            made = make_world()
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def world(shared: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """As it was made, whatever the test before did; a PDF is not printed for each role."""
    monkeypatch.setattr(pdf, "render", lambda *_, **__: b"%PDF-")
    with transaction.atomic():
        yield shared
        transaction.set_rollback(True)


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


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks at the pages: what they say to whom is asked elsewhere, and rendering them takes most of the time."""
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *_, **__: "")


@pytest.mark.looks
@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize(("name", "method", "expected"), MATRIX, ids=[f"{n} {m}" for n, m, _ in MATRIX])
def test_every_role_gets_its_answer(world, name, method, expected):
    found = {role: answer(world, role, name, method) for role in ROLES}
    assert found == dict(zip(ROLES, map(int, expected.split()), strict=True))


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
