"""Moments and days as people type them: fields that keep the words, and the readers that turn them into values once the zone is known."""

from calendar import monthrange
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from aar_site import clock
from retros import timing, when


class WhenField(forms.CharField):
    """A moment as people type it; cleaned to the words, read by the form once the zone is known."""

    def __init__(self, **kwargs: Any) -> None:
        placeholder = kwargs.pop("placeholder", "18 Nov 2026, 22:52")
        super().__init__(max_length=60, required=kwargs.pop("required", False), **kwargs)
        self.widget.attrs.update({"autocomplete": "off", "placeholder": placeholder})


class WhenMixin:
    """Reads WhenFields in the form's zone and puts the refusal beside the field."""

    cleaned_data: dict[str, Any]

    def read_when(self, name: str, zone: ZoneInfo, **context: Any) -> when.When | None:
        """A date without a year is the one closest to today, unless `day` or `near` says otherwise."""
        context.setdefault("near", clock.today(zone.key))
        text = self.cleaned_data.get(name, "").strip()
        if not text:
            return None
        try:
            return when.read(text, zone, **context)
        except (when.NotATime, when.Unclear) as error:
            self.add_error(name, str(error))  # type: ignore[attr-defined]
            return None

    def read_day(self, name: str, *, is_end: bool = False) -> tuple[date | None, str]:
        """(day, "day" or "month"); a month alone is its first day, or its last where it ends something."""
        read = self.read_when(name, ZoneInfo("UTC"))
        if read is None:
            return None, "day"
        day = read.at.date()
        if read.precision != "month":
            return day, "day"
        return day.replace(day=monthrange(day.year, day.month)[1] if is_end else 1), "month"


def day_words(day: date | None, precision: str) -> str:
    """A stored day in the words that `read_day` reads back to the same."""
    return "" if day is None else timing.day_words(day, precision)
