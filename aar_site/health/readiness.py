"""Whether this installation can do its work: what makes it useless, and what makes it worse.

Without the database, with a database of another version, or on a full disk no page is worth serving: `broken`. Without
Redis, the worker or the scheduler pages work, and mails and reminders wait: `degraded`.
"""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from aar_site import clock
from aar_site.health import services
from aar_site.health.models import Heartbeat
from aar_site.outbox.models import Message

LEAST_FREE = 200 * 1024 * 1024  # bytes
LONGEST_PROBE = 2.0  # seconds
SILENT_AFTER = timedelta(minutes=5)
PARTS = ("scheduler", "worker")

# One at a time: while a probe hangs, the next one is late too and says so, and probes cannot make the database busy.
_prober = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readiness")


@dataclass
class Found:
    """Names of what does not work, in words for the log and for the operator."""

    broken: list[str] = field(default_factory=list)
    degraded: list[str] = field(default_factory=list)

    @property
    def word(self) -> str:
        return "unavailable" if self.broken else "degraded" if self.degraded else "ok"


def look() -> Found:
    """All of it, in at most LONGEST_PROBE seconds."""
    try:
        return _prober.submit(_look_and_leave).result(timeout=LONGEST_PROBE)
    except TimeoutError:
        return Found(broken=["the database does not answer"])


def _look_and_leave() -> Found:
    try:
        return examine()
    finally:
        connection.close()


def examine() -> Found:
    """The same in this thread, however long it takes."""
    found = Found()
    if free_bytes() < LEAST_FREE:
        found.broken.append("the disk is full")
    try:
        if pending_migrations():
            found.broken.append("migrations are pending")
        else:
            services.try_to_write()
            found.degraded = [*silent_parts(), *waiting_mails()]
    except DatabaseError:
        found.broken.append("the database takes no change")
    if not redis_answers():
        found.degraded.append("redis does not answer")
    return found


def free_bytes() -> int:
    return shutil.disk_usage(settings.DATA_DIR).free


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Those that this code brings along; they do not change while it runs."""
    return frozenset(MigrationLoader(None).disk_migrations or ())


def pending_migrations() -> list[tuple[str, str]]:
    """What this code knows and the database has not had."""
    return sorted(known_migrations() - set(MigrationRecorder(connection).applied_migrations()))


def silent_parts() -> list[str]:
    """Parts without a sign of life in the last minutes, or ever."""
    seen = last_seen()
    return [f"the {name} is silent" for name in PARTS if is_silent(seen.get(name))]


def last_seen() -> dict[str, datetime]:
    return dict(Heartbeat.objects.values_list("name", "seen_at"))


def is_silent(seen: datetime | None) -> bool:
    return seen is None or clock.now() - seen > SILENT_AFTER


def waiting_mails() -> list[str]:
    """Whether mails wait that were due long ago: nobody sends, or the server does not take them."""
    S = Message.State
    late = Message.objects.filter(
        state__in=[S.WAITING, S.CLAIMED, S.SENDING], created_at__lt=clock.now() - SILENT_AFTER
    )
    return ["mails wait"] if late.exists() else []


def redis_answers() -> bool:
    """Also true where there is no Redis: the queue is then a folder."""
    if not settings.REDIS_URL:
        return True
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5) as server:
            return bool(server.ping())
    except (redis.RedisError, OSError):
        return False
