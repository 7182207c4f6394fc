"""P15: a page that was brought up to date by frames is the page that a reader would be given now, for each role and after
whatever can be done in a room."""

import ast
import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from aar_site import clock
from actions import services as acts
from actions.services import moving, writing
from retros.live import presence, topics
from retros.models import Change, Dispute, Event, Factor, Membership, Role, SilentNote, WellKind, WentWell
from retros.services import (
    accounts,
    analysis,
    attendance,
    causes,
    closing,
    disputes,
    document,
    entries,
    events,
    kinds,
    leading,
    meeting,
    notes,
    people,
    publishing,
    roles,
    schedule,
    silent,
    walk,
    well,
)
from retros.when import When
from tests.factories import make_action, make_cast, make_entry, make_event, make_member, make_user
from tests.promises.pages import Reader

ROLES = ("facilitator", "scribe", "participant", "guest", "observer")
AT = When(datetime(2026, 11, 18, 22, 54, tzinfo=UTC), 0, "exact")
WHEN = {
    "meeting_at": clock.now() + timedelta(days=2),
    "accounts_due_at": clock.now() + timedelta(days=1),
    "meeting_minutes": 75,
}
ACTED_IN = (moving, writing, accounts, analysis, attendance, causes, closing, disputes, document, entries, events, kinds, leading, meeting,
            notes, people, publishing, roles, schedule, silent, walk, well)  # fmt: skip
# Verbs of these modules that nobody does while a page of the room stands, or that tell nobody, and why.
NOT_HERE = {
    "events.open_event": "there is no room yet",
    "events.decline_review": "only before a meeting",
    "events.take_up_review": "only before a meeting",
    "closing.answer": "sealed: a page that changed would tell that somebody answered; the rates come with the next change",
    "accounts.save_draft": "sealed",
    "accounts.decline": "sealed",
    "accounts.take_back": "sealed",
    "accounts.remind": "a mail, while there is no room",
    "silent.keep": "sealed: its writer's own page is answered, the others ask for the count by themselves",
    "silent.edit": "sealed",
    "silent.set_removed": "sealed",
    "attendance.attend": "presence, which travels beside the changes",
}


def everything(module: ModuleType) -> set[str]:
    """Public verbs of a module that reach `change(...)`, by themselves or through another of its functions."""
    functions = {f.name: f for f in ast.parse(inspect.getsource(module)).body if isinstance(f, ast.FunctionDef)}
    called = {
        name: {n.func.id for n in ast.walk(f) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        for name, f in functions.items()
    }
    reach = {"change", "changed"}
    while more := {name for name in called if called[name] & reach} - reach:
        reach |= more
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for name in reach - {"change", "changed"}
        if not name.startswith("_")
    }


class Room:
    """The cast in the room, all with the page open. `did` acts, brings what came of it to every page, and compares."""

    def __init__(self, is_full: bool, cast: Any = None) -> None:
        self.cast, self.is_full = cast or make_cast(), is_full
        self.event, self.lead = self.cast.event, self.cast.facilitator
        self.first = make_entry(self.event, "Alerts reach the on-call engineers.", minutes=2, landmark="detected")
        self.second = make_entry(self.event, "A page of one coast only.", minutes=10)
        self.earlier = make_event("An earlier one", team=self.cast.team, facilitator=self.lead)
        self.done: dict[str, int] = {}
        self.wrong: dict[str, list[str]] = {}
        self.compared = 0
        self.readers = {role: Reader(getattr(self.cast, role), self.event) for role in ROLES}

    def did(self, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("by", self.lead)
        result = verb(*args, **kwargs)
        name = f"{verb.__module__.rpartition('.')[2]}.{verb.__name__}"
        self.done[name] = self.done.get(name, 0) + 1
        self.compare(name)
        return result

    def compare(self, name: str) -> None:
        """All readers at full size; else one after the other, each with all that it missed since it was asked last."""
        count = sum(self.done.values())
        for role in ROLES if self.is_full else (ROLES[count % len(ROLES)],):
            reader = self.readers[role]
            rows = Change.objects.filter(event=self.event, seq__gt=reader.seq).order_by("seq")
            found = list(rows.values_list("seq", "topics"))
            touched = {topic for _, each in found for topic in each.split(",") if topic}
            if found:
                reader.hear(found[-1][0], touched, *topics.render_topics(self.event.pk, touched))
            self.compared += 1
            if lines := reader.differs():
                self.wrong[f"{name} at {self.step}, for the {role}"] = lines

    @property
    def step(self) -> str:
        now = meeting.meeting_of(self.event)
        return now.step.slug if now and now.step else "the door"

    def fresh(self, thing: Any) -> Any:
        found = type(thing)._default_manager.get(pk=thing.pk)
        if not isinstance(found, Event) and hasattr(found, "event_id"):
            found.event = Event.objects.get(pk=self.event.pk)
        return found

    def go(self, slug: str) -> None:
        now: Any = meeting.meeting_of(self.event)
        self.did(meeting.go, self.event, from_rank=now.step.rank, to_rank=now.steps.get(slug=slug).rank)


# --- What can be done, in the order of a meeting ------------------------------------------------------------------------------
def the_door(room: Room) -> None:
    event, new = room.event, make_user("New here")
    row = room.did(people.add_person, event, user=new)
    room.did(people.edit_person, row, role="participant", was_involved=True, role_in_event="Database")
    room.did(people.remove_person, room.fresh(row))
    room.did(schedule.schedule, event, **WHEN)
    room.did(meeting.start, event)
    room.did(meeting.agree, event)
    room.did(meeting.set_paused, event, is_paused=True)
    room.did(meeting.set_paused, event, is_paused=False)
    room.did(meeting.add_minutes, event)


def the_notes(room: Room) -> None:
    event = room.event
    note = room.did(notes.keep, event, text="Nobody had seen it.", by=room.cast.participant)
    room.did(notes.edit, note, version=note.version, text="Nobody had seen a primary there.")
    for removed in (True, False):
        room.did(notes.set_removed, room.fresh(note), removed=removed)
    idea = room.did(notes.keep, event, text="Rehearse a cut.", parked_for="factors")
    room.did(notes.take_up, room.fresh(idea), way="factor", category="change")


def the_facts(room: Room) -> None:
    event = room.event
    stretch = room.did(
        events.add_interval, event, label="Writes refused", started_at=room.first.at, ended_at=room.second.at
    )
    room.did(events.edit_interval, stretch, label="Writes failed", started_at=room.first.at, ended_at=room.second.at)
    room.did(events.remove_interval, stretch)
    figure = room.did(events.add_figure, event, value="24 h", label="degraded")
    room.did(events.edit_figure, figure, value="24 h 11 min", label="degraded")
    room.did(events.remove_figure, figure)
    room.did(events.edit_event, event, seen=events.fingerprint(room.fresh(event)), title="Forty-three seconds, a day")


def the_text(room: Room) -> None:
    room.did(document.save_text, room.event, "summary", text="The link was cut.", base_number=0)
    room.did(document.save_text, room.event, "summary", text="The link was cut for 43 s.", base_number=1)


def the_walk(room: Room) -> None:
    event = room.event
    room.did(meeting.set_cursor, event, entry=room.second)
    third = room.did(entries.add, event, when=AT, text="Writes fail on both coasts.", by=room.cast.participant)
    room.did(entries.edit, third, version=third.version, when=AT, text="Writes fail.")
    room.did(entries.set_key, room.fresh(third), is_key=True)
    room.did(entries.set_t_zero, event, entry=room.fresh(third))
    room.did(entries.set_t_zero, event, entry=None)
    room.did(entries.move, room.fresh(third), up=True)
    for removed in (True, False):
        room.did(entries.set_removed, room.fresh(third), removed=removed)
    for walks in walk.Walks.values:
        room.did(walk.choose, event, walks=walks)
    view = room.did(disputes.remember, room.fresh(room.second), when=AT, text="It was later.", by=room.cast.guest)
    room.did(
        disputes.edit,
        room.fresh(view),
        version=view.version,
        when=AT,
        text="It was a little later.",
        by=room.cast.guest,
    )
    for removed in (True, False):
        room.did(disputes.set_removed, room.fresh(view), removed=removed, by=room.cast.guest)
    decide(room, view)


def decide(room: Room, view: Any) -> None:
    def dispute() -> Any:
        found: Any = room.fresh(Dispute.objects.get(event=room.event))
        return found

    room.did(disputes.leave, dispute(), version=dispute().version)
    room.did(disputes.settle, dispute(), view=room.fresh(view), reason="The log says so.", version=dispute().version)
    room.did(disputes.reopen, dispute(), version=dispute().version)
    room.did(disputes.keep, dispute(), reason="Nobody can know.", version=dispute().version)


def what_accounts_say(room: Room) -> None:
    room.did(accounts.reveal, room.event)
    for words in ("nothing moved", "nothing moved for a minute"):
        said = {"saw": f"At {room.second.at:%H:%M} {words}."}
        room.did(accounts.submit, room.fresh(room.event), answers=said, note="", by=room.cast.participant)


def what_comes_of_it(room: Room) -> None:
    """What other steps are about: the summary is composed of it, the actions answer it, the close counts it."""
    event = room.event
    factor = room.did(analysis.add, event, Factor, category="diagnosis", text="Nobody sees both coasts.")
    cause = room.did(causes.add, event, text="Both are drawn apart.", is_root_cause=True)
    action = room.did(acts.keep, event, may_commit=False, title="Draw both on one page")
    room.did(acts.take_back, room.fresh(action))
    room.did(causes.remove, room.fresh(cause))
    room.did(analysis.remove, room.fresh(factor))


def the_causes(room: Room) -> None:
    event = room.event
    effect = room.did(causes.add, event, text="Service was degraded.")
    cause = room.did(
        causes.add, event, parent=effect, text="A primary far away.", by=room.cast.participant, evidence=[room.first]
    )
    other = room.did(causes.add, event, parent=effect, text="No rehearsal.", is_discussed=True)
    below = room.did(causes.add, event, parent=room.fresh(other), text="It was never asked for.")
    room.did(causes.edit, room.fresh(cause), version=1, text="A primary on the other coast.", is_root_cause=True)
    room.did(causes.shift, room.fresh(other), is_up=True)
    room.did(causes.discuss, room.fresh(other))
    link = room.did(causes.share, room.fresh(below), effect=room.fresh(cause))
    room.did(causes.unshare, link)
    room.did(causes.place, room.fresh(below), below=room.fresh(cause))
    for verb in (causes.remove, causes.restore):
        room.did(verb, room.fresh(below))
    room.did(
        causes.edit, room.fresh(cause), version=room.fresh(cause).version, text="A primary there.", is_root_cause=False
    )
    for is_unknown in (True, False):
        room.did(causes.set_unknown, event, is_unknown=is_unknown)


def the_factors(room: Room) -> None:
    event = room.event
    factor = room.did(analysis.add, event, Factor, category="change", text="One word for two things.")
    room.did(analysis.edit, room.fresh(factor), version=1, category="change", text="One name for two servers.")
    for verb in (analysis.remove, analysis.restore):
        room.did(verb, room.fresh(factor))
    room.did(silent.open_writing, event)
    silent.keep(event, by=room.cast.participant, texts=["No alarm", "No drill", "No map", "Nobody asked"], category="")
    room.did(silent.show, event)
    first, second, third, fourth = (room.fresh(note) for note in SilentNote.objects.filter(event=event).order_by("pk"))
    room.did(silent.keep_as, first, category="diagnosis")
    room.did(silent.same_as, second, factor=room.fresh(factor))
    room.did(silent.leave_out, third)
    room.did(silent.park, fourth)
    room.did(silent.put_back, room.fresh(fourth))


def what_went_well(room: Room) -> None:
    event = room.event
    for is_none in (True, False):
        room.did(analysis.set_went_well_none, event, is_none=is_none)
    luck = room.did(analysis.add, event, WentWell, kind=WellKind.LUCK, text="It was a quiet hour.")
    room.did(well.park_luck, room.fresh(luck))
    room.did(well.ask_luck_again, room.fresh(luck))
    room.did(well.accept_luck, room.fresh(luck))


def the_actions(room: Room) -> None:
    event, owner = room.event, room.cast.participant
    whole = {"title": "Cut the hub in a rehearsal", "owner": owner, "due_on": clock.today() + timedelta(days=9), "size": "S",
             "closed_when": "The drill ran once without a person."}  # fmt: skip
    idea = room.did(notes.keep, event, text="Cut the hub alone.", parked_for="actions")
    action = room.did(acts.keep, event, may_commit=False, idea=room.fresh(idea), **whole)
    room.did(acts.take_back, room.fresh(action))
    action = room.did(acts.keep, event, may_commit=False, **whole)
    room.did(acts.edit, room.fresh(action), version=1, **{**whole, "title": "Cut the hub once a month"})
    room.did(acts.commit, room.fresh(action))
    room.did(acts.start, room.fresh(action), by=owner)
    room.did(acts.block, room.fresh(action), reason="No lab.", by=owner)
    room.did(acts.unblock, room.fresh(action), by=owner)
    room.did(acts.hand_over, room.fresh(action), owner=room.cast.scribe)
    room.did(acts.redate, room.fresh(action), due_on=clock.today() + timedelta(days=12), reason="The lab is late.")
    part = {"title": "Cut it by hand", "closed_when": "It was cut.", "rest_title": "Cut it once a month by itself"}
    soon, version = clock.today() + timedelta(days=5), room.fresh(action).version
    room.did(moving.split, room.fresh(action), due_on=soon, version=version, **part)
    old = make_action(room.earlier, owner=owner)
    room.did(writing.look_at, event, room.fresh(old), way="keep")
    room.did(acts.update, room.fresh(action), note="The lab is booked.")
    room.did(acts.close, room.fresh(action), evidence="It ran.")
    room.did(acts.reopen, room.fresh(action), reason="It ran with a person.")
    room.did(acts.drop, room.fresh(action), reason="Another team has one.")
    room.did(moving.stay, room.fresh(action), note="Theirs runs.", review_on=clock.today() + timedelta(days=90))
    room.did(acts.decide_not_to_act, event, reason="The risk is taken.")


def who_leads(room: Room) -> None:
    event, cast = room.event, room.cast
    row = Membership.objects.get(event=event, user=cast.participant)
    room.did(roles.set_role, row, role=Role.OBSERVER)
    room.did(roles.set_role, room.fresh(row), role=Role.PARTICIPANT)
    room.did(leading.hand_over, event, to=row.user_id)
    room.did(leading.take_back, event)
    clock.move(timedelta(minutes=5))  # nobody heard of the facilitator since
    presence.come([(event.pk, getattr(cast, role).pk, "") for role in ROLES[1:]])
    for reader in room.readers.values():
        reader.load()
    room.did(leading.ask, event, whom=row.user_id, by=cast.scribe)
    room.did(leading.take_over, event, by=cast.participant)
    room.did(leading.hand_pen, event, by=cast.scribe, to=cast.facilitator.pk)
    room.did(people.appoint_facilitator, event, user=cast.scribe, by=cast.admin)


def the_end(room: Room) -> None:
    event = room.event
    room.did(meeting.rest, event)
    room.did(meeting.resume, event)
    room.did(attendance.correct, event, came=[Membership.objects.get(event=event, user=room.cast.guest).pk])
    room.did(meeting.end, event)
    room.did(meeting.reopen, event)
    room.did(meeting.end, event)
    room.did(publishing.ask_for_review, event)
    room.did(publishing.back_to_draft, event)
    room.did(publishing.publish, event)
    action = make_action(event, owner=room.cast.participant, status="done")
    clock.move(timedelta(days=31))
    for reader in room.readers.values():
        reader.load()
    room.did(acts.check_effect, room.fresh(action), note="Nobody was called since.")


def a_launch(cast: Any) -> SimpleNamespace:
    event = make_event(kind="launch", what_happened="It was shown to everybody.", facilitator=cast.facilitator)
    for role in ROLES[1:]:
        make_member(event, getattr(cast, role), role if role in Role.values else Role.PARTICIPANT)
    return SimpleNamespace(**{**vars(cast), "event": event})


def another_kind(room: Room) -> None:
    meeting.start(room.event, by=room.lead)
    for reader in room.readers.values():
        reader.load()
    goal = room.did(kinds.add_part, room.event, "goals", text="Half of them come back.")
    seen = kinds.fingerprint(goal)
    room.did(kinds.edit_part, room.fresh(goal), seen=seen, text="A third of them come back.")
    room.did(kinds.remove_part, room.fresh(goal))


AT_STEP = (
    ("opening", the_notes), ("summary", what_comes_of_it), ("summary", the_facts), ("summary", the_text), ("timeline", the_walk),
    ("timeline", the_notes), ("timeline", what_accounts_say), ("root-cause", the_causes), ("factors", the_factors),
    ("went-well", what_went_well), ("actions", what_comes_of_it), ("actions", the_actions), ("close", what_comes_of_it),
    ("close", who_leads),
)  # fmt: skip


@pytest.mark.looks  # at its short size on one database, whole on both
@pytest.mark.promise("P15", "0 pages differ from a fresh one, after 100 % of the actions, for 5 roles")
def test_a_page_that_follows_is_the_page_that_would_be_loaded(db, measured, is_full, monkeypatch):
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment + clock._shift)  # else clocks tick between a frame and its page
    room = Room(is_full)
    monkeypatch.setattr(presence, "sign", lambda *args, **kwargs: None)  # whoever comes is told beside the changes
    the_door(room)
    for slug, part in AT_STEP:
        if room.step != slug:
            room.go(slug)
        part(room)
    the_end(room)
    other = Room(is_full, a_launch(room.cast))
    other.done, other.wrong = room.done, room.wrong
    another_kind(other)
    known = set().union(*(everything(module) for module in ACTED_IN))
    missing = known - set(room.done) - set(NOT_HERE)
    share = 100 * len(known & set(room.done)) / len(known - set(NOT_HERE))
    measured(
        f"{len(room.wrong)} of {room.compared + other.compared} pages differ, after {share:.0f} % of {len(known - set(NOT_HERE))} actions"
    )
    assert not room.wrong, "\n".join(f"{name}:\n  " + "\n  ".join(found) for name, found in room.wrong.items())
    assert missing == set()
