"""Forms of events: the event itself, its impact, its time."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from aar_site import clock
from aar_site.people import zones
from aar_site.people.models import Team, User
from aar_site.widgets import LongSelect, OneByName
from retros import limits, timing, when
from retros.forms import kinds
from retros.forms.kinds import AheadFields, FirstRowsFields, LaunchFields
from retros.forms.whens import WhenField, WhenMixin, day_words
from retros.models import Distribution, Event, ImpactFigure, ImpactInterval, Kind, Severity

KINDS = [  # the second line of a choice is set small
    (Kind.INCIDENT, "Incident\nSomething broke or came close"),
    (Kind.LAUNCH, "Launch\nSomething went out"),
    (Kind.PROJECT, "Project\nA stretch of work ended"),
    (Kind.RECURRING, "Recurring issue\nIt happened again"),
    (Kind.DECISION, "Decision\nWe chose, and now know more"),
]
LEVELS = ["sev1", "sev2", "sev3", "sev4"]
FITTING: dict[str, list[str]] = {
    Kind.INCIDENT: LEVELS,
    Kind.RECURRING: LEVELS,
    Kind.LAUNCH: ["major", "minor"],
    Kind.PROJECT: ["large", "medium", "small"],
    Kind.DECISION: [value for value in Severity.values if value],
}
# What fields are called where they mean something else than for an incident.
LABELS: dict[str, dict[str, str]] = {
    Kind.INCIDENT: {"severity": "Severity"},
    Kind.RECURRING: {"severity": "Severity", "started": "Last time, from", "ended": "Last time, to"},
    Kind.LAUNCH: {"severity": "Scope", "started": "Actual from", "ended": "Actual to"},
    Kind.PROJECT: {"severity": "Size"},
    Kind.DECISION: {"started": "Decided on", "ended": "Outcome known by"},
}
COARSE = {"day", "month"}

FOLLOWS: dict[str, str] = {
    Kind.INCIDENT: "Impact intervals and figures follow on the next page.",
    Kind.LAUNCH: "How far each goal was met, phases and figures follow on the next page.",
    Kind.PROJECT: "Phases, how far each goal was met, and decisions on the way follow on the next page.",
    Kind.RECURRING: "Earlier times, with what was promised and what became of it, follow on the next page.",
    Kind.DECISION: "What came of it, and further options, follow on the next page.",
}


class EventForm(AheadFields, LaunchFields):
    """Everything that is asked of an event on one page; of what only some kinds have, what this kind has.

    A field of another kind stays where it holds something, so that nothing typed or imported is out of reach.
    """

    kind = forms.ChoiceField(
        label="What kind of event was it?",
        choices=KINDS,
        initial=Kind.INCIDENT,
        widget=forms.RadioSelect(attrs={"class": "kinds"}),
    )
    title = forms.CharField(
        label="Title",
        max_length=limits.TITLE,
        help_text="Name the event, not a cause: it is the first thing people read.",
    )
    what_happened = forms.CharField(
        label="In one or two sentences", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    team = OneByName(Team.objects.all(), label="Team", required=False, empty_label="No team")
    services = forms.CharField(
        label="Affected services",
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "mysql, webhooks, pages"}),
    )
    severity = forms.ChoiceField(label="Severity or scope", required=False)
    started = WhenField(label="Began", help_text="A day or month is enough.")
    ended = WhenField(label="Ended", help_text="The meeting needs an end.")
    time_zone = forms.ChoiceField(label="Clock", choices=[], help_text="Zone of these times.", widget=LongSelect)
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
    distribution = forms.ChoiceField(
        label="Meant for",
        choices=Distribution.choices,
        initial=Distribution.INTERNAL,
        help_text="Can change later.",
    )
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
        self.chosen_kind = self._kind()
        self._fit()

    def _kind(self) -> str:
        """What was chosen; before that, what the event is."""
        chosen = self.data.get("kind") if self.is_bound else None
        given = [chosen, self.initial.get("kind"), Kind.INCIDENT]
        return str(next(kind for kind in given if kind in Kind.values))

    def _fit(self) -> None:
        """Leave what this kind is asked, under the names that it goes by."""
        held = self.data if self.is_bound else self.initial
        for name in kinds.SOMETIMES & set(self.fields) - kinds.OWN[self.chosen_kind]:
            if held.get(name) in (None, "", []):
                del self.fields[name]
        for name, label in LABELS[self.chosen_kind].items():
            self.fields[name].label = label
        now = held.get("severity") or ""
        offered = [
            *FITTING[self.chosen_kind],
            *([now] if now in Severity.values and now not in FITTING[self.chosen_kind] else []),
        ]
        field = self.fields["severity"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [("", "Not stated"), *((value, Severity(value).label) for value in offered if value)]

    @property
    def chosen_severity(self) -> str:
        """What was chosen, if it is one."""
        given = str((self.data if self.is_bound else self.initial).get("severity") or "")
        return given if given in Severity.values else ""

    @property
    def is_slow(self) -> bool:
        """Whether its offsets count in days and weeks."""
        return self.chosen_kind in timing.SLOW

    @property
    def follows(self) -> str:
        """What is asked on the event's own page, once there is one."""
        return FOLLOWS[self.chosen_kind]

    def clean_services(self) -> list[str]:
        names = [name.strip() for name in self.cleaned_data["services"].split(",") if name.strip()]
        if any(len(name) > limits.NAME for name in names):
            raise forms.ValidationError(
                f"A service's name has at most {limits.NAME} characters. Put commas between names."
            )
        return names

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = data.get("severity")
        if chosen and chosen not in FITTING.get(data.get("kind", ""), [chosen]):
            kind = Kind(data["kind"]).label.lower()
            fix = "Choose from its own group, or leave it not stated."
            self.add_error("severity", f"{Severity(chosen).label} belongs to another kind than {kind}. {fix}")
        if "time_zone" in data:
            data.update(self.read_times(ZoneInfo(data["time_zone"])))
            if "planned_start" in self.fields and "planned_end" in self.fields:
                data.update(self.read_window(ZoneInfo(data["time_zone"])))
        if "review_on" in self.fields:
            data.update(self.read_review_on())
        return data

    def near(self, zone: ZoneInfo) -> date:
        """Where a date without a year lies: in the last twelve months, unless the event may be opened ahead."""
        return clock.today(zone.key) - timedelta(days=0 if "review_on" in self.fields else 180)

    def read_after(
        self, name: str, zone: ZoneInfo, start: datetime | None, *, before: timedelta = timedelta()
    ) -> when.When | None:
        """A clock alone is of the start's day; of the day after, where it would lie more than `before` ahead of the start."""
        day = start.astimezone(zone).date() if start else None
        read = self.read_when(name, zone, day=day, near=self.near(zone))
        if read and start and day and read.at < start - before:
            return self.read_when(name, zone, day=day + timedelta(days=1), near=self.near(zone))
        return read

    def read_times(self, zone: ZoneInfo) -> dict[str, Any]:
        """Start and end with their precision; an end that is only a day or a month may hold the start."""
        start = self.read_when("started", zone, near=self.near(zone))
        end = self.read_after("ended", zone, start.at if start else None)
        ended_at = end.at if end else None
        if start and end and end.at < start.at:
            if end.precision in COARSE and same_period(start.at, end, zone):
                ended_at = start.at
            else:
                self.add_error("ended", "The end lies before the start. Check the day, or swap the two.")
        return {
            "started_at": start.at if start else None,
            "started_precision": start.precision if start else "exact",
            "ended_at": ended_at,
            "ended_precision": end.precision if end else "exact",
        }


def same_period(moment: Any, period: when.When, zone: ZoneInfo) -> bool:
    """Whether a moment lies in the day or month that a coarse time names."""
    a, b = moment.astimezone(zone), period.at.astimezone(zone)
    return (a.year, a.month) == (b.year, b.month) and (period.precision == "month" or a.day == b.day)


class NewEventForm(FirstRowsFields, EventForm):
    """The same page for a new event, with the first sign, the first rows of its kind, and who meets."""

    noticed = WhenField(label="First noticed", help_text="Other times count from it.")
    facilitator = OneByName(
        User.objects.none(), label="Facilitator", help_text="Keeps questions open.", widget=LongSelect
    )
    scribe = OneByName(
        User.objects.none(),
        label="Scribe",
        required=False,
        empty_label="Later",
        help_text="Not the facilitator.",
        widget=LongSelect,
    )
    no_review_reason = forms.CharField(
        label="No review, because",
        max_length=2000,
        required=False,
        help_text="A decision, not a gap. Leave it empty, and the event is reviewed.",
    )

    def __init__(self, *args: Any, people: Any, earlier: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "occurrences" in self.fields:
            field = self.fields["occurrences"]
            assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101 - for the type checker
            if earlier:
                field.queryset = earlier
            else:
                del self.fields["occurrences"]
        for name in ("facilitator", "scribe"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
            field.queryset = people

    def read_times(self, zone: ZoneInfo) -> dict[str, Any]:
        times = super().read_times(zone)
        if "noticed" not in self.fields:
            return times
        noticed = self.read_after("noticed", zone, times["started_at"], before=timedelta(hours=12))
        if noticed and times["ended_at"] and times["ended_at"] < noticed.at:
            # a clock alone was read on the first day; what follows a later first sign in the form means that one's day
            day = noticed.at.astimezone(zone).date()
            later = self.read_when("ended", zone, day=day, near=self.near(zone))
            if later and later.at >= noticed.at:
                times["ended_at"] = later.at
        return {**times, "noticed_at": noticed}

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
    values["services"] = ", ".join(service.name for service in event.services.all())
    for name in (
        "users_affected",
        "users_count",
        "business_effect",
        "customer_communication",
        "regulatory",
        "detected_how",
    ):
        values[name] = getattr(impact, name, "")
    values["runbook_url"], values["review_on"] = event.runbook_url, day_words(event.review_on, "day")
    values.update(kinds.launch_initial(event))
    values["started"] = when.words(event.local_start, event.started_precision)
    values["ended"] = when.words(event.local_end, event.ended_precision)
    return values


def differences(form: forms.Form, now: dict[str, Any]) -> list[tuple[str, str]]:
    """(label, what is kept) of each field that holds something else than what was typed."""
    return [
        (str(field.label), kept_words(field, now[name]))
        for name, field in form.fields.items()
        if name in now and field.has_changed(now[name], form.data.get(name))
    ]


def kept_words(field: forms.Field, value: Any) -> str:
    """A form value as the reader knows it: the words of a choice, yes or no, "empty"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in (None, ""):
        return "empty"
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        groups = [inner if isinstance(inner, (list, tuple)) else [(key, inner)] for key, inner in choices]
        words = next((words for group in groups for key, words in group if str(key) == str(value)), value)
        return str(words).partition("\n")[0]  # the second line of a choice is its small print
    return str(value)


class ReasonForm(forms.Form):
    """A reason in a sentence."""

    reason = forms.CharField(label="Why no review", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class IntervalForm(WhenMixin, forms.Form):
    """One impact interval. A time that is only a day stays in the words it was given in, and has no length."""

    label = forms.CharField(label="What people noticed", max_length=limits.LINE)
    started = WhenField(label="From")
    ended = WhenField(label="To")

    def __init__(self, *args: Any, event: Event, interval: ImpactInterval | None = None, **kwargs: Any) -> None:
        self.event, self.interval = event, interval
        kwargs.setdefault("auto_id", "id_interval_%s")
        if interval:
            kwargs["initial"] = {name: self.value_of(interval, name) for name in ("label", "started", "ended")}
        super().__init__(*args, **kwargs)

    def value_of(self, row: ImpactInterval, name: str) -> str:
        """What the field holds of a row."""
        if name == "label":
            return row.label
        at = getattr(row, f"{name}_at")
        return getattr(row, f"{name}_text") or when.words(at.astimezone(self.event.zone) if at else None, "exact")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data.update(self._side("started"))
        day = data["started_at"] or self.event.local_start
        data.update(self._side("ended", day))
        if data["started_at"] and data["ended_at"] and data["ended_at"] < data["started_at"]:
            self.add_error("ended", "The end lies before the start.")
        return {name: value for name, value in data.items() if name not in {"started", "ended"}}

    def _side(self, name: str, day: Any = None) -> dict[str, Any]:
        """`<name>_at` and `<name>_text` of one end; words that were there before are kept as they are."""
        typed = self.cleaned_data.get(name, "").strip()
        before = self.interval
        if before and typed and typed == getattr(before, f"{name}_text"):
            return {f"{name}_at": getattr(before, f"{name}_at"), f"{name}_text": typed}
        day = day or self.event.local_start
        read = self.read_when(name, self.event.zone, day=day.astimezone(self.event.zone).date() if day else None)
        if read is None or read.precision == "exact":
            return {f"{name}_at": read.at if read else None, f"{name}_text": ""}
        return {f"{name}_at": None if read.precision in COARSE else read.at, f"{name}_text": typed}


class FigureForm(forms.Form):
    """One number with what it counts."""

    value = forms.CharField(label="Figure", max_length=60)
    label = forms.CharField(label="What it counts", max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "id_figure_%s", **kwargs})

    def value_of(self, row: ImpactFigure, name: str) -> str:
        """What the field holds of a row."""
        return str(getattr(row, name))
