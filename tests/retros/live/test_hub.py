"""The fan-out, round by round, without threads: what a reader is sent, and what is never missed."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from aar_site import clock
from retros.live import frames
from retros.live import hub as module
from retros.live.hub import Hub, Stream
from retros.live.log import change
from retros.models import Event
from tests.factories import make_event


class Loop:
    """An event loop that does at once what it is asked to do soon."""

    def call_soon_threadsafe(self, call: Any, *args: Any) -> None:
        call(*args)


class Closed(Loop):
    def call_soon_threadsafe(self, call: Any, *args: Any) -> None:
        raise RuntimeError("Event loop is closed")


@pytest.fixture
def room(db: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A hub whose rounds are run by hand; .roles may enter, .rendered counts how often regions were made."""
    monkeypatch.setattr(Hub, "_run", lambda self: None)
    found = SimpleNamespace(event=make_event(), roles={1: "scribe", 2: "observer"}, rendered=[])
    for user in found.roles:
        Session.objects.create(session_key=f"session-{user}", expire_date=clock.now() + timedelta(days=1))

    def render(event_id: int, topics: set[str]) -> tuple[str, dict[str, str]]:
        found.rendered.append((event_id, topics))
        return "meeting", {topic: f"<p>{topic}" for topic in topics}

    found.hub = Hub(render, lambda event_id: found.roles)
    return found


def join(room: SimpleNamespace, user: int = 1, seq: int = 0, event: Event | None = None, loop: Any = None) -> Stream:
    role = "scribe" if user == 1 else "observer"
    stream = Stream((event or room.event).pk, user, role, f"session-{user}", loop or Loop())
    room.hub.open(stream, seq)
    return stream


def got(stream: Stream) -> list[Any]:
    """What the stream was sent since it was last asked: numbers of changes, names of other frames, None for the end."""
    found = []
    while not stream.queue.empty():
        frame = stream.queue.get_nowait()
        name = frame and frame.decode().split("event: ")[1].split("\n")[0]
        found.append(json.loads(frame.decode().split("data: ")[1])["seq"] if frame and name == "change" else name)
    return found


def write(event: Event, topics: str = "notes") -> None:
    with change(event, topics, "wrote", by=None):
        pass


def test_a_change_is_rendered_once_and_goes_to_everybody(room):
    readers = [join(room, 1), join(room, 2), join(room, 2)]
    write(room.event)
    room.hub._round()
    assert [got(reader) for reader in readers] == [[1], [1], [1]]
    assert room.rendered == [(room.event.pk, {"notes"})]
    room.hub._round()
    assert [got(reader) for reader in readers] == [[], [], []]


def test_changes_between_two_rounds_are_one_frame_with_all_their_topics(room):
    reader = join(room)
    write(room.event, "notes")
    write(room.event, "agenda,people")
    room.hub._round()
    assert got(reader) == [2]
    assert room.rendered == [(room.event.pk, {"notes", "agenda", "people"})]


def test_nobody_hears_of_another_room(room):
    other = make_event()
    here, there = join(room), join(room, event=other)
    write(other)
    room.hub._round()
    assert (got(here), got(there)) == ([], [1])


def test_a_reader_who_came_from_further_behind_while_others_were_served_misses_nothing(room):
    join(room, 1, seq=0)
    write(room.event, "notes")
    room.hub._round()
    write(room.event, "agenda")
    late: list[Stream] = []
    render = room.hub.render

    def slow(event_id: int, topics: set[str]) -> Any:
        if not late:  # comes in the middle of the round, with a number that was read before the first change
            late.append(join(room, 2, seq=0))
            room.rendered.clear()
        return render(event_id, topics)

    room.hub.render = slow
    room.hub._round()
    room.hub._round()
    assert got(late[0]) == [2, 2]
    assert room.rendered == [(room.event.pk, {"agenda"}), (room.event.pk, {"notes", "agenda"})]


def test_a_late_reader_lowers_the_number_and_is_served_from_there(room):
    write(room.event, "notes")
    write(room.event, "agenda")
    early = join(room, 1, seq=2)
    late = join(room, 2, seq=0)
    room.hub._round()
    assert (got(early), got(late)) == ([2], [2])  # twice for one is allowed, never for nobody
    assert room.rendered == [(room.event.pk, {"notes", "agenda"})]


def test_a_slow_reader_is_told_to_load_anew_instead_of_filling_the_memory(room, monkeypatch):
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    slow = join(room)
    for _ in range(5):
        write(room.event)
        room.hub._round()
    assert slow.queue.qsize() <= 3
    assert "reset" in got(slow)


def test_too_many_changes_at_once_are_a_fresh_page(room, monkeypatch):
    monkeypatch.setattr(module, "MOST_BEHIND", 2)
    reader = join(room)
    for _ in range(3):
        write(room.event)
    room.hub._round()
    assert (got(reader), room.rendered) == (["reset"], [])


def test_the_fourth_window_of_one_person_sends_the_first_away_for_a_while(room):
    windows = [join(room, 2) for _ in range(4)]
    other = join(room, 1)
    write(room.event)
    room.hub._round()
    assert [got(w) for w in windows] == [["bye", None], [1], [1], [1]]
    assert got(other) == [1]


def test_who_may_not_be_here_any_more_is_sent_away_and_another_role_is_another_page(room):
    one, two = join(room, 1), join(room, 2)
    room.roles = {2: "participant"}
    room.hub._check_rights()
    assert (got(one), got(two)) == (["gone", None], ["reset"])
    room.hub._check_rights()
    assert got(two) == []


@pytest.mark.parametrize("size", [1, 3])
def test_whose_session_ended_is_sent_away_and_all_sessions_are_one_query(room, size, django_assert_num_queries):
    gone, expired = [join(room, 1) for _ in range(size)][-1], join(room, 2)
    with django_assert_num_queries(1):
        room.hub._check_rights()
    assert (got(gone), got(expired)) == ([], [])
    Session.objects.filter(session_key="session-1").delete()
    room.hub._check_rights()
    assert (got(gone), got(expired)) == (["bye", None], [])
    Session.objects.update(expire_date=clock.now())
    room.hub._check_rights()
    assert got(expired) == ["bye", None]


def test_a_change_of_people_asks_for_rights_at_once(room):
    reader = join(room, 1)
    room.roles = {}
    write(room.event, "people")
    room.hub._round()
    assert got(reader)[-2:] == ["gone", None]


def test_one_room_that_cannot_be_shown_keeps_no_other_waiting(room, monkeypatch, caplog):
    monkeypatch.setattr(module, "POLL_S", 0)
    broken, well = room.event, make_event()
    render = room.hub.render

    def fail(event_id: int, topics: set[str]) -> Any:
        if event_id == broken.pk:
            raise ValueError("a template with a mistake")
        return render(event_id, topics)

    room.hub.render = fail
    readers = join(room, event=broken), join(room, event=well)
    write(broken)
    write(well)
    room.hub._round()
    assert [got(reader) for reader in readers] == [[], [1]]
    assert "could not be pushed" in caplog.text
    room.hub.render = render
    room.hub._round()
    assert got(readers[0]) == [1]  # and it is not lost


def test_the_goodbye_ends_every_stream_at_another_moment(room):
    readers = [join(room, 1), join(room, 2), join(room, 2)]
    with room.hub.lock:  # a signal may come while its own thread holds the lock
        room.hub.say_goodbye()
    retries = set()
    for reader in readers:
        bye, end = reader.queue.get_nowait(), reader.queue.get_nowait()
        assert (bye.startswith(b"event: bye"), end) == (True, None)
        retries.add(bye)
    assert len(retries) == 3


def test_a_stream_whose_loop_is_gone_harms_nobody(room):
    join(room, 1, loop=Closed())
    well = join(room, 2)
    write(room.event)
    room.hub._round()
    assert got(well) == [1]


def test_the_last_reader_takes_the_watching_along(room):
    one, two = join(room, 1), join(room, 2)
    room.hub.close(one)
    assert room.hub.seen
    room.hub.close(two)
    room.hub.close(two)
    assert (room.hub.streams, room.hub.seen) == ({}, {})


def test_the_sign_of_life_is_an_event_that_a_browser_notices():
    assert b"event: " in frames.HEARTBEAT
