"""Posting: once per cause, nothing that a name or a title holds becomes a header or markup, lines of 64 columns."""

from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from aar_site import clock
from aar_site.outbox import delivery, mail
from aar_site.outbox.models import Message
from aar_site.people.models import User
from tests.factories import make_user

# What mail libraries and mail servers may take for the end of a line, and what turns text around.
BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\x00"]
TURNS = ["\u202e", "\u2066", "\u200b", "\ufeff"]
LONG = "An action whose title goes on for as long as its writer had something to say about the restore of backups"
TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates" / "email").glob("*.subject.txt"))


def post(subject_part: str) -> Message:
    """An invitation by somebody whose name is the given text; names reach subject, text and HTML."""
    context = {"asked_by": subject_part, "path": "/in/code/"}
    mail.post("welcome", "1", address="ines@example.org", template="welcome", context=context)
    return Message.objects.get()


def leaves_as(message: Message) -> Any:
    raw = delivery.compose(message).message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
    return BytesParser(policy=policy.default).parsebytes(raw)


def test_a_cause_posts_once(db: None) -> None:
    person = make_user()
    said = {"template": "welcome", "context": {"asked_by": "Ines", "path": "/"}, "person": person}
    assert mail.post("welcome", "1", **said) is True
    assert mail.post("welcome", "1", **said) is False
    assert mail.post("welcome", "2", **said) is True
    assert Message.objects.count() == 2


@pytest.mark.parametrize("mark", BREAKS + TURNS, ids=ascii)
def test_nothing_in_a_name_becomes_a_header(db: None, mark: str) -> None:
    message = post(f"Ines{mark}Bcc: everyone@example.org{mark}X-Evil: 1")
    assert mark not in message.subject
    arrived = leaves_as(message)
    assert arrived["Bcc"] is None
    assert arrived["X-Evil"] is None
    assert arrived["To"] == "ines@example.org"
    assert arrived["From"].addresses[0].username == "hindcast"
    assert "Bcc: everyone@example.org" in arrived["Subject"]


@pytest.mark.parametrize(
    "subject",
    [
        f"Your account of “{'x' * 80}” is still asked for",
        "Yours now: Überprüfung der Größe, " + "äöü " * 25,
        "日本語" * 45,
        "A subject of plain words " * 5,
        "a" * 70 + " " + "b" * 70,
        "It said =?utf-8?q?x?= and went on " * 3,
    ],
)
def test_a_long_subject_arrives_as_it_was_written(db: None, subject: str) -> None:
    message = post(subject)
    raw = delivery.compose(message).message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
    assert leaves_as(message)["Subject"] == message.subject
    assert b"\r\nSubject: \r\n" not in raw  # some programs would show the space before the second line


def test_a_subject_is_one_line_of_150_characters(db: None) -> None:
    message = post("Ines " * 4000)
    assert len(message.subject) <= 150
    assert message.subject.endswith("…")


def test_what_people_wrote_is_text_in_both_parts(db: None) -> None:
    body = mail.unseal(post("<b>R&D</b> {{ settings.SECRET_KEY }} %(x)s").sealed_body)
    assert "<b>R&D</b> {{ settings.SECRET_KEY }} %(x)s" in body["text"]
    assert "&lt;b&gt;R&amp;D&lt;/b&gt; {{ settings.SECRET_KEY }} %(x)s" in body["html"]


DUE = {
    "title": LONG,
    "path": "/e/k7m2q9x3p/account/",
    "due": datetime(2026, 11, 26, 14, tzinfo=UTC),
    "time_zone": "Europe/Berlin",
}
CONTEXT = {
    "base_url": "https://reviews.example.org",
    "path": "/e/k7m2q9x3p/account/",
    "person": User(
        name="Aoife-Maria O’Brien Castellanos", time_zone="Asia/Kathmandu", email="aoife-maria.o-brien-castellanos@northwind.example"
    ),
    "asked_by": "Aoife-Maria O’Brien Castellanos",
    "giver": SimpleNamespace(name="Aoife-Maria O’Brien Castellanos"),
    "event_title": "Forty-three seconds without a primary in the region that had elected it before",
    "review": "Forty-three seconds without a primary in the region that had elected it before",
    "role": "Participant",
    "writes_account": True,
    "due": datetime(2026, 11, 26, 14, tzinfo=UTC),
    "time_zone": "Europe/Berlin",
    "action": SimpleNamespace(pk=7, title=LONG, due_on=None, closed_when=LONG),
    "actions": [LONG],
    "reason": LONG,
    "summary": f"{LONG}.\n\n{LONG}.",
    "headline": "Due on Thursday, and two more",
    "opening": "Three of your actions, in one mail. If a date no longer fits, change it: a new date with a reason is fine.",
    "own": [{"title": LONG, "right": "Thu 26 Nov", "note": LONG, "address": "https://reviews.example.org/actions/7/"}],
    "kept": [{"title": LONG, "right": "9 days late", "note": LONG, "address": "https://reviews.example.org/actions/7/"}],
    "rows": [DUE, DUE],
    "first": DUE,
    "is_one": False,
    "by_link": True,
    "code": "123456",
    "links": [{"title": "Forty-three seconds without a primary in the region", "path": f"/j/{'x' * 43}/"}],
    "after": "One mail a day at most, in your working hours. Next if still open: on the day, then after 3 and 7 days.",
}  # fmt: skip


@pytest.mark.parametrize("name", ["account_reminder", "account_reminders", "invitation"])
@pytest.mark.parametrize(
    ("is_guest", "said"), [(False, "Until Thu 26 Nov, 19:00 CET (18:00 UTC)."), (True, "Until Thu 26 Nov, 18:00 UTC.")]
)
def test_a_deadline_stands_on_the_clock_of_the_reader(name: str, is_guest: bool, said: str) -> None:
    due = {**DUE, "due": datetime(2026, 11, 26, 18, tzinfo=UTC), "time_zone": "UTC"}
    clock.move(due["due"] - clock.now())  # a day of another year says which
    person = User(name="Ines", time_zone="Europe/Berlin", is_guest=is_guest)
    found = mail.written(name, {**CONTEXT, **due, "first": due, "rows": [due], "is_one": True, "person": person})
    assert said in found["text"].replace("\n", " ")
    assert said in found["html"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_text_stays_within_64_columns_and_html_says_the_same(path: Path) -> None:
    name = path.name.removesuffix(".subject.txt")
    text = mail.in_columns(mail.plain(f"email/{name}.txt", dict(CONTEXT)))
    long = [line for line in text.splitlines() if len(line) > 64 and " " in line.strip()]
    assert long == []
    assert "\n\n\n" not in text
    html = render_to_string(f"email/{name}.html", CONTEXT)
    assert text.splitlines()[0][:40] in html.replace("&#x27;", "'")
    assert html.count("<h1>") == 1
