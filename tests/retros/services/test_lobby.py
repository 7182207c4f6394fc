"""What the closed room says: what is missing before it opens, how it went and what comes afterwards."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from aar_site import clock
from retros.models import Event, State
from retros.services import leading, lobby, meeting
from tests.factories import START, make_cast, make_event


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    found = make_cast()
    found.now = START + timedelta(days=5)
    monkeypatch.setattr(clock, "now", lambda: found.now)
    return found


def test_before_it_opens_it_names_what_is_missing_and_what_opening_does(cast):
    found = lobby.before(cast.event)
    assert (found.first_step, found.first_minutes) == ("Open", 3)
    assert "Written accounts" in [check.title for check in found.missing]
    assert len(found.missing) == lobby.SHOWN
    assert found.ready + len(found.missing) + found.more == found.total
    assert all(check.state != "ok" for check in found.missing)


def test_afterwards_it_says_how_long_it_took_what_was_skipped_and_who_led(cast):
    meeting.start(cast.event, by=cast.facilitator)
    cast.now += timedelta(minutes=4)
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=6)
    cast.now += timedelta(minutes=30)
    leading.hand_over(cast.event, by=cast.facilitator, to=cast.participant.pk)
    cast.now += timedelta(minutes=6)
    meeting.end(cast.event, by=cast.participant)
    event = Event.objects.get(pk=cast.event.pk)
    found = lobby.after(event, is_writer=True)
    assert (found.minutes, found.planned) == (40, 75)
    assert found.skipped[:2] == ["Read the summary", "Walk the timeline"]
    assert "Action items" not in found.skipped
    assert [name for name, _ in found.leads] == ["Facilitator", "Participant"]
    assert found.draft_by == cast.now + timedelta(hours=48)
    assert not found.is_late
    assert found.findings[0].blocks
    assert lobby.after(event, is_writer=False).findings == []
    cast.now += timedelta(days=30)
    assert lobby.after(event, is_writer=True).is_late
    Event.objects.filter(pk=event.pk).update(state=State.PUBLISHED, published_at=cast.now)
    event.refresh_from_db()
    shown = lobby.after(event, is_writer=True)
    assert (shown.draft_by, shown.publish_by, shown.findings) == (None, None, [])


def test_a_review_that_had_no_meeting_says_nothing_of_one(db):
    assert lobby.after(make_event(state=State.DRAFT), is_writer=True) is None
