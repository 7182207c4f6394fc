"""Facts that are changed where they stand in the room, by who keeps the record there."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client

from retros.models import Choice, Event, Goal, ImpactFigure, ImpactInterval, Occurrence, Phase
from retros.services import events, kinds, meeting
from tests.factories import START

HX = {"HX-Request": "true"}


@pytest.fixture
def cast(cast: SimpleNamespace) -> SimpleNamespace:
    """A project in its room, with one goal."""
    Event.objects.filter(pk=cast.event.pk).update(kind="project")
    cast.event.refresh_from_db()
    cast.goal = Goal.objects.create(event=cast.event, text="Close the month in two days")
    meeting.start(cast.event, by=cast.facilitator)
    cast.event.refresh_from_db()
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=2)
    return cast


def client_of(cast: SimpleNamespace, role: str) -> Client:
    client = Client()
    client.force_login(getattr(cast, role))
    return client


def at(cast: SimpleNamespace, tail: str) -> str:
    return f"/e/{cast.event.code}/room/facts/{tail}"


def test_the_scribe_settles_a_goal_in_its_place(cast):
    client = client_of(cast, "scribe")
    form = client.get(at(cast, f"goals/{cast.goal.pk}/"), headers=HX).content.decode()
    assert "Close the month in two days" in form
    seen = re.search(r'name="seen" value="([^"]+)"', form)[1]
    sent = {"text": cast.goal.text, "outcome": "partly", "note": "Four days", "seen": seen}
    response = client.post(at(cast, f"goals/{cast.goal.pk}/"), sent, headers=HX)
    assert response.content == b'<div id="form-fact-goals"></div>'
    cast.goal.refresh_from_db()
    assert (cast.goal.outcome, cast.goal.note) == ("partly", "Four days")
    page = client_of(cast, "observer").get(f"/e/{cast.event.code}/room/").content.decode()
    assert "1 partly" in page


def test_who_was_quicker_is_shown_beside_what_was_typed(cast):
    client = client_of(cast, "scribe")
    seen = kinds.fingerprint(cast.goal)
    kinds.edit_part(cast.goal, by=cast.facilitator, seen=seen, note="Three days")
    sent = {"text": cast.goal.text, "outcome": "met", "note": "Four days", "seen": seen}
    response = client.post(at(cast, f"goals/{cast.goal.pk}/"), sent, headers=HX)
    body = response.content.decode()
    assert (response.status_code, response["HX-Retarget"]) == (409, "#form-fact-goals")
    assert [words in body for words in ("Three days", "Four days")] == [True, True]
    newer = re.search(r'name="seen" value="([^"]+)"', body)[1]
    assert client.post(at(cast, f"goals/{cast.goal.pk}/"), {**sent, "seen": newer}, headers=HX).status_code == 200


@pytest.mark.parametrize("slug", ["figures", "intervals"])
def test_two_who_correct_the_same_number_see_each_other(cast, slug):
    times = {"started_at": START, "ended_at": START + timedelta(hours=1)}
    if slug == "figures":
        row = events.add_figure(cast.event, by=cast.facilitator, value="12", label="orders late")
        quicker, mine = {"value": "14", "label": "orders late"}, {"value": "13", "label": "orders late"}
    else:
        row = events.add_interval(cast.event, by=cast.facilitator, label="Orders late", **times)
        quicker, mine = (
            {"label": "Orders lost", **times},
            {"label": "Orders slow", "started": "22:52", "ended": "23:52"},
        )
    client = client_of(cast, "scribe")
    form = client.get(at(cast, f"{slug}/{row.pk}/"), headers=HX).content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', form)[1]
    (events.edit_figure if slug == "figures" else events.edit_interval)(row, by=cast.facilitator, **quicker)
    response = client.post(at(cast, f"{slug}/{row.pk}/"), {**mine, "seen": seen}, headers=HX)
    body = response.content.decode()
    assert (response.status_code, response["HX-Retarget"]) == (409, f"#form-fact-{slug}")
    theirs, own = ("14", "13") if slug == "figures" else ("Orders lost", "Orders slow")
    assert (f">{theirs}</dd>" in body, f'value="{own}"' in body) == (True, True)
    row.refresh_from_db()
    assert getattr(row, "value" if slug == "figures" else "label") == theirs
    newer = re.search(r'name="seen" value="([^"]+)"', body)[1]
    assert client.post(at(cast, f"{slug}/{row.pk}/"), {**mine, "seen": newer}, headers=HX).status_code == 200


def test_a_row_that_cannot_be_kept_comes_back_with_its_words(cast):
    client = client_of(cast, "scribe")
    sent = {"text": "", "outcome": "met", "note": "WRITTENWORDS"}
    response = client.post(at(cast, "goals/add/"), sent, headers=HX)
    assert (response.status_code, "WRITTENWORDS" in response.content.decode()) == (422, True)
    page = client.post(at(cast, "goals/add/"), sent)  # without script: the whole room, with the form in its place
    assert (page.status_code, 'id="stage"' in page.content.decode(), "WRITTENWORDS" in page.content.decode()) == (
        422,
        True,
        True,
    )
    assert Goal.objects.count() == 1


def test_without_script_the_form_stands_in_the_room_and_leads_back(cast):
    client = client_of(cast, "scribe")
    page = client.get(at(cast, f"goals/{cast.goal.pk}/")).content.decode()
    assert 'id="stage"' in page
    assert 'id="form-fact-goals"' in page
    assert "Keep the goal" in page
    sent = {"text": "Another one", "outcome": ""}
    assert client.post(at(cast, "goals/add/"), sent)["Location"] == f"/e/{cast.event.code}/room/"
    assert Goal.objects.filter(text="Another one").exists()


@pytest.mark.parametrize(
    ("kind", "slug", "sent", "model"),
    [
        ("project", "phases", {"title": "Settle", "planned_start": "1 Aug 2026"}, Phase),
        ("project", "choices", {"text": "Move by size", "known_then": "Quick"}, Choice),
        ("recurring", "occurrences", {"text": "In March", "promised": "A second person"}, Occurrence),
        ("incident", "figures", {"value": "43 s", "label": "Link down"}, ImpactFigure),
        (
            "incident",
            "intervals",
            {"label": "Link down", "started": "21 Oct 2018, 22:52", "ended": "22:53"},
            ImpactInterval,
        ),
    ],
)
def test_every_list_takes_a_row(cast, kind, slug, sent, model):
    Event.objects.filter(pk=cast.event.pk).update(kind=kind)
    response = client_of(cast, "scribe").post(at(cast, f"{slug}/add/"), sent, headers=HX)
    assert response.content == f'<div id="form-fact-{slug}"></div>'.encode()
    row = model.objects.get(event=cast.event)
    field = next(iter(sent))
    assert getattr(row, field) == sent[field]
    form = client_of(cast, "scribe").get(at(cast, f"{slug}/{row.pk}/"), headers=HX).content.decode()
    assert str(sent[field]) in form


def test_the_first_phase_is_added_where_phases_are_looked_at(cast):
    """Without any phase the step would be a dead end."""
    slugs = [step.slug for step in cast.event.meeting.steps.all()]
    meeting.go(cast.event, by=cast.facilitator, from_rank=2, to_rank=slugs.index("timeline"))
    page = client_of(cast, "scribe").get(f"/e/{cast.event.code}/room/").content.decode()
    assert "No phase is recorded yet." in page
    assert 'id="fact-add-phases"' in page
    assert 'id="form-fact-phases"' in page


def test_facts_of_the_room_are_changed_while_it_is_open_by_who_keeps_the_record(cast):
    assert client_of(cast, "participant").get(at(cast, f"goals/{cast.goal.pk}/"), headers=HX).status_code == 403
    assert client_of(cast, "scribe").get(at(cast, "wishes/add/"), headers=HX).status_code == 404
    meeting.end(Event.objects.get(pk=cast.event.pk), by=cast.facilitator)
    response = client_of(cast, "scribe").post(at(cast, "goals/add/"), {"text": "Late"}, headers=HX)
    assert response.status_code == 409
    assert not Goal.objects.filter(text="Late").exists()
