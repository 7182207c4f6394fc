"""What the calendars of an event's people hold of its meeting, so that a change reaches exactly those it concerns."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from aar_site import clock
from retros import limits
from retros.models.event import Event


class MeetingCalendar(models.Model):
    """One per event: the number of the last round of invitations, and since when the meeting stands as it stands now."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="calendar")
    sequence = models.PositiveIntegerField(default=0)
    seen = models.CharField("fingerprint of the meeting and its people", max_length=64, blank=True)
    seen_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"Calendar of event {self.event_id}"


class CalendarCopy(models.Model):
    """What one person's calendar holds: the meeting as it was last sent to them, or that it was cancelled."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="calendar_copies")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=limits.TITLE)
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    is_cancelled = models.BooleanField(default=False)
    sent_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "person"], name="calendar_copy_once"),
            models.CheckConstraint(condition=models.Q(minutes__gte=5, minutes__lte=240), name="calendar_copy_length"),
        ]

    def __str__(self) -> str:
        return f"Event {self.event_id} in the calendar of {self.person_id}"
