"""People in real Chromium, three at once: who is here, who speaks, who writes; one note by two; the sheet of a phone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from retros.models import Change, Event, RoomNote
from retros.services import meeting, notes
from tests.browser import test_room as rooms

pytestmark = pytest.mark.browser
room = rooms.room  # the fixture


def row(page: Page, name: str):
    return page.locator("#people li").filter(has_text=name)


def tabbed(page: Page) -> str:
    """Where the next stop of Tab is."""
    page.keyboard.press("Tab")
    return page.evaluate(
        """() => document.activeElement === document.body ? "nothing" : document.activeElement.closest("#pane") ? "the sheet"
           : document.activeElement.outerHTML.slice(0, 80)"""
    )


def test_three_people_see_each_other_come_speak_and_write(room):
    """The facilitator at a desk, a guest there too, the participant on a phone."""
    meeting.start(room.event, by=room.facilitator)
    lead, guest, phone = (room.enter(role) for role in ("facilitator", "guest", "participant"))
    for page in (lead, guest):
        expect(page.locator("#people h2")).to_have_text("In the room: 3 here, 2 expected", use_inner_text=True)
    expect(row(lead, "Observer")).to_have_attribute("data-is", "expected")
    before = Event.objects.get(pk=room.event.pk).change_seq

    # Hands and the floor: by a press, by a key; everybody sees whose turn it is.
    phone.get_by_role("button", name="Raise hand").click()
    expect(phone.get_by_role("button", name="Lower hand")).to_have_attribute("aria-pressed", "true")
    guest.locator("body").press("h")
    expect(guest.locator("#floor .queue li")).to_have_count(2)
    expect(row(lead, "Participant").locator(".fine")).to_have_text("hand up")
    expect(lead.locator("#floor .queue li")).to_have_count(2)
    lead.locator("body").press("s")
    for page in (lead, guest, phone):
        expect(page.locator("#floor .speaks")).to_have_text("Participant has the floor")
    lead.get_by_role("button", name="Give Guest the floor").click()
    expect(guest.get_by_role("button", name="I am done")).to_be_visible()
    expect(phone.get_by_role("button", name="Raise hand")).to_be_visible()
    guest.get_by_role("button", name="I am done").click()
    expect(lead.locator("#floor")).to_be_hidden()

    # That somebody writes is told, and ends; what they write is not, until it is kept.
    box = guest.locator("#note-text")
    box.press_sequentially("The dashboard was green")
    expect(lead.locator("#writers")).to_have_text("Guest is writing")
    expect(row(lead, "Guest").locator(".fine")).to_have_text("writing")
    assert "dashboard" not in lead.content()
    assert Event.objects.get(pk=room.event.pk).change_seq == before
    box.press("Control+Enter")
    expect(lead.locator("#notes")).to_contain_text("The dashboard was green")
    expect(lead.locator("#writers")).to_have_text("")

    # Two change one note: the later one gets both texts.
    note = RoomNote.objects.get()
    edit = re.compile("^Edit: The dashboard")
    for page in (lead, guest):
        page.get_by_role("link", name=edit).click()
    lead.locator(f"#note-{note.pk}-text").fill("The dashboard was green for us")
    guest.locator(f"#note-{note.pk}-text").fill("The dashboard was green until 23:10")
    lead.locator(f"#form-note-{note.pk} .go").click()
    expect(lead.locator(f"#note-{note.pk} > p")).to_have_text("The dashboard was green for us")
    guest.locator(f"#form-note-{note.pk} .go").click()
    expect(guest.locator("[data-conflict]")).to_contain_text("The dashboard was green for us")
    expect(guest.locator(f"#note-{note.pk}-text")).to_have_value("The dashboard was green until 23:10")
    guest.locator(f"#note-{note.pk}-text").fill("The dashboard was green for us until 23:10")
    guest.locator(f"#form-note-{note.pk} .go").click()
    expect(lead.locator(f"#note-{note.pk} > p")).to_have_text("The dashboard was green for us until 23:10")
    expect(guest.locator(f"#form-note-{note.pk} form")).to_have_count(0)

    # The phone has all of it in one sheet, and the way back to the event. It is a dialog: the rest is out of reach meanwhile, though it
    # comes anew, and the focus goes back to what opened it.
    opener, sheet = phone.get_by_role("button", name="People and notes"), phone.locator("#pane")
    opener.press("Enter")
    meeting.add_minutes(room.event, by=room.facilitator)
    expect(phone.locator("#rail .here")).to_contain_text("of 8 min")
    been = {tabbed(phone) for _ in range(14)}
    assert been == {"the sheet", "nothing"}  # the browser's own controls, as behind the last control of any dialog
    while tabbed(phone) != "nothing":
        pass
    phone.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(opener).to_be_focused()
    expect(phone.locator("[inert]")).to_have_count(0)
    opener.press("Enter")
    phone.locator("#notes-all").click()  # another sheet, in its place
    expect(phone.locator("#sheet #noted")).to_be_visible()
    phone.keyboard.press("Escape")
    expect(opener).to_be_focused()
    opener.press("Enter")
    expect(sheet.get_by_text("The dashboard was green for us until 23:10")).to_be_visible()
    expect(sheet.get_by_role("link", name="Back to the event")).to_be_visible()
    found = Axe().run(phone, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert found.response["violations"] == [], found.generate_report()
    sheet.get_by_role("button", name="Close").click()
    expect(sheet).to_be_hidden()
    expect(opener).to_be_focused()

    # Roles from the room: the guest listens from here on, without leaving. The pen stays with colleagues.
    lead.locator("#people-edit").click()
    member = room.event.memberships.get(user=room.guest)
    expect(lead.locator(f"#role-{member.pk} option[value=scribe]")).to_have_count(0)
    # What is refused there is said, on top of the sheet, though its form takes the list alone from an answer.
    lead.locator(f"#role-{member.pk}").evaluate("select => select.add(new Option('Scribe', 'scribe', true, true))")
    lead.get_by_role("button", name="Set the role of Guest").click()
    expect(lead.locator("#sheet #toast")).to_contain_text("whoever writes for all signs in")
    lead.locator("#toast").get_by_role("button", name="Close").click()
    lead.locator(f"#role-{member.pk}").select_option("observer")
    lead.get_by_role("button", name="Set the role of Guest").click()
    expect(guest.locator(".you")).to_have_text("You are an observer")

    guest.context.close()
    expect(row(lead, "Guest")).to_have_attribute("data-is", "left", timeout=15_000)
    assert {change.what for change in Change.objects.filter(event=room.event, seq__gt=before)} == {
        "added minutes", "kept a note", "edited a note", "wrote beside somebody else", "changed a role",
    }  # fmt: skip
    assert [error for error in room.errors if "409" not in error] == []  # the refused text is the one that was meant


def test_people_and_notes_without_script(room):
    """Forms and reloads: a hand, the sheet, an own note that is changed."""
    meeting.start(room.event, by=room.facilitator)
    note = notes.keep(room.event, by=room.guest, text="Said")
    page = room.enter("guest", java_script_enabled=False, viewport=rooms.PHONE)
    page.get_by_role("button", name="Raise hand").click()
    expect(page.get_by_role("button", name="Lower hand")).to_be_visible()
    expect(page.locator("#floor")).to_contain_text("1 hand up")
    page.get_by_role("button", name="People and notes").click()
    expect(page.locator("#people")).to_contain_text("1 here")
    page.get_by_role("link", name="By step").click()
    page.get_by_role("link", name="Edit: Said").click()
    page.get_by_label("Note", exact=True).fill("Said so")
    page.get_by_role("button", name="Keep").click()
    page.wait_for_url(f"**/room/#note-{note.pk}")
    assert RoomNote.objects.get(pk=note.pk).text == "Said so"
