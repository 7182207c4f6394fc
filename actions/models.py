"""Owned action items: specific, dated, sized, closeable, followed until they close; and the reminders sent for them."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from aar_site import clock
from actions.querysets import ActionQuerySet
from retros import limits
from retros.models import Event, Factor, WhyNode


class Size(models.TextChoices):
    SMALL = "S", "S, hours"
    MEDIUM = "M", "M, days"
    LARGE = "L", "L, weeks"


class ActionType(models.TextChoices):
    PREVENT = "prevent", "Prevent"
    DETECT = "detect", "Detect"
    MITIGATE = "mitigate", "Mitigate"
    REPAIR = "repair", "Repair"
    PROCESS = "process", "Process"
    DOCUMENTATION = "documentation", "Documentation"
    TRAINING = "training", "Training"
    COMMUNICATE = "communicate", "Communicate"
    DIAGNOSE = "diagnose", "Diagnose"


class Strength(models.TextChoices):
    STRONGER = "stronger", "Stronger"
    INTERMEDIATE = "intermediate", "Intermediate"
    WEAKER = "weaker", "Weaker"


class Status(models.TextChoices):
    PROPOSED = "proposed", "Proposed"
    COMMITTED = "committed", "Committed"
    IN_PROGRESS = "in_progress", "In progress"
    BLOCKED = "blocked", "Blocked"
    DONE = "done", "Done"
    CHECKED = "checked", "Effect checked"
    DROPPED = "dropped", "Dropped"


OPEN = (Status.COMMITTED, Status.IN_PROGRESS, Status.BLOCKED)
CLOSED = (Status.DONE, Status.CHECKED, Status.DROPPED)


class Action(models.Model):
    """One action item. From 'committed' on it has an owner, a date, a size and a sentence that says when it is closed."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    title = models.CharField("action", max_length=limits.LINE)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    owner_text = models.CharField("owner, in the source's words", max_length=120, blank=True)
    due_on = models.DateField("due", null=True, blank=True)
    due_text = models.CharField("due, in the source's words", max_length=120, blank=True)
    size = models.CharField("size", max_length=1, choices=Size, blank=True)
    closed_when = models.TextField("closed when", max_length=2000, blank=True)
    type = models.CharField("type", max_length=14, choices=ActionType, blank=True)
    strength = models.CharField("strength", max_length=12, choices=Strength, blank=True)
    factor = models.ForeignKey(Factor, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    cause = models.ForeignKey(WhyNode, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reference = models.CharField("ticket or link", max_length=500, blank=True)
    status = models.CharField("status", max_length=12, choices=Status, default=Status.PROPOSED)
    status_text = models.CharField("status, in the source's words", max_length=60, blank=True)
    blocked_reason = models.TextField("what is in the way", max_length=2000, blank=True)
    drop_reason = models.TextField("why it is dropped", max_length=2000, blank=True)
    review_on = models.DateField("decided not to act: looked at again on", null=True, blank=True)
    evidence = models.TextField("evidence that it is done", max_length=2000, blank=True)
    redated_count = models.PositiveSmallIntegerField(default=0, editable=False)
    split_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    committed_on = models.DateField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    rank = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ActionQuerySet.as_manager()  # type: ignore[django-manager-missing]  # the plugin does not find it here

    class Meta:
        ordering: ClassVar = ["rank", "id"]
        indexes: ClassVar = [
            models.Index(fields=["event"], name="action_by_event"),
            # Open ones have no time of closing: they stand first, by their dates. The last columns spare the reading of rows.
            models.Index(fields=["closed_at", "due_on", "committed_on", "status"], name="action_by_close"),
            models.Index(fields=["owner", "due_on"], name="action_open_by_owner", condition=Q(closed_at__isnull=True)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(title=""), name="action_has_a_title", violation_error_message="Say what will be done."
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="action_status_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "dropped"])
                | (Q(owner__isnull=False, due_on__isnull=False) & ~Q(size="") & ~Q(closed_when="")),
                name="action_committed_is_complete",
                violation_error_message="A committed action has an owner, a date, a size and a sentence that says when it is closed.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["done", "checked", "dropped"], closed_at__isnull=False)
                | (~Q(status__in=["done", "checked", "dropped"]) & Q(closed_at__isnull=True)),
                name="action_closed_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="dropped") | ~Q(drop_reason=""),
                name="action_dropped_has_a_reason",
                violation_error_message="Say why this is not done. It is a legal outcome.",
            ),
            models.CheckConstraint(
                condition=Q(review_on__isnull=True) | Q(status="dropped"), name="action_looked_at_again_was_dropped"
            ),
            models.CheckConstraint(
                condition=~Q(status="blocked") | ~Q(blocked_reason=""),
                name="action_blocked_has_a_reason",
                violation_error_message="Say what is in the way.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def answers(self) -> Factor | None:
        """The factor that it answers; None while that is removed. The row keeps its link, because removal can be undone."""
        return self.factor if self.factor and self.factor.removed_at is None else None

    @property
    def answers_cause(self) -> WhyNode | None:
        """The cause that it answers; None while that is removed."""
        return self.cause if self.cause and self.cause.removed_at is None else None

    def days_late(self, today: date) -> int:
        """Whole days past the due date on the given day; 0 or less while it is not overdue."""
        return (today - self.due_on).days if self.due_on and self.is_open else 0


class Reminder(models.Model):
    """A bundle of reminders to one person on one local day. Its uniqueness is the promise of at most one mail a day."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    local_date = models.DateField()
    kind = models.CharField(max_length=20, default="owner")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "local_date", "kind"], name="reminder_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.kind} reminder of {self.local_date}"


class Nudge(models.Model):
    """That a person was told of an action at one of its levels (days relative to the due date), so that nobody hears it twice.

    By person, because a level may go to several (a team has two managers) and an action may change hands in between.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="nudges")
    due_on = models.DateField("the due date that it speaks of")
    level = models.SmallIntegerField("days after the due date; negative before it")
    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="nudges")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "action", "due_on", "level"], name="nudge_once_a_level")
        ]

    def __str__(self) -> str:
        return f"{self.level} days after {self.due_on}"
