"""Roles that change in the middle of a meeting, without anybody leaving the room."""

import uuid
from typing import Any

from retros.live.log import WrongState, change
from retros.models import Membership, Role
from retros.services.people import SCRIBE_IS_ANOTHER, check_colleague
from retros.services.states import check_reviewed


def set_role(membership: Membership, *, role: str, by: Any, op: uuid.UUID | None = None) -> Membership:
    """Make somebody participant, observer or scribe. A new scribe takes the pen over: the former one takes part from then on.

    The facilitator's role is handed over, never taken off here; so the scribe is always another person.
    """
    with change(membership.event, "people,lead", "changed a role", by=by, op=op) as done:
        check_reviewed(done.event)
        fresh = (
            Membership.objects.select_for_update(of=("self",)).select_related("user").filter(pk=membership.pk).first()
        )
        if fresh is None:
            raise WrongState("This person was taken out of the review meanwhile.")
        if fresh.role == Role.FACILITATOR:
            raise WrongState(
                SCRIBE_IS_ANOTHER
                if role == Role.SCRIBE
                else "A review always has a facilitator. Hand the agenda over first."
            )
        check_colleague(fresh.user, role)
        if role == Role.SCRIBE:
            former = Membership.objects.filter(event=done.event, role=Role.SCRIBE).exclude(pk=fresh.pk)
            done.detail["former"] = list(former.values_list("user_id", flat=True))
            former.update(role=Role.PARTICIPANT)
        before, fresh.role = fresh.role, role
        fresh.save(update_fields=["role"])
        done.about(fresh, **done.detail, before={"role": before}, after={"role": role})
        return fresh
