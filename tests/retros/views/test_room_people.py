"""Pages and forms of people in the room: what each may press, that a page is a sign of life, and who was there."""

import re
from types import SimpleNamespace

import pytest
from django.test import Client

from retros.live import presence
from retros.models import Event, Hand, Membership, Presence
from retros.services import meeting


@pytest.fixture
def room(cast: SimpleNamespace) -> SimpleNamespace:
    """The cast in an open room; .send(role, path, **fields) and .page(role, path) speak as that person."""
    meeting.start(cast.event, by=cast.facilitator)

    def client(role: str) -> Client:
        found = Client()
        found.force_login(getattr(cast, role))
        return found

    def send(who: str, path: str, **fields: str):
        return client(who).post(f"/e/{cast.event.code}/room/{path}", fields)

    cast.send, cast.client = send, client
    cast.page = lambda role, path="": client(role).get(f"/e/{cast.event.code}/room/{path}").content.decode()
    cast.member = lambda role: Membership.objects.get(event=cast.event, user=getattr(cast, role))
    return cast


def test_a_page_without_script_and_a_line_are_signs_of_life(room):
    room.page("guest")
    room.send("participant", "attend/", line="abc-1")
    room.client("scribe").get(f"/e/{room.event.code}/room/poll/?after=0&line=poll")
    assert set(presence.here(room.event)) == {room.guest.pk, room.participant.pk, room.scribe.pk}
    assert room.member("participant").attended_at
    room.page("participant")  # its script speaks for itself
    assert set(Presence.objects.values_list("line", flat=True)) == {"", "abc-1", "poll"}
    room.send("observer", "attend/", line="<b>" * 9)
    assert Presence.objects.get(user=room.observer).line == ""


def test_looking_at_the_room_writes_no_change_and_no_attendance(room):
    before = Event.objects.get(pk=room.event.pk).change_seq
    room.page("guest")
    assert Event.objects.get(pk=room.event.pk).change_seq == before
    assert room.member("guest").attended_at is None


def test_the_room_says_at_the_door_who_one_is_and_what_one_may_do(room):
    words = {
        "facilitator": "You are the facilitator.",
        "scribe": "You are the scribe.",
        "participant": "You are a participant.",
        "guest": "You are a guest of this review.",
        "observer": "You are an observer.",
    }
    for role, said in words.items():
        page = room.page(role)
        assert said in page
        assert [other for other in words.values() if other in page] == [said]
        assert ('id="own-hand"' in page) is (role != "facilitator")
        assert "Our ground rule" in page  # for who comes after the opening; the style sheet hides it beside the oath


def test_a_hand_is_raised_taken_down_and_given_the_floor(room):
    for role in ("observer", "guest"):
        assert room.send(role, "hand/", is_up="yes").status_code == 303
    page = room.page("guest")
    assert "Lower hand" in page
    assert page.index("Guest</span>", page.index('id="floor"')) < page.index("Observer<", page.index('id="floor"'))
    assert room.send("participant", f"floor/{room.member('guest').pk}/", has_floor="yes").status_code == 403
    room.send("facilitator", f"floor/{room.member('guest').pk}/", has_floor="yes")
    assert "<b>Guest</b> has the floor" in room.page("observer")
    assert "I am done" in room.page("guest")
    room.send("guest", "hand/", is_up="no")
    assert [hand.user for hand in Hand.objects.all()] == [room.observer]


def test_writing_is_told_without_a_word_of_what(room):
    room.send("scribe", "attend/", line="pen")
    room.send("scribe", "writing/", line="pen", is_writing="yes", text="SECRET")
    assert ">Scribe is writing</p>" in room.page("guest")
    assert "SECRET" not in repr(list(Presence.objects.values()))
    room.send("scribe", "writing/", line="pen", is_writing="no")
    assert "is writing</p>" not in room.page("guest")
    assert room.send("observer", "writing/", line="pen", is_writing="yes").status_code == 403


def test_scribe_and_facilitator_put_right_who_was_there(room):
    page = room.page("scribe", "people/")
    assert page.count('name="came"') == 5
    assert "Set</button>" not in page  # roles are the facilitator's
    assert "Invite somebody else" not in page
    room.send("participant", "attend/", line="late")  # after the scribe opened the page
    room.send("scribe", "people/attendance/", came=str(room.member("observer").pk))
    assert (bool(room.member("observer").attended_at), bool(room.member("participant").attended_at)) == (True, True)
    again = room.page("facilitator", "people/")
    assert f'value="{room.member("observer").pk}" form="attendance" checked' in again
    assert again.count(">Set</button>") == 4
    assert re.search(r'href="/e/\w+/people/">Invite somebody else<', again)  # who comes unexpected is not in the list
    assert again.count('name="was"') == 2
    room.send("scribe", "people/attendance/", was=str(room.member("observer").pk))
    assert room.member("observer").attended_at is None


def test_a_role_changes_from_the_room(room):
    answer = room.send("facilitator", f"people/{room.member('participant').pk}/role/", role="scribe")
    assert (answer.status_code, answer.url) == (303, f"/e/{room.event.code}/room/people/")
    assert (room.member("participant").role, room.member("scribe").role) == ("scribe", "participant")
    refused = room.send("facilitator", f"people/{room.member('facilitator').pk}/role/", role="scribe")
    assert (refused.status_code, "another person than the facilitator" in refused.content.decode()) == (409, True)
    room.send(
        "facilitator", f"people/{room.member('participant').pk}/role/", role="facilitator"
    )  # handed over elsewhere
    assert room.member("participant").role == "scribe"
    page = room.page("facilitator", "people/")
    assert page.count('<option value="scribe"') == 3  # of the guest no scribe is made, and the words say why
    assert "The scribe is a colleague: guests come by a link" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_sheet_of_people_asks_as_much_for_three_as_for_one(room, django_assert_num_queries, count):
    Membership.objects.filter(event=room.event).exclude(role="facilitator").filter(
        pk__in=[m.pk for m in Membership.objects.filter(event=room.event)[count + 1 :]]
    ).delete()
    client = room.client("facilitator")
    client.get(f"/e/{room.event.code}/room/people/")
    with django_assert_num_queries(8):
        client.get(f"/e/{room.event.code}/room/people/")
