"""One author on a phone: nothing typed is lost when the session ends; Enter hands nothing in; a moment is shared and taken back."""

import pytest
from playwright.sync_api import Browser, expect

from retros.models import ParticipantAccount, TimelineEntry
from tests.browser.test_every_page import signed_in
from tests.factories import make_cast

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


def test_what_was_typed_outlives_session_connection_and_page(live: str, browser: Browser) -> None:
    cast = make_cast()
    cast.site = live
    page = signed_in(browser, cast, "participant")
    page.set_viewport_size(PHONE)
    here, state = f"/e/{cast.event.code}/account/", page.locator("form [data-saved]")
    page.goto(here)

    # Enter in the clock goes on to the next question, and hands nothing in.
    page.locator("[name=noticed_at]").fill("23:07")
    page.keyboard.press("Enter")
    expect(page.locator("[name=saw]")).to_be_focused()
    page.keyboard.type("Flat lines.")
    expect(state).to_contain_text("saved at")
    assert ParticipantAccount.objects.get().state == "draft"

    # Without a connection it waits, and follows by itself.
    page.context.set_offline(True)
    page.locator("[name=saw]").fill("Flat lines, and no alarm.")
    expect(state).to_contain_text("Not saved yet")
    page.context.set_offline(False)
    expect(state).to_contain_text("saved at", timeout=12000)
    assert ParticipantAccount.objects.get().answers["saw"] == "Flat lines, and no alarm."

    # The session ends while somebody types, and they press the button all the same.
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.get_by_text("More questions").click()
    page.get_by_text("What made it hard").click()
    page.locator("[name=hard]").fill("Thirty-one alarms at once.")
    expect(page.locator("#toast")).to_contain_text("Sign in")
    page.get_by_role("button", name="Submit account").click()
    expect(page.get_by_text("Nothing was changed")).to_be_visible()
    page.context.add_cookies(cookies)
    page.goto(here)
    expect(page.locator("[name=hard]")).to_have_value("Thirty-one alarms at once.")
    expect(page.locator("[name=hard]")).to_be_visible()
    expect(state).to_contain_text("saved at")
    assert ParticipantAccount.objects.get().answers["hard"] == "Thirty-one alarms at once."

    # Another person in the same tab meets none of it.
    page.locator("[name=ask]").fill("Why did nothing alarm?")
    kept = page.evaluate("Object.keys(sessionStorage).filter(name => name.startsWith('account:')).length")
    assert kept == 1
    other = signed_in(browser, cast, "guest")
    page.context.clear_cookies()
    page.context.add_cookies(other.context.cookies())
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(here)
    expect(page.locator("[name=ask]")).to_have_value("")
    assert page.evaluate("Object.keys(sessionStorage).filter(name => name.startsWith('account:')).length") == 0
    for one in (page, other):
        one.context.close()


def test_a_moment_is_shared_early_on_a_phone_and_taken_back(live: str, browser: Browser) -> None:
    cast = make_cast()
    cast.site = live
    page, lead = signed_in(browser, cast, "participant"), signed_in(browser, cast, "facilitator")
    page.set_viewport_size(PHONE)
    page.goto(f"/e/{cast.event.code}/account/")
    page.locator("[name=did]").fill("I muted the pager. I locked deploys at about 23:12.")
    page.get_by_role("button", name="Submit account").click()
    page.get_by_role("link", name="Share a moment").click()
    page.get_by_role("link", name="Share: I locked deploys").click()
    page.locator("[name=text]").fill("Deploys are locked by hand")
    page.get_by_role("button", name="Share with the review").click()
    expect(page.get_by_text("You can take it back until")).to_be_visible()
    lead.goto(f"/e/{cast.event.code}/timeline/")
    expect(lead.get_by_text("Deploys are locked by hand").first).to_be_visible()
    expect(lead.locator("main")).not_to_contain_text("Participant")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("It is gone from the timeline")).to_be_visible()
    assert not TimelineEntry.objects.exists()
    for one in (page, lead):
        one.context.close()
