"""Who is in the room now, who writes, whose hand is up. Passing: nothing of it is history, and nothing reaches the record."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from retros.models.event import Event


class Presence(models.Model):
    """An open page of a person in a room. Here until `until`, unless the page gives another sign of life before.

    The database does not check the two references: checking takes a lock on the event's row, and a sign of life must not wait
    for whoever is just changing the event.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_constraint=False, related_name="+", db_index=False
    )
    line = models.CharField("the page's own random name; empty for pages without script", max_length=32, blank=True)
    seen_at = models.DateTimeField("last sign of life", db_index=True)
    until = models.DateTimeField("counts as here until then")
    writing_until = models.DateTimeField("counts as writing until then", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "user", "line"], name="presence_once_per_line")
        ]

    def __str__(self) -> str:
        return f"Presence of {self.user_id} in {self.event_id}"


class Hand(models.Model):
    """A raised hand. With `floor_at` its person has the floor: one at most in a room."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="hands")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    raised_at = models.DateTimeField()
    floor_at = models.DateTimeField("has the floor since", null=True)

    class Meta:
        ordering: ClassVar = ["raised_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "user"], name="hand_once"),
            models.UniqueConstraint(
                fields=["event"], condition=models.Q(floor_at__isnull=False), name="hand_one_has_the_floor"
            ),
        ]

    def __str__(self) -> str:
        return f"Hand of {self.user_id} in {self.event_id}"
