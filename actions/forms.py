"""Forms of following through: an action as a whole, in one line, and one small form for each way it can move."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import cache, partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import Truncator

from aar_site import clock
from aar_site.people.models import User
from aar_site.words import day_month, day_month_year
from actions import access, lint, oneline
from actions.models import Action, ActionType, Strength
from retros import limits
from retros.models import Event


class WordsField(forms.CharField):
    """A few sentences of somebody's own. `missing` is what is said where they are needed and left out."""

    def __init__(self, label: str, missing: str = "", help_text: str = "", max_length: int = 2000) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            max_length=max_length,
            required=bool(missing),
            widget=forms.Textarea(attrs={"rows": 2}),
            error_messages={"required": missing} if missing else {},
        )


class DayField(forms.CharField):
    """A day as people type it: 17 Dec, 2026-12-17, Friday. Cleans to a date or None; never one that has passed, unless it
    `stays` as it was."""

    def __init__(self, *, today: date | None = None, stays: date | None = None, **kwargs: Any) -> None:
        self.today, self.stays = today or clock.today(), stays
        super().__init__(max_length=40, **kwargs)
        self.widget.attrs.update({"autocomplete": "off", "placeholder": "17 Dec"})

    def clean(self, value: Any) -> Any:
        words = super().clean(value)
        if not words:
            return None
        on = oneline.day(words, self.today)
        if on is None:
            raise forms.ValidationError("Enter a day such as 17 Dec, 17 Dec 2026, 2026-12-17 or Friday.")
        if on < self.today and on != self.stays:
            raise forms.ValidationError(
                f"{day_month_year(on)} has passed. Enter a date from {day_month(self.today)} onward."
            )
        return on

    def prepare_value(self, value: Any) -> Any:
        return day_month_year(value) if isinstance(value, date) else value


class OwnerField(forms.TypedChoiceField):
    """One of the given people; those near to the event come first."""

    def __init__(self, near: list[User], others: list[User], **kwargs: Any) -> None:
        self.people = {str(person.pk): person for person in (*near, *others)}
        groups = [("In this review and its team", near), ("Everybody else", others)]
        named = [(label, [(str(p.pk), p.name) for p in people]) for label, people in groups if people]
        choices = named if len(named) > 1 else [row for _, rows in named for row in rows]
        super().__init__(
            choices=[("", "Nobody yet"), *choices],
            coerce=self.people.__getitem__,
            empty_value=None,
            error_messages={"invalid_choice": "Choose somebody from the list."},
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return str(value.pk) if isinstance(value, User) else value


class ActionForm(forms.Form):
    """A whole action. Nothing but the title is required: what is missing keeps it proposed."""

    title = WordsField("What will be different?", "Say what will be different.", max_length=limits.LINE)
    closed_when = WordsField(
        "Closed when",
        help_text="Something a stranger could check: a test that passes, a page that shows, a note that is linked.",
    )
    size = forms.ChoiceField(
        label="Size",
        choices=[("S", "Hours"), ("M", "Days"), ("L", "Weeks")],
        required=False,
        widget=forms.RadioSelect(attrs={"class": "three"}),
    )
    type = forms.ChoiceField(label="Type", choices=[("", "Not chosen"), *ActionType.choices], required=False)
    strength = forms.ChoiceField(label="Strength", required=False)
    reference = forms.CharField(label="Ticket or link", max_length=500, required=False)

    def __init__(self, *args: Any, event: Event, by: Any, action: Action | None = None, **kwargs: Any) -> None:
        self.event, self.action, self.by = event, action, by
        self.opens_event = getattr(action, "opens_event", True)
        if action and "initial" not in kwargs:
            initial = {name: getattr(action, name) for name in (*self.base_fields, "owner", "due_on")}
            kwargs["initial"] = {**initial, "factor": action.answers, "cause": action.answers_cause}
        super().__init__(*args, **kwargs)
        strength = self.fields["strength"]
        assert isinstance(strength, forms.ChoiceField)  # noqa: S101 - for the type checker
        strength.choices = [("", "Not chosen"), *((s.value, f"{s.label}: {lint.meaning(s.value)}") for s in Strength)]
        if self.opens_event:
            self.fields["factor"] = forms.ModelChoiceField(
                access.factors_of(event), label="Answers the factor", required=False, empty_label="No factor chosen"
            )
            self.fields["cause"] = forms.ModelChoiceField(
                access.causes_of(event), label="Or the root cause", required=False, empty_label="No cause chosen"
            )
            # Asked when they are shown, and once where the page reads them for more than this form.
            for name, read in (("factor", access.read_factors), ("cause", access.read_causes)):
                self.fields[name].choices = cache(partial(_choices, self.fields[name].empty_label, read, event))  # type: ignore[attr-defined]
        if action is None or action.status == "proposed":
            near, others = self.owners()
            if action and action.owner and action.owner.is_active and action.owner not in (*near, *others):
                near = [*near, action.owner]
            self.people = [*near, *others]
            self.fields["owner"] = OwnerField(near, others, label="Owner", required=False, help_text="One person")
            self.fields["due_on"] = DayField(
                label="Due",
                required=False,
                today=clock.today(event.time_zone),
                stays=action.due_on if action else None,
                help_text="A working day",
            )
        for name in {"owner", "due_on", "size", "closed_when"} & set(self.fields):
            self.fields[name].opt = "to commit"  # type: ignore[attr-defined]
        self.order_fields(
            ["title", "closed_when", "owner", "due_on", "size", "type", "strength", "factor", "cause", "reference"]
        )

    def owners(self) -> tuple[list[User], list[User]]:
        return access.people_for(self.by, self.event, opens_event=self.opens_event)

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())


def _choices(empty: str, read: Callable[[Event], list[Any]], event: Event) -> list[tuple[Any, str]]:
    return [("", empty), *((row.pk, Truncator(row.text).chars(60)) for row in read(event))]


class LineForm(ActionForm):
    """An action in one line, with the fields below it for what the line does not say. What stands in a field wins."""

    title = WordsField("New action, in one line", "Say what will be different, then who and by when.", max_length=1000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, by=None, auto_id="line_%s", **kwargs)
        self.unclear: list[str] = []

    def owners(self) -> tuple[list[User], list[User]]:
        """The room's own people only: the same for everybody, and a small form."""
        return access.people_near(self.event), []

    def clean_title(self) -> str:
        self.reading = oneline.read(self.cleaned_data["title"], self.people, clock.today(self.event.time_zone))
        self.unclear = self.reading.unclear
        if not self.reading.title:
            raise forms.ValidationError("Say what will be different, then who and by when.")
        if len(self.reading.title) > limits.LINE:
            raise forms.ValidationError(f"Keep it under {limits.LINE} characters; details go into “closed when”.")
        return self.reading.title

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        reading = getattr(self, "reading", None)
        for name in ("owner", "due_on", "size", "closed_when") if reading else ():
            if name not in self.errors:
                data[name] = data.get(name) or getattr(reading, name)
        if reading and not data.get("owner"):
            data["owner_text"] = reading.owner_text
        return data


# --- Ways to move ---------------------------------------------------------------------------------------------------
class MoveForm(forms.Form):
    """The smallest one: a word on why, which may be left out."""

    def __init__(self, *args: Any, action: Action, by: Any, today: date, **kwargs: Any) -> None:
        self.action, self.by, self.today = action, by, today
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, DayField):
                field.today = today


class StartForm(MoveForm):
    pass


class UnblockForm(MoveForm):
    note = WordsField("What changed?")


class BlockForm(MoveForm):
    reason = WordsField(
        "What is in the way?",
        "Say what is in the way, so that somebody can help.",
        "And who could move it. The team’s manager sees this.",
    )


class CloseForm(MoveForm):
    evidence = WordsField(
        "What shows that it is done?",
        "Say what shows that it is done: a link, a number, the name of a test.",
        "A link, a number, the name of a test.",
    )


class CheckForm(MoveForm):
    note = WordsField(
        "Did it do what it was for?",
        "Say what you saw: did it do what it was for?",
        "What you saw since. If it did not work, open it again.",
    )


class DropForm(MoveForm):
    reason = WordsField(
        "Why is it not done, and who agreed?",
        "Say why it is not done. The reason is what the next reader learns from.",
        "Deciding not to act is a result too.",
    )


class RedateForm(MoveForm):
    due_on = DayField(label="New date", error_messages={"required": "Enter the new date, such as 17 Dec."})
    reason = WordsField("What changed?", "Say what changed since the last date.", "The reason stays with the action.")


class HandOverForm(MoveForm):
    reason = WordsField("Why them?", help_text="The new owner reads it.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = _next_owner(self.action, self.by, label="Who takes it?")
        self.order_fields(["owner", "reason"])


def _next_owner(action: Action, by: Any, **kwargs: Any) -> OwnerField:
    """Anybody but the one who has it."""
    people = access.people_for(by, action.event, opens_event=getattr(action, "opens_event", True))
    near, others = ([p for p in group if p.pk != action.owner_id] for group in people)
    field = OwnerField(near, others, **kwargs)
    field.error_messages["required"] = "Choose who takes it."
    return field


class SplitForm(MoveForm):
    title = WordsField(
        "The part that can close soon", "Say which part can close soon.", "It keeps its number.", limits.LINE
    )
    closed_when = WordsField("Closed when", "Say when this part is closed.")
    due_on = DayField(label="Due", error_messages={"required": "Enter a date for this part, such as 17 Dec."})
    rest_title = WordsField(
        "The rest, as its own action",
        "Say what is left. Drop it afterwards if nobody needs it.",
        "It stays proposed until it has a date, a size and a “closed when” of its own.",
        limits.LINE,
    )
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {name: getattr(action, name) for name in ("title", "closed_when", "version")})
        super().__init__(*args, action=action, **kwargs)

    def clean_version(self) -> int:
        """The version that was read; where none is sent, the one that stands."""
        sent: int | None = self.cleaned_data["version"]
        return self.action.version if sent is None else sent


class StayForm(MoveForm):
    note = WordsField("Why does the reason still hold?", "Say what you looked at, in a few words.")
    review_on = DayField(label="Look at it again on", required=False, help_text="Leave it empty to ask no more.")


class ReopenForm(MoveForm):
    reason = WordsField("What is still missing?", "Say what is still missing.")
    due_on = DayField(label="By when", required=False, help_text="Needed where its date has passed.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.action.owner
        if owner and not owner.is_active and self.action.committed_on:
            left = f"{owner.name} cannot sign in any more."
            self.fields["owner"] = _next_owner(self.action, self.by, label="Who takes it?", help_text=left)
            self.order_fields(["owner", "due_on", "reason"])


class UpdateForm(MoveForm):
    note = WordsField("How does it stand?", "Write how it stands.")


class NoActionForm(forms.Form):
    """Why no action follows: from a review, or from one of its factors or causes; and when that is looked at again."""

    reason = WordsField(
        "Why does no action follow?",
        "Say why no action follows. The next reader will ask.",
        "The reason stands in the review.",
    )
    review_on = DayField(
        label="Look at it again on", required=False, help_text="You are asked then, on your first page."
    )

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["review_on"].today = clock.today(event.time_zone)  # type: ignore[attr-defined]
        for name, rows in (("factor", access.factors_of(event)), ("cause", access.causes_of(event))):
            self.fields[name] = forms.ModelChoiceField(rows, required=False, widget=forms.HiddenInput)

    def about(self) -> str:
        """The words of the factor or cause that no action follows from; empty where it is the whole review."""
        for name in ("factor", "cause"):
            with suppress(ValidationError):
                if row := self.fields[name].to_python(self[name].value()):
                    return str(row.text)
        return ""
