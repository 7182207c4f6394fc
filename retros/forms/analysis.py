"""Forms of causes, contributing factors and what went well."""

from typing import Any, ClassVar

from django import forms
from django.utils.text import Truncator

from retros import timing
from retros.models import Category, Event, Factor, TimelineEntry, WentWell, WhyNode


class MomentsField(forms.ModelMultipleChoiceField):
    """Moments to choose from, each with its clock."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{timing.clock_label(obj)} · {Truncator(obj.text).chars(90)}"


class WhyForm(forms.ModelForm):
    """One cause. Evidence is chosen among the moments of the same event."""

    evidence = MomentsField(
        TimelineEntry.objects.none(),
        required=False,
        label="Evidence",
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = WhyNode
        fields: ClassVar = ["question", "text", "kind", "defence", "is_root_cause", "evidence"]
        widgets: ClassVar = {"text": forms.Textarea(attrs={"rows": 2, "data-focus": ""})}
        labels: ClassVar = {"is_root_cause": "We can change this: stop here"}

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["evidence"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101 - for the type checker
        field.queryset = TimelineEntry.objects.kept().filter(event=event).in_order()
        self.fields["kind"].required = False
        self.fields["question"].help_text = "Ask what made it possible, not who."

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or "condition"


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
