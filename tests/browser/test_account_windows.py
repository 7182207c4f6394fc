"""One author, two windows: what was saved in one is never replaced by the other without being shown."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from retros.models import ParticipantAccount
from tests.browser.test_every_page import signed_in
from tests.factories import make_cast

pytestmark = pytest.mark.browser


def write(page: Page, text: str) -> None:
    page.locator("textarea[name=saw]").fill(text)


def kept() -> tuple[str, str]:
    account = ParticipantAccount.objects.get()
    return account.state, account.answers["saw"]


def test_an_old_window_shows_both_texts_instead_of_replacing(live: str, browser: Browser) -> None:
    cast = make_cast()
    cast.site = live
    laptop, phone = signed_in(browser, cast, "participant"), signed_in(browser, cast, "participant")
    state = laptop.locator("form [data-saved]")
    for page in (laptop, phone):
        page.goto(f"/e/{cast.event.code}/account/")
    write(phone, "Flat lines, and no alarm.")
    phone.get_by_role("button", name="Submit account").click()
    expect(phone.get_by_text("Your account is in").first).to_be_visible()

    write(laptop, "Flat lines.")
    expect(state).to_contain_text("another window of yours saved other words")
    laptop.get_by_role("button", name="Submit account").click()
    notice = laptop.locator("[data-conflict]")
    expect(notice).to_contain_text("Flat lines, and no alarm.")
    expect(notice).to_be_focused()
    expect(laptop.locator("textarea[name=saw]")).to_have_value("Flat lines.")
    assert kept() == ("submitted", "Flat lines, and no alarm.")

    # Having read both, the author goes on; each save of this window follows its last, whatever became of the answer.
    laptop.route(re.compile("account/save/"), lambda route: (route.fetch(), route.abort()))
    write(laptop, "Flat lines, no alarm.")
    expect(state).to_contain_text("Not saved yet")
    laptop.unroute_all()
    write(laptop, "Flat lines, no alarm at all.")
    expect(state).to_contain_text("saved at", timeout=12000)
    laptop.locator("textarea[name=saw]").press_sequentially(" Really.")
    with laptop.expect_navigation():
        laptop.get_by_role("button", name="Keep the changes").click()
    expect(laptop.get_by_text("Your account is in").first).to_be_visible()
    assert kept() == ("submitted", "Flat lines, no alarm at all. Really.")
    for page in (laptop, phone):
        page.context.close()
