"""Forms of the room."""

from django import forms

from retros import limits
from retros.models import Again, Category, Learned, Role


class NoteForm(forms.Form):
    """What was said; or an idea, parked for a step."""

    text = forms.CharField(label="Note", max_length=limits.NOTE, widget=forms.Textarea(attrs={"rows": 2}))
    parked_for = forms.ChoiceField(
        label="Park for", choices=[("", ""), ("root-cause", ""), ("factors", ""), ("actions", "")], required=False
    )


class TakeUpForm(forms.Form):
    """What becomes of a parked idea; without a word it is parked again."""

    way = forms.ChoiceField(
        choices=[(way, "") for way in ("note", "factor", "root-cause", "factors", "actions", "dropped", "parked")],
        required=False,
    )
    category = forms.ChoiceField(
        label="Kind of condition", choices=[("", "Choose a kind"), *Category.choices], required=False
    )

    def clean_way(self) -> str:
        return self.cleaned_data["way"] or "parked"

    def clean(self) -> None:
        if self.cleaned_data.get("way") == "factor" and not self.cleaned_data.get("category"):
            self.add_error("category", "Choose a kind of condition, then keep it as a factor.")


class RoleForm(forms.Form):
    """A role that changes during the meeting; the facilitator's is handed over instead."""

    role = forms.ChoiceField(label="Role", choices=[choice for choice in Role.choices if choice[0] != Role.FACILITATOR])


class CloseForm(forms.Form):
    """The two questions of the close, and one thing that may be left out."""

    learned = forms.ChoiceField(
        choices=Learned.choices, error_messages={"required": "Say whether you learned something, or leave the page."}
    )
    again = forms.ChoiceField(
        choices=Again.choices, error_messages={"required": "Say whether you would come again, or leave the page."}
    )
    thing = forms.CharField(max_length=limits.LINE, required=False)
