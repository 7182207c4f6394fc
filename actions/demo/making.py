"""Makes the demo: people in teams, then every story; refuses where real people are, and can take all of it out again."""

import random
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction

from aar_site.outbox.models import Message
from aar_site.people import demo
from aar_site.people import services as organisation
from aar_site.people.models import DEMO_DOMAIN, Service, Team, TeamMembership, User
from actions.demo import many, stories
from actions.demo.telling import Telling
from actions.demo.travel import Travel
from actions.models import Action, Nudge, Reminder
from retros.models import Event, Occurrence

SEED = 20


class Refused(Exception):
    """The database is not one to put a demo into; the message is one line with the remedy."""


def check(*, again: bool) -> None:
    """Raise Refused where somebody is not of the demo, or where the demo is there and nobody asked for it again."""
    if demo.real_people():
        raise Refused(
            "This database holds people who are not of the demo. Set HINDCAST_DATA (or DATABASE_URL) to an empty one."
        )
    if not again and (demo.is_there() or Event.objects.exists()):
        raise Refused("The demo is here already. Rebuild it with --again: what was tried out in it goes away.")


def make(say: Callable[[int, int], None] = lambda done, whole: None) -> list[Event]:
    """Everybody and every story; `say(done, whole)` after each. Call `check` first."""
    book = stories.organisation()
    with Travel() as travel:
        travel.to(travel.present - timedelta(days=370))
        cast, teams = _people(book)
        told: dict[str, Event] = {}
        found = stories.stories(travel.present.date())
        for number, story in enumerate(found, 1):
            dice = random.Random(f"{SEED}{story.key}")  # noqa: S311 - believable, not secret
            with transaction.atomic():
                told[story.key] = Telling(story, cast, teams, told, travel, dice).tell()
            say(number, len(found))
        travel.to(travel.present)
        for who in book["left"]:
            organisation.set_active(cast[who], is_active=False, by=cast[book["people"][0]["id"]])
    return list(told.values())


@transaction.atomic
def _people(book: dict[str, Any]) -> tuple[dict[str, User], dict[str, Team]]:
    """All at once: whoever makes the demo a second time at the same moment finds the addresses taken."""
    teams = {key: Team.objects.create(name=row["name"]) for key, row in book["teams"].items()}
    cast = {}
    for row in book["people"]:
        address = f"{row.get('address', row['id'])}{DEMO_DOMAIN}"
        cast[row["id"]] = User.objects.create_user(address, row["name"], time_zone=row.get("zone", "UTC"))
        if "team" in row:
            TeamMembership.objects.create(team=teams[row["team"]], user=cast[row["id"]])
    for key, row in book["teams"].items():
        Service.objects.bulk_create(Service(name=name, team=teams[key]) for name in row["services"])
        for who in row["managers"]:
            TeamMembership.objects.update_or_create(team=teams[key], user=cast[who], defaults={"is_manager": True})
    return cast, teams


def make_many(events: int) -> None:
    """So many more events, of the people and teams that are there, until each event has five actions on average."""
    actions = (Event.objects.count() + events) * 5 - Action.objects.count()
    people = list(User.objects.filter(email__endswith=DEMO_DOMAIN, is_active=True))
    many.fill(events, actions, people=people, teams=list(Team.objects.all()), services=list(Service.objects.all()))


@transaction.atomic
def take_out() -> None:
    """Everything goes: events with all that belongs to them, teams, services, demo people, their sessions and mails."""
    Nudge.objects.all().delete()
    Reminder.objects.all().delete()
    Action.objects.all().delete()
    Occurrence.objects.all().delete()
    Event.objects.all().delete()
    Message.objects.all().delete()
    Session.objects.all().delete()
    Service.objects.all().delete()
    Team.objects.all().delete()
    User.objects.filter(email__endswith=DEMO_DOMAIN).delete()


def begin(*words: str) -> None:
    """Make it in a process of its own, because the telling moves the clock of the process that it is in. Does not wait."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "demo", "--verbosity", "0", *words]
    subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True, stdin=subprocess.DEVNULL)  # noqa: S603


def progress() -> tuple[int, int]:
    """How many events of the demo are there, and how many it will have."""
    whole = stories.count()
    return (min(Event.objects.count(), whole) if demo.is_there() else 0), whole
