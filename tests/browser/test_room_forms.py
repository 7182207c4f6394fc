"""Forms that are opened in place in the room: what comes meanwhile, for everybody or as the answer to another form, takes none away."""

from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from actions.models import Action
from retros.models import Factor, WentWell, WhyNode
from retros.services import analysis, causes, document, meeting, notes
from tests.browser import test_room
from tests.browser.test_room import at, first_of, held_back, listens
from tests.browser.test_room_offline import at_step

pytestmark = pytest.mark.browser
room = test_room.room  # the fixture
SUMMARY, CAUSES, FACTORS, ACTIONS = 1, 3, 4, 6  # places in the agenda


def go_to(room: SimpleNamespace, rank: int) -> None:
    meeting.start(room.event, by=room.facilitator)
    meeting.go(room.event, by=room.facilitator, from_rank=0, to_rank=rank)


def test_a_form_asked_for_opens_though_its_region_changes_meanwhile(room):
    go_to(room, FACTORS)
    analysis.add(room.event, Factor, by=room.scribe, category="change", text="A condition")
    scribe = room.enter("scribe")
    held = held_back(scribe, "**/form/")
    scribe.get_by_role("link", name="Edit: A condition").click()
    sent = first_of(held, scribe)
    analysis.add(room.event, Factor, by=room.facilitator, category="change", text="Another")
    notes.keep(room.event, by=room.facilitator, text="Said after it.")
    expect(scribe.locator("#notes")).to_contain_text("Said after it.")  # so what came before it, came
    sent.continue_()
    expect(scribe.get_by_label("Condition", exact=True)).to_have_value("A condition")
    scribe.get_by_role("link", name="Cancel").click()
    expect(scribe.locator("#part-factors")).to_contain_text("Another")


@pytest.mark.parametrize("is_open_first", [True, False])
def test_a_form_that_is_opened_while_another_is_kept_stays(room, is_open_first):
    """The answer to the one brings the list anew, in which the other stands, or is about to."""
    go_to(room, FACTORS)
    analysis.add(room.event, Factor, by=room.scribe, category="change", text="A condition")
    scribe = room.enter("scribe")
    scribe.get_by_role("link", name="Add a factor").click()
    scribe.get_by_label("Condition", exact=True).fill("Another")
    scribe.get_by_label("Kind of condition").select_option("change")
    kept, asked = held_back(scribe, "**/factors/add/"), held_back(scribe, "**/form/")
    scribe.get_by_role("button", name="Keep factor").click()
    keeping = first_of(kept, scribe)
    scribe.get_by_role("link", name="Edit: A condition").click()
    opening = first_of(asked, scribe)
    edited = scribe.locator("[id^=form-factors] textarea").first
    if is_open_first:
        opening.continue_()
        expect(edited).to_have_value("A condition")
        edited.fill("A condition of the set-up")
    keeping.continue_()
    expect(scribe.locator("#form-factors-new-0 form")).to_have_count(0)
    if not is_open_first:
        opening.continue_()
        expect(edited).to_have_value("A condition")
        edited.fill("A condition of the set-up")
    scribe.locator("h1").click()  # what waited is shown once the form is left
    expect(scribe.locator("#part-factors")).to_contain_text("Another")
    expect(edited).to_have_value("A condition of the set-up")
    scribe.get_by_role("button", name="Keep the change").click()
    expect(scribe.get_by_role("link", name="Edit: A condition of the set-up")).to_be_visible()
    expect(scribe.locator(".part-form")).to_have_count(0)
    assert room.errors == []


def test_outside_the_room_too_an_open_form_stays_when_another_is_kept(room):
    analysis.add(room.event, Factor, by=room.scribe, category="change", text="A condition")
    scribe = room.enter("scribe")
    scribe.goto(f"/e/{room.event.code}/analysis/")
    scribe.get_by_role("link", name="Edit: A condition").click()
    edited = scribe.locator("[id^=form-factors] textarea").first
    edited.fill("A condition of the set-up")
    scribe.get_by_role("link", name="Add a factor").click()
    scribe.locator("#form-factors-new-0").get_by_label("Condition", exact=True).fill("Another")
    scribe.locator("#form-factors-new-0").get_by_label("Kind of condition").select_option("change")
    scribe.locator("#form-factors-new-0").get_by_label("Condition", exact=True).press(
        "Control+Enter"
    )  # as its button says
    expect(scribe.get_by_role("link", name="Edit: Another")).to_be_visible()
    expect(edited).to_have_value("A condition of the set-up")
    scribe.get_by_role("button", name="Keep the change").click()
    expect(scribe.get_by_role("link", name="Edit: A condition of the set-up")).to_be_visible()
    expect(scribe.locator(".part-form")).to_have_count(0)
    assert room.errors == []


def test_a_removal_offers_its_way_back_beside_another_form_that_is_open(room):
    go_to(room, FACTORS)
    for text in ("A condition", "Another"):
        analysis.add(room.event, Factor, by=room.scribe, category="change", text=text)
    scribe = room.enter("scribe")
    scribe.get_by_role("link", name="Edit: A condition").click()
    edited = scribe.get_by_label("Condition", exact=True)
    edited.fill("A condition of the set-up")
    scribe.get_by_role("link", name="Edit: Another").click()
    scribe.get_by_role("button", name="Remove", exact=True).nth(1).click()
    expect(scribe.get_by_role("link", name="Edit: Another")).to_be_hidden()
    expect(edited).to_have_value("A condition of the set-up")
    scribe.get_by_role("button", name="Undo").click()
    expect(scribe.get_by_role("link", name="Edit: Another")).to_be_visible()
    assert room.errors == []


def test_a_removal_offers_its_way_back_though_the_answer_before_took_its_form_away(room):
    go_to(room, CAUSES)
    effect = causes.add(room.event, by=room.scribe, text="Service was degraded.")
    for text in ("Writes were split", "Copying takes time"):
        last = causes.add(room.event, by=room.scribe, parent=effect, text=text)
    scribe = room.enter("scribe")
    scribe.get_by_role("link", name="Edit: Copying takes time").click()
    moved, removed = held_back(scribe, "**/causes/order/"), held_back(scribe, f"**/causes/{last.pk}/remove/")
    scribe.locator(f"#up-{last.pk}").click()
    moving = first_of(moved, scribe)
    scribe.get_by_role("button", name="Remove", exact=True).click()
    removing = first_of(removed, scribe)
    moving.continue_()
    expect(scribe.locator("#causes .a").nth(1)).to_have_text("Copying takes time")
    removing.continue_()
    scribe.get_by_role("button", name="Undo").click()
    expect(scribe.locator("#causes .a")).to_have_count(3)
    assert room.errors == []


def test_a_role_whose_answer_comes_in_a_sheet_opened_anew_brings_its_list_alone(room):
    go_to(room, FACTORS)
    lead = room.enter("facilitator")
    member = room.event.memberships.get(user=room.guest)
    lead.locator("#people-edit").click()
    held = held_back(lead, f"**/people/{member.pk}/role/")
    lead.locator(f"#role-{member.pk}").select_option("observer")
    lead.get_by_role("button", name="Set the role of Guest").click()
    answer = first_of(held, lead)
    lead.keyboard.press("Escape")
    lead.locator("#people-edit").click()
    expect(lead.locator(f"#role-{member.pk}")).to_have_value("participant")
    answer.continue_()
    expect(lead.locator(f"#role-{member.pk}")).to_have_value("observer")
    expect(lead.locator("#sheet h2")).to_have_count(1)
    assert room.errors == []


def test_what_is_typed_while_a_form_is_on_its_way_stays_where_it_comes_back_refused(room):
    """With what is missing, or with both texts: the answer brings the form anew, as it was sent."""
    go_to(room, FACTORS)
    scribe = room.enter("scribe")
    scribe.get_by_role("link", name="Add a factor").click()
    words, kind = scribe.get_by_label("Condition", exact=True), scribe.get_by_label("Kind of condition")
    words.fill("Another")
    held = held_back(scribe, "**/factors/add/")
    scribe.get_by_role("button", name="Keep factor").click()
    sent = first_of(held, scribe)
    words.fill("Another, and more")
    kind.select_option("change")
    sent.continue_()
    expect(scribe.get_by_role("alert")).to_contain_text("Kind of condition")
    expect(words).to_have_value("Another, and more")
    expect(kind).to_have_value("change")

    document.save_text(room.event, "summary", text="First.", base_number=0, by=room.facilitator)
    meeting.go(room.event, by=room.facilitator, from_rank=FACTORS, to_rank=SUMMARY)
    scribe.locator("h1").click()
    scribe.get_by_text("Correct the text").click()
    text = scribe.locator("#text-summary")
    text.fill("First, by the scribe.")
    held = held_back(scribe, "**/room/text/**")
    scribe.get_by_role("button", name="Keep the text").click()
    sent = first_of(held, scribe)
    document.save_text(room.event, "summary", text="Second.", base_number=1, by=room.facilitator)
    text.fill("First, by the scribe. And more.")
    sent.continue_()
    expect(scribe.locator("[data-conflict]")).to_be_visible()
    expect(text).to_have_value("First, by the scribe. And more.")
    text.press_sequentially(" And still more.")
    scribe.reload()
    expect(text).to_have_value("First, by the scribe. And more. And still more.")


@pytest.mark.parametrize("place", ["room", "analysis"])
def test_what_is_typed_while_a_form_is_on_its_way_stays_open_where_that_is_kept(room, place):
    go_to(room, FACTORS)
    analysis.add(room.event, Factor, by=room.scribe, category="change", text="A condition")
    scribe = room.enter("scribe")
    scribe.goto(f"/e/{room.event.code}/{place}/")
    scribe.get_by_role("link", name="Edit: A condition").click()
    words = scribe.get_by_label("Condition", exact=True)
    words.fill("A condition of the set-up")
    held = held_back(scribe, "**/edit/")
    scribe.get_by_role("button", name="Keep the change").click()
    sent = first_of(held, scribe)
    words.fill("A condition of the set-up, since May")
    sent.continue_()
    expect(scribe.get_by_role("button", name="Keep the change")).not_to_have_attribute("aria-busy", "true")
    expect(words).to_have_value("A condition of the set-up, since May")
    scribe.locator("h1").click()
    expect(scribe.get_by_role("link", name="Edit: A condition of the set-up")).to_be_visible()
    expect(words).to_have_value("A condition of the set-up, since May")
    assert room.errors == []


def test_a_line_that_came_back_refused_outlasts_the_room_and_is_empty_once_it_is_kept(room):
    go_to(room, ACTIONS)
    scribe = room.enter("scribe")
    expect(scribe.locator("#live")).to_have_text("Live")
    line = scribe.locator("#action-line")
    line.locator("[name=title]").fill("Rehearse the cut of a hub")
    scribe.get_by_text("Owner, date, size").click()
    line.locator("[name=due_on]").fill("some day")
    scribe.locator("#line-keep").click()
    expect(line.locator(".sum")).to_be_visible()
    scribe.locator("h1").click()
    notes.keep(room.event, by=room.facilitator, text="An idea.", parked_for="actions")
    expect(scribe.locator("#stage")).to_contain_text("An idea.")
    expect(line.locator("[name=due_on]")).to_have_value("some day")
    line.locator("[name=due_on]").fill("3 Dec 2030")
    scribe.locator("#line-keep").click()
    expect(scribe.locator("#part-actions")).to_contain_text("Rehearse the cut of a hub")
    for name in ("title", "due_on"):
        expect(line.locator(f"[name={name}]")).to_have_value("")
    expect(line.locator(".sum, .err, [aria-invalid]")).to_have_count(0)
    assert Action.objects.count() == 1


def test_words_that_wait_stand_in_for_their_own_form_and_no_other(room):
    """Answers below two causes go to one address."""
    go_to(room, CAUSES)
    effect = causes.add(room.event, by=room.scribe, text="Service was degraded.")
    below = [causes.add(room.event, by=room.scribe, parent=effect, text=text) for text in ("Split", "Slow copies")]
    scribe = room.enter("scribe")
    expect(scribe.locator("#live")).to_have_text("Live")
    first, second = (scribe.locator(f"#form-why-new-{cause.pk}") for cause in below)
    for cause, form, text in zip(below, (first, second), ("Half a sen", "Of the second"), strict=True):
        scribe.locator(f"#why-below-{cause.pk}").click()
        form.get_by_label("Answer").fill(text)
    scribe.context.set_offline(True)
    expect(scribe.locator("#offline")).to_contain_text("Keep writing")
    second.get_by_role("button", name="Keep answer").click()
    expect(second.get_by_label("Answer")).to_be_hidden()
    expect(first.get_by_label("Answer")).to_have_value("Half a sen")
    scribe.context.set_offline(False)
    expect(scribe.locator("#causes")).to_contain_text("Of the second")
    expect(scribe.locator(".unsent")).to_have_count(0)
    expect(first.get_by_label("Answer")).to_have_value("Half a sen")
    expect(first.get_by_label("Answer")).to_be_visible()
    assert WhyNode.objects.get(text="Of the second").parent == below[1]


def test_words_that_wait_below_one_box_of_the_path_are_shown_beside_the_form_of_another(room):
    """The bar below the path has one place for its forms, whichever box they ask about."""
    go_to(room, CAUSES)
    chain = [causes.add(room.event, by=room.scribe, text="Service was degraded.")]
    for level in range(2, 6):
        chain.append(causes.add(room.event, by=room.scribe, parent=chain[-1], text=f"Level {level}"))
    guest = room.enter("participant")
    expect(guest.locator("#live")).to_have_text("Live")
    guest.get_by_text("Path", exact=True).click()
    answer, waits = guest.get_by_label("Answer"), guest.locator(".unsent")

    def ask(level: int) -> None:
        guest.locator(f"label[for='path-{chain[level - 1].pk}']").click()
        guest.keyboard.press("w")
        expect(guest.locator(".part-form .of")).to_contain_text(f"Level {level}")

    ask(4)
    answer.fill("Below the fourth")
    ask(2)
    expect(answer).to_have_value("")
    ask(4)
    expect(answer).to_have_value("Below the fourth")
    guest.route("**/causes/add/", lambda route: route.fulfill(status=503, body="busy"))
    answer.press("Control+Enter")
    expect(waits).to_contain_text("Take it back")
    ask(2)
    expect(waits).to_contain_text("Below the fourth")
    answer.fill("Below the second")
    causes.add(room.event, by=room.scribe, parent=chain[0], text="Meanwhile")
    expect(guest.locator(".part-form .changed")).to_be_visible()
    expect(answer).to_have_value("Below the second")
    # Where its form is not on the page, there is no place to take it back to: it waits.
    expect(waits).to_have_text("Below the fourthNot sent yet")
    guest.unroute_all()
    expect(waits).to_have_count(0, timeout=20_000)
    assert WhyNode.objects.get(text="Below the fourth").parent == chain[3]


def test_what_waits_is_not_thrown_away_where_its_form_went_with_the_step(room):
    go_to(room, CAUSES)
    causes.add(room.event, by=room.scribe, text="Service was degraded.")
    guest = room.enter("participant")
    expect(guest.locator("#live")).to_have_text("Live")
    guest.locator("[id^=why-below]").click()
    guest.get_by_label("Answer").fill("Copies are late")
    guest.route("**/causes/add/", lambda route: route.fulfill(status=503, body="busy"))
    guest.get_by_label("Answer").press("Control+Enter")
    expect(guest.locator(".unsent")).to_contain_text("Take it back")
    meeting.go(room.event, by=room.facilitator, from_rank=CAUSES, to_rank=CAUSES + 1)
    expect(guest.locator("#unsent")).to_have_text("Copies are lateNot sent yet")
    guest.unroute_all()
    expect(guest.locator(".unsent")).to_have_count(0, timeout=20_000)
    assert WhyNode.objects.filter(text="Copies are late").count() == 1


def test_two_half_typed_forms_that_go_with_their_step_are_both_kept(room):
    go_to(room, FACTORS)
    analysis.add(room.event, Factor, by=room.scribe, category="change", text="A condition")
    scribe = room.enter("scribe")
    listens(scribe)
    scribe.get_by_role("link", name="Edit: A condition").click()
    scribe.locator("[id^=form-factors] textarea").first.fill("A condition of the set-up")
    scribe.get_by_role("link", name="Add a factor").click()
    scribe.locator("#form-factors-new-0").get_by_label("Condition", exact=True).fill("Another")
    scribe.locator("h1").click()
    meeting.go(room.event, by=room.facilitator, from_rank=FACTORS, to_rank=FACTORS + 1)
    at(scribe, "went-well")
    expect(scribe.locator("#unsent .unsent")).to_have_count(2)
    assert room.errors == []


@pytest.mark.parametrize(("slug", "field"), [("went-well", "#well-text"), ("actions", "#line_title")])
def test_a_line_that_was_kept_and_stands_empty_holds_nobody_back_and_a_half_typed_one_does(room, slug, field):
    """News brings the form anew after it was sent: what was sent there is sent all the same."""
    at_step(room, slug)
    scribe = room.enter("scribe")
    listens(scribe)
    scribe.locator(field).fill("The alarm was heard")
    scribe.keyboard.press("Control+Enter")
    expect(scribe.locator("#stage")).to_contain_text("The alarm was heard")
    expect(scribe.locator(field)).to_have_value("")
    scribe.wait_for_timeout(800)  # so long an answer may still set the focus
    news(room, slug, "Said by another")
    expect(scribe.locator("#stage")).to_contain_text("Said by another")
    expect(scribe.locator(field)).to_be_focused()
    step = meeting.meeting_of(room.event).step
    meeting.go(room.event, by=room.facilitator, from_rank=step.rank, to_rank=step.rank + 1)
    at(scribe, "actions" if slug == "went-well" else "close")
    expect(scribe.locator("#stage h2").first).to_be_focused()
    meeting.go(room.event, by=room.facilitator, from_rank=step.rank + 1, to_rank=step.rank)
    scribe.locator(field).fill("Half a li")
    meeting.go(room.event, by=room.facilitator, from_rank=step.rank, to_rank=step.rank + 1)
    expect(scribe.locator(".changed")).to_contain_text("The room has gone on.")
    expect(scribe.locator(field)).to_have_value("Half a li")
    assert room.errors == []


@pytest.mark.parametrize("is_news_late", [True, False])
def test_who_types_on_after_a_kept_line_stays_in_the_field(room, is_news_late):
    """Whether the answer brings the line that was kept, or the news of it, and though later news brings the field anew."""
    at_step(room, "went-well")
    scribe = room.enter("scribe")
    listens(scribe)
    if is_news_late:
        scribe.route("**/room/stream/**", lambda route: route.abort())
        scribe.reload()
        listens(scribe)
    scribe.locator("#well-text").fill("The alarm was heard")
    scribe.keyboard.press("Control+Enter")
    expect(scribe.locator("#well-text")).to_have_value("")
    news(room, "went-well", "Said by another")
    expect(scribe.locator("#stage")).to_contain_text("Said by another")
    scribe.wait_for_timeout(800)  # so long an answer may still set the focus
    expect(scribe.locator("#well-text")).to_be_focused()


def news(room: SimpleNamespace, slug: str, text: str) -> None:
    if slug == "actions":
        notes.keep(room.event, by=room.facilitator, text=text, parked_for="actions")
    else:
        analysis.add(room.event, WentWell, by=room.facilitator, kind="luck", text=text)
