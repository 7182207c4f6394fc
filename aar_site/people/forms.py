"""Forms of the first start, of people, teams, services and the own profile."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from aar_site.people import zones
from aar_site.people.models import Service, Team, User, clean_name, normal_email


def zone_choices() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in zones.names()]


class NameField(forms.CharField):
    """A person's name: one line, without control characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="Name", max_length=80, **kwargs)
        self.widget.attrs["autocomplete"] = "name"

    def clean(self, value: Any) -> str:
        try:
            return clean_name(super().clean(value))
        except ValidationError as error:
            raise ValidationError(error.messages) from None


class SetupForm(forms.Form):
    """Who becomes the administrator."""

    code = forms.CharField(label="Code", max_length=20, help_text="The server printed it, as part of the link.")
    name = NameField()
    email = forms.EmailField(label="E-mail", max_length=254)
    password1 = forms.CharField(
        label="Password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least ten characters.",
    )
    password2 = forms.CharField(
        label="Password again", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    time_zone = forms.ChoiceField(label="Your time zone", choices=zone_choices, initial="UTC")

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

    name = NameField()
    email = forms.EmailField(label="E-mail", max_length=254)
    teams = forms.ModelMultipleChoiceField(
        Team.objects.all(), label="Teams", required=False, widget=forms.CheckboxSelectMultiple
    )
    is_admin = forms.BooleanField(
        label="Administrator", required=False, help_text="Manages people, teams and services. Reads no sealed account."
    )

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        email = normal_email(self.cleaned_data["email"])
        others = User.objects.exclude(pk=self.user.pk) if self.user else User.objects.all()
        if others.filter(email=email).exists():
            raise ValidationError("Somebody has this address already. Search for it in the list.")
        return email


class ProfileForm(forms.Form):
    """The own name and zone."""

    name = NameField()
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=zone_choices,
        help_text="Times are shown in it, with the event\u2019s own beside them.",
    )


class TeamForm(forms.Form):
    """A team with its people."""

    name = forms.CharField(label="Name", max_length=80)
    members = forms.ModelMultipleChoiceField(
        User.objects.none(), label="Members", required=False, widget=forms.CheckboxSelectMultiple
    )
    managers = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label="Managers",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="They see the team\u2019s open actions with names, and are told when one stays overdue.",
    )

    def __init__(self, *args: Any, people: Any, team: Team | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team
        for name in ("members", "managers"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101 - for the type checker
            field.queryset = people

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        others = Team.objects.exclude(pk=self.team.pk) if self.team else Team.objects.all()
        if others.filter(name__iexact=name).exists():
            raise ValidationError(f"There is a team named \u201c{name}\u201d already.")
        return name


class ServiceForm(forms.Form):
    """Something an event can affect."""

    name = forms.CharField(label="Name", max_length=80)
    team = forms.ModelChoiceField(Team.objects.all(), label="Team", required=False, empty_label="No team")

    def __init__(self, *args: Any, service: Service | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.service = service
