"""The form of an account: five questions, and a sentence for the facilitator alone."""

from typing import Any

from django import forms

from retros import limits
from retros.models import ParticipantAccount
from retros.services.accounts import QUESTIONS


class AccountForm(forms.Form):
    """One field per question; none is required, because half a sentence helps."""

    is_all_optional = True  # so no field says it of itself

    def __init__(self, *args: Any, account: ParticipantAccount | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for slug, question, hint, rows in QUESTIONS:
            widget = forms.TextInput(attrs={"class": "short"}) if rows == 1 else forms.Textarea(attrs={"rows": rows})
            self.fields[slug] = forms.CharField(
                label=question, help_text=hint, required=False, max_length=limits.ACCOUNT_ANSWER, widget=widget
            )
            self.fields[slug].initial = account.answers.get(slug, "") if account else ""
        self.fields["note"] = forms.CharField(
            label="Anything you would rather tell the facilitator alone?",
            help_text="Never opened to the room, never exported.",
            required=False,
            max_length=limits.NOTE,
            initial=account.note_to_facilitator if account else "",
            widget=forms.Textarea(attrs={"rows": 2}),
        )

    def written(self) -> dict[str, Any]:
        """What the service takes: the answers by slug, and the note."""
        return {
            "answers": {slug: self.cleaned_data[slug] for slug, *_ in QUESTIONS},
            "note": self.cleaned_data["note"],
        }
