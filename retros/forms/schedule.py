"""The form of the meeting: when, how long, by which agenda, and until when accounts are asked for."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from aar_site import clock
from aar_site.words import day
from retros import when
from retros.forms.whens import WhenField, WhenMixin
from retros.models import Event
from retros.services import agenda, schedule

LENGTHS = [(15, "15 minutes, small event"), (60, "60 minutes"), (75, "75 minutes"), (90, "90 minutes")]
FURTHEST = timedelta(days=366)


class ScheduleForm(WhenMixin, forms.Form):
    """Clocks are the event's. The minutes of the steps belong to the length in `shown`: sent with another one, they are fitted
    to it first, so that length and agenda never contradict each other, with or without script."""

    meeting = WhenField(label="Meeting")
    minutes = forms.TypedChoiceField(label="Length", choices=LENGTHS, coerce=int)
    accounts_due = WhenField(label="Accounts by", placeholder="24 hours before")
    shown = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, event: Event, typed: Any = None) -> None:
        """`typed` is shown as it stands and not checked yet: what somebody wrote before another length was chosen."""
        self.event = event
        given = data if data is not None else typed
        self.length, steps = plan(event, given)
        super().__init__(_with(data, self.length, steps), initial=self._initial(_with(typed, self.length, steps)))
        field = self.fields["minutes"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        if self.length not in dict(LENGTHS):  # an imported review may have had its own
            field.choices = [(self.length, f"{self.length} minutes"), *LENGTHS]
        for slug, title, minutes in steps:
            self.fields[step_name(slug)] = forms.IntegerField(
                label=title,
                min_value=1,
                max_value=240,
                initial=minutes,
                widget=forms.NumberInput(attrs={"class": "short"}),
            )

    def _initial(self, typed: Any) -> dict[str, Any]:
        """What is set, else the proposal; over it what was typed."""
        event = self.event
        times = {
            "meeting": self._words(event.meeting_at or schedule.proposal(event)[0]),
            "accounts_due": self._words(event.accounts_due_at),
        }
        known = {**times, "minutes": self.length, "shown": self.length}
        return known | {name: typed[name] for name in (typed or {})}

    def _words(self, at: datetime | None) -> str:
        return when.words(at.astimezone(self.event.zone) if at else None, "exact")

    @property
    def steps(self) -> list[forms.BoundField]:
        """The fields of the agenda, in its order."""
        return [field for field in self if field.name.startswith("step_")]

    @property
    def total(self) -> int:
        """What the steps take together, as far as they are numbers."""
        return sum(_number(field.value()) for field in self.steps)

    @property
    def spare(self) -> int:
        """Minutes that no step takes; negative where they take too many."""
        return self.length - self.total

    def warnings(self) -> list[str]:
        """What speaks against the typed date; nothing while it is no date."""
        try:
            read = when.read(str(self["meeting"].value() or ""), self.event.zone)
        except (when.NotATime, when.Unclear):
            return []
        return schedule.warnings(self.event, read.at) if read.precision in {"exact", "approx"} else []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        meeting = self._moment("meeting", self.event.meeting_at)
        due = self._moment("accounts_due", self.event.accounts_due_at)
        if meeting and "meeting" not in self.errors:
            self._check_meeting(meeting)
            due = self._due(meeting, due)
        if meeting and due and due > meeting and "accounts_due" not in self.errors:
            self.add_error("accounts_due", "Accounts close before the meeting begins, so that people can read them.")
        data.update(meeting_at=meeting, accounts_due_at=due)
        return data | self._clean_steps(data)

    def _moment(self, name: str, before: datetime | None) -> datetime | None:
        """The moment that was typed. What lies in the past may stay, and may not be chosen."""
        read = self.read_when(name, self.event.zone)
        if read is None:
            return None
        if read.precision in {"day", "month"}:
            self.add_error(name, "Add the time of day, for example 14:00.")
        elif read.at < clock.now() and read.at != before:
            self.add_error(name, "This lies in the past. Choose a moment from now on.")
        return read.at

    def _check_meeting(self, at: datetime) -> None:
        event = self.event
        limit = event.ended_at or event.started_at
        if limit and at < limit:
            word = "ends" if event.ended_at else "begins"
            said = f"The event {word} on {day(limit, event.time_zone)}. A review comes after it: choose a later day."
            self.add_error("meeting", said)
        elif at > clock.now() + FURTHEST and at != event.meeting_at:
            self.add_error("meeting", "This is more than a year ahead. Check the year.")

    def _due(self, meeting: datetime, due: datetime | None) -> datetime | None:
        """The deadline: as typed; the usual one where nothing was, or where it was the usual one of the time before."""
        event = self.event
        was_usual = bool(
            due and event.meeting_at and due == event.accounts_due_at == schedule.usual_due(event, event.meeting_at)
        )
        if "accounts_due" in self.errors or (due and not was_usual):
            return due
        return schedule.accounts_due(event, meeting)

    def _clean_steps(self, data: dict[str, Any]) -> dict[str, Any]:
        names = [field.name for field in self.steps]
        if "minutes" in self.errors or any(name in self.errors for name in names):
            return {}
        steps = {name.removeprefix("step_"): data[name] for name in names}
        draft = Event(kind=self.event.kind, meeting_minutes=self.length)
        try:
            agenda.kept(draft, steps)
        except ValidationError as error:
            self.add_error(None, error)
        return {"steps": steps}


def step_name(slug: str) -> str:
    return f"step_{slug}"


def plan(event: Event, given: Any) -> tuple[int, list[tuple[str, str, int]]]:
    """(length, agenda) of what was sent, or of the event where nothing was."""
    length = _number((given or {}).get("minutes")) or event.meeting_minutes
    if length not in dict(LENGTHS) and length != event.meeting_minutes:
        length = event.meeting_minutes
    shown = _number((given or {}).get("shown"))
    before = Event(kind=event.kind, meeting_minutes=shown or event.meeting_minutes, agenda_minutes=event.agenda_minutes)
    slugs = [slug for slug, _, _ in agenda.agenda_for(before)]
    if shown and all(_number(given.get(step_name(slug))) for slug in slugs):
        before.agenda_minutes = {slug: _number(given[step_name(slug)]) for slug in slugs}
        if before.agenda_minutes == usual_minutes(event.kind, shown):
            before.agenda_minutes = {}
    after = Event(kind=event.kind, meeting_minutes=length, agenda_minutes=agenda.fitted(before, length))
    return length, agenda.agenda_for(after)


def usual_minutes(kind: str, length: int) -> dict[str, int]:
    return {slug: minutes for slug, _, minutes in agenda.agenda_for(Event(kind=kind, meeting_minutes=length))}


def _with(data: Any, length: int, steps: list[tuple[str, str, int]]) -> Any:
    """What was sent, with the minutes of the steps that belong to its length: as typed, or fitted where they are for another one."""
    if data is None:
        return None
    found = {name: data[name] for name in data}
    if _number(found.get("shown")) != length:
        found |= {step_name(slug): str(minutes) for slug, _, minutes in steps}
        found["shown"] = str(length)
    return found


def _number(value: Any) -> int:
    """A number of minutes; 0 for what is none."""
    text = str(value or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else 0
