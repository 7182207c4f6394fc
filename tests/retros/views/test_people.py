"""Pages of people over HTTP."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from aar_site.people.models import User
from retros import limits
from retros.models import Change, Goal, ImpactFigure, ImpactInterval, Membership
from retros.services import invitations, links, people, roles, room
from tests.factories import make_event
from tests.guests import YUKI, invite, member

QUERIES = 12  # of the facilitator's list, whatever its length


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_words_about_a_person_leave_the_role_that_they_got_meanwhile(cast):
    client, row = client_of(cast.facilitator), Membership.objects.get(event=cast.event, user=cast.participant)
    address = reverse("member_edit", args=[cast.event.code, row.pk])
    read = re.search(r'name="(initial-role)" value="([^"]+)"', client.get(address).content.decode()).groups()
    roles.set_role(row, role="scribe", by=cast.scribe)  # the pen changes hands in the room
    sent = {"role": "participant", "role_in_event": "On call", read[0]: read[1]}
    assert client.post(address, sent).status_code == 303
    row.refresh_from_db()
    assert (row.role, row.role_in_event) == ("scribe", "On call")
    client.post(address, {**sent, "initial-role": "scribe"})
    row.refresh_from_db()
    assert row.role == "participant"


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


# --- Inviting, and what is done with a link ---------------------------------------------------------------------------
def invite_by(user: Any, cast: Any, addresses: str, **extra: Any) -> Any:
    fields = {"many-addresses": addresses, "many-role": "participant", "many-was_involved": "on", **extra}
    return client_of(user).post(reverse("member_invite", args=[cast.event.code]), fields, follow=True)


def test_a_pasted_list_is_invited_and_told_back(cast):
    answer = invite_by(cast.facilitator, cast, f"Yuki <{YUKI}>, YUKI@partner.org; {cast.scribe.email}\n")
    words = answer.content.decode()
    assert "One person is invited. In the review already: " + cast.scribe.email in words
    assert member(cast).role_in_event == ""
    assert (member(cast).was_involved, member(cast).user.name) == (True, "Yuki")
    assert "Invited" in words
    assert YUKI in words
    theirs = client_of(cast.participant).get(reverse("member_list", args=[cast.event.code])).content.decode()
    assert YUKI not in theirs, "addresses and links are the facilitator's"
    assert "Invited" not in theirs


@pytest.mark.parametrize(
    ("addresses", "extra", "told"),
    [
        ("", {}, "This field is required"),
        ("Yuki <yuki>\nx@y.org", {}, "\u201cYuki &lt;yuki&gt;\u201d is no mail address"),
        (", ".join(f"p{n}@x.org" for n in range(101)), {}, "at most 100 people at once"),
        ("x@y.org", {"many-role": "facilitator"}, "Select a valid choice"),
        ("x@y.org", {"many-role": "scribe"}, "Select a valid choice"),
    ],
)
def test_a_list_that_cannot_be_read_invites_nobody_and_stays_in_the_form(cast, addresses, extra, told):
    before = Membership.objects.count()
    answer = invite_by(cast.facilitator, cast, addresses, **extra)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert Membership.objects.count() == before
    if addresses:
        assert addresses.split("\n")[-1] in answer.content.decode()


def test_hostile_names_become_plain_names(cast):
    invite_by(cast.facilitator, cast, '"<script>\u202ealert(1)</script>" <x@y.org>; Bcc: z <q@y.org>')
    assert member(cast, "x@y.org").user.name == "<script>alert(1)</script>"
    page = client_of(cast.facilitator).get(reverse("member_list", args=[cast.event.code])).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_link_is_sent_again_ended_opened_and_made_anew(cast):
    key = invite(cast)
    row = member(cast)
    lead = client_of(cast.facilitator)

    def do(move: str) -> str:
        address = reverse("member_link", args=[cast.event.code, row.pk, move])
        return lead.post(address, {"op": str(uuid.uuid4())}, follow=True).content.decode()

    assert "is on its way again" in do("send")
    assert links.find(key)
    shown = do("end")
    assert "The link of Yuki Tanaka is ended." in shown
    assert reverse("member_link", args=[cast.event.code, row.pk, "restore"]) in shown
    assert links.find(key) is None
    assert "opens again" in do("restore")
    assert links.find(key)
    assert "The former one is ended" in do("renew")
    assert links.find(key) is None
    assert lead.post(reverse("member_link", args=[cast.event.code, row.pk, "burn"])).status_code == 404


def test_an_administrator_ends_one_link_of_a_colleague_and_opens_it_again(cast):
    key, other = invite(cast), invite(cast, "ana@partner.org", "Ana Lima")
    person, admin = member(cast).user, client_of(cast.admin)
    page = reverse("person_links", args=[person.pk])
    assert page in admin.get(reverse("person_edit", args=[person.pk])).content.decode()
    assert cast.event.title in admin.get(page).content.decode()

    def do(move: str) -> Any:
        address = reverse("person_link", args=[cast.event.code, member(cast).pk, move])
        return admin.post(address, {"op": str(uuid.uuid4())}, follow=True)

    assert "Link ended" in do("end").content.decode()
    assert (links.find(key), bool(links.find(other))) == (None, True)
    assert [row.actor for row in invitations.history(member(cast)) if "ended" in row.what] == [cast.admin]
    assert "Link ended" not in do("restore").content.decode()
    assert links.find(key)
    assert do("renew").status_code == 404
    nobody = admin.get(reverse("person_links", args=[cast.admin.pk])).content.decode()
    assert "No personal link" in nobody


def test_what_a_limit_refuses_is_said(cast, monkeypatch):
    monkeypatch.setattr(limits, "INVITATIONS_PER_ADDRESS", 1)
    invite(cast)
    address = reverse("member_link", args=[cast.event.code, member(cast).pk, "send"])
    answer = client_of(cast.facilitator).post(address)
    assert answer.status_code == 409
    assert "was written to 1 times today" in answer.content.decode()


@pytest.mark.parametrize("size", [1, 3])
def test_the_list_takes_as_many_queries_for_one_as_for_three(cast, size, django_assert_num_queries):
    for number in range(size):
        invite(cast, f"g{number}@x.org")
    lead = client_of(cast.facilitator)
    with django_assert_num_queries(QUERIES):
        assert lead.get(reverse("member_list", args=[cast.event.code])).content.count(b"g0@x.org") == 1


def test_who_was_deactivated_since_the_form_was_read_is_refused_in_words(cast, monkeypatch):
    """The form found them active, and the service looks once more while it holds the event."""
    monkeypatch.setattr(people, "members", User.objects.all)
    cast.scribe.is_active = False
    cast.scribe.save()
    address = reverse("event_facilitator", args=[cast.event.code])
    answer = client_of(cast.admin).post(address, {"user": cast.scribe.pk})
    assert answer.status_code == 409
    assert "This person cannot sign in any more. Choose somebody else." in answer.content.decode()
    assert Membership.objects.get(event=cast.event, role="facilitator").user == cast.facilitator
