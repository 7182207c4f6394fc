"""One dispute from a phone to the room in real Chromium: remembered, seen by everybody at once, settled, and opened again."""

from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from retros.models import Dispute, TimelineEntry
from retros.services import disputes, meeting
from tests.browser.test_every_page import signed_in
from tests.factories import START, make_cast, make_entry

pytestmark = pytest.mark.browser
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def cast(live: str) -> SimpleNamespace:
    """The cast, and a moment that will be remembered differently."""
    cast = make_cast()
    cast.site = live
    cast.entry = make_entry(
        cast.event, "The topology is wrong", minutes=10, created_by=cast.scribe, landmark="detected"
    )
    make_entry(cast.event, "Deploys are locked", minutes=15, created_by=cast.scribe)
    return cast


def enter(browser: Browser, cast: SimpleNamespace, role: str, where: str, **options: object) -> Page:
    page = signed_in(browser, cast, role, **{"viewport": DESK, **options})
    cast.errors = getattr(cast, "errors", [])
    page.on("pageerror", lambda error: cast.errors.append(f"{role}: {error}"))
    page.on("console", lambda m: cast.errors.append(f"{role}: {m.text}") if m.type == "error" else None)
    page.goto(f"/e/{cast.event.code}/{where}")
    return page


def remember(page: Page, when: str, how: str) -> None:
    page.get_by_role("textbox", name="When it was").fill(when)
    page.get_by_role("textbox", name="How you know, or what you saw").fill(how)
    page.get_by_role("button", name="Put it beside the other view").click()


def wrong(page: Page) -> list[str]:
    """What axe finds, and whether the page scrolls sideways."""
    found = [f"axe: {one['id']}" for one in Axe().run(page).response["violations"]]
    return found + (["sideways"] if page.evaluate("document.documentElement.scrollWidth > innerWidth") else [])


def test_a_dispute_from_a_phone_to_the_room(cast, browser):
    guest = enter(browser, cast, "guest", "timeline/", viewport=PHONE)
    guest.get_by_role("link", name="I remember it differently: The topology is wrong").click()
    expect(guest.get_by_role("textbox", name="When it was")).to_be_visible()
    assert wrong(guest) == []
    remember(guest, "about 23:07", "I locked deploys at once.")
    expect(guest.get_by_text("When was this?")).to_be_visible()
    expect(guest.get_by_role("button", name="Keep both")).to_be_hidden()
    assert wrong(guest) == []

    meeting.start(cast.event, by=cast.facilitator)
    for step in range(2):
        meeting.go(cast.event, by=cast.facilitator, from_rank=step, to_rank=step + 1)
    meeting.set_cursor(cast.event, by=cast.facilitator, entry=cast.entry)
    lead, other = (
        enter(browser, cast, "facilitator", "room/"),
        enter(browser, cast, "participant", "room/", viewport=PHONE),
    )
    for page in (lead, other):
        expect(page.get_by_text("I locked deploys at once.")).to_be_visible()
    # A second view arrives while the facilitator writes why: the words stay, and the decision waits for a look at both.
    lead.get_by_role("radio").nth(1).check()
    lead.get_by_role("textbox", name="Why").fill("The log of")
    other.get_by_role("link", name="I remember it differently").click()
    remember(other, "23:04", "My first query.")
    expect(other.get_by_text("My first query.")).to_be_visible()  # back in the room
    expect(lead.locator("#part-walk .changed")).to_contain_text("changed this")
    lead.get_by_role("button", name="Settle on the chosen view").click()
    expect(lead.get_by_text("Look again, then decide.")).to_be_visible()
    expect(lead.get_by_role("button", name="Keep all three")).to_be_visible()
    expect(lead.get_by_role("textbox", name="Why")).to_have_value("The log of")

    lead.get_by_role("textbox", name="Why").fill("")
    lead.get_by_role("button", name="Settle on the chosen view").click()
    expect(lead.get_by_text("Say why.")).to_be_visible()
    expect(lead.get_by_role("radio").nth(1)).to_be_checked()
    lead.get_by_role("textbox", name="Why").fill("The deploy log has it.")
    lead.get_by_role("button", name="Settle on the chosen view").click()
    for page in (lead, other):
        expect(page.get_by_text("Settled on about 23:07")).to_be_visible()
    assert TimelineEntry.objects.get(pk=cast.entry.pk).at == START.replace(hour=23, minute=7)
    expect(other.get_by_text("As the timeline said")).to_be_visible()  # the old view stays readable
    assert wrong(other) == []
    # Somebody else decides while the facilitator writes why: it is said, and those words stay until the room goes on.
    lead.get_by_role("button", name="Open it again").click()
    lead.get_by_role("radio").nth(1).check()
    lead.get_by_role("textbox", name="Why").fill("The log of deploys")
    dispute = Dispute.objects.get()
    disputes.keep(dispute, reason="Both were said", version=dispute.version, by=cast.scribe)
    expect(lead.locator("#part-walk .changed")).to_contain_text("Scribe changed this")
    lead.get_by_role("button", name="Settle on the chosen view").click()
    expect(lead.get_by_text("Both were said")).to_be_visible()
    expect(lead.locator(f"#refused-{dispute.pk}")).to_be_focused()
    lead.wait_for_timeout(500)  # what waited is shown by now
    expect(lead.locator(f"#refused-{dispute.pk}")).to_contain_text("Your words are not kept: “The log of deploys”")
    meeting.set_cursor(cast.event, by=cast.facilitator, entry=TimelineEntry.objects.exclude(pk=cast.entry.pk).get())
    expect(lead.locator(f"#refused-{dispute.pk}")).to_have_count(0)
    for page in (guest, lead, other):
        page.context.close()
    # The refusals that were asked for are the browser's own lines about their status.
    assert [error for error in cast.errors if "422" not in error and "409" not in error] == []


@pytest.mark.looks
def test_what_is_pointed_out_is_mended_and_undone_on_both_screens(cast, browser):
    make_entry(cast.event, "All is well", minutes=5, created_by=cast.scribe, landmark="resolved")
    for size, scheme in ((DESK, "light"), (PHONE, "dark")):
        page = enter(browser, cast, "facilitator", "timeline/", viewport=size, color_scheme=scheme)
        assert wrong(page) == []
        page.get_by_role("button", name="Exchange the two marks").first.click()
        expect(page.get_by_text("“Exchange the two marks” is done.")).to_be_visible()
        assert wrong(page) == []
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("button", name="Exchange the two marks").first).to_be_visible()
        page.context.close()
    assert cast.errors == []
    assert not Dispute.objects.exists()
