"""Forms of the hints: the value that a mend asks for, and why what looks wrong is right."""

from dataclasses import dataclass
from typing import Any

from django import forms

from aar_site.people import zones
from retros import limits, when
from retros.models import Event
from retros.services import accounts
from retros.services.hints import Found, Hint, Mend, find

LABELS = {
    "time": "When it was", "start": "When it began", "end": "When it ended", "zone": "Time zone", "severity": "Severity",
    "mark": "Which moment", "decision": "Which moment",
}  # fmt: skip
CHOOSE = {"mark": "moment", "decision": "moment", "severity": "severity"}
MOMENTS = {"time", "start", "end"}


class MendForm(forms.Form):
    """One value, as the mend asks for it; `cleaned_data['value']` is what the service takes."""

    def __init__(self, *args: Any, event: Event, hint: Hint, way: Mend, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{hint.key}-{way.slug}-%s", **kwargs})
        self.event, self.way = event, way
        self.fields["value"] = self._field(way)

    def _field(self, way: Mend) -> forms.Field:
        label = LABELS[way.asks]
        if way.asks in MOMENTS:
            return forms.CharField(label=label, max_length=60, initial=way.initial)
        if way.asks == "zone":
            named = [(name, name.replace("_", " ")) for name in zones.names()]
            return forms.ChoiceField(label=label, choices=named, initial=way.initial)
        return forms.ChoiceField(label=label, choices=[("", f"Choose a {CHOOSE[way.asks]}"), *way.choices])

    def clean_value(self) -> Any:
        value = self.cleaned_data["value"]
        if self.way.asks not in MOMENTS:
            return value
        start = self.event.local_start
        try:
            return when.beside(value, accounts.frame_of(self.event, None), start.date() if start else None)[0]
        except (when.NotATime, when.Unclear) as error:
            raise forms.ValidationError(str(error)) from None


class AnswerForm(forms.Form):
    """Why it is right as it stands."""

    reason = forms.CharField(max_length=limits.LINE, error_messages={"required": "Say why it is right as it stands."})


@dataclass(frozen=True)
class Shown:
    """A hint with the ways that its reader may press, each with its form where it asks for a value; `errors` of what was sent."""

    hint: Hint
    ways: list[tuple[Mend, MendForm | None]]
    errors: list[str]
    reason: str = ""


def shown(event: Event, found: Found, verbs: frozenset[str], sent: tuple[str, Any] | None = None) -> list[Shown]:
    """Open hints as a page shows them. `sent` is (key, the form that was refused)."""
    rows = []
    for hint in found.open:
        form = sent[1] if sent and sent[0] == hint.key else None
        ways = [(way, _form(event, hint, way, form)) for way in hint.mends if way.verb in verbs]
        errors = [str(error) for each in form.errors.values() for error in each] if form else []
        reason = form.data.get("reason", "") if isinstance(form, AnswerForm) else ""
        rows.append(Shown(hint, ways, errors, reason))
    return rows


def aside(event: Event, marks: list[Any], verbs: frozenset[str], most: int = 3) -> dict[str, Any]:
    """The first few beside the timeline, for the people of the review while it can still be put right: contradictions first."""
    if event.is_closed or "enter room" not in verbs:
        return {"hints": [], "hint_count": 0}
    found = find(event, marks)
    first = Found(sorted(found.open, key=lambda hint: not hint.is_clash)[:most], [])
    return {"hints": shown(event, first, verbs), "hint_count": len(found.open)}


def _form(event: Event, hint: Hint, way: Mend, sent: Any) -> MendForm | None:
    if not way.asks:
        return None
    if isinstance(sent, MendForm) and sent.way.slug == way.slug:
        return sent
    return MendForm(event=event, hint=hint, way=way)
