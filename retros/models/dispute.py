"""A moment that people remember differently, each person's own view of it, and what looked like a mistake and is right."""

from datetime import datetime, timedelta, timezone
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from aar_site import clock
from retros import limits
from retros.models.event import Event, Precision
from retros.models.text import LongText
from retros.models.timeline import Source, TimelineEntry
from retros.querysets import KeptQuerySet


class Resolution(models.TextChoices):
    """Where a dispute stands. Withdrawn: whoever remembered it differently took that back, and nothing is left to settle."""

    OPEN = "open", "Remembered differently"
    ROOM = "room", "Left for the room"
    KEPT = "kept", "Both kept"
    SETTLED = "settled", "Settled"
    WITHDRAWN = "withdrawn", "Taken back"


class Dispute(models.Model):
    """One entry that is remembered in more than one way. The entry says what the timeline says; every view stays beside it.

    `former` is what the entry said before the dispute was settled: reopening brings it back where nobody changed it since.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="disputes")
    entry = models.OneToOneField(TimelineEntry, on_delete=models.CASCADE, related_name="dispute")
    state = models.CharField(max_length=10, choices=Resolution, default=Resolution.OPEN)
    reason = LongText("why", max_length=limits.NOTE, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True, editable=False)
    former = models.JSONField(default=dict, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=Resolution.values), name="dispute_state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "withdrawn"], resolved_at__isnull=True)
                | Q(state__in=["room", "kept", "settled"], resolved_at__isnull=False),
                name="dispute_that_is_decided_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["kept", "settled"]) | ~Q(reason=""),
                name="dispute_that_is_decided_has_a_reason",
                violation_error_message="Say why. Whoever reads this later was not there.",
            ),
        ]

    def __str__(self) -> str:
        return f"Dispute {self.pk} of event {self.event_id}"


class Recollection(models.Model):
    """What one person remembers of a disputed moment: another time, another order, another fact, or several of them.

    The original one is the entry as it stood when somebody first remembered it differently. None is ever written over.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="recollections")
    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="recollections")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_original = models.BooleanField(default=False, editable=False)
    is_chosen = models.BooleanField("the one that was settled on", default=False, editable=False)
    at = models.DateTimeField("when", null=True, blank=True)
    utc_offset = models.SmallIntegerField("minutes east of UTC, as given", null=True, blank=True)
    precision = models.CharField(max_length=8, choices=Precision, default=Precision.EXACT)
    at_text = models.CharField("when, as given", max_length=120, blank=True)
    text = LongText("what happened", max_length=limits.ENTRY, blank=True)
    other = models.ForeignKey(TimelineEntry, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    is_before = models.BooleanField("before that moment, not after it", default=False)
    note = LongText("how they know", max_length=limits.NOTE, blank=True)
    source = models.CharField("known from", max_length=10, choices=Source, default=Source.MEMORY)
    source_label = models.CharField("source", max_length=limits.LINE, blank=True)
    source_url = models.CharField("link", max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = KeptQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(at__isnull=False) | ~Q(at_text="") | ~Q(text="") | Q(other__isnull=False),
                name="recollection_says_something",
                violation_error_message="Say when it was, what came before or after it, or what happened instead.",
            ),
            models.UniqueConstraint(
                fields=["dispute"], condition=Q(is_original=True), name="recollection_one_original"
            ),
            models.UniqueConstraint(fields=["dispute"], condition=Q(is_chosen=True), name="recollection_one_chosen"),
            models.CheckConstraint(
                condition=Q(utc_offset__isnull=True) | Q(utc_offset__gte=-840, utc_offset__lte=840),
                name="recollection_offset_lies_on_earth",
            ),
            models.CheckConstraint(condition=Q(precision__in=Precision.values), name="recollection_precision_is_known"),
        ]

    def __str__(self) -> str:
        return f"Recollection {self.pk} of event {self.event_id}"

    @property
    def local_at(self) -> datetime | None:
        """The moment on the clock that its author used; in the event's zone where no offset was given."""
        if self.at is None:
            return None
        if self.utc_offset is None:
            return self.at.astimezone(self.event.zone)
        return self.at.astimezone(timezone(timedelta(minutes=self.utc_offset)))


class HintAnswer(models.Model):
    """Somebody looked at a hint and says that what it points out is right. `key` names the finding with the values that it
    was made from, so that a later change of those asks again."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="hint_answers")
    key = models.CharField(max_length=120)
    sentence = models.CharField("what was pointed out", max_length=500)
    reason = models.CharField("why it is right", max_length=limits.LINE)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "key"], name="hint_answered_once"),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="hint_answer_has_a_reason",
                violation_error_message="Say why it is right as it stands.",
            ),
        ]

    def __str__(self) -> str:
        return f"Answer {self.pk} of event {self.event_id}"
