"""P23: rights are looked at again while a stream is open."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from retros.models import Event, Membership
from tests.factories import make_user
from tests.guests import invite, press
from tests.promises.follower import Follower
from tests.promises.people import Person, signed_in
from tests.promises.writers import make_meeting


@pytest.mark.promise(
    "P23", "stream closed <= 5 s after removal, deactivation, revoked link, signing out; 0 frames afterwards"
)
def test_rights_are_looked_at_again_while_a_stream_is_open(running, is_full, measured):
    removed, deactivated, leaving, staying = (make_user() for _ in range(4))
    event = make_meeting([removed, deactivated, leaving, staying])
    lead, admin = Person(event.lead, running.port), Person(make_user(is_admin=True), running.port)
    window = Person(leaving, running.port)
    guest = come_by_link(event)
    cookies = {
        "removed": signed_in(removed),
        "deactivated": signed_in(deactivated),
        "revoked": guest.cookie,
        "signed out": window.cookie,
        "stays": signed_in(staying),
    }
    readers = {name: Follower(running.port, event.code, cookie).start() for name, cookie in cookies.items()}
    for name, reader in readers.items():
        assert reader.wait("opened", 20), name
    link = Membership.objects.get(event=event, user=guest.user)
    acts = {
        "removed": lambda: lead.post(
            reverse("member_remove", args=[event.code, Membership.objects.get(event=event, user=removed).pk])
        ),
        "deactivated": lambda: admin.post(reverse("person_active", args=[deactivated.pk]), is_active="no"),
        "revoked": lambda: lead.post(reverse("member_link", args=[event.code, link.pk, "end"])),
        "signed out": lambda: window.post(reverse("account_logout")),
    }
    took = {name: seconds_until_closed(readers[name], act) for name, act in acts.items()}
    ends = {name: len(readers[name].told) for name in acts}
    assert lead.post(reverse("note_add", args=[event.code]), text="Said when they were gone").status == 303
    assert readers["stays"].wait_for_seq(Event.objects.get(pk=event.pk).change_seq, 10) is not None
    time.sleep(0.5)
    heard = {
        name: [what for _, what, _ in readers[name].told[ends[name] :] if what in {"applied", "opened", "loaded"}]
        for name in acts
    }
    said = ["Said when they were gone" in str(readers[name].regions) for name in (*acts, "stays")]
    for reader in readers.values():
        reader.stop()
    frames = sum(map(len, heard.values()))
    measured(", ".join(f"{name} {seconds:.1f} s" for name, seconds in took.items()) + f"; {frames} frames afterwards")
    assert max(took.values()) <= (5 if is_full else 15)
    assert heard == {name: [] for name in acts}
    assert said == [False, False, False, False, True]


def come_by_link(event: Any) -> Any:
    """A guest's user and session, come in by the link of a mail."""
    cast = SimpleNamespace(event=event, facilitator=event.lead)
    client, key = Client(), invite(cast, "yuki@partner.org")
    assert press(client, key).status_code in {302, 303}
    user = Membership.objects.get(event=event, user__email="yuki@partner.org").user
    return SimpleNamespace(user=user, cookie=client.cookies[settings.SESSION_COOKIE_NAME].value)


def seconds_until_closed(reader: Follower, act: Any) -> float:
    since = len(reader.told)
    answer = act()
    assert answer.status in {200, 204, 302, 303}, answer
    began = time.monotonic()
    closed = reader.wait("closed", 15, since=since)
    return 99.0 if closed is None else max(0.0, closed - began)
