"""How long a step change takes until another browser shows it, with few and with many streams open; a part of the bench `room`."""

import http.client
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from bench.figure import Figure
from bench.server import chromium, serving
from retros.services import meeting
from tests.conftest import CHROMIUM_FLAGS
from tests.factories import make_cast, make_entry, make_member, make_user

BUDGET_MS = 300
MOVES = 14
WATCH = """() => { window.shown = []; let step = document.getElementById("stage").dataset.step;
  new MutationObserver(() => { const now = document.getElementById("stage")?.dataset.step;
    if (now && now !== step) { step = now; window.shown.push(Date.now()); } })
  .observe(document.getElementById("room"), {childList: true}); }"""
PRESSED = """() => { window.pressed = [];
  document.addEventListener("click", (e) => e.target.closest("#ctl-next,#ctl-back") && window.pressed.push(Date.now()), true); }"""
ANSWERS = """() => performance.getEntriesByType("resource").filter((e) => e.name.includes("/room/step/")).map((e) => e.duration)"""


def run() -> list[Figure]:
    cast = make_cast()
    for n in range(20):
        make_entry(cast.event, f"Moment {n}: somebody saw something and said so in the channel.", minutes=n)
    meeting.start(cast.event, by=cast.facilitator)
    figures = []
    with serving() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        for others in (0, 10, 50):
            with _streams(site, cast.event, others):
                shown, answered = _measure(browser, site, cast)
            name = "step change shown in another browser" + (f", {others} streams" if others else "")
            figures.append(Figure(name, shown, "ms", BUDGET_MS, answered, "median; reference: the answer to the press"))
        browser.close()
    return figures


def _measure(browser: Browser, site: str, cast: Any) -> tuple[float, float]:
    """Medians in milliseconds: from the facilitator's press until the participant's stage is the next one; until it is answered."""
    lead, other = (_enter(browser, site, cast.event, user) for user in (cast.facilitator, cast.participant))
    lead.evaluate(PRESSED)
    other.evaluate(WATCH)
    for n in range(MOVES):
        lead.locator("#ctl-next" if n % 2 == 0 else "#ctl-back").click()
        slug = "summary" if n % 2 == 0 else "opening"
        for page in (lead, other):
            page.locator(f"#stage[data-step={slug}]").wait_for(timeout=10_000)
        time.sleep(0.3)
    pairs = zip(lead.evaluate("window.pressed"), other.evaluate("window.shown"), strict=True)
    shown, answered = statistics.median(b - a for a, b in pairs), statistics.median(lead.evaluate(ANSWERS))
    for page in (lead, other):
        page.context.close()
    return shown, answered


def _cookie(user: Any) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _enter(browser: Browser, site: str, event: Any, user: Any) -> Page:
    context = browser.new_context(base_url=site, viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": _cookie(user), "url": site}])
    page = context.new_page()
    page.goto(f"/e/{event.code}/room/")
    page.locator("#stage").wait_for()
    time.sleep(1)  # the stream is open, the arrival is recorded
    return page


@contextmanager
def _streams(site: str, event: Any, count: int) -> Iterator[None]:
    """So many other people whose streams are open and read."""
    with ExitStack() as stack:
        for _ in range(count):
            user = make_user()
            make_member(event, user)
            connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=120)
            connection.request(
                "GET",
                f"/e/{event.code}/room/stream/?after=0",
                headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={_cookie(user)}"},
            )
            response = connection.getresponse()
            if response.status != 200:
                sys.exit(f"A stream was answered {response.status}.")
            threading.Thread(target=_drain, args=(response,), daemon=True).start()
            stack.callback(connection.sock.close if connection.sock else connection.close)
        yield


def _drain(response: http.client.HTTPResponse) -> None:
    try:
        while response.readline():
            pass
    except (OSError, ValueError, AttributeError):
        pass  # closed at the end of the measurement
