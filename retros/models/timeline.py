"""Moments of the event: when, what, where it is known from, and what it marks."""

from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from aar_site import clock
from retros import limits
from retros.models.event import Event, Precision
from retros.models.text import LongText
from retros.querysets import EntryQuerySet


class Source(models.TextChoices):
    LOG = "log", "Log"
    CHAT = "chat", "Chat"
    TICKET = "ticket", "Ticket"
    MONITORING = "monitoring", "Monitoring"
    ACCOUNT = "account", "Account"
    DOCUMENT = "document", "Document"
    MEMORY = "memory", "Memory"


class EntryType(models.TextChoices):
    SIGNAL = "signal", "Signal"
    BELIEF = "belief", "Belief"
    DECISION = "decision", "Decision"
    ACTION = "action", "Action"
    COMMUNICATION = "communication", "Communication"
    RECOVERY = "recovery", "Recovery"
    CONTEXT = "context", "Context"


class Landmark(models.TextChoices):
    """Moments that every review asks for; times between them are derived, never typed."""

    IMPACT_START = "impact_start", "Impact begins"
    DETECTED = "detected", "Detected"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    DECLARED = "declared", "Severity set, lead assigned"
    INVESTIGATION = "investigation", "Cause understood"
    MITIGATION = "mitigation", "Mitigation begins"
    MITIGATED = "mitigated", "Impact ends"
    COMMUNICATION = "communication", "First word to customers"
    VERIFICATION = "verification", "Verified"
    RESOLVED = "resolved", "Resolved"
    PRE_LAUNCH = "pre_launch", "Decision before the launch"
    LAUNCH = "launch", "Launch"
    CUTOVER = "cutover", "Cutover step"
    ANNOUNCED = "announced", "Announced"
    FIRST_DAY = "first_day", "First 24 hours"
    FIRST_WEEK = "first_week", "First week"
    PHASE = "phase", "Phase begins"


class TimelineEntry(models.Model):
    """One moment. `at` may be missing where the source is vague: then `at_text` holds the source's words, and the entry
    keeps its place by `sort_at` (that of its predecessor) and `rank`."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="entries")
    at = models.DateTimeField("when", null=True, blank=True)
    until = models.DateTimeField("until", null=True, blank=True)
    utc_offset = models.SmallIntegerField("minutes east of UTC, as given", null=True, blank=True)
    precision = models.CharField(max_length=8, choices=Precision, default=Precision.EXACT)
    at_text = models.CharField("when, as given", max_length=120, blank=True)
    sort_at = models.DateTimeField(null=True, editable=False)
    rank = models.PositiveIntegerField(default=0, editable=False)
    text = LongText("what happened", max_length=limits.ENTRY)
    type = models.CharField("type", max_length=14, choices=EntryType, blank=True)
    landmark = models.CharField("marks", max_length=14, choices=Landmark, blank=True)
    source = models.CharField("known from", max_length=10, choices=Source, default=Source.MEMORY)
    source_label = models.CharField("source", max_length=limits.LINE, blank=True)
    source_url = models.CharField("link", max_length=500, blank=True)
    raw = LongText("quoted", max_length=limits.ENTRY, blank=True)
    is_key = models.BooleanField("key moment", default=False)
    is_planned = models.BooleanField("planned", default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, editable=False)
    author = models.CharField("who said or did it, as the source names them", max_length=limits.NAME, blank=True)
    imported = models.ForeignKey(
        "retros.Import", on_delete=models.CASCADE, null=True, blank=True, editable=False, related_name="entries"
    )
    import_row = models.PositiveIntegerField("place among the moments of its record", null=True, editable=False)

    objects = EntryQuerySet.as_manager()

    # What a page attaches where it is so. Every row of a hundred is asked, and templates are slow to find that nothing is there.
    quoted: Any = None  # the sentence of an account that it came from (LiftedMoment)
    remembered: Any = None  # how else it is remembered (services.remembered.Remembered)

    class Meta:
        ordering: ClassVar = [models.F("sort_at").asc(nulls_first=True), "rank", "id"]
        indexes: ClassVar = [models.Index(fields=["event", "sort_at", "rank"], name="entry_in_order")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(text=""), name="entry_has_text"),
            models.CheckConstraint(
                condition=models.Q(at__isnull=False) | ~models.Q(at_text=""),
                name="entry_has_a_time_or_words_for_it",
                violation_error_message="Enter a time, or say in words when it was.",
            ),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("at")),
                name="entry_ends_after_its_start",
                violation_error_message="The end lies before the start.",
            ),
            models.CheckConstraint(
                condition=models.Q(at__isnull=True) | models.Q(sort_at__isnull=False),
                name="entry_with_a_time_has_a_place",
            ),
            models.CheckConstraint(
                condition=models.Q(utc_offset__isnull=True) | models.Q(utc_offset__gte=-840, utc_offset__lte=840),
                name="entry_offset_lies_on_earth",
            ),
            models.CheckConstraint(condition=models.Q(precision__in=Precision.values), name="entry_precision_is_known"),
            models.CheckConstraint(
                condition=models.Q(imported=None, import_row=None)
                | models.Q(imported__isnull=False, import_row__isnull=False),
                name="entry_of_a_record_has_its_row",
            ),
            models.UniqueConstraint(fields=["imported", "import_row"], name="entry_of_a_record_once"),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def local_at(self) -> datetime | None:
        """The moment on the clock that the source used; in the event's zone where the source gave no offset."""
        if self.at is None:
            return None
        if self.utc_offset is None:
            return self.at.astimezone(self.event.zone)
        return self.at.astimezone(timezone(timedelta(minutes=self.utc_offset)))
