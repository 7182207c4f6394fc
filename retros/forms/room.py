"""Forms of the room."""

from django import forms

from retros import limits


class NoteForm(forms.Form):
    """What was said; or an idea, parked for a step."""

    text = forms.CharField(label="Note", max_length=limits.NOTE, widget=forms.Textarea(attrs={"rows": 2}))
    parked_for = forms.ChoiceField(
        label="Park for", choices=[("", ""), ("root-cause", ""), ("factors", ""), ("actions", "")], required=False
    )


class CloseForm(forms.Form):
    """The two questions of the close."""

    learned = forms.ChoiceField(choices=[("yes", "Yes"), ("no", "Not today")])
    again = forms.ChoiceField(choices=[("yes", "Yes"), ("no", "No")])
