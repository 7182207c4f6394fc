"""Forms of contributing factors and of what went well."""

from typing import Any, ClassVar

from django import forms

from retros.models import Category, Event, Factor, WentWell


class FactorForm(forms.ModelForm):
    """One contributing factor with its kind of condition."""

    class Meta:
        model = Factor
        fields: ClassVar = ["text", "category", "caught_earlier_if"]
        widgets: ClassVar = {"text": forms.Textarea(attrs={"rows": 2, "data-focus": ""})}

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"] = forms.ChoiceField(
            label=self.fields["category"].label,
            choices=[("", "Choose one"), *Category.choices],
            error_messages={"required": "Choose the kind of condition that fits best."},
        )


class WentWellForm(forms.ModelForm):
    """Something that worked, or luck."""

    class Meta:
        model = WentWell
        fields: ClassVar = ["text", "kind"]
        widgets: ClassVar = {"text": forms.Textarea(attrs={"rows": 2, "data-focus": ""})}

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
