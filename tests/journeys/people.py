"""People of a journey: each with an address, a browser of their own, and the ways in that all journeys share."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.factories import PASSWORD
from tests.journeys.product import Product

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Person:
    """Somebody with an address and a browser of their own."""

    name: str
    email: str
    context: BrowserContext
    page: Page


def next_tuesday() -> datetime:
    """Ten o'clock on a working day ahead: the hour at which reminders may be sent."""
    now = datetime.now(UTC)
    day = now + timedelta(days=(1 - now.weekday()) % 7 or 7)
    return day.replace(hour=10, minute=0, second=0, microsecond=0)


def open_browser(browser: Browser, one: Product, name: str, email: str, size: dict[str, int]) -> Person:
    context = browser.new_context(base_url=one.address, viewport=size, is_mobile=size is PHONE)  # type: ignore[arg-type]
    return Person(name, email, context, context.new_page())


def sign_in(person: Person, one: Product) -> None:
    """By the code that is mailed; no password anywhere."""
    person.page.goto("/in/")
    seen = len(one.mail.mails)
    person.page.get_by_label("Work address").fill(person.email)
    person.page.get_by_role("button", name="Send me a code").click()
    person.page.get_by_label("Code").wait_for()
    code = None
    for _ in range(300):
        for mail in one.mail.mails[seen:]:
            found = re.search(
                r"\b\d{6}\b", one.mail.wait_for(person.email, mail["Subject"]) if mail["To"] == person.email else ""
            )
            code = found[0] if found else code
        if code:
            break
        person.page.wait_for_timeout(100)
    assert code, "no code was mailed"
    person.page.get_by_label("Code").fill(code)
    person.page.get_by_role("button", name="Sign in").click()
    expect(person.page.get_by_role("heading", level=1)).to_contain_text("need")


def choose(field: Locator, words: str) -> None:
    """The option whose text holds these words."""
    value = field.locator("option", has_text=words).first.get_attribute("value")
    field.select_option(value)


def first_start(ines: Person, one: Product, said: str) -> None:
    page = ines.page
    page.goto(one.first_start_path(said))
    page.get_by_label("Name").fill(ines.name)
    page.get_by_label("E-mail").fill(ines.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_role("button", name="Create administrator").click()
    expect(page.get_by_role("heading", name="Three things need you")).to_be_visible()


def add_people(ines: Person, one: Product, *others: Person) -> None:
    page = ines.page
    for person in others:
        page.goto("/settings/people/add/")
        page.get_by_label("Name").fill(person.name)
        page.get_by_label("E-mail").fill(person.email)
        page.get_by_role("button", name="Add and invite").click()
        expect(page.locator("main")).to_contain_text(person.name)
        one.mail.wait_for(person.email, "invites you")
