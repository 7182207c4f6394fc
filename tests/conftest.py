"""Fixtures that everybody shares: the cast, a real server in a thread, real Chromium."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import hypothesis
import pytest
import uvicorn
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.cache import cache
from playwright.sync_api import Browser, expect, sync_playwright

from aar_site import clock
from aar_site.asgi import application
from bench.server import chromium
from retros import http
from retros.live.stream import hub
from tests.factories import make_cast

# Playwright's synchronous interface runs an event loop in the test's thread, which Django would take for a mistake.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# On a machine that is busy with something else, slow is no failure.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("house")

LAST_OF_THE_DAY_S = 20  # seconds before midnight, UTC, in which no test begins

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(autouse=True)
def _plain_static_and_real_clock(settings: Any) -> Iterator[None]:
    """Static files straight from the source tree, cheap passwords; the clock back to real time after each test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    http.WRITES.counts.clear()  # another test's person may have had the same key
    hub.recent.made.clear()  # and another test's event
    left = 86_400 - time.time() % 86_400
    if left < LAST_OF_THE_DAY_S:
        time.sleep(left)  # what is due today would be late in the middle of a test
    yield
    clock.reset()


FIRST = "tests/journeys/test_meeting"  # takes as long as a third of all; serves from processes of its own
LONG = (
    "tests/journeys/",
    "tests/browser/test_every_page",
    "tests/aar_site/test_serve",
    "tests/deployment/",
    "tests/promises/",
    "tests/browser/",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Behind all that is quick, what takes long, the longest first, so that no worker is left alone with one at the end."""
    places = {FIRST: -2} | {place: n for n, place in enumerate(LONG)}
    items.sort(key=lambda item: next((n for place, n in places.items() if item.nodeid.startswith(place)), -1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: Any, nextitem: Any) -> Any:
    """Playwright's loop runs on in its thread after a browser test; other tests are as if it were not there, from their set-up
    on: Django keeps one database connection for a thread with a loop and another one for a thread without."""
    left = asyncio._get_running_loop()
    if "browser" not in getattr(item, "fixturenames", ()):
        asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        if left is not None:
            asyncio._set_running_loop(left)


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """One event with a person in every role."""
    return make_cast()


@pytest.fixture
def live(transactional_db: None, settings: Any) -> Iterator[str]:
    """The address of a real server (uvicorn in a thread of this process, the test's own database)."""
    cache.clear()  # the limits of sign-in are counted there, and every test comes from the same address
    settings.ALLOWED_HOSTS = ["*"]
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings.BASE_URL = address
    config = uvicorn.Config(
        ASGIStaticFilesHandler(application), log_level="error", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield address
    server.should_exit = server.force_exit = True
    thread.join(5)
    wait_for_rooms_to_empty()


def wait_for_rooms_to_empty() -> None:
    """Until the threads that served streams have ended: in the next test they would find another database, or none."""
    until = time.monotonic() + 5
    while time.monotonic() < until and any(each.name in {"desk", "hub"} for each in threading.enumerate()):
        time.sleep(0.02)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system. Missing, the test is skipped, unless HINDCAST_REQUIRE_BROWSER asks for a failure."""
    path = chromium()
    if not path:
        if os.environ.get("HINDCAST_REQUIRE_BROWSER"):
            pytest.fail("No Chromium: install the package chromium-headless-shell, or chromium.")
        pytest.skip("no Chromium on this machine")
    expect.set_options(timeout=10_000)  # workers share few cores
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        loop = asyncio._get_running_loop()
        yield started
        asyncio._set_running_loop(loop)  # the last test may be one that saw no loop
        started.close()
