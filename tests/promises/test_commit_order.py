"""P18: no change is skipped because of the order in which transactions end."""

import random
import threading
import time

import pytest
from django.db import connection

from retros.live.log import change
from retros.models import Change
from tests.factories import make_user
from tests.promises.follower import Follower
from tests.promises.people import signed_in
from tests.promises.writers import make_meeting


@pytest.mark.promise("P18", "0 missed: 20 writers with 0-50 ms inside their transactions, one of 2 s")
def test_no_change_is_skipped_by_the_order_of_commits(running, is_full, measured):
    """A reader by number asks while writers dawdle inside their transactions: each number that it sees follows the one before,
    and a stream ends with the last one."""
    writers, each = (20, 40) if is_full else (8, 6)
    event = make_meeting([])
    people = [make_user() for _ in range(writers)]
    stream = Follower(running.port, event.code, signed_in(event.lead)).start()
    assert stream.wait("opened", 20)
    seen, over = [event.change_seq], threading.Event()
    watcher = threading.Thread(daemon=True, target=watch, args=(event, seen, over))
    threads = [
        threading.Thread(daemon=True, target=dawdle, args=(event, user, each, n)) for n, user in enumerate(people)
    ]
    for thread in [watcher, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    watcher.join()
    last = Change.objects.filter(event=event).latest("seq").seq
    kept = Change.objects.filter(event=event, what="dawdled").count()
    missed = [number for number in range(seen[0] + 1, last + 1) if number not in set(seen)]
    is_there = stream.wait_for_seq(last, 10) is not None
    stream.stop()
    measured(
        f"{len(missed)} missed of {kept} kept by {writers} writers; the stream has {'all' if is_there else 'not all'}"
    )
    assert kept == writers * each
    assert missed == []
    assert is_there


def dawdle(event, user, count: int, number: int) -> None:
    """Keep changes, each with a pause before its transaction ends; the first writer takes two seconds once."""
    chance = random.Random(number)  # noqa: S311 - the same pauses in each run
    for turn in range(count):
        with change(event, "timeline", "dawdled", by=user):
            time.sleep(2 if number == turn == 1 else chance.uniform(0, 0.05))
        connection.close()  # as at the end of a request: there are fewer of them than writers


def watch(event, seen: list[int], over: threading.Event) -> None:
    """As a reader does who remembers the last number: asks for what is greater, and never again for what is not."""
    while True:
        is_last = over.is_set()
        seen += Change.objects.filter(event=event, seq__gt=seen[-1]).order_by("seq").values_list("seq", flat=True)
        if is_last:
            break
        time.sleep(0.01)
    connection.close()
