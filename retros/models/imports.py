"""A record that is brought into a timeline: read and waiting for a choice, on its way in, added, or taken back as one."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from aar_site import clock
from retros import limits
from retros.models.event import Event


class ImportState(models.TextChoices):
    READ = "read", "To be chosen"
    ADDING = "adding", "Being added"
    ADDED = "added", "Added"
    UNDONE = "undone", "Taken back"


class Import(models.Model):
    """One record. Until it is added it is its owner's alone, and holds the file, so that an answer can read it anew.

    While it is being added its entries stand in the timeline as if removed; one update shows all of them at once.
    `chosen` has a character for each moment found, "1" where it is to be added; `picked` has the reading of an unclear time.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="imports")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # None for the command line
    state = models.CharField(max_length=8, choices=ImportState, default=ImportState.READ)
    name = models.CharField("what it is called", max_length=limits.TITLE)
    format = models.CharField("format that was asked for", max_length=12, default="auto")
    label = models.CharField("what it was read as", max_length=120, blank=True)
    answers = models.JSONField("what was answered to questions of the reader", default=dict, blank=True)
    heading = models.CharField("heading of a table, to remember its columns by", max_length=500, blank=True)
    data = models.BinaryField("the file, compressed", null=True, editable=False)
    reading = models.BinaryField("what was found in it, compressed", null=True, editable=False)
    chosen = models.TextField(blank=True, editable=False)
    picked = models.JSONField(default=dict, blank=True, editable=False)
    outcome = models.JSONField("what was left out, and why", default=dict, blank=True, editable=False)
    count = models.PositiveIntegerField("moments to add, or added", default=0)
    stored = models.PositiveIntegerField("moments stored so far", default=0)
    claimed_until = models.DateTimeField("somebody stores them", null=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    added_at = models.DateTimeField(null=True, editable=False)
    undone_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=ImportState.values), name="import_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(state__in=["read", "adding"], added_at=None)
                | models.Q(state__in=["added", "undone"], added_at__isnull=False),
                name="import_added_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="undone", undone_at__isnull=False)
                | ~models.Q(state="undone") & models.Q(undone_at=None),
                name="import_undone_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["read", "adding"]) | models.Q(data=None, reading=None),
                name="import_keeps_no_file_once_added",
            ),
            models.CheckConstraint(
                condition=models.Q(stored__lte=models.F("count")), name="import_stores_what_it_counts"
            ),
            models.UniqueConstraint(
                fields=["event"], condition=models.Q(state="adding"), name="import_is_added_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.name
