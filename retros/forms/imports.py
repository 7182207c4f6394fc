"""Forms of a record that is brought in: the record itself, and what it leaves open."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from aar_site.people import zones
from aar_site.widgets import LongSelect
from aar_site.words import day_month_year
from retros import limits, when
from retros.imports.found import FORMATS, MEANINGS, Person, Reading

MEGABYTES = limits.IMPORT_BYTES // 2**20
AUTO = [("auto", "Find out"), *FORMATS.items()]
MOST_PEOPLE = 60  # that are asked for by name; the rest keep what the record calls them
PASTED = "pasted text"
OTHER = "other"
QUESTIONS = ("zone", "other_zone", "day", "captured", "day_first", "only", "private")


class RecordForm(forms.Form):
    """Text or a file; `cleaned_data` has its name and its bytes."""

    text = forms.CharField(
        label="Paste it here",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "raw tall", "rows": 10, "data-long": "", "spellcheck": "false"}),
    )
    file = forms.FileField(
        label="Or choose a file",
        required=False,
        help_text=f"Text, CSV, JSON or the zip of a Slack export, up to {MEGABYTES} MB.",
    )
    format = forms.ChoiceField(label="It is", choices=AUTO, required=False, initial="auto")
    is_all_optional = True

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(_with_text(data, files), files)
        words = f"This file has more than {MEGABYTES} MB. Cut it to the hours around the event."
        self.fields["file"].widget.attrs |= {"data-most": limits.IMPORT_BYTES, "data-big": words}

    def clean_format(self) -> str:
        return self.cleaned_data["format"] or "auto"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file, text = data.get("file"), data.get("text", "")
        if file and text.strip():
            self.add_error(
                "file", "There is a text and a file. Take one of them out; each becomes a record of its own."
            )
        elif file:
            if self._fits("file", file.size):
                data.update(name=file.name, bytes=file.read())
        elif text.strip():
            given = text.encode("utf-8", "replace")
            if self._fits("text", len(given)):
                data.update(name=PASTED, bytes=given)
        elif not self.errors:
            self.add_error("text", "Paste some lines, or choose a file.")
        return data

    def _fits(self, name: str, size: int) -> bool:
        if size <= limits.IMPORT_BYTES:
            return True
        self.add_error(name, f"It has more than {MEGABYTES} MB. Cut it to the hours around the event.")
        return False


def _with_text(data: Any, files: Any) -> Any:
    """What was sent, with a long text in its field: it comes as a file (see the page's script), because fields may hold 2 MB
    only."""
    pasted = files.get("text") if files else None
    if data is None or pasted is None:
        return data
    data = data.copy()
    data["text"] = pasted.read(limits.IMPORT_BYTES + 1).decode("utf-8", "replace")
    return data


class AnswersForm(forms.Form):
    """What the reading left open, and how it was understood, each with the present answer. Fields depend on the reading."""

    format = forms.ChoiceField(label="Read as", choices=AUTO)
    zone = forms.ChoiceField(
        label="Which clock do the lines use?",
        required=False,
        help_text="They name no zone. Without an answer their times stay unclear.",
        widget=forms.RadioSelect(attrs={"class": "three"}),
    )
    other_zone = forms.ChoiceField(label="Another zone", required=False, widget=LongSelect)
    day = forms.CharField(label="Day of the first line", required=False, max_length=60)
    captured = forms.CharField(label="Day on which the lines were taken", required=False, max_length=60)
    day_first = forms.ChoiceField(
        label="How is 03/04 to be read?",
        required=False,
        choices=[("yes", "The day first\n03/04 is 3 April"), ("no", "The month first\n03/04 is 4 March")],
        widget=forms.RadioSelect,
    )
    only = forms.CharField(label="Only these channels", required=False, max_length=1000)
    private = forms.BooleanField(
        label="Private channels, too",
        required=False,
        help_text="Whoever reads the timeline reads what you add from them. Ask the people who wrote there.",
    )
    is_all_optional = True

    def __init__(
        self,
        *args: Any,
        reading: Reading,
        answers: dict[str, Any],
        zones_offered: list[tuple[str, str]],
        day: date | None = None,
        people: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        """`zones_offered` are names of zones, each with how the first clock would read in it; the first is the event's.
        `day` is the event's own, offered where the record names none; `people` are those of the event."""
        self.reading, self.answers, self.own_day, self.ours = reading, answers, day, people
        # In an order that an answer does not change, because fields are told by their number.
        self.named = sorted(reading.people, key=lambda person: (-person.count, person.handle))[:MOST_PEOPLE]
        kwargs["initial"] = {**self._first(zones_offered), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        offered = [(name, f"{name.replace('_', ' ')}\n{words}") for name, words in zones_offered]
        self.fields["zone"].choices = [*offered, (OTHER, "Another one, or not known")]  # type: ignore[attr-defined]
        names = [(name, name.replace("_", " ")) for name in zones.names()]
        self.fields["other_zone"].choices = [("", "Not known"), *names]  # type: ignore[attr-defined]
        self._keep_what_is_asked()
        self._add_columns()
        self._add_people()

    def _first(self, zones_offered: list[tuple[str, str]]) -> dict[str, Any]:
        """The present answers as the fields show them."""
        answers = self.answers
        own = self.own_day.isoformat() if self.own_day else None
        first = {**answers, **{name: _words(answers.get(name, own)) for name in ("day", "captured")}}
        if "day_first" in answers:
            first["day_first"] = "yes" if answers["day_first"] else "no"
        zone = answers.get("zone")
        if zone and zone not in dict(zones_offered):
            first |= {"zone": OTHER, "other_zone": zone}
        elif not zone and zones_offered:
            first["zone"] = zones_offered[0][0]
        first["only"] = ", ".join(answers.get("only", []))
        return first

    def _keep_what_is_asked(self) -> None:
        """Questions that the record answers itself are not asked; those that were answered stay changeable."""
        is_zone_asked, is_slack = self.reading.needs_zone or "zone" in self.answers, self.reading.format == "slack"
        asked = {
            "zone": is_zone_asked,
            "other_zone": is_zone_asked,
            "only": (is_slack and len(self.channels) > 1) or "only" in self.answers,
            "private": (is_slack and any("private" in problem.reason for problem in self.reading.skipped))
            or "private" in self.answers,
            "day": self.reading.needs_day or "day" in self.answers,
            "captured": self.reading.needs_year or "captured" in self.answers,
            "day_first": self.reading.needs_order or "day_first" in self.answers,
        }
        for name, is_asked in asked.items():
            if not is_asked:
                del self.fields[name]
        if "day_first" in self.fields and self.reading.order:
            self.fields["day_first"].help_text = self.reading.order
        if "only" in self.fields:
            named = ", ".join(self.channels[:12])
            self.fields[
                "only"
            ].help_text = f"With commas between them. Empty means all: {named}{' …' if self.channels[12:] else ''}."
        for name in {"day", "captured"} & set(self.fields):
            self.fields[name].help_text = "Such as 21 Oct 2018 or 2018-10-21."
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def _add_columns(self) -> None:
        for number, column in enumerate(self.reading.columns):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=f"Meaning of {column.name or f'column {number + 1}'}",
                choices=list(MEANINGS.items()),
                required=False,
                initial=column.meaning,
            )

    def _add_people(self) -> None:
        known = self.answers.get("users", {})
        for number, person in enumerate(self.named):
            self.fields[f"person_{number}"] = forms.CharField(
                label=f"Who is “{person.handle}”?",
                required=False,
                max_length=limits.NAME,
                initial=known.get(person.handle, self._who(person)),
                widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off"}),
            )

    def _who(self, person: Person) -> str:
        """Whom a first name means, where one of the event's people has it; else what the record calls them. It is offered, and
        counts once it is sent."""
        called = person.name.casefold()
        ours = [name for name in self.ours if name.partition(" ")[0].casefold() == called]
        return ours[0] if len(ours) == 1 and not person.is_known else person.name

    @property
    def channels(self) -> list[str]:
        """Folders of an archive: those of a Slack export are its channels."""
        return sorted({name.split("/")[-2] for name in self.reading.files if "/" in name})

    @property
    def columns(self) -> list[tuple[Any, forms.BoundField]]:
        """Each column of the table with its field."""
        return [(column, self[f"column_{n}"]) for n, column in enumerate(self.reading.columns)]

    @property
    def people(self) -> list[tuple[Any, forms.BoundField]]:
        """Each person of the record with the field for their name."""
        return [(person, self[f"person_{n}"]) for n, person in enumerate(self.named)]

    @property
    def questions(self) -> list[forms.BoundField]:
        """Fields about the clock and the channels."""
        return [self[name] for name in QUESTIONS if name in self.fields]

    def clean_day(self) -> str:
        return self._read_day("day")

    def clean_captured(self) -> str:
        return self._read_day("captured")

    def _read_day(self, name: str) -> str:
        typed = self.cleaned_data[name].strip()
        if not typed:
            return ""
        try:
            read = when.read(typed, ZoneInfo("UTC"))
        except (when.NotATime, when.Unclear) as error:
            raise forms.ValidationError(str(error)) from None
        if read.precision == "month":
            raise forms.ValidationError("Name the day, too: 21 Oct 2018.")
        return read.at.date().isoformat()

    def clean(self) -> dict[str, Any]:
        """Two columns cannot both be the words or the moment."""
        data = super().clean() or {}
        if data.get("zone") == OTHER:
            data["zone"] = data.get("other_zone", "")
        for meaning in ("text", "time"):
            named = [column.name for n, column in enumerate(self.reading.columns) if data.get(f"column_{n}") == meaning]
            if len(named) > 1:
                last = max(n for n, _ in enumerate(self.reading.columns) if data.get(f"column_{n}") == meaning)
                self.add_error(
                    f"column_{last}", f"“{MEANINGS[meaning]}” is chosen twice. Leave one of the columns out."
                )
        return data

    def given(self) -> dict[str, Any]:
        """The answers as the reader takes them; what is left empty is not answered."""
        data = self.cleaned_data
        found: dict[str, Any] = {name: data[name] for name in ("zone", "day", "captured") if data.get(name)}
        if data.get("day_first"):
            found["day_first"] = data["day_first"] == "yes"
        channels = [name.strip().lstrip("#") for name in data.get("only", "").split(",")]
        if any(channels):
            found["only"] = [name for name in channels if name]
        if data.get("private"):
            found["private"] = True
        if self.reading.columns:
            found["columns"] = {c.name: data.get(f"column_{n}") or "skip" for n, c in enumerate(self.reading.columns)}
        users = dict(self.answers.get("users", {}))
        for number, person in enumerate(self.named):
            name = data.get(f"person_{number}", "").strip()
            if name and name != person.name:
                users[person.handle] = name
            elif not name:
                users.pop(person.handle, None)
        return {**found, "users": users} if users else found


def _words(day: str | None) -> str:
    """A stored day in words that read back to it."""
    on = date.fromisoformat(day) if day else None
    return day_month_year(on) if on else ""
