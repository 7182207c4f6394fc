"""Forms of the notes: own ones and others', conflicts with both texts, and what becomes of a parked idea."""

from types import SimpleNamespace

import pytest
from django.test import Client

from retros.models import Factor, RoomNote
from retros.services import meeting, notes


@pytest.fixture
def room(cast: SimpleNamespace) -> SimpleNamespace:
    """The cast in an open room; .send and .get speak as a person, htmx=True as its page script."""
    meeting.start(cast.event, by=cast.facilitator)

    def client(role: str) -> Client:
        found = Client()
        found.force_login(getattr(cast, role))
        return found

    def send(role: str, path: str, *, htmx: bool = False, **fields: str):
        headers = {"HX-Request": "true"} if htmx else {}
        return client(role).post(f"/e/{cast.event.code}/room/notes/{path}", fields, headers=headers)

    cast.send = send
    cast.get = lambda role, path="": client(role).get(f"/e/{cast.event.code}/room/notes/{path}")
    return cast


def test_who_wrote_a_note_changes_it_and_who_keeps_the_notes_changes_all(room):
    note = notes.keep(room.event, by=room.participant, text="Five minutes")
    assert room.get("guest", f"{note.pk}/").status_code == 403
    assert "Five minutes" in room.get("participant", f"{note.pk}/form/").content.decode()
    for role in ("participant", "scribe"):
        version = str(RoomNote.objects.get(pk=note.pk).version)
        answer = room.send(role, f"{note.pk}/", text=f"By {role}", version=version)
        assert (answer.status_code, answer.url) == (303, f"/e/{room.event.code}/room/#note-{note.pk}")
    note.refresh_from_db()
    assert (note.text, note.version, note.created_by) == ("By scribe", 3, room.participant)


def test_after_the_meeting_what_becomes_of_an_idea_is_for_who_keeps_the_notes(room):
    idea = notes.keep(room.event, by=room.guest, text="Test restores", parked_for="factors")
    meeting.end(room.event, by=room.facilitator)
    refused = room.send("guest", f"{idea.pk}/take-up/", way="factor", category="recovery")
    assert (refused.status_code, "while the room is open" in refused.content.decode()) == (409, True)
    assert not Factor.objects.filter(event=room.event).exists()
    assert room.send("guest", f"{idea.pk}/", text="Test each restore", parked_for="factors").status_code == 303
    room.send("scribe", f"{idea.pk}/take-up/", way="factor", category="recovery")
    assert Factor.objects.get(event=room.event).text == "Test each restore"


@pytest.mark.parametrize("htmx", [True, False])
def test_a_conflict_shows_both_texts_and_is_kept_from_there(room, htmx):
    note = notes.keep(room.event, by=room.participant, text="Five minutes")
    notes.edit(note, by=room.scribe, version=1, text="Six minutes")
    answer = room.send("participant", f"{note.pk}/", htmx=htmx, text="Seven minutes", version="1")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Six minutes" in page
    assert ">Seven minutes</textarea>" in page
    assert 'name="version" value="2"' in page
    assert ("<html" in page) is not htmx
    assert RoomNote.objects.get(pk=note.pk).text == "Six minutes"
    kept = room.send("participant", f"{note.pk}/", htmx=htmx, text="Six or seven minutes", version="2")
    assert kept.status_code == (200 if htmx else 303)
    assert RoomNote.objects.get(pk=note.pk).text == "Six or seven minutes"


@pytest.mark.parametrize("htmx", [True, False])
def test_an_empty_note_is_refused_with_its_form(room, htmx):
    note = notes.keep(room.event, by=room.participant, text="Said")
    answer = room.send("participant", f"{note.pk}/", htmx=htmx, text=" ", version="1")
    assert (answer.status_code, "This field is required." in answer.content.decode()) == (422, True)
    assert answer.headers.get("HX-Retarget") == (f"#form-note-{note.pk}" if htmx else None)


def test_a_parked_idea_stands_on_the_stage_of_its_step_with_its_ways(room):
    idea = notes.keep(room.event, by=room.guest, text="Alerts named no cause", parked_for="factors")
    meeting.go(room.event, by=room.facilitator, from_rank=0, to_rank=4)
    client = Client()
    client.force_login(room.scribe)
    page = client.get(f"/e/{room.event.code}/room/").content.decode()
    stage = page[page.index('id="stage"') : page.index("</main>")]
    assert f'id="idea-{idea.pk}"' in stage
    assert [way for way in ("factor", "note", "actions", "dropped") if f'name="way" value="{way}"' in stage] == [
        "factor", "note", "actions", "dropped",
    ]  # fmt: skip


@pytest.mark.parametrize("htmx", [True, False])
def test_a_factor_needs_its_kind(room, htmx):
    idea = notes.keep(room.event, by=room.guest, text="Alerts named no cause", parked_for="factors")
    answer = room.send("scribe", f"{idea.pk}/take-up/", htmx=htmx, way="factor")
    assert (answer.status_code, "Choose a kind of condition" in answer.content.decode()) == (422, True)
    answer = room.send("scribe", f"{idea.pk}/take-up/", htmx=htmx, way="factor", category="detection")
    assert answer.status_code == (204 if htmx else 303)
    assert Factor.objects.get().text == "Alerts named no cause"


def test_what_was_dropped_comes_back_by_one_press(room):
    idea = notes.keep(room.event, by=room.guest, text="An idea", parked_for="factors")
    answer = room.send("scribe", f"{idea.pk}/take-up/", htmx=True, way="dropped")
    assert f'action="/e/{room.event.code}/room/notes/{idea.pk}/take-up/"' in answer.content.decode()
    assert RoomNote.objects.get().became == "dropped"
    room.send("scribe", f"{idea.pk}/take-up/", htmx=True)
    assert RoomNote.objects.get().became == ""
    assert room.send("participant", f"{idea.pk}/take-up/", way="dropped").status_code == 403  # somebody else's idea


@pytest.mark.parametrize("count", [1, 3])
def test_all_notes_stand_on_one_page_by_step(room, django_assert_num_queries, count):
    for n in range(count):
        notes.keep(room.event, by=room.scribe, text=f"Said {n}")
    room.get("observer")
    client = Client()
    client.force_login(room.observer)
    with django_assert_num_queries(9):
        page = client.get(f"/e/{room.event.code}/room/notes/").content.decode()
    assert page.count("<h3>Open</h3>") == 1
    assert f"Said {count - 1}" in page
