"""Takes the pictures of the manual: real pages of the demo, as its people see them. `sh script/pictures` runs it."""

import io
import os
import sqlite3
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from bench.server import chromium, serving

HERE = Path(__file__).parent
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 760}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]  # fmt: skip
COLOURS = 128


def signed_in(browser: Browser, address: str, role: str, size: dict[str, int]) -> Page:
    """A browser of the demo's person with this role."""
    page = browser.new_context(base_url=address, viewport=size).new_page()  # type: ignore[arg-type]
    page.goto("/in/")
    page.get_by_role("button", name=role).click()
    page.wait_for_url("**/")
    return page


def keep(page: Page, name: str) -> None:
    """What the window shows, in few colours, because pictures stay in the repository for ever."""
    page.wait_for_load_state("networkidle") if "/room/" not in page.url else page.wait_for_timeout(800)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS)
    picture.save(HERE / f"{name}.png", optimize=True)
    print(f"{name}.png {(HERE / f'{name}.png').stat().st_size // 1024} KB")


def code_of(folder: Path, where: str) -> str:
    """The code of the newest event that fits."""
    with sqlite3.connect(folder / "hindcast.sqlite3") as database:
        return str(database.execute(f"SELECT code FROM retros_event WHERE {where} ORDER BY id DESC").fetchone()[0])  # noqa: S608


def take(browser: Browser, address: str, folder: Path) -> None:
    preparing = code_of(folder, "state = 'preparing' AND kind = 'incident'")
    meeting, published = code_of(folder, "state = 'meeting'"), code_of(folder, "title LIKE 'Forty-three%'")
    lead = signed_in(browser, address, "facilitator", DESK)
    keep(lead, "now")
    for url, name in ((f"/e/{preparing}/", "prepare"), (f"/e/{meeting}/room/", "room"), (f"/e/{published}/review/", "review"),
                      (f"/e/{published}/timeline/", "timeline")):  # fmt: skip
        lead.goto(url)
        keep(lead, name)
    manager = signed_in(browser, address, "manager", DESK)
    manager.goto("/actions/")
    keep(manager, "dashboard")
    phone = signed_in(browser, address, "participant", PHONE)
    phone.goto(f"/e/{preparing}/account/")
    keep(phone, "account")


def main(folder: Path) -> None:
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        take(browser, address, folder)
        browser.close()


if __name__ == "__main__":
    sys.exit(main(Path(os.environ["HINDCAST_DATA"])))
