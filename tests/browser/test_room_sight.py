"""What the facilitator needs at once is in sight at every step: on a desk of 1440 by 900 with nine people, and on a phone."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from aar_site import clock
from retros.models import AgendaStep, Event, WhyNode
from retros.services import meeting
from tests.browser import test_room
from tests.browser.test_room import DESK, PHONE, at, go_on, press
from tests.browser.test_room_causes import at_causes
from tests.factories import make_action, make_member, make_user

pytestmark = pytest.mark.browser
room = test_room.room  # the fixture
LONG = "Maria-Magdalena von Habsburg-Lothringen zu Oberösterreich"
# The text to listen for ends above the buttons that stick to the foot of the script.
IN_SIGHT = """() => { const [text] = [...document.querySelectorAll("#script .sub")].filter(p => p.innerText.startsWith("Listen"));
  return text.getBoundingClientRect().bottom - document.querySelector("#script .tools").getBoundingClientRect().top }"""
# On a phone, where one writes sticks above the controls.
STICKS = """() => { const [box, foot] = [".compose", ".foot"].map(name => document.querySelector(name).getBoundingClientRect());
  return Math.abs(box.bottom - foot.top) < 2 && Math.abs(foot.bottom - innerHeight) < 2 }"""
ABOVE = '(box) => box.getBoundingClientRect().bottom < document.querySelector(".compose").getBoundingClientRect().top'
MAPPED = """() => document.querySelector("#beside .map").getBoundingClientRect().bottom
  < document.querySelector(".compose").getBoundingClientRect().top"""
WIDE = "document.scrollingElement.scrollWidth - innerWidth"
PLACE = 'getComputedStyle(document.querySelector(".compose")).position'


def primaries(page: Page) -> list[str]:
    """Primary buttons of the stage outside of what can be written in; each such box has its own."""
    shown = page.locator("#stage .btn.go:visible:not(.write *):not([data-close-form] *)")
    return shown.all_inner_texts()


def first_words(page: Page) -> bool:
    """Whether the heading of the notes is in sight, below everybody who is here."""
    return bool(
        page.evaluate(
            """document.querySelector("#notes h2").getBoundingClientRect().bottom
               < document.querySelector("#note-form").getBoundingClientRect().top"""
        )
    )


def deep_causes(event: Event) -> None:
    """A path of eight levels; four times as many causes."""
    above = None
    for level in range(8):
        for rank in range(4):
            cause = WhyNode.objects.create(event=event, parent=above, rank=rank, text=f"Cause {level}.{rank}")
        above = cause


@pytest.mark.parametrize("minutes", [60, 15])
def test_the_facilitator_sees_at_each_step_what_it_needs(room, minutes):
    Event.objects.filter(pk=room.event.pk).update(meeting_minutes=minutes)
    room.event.refresh_from_db()
    for name in (LONG, "Rafael Ortega", "Noor Haddad", "Mei Okonkwo"):
        make_member(room.event, make_user(name))
    deep_causes(room.event)
    meeting.start(room.event, by=room.facilitator)
    steps = [step.slug for step in AgendaStep.objects.filter(meeting__event=room.event)]
    lead = room.enter("facilitator", viewport=DESK)
    for before, slug in zip(["", *steps], steps, strict=False):
        if before:
            go_on(lead, to=slug)
        expect(lead.locator("#people .crew").first.locator("li")).to_have_count(9)
        assert lead.evaluate(IN_SIGHT) <= 0, slug
        lead.set_viewport_size({"width": 1280, "height": 800})  # a laptop; the rule to be read out is longer than that
        if slug != "opening":
            lead.wait_for_function(IN_SIGHT.replace("return", "return 0 >="))
        lead.set_viewport_size(DESK)
        assert len(primaries(lead)) <= 1, (slug, primaries(lead))
        if slug == "root-cause":
            lead.get_by_text("Path", exact=True).click()
            assert lead.evaluate(MAPPED)  # the map of 32 causes is not cut
            lead.get_by_text("Five whys", exact=True).click()
        # What stands beside the causes comes before the people.
        assert slug == "root-cause" or first_words(lead), slug
    lead.goto(f"/e/{room.event.code}/room/people/")  # without script, in rows as in the sheet
    assert lead.locator(".crew-rows select").first.bounding_box()["width"] < 240
    assert room.errors == []


def test_the_facilitators_phone_leads_to_the_script_and_a_rest_is_said_once(room):
    meeting.start(room.event, by=room.facilitator)
    lead, guest = room.enter("facilitator", viewport=PHONE), room.enter("participant")
    at(lead, "opening")
    for page in (lead, guest):
        for width in (PHONE["width"], 320):
            page.set_viewport_size({**PHONE, "width": width})
            page.wait_for_function(STICKS)
        page.set_viewport_size(PHONE)
    # The one thing that a phone is asked for at once is in sight, and what is kept out of sight is said.
    agree = guest.locator("#stage").get_by_role("button", name="I agree")
    assert guest.evaluate(ABOVE, agree.element_handle())
    guest.locator("#note-text").fill("The pager rang twice")
    guest.locator("#note-form").get_by_role("button", name="Keep").click()
    expect(guest.locator("#toast")).to_have_text("Kept, under People and notes.")
    assert guest.evaluate(
        ABOVE, guest.locator("#toast > *").element_handle()
    )  # and covers nothing that is pressed next
    lead.get_by_role("link", name="Your script").click()
    expect(lead.locator("#script")).to_be_focused()
    expect(lead.locator("#script").get_by_text("Listen for.")).to_be_in_viewport()
    expect(guest.get_by_role("link", name="Your script")).to_have_count(0)

    expect(lead.locator("#live")).to_be_visible()
    meeting.rest(room.event, by=room.facilitator, until=clock.now() + timedelta(minutes=10))
    expect(lead.locator("#timer").get_by_text("Resting")).to_be_visible()
    expect(lead.locator("#live")).to_be_hidden()
    assert lead.locator("#timer").bounding_box()["height"] < 40  # one line, beside the title
    assert lead.evaluate(WIDE) <= 0
    lead.context.set_offline(True)  # that the line is lost is said all the same
    expect(lead.locator("#live")).to_be_visible(timeout=15_000)
    lead.context.set_offline(False)
    press(lead, "Go on")
    expect(lead.locator("#live")).to_be_visible()
    assert [e for e in room.errors if "ERR_INTERNET_DISCONNECTED" not in e] == []


def test_on_a_phone_the_agenda_leads_back_and_nothing_stands_over_what_is_written(room):
    lead = room.enter("facilitator", viewport=PHONE)
    assert lead.locator(".foot").bounding_box()["height"] < 80  # before the room opens: one row
    press(lead, "Open the room")
    at(lead, "opening")
    go_on(lead, to="summary")
    assert lead.evaluate(PLACE) == "sticky"
    lead.get_by_text("Write the text").click()
    lead.locator("#text-summary").focus()
    assert lead.evaluate(PLACE) == "static"
    lead.locator("#text-summary").blur()
    assert lead.evaluate(PLACE) == "sticky"
    lead.locator("#jump-0").click()  # behind the steps that come, where no key leads back
    at(lead, "opening")
    # Outside of the room: all five tabs, and a row that is late, in their width.
    make_action(room.event, "Route mail to the rota", owner=room.participant, due_on=clock.now().date() - timedelta(30))
    lead.set_viewport_size({**PHONE, "width": 375})
    lead.goto(f"/e/{room.event.code}/room/people/")
    assert lead.locator(".tabs").evaluate("tabs => tabs.scrollWidth - tabs.clientWidth") <= 0
    lead.set_viewport_size({**PHONE, "width": 320})
    lead.goto(f"/e/{room.event.code}/actions/")
    assert lead.evaluate(WIDE) <= 0
    assert room.errors == []


def four_causes(room) -> None:
    at_causes(room)
    above = None
    for text in ("It stopped", "The disk was full", "Nobody was told", "Mails were refused"):
        above = WhyNode.objects.create(event=room.event, parent=above, text=text)


@pytest.mark.parametrize("way", ["click", "tap"])
def test_the_first_press_beside_the_note_line_arrives(room, way):
    """The line is as high as what is written in it needs; what closes it is the press, which moves nothing before it has arrived."""
    four_causes(room)
    guest = room.enter("participant", has_touch=True)
    test_room.listens(guest)
    guest.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    guest.locator("#note-text").click()
    getattr(guest.locator("#stage").get_by_role("link", name="Why was that possible?").last, way)()
    expect(guest.get_by_label("Answer")).to_be_focused()
    expect(guest.locator(".compose .line")).to_be_hidden()


def test_what_is_kept_out_of_sight_is_said(room):
    """Beside the script and the causes the notes begin below the fold; where they are in sight nothing needs to be said."""
    four_causes(room)
    for role, is_said in (("facilitator", 1), ("scribe", 0)):
        page = room.enter(role)
        test_room.listens(page)
        page.keyboard.press("n")
        page.keyboard.type(f"Seen by the {role}")
        page.keyboard.press("Control+Enter")
        note = page.locator("#notes p", has_text=f"Seen by the {role}")
        expect(note).to_have_count(1)
        expect(page.locator("#toast").get_by_text("Kept, under People and notes.")).to_have_count(is_said)
        if not is_said:
            expect(note).to_be_in_viewport()


def test_no_box_of_the_picture_is_out_of_reach(room):
    four_causes(room)
    for role in ("facilitator", "participant"):
        page = room.enter(role)
        page.get_by_text("Causal chain", exact=True).click()
        deepest = page.locator("#causes .cause", has_text="Mails were refused")
        left = deepest.evaluate("""box => box.getBoundingClientRect().left - document.querySelector("#causes .chain")
            .getBoundingClientRect().left + document.querySelector("#causes .chain").scrollLeft""")
        assert left >= 0
