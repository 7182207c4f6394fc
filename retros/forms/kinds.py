"""Forms of what each kind of event has of its own: which fields the event's page asks, and one row of each of its lists."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms

from aar_site.widgets import LongSelect
from retros import limits, timing, when
from retros.forms.rows import RowsField
from retros.forms.whens import WhenField, WhenMixin, day_words
from retros.models import Choice, Event, Goal, Kind, Launch

YES_NO = [("", "Not stated"), ("no", "No"), ("yes", "Yes, or in part")]
DAYS = "9 Nov 2026"
LEAST, MOST = 0, 10**9

IMPACT = {
    "users_affected", "users_count", "business_effect", "customer_communication", "regulatory", "detected_how", "noticed",
}  # fmt: skip
AHEAD = {"runbook_url", "review_on"}
LAUNCH = {
    "scope", "planned_start", "planned_end", "maintenance_minutes", "issue_count", "issue_note", "was_rolled_back",
    "rollback_note", "first_week_incidents", "first_week_note", "business_outcome",
}  # fmt: skip
OWN: dict[str, set[str]] = {
    Kind.INCIDENT: IMPACT,
    Kind.LAUNCH: LAUNCH | AHEAD | {"goals"},
    Kind.PROJECT: AHEAD | {"goals"},
    Kind.RECURRING: IMPACT | {"occurrences"},
    Kind.DECISION: {"decided", "known_then", "expected", "options"},
}
# Fields that some kinds ask and others do not.
SOMETIMES = frozenset().union(*OWN.values())


def area(label: str, **kwargs: Any) -> forms.CharField:
    """A text of a few lines that nobody must write."""
    most = kwargs.pop("max_length", limits.NOTE)
    return forms.CharField(
        label=label, max_length=most, required=False, widget=forms.Textarea(attrs={"rows": 2}), **kwargs
    )


def number(label: str, **kwargs: Any) -> forms.IntegerField:
    """A count that nobody must know."""
    return forms.IntegerField(label=label, min_value=LEAST, max_value=MOST, required=False, **kwargs)


def yes_or_no(value: Any) -> bool | None:
    return {"yes": True, "no": False}.get(value)


class AheadFields(WhenMixin, forms.Form):
    """A launch or project may be opened before it happened: where its runbook is, and when it will be looked back at."""

    runbook_url = forms.URLField(label="Runbook", max_length=500, required=False, assume_scheme="https")
    review_on = WhenField(label="Review planned for", placeholder=DAYS)

    def read_review_on(self) -> dict[str, Any]:
        day, precision = self.read_day("review_on")
        if precision == "month":
            self.add_error("review_on", f"Name the day, for example {DAYS}.")
        return {"review_on": day}


class LaunchFields(WhenMixin, forms.Form):
    """How a launch went. The actual window is the event's own beginning and end."""

    scope = area("What went out, and to whom")
    planned_start = WhenField(label="Planned from", placeholder=DAYS)
    planned_end = WhenField(label="Planned to", placeholder=DAYS)
    maintenance_minutes = number("Maintenance time in minutes")
    issue_count = number("Issues during the launch")
    issue_note = forms.CharField(label="How severe they were", max_length=limits.NOTE, required=False)
    was_rolled_back = forms.TypedChoiceField(
        label="Rolled back?", choices=YES_NO, coerce=yes_or_no, empty_value=None, required=False
    )
    rollback_note = forms.CharField(label="What was rolled back, and why then", max_length=limits.NOTE, required=False)
    first_week_incidents = number("Incidents in the first seven days")
    first_week_note = forms.CharField(label="The first seven days in words", max_length=limits.NOTE, required=False)
    business_outcome = area("Result so far", help_text="In numbers that the goal was set in, where there are some.")

    def read_window(self, zone: ZoneInfo) -> dict[str, Any]:
        """The planned window with its precision."""
        start = self.read_when("planned_start", zone)
        end = self.read_when("planned_end", zone, day=start.at.astimezone(zone).date() if start else None)
        if start and end and end.at < start.at:
            self.add_error("planned_end", "The end lies before the start. Check the day, or swap the two.")
        return {
            "planned_start": start.at if start else None,
            "planned_start_precision": start.precision if start else "exact",
            "planned_end": end.at if end else None,
            "planned_end_precision": end.precision if end else "exact",
        }


def launch_initial(event: Event) -> dict[str, Any]:
    """The form's values of a launch that is there."""
    launch: Any = getattr(event, "launch", None) or Launch()
    values = {name: getattr(launch, name) for name in LAUNCH if not name.startswith("planned")}
    values["was_rolled_back"] = {True: "yes", False: "no"}.get(launch.was_rolled_back, "")
    for name in ("planned_start", "planned_end"):
        at = getattr(launch, name)
        values[name] = when.words(at.astimezone(event.zone) if at else None, getattr(launch, f"{name}_precision"))
    return values


def lines(text: str, most: int = limits.LINE) -> list[str]:
    """The lines of a text, each the words of one row. Raises ValidationError for one that is too long."""
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if any(len(line) > most for line in found):
        raise forms.ValidationError(f"A line has at most {most} characters. Details follow on the next page.")
    return found[:50]


def dated(event: Any) -> str:
    """An event among others: its title, and on a second line, which is set small, when it was."""
    return f"{event.title}\n{timing.date_range(event.local_start, event.local_end, event.started_precision)}"


class EarlierField(RowsField):
    """Earlier events as boxes to tick."""

    def label_from_instance(self, obj: Any) -> str:
        return dated(obj)


class OneEarlierField(forms.ModelChoiceField):
    """An earlier event in a list."""

    def label_from_instance(self, obj: Any) -> str:
        return dated(obj).replace("\n", ", ").rstrip(", ")


class FirstRowsFields(forms.Form):
    """What a new event of its kind begins with; further rows follow on its own page."""

    goals = area("What was it meant to achieve?", help_text="One goal a line. The review compares against these words.")
    decided = forms.CharField(label="What was decided", max_length=limits.LINE, required=False)
    options = area("What else lay on the table", help_text="One option a line.")
    known_then = area("What was known then")
    expected = area("What was expected of it")
    occurrences = EarlierField(
        Event.objects.none(),
        label="It happened before",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_goals(self) -> list[str]:
        return lines(self.cleaned_data["goals"])

    def clean_options(self) -> list[str]:
        return lines(self.cleaned_data["options"])


# --- Rows -----------------------------------------------------------------------------------------------------------
class PartForm(WhenMixin, forms.Form):
    """One row of a list. `days` names the fields that hold a day, with whether it ends something."""

    days: ClassVar[dict[str, bool]] = {}
    heading, one, hint = "", "", ""

    def __init__(self, *args: Any, event: Event, earlier: Any = None, row: Any = None, **kwargs: Any) -> None:
        self.event, self.row = event, row
        kwargs.setdefault("auto_id", "id_%s" if row else f"id_{type(self).__name__.lower()}_%s")
        super().__init__(*args, **kwargs)
        if row:
            self.initial = {name: self.value_of(row, name) for name in self.fields}

    @classmethod
    def value_of(cls, row: Any, name: str) -> Any:
        value = getattr(row, name)
        return day_words(value, getattr(row, f"{name}_precision")) if name in cls.days else value

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, is_end in self.days.items():
            data[name], data[f"{name}_precision"] = self.read_day(name, is_end=is_end)
        for start, end in (("planned_start", "planned_end"), ("actual_start", "actual_end")):
            if data.get(start) and data.get(end) and data[end] < data[start]:
                self.add_error(end, "The end lies before the start. Check the day, or swap the two.")
        return data


class GoalForm(PartForm):
    """A goal, and how far it was met."""

    heading, one, hint = "Goals", "goal", "Not met is a finding, not a fault"

    text = forms.CharField(label="Goal", max_length=limits.LINE)
    outcome = forms.ChoiceField(label="Outcome", choices=[("", "Not said yet"), *Goal.Outcome.choices], required=False)
    note = area("What shows it")


class PhaseForm(PartForm):
    """A phase with its planned and actual days; the difference is computed."""

    heading, one, hint = "Phases", "phase", "The difference is computed"

    days: ClassVar = {"planned_start": False, "planned_end": True, "actual_start": False, "actual_end": True}
    title = forms.CharField(label="Phase", max_length=120)
    planned_start = WhenField(label="Planned from", placeholder=DAYS)
    planned_end = WhenField(label="Planned to", placeholder=DAYS)
    actual_start = WhenField(label="Actual from", placeholder=DAYS)
    actual_end = WhenField(label="Actual to", placeholder=DAYS)
    note = area("What moved it")


class ChoiceForm(PartForm):
    """A decision in retrospect, or one of the options of a decision."""

    heading, one, hint = "Decisions on the way", "decision", "As it looked then, and what came of it"

    days: ClassVar = {"decided_on": False}
    text = forms.CharField(label="Decision", max_length=limits.LINE)
    decided_on = WhenField(label="Decided on", placeholder=DAYS)
    was_chosen = forms.BooleanField(label="This was chosen", required=False, initial=True)
    known_then = area("What was known then")
    expected = area("What was expected of it")
    outcome = area("What came of it")
    again = forms.ChoiceField(
        label="Would we do it again?", choices=[("", "Not said yet"), *Choice.Again.choices], required=False
    )

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, event=event, **kwargs)
        if event.kind == Kind.DECISION:
            self.heading, self.one = "Options at that time", "option"
            self.fields["text"].label = "Option"


class OccurrenceForm(PartForm):
    """An earlier time: an event that stands here, or a line about one that does not."""

    heading, one, hint = "Occurrences", "occurrence", "What was promised each time, and what became of it"

    days: ClassVar = {"on": False}
    earlier = OneEarlierField(
        Event.objects.none(), label="An event that stands here", required=False, empty_label="None of these",
        widget=LongSelect,
    )  # fmt: skip
    text = forms.CharField(label="Or what happened, in a line", max_length=limits.LINE, required=False)
    on = WhenField(label="When", placeholder=DAYS)
    promised = area("What was promised then")
    became = area("What became of it")

    def __init__(self, *args: Any, earlier: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["earlier"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = earlier
        # An event that this writer may not open stays linked, and unnamed.
        self.is_linked = bool(self.row and self.row.earlier_id and not earlier.filter(pk=self.row.earlier_id).exists())
        if self.is_linked:
            del self.fields["earlier"]

    @classmethod
    def value_of(cls, row: Any, name: str) -> Any:
        return row.earlier_id if name == "earlier" else super().value_of(row, name)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("earlier") and not data.get("text") and not self.is_linked and not self.errors:
            self.add_error("text", "Choose an event, or say in a line what happened.")
        return data


FORMS: dict[str, type[PartForm]] = {
    "goals": GoalForm,
    "phases": PhaseForm,
    "choices": ChoiceForm,
    "occurrences": OccurrenceForm,
}
