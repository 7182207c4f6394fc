"""Why it could happen: nodes of the five whys and the causal chain, and causes that lead to more than one effect."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from aar_site import clock
from retros import limits
from retros.models.event import Event
from retros.models.text import LongText
from retros.models.timeline import TimelineEntry
from retros.querysets import KeptQuerySet


class NodeKind(models.TextChoices):
    CONDITION = "condition", "Condition"
    TRIGGER = "trigger", "Trigger"
    EVENT = "event", "Event"
    DECISION = "decision", "Decision"
    DEFENCE = "defence", "Defence"


class Defence(models.TextChoices):
    """What became of a control that was expected to hold."""

    HELD = "held", "Held"
    PRESENT = "present", "In place, did not hold"
    ABSENT = "absent", "Expected, absent"
    BYPASSED = "bypassed", "Bypassed"
    BELIEF = "belief", "Believed to hold, did not"


class WhyNode(models.Model):
    """One answer to "why was that possible?". The children of a node are its causes; several causes meet ("and").

    The roots (no parent) are the effects that the room asks about. Five whys and causal chain are two views of this tree.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="whys")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="causes")
    rank = models.PositiveIntegerField(default=0)
    question = models.CharField("question", max_length=limits.LINE, blank=True)
    text = LongText("answer", max_length=limits.NOTE)
    kind = models.CharField("kind", max_length=10, choices=NodeKind, default=NodeKind.CONDITION)
    defence = models.CharField("what became of the defence", max_length=8, choices=Defence, blank=True)
    is_root_cause = models.BooleanField("we stop here: a condition that we can change", default=False)
    evidence = models.ManyToManyField(TimelineEntry, blank=True, related_name="supports")
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
            models.CheckConstraint(condition=~models.Q(text=""), name="why_has_text"),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="why_is_not_its_own_cause",
            ),
            models.CheckConstraint(
                condition=models.Q(defence="") | models.Q(kind="defence"), name="why_that_held_is_a_defence"
            ),
            models.UniqueConstraint(
                fields=["parent", "rank"], condition=models.Q(parent__isnull=False), name="why_rank_once"
            ),
            models.UniqueConstraint(
                fields=["event", "rank"], condition=models.Q(parent__isnull=True), name="why_effect_rank_once"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def has_held(self) -> bool:
        return self.defence == Defence.HELD


class SharedCause(models.Model):
    """A cause that leads to one effect more than the one it stands below: a link, so that it is written once."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="shared_causes")
    cause = models.ForeignKey(WhyNode, on_delete=models.CASCADE, related_name="also_leads")
    effect = models.ForeignKey(WhyNode, on_delete=models.CASCADE, related_name="also_causes")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = KeptQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cause", "effect"], name="shared_cause_once"),
            models.CheckConstraint(
                condition=~models.Q(cause=models.F("effect")), name="shared_cause_is_not_its_own_effect"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause_id} also leads to {self.effect_id}"
