"""Forms of following through: an action as a whole, in one line, and one small form for each way it can move."""

from datetime import date
from typing import Any

from django import forms

from aar_site import clock
from aar_site.people.models import User
from actions import access, lint, oneline
from actions.models import Action, ActionType, Strength
from retros import limits
from retros.models import Event

WORDS = forms.Textarea(attrs={"rows": 2})


class DayField(forms.CharField):
    """A day as people type it: 17 Dec, 2026-12-17, Friday. Cleans to a date or None; never one that has passed."""

    def __init__(self, *, today: date | None = None, **kwargs: Any) -> None:
        self.today = today or clock.today()
        super().__init__(max_length=40, **kwargs)
        self.widget.attrs.update({"autocomplete": "off", "placeholder": "17 Dec"})

    def clean(self, value: Any) -> Any:
        words = super().clean(value)
        if not words:
            return None
        on = oneline.day(words, self.today)
        if on is None:
            raise forms.ValidationError("Enter a day such as 17 Dec, 17 Dec 2026, 2026-12-17 or Friday.")
        if on < self.today:
            raise forms.ValidationError(
                f"{on.day} {on:%b %Y} has passed. Enter a date from {self.today.day} {self.today:%b} onward."
            )
        return on

    def prepare_value(self, value: Any) -> Any:
        return f"{value.day} {value:%b %Y}" if isinstance(value, date) else value


class OwnerField(forms.ModelChoiceField):
    """One person; those of the event come first. `is_near` offers no others, so that the room's form stays small."""

    def __init__(self, event: Event, is_near: bool = False, **kwargs: Any) -> None:
        people = access.people_for(event)
        super().__init__(people, empty_label="Nobody yet", **kwargs)
        found = access.people_near(event)
        near = {user.pk for user in found}
        people = found if is_near else people
        rows = [(user.pk, user.name, user.pk in near) for user in people]
        groups = [
            ("In this review and its team", [(pk, name) for pk, name, is_near in rows if is_near]),
            ("Everybody else", [(pk, name) for pk, name, is_near in rows if not is_near]),
        ]
        self.choices = [("", self.empty_label), *((label, choices) for label, choices in groups if choices)]


class ActionForm(forms.Form):
    """A whole action. Nothing but the title is required: what is missing keeps it proposed."""

    title = forms.CharField(label="What will be different?", max_length=limits.LINE, widget=WORDS)
    closed_when = forms.CharField(
        label="Closed when",
        max_length=2000,
        required=False,
        widget=WORDS,
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

    is_near = False

    def __init__(self, *args: Any, event: Event, action: Action | None = None, **kwargs: Any) -> None:
        self.event, self.action = event, action
        if action and "initial" not in kwargs:
            kwargs["initial"] = {
                name: getattr(action, name) for name in (*self.base_fields, "owner", "due_on", "factor")
            }
        super().__init__(*args, **kwargs)
        strength = self.fields["strength"]
        assert isinstance(strength, forms.ChoiceField)  # noqa: S101 - for the type checker
        strength.choices = [("", "Not chosen"), *((s.value, f"{s.label}: {lint.meaning(s.value)}") for s in Strength)]
        factors = access.factors_of(event)
        self.fields["factor"] = forms.ModelChoiceField(
            factors, label="Answers", required=False, empty_label="No factor chosen"
        )
        if action is None or action.status == "proposed":
            self.fields["owner"] = OwnerField(
                event, self.is_near, label="Owner", required=False, help_text="One person"
            )
            today = clock.today(event.time_zone)
            self.fields["due_on"] = DayField(label="Due", required=False, today=today, help_text="A working day")
        self.order_fields(
            ["title", "closed_when", "owner", "due_on", "size", "type", "strength", "factor", "reference"]
        )

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())


class LineForm(ActionForm):
    """An action in one line, with the fields below it for what the line does not say. What stands in a field wins."""

    is_near = True
    title = forms.CharField(
        label="New action, in one line", max_length=1000, widget=forms.Textarea(attrs={"rows": 2, "class": "plain"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="line_%s", **kwargs)
        self.unclear: list[str] = []

    def clean_title(self) -> str:
        people = access.people_near(self.event)
        self.reading = oneline.read(self.cleaned_data["title"], people, clock.today(self.event.time_zone))
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

    def __init__(self, *args: Any, action: Action, today: date, **kwargs: Any) -> None:
        self.action, self.today = action, today
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, DayField):
                field.today = today


class StartForm(MoveForm):
    pass


class UnblockForm(MoveForm):
    note = forms.CharField(label="What changed?", max_length=2000, required=False, widget=WORDS)


class BlockForm(MoveForm):
    reason = forms.CharField(
        label="What is in the way?",
        max_length=2000,
        widget=WORDS,
        help_text="And who could move it. The team’s manager sees this.",
    )


class CloseForm(MoveForm):
    evidence = forms.CharField(
        label="What shows that it is done?",
        max_length=2000,
        widget=WORDS,
        help_text="A link, a number, the name of a test.",
    )


class CheckForm(MoveForm):
    note = forms.CharField(
        label="Did it do what it was for?",
        max_length=2000,
        widget=WORDS,
        help_text="What you saw since. If it did not work, open it again.",
    )


class DropForm(MoveForm):
    reason = forms.CharField(
        label="Why is it not done, and who agreed?",
        max_length=2000,
        widget=WORDS,
        help_text="Deciding not to act is a result too.",
    )


class RedateForm(MoveForm):
    due_on = DayField(label="New date")
    reason = forms.CharField(
        label="What changed?", max_length=2000, widget=WORDS, help_text="The reason stays with the action."
    )


class HandOverForm(MoveForm):
    owner = forms.ModelChoiceField(User.objects.none(), label="Who takes it?")
    reason = forms.CharField(label="Why them", max_length=2000, required=False, widget=WORDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = OwnerField(self.action.event, label="Who takes it?")
        self.order_fields(["owner", "reason"])


class SplitForm(MoveForm):
    title = forms.CharField(label="The part that can close soon", max_length=limits.LINE, widget=WORDS)
    closed_when = forms.CharField(label="Closed when", max_length=2000, widget=WORDS)
    due_on = DayField(label="Due")
    rest_title = forms.CharField(
        label="The rest, as its own action",
        max_length=limits.LINE,
        widget=WORDS,
        help_text="It stays proposed until it has a date, a size and a “closed when” of its own.",
    )

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"title": action.title, "closed_when": action.closed_when})
        super().__init__(*args, action=action, **kwargs)


class ReopenForm(MoveForm):
    reason = forms.CharField(label="What is still missing?", max_length=2000, widget=WORDS)
    due_on = DayField(label="By when", required=False, help_text="Needed where its date has passed.")


class UpdateForm(MoveForm):
    note = forms.CharField(label="How does it stand?", max_length=2000, widget=WORDS)


class NoActionForm(forms.Form):
    """Why a review ends without an action."""

    reason = forms.CharField(
        label="Why does no action follow?",
        max_length=2000,
        widget=WORDS,
        help_text="The next reader will ask. The reason stands in the review.",
    )
