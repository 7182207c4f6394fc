"""Personal links (P36 to P38) and shutting somebody out (P42)."""

import http.server
import io
import logging
import re
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from aar_site.logs import QuietFormatter
from aar_site.outbox import delivery
from aar_site.outbox.models import Message
from aar_site.people import services
from retros.models import Event, State
from retros.services import accounts, links, meeting
from tests.factories import make_cast
from tests.guests import YUKI, code_for, guest, invite, link, member, press, words_for
from tests.retros.live.test_stream import Reader

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
GO = "Continue as guest"
NEW_PASSWORD = {"password1": "a quiet ladder by the sea", "password2": "a quiet ladder by the sea"}


@pytest.fixture
def cast(live: str) -> SimpleNamespace:
    """The cast behind a real server; in it nobody is watched by another test's counters."""
    cache.clear()
    found = make_cast()
    found.site = live
    return found


def everything() -> dict[str, Any]:
    """Every row of every table, the cache's too."""
    rows: dict[str, Any] = {
        model._meta.label: list(model._base_manager.order_by("pk").values()) for model in apps.get_models()
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM hindcast_cache ORDER BY cache_key")
        rows["cache"] = cursor.fetchall()
    return rows


def sessions() -> int:
    return apps.get_model("sessions.Session").objects.count()


def get_in(page: Page, site: str, key: str) -> None:
    page.goto(f"{site}/j/{key}/")
    page.get_by_role("button", name=GO).click()
    page.wait_for_url(re.compile(r"/(e|in)/"))


# --- P36 ------------------------------------------------------------------------------------------------------------
READERS: list[tuple[str, dict[str, str]]] = [
    ("get", {}),
    ("head", {}),
    ("get", {"sec-purpose": "prefetch"}),
    ("get", {"sec-purpose": "prefetch;prerender", "sec-fetch-site": "cross-site"}),
    ("get", {"user-agent": "Mozilla/5.0 (compatible; LinkScanner/1.0)", "cookie": "press=x; sid=y"}),
]


@pytest.mark.promise("P36", "link valid; sessions 0; rows changed 0")
def test_mail_scanners_use_up_no_link(cast, browser: Browser, measured, is_full: bool) -> None:
    key = invite(cast)
    before, requests = everything(), 1000 if is_full else 50
    cookies = 0
    for number in range(requests):
        method, headers = READERS[number % len(READERS)]
        answer = getattr(Client(), method)(f"/j/{key}/", headers=headers)
        assert answer.status_code == 200
        cookies += sum(bool(cookie.value) for cookie in answer.cookies.values())  # an unknown session's is taken away
    context = browser.new_context()
    robot, sent = context.new_page(), []
    robot.on("request", lambda request: sent.append(request.method))
    robot.goto(f"{cast.site}/j/{key}/", wait_until="networkidle")
    robot.wait_for_timeout(60_000 if is_full else 1_500)
    cookies += len(context.cookies())
    context.close()
    after = everything()
    changed = [name for name in before if before[name] != after[name]]
    measured(
        f"{requests} requests and a robot: {sessions()} sessions, {len(changed)} tables changed, {cookies} cookies"
    )
    assert (changed, cookies, set(sent)) == ([], 0, {"GET"})
    human = browser.new_context().new_page()
    get_in(human, cast.site, key)
    assert human.url == f"{cast.site}/e/{cast.event.code}/account/", "after all of them, the first person is let in"
    human.context.close()


# --- P37 ------------------------------------------------------------------------------------------------------------
@pytest.mark.promise("P37", "a code is needed; the inviter sees the second device")
def test_a_forwarded_link_does_not_open_the_account(cast, browser: Browser, measured) -> None:
    key = invite(cast)
    own, other, lead = (browser.new_context(**PHONE).new_page(), *(browser.new_context().new_page() for _ in range(2)))
    get_in(own, cast.site, key)
    own.get_by_label("What did you see, and what did you take it to mean?").fill("canary-of-the-first-browser")
    with own.expect_navigation():
        own.get_by_role("button", name="Submit account").click()
    get_in(other, cast.site, key)
    assert other.url == f"{cast.site}/in/browser/"
    shown = other.content()
    opened = sum(
        "canary" in other.request.get(f"{cast.site}/e/{cast.event.code}/{page}").text()
        for page in ("", "account/", "read/")
    )
    wrong = "000000" if code_for(YUKI) != "000000" else "111111"
    for code, is_let_in in ((wrong, False), (code_for(YUKI), True)):
        other.get_by_label("Code").fill(code)
        with other.expect_navigation():
            other.get_by_role("button", name="Continue", exact=True).click()
        assert other.url.startswith(f"{cast.site}/e/") is is_let_in
    client = Client()
    client.force_login(cast.facilitator)
    lead.context.add_cookies([{"name": "sid", "value": client.cookies["sid"].value, "url": cast.site}])
    lead.goto(f"{cast.site}/e/{cast.event.code}/people/{member(cast).pk}/")
    told = lead.get_by_text("used the personal link in another browser").count()
    measured(f"without the code {opened} pages opened; the facilitator reads of it {told} time")
    assert "Yuki" not in shown
    assert (opened, told, link(cast).browsers) == (0, 1, 2)
    for page in (own, other, lead):
        page.context.close()


# --- P38 ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def sink() -> Iterator[SimpleNamespace]:
    """Another site, which writes down what browsers tell it."""
    heard: list[str] = []

    class Ear(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(f"{self.path} {self.headers}")
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield SimpleNamespace(address=f"http://127.0.0.1:{server.server_port}", heard=heard)
    server.shutdown()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, as the server writes it."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(QuietFormatter("%(levelname)s %(name)s %(message)s"))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


def addresses_of(context: BrowserContext, page: Page) -> list[str]:
    """The browser's history of this window."""
    entries = context.new_cdp_session(page).send("Page.getNavigationHistory")["entries"]
    return [entry["url"] for entry in entries]


@pytest.mark.promise("P38", "the key occurs nowhere but in the mail")
def test_a_key_does_not_leak(cast, browser: Browser, sink, log, measured) -> None:
    Event.objects.update(runbook_url=f"{sink.address}/runbook")
    key = invite(cast)
    waiting = str(everything())
    context = browser.new_context(**PHONE)
    page, told = context.new_page(), []
    page.on("request", lambda request: told.append(str(request.all_headers().get("referer", ""))))
    page.goto(f"{cast.site}/j/{key}/")
    page.get_by_role("link", name="Sign in").click()
    page.wait_for_url(re.compile("/in/"))
    get_in(page, cast.site, key)
    page.goto(f"{cast.site}/e/{cast.event.code}/")
    page.get_by_role("link", name="runbook").click()
    page.wait_for_url(f"{sink.address}/**")
    page.go_back()
    page.request.get(f"{cast.site}/e/{cast.event.code}/review.pdf")
    history = addresses_of(context, page)
    assert any("/e/" in address for address in history)
    after_join = history[next(i for i, address in enumerate(history) if "/in/link/" in address) :]
    context.close()
    client = Client(raise_request_exception=False)
    client.get(f"/j/{key[:-1]}/")
    client.put(f"/j/{key}/")
    client.post(f"/j/{key}/", headers={"sec-fetch-site": "cross-site"})
    with patch.object(links, "find", lambda token: 1 / len(token[:0])):
        broken = client.get(f"/j/{key}/").content.decode()
    delivery.sweep()
    places = {
        "requests": "".join(told),
        "the other site": "".join(sink.heard),
        "history after joining": "".join(after_join),
        "the log": log.getvalue(),
        "the error page": broken,
        "the database while the mail waits": waiting,
        "the database": str(everything()),
    }
    found = {place: text.count(key) for place, text in places.items() if key in text}
    measured(f"{sum(found.values())} occurrences in {len(places)} places, {found or 'none'}")
    assert found == {}
    assert "/j/" in log.getvalue()
    assert sink.heard


# --- P42 ------------------------------------------------------------------------------------------------------------
@pytest.mark.promise("P42", "all refused within 5 s; queued mails dropped")
def test_shutting_somebody_out_is_at_once_and_everywhere(cast, measured, is_full: bool) -> None:
    """A guest and a member: page session, stream, link, code of a link, sign-in code, reset link, mails that wait."""
    key = invite(cast)
    phone, other = Client(), Client()
    press(phone, key)
    press(other, key)
    code = code_for(YUKI)
    colleague, asking, resetting = Client(), Client(), Client()
    colleague.force_login(cast.participant)
    asking.post("/in/code/", {"email": cast.participant.email})
    sign_in = re.search(r"\b\d{6}\b", words_for(cast.participant.email, "login_code"))
    resetting.post("/in/password/reset/", {"email": cast.participant.email})
    reset = re.search(r"/in/password/reset/\S+", words_for(cast.participant.email, "password_reset_key"))
    accounts.remind(cast.event, by=cast.facilitator)
    meeting.start(cast.event, by=cast.facilitator)
    path = f"/e/{cast.event.code}/room/stream/?after="
    streams = [
        Reader(cast.site, user, path, key=client.cookies["sid"].value)
        for user, client in ((guest(cast), phone), (cast.participant, colleague))
    ]
    assert [stream.until("change")["state"] for stream in streams] == [State.MEETING] * 2

    begun = time.monotonic()
    for user in (guest(cast), cast.participant):
        services.set_active(user, is_active=False, by=cast.admin)
    page = f"/e/{cast.event.code}/"
    assert phone.get(page).status_code == 302
    assert colleague.get(page).status_code == 302
    assert press(Client(), key).status_code == 404
    assert other.post("/in/browser/", {"code": code})["Location"] == "/in/link/"
    assert sign_in
    asking.post("/in/code/confirm/", {"code": sign_in[0]})
    assert asking.get(page).status_code == 302
    assert reset
    landed = resetting.get(reset[0], follow=True)
    assert b"password1" not in landed.content
    resetting.post(f"{reset[0].rpartition('-')[0].rpartition('-')[0]}-set-password/", NEW_PASSWORD)
    cast.participant.refresh_from_db()
    assert not cast.participant.check_password(NEW_PASSWORD["password1"])
    for stream in streams:
        while stream.next():
            pass
        stream.close()
    took = time.monotonic() - begun
    delivery.sweep()
    gone = Message.objects.filter(person__in=[guest(cast), cast.participant])
    states = set(gone.values_list("state", flat=True))
    measured(f"everything refused {took:.1f} s later; {gone.count()} mails that waited: {', '.join(sorted(states))}")
    assert states == {"dropped"}
    assert all(bytes(row.sealed_body) == b"" for row in gone)
    assert took <= 5 or not is_full
