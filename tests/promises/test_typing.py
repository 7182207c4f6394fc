"""P14: what somebody types is not lost by what comes in: while the page changes under it fifty times a second, while the web is
killed, while a word is still being composed."""

import time
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from retros.models import RoomNote, WhyNode
from tests.factories import make_user
from tests.promises.people import signed_in
from tests.promises.writers import Crowd, Writer, make_meeting

pytestmark = pytest.mark.browser
KINDS = ("note", "note", "note", "note", "why changed")  # the last brings the part anew in which somebody types
TARGET = "the field in use replaced 0 times, its caret moved 0 times, 0 letters lost, in 50 changes a second and over a killed web"
WORDS = "A path that nobody had drawn carried every write to the other coast. "

WATCH = """() => {
  window.field = document.activeElement;
  window.swaps = 0;
  window.wrong = [];
  new MutationObserver(list => {
    for (const change of list) for (const node of change.removedNodes)
      if (node.id && document.getElementById(node.id)) window.swaps += 1;
    if (document.activeElement !== window.field) window.wrong.push('the focus went to ' + document.activeElement.outerHTML.slice(0, 80));
    if (!window.field.isConnected) window.wrong.push('the field left the page');
  }).observe(document.querySelector('.room'), {childList: true, subtree: true});
}"""
STATE = "() => [field.value, field.selectionStart, field.selectionEnd, document.activeElement === field]"


def open_room(browser: Browser, site: str, user: Any, code: str) -> Page:
    context = browser.new_context(base_url=site, viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": signed_in(user), "url": site}])
    page = context.new_page()
    page.goto(reverse("room_detail", args=[code]))
    expect(page.locator("#live")).to_have_text("Live")
    return page


class Typist:
    """Types into the middle of a field and knows what must stand there."""

    def __init__(self, page: Page, before: str, behind: str, pause: float) -> None:
        self.page, self.before, self.behind, self.pause = page, before, behind, pause
        page.keyboard.insert_text(before + behind)
        page.evaluate("n => document.activeElement.setSelectionRange(n, n)", len(before))
        page.evaluate(WATCH)
        self.wrong: list[str] = []
        self.letters = 0

    def write(self, words: str) -> None:
        for word in words.split(" "):
            self.page.keyboard.type(word + " ", delay=self.pause)
            self.before += word + " "
            self.letters += len(word) + 1
            self.look()

    def compose(self) -> None:
        """A word of an input method: shown while it is composed, then kept."""
        wire = self.page.context.new_cdp_session(self.page)
        for stage in ("n", "な", "なぜ"):
            wire.send(
                "Input.imeSetComposition", {"text": stage, "selectionStart": len(stage), "selectionEnd": len(stage)}
            )
            self.page.wait_for_timeout(120)
        wire.send("Input.insertText", {"text": "なぜ"})
        self.before += "なぜ"
        self.letters += 2
        self.look()

    def look(self) -> None:
        value, start, end, is_here = self.page.evaluate(STATE)
        if value != self.before + self.behind:
            self.wrong.append(f"{value!r} instead of {self.before + self.behind!r}")
        if (start, end) != (len(self.before), len(self.before)):
            self.wrong.append(f"the caret at {start} to {end} instead of {len(self.before)}")
        if not is_here:
            self.wrong.append("the field has lost the focus")


@pytest.mark.promise("P14", TARGET)
def test_typing_is_not_lost_by_what_comes_in(web, browser, is_full, measured):
    site, me = web(), make_user("Typist")
    writers = [Writer(make_user(), site.port, number=n, kinds=KINDS) for n in range(25 if is_full else 8)]
    event = make_meeting([me, *(writer.user for writer in writers)], step="root-cause")
    effect = WhyNode.objects.create(event=event, text="Service was degraded.", created_by=me)
    for rank, writer in enumerate(writers):
        writer.cause = WhyNode.objects.create(
            event=event, parent=effect, rank=rank, text="Something was so.", created_by=writer.user
        ).pk
    page = open_room(browser, site.address, me, event.code)
    page.get_by_role("link", name="Why was that possible?").first.click()
    page.get_by_label("Answer").focus()
    typist = Typist(page, "It was so because ", " and nothing said so.", pause=50 if is_full else 15)
    crowd = Crowd(writers, pause=0.1 if is_full else 0.15)
    crowd.turn_to(event)
    began, first = time.monotonic(), crowd.acknowledged
    typist.write(WORDS * (12 if is_full else 1))
    for _ in range(20):  # on a slow machine, until enough has changed under the caret
        if page.evaluate("swaps") > 5:
            break
        typist.write(WORDS)
    typist.compose()
    rate = (crowd.acknowledged - first) / (time.monotonic() - began)
    for _ in range(5 if is_full else 1):
        web_died_at = typist.letters
        site.kill()
        typist.write(WORDS)
        site.ready()
        typist.write("and on. ")
    crowd.rest()
    wrong, swaps = [*typist.wrong, *page.evaluate("wrong")], page.evaluate("swaps")
    page.keyboard.press("Control+Enter")
    words = typist.before + typist.behind
    expect(page.locator("#part-whys")).to_contain_text(words[:60], timeout=30_000)
    expect(page.locator(".unsent")).to_have_count(0, timeout=30_000)
    kept = list(WhyNode.objects.filter(text=words.strip()).values_list("created_by", flat=True))
    measured(
        f"{len(wrong)} times wrong in {typist.letters:,} letters ({typist.letters - web_died_at} of them after the last kill), "
        f"{rate:.0f} changes a second, {swaps:,} regions replaced meanwhile; kept {len(kept)} time"
    )
    assert wrong == []
    assert swaps > (200 if is_full else 5)
    assert kept == [me.pk]
    if is_full:
        assert rate >= 45
    draft_outlives_a_kill(page, site)


def draft_outlives_a_kill(page: Page, site: Any) -> None:
    """What was not kept is in the field again after the web was killed and the page loaded anew."""
    page.locator("#note-text").fill("Half a sentence, of which")
    site.kill()
    site.ready()
    page.reload()
    expect(page.locator("#note-text")).to_have_value("Half a sentence, of which")
    assert not RoomNote.objects.filter(text__startswith="Half a sentence").exists()
    page.context.close()
