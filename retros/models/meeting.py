"""The meeting: agenda steps with their time, notes and parked ideas, anonymous answers at the close."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from aar_site import clock
from retros import limits
from retros.models.event import Event
from retros.models.text import LongText
from retros.models.timeline import TimelineEntry
from retros.querysets import KeptQuerySet


class Walks(models.TextChoices):
    """Which moments the room stops at when it walks the timeline."""

    KEY = "key", "Key moments"
    ALL = "all", "All moments"


class Meeting(models.Model):
    """The state of the room. Time counts on the server: spent seconds live in the steps, the running one since `since`."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="meeting")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    step = models.ForeignKey("retros.AgendaStep", on_delete=models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField("the current step runs since; empty while paused", null=True)
    cursor = models.ForeignKey(TimelineEntry, on_delete=models.SET_NULL, null=True, related_name="+")
    walks = models.CharField(
        "which moments the walk stops at; empty until somebody chose", max_length=3, choices=Walks, blank=True
    )
    cause = models.ForeignKey("retros.WhyNode", on_delete=models.SET_NULL, null=True, related_name="+")
    writing_since = models.DateTimeField("silent writing is open since; empty while it is not", null=True)
    agreed_count = models.PositiveIntegerField("how many agreed to the ground rule", default=0)
    rests_since = models.DateTimeField("closed for today, to go on later; its clock stands meanwhile", null=True)
    resumes_at = models.DateTimeField("until when it rests, where that is known", null=True)
    first_lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Who facilitated before the role was handed on, and may take it back.",
    )
    asked_to_lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="Who is asked to take over, while the facilitator is away.",
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(walks__in=["", "key", "all"]), name="meeting_walks_is_known"),
            models.CheckConstraint(
                condition=models.Q(rests_since__isnull=True) | models.Q(since__isnull=True),
                name="meeting_rests_with_its_clock_stopped",
            ),
            models.CheckConstraint(
                condition=models.Q(resumes_at__isnull=True) | models.Q(rests_since__isnull=False),
                name="meeting_that_resumes_rests",
            ),
        ]

    def __str__(self) -> str:
        return f"Meeting of event {self.event_id}"


class AgendaStep(models.Model):
    """One step of the agenda; planned and spent time in seconds."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="steps")
    rank = models.PositiveSmallIntegerField()
    slug = models.CharField(max_length=20)
    title = models.CharField(max_length=limits.NAME)
    planned_s = models.PositiveIntegerField()
    spent_s = models.PositiveIntegerField(default=0)
    is_done = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["rank"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["meeting", "rank"], name="agenda_step_rank_once")]

    def __str__(self) -> str:
        return self.title


class RoomNote(models.Model):
    """What was said, kept by somebody in the room; or an idea that is parked for a later step."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="notes")
    step_slug = models.CharField(max_length=20)
    parked_for = models.CharField("parked for this step; empty for a note", max_length=20, blank=True)
    text = LongText("note", max_length=limits.NOTE)
    entry = models.ForeignKey(
        TimelineEntry, on_delete=models.SET_NULL, null=True, editable=False, related_name="notes",
        verbose_name="the moment that the room stood at",
    )  # fmt: skip
    became = models.CharField(
        "what the idea was turned into, like 'factor:12'; 'dropped' where it was let go", max_length=30, blank=True
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = KeptQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(text=""), name="room_note_has_text"),
            models.CheckConstraint(
                condition=models.Q(became="") | ~models.Q(parked_for=""), name="room_note_became_if_it_was_parked"
            ),
        ]

    def __str__(self) -> str:
        return f"Note {self.pk}"


class Learned(models.TextChoices):
    YES = "yes", "Yes"
    LITTLE = "little", "A little"
    NO = "no", "Not today"


class Again(models.TextChoices):
    YES = "yes", "Yes"
    PERHAPS = "perhaps", "Perhaps"
    NO = "no", "No"


class ClosingAnswer(models.Model):
    """Two anonymous answers at the close, and one thing if they like. No person, no time: nothing that could tell whose they are.

    `op` is random and made by the form; it stands nowhere else, and lets a second press find the first.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="closing_answers")
    learned = models.CharField("learned something that changes their work", max_length=6, choices=Learned)
    again = models.CharField("would come again", max_length=7, choices=Again)
    thing = LongText("one thing to take along", max_length=limits.LINE, blank=True)
    op = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(learned__in=Learned.values, again__in=Again.values), name="closing_answer_is_known"
            )
        ]

    def __str__(self) -> str:
        return f"Closing answer of event {self.event_id}"
