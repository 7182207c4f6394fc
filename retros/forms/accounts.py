"""The form of an account: five questions, and a sentence for the facilitator alone."""

import uuid
from typing import Any

from django import forms

from retros import limits
from retros.models import ParticipantAccount
from retros.services.accounts import QUESTIONS, Window


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
        # What the page is and has read; a page that is shown again with mistakes stays the same page.
        self.fields["page"] = forms.UUIDField(required=False, initial=uuid.uuid4, widget=forms.HiddenInput)
        self.fields["count"] = forms.IntegerField(
            required=False, initial=0, min_value=0, max_value=10**6, widget=forms.HiddenInput
        )
        self.fields["seen"] = forms.CharField(
            required=False, max_length=60, initial=account.mark if account else "", widget=forms.HiddenInput
        )

    def written(self) -> dict[str, Any]:
        """What the service takes: the answers by slug, and the note."""
        return {
            "answers": {slug: self.cleaned_data[slug] for slug, *_ in QUESTIONS},
            "note": self.cleaned_data["note"],
        }

    def window(self) -> Window:
        """Which page sends, and what it had read."""
        data = self.cleaned_data
        return Window(page=data["page"], count=data["count"] or 0, seen=data["seen"])
