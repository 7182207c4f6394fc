"""Who sees an action and what they may do with it, by how they stand to it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from actions import access
from actions.models import Action
from retros.models import Event, Role, RoomNote, State
from tests.factories import make_action, make_member, make_user


def verbs(user, action):
    """What the person may do; None where the action does not exist for them."""
    try:
        return access.get_action_or_404(user, action.pk, "view action").verbs
    except Http404:
        return None


def publish(event):
    Event.objects.filter(pk=event.pk).update(state=State.PUBLISHED, published_at=event.ended_at)
    event.refresh_from_db()


def test_owners_are_listed_by_name_whatever_its_letters(cast):
    by_hand = ["Ada", "Émile", "örjan", "Orla", "zoë"]
    near, far = [
        [make_user(name, email=f"{n}-{place}@example.org") for place, name in enumerate(reversed(by_hand))]
        for n in "ab"
    ]
    for person in near:
        make_member(cast.event, person)
    for own, listed in zip((near, far), access.people_for(cast.facilitator, cast.event), strict=True):
        assert [person.name for person in listed if person in own] == by_hand


def test_before_publication_by_role(cast):
    action = make_action(cast.event, owner=cast.participant)
    assert verbs(cast.outsider, action) is None
    assert verbs(cast.observer, action) == {"view action"}
    assert verbs(cast.guest, action) == {"view action"}
    assert verbs(cast.participant, action) == access.OWN
    assert verbs(cast.scribe, action) == {"view action", "edit action", "commit action", "hand over action"}
    assert verbs(cast.facilitator, action) == access.OWN | {"commit action"}
    assert verbs(cast.manager, action) == access.OWN  # committed actions of the own team
    assert verbs(cast.admin, action) == access.MOVE


def test_a_proposal_is_the_review_s_own_until_it_is_committed(cast):
    action = make_action(cast.event, status="proposed", created_by=cast.participant)
    assert verbs(cast.manager, action) is None
    assert verbs(cast.admin, action) is None
    assert verbs(cast.participant, action) == {"view action", "edit action", "take back action"}
    assert verbs(cast.guest, action) == {"view action"}


def test_the_manager_commits_once_the_review_is_published(cast):
    action = make_action(cast.event, status="proposed")
    make_member(cast.event, cast.manager)
    assert "commit action" not in verbs(cast.manager, action)
    assert not access.may_commit_in(cast.manager, cast.event)
    publish(cast.event)
    assert "commit action" in verbs(cast.manager, action)
    assert access.may_commit_in(cast.manager, cast.event)
    assert verbs(cast.outsider, action) == {"view action"}


@pytest.mark.parametrize("is_guest", [False, True], ids=["member", "guest"])
def test_an_owner_from_outside_sees_the_action_and_not_its_event(cast, is_guest):
    owner = make_user(is_guest=is_guest)
    action = access.get_action_or_404(owner, make_action(cast.event, owner=owner).pk, "move action")
    assert action.opens_event is False
    assert verbs(owner, make_action(cast.event)) is None
    with pytest.raises(Http404):
        access.get_event_for_proposing_or_404(owner, cast.event.code)


def test_who_was_deactivated_owns_but_sees_nothing(cast):
    owner = make_user(is_active=False)
    assert verbs(owner, make_action(cast.event, owner=owner)) is None


def test_what_is_refused_is_said(cast):
    action = make_action(cast.event)
    with pytest.raises(PermissionDenied, match="owner"):
        access.get_action_or_404(cast.observer, action.pk, "drop action")
    with pytest.raises(KeyError):
        access.get_action_or_404(cast.observer, action.pk, "paint action")
    with pytest.raises(PermissionDenied, match="take part"):
        access.get_event_for_proposing_or_404(cast.observer, cast.event.code)


def test_a_restricted_review_stays_with_its_people(cast):
    action = make_action(cast.event)
    publish(cast.event)
    assert verbs(cast.outsider, action) == {"view action"}
    Event.objects.filter(pk=cast.event.pk).update(is_restricted=True)
    assert verbs(cast.outsider, action) is None


def test_a_team_reads_its_actions_from_publication_on_and_its_manager_before(cast):
    colleague = make_user()
    cast.team.memberships.create(user=colleague)
    action = make_action(cast.event)
    assert verbs(colleague, action) is None  # its title would tell of a review that is not theirs yet
    assert "view action" in verbs(cast.manager, action)
    publish(cast.event)
    assert verbs(colleague, action) == {"view action"}


def test_members_of_a_team_see_its_committed_actions_once_each(cast):
    for role in (Role.PARTICIPANT, Role.OBSERVER):
        make_member(cast.event, role=role)
    make_action(cast.event, owner=cast.participant)
    assert Action.objects.visible_to(cast.participant).count() == 1


def test_an_idea_is_found_by_its_number_until_its_review_is_published(cast):
    note = RoomNote.objects.create(
        event=cast.event, step_slug="timeline", parked_for="actions", text="Idea", created_by=cast.scribe
    )

    def idea(user):
        found = access.idea_of(access.get_event_for_proposing_or_404(user, cast.event.code), note.pk)
        return found.text if found else ""

    assert idea(cast.participant) == "Idea"
    publish(cast.event)
    assert idea(cast.participant) == ""
    assert idea(cast.manager) == "", "commits actions, and was not there"
