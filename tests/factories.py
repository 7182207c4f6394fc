"""Plain makers of test objects. Each makes a valid thing from as little as possible; names are unique by a counter."""

import itertools
import zlib
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from aar_site import clock
from aar_site.people.models import Service, Team, TeamMembership, User
from actions.models import Action, Status
from retros.imports.found import Found, Reading
from retros.models import (
    Choice,
    Event,
    Goal,
    Impact,
    Import,
    Launch,
    Membership,
    Occurrence,
    ParticipantAccount,
    Phase,
    Role,
    State,
    TimelineEntry,
)
from retros.services import import_rows, imports

_count = itertools.count(1)
PASSWORD = "a quiet harbour at noon"
START = datetime(2018, 10, 21, 22, 52, tzinfo=UTC)
INCIDENT_STEPS = {  # minutes of an incident's agenda of 75
    "opening": 3,
    "summary": 5,
    "timeline": 20,
    "root-cause": 15,
    "factors": 10,
    "went-well": 10,
    "actions": 10,
    "close": 2,
}


def make_user(name: str = "", **extra: Any) -> User:
    """A member who can sign in with PASSWORD."""
    number = next(_count)
    name = name or f"Person {number}"
    email = extra.pop("email", f"{name.split()[0].lower()}{number}@example.org")
    password = extra.pop("password", PASSWORD)
    user = User(email=email, name=name, **extra)
    user.set_password(password)
    user.save()
    return user


def make_team(name: str = "", *, members: Any = (), manager: User | None = None) -> Team:
    """A team with its members and, if given, its manager."""
    team = Team.objects.create(name=name or f"Team {next(_count)}")
    for user in members:
        TeamMembership.objects.create(team=team, user=user)
    if manager:
        TeamMembership.objects.create(team=team, user=manager, is_manager=True)
    return team


def make_service(name: str = "") -> Service:
    return Service.objects.create(name=name or f"service-{next(_count)}")


def make_event(title: str = "", *, facilitator: User | None = None, **extra: Any) -> Event:
    """An incident that has ended, in preparation, with its impact row and (if given) its facilitator."""
    extra.setdefault("started_at", START)
    extra.setdefault("ended_at", START + timedelta(hours=24, minutes=11))
    extra.setdefault("created_at", clock.now())  # the clock of the test, which the field's own default does not see
    if extra.get("state") == State.PUBLISHED:
        extra.setdefault("published_at", START + timedelta(days=9))
    event = Event.objects.create(title=title or f"Event {next(_count)}", **extra)
    Impact.objects.create(event=event)
    if facilitator:
        make_member(event, facilitator, Role.FACILITATOR)
    return event


def make_member(event: Event, user: User | None = None, role: str = Role.PARTICIPANT, **extra: Any) -> Membership:
    return Membership.objects.create(event=event, user=user or make_user(), role=role, **extra)


def make_entry(event: Event, text: str = "", *, minutes: int = 0, **extra: Any) -> TimelineEntry:
    """An entry so many minutes after the event's start."""
    at = extra.pop("at") if "at" in extra else event.started_at + timedelta(minutes=minutes)
    extra.setdefault("sort_at", at)
    extra.setdefault("utc_offset", 0)
    return TimelineEntry.objects.create(event=event, at=at, text=text or f"Moment {next(_count)}", **extra)


def make_import(event: Event, *found: Found, by: User | None = None, **extra: Any) -> Import:
    """A record of the moments given (one is the least), waiting for its choice; with state="added" in the timeline."""
    found = found or (Found(line=1, text="Alerts ring", at=START),)
    reading = Reading(format="log", format_label="Log lines", lines=len(found), entries=found)
    if extra.pop("state", "read") == "added":
        return imports.bring_in(event, reading, name=extra.pop("name", "app.log"), by=by)
    imp = Import(event=event, by=by, name=extra.pop("name", "app.log"), data=zlib.compress(b""), **extra)
    same = import_rows.compared(event, reading)
    imports.take(imp, reading, same, import_rows.chosen_at_first(reading, same), {})
    imp.save()
    return imp


def make_launch(event: Event, **extra: Any) -> Launch:
    """What is known of a launch; nothing unless it is given."""
    return Launch.objects.create(event=event, **extra)


def make_goal(event: Event, text: str = "", **extra: Any) -> Goal:
    return Goal.objects.create(event=event, text=text or f"Goal {next(_count)}", **extra)


def make_phase(event: Event, title: str = "", **extra: Any) -> Phase:
    return Phase.objects.create(event=event, title=title or f"Phase {next(_count)}", **extra)


def make_choice(event: Event, text: str = "", **extra: Any) -> Choice:
    return Choice.objects.create(event=event, text=text or f"Choice {next(_count)}", **extra)


def make_occurrence(event: Event, text: str = "", **extra: Any) -> Occurrence:
    """A line about an earlier time, or a link to it (earlier=...)."""
    if not extra.get("earlier"):
        text = text or f"Earlier time {next(_count)}"
    return Occurrence.objects.create(event=event, text=text, **extra)


def make_account(event: Event, author: User, text: str = "I saw flat lines.", **extra: Any) -> ParticipantAccount:
    extra.setdefault("state", "submitted")
    if extra["state"] == "submitted":
        extra.setdefault("submitted_at", START + timedelta(days=2))
    return ParticipantAccount.objects.create(event=event, author=author, answers={"noticed": text}, **extra)


def make_action(event: Event, title: str = "", *, owner: User | None = None, **extra: Any) -> Action:
    """A committed action with everything it needs; status='proposed' makes a bare proposal."""
    extra.setdefault("status", Status.COMMITTED)
    if extra["status"] != Status.PROPOSED:
        owner = owner or make_user()
        extra.setdefault("due_on", date(2026, 12, 4))
        extra.setdefault("size", "M")
        extra.setdefault("closed_when", "The check runs nightly and its result is on the status page.")
        extra.setdefault("committed_on", date(2026, 11, 1))
    if extra["status"] in {Status.DONE, Status.CHECKED, Status.DROPPED}:
        extra.setdefault("closed_at", START + timedelta(days=30))
    if extra["status"] == Status.DROPPED:
        extra.setdefault("drop_reason", "The service it guards is gone.")
    return Action.objects.create(event=event, title=title or f"Action {next(_count)}", owner=owner, **extra)


def make_cast(**event_extra: Any) -> SimpleNamespace:
    """The fixed cast: .event, .team, one person per role; .outsider and .admin have no role in the event."""
    people = {
        role: make_user(role.capitalize())
        for role in ("facilitator", "scribe", "participant", "observer", "manager", "outsider")
    }
    admin = make_user("Admin", is_admin=True)
    guest = make_user("Guest", is_guest=True)
    team = make_team("Data platform", members=[people["participant"]], manager=people["manager"])
    event = make_event("Forty-three seconds", facilitator=people["facilitator"], team=team, **event_extra)
    make_member(event, people["scribe"], Role.SCRIBE)
    make_member(event, people["participant"], Role.PARTICIPANT, was_involved=True)
    make_member(event, people["observer"], Role.OBSERVER)
    make_member(event, guest, Role.PARTICIPANT, was_involved=True)
    return SimpleNamespace(event=event, team=team, admin=admin, guest=guest, **people)
