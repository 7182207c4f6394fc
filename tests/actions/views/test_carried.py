"""Open actions of earlier reviews in a meeting: their owner decides, the room says that it looked, nobody else moves them."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from aar_site import clock
from actions import sections, services
from retros.models import Change
from retros.services import meeting
from tests.factories import make_action, make_cast, make_event

HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def cast(db):
    """The cast at its action step; .old is an action of the same team that its participant owns, three days late."""
    found = make_cast()
    earlier = make_event("Earlier", state="published", team=found.team)
    found.old = make_action(earlier, "Old promise", owner=found.participant, due_on=clock.today() - timedelta(days=3))
    meeting.start(found.event, by=found.facilitator)
    meeting.go(found.event, by=found.facilitator, from_rank=0, to_rank=6)
    found.event.refresh_from_db()
    return found


def press(cast, role, move, pk=None, **fields):
    client = Client()
    client.force_login(getattr(cast, role))
    more = fields.pop("more", HTMX)
    path = f"/e/{cast.event.code}/actions/carried/{pk or cast.old.pk}/{move}/"
    return client.post(path, {"op": str(uuid.uuid4()), **fields}, **more)


def looked(cast):
    (row,) = sections.room_context(cast.event)["carried"]
    return row["looked"]


def test_the_owner_gives_a_new_date_and_both_reviews_know(cast):
    on = clock.today() + timedelta(days=9)
    answer = press(cast, "participant", "redate", due_on=on.isoformat(), reason="The drill moved")
    assert "It has a new date." in answer.content.decode()
    cast.old.refresh_from_db()
    assert (cast.old.due_on, cast.old.redated_count) == (on, 1)
    assert Change.objects.get(event=cast.old.event).detail["reason"] == "The drill moved"
    assert looked(cast) == "Given a new date here"


@pytest.mark.parametrize(
    ("move", "fields", "status", "settled"),
    [("close", {"evidence": "Drill 12"}, "done", "one closed"), ("drop", {"reason": "Gone"}, "dropped", "one dropped")],
)
def test_what_the_owner_ends_leaves_the_list_and_is_counted(cast, move, fields, status, settled):
    op = str(uuid.uuid4())
    for _ in range(2):  # a second press is answered, and does nothing
        assert press(cast, "participant", move, op=op, **fields).status_code == 200
    cast.old.refresh_from_db()
    assert cast.old.status == status
    found = sections.room_context(cast.event)
    assert (found["carried"], found["settled"]) == ([], settled)


def test_the_room_says_that_it_looked(cast):
    assert "The record says that you looked" in press(cast, "scribe", "keep").content.decode()
    assert looked(cast) == "Looked at, and it stays"
    cast.old.refresh_from_db()
    assert cast.old.version == 1
    assert press(cast, "guest", "keep").status_code == 403


@pytest.mark.parametrize("role", ["facilitator", "scribe", "guest"])
def test_nobody_else_moves_it(cast, role):
    answer = press(cast, role, "drop", reason="We do not need it")
    assert answer.status_code in {403, 404}  # a guest does not know of it
    cast.old.refresh_from_db()
    assert cast.old.status == "committed"


@pytest.mark.parametrize(("role", "hidden"), [("participant", 0), ("facilitator", 1)])
def test_only_its_owner_is_offered_to_decide(cast, role, hidden):
    client = Client()
    client.force_login(getattr(cast, role))
    page = client.get(f"/e/{cast.event.code}/actions/").content.decode()
    for words in (page, press(cast, "participant" if not hidden else role, "keep").content.decode()):
        assert words.count('data-may="owner"') == hidden
    assert page.count("It is yours: decide") == 1


def test_what_is_missing_is_said_and_nothing_is_done(cast):
    answer = press(cast, "participant", "redate", due_on="", reason="")
    assert answer.status_code == 422
    assert "Enter the new date" in answer.content.decode()
    assert press(cast, "participant", "drop", reason="", more={}).status_code == 409  # without script a page says it
    assert looked(cast) == ""


def test_only_what_comes_up_here_is_moved_here(cast):
    other = make_action(make_event("Elsewhere", state="published"), owner=cast.participant)
    assert press(cast, "participant", "drop", pk=other.pk, reason="x").status_code == 404
    assert press(cast, "participant", "hand-over", reason="x").status_code == 404
    assert services.looked_at(cast.event) == {}
