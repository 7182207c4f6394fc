"""Events of every kind in a real browser: the fields follow the kind and keep what was typed; nothing is wrong with the pages."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from retros.models import Choice, Event, Factor, Goal, Launch, Occurrence, Phase
from retros.services.kinds import parts_of
from tests.browser.test_every_page import LONG, signed_in, wrong_pages
from tests.factories import START, make_event, make_service, make_user

pytestmark = pytest.mark.browser
KINDS = ("launch", "project", "decision", "recurring")


@pytest.fixture
def lead(live: str) -> SimpleNamespace:
    """A facilitator on a real server."""
    return SimpleNamespace(site=live, facilitator=make_user("Ines", is_admin=True))


def fill(lead: SimpleNamespace, kind: str, rows: int) -> dict[str, str]:
    """An event of the kind with so many rows of everything, and the addresses of its pages."""
    event = make_event(LONG, facilitator=lead.facilitator, kind=kind)
    if kind == "launch":
        Launch.objects.create(event=event, scope=LONG, issue_count=3, issue_note=LONG, was_rolled_back=True, planned_end=START,
                              rollback_note=LONG, first_week_note=LONG, business_outcome=LONG)  # fmt: skip
    for n in range(rows):
        Goal.objects.create(event=event, text=f"{LONG} {n}", outcome=["met", "partly", "not_met", ""][n % 4], note=LONG)
        Phase.objects.create(event=event, title=LONG[:120], planned_start=date(2026, 1, 1), planned_end=date(2026, 6, 30),
                             actual_start=date(2026, 2, 1), actual_end=date(2026, 7, 15), note=LONG)  # fmt: skip
        Choice.objects.create(
            event=event, text=f"{LONG} {n}", known_then=LONG, expected=LONG, outcome=LONG, again="otherwise"
        )
        Occurrence.objects.create(
            event=event, earlier=make_event(LONG, facilitator=lead.facilitator), promised=LONG, became=LONG
        )
    base = f"/e/{event.code}/"
    if not rows:
        return {f"{kind} new": f"/events/new/?kind={kind}", f"{kind} empty": f"{base}edit/"}
    found = {f"{kind} prepare": base, f"{kind} edit": f"{base}edit/"}
    if kind != "launch":  # its lists are the project's, too
        for part in parts_of(kind):
            row = part.model.objects.filter(event=event).first()
            found[f"{kind} {part.slug}"] = f"{base}edit/{part.slug}/{row.pk}/"
    return found


@pytest.mark.looks
@pytest.mark.parametrize(("rows", "scheme"), [(0, "light"), (4, "dark")])
def test_nothing_is_wrong_with_the_pages_of_any_kind(lead, browser, rows, scheme):
    pages = {name: address for kind in KINDS for name, address in fill(lead, kind, rows).items()}
    page = signed_in(browser, lead, "facilitator", color_scheme=scheme)
    assert wrong_pages(page, {**pages, "list": "/events/"}) == {}
    page.context.close()


def choose(page: Page, kind: str) -> None:
    page.get_by_role("radio", name=kind).check()


def test_the_fields_follow_the_kind_and_what_was_typed_stays(lead, browser):
    page = signed_in(browser, lead, "facilitator")
    page.goto("/events/new/")
    page.get_by_label("Title").fill("Mobile sign-in, second wave")
    page.get_by_label("Who was affected").fill("everybody")
    choose(page, "Launch")
    expect(page.get_by_label("Planned from")).to_be_visible()
    expect(page.get_by_role("radio", name="Launch")).to_be_focused()
    page.get_by_label("Planned from").fill("9 Nov 2026")
    expect(page.get_by_label("Title")).to_have_value("Mobile sign-in, second wave")
    expect(page.get_by_label("Who was affected")).to_have_value("everybody")
    expect(page.locator("#sets-up")).to_contain_text("What deviated")
    choose(page, "Incident")
    expect(page.locator("#sets-up")).to_contain_text("Root cause")
    choose(page, "Launch")
    expect(page.get_by_label("Planned from")).to_have_value("9 Nov 2026")
    page.get_by_label("What was it meant to achieve?").fill("Half of all sign-ins\nNo calls")
    page.get_by_label("Rolled back?").select_option("No")
    page.get_by_role("button", name="Open the event").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mobile sign-in, second wave")
    assert [goal.text for goal in Goal.objects.all()] == ["Half of all sign-ins", "No calls"]
    page.context.close()


def test_kinds_work_without_script(lead, browser):
    page = signed_in(browser, lead, "facilitator", java_script_enabled=False)
    page.goto("/events/new/")
    page.get_by_label("Title").fill("Ledger")
    choose(page, "Project")
    page.get_by_role("button", name="Show the fields of this kind").click()
    expect(page.get_by_label("Title")).to_have_value("Ledger")
    page.get_by_label("What was it meant to achieve?").fill("Switch in time")
    page.get_by_role("button", name="Open the event").click()
    page.get_by_role("link", name="Phases with plan and actual days").click()
    page.get_by_role("textbox", name="Phase", exact=True).fill("Design")
    page.get_by_role("button", name="Add the phase").click()
    expect(page.locator("#phases")).to_contain_text("Design")
    assert (Event.objects.get(title="Ledger").kind, Goal.objects.get().text) == ("project", "Switch in time")
    page.context.close()


def test_a_third_time_becomes_a_review_of_what_recurs(lead, browser):
    search = make_service("search")
    rows: list[Any] = [make_event(f"Search down {n}", facilitator=lead.facilitator) for n in range(3)]
    for event in rows:
        event.services.add(search)
        Factor.objects.create(event=event, category="change", text="x")
    page = signed_in(browser, lead, "facilitator")
    page.goto(f"/e/{rows[2].code}/")
    page.get_by_role("link", name="Review what recurs").click()
    expect(page.get_by_role("checkbox", name="Search down 0")).to_be_checked()
    page.get_by_role("button", name="Open the event").click()
    expect(page.get_by_role("link", name="Search down 1")).to_be_visible()
    assert Occurrence.objects.count() == 3
    page.context.close()
