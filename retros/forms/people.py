"""Forms of the people of an event."""

from typing import Any

from django import forms

from aar_site.people.models import User
from aar_site.widgets import LongSelect
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


class NewMemberForm(MemberForm):
    """The same with the person to add."""

    user = forms.ModelChoiceField(User.objects.none(), label="Person", empty_label="Choose a person", widget=LongSelect)
    field_order = ("user", "role", "was_involved", "role_in_event")

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["user"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = people


class FacilitatorForm(forms.Form):
    """Whom an administrator names as facilitator."""

    user = forms.ModelChoiceField(
        User.objects.none(), label="Facilitator", empty_label="Choose a person", widget=LongSelect
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["user"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = people
