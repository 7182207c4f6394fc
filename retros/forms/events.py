"""Forms of events: the event itself, its impact, its time."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from aar_site.people import zones
from aar_site.people.models import Team, User
from retros import limits, when
from retros.models import Distribution, Event, Kind, Severity

KIND_HINTS = {
    Kind.INCIDENT: "Something broke or came close",
    Kind.LAUNCH: "Something went out",
    Kind.PROJECT: "A stretch of work ended",
    Kind.RECURRING: "It happened again",
    Kind.DECISION: "We chose, and now know more",
}
SEVERITIES = [
    ("", "Not stated"),
    ("Incident", [(s.value, s.label) for s in (Severity.SEV1, Severity.SEV2, Severity.SEV3, Severity.SEV4)]),
    ("Launch", [(s.value, s.label) for s in (Severity.MAJOR, Severity.MINOR)]),
    ("Project", [(s.value, s.label) for s in (Severity.LARGE, Severity.MEDIUM, Severity.SMALL)]),
]


class WhenField(forms.CharField):
    """A moment as people type it; cleaned to the words, read by the form once the zone is known."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=60, required=kwargs.pop("required", False), **kwargs)
        self.widget.attrs.update({"autocomplete": "off", "placeholder": "2026-11-18 22:52"})


class WhenMixin:
    """Reads WhenFields in the form's zone and puts the refusal beside the field."""

    cleaned_data: dict[str, Any]

    def read_when(self, name: str, zone: ZoneInfo, **context: Any) -> when.When | None:
        text = self.cleaned_data.get(name, "").strip()
        if not text:
            return None
        try:
            return when.read(text, zone, **context)
        except (when.NotATime, when.Unclear) as error:
            self.add_error(name, str(error))  # type: ignore[attr-defined]
            return None


class EventForm(WhenMixin, forms.Form):
    """Everything that is asked of an event on one page."""

    kind = forms.ChoiceField(
        label="What kind of event was it?", choices=Kind.choices, initial=Kind.INCIDENT, widget=forms.RadioSelect
    )
    title = forms.CharField(
        label="Title",
        max_length=limits.TITLE,
        help_text="Name the event, not a cause: it is the first thing people read.",
    )
    what_happened = forms.CharField(
        label="In one or two sentences", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    team = forms.ModelChoiceField(Team.objects.all(), label="Team", required=False, empty_label="No team")
    services = forms.CharField(
        label="Affected services", max_length=500, required=False, help_text="Names, with commas between them."
    )
    severity = forms.ChoiceField(label="Severity or scope", choices=SEVERITIES, required=False)
    started = WhenField(label="Began", help_text="A day or a month is enough.")
    noticed = WhenField(label="First noticed")
    ended = WhenField(label="Ended", help_text="The meeting needs an end.")
    time_zone = forms.ChoiceField(label="Clock", choices=[])
    users_affected = forms.CharField(label="Who was affected", max_length=limits.LINE, required=False)
    users_count = forms.IntegerField(label="How many people", min_value=0, max_value=10**15, required=False)
    business_effect = forms.CharField(label="Revenue or business effect", max_length=limits.NOTE, required=False)
    customer_communication = forms.CharField(
        label="What customers were told, and when", max_length=limits.NOTE, required=False
    )
    regulatory = forms.CharField(
        label="Regulatory implications",
        max_length=limits.NOTE,
        required=False,
        help_text="Never shown outside the organisation.",
    )
    detected_how = forms.CharField(label="How it was noticed", max_length=limits.LINE, required=False)
    distribution = forms.ChoiceField(label="Meant for", choices=Distribution.choices, initial=Distribution.INTERNAL)
    is_restricted = forms.BooleanField(
        label="Only for its own people",
        required=False,
        help_text="Also after it is published, nobody else here reads it.",
    )

    def __init__(self, *args: Any, zone: str = "UTC", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [(name, name.replace("_", " ")) for name in zones.names()]
        self.fields["time_zone"].initial = zone

    def clean_services(self) -> list[str]:
        names = [name.strip() for name in self.cleaned_data["services"].split(",") if name.strip()]
        if any(len(name) > limits.NAME for name in names):
            raise forms.ValidationError(
                f"A service's name has at most {limits.NAME} characters. Put commas between names."
            )
        return names

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "time_zone" not in data:
            return data
        zone = ZoneInfo(data["time_zone"])
        start, end = self.read_when("started", zone), self.read_when("ended", zone)
        if start and end and end.at < start.at:
            self.add_error("ended", "The end lies before the start. Check the day, or swap the two.")
        noticed = (
            self.read_when("noticed", zone, day=start.at.astimezone(zone).date() if start else None)
            if data.get("noticed")
            else None
        )
        data.update(
            started_at=start.at if start else None,
            started_precision=start.precision if start else "exact",
            ended_at=end.at if end else None,
            ended_precision=end.precision if end else "exact",
            noticed_at=noticed,
        )
        return data


class NewEventForm(EventForm):
    """The same page for a new event, with who meets."""

    facilitator = forms.ModelChoiceField(
        User.objects.none(), label="Facilitator", help_text="Somebody who keeps the questions open."
    )
    scribe = forms.ModelChoiceField(
        User.objects.none(), label="Scribe", required=False, empty_label="Later", help_text="Not the facilitator."
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("facilitator", "scribe"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
            field.queryset = people

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("scribe") and data.get("scribe") == data.get("facilitator"):
            self.add_error("scribe", "Facilitator and scribe are two people: nobody can listen and write at once.")
        return data


def initial_of(event: Event) -> dict[str, Any]:
    """The form's values of an event that is there."""
    impact = getattr(event, "impact", None)
    values = {
        name: getattr(event, name)
        for name in ("kind", "title", "what_happened", "team", "severity", "time_zone", "distribution", "is_restricted")
    }
    values["services"] = ", ".join(event.services.values_list("name", flat=True))
    for name in (
        "users_affected",
        "users_count",
        "business_effect",
        "customer_communication",
        "regulatory",
        "detected_how",
    ):
        values[name] = getattr(impact, name, "")
    values["started"] = words_for(event.local_start, event.started_precision)
    values["ended"] = words_for(event.local_end, event.ended_precision)
    return values


def words_for(local: Any, precision: str) -> str:
    """A stored moment in the words that `when.read` reads back to the same."""
    if local is None:
        return ""
    shapes = {"day": "%Y-%m-%d", "month": "%Y-%m"}
    return ("about " if precision == "approx" else "") + f"{local:{shapes.get(precision, '%Y-%m-%d %H:%M')}}"


class ScheduleForm(WhenMixin, forms.Form):
    """When the room meets, how long, and until when accounts are asked for; clocks are the event's."""

    meeting = WhenField(label="Meeting")
    minutes = forms.TypedChoiceField(
        label="Length",
        choices=[(15, "15 minutes, small event"), (60, "60 minutes"), (75, "75 minutes"), (90, "90 minutes")],
        coerce=int,
    )
    accounts_due = WhenField(label="Accounts by")

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        meeting, due = self.read_when("meeting", self.event.zone), self.read_when("accounts_due", self.event.zone)
        for name, moment in (("meeting", meeting), ("accounts_due", due)):
            if moment and moment.precision in {"day", "month"}:
                self.add_error(name, "Add the time of day, for example 14:00.")
        if meeting and due and due.at > meeting.at:
            self.add_error("accounts_due", "Accounts close before the meeting begins, so that people can read them.")
        data.update(meeting_at=meeting.at if meeting else None, accounts_due_at=due.at if due else None)
        return data


class ReasonForm(forms.Form):
    """A reason in a sentence."""

    reason = forms.CharField(label="Why no review", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class IntervalForm(WhenMixin, forms.Form):
    """One impact interval."""

    label = forms.CharField(label="What people noticed", max_length=limits.LINE)
    started = WhenField(label="From")
    ended = WhenField(label="To")

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day = self.event.local_start.date() if self.event.local_start else None
        start, end = (
            self.read_when("started", self.event.zone, day=day),
            self.read_when("ended", self.event.zone, day=day),
        )
        if start and end and end.at < start.at:
            self.add_error("ended", "The end lies before the start.")
        data.update(started_at=start.at if start else None, ended_at=end.at if end else None)
        return data


class FigureForm(forms.Form):
    """One number with what it counts."""

    value = forms.CharField(label="Figure", max_length=60)
    label = forms.CharField(label="What it counts", max_length=120)
