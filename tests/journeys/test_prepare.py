"""Prepare, once, as it is done: people who come by links, sealed accounts, records brought in, and a timeline that holds the truth.

Ines invites four people by address. Femi and Ada come on phones, Priya at a desk, Sven comes and declines. Each writes words
that nobody else may read before the accounts are opened: they are looked for on every page, in every file, mail and log. Then
sentences become moments, records in three formats are brought in, and two moments are remembered differently: one is settled,
for the other both views are kept. The facts are those of GitHub's incident of 21 October 2018.
"""

import json
import re
import time
import zipfile
from datetime import UTC, datetime
from io import BytesIO

import pytest
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from tests.journeys.people import DESK, PHONE, Person, first_start, next_tuesday, open_browser
from tests.journeys.product import Product

pytestmark = pytest.mark.browser

TITLE = "43-second network split leads to a day of degraded service"
SAW = {  # what each took it to mean, each with a word that stands nowhere else
    "Femi Ade": "Metrics were late, zanzibar, so I read the flat lines as a fault of monitoring. At 23:07 I paused deploys.",
    "Ada Kern": "Status stayed green for long, quokka. At 23:09 I set it to yellow with what we knew.",
    "Priya Nair": "The map listed western servers only, xylophone. At 23:02 I saw that no eastern server answered writes.",
}
OWN = {
    "Ines Alvarez": "marzipan",  # told to her alone
    "Femi Ade": "zanzibar marzipan",
    "Ada Kern": "quokka",
    "Priya Nair": "xylophone",
    "Sven Olsen": "obsidian",
}
CANARIES = " ".join(OWN.values()).split()
ALONE = "I had been awake for twenty hours, marzipan."
DRAFT = "I would rather not, obsidian."
MOMENTS = [
    ("2018-10-21 22:52", "The network splits; leaders move to the other coast", "Impact begins"),
    ("2018-10-21 22:54", "Monitoring raises many alerts at once", "Detected"),
    ("2018-10-21 23:13", "Status turns red; database engineers are paged", "Severity set"),
]
LOG = """2018-10-21T22:54:02Z monitor: 412 alerts for the eastern site
2018-10-21T23:06:40Z deploys: locked by hand
2018-10-21T23:19:11Z webhooks: delivery paused, pages not built
this line says nothing of when
"""
TABLE = "when,who,what\n22/10/2018 00:05,joana,Restores of the clusters begin\n22/10/2018 06:51,joana,Several clusters are back\n"


def slack() -> bytes:
    """A Slack export of one channel."""
    said = [
        ("U1", "1540163280.000100", "escalating, the splits look worse"),
        ("U2", "1540163700.000200", "<@U1> status red?"),
    ]
    files = {
        "users.json": [{"id": "U1", "name": "priya"}, {"id": "U2", "name": "ada"}],
        "channels.json": [{"id": "C1", "name": "incident"}],
        "incident/2018-10-21.json": [{"type": "message", "user": u, "ts": ts, "text": text} for u, ts, text in said],
    }
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, rows in files.items():
            archive.writestr(name, json.dumps(rows))
    return packed.getvalue()


def test_from_invitations_to_a_timeline_that_holds_the_truth(installed: Product, browser: Browser) -> None:
    said = installed.start((next_tuesday() - datetime.now(UTC)).total_seconds())
    ines = open_browser(browser, installed, "Ines Alvarez", "ines@example.org", DESK)
    femi = open_browser(browser, installed, "Femi Ade", "femi@example.org", PHONE)
    ada = open_browser(browser, installed, "Ada Kern", "ada@example.org", PHONE)
    priya = open_browser(browser, installed, "Priya Nair", "priya@example.org", DESK)
    sven = open_browser(browser, installed, "Sven Olsen", "sven@example.org", DESK)
    writers = (femi, ada, priya)

    first_start(ines, installed, said)
    code = open_event(ines)
    schedule(ines, code)
    invite(ines, installed, code, *writers, sven)
    for person in (*writers, sven):
        join(person, installed, code)
    for person in writers:
        write(person, code)
    tell_alone(femi, code)
    decline(sven, code)
    build_timeline(ines, code)
    share_early(ada, code)
    see_standings(ines, code)
    assert sealed_words(installed, code, (ines, femi, ada, priya, sven)) == {}

    bring_in(ines, code)
    reveal(ines, code, writers)
    lift(ines, code)
    differ(femi, code, MOMENTS[1][1], "23:01", "My phone rang at one past eleven.")
    differ(priya, code, MOMENTS[2][1], "23:11", "The page came before the light turned red.")
    settle(ines, code, femi, "The pager's own log says so.")
    keep_both(ines, code, "Two clocks, and nobody has a log.")
    check_timeline(ines, code)
    see_calendars(installed, ines, femi, sven)
    assert mailed(installed) == []
    assert installed.stop() == 0
    log = "".join(path.read_text() for path in installed.folder.parent.glob("serve-*.log"))
    assert [word for word in CANARIES if word in log] == []
    assert re.findall(r"/j/[\w-]{20,}", log) == []


def open_event(ines: Person) -> str:
    page = ines.page
    page.goto("/events/new/")
    page.get_by_role("textbox", name="Title").fill(TITLE)
    page.get_by_label("In one or two sentences").fill("A short network cut moved database leaders across the country.")
    page.get_by_label("Severity").select_option("sev1")
    page.get_by_role("textbox", name="Began").fill("2018-10-21 22:52")
    page.get_by_role("textbox", name="Ended").fill("2018-10-22 23:03")
    page.get_by_label("Clock").select_option("UTC")
    page.get_by_role("button", name="Open the event").click()
    expect(page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    return page.url.rstrip("/").rsplit("/", 1)[1]


def schedule(ines: Person, code: str) -> None:
    """Keep the proposed time."""
    ines.page.goto(f"/e/{code}/schedule/")
    ines.page.get_by_role("button", name="Keep the time").click()
    expect(ines.page.get_by_role("heading", name="The meeting")).to_be_visible()


def invite(ines: Person, one: Product, code: str, *people: Person) -> None:
    page = ines.page
    page.goto(f"/e/{code}/people/")
    page.get_by_label("Mail addresses").fill(", ".join(f"{person.name} <{person.email}>" for person in people))
    page.locator("form", has=page.get_by_label("Mail addresses")).get_by_label("Took part in the event").check()
    page.get_by_role("button", name="Invite", exact=True).click()
    for person in people:
        expect(page.locator("main li", has_text=person.name)).to_contain_text("guest")


def join(person: Person, one: Product, code: str) -> None:
    """By the link of the mail; nothing is asked, and the address that stays holds no key."""
    found = re.search(r"/j/[\w-]+/", one.mail.wait_for(person.email, "/j/"))
    assert found
    page = person.page
    page.goto(found[0])
    assert TITLE not in page.content()
    page.get_by_role("button", name="Continue as guest").click()
    page.wait_for_url(re.compile(f"/e/{code}/"))
    assert found[0] not in page.url


def write(person: Person, code: str) -> None:
    page = person.page
    page.goto(f"/e/{code}/account/")
    page.get_by_label("What did you see").fill(SAW[person.name])
    page.get_by_role("button", name="Submit account").click()
    expect(page.locator("main")).to_contain_text("Your account is in")


def tell_alone(person: Person, code: str) -> None:
    page = person.page
    page.goto(f"/e/{code}/account/")
    page.get_by_label("tell the facilitator alone").fill(ALONE)
    with page.expect_navigation():
        page.get_by_role("button", name="Keep the changes").click()
    expect(page.locator("main")).to_contain_text("Your account is in")


def decline(person: Person, code: str) -> None:
    """A first line is written, and kept by itself; then it is declined all the same."""
    page = person.page
    page.goto(f"/e/{code}/account/")
    with page.expect_response("**/account/save/"):
        page.get_by_label("What did you see").fill(DRAFT)
    page.get_by_role("button", name="I write no account").click()
    expect(page.get_by_role("status").first).to_contain_text("Only the facilitator sees it")


def build_timeline(ines: Person, code: str) -> None:
    page = ines.page
    for when, text, landmark in MOMENTS:
        page.goto(f"/e/{code}/timeline/?add=1")
        page.get_by_label("When").fill(when)
        page.get_by_label("What happened").fill(text)
        page.get_by_label("Marks").select_option(
            page.get_by_label("Marks").locator("option", has_text=landmark).first.get_attribute("value")
        )
        page.get_by_role("button", name="Add the moment").click()
        expect(page.locator("ol.tl")).to_contain_text(text)


def share_early(ada: Person, code: str) -> None:
    """One sentence, in words that she chooses; nothing else of her account comes with it."""
    page = ada.page
    page.goto(f"/e/{code}/account/")
    page.get_by_role("link", name="Share a moment").click()
    page.locator("main li", has_text="23:09").get_by_role("link", name="Share").click()
    page.get_by_label("What happened").fill("Status is set to yellow")
    page.get_by_role("button", name="Share with the review").click()
    expect(page.locator("main")).to_contain_text("Status is set to yellow")


def see_standings(ines: Person, code: str) -> None:
    page = ines.page
    page.goto(f"/e/{code}/")
    for name in SAW:
        expect(page.locator("aside li", has_text=name)).to_contain_text("In")
    expect(page.locator("aside li", has_text="Sven Olsen")).to_contain_text("Declined")


def see_calendars(one: Product, *people: Person) -> None:
    """Long after the last change of the time each calendar has it, once, those of guests, too."""
    for person in people:
        until = time.monotonic() + 120
        while not (dates := calendars(one, person)):
            assert time.monotonic() < until, f"no calendar mail to {person.email}"
            person.page.wait_for_timeout(500)
        assert ["METHOD:REQUEST" in date for date in dates] == [True]


def calendars(one: Product, person: Person) -> list[str]:
    """What the calendar mails to a person hold; the same is attached as a file for programs that look there."""
    parts = [part for mail in list(one.mail.mails) if mail["To"] == person.email for part in mail.walk()]
    dates = [part for part in parts if part.get_content_type() == "text/calendar" and not part.get_filename()]
    return [part.get_payload(decode=True).decode() for part in dates]  # type: ignore[union-attr]


def sealed_words(one: Product, code: str, people: tuple[Person, ...]) -> dict[str, list[str]]:
    """Where a word of a sealed account stands that its reader did not write: pages, files, mails. Nowhere, it is hoped."""
    paths = ["", "account/", "people/", "timeline/", "timeline.csv", "read/", "room/", "causes/", "review/", "review.md",
             "review.pdf", "schedule/", "reveal/", "edit/", "meeting.ics"]  # fmt: skip
    found: dict[str, list[str]] = {}
    for person in people:
        for path in [f"/e/{code}/{path}" for path in paths] + ["/", "/events/", "/actions/"]:
            answer = person.context.request.get(path)
            text = answer.body().decode("utf-8", "replace")
            if answer.headers.get("content-type", "").startswith("application/pdf"):
                text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.body())).pages)
            words = [word for word in CANARIES if word in text and word not in OWN[person.name]]
            if words:
                found[f"{person.name} {path}"] = words
    if words := mailed(one):
        found["mail"] = words
    return found


def mailed(one: Product) -> list[str]:
    """The words of accounts that stand in a mail, in any part of it."""
    parts = [part for mail in list(one.mail.mails) for part in mail.walk() if not part.is_multipart()]
    said = [part.get_payload(decode=True) for part in parts] + [mail["Subject"].encode() for mail in one.mail.mails]
    return [word for word in CANARIES if any(word.encode() in words for words in said)]  # type: ignore[operator]


def bring_in(ines: Person, code: str) -> None:
    """A log, a table and a Slack export; each is read, looked at and added."""
    page = ines.page
    for name, data, ways in (
        ("app.log", LOG.encode(), []),
        ("table.csv", TABLE.encode(), ["Read it so"]),
        ("slack.zip", slack(), ["Read it so"]),
    ):
        page.goto(f"/e/{code}/timeline/import/")
        page.get_by_label("Or choose a file").set_input_files({"name": name, "mimeType": "", "buffer": data})
        page.get_by_role("button", name="Read it", exact=True).click()
        page.wait_for_url(re.compile(r"/import/\d+/"))
        for way in ways:
            if page.get_by_role("button", name=way).count():
                page.get_by_role("button", name=way).click()
        page.get_by_role("button", name=re.compile("^Add .* entries$")).click()
        expect(page.locator("main")).to_contain_text(f"added from {name}")


def reveal(ines: Person, code: str, writers: tuple[Person, ...]) -> None:
    ines.page.goto(f"/e/{code}/reveal/")
    ines.page.get_by_role("button", name="Open three accounts").click()
    for person in writers:
        person.page.goto(f"/e/{code}/read/")
        for text in SAW.values():
            expect(person.page.locator("main")).to_contain_text(text.split(".")[0])
        assert "obsidian" not in person.page.content()
        assert person.name == "Femi Ade" or "marzipan" not in person.page.content()


def lift(ines: Person, code: str) -> None:
    """A sentence of an account becomes a moment; it says whose it is."""
    page = ines.page
    page.goto(f"/e/{code}/timeline/")
    page.locator("#proposed li", has_text="23:02").get_by_role("link", name="Add to the timeline").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Add to the timeline").click()
    page.goto(f"/e/{code}/timeline/")
    expect(page.locator("ol.tl li", has_text="no eastern server answered writes").first).to_contain_text("Priya Nair")


def differ(person: Person, code: str, moment: str, time: str, note: str) -> None:
    page = person.page
    page.goto(f"/e/{code}/timeline/")
    row = page.locator("ol.tl > li", has_text=moment)
    row.get_by_role("link", name="I remember it differently").click()
    page.get_by_label("When it was").fill(time)
    page.get_by_label("How you know").fill(note)
    page.get_by_role("button", name="Put it beside the other view").click()
    expect(page.locator("ol.tl > li", has_text=moment)).to_contain_text(note)


def settle(ines: Person, code: str, person: Person, why: str) -> None:
    page = ines.page
    page.goto(f"/e/{code}/timeline/")
    row = page.locator("ol.tl > li", has_text=MOMENTS[1][1])
    row.locator("label", has_text=person.name).get_by_role("radio").check()
    row.get_by_label("Why").fill(why)
    row.get_by_role("button", name="Settle on the chosen view").click()
    expect(page.locator("ol.tl > li", has_text=MOMENTS[1][1]).locator("time").first).to_contain_text("23:01")


def keep_both(ines: Person, code: str, why: str) -> None:
    page = ines.page
    page.goto(f"/e/{code}/timeline/")
    row = page.locator("ol.tl > li", has_text=MOMENTS[2][1])
    row.get_by_label("Why").fill(why)
    row.get_by_role("button", name=re.compile("^Keep both")).click()
    expect(page.locator("ol.tl > li", has_text=MOMENTS[2][1])).to_contain_text(why)


def check_timeline(ines: Person, code: str) -> None:
    """The document holds what was typed, shared, lifted, brought in, settled and kept; nothing that stays sealed."""
    text = ines.context.request.get(f"/e/{code}/review.md").text()
    timeline = re.split(r"^## ", text, flags=re.M)[3 if "## Impact" in text else 2]
    for words in (*(text for _, text, _ in MOMENTS), "Status is set to yellow", "no eastern server answered writes",
                  "deploys: locked by hand", "Several clusters are back", "escalating, the splits look worse"):  # fmt: skip
        assert words in timeline, words
    assert "23:11" in timeline
    assert "The page came before the light turned red." in timeline
    assert [word for word in ("marzipan", "obsidian") if word in text] == []
