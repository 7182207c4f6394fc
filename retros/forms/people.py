"""Forms of the people of an event."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from aar_site.people.models import User, clean_name, normal_email
from aar_site.widgets import LongSelect, OneByName
from retros import limits
from retros.addresses import parse
from retros.models import Role


class MemberForm(forms.Form):
    """A person's role in the review and in the event."""

    role = forms.ChoiceField(label="Role in the review", choices=Role.choices, initial=Role.PARTICIPANT)
    was_involved = forms.BooleanField(
        label="Took part in the event", required=False, help_text="Then an account is asked for."
    )
    role_in_event = forms.CharField(
        label="What they did in the event",
        max_length=120,
        required=False,
        help_text="A role, such as on-call for databases.",
    )

    def __init__(self, *args: Any, is_guest: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_guest:
            role = self.fields["role"]
            assert isinstance(role, forms.ChoiceField)  # noqa: S101 - for the type checker
            role.choices = [(value, Role(value).label) for value in (Role.PARTICIPANT, Role.OBSERVER)]


class NewMemberForm(MemberForm):
    """The same with the person to add."""

    user = OneByName(User.objects.none(), label="Person", empty_label="Choose a person", widget=LongSelect)
    field_order = ("user", "role", "was_involved", "role_in_event")

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["user"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = people


class InviteForm(MemberForm):
    """Several people at once, by address. Whoever leads or takes notes is chosen among the people afterwards."""

    addresses = forms.CharField(
        label="Mail addresses",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text="One or many, as in your mail program: Femi Ade <femi@example.org>, or the address alone.",
    )
    field_order = ("addresses", "role", "was_involved", "role_in_event")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, is_guest=True, **kwargs)  # most of them will be

    def clean_addresses(self) -> list[tuple[str, str]]:
        """(name, address in its one spelling), each address once; refuses all where one cannot be read."""
        found, wrong = parse(self.cleaned_data["addresses"])
        people: dict[str, str] = {}
        for name, address in found:
            normal = normal_email(address)
            try:
                validate_email(normal)
                people.setdefault(normal, clean_name(name)[: limits.NAME] if name else "")
            except ValidationError:
                wrong.append(address)
        if wrong:
            raise ValidationError(
                [f"“{text[:80]}” is no mail address. Correct it or take it out." for text in wrong[:5]]
            )
        if len(people) > limits.INVITATIONS_AT_ONCE:
            raise ValidationError(f"Invite at most {limits.INVITATIONS_AT_ONCE} people at once.")
        return [(name, address) for address, name in people.items()]


class AskForm(forms.Form):
    """To which address a new link is asked for."""

    email = forms.EmailField(label="Your mail address", max_length=254)


class CodeForm(forms.Form):
    """The code that was mailed."""

    code = forms.CharField(label="Code", max_length=12)


class FacilitatorForm(forms.Form):
    """Whom an administrator names as facilitator."""

    user = OneByName(User.objects.none(), label="Facilitator", empty_label="Choose a person", widget=LongSelect)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["user"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = people
