"""Pages narrower than a desk: at 1024 px lists keep their titles readable beside an aside, on a phone fields have their line."""

from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser

from tests.browser.test_every_page import signed_in
from tests.factories import make_entry, make_team
from tests.world import make_world

pytestmark = [pytest.mark.browser, pytest.mark.looks]


@pytest.fixture
def world(live: str) -> SimpleNamespace:
    cast = make_world()
    make_entry(cast.event, "Over", minutes=90)
    make_team("A team with a name that goes on for long")
    make_team("Another team with a name that goes on for long")
    cast.site = live
    return cast


def test_titles_keep_their_room_beside_an_aside_and_filters_begin_where_the_page_does(browser: Browser, world):
    page = signed_in(browser, world, "facilitator", viewport={"width": 1024, "height": 800})
    page.goto("/")
    title = page.locator(".lib > li > div").first.bounding_box()
    assert title
    assert title["width"] >= 250  # what two or three lines of a title need
    page.goto("/events/")
    kinds, teams = (page.get_by_role("navigation", name=name).bounding_box() for name in ("Kind", "Team"))
    assert kinds
    assert teams
    assert teams["y"] > kinds["y"]
    assert teams["x"] == kinds["x"]


def test_on_a_phone_what_a_mend_asks_for_has_a_line_of_its_own(browser: Browser, world):
    page = signed_in(browser, world, "facilitator", viewport={"width": 390, "height": 800})
    page.goto(f"/e/{world.event.code}/timeline/look-again/")
    choice = page.get_by_role("combobox").first.bounding_box()
    assert choice
    assert choice["width"] > 330  # “Choose a moment” was cut to “Cho…” beside two buttons


def test_on_a_phone_the_name_of_the_chosen_file_is_read(browser: Browser, world):
    page = signed_in(browser, world, "facilitator", viewport={"width": 390, "height": 800})
    page.goto(f"/e/{world.event.code}/timeline/import/")
    chosen = page.locator("input[type=file]").bounding_box()
    assert chosen
    assert chosen["width"] > 330  # “No f…sen” in half of it
