"""P16: a browser that was offline for a minute catches up with everything it missed, in order."""

import itertools
import json
import signal
import time
from typing import Any

import pytest
from django.urls import reverse

from retros.models import Event, RoomNote
from tests.factories import make_user
from tests.promises.follower import Apart, Follower
from tests.promises.people import Person, signed_in
from tests.promises.writers import Crowd, Writer, make_meeting

KINDS = ("moment", "moment edited", "note", "moment", "moment edited", "moment removed", "moment", "moment edited")
STEADY = ("notes", "stage")  # regions without a clock that ticks
TARGET = "0 missed, 0 out of order, 0 twice; caught up <= 2 s after 60 s with 1,200 changes, <= 5 s after 5 min"


@pytest.mark.promise("P16", TARGET)
def test_a_browser_that_was_offline_catches_up_in_order(running, proxied, is_full, measured):
    spells = (
        [(60, 0.65, ("cut", "refuse", "blackhole"), 2.0), (300, 4.0, ("refuse",), 5.0)]
        if is_full
        else [(3, 0.2, ("cut", "refuse"), 2.0)]
    )
    writers = [Writer(make_user(), running.port, number=n, kinds=KINDS) for n in range(20 if is_full else 6)]
    figures, wrong, late = [], list[str](), list[float]()
    for seconds, pause, modes, target in spells:
        event = make_meeting([writer.user for writer in writers], step="timeline")
        lines = {mode: proxied(running.port) for mode in modes}
        readers = {mode: Follower(line.port, event.code, signed_in(event.lead)).start() for mode, line in lines.items()}
        crowd = Crowd(writers, pause=pause)
        crowd.turn_to(event)
        time.sleep(1)
        for mode, line in lines.items():
            line.set(mode)
        before = number_of(event)
        time.sleep(seconds)
        missed = number_of(event) - before
        took = {mode: back_again(readers[mode], lines[mode], event) for mode in modes}
        crowd.rest()
        for mode, reader in readers.items():
            wrong += [f"{mode}: {what}" for what in differences(reader, event, running.port)]
            reader.stop()
        late += [took[mode] - target for mode in modes]
        figures.append(
            f"{missed:,} changes in {seconds} s: " + ", ".join(f"{mode} {took[mode]:.1f} s" for mode in modes)
        )
    measured(f"{len(wrong)} missed, out of order or twice; caught up after {'; after '.join(figures)}")
    assert wrong == []
    if is_full:
        assert max(late) <= 0


@pytest.mark.promise(
    "P17", "as P16 after 30 s of 503 and after 120 s of sleep; a hidden tab is the browser's own matter"
)
def test_a_browser_catches_up_after_an_unavailable_server_and_after_sleep(running, proxied, is_full, measured):
    refused_s, asleep_s = (30, 120) if is_full else (2, 3)
    writers = [Writer(make_user(), running.port, number=n, kinds=KINDS) for n in range(10 if is_full else 5)]
    event, line = make_meeting([writer.user for writer in writers], step="timeline"), proxied(running.port)
    awake = Follower(line.port, event.code, signed_in(event.lead)).start()
    sleeper = Apart(running.port, event.code, signed_in(event.lead))
    assert awake.wait("opened", 20)
    assert sleeper.wait("opened", 30)
    crowd = Crowd(writers, pause=0.6 if is_full else 0.2)
    crowd.turn_to(event)
    time.sleep(1)
    sleeper.process.send_signal(signal.SIGSTOP)
    for mode in ("cut", "503"):
        line.set(mode)
    time.sleep(refused_s)
    took = {"503": back_again(awake, line, event)}
    time.sleep(asleep_s - refused_s)
    wanted = number_of(event)
    sleeper.process.send_signal(signal.SIGCONT)
    slept = sleeper.wait_for_seq(wanted, 60)
    took["sleep"] = 99.0 if slept is None else slept
    crowd.rest()
    for reader in (awake, sleeper):
        reader.wait_for_seq(number_of(event), 30)
        time.sleep(0.2)
        reader.stop()
    both = {"503": awake, "sleep": sleeper}
    wrong = [f"{name}: {what}" for name in both for what in differences(both[name], event, running.port)]
    measured(
        f"{len(wrong)} missed, out of order or twice; caught up after {refused_s} s of 503 in {took['503']:.1f} s, "
        f"after {asleep_s} s of sleep in {took['sleep']:.1f} s"
    )
    assert wrong == []
    if is_full:
        assert max(took.values()) <= 2


def number_of(event: Event) -> int:
    return int(Event.objects.values_list("change_seq", flat=True).get(pk=event.pk))


def back_again(reader: Any, line: Any, event: Event) -> float:
    """The line carries again; seconds until this browser has what there was at that moment."""
    wanted = number_of(event)
    assert reader.seq < wanted
    line.set("pass")
    took = reader.wait_for_seq(wanted, 60)
    return 99.0 if took is None else took


def differences(reader: Any, event: Any, port: int) -> list[str]:
    """Between what this browser shows and what there is, once it has heard everything; and steps back in its numbers."""
    last = number_of(event)
    if reader.wait_for_seq(last, 30) is None:
        return [f"it stayed at {reader.seq} of {last}"]
    time.sleep(0.2)
    fresh = Person(event.lead, port).get(reverse("room_poll", args=[event.code]) + "?after=0")
    regions = json.loads(fresh.body)["regions"]
    shown = reader.regions  # of a page that came anew and has heard nothing since, no region alone
    is_anew = shown.keys() == {"page"}
    wrong = [f"{name} differs" for name in STEADY if not is_anew and shown.get(name) != regions[name]]
    newest = list(RoomNote.objects.filter(event=event).order_by("-id").values_list("text", flat=True)[:5])
    assert newest
    wrong += [
        f"{text} is not on the page" for text in newest if text not in shown.get("page" if is_anew else "notes", "")
    ]
    applied = [number for _, what, number in reader.told if what in {"applied", "loaded"}]
    return wrong + [f"{after} after {before}" for before, after in itertools.pairwise(applied) if after <= before]
