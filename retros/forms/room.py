"""Forms of the room."""

from django import forms

from retros import limits
from retros.models import Again, Learned


class NoteForm(forms.Form):
    """What was said; or an idea, parked for a step."""

    text = forms.CharField(label="Note", max_length=limits.NOTE, widget=forms.Textarea(attrs={"rows": 2}))
    parked_for = forms.ChoiceField(
        label="Park for", choices=[("", ""), ("root-cause", ""), ("factors", ""), ("actions", "")], required=False
    )


class CloseForm(forms.Form):
    """The two questions of the close, and one thing that may be left out."""

    learned = forms.ChoiceField(
        choices=Learned.choices, error_messages={"required": "Say whether you learned something, or leave the page."}
    )
    again = forms.ChoiceField(
        choices=Again.choices, error_messages={"required": "Say whether you would come again, or leave the page."}
    )
    thing = forms.CharField(max_length=limits.LINE, required=False)
