"""The form of a timeline entry: a time as people type it, a sentence, and the details on demand."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

from django import forms

from retros import limits, timing, when
from retros.models import EntryType, Event, Landmark, Source, TimelineEntry
from retros.services import accounts

SHAPES = "Also about 23:00, 21 Oct 2018 23:02 +02:00, T+00:15, or words such as Friday before release."


# Fields that are the same in the form and in the entry.
SAME = ("text", "author", "landmark", "type", "source", "source_label", "source_url", "raw", "is_key", "is_planned")


class EntryForm(forms.Form):
    """`cleaned_data['when']` is a when.When, or None with the typed words in 'at_text' where they are no time. A clock alone means
    the day of the moment `near`, else `day`, unless it lies in the event on the day beside it: that one is `taken` then."""

    taken: date | None = None

    time = forms.CharField(label="When", max_length=120, help_text=SHAPES)
    text = forms.CharField(label="What happened", max_length=limits.ENTRY, widget=forms.Textarea(attrs={"rows": 2}))
    until = forms.CharField(label="Until, where it lasted", max_length=60, required=False)
    author = forms.CharField(
        label="Who", max_length=limits.NAME, required=False, help_text="A name or a role, where it matters who said it."
    )
    landmark = forms.ChoiceField(label="Marks", choices=[("", "No landmark"), *Landmark.choices], required=False)
    type = forms.ChoiceField(label="Type", choices=[("", "Not said"), *EntryType.choices], required=False)
    source = forms.ChoiceField(label="Known from", choices=Source.choices, initial=Source.MEMORY)
    source_label = forms.CharField(label="Where exactly", max_length=limits.LINE, required=False)
    source_url = forms.URLField(label="Link", max_length=500, required=False, assume_scheme="https")
    raw = forms.CharField(
        label="Quoted", max_length=limits.ENTRY, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    is_key = forms.BooleanField(label="Key moment", required=False)
    is_planned = forms.BooleanField(label="Planned beforehand", required=False)
    reason = forms.CharField(
        label="Why you change it",
        max_length=limits.LINE,
        required=False,
        help_text="Kept in the history of this moment.",
    )

    def __init__(
        self,
        *args: Any,
        event: Event,
        day: date | None = None,
        near: TimelineEntry | None = None,
        zero: datetime | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.event, self.zero, self.near = event, zero, near.at if near else None
        self.day = near.local_at.date() if near and near.local_at else day
        self._offer_landmarks()
        if self.day:
            alone = f"A clock alone, such as 23:02, means {timing.day_label(self.day)}."
            self.fields["time"].help_text = f"{alone} {SHAPES}"

    def _offer_landmarks(self) -> None:
        """Those of this kind first; the others stay within reach, because a launch can have an incident in it."""
        own = timing.LANDMARKS.get(self.event.kind, ())
        labels = dict(Landmark.choices)
        field = self.fields["landmark"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        others = [(value, label) for value, label in labels.items() if value not in own]
        first = [("", "No landmark"), *((name, labels[name]) for name in own)]
        field.choices = [*first, ("Of other kinds", others)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        typed = data.get("time", "").strip()
        data.update(when=None, at_text="")
        if not typed:
            return data
        try:
            frame = accounts.frame_of(self.event, self.zero)
            data["when"], taken = when.beside(typed, frame, self.day, self.near)
            self.taken = taken if taken != self.day else None
        except when.Unclear as error:
            self.add_error("time", str(error))
        except when.NotATime as error:
            # Words without a digit are kept as words; what looks like a time but is none is asked again.
            if any(c.isdigit() for c in typed) and not any(
                word in typed.casefold() for word in ("before", "after", "between")
            ):
                self.add_error("time", str(error))
            else:
                data["at_text"] = typed
        self._read_until(data)
        return data

    def _read_until(self, data: dict[str, Any]) -> None:
        """The end of a moment that lasted, on the clock of its start; a clock alone is on the same day, past midnight on the next."""
        typed, start, data["until"] = data.get("until", "").strip(), data["when"], None
        if not typed or "time" in self.errors:
            return
        if start is None:
            return self.add_error("until", "An end needs a start that is a time.")
        own = timezone(timedelta(minutes=start.offset)) if start.offset is not None else self.event.zone
        day = start.at.astimezone(own).date()
        try:
            end, _ = when.beside(typed, when.Frame(self.event.zone, start.at, zero=self.zero), day)
            if end.offset is None and start.offset is not None and end.precision in {"exact", "approx"}:
                local = end.at.astimezone(self.event.zone).replace(tzinfo=own)
                end = when.When(local, start.offset, end.precision)
        except ValueError as error:
            return self.add_error("until", str(error))
        if end.at < start.at:
            return self.add_error("until", "The end lies before the start.")
        data["until"] = end.at
        return None

    def fields_of_entry(self) -> dict[str, Any]:
        """What the services take besides `when`."""
        return {name: self.cleaned_data[name] for name in (*SAME, "at_text", "until")}


def initial_of(entry: TimelineEntry) -> dict[str, Any]:
    """The form's values of an entry that is there; its time in words that read back to the same moment."""
    values = {name: getattr(entry, name) for name in SAME}
    typed = when.words(entry.local_at, entry.precision, with_offset=entry.utc_offset is not None)
    local = entry.local_at
    until = entry.until.astimezone(local.tzinfo) if entry.until and local else None
    end = when.words(until, entry.precision.replace("approx", "exact"), with_offset=entry.utc_offset is not None)
    return {**values, "time": typed or entry.at_text, "until": end}
