"""The room's action step with three people: a line that one keeps is everybody's at once, and nobody's words are taken away."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from aar_site import clock
from actions.models import Action
from retros.models import RoomNote
from retros.services import meeting
from tests.browser.test_every_page import signed_in
from tests.browser.test_room import first_of
from tests.factories import make_action, make_cast, make_event

pytestmark = pytest.mark.browser


@pytest.fixture
def room(live: str, browser: Browser) -> Iterator[SimpleNamespace]:
    """The cast at the action step, with .enter(role); one action carried over, one idea parked."""
    cast = make_cast()
    cast.site, cast.errors, pages = live, [], []
    due = clock.today() - timedelta(days=3)
    earlier = make_event("Earlier", state="published", team=cast.team)
    make_action(earlier, "Old promise", due_on=due, owner=cast.facilitator)
    RoomNote.objects.create(
        event=cast.event,
        step_slug="timeline",
        parked_for="actions",
        text="Let the hub lose its vote",
        created_by=cast.guest,
    )
    meeting.start(cast.event, by=cast.facilitator)
    meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=6)

    def enter(role: str) -> Page:
        page = signed_in(browser, cast, role)
        page.on("pageerror", lambda error: cast.errors.append(f"{role}: {error}"))
        page.goto(f"/e/{cast.event.code}/room/")
        expect(page.locator("#stage")).to_have_attribute("data-step", "actions")
        pages.append(page)
        return page

    cast.enter = enter
    yield cast
    for page in pages:
        page.context.close()


def test_three_people_write_down_what_will_be_different(room):
    lead, guest, observer = room.enter("facilitator"), room.enter("guest"), room.enter("observer")
    for page in (lead, guest, observer):
        expect(page.get_by_role("heading", name="First, what is still open")).to_be_visible()
        expect(page.locator("#part-actions .tag.late")).to_have_text("3 days overdue")
    expect(observer.locator("#action-line")).to_be_hidden()

    # A day that cannot be read is said; the list stands, with what its owner typed.
    lead.get_by_text("It is yours: decide").click()
    decision = lead.locator('form[id$="-redate"]')
    decision.get_by_label("New date").fill("some day")
    decision.get_by_label("What changed?").fill("The part comes later")
    decision.get_by_role("button").click()
    expect(lead.locator("#toast")).to_contain_text("Enter a day such as")
    expect(decision.get_by_label("What changed?")).to_have_value("The part comes later")

    # While the facilitator types, the wording is questioned beside the line, and the words stay.
    on = clock.today() + timedelta(days=14)
    line = lead.get_by_label("New action, in one line")
    line.fill(f"Improve monitoring. Participant by {on.day} {on:%b %Y}, S")
    expect(lead.locator("#action-question")).to_contain_text("“Improve monitoring” has no end.")
    expect(lead.locator("#action-understood")).to_have_text("Read from the line: owner, date and size.")
    assert Action.objects.filter(event=room.event).count() == 0

    # The guest takes the parked idea; it is everybody's while the facilitator still writes.
    guest.get_by_role("link", name="Word it first").click()
    expect(guest.get_by_label("New action, in one line")).to_have_value("Let the hub lose its vote")
    guest.get_by_role("button", name="Keep it").click()
    for page in (lead, guest, observer):
        expect(page.locator("#part-actions .acts")).to_contain_text("Let the hub lose its vote")
        expect(page.get_by_role("heading", name="Parked earlier")).to_have_count(0)
    expect(guest.locator("#toast")).to_contain_text("Kept as proposed.")
    expect(guest.get_by_label("New action, in one line")).to_have_value("")
    expect(line).to_have_value(f"Improve monitoring. Participant by {on.day} {on:%b %Y}, S")

    # The facilitator writes it better, by key; complete, it is a promise for all.
    line.press("ControlOrMeta+a")
    line.type(
        f"A test page arrives within a minute. Participant by {on.day} {on:%b %Y}, S. Closed when it arrived in a drill"
    )
    line.press("Control+Enter")
    for page in (lead, guest, observer):
        row = page.locator(".acts > li").filter(has_text="A test page arrives within a minute")
        expect(row.locator(".tag")).to_have_text("Committed")
    expect(lead.locator("#toast")).to_contain_text("Committed.")

    # A proposal is completed in its place. What is missing is named there, and the words stay.
    lead.get_by_role("link", name="Edit: Let the hub lose its vote").click()
    form = lead.locator(".part-form")
    form.get_by_label("Closed when").fill("The vote is off in staging")
    form.get_by_role("button", name="Commit").click()
    expect(form.locator(".sum")).to_contain_text("Three things to fix")
    expect(form.get_by_label("Closed when")).to_have_value("The vote is off in staging")
    assert Axe().run(lead).response["violations"] == []
    form.get_by_label("Owner").select_option(label="Scribe")
    form.get_by_label("Due").fill(f"{on.day} {on:%b %Y}")
    form.get_by_text("Days", exact=True).click()
    form.get_by_role("button", name="Commit").click()
    for page in (lead, guest, observer):
        row = page.locator(".acts > li").filter(has_text="Let the hub lose its vote")
        expect(row.locator(".tag")).to_have_text("Committed")
    mine = lead.locator(".acts > li").filter(has_text="Let the hub lose its vote")
    expect(mine.locator(":focus")).to_have_count(1)  # and not a neighbour
    assert set(Action.objects.filter(event=room.event).values_list("status", flat=True)) == {"committed"}

    # A slip is taken back by its writer, for everybody.
    guest.get_by_label("New action, in one line").fill("A slip of the keyboard")
    guest.get_by_role("button", name="Keep it").click()
    expect(observer.locator(".acts")).to_contain_text("A slip of the keyboard")
    guest.get_by_role("button", name="Undo").click()
    for page in (lead, guest, observer):
        expect(page.locator(".acts")).not_to_contain_text("A slip of the keyboard")
    assert room.errors == []


def is_check(request) -> bool:
    """Whether the line is only asked about."""
    return "then=check" in (request.post_data or "")


def test_the_way_back_is_of_the_last_thing_and_a_late_refusal_is_heard(room):
    page = room.enter("guest")
    line, keep = page.get_by_label("New action, in one line"), page.get_by_role("button", name="Keep it")
    line.fill("The first")
    keep.click()
    expect(page.locator("#toast").get_by_role("button", name="Undo")).to_be_visible()
    said, stage = page.locator("#toast").bounding_box(), page.locator("#stage").bounding_box()
    assert said["x"] + said["width"] <= stage["x"], "it lies on what is being written"

    # While the second is on its way, nothing offers to take the first back.
    held = []
    page.route("**/actions/line/", lambda route: route.continue_() if is_check(route.request) else held.append(route))
    line.fill("The second")
    with page.expect_request(lambda request: request.url.endswith("/actions/line/") and not is_check(request)):
        keep.click()
    expect(page.locator("#toast")).to_be_empty()
    first_of(held, page).continue_()
    held.clear()
    page.unroute_all()
    undo = page.locator("#toast").get_by_role("button", name="Undo")
    expect(undo).to_be_visible()

    # Taken back too late, with another notice where the offer was: the reason is read all the same.
    page.route("**/take-back/", lambda route: held.append(route))  # noqa: PLW0108 - Playwright takes no method of a list
    with page.expect_request("**/take-back/"):
        undo.click()
    sent = first_of(held, page)
    page.evaluate("document.dispatchEvent(new CustomEvent('toast', {detail: 'Something else'}))")
    refusal = '<div class="toast" data-stay><span>It was changed meanwhile.</span></div>'
    sent.fulfill(
        status=409, headers={"HX-Retarget": "#toast", "HX-Reswap": "innerHTML"}, content_type="text/html", body=refusal
    )
    expect(page.locator("#toast")).to_contain_text("It was changed meanwhile.")
    assert room.errors == []
