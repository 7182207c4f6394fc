"""What a launch, a project, a decision and a recurring issue know that an incident does not. Variances are computed, never stored."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from retros import limits, timing, when
from retros.models.event import Event, Precision
from retros.models.text import LongText


def precision(default: str = Precision.DAY) -> models.CharField:  # type: ignore[type-arg]
    """How much of a date is known: a month alone is kept as its first or last day, and shown as the month."""
    return models.CharField(max_length=8, choices=Precision, default=default)


def ends_after_start(start: str, end: str, name: str) -> models.CheckConstraint:
    """A constraint: where both ends are known, the second does not lie before the first."""
    return models.CheckConstraint(
        condition=Q(**{f"{start}__isnull": True}) | Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": F(start)}),
        name=name,
        violation_error_message="The end lies before the start.",
    )


class Launch(models.Model):
    """How a launch went: planned window beside the event's own start and end, rollback, the first seven days."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="launch")
    scope = LongText("what went out, and to whom", max_length=limits.NOTE, blank=True)
    planned_start = models.DateTimeField("planned from", null=True, blank=True)
    planned_start_precision = precision(Precision.EXACT)
    planned_end = models.DateTimeField("planned to", null=True, blank=True)
    planned_end_precision = precision(Precision.EXACT)
    maintenance_minutes = models.PositiveIntegerField("maintenance time in minutes", null=True, blank=True)
    issue_count = models.PositiveIntegerField("issues during the launch", null=True, blank=True)
    issue_note = LongText("their severity, and what they were", max_length=limits.NOTE, blank=True)
    was_rolled_back = models.BooleanField("rolled back", null=True, blank=True)
    rollback_note = LongText("what was rolled back, and why then", max_length=limits.NOTE, blank=True)
    first_week_incidents = models.PositiveIntegerField("incidents in the first seven days", null=True, blank=True)
    first_week_note = LongText("the first seven days", max_length=limits.NOTE, blank=True)
    business_outcome = LongText("business outcome", max_length=limits.NOTE, blank=True)

    class Meta:
        constraints: ClassVar = [ends_after_start("planned_start", "planned_end", "launch_window_ends_after_its_start")]

    def __str__(self) -> str:
        return f"Launch of {self.event_id}"

    @property
    def planned_words(self) -> str:
        """The planned window in the event's zone, with as much of it as is known."""
        start, end = (at.astimezone(self.event.zone) if at else None for at in (self.planned_start, self.planned_end))
        if start and end and self.planned_start_precision == self.planned_end_precision == Precision.DAY:
            return timing.date_range(start, end)
        told = [when.words(start, self.planned_start_precision), when.words(end, self.planned_end_precision)]
        return " \u2013 ".join(words for words in told if words)


class Goal(models.Model):
    """One goal of a project or launch, and how far it was met. "Not met" is a finding, not a fault."""

    class Outcome(models.TextChoices):
        MET = "met", "Met"
        PARTLY = "partly", "Partly met"
        NOT_MET = "not_met", "Not met"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="goals")
    text = models.CharField("goal", max_length=limits.LINE)
    outcome = models.CharField("outcome", max_length=8, choices=Outcome, blank=True)
    note = LongText("what shows it", max_length=limits.NOTE, blank=True)
    rank = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["rank", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="goal_says_what"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "met", "partly", "not_met"]), name="goal_outcome_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Phase(models.Model):
    """A stretch of a project or launch: planned and actual days."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="phases")
    title = models.CharField("phase", max_length=120)
    planned_start = models.DateField("planned from", null=True, blank=True)
    planned_start_precision = precision()
    planned_end = models.DateField("planned to", null=True, blank=True)
    planned_end_precision = precision()
    actual_start = models.DateField("from", null=True, blank=True)
    actual_start_precision = precision()
    actual_end = models.DateField("to", null=True, blank=True)
    actual_end_precision = precision()
    note = LongText("what moved it", max_length=limits.NOTE, blank=True)
    rank = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["rank", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(title=""), name="phase_has_a_title"),
            ends_after_start("planned_start", "planned_end", "phase_plan_ends_after_its_start"),
            ends_after_start("actual_start", "actual_end", "phase_ends_after_its_start"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def variance(self) -> timedelta | None:
        """Actual end minus planned end; None while one of them is missing."""
        return self.actual_end - self.planned_end if self.actual_end and self.planned_end else None

    @property
    def planned_words(self) -> str:
        return timing.days_words(self, "planned")

    @property
    def actual_words(self) -> str:
        return timing.days_words(self, "actual")

    @property
    def variance_words(self) -> str:
        return timing.variance_words(self)


class Choice(models.Model):
    """A decision in retrospect: of a project, one that was taken on the way; of a decision review, one of its options."""

    class Again(models.TextChoices):
        YES = "yes", "The same again"
        OTHERWISE = "otherwise", "Otherwise, with what we knew"
        UNKNOWABLE = "unknowable", "Could not have been known"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="choices")
    text = models.CharField("decision or option", max_length=limits.LINE)
    decided_on = models.DateField("decided on", null=True, blank=True)
    decided_on_precision = precision()
    was_chosen = models.BooleanField("chosen", default=True)
    known_then = LongText("what was known then", max_length=limits.NOTE, blank=True)
    expected = LongText("what was expected of it", max_length=limits.NOTE, blank=True)
    outcome = LongText("what came of it", max_length=limits.NOTE, blank=True)
    again = models.CharField("would we do it again", max_length=12, choices=Again, blank=True)
    rank = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["rank", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="choice_says_what"),
            models.CheckConstraint(
                condition=Q(again__in=["", "yes", "otherwise", "unknowable"]), name="choice_again_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def decided_words(self) -> str:
        return timing.day_words(self.decided_on, self.decided_on_precision)


class Occurrence(models.Model):
    """One earlier time of a recurring issue: an event that was reviewed here, or a line about one that was not."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="occurrences")
    earlier = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, blank=True, related_name="recurs_in")
    on = models.DateField("day", null=True, blank=True)
    on_precision = precision()
    text = models.CharField("what happened", max_length=limits.LINE, blank=True)
    promised = LongText("what was promised then", max_length=limits.NOTE, blank=True)
    became = LongText("what became of it", max_length=limits.NOTE, blank=True)
    rank = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["on", "rank", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(earlier__isnull=False) | ~Q(text=""), name="occurrence_says_what"),
            models.UniqueConstraint(
                fields=["event", "earlier"],
                name="occurrence_once",
                violation_error_message="This event is linked already.",
            ),
            models.CheckConstraint(
                condition=Q(earlier__isnull=True) | ~Q(earlier=F("event")), name="occurrence_is_another"
            ),
        ]

    def __str__(self) -> str:
        return self.text or str(self.earlier)

    @property
    def on_words(self) -> str:
        return timing.day_words(self.on, self.on_precision)
