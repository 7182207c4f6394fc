"""The rooms of other kinds than an incident in real Chromium: every step looked at by axe, at a desk and on a phone, with rows
and without any; what people write stays legible and at hand."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from retros.models import SectionText
from retros.services import meeting, notes
from tests.browser.test_every_page import signed_in
from tests.factories import make_cast
from tests.kinds import FILL, SPANS


@pytest.mark.looks
@pytest.mark.parametrize(("kind", "rows"), [("launch", 3), ("project", 0), ("decision", 3)])
def test_nothing_is_wrong_with_any_step_of_a_kind(live: str, browser: Browser, kind: str, rows: int) -> None:
    cast = make_cast(kind=kind, **SPANS[kind])
    FILL[kind](cast.event, rows)
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


ENDLESS = "https://status.example.org/" + "incidents-of-the-second-wave-" * 8
CUT = """() => ["stage", "pane"].filter((id) => document.getElementById(id).scrollWidth > document.getElementById(id).clientWidth)"""


@pytest.mark.looks
def test_a_step_of_words_is_written_at_once_and_read_by_all(live: str, browser: Browser) -> None:
    """Nothing is written yet, so the box stands open for the scribe; a phone has its notes at hand; an endless word cuts nothing off."""
    cast = make_cast(kind="launch", **SPANS["launch"])
    cast.site, event = live, cast.event
    meeting.start(event, by=cast.facilitator)
    slugs = [slug for slug, _, _ in meeting.agenda_for(event)]
    meeting.go(event, by=cast.facilitator, from_rank=0, to_rank=slugs.index("surprised"))
    notes.keep(event, by=cast.participant, text=ENDLESS)
    scribe = signed_in(browser, cast, "scribe", viewport={"width": 1440, "height": 900})
    lead = signed_in(browser, cast, "facilitator", viewport={"width": 1440, "height": 900})
    phone = signed_in(browser, cast, "participant", viewport={"width": 390, "height": 844}, has_touch=True)
    for page in (scribe, lead, phone):
        page.goto(f"/e/{event.code}/room/")
        expect(page.locator("#stage")).to_contain_text("Nothing is written yet.")
    expect(phone.locator("#text-surprised")).to_be_hidden()
    scribe.locator("#text-surprised").fill(f"Nobody expected {ENDLESS}")
    scribe.keyboard.press("Control+Enter")
    for page in (scribe, lead, phone):
        expect(page.locator("#stage .say")).to_contain_text("Nobody expected")
    for page in (scribe, lead):  # who had the box open reads the text, too
        expect(page.locator("#text-surprised")).to_be_hidden()
        assert page.evaluate(CUT) == []
    assert SectionText.objects.get(event=event, slug="surprised").text.startswith("Nobody expected https")

    # On the phone the note is under the thumb at every step, however long the stage is.
    meeting.go(event, by=cast.facilitator, from_rank=slugs.index("surprised"), to_rank=slugs.index("close"))
    expect(phone.locator("#stage")).to_have_attribute("data-step", "close")
    expect(phone.locator("#close-own > *").first).to_be_attached()  # each fetches their own
    assert phone.evaluate("document.scrollingElement.scrollHeight") > 1000
    expect(phone.get_by_label("Add what you saw")).to_be_in_viewport(ratio=1)
    phone.get_by_role("button", name="People and notes").tap()
    expect(phone.locator("#notes")).to_contain_text("second-wave")
    assert phone.evaluate(CUT) == []
    for page in (scribe, lead, phone):
        page.context.close()
