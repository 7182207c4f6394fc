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
    both = forms.CharField(max_length=limits.SECTION, required=False, widget=forms.HiddenInput, strip=False)

    def chosen(self) -> str:
        """The text to keep: what stands in the field, or by a button the writer's own from before the combination, or both."""
        use = self.data.get("use")
        name = use if use in {"mine", "both"} and use in self.data else "text"
        return str(self.cleaned_data[name]).strip()
