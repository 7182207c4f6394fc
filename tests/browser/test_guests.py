"""The facilitator invites four people by address; two come on a phone, one writes and one declines; a link is ended and opened again."""

import re

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect

from retros.models import Membership, ParticipantAccount, Role
from tests.browser.test_every_page import signed_in, wrong_pages
from tests.factories import make_cast
from tests.guests import YUKI, invite, key_for

pytestmark = pytest.mark.browser
CHIDI, FRIEDA = "chidi@partner.org", "frieda@partner.org"


def on_a_phone(browser: Browser, site: str, key: str) -> Page:
    """Somebody presses the link of their mail."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.goto(f"{site}/j/{key}/")
    page.get_by_role("button", name="Continue as guest").click()
    page.wait_for_url(re.compile("/e/"))
    return page


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_nothing_is_wrong_with_the_pages_at_the_door(live: str, browser: Browser) -> None:
    cache.clear()
    cast = make_cast()
    key = invite(cast)
    first = on_a_phone(browser, live, key)
    stranger = browser.new_context(base_url=live, color_scheme="dark").new_page()
    assert wrong_pages(stranger, {"join": f"/j/{key}/", "link_ask": "/in/link/"}) == {}
    stranger.goto(f"/j/{key}/")
    stranger.get_by_role("button", name="Continue as guest").click()
    stranger.wait_for_url("**/in/browser/")
    assert wrong_pages(stranger, {"link_code": "/in/browser/"}) == {}
    assert wrong_pages(first, {"account_logout": f"{live}/in/out/", "link_ask": f"{live}/in/link/"}) == {}
    for page in (first, stranger):
        page.context.close()


def test_four_people_are_invited_two_come_on_a_phone_and_one_declines(live: str, browser: Browser) -> None:
    cache.clear()
    cast = make_cast()
    cast.site = live
    lead = signed_in(browser, cast, "facilitator")
    people = f"/e/{cast.event.code}/people/"
    lead.goto(people)
    field = lead.get_by_label("Mail addresses")
    field.fill(f"Yuki Tanaka <{YUKI}>\n{CHIDI}; {FRIEDA}, {cast.outsider.email}, nonsense")
    lead.get_by_label("Took part in the event").first.check()
    lead.get_by_role("button", name="Invite", exact=True).click()
    expect(lead.get_by_role("alert")).to_contain_text("“nonsense” is no mail address")
    assert not Membership.objects.filter(user__email=YUKI).exists(), "all are invited, or none"
    field.fill(field.input_value().replace(", nonsense", ""))
    lead.get_by_role("button", name="Invite", exact=True).click()
    expect(lead.get_by_text("Four people are invited.")).to_be_visible()

    yuki, chidi = (on_a_phone(browser, live, key_for(address)) for address in (YUKI, CHIDI))
    assert yuki.url == chidi.url == f"{live}/e/{cast.event.code}/account/"
    yuki.locator("textarea[name=saw]").fill("The graph went flat, and I waited.")
    yuki.get_by_role("button", name="Submit account").click()
    expect(yuki.get_by_text("Your account is in").first).to_be_visible()
    chidi.get_by_role("button", name="I write no account").click()
    expect(chidi.get_by_text("you can still write one").first).to_be_visible()
    states = dict(ParticipantAccount.objects.values_list("author__email", "state"))
    assert states == {YUKI: "submitted", CHIDI: "declined"}
    for address in ("", "account/", "timeline/", "room/", "review/", "actions/", "people/"):
        yuki.goto(f"{live}/e/{cast.event.code}/{address}")
        assert fits(yuki), address
        assert yuki.get_by_role("link", name="Events").count() == 0
    colleague = on_a_phone(browser, live, key_for(cast.outsider.email))
    colleague.get_by_role("link", name="Sign in").click()
    expect(colleague.get_by_role("heading", name="Sign in")).to_be_visible()

    lead.goto(people)
    row = lead.locator("li", has_text=YUKI)
    expect(row).to_contain_text("Joined")
    expect(lead.locator("li", has_text=FRIEDA)).to_contain_text("Invited")
    row.get_by_role("link", name="Change").click()
    lead.get_by_role("button", name="End the link").click()
    expect(lead.get_by_text("The link of Yuki Tanaka is ended.")).to_be_visible()
    yuki.goto(f"{live}/e/{cast.event.code}/")
    expect(yuki.get_by_role("link", name="Where is my link?")).to_be_visible()
    lead.get_by_role("button", name="Undo").click()
    expect(lead.get_by_text("The link of Yuki Tanaka opens again.")).to_be_visible()
    yuki.goto(f"{live}/e/{cast.event.code}/")
    expect(yuki.get_by_text("Your account is in")).to_be_visible()
    assert Membership.objects.filter(event=cast.event, role=Role.FACILITATOR).count() == 1
    for page in (lead, yuki, chidi, colleague):
        page.context.close()
