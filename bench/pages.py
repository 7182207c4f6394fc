"""Every page: server time and queries; the first view of the main ones in Chromium: bytes, requests, shift.

Server time is measured in this process, through all middleware, on an installation of 2,000 events and 10,000 actions. The
reference is an answer without database and template (`/livez`).
"""

import logging
import statistics
import time
from collections.abc import Iterator
from types import SimpleNamespace

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import Page, sync_playwright

from aar_site.stack import with_room
from bench.data import fill
from bench.figure import Figure
from bench.server import chromium, serving
from tests.conftest import CHROMIUM_FLAGS
from tests.world import address, patterns

ROUNDS = 7
ELSEWHERE = ("stream", "pdf")  # a stream never ends; PDF has a bench of its own
FIRST_VIEWS = ("home", "event_detail", "timeline_detail", "room_detail", "review_detail", "action_list")
SHIFT = """() => new Promise((done) => { let sum = 0; new PerformanceObserver((list) => { for (const e of list.getEntries())
  sum += e.value; }).observe({type: "layout-shift", buffered: true}); setTimeout(() => done(sum), 800); })"""


def run() -> Iterator[Figure]:
    logging.getLogger("django.request").setLevel(logging.ERROR)  # what answers no GET is told by its status
    world = fill()
    client = Client(headers={"Host": "127.0.0.1"})
    client.get = with_room(client.get)  # type: ignore[method-assign]  # as the server answers
    client.force_login(world.admin)
    bare, _ = median(client, "/livez")
    figures = []
    for name in sorted(patterns()):
        if name and not any(word in name for word in ELSEWHERE):
            figures += of_page(client, world, name, bare)
    for user in (world.admin, world.manager):
        client.force_login(user)
        figures += measured(client, f"action_list: a year for {user.name}", f"{reverse('action_list')}?days=365", bare)
    yield from slowest_first(figures)
    yield from first_views(world)


def of_page(client: Client, world: SimpleNamespace, name: str, bare: float) -> list[Figure]:
    """Server time and queries of one page, as the facilitator where that is who may see it, else as the administrator."""
    try:
        url = address(name, world.things)
    except NoReverseMatch:  # needs a key that only a mail holds
        return []
    for user in (world.facilitator, world.participant, world.admin):
        client.force_login(user)
        answer = client.get(url)
        if answer.status_code == 200 and "html" in answer["Content-Type"]:
            return measured(client, name, url, bare)
    return []


def measured(client: Client, name: str, url: str, bare: float) -> list[Figure]:
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url)
    asked = len(queries)  # before the next request clears the list
    took, worked = median(client, url)
    note = f"{worked:.0f} ms of it on the processor, {len(answer.content) / 1024:.0f} KB"
    return [Figure(name, took, "ms", 50, bare, note), Figure(name, asked, "queries", 15)]


def median(client: Client, url: str) -> tuple[float, float]:
    """Milliseconds by the clock and on the processor, each the middle of some rounds, after one that warms up."""
    client.get(url)
    times, works = [], []
    for _ in range(ROUNDS):
        before, busy = time.perf_counter(), time.process_time()
        client.get(url)
        times.append((time.perf_counter() - before) * 1000)
        works.append((time.process_time() - busy) * 1000)
    return statistics.median(times), statistics.median(works)


def slowest_first(figures: list[Figure]) -> list[Figure]:
    return sorted(figures, key=lambda figure: (figure.unit, -figure.value))


def first_views(world: SimpleNamespace) -> Iterator[Figure]:
    """Each page in a browser that has seen nothing yet, fonts included."""
    path = chromium()
    if not path:
        yield Figure("first view", 0, "requests", note="no Chromium: not measured")
        return
    client = Client()
    client.force_login(world.facilitator)
    session = client.cookies["sid"].value
    with serving() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        for name in FIRST_VIEWS:
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.add_cookies([{"name": "sid", "value": session, "url": site}])
            yield from first_view(context.new_page(), name, site + address(name, world.things))
            context.close()
        browser.close()


def first_view(page: Page, name: str, url: str) -> list[Figure]:
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    sizes: list[float] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(url, wait_until="load")
    shift = page.evaluate(SHIFT)
    shown = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime || 0")
    return [
        Figure(f"{name}: first view", sum(sizes) / 1024, "KB", 160, note=f"painted after {shown:.0f} ms"),
        Figure(f"{name}: first view", len(requests), "requests", 11),
        Figure(f"{name}: layout shift", shift, "", 0.01),
    ]
