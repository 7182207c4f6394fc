"""The fan-out, round by round, without threads: what a reader is sent, and what is never missed."""

import json
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from aar_site import clock
from aar_site.people.models import User
from retros.live import frames
from retros.live import hub as module
from retros.live.hub import Hub, Stream
from retros.live.line import Line
from retros.live.log import change
from retros.models import Event
from tests.factories import make_event, make_user


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
    monkeypatch.setattr(Hub, "_watch", lambda self: None)
    monkeypatch.setattr(module.bell, "_listeners", [])  # rounds come when a test asks for one
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
    stream = Stream((event or room.event).pk, user, role, f"session-{user}", seq)
    stream.arrived = []  # type: ignore[attr-defined]

    async def send(given: dict[str, Any]) -> None:
        stream.arrived.append(given)  # type: ignore[attr-defined]

    stream.line, stream.loop = Line(send), loop or Loop()
    room.hub.open(stream)
    return stream


def got(stream: Any) -> list[Any]:
    """What the stream was sent since it was last asked: numbers of changes, names of other frames, None for the end."""
    found: list[Any] = []
    for given in stream.arrived:
        if not given["more_body"]:
            found.append(None)
            continue
        frame = given["body"].decode()
        name = frame.split("event: ")[1].split("\n")[0]
        found.append(json.loads(frame.split("data: ")[1])["seq"] if name == "change" else name)
    stream.arrived.clear()
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


def test_a_frame_names_who_wrote_in_the_open_and_nobody_else(room):
    def told(*changes: tuple[str, str]) -> str:
        reader = join(room, seq=room.hub.rooms[room.event.pk].seen if room.event.pk in room.hub.rooms else 0)
        for topics, name in changes:
            by = User.objects.filter(name=name).first() or make_user(name)
            with change(room.event, topics, "wrote", by=by):
                pass
        room.hub._round()
        said: str = json.loads(reader.arrived[-1]["body"].decode().split("data: ")[1])["by"]
        return said

    assert told(("summary,document", "Priya Nair")) == "Priya Nair"
    assert told(("notes", "Priya Nair"), ("analysis", "Priya Nair"), ("people", "Tomasz")) == "Priya Nair"
    assert told(("notes", "Priya Nair"), ("notes", "Tomasz")) == ""
    assert [told((topic, "Tomasz")) for topic in ("factors", "people", "agenda")] == [
        "",
        "",
        "",
    ]  # silent writing, for one


def test_nobody_hears_of_another_room(room):
    other = make_event()
    here, there = join(room), join(room, event=other)
    write(other)
    room.hub._round()
    assert (got(here), got(there)) == ([], [1])


def test_who_rings_the_bell_renders_and_the_frame_is_there_when_the_ring_is_over(room):
    reader = join(room)
    write(room.event)
    room.hub.hear(room.event.pk, 1, "notes")
    assert got(reader) == [1]
    room.hub.hear(make_event().pk, 1, "notes")  # nobody reads there
    room.hub.hear(room.event.pk, 0, "")  # no change
    assert room.rendered == [(room.event.pk, {"notes"})]


def test_who_rings_first_brings_what_came_before_it_too(room):
    reader = join(room)
    write(room.event, "agenda")
    write(room.event, "notes")
    room.hub.hear(room.event.pk, 2, "notes")
    room.hub.hear(room.event.pk, 1, "agenda")
    assert got(reader) == [2]
    assert room.rendered == [(room.event.pk, {"agenda", "notes"})]


def test_while_one_renders_who_rings_leaves_it_to_the_watcher(room):
    reader = join(room)
    room.hub.wake.clear()
    write(room.event, "notes")
    render = room.hub.render

    def slow(event_id: int, topics: set[str]) -> Any:
        if len(room.rendered) == 0:
            write(room.event, "agenda")
            room.hub.hear(
                room.event.pk, 2, "agenda"
            )  # as another thread would, in the middle of the first one's rendering
        return render(event_id, topics)

    room.hub.render = slow
    room.hub.hear(room.event.pk, 1, "notes")
    assert got(reader) == [1]
    assert room.hub.wake.is_set()
    room.hub._round()
    assert got(reader) == [2]


def test_a_ring_that_cannot_render_harms_no_writer_and_the_watcher_tries_again(room, caplog):
    reader, render = join(room), room.hub.render
    room.hub.render = lambda event_id, topics: 1 / 0
    room.hub.wake.clear()
    write(room.event)
    room.hub.hear(room.event.pk, 1, "notes")
    assert got(reader) == []
    assert "could not be pushed" in caplog.text
    assert room.hub.wake.is_set()
    room.hub.render = render
    room.hub._round()
    assert got(reader) == [1]


def test_a_reader_who_came_from_further_behind_while_others_were_served_misses_nothing(room):
    well = join(room, 1, seq=0)
    write(room.event, "notes")
    room.hub._round()
    write(room.event, "agenda")
    late: list[Stream] = []
    render = room.hub.render

    def slow(event_id: int, topics: set[str]) -> Any:
        if not late:  # comes in the middle of the round, with a number that was read before the first change
            late.append(join(room, 2, seq=0))
        return render(event_id, topics)

    room.hub.render = slow
    room.hub._round()
    room.hub._round()
    assert got(well) == [1, 2]
    assert got(late[0]) == [2]
    assert room.rendered[1:] == [(room.event.pk, {"agenda"}), (room.event.pk, {"all"})]


def test_only_a_late_reader_gets_what_it_missed(room):
    for topics in ("notes", "agenda", "people", "notes"):
        write(room.event, topics)
    early, late = join(room, 1, seq=4), join(room, 2, seq=2)
    room.hub._round()
    assert (got(early), got(late)) == ([], [4])
    assert room.rendered == [(room.event.pk, {"people", "notes"})]
    write(room.event, "notes")
    room.hub._round()
    assert (got(early), got(late)) == ([5], [5])


def test_who_comes_back_in_the_same_moment_is_rendered_for_once(room, monkeypatch):
    monkeypatch.setattr(module, "FRESH_S", 60)
    write(room.event, "notes")
    write(room.event, "agenda")
    frame = [room.hub.whole(room.event.pk, after, 2) for after in (1, 1)]
    assert frame[0] == frame[1]
    assert room.rendered == [(room.event.pk, {"agenda"})]
    assert json.loads(frame[0].decode().split("data: ")[1])["topics"] == ["agenda"]
    room.hub.whole(room.event.pk, 0, 2)
    assert room.rendered[1:] == [(room.event.pk, {"all"})]
    monkeypatch.setattr(module, "FRESH_S", 0)  # later, its clocks would be wrong
    room.hub.whole(room.event.pk, 1, 2)
    assert room.rendered[2:] == [(room.event.pk, {"agenda"})]


def test_who_missed_too_much_gets_the_whole_room(room, monkeypatch):
    monkeypatch.setattr(module, "MOST_BEHIND", 2)
    for _ in range(4):
        write(room.event)
    room.hub.whole(room.event.pk, 1, 4)
    assert room.rendered == [(room.event.pk, {"all"})]


def test_what_has_no_number_goes_to_everybody_in_the_room_and_to_no_other(room):
    one, two, there = join(room, 1), join(room, 2), join(room, 1, event=make_event())
    room.hub.tell(room.event.pk, b"event: beat\ndata: {}\n\n")
    room.hub.tell(make_event().pk, b"event: beat\ndata: {}\n\n")
    assert (got(one), got(two), got(there)) == (["beat"], ["beat"], [])


def test_who_watches_hears_of_each_who_comes_and_goes(room):
    seen: list[Any] = []
    room.hub.watchers.append(lambda stream, has_come: seen.append((stream.user_id, has_come)))
    stream = join(room, 2)
    room.hub.close(stream)
    assert seen == [(2, True), (2, False)]


def test_who_hears_nothing_else_gets_a_sign_of_life_in_time(room):
    quiet, busy = join(room, 1), join(room, 2)
    quiet.line.sent_at -= module.BEAT_S - module.RIGHTS_S
    room.hub._beat()
    assert (got(quiet), got(busy)) == (["beat"], [])
    room.hub._beat()
    assert got(quiet) == []


def test_the_fourth_window_of_one_person_sends_the_first_away_for_a_while(room):
    windows = [join(room, 2) for _ in range(4)]
    other = join(room, 1)
    write(room.event)
    room.hub._round()
    assert [got(w) for w in windows] == [["bye", None], [1], [1], [1]]
    assert got(other) == [1]


def test_a_person_has_twelve_windows_over_all_events(room):
    events = [make_event() for _ in range(4)]
    windows = [join(room, 2, event=event) for event in events for _ in range(3)]
    other = join(room, 1)
    assert [got(window) for window in windows] == [[]] * module.MOST_OF_ALL
    more = join(room, 2)
    assert [got(window) for window in windows] == [["bye", None]] + [[]] * 11
    assert (got(other), got(more)) == ([], [])
    fourth = join(room, 2, event=events[3])  # the most of one event: another one of it goes, and no second
    assert [got(window) for window in windows] == [[]] * 9 + [["bye", None], [], []]
    for stream in (*windows, other, more, fourth):
        room.hub.close(stream)
    assert room.hub.rooms == {}


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


def test_who_was_given_another_role_while_coming_in_hears_of_it_in_the_next_round(room):
    """Role and number are read when the page asks; by the time its stream is open both may be others."""
    join(room, 1, seq=0)
    room.roles = {1: "scribe", 2: "facilitator"}
    write(room.event, "people")
    room.hub._round()
    late = join(room, 2, seq=0)
    room.hub._round()
    assert got(late) == [1, "reset"]


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
    readers = [join(room, n) for n in range(12)]
    with room.hub.lock:  # a signal may come while its own thread holds the lock
        room.hub.say_goodbye()
    pauses = {int(re.search(rb'"retry": ?(\d+)', reader.arrived[0]["body"])[1]) for reader in readers}
    assert len(pauses) == 12
    assert max(pauses) - min(pauses) >= 3000
    assert [got(reader) for reader in readers] == [["bye", None]] * 12


def test_a_stream_whose_loop_is_gone_harms_nobody(room):
    join(room, 1, loop=Closed())
    well = join(room, 2)
    write(room.event)
    room.hub._round()
    assert got(well) == [1]


def test_the_last_reader_takes_the_watching_along(room):
    one, two = join(room, 1), join(room, 2)
    room.hub.close(one)
    assert room.hub.rooms
    room.hub.close(two)
    room.hub.close(two)
    assert room.hub.rooms == {}


def test_the_sign_of_life_is_an_event_that_a_browser_notices():
    assert b"event: " in frames.HEARTBEAT
