"""Silent writing: notes that are sealed until all are shown in one moment, and what the room makes of each."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from aar_site import clock
from retros import limits
from retros.models.analysis import Category, Factor
from retros.models.event import Event
from retros.models.text import LongText
from retros.querysets import SilentQuerySet


class Outcome(models.TextChoices):
    FACTOR = "factor", "Kept as a factor"
    PARKED = "parked", "Parked for the actions"
    LEFT_OUT = "left_out", "Left out"


class SilentNote(models.Model):
    """One condition, written in silence. Its author alone reads it until it is shown; from then on it is the room's.

    At the show the author is erased from the row, so that nothing can tell afterwards who wrote what; `rank` is dealt at random
    then, so that the order does not tell it either. A note whose factor was removed waits to be placed again.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="silent_notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    text = LongText("note", max_length=limits.LINE)
    category = models.CharField("kind of condition, as its author sees it", max_length=14, choices=Category, blank=True)
    shown_at = models.DateTimeField(null=True)
    rank = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    factor = models.ForeignKey(Factor, on_delete=models.SET_NULL, null=True, related_name="notes")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = SilentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["rank", "id"]
        indexes: ClassVar = [models.Index(fields=["event", "shown_at"], name="silent_note_by_event")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="silent_note_has_text"),
            models.CheckConstraint(
                condition=Q(shown_at__isnull=True, author__isnull=False)
                | Q(shown_at__isnull=False, author__isnull=True),
                name="silent_note_shown_has_no_author",
            ),
            models.CheckConstraint(
                condition=Q(shown_at__isnull=False) | Q(outcome="", factor__isnull=True),
                name="silent_note_sealed_is_undecided",
            ),
            models.CheckConstraint(condition=Q(outcome__in=["", *Outcome.values]), name="silent_note_outcome_is_known"),
        ]

    def __str__(self) -> str:
        return f"Silent note {self.pk}"  # never its text: this stands in logs and error reports
