"""Forms with which the room changes hands and rests, and the two regions that are one reader's alone."""

import re
import uuid
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from aar_site import clock
from retros.forms.leading import RestForm, next_time
from retros.live import presence
from retros.models import Event, Meeting, Membership, PersonalLink, Role
from retros.services import leading, meeting, scripts
from tests.factories import make_cast, make_member, make_user
from tests.guests import YUKI, invite, press

HTMX = {"HTTP_HX_REQUEST": "true"}
ROLES = ("facilitator", "scribe", "participant", "guest", "observer", "outsider")


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """The cast in an open room with .second, one more who takes part; .send(role, path, **fields), .get(role, path)."""
    found = make_cast()
    found.second = make_user("Second")
    make_member(found.event, found.second)
    meeting.start(found.event, by=found.facilitator)
    clients: dict[str, Client] = {}

    def client(role: str) -> Client:
        if role not in clients:
            clients[role] = Client(raise_request_exception=False)
            clients[role].force_login(getattr(found, role))
        return clients[role]

    def send(role: str, path: str, *, htmx: bool = False, **fields: Any) -> Any:
        return client(role).post(f"/e/{found.event.code}/room/{path}", fields, **(HTMX if htmx else {}))

    found.get = lambda role, path="": client(role).get(f"/e/{found.event.code}/room/{path}")
    found.send = send
    return found


def leave(cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The facilitator was seen a minute ago; the participant is here."""
    now = clock.now()
    presence.sign(cast.event.pk, cast.facilitator.pk, "gone")
    later = now + timedelta(seconds=60)
    monkeypatch.setattr(clock, "now", lambda: later)
    presence.sign(cast.event.pk, cast.participant.pk, "here")


def lead(cast: SimpleNamespace) -> Any:
    return Membership.objects.get(event=cast.event, role=Role.FACILITATOR).user


OPEN = [  # path, fields, is it asked while the facilitator is gone, answers in the order of ROLES
    ("rest/", {"until": ""}, False, "303 403 403 403 403 404"),
    ("hand-over/", {"to": "{second}"}, False, "303 403 403 403 403 404"),
    ("pen/", {"to": "{second}"}, False, "303 303 403 403 403 404"),
    ("take-over/", {}, True, "409 303 303 403 403 404"),
    ("take-back/", {}, True, "409 409 409 403 403 404"),
    ("ask/", {"whom": "{second}"}, True, "303 303 303 303 403 404"),
]


@pytest.mark.parametrize("row", OPEN, ids=[row[0] for row in OPEN])
def test_in_the_open_room_each_role_presses_what_it_may(cast, monkeypatch, row):
    path, fields, is_gone, expected = row
    if is_gone:
        leave(cast, monkeypatch)
    fields = {name: value.format(second=cast.second.pk) for name, value in fields.items()}
    if path == "take-over/":
        fields["pen_to"] = str(cast.second.pk)
    found = {}
    for role in ROLES:
        cast.get(role, "lead/")  # signs in, before what is undone
        with transaction.atomic():
            found[role] = cast.send(role, path, **fields).status_code
            transaction.set_rollback(True)
    assert found == dict(zip(ROLES, map(int, expected.split()), strict=True))


def test_a_colleague_who_came_by_a_link_learns_how_to_take_over(cast, monkeypatch):
    mate = make_user("Yuki Tanaka", email=YUKI)
    client = Client()
    press(client, invite(cast))
    leave(cast, monkeypatch)
    page = client.get(f"/e/{cast.event.code}/room/lead/").content.decode()
    assert Membership.objects.filter(event=cast.event, user=mate).exists()
    assert "Take over facilitating" not in page
    assert f'<a href="/in/?next=/e/{cast.event.code}/room/">Sign in</a> to take over yourself.' in page
    assert "Send me a code" in client.get(f"/in/?next=/e/{cast.event.code}/room/").content.decode()
    assert "to take over yourself" not in cast.get("participant", "lead/").content.decode()


@pytest.mark.parametrize(
    ("path", "verb", "title", "why"),
    [
        ("pen/", leading.hand_pen, "You have the pen now", "whoever writes for all signs in"),
        ("hand-over/", leading.hand_over, "You facilitate now", "whoever leads a review signs in"),
    ],
)
def test_who_came_by_a_link_and_gets_a_role_that_signs_in_is_told_why(cast, path, verb, title, why):
    mate, client = make_user("Yuki Tanaka", email=YUKI), Client()
    press(client, invite(cast))
    room = f"/e/{cast.event.code}/room/"
    assert "has to sign in the moment they" in cast.get("facilitator", path).content.decode()
    assert client.get(room).status_code == 200
    assert title not in client.get(f"/in/?next={room}").content.decode()
    verb(cast.event, by=cast.facilitator, to=mate.pk)
    poll = client.get(f"{room}poll/", headers={"hx-request": "true"})
    assert (poll.status_code, poll.headers["HX-Redirect"]) == (401, f"/in/?next={room}")
    for address in (f"/in/?next={room}", f"/in/?next={room}&by=password"):
        page = client.get(address).content.decode()
        assert title in page
        assert why in page
    PersonalLink.objects.update(revoked_at=clock.now())
    assert title not in client.get(f"/in/?next={room}").content.decode()  # somebody ended it: another matter


def test_the_room_is_handed_over_by_one_form_without_script(cast):
    page = cast.get("facilitator", "hand-over/").content.decode()
    names = re.findall(r"<option value=\"\d+\">([^<]+)</option>", page)
    assert names == ["Participant, not here now", "Second, not here now"]
    assert cast.send("facilitator", "hand-over/", to=str(cast.second.pk)).url == f"/e/{cast.event.code}/room/"
    assert lead(cast) == cast.second
    assert cast.get("facilitator", "script/").status_code == 403
    refused = cast.send("second", "hand-over/", to=str(cast.outsider.pk))
    assert refused.status_code == 422
    assert "Choose a person." in refused.content.decode()


def test_a_press_that_is_sent_twice_hands_over_once(cast):
    op = str(uuid.uuid4())
    for _ in range(2):
        assert cast.send("scribe", "pen/", to=str(cast.second.pk), op=op).status_code in {303, 403}
    assert Membership.objects.get(event=cast.event, role=Role.SCRIBE).user == cast.second


def test_a_rest_until_tomorrow_is_said_so(cast):
    form = RestForm({"until": "Tomorrow, 9:00"}, event=cast.event)
    assert form.is_valid(), form.errors
    at = form.cleaned_data["at"].astimezone(cast.event.zone)
    assert at.date() == clock.today(cast.event.time_zone) + timedelta(days=1)
    assert f"{at:%H:%M}" == "09:00"
    alone = RestForm({"until": "tomorrow"}, event=cast.event)
    assert alone.errors["until"] == ["Write a time such as 10 min, 14:00, tomorrow 9:00, or 27 Nov 2026, 14:00."]


@pytest.mark.parametrize("text", ["10 min", "in 10 minutes", "10m", "10 Min."])
def test_a_break_is_said_in_minutes_so_that_nobody_looks_up_the_clock_of_the_event(cast, text):
    form = RestForm({"until": text}, event=cast.event)
    assert form.is_valid(), form.errors
    assert abs(form.cleaned_data["at"] - clock.now() - timedelta(minutes=10)) < timedelta(seconds=30)
    assert "until" in RestForm({"until": f"{text} or so"}, event=cast.event).errors


def test_the_rest_asks_until_when_and_refuses_what_has_passed(cast):
    for until, words in (("1 Jan 2020, 10:00", "has passed"), ("soon", "Write a time"), ("2 Jan 2099", "time of day")):
        refused = cast.send("facilitator", "rest/", until=until)
        assert refused.status_code == 422
        assert words in refused.content.decode()
        assert until in refused.content.decode()
    offered = RestForm(event=cast.event)["until"]
    assert offered.value() is None, "a short break would have to remove it"
    assert str(next_time(cast.event).year) in offered.field.widget.attrs["placeholder"]
    cast.send("facilitator", "rest/", until="2 Jan 2099, 10:00")
    page = cast.get("participant").content.decode()
    assert "The meeting rests until" in page
    assert "10:00" in page
    assert 'data-key="]"' not in page
    assert cast.send("facilitator", "step/", **{"from": "0", "to": "1"}).status_code == 409
    assert cast.send("facilitator", "resume/", htmx=True).status_code == 204
    assert "The meeting rests" not in cast.get("participant").content.decode()


def test_the_script_is_on_the_page_of_the_facilitator_alone(cast):
    words, line = scripts.SCRIPTS["opening"].do, scripts.RESCUES[1].when
    for role in ROLES[:-1]:
        page = cast.get(role).content.decode()
        assert (words in page) is (line in page) is (role == "facilitator"), role
    fragment = cast.get("facilitator", "script/").content.decode()
    assert fragment.strip().startswith("<section")
    assert words in fragment


def test_what_is_offered_when_the_facilitator_is_gone_depends_on_the_reader(cast, monkeypatch):
    assert "is away" not in cast.get("participant", "lead/").content.decode()
    leave(cast, monkeypatch)
    shown = {role: cast.get(role, "lead/").content.decode() for role in ROLES[:-1]}
    assert "is away" not in shown["facilitator"]
    for role in ROLES[1:-1]:
        assert "Facilitator is away" in shown[role]
        assert ("You take part as a guest" in shown[role]) is (role == "guest")
        assert ("take-over/" in shown[role]) is (role in {"scribe", "participant"}), role
        assert ("/ask/" in shown[role]) is (role in {"scribe", "guest"}), (
            role
        )  # whom the participant could ask is not here
    assert "Pen to" in shown["scribe"]
    assert "Pen to" not in shown["participant"]
    assert 'id="away-box"' in cast.get("participant").content.decode()


def test_whoever_was_away_finds_the_way_back(cast, monkeypatch):
    leave(cast, monkeypatch)
    cast.send("participant", "take-over/")
    assert lead(cast) == cast.participant
    assert "Take it back" in cast.get("facilitator", "lead/").content.decode()
    assert "Take it back" not in cast.get("second", "lead/").content.decode()
    cast.send("facilitator", "take-back/")
    assert lead(cast) == cast.facilitator
    assert Meeting.objects.get(event=cast.event).first_lead is None


def test_before_and_after_each_reader_gets_their_own_next_step(cast):
    meeting.end(cast.event, by=cast.facilitator)
    for role, words in (("facilitator", "Open the room again"), ("participant", "You can read it as it grows")):
        page = cast.get(role).content.decode()
        assert "What comes now" in page
        assert words in page
    assert "Open the room again" not in cast.get("participant").content.decode()
    Event.objects.filter(pk=cast.event.pk).update(state="preparing")
    assert "Before you open it" in cast.get("facilitator").content.decode()
    assert "Before you open it" not in cast.get("scribe").content.decode()


def test_every_step_but_the_present_one_is_one_press_away(cast):
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=2)
    page = cast.get("facilitator").content.decode()
    rail = page[page.index('id="rail"') : page.index("</nav>")]
    assert re.findall(r'name="from" value="(\d)"', rail) == ["2"] * 7
    assert re.findall(r'name="to" value="(\d)"', rail) == ["0", "1", "3", "4", "5", "6", "7"]
    assert rail.count('data-may="steer-room"') == 7
    assert rail.count("skipped") == 2  # its class and its word


def test_leading_is_asked_of_everybody_by_hand_and_named_in_the_log(cast):
    leading.hand_over(cast.event, by=cast.facilitator, to=cast.participant.pk)
    assert f'data-lead="{cast.participant.name}"' in cast.get("second").content.decode()


@pytest.mark.parametrize(("who", "path", "to"), [("facilitator", "hand-over/", "participant"), ("scribe", "pen/", "participant"),
                                                 ("facilitator", "pen/", "participant")])  # fmt: skip
def test_a_second_press_that_hands_on_is_answered_like_the_first(cast, who, path, to):
    """It gave the right to it away, and must not tell whoever pressed twice that this is not theirs."""
    fields = {"to": getattr(cast, to).pk, "op": str(uuid.uuid4())}
    answers = [cast.send(who, path, **fields) for _ in range(3)]
    assert {(each.status_code, each.headers.get("Location")) for each in answers} == {
        (303, f"/e/{cast.event.code}/room/")
    }
    assert cast.send(who, path, **{**fields, "op": str(uuid.uuid4())}).status_code in {403, 422}


def test_a_second_press_that_makes_somebody_facilitator_is_answered_like_the_first(cast):
    row = Membership.objects.get(event=cast.event, user=cast.participant)
    fields = {"role": "facilitator", "initial-role": "participant", "op": str(uuid.uuid4())}
    client, address = Client(), f"/e/{cast.event.code}/people/{row.pk}/"
    client.force_login(cast.facilitator)
    assert [client.post(address, fields).status_code for _ in range(2)] == [303, 303]
    assert client.post(address, {**fields, "op": str(uuid.uuid4())}).status_code == 403
