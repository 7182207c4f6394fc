"""Raised hands, and who has the floor: one person at most. Passing: no change is recorded, nothing reaches the record."""

from typing import Any

from django.db import transaction

from aar_site import clock
from retros.live import bell
from retros.live.log import WrongState, change
from retros.models import Event, Hand, Membership, Role
from retros.services.meeting import running


def raise_hand(event: Event, *, by: Any) -> None:
    """Put oneself at the end of the queue; a hand that is up keeps its place."""
    with change(event, None, "", by=by) as done:
        running(done.event)
        Hand.objects.get_or_create(event=done.event, user=by, defaults={"raised_at": clock.now()})
        transaction.on_commit(lambda: bell.ring(event.pk))


def lower_hand(event: Event, *, user_id: int, by: Any) -> None:
    """Take a hand down: out of the queue, or the end of having the floor."""
    with change(event, None, "", by=by) as done:
        Hand.objects.filter(event=done.event, user_id=user_id).delete()
        transaction.on_commit(lambda: bell.ring(event.pk))


def give(event: Event, *, user_id: int, by: Any) -> None:
    """Give somebody the floor, with or without a raised hand; whoever had it is done."""
    with change(event, None, "", by=by) as done:
        running(done.event)
        if not Membership.objects.filter(event=done.event, user_id=user_id).exists():
            raise WrongState("This person is not in the review any more.")
        now = clock.now()
        Hand.objects.filter(event=done.event, floor_at__isnull=False).exclude(user_id=user_id).delete()
        hand, _ = Hand.objects.get_or_create(event=done.event, user_id=user_id, defaults={"raised_at": now})
        Hand.objects.filter(pk=hand.pk, floor_at__isnull=True).update(floor_at=now)
        transaction.on_commit(lambda: bell.ring(event.pk))


# --- Reading --------------------------------------------------------------------------------------------------------
def context(event: Event, members: list[Membership]) -> dict[str, Any]:
    """`speaker`: who has the floor, or None. `queue`: whose hands are up, in order; managers listen, and speak last."""
    hands = {hand.user_id: hand for hand in Hand.objects.filter(event=event)}
    up = [member for member in members if member.user_id in hands]
    speaker = next((member for member in up if hands[member.user_id].floor_at), None)
    queue = [member for member in up if member is not speaker]
    queue.sort(key=lambda member: (member.role == Role.OBSERVER, hands[member.user_id].raised_at))
    return {"speaker": speaker, "queue": queue}


def of(event: Event) -> dict[str, Any]:
    """The same by itself, for the region that is told when a hand goes up."""
    up = Hand.objects.filter(event=event).values("user_id")
    return context(event, list(Membership.objects.filter(event=event, user_id__in=up).select_related("user")))
