"""A record in real Chromium: paste, questions, choice, add, undo; a table; a Slack export with its people; a long one."""

import json
import re
import zipfile
from io import BytesIO
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from retros.models import Import, TimelineEntry
from retros.services import imports
from tests.browser.test_every_page import signed_in, wrong_pages
from tests.factories import make_cast

pytestmark = pytest.mark.browser

CHAT = "[10:56 PM] joana: longer update is up\n[10:57 PM] kbr: yes, seen\nand more of it\n[11:02 PM] femi: clusters are back\n"
TABLE = "when,who,what,ms\n21/10/2018 23:09,joana,status to yellow,412\n21/10/2018 23:13,ines,coordinator joins,3\n"


@pytest.fixture
def world(live: str) -> Any:
    cast = make_cast()
    cast.site = live
    cast.timeline = f"/e/{cast.event.code}/timeline/"
    return cast


def export() -> bytes:
    """A Slack export of one channel, two people, one of whom the export does not know."""
    said = [("U1", "1540162560.000100", "alerts ring"), ("U9", "1540162620.000200", "<@U1> deploys are stopped")]
    files = {
        "users.json": [{"id": "U1", "name": "priya", "profile": {"display_name": "priya"}}],
        "channels.json": [{"id": "C1", "name": "incident"}],
        "incident/2018-10-21.json": [{"type": "message", "user": u, "ts": ts, "text": text} for u, ts, text in said],
    }
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, rows in files.items():
            archive.writestr(name, json.dumps(rows))
    return packed.getvalue()


def upload(page: Page, world: Any, name: str, data: bytes) -> None:
    page.goto(f"{world.timeline}import/")
    page.get_by_label("Or choose a file").set_input_files({"name": name, "mimeType": "", "buffer": data})
    page.get_by_role("button", name="Read it").click()
    page.wait_for_url(re.compile(r"/import/\d+/"))


def test_from_a_paste_to_the_timeline_and_back(world: Any, browser: Browser) -> None:
    page = signed_in(browser, world, "scribe")
    page.goto(world.timeline)
    page.get_by_role("link", name="Bring in a record").click()
    page.get_by_label("Paste it here").fill(CHAT)
    page.get_by_role("button", name="Read it").click()
    page.get_by_label("Who is “joana”?").fill("Joana Silva")
    page.get_by_role("button", name="Read it so").click()  # the day is the event's; now the zone is asked
    expect(page.get_by_text("21 Oct, 22:56 UTC = T+00:04")).to_be_visible()
    page.get_by_role("button", name="Read it so").click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("4 lines read, 3 would be added")
    page.get_by_label(re.compile("Add line 2")).uncheck()
    page.get_by_role("button", name="Guessed 3").click()
    expect(page.get_by_label(re.compile("Add line 2"))).not_to_be_checked()
    page.get_by_role("button", name="Add 2 entries").click()
    expect(page.get_by_role("heading", level=2, name="2 entries added from pasted text")).to_be_visible()
    page.get_by_role("link", name="Open the timeline").click()
    expect(page.get_by_text("Joana Silva · Chat · line 1 of pasted text")).to_be_visible()
    page.get_by_role("link", name="Undo pasted text").click()
    page.get_by_role("button", name="Remove 2 entries").click()
    expect(page.get_by_role("heading", name="Taken back: pasted text")).to_be_visible()
    page.wait_for_load_state()  # its scripts hear keys
    page.keyboard.press("u")
    expect(page.get_by_role("heading", level=2, name="2 entries added from pasted text")).to_be_visible()
    assert TimelineEntry.objects.kept().count() == 2
    page.context.close()


def test_columns_and_people_are_mapped(world: Any, browser: Browser) -> None:
    page = signed_in(browser, world, "facilitator")
    upload(page, world, "status.csv", TABLE.encode())
    expect(page.get_by_role("heading", level=2, name="Four columns")).to_be_visible()
    page.get_by_label("Meaning of ms").select_option("Source")
    page.get_by_role("button", name="Read it so").click()
    expect(page.get_by_text("ines · Document · 3, line 3 of status.csv")).to_be_visible()
    upload(page, world, "export.zip", export())
    page.get_by_label("Who is “U9”?").fill("Femi")
    page.get_by_role("button", name="Read it so").click()
    expect(page.get_by_text("Femi · Chat")).to_be_visible()
    expect(page.get_by_text("@priya deploys are stopped", exact=True)).to_be_visible()
    page.get_by_role("button", name="Add 2 entries").click()
    page.get_by_role("heading", name="2 entries added").wait_for()
    assert set(TimelineEntry.objects.kept().values_list("author", flat=True)) == {"priya", "Femi"}
    page.context.close()


def test_a_long_text_is_sent_whole_and_shows_how_far_it_is(world: Any, browser: Browser, monkeypatch: Any) -> None:
    """Three megabytes are more than a form field may hold; adding outlasts the request and the page follows it."""
    monkeypatch.setattr("retros.views.imports.PATIENCE", 0)
    page = signed_in(browser, world, "scribe")
    page.goto(f"{world.timeline}import/")
    line = "2018-10-21T22:{:02d}:{:02d}Z web " + "x" * 2_900 + " {}\n"
    text = "".join(line.format(n // 60, n % 60, n) for n in range(1_100))
    page.evaluate("text => document.querySelector('textarea[name=text]').value = text", text)
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("1,100 lines read, 1,100 would be added")
    page.get_by_role("button", name="Add 1,100 entries").click()
    expect(page.get_by_role("heading", level=2, name="Adding 100 of 1,100 moments")).to_be_visible()
    imports.sweep()
    expect(page.get_by_role("heading", level=2, name="1,100 entries added")).to_be_visible()
    page.context.close()


def test_a_file_that_is_too_large_is_told_before_it_is_sent(world: Any, browser: Browser) -> None:
    page = signed_in(browser, world, "scribe")
    page.goto(f"{world.timeline}import/")
    chooser = page.get_by_label("Or choose a file")
    page.evaluate("document.querySelector('[type=file]').dataset.most = 10")
    chooser.set_input_files({"name": "app.log", "mimeType": "", "buffer": b"x" * 11})
    expect(page.get_by_text("This file has more than 10 MB.")).to_be_visible()
    assert chooser.input_value() == ""
    page.context.close()


@pytest.mark.looks
def test_nothing_is_wrong_with_a_record_of_any_length(world: Any, browser: Browser) -> None:
    page = signed_in(browser, world, "scribe")
    lines = [
        f"2018-10-21T22:{n // 60:02d}:{n % 60:02d}Z web-{'very' * 30}-{n} {'replica lag ' * 20}{n}" for n in range(300)
    ]
    urls = {}
    for name, data in (
        ("log", "\n".join([*lines, lines[0], "junk"])),
        ("chat", CHAT),
        ("table", TABLE),
    ):
        upload(page, world, f"{name * 30}.txt", data.encode())
        imp = Import.objects.latest("pk")
        here = f"{world.timeline}import/{imp.pk}/"
        urls |= {
            name: here,
            f"{name} all": f"{here}?show=",
            f"{name} skipped": f"{here}?show=skipped",
            f"{name} check": f"{here}check/",
        }
    assert wrong_pages(page, urls) == {}
    page.context.close()
