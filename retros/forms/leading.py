"""Forms with which the room changes hands, or rests."""

import re
from datetime import datetime, timedelta
from typing import Any

from django import forms

from aar_site import clock
from retros import when
from retros.forms.whens import WhenField, WhenMixin
from retros.models import Event, Membership
from retros.services import schedule

IN_MINUTES = re.compile(r"(?:in )?(\d{1,3}) ?(?:m|min|mins|minutes?)\.?", re.IGNORECASE)


class HandForm(forms.Form):
    """To whom. `people` are those who can get it; whoever is chosen is looked at again when it is done."""

    to = forms.TypedChoiceField(
        label="To whom",
        coerce=int,
        error_messages={"required": "Choose a person.", "invalid_choice": "Choose a person."},
    )

    def __init__(self, *args: Any, people: list[Membership], here: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [
            (row.user_id, row.user.name if row.user_id in here else f"{row.user.name}, not here now") for row in people
        ]


class RestForm(WhenMixin, forms.Form):
    """Until when the meeting rests, on the event's clock; nothing where nobody knows yet."""

    until = WhenField(
        label="Goes on",
        help_text="Such as 10 min, 14:00, tomorrow 9:00, or a day and a time. Leave it empty if you do not know yet.",
    )

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].widget.attrs |= {"autofocus": True, "placeholder": when.words(next_time(event), "exact")}
        self.event = event

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day, text = clock.today(self.event.time_zone), data.get("until", "").strip()
        if minutes := IN_MINUTES.fullmatch(text):  # the usual break: nobody looks up the event's clock for it
            return data | {"at": clock.now() + timedelta(minutes=int(minutes[1]))}
        if text.lower().startswith("tomorrow"):
            day, data["until"] = day + timedelta(days=1), text[len("tomorrow") :].lstrip(" ,") or text
        read = self.read_when("until", self.event.zone, day=day)
        if self.has_error("until"):
            del self.errors["until"]
            self.add_error("until", "Write a time such as 10 min, 14:00, tomorrow 9:00, or 27 Nov 2026, 14:00.")
        data["at"] = read.at if read else None
        if read and read.precision not in {"exact", "approx"}:
            self.add_error("until", "Add a time of day, such as 27 Nov 2026, 14:00.")
        elif read and read.at <= clock.now():
            self.add_error("until", "This moment has passed. Choose a later one, or leave it empty.")
        return data


def next_time(event: Event) -> datetime:
    """The same time on the next working day: what a time of another day looks like."""
    day = clock.today(event.time_zone) + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    began = event.meeting_at.astimezone(event.zone).time() if event.meeting_at else schedule.MEETS_AT
    return datetime.combine(day, began.replace(second=0, microsecond=0), tzinfo=event.zone)
