"""Nobody but the author reads an account before the reveal: not on a page, in a fragment, an export, a mail, a log or another table.

Every account and every note holds a word that stands nowhere else. Everybody but its author then asks every address there is.
"""

import logging
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from aar_site import clock
from aar_site.outbox import mail
from aar_site.outbox.models import Message
from retros.document import pdf
from retros.live import topics
from retros.models import AccountRevision, Event, LiftedMoment, ParticipantAccount, Role
from retros.services import account_questions, accounts, lifting, people
from tests.factories import make_member, make_user
from tests.world import address, make_world, patterns

pytestmark = pytest.mark.looks  # who is told what; not how it is stored

ROLES = ("facilitator", "scribe", "participant", "guest", "observer", "manager", "admin", "outsider", "anonymous")
AUTHORS = ("participant", "guest", "scribe", "second", "sharer")
NOT_VISITED = {"account_logout": "ends the session", "account_reset_password_from_key": "needs a key from a mail"}
QUESTIONS = list(account_questions.EVERY)


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The cast, with an account in each state, and one of which a moment was shared early in other words. A printed page is
    the text that would be printed."""
    monkeypatch.setattr(pdf, "render", lambda document, **_: repr(document).encode())
    world = make_world()
    for extra in ("second", "sharer"):
        setattr(world, extra, make_user(extra.capitalize()))
        make_member(world.event, getattr(world, extra), Role.PARTICIPANT, was_involved=True)
    for author in AUTHORS:
        user = getattr(world, author)
        kept = {"answers": {slug: canary(author, slug) for slug in QUESTIONS}, "note": canary(author, "note")}
        kept["answers"]["did"] = f"At 23:12 {canary(author, 'did')} was locked."
        accounts.save_draft(world.event, by=user, **kept)
        if author in {"participant", "guest"}:
            accounts.submit(world.event, by=user, **kept)
        if author == "scribe":
            accounts.decline(world.event, by=user)
    share(world, "sharer")
    return world


def share(world: SimpleNamespace, author: str) -> None:
    """Put the sentence with a time on the timeline, in words of its own."""
    user = getattr(world, author)
    own = ParticipantAccount.objects.select_related("event").get(event=world.event, author=user)
    moments = lifting.book_of(world.event, user, world.event.started_at).moments(own)
    (moment,) = [m for m in moments if m.question.slug == "did"]
    lifting.lift(moment, by=user, when=moment.reading, text="Deploys are locked")


def canary(author: str, field: str) -> str:
    return f"canary-{author}-{field}-zq"


def client_of(world: SimpleNamespace, role: str) -> Client:
    client = Client(raise_request_exception=False)
    if role != "anonymous":
        client.force_login(getattr(world, role))
    return client


def content(response: Any) -> bytes:
    """The bytes of an answer; of a stream, those of its first frame."""
    return b"".join(response) if response.streaming else bytes(response.content)


def visits(
    world: SimpleNamespace, role: str, asked: set[tuple[str, str]] | None = None
) -> Iterator[tuple[str, str, int, bytes]]:
    """(method, name, status, headers and bytes) of every address, or of those asked for; what a visit changes is undone."""
    client = client_of(world, role)
    names = sorted(set(patterns()) - set(NOT_VISITED))
    for method, name in sorted(asked or {(method, name) for name in names for method in ("GET", "HX", "POST")}):
        path = address(name, world.things)
        with transaction.atomic():
            headers = {"HX-Request": "true"} if method == "HX" else {}
            data = {"after": "0"} if method == "GET" else {}
            response = (client.post if method == "POST" else client.get)(path, data, headers=headers)
            said = {key: value for key, value in response.headers.items() if key != "Expires"}
            yield method, name, response.status_code, repr(said).encode() + content(response)
            transaction.set_rollback(True)


def found_in(text: bytes | str, *, but: str = "") -> set[str]:
    """The canaries in a text, without those of one author."""
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    return {hit for hit in re.findall(r"canary-[a-z]+-[a-z_]+-zq", words) if hit.split("-")[1] != but}


@pytest.mark.looks
@pytest.mark.parametrize(
    "role", [role for role in ROLES if role != "admin"]
)  # who is asked by the promise, on every database
def test_no_address_tells_anybody_what_somebody_else_wrote(world, role, caplog):
    """The facilitator reads notes that were told to them, of accounts that were handed in; nothing else, and nobody else anything."""
    caplog.set_level(logging.DEBUG)
    told = {canary(author, "note") for author in ("participant", "guest")} if role == "facilitator" else set()
    answers = list(visits(world, role))
    leaks = {(method, name): found_in(text, but=role) - told for method, name, _, text in answers}
    assert {what: words for what, words in leaks.items() if words} == {}
    assert len(answers) == 3 * (len(patterns()) - len(NOT_VISITED))
    assert found_in(caplog.text) == set()
    where_told = {name for _, name, _, text in answers if found_in(text, but=role)}
    assert where_told == ({"event_detail"} if role == "facilitator" else set())


def test_the_author_reads_their_own(world):
    """Otherwise the search above would find nothing because nothing is there."""
    seen = found_in(client_of(world, "second").get(f"/e/{world.event.code}/account/").content)
    assert seen == {canary("second", field) for field in [*QUESTIONS, "note"]}


def test_of_what_was_shared_early_others_see_the_chosen_words_and_nothing_else(world):
    for role in ("facilitator", "participant", "observer"):
        page = client_of(world, role).get(f"/e/{world.event.code}/timeline/").content.decode()
        assert "Deploys are locked" in page
        assert "Sharer" not in page


def test_regions_that_everybody_gets_hold_no_account(world):
    pushed = topics.render(Event.objects.get(pk=world.event.pk), set(topics.TEMPLATES))
    assert {"people", "notes"} <= set(pushed)
    assert found_in(repr(pushed)) == set()


def test_exports_hold_no_account_before_or_after_the_reveal(world, tmp_path):
    for _ in range(2):
        for form in ("md", "pdf"):
            call_command("export_event", world.event.code, format=form, output=tmp_path)
        made = sorted(tmp_path.iterdir())
        assert len(made) == 2
        assert found_in(b"".join(path.read_bytes() for path in made)) == set()
        if not Event.objects.get(pk=world.event.pk).is_revealed:
            accounts.reveal(world.event, by=world.facilitator)


def test_mails_and_every_other_table_hold_no_account(world):
    """Change log, sessions, operations, cache and outbox, the sealed bodies of mails opened."""
    accounts.remind(world.event, by=world.facilitator)
    people.invite(world.event.memberships.get(user=world.second), by=world.facilitator)
    client_of(world, "second").get(f"/e/{world.event.code}/account/")
    own = {ParticipantAccount, AccountRevision, LiftedMoment}
    rows = [repr(row) for model in apps.get_models(include_auto_created=True) if model not in own
            for row in model._default_manager.values()]  # fmt: skip
    bodies = [repr(mail.unseal(message.sealed_body)) for message in Message.objects.exclude(sealed_body=b"")]
    assert bodies
    assert found_in("".join(rows + bodies)) == set()


def test_an_error_while_saving_tells_nothing(world, caplog, monkeypatch):
    """Page, log and headers of a failure carry none of what was typed."""

    def fail(*_: Any, **kwargs: Any) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(accounts, "save_draft", fail)
    monkeypatch.setattr(accounts, "submit", fail)
    for path in ("account/", "account/save/"):
        response = client_of(world, "second").post(f"/e/{world.event.code}/{path}", {"saw": canary("second", "saw")})
        assert response.status_code == 500
        assert found_in(response.content) == set()
    assert "the disk is on fire" in caplog.text
    assert found_in(caplog.text) == set()


def test_the_note_to_the_facilitator_is_not_for_whoever_follows(world):
    """Told to a person, not to a role."""
    scribe = world.event.memberships.get(user=world.scribe)
    people.edit_person(scribe, by=world.facilitator, role=Role.FACILITATOR, was_involved=False)
    for role in ("scribe", "facilitator"):
        seen = found_in(client_of(world, role).get(f"/e/{world.event.code}/").content)
        assert seen == set()


# --- No side channel ------------------------------------------------------------------------------------------------
OWN_TO_A_REQUEST = re.compile(
    rb'(?<=content=")\w{64}(?=")|(?<=value=")\w{64}(?=")|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}'
)


def pages_of(world: SimpleNamespace, role: str, asked: set[tuple[str, str]]) -> dict[str, bytes]:
    """What the role gets, without what differs at each request."""
    return {name: OWN_TO_A_REQUEST.sub(b"", text) for _, name, _, text in visits(world, role, asked)}


GETS = {("GET", name) for name in set(patterns()) - set(NOT_VISITED)}


@pytest.mark.looks
@pytest.mark.parametrize(
    "role", ["scribe", "guest", "observer", "manager"]
)  # the facilitator: tests/promises/test_sealed.py
def test_nobody_learns_whether_or_how_much_somebody_writes(world, role, monkeypatch):
    """Nothing, ten words and ten thousand, a draft and what was handed in are byte for byte the same to all of them."""
    still = clock.now()
    monkeypatch.setattr(clock, "now", lambda: still)
    author = make_user("Quiet")
    make_member(world.event, author, was_involved=True)
    event, few, many = world.event, "ten words are here " * 2, "word " * 4000
    asked = {(method, name) for method, name, status, _ in visits(world, role, GETS) if status == 200}
    before = pages_of(world, role, asked)
    assert "event_list" in before
    for text in (few, many):
        accounts.save_draft(event, by=author, answers={"saw": text, "did": text}, note="")
        assert pages_of(world, role, asked) == before
    accounts.submit(event, by=author, answers={"saw": many, "did": many}, note="")
    assert pages_of(world, role, asked) == before
