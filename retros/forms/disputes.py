"""Forms of a dispute: an own view of a moment, and what is decided about the views."""

from typing import Any

from django import forms

from retros import limits, timing, when
from retros.models import Event, Recollection, Source, TimelineEntry
from retros.services import accounts, outline, remembered

WHEN = "As you remember it: 23:07, about 23:10, a day, or words such as after lunch."
ORDERS = [("", "Not about the order"), ("before", "It came before"), ("after", "It came after")]


class RecollectionForm(forms.Form):
    """`cleaned_data['when']` is a when.When, or None with the typed words in 'at_text' where they are no time."""

    time = forms.CharField(label="When it was", max_length=120, required=False)
    order = forms.ChoiceField(label="What came first", choices=ORDERS, required=False)
    other = forms.TypedChoiceField(label="Which moment", coerce=int, empty_value=None, required=False)
    text = forms.CharField(
        label="What happened instead", max_length=limits.ENTRY, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    note = forms.CharField(
        label="How you know, or what you saw",
        max_length=limits.NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    source = forms.ChoiceField(label="Known from", choices=Source.choices, initial=Source.MEMORY)
    source_label = forms.CharField(label="Where exactly", max_length=limits.LINE, required=False)
    source_url = forms.URLField(label="Link", max_length=500, required=False, assume_scheme="https")

    def __init__(self, *args: Any, event: Event, entry: TimelineEntry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event, self.entry, self.zero = event, entry, outline.zero_of(event)
        self.day = entry.local_at.date() if entry.local_at else event.local_start and event.local_start.date()
        on = f"A clock alone means {timing.day_label(self.day)}. " if self.day else ""
        self.fields["time"].help_text = on + WHEN
        self.near = remembered.near(entry)
        offered = [(row.pk, f"{timing.clock_label(row)}  {row.text[:70]}") for row in self.near]
        self.fields["other"].choices = [("", "Choose a moment"), *offered]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data.update(when=None, at_text="", **self._order(data))
        typed = data.get("time", "").strip()
        if typed:
            self._read(typed, data)
        if not (self.errors or data["when"] or data["at_text"] or data.get("text") or data["neighbour"]):
            self.add_error(None, "Say when it was, what came before or after it, or what happened instead.")
        return data

    def _order(self, data: dict[str, Any]) -> dict[str, Any]:
        order, pk = data.get("order"), data.get("other")
        neighbour = next((row for row in self.near if row.pk == pk), None)
        if order and not neighbour and "other" not in self.errors:
            self.add_error("other", "Choose the moment that it came before or after.")
        if neighbour and not order:
            self.add_error("order", "Say whether it came before or after that moment.")
        return {"neighbour": neighbour if order else None, "is_before": order == "before"}

    def _read(self, typed: str, data: dict[str, Any]) -> None:
        try:
            frame = accounts.frame_of(self.event, self.zero)
            data["when"], _ = when.beside(typed, frame, self.day or None, self.entry.at)
        except when.Unclear as error:
            self.add_error("time", str(error))
        except when.NotATime as error:
            if any(c.isdigit() for c in typed):  # what looks like a time and is none is asked again; words are kept
                self.add_error("time", str(error))
            else:
                data["at_text"] = typed

    def said(self) -> dict[str, Any]:
        """What the services take besides `when`."""
        names = ("text", "note", "source", "source_label", "source_url", "at_text", "is_before")
        return {**{name: self.cleaned_data[name] for name in names}, "other": self.cleaned_data["neighbour"]}


def initial_of(view: Recollection) -> dict[str, Any]:
    """The form's values of a view that is there."""
    names = ("text", "note", "source", "source_label", "source_url")
    typed = when.words(view.local_at, view.precision, with_offset=view.utc_offset is not None)
    order = "" if view.other_id is None else "before" if view.is_before else "after"
    return {
        **{name: getattr(view, name) for name in names},
        "time": typed or view.at_text,
        "order": order,
        "other": view.other_id,
    }


class DecisionForm(forms.Form):
    """What is decided about the views of a moment. Without a reason only the room can be asked."""

    decision = forms.ChoiceField(choices=[(name, name) for name in ("settle", "keep", "leave")])
    view = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    reason = forms.CharField(label="Why", max_length=limits.NOTE, required=False)
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, shown: remembered.Remembered, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.views = {view.row.pk: view.row for view in shown.views}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        decision = data.get("decision")
        if decision == "settle" and data.get("view") not in self.views:
            self.add_error("view", "Choose the view to settle on.")
        if decision in {"settle", "keep"} and not (data.get("reason") or "").strip():
            self.add_error("reason", "Say why. Whoever reads this later was not there.")
        return data

    @property
    def sentences(self) -> list[str]:
        """What is missing, for the place where the views stand side by side."""
        return [str(error) for errors in self.errors.values() for error in errors]
