"""Asking people in: who becomes what, within which limits, and what the facilitator does with a link afterwards."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from aar_site import clock
from aar_site.outbox import delivery, mail
from aar_site.outbox.models import Message
from aar_site.people.models import User
from retros import limits
from retros.live.log import Repeated, WrongState
from retros.models import Change, Membership, Role
from retros.services import invitations, links, people
from tests.factories import make_user
from tests.guests import YUKI, guest, invite, key_for, link, member, words_for


def test_members_take_part_as_themselves_and_others_as_guests(cast):
    done = invitations.invite_all(
        cast.event,
        people=[
            ("Yuki Tanaka", YUKI),
            ("", "marcus.de-souza@partner.org"),
            ("x", cast.outsider.email),
            ("", cast.scribe.email),
        ],
        by=cast.facilitator,
        was_involved=True,
        role_in_event="On call",
    )
    assert [m.user.email for m in done.invited] == [YUKI, "marcus.de-souza@partner.org", cast.outsider.email]
    assert done.present == [cast.scribe.email]
    rows = {
        m.user.name: m for m in Membership.objects.filter(pk__in=[m.pk for m in done.invited]).select_related("user")
    }
    assert {name: m.user.is_guest for name, m in rows.items()} == {
        "Yuki Tanaka": True,
        "Marcus De Souza": True,
        "Outsider": False,
    }
    assert {(m.role, m.was_involved, m.role_in_event) for m in rows.values()} == {("participant", True, "On call")}
    assert not guest(cast).has_usable_password()
    assert Membership.objects.get(user=cast.scribe).role == "scribe"
    assert set(Message.objects.values_list("kind", "address")) == {("invitation", m.user.email) for m in rows.values()}


def test_an_invitation_says_what_is_asked_and_opens_by_a_link_alone(cast):
    key = invite(cast)
    body = mail.unseal(Message.objects.get().sealed_body)
    for words in (body["text"], body["html"]):
        assert f"/j/{key}/" in words
        assert "Facilitator invites you to a review" in words
        assert "about ten minutes" in words
        assert "Please do not forward it" in " ".join(words.split())
        assert "/e/" not in words
    people.add_person(cast.event, user=cast.outsider, by=cast.facilitator, role=Role.PARTICIPANT)
    assert "/j/" in words_for(cast.outsider.email)
    people.edit_person(
        member(cast, cast.outsider.email), by=cast.facilitator, role=Role.FACILITATOR, was_involved=False
    )
    assert links.find(key_for(cast.outsider.email)) is None


def test_nothing_of_a_refused_list_is_kept(cast):
    gone = make_user("Gone", is_active=False)
    with pytest.raises(ValidationError, match="cannot sign in any more"):
        invitations.invite_all(cast.event, people=[("", YUKI), ("", gone.email)], by=cast.facilitator)
    assert not User.objects.filter(email=YUKI).exists()
    assert not Message.objects.exists()


def test_a_second_press_invites_nobody_twice(cast):
    op = uuid.uuid4()
    invite(cast, op=op)
    with pytest.raises(Repeated):
        invite(cast, op=op)
    assert invitations.invite_all(cast.event, people=[("", YUKI)], by=cast.facilitator).present == [YUKI]
    assert Message.objects.count() == 1


def test_who_is_asked_into_two_reviews_at_the_same_moment_is_one_person(cast):
    others = []

    def another_request(execute, sql, params, *rest):
        is_asked = "people_user" in sql and YUKI in (params or ())
        answer = execute(sql, params, *rest)
        if is_asked and not others:  # nobody has this address, as it seemed
            others.append("under way")
            others.append(User.objects.create_user(YUKI, "Yuki Tanaka", is_guest=True))
        return answer

    with connection.execute_wrapper(another_request):
        done = invitations.invite_all(cast.event, people=[("", YUKI)], by=cast.facilitator)
    assert [member.user for member in done.invited] == others[1:]


@pytest.mark.parametrize("way", ["many", "again", "removed"])
def test_one_person_sends_so_many_invitations_a_day(cast, monkeypatch, way):
    monkeypatch.setattr(limits, "INVITATIONS_PER_DAY", 3)
    invite(cast)
    if way == "many":

        def act():
            return invitations.invite_all(cast.event, people=[("", f"{n}@x.org") for n in "abc"], by=cast.facilitator)
    elif way == "again":
        for _ in range(2):
            invitations.send_again(member(cast), by=cast.facilitator)

        def act():
            return invitations.renew(member(cast), by=cast.facilitator)
    else:  # taking somebody out gives no place back
        for _n in "ab":
            people.remove_person(member(cast), by=cast.facilitator)
            invite(cast)
        people.remove_person(member(cast), by=cast.facilitator)

        def act():
            return invite(cast)

    with pytest.raises(WrongState, match="at most 3 invitations a day"):
        act()
    clock.move(timedelta(days=1, minutes=1))
    act()


def test_nobody_is_written_to_more_than_ten_times_a_day(cast, monkeypatch):
    monkeypatch.setattr(limits, "INVITATIONS_PER_ADDRESS", 2)
    invite(cast)
    invitations.send_again(member(cast), by=cast.facilitator)
    with pytest.raises(ValidationError, match="2 times today"):
        invitations.renew(member(cast), by=cast.facilitator)
    assert link(cast).issue == 1, "what was refused changed nothing"


# --- Afterwards -----------------------------------------------------------------------------------------------------
def test_sent_again_the_new_key_opens_beside_the_old(cast):
    first = invite(cast)
    invitations.send_again(member(cast), by=cast.facilitator)
    second = key_for(YUKI)
    assert first != second
    assert links.find(first) == links.find(second)


def test_an_end_is_taken_back_as_it_was(cast):
    key = invite(cast)
    links.join(links.find(key))
    mark = links.mark_of(links.find(key))
    invitations.revoke(member(cast), by=cast.facilitator)
    with pytest.raises(WrongState, match="Make a new one"):
        invitations.send_again(member(cast), by=cast.facilitator)
    invitations.restore(member(cast), by=cast.facilitator)
    assert links.find(key)
    assert links.of_session(mark)


def test_a_new_link_binds_the_next_browser_and_ends_what_was(cast):
    first = invite(cast)
    links.join(links.find(first))
    mark = links.mark_of(links.find(first))
    invitations.renew(member(cast), by=cast.facilitator)
    second = key_for(YUKI)
    assert (links.find(first), links.of_session(mark)) == (None, None)
    links.join(links.find(second))
    assert [row.what for row in Change.objects.filter(subject=f"membership:{member(cast).pk}").order_by("seq")] == [
        "came in by the personal link",
        "made a new personal link",
        "came in by the personal link",
    ]


def test_a_mail_that_waits_with_the_former_key_is_not_sent(cast):
    invite(cast)
    invitations.renew(member(cast), by=cast.facilitator)
    assert sorted(Message.objects.values_list("state", flat=True)) == ["dropped", "waiting"]
    assert delivery.sweep() == 1


# --- What the facilitator sees --------------------------------------------------------------------------------------
def test_the_state_of_each_way_in(cast):
    def state(address):
        row = member(cast, address)
        return invitations.ways(cast.event, [row])[row.pk].state

    assert (state(cast.facilitator.email), state(cast.guest.email)) == ("member", "quiet")
    key = invite(cast)
    assert state(YUKI) == "invited"
    Message.objects.update(state="failed")
    assert state(YUKI) == "lost"
    links.join(links.find(key))
    assert state(YUKI) == "joined"
    invitations.revoke(member(cast), by=cast.facilitator)
    assert state(YUKI) == "ended"


@pytest.mark.parametrize("size", [1, 3])
def test_ways_take_two_queries(cast, size, django_assert_num_queries):
    for number in range(size):
        invite(cast, f"g{number}@x.org")
    rows = people.people_of(cast.event)
    with django_assert_num_queries(2):
        assert len(invitations.ways(cast.event, rows)) == 5 + size
