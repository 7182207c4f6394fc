"""Forms of silent writing."""

from typing import Any

from django import forms

from retros import limits
from retros.models import Category

MOST_LINES = 20
EMPTY = "Write one condition, half a sentence is enough."


def _one_line(text: str) -> str:
    return " ".join(text.split())


class NotesForm(forms.Form):
    """What one person noticed, each line a note. Cleans to a list of texts."""

    text = forms.CharField(max_length=6000, error_messages={"required": EMPTY})
    category = forms.ChoiceField(choices=[("", ""), *Category.choices], required=False)

    def clean_text(self) -> list[str]:
        texts = [line for raw in self.cleaned_data["text"].splitlines() if (line := _one_line(raw))]
        if len(texts) > MOST_LINES:
            raise forms.ValidationError(
                f"That is {len(texts)} notes at once. Keep {MOST_LINES} at most, then the next."
            )
        if long := next((text for text in texts if len(text) > limits.LINE), ""):
            raise forms.ValidationError(
                f"One condition has at most {limits.LINE} characters: “{long[:40]}…” has {len(long)}. Begin a new line."
            )
        return texts


class SilentNoteForm(forms.Form):
    """One note, changed by its author."""

    text = forms.CharField(
        max_length=limits.LINE,
        error_messages={"required": EMPTY, "max_length": f"One condition has at most {limits.LINE} characters."},
    )
    category = forms.ChoiceField(choices=[("", ""), *Category.choices], required=False)

    def clean_text(self) -> str:
        return _one_line(self.cleaned_data["text"])


class PlaceForm(forms.Form):
    """What becomes of a note: to= "kind:recovery", "same:12", "parked" or "left_out"; "other" stands for what is chosen beside it.
    Cleans to a verb and its value."""

    to = forms.CharField(max_length=40)
    other = forms.CharField(max_length=40, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = data.get("to", "")
        verb, _, value = (data.get("other", "") if chosen == "other" else chosen).partition(":")
        is_kind, is_same = verb == "kind" and value in Category.values, verb == "same" and value.isdecimal()
        if not (is_kind or is_same or (verb in {"parked", "left_out"} and not value)):
            raise forms.ValidationError("Choose a kind, or the factor that says the same.")
        return {"verb": verb, "value": value}
