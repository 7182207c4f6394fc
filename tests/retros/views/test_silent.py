"""Silent writing by the browser: the own notes for their author alone, placing by one press, both with and without script."""

from types import SimpleNamespace

import pytest
from django.test import Client

from retros.models import Event, Factor, RoomNote, SilentNote
from retros.services import meeting, silent
from tests.factories import make_cast, make_event, make_user


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """The cast, writing; .send(role, path, htmx=..., **fields) posts, .get(role, path) reads."""
    found = make_cast()
    meeting.start(found.event, by=found.facilitator)
    meeting.go(found.event, by=found.facilitator, from_rank=0, to_rank=4)
    silent.open_writing(found.event, by=found.facilitator)
    found.event = Event.objects.get(pk=found.event.pk)
    room = f"/e/{found.event.code}/room/silent/"

    def client(role: str) -> Client:
        browser = Client()
        browser.force_login(getattr(found, role))
        return browser

    def send(role: str, path: str, *, htmx: bool = False, **fields):
        headers = {"HX-Request": "true"} if htmx else {}
        return client(role).post(room + path, fields, headers=headers)

    found.client, found.send, found.get = client, send, lambda role, path="": client(role).get(room + path)
    return found


def shown_note(cast, text: str = "Flat lag looks the same") -> SilentNote:
    silent.keep(cast.event, by=cast.guest, texts=[text])
    silent.show(cast.event, by=cast.facilitator)
    return SilentNote.objects.shown().latest("pk")


def test_each_line_is_a_note_and_the_form_stays(cast):
    answer = cast.send(
        "guest", "add/", htmx=True, text=" Flat lag \n\n Backups  cross the network ", category="recovery"
    )
    page = answer.content.decode()
    assert list(SilentNote.objects.order_by("id").values_list("text", "category")) == [
        ("Flat lag", "recovery"), ("Backups cross the network", "recovery"),
    ]  # fmt: skip
    assert 'id="silent-mine"' in page
    assert "2 kept, only you see them" in page
    assert 'id="silent-form"' not in page  # what is typed meanwhile stays where it is
    assert "Two notes in the room" in page  # out of band


def test_the_page_says_why_there_is_no_field(cast):
    assert "What else made this more likely" in cast.get("guest").content.decode()
    silent.show(cast.event, by=cast.facilitator)
    page = cast.get("guest").content.decode()
    assert "The room does not write in silence now" in page
    assert "What else made this more likely" not in page


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write one condition"),
        (" \n ", "Write one condition"),
        ("x" * 301, "One condition has at most 300 characters"),
        ("\n".join("x" * 21), "That is 21 notes at once"),
    ],
)
def test_what_is_no_note_is_said_beside_what_was_typed(cast, text, words):
    for htmx in (True, False):
        answer = cast.send("guest", "add/", htmx=htmx, text=text)
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert text.strip()[:5] in answer.content.decode()
    assert not SilentNote.objects.exists()


def test_without_script_there_is_a_page_of_the_own_notes(cast):
    answer = cast.send("guest", "add/", text="Mine")
    assert (answer.status_code, answer.url) == (303, f"/e/{cast.event.code}/room/silent/")
    assert "Mine" in cast.get("guest").content.decode()
    for role in ("facilitator", "participant", "observer"):
        page = cast.get(role).content.decode()
        assert "Mine" not in page
        assert "One note in the room" in page
    assert "You listen" in cast.get("observer").content.decode()


def test_another_window_of_the_author_is_not_overwritten(cast):
    silent.keep(cast.event, by=cast.guest, texts=["First words"])
    note = SilentNote.objects.get()
    cast.send("guest", f"{note.pk}/edit/", htmx=True, text="Words of one window", version="1")
    kind = {"category": "recovery"}
    answer = cast.send("guest", f"{note.pk}/edit/", htmx=True, text="Words of the other", version="1", **kind)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert '<option value="recovery" selected>' in page  # chosen, and not lost either
    assert "Words of one window" in page
    assert "Words of the other" in page
    note.refresh_from_db()
    assert note.text == "Words of one window"


def test_an_own_note_is_removed_and_brought_back(cast):
    silent.keep(cast.event, by=cast.guest, texts=["Mine"])
    note = SilentNote.objects.get()
    page = cast.send("guest", f"{note.pk}/remove/", htmx=True, removed="yes").content.decode()
    assert f'action="/e/{cast.event.code}/room/silent/{note.pk}/remove/"' in page  # the way back
    assert "Mine" not in page
    assert "Mine" in cast.send("guest", f"{note.pk}/remove/", htmx=True).content.decode()


@pytest.mark.parametrize("path", ["edit", "remove", "place", "back"])
def test_a_sealed_note_is_not_there_for_anybody_else(cast, path):
    silent.keep(cast.event, by=cast.guest, texts=["Sealed"])
    note = SilentNote.objects.get()
    for role in ("facilitator", "scribe"):
        answer = cast.send(role, f"{note.pk}/{path}/", to="left_out", text="x", version="1")
        assert answer.status_code == 404
        assert b"Sealed" not in answer.content
    note.refresh_from_db()
    assert (note.text, note.outcome, note.removed_at) == ("Sealed", "", None)


def test_a_note_of_another_event_is_not_there(cast):
    other = make_event(facilitator=make_user())
    note = SilentNote.objects.create(event=other, author=cast.guest, text="Elsewhere")
    assert cast.send("guest", f"{note.pk}/edit/", text="x", version="1").status_code == 404
    note.refresh_from_db()
    assert note.text == "Elsewhere"


def test_all_are_shown_by_one_press_and_stand_on_the_stage(cast):
    silent.keep(cast.event, by=cast.guest, texts=["From the guest"])
    silent.keep(cast.event, by=cast.participant, texts=["From the participant"])
    assert cast.send("facilitator", "show/", htmx=True).status_code == 204
    page = cast.client("observer").get(f"/e/{cast.event.code}/room/").content.decode()
    assert "From the guest" in page
    assert "From the participant" in page
    assert "Two notes, two to place" in page
    answer = cast.send("facilitator", "show/", htmx=True)
    assert answer.status_code == 409
    assert "No note is waiting" in answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "said", "outcome"),
    [
        ({"to": "kind:diagnosis"}, "Placed under diagnosis and observability.", "factor"),
        ({"to": "other", "other": "kind:security"}, "Placed under security exposure.", "factor"),
        ({"to": "parked"}, "Parked for the actions.", "parked"),
        ({"to": "left_out"}, "Left out.", "left_out"),
    ],
)
def test_one_press_places_a_note_and_another_takes_it_back(cast, fields, said, outcome):
    note = shown_note(cast)
    page = cast.send("scribe", f"{note.pk}/place/", htmx=True, **fields).content.decode()
    assert said in page
    undo = f"/e/{cast.event.code}/room/silent/{note.pk}/back/"
    assert f'hx-post="{undo}"' in page
    note.refresh_from_db()
    assert note.outcome == outcome
    assert "One note, one to place" in cast.send("scribe", f"{note.pk}/back/", htmx=True).content.decode()
    assert not Factor.objects.kept().exists()
    assert not RoomNote.objects.kept().filter(parked_for="actions").exists()


def test_a_note_is_put_to_the_factor_that_says_the_same(cast):
    factor = Factor.objects.create(event=cast.event, category="diagnosis", text="Flat lag looks like late metrics")
    note = shown_note(cast)
    page = cast.send("scribe", f"{note.pk}/place/", htmx=True, to=f"same:{factor.pk}").content.decode()
    assert "Take apart" in page
    note.refresh_from_db()
    assert note.factor == factor
    stranger = Factor.objects.create(event=make_event(), category="data", text="Elsewhere")
    other = shown_note(cast, "Another")
    assert cast.send("scribe", f"{other.pk}/place/", htmx=True, to=f"same:{stranger.pk}").status_code == 404


@pytest.mark.parametrize("to", ["", "kind:nonsense", "same:x", "parked:1", "other"])
def test_nonsense_places_nothing(cast, to):
    note = shown_note(cast)
    answer = cast.send("scribe", f"{note.pk}/place/", htmx=True, to=to)
    assert answer.status_code == 422
    assert "Choose a kind" in answer.content.decode()
    note.refresh_from_db()
    assert note.outcome == ""


def test_without_script_placing_leads_back_to_where_it_was_pressed(cast):
    note = shown_note(cast)
    answer = cast.send("scribe", f"{note.pk}/place/", to="kind:diagnosis")
    assert answer.url == f"/e/{cast.event.code}/room/#part-factors"
    meeting.end(cast.event, by=cast.facilitator)
    assert cast.send("scribe", f"{note.pk}/back/").url == f"/e/{cast.event.code}/analysis/#part-factors"
    page = cast.client("scribe").get(f"/e/{cast.event.code}/analysis/").content.decode()
    assert "One note, one to place" in page  # also after the meeting


def test_who_reads_the_published_review_gets_factors_and_not_what_the_room_wrote(cast):
    note = shown_note(cast, "Flat lag looks the same")
    factor = silent.keep_as(note, by=cast.scribe, category="diagnosis")
    silent.same_as(shown_note(cast, "Nobody trusts that graph"), by=cast.scribe, factor=factor)
    page = f"/e/{cast.event.code}/analysis/"
    assert "Nobody trusts that graph" in cast.client("participant").get(page).content.decode()
    Event.objects.filter(pk=cast.event.pk).update(state="published", published_at=cast.event.created_at)
    read = cast.client("outsider").get(page).content.decode()
    assert "Flat lag looks the same" in read
    assert "Nobody trusts that graph" not in read
