"""The first day in real Chromium, from the printed link to a second person's profile; and every page of the area under axe."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from aar_site.outbox import delivery
from aar_site.people import setup
from aar_site.people.models import Service, TeamMembership, User
from tests.aar_site.conftest import MailServer
from tests.factories import PASSWORD, make_team, make_user

pytestmark = pytest.mark.browser


@pytest.fixture
def window(browser: Browser, live: str) -> Iterator[Callable[..., Page]]:
    """Opens pages in browsers of their own; fails on a script error or a breach of the content policy."""
    wrong: list[str] = []
    contexts = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(base_url=live, reduced_motion="reduce", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda m: wrong.append(m.text) if "Content Security Policy" in m.text else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def last_mail(server: MailServer, address: str) -> str:
    """What waits is sent; the text of the newest mail to the address, as the server received it."""
    delivery.sweep()
    mine = [m for m in server.mails if m["To"] == address]
    part = mine[-1].get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_the_first_day(window: Callable[..., Page], server: MailServer, live: str) -> None:
    link = setup.first_start_link(live)
    assert link is not None
    ines = window(timezone_id="Europe/Berlin", viewport={"width": 1440, "height": 900})
    ines.goto(link)
    expect(ines.get_by_label("Your time zone")).to_have_value("Europe/Berlin")
    ines.get_by_label("Your name").fill("Ines Carvalho")
    ines.get_by_label("E-mail").fill("ines@northwind.example")
    ines.get_by_label("Password", exact=True).fill("short")
    ines.get_by_role("button", name="Create administrator").click()
    expect(ines.locator(".sum")).to_be_focused()
    ines.locator(".sum a").first.click()
    expect(ines.get_by_label("Password", exact=True)).to_be_focused()
    ines.get_by_label("Password", exact=True).fill(PASSWORD)
    ines.get_by_label("The same once more").fill(PASSWORD)
    ines.get_by_role("button", name="Create administrator").click()
    expect(ines.get_by_role("link", name="Ines Carvalho, your profile")).to_be_visible()
    stranger = window()
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()

    ines.goto("/settings/people/")
    ines.get_by_role("link", name="Add a person").click()
    ines.get_by_label("Name").fill("Tomasz Novak")
    ines.get_by_label("E-mail").fill("tomasz@northwind.example")
    ines.get_by_role("button", name="Add and invite").click()
    expect(ines.get_by_text("Tomasz Novak is added. A mail with the way in is on its way.")).to_be_visible()

    invitation = last_mail(server, "tomasz@northwind.example")
    assert "Ines Carvalho invites you to Hindcast" in invitation
    (way_in,) = re.findall(r"http\S+", invitation)
    phone = window(viewport={"width": 390, "height": 844}, has_touch=True)
    phone.goto(way_in)
    phone.get_by_label("Work address").fill("tomsz@northwind.example")
    phone.get_by_role("button", name="Send me a code").click()
    phone.get_by_role("button", name="Use another address").click()
    phone.get_by_label("Work address").fill("Tomasz@Northwind.example")
    phone.get_by_role("button", name="Send me a code").click()
    expect(phone.get_by_label("Code")).to_be_visible()
    code = re.findall(r"\b\d{6}\b", last_mail(server, "tomasz@northwind.example"))[0]
    phone.get_by_label("Code").fill("000000" if code != "000000" else "111111")
    phone.get_by_role("button", name="Sign in").click()
    expect(phone.get_by_text("This is not the code.")).to_be_visible()
    phone.get_by_label("Code").fill(code)
    phone.get_by_role("button", name="Sign in").click()
    phone.get_by_role("link", name="Tomasz Novak, your profile").click()
    phone.get_by_label("Name").fill("Tomasz")
    phone.get_by_label("Time zone").select_option("Europe/Warsaw")
    phone.get_by_role("button", name="Keep the profile").click()
    expect(phone.get_by_text("Your profile is kept.")).to_be_visible()
    expect(phone.get_by_label("Time zone")).to_have_value("Europe/Warsaw")

    ines.get_by_role("link", name="Change Tomasz").click()
    ines.get_by_role("button", name="Deactivate").click()
    expect(ines.get_by_text("Tomasz is signed out everywhere and cannot sign in.")).to_be_visible()
    phone.goto("/events/")
    expect(phone.get_by_role("heading", name="Sign in")).to_be_visible()
    assert urlsplit(phone.url).query == "next=/events/"


GATES = ["/in/", "/in/?by=password", "/in/code/", "/in/password/reset/", "/in/password/reset/done/", "/in/closed/"]
GATES += ["/in/inactive/", "/in/password/reset/kept/", "/in/password/reset/1-nonsense/", "/nowhere/"]
ROOMS = ["/settings/profile/", "/settings/people/", "/settings/people/?q=zzz", "/settings/people/add/"]
ROOMS += ["/settings/teams/", "/settings/teams/add/", "/settings/services/", "/settings/services/add/"]
ROOMS += ["/in/password/", "/in/out/", "/in/again/", "/nowhere/"]


@pytest.mark.looks
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_nothing_for_axe_and_no_sideways_scroll(window: Callable[..., Page], width: int, scheme: Any) -> None:
    page = window(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page.goto("/setup/?code=0000-0000")
    assert wrong_with(page, width) == {}
    press(page, "Create administrator")
    assert wrong_with(page, width) == {}
    admin = make_user("Ines", email="ines@example.org", is_admin=True)
    longest = make_user("Wolfeschlegelsteinhausen-Maximiliana Featherstonehaugh", email=f"{'long' * 15}@example.org")
    User.objects.bulk_create(
        User(email=f"p{n}@example.org", name=f"Person {n}", is_active=n % 9 > 0) for n in range(300)
    )
    team = make_team("Data platform", manager=longest)
    TeamMembership.objects.bulk_create(TeamMembership(team=team, user=u) for u in User.objects.all()[5:45])
    service = Service.objects.create(name="mysql", team=team)
    # The phone looks at one page of each kind: axe takes its time, and the rest is made of the same parts.
    for path in GATES if width > 390 else GATES[:2]:
        page.goto(path)
        assert wrong_with(page, width) == {}
    page.goto("/in/code/")
    page.get_by_label("Work address").fill("nobody@example.org")
    press(page, "Send me a code")
    assert wrong_with(page, width) == {}
    press(page, "Use another address")
    page.get_by_role("link", name="Use a password").click()
    page.get_by_label("Work address").fill(admin.email)
    for secret in ("a loud harbour at midnight", PASSWORD):
        page.get_by_label("Password").fill(secret)
        press(page, "Sign in")
        assert wrong_with(page, width) == {}
    rows = [f"/settings/people/{longest.pk}/", f"/settings/teams/{team.pk}/", f"/settings/services/{service.pk}/"]
    for path in [*(ROOMS if width > 390 else ROOMS[:2]), *rows]:
        page.goto(path)
        assert wrong_with(page, width) == {}


def press(page: Page, name: str) -> None:
    """And be on the next page: axe falls over a page that is being left."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def wrong_with(page: Page, width: int) -> dict[str, Any]:
    """What axe finds, and how wide the page is where that is more than its window; nothing for a page without a finding."""
    found: dict[str, Any] = {
        v["id"]: [n["html"][:120] for n in v["nodes"]][:3] for v in Axe().run(page).response["violations"]
    }
    wide = page.evaluate("document.documentElement.scrollWidth")
    return {page.url: [found, wide]} if found or wide > width else {}
