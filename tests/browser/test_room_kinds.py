"""The rooms of a launch and a project in real Chromium: every step looked at by axe, at a desk and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import Browser, expect

from retros.services import meeting
from tests.browser.test_every_page import signed_in
from tests.factories import make_cast
from tests.kinds import FILL, SPANS


@pytest.mark.looks
@pytest.mark.parametrize("kind", ["launch", "project"])
def test_nothing_is_wrong_with_any_step_of_a_kind(live: str, browser: Browser, kind: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("looks are checked on SQLite")
    cast = make_cast(kind=kind, **SPANS[kind])
    FILL[kind](cast.event, 3)
    cast.site = live
    meeting.start(cast.event, by=cast.facilitator)
    desk = signed_in(browser, cast, "facilitator", viewport={"width": 1440, "height": 900})
    phone = signed_in(browser, cast, "participant", viewport={"width": 390, "height": 844}, color_scheme="dark")
    wrong: dict[str, list[object]] = {}
    for page in (desk, phone):
        page.goto(f"/e/{cast.event.code}/room/")
    for rank, (slug, _, _) in enumerate(meeting.agenda_for(cast.event)):
        if rank:
            meeting.go(cast.event, by=cast.facilitator, from_rank=rank - 1, to_rank=rank)
        for page in (desk, phone):
            expect(page.locator("#stage")).to_have_attribute("data-step", slug)
            found = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in Axe().run(page).response["violations"]]
            wide = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
            if found or wide > 0:
                wrong[f"{slug} {page.viewport_size}"] = [*found, wide]
    assert wrong == {}
    for page in (desk, phone):
        page.context.close()
