"""Forms of events: what is wrong and how to mend it, and times in the event's own zone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aar_site import clock
from retros import limits
from retros.forms.events import EventForm, FigureForm, IntervalForm, NewEventForm, differences, initial_of
from retros.models import Impact, ImpactInterval
from retros.services import people
from tests.factories import START, make_event, make_service, make_team, make_user

TITLE = {"kind": "incident", "title": "Forty-three seconds", "time_zone": "UTC", "distribution": "internal"}


def form(**data: Any) -> EventForm:
    return EventForm({**TITLE, **data})


def errors(bound: Any) -> dict[str, list[str]]:
    return {name: list(messages) for name, messages in bound.errors.items()}


def test_a_title_is_enough(db):
    bound = form()
    assert errors(bound) == {}
    assert (bound.cleaned_data["started_at"], bound.cleaned_data["ended_at"]) == (None, None)


@pytest.mark.parametrize(("kind", "year"), [("incident", 2025), ("launch", 2026)])
def test_a_date_without_a_year_lies_behind_unless_the_event_may_be_opened_ahead(db, monkeypatch, kind, year):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 26, tzinfo=UTC))
    bound = form(kind=kind, started="20 Dec, 22:52")
    assert errors(bound) == {}
    assert bound.cleaned_data["started_at"] == datetime(year, 12, 20, 22, 52, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "field", "said"),
    [
        ({"title": "  "}, "title", "required"),
        ({"title": "x" * 201}, "title", "at most 200 characters"),
        ({"kind": "party"}, "kind", "valid choice"),
        ({"started": "soon"}, "started", "Write a time such as"),
        ({"started": "12/05/2026"}, "started", "12/05/2026 can be read in two ways"),
        ({"started": "23:02"}, "started", "Add the day"),
        ({"started": "22 Oct 2018, 23:02", "ended": "21 Oct 2018"}, "ended", "The end lies before the start"),
        ({"started": "25 Mar 2018, 02:30", "time_zone": "Europe/Berlin"}, "started", "the clocks went forward"),
        ({"started": "28 Oct 2018, 02:30", "time_zone": "Europe/Berlin"}, "started", "the clocks went back"),
        ({"time_zone": "Mars/Phobos"}, "time_zone", "valid choice"),
        (
            {"severity": "major"},
            "severity",
            "Major launch belongs to another kind than incident. Choose from its own group",
        ),
        ({"services": "x" * 81}, "services", "at most 80 characters. Put commas between names"),
        ({"users_count": "-1"}, "users_count", "greater than or equal to 0"),
        ({"users_count": "many"}, "users_count", "whole number"),
        ({"business_effect": "x" * 5001}, "business_effect", "at most 5000 characters"),
        ({"what_happened": "x" * 2001}, "what_happened", "at most 2000 characters"),
        ({"title": "a\x00b"}, "title", "Null characters"),
    ],
)
def test_what_is_wrong_stands_at_its_field(db, data, field, said):
    found = errors(form(**data))
    assert set(found) == {field}
    assert said in found[field][0]


def test_times_are_those_of_the_zone_and_a_clock_alone_ends_on_the_first_day(db):
    bound = form(started="21 Oct 2018, 22:52", ended="23:03", time_zone="Europe/Berlin")
    assert errors(bound) == {}
    assert bound.cleaned_data["started_at"] == datetime(2018, 10, 21, 20, 52, tzinfo=UTC)
    assert bound.cleaned_data["ended_at"] == datetime(2018, 10, 21, 21, 3, tzinfo=UTC)


@pytest.mark.parametrize(("noticed", "read"), [("4:24", (21, 4, 24)), ("21:10", (20, 21, 10))])
def test_over_night_a_clock_alone_is_of_the_day_after(db, noticed, read):
    data = {"started": "20 Nov 2025, 21:14", "noticed": noticed, "ended": "12:55", "facilitator": make_user().pk}
    bound = NewEventForm({**TITLE, **data}, people=people.members())
    assert errors(bound) == {}
    assert bound.cleaned_data["noticed_at"].at == datetime(2025, 11, *read, tzinfo=UTC)
    assert bound.cleaned_data["ended_at"] == datetime(2025, 11, 21, 12, 55, tzinfo=UTC)


@pytest.mark.parametrize(
    ("noticed", "ended", "read"),
    [
        ("23 Nov 2025, 1:38", "19:27", (23, 19, 27)),  # the field before it names the day
        ("23 Nov 2025, 1:38", "22 Nov 2025, 19:27", (22, 19, 27)),  # over before anybody noticed, and said so
        ("4:24", "2:00", (22, 2, 0)),  # not on the day of the sign either
    ],
)
def test_a_clock_alone_at_the_end_follows_a_first_sign_of_another_day(db, noticed, ended, read):
    data = {"started": "22 Nov 2025, 0:55", "noticed": noticed, "ended": ended, "facilitator": make_user().pk}
    bound = NewEventForm({**TITLE, **data}, people=people.members())
    assert errors(bound) == {}
    assert bound.cleaned_data["ended_at"] == datetime(2025, 11, *read, tzinfo=UTC)


@pytest.mark.parametrize(("ended", "precision"), [("21 Oct 2018", "day"), ("2018-10", "month")])
def test_an_end_that_is_a_day_or_a_month_may_hold_the_start(db, ended, precision):
    bound = form(started="21 Oct 2018, 22:52", ended=ended)
    assert errors(bound) == {}
    assert (bound.cleaned_data["ended_at"], bound.cleaned_data["ended_precision"]) == (START, precision)


def test_services_are_names_between_commas(db):
    bound = form(services=" mysql,, webhooks , ")
    assert errors(bound) == {}
    assert bound.cleaned_data["services"] == ["mysql", "webhooks"]


def test_facilitator_and_scribe_are_two_people(db):
    ines = make_user("Ines")
    people = type(ines).objects.all()
    bound = NewEventForm({**TITLE, "facilitator": ines.pk, "scribe": ines.pk}, people=people)
    assert "nobody can listen and write at once" in errors(bound)["scribe"][0]
    assert "facilitator" in errors(NewEventForm(TITLE, people=people))


def test_what_is_kept_fills_the_form_and_reads_back_to_itself(db):
    at = datetime(2018, 10, 28, 0, 30, 5, tzinfo=UTC)  # half past two, the first time
    event = make_event(
        "T", started_at=at, ended_at=at + timedelta(hours=1), time_zone="Europe/Berlin", team=make_team()
    )
    event.services.add(make_service("mysql"), make_service("pages"))
    Impact.objects.filter(event=event).update(users_count=31, business_effect="none")
    event.refresh_from_db()
    values = initial_of(event)
    assert (values["started"], values["ended"]) == ("28 Oct 2018, 02:30:05 +02:00", "28 Oct 2018, 02:30:05 +01:00")
    bound = EventForm({**values, "team": event.team_id})
    assert errors(bound) == {}
    assert (bound.cleaned_data["started_at"], bound.cleaned_data["ended_at"]) == (event.started_at, event.ended_at)
    assert bound.cleaned_data["services"] == ["mysql", "pages"]


def test_differences_name_what_is_kept_now(db):
    event = make_event("Theirs", severity="sev1", is_restricted=True)
    now = initial_of(event)
    bound = EventForm({**now, "title": "Mine", "severity": "", "is_restricted": "", "started": "x"})
    assert differences(bound, now) == [
        ("Title", "Theirs"), ("Severity", "SEV-1"), ("Began", "21 Oct 2018, 22:52"), ("Only for its own people", "yes"),
    ]  # fmt: skip


# --- Intervals, figures -------------------------------------------------------------------------------------------
def interval(event: Any = None, row: ImpactInterval | None = None, **data: Any) -> IntervalForm:
    return IntervalForm({"label": "Stale pages", **data}, event=event or make_event(), interval=row)


def test_an_interval_reads_clocks_on_the_events_days(db):
    bound = interval(started="23:19", ended="23:45")
    assert errors(bound) == {}
    assert bound.cleaned_data["started_at"] == datetime(2018, 10, 21, 23, 19, tzinfo=UTC)
    assert bound.cleaned_data["ended_at"] == datetime(2018, 10, 21, 23, 45, tzinfo=UTC)
    assert "lies before the start" in errors(interval(started="23:19", ended="23:00"))["ended"][0]


def test_a_vague_side_of_an_interval_keeps_its_words(db):
    bound = interval(started="21 Oct 2018", ended="about 23:45")
    assert errors(bound) == {}
    assert bound.cleaned_data["started_at"] is None
    assert bound.cleaned_data["started_text"] == "21 Oct 2018"
    assert bound.cleaned_data["ended_text"] == "about 23:45"


def test_words_of_an_import_stay_as_they_are(db):
    event = make_event()
    row = ImpactInterval(event=event, label="x", started_text="some time in the morning")
    assert IntervalForm(event=event, interval=row)["started"].value() == "some time in the morning"
    bound = interval(event, row, started="some time in the morning")
    assert errors(bound) == {}
    assert bound.cleaned_data["started_text"] == "some time in the morning"


def test_a_figure_needs_both(db):
    assert set(errors(FigureForm({}))) == {"value", "label"}
    assert errors(FigureForm({"value": "x" * 61, "label": "y" * 121})).keys() == {"value", "label"}


def test_limits_of_forms_and_models_agree(db):
    fields = EventForm.base_fields
    assert fields["title"].max_length == limits.TITLE
    assert fields["users_affected"].max_length == Impact._meta.get_field("users_affected").max_length
    assert fields["business_effect"].max_length == Impact._meta.get_field("business_effect").max_length
