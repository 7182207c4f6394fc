"""The page of the meeting's time over HTTP: one press takes the proposal, lengths bring their agenda, refusals keep what was typed."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from aar_site import clock
from retros.models import Event, State
from tests.factories import INCIDENT_STEPS as STEPS
from tests.factories import make_cast

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    ended = NOW - timedelta(days=1)
    return make_cast(started_at=ended - timedelta(hours=2), ended_at=ended, time_zone="Europe/Berlin", severity="sev2")


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(cast: Any, name: str = "event_schedule") -> str:
    return reverse(name, args=[cast.event.code])


def fresh(cast: Any) -> Event:
    return Event.objects.get(pk=cast.event.pk)


def sent(**more: Any) -> dict[str, str]:
    """What the page sends as it opened, with other values."""
    steps = {f"step_{slug}": str(minutes) for slug, minutes in STEPS.items()}
    return {"meeting": "27 Nov 2026, 14:00", "minutes": "75", "accounts_due": "", "shown": "75", **steps, **more}


def minutes_of(page: str, slug: str) -> str:
    """What the field of a step holds."""
    tag = next(tag for tag in re.findall(r"<input[^>]*>", page) if f'name="step_{slug}"' in tag)
    return re.findall(r'value="([^"]*)"', tag)[0]


def test_one_press_on_the_events_page_takes_the_proposal(cast):
    client = client_of(cast.facilitator)
    page = client.get(url(cast, "event_detail")).content.decode()
    assert "Proposed: Fri 27 Nov, 14:00 CET, 75 minutes. Accounts close Thu 26 Nov, 14:00 CET." in page
    form = page.split(f'action="{url(cast)}"')[1].split("</form>")[0]
    fields = {name: form.split(f'name="{name}" value="')[1].split('"')[0] for name in ("op", "meeting", "minutes")}
    assert client.post(url(cast), fields).status_code == 303
    assert client.post(url(cast), fields).status_code == 303
    event = fresh(cast)
    assert (event.meeting_at, event.accounts_due_at) == (
        datetime(2026, 11, 27, 13, tzinfo=UTC), datetime(2026, 11, 26, 13, tzinfo=UTC),
    )  # fmt: skip
    page = client.get(url(cast, "event_detail")).content.decode()
    assert "Take this time" not in page
    assert "Add it to your calendar" in page


def test_only_who_may_set_a_time_is_asked_to(cast):
    page = client_of(cast.participant).get(url(cast, "event_detail")).content.decode()
    assert "Take this time" not in page
    assert "Set time, length and agenda" not in page


def test_the_page_opens_with_the_proposal_its_agenda_and_the_window(cast):
    page = client_of(cast.facilitator).get(url(cast)).content.decode()
    assert 'value="27 Nov 2026, 14:00"' in page
    assert minutes_of(page, "timeline") == "20"
    assert "75 minutes</span>" in page
    assert "<dt>Meeting by</dt><dd>Sun 29 Nov</dd>" in page
    assert "The window closes" not in page


def test_the_page_says_why_no_day_follows_from_the_end(cast):
    for ended_at, words in (
        (None, "The event has no end yet"),
        (NOW - timedelta(days=3579), "The event is long ago, so no day"),
    ):
        Event.objects.filter(pk=cast.event.pk).update(started_at=NOW - timedelta(days=3580), ended_at=ended_at)
        page = client_of(cast.facilitator).get(url(cast)).content.decode()
        said = page.split("<h2>Fourteen days</h2>")[1].split("</section>")[0]
        assert (words in said, said.count("<p")) == (True, 1)


def test_another_length_shows_its_agenda_and_keeps_what_was_typed(cast):
    client = client_of(cast.facilitator)
    response = client.post(url(cast), sent(show="1", minutes="15", meeting="1 Dec 2026, 20:00"))
    page = response.content.decode()
    assert response.status_code == 200
    assert [part.split('"')[0] for part in page.split('name="step_')[1:]] == [
        "opening", "timeline", "root-cause", "went-well", "actions",
    ]  # fmt: skip
    assert 'value="1 Dec 2026, 20:00"' in page
    assert "That is seven days after the end. The meeting belongs by Sun 29 Nov" in page
    assert "20:00 lies outside of working hours" in page
    assert fresh(cast).meeting_at is None


def test_a_date_outside_of_the_window_is_kept_and_said(cast):
    client = client_of(cast.facilitator)
    page = client.post(url(cast), sent(meeting="2 Dec 2026, 14:00"), follow=True).content.decode()
    assert "Everybody in the review gets it as an invitation" in page
    assert page.count("That is eight days after the end.") == 2  # the message, and beside the meeting from then on
    assert fresh(cast).meeting_at == datetime(2026, 12, 2, 13, tzinfo=UTC)
    assert "That is eight days" not in client_of(cast.participant).get(url(cast, "event_detail")).content.decode()


@pytest.mark.parametrize(("typed", "words"), [
    ({"meeting": "24 Nov 2026, 14:00"}, "This lies in the past."),
    ({"meeting": "27.11. um zwei"}, "Write a time such as"),
    ({"step_timeline": "40"}, "The steps take 95 minutes and the meeting has 75."),
    ({"step_timeline": "soon"}, "Enter a whole number."),
    ({"minutes": "7000"}, "Select a valid choice."),
    ({"accounts_due": "28 Nov 2026, 14:00"}, "Accounts close before the meeting begins"),
])  # fmt: skip
def test_what_cannot_be_kept_is_said_and_stays_as_typed(cast, typed, words):
    response = client_of(cast.facilitator).post(url(cast), sent(**typed))
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    [(name, value)] = typed.items()
    assert name == "minutes" or f'value="{value}"' in page
    assert fresh(cast).meeting_at is None


def test_an_edited_agenda_comes_back_and_is_what_the_room_shows(cast):
    client = client_of(cast.facilitator)
    client.post(url(cast), sent(step_timeline="10", step_factors="15"))
    page = client.get(url(cast)).content.decode()
    assert minutes_of(page, "timeline") == "10"
    assert "70 of 75 minutes, 5 to spare" in page
    room = client.get(url(cast, "room_detail")).content.decode()
    assert '<span>Walk the timeline</span><span class="t">10 min</span>' in room


def test_without_script_a_length_alone_is_enough(cast):
    client_of(cast.facilitator).post(url(cast), sent(minutes="15"))
    event = fresh(cast)
    assert (event.meeting_minutes, event.agenda_minutes) == (15, {})


def test_a_time_that_is_taken_back_is_said(cast):
    client = client_of(cast.facilitator)
    client.post(url(cast), sent())
    page = client.post(url(cast), sent(meeting=""), follow=True).content.decode()
    assert "Whoever was invited is told that the meeting does not take place." in page
    assert fresh(cast).meeting_at is None


def test_the_room_that_opened_refuses_another_time(cast):
    Event.objects.filter(pk=cast.event.pk).update(state=State.MEETING)
    response = client_of(cast.facilitator).post(url(cast), sent())
    assert response.status_code == 409
    assert "The meeting has begun" in response.content.decode()


# --- The file ---------------------------------------------------------------------------------------------------------
def test_its_people_take_the_meeting_along_as_a_file(cast):
    client_of(cast.facilitator).post(url(cast), sent())
    for who in (cast.guest, cast.observer):
        response = client_of(who).get(url(cast, "event_calendar"))
        [event] = Calendar.from_ical(response.content).walk("VEVENT")
        assert event["DTSTART"].dt == datetime(2026, 11, 27, 13, tzinfo=UTC)
        assert response["Content-Type"].startswith("text/calendar")
        assert f"review-{cast.event.code}.ics" in response["Content-Disposition"]
    assert client_of(cast.outsider).get(url(cast, "event_calendar")).status_code == 404


def test_there_is_no_file_without_a_time_and_for_no_review(cast):
    client = client_of(cast.facilitator)
    response = client.get(url(cast, "event_calendar"))
    assert response.status_code == 409
    assert "No time is set for this meeting yet." in response.content.decode()
    client.post(url(cast), sent())
    client.post(url(cast, "event_decline"), {"reason": "Fixed the same day."})
    assert client.get(url(cast, "event_calendar")).status_code == 409
    page = client.get(url(cast, "event_detail")).content.decode()
    assert "Add it to your calendar" not in page
    assert "27 Nov" not in page


# --- Lists ------------------------------------------------------------------------------------------------------------
def test_no_review_stands_in_the_list_and_can_be_taken_up_with_its_time(cast):
    client = client_of(cast.facilitator)
    client.post(url(cast), sent())
    client.post(url(cast, "event_decline"), {"reason": "Fixed the same day."})
    assert "Fixed the same day." in client.get("/events/").content.decode()
    client.post(url(cast, "event_take_up"))
    assert "meets Fri 27 Nov, 14:00 CET" in client.get("/events/").content.decode()


def test_late_reviews_are_one_press_away(cast):
    Event.objects.filter(pk=cast.event.pk).update(
        started_at=NOW - timedelta(days=21), ended_at=NOW - timedelta(days=20), state=State.DRAFT, held_at=NOW
    )
    client = client_of(cast.manager)
    page = client.get("/events/").content.decode()
    assert "One review in motion, one late" in page
    assert '<a href="?late=1">Late 1</a>' in page
    assert "meeting held 20 days after, Wed 25 Nov" in page
    assert "Review due 6 days ago" in client.get("/events/?late=1").content.decode()
    assert "Nothing is late" in client_of(cast.outsider).get("/events/?late=1").content.decode()
    home = client.get("/").content.decode()
    assert "The review of “Forty-three seconds” is late" in home
    assert f"/events/?late=1&amp;team={cast.team.pk}" in home
