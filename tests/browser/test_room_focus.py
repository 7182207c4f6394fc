"""Where the focus and the eyes are led in the room: after a press, on a screen that changes, for who leads from here on."""

import re

import pytest
from playwright.sync_api import expect

from retros.models import Factor
from retros.services import analysis, causes, floor, leading, meeting, notes
from tests.browser import test_room
from tests.browser.test_room import DESK, listens
from tests.browser.test_room_causes import at_causes

pytestmark = pytest.mark.browser
room = test_room.room  # the fixture


def test_who_ends_the_floor_is_led_to_the_stage_in_the_moment_in_which_the_button_goes(room):
    meeting.start(room.event, by=room.facilitator)
    floor.give(room.event, user_id=room.participant.pk, by=room.facilitator)
    lead = room.enter("facilitator")
    listens(lead)
    lead.evaluate(
        """() => { window.lost = 0;
             const nowhere = () => document.querySelector("#floor").hidden && document.activeElement === document.body;
             const watch = new MutationObserver(() => setTimeout(() => { lost += nowhere() }));
             watch.observe(document.querySelector(".foot"), { childList: true }) }"""
    )
    lead.get_by_role("button", name="Done").click()
    expect(lead.locator("#floor")).to_be_hidden()
    expect(lead.locator("#stage h2").first).to_be_focused()
    assert lead.evaluate("lost") == 0
    assert room.errors == []


def test_a_phone_that_is_turned_while_the_people_are_open_shows_the_room(room):
    meeting.start(room.event, by=room.facilitator)
    phone = room.enter("participant")
    listens(phone)
    phone.get_by_role("button", name="People and notes").click()
    expect(phone.locator(".stage")).to_have_attribute("inert", "")
    phone.set_viewport_size(DESK)
    expect(phone.locator("[inert]")).to_have_count(0)
    expect(phone.locator("#pane")).not_to_have_attribute("role", "dialog")
    phone.get_by_role("button", name="I agree").first.click()
    expect(phone.locator("body")).to_have_class(re.compile("has-agreed"))
    assert room.errors == []


def test_what_the_bar_of_causes_leads_to_is_about_the_box_that_was_pressed_in_another_tab_too(room):
    at_causes(room)
    effect = causes.add(room.event, by=room.scribe, text="Service was degraded.")
    above = causes.add(room.event, by=room.scribe, parent=effect, text="Writes were split")
    below = causes.add(room.event, by=room.scribe, parent=above, text="The link was cut")
    for n in range(3):
        below = causes.add(room.event, by=room.scribe, parent=below, text=f"Level {n + 4}")
    page = room.enter("participant", viewport=DESK)
    listens(page)
    page.get_by_text("Path", exact=True).click()
    page.locator(f"#path-{above.pk}").press("ArrowUp")
    page.locator(f"#path-{effect.pk}").press("ArrowDown")
    for bar, parent in (("#bar-why", above), ("#bar-defence", above), ("#bar-and", effect)):
        address = page.locator(bar).get_attribute("href") or ""
        assert f"parent={parent.pk}" in address.split("?")[1].split("&"), bar
    assert room.errors == []


def test_who_leads_from_here_on_sees_the_head_of_the_room_on_a_phone(room):
    at_causes(room)
    for n in range(12):
        causes.add(room.event, by=room.scribe, text=f"Effect {n}")
    phone = room.enter("participant")
    listens(phone)
    phone.evaluate("scrollTo(0, 900)")
    assert phone.evaluate("scrollY") > 500
    leading.hand_over(room.event, by=room.facilitator, to=room.participant.pk)
    expect(phone.locator("#script")).to_be_visible()
    listens(phone)
    assert phone.evaluate("scrollY") == 0
    assert room.errors == []


def test_what_is_said_over_the_sheet_of_a_phone_leaves_its_close_free(room):
    meeting.start(room.event, by=room.facilitator)
    for n in range(8):
        notes.keep(room.event, by=room.scribe, text=f"What was said, {n}. " * 5)
    phone = room.enter("participant")
    listens(phone)
    phone.get_by_role("button", name="People and notes").click()
    words = "What would have shown it? " * 6
    phone.evaluate("text => document.dispatchEvent(new CustomEvent('toast', { detail: { text, stay: true } }))", words)
    expect(phone.locator("#pane #toast")).to_contain_text(words.strip())
    phone.locator("#pane").get_by_role("button", name="Close").first.click(timeout=5000)
    expect(phone.locator("#pane")).to_be_hidden()


@pytest.mark.parametrize("way", ["press", "key"])
def test_what_was_taken_back_is_offered_no_more_and_leads_to_its_list(room, way):
    meeting.start(room.event, by=room.facilitator)
    factors = meeting.meeting_of(room.event).steps.get(slug="factors")
    meeting.go(room.event, by=room.facilitator, from_rank=0, to_rank=factors.rank)
    analysis.add(room.event, Factor, by=room.scribe, category="change", text="A condition")
    scribe = room.enter("scribe")
    listens(scribe)
    scribe.get_by_role("link", name="Edit: A condition").click()
    scribe.get_by_role("button", name="Remove", exact=True).click()
    expect(scribe.locator("#toast")).to_contain_text("Undo")
    expect(scribe.get_by_role("link", name="Edit: A condition")).to_be_hidden()
    if way == "press":
        scribe.get_by_role("button", name="Undo").click()
    else:
        scribe.keyboard.press("u")
    expect(scribe.get_by_role("link", name="Edit: A condition")).to_be_visible()
    expect(scribe.locator("#toast")).to_be_empty()
    scribe.wait_for_timeout(800)  # so long an answer may still set the focus
    assert scribe.evaluate("document.activeElement.closest('#part-factors') !== null")
    assert room.errors == []


def test_the_page_of_a_phone_stands_still_under_who_types_a_note(room):
    """The note line sticks to the foot: each letter there scrolled the page by a line, to bring it further up."""
    meeting.start(room.event, by=room.facilitator)
    phone = room.enter("participant", viewport={"width": 390, "height": 664}, is_mobile=True, has_touch=True)
    listens(phone)
    line = phone.locator("#note-text").bounding_box()
    assert line
    phone.touchscreen.tap(line["x"] + 20, line["y"] + 20)  # as a finger does: nothing is scrolled to
    expect(phone.locator("#note-text")).to_be_focused()
    phone.keyboard.type("What I saw at first")
    expect(phone.locator("#note-text")).to_have_value("What I saw at first")
    phone.wait_for_timeout(100)  # it would have scrolled by then
    assert phone.evaluate("scrollY") == 0
    assert room.errors == []
