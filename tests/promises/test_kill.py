"""P1: no acknowledged change is lost when the web process is killed."""

import random
import time

import pytest
from django.db import connection

from tests.factories import make_user
from tests.promises.writers import Crowd, Writer, make_meeting, missing, unanswered


@pytest.mark.promise(
    "P1",
    "0 lost, 20 at most stored and not acknowledged at a kill, answers again <= 5 s, 20,000 acknowledged in 40 kills",
)
def test_nothing_acknowledged_is_lost_when_the_web_is_killed(web, is_full, measured):
    kills, writers, share = (40, 20, 500) if is_full else (2, 8, 60)
    chance = random.Random(1)  # noqa: S311 - the same moments in each run
    site = web()
    people = [Writer(make_user(), site.port, number=n) for n in range(writers)]
    crowd = Crowd(people)
    lost: list[str] = []
    quietly, slowest = 0, 0.0
    for number in range(1, kills + 1):
        event = make_meeting([writer.user for writer in people])
        crowd.turn_to(event)
        connection.close()  # no other process holds the file when the web dies, so it is mended as after a crash
        time.sleep(chance.uniform(0.15, 0.65))
        crowd.wait_for(number * share, 60)
        time.sleep(chance.uniform(0, 0.1))
        site.kill()
        slowest = max(slowest, site.ready())
        crowd.rest()
        lost += missing(event, people)
        quietly = max(quietly, unanswered(event, people))
    whole = is_whole()
    refused = sum(writer.answers.total() - sum(writer.answers[status] for status in (0, 200, 303)) for writer in people)
    measured(
        f"{len(lost)} of {crowd.acknowledged:,} acknowledged lost in {kills} kills; at most {quietly} stored unacknowledged; "
        f"{refused} refused; "
        f"answers again <= {slowest:.1f} s; database {'whole' if whole else 'BROKEN'}"
    )
    assert lost == []
    assert whole
    assert quietly <= writers
    assert crowd.acknowledged >= kills * share
    if is_full:
        assert slowest <= 5


def is_whole() -> bool:
    if connection.vendor != "sqlite":
        return True  # PostgreSQL checks its pages itself, and was not killed
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        return bool(cursor.fetchone()[0] == "ok")
