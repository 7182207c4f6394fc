"""The timeline in Chromium: rows by keys, marked in place; the picture leads to its entries; T-0 and back; words that never meet."""

from datetime import timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from retros.models import ImpactInterval, TimelineEntry
from tests.browser.test_every_page import signed_in
from tests.factories import START, make_cast, make_entry

pytestmark = pytest.mark.browser
BOXES = """() => [...document.querySelectorAll('.trace-box svg.axis')].map(svg => [...svg.querySelectorAll('text')]
  .filter(text => text.checkVisibility()).map(text => text.getBoundingClientRect()).map(box => [box.left, box.right])
  .sort((a, b) => a[0] - b[0]))"""


def fill(event):
    """A minute full of moments, a day with few, three stretches of impact with long and short names."""
    for n, minutes in enumerate((0, 0.2, 0.4, 1, 2, 9, 95, 500, 1_052, 1_440)):
        make_entry(event, f"Moment {n}", at=START + timedelta(minutes=minutes), source="log" if n % 2 else "chat")
    marks = {1: "detected", 2: "mitigation", 8: "mitigated", 9: "resolved"}
    for n, mark in marks.items():
        TimelineEntry.objects.filter(event=event, text=f"Moment {n}").update(landmark=mark)
    for label, a, b in (
        ("writes to the primary fail", 0, 95),
        ("pages are late", 700, 760),
        ("reads in the west show what had been true", 9, 1_052),
    ):
        ends = {"started_at": START + timedelta(minutes=a), "ended_at": START + timedelta(minutes=b)}
        ImpactInterval.objects.create(event=event, label=label, **ends)


def focused(page: Page, text: str) -> None:
    expect(page.locator("li:focus-within [data-heading]")).to_have_text(text)


def test_rows_are_walked_marked_and_edited_by_keys(live: str, browser: Browser) -> None:
    cast = make_cast()
    cast.site = live
    fill(cast.event)
    page = signed_in(browser, cast, "scribe")
    page.goto(f"/e/{cast.event.code}/timeline/?source=log")
    wide = page.locator("#hints select").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    assert wide
    assert min(wide) > 250, "what it asks to choose is read whole"
    for key, text in (("j", "Moment 1"), ("j", "Moment 3"), ("j", "Moment 5"), ("k", "Moment 3")):
        page.keyboard.press(key)
        focused(page, text)
    page.keyboard.press("m")
    expect(page.locator("li.key [data-heading]")).to_have_text("Moment 3")
    focused(page, "Moment 3")
    page.keyboard.press("e")
    page.get_by_label("What happened").fill("Moment three")
    page.get_by_label("Why you change it").fill("It has a name")
    page.get_by_role("button", name="Keep the moment").click()
    expect(page.locator(".tl > li:target [data-heading]")).to_have_text("Moment three")
    assert "source=log" in page.url
    page.get_by_role("link", name="Edited, see how: Moment three").click()
    expect(page.get_by_text("It has a name")).to_be_visible()
    expect(page.get_by_text("Words before: Moment 3")).to_be_visible()
    page.context.close()


def test_the_picture_leads_to_entries_and_zero_moves_and_returns(live: str, browser: Browser) -> None:
    cast = make_cast()
    cast.site = live
    fill(cast.event)
    page = signed_in(browser, cast, "facilitator")
    page.goto(f"/e/{cast.event.code}/timeline/")
    target = TimelineEntry.objects.get(event=cast.event, text="Moment 7")
    page.locator(f'.trace a[href*="entry={target.pk}#"]').click()
    expect(page.locator(f"#entry-{target.pk}")).to_be_in_viewport()
    first = page.locator(".tl .off").first
    before = first.text_content() or ""
    page.locator(f"#entry-{target.pk}").get_by_role("link", name="Edit: Moment 7").click()
    page.get_by_role("button", name="Count offsets from here").click()
    expect(first).to_contain_text("T\u221208:20")
    page.locator("#t-zero-undo").get_by_role("button", name="Undo").click()
    expect(first).to_have_text(before)
    page.locator("#find summary").click()
    page.locator("#find-at").fill("T+01:30")
    page.get_by_role("button", name="Go there").click()
    expect(page.locator(".tl > li:target [data-heading]")).to_have_text("Moment 6")
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (720, "dark"), (390, "dark"), (320, "light")])
def test_words_of_the_picture_never_meet(live: str, browser: Browser, width: int, scheme: str) -> None:
    cast = make_cast()
    cast.site = live
    fill(cast.event)
    page = signed_in(browser, cast, "observer")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"/e/{cast.event.code}/timeline/")
    page.evaluate("document.fonts.ready.then(() => 0)")  # a font that comes later has words of another width
    rows = page.evaluate(BOXES)
    assert sum(map(len, rows)) >= 5
    for boxes in rows:
        assert all(left >= -1 and right <= width + 1 for left, right in boxes)
        assert all(a[1] <= b[0] for a, b in pairwise(boxes))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
