"""P11: the reveal is one moment. No reader sees some of the accounts, a save that was acknowledged before it is in what is
opened, and one after it is a revision that everybody can see."""

import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from retros.models import AccountRevision, Event, ParticipantAccount, Role
from retros.services import accounts
from tests.factories import make_event, make_member, make_user

PATIENCE_S = 120


@dataclass
class Round:
    """What the people of one reveal met."""

    seen: list[frozenset[str]] = field(default_factory=list)
    acknowledged: dict[int, int] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)
    waited: float = 0.0  # seconds that the facilitator's press took beside all who write


def signed_in(user: Any) -> Client:
    client = Client(raise_request_exception=False)  # what breaks is an answer, as for a browser
    client.force_login(user)
    return client


def asked(client: Client, method: str, path: str, data: dict[str, str] | None = None) -> Any:
    """As a browser that is told to come back later. The connection goes back into the pool after each request, as it does where
    pages are served: there are more people here than places in it."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            answer = getattr(client, method)(path, data)
        finally:
            connection.close()
        if answer.status_code == 503 and time.monotonic() < until:
            time.sleep(0.2)
        elif answer.status_code >= 500:
            raise AssertionError(f"{method} {path} was answered with {answer.status_code}")
        else:
            return answer


@pytest.mark.django_db(transaction=True)
@pytest.mark.promise(
    "P11", "0 proper subsets seen, 0 acknowledged saves lost, 0 exceptions; 200 rounds of 20 readers and 10 authors"
)
def test_the_reveal_is_one_moment(measured, is_full):
    rounds, readers, authors = (200, 20, 10) if is_full else (3, 4, 3)
    subsets = lost = looks = saves = 0
    longest = 0.0
    trouble: list[str] = []
    for _ in range(rounds):
        event, people = make_round(authors)
        told = play(event, people, readers)
        every = {user.name for user in people}
        subsets += sum(names not in (frozenset(), every) for names in told.seen)
        trouble += [f"{user.name} did not come to the end" for user in people if user.pk not in told.last]
        lost += sum(not is_kept(event, user, told) for user in people if user.pk in told.last)
        longest = max(longest, told.waited)
        looks, saves = looks + len(told.seen), saves + sum(told.acknowledged.values())
        trouble += told.trouble
    measured(
        f"{subsets} proper subsets in {looks:,} looks; {lost} of {saves:,} acknowledged saves lost; {len(trouble)} exceptions; "
        f"the press took {longest:.1f} s at most"
    )
    assert trouble == []
    assert (subsets, lost) == (0, 0)
    assert looks
    assert saves


def make_round(count: int) -> tuple[Event, list[Any]]:
    event = make_event(facilitator=make_user("Lead"))
    people = [make_user(f"Author-{number:02d}-x") for number in range(count)]
    for user in people:
        make_member(event, user, was_involved=True)
        accounts.submit(event, by=user, answers={"saw": "version 0."}, note="")
    return event, people


def play(event: Event, people: list[Any], readers: int) -> Round:
    """Everybody at once: readers look, authors save until they are told that the accounts are open, the facilitator opens them."""
    told, open_now, stop = Round(), threading.Event(), threading.Event()
    lead = event.memberships.get(role=Role.FACILITATOR).user
    watchers = [make_user() for _ in range(readers)]
    for user in watchers:
        make_member(event, user, Role.OBSERVER)
    jobs = [(look, signed_in(user), None) for user in watchers] + [(write, signed_in(user), user.pk) for user in people]
    threads = [threading.Thread(target=guarded, args=(job, event, client, pk, told, stop)) for job, client, pk in jobs]
    opener = threading.Thread(target=guarded, args=(reveal, event, signed_in(lead), open_now, told, stop))
    for thread in [*threads, opener]:
        thread.start()
    opener.join(300)  # readers leave little of a small machine
    time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join(300)
    assert Event.objects.get(pk=event.pk).is_revealed, told.trouble
    return told


def guarded(job: Any, *args: Any) -> None:
    told: Round = args[3]
    try:
        job(*args)
    except Exception as error:
        told.trouble.append(f"{job.__name__}: {error!r}")
    finally:
        connection.close()


def look(event: Event, client: Client, _: Any, told: Round, stop: threading.Event) -> None:
    while not stop.is_set():
        page = asked(client, "get", f"/e/{event.code}/read/").content.decode()
        told.seen.append(frozenset(re.findall(r"Author-\d\d-x", page)))
        time.sleep(0.02)


def write(event: Event, client: Client, pk: int, told: Round, stop: threading.Event) -> None:
    """Save version after version as the page does; refused, send the last one by the button, which makes it a revision."""
    told.acknowledged[pk] = 0
    for number in range(1, 60):
        answer = asked(
            client, "post", f"/e/{event.code}/account/save/", {"saw": f"version {number}.", "seen": f":{number}"}
        )
        if answer.status_code != 200:
            break
        told.acknowledged[pk] = number
        time.sleep(0.05)
    mark = ParticipantAccount.objects.get(event=event, author=pk).mark
    asked(client, "post", f"/e/{event.code}/account/", {"saw": f"version {number}.", "seen": mark})
    told.last[pk] = number


def reveal(event: Event, client: Client, _: Any, told: Round, stop: threading.Event) -> None:
    until = time.monotonic() + PATIENCE_S
    while not any(list(told.acknowledged.values())) and time.monotonic() < until:
        time.sleep(0.05)  # until one of them has saved something
    time.sleep(0.15)
    began = time.monotonic()
    answer = asked(client, "post", f"/e/{event.code}/reveal/")
    told.waited = time.monotonic() - began
    if answer.status_code != 303:
        told.trouble.append(f"the reveal was answered with {answer.status_code}")


def is_kept(event: Event, user: Any, told: Round) -> bool:
    """Whether what was acknowledged before is in what was opened, and what came after is there, beside it."""
    account = ParticipantAccount.objects.get(event=event, author=user)
    revisions = list(AccountRevision.objects.filter(account=account))
    opened = (revisions[0].answers if revisions else account.answers)["saw"]
    version = int(re.search(r"\d+", opened)[0])  # type: ignore[index]
    now = int(re.search(r"\d+", account.answers["saw"])[0])  # type: ignore[index]
    return (
        version >= told.acknowledged[user.pk] and now == told.last[user.pk] and (len(revisions) == 1 or now == version)
    )
