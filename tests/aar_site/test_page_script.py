"""The page script in real Chromium: a page out of the real shell, answered by this test instead of a server."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django_htmx
import pytest
from axe_playwright_python.sync_playwright import Axe
from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.template import engines
from django.test import RequestFactory
from django.urls import path
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.test_room import until

SITE = "https://hindcast.example"
STATIC = [Path(settings.BASE_DIR) / "static", Path(django_htmx.__file__).parent / "static"]
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
PAGE = """{% extends "base.html" %}{% load ui %}{% block title %}Trial{% endblock %}{% block content %}<h1>Trial</h1>
<p id="moment">{% when at "America/New_York" %}</p>
<form id="add" class="line" method="post" action="/add/" hx-post="/add/" hx-target="#list" data-reset>
<input type="hidden" name="op" value=""><label for="text">Text</label><input class="in grow" id="text" name="text">
<button class="btn">Add it</button></form><ul id="list"></ul>
<form id="draft" class="gap" method="post" action="/save/" data-autosave="/save/">
<input type="hidden" name="version" value="0">
<label for="account">Account</label>
<textarea class="in" id="account" name="text"></textarea>
<p class="fine" role="status" data-saved></p></form>
{% include "_form.html" with form=form go="Keep it" %}
<button class="btn" data-dialog="keys">Keys</button>{% endblock %}"""
urlpatterns = [
    path(f"{name}/", lambda request: HttpResponse(), name=name)
    for name in ("home", "event_list", "action_list", "profile", "account_logout")
]
pytestmark = [pytest.mark.browser, pytest.mark.urls(__name__)]


class TrialForm(forms.Form):
    """Enough fields to look at."""

    title = forms.CharField(help_text="Name the event, not a cause.")
    kind = forms.ChoiceField(choices=[("a", "Incident"), ("b", "Launch")], widget=forms.RadioSelect)


def shell() -> str:
    request = RequestFactory().get("/")
    request.user = SimpleNamespace(is_authenticated=True, name="Ines", time_zone="Europe/Berlin", is_admin=False)
    request.session = {}
    context = {
        "user": request.user,
        "form": TrialForm({"title": ""}),
        "at": forms.DateTimeField().clean("2018-10-21T22:52:00Z"),
    }
    return engines["django"].from_string(PAGE).render(context, request)


class Trial:
    """The opened page, what it sent, and how its posts are answered."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sent: list[SimpleNamespace] = []
        self.answer: Callable[[str], dict[str, Any]] = lambda _path: {"status": 204}
        self.errors: list[str] = []
        self.html = shell()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda m: self.errors.append(m.text) if "Content Security Policy" in m.text else None)
        page.route("**/*", self.serve)
        page.goto(f"{SITE}/")

    def serve(self, route: Route) -> None:
        address = urlsplit(route.request.url).path
        if route.request.method == "POST":
            body = route.request.post_data or ""
            fields = dict(re.findall(r'name="(\w+)"\r\n\r\n(.*?)\r\n--', body, re.S)) or {
                name: values[0] for name, values in parse_qs(body).items()
            }
            self.sent.append(SimpleNamespace(path=address, fields=fields, headers=route.request.headers))
            reply = self.answer(address)
            return route.abort("internetdisconnected") if reply is OFFLINE else route.fulfill(**reply)
        if address.startswith("/static/"):
            file = next((f for f in (root / address.removeprefix("/static/") for root in STATIC) if f.is_file()), None)
            return route.fulfill(path=file, content_type=KINDS[file.suffix]) if file else route.fulfill(status=404)
        return route.fulfill(body=self.html, content_type="text/html", headers={"Content-Security-Policy": POLICY})


OFFLINE: dict[str, Any] = {}
ITEM = '<ul id="list"><li class="in-new"><h2>Kept words</h2></li></ul>'
REFUSED = '<ul id="list"><li><div class="note brick sum" tabindex="-1"><h2>One thing to fix</h2></div></li></ul>'


@pytest.fixture
def trial(browser: Browser) -> Iterator[Trial]:
    context = browser.new_context(timezone_id="Asia/Tokyo", reduced_motion="reduce")
    page = context.new_page()
    trial = Trial(page)
    yield trial
    assert trial.errors == []
    context.close()


def test_an_operation_id_lives_from_the_first_key_to_the_kept_answer(trial: Trial) -> None:
    page, op = trial.page, trial.page.locator("#add [name=op]")
    expect(op).to_have_value("")
    trial.answer = lambda _path: {"status": 422, "body": REFUSED, "content_type": "text/html"}
    page.fill("#text", "first")
    page.click("text=Add it")
    expect(page.locator("#list .sum")).to_be_focused()
    trial.answer = lambda _path: {"body": ITEM, "content_type": "text/html"}
    page.click("text=Add it")
    expect(page.locator("#list h2")).to_be_focused()
    first, second = trial.sent
    assert first.fields["op"] == second.fields["op"]
    assert len(first.fields["op"]) == 36
    assert first.headers["x-csrftoken"] == page.locator('meta[name="csrf-token"]').get_attribute("content")
    expect(op).to_have_value("")
    expect(page.locator("#text")).to_have_value("")
    page.fill("#text", "next")
    assert op.input_value() not in {"", first.fields["op"]}


def test_a_button_pressed_twice_sends_once(trial: Trial) -> None:
    trial.answer = lambda _path: {"body": ITEM, "content_type": "text/html"}
    trial.page.fill("#text", "once")
    trial.page.evaluate("for (const _ of [1, 2]) document.querySelector('#add button').click()")
    expect(trial.page.locator("#list h2")).to_have_text("Kept words")
    assert len(trial.sent) == 1
    expect(trial.page.locator("#add button")).not_to_have_attribute("aria-busy", "true")


@pytest.mark.parametrize(
    ("status", "words"), [(500, "Nothing you typed is lost"), (403, "may not do this"), (404, "no longer here")]
)
def test_an_unexpected_answer_keeps_the_page_and_says_so(trial: Trial, status: int, words: str) -> None:
    trial.answer = lambda _path: {"status": status, "body": "<h1>Trouble</h1>", "content_type": "text/html"}
    trial.page.fill("#text", "dear words")
    trial.page.click("text=Add it")
    expect(trial.page.locator("#toast")).to_contain_text(words)
    expect(trial.page.locator("#text")).to_have_value("dear words")
    trial.page.click("#toast >> text=Close")
    expect(trial.page.locator("#toast .toast")).to_have_count(0)


def test_a_busy_server_says_itself_when_to_come_back_and_a_draft_comes_back_then(trial: Trial) -> None:
    notice = '<div class="toast" data-stay><span>The server is busy. Try again in a few seconds.</span></div>'
    headers = {"HX-Retarget": "#toast", "HX-Reswap": "innerHTML", "Retry-After": "5"}
    busy = {"status": 503, "body": notice, "content_type": "text/html", "headers": headers}
    came: list[float] = []
    trial.answer = lambda path: (
        (path == "/save/" and came.append(time.monotonic())) or (busy if len(came) < 2 else {"status": 204})
    )
    trial.page.fill("#text", "dear words")
    trial.page.click("text=Add it")
    expect(trial.page.locator("#toast")).to_have_text("The server is busy. Try again in a few seconds.")
    expect(trial.page.locator("#text")).to_have_value("dear words")
    trial.page.fill("#account", "I saw the graph go flat")
    expect(trial.page.locator("#draft [data-saved]")).to_have_text("Not saved yet. Trying again")
    expect(trial.page.locator("#draft [data-saved]")).to_have_text(re.compile("Draft saved"), timeout=15000)
    assert came[1] - came[0] >= 5


def test_an_ended_session_does_not_carry_the_reader_away(trial: Trial) -> None:
    trial.answer = lambda _path: {"status": 401, "headers": {"HX-Redirect": "/in/login/?next=/"}}
    trial.page.fill("#text", "dear words")
    trial.page.click("text=Add it")
    expect(trial.page.locator("#toast a")).to_have_attribute("href", "/in/login/?next=/")
    expect(trial.page.locator("#text")).to_have_value("dear words")
    trial.html = trial.html.replace('name="csrf-token" content="', 'name="csrf-token" content="fresh')
    trial.page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(trial.page.locator("#toast .toast")).to_have_count(0)
    assert trial.page.locator('meta[name="csrf-token"]').get_attribute("content").startswith("fresh")


def test_a_draft_is_tried_again_as_the_same_operation_until_it_is_kept(trial: Trial) -> None:
    page, state = trial.page, trial.page.locator("#draft [data-saved]")
    trial.answer = lambda _path: OFFLINE
    page.fill("#account", "I saw the graph go flat")
    expect(state).to_have_text("Not saved yet. Trying again")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    until(page, asked, 1)
    assert asked == ["beforeunload"]
    trial.answer = lambda _path: {"body": json.dumps({"version": 7}), "content_type": "application/json"}
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(state).to_have_text(re.compile(r"Draft saved at \d\d:\d\d"))
    assert {s.fields["text"] for s in trial.sent} == {"I saw the graph go flat"}
    assert len({s.fields["op"] for s in trial.sent}) == 1
    expect(page.locator("#draft [name=version]")).to_have_value("7")
    with page.expect_response("**/save/"):
        page.fill("#account", "I saw the graph go flat, not up")
    assert len({s.fields["op"] for s in trial.sent}) == 2


def test_times_are_the_readers_with_the_events_beside(trial: Trial) -> None:
    expect(trial.page.locator("#moment")).to_have_text("Mon 22 Oct 2018, 00:52 CEST (Sun 21 Oct 2018, 18:52 EDT)")
    trial.page.evaluate(
        """document.querySelector("#list").innerHTML =
        '<li><time data-local="clock" data-zone="UTC" datetime="2026-01-05T10:00:00Z">10:00</time></li>'"""
    )
    expect(trial.page.locator("#list time")).to_have_text("11:00 CET (10:00 UTC)")
    trial.page.evaluate(
        """document.querySelector("#list").innerHTML =
        '<li><time data-local="own" data-zone="UTC" datetime="2026-01-05T10:00:00Z">10:00</time></li>'"""
    )
    expect(trial.page.locator("#list time")).to_have_text("11:00")


def test_keys_rest_while_typing_and_can_be_turned_off(trial: Trial) -> None:
    page, keys = trial.page, trial.page.locator("#keys")
    page.locator("#text").press("?")
    expect(keys).not_to_be_visible()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(keys).to_be_visible()
    page.uncheck("#keys-on")
    page.click("#keys >> text=Close")
    page.keyboard.press("?")
    expect(keys).not_to_be_visible()
    page.evaluate("localStorage.clear()")
    page.keyboard.type("ge")  # in one go: the second has to come within 1.2 seconds
    page.wait_for_url("**/event_list/")


def test_offline_says_so_and_the_error_summary_has_the_focus(trial: Trial) -> None:
    expect(trial.page.locator("main .sum")).to_be_focused()
    trial.page.context.set_offline(True)
    expect(trial.page.locator("#offline")).to_contain_text("Keep writing")
    trial.page.context.set_offline(False)
    expect(trial.page.locator("#offline")).to_have_text("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_for_axe_and_no_sideways_scroll(trial: Trial, width: int, scheme: Any) -> None:
    trial.page.emulate_media(color_scheme=scheme)
    trial.page.set_viewport_size({"width": width, "height": 844})
    assert [v["id"] for v in Axe().run(trial.page).response["violations"]] == []
    trial.page.click("[data-dialog=keys]")
    assert [v["id"] for v in Axe().run(trial.page).response["violations"]] == []
    assert trial.page.evaluate("document.documentElement.scrollWidth") <= width
