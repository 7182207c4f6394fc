"""Checks are computed, and tell nobody but the facilitator about accounts; the one next step follows from them."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from aar_site import clock
from retros import access
from retros.models import Event, State
from retros.services import accounts, meeting, people, readiness
from tests.factories import make_account, make_cast, make_entry, make_event, make_member, make_user


def found(cast: SimpleNamespace, *, lead: bool = True) -> dict[str, tuple[str, str]]:
    event = Event.objects.get(pk=cast.event.pk)
    standings = accounts.standings(event) if lead else None
    return {
        c.title.split(":")[0]: (c.state, c.label) for c in readiness.checks(event, people.people_of(event), standings)
    }


def test_the_checks_of_an_incident(cast):
    assert len(found(cast)) == 9
    assert found(cast)["Facilitator"] == ("ok", "Done")
    assert found(cast)["Written accounts"] == ("off", "0 of 2 in")
    make_account(cast.event, cast.participant)
    assert found(cast)["Written accounts"] == ("part", "1 of 2 in")
    make_account(cast.event, cast.guest, state="declined")
    assert found(cast)["Written accounts"] == ("ok", "1 of 2 in")


def test_everybody_else_sees_no_account(cast):
    make_account(cast.event, cast.participant)
    assert "Written accounts" not in found(cast, lead=False)
    assert len(found(cast, lead=False)) == 8


def test_nobody_yet(db):
    event = make_event()
    states = found(SimpleNamespace(event=event))
    assert states["A facilitator"] == states["Scribe who is not the facilitator"] == ("off", "Nobody yet")
    assert states["Everyone who touched it is invited"] == ("off", "Nobody marked")


def step_for(cast: SimpleNamespace, who: str) -> str:
    event = Event.objects.get(pk=cast.event.pk)
    verbs = access.VERBS[who]
    standings = accounts.standings(event) if "see account states" in verbs else None
    step = readiness.next_step(event, verbs, people.people_of(event), standings, event.entries.count())
    return step.url.removeprefix(f"/e/{event.code}/") if step else ""


def test_the_next_step_of_the_facilitator_from_first_to_last(db):
    lead = make_user()
    event = make_event(facilitator=lead, ended_at=None)
    cast = SimpleNamespace(event=event)

    def kept(**values: object) -> str:
        Event.objects.filter(pk=event.pk).update(**values)
        return step_for(cast, "facilitator")

    assert step_for(cast, "facilitator") == "edit/"
    assert kept(ended_at=datetime(2018, 10, 22, tzinfo=UTC)) == "people/"
    author = make_user()
    make_member(event, author, was_involved=True)
    make_member(event, role="scribe")
    assert step_for(cast, "facilitator") == "schedule/"
    assert kept(meeting_at=clock.now() - timedelta(hours=2)) == "schedule/"
    assert kept(meeting_at=clock.now() + timedelta(days=2)) == "timeline/"
    make_entry(event)
    assert step_for(cast, "facilitator") == "#accounts"
    make_account(event, author)
    assert step_for(cast, "facilitator") == "reveal/"
    assert kept(revealed_at=datetime(2018, 10, 24, tzinfo=UTC)) == "room/"
    assert kept(state=State.MEETING) == "room/"
    assert kept(state=State.DRAFT) == "review/"


@pytest.mark.parametrize(
    ("state", "who", "url"),
    [("preparing", "participant", ""), ("meeting", "participant", "room/"), ("draft", "participant", "room/close/"),
     ("draft", "scribe", "review/"), ("published", "facilitator", ""), ("not_reviewed", "facilitator", "")],
)  # fmt: skip
def test_the_next_step_of_others(db, state, who, url):
    cast = make_cast(state=state, not_reviewed_reason="small")
    assert step_for(cast, who) == url


def test_a_meeting_that_rests_says_until_when(cast):
    meeting.start(cast.event, by=cast.facilitator)
    event, verbs = Event.objects.get(pk=cast.event.pk), access.VERBS["participant"]
    for until, title in (
        (None, "The meeting rests"),
        (datetime(2099, 1, 2, 10, tzinfo=UTC), "The meeting rests until Fri 2 Jan 2099, 10:00 UTC"),
    ):
        meeting.rest(event, by=cast.facilitator, until=until)
        step = readiness.next_step(event, verbs, [], None, 0)
        assert (step.title, step.url) == (title, f"/e/{event.code}/room/")
    meeting.resume(event, by=cast.facilitator)
    assert readiness.next_step(event, verbs, [], None, 0).title == "The meeting is under way"


def test_readers_are_sent_to_the_accounts_once_they_are_open(db):
    cast = make_cast(revealed_at=datetime(2018, 10, 24, tzinfo=UTC))
    assert step_for(cast, "participant") == "read/"


@pytest.mark.parametrize(
    ("who", "state"), [("participant", "asked"), ("observer", ""), ("scribe", ""), ("facilitator", "")]
)
def test_who_is_asked_for_an_account(cast, who, state):
    own = readiness.own_account(cast.event, getattr(cast, who), people.people_of(cast.event, getattr(cast, who)))
    assert own == state


@pytest.mark.parametrize("state", ["draft", "submitted", "declined"])
def test_the_author_sees_how_the_own_account_stands(cast, state):
    make_account(cast.event, cast.scribe, state=state)
    own = readiness.own_account(cast.event, cast.scribe, people.people_of(cast.event, cast.scribe))
    assert own == state
