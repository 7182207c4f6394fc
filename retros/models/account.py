"""What a participant wrote beforehand. Sealed: `ParticipantAccount.objects.readable_by(user)` is the only way to a text."""

from hashlib import blake2b
from typing import ClassVar

from django.conf import settings
from django.db import models

from aar_site import clock
from retros import limits
from retros.models.event import Event, Membership
from retros.models.text import LongText
from retros.models.timeline import TimelineEntry
from retros.querysets import AccountQuerySet, LiftedQuerySet


class AccountState(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "In"
    DECLINED = "declined", "Declined"


class ParticipantAccount(models.Model):
    """One person's account of one event: answers by question slug. Writes before the reveal leave no change row."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="accounts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=AccountState, default=AccountState.DRAFT)
    answers = models.JSONField(default=dict, blank=True)
    note_to_facilitator = LongText("for the facilitator alone", max_length=limits.NOTE, blank=True)
    note_for = models.ForeignKey(  # whoever takes the role over later does not read it
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    saved_at = models.DateTimeField(default=clock.now)
    # Which opened page saved last, and its how manieth save that was: so no other window writes over it unawares.
    saved_page = models.UUIDField(null=True, editable=False)
    saved_count = models.PositiveIntegerField(default=0, editable=False)
    submitted_at = models.DateTimeField(null=True)
    is_late = models.BooleanField("written after the deadline", default=False)
    is_after_reveal = models.BooleanField("first written after the reveal", default=False)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "author"], name="account_once"),
            models.CheckConstraint(condition=models.Q(state__in=AccountState.values), name="account_state_is_known"),
            models.CheckConstraint(
                condition=~models.Q(state="submitted") | models.Q(submitted_at__isnull=False),
                name="account_submitted_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="submitted") | models.Q(submitted_at__isnull=True),
                name="account_not_submitted_has_no_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Account {self.pk} of event {self.event_id}"  # never the text, never the author: this reaches logs

    @property
    def mark(self) -> str:
        """Names the last save: another mark, another text was saved."""
        return f"{self.saved_page or ''}:{self.saved_count}"


class AccountRevision(models.Model):
    """What an account said before an edit that was made after the reveal."""

    account = models.ForeignKey(ParticipantAccount, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    answers = models.JSONField(default=dict)
    replaced_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "number"], name="account_revision_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="account_revision_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"Revision {self.number} of account {self.account_id}"


def sentence_key(question: str, sentence: str) -> str:
    """Names a sentence in an address without saying it; another sentence, another key."""
    return blake2b(f"{question}\n{sentence}".encode(), digest_size=8).hexdigest()


class LiftedMoment(models.Model):
    """Where an entry of the timeline came from: a sentence of an account. As sealed as the account that it quotes.

    The entry says what its author, or who lifted it, chose to say; the sentence stays as it was written.
    """

    entry = models.OneToOneField(TimelineEntry, on_delete=models.CASCADE, related_name="lifted")
    account = models.ForeignKey(ParticipantAccount, on_delete=models.CASCADE, related_name="lifted")
    question = models.CharField("slug of the question", max_length=20)
    sentence = LongText(max_length=limits.ACCOUNT_ANSWER)
    lifted_at = models.DateTimeField(default=clock.now)

    objects = LiftedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(sentence=""), name="lifted_moment_quotes_a_sentence"),
        ]

    def __str__(self) -> str:
        return f"Entry {self.entry_id} from account {self.account_id}"  # never the sentence: this reaches logs

    @property
    def key(self) -> str:
        return sentence_key(self.question, self.sentence)


class AccountReminder(models.Model):
    """That a person was reminded so many hours before a deadline: once for each, whatever the clock does."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="account_reminders")
    due_at = models.DateTimeField("the deadline that it named")
    hours = models.PositiveSmallIntegerField("so many hours before it")
    told_on = models.DateField("the person's own day")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["membership", "due_at", "hours"], name="account_reminder_once"),
            models.CheckConstraint(condition=models.Q(hours__in=[48, 24]), name="account_reminder_hours_are_known"),
        ]

    def __str__(self) -> str:
        return f"Reminder of membership {self.membership_id}, {self.hours} hours before"
