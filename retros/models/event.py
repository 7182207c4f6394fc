"""The event that is being reviewed, its impact, and the people around it."""

import secrets
from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models

from aar_site import clock
from aar_site.people import zones
from aar_site.people.models import Service, Team
from retros import limits
from retros.models.text import LongText
from retros.querysets import EventQuerySet

CODE_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_code() -> str:
    """Nine random letters and digits without look-alikes: the event's name in URLs, where a title would leak."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(9))


class Kind(models.TextChoices):
    INCIDENT = "incident", "Incident"
    LAUNCH = "launch", "Launch"
    PROJECT = "project", "Project"
    RECURRING = "recurring", "Recurring issue"
    DECISION = "decision", "Decision"


class State(models.TextChoices):
    PREPARING = "preparing", "Preparing"
    MEETING = "meeting", "In the room"
    DRAFT = "draft", "Draft"
    REVIEW = "review", "In review"
    PUBLISHED = "published", "Published"
    NOT_REVIEWED = "not_reviewed", "No review"


class Severity(models.TextChoices):
    SEV1 = "sev1", "SEV-1"
    SEV2 = "sev2", "SEV-2"
    SEV3 = "sev3", "SEV-3"
    SEV4 = "sev4", "SEV-4"
    MAJOR = "major", "Major launch"
    MINOR = "minor", "Minor launch"
    LARGE = "large", "Large project"
    MEDIUM = "medium", "Medium project"
    SMALL = "small", "Small project"
    NONE = "", "Not stated"


class Precision(models.TextChoices):
    EXACT = "exact", "Exact"
    APPROX = "approx", "About"
    DAY = "day", "Day only"
    MONTH = "month", "Month only"


class Distribution(models.TextChoices):
    INTERNAL = "internal", "Internal"
    CUSTOMERS = "customers", "Internal and customers"
    PUBLIC = "public", "Public"


class Event(models.Model):
    """What is being reviewed. Every change inside it passes `retros.live.log.change`, which locks this row."""

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    kind = models.CharField("kind", max_length=10, choices=Kind, default=Kind.INCIDENT)
    title = models.CharField("title", max_length=limits.TITLE)
    what_happened = LongText("what happened, in one or two sentences", max_length=2000, blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="events")
    services = models.ManyToManyField(Service, blank=True, related_name="events")
    severity = models.CharField("severity", max_length=10, choices=Severity, blank=True)
    severity_text = models.CharField("severity as the source states it", max_length=120, blank=True)
    time_zone = models.CharField("time zone", max_length=64, default="UTC", validators=[zones.validate_zone])
    started_at = models.DateTimeField("started", null=True, blank=True)
    started_precision = models.CharField(max_length=8, choices=Precision, default=Precision.EXACT)
    ended_at = models.DateTimeField("ended", null=True, blank=True)
    ended_precision = models.CharField(max_length=8, choices=Precision, default=Precision.EXACT)
    t0_entry = models.ForeignKey(
        "retros.TimelineEntry",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="T-0 where somebody moved it; otherwise the detection, else the start.",
    )
    # What a source states of itself, kept to be compared with what the moments say; lengths and days are never taken from here.
    stated_minutes = models.PositiveIntegerField("duration as the source states it", null=True, blank=True)
    stated_on = models.DateField("day as the source's heading states it", null=True, blank=True)
    is_zone_assumed = models.BooleanField("no time zone was named, so times were read as UTC", default=False)
    distribution = models.CharField(max_length=10, choices=Distribution, default=Distribution.INTERNAL)
    is_restricted = models.BooleanField("only for its own people, also after publication", default=False)
    is_cause_unknown = models.BooleanField("cause not established", default=False)
    went_well_none = models.BooleanField("we looked for what went well and found nothing", default=False)

    state = models.CharField(max_length=12, choices=State, default=State.PREPARING)
    not_reviewed_reason = LongText(max_length=2000, blank=True)
    meeting_at = models.DateTimeField("meeting starts", null=True, blank=True)
    meeting_minutes = models.PositiveSmallIntegerField("length of the meeting in minutes", default=75)
    agenda_minutes = models.JSONField("minutes by step of the agenda, where they were edited", default=dict, blank=True)
    accounts_due_at = models.DateTimeField("accounts due", null=True, blank=True)
    revealed_at = models.DateTimeField(null=True, editable=False)
    held_at = models.DateTimeField("meeting held", null=True, blank=True)
    published_at = models.DateTimeField("first published", null=True, editable=False)
    source_url = models.CharField("source", max_length=500, blank=True)
    runbook_url = models.CharField("runbook", max_length=500, blank=True)
    review_on = models.DateField("review planned for", null=True, blank=True)  # of a launch or project opened ahead

    change_seq = models.PositiveBigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["state", "-started_at"], name="event_by_state")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(title=""), name="event_has_a_title"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="event_state_is_known"),
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="event_kind_is_known"),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("started_at")),
                name="event_ends_after_its_start",
                violation_error_message="The end lies before the start.",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="not_reviewed") | ~models.Q(not_reviewed_reason=""),
                name="event_without_review_has_a_reason",
                violation_error_message="Say why this event needs no review.",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published") | models.Q(published_at__isnull=False),
                name="event_published_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(meeting_minutes__gte=5, meeting_minutes__lte=240),
                name="event_meeting_length",
                violation_error_message="A meeting lasts between 5 and 240 minutes.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def local_start(self) -> datetime | None:
        return self.started_at.astimezone(self.zone) if self.started_at else None

    @property
    def local_end(self) -> datetime | None:
        return self.ended_at.astimezone(self.zone) if self.ended_at else None

    @property
    def duration(self) -> timedelta | None:
        """End minus start; None while one of them is missing. Never stored."""
        return self.ended_at - self.started_at if self.started_at and self.ended_at else None

    @property
    def is_serious(self) -> bool:
        """SEV-1, SEV-2 and major launches: the meeting belongs within five days."""
        return self.severity in {Severity.SEV1, Severity.SEV2, Severity.MAJOR}

    @property
    def is_closed(self) -> bool:
        """Nothing is added any more: it is published, or gets no review."""
        return self.state in {State.PUBLISHED, State.NOT_REVIEWED}

    @property
    def is_revealed(self) -> bool:
        return self.revealed_at is not None


class Impact(models.Model):
    """What the event did to people, in words and figures; one per event."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="impact")
    users_affected = models.CharField("who was affected", max_length=limits.LINE, blank=True)
    users_count = models.PositiveBigIntegerField("how many", null=True, blank=True)
    business_effect = LongText("revenue or business effect", max_length=limits.NOTE, blank=True)
    customer_communication = LongText("what customers were told, and when", max_length=limits.NOTE, blank=True)
    regulatory = LongText("regulatory implications", max_length=limits.NOTE, blank=True)
    detected_how = models.CharField("how it was detected", max_length=limits.LINE, blank=True)

    def __str__(self) -> str:
        return f"Impact of {self.event_id}"


class ImpactInterval(models.Model):
    """From when to when something was affected. An event may have several; durations are computed."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="intervals")
    label = models.CharField("what was affected", max_length=limits.LINE)
    started_at = models.DateTimeField("from", null=True, blank=True)
    ended_at = models.DateTimeField("to", null=True, blank=True)
    started_text = models.CharField("from, as given", max_length=120, blank=True)
    ended_text = models.CharField("to, as given", max_length=120, blank=True)

    class Meta:
        ordering: ClassVar = [models.F("started_at").asc(nulls_first=True), "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(started_at__isnull=True)
                | models.Q(ended_at__gte=models.F("started_at")),
                name="impact_interval_ends_after_its_start",
                violation_error_message="The end lies before the start.",
            ),
            models.CheckConstraint(condition=~models.Q(label=""), name="impact_interval_says_what"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def duration(self) -> timedelta | None:
        return self.ended_at - self.started_at if self.started_at and self.ended_at else None


class ImpactFigure(models.Model):
    """One number of the impact with its label: '5,000,000' 'webhook events queued'."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="figures")
    value = models.CharField("figure", max_length=60)
    label = models.CharField("what it counts", max_length=120)
    rank = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["rank", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(value="") & ~models.Q(label=""), name="impact_figure_says_what")
        ]

    def __str__(self) -> str:
        return f"{self.value} {self.label}"


class Role(models.TextChoices):
    FACILITATOR = "facilitator", "Facilitator"
    SCRIBE = "scribe", "Scribe"
    PARTICIPANT = "participant", "Participant"
    OBSERVER = "observer", "Observer"


class Membership(models.Model):
    """A person's role in one event. One role each, so that facilitator and scribe are always two people."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField("role", max_length=12, choices=Role, default=Role.PARTICIPANT)
    was_involved = models.BooleanField("took part in the event", default=False)
    role_in_event = models.CharField("what they did in the event", max_length=120, blank=True)
    attended_at = models.DateTimeField(null=True, editable=False)
    is_attendance_said = models.BooleanField(
        "somebody said whether they came; a browser does not change it", default=False
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["event", "user"],
                name="membership_once",
                violation_error_message="This person is in the review already.",
            ),
            models.UniqueConstraint(
                fields=["event"],
                condition=models.Q(role="facilitator"),
                name="membership_one_facilitator",
                violation_error_message="There is a facilitator already. Hand the role over first.",
            ),
            models.UniqueConstraint(
                fields=["event"],
                condition=models.Q(role="scribe"),
                name="membership_one_scribe",
                violation_error_message="There is a scribe already. Change that person's role first.",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"

    @property
    def writes_account(self) -> bool:
        """Participants are asked for an account; facilitator and scribe too where they took part in the event."""
        return self.role == Role.PARTICIPANT or (self.was_involved and self.role != Role.OBSERVER)
