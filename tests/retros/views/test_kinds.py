"""Pages of what a kind has of its own over HTTP: another kind keeps what was typed, conflicts show both sides, costs stay the same."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from retros.models import Choice, Event, Factor, Goal, Launch, Occurrence, Phase, State
from retros.services import kinds
from tests.factories import START, make_cast, make_event, make_service, make_user

NEW = {"title": "Second wave", "time_zone": "UTC", "distribution": "internal"}


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(cast: Any, name: str = "event_edit", *args: Any) -> str:
    return reverse(name, args=[cast.event.code, *args])


def page_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


# --- A new event ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("kind", "asked", "agenda"), [
    ("launch", "Planned from", "What deviated"), ("project", "What was it meant to achieve?", "What was hard"),
    ("decision", "What else lay on the table", "What to ask next time"), ("incident", "How it was noticed", "Root cause"),
])  # fmt: skip
def test_the_page_asks_and_sets_up_what_fits_the_kind(db, kind, asked, agenda):
    page = page_of(client_of(make_user()), f"/events/new/?kind={kind}")
    assert asked in page
    assert agenda in page.split('id="sets-up"')[1]
    assert "come later" not in page


def test_choosing_another_kind_keeps_what_was_typed_and_opens_nothing(db):
    client = client_of(make_user())
    typed = {**NEW, "kind": "launch", "show": "1", "users_affected": "everybody", "started": "nonsense"}
    response = client.post("/events/new/", typed)
    page = response.content.decode()
    assert response.status_code == 200
    assert all(
        words in page for words in ('value="Second wave"', 'value="everybody"', 'value="nonsense"', "Planned from")
    )
    assert "to fix" not in page
    assert not Event.objects.exists()


def test_a_launch_opens_with_its_facts_and_goals(db):
    ines = make_user("Ines")
    typed = {**NEW, "kind": "launch", "facilitator": ines.pk, "planned_start": "9 Nov 2026", "planned_end": "13 Nov 2026",
             "started": "10 Nov 2026", "ended": "18 Nov 2026", "goals": "Half of all sign-ins\nNo calls", "issue_count": "4",
             "was_rolled_back": "yes", "first_week_incidents": "1"}  # fmt: skip
    response = client_of(ines).post("/events/new/", typed, follow=True)
    page = response.content.decode()
    assert "Ended 5 days late, started 1 day late" in page
    assert "9\u201313 Nov 2026" in page
    assert [goal.text for goal in Goal.objects.all()] == ["Half of all sign-ins", "No calls"]
    assert Launch.objects.get().was_rolled_back is True


def test_an_event_is_recorded_without_a_review_in_one_go(db):
    ines = make_user("Ines")
    typed = {**NEW, "kind": "incident", "facilitator": ines.pk, "no_review_reason": "A known flake."}
    page = client_of(ines).post("/events/new/", typed, follow=True).content.decode()
    assert Event.objects.get().state == State.NOT_REVIEWED
    assert "A known flake." in page


def test_a_wrong_field_of_a_kind_is_asked_again_with_what_was_typed(db):
    ines = make_user()
    typed = {
        **NEW,
        "kind": "launch",
        "facilitator": ines.pk,
        "planned_start": "9 Nov 2026",
        "planned_end": "8 Nov 2026",
    }
    response = client_of(ines).post("/events/new/", typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'href="#id_planned_end"' in page
    assert 'value="8 Nov 2026"' in page
    assert not Event.objects.exists()


# --- Rows -------------------------------------------------------------------------------------------------------------
def test_a_row_is_added_changed_and_removed(db):
    cast = make_cast(kind="project")
    client = client_of(cast.facilitator)
    typed = {"title": "Design", "planned_end": "2026-06", "actual_end": "15 Jul 2026"}
    added = client.post(url(cast, "part_add", "phases"), typed)
    assert (added.status_code, added["Location"]) == (303, f"{url(cast)}#phases")
    row = Phase.objects.get()
    page = page_of(client, url(cast))
    assert "Planned until Jun 2026" in page
    assert "+1 month" in page
    seen = kinds.fingerprint(row)
    changed = client.post(url(cast, "part_edit", "phases", row.pk), {**typed, "title": "Plan", "seen": seen})
    assert (changed.status_code, Phase.objects.get().title) == (303, "Plan")
    client.post(url(cast, "part_remove", "phases", row.pk))
    assert not Phase.objects.exists()


def test_a_row_that_is_wrong_is_asked_again_on_its_page(db):
    cast = make_cast(kind="project")
    client = client_of(cast.facilitator)
    response = client.post(url(cast, "part_add", "phases"), {"title": "Design <b>", "planned_end": "12/05/2026"})
    page = response.content.decode()
    assert response.status_code == 422
    assert 'href="#id_phaseform_planned_end"' in page
    assert 'value="Design &lt;b&gt;"' in page
    row = Phase.objects.create(event=cast.event, title="x")
    response = client.post(url(cast, "part_edit", "phases", row.pk), {"title": ""})
    assert response.status_code == 422
    assert 'href="#id_title"' in response.content.decode()


def test_somebody_quicker_is_shown_beside_what_was_typed(db):
    cast = make_cast(kind="launch")
    row = Goal.objects.create(event=cast.event, text="first")
    seen = kinds.fingerprint(row)
    kinds.edit_part(row, by=cast.scribe, seen=seen, text="theirs", outcome="not_met")
    client, typed = client_of(cast.facilitator), {"text": "mine", "outcome": "met"}
    response = client.post(url(cast, "part_edit", "goals", row.pk), {**typed, "seen": seen})
    page = response.content.decode()
    assert response.status_code == 409
    assert all(words in page for words in ("theirs", "Not met", 'value="mine"'))
    assert Goal.objects.get().text == "theirs"
    fresh = page.split('name="seen" value="')[1][:16]
    assert client.post(url(cast, "part_edit", "goals", row.pk), {**typed, "seen": fresh}).status_code == 303
    assert Goal.objects.get().text == "mine"


@pytest.mark.parametrize("name", ["part_add", "part_edit", "part_remove"])
def test_a_list_that_is_none_is_not_found(cast, name):
    args = ["secrets"] if name == "part_add" else ["secrets", 1]
    Goal.objects.create(event=cast.event, text="Stays")
    assert client_of(cast.facilitator).post(url(cast, name, *args), {"text": "x"}).status_code == 404
    assert [goal.text for goal in Goal.objects.all()] == ["Stays"]


def test_a_row_of_another_event_is_not_found(db):
    cast = make_cast(kind="launch")
    foreign = Goal.objects.create(event=make_event(kind="launch"), text="theirs")
    for name in ("part_edit", "part_remove"):
        client_of(cast.facilitator).post(url(cast, name, "goals", foreign.pk), {"text": "mine"})
    assert Goal.objects.get().text == "theirs"


def test_an_event_that_the_writer_may_not_open_cannot_be_linked(db):
    cast = make_cast(kind="recurring")
    foreign = make_event("Foreign secret")
    client = client_of(cast.facilitator)
    response = client.post(url(cast, "part_add", "occurrences"), {"earlier": foreign.pk})
    assert response.status_code == 422
    assert "Foreign secret" not in response.content.decode()
    row = Occurrence.objects.create(event=cast.event, earlier=foreign)
    for name, args in (("event_detail", []), ("event_edit", []), ("part_edit", ["occurrences", row.pk])):
        page = page_of(client, url(cast, name, *args))
        assert ("An event that is not open to you" in page) is (name != "part_edit"), name
        assert "Foreign secret" not in page, name
    seen = kinds.fingerprint(row)
    client.post(url(cast, "part_edit", "occurrences", row.pk), {"promised": "A budget", "seen": seen})
    row.refresh_from_db()
    assert (row.earlier, row.promised) == (foreign, "A budget")


def test_the_fields_follow_the_kind_on_the_page_of_a_known_event(db):
    cast = make_cast()
    response = client_of(cast.facilitator).post(url(cast), {**NEW, "kind": "launch", "show": "1"})
    assert response.status_code == 200
    assert "Planned from" in response.content.decode()
    cast.event.refresh_from_db()
    assert cast.event.kind == "incident"


# --- Ahead, and again ---------------------------------------------------------------------------------------------------
def test_what_is_opened_ahead_says_when_its_review_is_and_is_not_late(db):
    cast = make_cast(
        kind="launch", ended_at=None, review_on=date(2018, 12, 14), runbook_url="https://runbooks.example.org/x"
    )
    client = client_of(cast.facilitator)
    listed = page_of(client, "/events/")
    assert "Review on 14 Dec" in listed
    assert 'class="tag late"' not in listed
    page = page_of(client, url(cast, "event_detail"))
    assert 'href="https://runbooks.example.org/x"' in page
    assert "Review planned" in page


def test_a_third_time_is_proposed_and_opens_with_its_occurrences(db):
    lead, search = make_user("Ines"), make_service("search")
    rows = [
        make_event(f"Time {n}", facilitator=lead, started_at=START + timedelta(days=n), ended_at=None) for n in range(3)
    ]
    for event in rows:
        event.services.add(search)
        Factor.objects.create(event=event, category="change", text="x")
    client = client_of(lead)
    page = page_of(client, f"/e/{rows[2].code}/")
    assert "Three times in 180 days" in page
    assert "Three times in 180 days" not in page_of(client, f"/e/{rows[1].code}/")
    form = page_of(client, f"/events/new/?kind=recurring&from={rows[2].code}")
    boxes = re.findall(r'<input[^>]*name="occurrences"[^>]*>', form)
    assert ["checked" in box for box in boxes] == [True, True, True]
    typed = {
        **NEW,
        "kind": "recurring",
        "facilitator": lead.pk,
        "from": rows[2].code,
        "occurrences": [e.pk for e in rows],
    }
    client.post("/events/new/", typed)
    issue = Event.objects.get(kind="recurring")
    assert [row.earlier for row in issue.occurrences.all()] == rows
    assert "Three times in 180 days" not in page_of(client, f"/e/{rows[2].code}/")


# --- Cost -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize(("name", "kind"), [
    ("event_edit", "launch"), ("event_detail", "launch"), ("event_edit", "project"), ("event_detail", "project"),
    ("event_edit", "decision"), ("event_detail", "decision"), ("event_edit", "recurring"), ("event_detail", "recurring"),
])  # fmt: skip
def test_the_pages_cost_the_same_at_any_number_of_rows(db, django_assert_num_queries, name, kind, size):
    cast = make_cast(kind=kind)
    Launch.objects.create(event=cast.event)
    for n in range(size):
        Goal.objects.create(event=cast.event, text=f"g{n}")
        Phase.objects.create(event=cast.event, title=f"p{n}", planned_end=date(2026, 1, 1), actual_end=date(2026, 1, 2))
        Choice.objects.create(event=cast.event, text=f"c{n}")
        Occurrence.objects.create(event=cast.event, earlier=make_event(facilitator=cast.facilitator))
    client = client_of(cast.facilitator)
    client.get(url(cast, name))
    with django_assert_num_queries(QUERIES[name, kind]):
        client.get(url(cast, name))


QUERIES = {
    ("event_edit", "launch"): 11, ("event_detail", "launch"): 14, ("event_edit", "project"): 12,
    ("event_detail", "project"): 14, ("event_edit", "decision"): 10, ("event_detail", "decision"): 11,
    ("event_edit", "recurring"): 14, ("event_detail", "recurring"): 14,
}  # fmt: skip
