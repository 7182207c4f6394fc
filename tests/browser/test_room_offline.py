"""A line that breaks while people write in the room: each word is kept, shown, sent in order and once, or comes back with a reason."""

import sqlite3
import time
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import OperationalError
from playwright.sync_api import Error, Page, Route, expect

from retros.live import log
from retros.models import Change, RoomNote, SectionText, WentWell, WhyNode
from retros.services import causes, document, meeting, notes
from tests.browser import test_room
from tests.browser.test_room import press, until
from tests.promises.proxy import Proxy

pytestmark = pytest.mark.browser
room = test_room.room  # the fixture


def note(page: Page, text: str) -> None:
    page.locator("#note-text").fill(text)
    press(page, "Keep")


def texts() -> list[str]:
    return list(RoomNote.objects.order_by("pk").values_list("text", flat=True))


def at_step(room: SimpleNamespace, slug: str) -> None:
    meeting.start(room.event, by=room.facilitator)
    rank = meeting.meeting_of(room.event).steps.get(slug=slug).rank
    meeting.go(room.event, by=room.facilitator, from_rank=0, to_rank=rank)


def waiting(page: Page) -> list[str]:
    return page.locator(".unsent p").all_text_contents()


def test_what_is_kept_without_a_line_is_sent_in_order_and_once_when_it_is_back(room):
    at_step(room, "root-cause")
    scribe = room.enter("scribe")
    expect(scribe.locator("#live")).to_have_text("Live")
    scribe.locator("body").press("w")
    scribe.get_by_label("Effect", exact=True).fill("Service was degraded for a day.")
    scribe.context.set_offline(True)
    expect(scribe.locator("#offline")).to_contain_text("Keep writing")
    note(scribe, "The first thing.")
    expect(scribe.locator("#note-text")).to_have_value("")  # the next one can be written
    scribe.get_by_role("button", name="Keep effect").click()
    expect(scribe.get_by_label("Effect", exact=True)).to_be_hidden()
    expect(scribe.locator(".unsent", has_text="for a day").get_by_role("button", name="Take it back")).to_be_focused()
    note(scribe, "The third thing.")
    scribe.locator("#note-text").fill("Half a sen")
    expect(scribe.get_by_text("Not sent yet", exact=True)).to_have_count(3)
    assert sorted(waiting(scribe)) == ["Service was degraded for a day.", "The first thing.", "The third thing."]
    scribe.locator(".unsent", has_text="third").get_by_role("button", name="Take it back").click()
    expect(scribe.locator("#note-text")).to_have_value("The third thing. \n\nHalf a sen")  # no typed word is lost
    expect(scribe.locator("#toast")).to_have_text("It stands before what you are writing.")
    assert texts() == []
    scribe.locator("#note-text").fill("The third thing.")
    press(scribe, "Keep")
    scribe.locator("#note-text").fill("Half a sen")
    scribe.context.set_offline(False)
    expect(scribe.locator("#notes")).to_contain_text("The third thing.")
    expect(scribe.locator("#part-whys")).to_contain_text("Service was degraded for a day.")
    expect(scribe.locator(".unsent")).to_have_count(0)
    expect(scribe.locator("#offline")).to_be_hidden()
    expect(scribe.locator("#note-text")).to_have_value("Half a sen")
    assert texts() == ["The first thing.", "The third thing."]
    assert WhyNode.objects.get().created_by == room.scribe
    done = Change.objects.filter(actor=room.scribe).order_by("seq").values_list("subject", flat=True)
    kinds = [subject.partition(":")[0] for subject in done if subject]
    assert kinds == ["roomnote", "whynode", "roomnote"]  # in the order in which they were kept


def test_two_forms_of_one_page_that_wait_together_are_two_things(room):
    """A page comes with one operation id for all its forms; the server does an id once."""
    at_step(room, "went-well")
    scribe = room.enter("scribe")
    expect(scribe.locator("#live")).to_have_text("Live")
    ids = scribe.locator("#well-line [name=op], #note-form [name=op]").evaluate_all("all => all.map((op) => op.value)")
    assert (len(ids), len(set(ids))) == (2, 1)
    scribe.context.set_offline(True)
    expect(scribe.locator("#offline")).to_contain_text("Keep writing")
    scribe.locator("#note-text").fill("Kept as a note.")
    scribe.locator("#note-form").get_by_role("button", name="Keep").click()
    scribe.locator("#well-text").fill("The alarm was heard.")
    scribe.locator("#well-line").get_by_role("button", name="Keep").click()
    expect(scribe.locator(".unsent")).to_have_count(2)
    scribe.context.set_offline(False)
    expect(scribe.locator(".unsent")).to_have_count(0)
    expect(scribe.locator("#part-well")).to_contain_text("The alarm was heard.")
    assert texts() == ["Kept as a note."]
    assert list(WentWell.objects.values_list("text", flat=True)) == ["The alarm was heard."]


def test_the_pages_beside_the_room_say_that_something_waits_in_this_browser(room):
    at_step(room, "root-cause")
    scribe = room.enter("scribe")
    expect(scribe.locator("#live")).to_have_text("Live")
    scribe.route("**/notes/add/", lambda route: route.abort())
    note(scribe, "Not sent yet.")
    expect(scribe.locator(".unsent")).to_have_count(1)
    beside = scribe.context.new_page()
    beside.goto(scribe.url.replace("/room/", "/timeline/"))
    expect(beside.locator("[data-waits]")).to_contain_text("Something you wrote in the room is not sent yet.")
    scribe.unroute("**/notes/add/")
    beside.locator("[data-waits]").get_by_role("link", name="Go to the room").click()
    expect(beside.locator("#notes")).to_contain_text("Not sent yet.")
    expect(beside.locator(".unsent")).to_have_count(0)
    beside.goto(scribe.url.replace("/room/", "/timeline/"))
    expect(beside.locator("[data-waits]")).to_be_hidden()


def test_the_list_of_keys_says_what_this_reader_can_press_here(room):
    at_step(room, "root-cause")
    lead, observer = room.enter("facilitator"), room.enter("observer")
    shown = {}
    for page in (lead, observer):
        expect(page.locator("#live")).to_have_text("Live")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        shown[page] = page.locator("#keys dt[data-here]").all_text_contents()
    assert {"n", "w", "]"} <= set(shown[lead])
    assert not {"n", "w", "]", "["} & set(shown[observer])
    expect(lead.locator("#keys")).to_contain_text("Next: Contributing factors")
    expect(lead.get_by_text("Next and last row of a timeline")).to_be_hidden()
    lead.get_by_label("Single keys work in this browser").uncheck()
    lead.keyboard.press("Escape")
    lead.keyboard.press("]")
    lead.keyboard.press("n")
    expect(lead.locator("#stage")).to_have_attribute("data-step", "root-cause")
    expect(lead.locator("#note-text")).not_to_be_focused()


def test_behind_a_proxy_that_holds_streams_back_everything_comes_by_asking(room):
    at_step(room, "summary")
    proxy = Proxy(int(room.site.rpartition(":")[2]))
    proxy.set("hold")
    room.site = f"http://127.0.0.1:{proxy.port}"
    try:
        scribe = room.enter("scribe")
        note(scribe, "Kept behind the proxy.")
        notes.keep(room.event, by=room.facilitator, text="Said by somebody else.")
        document.save_text(room.event, "summary", text="The link was cut.", base_number=0, by=room.facilitator)
        for words in ("Kept behind the proxy.", "Said by somebody else."):
            expect(scribe.locator("#notes")).to_contain_text(words, timeout=10_000)
        expect(scribe.locator("#stage .say")).to_have_text("The link was cut.")
        expect(scribe.locator("#people")).to_contain_text("1 here")  # who asks is here, and nobody else
        meeting.go(room.event, by=room.facilitator, from_rank=1, to_rank=2)
        expect(scribe.locator("#stage")).to_have_attribute("data-step", "timeline", timeout=10_000)
        expect(scribe.locator("#say")).to_contain_text("Now: ")
    finally:
        proxy.close()


def test_an_answer_that_is_lost_on_the_way_back_makes_no_second_note(room):
    meeting.start(room.event, by=room.facilitator)
    scribe = room.enter("scribe")
    lost = []

    def swallow(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort()

    scribe.route("**/room/notes/add/", swallow, times=2)
    note(scribe, "Said once.")
    until(scribe, lost, 2)
    expect(scribe.locator("#notes")).to_contain_text("Said once.")
    expect(scribe.locator(".unsent")).to_have_count(0, timeout=20000)
    assert (texts(), len(lost)) == (["Said once."], 2)


@pytest.mark.parametrize("more", ["", " And more."])
def test_words_that_arrived_unanswered_and_are_taken_back_are_kept_once(room, more):
    """The same words are the same note; changed, they are another one."""
    meeting.start(room.event, by=room.facilitator)
    scribe = room.enter("scribe")
    expect(scribe.locator("#live")).to_have_text("Live")

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        with suppress(Error):  # let through meanwhile, as the last one that waited when the line came back
            route.abort()

    scribe.route("**/room/notes/add/", lose_the_answer)
    note(scribe, "Said once.")
    expect(scribe.locator("#notes")).to_contain_text("Said once.")
    press(scribe, "Take it back")
    expect(scribe.locator("#note-text")).to_have_value("Said once.")
    expect(scribe.locator(".unsent")).to_have_count(0)
    scribe.unroute_all()
    scribe.locator("#note-text").press_sequentially(more)
    press(scribe, "Keep")
    expect(scribe.locator("#note-text")).to_have_value("")
    assert texts() == (["Said once.", "Said once. And more."] if more else ["Said once."])


def test_what_waits_outlives_a_reload_and_is_sent_for_nobody_else(room):
    meeting.start(room.event, by=room.facilitator)
    scribe = room.enter("scribe")
    scribe.route("**/room/notes/add/", lambda route: route.fulfill(status=503))
    note(scribe, "By the scribe.")
    expect(scribe.locator(".unsent")).to_contain_text("By the scribe.")
    scribe.reload()
    expect(scribe.locator(".unsent")).to_contain_text("By the scribe.")
    cookies = scribe.context.cookies()
    sign_in(scribe, room, "participant")
    scribe.unroute_all()
    scribe.reload()
    note(scribe, "By somebody else.")
    expect(scribe.locator("#notes")).to_contain_text("By somebody else.")
    expect(scribe.locator(".unsent")).to_have_count(0)
    assert texts() == ["By somebody else."]
    scribe.context.add_cookies(cookies)
    scribe.reload()
    expect(scribe.locator("#notes")).to_contain_text("By the scribe.")
    assert RoomNote.objects.get(text="By the scribe.").created_by == room.scribe


def test_signing_out_asks_before_it_throws_words_away(room):
    meeting.start(room.event, by=room.facilitator)
    scribe = room.enter("scribe")
    scribe.locator("#note-text").fill("Half a sen")
    scribe.goto("/events/")
    asked: list[str] = []
    scribe.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    press(scribe, "Sign out")
    assert "signing out throws it away" in asked[0]
    scribe.goto(f"/e/{room.event.code}/room/")
    expect(scribe.locator("#note-text")).to_have_value("Half a sen")
    scribe.goto("/events/")
    scribe.once("dialog", lambda dialog: dialog.accept())
    press(scribe, "Sign out")
    expect(scribe.get_by_role("heading", name="Sign in")).to_be_visible()
    assert scribe.evaluate("Object.keys(localStorage).filter(key => /draft|unsent/.test(key))") == []


def sign_in(page: Page, room: SimpleNamespace, role: str) -> None:
    user, session = getattr(room, role), SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key or "", "url": room.site}
    page.context.add_cookies([cookie])


def test_what_is_refused_afterwards_comes_back_to_its_place_with_the_reason(room):
    at_step(room, "summary")
    document.save_text(room.event, "summary", text="First.", base_number=0, by=room.facilitator)
    scribe = room.enter("scribe")
    expect(scribe.locator("#live")).to_have_text("Live")
    scribe.get_by_text("Correct the text").click()
    scribe.locator("#text-summary").fill("First, by the scribe.")
    scribe.context.set_offline(True)
    press(scribe, "Keep the text", exact=False)
    expect(scribe.locator(".unsent")).to_contain_text("First, by the scribe.")
    note(scribe, "x")
    document.save_text(room.event, "summary", text="Second.", base_number=1, by=room.facilitator)
    scribe.context.set_offline(False)
    panel = scribe.locator("[data-conflict]")
    expect(panel).to_contain_text("Second.")
    expect(scribe.locator("#text-summary")).to_have_value("First, by the scribe.")
    expect(scribe.locator("#notes")).to_contain_text("x")
    scribe.reload()
    expect(panel).to_contain_text("Second.")  # until its writer has decided
    expect(scribe.locator("#text-summary")).to_have_value("First, by the scribe.")
    press(scribe, "Keep the text", exact=False)
    expect(scribe.locator("#stage .say")).to_have_text("First, by the scribe.")
    expect(panel).to_have_count(0)
    scribe.reload()
    expect(scribe.locator("#stage .say")).to_have_text("First, by the scribe.")
    expect(panel).to_have_count(0)


def test_a_session_that_ended_takes_no_words_along(room):
    meeting.start(room.event, by=room.facilitator)
    scribe = room.enter("scribe")
    expect(scribe.locator("#live")).to_have_text("Live")
    Session.objects.all().delete()
    note(scribe, "Said while signed out.")
    expect(scribe.locator(".unsent")).to_contain_text("Said while signed out.")
    expect(scribe.locator("#toast")).to_contain_text("Your session ended")
    sign_in(scribe, room, "scribe")
    scribe.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(scribe.locator("#notes")).to_contain_text("Said while signed out.")
    note(scribe, "And after it.")
    expect(scribe.locator("#notes")).to_contain_text("And after it.")
    expect(scribe.locator(".unsent")).to_have_count(0)
    assert texts() == ["Said while signed out.", "And after it."]


def test_words_about_something_that_is_gone_stay_with_their_writer(room):
    at_step(room, "root-cause")
    effect = causes.add(room.event, by=room.facilitator, text="Down.")
    scribe = room.enter("scribe")
    expect(scribe.locator("#live")).to_have_text("Live")
    scribe.get_by_role("link", name="Why was that possible?").click()
    scribe.get_by_label("Answer").fill("Nobody had seen it")
    causes.remove(effect, by=room.facilitator)
    expect(scribe.locator(".changed")).to_contain_text("changed")
    press(scribe, "Show it now")
    expect(scribe.locator(".unsent")).to_contain_text("Nobody had seen it")
    press(scribe, "Throw it away")
    expect(scribe.locator(".unsent")).to_have_count(0)
    press(scribe, "Undo")
    expect(scribe.locator(".unsent")).to_contain_text("Nobody had seen it")
    assert SectionText.objects.count() == 0


def test_while_the_database_is_busy_words_wait_until_the_server_said_to_come_back(room, monkeypatch):
    meeting.start(room.event, by=room.facilitator)
    scribe = room.enter("scribe")
    notes.keep(room.event, by=room.facilitator, text="Said before it.")
    expect(scribe.locator("#notes")).to_contain_text(
        "Said before it."
    )  # by its stream, whose first sign sends what waits
    real, refused = log.Record, []

    def busy(**fields: Any) -> log.Record:
        if len(refused) == 2:
            return real(**fields)
        if fields["what"] == "kept a note":
            refused.append(time.monotonic())
        locked = sqlite3.OperationalError("database is locked")
        locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise OperationalError from locked

    monkeypatch.setattr(log, "Record", busy)
    press(scribe, "Raise hand")  # is meant for now, so it does not wait
    expect(scribe.locator("#toast")).to_contain_text("The server is busy and could not answer in time.")
    expect(scribe.locator("#toast")).to_contain_text("Try again in a few seconds.")
    note(scribe, "Said while it was busy.")
    expect(scribe.locator(".unsent")).to_contain_text("Said while it was busy.")
    expect(scribe.locator("#toast .toast")).to_have_count(0)  # it is said at the words
    expect(scribe.locator("#notes")).to_contain_text("Said while it was busy.", timeout=25_000)
    expect(scribe.locator(".unsent")).to_have_count(0)
    assert refused[1] - refused[0] >= 5
    assert texts() == ["Said before it.", "Said while it was busy."]
