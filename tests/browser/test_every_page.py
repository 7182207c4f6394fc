"""Every page in real Chromium, by each role that may open it: no finding of axe, nothing wider than a phone, no script error,
no breach of the content policy, nothing that moves after it was shown."""

from collections.abc import Collection, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page

from actions.models import Action
from retros.models import Event, Factor, TimelineEntry, WentWell, WhyNode
from tests.access_matrix import MATRIX, ROLES
from tests.factories import START, make_action, make_event, make_member, make_user
from tests.world import address, make_world

pytestmark = [pytest.mark.browser, pytest.mark.looks]

# Answers that are no page: files, streams, forms that a page fetches in place.
NO_PAGE = {
    "room_stream", "room_poll", "review_markdown", "review_pdf", "action_export", "analysis_form", "analysis_form_new",
    "cause_form", "cause_form_new", "cause_evidence",
    "action_form", "action_reading", "timeline_export",
    "room_lead", "room_script", "silent_own", "silent_count", "close_own", "note_form",
}  # fmt: skip
DESK = {"width": 1440, "height": 900}
LOOKED_AT = ("facilitator", "participant", "observer", "manager", "admin")
THOROUGH = ("facilitator", "participant")
SHIFTS = """new Promise(done => { let sum = 0; new PerformanceObserver(list => { for (const e of list.getEntries())
  if (!e.hadRecentInput) sum += e.value; }).observe({type: "layout-shift", buffered: true}); setTimeout(() => done(sum), 50); })"""


@pytest.fixture
def world(live: str) -> SimpleNamespace:
    """One of each thing, on a real server."""
    cast = make_world()
    cast.site = live
    return cast


def pages_of(role: str) -> Iterator[str]:
    """Names of the pages that the matrix lets the role open."""
    for name, method, answers in MATRIX:
        if method == "GET" and answers.split()[ROLES.index(role)] == "200" and name not in NO_PAGE:
            yield name


def signed_in(browser: Browser, world: SimpleNamespace, role: str, **options: Any) -> Page:
    """A browser in which the person of this role is signed in. Nothing moves there: axe would see colours on their way."""
    user = getattr(world, role)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    context = browser.new_context(base_url=world.site, **{"reduced_motion": "reduce", **options})
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key or "", "url": world.site}])
    return context.new_page()


def wrong_pages(page: Page, urls: dict[str, str], but_axe: Collection[str] = ()) -> dict[str, list[str]]:
    """What is wrong with each page, at a desk's and at a phone's width; nothing for a page without a finding. Axe, which takes
    half the time, passes by those that it knows."""
    noise: list[str] = []
    page.on("pageerror", lambda error: noise.append(f"script: {error}"))
    page.on("console", lambda m: noise.append(f"console: {m.text}") if m.type == "error" else None)
    wrong = {}
    for name, url in urls.items():
        noise.clear()
        page.set_viewport_size(DESK)
        page.goto(url)
        seen = [] if name in but_axe else Axe().run(page).response["violations"]
        found = [f"{v['id']}: {v['nodes'][0]['html'][:140]}" for v in seen]
        shift = page.evaluate(SHIFTS)
        found += [f"moves by {shift:.3f}"] if shift >= 0.01 else []
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            wide = page.evaluate("document.scrollingElement.scrollWidth")
            found += [f"{wide} px wide at {width}"] if wide > width else []
        if found or noise:
            wrong[name] = [*found, *noise]
    return wrong


@pytest.mark.parametrize("role", LOOKED_AT)
def test_nothing_is_wrong_with_any_page(world, browser, role):
    """Axe sees each page as who leads, as who takes part, and what neither of them may open as the first who may."""
    page = signed_in(browser, world, role, color_scheme="dark" if role in {"participant", "admin"} else "light")
    before = LOOKED_AT[: LOOKED_AT.index(role)] if role not in THOROUGH else ()
    known = {name for other in before for name in pages_of(other)}
    assert wrong_pages(page, {name: address(name, world.things) for name in pages_of(role)}, known) == {}
    page.context.close()


LISTS = (
    "home", "event_list", "action_list", "settings_people", "event_detail", "member_list", "timeline_detail",
    "analysis_detail", "room_detail", "review_detail", "event_actions",
)  # fmt: skip
LONG = (
    "Nothing in the runbook describes a topology that holds servers of the other coast only, so everybody looked twice"
)
ENDLESS = "Wartungsfensterbenachrichtigungsverteilerlistenpflegeverantwortlichkeit"


@pytest.fixture
def bare(live: str) -> SimpleNamespace:
    """An event with nothing but its facilitator, who also administers."""
    lead = make_user("Ines", is_admin=True)
    event = make_event("Forty-three seconds", facilitator=lead)
    return SimpleNamespace(site=live, facilitator=lead, event=event, things={"code": event.code, "slug": "factors"})


def fill(world: SimpleNamespace, count: int) -> None:
    """So many of everything that stands in a list, with long words."""
    event, lead = world.event, world.facilitator
    Event.objects.bulk_create(
        Event(title=f"{ENDLESS} {LONG} {n}", code=f"many{n:05d}", started_at=START, state="preparing")
        for n in range(count)
    )
    TimelineEntry.objects.bulk_create(
        TimelineEntry(event=event, at=START, sort_at=START, utc_offset=0, text=f"{LONG} {n}", created_by=lead)
        for n in range(count)
    )
    for model, extra in ((Factor, {"category": "change"}), (WentWell, {"kind": "detection"}), (WhyNode, {})):
        model.objects.bulk_create(
            model(event=event, text=f"{LONG} {n}", created_by=lead, rank=n, **extra) for n in range(count)
        )
    one = make_action(event, LONG, owner=lead)
    rows = [
        Action(**{**{f.attname: getattr(one, f.attname) for f in Action._meta.fields}, "id": None, "rank": n})
        for n in range(count)
    ]
    Action.objects.bulk_create(rows)
    make_member(event, make_user("Maximiliane-Theodora Freifrau von Hohenzollern-Sigmaringen zu Oettingen-Wallerstein"))
    for n in range(count):
        make_user(f"{'Very ' * 8}Long Name {n}", email=f"somebody.with.a.long.address.{n}@a-long-host-name.example.org")


@pytest.mark.parametrize("count", [0, 100])
def test_nothing_is_wrong_with_lists_of_any_length(bare, browser, count):
    if count:
        fill(bare, count)
    page = signed_in(browser, bare, "facilitator")
    assert wrong_pages(page, {name: address(name, bare.things) for name in LISTS}) == {}
    page.context.close()
