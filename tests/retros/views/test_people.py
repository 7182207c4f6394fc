"""Pages of people over HTTP."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from retros.models import Change, Goal, ImpactFigure, ImpactInterval, Membership
from retros.services import room
from tests.factories import make_event


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("name", ["member_remove", "interval_remove", "figure_remove", "part_remove"])
def test_a_second_press_of_a_remove_is_answered_like_the_first(cast, name):
    part = {
        "member_remove": lambda: Membership.objects.get(event=cast.event, user=cast.observer),
        "interval_remove": lambda: ImpactInterval.objects.create(event=cast.event, label="x"),
        "part_remove": lambda: Goal.objects.create(event=cast.event, text="x"),
        "figure_remove": lambda: ImpactFigure.objects.create(event=cast.event, value="43", label="x"),
    }[name]()
    client, sent = client_of(cast.facilitator), {"op": str(uuid.uuid4())}
    slug = ["goals"] if name == "part_remove" else []
    address = reverse(name, args=[cast.event.code, *slug, part.pk])
    first, second = client.post(address, sent), client.post(address, sent)
    assert (first.status_code, first["Location"]) == (303, second["Location"])
    assert Change.objects.filter(event=cast.event, what__startswith="removed").count() == 1
    elsewhere = make_event(facilitator=cast.facilitator)
    for answer in (
        client.post(address, {"op": str(uuid.uuid4())}),  # another press
        client.post(reverse(name, args=[cast.event.code, *slug, part.pk + 999]), sent),  # on another thing
        client.post(reverse(name, args=[elsewhere.code, *slug, part.pk]), sent),
        client_of(cast.scribe).post(address, sent),
    ):
        assert answer.status_code in {403, 404}


def test_a_guest_has_the_rights_of_the_role_they_were_given(cast):
    """An observer reads, however they came; the stream asks the same table."""
    row = Membership.objects.get(event=cast.event, user=cast.guest)
    client = client_of(cast.guest)
    account = reverse("account_edit", args=[cast.event.code])
    add = reverse("entry_add", args=[cast.event.code])
    assert (client.get(account).status_code, room.who_may_enter(cast.event.pk)[cast.guest.pk]) == (200, "guest")
    row.role = "observer"
    row.save()
    assert (client.get(account).status_code, client.post(add, {}).status_code) == (403, 403)
    assert room.who_may_enter(cast.event.pk)[cast.guest.pk] == "observer"
    assert client.get(reverse("room_detail", args=[cast.event.code])).status_code == 200
