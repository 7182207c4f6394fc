"""What waits to be sent: one row per message, with the state of its two-step claim."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from aar_site import clock


class Message(models.Model):
    """One mail to one address. (kind, dedupe_key) is unique, so that a repeated cause cannot send twice."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        CLAIMED = "claimed", "Claimed"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        UNCERTAIN = "uncertain", "Uncertain"
        FAILED = "failed", "Failed"
        DROPPED = "dropped", "Dropped"

    kind = models.CharField(max_length=40)
    dedupe_key = models.CharField(max_length=120)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    address = models.EmailField(max_length=254)
    subject = models.CharField(max_length=150)
    sealed_body = models.BinaryField(
        default=b"", help_text="Encrypted text, HTML and attachments; blanked after sending."
    )
    message_id = models.CharField(max_length=200, unique=True)
    is_urgent = models.BooleanField(default=False)
    may_repeat = models.BooleanField(
        default=False, help_text="An uncertain one is sent again with the same Message-ID."
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.now)
    claimed_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "outbox_message"
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                name="outbox_due",
                condition=models.Q(state__in=["waiting", "claimed", "sending"]),
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "dedupe_key"], name="outbox_message_once"),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["waiting", "claimed", "sending", "sent", "uncertain", "failed", "dropped"]
                ),
                name="outbox_message_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["claimed", "sending"], claimed_until__isnull=False)
                | (~models.Q(state__in=["claimed", "sending"]) & models.Q(claimed_until__isnull=True)),
                name="outbox_message_claim_has_an_end",
            ),
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False)
                | (~models.Q(state="sent") & models.Q(sent_at__isnull=True)),
                name="outbox_message_sent_has_a_time",
            ),
            models.CheckConstraint(condition=models.Q(attempts__lte=20), name="outbox_message_attempts_end"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.address}: {self.state}"

    @property
    def about(self) -> str:
        """Its kind in words: the subject may quote a title that is not for everybody, and who is reminded of an account has
        not handed one in, which is nobody's but the facilitator's to know."""
        return "Reminder" if self.kind == "account_reminder" else self.kind.replace("_", " ").capitalize()

    @property
    def shape(self) -> str:
        """The state as the shape of a tag."""
        shapes = {
            self.State.SENT: "ok",
            self.State.UNCERTAIN: "part",
            self.State.FAILED: "ask",
            self.State.DROPPED: "off",
        }
        return shapes.get(self.State(self.state), "now")
