"""Sessions that a link opened, over every address there is: a guest sees one event, a member by link its pages and nothing else."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from retros.document import pdf
from retros.http import WRITES
from retros.models import Membership, PersonalLink
from retros.services import links
from tests.access_matrix import MATRIX, ROLES
from tests.world import address, make_world


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.setattr(pdf, "render", lambda *_, **__: b"%PDF-")
    return make_world()


def come_in(world: SimpleNamespace, user: Any) -> Client:
    """A browser that the person's link let in."""
    row = PersonalLink.objects.create(membership=Membership.objects.get(event=world.event, user=user))
    client = Client(raise_request_exception=False)
    client.force_login(user)
    session = client.session
    session[links.SESSION_KEY] = links.mark_of(row)
    session.save()
    return client


def answers(world: SimpleNamespace, client: Client) -> dict[tuple[str, str], int]:
    """The status of every address of the matrix; whatever a request changed is undone."""
    found = {}
    for name, method, _ in MATRIX:
        with transaction.atomic():
            path = address(name, world.things)
            WRITES.counts.clear()  # there are more addresses than anybody may write to in a minute
            answer = client.generic(method, path, content_type="application/x-www-form-urlencoded")
            found[name, method] = answer.status_code
            transaction.set_rollback(True)
    return found


def column(role: str) -> dict[tuple[str, str], int]:
    return {(name, method): int(row.split()[ROLES.index(role)]) for name, method, row in MATRIX}


def test_a_guest_by_link_gets_the_answers_of_a_guest(world):
    expected = column("guest")
    for name, method in expected:
        if name == "home" or address(name, world.things).startswith("/in/"):
            expected[name, method] = 302  # to the review; to the sign-in page, as everybody whom nobody knows
    assert answers(world, come_in(world, world.guest)) == expected


def test_a_member_by_link_gets_those_of_a_participant_inside_the_event_and_of_a_stranger_outside(world):
    expected, stranger = column("participant"), column("anonymous")
    for name, method in expected:
        if not address(name, world.things).startswith(f"/e/{world.event.code}/"):
            expected[name, method] = stranger[name, method]
    expected["timeline_export", "GET"] = 403  # a table is taken along by whoever signed in
    for name in ("room_take_over", "room_take_back"):
        expected[name, "POST"] = 403  # who came by a link is a guest, and guests do not lead
    assert answers(world, come_in(world, world.participant)) == expected
