"""The main job, once, as it is done: a real incident from "it happened" to a published review whose action is chased.

Three people in three browsers (a facilitator, a scribe, a participant on a phone) drive the whole product as it is served,
on the facts of GitHub's incident of 21 October 2018. What each of them types at each step must stand in the document that
is published. At the end the clock has moved on, and the owner's reminder arrives at a real mail server.
"""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from tests.journeys.people import (
    DESK,
    PHONE,
    Person,
    add_people,
    choose,
    first_start,
    next_tuesday,
    open_browser,
    sign_in,
)
from tests.journeys.product import Product

pytestmark = pytest.mark.browser

TITLE = "43-second network split leads to a day of degraded service"
NOTICED = "The first page said that metrics were late, so I read the flat lines as a monitoring problem."
ALONE = "I had been awake for twenty hours."
SUMMARY = "A hub lost its data centre for 43 seconds, and both coasts then held writes that the other lacked."
NOTE = "Nobody had seen a primary on the other coast before."
EFFECT = "For a day pages were stale and hooks arrived late"
WHY_1 = "Failover was allowed to promote leaders across the continent"
WHY_2 = "The topology was tested for reachability, never for the latency that applications tolerate"
FACTOR = "Restores of a whole cluster from remote storage had never been needed"
WELL = "Alerts came within two minutes of the split"
LUCK = "A storage engineer happened to be at the site"
ACTION = "Stop the failover tool from promoting leaders across regions"
CLOSED_WHEN = "a forced cut in staging moves no primary"
LESSONS = "Consistency came before recovery time, and we say so while it happens."
MOMENTS = [
    ("2018-10-21 22:52", "The network splits; leaders move to the other coast and writes follow", ""),
    ("2018-10-21 22:54", "Monitoring raises many alerts at once", "Detected"),
    ("2018-10-21 23:02", "Responders see that layouts list western servers only", "Cause understood"),
    ("2018-10-21 23:13", "Status turns red; database engineers are paged", "Severity set"),
    ("2018-10-22 16:24", "Replicas are in sync, the original layout is restored", "Impact ends"),
    ("2018-10-22 23:03", "Queues are empty, checks pass, status is green", "Resolved"),
]


def test_from_it_happened_to_a_reminder(installed: Product, browser: Browser) -> None:
    began = next_tuesday()
    shift = (began - datetime.now(UTC)).total_seconds()
    said = installed.start(shift)
    ines = open_browser(browser, installed, "Ines Alvarez", "ines@example.org", DESK)
    tomasz = open_browser(browser, installed, "Tomasz Nowak", "tomasz@example.org", DESK)
    marcus = open_browser(browser, installed, "Marcus Webb", "marcus@example.org", PHONE)

    first_start(ines, installed, said)
    add_people(ines, installed, tomasz, marcus)
    code = open_event(ines, tomasz)
    invite(ines, marcus, code)
    for person in (tomasz, marcus):
        sign_in(person, installed)
    write_account(marcus, ines, code)
    build_timeline(ines, code)
    open_accounts(ines, marcus, code)
    due = began.date() + timedelta(days=9)
    hold_meeting(ines, tomasz, marcus, code, due)
    publish(ines, code)
    assert TITLE in installed.mail.wait_for(marcus.email, "published")
    check_document(ines, code)
    assert installed.stop() == 0

    # Two days before the date, at ten where the owner is, the worker finds what is due.
    installed.mail.mails.clear()
    installed.start((began + timedelta(days=7) - datetime.now(UTC)).total_seconds())
    reminder = installed.mail.wait_for(marcus.email, ACTION, seconds=100)
    close_action(marcus, installed, reminder)


# --- Before the meeting ---------------------------------------------------------------------------------------------
def open_event(ines: Person, tomasz: Person) -> str:
    page = ines.page
    page.goto("/events/new/")
    page.get_by_role("textbox", name="Title").fill(TITLE)
    page.get_by_label("In one or two sentences").fill("A short network cut moved database leaders across the country.")
    page.get_by_label("Affected services").fill("mysql, webhooks")
    page.get_by_label("Severity").select_option("sev1")
    page.get_by_role("textbox", name="Began").fill("2018-10-21 22:52")
    page.get_by_role("textbox", name="Ended").fill("2018-10-22 23:03")
    page.get_by_label("Clock").select_option("UTC")
    page.get_by_label("Who was affected").fill("Users of webhooks and pages")
    choose(page.get_by_label("Scribe"), tomasz.name)
    page.get_by_role("button", name="Open the event").click()
    expect(page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    found = re.search(r"/e/([^/]+)/", page.url)
    assert found
    return found[1]


def invite(ines: Person, marcus: Person, code: str) -> None:
    page = ines.page
    page.goto(f"/e/{code}/people/")
    page.get_by_text("Choose a colleague instead").click()
    form = page.locator("form", has=page.get_by_label("Person"))
    choose(page.get_by_label("Person"), marcus.name)
    form.get_by_label("Took part in the event").check()
    form.get_by_label("What they did in the event").fill("On call for databases")
    page.get_by_role("button", name="Add and invite").click()
    expect(page.locator("main li", has_text=marcus.name)).to_contain_text("took part")
    page.goto(f"/e/{code}/schedule/")
    page.get_by_role("button", name="Keep the time").click()
    expect(page.get_by_role("heading", name="The meeting")).to_be_visible()


def write_account(marcus: Person, ines: Person, code: str) -> None:
    page = marcus.page
    page.goto(f"/e/{code}/")
    page.get_by_role("link", name="Write your account").click()
    fields = page.locator("form[data-autosave] textarea")
    fields.first.fill(NOTICED)
    page.get_by_label("Anything you would rather tell the facilitator alone?").fill(ALONE)
    page.get_by_role("button", name="Submit account").click()
    expect(page.locator("main")).to_contain_text("Your account is in")
    ines.page.goto(f"/e/{code}/")
    standing = ines.page.locator("aside li", has_text=marcus.name)
    expect(standing).to_contain_text("In")
    assert NOTICED not in ines.page.content()


def build_timeline(ines: Person, code: str) -> None:
    page = ines.page
    for when, text, landmark in MOMENTS:
        page.goto(f"/e/{code}/timeline/?add=1")
        page.get_by_label("When").fill(when)
        page.get_by_label("What happened").fill(text)
        if landmark:
            choose(page.get_by_label("Marks"), landmark)
        page.get_by_role("button", name="Add the moment").click()
        expect(page.locator("ol.tl")).to_contain_text(text)
    expect(page.locator("ol.tl > li[id]")).to_have_count(len(MOMENTS))


def open_accounts(ines: Person, marcus: Person, code: str) -> None:
    page = ines.page
    page.goto(f"/e/{code}/reveal/")
    page.get_by_role("button", name="Open one account").click()
    marcus.page.goto(f"/e/{code}/read/")
    expect(marcus.page.locator("main")).to_contain_text(NOTICED)
    assert ALONE not in marcus.page.content()


# --- The meeting ----------------------------------------------------------------------------------------------------
def hold_meeting(ines: Person, tomasz: Person, marcus: Person, code: str, due: object) -> None:
    """Each step in turn: one person writes, the two others see it without doing anything."""
    everyone = (ines, tomasz, marcus)
    for person in everyone:
        person.page.goto(f"/e/{code}/room/")
    ines.page.get_by_role("button", name="Open the room").click()
    for person in everyone:
        expect(person.page.locator("#stage")).to_have_attribute("data-step", "opening")
    marcus.page.get_by_role("button", name="I agree").click()
    expect(ines.page.locator("#stage")).to_contain_text("1 of 3 have agreed")

    step(everyone, "summary")
    tomasz.page.get_by_text("Write the text").click()
    tomasz.page.locator("#stage textarea").fill(SUMMARY)
    tomasz.page.get_by_role("button", name="Keep the text").click()
    all_see(everyone, SUMMARY)

    step(everyone, "timeline")
    all_see(everyone, MOMENTS[0][1])
    ines.page.get_by_role("button", name="Later").click()
    for person in everyone:
        expect(person.page.locator("#stage .big-now")).to_contain_text(MOMENTS[1][1])
    tomasz.page.get_by_label("What was said").fill(NOTE)
    tomasz.page.locator("#note-form").get_by_role("button", name="Keep").click()
    expect(ines.page.locator("#notes")).to_contain_text(NOTE)

    step(everyone, "root-cause")
    add(tomasz, "Write down the effect", EFFECT, "Keep answer")
    all_see(everyone, EFFECT)
    add(tomasz, "Why was that possible?", WHY_1, "Keep answer")
    all_see(everyone, WHY_1)
    add(ines, "Why was that possible?", WHY_2, "Keep answer")
    all_see(everyone, WHY_2)
    step(everyone, "factors")
    add(marcus, "Add a factor", FACTOR, "Keep factor")
    all_see(everyone, FACTOR)
    step(everyone, "went-well")
    tomasz.page.locator("#well-text").fill(WELL)
    tomasz.page.locator("#well-line").get_by_role("button", name="Keep").click()
    all_see(everyone, WELL)

    step(everyone, "actions")
    line = ines.page.locator("#action-line textarea").first
    line.fill(f"{ACTION}. Marcus by {due:%-d %b}, S. Closed when {CLOSED_WHEN}")
    line.locator("xpath=ancestor::form").get_by_role("button", name=re.compile("^(Keep|Commit)")).first.click()
    all_see(everyone, ACTION)
    step(everyone, "close")
    marcus.page.get_by_label("Yes").first.check()
    marcus.page.locator("#stage").get_by_label("Yes").nth(1).check()
    marcus.page.get_by_role("button", name="Send both").click()
    ines.page.get_by_role("button", name="End the meeting").click()
    expect(ines.page).to_have_url(re.compile(f"/e/{code}/review/"))
    for person in (tomasz, marcus):
        expect(person.page.locator("#stage")).to_contain_text("The meeting is over")


def step(everyone: tuple[Person, ...], slug: str) -> None:
    """The facilitator moves the agenda on; every browser follows by itself."""
    everyone[0].page.locator("#ctl").get_by_role("button", name=re.compile("^Next:")).click()
    for person in everyone:
        expect(person.page.locator("#stage")).to_have_attribute("data-step", slug)


def all_see(everyone: tuple[Person, ...], words: str) -> None:
    for person in everyone:
        expect(person.page.locator("#stage")).to_contain_text(words)


def add(person: Person, opener: str, words: str, button: str) -> None:
    """Press what opens a form in the stage, write into its first text, keep it."""
    stage = person.page.locator("#stage")
    stage.get_by_role("link", name=opener).first.click()
    form = stage.locator(".part-form form").first
    form.locator("textarea").first.fill(words)
    for kind in form.get_by_label("Kind").all():
        kind.select_option(index=1)
    form.get_by_role("button", name=button).first.click()


# --- After it -------------------------------------------------------------------------------------------------------
def publish(ines: Person, code: str) -> None:
    page = ines.page
    page.goto(f"/e/{code}/review/edit/lessons/")
    page.locator("form textarea[name=text]").first.fill(LESSONS)
    page.get_by_role("button", name="Keep the section").click()
    page.goto(f"/e/{code}/review/publish/")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("main")).to_contain_text("Published")


def check_document(ines: Person, code: str) -> None:
    """Markdown holds every word that was typed, in its section, and nothing that was sealed; so does the PDF."""
    answer = ines.context.request.get(f"/e/{code}/review.md")
    text = answer.text()
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.M | re.S))
    assert SUMMARY in sections["Summary"]
    assert all(moment in sections["Timeline"] for _, moment, _ in MOMENTS)
    assert all(words in sections["Root cause analysis"] for words in (EFFECT, WHY_1, WHY_2))
    assert FACTOR in sections["Contributing factors"]
    assert WELL in sections["What went well"]
    assert ACTION in sections["Action items"]
    assert "Marcus Webb" in sections["Action items"]
    assert LESSONS in sections["Lessons"]
    assert ALONE not in text
    assert NOTICED not in text
    pdf = PdfReader(BytesIO(ines.context.request.get(f"/e/{code}/review.pdf").body()))
    printed = packed("".join(page.extract_text() for page in pdf.pages))
    for words in (SUMMARY, *(text for _, text, _ in MOMENTS), EFFECT, WHY_1, WHY_2, FACTOR, WELL, ACTION, LESSONS):
        assert packed(words) in printed, f"{words!r} is not in the PDF: {printed}"
    assert packed(ALONE) not in printed
    assert packed(NOTICED) not in printed


def packed(text: str) -> str:
    """Without spaces, because lines break where the page wants it and a picture places its words one by one."""
    return "".join(text.split())


def close_action(marcus: Person, one: Product, reminder: str) -> None:
    """The owner opens the link of the mail, signs in, and closes the action with what shows that it is done."""
    found = re.search(r"/actions/(\d+)/", reminder)
    assert found, reminder
    marcus.context.clear_cookies()
    sign_in(marcus, one)
    page = marcus.page
    page.goto(f"/actions/{found[1]}/close/")
    page.get_by_label("What shows that it is done?").fill("Staging cut of this morning moved no primary")
    page.get_by_role("button", name="Close it").click()
    expect(page.locator("main")).to_contain_text("Done")
