"""The record in real Chromium: what was found is told at a desk as a picture, and on a phone as a list that stands open."""

import pytest
from playwright.sync_api import Browser, expect

from aar_site import clock
from retros.models import Factor
from retros.services import analysis, causes, meeting
from tests.browser.test_every_page import signed_in
from tests.factories import make_action, make_cast, make_user

pytestmark = pytest.mark.looks


def test_causes_that_meet_are_drawn_together_and_a_phone_reads_them(live: str, browser: Browser) -> None:
    cast = make_cast()
    cast.site, event, lead = live, cast.event, cast.facilitator
    effect = causes.add(event, by=lead, text="Service was degraded for a day")
    for text in ("Any region may elect", "Nobody rehearsed it"):
        last = causes.add(event, by=lead, parent=effect, text=text)
    causes.add(event, by=lead, parent=last, text="No month had a day for it")
    make_action(event, "Page the on-call", owner=make_user("N" * 80, email="n@example.org"), due_on=clock.today())
    meeting.start(event, by=lead)
    meeting.end(event, by=lead)
    desk = signed_in(browser, cast, "participant", viewport={"width": 1440, "height": 900})
    phone = signed_in(browser, cast, "participant", viewport={"width": 390, "height": 844})
    for page in (desk, phone):
        page.goto(f"/e/{event.code}/review/")
    joined = """() => [...document.querySelectorAll(".chain ul")].map((list) => getComputedStyle(list, "::before").content)"""
    assert desk.evaluate(joined) == ['"and"', "none"]
    expect(desk.locator(".outline")).to_be_hidden()
    expect(phone.locator(".chain")).to_be_hidden()
    expect(phone.locator(".outline")).to_contain_text("No month had a day for it")
    expect(phone.locator(".outline")).to_be_visible()
    expect(phone.get_by_text("The same as questions and answers")).to_be_hidden()
    # A phone folds a row of the actions, so that its words have more than half of the width.
    assert phone.locator(".prose td").first.evaluate("(cell) => cell.clientWidth") > 195
    # A name without an end breaks in its column, so that none is out of sight.
    for page in (desk, phone):
        assert page.locator(".prose .scroll").last.evaluate("(box) => box.scrollWidth - box.clientWidth") == 0
        page.context.close()


def test_a_form_that_is_opened_as_a_page_of_its_own_is_kept(live: str, browser: Browser) -> None:
    """Its answer is meant for the list, which is not on that page."""
    cast = make_cast()
    cast.site = live
    factor = analysis.add(cast.event, Factor, by=cast.facilitator, category="change", text="A condition")
    page = signed_in(browser, cast, "facilitator")
    page.goto(f"/e/{cast.event.code}/analysis/factors/{factor.pk}/edit/")
    page.get_by_label("Condition", exact=True).fill("A condition of the set-up")
    page.get_by_role("button", name="Keep the change").click()
    expect(page.locator("#part-factors")).to_contain_text("A condition of the set-up")
    page.context.close()
