"""Inviting people and coming in by their links, as tests of several places need it."""

import re
from types import SimpleNamespace
from typing import Any

from django.test import Client

from aar_site import clock
from aar_site.outbox import delivery, mail
from aar_site.outbox.models import Message
from aar_site.people.models import User
from retros.models import Membership, PersonalLink
from retros.services import invitations

YUKI = "yuki@partner.org"


def invite(cast: SimpleNamespace, address: str = YUKI, name: str = "Yuki Tanaka", **extra: Any) -> str:
    """Ask somebody in; the key that their mail carries."""
    extra.setdefault("was_involved", True)
    invitations.invite_all(cast.event, people=[(name, address)], by=cast.facilitator, **extra)
    return key_for(address)


def words_for(address: str, kind: str = "invitation") -> str:
    """The text of the newest mail to an address that waits."""
    row = Message.objects.filter(address=address, kind=kind).latest("pk")
    if not row.sealed_body:  # written when it is about to leave, so let it be about to
        now = clock.now()
        Message.objects.filter(pk=row.pk).update(state="claimed", claimed_until=now)
        row.refresh_from_db()
        assert delivery.write(row)
        Message.objects.filter(pk=row.pk).update(state="waiting", claimed_until=None)
    return str(mail.unseal(row.sealed_body)["text"])


def key_for(address: str, kind: str = "invitation") -> str:
    found = re.search(r"/j/([\w-]+)/", words_for(address, kind))
    assert found, f"no link in the {kind} to {address}"
    return found[1]


def code_for(address: str) -> str:
    """The newest code that was mailed to an address."""
    found = re.search(r"\b\d{6}\b", words_for(address, "link_code"))
    assert found
    return found[0]


def press(client: Client, key: str, **extra: Any) -> Any:
    """Press the button of a link's page, in a browser that says where a press comes from."""
    return client.post(f"/j/{key}/", headers={"sec-fetch-site": "same-origin"}, **extra)


def member(cast: SimpleNamespace, address: str = YUKI) -> Membership:
    return Membership.objects.select_related("user", "event").get(event=cast.event, user__email=address)


def link(cast: SimpleNamespace, address: str = YUKI) -> PersonalLink:
    return PersonalLink.objects.select_related("membership__user", "membership__event").get(
        membership=member(cast, address)
    )


def guest(cast: SimpleNamespace) -> User:
    return User.objects.get(email=YUKI)
