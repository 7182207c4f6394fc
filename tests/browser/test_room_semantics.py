"""The room as a screen reader meets it: landmarks, headings and names at each step, what is spoken, and a meeting by keys alone."""

from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page, expect

from retros.models import Factor, RoomNote
from retros.services import analysis, causes, meeting, notes
from tests.browser.test_every_page import signed_in
from tests.factories import make_cast, make_entry

pytestmark = [pytest.mark.browser, pytest.mark.looks]

# What every step has, whatever stands on it. Names are read as the accessibility tree gives them.
FRAME = """
- banner:
  - heading "Forty-three seconds" [level=1]
  - timer "Meeting elapsed"
- navigation "Agenda"
- main "{title}"
- form "A note"
- complementary "People and notes":
  - log "Notes, newest first"
- region "Clock and controls":
  - timer "Time left in this step"
"""
FOUND = """() => {
  const shown = (query) => [...document.querySelectorAll(query)].filter((box) => box.checkVisibility() && !box.closest("svg"));
  const bare = (box) => {
    const copy = box.cloneNode(true);
    for (const part of copy.querySelectorAll("[aria-hidden=true]")) part.remove();
    return copy.textContent;
  };
  const named = (box) => box.getAttribute("aria-label") ?? bare(box.labels?.[0] ?? box);
  const name = (box) => named(box).trim().replace(/\\s+/g, " ");
  const seen = new Set(), wrong = [];
  let last = 0;
  for (const head of shown("h1,h2,h3,h4,h5,h6")) {
    if (head.tagName[1] - last > 1) wrong.push(`skips a level: ${head.textContent}`);
    last = +head.tagName[1];
  }
  if (shown("h1").length !== 1) wrong.push("not one h1");
  for (const box of shown("a[href],button,summary,select,textarea")) {
    const key = `${box.tagName} ${name(box)}`;
    if (!name(box)) wrong.push(`no name: ${box.outerHTML.slice(0, 120)}`);
    if (seen.has(key)) wrong.push(`twice: ${key}`);
    seen.add(key);
    const { width, height } = box.getBoundingClientRect();
    const most = innerWidth < 700 ? 44 : 24;
    const isSmall = height && (height < most - 0.6 || width < 23.4);
    if (isSmall && getComputedStyle(box).display !== "inline" && !box.matches(".skip"))
      wrong.push(`small: ${key} ${width}x${height}`);
  }
  const now = document.querySelectorAll("#rail [aria-current=step]");
  if (now.length !== 1) wrong.push("not one present step");
  return wrong;
}"""


@pytest.fixture
def cast(live: str) -> SimpleNamespace:
    """An incident in its meeting, with two rows in every list."""
    cast = make_cast()
    cast.site, event, lead = live, cast.event, cast.facilitator
    for minutes in (2, 10):
        make_entry(event, f"Seen at {minutes}", minutes=minutes)
    effect = causes.add(event, by=lead, text="Service was degraded for a day")
    for text in ("Any region may elect", "Nobody rehearsed it"):
        causes.add(event, by=lead, parent=effect, text=text)
        analysis.add(event, Factor, by=lead, category="change", text=text)
    meeting.start(event, by=lead)
    for text in ("One thing.", "Another."):
        notes.keep(event, by=cast.scribe, text=text)
        notes.keep(event, by=cast.scribe, text=f"{text} Later.", parked_for="actions")
    return cast


def test_each_step_has_its_landmarks_and_every_control_a_name_of_its_own(
    cast: SimpleNamespace, browser: Browser
) -> None:
    event = cast.event
    desk = signed_in(browser, cast, "facilitator", viewport={"width": 1440, "height": 900})
    phone = signed_in(browser, cast, "participant", viewport={"width": 390, "height": 844}, has_touch=True)
    wrong = {}
    for page in (desk, phone):
        page.goto(f"/e/{event.code}/room/")
    for rank, (slug, title, _) in enumerate(meeting.agenda_for(event)):
        if rank:
            meeting.go(event, by=cast.facilitator, from_rank=rank - 1, to_rank=rank)
        for page in (desk, phone):
            expect(page.locator("#stage")).to_have_attribute("data-step", slug)
            expect(page.get_by_role("button", name="I agree")).to_have_count(1)  # in the opening or at the door
            found = page.evaluate(FOUND)
            if found:
                wrong[f"{slug} {page.viewport_size}"] = found
        expect(desk.locator("body")).to_match_aria_snapshot(FRAME.format(title=title))
        expect(desk.get_by_role("main").get_by_role("heading", level=2).first).to_be_attached()
        expect(desk.locator("#rail [aria-current=step]")).to_contain_text(title)
    assert wrong == {}
    desk.context.close()
    phone.context.close()


def focused(page: Page, id_: str) -> None:
    expect(page.locator(f"#{id_}")).to_be_focused()


def test_by_keys_alone_the_focus_is_where_the_work_is(cast: SimpleNamespace, browser: Browser) -> None:
    event = cast.event
    meeting.go(event, by=cast.facilitator, from_rank=0, to_rank=4)
    lead, scribe = (signed_in(browser, cast, role) for role in ("facilitator", "scribe"))
    for page in (lead, scribe):
        page.goto(f"/e/{event.code}/room/")
    for page in (lead, scribe):
        expect(page.locator("#people [data-is=here]")).to_have_count(2)

    # What opens takes the focus, Escape gives it back; so it is with a form that is opened in its place.
    lead.get_by_role("button", name="Hand over").press("Enter")
    focused(lead, "hand-to")
    lead.evaluate("document.querySelector('#script').dataset.old = 1")
    meeting.add_minutes(event, by=cast.facilitator)
    lead.keyboard.press("Escape")
    expect(lead.locator("#script[data-old]")).to_have_count(0)  # it waited for the form, and came anew
    expect(lead.get_by_role("button", name="Hand over")).to_be_focused()

    # A sheet gives it back to what opened it, though that came anew meanwhile; opened again, it takes the focus as the first time.
    member = event.memberships.get(user=cast.guest)
    lead.locator("#people-edit").press("Enter")
    lead.locator(f"#role-{member.pk}").select_option("observer")
    lead.evaluate("document.querySelector('#people-edit').dataset.old = 1")
    lead.get_by_role("button", name="Set the role of Guest").press("Enter")
    expect(lead.locator("#people-edit[data-old]")).to_have_count(0)
    lead.keyboard.press("Escape")
    focused(lead, "people-edit")
    lead.keyboard.press("Enter")
    expect(lead.locator("#sheet h2")).to_be_visible()
    focused(lead, "sheet")
    lead.keyboard.press("Escape")
    focused(lead, "people-edit")

    # A hand is told to the one who gives the floor, the floor to everybody.
    scribe.keyboard.press("h")
    expect(lead.locator("#say")).to_have_text("Scribe raised a hand")
    expect(lead.locator("#floor .queue li")).to_have_count(1)
    expect(scribe.locator("#own-hand button")).to_have_attribute("aria-pressed", "true")  # it knows who is here
    lead.locator("body").press("s")
    expect(scribe.locator("#say")).to_have_text("You have the floor")
    expect(lead.locator("#say")).to_have_text("Scribe has the floor")

    # Notes that were written in silence are placed one after the other.
    lead.keyboard.press("q")
    scribe.locator("#silent-text").fill("The first\nThe second")
    scribe.locator("#silent-text").press("Control+Enter")
    expect(scribe.locator("#silent-mine li")).to_have_count(2)
    lead.get_by_role("button", name="Show all notes").press("Enter")
    expect(scribe.locator("#to-place")).to_be_visible()
    expect(scribe.locator("#silent-text")).to_have_count(0)
    first = scribe.locator("#to-place").inner_text()
    scribe.locator("body").press("1")
    expect(scribe.locator("#to-place")).not_to_have_text(first)
    focused(scribe, "to-place")
    scribe.keyboard.press("1")
    focused(scribe, "part-factors-title")  # nothing is left to place

    # A new factor has the focus, and after a removal the one beside it.
    scribe.keyboard.press("f")
    expect(scribe.get_by_label("Condition", exact=True)).to_be_focused()
    scribe.keyboard.type("By keys")
    scribe.get_by_label("Kind of condition").select_option("change")
    scribe.keyboard.press("Control+Enter")
    expect(scribe.locator("#part-factors li:focus")).to_contain_text("By keys")
    made = Factor.objects.get(text="By keys")
    focused(scribe, f"factor-{made.pk}")
    scribe.get_by_role("link", name="Edit: By keys").press("Enter")
    scribe.get_by_role("button", name="Remove", exact=True).press("Enter")
    expect(scribe.locator(f"#factor-{made.pk}")).to_have_count(0)
    expect(scribe.locator("#part-factors li:focus")).to_have_count(1)
    note = RoomNote.objects.get(text="Another.")
    scribe.get_by_role("link", name="Edit: Another.", exact=True).press("Enter")
    focused(scribe, f"note-{note.pk}-text")
    for page in (lead, scribe):
        page.context.close()
