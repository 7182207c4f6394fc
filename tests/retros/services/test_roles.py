"""Roles that change in the meeting: the pen is taken over, and it is never the facilitator's."""

import pytest

from retros.live.log import WrongState
from retros.models import Change, Event, Membership
from retros.services import people, roles


def role_of(cast, who: str) -> str:
    return Membership.objects.get(event=cast.event, user=getattr(cast, who)).role


def member(cast, who: str) -> Membership:
    return Membership.objects.select_related("event").get(event=cast.event, user=getattr(cast, who))


def test_a_new_scribe_takes_the_pen_over(cast):
    roles.set_role(member(cast, "participant"), role="scribe", by=cast.facilitator)
    assert (role_of(cast, "participant"), role_of(cast, "scribe")) == ("scribe", "participant")
    change = Change.objects.get(event=cast.event)
    assert (change.what, change.detail["former"]) == ("changed a role", [cast.scribe.pk])
    assert (change.detail["before"], change.detail["after"]) == ({"role": "participant"}, {"role": "scribe"})
    roles.set_role(member(cast, "participant"), role="observer", by=cast.facilitator)
    assert (role_of(cast, "participant"), role_of(cast, "scribe")) == ("observer", "participant")


def test_the_scribe_is_somebody_else_than_the_facilitator(cast):
    with pytest.raises(WrongState, match="another person than the facilitator"):
        roles.set_role(member(cast, "facilitator"), role="scribe", by=cast.facilitator)
    with pytest.raises(WrongState, match="Hand the agenda over first"):
        roles.set_role(member(cast, "facilitator"), role="observer", by=cast.facilitator)
    assert (role_of(cast, "facilitator"), role_of(cast, "scribe")) == ("facilitator", "scribe")


def test_who_was_taken_out_meanwhile_gets_no_role(cast):
    gone = member(cast, "guest")
    Membership.objects.filter(pk=gone.pk).delete()
    with pytest.raises(WrongState, match="taken out"):
        roles.set_role(gone, role="observer", by=cast.facilitator)
    Event.objects.filter(pk=cast.event.pk).update(state="not_reviewed", not_reviewed_reason="Small")
    with pytest.raises(WrongState, match="gets no review"):
        roles.set_role(member(cast, "observer"), role="participant", by=cast.facilitator)


def test_a_guest_does_not_write_for_all(cast):
    with pytest.raises(WrongState, match="Choose a colleague as scribe"):
        roles.set_role(member(cast, "guest"), role="scribe", by=cast.facilitator)
    with pytest.raises(WrongState, match="Choose a colleague as scribe"):
        people.edit_person(member(cast, "guest"), role="scribe", was_involved=False, by=cast.facilitator)
    assert (role_of(cast, "guest"), role_of(cast, "scribe")) == ("participant", "scribe")
