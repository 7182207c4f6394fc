"""The door to single actions: who may do what with one, by how they stand to it. Knows no request.

A person may stand to an action in several ways at once (its owner and the team's manager); the rights add up.
"""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404

from aar_site.people.models import TeamMembership, User
from aar_site.words import by_name
from actions.models import Action, Status
from retros import access as event_access
from retros.models import Event, Factor, Membership, Operation, RoomNote, State, WhyNode
from retros.services.once import once

SEE = frozenset({"view action"})
MOVE = SEE | {"move action"}  # start, blocked, done, effect checked, open again, a word on how it stands
OWN = MOVE | {"edit action", "redate action", "drop action", "hand over action", "split action"}

VERBS: dict[str, frozenset[str]] = {
    "owner": OWN,
    "facilitator": OWN | {"commit action"},
    "manager": OWN,
    "manager once published": OWN | {"commit action"},
    "scribe": SEE | {"edit action", "commit action", "hand over action"},
    "admin": MOVE,
    "proposer": SEE | {"edit action"},
    "writer": SEE | {"take back action"},
    "reader": SEE,
}
ALL = frozenset().union(*VERBS.values())


def standings(user: Any, action: Action) -> set[str]:
    """How the person stands to an action that is visible to them."""
    found = {"reader"}
    if action.owner_id == user.pk:
        found.add("owner")
    if action.created_by_id == user.pk:
        found |= {"writer", "proposer"} if action.status == Status.PROPOSED else {"writer"}
    role = Membership.objects.filter(event=action.event_id, user=user.pk).values_list("role", flat=True).first()
    if role in {"facilitator", "scribe"}:
        found.add(role)
    if not user.is_guest and action.event.team_id and manages(user, action.event.team_id):
        found.add("manager once published" if action.event.state == State.PUBLISHED else "manager")
    if user.is_admin:
        found.add("admin")
    return found


def manages(user: Any, team: int) -> bool:
    return TeamMembership.objects.filter(team=team, user=user.pk, is_manager=True).exists()


def verbs_for(user: Any, action: Action) -> frozenset[str]:
    return frozenset().union(*(VERBS[name] for name in standings(user, action)))


def get_action_or_404(user: Any, pk: int, verb: str) -> Action:
    """An action with `.verbs` (what the person may do) and `.opens_event` (whether its event's pages open for them)."""
    if verb not in ALL:
        raise KeyError(f"no such verb: {verb}")
    found = Action.objects.visible_to(user).select_related(
        "owner", "created_by", "factor", "cause", "split_from", "event__team"
    )
    action: Any = found.filter(pk=pk).first()
    if action is None:
        raise Http404("No such action.")
    action.verbs = verbs_for(user, action)
    action.opens_event = Event.objects.visible_to(user).filter(pk=action.event_id).exists()
    if verb not in action.verbs:
        raise PermissionDenied("The action’s owner, the facilitator of its review and the team’s manager can do this.")
    return action


def sees_action(user: Any, pk: int) -> bool:
    return bool(Action.objects.visible_to(user).filter(pk=pk).exists())


def may_commit_in(user: Any, event: Event) -> bool:
    """Whether the person may commit in this event: its facilitator and scribe; the team's manager once it is published."""
    role = getattr(event, "role", None) or event_access.role_of(user, event)
    if event_access.may(role, "commit action"):
        return True
    if event.state != State.PUBLISHED or user.is_guest or event.team_id is None:
        return False
    return manages(user, event.team_id)


def get_event_for_proposing_or_404(user: Any, code: str) -> Any:
    """An event in which the person may add an action, with `.role` and `.may_commit`."""
    event: Any = Event.objects.visible_to(user).select_related("team", "impact", "t0_entry").filter(code=code).first()
    if event is None:
        raise Http404("No such event.")
    event.role = event_access.role_of(user, event)
    event.may_commit = may_commit_in(user, event)
    if not event_access.may(event.role, "propose action") and not event.may_commit:
        raise PermissionDenied("People who take part in the review propose actions. Ask its facilitator for the role.")
    return event


def teams_of(user: Any) -> dict[int, bool]:
    """The person's teams by key: whether they manage it. One query."""
    return {} if user.is_guest else dict(user.team_memberships.values_list("team", "is_manager"))


def managed_teams(user: Any) -> list[int]:
    """Teams that the person manages. One query."""
    return [team for team, is_manager in teams_of(user).items() if is_manager]


def sees_figures(user: Any, managed: list[int]) -> bool:
    """Figures are for managers and administrators; everybody else has lists."""
    return bool(managed) or user.is_admin


def people_near(event: Event) -> list[User]:
    """The event's people and its team: among whom a name typed in the room is looked for. One query."""
    near = Q(memberships__event=event)
    if event.team_id:
        near |= Q(team_memberships__team=event.team_id)
    return _listed(User.objects.filter(near, is_active=True).distinct())


def _listed(people: Iterable[User]) -> list[User]:
    return sorted(people, key=lambda person: by_name(person.name))


def people_for(user: Any, event: Event, *, opens_event: bool = True) -> tuple[list[User], list[User]]:
    """Who can own an action of this event, as the person may know it: those near to the event, and everybody else.

    A guest knows the people of the own event only. Whoever owns an action without a role in its review chooses among all
    members, and does not learn from the form who took part.
    """
    near = people_near(event) if opens_event else []
    if user.is_guest:
        return near, []
    known = {person.pk for person in near}
    everybody = User.objects.filter(is_active=True, is_guest=False)
    return near, _listed(person for person in everybody if person.pk not in known)


def parked_ideas(event: Any) -> Any:
    """What was parked in the room for its actions and is not taken up yet. Nothing once the review is published: then people
    read on who were not there."""
    ideas = RoomNote.objects.kept().filter(event=event, parked_for="actions", became="").order_by("id")
    return ideas.none() if event.state == State.PUBLISHED else ideas.select_related("created_by")


def idea_of(event: Any, pk: int) -> RoomNote | None:
    return parked_ideas(event).filter(pk=pk).first()


def made_by(event: Any, operation: Operation) -> Action | None:
    """The action that a press made when it was pressed first; None where it was taken back."""
    kind, _, pk = operation.subject.partition(":")
    return Action.objects.filter(event=event, pk=pk).first() if kind == "action" else None


def factors_of(event: Event) -> Any:
    return Factor.objects.kept().filter(event=event)


def causes_of(event: Event) -> Any:
    """Where the branches of the causes end: what an action can change."""
    return WhyNode.objects.kept().filter(event=event, is_root_cause=True)


def read_factors(event: Event) -> list[Factor]:
    return once(event, "factors", lambda e: list(factors_of(e)))


def read_causes(event: Event) -> list[WhyNode]:
    return once(event, "root causes", lambda e: list(causes_of(e)))
