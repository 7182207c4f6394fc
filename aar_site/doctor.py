"""What the doctor asks of the site itself: versions, settings, database, disk, processes, mails, people."""

import platform
import shutil
import sqlite3
from collections.abc import Iterable

import django
from django.conf import settings
from django.core.checks import WARNING, CheckMessage, run_checks
from django.db import connection
from django.db.models import F
from django.db.models.functions import Lower

from aar_site import clock
from aar_site.health import readiness
from aar_site.health.examinations import Line, examination, none
from aar_site.outbox.models import Message
from aar_site.people import setup
from aar_site.people.models import User

SAFE_SQLITE = (3, 51, 3)  # before it, a rare race of two checkpoints could damage a database in WAL mode
LISTED = 20  # mails
RESTORE = "Stop the server, keep a copy of the database, and restore the last good backup."


@examination("The versions")
def versions() -> Iterable[Line]:
    yield Line(f"Hindcast {settings.VERSION}, Python {platform.python_version()}, Django {django.__version__}")
    if connection.vendor == "sqlite":
        yield sqlite_version()
    else:
        yield Line(f"PostgreSQL {_value('SHOW server_version')}")


def matters(check: CheckMessage) -> bool:
    """Django's advice on https is for those who have it; a house without is asked for it by our own check."""
    return check.level >= WARNING and (settings.IS_HTTPS or not str(check.id).startswith("security.W"))


def sqlite_version() -> Line:
    words = f"SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info >= SAFE_SQLITE:
        return Line(words)
    wanted = ".".join(map(str, SAFE_SQLITE))
    return Line(words, f"Update the system's SQLite to {wanted} or newer when you can; keep backups.", is_warning=True)


@examination("The settings")
def deployment() -> Iterable[Line]:
    """The same checks that refuse a start, and those for deployments."""
    found = [check for check in run_checks(include_deployment_checks=True, databases=["default"]) if matters(check)]
    for check in found:
        first, _, rest = f"{check.msg} {check.hint or ''}".strip().partition(". ")
        yield Line(f"{first}.", rest or f"See {check.id}.", is_warning=not check.is_serious())
    if not found:
        yield Line(f"Settings are safe; people reach it at {settings.BASE_URL}")
    server = getattr(settings, "EMAIL_HOST", "")
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield Line(f"Mails leave by {server}:{settings.EMAIL_PORT}, from {settings.DEFAULT_FROM_EMAIL}")


@examination("The disk")
def disk() -> Iterable[Line]:
    free = shutil.disk_usage(settings.DATA_DIR).free
    words = f"{free // 1024**2} MB are free for {settings.DATA_DIR}"
    yield Line(words, "Make room: below 200 MB no page is served." if free < readiness.LEAST_FREE else "")


@examination("The schema")
def schema() -> Iterable[Line]:
    pending = [f"{app}.{name}" for app, name in readiness.pending_migrations()]
    yield none("The database has every migration", pending, "Run:  python manage.py prepare")


@examination("Durability")
def durability() -> Iterable[Line]:
    """Whether what is kept survives a power cut, as the connection really has it."""
    wanted: dict[str, tuple[str, ...]] = (
        {"PRAGMA journal_mode": ("wal",), "PRAGMA synchronous": ("2", "3"), "PRAGMA foreign_keys": ("1",)}
        if connection.vendor == "sqlite"
        else {
            "SHOW fsync": ("on",),
            "SHOW full_page_writes": ("on",),
            "SHOW synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
        }
    )
    for question, good in wanted.items():
        found = str(_value(question))
        name = question.partition(" ")[2]
        fix = "" if found in good else f"Set it to {good[0]}, or what was kept may be lost in a power cut."
        yield Line(f"{name} is {found}", fix)


@examination("The integrity of the database")
def integrity() -> Iterable[Line]:
    if connection.vendor == "sqlite":
        lost = [f"{table} row {row} (no {parent})" for table, row, parent, _ in _rows("PRAGMA foreign_key_check")]
        damage = [text for (text,) in _rows("PRAGMA quick_check") if text != "ok"]
        yield none("The file is whole", damage, RESTORE)
    else:
        lost = [name for (name,) in _rows("SELECT conname FROM pg_constraint WHERE NOT convalidated")]
        bad = [name for (name,) in _rows("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")]
        yield none("Every index is valid", bad, "Run REINDEX INDEX CONCURRENTLY for each.")
    yield none("Every row that is referred to is there", lost, RESTORE)


@examination("Worker and scheduler")
def processes() -> Iterable[Line]:
    seen = readiness.last_seen()
    for name in readiness.PARTS:
        when = seen.get(name)
        words = f"The {name} was last seen {f'{when:%Y-%m-%d %H:%M} UTC' if when else 'never'}"
        yield Line(words, f"Start it, or look into the log of the {name}." if readiness.is_silent(when) else "")
    if settings.REDIS_URL:
        yield Line("Redis answers" if readiness.redis_answers() else "Redis does not answer",
                   "" if readiness.redis_answers() else "Start it, or correct REDIS_URL and REDIS_PASSWORD.")  # fmt: skip


@examination("Mails")
def mails() -> Iterable[Line]:
    """What waits too long, and what never arrived; of those the newest."""
    waits = Message.objects.filter(state__in=[Message.State.WAITING, Message.State.CLAIMED, Message.State.SENDING])
    oldest = waits.order_by("created_at").first()
    if oldest and clock.now() - oldest.created_at > readiness.SILENT_AFTER:
        words = f"{waits.count()} mails wait, the oldest since {oldest.created_at:%Y-%m-%d %H:%M} UTC: {oldest.error}"
        yield Line(words.rstrip(": "), "Look whether the worker runs and the mail server takes mails.")
    else:
        yield Line("No mail waits for longer than five minutes")
    lost = Message.objects.filter(state__in=[Message.State.FAILED, Message.State.UNCERTAIN]).order_by("-created_at")
    names = [f"\n    {m.created_at:%Y-%m-%d %H:%M}  {m.state}  {m.kind}  {m.address}  {m.error}" for m in lost[:LISTED]]
    if names:
        words = f"{lost.count()} mails failed or are uncertain; the newest:{''.join(names)}"
        yield Line(
            words, "An administrator sees them under Settings, Mail, and can send failed ones again.", is_warning=True
        )
    else:
        yield Line("No mail failed or is uncertain")


@examination("People")
def people() -> Iterable[Line]:
    nobody = setup.is_needed()
    words = "Nobody administers this installation" if nobody else "Somebody administers this installation"
    yield Line(
        words, "Run  python manage.py prepare  and open the link that it prints." if nobody else "", is_warning=True
    )
    odd = User.objects.exclude(email=Lower(F("email"))).values_list("pk", flat=True)
    yield none("Mail addresses are in lower case", (f"person {pk}" for pk in odd), "Keep the person's form once more.")


def _rows(question: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return list(cursor.fetchall())


def _value(question: str) -> object:
    return _rows(question)[0][0]
