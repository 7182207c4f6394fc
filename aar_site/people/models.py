"""Who you are: users, teams with their managers, services, and the one-time code of the first start."""

import unicodedata
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models.functions import Lower

from aar_site import clock
from aar_site.people import zones
from aar_site.words import by_name

DEMO_DOMAIN = "@demo.example"  # .example is reserved: nobody real can have such an address, and no mail goes there


def normal_email(address: str) -> str:
    """One spelling per mailbox: NFKC, casefolded, trimmed."""
    return unicodedata.normalize("NFKC", address).strip().casefold()


class UserManager(BaseUserManager["User"]):
    """Creates users; everything else is a queryset of its caller."""

    def create_user(self, email: str, name: str = "", password: str | None = None, **extra: object) -> "User":
        """A person who can sign in by mailed code, and by password if one is given."""
        user = self.model(email=normal_email(email), name=name or email.split("@", maxsplit=1)[0], **extra)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
        return user

    def create_superuser(self, email: str, name: str = "", password: str | None = None, **extra: object) -> "User":
        """An administrator of the organisation, made on the command line."""
        return self.create_user(email, name, password, is_admin=True, **extra)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normal_email(username or ""))


class User(AbstractBaseUser):
    """One principal everywhere: members, administrators, and guests (who are bound to one event and have no password)."""

    email = models.EmailField("e-mail", unique=True, max_length=254)
    name = models.CharField("name", max_length=80, validators=[MinLengthValidator(1)])
    is_active = models.BooleanField("can sign in", default=True)
    is_admin = models.BooleanField("administrator", default=False)
    is_guest = models.BooleanField("guest", default=False)
    time_zone = models.CharField("time zone", max_length=64, default="UTC", validators=[zones.validate_zone])
    created_at = models.DateTimeField(default=clock.now, editable=False)

    # Of a request that came by a personal link, set by the edge and never stored: the one event that it may see, and whether
    # the person, a guest in this request, is a member who could sign in.
    only_event: int | None = None
    is_member_by_link = False

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        db_table = "people_user"
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="user_email_is_lower_case",
                violation_error_message="Write the address in lower case.",
            ),
            models.CheckConstraint(
                condition=~models.Q(is_guest=True, is_admin=True),
                name="user_guest_is_no_admin",
                violation_error_message="A guest cannot be an administrator.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self.email = normal_email(self.email)
        self.name = clean_name(self.name)

    def get_full_name(self) -> str:
        return self.name

    @property
    def is_demo(self) -> bool:
        """An invented person of `manage.py demo`."""
        return self.email.endswith(DEMO_DOMAIN)


def clean_name(name: str) -> str:
    """NFC, one line, without control, bidi and zero-width characters; refuses a name with nothing left."""
    kept = "".join(
        c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    )
    kept = " ".join(kept.split())
    if not kept:
        raise ValidationError({"name": "Enter a name."})
    return kept


class Team(models.Model):
    """A group that owns events and follows their actions through."""

    name = models.CharField("name", max_length=80, unique=True)
    members = models.ManyToManyField(User, through="TeamMembership", related_name="teams")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "people_team"
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def manager_names(self) -> list[str]:
        """Of those who are told when an action stays late; reads `memberships` with their users."""
        found = (row.user.name for row in self.memberships.all() if row.is_manager and row.user.is_active)
        return sorted(found, key=by_name)

    @property
    def service_names(self) -> list[str]:
        """What it owns; reads `services`."""
        return sorted((row.name for row in self.services.all()), key=by_name)


class TeamMembership(models.Model):
    """Who belongs to a team, and who manages it."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="team_memberships")
    is_manager = models.BooleanField("manager", default=False)

    class Meta:
        db_table = "people_team_membership"
        ordering: ClassVar = ["user__name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "user"],
                name="team_membership_once",
                violation_error_message="This person is in the team already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class Service(models.Model):
    """Something an event can affect; the tag by which open actions and similar events find each other."""

    name = models.CharField("name", max_length=80, unique=True)
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="services")

    class Meta:
        db_table = "people_service"
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class SetupCode(models.Model):
    """The one-time code that the server prints at the first start; only its hash is kept."""

    code_sha256 = models.CharField(max_length=64)
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "people_setup_code"

    def __str__(self) -> str:
        return f"code of {self.created_at:%Y-%m-%d %H:%M}"
