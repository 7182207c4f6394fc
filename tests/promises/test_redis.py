"""P29: with Redis down or hung the meeting goes on."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.urls import reverse

from aar_site.health import services as health
from retros.models import Event
from tests.factories import PASSWORD, make_user
from tests.promises.follower import Follower
from tests.promises.people import Person, p95, signed_in
from tests.promises.proxy import Proxy
from tests.promises.writers import Crowd, Writer, make_meeting
from tests.services import valkey

KINDS = ("moment", "note", "moment edited", "account", "moment", "moment edited")
FAULTS = {"refuse": "refused", "blackhole": "hung", "cut": "reset"}
TARGET = "0 requests > 2 s, POST p95 <= +100 ms, sessions live, live <= 2 s, /readyz 200 degraded; refused, reset, hung"


@pytest.fixture
def redis() -> Iterator[Proxy]:
    """A line to a working Redis, which can break."""
    with valkey() as address:
        proxy = Proxy(int(address.rsplit(":", 1)[1].split("/")[0]))
        yield proxy
        proxy.close()


@pytest.mark.promise("P29", TARGET)
def test_without_redis_the_meeting_goes_on(web, redis, is_full, measured):
    seconds, count = (200, 20) if is_full else (1.5, 4)
    site = web(REDIS_URL=f"redis://127.0.0.1:{redis.port}/0", processes=2)
    member = make_user()
    member.password = Argon2PasswordHasher().encode(PASSWORD, "saltsaltsalt")
    member.save()
    writers = [Writer(make_user(), site.port, number=n, kinds=KINDS) for n in range(count)]
    figures, broken, late = [], list[str](), list[float]()
    slow = {"quiet": 0, "fault": 0}
    for mode, name in list(FAULTS.items())[: 3 if is_full else 2]:
        redis.set("pass")
        quiet = spell(site.port, member, writers, seconds / 2)
        redis.set(mode)
        found = spell(site.port, member, writers, seconds)
        words = [quiet.health, found.health]
        broken += (
            quiet.broken + found.broken + ([] if words == ["ok", "degraded"] else [f"{name}: /readyz says {words}"])
        )
        broken += [] if can_sign_in(site.port, member) else [f"{name}: nobody can sign in"]
        slow["quiet"] += quiet.slow
        slow["fault"] += found.slow
        late += [p95(found.posts) - p95(quiet.posts), max(found.live) * 1000 - 1900]
        figures.append(
            f"{name}: p95 {p95(found.posts):.0f} ms (quiet {p95(quiet.posts):.0f}), live <= {max(found.live):.1f} s"
        )
    measured(f"{'; '.join(figures)}; {slow['fault']} requests > 2 s (quiet {slow['quiet']}); {len(broken)} broken")
    assert broken == []
    if is_full:
        assert slow["fault"] <= slow["quiet"]
        assert max(late) <= 100


class Spell:
    """What writers, readers and a visitor met for a while."""

    def __init__(self) -> None:
        self.posts: list[float] = []
        self.gets: list[float] = []
        self.live: list[float] = []
        self.broken: list[str] = []
        self.health = ""

    @property
    def slow(self) -> int:
        return sum(took > 2 for took in self.posts + self.gets)


def spell(port: int, member: Any, writers: list[Writer], seconds: float) -> Spell:
    """A meeting of its own: everybody writes once a second; twice a second a page is asked for, and a note is looked for at
    each reader."""
    member.refresh_from_db()  # signing in may have stored the password anew, which ends older sessions
    event: Any = make_meeting([member, *(writer.user for writer in writers)])
    readers = [Follower(port, event.code, signed_in(user)).start() for user in (event.lead, member)]
    for reader in readers:
        assert reader.wait("opened", 60), reader.told
    found, crowd, lead = Spell(), Crowd(writers, pause=1.0), Person(event.lead, port)
    before = [len(writer.ledger) for writer in writers]
    for part in ("scheduler", "worker"):
        health.note(part)
    crowd.turn_to(event)
    until = time.monotonic() + max(seconds, 1.2)  # readiness remembers for a second
    while time.monotonic() < until:
        found.gets.append(timed(lambda: lead.get(reverse("event_detail", args=[event.code])), found.broken))
        found.posts.append(timed(lambda: lead.post(reverse("note_add", args=[event.code]), text="Seen?"), found.broken))
        wanted = Event.objects.values_list("change_seq", flat=True).get(pk=event.pk)
        found.live += [waited(reader, wanted) for reader in readers]
        time.sleep(0.5)
    crowd.rest()  # readiness has two seconds, and says of a database that is busy that it is away
    found.health = health_word(port)
    for reader in readers:
        reader.stop()
    lines = [line for writer, count in zip(writers, before, strict=True) for line in writer.ledger[count:]]
    found.posts += [line.took for line in lines]
    found.broken += [f"{line.kind}: {line.status}" for line in lines if line.status not in {200, 303}]
    return found


def waited(reader: Follower, wanted: int) -> float:
    took = reader.wait_for_seq(wanted, 8)
    return 99.0 if took is None else took


def timed(ask: Callable[[], Any], broken: list[str]) -> float:
    began = time.perf_counter()
    answer = ask()
    if answer.status not in {200, 303}:
        broken.append(f"{answer.status} {answer.place}")
    return time.perf_counter() - began


def health_word(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
        return str(answer.read().decode().strip())


def can_sign_in(port: int, user: Any) -> bool:
    """A stranger with the password, from the form on."""
    opener = build_opener(HTTPCookieProcessor())
    address = f"http://127.0.0.1:{port}{reverse('account_login')}"
    page = opener.open(address, timeout=10).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    fields = {"csrfmiddlewaretoken": token[1], "login": user.email, "password": PASSWORD}
    answer = opener.open(address, urlencode(fields).encode(), timeout=10)
    return bool(answer.geturl() != address)
