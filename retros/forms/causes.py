"""The form of one cause: an answer, what kind of thing it is, and the moments that support it."""

from typing import Any, ClassVar

from django import forms

from retros.forms.rows import RowsField
from retros.models import Defence, NodeKind, TimelineEntry, WhyNode


class CauseForm(forms.ModelForm):
    """One question, one answer. Evidence is chosen among the moments of the same event; one that is removed while somebody writes
    stays chosen, unseen, and comes back with its moment."""

    evidence = RowsField(TimelineEntry.objects.none(), required=False, label="Evidence")

    class Meta:
        model = WhyNode
        fields: ClassVar = ["question", "text", "kind", "defence", "is_root_cause", "evidence"]
        labels: ClassVar = {"is_root_cause": "We can change this: stop here", "defence": "The defence"}
        widgets: ClassVar = {"text": forms.Textarea(attrs={"rows": 2, "data-focus": ""})}

    def __init__(self, *args: Any, event: Any, parent: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_effect = parent is None and self.instance.parent_id is None  # what is asked about answers no question
        if self.is_effect:
            self.fields["text"].label = "Effect"
        field = self.fields["evidence"]
        assert isinstance(field, RowsField)  # noqa: S101 - for the type checker
        field.queryset = TimelineEntry.objects.there().filter(event=event)
        self.fields["kind"].required = False
        self.fields["defence"] = forms.ChoiceField(
            label="The defence", required=False, choices=[("", "Say what became of it"), *Defence.choices]
        )

    def validate_constraints(self) -> None:
        """Nothing is left of them: there are words, and `clean` says of other things than defences what became of none."""

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or NodeKind.CONDITION

    def clean(self) -> dict[str, Any]:
        """What is said of a defence makes it one; of anything else nothing is said."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("defence") and "kind" not in self.data:
            found["kind"] = NodeKind.DEFENCE
        if found.get("kind") != NodeKind.DEFENCE:
            found["defence"] = ""
        return found
