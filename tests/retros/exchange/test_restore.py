"""The own file of an event: what is written comes into an empty installation as it was, and says the same when it is written again."""

import json
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from aar_site.people.models import User
from actions.models import Action
from retros.document import markdown
from retros.exchange import dump, restore
from retros.exchange.carried import EVENT, MEMBER, lists
from retros.exchange.fields import Invalid
from retros.exchange.reading import read
from retros.models import (
    Change,
    Dispute,
    Event,
    Factor,
    Impact,
    ImpactFigure,
    ImpactInterval,
    Kind,
    Membership,
    Recollection,
    RoomNote,
    State,
    TimelineEntry,
    WentWell,
)
from retros.services import causes, disputes, document, publishing
from retros.when import When
from tests.factories import (
    START,
    make_account,
    make_action,
    make_cast,
    make_choice,
    make_entry,
    make_event,
    make_goal,
    make_launch,
    make_occurrence,
    make_phase,
    make_service,
    make_user,
)


def make_full(kind: str = Kind.INCIDENT) -> SimpleNamespace:
    """An event of which everything is known that the file carries, with rows that were taken out between those that stand."""
    cast = make_cast(
        kind=kind,
        state=State.DRAFT,
        held_at=START + timedelta(days=5),
        severity="sev1",
        severity_text="as bad as it gets",
    )
    event, by = cast.event, cast.scribe
    event.services.add(make_service("queue"))
    Impact.objects.filter(event=event).update(
        users_affected="everybody", users_count=7, business_effect="none", detected_how="an alert"
    )
    ImpactInterval.objects.create(event=event, label="pages", started_at=START, ended_text="the evening")
    ImpactFigure.objects.create(event=event, value="5,000", label="hooks", rank=1)
    make_launch(event, scope="all", was_rolled_back=False, planned_start=START, issue_count=0)
    make_goal(event, "Quick", outcome="partly", note="half")
    make_phase(
        event, "Build", planned_start=date(2018, 6, 1), planned_start_precision="month", actual_end=date(2018, 7, 3)
    )
    make_choice(event, "Keep it", was_chosen=False, again="otherwise", known_then="a day")
    make_occurrence(event, "Last year", on=date(2017, 1, 1), became="nothing")
    gone = make_entry(event, "Taken out", minutes=1, removed_at=START)
    first = make_entry(
        event, "Alerts ring", minutes=2, is_key=True, landmark="detected", type="signal", utc_offset=-420
    )
    vague = make_entry(
        event,
        "Somebody asked\n\n- twice",
        at=None,
        at_text="around noon",
        sort_at=first.sort_at,
        utc_offset=None,
        rank=4,
    )
    make_entry(
        event, "Alerts ring", minutes=9, source="log", source_url="https://example.org/l", raw="x  y"
    )  # the same words once more
    Event.objects.filter(pk=event.pk).update(t0_entry=vague)
    _analysis(cast, first, gone)
    _meeting(cast, first, vague, gone)
    document.save_text(event, "lessons", text="Ask **early**.", base_number=0, by=by)
    event.refresh_from_db()
    return cast


def _analysis(cast: SimpleNamespace, first: Any, gone: Any) -> None:
    event, by = cast.event, cast.scribe
    effect = causes.add(event, by=by, text="It was slow", kind="event")
    one = causes.add(
        event, by=by, parent=effect, text="A single path", question="Why?", evidence=[first, gone], is_root_cause=True
    )
    other = causes.add(event, by=by, text="It was seen late", kind="event")
    causes.share(one, effect=other, by=by)
    dropped = causes.add(event, by=by, parent=effect, text="Wrong")
    causes.add(event, by=by, parent=dropped, text="Below what was wrong")
    causes.remove(dropped, by=by)
    Factor.objects.create(event=event, category="change", text="Gone", removed_at=START, created_by=by)
    factor = Factor.objects.create(
        event=event, category="design", text="Both write", caught_earlier_if="drills", rank=3, created_by=by
    )
    WentWell.objects.create(event=event, kind="tool", text="The graph", created_by=by)
    WentWell.objects.create(event=event, kind="luck", text="She was there", luck_answer="fine", created_by=by)
    make_action(
        event, "Drill it", owner=cast.participant, factor=factor, cause=one, status="done", evidence="see the log"
    )
    idea = make_action(event, "Another", status="proposed")
    RoomNote.objects.create(
        event=event,
        step_slug="factors",
        text="Idea one",
        parked_for="actions",
        became=f"action:{idea.pk}",
        created_by=by,
    )
    RoomNote.objects.create(
        event=event,
        step_slug="factors",
        text="Idea two",
        parked_for="factors",
        became=f"factor:{factor.pk}",
        created_by=by,
    )


def _note(cast: SimpleNamespace, text: str, step: str = "factors", **more: Any) -> None:
    more.setdefault("created_by", cast.participant)
    RoomNote.objects.create(event=cast.event, step_slug=step, text=text, **more)


def _meeting(cast: SimpleNamespace, first: Any, vague: Any, gone: Any) -> None:
    event = cast.event
    left = make_user("Somebody who left")
    _note(cast, "Said aloud", "timeline", entry=first, created_by=left)
    _note(cast, "Of a moment that is gone", "timeline", entry=gone, created_by=cast.guest)
    _note(cast, "Waits", "close", parked_for="actions", created_by=cast.participant)
    _note(cast, "Let go", "close", parked_for="actions", became="dropped")
    _note(cast, "Removed", "close", removed_at=START, created_by=cast.participant)
    Membership.objects.filter(event=event, user=cast.guest).update(
        attended_at=START, is_attendance_said=True, role_in_event="on call"
    )
    view = disputes.remember(
        first, by=cast.participant, when=When(START, 60, "exact"), text="It rang later", note="my phone"
    )
    dispute = Dispute.objects.get(pk=view.dispute_id)
    disputes.settle(dispute, by=cast.facilitator, view=view, reason="The phone knows", version=dispute.version)
    disputes.remember(vague, by=cast.guest, when=None, other=first, is_before=True)
    back = disputes.remember(vague, by=cast.scribe, when=None, text="Taken back")
    disputes.set_removed(back, by=cast.scribe, removed=True)


def empty_installation() -> None:
    connection.check_constraints()  # what waits for the end of a transaction keeps PostgreSQL from emptying a table
    call_command("flush", interactive=False, verbosity=0)
    assert not User.objects.exists()


def through_text(data: dict[str, Any]) -> dict[str, Any]:
    return read(yaml.safe_dump(data, allow_unicode=True, sort_keys=False).encode())


@pytest.mark.parametrize("kind", Kind.values)
def test_an_event_comes_into_an_empty_installation_as_it_was(db: None, kind: str) -> None:
    cast = make_full(kind)
    before = dump.whole(cast.event)
    empty_installation()
    event, found = restore.load(through_text(before))
    assert found == []
    assert dump.whole(event) == before
    assert {name for name in before if name not in {"hindcast", "event", "services", "people"}} == {
        c.name for c in lists()
    }


def test_what_the_room_kept_is_there_and_what_was_taken_out_is_not(db: None) -> None:
    cast = make_full()
    before = dump.whole(cast.event)
    empty_installation()
    event, _ = restore.load(through_text(before))
    notes = (
        RoomNote.objects.filter(event=event)
        .order_by("id")
        .values_list("text", "parked_for", "entry__text", "created_by__name")
    )
    assert list(notes) == [
        ("Idea one", "actions", None, "Scribe"),
        ("Idea two", "factors", None, "Scribe"),
        ("Said aloud", "", "It rang later", "Somebody who left"),
        ("Of a moment that is gone", "", None, "Guest"),
        ("Waits", "actions", None, "Participant"),
        ("Let go", "actions", None, "Participant"),
    ]
    idea = RoomNote.objects.get(event=event, text="Idea two")
    assert idea.became == f"factor:{Factor.objects.get(event=event).pk}"
    assert (
        RoomNote.objects.get(event=event, text="Idea one").became
        == f"action:{Action.objects.get(event=event, title='Another').pk}"
    )
    came = Membership.objects.get(event=event, attended_at__isnull=False)
    assert (came.user.name, came.user.is_guest, came.is_attendance_said) == ("Guest", True, True)
    states = Dispute.objects.filter(event=event).values_list("state", "reason", "entry__text")
    assert list(states) == [("settled", "The phone knows", "It rang later"), ("open", "", "Somebody asked\n\n- twice")]
    assert list(
        Recollection.objects.filter(event=event, is_original=False).values_list("author__name", "note", "is_chosen")
    ) == [
        ("Participant", "my phone", True),
        ("Guest", "", False),
    ]


@pytest.mark.parametrize(("text", "version"), [("It rang later", 1), ("Changed there", 1), ("It rang later", 2)])
def test_what_was_settled_is_opened_again_and_says_what_it_said_first_unless_it_was_changed(db, text, version) -> None:
    file = through_text(dump.whole(make_full().event))
    first = next(row for row in file["views"] if row.get("is_original"))
    moment = next(row for row in file["timeline"] if row["text"] == "It rang later")
    moment["text"] = text
    event, _ = restore.load(file)
    TimelineEntry.objects.filter(event=event).update(version=version)
    dispute = Dispute.objects.get(event=event, state="settled")
    disputes.reopen(dispute, by=User.objects.get(name="Facilitator"), version=dispute.version)
    said = first if (text, version) == ("It rang later", 1) else moment
    entry = TimelineEntry.objects.get(pk=dispute.entry_id)
    assert (entry.text, entry.utc_offset, entry.at.isoformat()) == (said["text"], said.get("utc_offset"), said["at"])


def test_a_service_that_is_known_here_is_known_by_its_spelling_here_and_no_name_is_too_long(db: None) -> None:
    file = through_text(dump.whole(make_full().event))
    event, _ = restore.load({**file, "services": ["Queue", "mail"]})
    assert set(event.services.values_list("name", flat=True)) == {"queue", "mail"}
    with pytest.raises(Invalid, match="services 2: 81 characters; at most 80 can be kept"):
        restore.load({**file, "services": ["queue", "x" * 81]})


def test_the_document_of_what_came_in_says_the_same(db: None) -> None:
    """But for what an installation says itself: the team, who leads, and that actions are promised where they are kept."""
    cast = make_full()
    told = markdown.render(publishing.exported(cast.event)[0])
    before = dump.whole(cast.event)
    empty_installation()
    event, _ = restore.load(through_text(before))
    again = markdown.render(publishing.exported(event)[0])
    differ = set(told.splitlines()) ^ set(again.splitlines())
    assert {line for line in differ if not line.startswith(("| Drill it", "**Team", "**Facilitator"))} == set()
    assert "It rang later" in again


def test_people_without_an_account_come_in_and_cannot_sign_in(cast: SimpleNamespace) -> None:
    data = dump.whole(cast.event)
    data["people"][0]["email"] = "new@example.org"
    event, _ = restore.load(data, facilitator=cast.admin)
    new = User.objects.get(email="new@example.org")
    assert (new.is_active, new.is_admin, new.has_usable_password()) == (False, False, False)
    roles = dict(Membership.objects.filter(event=event).values_list("user__name", "role"))
    assert (roles["Admin"], roles["Facilitator"], roles["Participant"]) == ("facilitator", "participant", "participant")
    assert "Guest" not in roles, "a guest is one of one event"
    assert User.objects.get(pk=cast.participant.pk).is_active


@pytest.mark.parametrize(
    ("state", "comes_in"), [("meeting", "preparing"), ("review", "draft"), ("preparing", "preparing")]
)
def test_a_meeting_is_held_and_a_review_published_where_it_is(db: None, state: str, comes_in: str) -> None:
    cast = make_cast(state=state)
    event, _ = restore.load(dump.whole(cast.event))
    assert event.state == comes_in


def test_sealed_accounts_and_the_log_stay_behind(cast: SimpleNamespace) -> None:
    make_account(cast.event, cast.participant, "For nobody else's eyes")
    written = json.dumps(dump.whole(cast.event))
    assert "nobody else" not in written
    event, _ = restore.load(json.loads(written))
    assert [row.what for row in Change.objects.filter(event=event)] == ["imported from its own file"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hindcast": 2}, "hindcast: '2' is no version"),
        ({"event": {"title": "x", "state": "published"}}, "event: state 'published' is none"),
        ({"event": {"title": "x", "started_at": "2018-10-21T22:52:00"}}, "event: started_at: '2018-10-21T22:52:00' cannot stand there"),
        ({"event": {"title": "x", "went_well_none": "perhaps"}}, "event: went_well_none: 'perhaps' cannot stand there"),
        ({"people": [{"id": 1, "name": "x", "email": "no"}]}, "people 1: "),
        ({"people": ["x"]}, "people 1: a row is a mapping"),
        ({"factors": [{"category": "weather", "text": "x"}]}, "factors 1: category: "),
        ({"factors": [{"category": "design", "text": "x" * 100_001}]}, "factors 1: text: 100,001 characters"),
        ({"notes": [{"text": "x", "step_slug": "close", "created_by": 9}]}, "notes 1: created_by: no row has the id 9"),
        ({"notes": [{"text": "x", "step_slug": "close", "became": "team:1"}]}, "notes: became: 'team' is none of factor, action"),
        ({"causes": [{"id": 1, "text": "x", "parent": 2}]}, "causes 1: parent: no row has the id 2"),
        ({"went_well": [{"kind": "tool", "text": "x", "luck_answer": "fine"}]}, "went_well 1: what it says cannot stand together"),
        ({"views": [{"text": "x"}]}, "views 1: what it says cannot stand together"),
        ({"people": [{"id": 1, "name": "x", "email": "x@y.org", "role": "boss"}]}, "people 1: role: Value 'boss'"),
        ({"people": [{"id": n, "name": "x", "email": f"{n}@y.org", "role": "observer"} for n in range(501)]}, "people: 501 have a role"),
        ({"causes": [{"id": n, "text": "x", "rank": n} for n in range(501)]}, "causes: 501 rows; at most 500"),
        ({"notes": [{"text": "x", "step_slug": "close"}] * 2001}, "notes: 2,001 rows; at most 2,000"),
        ({"factors": [{"category": "design", "text": "x" * 10_001}]}, "factors 1: text: "),
        ({"event": {"title": "x", "held_at": "9999-12-31T23:59:59-14:00"}}, "event: held_at: '9999-12-31T23:59:59-14:00'"),
        ({"timeline": [{"text": "x", "at": "0001-01-01T00:00:00+14:00"}]}, "timeline 1: at: '0001-01-01T00:00:00+14:00'"),
        ({"timeline": [{"text": "x", "at": "2018-10-21T22:52:00Z"}]}, "timeline 1: what it says cannot stand together"),
        ({"timeline": [{"id": 1, "text": "x", "at_text": "then"}],
          "disputes": [{"entry": 1, "state": "open"}]}, "disputes: each needs, among the views"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_one_line_and_nothing_is_stored(
    db: None, tmp_path: Path, change: Any, words: str
) -> None:
    path = tmp_path / "e.json"
    path.write_text(json.dumps({"hindcast": 1, "event": {"title": "x"}, **change}))
    with pytest.raises(CommandError) as refusal:
        call_command("import_event", str(path))
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not Event.objects.exists()
    assert not User.objects.exists()


def test_what_is_not_known_is_named_and_left_out(db: None) -> None:
    factor = {"category": "design", "text": "x", "mood": "y"}
    data = {"hindcast": 1, "event": {"title": "x"}, "weather": 1, "factors": [factor]}
    event, found = restore.load(data)
    assert [w.detail for w in found] == [
        "'weather' is no part of an event and was left out",
        "'factors 1: mood' was left out",
    ]
    assert Factor.objects.get(event=event).text == "x"


def test_an_earlier_event_is_found_by_its_code_or_leaves_it(db: None) -> None:
    earlier, cast = make_event("Last year"), make_cast(kind=Kind.RECURRING)
    make_occurrence(cast.event, earlier=earlier)
    data = dump.whole(cast.event)
    assert restore.load(data)[0].occurrences.get().earlier == earlier
    data["occurrences"][0]["earlier"] = "nowhere"
    event, found = restore.load(data)
    assert event.occurrences.get().text == "Event nowhere"
    assert "no event has the code 'nowhere'" in [w.detail for w in found]


# --- Nothing is forgotten -------------------------------------------------------------------------------------------
# What a row has that the file does not carry: its key and its event, what a reader of versions needs, who typed it and when.
ALWAYS_OUT = {"id", "event", "version", "created_at", "created_by", "removed_at"}
OUT = {
    "event": {
        "code", "team", "meeting_at", "meeting_minutes", "agenda_minutes", "accounts_due_at", "revealed_at", "published_at",
        "change_seq", "t0_entry",  # written as the number of its row
    },
    "timelineentry": {"imported", "import_row"},
    "sectiontext": {"number"},
    "dispute": {"former"},
    "action": {"owner", "status", "review_on", "redated_count", "split_from", "committed_on", "closed_at"},
    "membership": {"user"},
}  # fmt: skip
STAY_BEHIND = {
    "accounts are sealed": {"participantaccount", "accountrevision", "liftedmoment"},
    "sealed, or what became of it is carried": {"silentnote"},
    "anonymous": {"closinganswer"},
    "the state of a room": {"meeting", "agendastep", "presence", "hand"},
    "mail": {"accountreminder", "calendarcopy", "meetingcalendar", "nudge", "reminder"},
    "keys": {"personallink", "linkkey", "linkcode"},
    "what was done there": {"change", "operation", "revision", "publication", "hintanswer"},
    "its moments are carried": {"import"},
}  # fmt: skip


def test_every_field_of_an_event_is_carried_or_stays_behind_for_a_reason() -> None:
    carried: dict[str, set[str]] = {c.model._meta.model_name or "": {*c.fields, *c.always} for c in lists()}
    carried |= {"event": {*EVENT, "services"}, "membership": set(MEMBER)}
    models = {
        m._meta.model_name or "": m for app in ("retros", "actions") for m in apps.get_app_config(app).get_models()
    }
    behind = set().union(*STAY_BEHIND.values())
    assert behind <= models.keys()
    forgotten = {}
    for name, model in models.items():
        if name in behind:
            continue
        fields = {f.name for f in (*model._meta.concrete_fields, *model._meta.many_to_many)}
        forgotten[name] = fields - carried.get(name, set()) - ALWAYS_OUT - OUT.get(name, set())
    assert {name: found for name, found in forgotten.items() if found} == {}
