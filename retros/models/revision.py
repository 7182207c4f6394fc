"""Texts of the document by section, every revision of them, and what was published."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from aar_site import clock
from retros import limits
from retros.models.event import Event
from retros.models.text import LongText


class SectionText(models.Model):
    """The current human text of one section. `number` is that of its newest revision; a save names the one it started from."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="section_texts")
    slug = models.CharField(max_length=30)
    text = LongText(max_length=limits.SECTION, blank=True)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["slug"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "slug"], name="section_text_once")]

    def __str__(self) -> str:
        return f"{self.slug} of event {self.event_id}"


class Revision(models.Model):
    """One saved text of a section; never changed afterwards."""

    section = models.ForeignKey(SectionText, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    base_number = models.PositiveIntegerField()
    text = LongText(max_length=limits.SECTION, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["section", "number"], name="revision_once"),
            models.CheckConstraint(
                condition=models.Q(number__gte=1, base_number__lt=models.F("number")), name="revision_follows_its_base"
            ),
        ]

    def __str__(self) -> str:
        return f"Revision {self.number}"


class Publication(models.Model):
    """One published version: the whole document as it stood, in the form that `document.stored` dumps."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="publications")
    version = models.PositiveIntegerField()
    tree = models.JSONField()
    published_at = models.DateTimeField(default=clock.now)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "version"], name="publication_once")]

    def __str__(self) -> str:
        return f"Version {self.version} of event {self.event_id}"
