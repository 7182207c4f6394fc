"""Contributing factors, and what went well."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from aar_site import clock
from retros import limits
from retros.models.event import Event
from retros.models.text import LongText
from retros.querysets import KeptQuerySet


class Category(models.TextChoices):
    """The taxonomy of contributing factors: conditions of a set-up, never traits of a person."""

    CHANGE = "change", "Change and release"
    VERIFICATION = "verification", "Verification before use"
    DETECTION = "detection", "Detection and alerting"
    DIAGNOSIS = "diagnosis", "Diagnosis and observability"
    DESIGN = "design", "Design and coupling"
    CAPACITY = "capacity", "Capacity and load"
    DEPENDENCY = "dependency", "Dependency"
    DATA = "data", "Data and state"
    RECOVERY = "recovery", "Recovery and rollback"
    TOOLING = "tooling", "Interface and tooling"
    ACCESS = "access", "Access and permissions"
    DOCUMENTATION = "documentation", "Documentation and knowledge"
    COMMUNICATION = "communication", "Communication and hand-off"
    OWNERSHIP = "ownership", "Roles and ownership"
    STAFFING = "staffing", "Staffing, workload, time of day"
    PLANNING = "planning", "Planning, estimation, deadline"
    PRIORITIES = "priorities", "Priorities and trade-offs"
    ORGANISATION = "organisation", "Organisation and incentives"
    SECURITY = "security", "Security exposure"
    HISTORY = "history", "History: earlier warning, open action"
    ENVIRONMENT = "environment", "Environment"
    HELPED = "helped", "Helped: limited the harm"


class Factor(models.Model):
    """A condition that made the event more likely, longer or larger."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="factors")
    category = models.CharField("kind of condition", max_length=14, choices=Category)
    text = LongText("condition", max_length=limits.NOTE)
    caught_earlier_if = models.CharField("would have been caught earlier if", max_length=limits.LINE, blank=True)
    rank = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = KeptQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["rank", "id"]
        constraints: ClassVar = [models.CheckConstraint(condition=~models.Q(text=""), name="factor_has_text")]

    def __str__(self) -> str:
        return self.text[:60]


class WellKind(models.TextChoices):
    DETECTION = "detection", "Detection"
    RESPONSE = "response", "Response"
    DECISION = "decision", "Decisions"
    TOOL = "tool", "Tools and processes"
    LUCK = "luck", "Luck"


class LuckAnswer(models.TextChoices):
    """What the room says when it is asked whether luck could become design."""

    PARKED = "parked", "Parked for the actions"
    FINE = "fine", "No, and that is fine"


class WentWell(models.Model):
    """Something that worked and must not be lost; or luck, which asks whether it can become design."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="went_well")
    kind = models.CharField("kind", max_length=10, choices=WellKind, default=WellKind.RESPONSE)
    text = LongText("what worked", max_length=limits.NOTE)
    luck_answer = models.CharField("whether it can become design", max_length=6, choices=LuckAnswer, blank=True)
    rank = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = KeptQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["rank", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(text=""), name="went_well_has_text"),
            models.CheckConstraint(
                condition=models.Q(luck_answer="") | models.Q(kind="luck", luck_answer__in=LuckAnswer.values),
                name="went_well_luck_alone_is_asked",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    def clean(self) -> None:
        if self.kind != WellKind.LUCK:
            self.luck_answer = ""
