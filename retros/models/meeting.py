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


class Meeting(models.Model):
    """The state of the room. Time counts on the server: spent seconds live in the steps, the running one since `since`."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="meeting")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    step = models.ForeignKey("retros.AgendaStep", on_delete=models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField("the current step runs since; empty while paused", null=True)
    cursor = models.ForeignKey(TimelineEntry, on_delete=models.SET_NULL, null=True, related_name="+")
    agreed_count = models.PositiveIntegerField("how many agreed to the ground rule", default=0)

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
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = KeptQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [models.CheckConstraint(condition=~models.Q(text=""), name="room_note_has_text")]

    def __str__(self) -> str:
        return f"Note {self.pk}"


class ClosingAnswer(models.Model):
    """Two anonymous answers at the close. No person, no time: nothing that could tell whose they are.

    `op` is random and made by the form; it stands nowhere else, and lets a second press find the first.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="closing_answers")
    has_learned = models.BooleanField("learned something that changes their work")
    would_come_again = models.BooleanField("would come again")
    op = models.UUIDField(null=True, unique=True, editable=False)

    def __str__(self) -> str:
        return f"Closing answer of event {self.event_id}"
