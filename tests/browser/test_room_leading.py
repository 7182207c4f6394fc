"""The room changes hands in real browsers: handed over, taken over from one who is gone, taken back; and steered by key."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from retros.live import presence
from retros.models import AgendaStep, Change
from retros.services import leading, meeting
from tests.browser import test_room
from tests.browser.test_room import at, heard, press

pytestmark = pytest.mark.browser
room = test_room.room  # the fixture
SOON = 15_000  # milliseconds, on a machine that is busy with something else


def is_lead(page: Page) -> None:
    expect(page.locator("#script")).to_be_visible(timeout=SOON)
    expect(page.locator("#ctl-next")).to_be_visible(timeout=SOON)


def test_the_room_is_handed_on_taken_over_and_taken_back(room, monkeypatch):
    monkeypatch.setattr(leading, "AWAY", timedelta(seconds=2))
    monkeypatch.setattr(presence, "GRACE_S", 1)
    meeting.start(room.event, by=room.facilitator)
    lead, scribe, other = (room.enter(role) for role in ("facilitator", "scribe", "participant"))
    expect(other.locator("#script")).to_have_count(0)

    # By hand, from a sheet on the page; everybody is told.
    lead.locator("#script").get_by_role("button", name="Hand over").click()
    expect(lead.get_by_label("Who facilitates from here on")).to_be_focused()  # what comes meanwhile waits
    lead.get_by_label("Who facilitates from here on").select_option(str(room.participant.pk))
    press(lead, "Hand over the room")
    is_lead(other)
    expect(other.locator("#script")).to_contain_text("Facilitator led until")
    heard(scribe, "Now facilitating: Participant")
    expect(lead.locator("#ctl-next")).to_be_hidden()
    lead.get_by_role("button", name="Take it back").click()
    is_lead(lead)
    expect(other.locator("#ctl-next")).to_be_hidden()

    # Gone: the scribe can take over too, and says who writes; waiting folds the choice away.
    expect(scribe.locator("#people [data-is=here]")).to_have_count(3)
    lead.context.close()
    away = scribe.locator("#away-box")
    expect(away).to_contain_text("Facilitator is away", timeout=SOON)
    heard(scribe, "Facilitator is away")
    expect(scribe.get_by_label("Pen to")).to_have_value(str(room.participant.pk))
    expect(other.locator(".ctl")).to_contain_text("Nobody moves the agenda")
    scribe.get_by_text("Wait for Facilitator").click()
    expect(away.get_by_role("button", name="Take over facilitating")).to_be_hidden()
    scribe.get_by_text("Show the choice again").click()
    press(scribe, "Ask Participant to take over")
    expect(other.locator("#away-box")).to_contain_text("You are asked to take over.")
    press(other, "Take over facilitating")
    is_lead(other)
    heard(scribe, "Now facilitating: Participant")
    expect(away).to_have_count(0)

    # Back again: what happened meanwhile is there, and the way back too.
    other.locator("#ctl-next").click()
    back = room.enter("facilitator")
    at(back, "summary")
    press(back, "Take it back")
    is_lead(back)
    heard(scribe, "Now facilitating: Facilitator")
    whats = Change.objects.filter(event=room.event, topics__contains="lead").values_list("what", flat=True)
    assert list(whats) == [
        leading.HANDED,
        leading.TAKEN_BACK,
        "asked somebody to take over",
        leading.TAKEN,
        leading.TAKEN_BACK,
    ]
    assert [e for e in room.errors if "403" not in e] == []  # a script that is no longer theirs


def test_the_facilitator_steers_by_key_and_by_the_agenda_and_lets_the_room_rest(room):
    meeting.start(room.event, by=room.facilitator)
    AgendaStep.objects.filter(meeting__event=room.event, slug="root-cause").update(planned_s=304)
    lead, scribe = room.enter("facilitator"), room.enter("scribe")
    body = lead.locator("body")
    body.press("r")
    expect(lead.locator("#rescue")).to_be_visible()
    expect(lead.locator("#rescue")).to_contain_text("Somebody is blamed")
    body.press("Escape")
    expect(lead.locator("#rescue")).to_be_hidden()
    body.press("]")
    at(scribe, "summary")
    expect(lead.locator("#script")).to_contain_text("A silent minute for reading")
    expect(lead.locator("#ctl-back")).to_be_visible()  # the press is answered
    body.press("[")
    for page in (lead, scribe):
        at(page, "opening")

    # Any step, from the agenda; what was jumped over says so, and the milestones are said there, too.
    lead.locator("#jump-3").focus()
    lead.keyboard.press("Enter")
    at(scribe, "root-cause")
    expect(scribe.locator(".agenda .skipped").last).to_contain_text("Walk the timeline")
    expect(scribe.locator(".agenda button")).to_have_count(7)
    expect(scribe.locator("#jump-0")).to_be_hidden()
    heard(scribe, "Five minutes left")
    late = room.enter("participant")  # who comes late hears what comes from then on
    AgendaStep.objects.filter(meeting__event=room.event, slug="root-cause").update(planned_s=70)
    press(lead, "+5 min")
    expect(late.locator("#ctl-left")).to_have_text("left of 6 min")
    AgendaStep.objects.filter(meeting__event=room.event, slug="root-cause").update(planned_s=5)
    press(lead, "Pause")
    expect(late.locator("#ctl-left")).to_contain_text("paused")
    press(lead, "Go on")
    heard(late, "Time is up")
    expect(scribe.locator("#ctl .clock")).to_have_class("clock over")
    at(scribe, "root-cause")  # and stays there

    # A rest: everybody sees until when, and goes on at the same step.
    lead.locator("#script").get_by_role("button", name="Break").click()
    expect(lead.get_by_label("Goes on")).to_be_focused()
    with lead.expect_response(lambda answer: "/room/script/" in answer.url):
        press(scribe, "I agree")
    lead.wait_for_timeout(300)  # what changed behind the sheet is no matter of who fills it in
    expect(lead.locator("#script .changed")).to_have_count(0)
    lead.get_by_label("Goes on").fill("2 Jan 2099, 10:00")
    press(lead, "Begin the break")
    for page in (lead, scribe, late):
        expect(page.locator("#stage")).to_contain_text("The meeting rests until Fri 2 Jan 2099")
    press(lead, "Go on")
    for page in (lead, scribe, late):
        at(page, "root-cause")
        expect(page.locator("#stage")).not_to_contain_text("The meeting rests")
    assert room.errors == []
