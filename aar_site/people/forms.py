"""Forms of the first start, of people, teams, services and the own profile."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.functional import lazy

from aar_site.outbox.mail import promised
from aar_site.people import zones
from aar_site.people.models import Service, Team, User, clean_name, normal_email
from aar_site.search import is_named
from aar_site.widgets import OneByName, SeveralByName
from aar_site.words import by_name

SHOWN = "Times are shown in it, with the event\u2019s own beside them."
if_mailed = lazy(promised, str)  # asked when the page is shown, not when the form is defined


def zone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in zones.names()]


def asks(what: str) -> dict[str, str]:
    """What a field says when it is left empty."""
    return {"required": what}


class NameField(forms.CharField):
    """A person's name: one line, without control characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=80, error_messages=asks("Enter a name."), **kwargs)
        self.widget.attrs["autocomplete"] = "name"

    def clean(self, value: Any) -> str:
        try:
            return clean_name(super().clean(value))
        except ValidationError as error:
            raise ValidationError(error.messages) from None


class AddressField(forms.EmailField):
    """A mail address, by which a person signs in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="E-mail", max_length=254, error_messages=asks("Enter a mail address."), **kwargs)


class SetupForm(forms.Form):
    """Who becomes the administrator."""

    code = forms.CharField(
        label="Set-up code",
        max_length=20,
        help_text="The server printed it when it started, so that only the person who runs it can finish this.",
        error_messages=asks("Enter the code that the server printed."),
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off"}),
    )
    name = NameField(label="Your name")
    email = AddressField()
    password1 = forms.CharField(
        label="Password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Ten characters or more. A short sentence is fine.",
        error_messages=asks("Choose a password."),
    )
    password2 = forms.CharField(
        label="The same once more",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages=asks("Type the password once more."),
    )
    time_zone = forms.ChoiceField(
        label="Your time zone",
        choices=zone_choices,
        initial="UTC",
        help_text=if_mailed("Reminders come in your working hours.", ""),
        widget=forms.Select(attrs={"data-guess-zone": True}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, second = data.get("password1"), data.get("password2")
        if first and second and first != second:
            self.add_error("password2", "The two passwords differ. Type both again.")
        elif first:
            try:
                validate_password(first, User(email=data.get("email", ""), name=data.get("name", "")))
            except ValidationError as error:
                self.add_error("password1", error)
        return data


class PersonForm(forms.Form):
    """A member of the organisation."""

    name = NameField(label="Name")
    email = AddressField()
    teams = SeveralByName(
        Team.objects.all(),
        label="Teams",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "three"}),
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=zone_choices,
        help_text=if_mailed(
            "Reminders come in the working hours there. Everybody can change their own.",
            "Everybody can change their own.",
        ),
    )
    is_admin = forms.BooleanField(
        label="Administrator", required=False, help_text="Manages people, teams and services. Reads no sealed account."
    )

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        email = normal_email(self.cleaned_data["email"])
        others = User.objects.exclude(pk=self.user.pk) if self.user else User.objects.filter(is_guest=False)
        if others.filter(email=email).exists():
            raise ValidationError("Somebody has this address already. Search for it in the list.")
        return email


class ProfileForm(forms.Form):
    """The own name and zone."""

    name = NameField(label="Name")
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=zone_choices,
        help_text=if_mailed(f"{SHOWN} Reminders come in your working hours there.", SHOWN),
    )


class TeamForm(forms.Form):
    """A team: its name, somebody to add, and who of its people manages it or leaves it."""

    name = forms.CharField(label="Name", max_length=80, error_messages=asks("Enter a name for the team."))
    joins = forms.CharField(
        label="Add somebody",
        required=False,
        max_length=254,
        help_text="Their address, or their name where only one person has it.",
        widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off"}),
    )
    manages = forms.ModelMultipleChoiceField(User.objects.none(), label="Managers", required=False)
    leaves = forms.ModelMultipleChoiceField(User.objects.none(), label="Leaves", required=False)

    def __init__(self, *args: Any, people: QuerySet[User], team: Team | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("name", team.name if team else "")
        self.team, self.people = team, people
        fields: dict[str, Any] = self.fields
        for name in ("manages", "leaves"):
            fields[name].queryset = team.members.all() if team else User.objects.none()

    def rows(self) -> list[tuple[User, bool, bool]]:
        """Everybody in the team, with the two marks as they were typed, else as they are kept."""
        kept = list(self.team.memberships.select_related("user").order_by("pk")) if self.team else []
        kept.sort(key=lambda row: by_name(row.user.name))
        if not self.is_bound:
            return [(row.user, row.is_manager, False) for row in kept]
        manages, leaves = (set(self.data.getlist(name)) for name in ("manages", "leaves"))  # type: ignore[attr-defined]
        return [(row.user, str(row.user_id) in manages, str(row.user_id) in leaves) for row in kept]

    def clean_joins(self) -> User | None:
        """The person meant; asks back where nobody or more than one is."""
        said = self.cleaned_data["joins"].strip()
        if not said:
            return None
        found = list(self.people.filter(email=normal_email(said))) or list(self.people.filter(is_named(said))[:2])
        if not found:
            raise ValidationError(
                f"Nobody here is called \u201c{said}\u201d. Choose from the list, or add the person first."
            )
        if len(found) > 1:
            raise ValidationError(f"More than one person is called \u201c{said}\u201d. Use the address.")
        return found[0]

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        others = Team.objects.exclude(pk=self.team.pk) if self.team else Team.objects.all()
        if others.filter(is_named(name)).exists():
            raise ValidationError(f"There is a team named \u201c{name}\u201d already.")
        return name


class ServiceForm(forms.Form):
    """Something an event can affect."""

    name = forms.CharField(label="Name", max_length=80, error_messages=asks("Enter a name for the service."))
    team = OneByName(Team.objects.all(), label="Team", required=False, empty_label="No team")

    def __init__(self, *args: Any, service: Service | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.service = service
