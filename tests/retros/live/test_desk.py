"""Who is here, told over real HTTP: what changed, gathered, to everybody; across two processes; and who falls silent is gone."""

import time
import uuid
from datetime import timedelta
from types import SimpleNamespace

from django.db import OperationalError

from aar_site import clock
from retros.live import bell, frames, presence
from retros.live import desk as desks
from retros.live.hub import Stream
from retros.live.stream import desk
from retros.models import Change, Presence
from retros.services import floor, meeting, notes
from tests.factories import make_event, make_user
from tests.retros.live import test_stream as streams

cast = streams.cast  # the fixture


def listen(room: SimpleNamespace, role: str, line: str = ""):
    return room.listen(role, streams.seq_of(room), query=f"&line={line or uuid.uuid4().hex[:12]}")


def until(reader, right):
    """The first presence frame of which `right` is true."""
    while True:
        told = reader.until("presence")
        if right(told):
            return told


def test_who_comes_is_told_the_whole_and_the_others_what_changed(cast, monkeypatch):
    monkeypatch.setattr(presence, "GRACE_S", 0.5)
    lead = listen(cast, "facilitator")
    whole = until(lead, lambda told: "here" in told)
    assert (whole["here"], whole["hands"], whole["floor"]) == ([cast.facilitator.pk], [], None)
    assert 'id="floor"' in whole["regions"]["floor"]
    guests = [listen(cast, role) for role in ("guest", "participant")]
    came: set[int] = set()
    while came != {cast.guest.pk, cast.participant.pk}:
        told = until(lead, lambda told: "came" in told)
        came |= set(told["came"])
        assert told["left"] == []
    assert until(guests[1], lambda told: "here" in told)["here"] == sorted(
        [cast.facilitator.pk, cast.guest.pk, cast.participant.pk]
    )
    guests[0].close()
    assert until(lead, lambda told: told.get("left"))["left"] == [cast.guest.pk]  # after a moment to come back in
    assert not Change.objects.filter(event=cast.event, seq__gt=1).exists()


def test_hands_and_writing_are_told_at_once_and_end(cast):
    scribe, lead = listen(cast, "scribe", "pen"), listen(cast, "facilitator")
    until(lead, lambda told: "here" in told)
    floor.raise_hand(cast.event, by=cast.scribe)
    told = until(lead, lambda told: told.get("hands"))
    assert told["hands"] == [cast.scribe.pk]
    assert "Scribe" in told["regions"]["floor"]
    floor.give(cast.event, user_id=cast.scribe.pk, by=cast.facilitator)
    assert until(scribe, lambda told: told.get("floor"))["floor"] == cast.scribe.pk
    presence.write(cast.event.pk, cast.scribe.pk, "pen", is_writing=True)
    assert until(lead, lambda told: told.get("writing"))["writing"] == [cast.scribe.pk]
    Presence.objects.filter(user=cast.scribe).update(writing_until=clock.now())  # so much time goes by
    assert until(lead, lambda told: "writing" in told)["writing"] == []  # by itself


def test_a_line_that_gives_no_sign_is_closed_and_its_person_gone(cast, monkeypatch):
    monkeypatch.setattr(desks, "RENEW_S", 0.2)
    monkeypatch.setattr(presence, "LINE_S", 2)
    lead = cast.listen("facilitator", streams.seq_of(cast))  # no page: here as long as its stream is
    began = time.monotonic()
    dead = listen(cast, "participant", "dead")
    until(lead, lambda told: cast.participant.pk in told.get("came", told.get("here", [])))
    assert dead.until("bye") == {"retry": 500}
    assert dead.next() is None
    until(lead, lambda told: cast.participant.pk in told.get("left", []))
    assert time.monotonic() - began >= 2  # not before its time
    assert cast.facilitator.pk in presence.here(cast.event)


def test_another_process_is_heard_by_what_it_wrote(cast):
    lead = listen(cast, "facilitator")
    until(lead, lambda told: "here" in told)
    now = clock.now()
    Presence.objects.create(  # as another web process writes it
        event=cast.event, user=cast.observer, line="elsewhere", seen_at=now, until=now + timedelta(seconds=30)
    )
    assert until(lead, lambda told: told.get("came"))["came"] == [cast.observer.pk]


def test_who_comes_back_by_another_stream_of_the_same_page_never_left(cast, monkeypatch):
    monkeypatch.setattr(presence, "GRACE_S", 0.2)
    lead = listen(cast, "facilitator")
    first = listen(cast, "guest", "same")
    until(lead, lambda told: cast.guest.pk in told.get("came", told.get("here", [])))
    listen(cast, "guest", "same")
    first.close()
    time.sleep(1.5)
    notes.keep(cast.event, by=cast.scribe, text="Something to end the waiting.")
    told = []
    while (frame := lead.next()) and frame[0] != "change":
        told.append(frame)
    assert not [data for name, data in told if name == "presence" and data.get("left")]


def test_a_room_that_cannot_be_told_of_is_told_in_the_next_round_and_keeps_no_other_waiting(db, monkeypatch):
    monkeypatch.setattr(bell, "_listeners", [])
    told, failing = [], set()

    def render(event_id: int) -> str:
        if event_id in failing:
            raise OperationalError("the database is away for a moment")
        return "floor"

    people = [make_user(), make_user()]
    events = [make_event(facilitator=person) for person in people]
    one, two = (event.pk for event in events)
    hub = SimpleNamespace(watchers=[], tell=lambda event_id, frame: told.append((event_id, frames.content(frame))))
    mine = desks.Desk(hub, render)
    for event, person in zip(events, people, strict=True):
        stream = Stream(event.pk, person.pk, "facilitator", "", page=f"page-{event.pk}")
        stream.send = lambda *given, pk=event.pk: told.append((pk, frames.content(given[0]["body"])))
        mine.news.came.append(stream)
    failing.add(one)
    mine._round()
    assert {event_id for event_id, _ in told} == {two}
    failing.clear()
    mine._round()
    assert [news["here"] for event_id, news in told if event_id == one and "here" in news] == [[people[0].pk]]
    meeting.start(events[0], by=people[0])
    floor.raise_hand(events[0], by=people[0])
    failing.add(one)
    told.clear()
    mine._round()
    failing.clear()
    mine._round()
    assert [(event_id, news["hands"]) for event_id, news in told] == [(one, [people[0].pk])]


def test_the_desk_rests_when_nobody_is_there(cast):
    reader = listen(cast, "facilitator")
    until(reader, lambda told: "here" in told)
    assert desk.thread
    reader.close()
    began = time.monotonic()
    while desk.thread and time.monotonic() - began < 20:
        time.sleep(0.05)
    assert desk.thread is None
    assert desk.told == {}
    assert list(Presence.objects.values_list("user_id", flat=True)) == [cast.facilitator.pk]
