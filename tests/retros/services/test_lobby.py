"""What the closed room says: what is missing before it opens, how it went and what comes afterwards."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from aar_site import clock
from retros.models import AccountState, Event, ParticipantAccount, State
from retros.services import leading, lobby, meeting
from tests.factories import START, make_account, make_cast, make_event


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    found = make_cast(created_at=START)
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


def test_accounts_are_opened_first_only_where_some_are_in_and_still_sealed(cast):
    def offers() -> bool:
        client = Client()
        client.force_login(cast.facilitator)
        page = client.get(reverse("room_detail", args=[cast.event.code])).content.decode()
        assert "Open the room" in page
        return reverse("account_reveal", args=[cast.event.code]) + '">Open the accounts first' in page

    assert not offers()
    account = make_account(cast.event, cast.participant, state=AccountState.DRAFT)
    assert not offers()
    ParticipantAccount.objects.filter(pk=account.pk).update(state=AccountState.SUBMITTED, submitted_at=cast.now)
    assert offers()
    Event.objects.filter(pk=cast.event.pk).update(revealed_at=cast.now)
    assert not offers()


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
