"""P22: a deploy neither hangs nor loses work."""

import threading
import time
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import reverse

from retros.models import Event, RoomNote
from tests.factories import make_member, make_user
from tests.promises.follower import Follower
from tests.promises.people import BROKEN, Person, signed_in
from tests.promises.streams import open_files
from tests.promises.writers import make_meeting

TARGET = (
    "exit <= 10 s with code 0, all posts under way answered, all back <= 10 s spread over >= 3 s; 100 streams, 20 posts"
)


@pytest.mark.promise("P22", TARGET)
def test_a_deploy_neither_hangs_nor_loses_work(web, is_full, measured):
    streams, posts = (100, 20) if is_full else (12, 6)
    site = web()
    writers = [Person(make_user(), site.port) for _ in range(posts)]
    event = make_meeting([writer.user for writer in writers])
    readers = [open_stream(event, site.port) for _ in range(streams)]
    assert all(reader.wait("opened", 30) for reader in readers)
    time.sleep(0.5)
    answers, code, took = end_while_they_write(site, event, writers)
    ended = time.monotonic()
    site.is_wanted = True  # the new version starts
    ready = site.ready()
    back = [reader.wait("opened", 30, since=told_until(reader, ended - took)) for reader in readers]
    late = [at - ended - ready for at in back if at is not None]
    notes = RoomNote.objects.filter(event=event).count()
    gone = sum(reader.wait("bye", 0.1) is not None for reader in readers)
    for reader in readers:
        reader.stop()
    spread = max(late) - min(late)
    measured(
        f"ended in {took:.1f} s with {code}, {answers.count(303)} of {posts} posts answered; {gone} of {streams} streams said goodbye; "
        f"{len(late)} back <= {max(late):.1f} s after the new one answered, spread over {spread:.1f} s"
    )
    assert answers == [303] * posts
    assert notes == posts
    assert code == 0
    assert gone == len(late) == streams
    if is_full:
        assert took <= 10
        assert max(late) <= 10
        assert spread >= 3


def open_stream(event: Event, port: int) -> Follower:
    user = make_user()
    make_member(event, user)
    return Follower(port, event.code, signed_in(user)).start()


def end_while_they_write(site: Any, event: Event, writers: list[Person]) -> tuple[list[int], int, float]:
    """Everybody's note is under way, held up by a lock on the event, when the web is told to end. Answers, exit code, seconds."""
    answers: list[int] = []

    def write(writer: Person, number: int) -> None:
        try:
            answers.append(writer.post(reverse("note_add", args=[event.code]), text=f"Under way {number}").status)
        except BROKEN:
            answers.append(0)

    threads = [
        threading.Thread(daemon=True, target=write, args=(writer, number)) for number, writer in enumerate(writers)
    ]
    ended: list[tuple[int, float]] = []

    def end() -> None:
        began = time.monotonic()
        ended.append((site.term(), time.monotonic() - began))

    database = str(connection.settings_dict["NAME"])
    idle, until = open_files(site, database), time.monotonic() + 20
    with transaction.atomic():
        Event.objects.select_for_update().filter(pk=event.pk).update(title="Held")
        for thread in threads:
            thread.start()
        while open_files(site, database) < idle + len(writers) and time.monotonic() < until:
            time.sleep(0.05)  # until the web has taken all of them
        time.sleep(1)
        ending = threading.Thread(daemon=True, target=end)
        ending.start()
        time.sleep(0.7)
    for thread in [*threads, ending]:
        thread.join()
    connection.close()
    return answers, *ended[0]


def told_until(reader: Follower, moment: float) -> int:
    """How many lines this reader had when the end began."""
    return sum(at <= moment for at, _, _ in reader.told)
