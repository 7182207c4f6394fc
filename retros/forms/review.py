"""The form of a section's text."""

from django import forms

from retros import limits


class SectionForm(forms.Form):
    """A text in the small Markdown of the product, and the revision that it started from."""

    text = forms.CharField(
        label="Text",
        max_length=limits.SECTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "class": "tall"}),
        help_text="Paragraphs, lists with a dash, *emphasis*, links. "
        "Causes have system subjects; names are for what somebody saw or decided.",
    )
    base = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
