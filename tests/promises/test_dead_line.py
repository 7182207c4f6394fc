"""P21: dead lines are noticed, at both ends and by the others in the room."""

import time

import pytest

from tests.factories import make_user
from tests.promises.follower import Follower
from tests.promises.people import signed_in
from tests.promises.writers import make_meeting


@pytest.mark.promise("P21", "browser says offline <= 35 s, server drops the stream <= 60 s, presence right <= 60 s")
def test_a_dead_line_is_noticed(running, proxied, is_full, measured):
    if not is_full:
        pytest.skip("a dead line takes a minute to be noticed: at full size only")
    user = make_user()
    event = make_meeting([user])
    line = proxied(running.port)
    gone = Follower(line.port, event.code, signed_in(user)).start()
    stays = Follower(running.port, event.code, signed_in(event.lead)).start()
    assert gone.wait("opened", 20)
    assert stays.wait("opened", 20)
    time.sleep(3)
    line.set("blackhole")
    since, began = len(stays.told), time.monotonic()
    lost = gone.wait("lost", 60)
    while not line.given_up and time.monotonic() - began < 90:
        time.sleep(0.1)
    left = stays.wait("left", max(1.0, 90 - (time.monotonic() - began)), since=since)
    moments = {"offline": lost, "dropped": line.given_up[0] if line.given_up else None, "left": left}
    took = {name: 99.0 if at is None else at - began for name, at in moments.items()}
    for reader in (gone, stays):
        reader.stop()
    measured(", ".join(f"{name} after {seconds:.0f} s" for name, seconds in took.items()))
    assert took["offline"] <= 35
    assert took["dropped"] <= 60
    assert took["left"] <= 60
