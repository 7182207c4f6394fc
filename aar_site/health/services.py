"""Signs of life: scheduler and worker write them, and a probe writes nothing that stays."""

from django.db import transaction

from aar_site import clock
from aar_site.health.models import Heartbeat


def note(name: str) -> None:
    """This part was alive just now."""
    Heartbeat.objects.update_or_create(name=name, defaults={"seen_at": clock.now()})


def try_to_write() -> None:
    """Write a row and take it back. Raises DatabaseError where the database takes no change."""
    with transaction.atomic():
        Heartbeat.objects.update_or_create(name="probe", defaults={"seen_at": clock.now()})
        transaction.set_rollback(True)
