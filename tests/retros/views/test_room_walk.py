"""Forms and fragments of the walk: each works in its place with script, and leads to a page without it."""

import re
from types import SimpleNamespace

import pytest
from django.test import Client

from retros.models import Meeting, Recollection, TimelineEntry
from retros.services import accounts, entries, meeting
from retros.when import When
from tests.factories import make_account, make_entry

HX = {"HX-Request": "true"}


@pytest.fixture
def cast(cast: SimpleNamespace) -> SimpleNamespace:
    """The room at the walk, with two moments."""
    cast.first = make_entry(cast.event, "Alerts ring", minutes=2, created_by=cast.participant)
    cast.second = make_entry(cast.event, "The map shows the west alone", minutes=10, created_by=cast.scribe)
    meeting.start(cast.event, by=cast.facilitator)
    cast.event.refresh_from_db()
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=2)
    return cast


def client_of(cast: SimpleNamespace, role: str) -> Client:
    client = Client()
    client.force_login(getattr(cast, role))
    return client


def at(cast: SimpleNamespace, tail: str) -> str:
    return f"/e/{cast.event.code}/room/{tail}"


def test_who_looks_ahead_moves_nobody(cast):
    page = client_of(cast, "observer").get(at(cast, f"moments/{cast.second.pk}/"), headers=HX).content.decode()
    assert 'id="look"' in page
    assert "The map shows the west alone" in page
    assert "2 of 2" in page
    assert Meeting.objects.get(event=cast.event).cursor_id == cast.first.pk


def test_a_moment_that_was_removed_is_not_looked_at(cast):
    entries.set_removed(cast.second, by=cast.scribe, removed=True)
    answer = client_of(cast, "guest").get(at(cast, f"moments/{cast.second.pk}/"), headers=HX)
    assert answer.status_code == 404
    assert "The map shows" not in answer.content.decode()


@pytest.mark.parametrize("role", ["facilitator", "scribe", "participant", "guest", "observer"])
def test_the_look_alone_reads_accounts_only_once_they_are_open(cast, role):
    make_account(cast.event, cast.participant, "At 23:02 I opened the map SEALEDWORD.")
    client = client_of(cast, role)
    sealed = [client.get(at(cast, tail), headers=HX).content.decode() for tail in ("", f"moments/{cast.second.pk}/")]
    assert "SEALEDWORD" not in "".join(sealed)
    accounts.reveal(cast.event, by=cast.facilitator)
    assert "SEALEDWORD" in client.get(at(cast, f"moments/{cast.second.pk}/"), headers=HX).content.decode()


def test_everybody_is_taken_to_the_chosen_moment_and_the_list_closes(cast):
    client = client_of(cast, "facilitator")
    page = client.get(at(cast, "moments/"), headers=HX).content.decode()
    assert [text in page for text in ("Alerts ring", "The map shows")] == [True, True]
    response = client.post(at(cast, "goto/"), {"to": cast.second.pk}, headers=HX)
    assert response.content == b'<div id="look"></div>'
    assert Meeting.objects.get(event=cast.event).cursor == cast.second
    assert client.post(at(cast, "goto/"), {"to": cast.first.pk})["Location"] == at(cast, "")
    assert client.post(at(cast, "goto/"), {"to": 0}).status_code == 404


def test_how_the_room_walks_is_the_facilitators_choice(cast):
    assert client_of(cast, "scribe").post(at(cast, "walk/"), {"walks": "key"}).status_code == 403
    client_of(cast, "facilitator").post(at(cast, "walk/"), {"walks": "key"})
    assert Meeting.objects.get(event=cast.event).walks == "key"
    client_of(cast, "facilitator").post(at(cast, "walk/"), {"walks": "backwards"})
    assert Meeting.objects.get(event=cast.event).walks == "key"


def test_a_missing_moment_begins_at_the_present_time_and_is_added_in_its_place(cast):
    meeting.set_cursor(cast.event, by=cast.facilitator, entry=cast.second)
    client = client_of(cast, "participant")
    form = client.get(at(cast, "moments/add/"), headers=HX).content.decode()
    assert 'value="23:02"' in form
    assert "A clock alone means Sun 21 Oct 2018." in form  # past midnight it would be another day
    sent = {"time": "23:05", "text": "Support calls the third customer", "source": "memory"}
    response = client.post(at(cast, "moments/add/"), sent, headers=HX)
    assert response.content == b'<div id="form-moment"></div>'
    assert "on the timeline" in response["HX-Trigger"]
    new = TimelineEntry.objects.get(text="Support calls the third customer")
    assert (f"{new.at:%d %H:%M}", new.created_by) == ("21 23:05", cast.participant)
    assert Meeting.objects.get(event=cast.event).cursor == cast.second
    response = client.post(
        at(cast, "moments/add/"), {**sent, "time": "00:20", "text": "Support has a queue"}, headers=HX
    )
    assert "on Mon 22 Oct 2018: the event was on that day" in response["HX-Trigger"]
    assert f"{TimelineEntry.objects.get(text='Support has a queue').at:%d %H:%M}" == "22 00:20"


def test_a_moment_that_cannot_be_kept_comes_back_with_its_words(cast):
    client = client_of(cast, "participant")
    sent = {"time": "25:99", "text": "Support calls", "source": "memory"}
    response = client.post(at(cast, "moments/add/"), sent, headers=HX)
    assert (response.status_code, response["HX-Retarget"]) == (422, "#form-moment")
    assert "Support calls" in response.content.decode()
    page = client.post(at(cast, "moments/add/"), sent)  # without script: the whole room, with the form in its place
    assert page.status_code == 422
    assert [text in page.content.decode() for text in ('id="stage"', "25:99", "Support calls")] == [True, True, True]
    assert not TimelineEntry.objects.filter(text="Support calls").exists()


def test_without_script_each_form_has_a_page(cast):
    client = client_of(cast, "scribe")
    timeline = f"/e/{cast.event.code}/timeline/"
    led = {tail: client.get(at(cast, tail))["Location"] for tail in (
        "moments/", "moments/add/", f"moments/{cast.first.pk}/", f"moments/{cast.first.pk}/edit/", f"moments/{cast.first.pk}/differ/",
    )}  # fmt: skip
    assert list(led.values()) == [
        timeline, f"{timeline}?add=1", f"{timeline}?entry={cast.first.pk}#entry-{cast.first.pk}",
        f"{timeline}{cast.first.pk}/", f"{timeline}{cast.first.pk}/differently/?back=room",
    ]  # fmt: skip


def test_a_correction_in_between_shows_what_the_moment_says_now(cast):
    client = client_of(cast, "scribe")
    page = client.get(at(cast, f"moments/{cast.second.pk}/edit/"), headers=HX).content.decode()
    assert "The map shows the west alone" in page
    entries.edit(
        cast.second,
        by=cast.facilitator,
        version=1,
        when=When(cast.second.at, 0, "exact"),
        text="The map shows one coast",
    )
    sent = {"time": "23:02", "text": "The map shows only the west", "source": "memory", "version": 1}
    response = client.post(at(cast, f"moments/{cast.second.pk}/edit/"), sent, headers=HX)
    body = response.content.decode()
    assert response.status_code == 409
    assert [words in body for words in ("The map shows one coast", "The map shows only the west", 'value="2"')] == [
        True
    ] * 3
    client.post(at(cast, f"moments/{cast.second.pk}/edit/"), {**sent, "version": 2}, headers=HX)
    cast.second.refresh_from_db()
    assert cast.second.text == "The map shows only the west"


def test_a_participant_corrects_what_they_added_themselves(cast):
    client = client_of(cast, "participant")
    sent = {"time": "22:54", "text": "Alerts ring twice", "source": "memory", "version": 1}
    assert client.post(at(cast, f"moments/{cast.second.pk}/edit/"), sent, headers=HX).status_code == 403
    assert client.post(at(cast, f"moments/{cast.first.pk}/edit/"), sent, headers=HX).status_code == 200
    cast.first.refresh_from_db()
    assert cast.first.text == "Alerts ring twice"


def test_who_remembers_it_differently_says_so_beside_the_moment(cast):
    client = client_of(cast, "guest")
    url = at(cast, f"moments/{cast.second.pk}/differ/")
    assert "The map shows the west alone" in client.get(url, headers=HX).content.decode()
    assert client.post(url, {"source": "memory"}, headers=HX).status_code == 422
    response = client.post(url, {"time": "23:06", "note": "The coffee machine", "source": "memory"}, headers=HX)
    assert response.content == b'<div id="form-moment"></div>'
    view = Recollection.objects.get(is_original=False)
    assert (view.author, view.note) == (cast.guest, "The coffee machine")
    stage = client_of(cast, "observer").get(at(cast, f"moments/{cast.second.pk}/"), headers=HX).content.decode()
    assert "The coffee machine" in stage


def test_a_mark_and_a_form_of_the_room_lead_back_to_the_room(cast):
    client = client_of(cast, "scribe")
    url = f"/e/{cast.event.code}/timeline/{cast.first.pk}/key/"
    assert client.post(url, {"is_key": "yes", "back": "room"})["Location"] == at(cast, "")
    cast.first.refresh_from_db()
    assert cast.first.is_key


def test_a_sentence_of_an_open_account_becomes_a_moment_and_leads_back_to_the_room(cast):
    account = make_account(cast.event, cast.participant, "At 23:06 I called Support.")
    accounts.reveal(cast.event, by=cast.facilitator)
    client = client_of(cast, "scribe")
    page = client.get(at(cast, f"moments/{cast.second.pk}/"), headers=HX).content.decode()
    (link,) = re.findall(rf'href="(/e/{cast.event.code}/accounts/{account.pk}/[^"]*back=room)"', page)
    form = client.get(link.replace("&amp;", "&")).content.decode()
    key = re.search(r'name="sentence" value="([^"]+)"', form)[1]
    assert 'name="back" value="room"' in form
    sent = {"sentence": key, "back": "room", "time": "23:06", "text": "Support is called"}
    assert client.post(link.split("?")[0], sent)["Location"] == at(cast, "")
    assert TimelineEntry.objects.get(text="Support is called").created_by == cast.scribe
