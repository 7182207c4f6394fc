"""The forms of the room while it is open: who may press what, what comes back, and what is never counted twice."""

import re
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from retros.models import ClosingAnswer, Event, Factor, Meeting, RoomNote, SectionText, State
from retros.services import document, meeting, notes, room
from tests.factories import make_cast, make_entry

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """The cast in an open room, with .send(role, path, htmx=…, **fields)."""
    found = make_cast()
    meeting.start(found.event, by=found.facilitator)
    clients: dict[str, Client] = {}

    def client(role: str) -> Client:
        if role not in clients:
            clients[role] = Client(raise_request_exception=False)
            clients[role].force_login(getattr(found, role))
        return clients[role]

    def send(role: str, path: str, *, htmx: bool = False, **fields: Any) -> Any:
        return client(role).post(f"/e/{found.event.code}/room/{path}", fields, **(HTMX if htmx else {}))

    found.client, found.send = client, send
    return found


def step_of(cast: SimpleNamespace) -> str:
    return Meeting.objects.get(event=cast.event).step.slug


ROLES = ("facilitator", "scribe", "participant", "guest", "observer", "outsider")
OPEN = [  # path, fields, answers in the order of ROLES
    ("step/", {"from": "0", "to": "1"}, "303 403 403 403 403 404"),
    ("pause/", {"is_paused": "yes"}, "303 403 403 403 403 404"),
    ("extend/", {}, "303 403 403 403 403 404"),
    ("cursor/{entry}/", {}, "303 403 403 403 403 404"),
    ("start/", {}, "409 403 403 403 403 404"),
    ("notes/add/", {"text": "Said."}, "303 303 303 303 403 404"),
    ("notes/{note}/remove/", {"removed": "yes"}, "303 303 403 403 403 404"),
    ("text/summary/", {"text": "Kept.", "base": "0"}, "303 303 403 403 403 404"),
    ("agree/", {}, "303 303 303 303 303 404"),
    ("close/", {"learned": "yes", "again": "no"}, "303 303 303 303 303 404"),
    ("attend/", {}, "204 204 204 204 204 404"),
    ("end/", {}, "303 403 403 403 403 404"),
]


@pytest.mark.parametrize(("path", "fields", "expected"), OPEN, ids=[row[0] for row in OPEN])
def test_in_the_open_room_each_role_presses_what_it_may(cast, path, fields, expected):
    note = RoomNote.objects.create(event=cast.event, step_slug="opening", text="x", created_by=cast.facilitator)
    path = path.format(entry=make_entry(cast.event).pk, note=note.pk)
    found = {}
    for role in reversed(ROLES):  # the facilitator last: what they do may end it for the others
        found[role] = cast.send(role, path, **fields).status_code
        if path.startswith("text/"):
            SectionText.objects.all().delete()
    assert found == dict(zip(ROLES, map(int, expected.split()), strict=True))


def test_a_press_from_a_step_that_is_over_moves_nothing(cast):
    op = str(uuid.uuid4())
    assert cast.send("facilitator", "step/", op=op, **{"from": "0", "to": "1"}).status_code == 303
    assert (
        cast.send("facilitator", "step/", op=op, **{"from": "0", "to": "1"}).status_code == 303
    )  # the same press again
    for stale in ({"from": "0", "to": "1"}, {"from": "x", "to": "-1"}, {"from": "1", "to": "99"}):
        answer = cast.send("facilitator", "step/", htmx=True, **stale)
        assert answer.status_code == 409
        assert "toast" in answer.content.decode()
    assert step_of(cast) == "summary"


def test_script_gets_nothing_back_because_the_stream_brings_it(cast):
    answer = cast.send("facilitator", "step/", htmx=True, **{"from": "0", "to": "1"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert step_of(cast) == "summary"


def test_the_same_operation_twice_is_one_note(cast):
    op = str(uuid.uuid4())
    for _ in range(2):
        assert cast.send("scribe", "notes/add/", text="Once.", op=op).status_code == 303
    assert RoomNote.objects.count() == 1


@pytest.mark.parametrize("htmx", [True, False])
def test_an_empty_note_is_asked_for_again_with_what_else_was_chosen(cast, htmx):
    answer = cast.send("participant", "notes/add/", htmx=htmx, text="  ", parked_for="actions")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This field is required." in page
    assert ("<html" in page) is not htmx
    assert ("HX-Retarget" in answer.headers) is htmx


def test_a_removed_note_can_be_brought_back(cast):
    note = notes.keep(cast.event, by=cast.participant, text="Said.")
    answer = cast.send("participant", f"notes/{note.pk}/remove/", htmx=True, removed="yes")
    assert f'action="/e/{cast.event.code}/room/notes/{note.pk}/remove/"' in answer.content.decode()
    assert not RoomNote.objects.kept().exists()
    assert cast.send("participant", f"notes/{note.pk}/remove/", htmx=True).status_code == 204
    assert RoomNote.objects.kept().get() == note


def test_a_second_device_that_agrees_never_makes_more_than_everybody(cast):
    for count in (5, 6):
        Meeting.objects.update(agreed_count=count)
        assert "5 of 5 have agreed" in cast.client("scribe").get(f"/e/{cast.event.code}/room/").text


def test_one_session_agrees_once_and_answers_once(cast):
    for _ in range(2):
        cast.send("participant", "agree/")
        cast.send("participant", "close/", learned="no", again="yes")
    assert Meeting.objects.get().agreed_count == 1
    assert list(ClosingAnswer.objects.values_list("learned", "again")) == [("no", "yes")]


def test_half_an_answer_is_none(cast):
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=7)
    answer = cast.send("participant", "close/", learned="no")
    assert answer.status_code == 422
    assert "Say whether you would come again" in answer.content.decode()
    assert not ClosingAnswer.objects.exists()


def test_two_texts_from_one_beginning_are_both_shown(cast):
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=1)
    document.save_text(cast.event, "summary", text="Theirs.", base_number=0, by=cast.facilitator)
    for htmx in (True, False):
        answer = cast.send("scribe", "text/summary/", htmx=htmx, text="Mine & ours.", base="0")
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "Facilitator changed this text while you were writing" in page
        assert 'name="base" value="1"' in page
        assert ">Mine &amp; ours.</textarea>" in page
        assert ("<html" in page) is not htmx
    assert SectionText.objects.get().text == "Theirs."
    assert SectionText.objects.get().revisions.count() == 2  # the refused text is kept beside
    assert cast.send("scribe", "text/summary/", text="Both.", base="1").status_code == 303
    assert SectionText.objects.get().text == "Both."


def test_a_text_that_is_too_long_comes_back_whole(cast, monkeypatch):
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=1)
    long = "word " * 30_000
    answer = cast.send("scribe", "text/summary/", text=long, base="0")
    assert answer.status_code == 422
    assert long.strip() in answer.content.decode()
    assert not SectionText.objects.exists()


@pytest.mark.parametrize("slug", ["actions", "timeline", "detection", "factors", "nothing-like-it"])
def test_only_what_people_write_by_hand_has_a_text(cast, slug):
    assert cast.send("scribe", f"text/{slug}/", text="x", base="0").status_code == 404
    assert not SectionText.objects.exists()


def test_an_event_without_an_end_says_what_is_missing(cast):
    Event.objects.filter(pk=cast.event.pk).update(state=State.PREPARING, ended_at=None)
    page = cast.client("facilitator").get(f"/e/{cast.event.code}/room/").content.decode()
    assert "This event has no end yet." in page
    assert "Open the room</button>" not in page
    answer = cast.send("facilitator", "start/")
    assert (answer.status_code, "no end yet" in answer.content.decode()) == (409, True)


def test_the_page_names_the_number_that_its_content_has_at_least(cast):
    """Read before the content: a change may be seen twice, never missed."""
    seen: list[int] = []

    def late(*args: Any, **kwargs: Any) -> Any:
        notes.keep(cast.event, by=cast.scribe, text="While the page was made.")
        seen.append(Event.objects.get(pk=cast.event.pk).change_seq)
        return real(*args, **kwargs)

    real = room.context
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "context", late)
        page = cast.client("observer").get(f"/e/{cast.event.code}/room/").content.decode()
    assert "While the page was made." in page
    assert f'data-seq="{seen[0] - 1}"' in page


def test_pages_beside_an_open_room_lead_back_to_it_and_without_script_nothing_says_that_it_is_live(cast):
    beside = f"/e/{cast.event.code}/timeline/"
    for role in ("facilitator", "observer"):
        assert "Back to the room" in cast.client(role).get(beside).content.decode()
        assert 'id="live" hidden' in cast.client(role).get(f"/e/{cast.event.code}/room/").content.decode()
    meeting.end(cast.event, by=cast.facilitator)
    assert "Back to the room" not in cast.client("observer").get(beside).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_room_takes_as_many_queries_for_three_of_everything_as_for_one(cast, django_assert_num_queries, count):
    for n in range(count):
        Factor.objects.create(event=cast.event, category="change", text=f"F{n}", created_by=cast.scribe)
        notes.keep(cast.event, by=cast.scribe, text=f"N{n}")
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=4)
    client = cast.client("scribe")
    client.get(f"/e/{cast.event.code}/room/")
    with django_assert_num_queries(15):
        client.get(f"/e/{cast.event.code}/room/")


def test_an_anonymous_form_shares_its_id_with_no_form_that_names_its_sender(cast):
    """Two presses before the first answer is back, in two tabs of two sessions for one: the id alone knows."""
    for step, form in (("opening", "room/agree/"), ("close", "room/close/")):
        last = Meeting.objects.get(event=cast.event).steps.get(slug=step)
        Meeting.objects.filter(event=cast.event).update(step=last)
        shown = cast.client("facilitator").get(f"/e/{cast.event.code}/room/").content.decode()
        own = re.search(rf'<form[^>]*{form}.*?name="op" value="([^"]+)"', shown, re.DOTALL)[1]
        assert shown.count(own) == 1
        assert uuid.UUID(own)
    for _ in range(2):
        fresh = Client()
        fresh.force_login(cast.facilitator)
        fields = {"learned": "yes", "again": "yes", "op": own}
        assert fresh.post(f"/e/{cast.event.code}/room/close/", fields).status_code == 303
    assert ClosingAnswer.objects.count() == 1


def test_whoever_comes_in_hears_the_own_role_and_the_rule_before_the_stage(cast):
    """It stands above the stage, so it is read and reached before it; keys are hints for the eye."""
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=1)
    page = cast.client("participant").get(f"/e/{cast.event.code}/room/").content.decode()
    door, stage = page.index('aria-label="Your role"'), page.index('id="stage"')
    assert door < page.index("Our ground rule:") < stage
    assert "<kbd>" not in page[door:stage]
