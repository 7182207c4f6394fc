"""What is pushed to everybody: the same bytes as on each reader's own page, and nothing of one reader in it."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aar_site.people.models import Team, User
from retros.live import presence, topics
from retros.models import Category, Event, Factor, RoomNote, State, WellKind, WentWell, WhyNode
from retros.services import accounts, document, floor, meeting, notes, room
from tests.factories import make_account, make_action, make_cast, make_entry, make_user
from tests.kinds import FILL, SPANS, make_kind

ROLES = ("facilitator", "scribe", "participant", "guest", "observer")
ALL = set(topics.TEMPLATES)


def fill(cast: SimpleNamespace, count: int = 2) -> None:
    """So many of everything that the room shows."""
    event, lead = cast.event, cast.facilitator
    for n in range(count):
        entry = make_entry(event, f"Moment {n}", minutes=n, created_by=lead)
        effect = WhyNode.objects.create(event=event, text=f"Effect {n}", rank=n, created_by=lead)
        cause = WhyNode.objects.create(event=event, parent=effect, text=f"Cause {n}", created_by=cast.participant)
        cause.evidence.set([entry])
        Factor.objects.create(event=event, category=Category.values[n], text=f"Factor {n}", created_by=cast.participant)
        WentWell.objects.create(event=event, kind=WellKind.values[-1 - n], text=f"Helped {n}", created_by=lead)
        RoomNote.objects.create(event=event, step_slug="opening", text=f"Said {n}", created_by=cast.participant)
        RoomNote.objects.create(
            event=event, step_slug="opening", parked_for="factors", text=f"Idea {n}", created_by=cast.scribe
        )
        make_action(event, owner=cast.participant)


def steps_of(cast: SimpleNamespace) -> list[str]:
    """The slugs of the agenda, while the room walks through all of them."""
    slugs = [slug for slug, _, _ in meeting.agenda_for(cast.event)]
    for rank, slug in enumerate(slugs):
        if rank:
            meeting.go(cast.event, by=cast.facilitator, from_rank=rank - 1, to_rank=rank)
        yield slug  # type: ignore[misc]


def region(page: str, name: str) -> str:
    """A region of a page as the page script would find it, without what the page adds for its reader."""
    start = re.search(rf'<(\w+)[^>]*\sid="{name}"', page)
    assert start, f"no region {name}"
    tag = start[1]
    depth, end = 0, start.start()
    for found in re.finditer(rf"<(/?){tag}\b", page[start.start() :]):
        depth += -1 if found[1] else 1
        if depth == 0:
            end = start.start() + found.end()
            break
    html = re.sub(r'<input type="hidden" name="csrfmiddlewaretoken"[^>]*>', "", page[start.start() : end])
    return re.sub(r'(name="op" value=")[^"]*', r"\1", html)


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    found = make_cast()
    fill(found)
    monkeypatch.setattr("aar_site.clock.now", lambda: found.event.created_at)  # clocks show the same second
    return found


@pytest.mark.parametrize("minutes", [75, 15])
def test_every_region_of_every_step_is_the_same_for_every_role(cast, minutes):
    Event.objects.filter(pk=cast.event.pk).update(meeting_minutes=minutes)
    cast.event.refresh_from_db()
    meeting.start(cast.event, by=cast.facilitator)
    for role in ROLES:
        presence.sign(cast.event.pk, getattr(cast, role).pk)  # everybody is here, so that nobody comes while they look
    floor.give(cast.event, user_id=cast.guest.pk, by=cast.facilitator)
    floor.raise_hand(cast.event, by=cast.observer)
    for slug in steps_of(cast):
        event = Event.objects.get(pk=cast.event.pk)
        pushed = {name: region(html, name) for name, html in topics.render(event, ALL).items()}
        assert set(pushed) == ALL
        for role in ROLES:
            client = Client()
            client.force_login(getattr(cast, role))
            page = client.get(f"/e/{event.code}/room/").content.decode()
            for name in ALL:
                assert region(page, name) == pushed[name], (slug, role, name)


@pytest.mark.parametrize("kind", sorted(FILL))
def test_the_steps_of_other_kinds_are_the_same_for_every_role_too(cast, kind):
    """What a kind knows is in the stage, its links are there for everybody, and the style sheet decides who sees them."""
    Event.objects.filter(pk=cast.event.pk).update(kind=kind, **SPANS[kind])
    cast.event.refresh_from_db()
    FILL[kind](cast.event)
    meeting.start(cast.event, by=cast.facilitator)
    whole = ""
    for slug in steps_of(cast):
        event = Event.objects.get(pk=cast.event.pk)
        pushed = {name: region(html, name) for name, html in topics.render(event, {"rail", "stage"}).items()}
        whole += pushed["stage"]
        for role in ("facilitator", "participant", "observer"):
            client = Client()
            client.force_login(getattr(cast, role))
            page = client.get(f"/e/{event.code}/room/").content.decode()
            assert {name: region(page, name) for name in pushed} == pushed, (slug, role)
    for words in SHOWN[kind]:
        assert words in whole


SHOWN = {
    "launch": ("What did we promise", "Mobile apps, 60% of users", "A certificate came late", "+5 days", "Worked 2"),
    "project": ("What was success at the start", "Goal 2", "+1 week", "Condition 1", "Otherwise, with what we knew"),
    "recurring": ("When did it happen before", "Earlier 2", "Promise 2", "This time"),
    "decision": ("What lay on the table", "Prices of three vendors", "Dear to run", "Not chosen"),
}


@pytest.mark.parametrize("kind", sorted(FILL))
def test_as_many_queries_for_three_of_what_a_kind_knows_as_for_one(db, kind):
    counted: dict[int, list[int]] = {1: [], 3: []}
    lead = make_user()
    for count, found in counted.items():
        event = make_kind(kind, count, facilitator=lead)
        meeting.start(event, by=lead)
        for _ in steps_of(SimpleNamespace(event=event, facilitator=lead)):
            fresh = Event.objects.select_related("team", "impact", "t0_entry").get(pk=event.pk)
            with CaptureQueriesContext(connection) as queries:
                topics.render(fresh, {"stage"})
            found.append(len(queries))
    assert counted[1] == counted[3]
    assert max(counted[3]) <= 17


def test_a_pushed_region_holds_no_token_and_no_operation_id(cast):
    meeting.start(cast.event, by=cast.facilitator)
    for _ in steps_of(cast):
        html = "".join(topics.render(Event.objects.get(pk=cast.event.pk), ALL).values())
        assert "csrfmiddlewaretoken" not in html
        assert set(re.findall(r'name="op" value="([^"]*)"', html)) <= {""}
        assert "data-may" in html or "ctl" in html


def test_what_is_sealed_is_in_no_region(cast):
    """An account, a note for the facilitator alone, an anonymous answer: written first, then looked for in every step."""
    make_account(
        cast.event, cast.participant, "SEALEDWORDS", note_to_facilitator="ALONEWORDS", note_for=cast.facilitator
    )
    meeting.start(cast.event, by=cast.facilitator)
    for _ in steps_of(cast):
        html = "".join(topics.render(Event.objects.get(pk=cast.event.pk), ALL).values())
        assert "SEALEDWORDS" not in html
        assert "ALONEWORDS" not in html


def test_accounts_that_are_open_are_the_same_for_every_role_and_none_that_is_not(cast):
    """After the reveal the walk reads handed-in accounts to the room; a draft, a note and an edit of one stay where they are."""
    first = Event.objects.get(pk=cast.event.pk).entries.order_by("sort_at").first()
    minute = f"{first.at + timedelta(minutes=1):%H:%M}"
    make_account(
        cast.event,
        cast.participant,
        f"At {minute} OPENWORDS.",
        note_to_facilitator="ALONEWORDS",
        note_for=cast.facilitator,
    )
    make_account(cast.event, cast.scribe, f"At {minute} DRAFTWORDS.", state="draft")
    meeting.start(cast.event, by=cast.facilitator)
    accounts.reveal(Event.objects.get(pk=cast.event.pk), by=cast.facilitator)
    read = set()
    for slug in steps_of(cast):
        event = Event.objects.get(pk=cast.event.pk)
        if slug == "timeline":
            meeting.set_cursor(event, by=cast.facilitator, entry=event.entries.order_by("sort_at")[1])
        pushed = region(topics.render(event, {"stage"})["stage"], "stage")
        read |= {slug} if "OPENWORDS" in pushed else set()
        assert "DRAFTWORDS" not in pushed
        assert "ALONEWORDS" not in pushed
        for role in ROLES if slug == "timeline" else ():
            client = Client()
            client.force_login(getattr(cast, role))
            assert region(client.get(f"/e/{event.code}/room/").content.decode(), "stage") == pushed, role
    assert read == {"timeline"}


@pytest.mark.parametrize("state", [State.PREPARING, State.DRAFT])
def test_without_an_open_room_there_is_no_stage_to_push(cast, state):
    Event.objects.filter(pk=cast.event.pk).update(state=state)
    event = Event.objects.get(pk=cast.event.pk)
    assert set(topics.render(event, ALL)) == ALL - {"stage"}
    found, regions = topics.render_topics(event.pk, {"event"})
    assert (found, "stage" in regions) == (state, False)


def test_a_topic_touches_the_stage_only_where_the_stage_shows_it(cast):
    meeting.start(cast.event, by=cast.facilitator)
    touched: dict[str, set[str]] = {}
    for slug in steps_of(cast):
        event = Event.objects.get(pk=cast.event.pk)
        for topic in topics.REGIONS:
            if "stage" in topics.regions_for(event, {topic}):
                touched.setdefault(topic, set()).add(slug)
    made = {"actions", "close"}  # what nothing answers yet, and what came of the meeting
    assert touched["analysis"] == {"summary", "root-cause"} | made
    assert touched["factors"] == {"opening", "factors"} | made
    assert touched["went-well"] == {"went-well"} | made
    assert touched["timeline"] == touched["accounts"] == touched["said"] == {"timeline"}
    assert touched["actions"] == {"opening", "summary"} | made
    assert len(touched["agenda"]) == 8


def asked(event: Event, *topic: str) -> int:
    """How many queries the hub's question about these topics takes."""
    with CaptureQueriesContext(connection) as queries:
        topics.render_topics(event.pk, set(topic))
    return len(queries)


def test_as_many_queries_for_three_of_everything_as_for_one(db):
    found = {}
    for count in (1, 3):
        cast = make_cast()
        Team.objects.filter(pk=cast.team.pk).update(
            name=f"Team of {count}"
        )  # the next cast brings one of the same name
        fill(cast, count)
        meeting.start(cast.event, by=cast.facilitator)
        found[count] = {slug: asked(cast.event, "all") for slug in steps_of(cast)}
    assert found[1] == found[3]
    assert max(found[3].values()) <= 20


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_said_costs_the_notes_and_nothing_else_but_at_the_walk(db, count):
    """The meeting with its event, and the notes; whatever else the room shows is not read. The walk shows it at its moment."""
    cast = make_cast()
    fill(cast, count)
    meeting.start(cast.event, by=cast.facilitator)
    assert {asked(cast.event, "said") for slug in steps_of(cast) if slug != "timeline"} == {2}


def test_a_region_alone_is_as_it_is_among_all(cast):
    """What a region asks for is read where it is rendered alone, too."""
    meeting.start(cast.event, by=cast.facilitator)
    for slug in steps_of(cast):
        event = Event.objects.get(pk=cast.event.pk)
        whole = topics.render(event, ALL)
        for name in ALL:
            assert topics.render(event, {name}) == {name: whole[name]}, slug


def test_a_note_is_pushed_as_it_is_now_though_its_row_is_kept(cast):
    """By its version, and by the name of whoever said it."""
    meeting.start(cast.event, by=cast.facilitator)
    note = notes.keep(cast.event, by=cast.participant, text="It began at nine.")
    push = lambda: topics.render_topics(cast.event.pk, {"said"})[1]["notes"]  # noqa: E731
    assert "It began at nine." in push()
    notes.edit(note, by=cast.participant, version=1, text="It began at ten.")
    assert "It began at ten." in push()
    assert "It began at nine." not in push()
    User.objects.filter(pk=cast.participant.pk).update(name="Priya N.")
    assert "Priya N., " in push()
    notes.set_removed(note, by=cast.participant, removed=True)
    assert "It began at ten." not in push()


def test_a_kept_text_is_in_the_stage_of_its_step(cast):
    meeting.start(cast.event, by=cast.facilitator)
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=1)
    document.save_text(cast.event, "summary", text="The link was cut for *43* seconds.", base_number=0, by=cast.scribe)
    state, regions = topics.render_topics(cast.event.pk, {"summary"})
    assert state == "meeting"
    assert "The link was cut for <em>43</em> seconds." in regions["stage"]


@pytest.mark.parametrize("kind", ["launch", "project", "decision", "recurring"])
def test_other_kinds_walk_their_whole_agenda_too(cast, kind):
    """Each step shows its own part, and what is kept there is shown there."""
    Event.objects.filter(pk=cast.event.pk).update(kind=kind)
    cast.event.refresh_from_db()
    meeting.start(cast.event, by=cast.facilitator)
    for slug in steps_of(cast):
        if room.has_text(cast.event, slug):
            document.save_text(cast.event, slug, text=f"Kept at {slug}.", base_number=0, by=cast.scribe)
        stage = topics.render(Event.objects.get(pk=cast.event.pk), ALL)["stage"]
        assert f'data-step="{slug}"' in stage
        assert (f"Kept at {slug}." in stage) is (room.has_text(cast.event, slug))
