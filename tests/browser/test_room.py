"""The room with several people at once in real Chromium: what one keeps, all see; what one writes, nobody takes away."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from retros.models import ClosingAnswer, Event, Factor, RoomNote, SectionText, WhyNode
from retros.services import analysis, causes, document, meeting, notes, people
from tests.browser.test_every_page import signed_in
from tests.factories import make_cast, make_entry

pytestmark = pytest.mark.browser
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# What is said to a screen reader is overwritten by what is said next.
REMEMBER = "window.said = []; document.addEventListener('say', (e) => said.push(e.detail.text ?? ''))"


@pytest.fixture
def room(live: str, browser: Browser) -> Iterator[SimpleNamespace]:
    """The cast before the meeting, with .enter(role) that opens the room in a browser of this person."""
    cast = make_cast()
    cast.site, cast.errors, pages = live, [], []
    make_entry(cast.event, "Alerts reach the on-call engineers.", minutes=2, landmark="detected")
    make_entry(cast.event, "The topology page holds servers of one coast only.", minutes=10)

    def enter(role: str, **options) -> Page:
        options.setdefault("viewport", PHONE if role == "participant" else DESK)
        page = signed_in(browser, cast, role, **options)
        page.add_init_script(REMEMBER)
        page.on("pageerror", lambda error: cast.errors.append(f"{role}: {error}"))
        page.on("console", lambda m: cast.errors.append(f"{role}: {m.text}") if m.type == "error" else None)
        page.goto(f"/e/{cast.event.code}/room/")
        pages.append(page)
        return page

    cast.enter = enter
    yield cast
    for page in pages:
        page.context.close()


def press(page: Page, name: str, exact: bool = True) -> None:
    page.get_by_role("button", name=name, exact=exact).click()


def at(page: Page, slug: str) -> None:
    expect(page.locator("#stage")).to_have_attribute("data-step", slug)


def listens(page: Page) -> None:
    """The scripts of a page that has just been loaded run: it hears keys and presses, and follows."""
    expect(page.locator("#live:not([hidden])")).to_have_count(1)


def go_on(lead: Page, *others: Page, to: str) -> None:
    """The facilitator moves the agenda, and everybody is there. The button leads on from here once its press is answered."""
    button = lead.locator("#ctl-next")
    before = button.text_content() or ""
    button.click()
    for page in (lead, *others):
        at(page, to)
    expect(button).not_to_have_text(before)


def heard(page: Page, words: str) -> None:
    """It was said, whatever was said after it."""
    for _ in range(750):
        if any(words in text for text in page.evaluate("said")):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"{words!r} is not in {page.evaluate('said')}")


def test_three_people_hold_a_meeting(room):
    lead, scribe, guest = room.enter("facilitator"), room.enter("scribe"), room.enter("participant")
    everybody = (lead, scribe, guest)
    expect(guest.get_by_text("This page takes you in")).to_be_visible()
    press(lead, "Open the room")
    for page in everybody:
        at(page, "opening")
        listens(page)
    expect(lead.get_by_role("heading", name="In the room: 3 here")).to_be_visible()  # and two who are expected
    # A press counts though the region comes anew between its beginning and its end, within two seconds.
    guest.locator("#stage").get_by_role("button", name="I agree").hover()
    guest.mouse.down()
    meeting.add_minutes(room.event, by=room.facilitator)
    expect(guest.locator("#rail .here")).to_contain_text("of 8 min")
    guest.mouse.up()
    expect(scribe.get_by_text("1 of 5 have agreed")).to_be_visible()
    expect(guest.get_by_role("button", name="I agree")).to_be_hidden()

    # A step comes while the scribe writes: the words and the caret stay, and the step is said.
    scribe.keyboard.press("n")
    scribe.keyboard.type("Nobody had seen a prim")
    go_on(lead, scribe, guest, to="summary")
    heard(scribe, "Now: Read the summary")
    scribe.keyboard.type("ary there before.")
    expect(scribe.locator("#note-text")).to_have_value("Nobody had seen a primary there before.")
    scribe.keyboard.press("Control+Enter")
    for page in everybody:
        expect(page.locator("#notes")).to_contain_text("Nobody had seen a primary there before.")
    expect(scribe.locator("#note-text")).to_have_value("")
    scribe.keyboard.press("Escape")  # out of the field, to the keys
    expect(scribe.locator("#stage")).to_be_focused()
    expect(lead.locator("#ctl-next")).to_be_focused()  # it was pressed, and stood in a region that came anew

    # Two people correct the same text: both texts are shown, nothing is lost.
    for page in (lead, scribe):
        page.get_by_text("Write the text").click()
        expect(page.locator("#text-summary")).to_be_focused()
    lead.locator("#text-summary").fill("The link was cut for 43 seconds.")
    scribe.locator("#text-summary").fill("Recovery took a day.")
    press(scribe, "Keep the text", exact=False)
    expect(guest.locator("#stage .say")).to_have_text("Recovery took a day.")
    expect(scribe.locator("#text-summary")).to_be_hidden()  # kept, it is read where all read it
    expect(lead.locator("#text-summary")).to_have_value("The link was cut for 43 seconds.")
    press(lead, "Keep the text", exact=False)
    panel = lead.locator("[data-conflict]")
    expect(panel).to_contain_text("Scribe changed this text while you were writing")
    expect(panel).to_be_focused()
    lead.locator("h1").click()  # the stage that waited comes now, and takes neither the panel nor the words away
    expect(lead.locator("#stage .say")).to_have_text("Recovery took a day.")
    expect(panel).to_be_visible()
    assert SectionText.objects.get(event=room.event, slug="summary").text == "Recovery took a day."
    lead.locator("#text-summary").fill("The link was cut for 43 seconds. Recovery took a day.")
    press(lead, "Keep the text", exact=False)
    for page in everybody:
        expect(page.locator("#stage .say")).to_have_text("The link was cut for 43 seconds. Recovery took a day.")
    expect(panel).to_have_count(0)

    # The cursor of the timeline belongs to the facilitator, by key.
    go_on(lead, scribe, guest, to="timeline")
    expect(guest.get_by_role("button", name="Later")).to_be_hidden()
    lead.locator("body").press("j")
    expect(guest.locator(".big-now")).to_contain_text("servers of one coast only")

    end_of_the_meeting(room, lead, scribe, guest)
    assert [e for e in room.errors if "409" not in e] == []  # Chromium reports an answer of 409 as an error


def end_of_the_meeting(room: SimpleNamespace, lead: Page, scribe: Page, guest: Page) -> None:
    """Causes, factors, what went well, the close: on the same nodes, by everybody, each with their own rights."""
    go_on(lead, scribe, guest, to="root-cause")
    scribe.locator("body").press("w")
    expect(scribe.get_by_label("Effect", exact=True)).to_be_focused()
    scribe.keyboard.type("Service was degraded for a day.")
    scribe.get_by_role("button", name="Keep effect").click()
    expect(guest.get_by_text("Service was degraded for a day.").first).to_be_visible()
    expect(guest.get_by_role("link", name="Edit: Service was degraded for a day.")).to_be_hidden()
    guest.get_by_role("link", name="Why was that possible?").click()
    guest.get_by_label("Answer").fill("Any region may elect a primary.")
    guest.get_by_role("button", name="Keep answer").click()
    expect(guest.get_by_role("link", name="Edit: Any region may elect a primary.")).to_be_visible()
    expect(lead.locator("#causes")).to_contain_text("Any region may elect a primary.")
    lead.get_by_text("Causal chain").click()
    expect(lead.locator(".chain .cause").nth(1)).to_contain_text("Any region may elect a primary.")
    expect(lead.locator("#causes .q").first).to_be_hidden()
    effect, cause = WhyNode.objects.order_by("pk")
    assert (cause.parent, cause.created_by) == (effect, room.participant)

    # A form that is open stays open while the stage comes anew, and a removal can be undone.
    go_on(lead, scribe, guest, to="factors")
    for page, words in ((scribe, "The page had no word for it"), (guest, "No rehearsal cut the hub alone")):
        page.get_by_role("link", name="Add a factor").click()
        page.get_by_label("Condition", exact=True).fill(words)
        page.get_by_label("Kind of condition").select_option("diagnosis")
    guest.get_by_role("button", name="Keep factor").click()
    scribe.locator("h1").click()  # what waited is shown once the form is left
    expect(scribe.locator("#part-factors li").filter(has_text="No rehearsal")).to_be_visible()
    expect(scribe.get_by_label("Condition", exact=True)).to_have_value("The page had no word for it")
    scribe.get_by_role("button", name="Keep factor").click()
    expect(lead.get_by_role("heading", name="Two factors")).to_be_visible()
    scribe.get_by_role("link", name="Edit: No rehearsal").click()
    press(scribe, "Remove")
    expect(lead.get_by_role("heading", name="One factor")).to_be_visible()
    press(scribe, "Undo")
    expect(lead.get_by_role("heading", name="Two factors")).to_be_visible()

    go_on(lead, scribe, guest, to="went-well")
    press(scribe, "We looked and found nothing")
    expect(guest.get_by_text("found nothing. The document says so.")).to_be_visible()
    go_on(lead, scribe, guest, to="actions")
    go_on(lead, scribe, guest, to="close")
    guest.get_by_label("Not today").check()
    guest.locator("#again-yes").check()
    press(guest, "Send both")
    expect(guest.get_by_text("Your answers are counted.")).to_be_visible()
    assert ClosingAnswer.objects.filter(learned="no", again="yes").count() == 1
    press(lead, "End the meeting")
    expect(lead).to_have_url(re.compile("/review/"))  # though the news of the end is there before the answer
    expect(lead.get_by_text("The review is a draft now")).to_be_visible()
    for page in (scribe, guest):
        expect(page.get_by_text("The meeting is over. Thank you.")).to_be_visible()


def test_what_is_typed_survives_a_reload_and_still_names_the_version_it_began_from(room):
    meeting.start(room.event, by=room.facilitator)
    meeting.go(room.event, by=room.facilitator, from_rank=0, to_rank=1)
    document.save_text(room.event, "summary", text="First.", base_number=0, by=room.facilitator)
    scribe = room.enter("scribe")
    scribe.get_by_text("Correct the text").click()
    scribe.locator("#text-summary").fill("First, by the scribe.")
    document.save_text(room.event, "summary", text="Second.", base_number=1, by=room.facilitator)
    scribe.reload()
    expect(scribe.locator("#text-summary")).to_have_value("First, by the scribe.")
    press(scribe, "Keep the text", exact=False)
    expect(scribe.locator("[data-conflict]")).to_contain_text("Second.")
    press(scribe, "Keep the text", exact=False)
    expect(scribe.locator("#stage .say")).to_have_text("First, by the scribe.")
    scribe.reload()
    scribe.get_by_text("Correct the text").click()
    expect(scribe.locator("#text-summary")).to_have_value("First, by the scribe.")
    assert SectionText.objects.get(slug="summary").number == 4  # what was refused is kept beside, as the third


def held_back(page: Page, address: str) -> list[Route]:
    """Requests to address, from now on, in a list instead of on their way."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))  # noqa: PLW0108 - Playwright wants a function
    return held


def first_of(held: list[Route], page: Page) -> Route:
    until(page, held, 1)
    return held[0]


def until(page: Page, found: list[Any], count: int) -> None:
    """So many are in the list: what leaves the page does so a moment before this test hears of it."""
    for _ in range(500):
        if len(found) >= count:
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"{len(found)} of {count} after 10 s")


def test_what_is_typed_while_a_note_is_on_its_way_stays(room):
    meeting.start(room.event, by=room.facilitator)
    scribe = room.enter("scribe")
    held = held_back(scribe, "**/room/notes/add/")
    scribe.locator("#note-text").fill("The first thing.")
    press(scribe, "Keep")
    scribe.locator("#note-text").fill("The second thing.")
    expect(scribe.get_by_role("button", name="Keep", exact=True)).to_have_attribute("aria-busy", "true")
    first_of(held, scribe).continue_()
    expect(scribe.locator("#notes")).to_contain_text("The first thing.")
    expect(scribe.get_by_role("button", name="Keep", exact=True)).not_to_have_attribute("aria-busy", "true")
    expect(scribe.locator("#note-text")).to_have_value("The second thing.")
    press(scribe, "Keep")
    until(scribe, held, 2)
    scribe.locator("#note-text").fill("The third thing.")
    scribe.keyboard.press("Control+Enter")  # on a slow line it goes once the last one is answered
    held[1].continue_()
    until(scribe, held, 3)
    held[2].continue_()
    for text in ("The second thing.", "The third thing."):
        expect(scribe.locator("#notes")).to_contain_text(text)
    expect(scribe.locator("#note-text")).to_have_value("")
    assert RoomNote.objects.filter(text__contains="thing.").count() == 3


def test_where_no_stream_comes_through_the_room_is_asked_every_few_seconds(room):
    meeting.start(room.event, by=room.facilitator)
    page = room.enter("observer")
    for way in ("stream", "poll"):
        page.route(f"**/room/{way}/**", lambda route: route.abort())
    page.reload()
    expect(page.locator("#live")).to_have_text("Offline")
    expect(page.locator("#offline")).to_contain_text("Keep writing")
    page.unroute("**/room/poll/**")
    expect(page.locator("#live")).to_have_text("Live")
    meeting.go(room.event, by=room.facilitator, from_rank=0, to_rank=1)
    at(page, "summary")
    expect(page.locator("#offline")).to_be_hidden()


def test_another_role_is_another_page_and_no_role_is_none(room):
    meeting.start(room.event, by=room.facilitator)
    page = room.enter("participant")
    expect(page.locator("#note-text")).to_be_visible()
    row = room.event.memberships.get(user=room.participant)
    people.edit_person(row, by=room.facilitator, role="observer", was_involved=False)
    expect(page.locator("#note-text")).to_be_hidden()
    people.remove_person(row, by=room.facilitator)
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no page here")


def test_without_script_the_room_works_by_forms_and_reload(room):
    lead = room.enter("facilitator", java_script_enabled=False)
    press(lead, "Open the room")
    at(lead, "opening")
    expect(lead.locator("#ctl .clock")).to_have_text(re.compile("^0[23]:..$"))
    lead.locator("#note-text").fill("Said without script.")
    press(lead, "Keep")
    expect(lead.locator("#notes")).to_contain_text("Said without script.")
    lead.locator("#ctl-next").click()
    at(lead, "summary")
    lead.get_by_text("Write the text").click()
    lead.locator("#text-summary").fill("Mine.")
    document.save_text(room.event, "summary", text="Theirs.", base_number=0, by=room.scribe)
    press(lead, "Keep the text", exact=False)
    expect(lead.locator("[data-conflict]")).to_contain_text("Theirs.")
    expect(lead.locator("#text-summary")).to_have_value("Mine.")
    press(lead, "Keep the text", exact=False)
    expect(lead.locator("#stage .say")).to_have_text("Mine.")
    meeting.go(room.event, by=room.facilitator, from_rank=1, to_rank=4)
    lead.reload()
    lead.get_by_role("link", name="Add a factor").click()
    lead.get_by_label("Condition", exact=True).fill("A condition")
    press(lead, "Keep factor", exact=False)
    expect(lead.get_by_role("alert")).to_contain_text("Kind of condition")  # nothing half is stored, the words stay
    expect(lead.get_by_label("Condition", exact=True)).to_have_value("A condition")
    lead.get_by_label("Kind of condition").select_option("change")
    press(lead, "Keep factor", exact=False)
    lead.get_by_role("link", name="Edit: A condition").click()
    press(lead, "Remove")
    expect(lead.get_by_role("link", name="Edit: A condition")).to_have_count(0)
    expect(lead.get_by_role("button", name="Undo", exact=True)).to_be_visible()
    assert Factor.objects.kept().count() == 0
    press(lead, "Undo")
    expect(lead.get_by_role("link", name="Edit: A condition")).to_be_visible()
    assert Factor.objects.kept().count() == 1


LOOKS = [
    ("facilitator", DESK, "dark"),
    ("scribe", DESK, "light"),
    ("participant", PHONE, "light"),
    ("observer", PHONE, "dark"),
]


@pytest.mark.looks
def test_nothing_is_wrong_with_any_step_for_any_role(room):
    """axe and sideways scrolling, with everything filled and the forms open."""
    event, lead = room.event, room.facilitator
    effect = causes.add(event, by=lead, text="Service was degraded for a day.")
    causes.add(event, by=lead, parent=effect, text="A defence that held", kind="defence", defence="held")
    analysis.add(event, Factor, by=lead, category="change", text="A condition", caught_earlier_if="the page said so")
    meeting.start(event, by=lead)
    notes.keep(event, by=room.scribe, text="Said.")
    notes.keep(event, by=room.scribe, text="An idea.", parked_for="factors")
    pages = [room.enter(role, viewport=size, color_scheme=scheme) for role, size, scheme in LOOKS]
    wrong = {}
    for rank, (slug, _, _) in enumerate(meeting.agenda_for(event)):
        if rank:
            meeting.go(event, by=lead, from_rank=rank - 1, to_rank=rank)
        for page, (role, _, _) in zip(pages, LOOKS, strict=True):
            at(page, slug)
            opener = page.locator("a:is([data-key=w],[data-key=f]):visible")
            if role == "scribe" and opener.count():
                opener.first.click()
                page.locator(".part-form textarea").first.wait_for()
                page.locator("h1").click()  # while somebody writes, their stage waits
            found = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in Axe().run(page).response["violations"]]
            wide = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
            if found or wide > 0:
                wrong[f"{slug} {role}"] = [*found, wide]
    assert wrong == {}
    assert room.errors == []
    assert Event.objects.get(pk=event.pk).state == "meeting"
