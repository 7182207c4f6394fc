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
    base = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    mine = forms.CharField(
        max_length=limits.SECTION, required=False, widget=forms.HiddenInput, strip=False
    )  # the refused text, to be kept after all

    def chosen(self) -> str:
        """The text to keep: what stands in the field, or by its button the writer's own from before the combination."""
        wants_mine = self.data.get("use") == "mine"
        return str(self.cleaned_data["mine" if wants_mine else "text"]).strip()
