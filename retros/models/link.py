"""Personal links: a person's way into one event without signing in. Only hashes of what they carry are kept."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from aar_site import clock
from retros.models.event import Membership


class PersonalLink(models.Model):
    """One person's way into one event. Every mail carries a key of its own to it; all keys end together.

    Whether it opens is computed (retros/services/links.py): the person, their role, the event and the clock decide too.
    """

    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="link")
    issue = models.PositiveIntegerField(default=1, help_text="Sessions name it, so a link made anew ends those before.")
    joined_at = models.DateTimeField(null=True, help_text="When the first browser came in; it is the bound one.")
    browsers = models.PositiveIntegerField(
        default=0, help_text="How many came in; each after the first by a mailed code."
    )
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(joined_at__isnull=True, browsers=0)
                | models.Q(joined_at__isnull=False, browsers__gte=1),
                name="link_joined_by_a_browser",
            ),
            models.CheckConstraint(condition=models.Q(issue__gte=1), name="link_issue_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"Link of membership {self.membership_id}"


class LinkKey(models.Model):
    """What one mail carries in its address: 32 random bytes, of which only the SHA-256 is kept."""

    link = models.ForeignKey(PersonalLink, on_delete=models.CASCADE, related_name="keys")
    issue = models.PositiveIntegerField(default=1, help_text="Opens while it is that of its link.")
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Exact(Length("token_sha256"), 64), name="link_key_is_a_hash")
        ]

    def __str__(self) -> str:
        return f"Key {self.pk} of link {self.link_id}"


class LinkCode(models.Model):
    """The six digits that one more browser needs, mailed to the invited address. For the browser that asked, once."""

    link = models.ForeignKey(PersonalLink, on_delete=models.CASCADE, related_name="codes")
    issue = models.PositiveIntegerField()
    code_hmac = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(tries__lte=3), name="link_code_has_three_tries"),
            models.CheckConstraint(condition=Exact(Length("code_hmac"), 64), name="link_code_is_a_hash"),
        ]

    def __str__(self) -> str:
        return f"Code {self.pk} of link {self.link_id}"
