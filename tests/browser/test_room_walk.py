"""The walk through the timeline with several people at once: one moment for all, a look around for each, words that stay."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from retros.models import Dispute, Event, TimelineEntry
from retros.services import accounts, meeting
from tests.browser.test_every_page import signed_in
from tests.factories import make_account, make_cast, make_entry

pytestmark = pytest.mark.browser
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
ABOVE_FOOT = (
    '(box) => box.getBoundingClientRect().bottom <= document.querySelector(".foot").getBoundingClientRect().top'
)


@pytest.fixture
def room(live: str, browser: Browser) -> Iterator[SimpleNamespace]:
    """The cast at the walk, with five moments and an open account; .enter(role) opens the room in a browser of this person."""
    cast = make_cast()
    cast.site, cast.errors, pages = live, [], []
    for minutes, text in (
        (2, "Alerts ring"),
        (10, "The map shows one coast"),
        (15, "Deploys are locked"),
        (17, "Yellow"),
        (30, "Red"),
    ):
        make_entry(cast.event, text, minutes=minutes, landmark="detected" if minutes == 2 else "")
    make_account(cast.event, cast.guest, "At 23:02 I took the map for a broken page.")
    meeting.start(cast.event, by=cast.facilitator)
    meeting.go(Event.objects.get(pk=cast.event.pk), by=cast.facilitator, from_rank=0, to_rank=2)

    def enter(role: str, **options) -> Page:
        options.setdefault("viewport", PHONE if role == "participant" else DESK)
        page = signed_in(browser, cast, role, **options)
        page.on("pageerror", lambda error: cast.errors.append(f"{role}: {error}"))
        page.goto(f"/e/{cast.event.code}/room/")
        pages.append(page)
        return page

    cast.enter = enter
    yield cast
    for page in pages:
        page.context.close()


def here(page: Page, text: str) -> None:
    """The moment that the room stands at, as this person sees it."""
    expect(page.locator("#part-walk > .walk .say")).to_have_text(text)


def test_a_moment_is_added_and_one_is_settled_while_the_room_walks(room):
    lead, guest = room.enter("facilitator"), room.enter("participant")
    here(guest, "Alerts ring")

    # Somebody writes a missing moment; the room walks on beside the words, and takes none of them.
    guest.get_by_role("link", name="Add a missing moment").click()
    field = guest.get_by_label("What happened")
    expect(field).to_be_focused()
    expect(guest.get_by_label("When")).to_have_value("22:54")
    guest.keyboard.type("Support calls the thi")
    lead.locator("body").press("j")
    here(lead, "The map shows one coast")
    here(guest, "The map shows one coast")
    guest.keyboard.type("rd customer")
    expect(field).to_have_value("Support calls the third customer")
    guest.get_by_label("When").fill("23:04")
    guest.get_by_role("button", name="Add the moment").click()
    expect(guest.locator("#toast")).to_contain_text("on the timeline")
    expect(guest.locator("#add-moment")).to_be_focused()
    expect(lead.locator("#part-next")).to_contain_text("Support calls the third customer")
    expect(lead.get_by_role("link", name="2 of 6")).to_be_visible()
    assert TimelineEntry.objects.get(text="Support calls the third customer").created_by == room.participant

    # Nobody reads an account before the reveal; then its sentence stands at its moment, for all.
    assert "broken page" not in lead.content() + guest.content()
    accounts.reveal(Event.objects.get(pk=room.event.pk), by=room.facilitator)
    for page in (lead, guest):
        expect(page.locator(".said-of")).to_contain_text("At 23:02 I took the map for a broken page.")

    # Somebody remembers it differently, in place; the facilitator settles it, and both see so.
    guest.get_by_role("link", name="I remember it differently").click()
    guest.get_by_label("How you know, or what you saw").fill("The screenshot says 23:06")
    guest.get_by_label("When it was").fill("23:06")
    guest.get_by_role("button", name="Put it beside the other view").click()
    for page in (lead, guest):
        expect(page.locator(".note.plum")).to_contain_text("The screenshot says 23:06")
    expect(guest.get_by_role("link", name="I remember it differently")).to_be_focused()
    expect(guest.get_by_role("button", name="Settle on the chosen view")).to_be_hidden()
    expect(lead.get_by_role("button", name="Leave for the room")).to_have_count(0)  # it is there
    lead.get_by_role("button", name="Settle on the chosen view").click()
    expect(lead.locator("#part-walk .err")).to_contain_text("Choose the view to settle on.")
    expect(lead.locator("#part-walk .two input").first).to_be_focused()
    lead.get_by_label("23:06").check()
    lead.get_by_label("Why", exact=True).fill("A screenshot has no opinion")
    lead.get_by_role("button", name="Settle on the chosen view").click()
    for page in (lead, guest):
        expect(page.locator("#part-walk .big-now")).to_contain_text("Settled on 23:06")
        for words in ("A screenshot has no opinion", "23:02"):  # why, and the time that was not taken
            expect(page.locator("#part-walk .note.plum").get_by_text(words).first).to_be_visible()
    assert Dispute.objects.get().state == "settled"

    # Whoever comes late with another view keeps it all the same, and goes on where the room is.
    guest.get_by_role("link", name="I remember it differently").click()
    guest.get_by_label("When it was").fill("23:09")
    lead.locator("body").press("j")
    here(guest, "Deploys are locked")
    guest.get_by_role("button", name="Put it beside the other view").click()
    expect(guest.locator("#toast")).to_contain_text("side by side")
    expect(guest.locator("#part-walk h2")).to_be_focused()
    # Where the room has gone on to another step, that is in sight while one writes.
    guest.get_by_role("link", name="I remember it differently").click()
    guest.locator("#form-moment summary").click()
    guest.get_by_label("When it was").fill("23:10")
    guest.evaluate("scrollBy(0, -200)")

    # On a phone the page scrolls, and another step is seen from its beginning.
    assert guest.evaluate("scrollY") > 100
    lead.get_by_role("button", name="Next: Root cause").click()
    expect(guest.locator(".changed")).to_contain_text("The room has gone on.")
    expect(guest.locator(".changed button")).to_be_in_viewport(ratio=1)
    assert guest.locator(".changed").evaluate(ABOVE_FOOT)
    guest.locator(".changed button").click()
    expect(guest.locator("#stage")).to_have_attribute("data-step", "root-cause")
    expect(guest.locator("#stage h2").first).to_be_in_viewport()
    assert guest.evaluate("scrollY") == 0
    assert room.errors == []


def test_everybody_may_look_around_alone_and_follow_again(room):
    lead, listener = room.enter("facilitator"), room.enter("observer")
    look = listener.locator("#look")
    listener.locator("body").press("j")
    expect(look.locator(".say")).to_have_text("The map shows one coast")
    listener.locator("body").press("j")
    expect(look.locator(".say")).to_have_text("Deploys are locked")
    expect(listener.get_by_text("You look around on your own")).to_be_visible()
    expect(lead.locator("#part-walk > .walk .say")).to_have_text("Alerts ring")

    # The room walks on meanwhile: the look stays, and says where the others are.
    lead.locator("body").press("j")
    expect(listener.locator(".others")).to_contain_text("2 of 5")
    expect(look.locator(".say")).to_have_text("Deploys are locked")
    assert Axe().run(listener).response["violations"] == []
    look.get_by_role("link", name="Follow again").click()
    here(listener, "The map shows one coast")
    expect(listener.get_by_text("You look around on your own")).to_be_hidden()

    # From the list the facilitator takes everybody along.
    lead.locator("#walk-choose").click()
    lead.locator("#look").get_by_role("button", name="Take everybody to T+00:28: Red").click()
    here(lead, "Red")
    here(listener, "Red")
    assert room.errors == []
