"""The time of the meeting in a real browser: lengths bring their agenda, the agenda counts itself, a late date is said at once."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from aar_site import clock
from retros.models import Event
from retros.when import words
from tests.browser.test_every_page import LONG, signed_in, wrong_pages
from tests.factories import make_event, make_user

pytestmark = pytest.mark.browser


def test_a_time_is_set_with_the_agenda_that_was_edited(live, browser):
    ines = make_user("Ines")
    ended = clock.now() - timedelta(days=1)
    event = make_event(
        LONG, facilitator=ines, started_at=ended, ended_at=ended, severity="sev1", time_zone="Europe/Berlin"
    )
    page = signed_in(browser, SimpleNamespace(site=live, facilitator=ines), "facilitator")
    page.goto(f"/e/{event.code}/schedule/")
    steps, total = page.locator("#agenda input[type=number]"), page.locator("#agenda-sum")
    expect(steps).to_have_count(8)
    page.get_by_label("Length").select_option("15")
    expect(steps).to_have_count(5)
    expect(total).to_have_text("15 minutes")
    page.get_by_label("Length").select_option("60")
    expect(steps).to_have_count(8)
    page.get_by_label("Walk the timeline").fill("15")
    page.get_by_label("Root cause").focus()
    expect(total).to_have_text("50 of 60 minutes, 10 to spare")
    expect(page.get_by_label("Root cause")).to_be_focused()
    late = (clock.now() + timedelta(days=12)).astimezone(event.zone)
    page.get_by_label("Meeting", exact=False).first.fill(words(late, "exact"))
    page.get_by_label("Root cause").focus()
    expect(page.locator("#window")).to_contain_text("That is 13 days after the end.")
    page.get_by_label("Root cause").fill("20")
    page.get_by_role("button", name="Keep the time").click()
    page.wait_for_url(f"**/e/{event.code}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(LONG)
    fresh = Event.objects.get(pk=event.pk)
    assert (fresh.meeting_minutes, fresh.agenda_minutes["timeline"], fresh.agenda_minutes["root-cause"]) == (60, 15, 20)
    pages = {"schedule": f"/e/{event.code}/schedule/", "event": f"/e/{event.code}/", "list": "/events/"}
    assert wrong_pages(page, pages) == {}
