"""Forms of an account: its questions, a sentence for the facilitator alone, and one moment of it for the timeline."""

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms

from retros import limits, timing, when
from retros.forms.whens import WhenField, WhenMixin
from retros.models import EntryType, Event, Landmark, ParticipantAccount
from retros.services import account_questions
from retros.services.account_questions import Question
from retros.services.accounts import Window
from retros.services.lifting import Moment


@dataclass(frozen=True)
class Asked:
    """Further questions as the page shows them: a heading, and the field of each."""

    title: str
    fields: list[forms.BoundField]


class AccountForm(forms.Form):
    """One field per question; none is required, because half a sentence helps."""

    is_all_optional = True  # so no field says it of itself

    def __init__(
        self, *args: Any, kind: str, part: str = "", account: ParticipantAccount | None = None, **kwargs: Any
    ) -> None:
        """`part` is what the person was in the event, in the facilitator's words; it chooses some further questions."""
        super().__init__(*args, **kwargs)
        answers = account.answers if account else {}
        self.groups = account_questions.further(kind, part)
        shown = {q.slug: q for q in account_questions.asked(kind, part)}
        before = [q for slug, q in account_questions.EVERY.items() if slug not in shown and answers.get(slug)]
        if before:  # asked when the person was something else in the event, or in an earlier version
            self.groups.append(account_questions.Group("Asked before", before))
        self.core = [q.slug for q in account_questions.core(kind)]
        for slug, question in {**account_questions.EVERY, **shown}.items():
            self.fields[slug] = _field(question)
            self.fields[slug].initial = answers.get(slug, "")
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

    def five(self) -> list[forms.BoundField]:
        """The questions for everybody."""
        return [self[slug] for slug in self.core]

    def further(self) -> list[Asked]:
        """Those on demand, by their headings."""
        return [Asked(group.title, [self[q.slug] for q in group.questions]) for group in self.groups]

    def further_count(self) -> int:
        return sum(len(group.questions) for group in self.groups)

    def is_further_open(self) -> bool:
        """Whether one of them has an answer, or a mistake, that must not be out of sight."""
        return any(field.value() or field.errors for asked in self.further() for field in asked.fields)

    def written(self) -> dict[str, Any]:
        """What the service takes: the answers to questions that the page held, by slug, and the note."""
        held = [slug for slug in account_questions.EVERY if self.add_prefix(slug) in self.data]
        return {"answers": {slug: self.cleaned_data[slug] for slug in held}, "note": self.cleaned_data["note"]}

    def window(self) -> Window:
        """Which page sends, and what it had read."""
        data = self.cleaned_data
        return Window(page=data["page"], count=data["count"] or 0, seen=data["seen"])


def _field(question: Question) -> forms.CharField:
    if question.rows == 1:
        widget: forms.Widget = forms.TextInput(attrs={"class": "short", "enterkeyhint": "next", "autocomplete": "off"})
    else:
        widget = forms.Textarea(attrs={"rows": question.rows})
    return forms.CharField(
        label=question.words, help_text=question.hint, required=False, max_length=limits.ACCOUNT_ANSWER, widget=widget
    )


class MomentForm(WhenMixin, forms.Form):
    """A sentence on its way to the timeline. `cleaned_data['when']` is a when.When."""

    time = WhenField(
        label="When", required=True, placeholder="23:07", error_messages={"required": "Say when it was, such as 23:07."}
    )
    text = forms.CharField(
        label="What happened",
        max_length=limits.ENTRY,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what happened in a few words."},
    )
    type = forms.ChoiceField(label="Type", choices=[("", "Not said"), *EntryType.choices], required=False)
    landmark = forms.ChoiceField(label="Marks", choices=[("", "No landmark"), *Landmark.choices], required=False)
    is_named = forms.BooleanField(
        label="Say that it is from me",
        required=False,
        help_text="Without this the timeline says \u201cAccount\u201d and nothing more. Once all accounts are open, those who read "
        "them see which one it stands in.",
    )

    def __init__(self, *args: Any, moment: Moment, event: Event, is_own: bool, **kwargs: Any) -> None:
        self.event, self.moment = event, moment
        reading = moment.reading
        local = reading.at.astimezone(event.zone) if reading else None
        began = local or event.local_start
        self.day = began.date() if began else None  # of a clock alone: the day that the sentence was read on
        typed = when.words(local, reading.precision) if reading else moment.typed
        kwargs["initial"] = {"time": typed, "text": moment.proposed_text, "type": moment.proposed_type}
        super().__init__(*args, **kwargs)
        own = [(name, label) for name, label in Landmark.choices if name in timing.LANDMARKS.get(event.kind, ())]
        self.fields["landmark"].choices = [("", "No landmark"), *own]  # type: ignore[attr-defined]
        if not is_own:
            del self.fields["is_named"]
        elif event.is_revealed:
            self.fields["is_named"].help_text = "On the timeline itself, which reaches further than the accounts."
        if moment.doubt:
            self.fields["time"].help_text = moment.doubt

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["when"] = self.read_when("time", self.event.zone, day=self.day, zero=self.moment.zero)
        return data

    def chosen(self) -> dict[str, Any]:
        """What the service takes."""
        names = ("when", "text", "type", "landmark")
        return {
            **{name: self.cleaned_data[name] for name in names},
            "is_named": self.cleaned_data.get("is_named", False),
        }
