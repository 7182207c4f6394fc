"""People of an event: one role each, one facilitator always, invited once; taken out without taking what was opened."""

import uuid

import pytest
from django.core.exceptions import ValidationError

from aar_site.outbox import mail
from aar_site.outbox.models import Message
from retros import limits
from retros.live.log import Repeated, WrongState
from retros.models import Change, Membership, Role
from retros.services import people
from tests.factories import make_event, make_member, make_user


def member(cast, who):
    return Membership.objects.get(event=cast.event, user=getattr(cast, who))


def test_a_person_is_added_once_and_invited(cast):
    new = make_user("Femi")
    row = people.add_person(cast.event, user=new, by=cast.facilitator, was_involved=True, role_in_event="on call")
    assert (row.role, row.writes_account, row.role_in_event) == ("participant", True, "on call")
    assert Message.objects.filter(person=new, kind="invitation").count() == 1
    with pytest.raises(ValidationError, match="in the review already"):
        people.add_person(cast.event, user=new, by=cast.facilitator)
    assert Membership.objects.filter(event=cast.event, user=new).count() == 1


def test_a_repeated_operation_adds_once(cast):
    op, new = uuid.uuid4(), make_user()
    people.add_person(cast.event, user=new, by=cast.facilitator, op=op)
    with pytest.raises(Repeated):
        people.add_person(cast.event, user=new, by=cast.facilitator, op=op)
    assert Message.objects.filter(person=new).count() == 1


@pytest.mark.parametrize(
    ("role", "said"),
    [("facilitator", "a facilitator already"), ("scribe", "a scribe already"), ("chair", "not a valid choice")],
)
def test_a_role_that_is_taken_or_unknown_is_refused(cast, role, said):
    with pytest.raises(ValidationError, match=said):
        people.add_person(cast.event, user=make_user(), by=cast.facilitator, role=role)


def test_who_cannot_sign_in_is_not_added(cast):
    with pytest.raises(ValidationError, match="cannot sign in any more"):
        people.add_person(cast.event, user=make_user(is_active=False), by=cast.facilitator)


def test_a_review_has_a_most(cast, monkeypatch):
    monkeypatch.setattr(limits, "PEOPLE_PER_EVENT", 5)
    with pytest.raises(WrongState, match="at most 5 people"):
        people.add_person(cast.event, user=make_user(), by=cast.facilitator)


def test_the_role_of_facilitator_is_handed_over_and_never_left(cast):
    with pytest.raises(WrongState, match="always has a facilitator"):
        people.edit_person(member(cast, "facilitator"), by=cast.facilitator, role="participant", was_involved=False)
    with pytest.raises(WrongState, match="always has a facilitator"):
        people.remove_person(member(cast, "facilitator"), by=cast.facilitator)
    people.edit_person(member(cast, "participant"), by=cast.facilitator, role="facilitator", was_involved=True)
    assert (member(cast, "facilitator").role, member(cast, "participant").role) == ("participant", "facilitator")
    assert Membership.objects.filter(event=cast.event, role=Role.FACILITATOR).count() == 1


def test_facilitator_and_scribe_are_two_people(cast):
    people.edit_person(member(cast, "scribe"), by=cast.facilitator, role="facilitator", was_involved=False)
    assert (member(cast, "scribe").role, member(cast, "facilitator").role) == ("facilitator", "participant")
    assert not Membership.objects.filter(event=cast.event, role=Role.SCRIBE).exists()


def test_a_guest_does_not_facilitate(cast):
    with pytest.raises(WrongState, match="guest"):
        people.edit_person(member(cast, "guest"), by=cast.facilitator, role="facilitator", was_involved=True)
    with pytest.raises(WrongState, match="guest cannot facilitate"):
        people.appoint_facilitator(cast.event, user=cast.guest, by=cast.admin)


def test_an_administrator_names_a_facilitator_also_where_there_is_none(db):
    event, admin, ines = make_event(), make_user(is_admin=True), make_user("Ines")
    people.appoint_facilitator(event, user=ines, by=admin)
    assert people.facilitator_of(event) == ines
    assert Message.objects.filter(person=ines, kind="invitation").exists()
    other = make_user()
    people.appoint_facilitator(event, user=other, by=admin)
    assert {m.user: m.role for m in people.people_of(event)} == {other: "facilitator", ines: "participant"}
    assert Change.objects.filter(event=event, what="named the facilitator", actor=admin).count() == 2


def test_removed_twice_is_removed(cast):
    row = member(cast, "observer")
    people.remove_person(row, by=cast.facilitator)
    people.remove_person(row, by=cast.facilitator)
    with pytest.raises(WrongState, match="taken out of the review meanwhile"):
        people.edit_person(row, by=cast.facilitator, role="scribe", was_involved=False)


def test_who_can_be_added(cast):
    gone, guest, free = make_user(is_active=False), make_user(is_guest=True), make_user()
    addable = set(people.addable(cast.event))
    assert free in addable
    assert addable.isdisjoint({gone, guest, cast.participant, cast.facilitator})


def test_the_order_of_the_list(cast):
    make_member(cast.event, make_user("Aaron"))
    assert [m.user.name for m in people.people_of(cast.event)] == [
        "Facilitator",
        "Scribe",
        "Aaron",
        "Guest",
        "Participant",
        "Observer",
    ]


def test_who_is_named_facilitator_is_told_also_when_invited_before(cast):
    row = people.add_person(cast.event, user=make_user("Femi"), by=cast.facilitator)
    people.appoint_facilitator(cast.event, user=row.user, by=cast.admin)
    kept = Message.objects.filter(person=row.user, kind="invitation").order_by("pk")
    assert ["Your role: Facilitator" in mail.unseal(message.sealed_body)["text"] for message in kept] == [False, True]


def test_an_administrator_does_not_take_the_role_for_themselves_while_somebody_has_it(cast):
    with pytest.raises(WrongState, match="Facilitator facilitates this review. Name somebody else"):
        people.appoint_facilitator(cast.event, user=cast.admin, by=cast.admin)
    assert people.facilitator_of(cast.event) == cast.facilitator
    assert not Membership.objects.filter(event=cast.event, user=cast.admin).exists()
    cast.facilitator.is_active = False
    cast.facilitator.save()
    for _ in range(2):
        people.appoint_facilitator(cast.event, user=cast.admin, by=cast.admin)
    assert people.facilitator_of(cast.event) == cast.admin


def test_from_whom_the_role_is_taken_is_told_and_who_hands_it_over_is_not(cast):
    people.appoint_facilitator(cast.event, user=cast.outsider, by=cast.admin)
    told = Message.objects.get(kind="stepped_down")
    text = " ".join(mail.unseal(told.sealed_body)["text"].split())
    assert told.person == cast.facilitator
    assert "Admin named Outsider the facilitator instead of you." in text
    people.edit_person(member(cast, "scribe"), by=cast.outsider, role="facilitator", was_involved=False)
    assert Message.objects.filter(kind="stepped_down").count() == 1
    people.appoint_facilitator(cast.event, user=cast.facilitator, by=cast.admin)
    people.appoint_facilitator(cast.event, user=cast.outsider, by=cast.admin)
    assert Message.objects.filter(kind="stepped_down", person=cast.facilitator).count() == 2


def test_a_facilitator_is_no_scribe(cast):
    lead = Membership.objects.get(event=cast.event, user=cast.facilitator)
    with pytest.raises(WrongState, match="another person than the facilitator"):
        people.edit_person(lead, by=cast.facilitator, role="scribe", was_involved=False)
