"""From silent notes to the close with three people: sealed, shown at once, placed by number keys, made an action, answered."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from aar_site import clock
from actions.models import Action
from retros.models import ClosingAnswer, Factor, SilentNote, WentWell
from retros.services import meeting
from tests.browser.test_every_page import signed_in
from tests.browser.test_room import go_on
from tests.factories import make_cast

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def room(live: str, browser: Browser) -> Iterator[SimpleNamespace]:
    """The cast at the contributing factors, with .enter(role)."""
    cast = make_cast()
    cast.site, cast.errors, pages = live, [], []
    meeting.start(cast.event, by=cast.facilitator)
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=4)

    def enter(role: str, **options) -> Page:
        page = signed_in(browser, cast, role, **options)
        page.on("pageerror", lambda error: cast.errors.append(f"{role}: {error}"))
        page.on("console", lambda m: cast.errors.append(f"{role}: {m.text}") if m.type == "error" else None)
        page.goto(f"/e/{cast.event.code}/room/")
        expect(page.locator("#stage")).to_have_attribute("data-step", "factors")
        pages.append(page)
        return page

    cast.enter = enter
    yield cast
    for page in pages:
        page.context.close()


def wrong(page: Page) -> list[str]:
    """What axe finds, by the element it stands at. Landmarks are the frame's, which is looked at with every page."""
    found = [v for v in Axe().run(page).response["violations"] if v["id"] != "region"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]


def test_from_silence_to_the_close(room):
    lead, scribe, guest = room.enter("facilitator"), room.enter("scribe"), room.enter("guest", viewport=PHONE)
    everybody = (lead, scribe, guest)
    write_in_silence(lead, scribe, guest)
    place(lead, scribe, guest)

    # What went well: one line by the guest; luck waits for the actions after one press of the scribe.
    go_on(lead, scribe, guest, to="went-well")
    expect(lead.get_by_text("Nothing is listed yet.")).to_be_visible()
    guest.locator("#well-text").fill("Somebody knew the restore order by heart")
    guest.get_by_text("Luck", exact=True).click()
    guest.locator("#well-line").get_by_role("button", name="Keep").click()
    scribe.get_by_role("button", name="Park for the actions: Somebody knew").click()
    for page in everybody:
        expect(page.locator("#part-well")).to_contain_text("Parked for the actions")
    # Whoever writes stays, and hears of it; where the room comes back, nothing is waiting.
    scribe.locator("#well-text").fill("Half a line")
    go_on(lead, guest, to="actions")
    expect(scribe.locator(".changed")).to_contain_text("The room has gone on.")
    lead.locator("#ctl-back").click()
    expect(scribe.locator(".changed")).to_have_count(0)
    scribe.locator("#well-text").fill("")
    scribe.locator("#part-well-title").click()

    # Actions: the parked idea in one press, then in one line, with what is understood beside it.
    go_on(lead, scribe, guest, to="actions")
    guest.get_by_role("button", name="Make it an action: Make it design").click()
    for page in everybody:
        expect(page.locator(".acts")).to_contain_text("Make it design: Somebody knew the restore order by heart")
    expect(guest.locator("#toast")).to_contain_text("To commit it: owner, date, size and “closed when”.")
    lead.get_by_role("link", name="Write an action: The topology page").click()
    expect(lead.locator("#line_title")).to_be_focused()
    on = clock.today() + timedelta(days=14)
    lead.keyboard.type(
        f"Show the region of each primary. Participant by {on.day} {on:%b %Y}, S. Closed when a drill shows it"
    )
    expect(lead.locator("#action-understood")).to_have_text("Read from the line: owner, date, size and “closed when”.")
    lead.keyboard.press("Control+Enter")
    for page in everybody:
        row = page.locator(".acts > li").filter(has_text="Show the region of each primary")
        expect(row.locator(".tag")).to_have_text("Committed")
        expect(row).to_contain_text("Answers: The topology page")
    assert Action.objects.get(title="Show the region of each primary").factor.text.startswith("The topology page")
    assert wrong(lead) == []

    # The close: two answers and one thing, whose nobody can tell.
    go_on(lead, scribe, guest, to="close")
    guest.locator("#learned-little").check()
    guest.locator("#again-yes").check()
    guest.locator("#close-thing").fill("A flat line is a signal too")
    guest.get_by_role("button", name="Send both").click()
    expect(guest.get_by_text("Your answers are counted.")).to_be_visible()
    expect(lead.locator("#close-own")).to_contain_text("answered")
    expect(lead.locator("#part-close")).to_contain_text("The first action is due")
    assert list(ClosingAnswer.objects.values_list("learned", "again", "thing")) == [
        ("little", "yes", "A flat line is a signal too")
    ]
    assert wrong(guest) == []
    assert room.errors == []


def test_what_was_asked_for_before_a_note_was_kept_does_not_take_it_away(room):
    lead, guest = room.enter("facilitator"), room.enter("guest", viewport=PHONE)
    lead.locator("body").press("q")
    guest.locator("#silent-text").fill("A path that nobody had drawn")
    held: list[Any] = []
    guest.route("**/silent/own/", lambda route: held.append((route, route.fetch())), times=1)
    lead.get_by_role("button", name="Show all notes").click()
    expect(guest.locator(".changed")).to_be_visible()
    for _ in range(50):
        guest.wait_for_timeout(50)
        if held:
            break
    guest.get_by_role("button", name="Keep note").click()
    expect(guest.get_by_text("Kept, and not shown yet")).to_be_visible()
    ((route, before),) = held
    route.fulfill(response=before)
    guest.wait_for_timeout(400)
    expect(guest.get_by_text("Kept, and not shown yet")).to_be_visible()
    assert room.errors == []


def write_in_silence(lead: Page, scribe: Page, guest: Page) -> None:
    """Everybody reads their own notes and one number, and not who writes; words being typed outlive the show."""
    told: list[str] = []
    writing = guest.locator("#room").get_attribute("data-writing") or "?"
    guest.on("request", lambda request: told.append(request.url) if request.url.endswith(writing) else None)
    lead.locator("body").press("q")
    for page in (lead, scribe, guest):
        expect(page.get_by_text("Sealed until all notes are shown")).to_be_visible()
    guest.locator("#silent-text").fill("The topology page had no word for it\nFlat lag looks the same as late metrics")
    guest.get_by_role("button", name="Keep note").click()
    expect(guest.locator("#silent-mine")).to_contain_text("2 kept, only you see them")
    expect(guest.locator("#silent-text")).to_have_value("")
    scribe.locator("#silent-text").fill("Late metrics and flat lag look the same")
    scribe.keyboard.press("Control+Enter")
    expect(scribe.locator("#silent-mine")).to_contain_text("1 kept, only you see it")
    expect(lead.locator("#silent-count")).to_contain_text("Three notes in the room", timeout=10_000)
    expect(lead.locator(".hatch")).to_have_count(3)
    assert "topology" not in lead.content()
    assert "topology" not in scribe.content()
    assert wrong(guest) == []

    lead.locator("#note-text").fill("Said aloud")
    lead.locator("#note-text").press("Control+Enter")
    expect(guest.locator("#notes")).to_contain_text("Said aloud")
    guest.locator("#silent-text").fill("A note that is not kept yet")
    lead.get_by_role("button", name="Show all notes").click()
    expect(lead.get_by_role("heading", name="Three notes, three to place")).to_be_visible()
    expect(guest.locator("#part-factors")).to_contain_text("Three notes, three to place")
    expect(guest.locator("#silent-text")).to_have_value("A note that is not kept yet")
    expect(guest.locator(".changed")).to_contain_text("Somebody changed this.")  # not who was named last
    guest.get_by_role("button", name="Keep note").click()
    expect(guest.get_by_text("Kept, and not shown yet")).to_be_visible()
    assert not SilentNote.objects.shown().exclude(author=None).exists()
    assert told == []


def place(lead: Page, scribe: Page, guest: Page) -> None:
    """By number keys, alike ones together, one taken back; the late note is shown and left out."""
    expect(guest.locator("#placing form")).to_be_hidden()
    for left in ("two", "one", ""):
        text = lead.locator("#placing [data-focus]").inner_text()
        kinds = {"The topology": "Diagnosis", "Flat lag": "Diagnosis", "Late metrics": "Diagnosis"}
        same = lead.locator(
            "#placing [data-key='0']"
        )  # by its key: a note has these words in it too, and so have its buttons
        if same.is_visible():
            lead.locator("body").press("0")
        else:
            name = next(kind for start, kind in kinds.items() if text.startswith(start))
            lead.locator("#placing").get_by_role("button", name=name).click()
        expect(lead.locator("#part-factors-title")).to_contain_text(
            f"{left} to place" if left else "Three notes, two factors"
        )
    for page in (lead, scribe, guest):
        expect(page.locator("#part-factors .also")).to_have_count(1)
    assert sorted(Factor.objects.kept().values_list("category", flat=True)) == ["diagnosis", "diagnosis"]

    lead.get_by_role("button", name="Show it").click()  # the note that came after the show
    expect(scribe.locator("#placing")).to_contain_text("A note that is not kept yet")
    scribe.locator("body").press("9")
    expect(guest.get_by_text("As written: 4 notes, 1 left out")).to_be_visible()
    expect(scribe.locator("#toast").get_by_role("button", name="Undo")).to_be_visible()
    scribe.locator("body").press("u")
    for page in (guest, scribe):
        expect(page.locator("#placing")).to_contain_text("A note that is not kept yet")
    scribe.locator("body").press("9")
    expect(guest.locator("#placing")).to_have_count(0)
    assert wrong(lead) == []
    assert not WentWell.objects.exists()
