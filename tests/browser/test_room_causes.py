"""Root cause with two people at once in real Chromium: one adds a branch while the other edits, each in the view of their own; a
deep chain is walked by keyboard; nothing of it is wrong for axe."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from retros.models import Meeting, SharedCause, WhyNode
from retros.services import cause_tree, causes, meeting
from tests.browser import test_room
from tests.browser.test_room import PHONE

pytestmark = pytest.mark.browser
room = test_room.room


def at_causes(room) -> None:
    """The room at the step of root cause, with moments that can be evidence."""
    meeting.start(room.event, by=room.facilitator)
    slugs = [step.slug for step in room.event.meeting.steps.all()]
    meeting.go(room.event, by=room.facilitator, from_rank=0, to_rank=slugs.index("root-cause"))


def line(room, levels: int) -> list[WhyNode]:
    """A chain of so many levels; each cause but the first and the last has a neighbour, and the last leads to a second effect."""
    nodes: list[WhyNode] = []
    for level in range(1, levels + 1):
        above = nodes[-1] if nodes else None
        nodes.append(causes.add(room.event, by=room.scribe, parent=above, text=f"Level {level} of the chain"))
    others = [
        causes.add(room.event, by=room.scribe, parent=node, text=f"Beside level {n}")
        for n, node in enumerate(nodes[:-2], 2)
    ]
    causes.share(nodes[-1], effect=others[0], by=room.scribe)
    return nodes


def keep(page: Page) -> None:
    page.keyboard.press("Control+Enter")


def test_one_adds_a_branch_while_the_other_edits(room):
    at_causes(room)
    lead, scribe = room.enter("facilitator"), room.enter("scribe")
    for page in (lead, scribe):
        expect(page.locator("#live")).to_have_text("Live")

    # By keys alone: the effect, why, why; each answer is where the next question is asked.
    for words in ("Service was degraded for a day.", "Both coasts held writes.", "Any region may elect a primary."):
        scribe.keyboard.press("w")
        expect(scribe.get_by_label("Effect" if "degraded" in words else "Answer", exact=True)).to_be_focused()
        scribe.keyboard.type(words)
        keep(scribe)
        expect(lead.locator("#causes .now .a")).to_have_text(words)
        expect(scribe.locator(".part-form")).to_have_count(0)
        scribe.locator("h1").click()

    # The facilitator looks at the chain, and takes up an edit; the scribe branches beside the last answer meanwhile.
    lead.get_by_text("Causal chain").click()
    lead.get_by_text("Outline").click()
    lead.get_by_role("link", name="Edit: Both coasts held writes.").click()
    lead.get_by_label("Answer").fill("Both coasts held writes that the other had never seen.")
    scribe.keyboard.press("b")
    scribe.get_by_label("Answer").fill("Facilitator forgot that copying is not instant")
    expect(scribe.locator(".nudge")).to_contain_text("“Facilitator forgot” ends the search at a person.")
    expect(lead.locator(".nudge")).to_have_count(0)
    scribe.get_by_label("Answer").fill("Copying between coasts is not instant")
    expect(scribe.locator(".nudge")).to_have_count(0)
    scribe.get_by_text("Evidence", exact=True).click()
    scribe.get_by_label("Look for a moment").fill("topology")
    expect(scribe.locator(".evidence label")).to_have_count(1)
    scribe.locator(".evidence input").check()
    scribe.get_by_label("Look for a moment").fill("alerts")
    expect(scribe.locator(".evidence label")).to_have_count(2)  # what is chosen stays
    expect(lead.locator("#writers")).to_have_text("Scribe is writing")
    scribe.get_by_label("Answer").press("Control+Enter")
    expect(scribe.locator("#causes")).to_contain_text("Copying between coasts is not instant")
    expect(lead.locator("#writers")).to_be_empty(timeout=2500)  # it goes with what was kept
    expect(scribe.locator("#causes .now .ev a")).to_have_count(1)
    expect(lead.get_by_label("Answer")).to_have_value("Both coasts held writes that the other had never seen.")
    lead.get_by_role("button", name="Keep the change").click()
    for page in (lead, scribe):
        expect(page.locator("#causes .a", has_text="never seen")).to_be_visible()
        expect(page.locator("#causes .a", has_text="not instant")).to_be_visible()
    expect(lead.locator("#view-outline")).to_be_checked()  # the view is each reader's own
    expect(scribe.locator("#view-whys")).to_be_checked()
    effect, cause, deeper, branch = WhyNode.objects.order_by("pk")
    assert (cause.version, deeper.parent, branch.parent) == (2, cause, cause)

    # Its place, from the keyboard: up, and the form stays open; then away with it, and back.
    scribe.get_by_role("link", name="Edit: Copying").click()
    scribe.locator(f"#up-{branch.pk}").press("Enter")
    expect(lead.locator("#causes .a").nth(2)).to_have_text("Copying between coasts is not instant")
    expect(scribe.locator(f"#up-{branch.pk}")).to_be_visible()
    scribe.get_by_role("button", name="Remove", exact=True).click()
    expect(lead.locator("#causes .a")).to_have_count(3)
    scribe.get_by_role("button", name="Undo").click()
    expect(lead.locator("#causes .a")).to_have_count(4)
    assert [n.text for n in cause_tree.every(cause_tree.read(room.event))][2] == "Copying between coasts is not instant"
    assert effect.version == 1
    assert room.errors == []


def test_an_answer_that_comes_late_brings_nothing_from_before_the_news(room):
    at_causes(room)
    nodes = line(room, 3)
    guest = room.enter("participant")
    expect(guest.locator("#live")).to_have_text("Live")
    held: list[Any] = []
    guest.route("**/causes/add/", lambda route: held.append((route, route.fetch())), times=1)
    guest.keyboard.press("w")
    guest.get_by_label("Answer").fill("Kept meanwhile")
    guest.get_by_role("button", name="Keep answer").click()
    for _ in range(50):
        guest.wait_for_timeout(50)
        if held:
            break
    causes.discuss(nodes[1], by=room.facilitator)
    guest.wait_for_timeout(500)  # the news is there before the answer
    ((route, before),) = held
    route.fulfill(response=before)
    expect(guest.locator("#causes")).to_contain_text("Kept meanwhile")
    expect(guest.locator("#causes .now")).to_contain_text("Level 2 of the chain")
    expect(guest.locator("#beside")).to_contain_text("Level 2, being discussed")


def test_a_deep_chain_is_walked_by_keyboard_and_on_the_map(room):
    at_causes(room)
    nodes = line(room, 12)
    causes.discuss(nodes[5], by=room.facilitator)
    lead, guest = room.enter("facilitator"), room.enter("participant")
    boxes = "#causes .it:has(>input:checked) >.cause"
    for page in (lead, guest):
        expect(page.locator("#live")).to_have_text("Live")
        page.get_by_text("Path", exact=True).click()
        expect(page.locator(boxes).filter(visible=True)).to_have_count(12)
        expect(page.locator("#causes .now .cause")).to_contain_text("being discussed")
    # One numbering in every view, and the bar asks about what the room discusses, until a box is pressed.
    why, take = lead.locator("#bar-why"), lead.get_by_role("button", name="Discuss level")
    expect(lead.locator(f"#why-{nodes[5].pk} .n")).to_have_text("6")
    expect(lead.locator("#beside")).to_contain_text("Level 6, being discussed")
    expect(why).to_contain_text("Ask why of level 6")
    expect(take).to_be_hidden()
    lead.locator("#causes .cause", has_text="Level 3 of the chain").click()
    expect(why).to_contain_text("Ask why of level 3")
    lead.keyboard.press("w")
    expect(lead.locator(".part-form .of")).to_contain_text("Level 3 of the chain")
    lead.locator(".part-form [data-cancel]").click()
    lead.locator("#bar-and").click()
    expect(lead.locator(".part-form .of")).to_contain_text("Level 2 of the chain")
    lead.locator(".part-form [data-cancel]").click()
    # Down and up lead along the path, which is one stop of Tab.
    lead.locator(f"#path-{nodes[2].pk}").focus()
    lead.keyboard.press("ArrowDown")
    expect(lead.locator(f"#path-{nodes[3].pk}")).to_be_focused()
    expect(why).to_contain_text("Ask why of level 4")
    expect(lead.locator("#causes input[tabindex='0']")).to_have_count(1)
    lead.keyboard.press("ArrowDown")
    lead.keyboard.press("ArrowUp")
    expect(take).to_have_text("Discuss level 4")
    expect(guest.locator("#bar-why")).to_contain_text("Ask why of level 6")
    # Left and right change to what met it; the path below it is another one.
    lead.keyboard.press("ArrowRight")
    expect(lead.locator(boxes).filter(visible=True).last).to_contain_text("Beside level 4")
    expect(lead.locator("#beside .map rect.on")).to_have_count(4)
    expect(guest.locator(boxes).filter(visible=True)).to_have_count(12)
    # What others keep leaves my path where it is, and what I look at can be taken up by all.
    causes.add(room.event, by=room.scribe, parent=nodes[0], text="Seen late")
    expect(lead.locator("#causes .a", has_text="Seen late")).to_be_visible()
    expect(lead.locator(boxes).filter(visible=True).last).to_contain_text("Beside level 4")
    # A defence that held stands below the path, which goes on past it: the bar stays where one sees it.
    guest.keyboard.press("d")
    guest.get_by_label("Answer").fill("Copies served what was read")
    guest.get_by_label("The defence").select_option("held")
    guest.get_by_role("button", name="Keep answer").click()
    held = lead.locator(".what-held .cause", has_text="Copies served")
    expect(held).to_be_visible()
    causes.discuss(WhyNode.objects.get(defence="held"), by=room.facilitator)
    expect(guest.locator("#beside")).to_contain_text("Level 7, being discussed")
    expect(guest.locator(boxes).filter(visible=True)).to_have_count(12)
    expect(guest.locator("#bar-why")).to_contain_text("Ask why of level 6")
    expect(guest.locator("#causes input[tabindex='0']")).to_be_visible()
    take.click()
    expect(guest.locator("#causes .now")).to_contain_text("Beside level 4")
    expect(guest.locator(boxes).filter(visible=True)).to_have_count(4)
    assert Meeting.objects.get().cause.text == "Beside level 4"
    # What I keep below the box that I pressed is where I am then, though the room is elsewhere.
    guest.locator("#causes .cause", has_text="Level 2 of the chain").click()
    guest.locator("#bar-why").click()
    guest.get_by_label("Answer").fill("Nobody asked")
    guest.get_by_role("button", name="Keep answer").click()
    expect(guest.locator("#bar-why")).to_contain_text("Ask why of level 3")
    expect(guest.locator(boxes).filter(visible=True).last).to_contain_text("Nobody asked")
    # The shared cause leads to where it is written, the map to any, and "p" to the next end.
    link = SharedCause.objects.get()
    lead.locator(f"#beside .map [data-path='{link.effect_id}']").click()
    expect(lead.locator(f"#path-{link.effect_id}")).to_be_focused()
    expect(lead.locator(boxes).filter(visible=True).last).to_contain_text("Beside level 2")
    lead.locator("#causes .sh a").filter(visible=True).click()
    expect(lead.locator(f"#path-{link.cause_id}")).to_be_checked()
    expect(lead.locator(boxes).filter(visible=True)).to_have_count(12)
    lead.locator("h1").click()
    lead.keyboard.press("p")
    expect(lead.locator(boxes).filter(visible=True)).to_have_count(12 - 1)
    # The fields of a form in a row are no boxes: Tab leads to them, and a tick there leads nowhere.
    lead.get_by_text("Outline", exact=True).click()
    lead.locator(f"#edit-why-{nodes[1].pk}").click()
    lead.get_by_label("Answer").fill("Level 2, more of it")
    lead.locator("h1").click()
    causes.add(room.event, by=room.scribe, parent=nodes[0], text="Seen later")
    expect(lead.locator("#causes .a", has_text="Seen later")).to_be_visible()
    expect(lead.get_by_label("Question")).not_to_have_attribute("tabindex", "-1")
    lead.get_by_text("We can change this: stop here").click()
    expect(lead.locator(".at")).to_have_count(1)
    assert room.errors == []


@pytest.mark.looks
def test_nothing_is_wrong_with_any_view_of_a_deep_chain(room):
    """axe and sideways scrolling, in each view, at a desk and on a phone, with a form open."""
    at_causes(room)
    line(room, 12)
    wrong = {}
    for role, options in (("scribe", {}), ("participant", {"viewport": PHONE, "color_scheme": "dark"})):
        page = room.enter(role, **options)
        for view in ("view-whys", "view-chain", "view-outline"):
            page.locator(f"label:has(#{view})").click()
            if view == "view-outline":
                page.locator("[id^=why-below]").first.click()
                page.locator(".part-form textarea").first.wait_for()
            found = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in Axe().run(page).response["violations"]]
            wide = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
            if found or wide > 0:
                wrong[f"{view} {role}"] = [*found, wide]
    assert wrong == {}
