"""The change log of an event: who changed what and when, numbered without gaps; and the operations already answered."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from aar_site import clock
from retros.models.event import Event


class Change(models.Model):
    """One kept change. (event, seq) is the cursor of the live stream; an auto-increment id would skip rows."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="changes")
    seq = models.PositiveBigIntegerField()
    topics = models.CharField("regions of the room that changed, by comma", max_length=200)
    what = models.CharField("what was done, in a few words without personal text", max_length=120)
    subject = models.CharField("what it was done to, such as entry:12", max_length=40, blank=True)
    detail = models.JSONField("before and after, where the object shows its history", default=dict, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["seq"]
        indexes: ClassVar = [models.Index(fields=["event", "subject"], name="change_by_subject")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "seq"], name="change_seq_once"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="change_seq_starts_at_one"),
        ]

    def __str__(self) -> str:
        return f"{self.what} ({self.seq})"


class Operation(models.Model):
    """An operation id that was carried out. A repeat finds it here and is answered, not done again."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    op = models.UUIDField()
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    seq = models.PositiveBigIntegerField("number of the change; 0 for a sealed write")
    subject = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["actor", "op"], name="operation_once")]

    def __str__(self) -> str:
        return str(self.op)
