"""Pages of events over HTTP: what was typed stays, conflicts show both sides, lists cost the same at any size."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from retros.models import Event, Impact, ImpactFigure, ImpactInterval, Membership, State
from retros.services import event_list, events
from tests.factories import make_account, make_cast, make_entry, make_event, make_member, make_team, make_user

NEW = {"kind": "incident", "title": "Forty-three seconds", "time_zone": "UTC", "distribution": "internal"}


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(cast: Any, name: str = "event_detail", *args: int) -> str:
    return reverse(name, args=[cast.event.code, *args])


# --- New and changed --------------------------------------------------------------------------------------------------
def test_a_new_event_goes_to_its_page_and_twice_the_same_is_one(db):
    ines = make_user("Ines")
    client = client_of(ines)
    page = client.get("/events/new/").content.decode()
    op = page.split('name="op" value="')[1][:36]
    typed = {**NEW, "facilitator": ines.pk, "op": op, "started": "21 Oct 2018, 22:52", "noticed": "22:54"}
    first, second = client.post("/events/new/", typed), client.post("/events/new/", typed)
    event = Event.objects.get()
    assert first["Location"] == second["Location"] == f"/e/{event.code}/"
    assert event.entries.get().landmark == "detected"


def test_what_is_known_says_on_which_day_it_was_first_noticed(db):
    ines = make_user("Ines")
    client = client_of(ines)
    client.post(
        "/events/new/", {**NEW, "facilitator": ines.pk, "started": "21 Oct 2018, 0:55", "noticed": "22 Oct, 1:38"}
    )
    page = client.get(f"/e/{Event.objects.get().code}/edit/").content.decode()
    assert "</a>: Mon 22 Oct 2018, 01:38, “" in page


def test_who_is_in_one_team_opens_events_for_it(db):
    ines = make_user("Ines")
    client = client_of(ines)
    first = make_team("Data", members=[ines])
    chosen = f'<option value="{first.pk}" selected>Data</option>'
    assert chosen in client.get("/events/new/").content.decode()
    make_team("Web", members=[ines])
    assert chosen not in client.get("/events/new/").content.decode()


def test_what_was_typed_stays_where_something_is_wrong(db):
    ines = make_user("Ines")
    response = client_of(ines).post(
        "/events/new/", {**NEW, "title": "", "what_happened": "A <b>cut</b>", "started": "12/05/2026"}
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert "Three things to fix before the event can be opened" in page
    assert "A &lt;b&gt;cut&lt;/b&gt;</textarea>" in page
    assert 'href="#id_started"' in page
    assert 'value="12/05/2026"' in page
    assert not Event.objects.exists()


def test_nobody_sets_what_the_form_does_not_ask(db):
    ines = make_user("Ines")
    extra = {
        "state": "published",
        "code": "evil",
        "revealed_at": "2018-01-01",
        "created_by": 99,
        "change_seq": 7,
        "is_admin": "1",
    }
    client_of(ines).post("/events/new/", {**NEW, "facilitator": ines.pk, **extra})
    event = Event.objects.get()
    ines.refresh_from_db()
    assert (event.state, event.revealed_at, event.created_by, ines.is_admin) == ("preparing", None, ines, False)
    assert event.code != "evil"


@pytest.mark.parametrize("kind", ["incident", "launch", "project", "recurring", "decision"])
def test_every_page_of_preparation_opens_for_every_kind(db, kind):
    cast = make_cast(kind=kind)
    client = client_of(cast.facilitator)
    for name in ("event_detail", "event_edit", "event_schedule", "event_decline", "member_list", "account_edit",
                 "account_reveal", "timeline_detail"):  # fmt: skip
        response = client.get(url(cast, name))
        assert (response.status_code, b"Forty-three seconds" in response.content) == (200, True), name


def seen_of(client: Client, address: str) -> str:
    return client.get(address).content.decode().split('name="seen" value="')[1].split('"')[0]


def test_a_conflict_shows_both_sides_and_the_next_try_is_kept(cast):
    client, address = client_of(cast.facilitator), url(cast, "event_edit")
    seen = seen_of(client, address)
    client.post(address, {**NEW, "title": "Theirs", "seen": seen})
    response = client.post(address, {**NEW, "title": "Mine", "seen": seen})
    page = response.content.decode()
    assert response.status_code == 409
    assert 'value="Mine"' in page
    assert '<dd class="serif">Theirs</dd>' in page
    assert Event.objects.get(pk=cast.event.pk).title == "Theirs"
    client.post(address, {**NEW, "title": "Mine", "seen": page.split('name="seen" value="')[1].split('"')[0]})
    assert Event.objects.get(pk=cast.event.pk).title == "Mine"


def test_intervals_and_figures_over_their_pages(cast):
    client = client_of(cast.facilitator)
    wrong = client.post(url(cast, "interval_add"), {"label": "Stale pages", "started": "23:19", "ended": "23:00"})
    assert wrong.status_code == 422
    assert 'value="Stale pages"' in wrong.content.decode()
    client.post(url(cast, "interval_add"), {"label": "Stale pages", "started": "23:19", "ended": "23:45"})
    interval = ImpactInterval.objects.get()
    assert interval.duration == timedelta(minutes=26)
    client.post(url(cast, "interval_edit", interval.pk), {"label": "Old pages", "started": "23:19", "ended": ""})
    client.post(url(cast, "figure_add"), {"value": "43", "label": "seconds"})
    figure = ImpactFigure.objects.get()
    client.post(url(cast, "figure_edit", figure.pk), {"value": "44", "label": "seconds"})
    page = client.get(url(cast, "event_edit")).content.decode()
    assert "Old pages" in page
    assert "<b>44</b> seconds" in page
    client.post(url(cast, "interval_remove", interval.pk))
    client.post(url(cast, "figure_remove", figure.pk))
    assert not ImpactInterval.objects.exists()
    assert not ImpactFigure.objects.exists()


def test_a_part_of_another_event_is_not_there(cast):
    foreign = ImpactInterval.objects.create(event=make_event(), label="x")
    client = client_of(cast.facilitator)
    for response in (
        client.get(url(cast, "interval_edit", foreign.pk)),
        client.post(url(cast, "interval_remove", foreign.pk)),
    ):
        assert response.status_code == 404
    assert ImpactInterval.objects.filter(pk=foreign.pk).exists()


# --- Prepare ----------------------------------------------------------------------------------------------------------
def test_only_the_facilitator_sees_who_is_in(cast):
    make_account(cast.event, cast.participant)
    lead = client_of(cast.facilitator).get(url(cast)).content.decode()
    assert "1 of 2 in" in lead
    assert "Remind those not in" in lead
    for who in ("scribe", "participant", "observer", "guest"):
        page = client_of(getattr(cast, who)).get(url(cast)).content.decode()
        assert "of 2 in" not in page
        assert "Remind" not in page
        assert "Not in" not in page


@pytest.mark.parametrize(
    ("state", "words", "button"),
    [("", "Your account is asked for", "Write your account"), ("draft", "Your account is a draft", "Go on writing"),
     ("submitted", "Your account is in", "Open your account"), ("declined", "You said that you write no account", "Write your account")],
)  # fmt: skip
def test_the_author_is_told_how_the_own_account_stands(cast, state, words, button):
    if state:
        make_account(cast.event, cast.participant, state=state)
    page = client_of(cast.participant).get(url(cast)).content.decode()
    assert words in page
    assert f">{button}</a>" in page


def test_after_the_meeting_the_page_says_what_is_known_and_readers_learn_nothing_of_accounts(db):
    cast = make_cast(state=State.PUBLISHED)
    Impact.objects.filter(event=cast.event).update(
        users_affected="Everyone in Europe", regulatory="Report to the authority"
    )
    make_account(cast.event, cast.participant)
    page = client_of(cast.outsider).get(url(cast)).content.decode()
    assert "Everyone in Europe" in page
    assert "Read the review" in page
    for words in ("Report to the authority", "Not in", "Declined", "Set time, length", "Meeting by"):
        assert words not in page


def test_no_review_because(cast):
    client = client_of(cast.facilitator)
    assert client.post(url(cast, "event_decline"), {"reason": " "}).status_code == 422
    client.post(url(cast, "event_decline"), {"reason": "Fixed the same day."})
    assert "Fixed the same day." in client.get("/events/").content.decode()
    page = client.get(url(cast)).content.decode()
    assert "Review it after all" in page
    assert "Set time, length" not in page
    client.post(url(cast, "event_take_up"))
    assert Event.objects.get(pk=cast.event.pk).state == State.PREPARING


def test_an_administrator_names_the_facilitator_without_reading(cast):
    client = client_of(cast.admin)
    page = client.get("/events/").content.decode()
    assert "Name the facilitator" in page
    assert f'href="/e/{cast.event.code}/"' not in page
    client.post(url(cast, "event_facilitator"), {"user": cast.outsider.pk})
    assert Membership.objects.get(event=cast.event, role="facilitator").user == cast.outsider
    assert client.get(url(cast)).status_code == 404


# --- Numbers in addresses ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("number", ["9" * 5000, "99999999999999999999", "-1", "\u0662", "1e3", "", "x"])
def test_nonsense_in_an_address_is_no_error(cast, number):
    client = client_of(cast.facilitator)
    asked = {
        "page": number,
        "entry": number,
        "removed": number,
        "team": number,
        "year": number,
        "show": number,
        "mark": number,
    }
    for address in ("/events/", url(cast, "timeline_detail")):
        answer = client.get(address, asked)
        assert answer.status_code == 200
        assert "Events" in answer.content.decode()


@pytest.mark.parametrize("name", ["figure_edit", "interval_edit"])
def test_who_corrects_a_number_that_somebody_corrected_meanwhile_sees_both(cast, name):
    lead, client = cast.facilitator, client_of(cast.facilitator)
    if name == "figure_edit":
        row, edit = events.add_figure(cast.event, by=lead, value="12", label="late"), events.edit_figure
        quicker, mine = {"value": "14", "label": "late"}, {"value": "13", "label": "late"}
    else:
        row, edit = events.add_interval(cast.event, by=lead, label="Orders late"), events.edit_interval
        quicker, mine = {"label": "Orders lost"}, {"label": "Orders slow", "started": "", "ended": ""}
    address = url(cast, name, row.pk)
    seen = client.get(address).content.decode().split('name="seen" value="')[1][:16]
    edit(row, by=cast.scribe, **quicker)
    answer = client.post(address, {**mine, "seen": seen})
    body = answer.content.decode()
    theirs = next(iter(quicker.values()))
    assert (answer.status_code, f">{theirs}</dd>" in body) == (409, True)
    assert f'value="{next(iter(mine.values()))}"' in body
    newer = body.split('name="seen" value="')[1][:16]
    assert client.post(address, {**mine, "seen": newer}).status_code == 303
    row.refresh_from_db()
    assert next(iter(mine.values())) in (row.label, getattr(row, "value", ""))


def test_a_key_that_no_row_can_have_is_not_found(cast):
    client = client_of(cast.facilitator)
    for path in ("timeline/{}/", "people/{}/", "edit/intervals/{}/"):
        assert client.get(f"/e/{cast.event.code}/" + path.format("9" * 30)).status_code == 404


# --- Cost -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [1, 3])
def test_the_list_costs_the_same_at_any_size(db, django_assert_num_queries, size):
    lead = make_user()
    for state in State:
        for _ in range(size):
            event = make_event(facilitator=lead, state=state, not_reviewed_reason="small", team=make_team())
            make_entry(event)
    client = client_of(lead)
    client.get("/events/")
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/events/")


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("name", ["event_detail", "member_list", "event_edit", "account_reveal"])
def test_the_pages_of_an_event_cost_the_same_at_any_size(cast, django_assert_num_queries, name, size):
    for _ in range(size):
        make_entry(cast.event, is_key=True)
        member = make_member(cast.event, was_involved=True)
        make_account(cast.event, member.user, note_to_facilitator="x", note_for=cast.facilitator)
        ImpactInterval.objects.create(event=cast.event, label="x")
        ImpactFigure.objects.create(event=cast.event, value="1", label="x")
    client = client_of(cast.facilitator)
    client.get(url(cast, name))
    with django_assert_num_queries(QUERIES[name]):
        client.get(url(cast, name))


LIST_QUERIES = 9
QUERIES = {"event_detail": 13, "member_list": 9, "event_edit": 9, "account_reveal": 9}


def test_the_late_mark_of_the_list_is_the_services(db):
    lead = make_user()
    event = make_event(facilitator=lead)
    assert event_list.late_words(event) in client_of(lead).get("/events/").content.decode()
