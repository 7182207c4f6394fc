"""P35: nobody but its author reads an account before the reveal, by any address, job, mail, log, table or export; and nobody
learns from what they get whether somebody writes, or how much.

The search itself is that of `tests/retros/test_sealed_accounts.py`, which says of each way by itself that it is closed.
"""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import mail as sent_mail
from django.core.management import call_command

from aar_site import clock
from aar_site.outbox import delivery, mail
from aar_site.outbox.models import Message
from retros import tasks
from retros.models import AccountRevision, Event, LiftedMoment, ParticipantAccount, SilentNote
from retros.services import accounts, meeting, silent
from tests.factories import make_member, make_user
from tests.retros import test_sealed_accounts as sealed
from tests.world import patterns

pytestmark = pytest.mark.looks  # at its short size on one database, whole on both

world = sealed.world  # the fixture
OWN = {ParticipantAccount, AccountRevision, LiftedMoment}


@pytest.fixture
def places(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, pytest.CaptureFixture[str]]:
    """Where exports are put, and what commands print."""
    return tmp_path, capsys


@pytest.mark.promise(
    "P35", "0 canaries outside the author's session over 95 % of the addresses; 0 in mails, logs, tables, exports"
)
def test_nobody_but_its_author_reads_an_account(world, measured, is_full, caplog, places):
    caplog.set_level(logging.DEBUG)
    told = {
        sealed.canary(author, "note") for author in ("participant", "guest")
    }  # handed in, for the facilitator alone
    asked, hits = 0, set()
    for role in sealed.ROLES if is_full else ("facilitator", "admin"):
        for method, name, _, text in sealed.visits(world, role):
            asked += 1
            found = sealed.found_in(text, but=role) - (
                told if role == "facilitator" and name == "event_detail" else set()
            )
            hits |= {(role, method, name, hit) for hit in found}
    hits |= {
        ("elsewhere", where, hit) for where, text in elsewhere(world, *places).items() for hit in sealed.found_in(text)
    }
    hits |= {("log", hit) for hit in sealed.found_in(caplog.text)}
    share = 100 * (len(patterns()) - len(sealed.NOT_VISITED)) / len(patterns())
    measured(f"{len(hits)} canaries in {asked:,} answers over {share:.0f} % of {len(patterns())} addresses")
    assert hits == set()
    assert share >= 95


def elsewhere(world: Any, folder: Any, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What leaves the house otherwise: mails as they are sent, every other table, the files of an export, what commands print."""
    Event.objects.filter(pk=world.event.pk).update(accounts_due_at=clock.now() + timedelta(hours=20))
    clock.move(timedelta(minutes=1))
    for job in (tasks.remind_authors, tasks.update_calendars, tasks.carry_on_imports, tasks.forget_imports):
        job()
    accounts.remind(world.event, by=world.facilitator)
    bodies = [repr(mail.unseal(m.sealed_body)) for m in Message.objects.exclude(sealed_body=b"")]
    assert bodies
    delivery.sweep()
    rows = [repr(row) for model in apps.get_models(include_auto_created=True) if model not in OWN
            for row in model._default_manager.values()]  # fmt: skip
    for form in ("md", "pdf"):
        call_command("export_event", world.event.code, format=form, output=folder)
    try:
        call_command("doctor")
    except SystemExit:
        pass  # it says that something is not as it should be on this machine
    return {
        "mails": "".join([*bodies, *(repr(message.message().as_string()) for message in sent_mail.outbox)]),
        "tables": "".join(rows),
        "files": "".join(path.read_bytes().decode(errors="replace") for path in sorted(folder.iterdir())),
        "commands": capsys.readouterr().out,
    }


@pytest.mark.promise(
    "P35", "the same bytes for nothing, 10 words and 10,000; handed in is told to the facilitator alone"
)
def test_nobody_learns_that_or_how_much_somebody_writes(world, monkeypatch, measured, is_full):
    still = clock.now()
    monkeypatch.setattr(clock, "now", lambda: still)
    author = make_user("Quiet")
    make_member(world.event, author, was_involved=True)
    few, many = "ten words are here " * 2 + "and two", "word " * 3900
    long = {"saw": many, "did": many, "hard": many[:5000]}  # ten thousand words
    roles = (
        ("facilitator", "scribe", "guest", "observer", "manager", "admin", "outsider") if is_full else ("facilitator",)
    )
    before = {}
    for role in roles:
        asked = {(method, name) for method, name, status, _ in sealed.visits(world, role, sealed.GETS) if status == 200}
        before[role] = (asked, sealed.pages_of(world, role, asked))
    differ = set()
    for answers in ({"saw": few}, long):
        accounts.save_draft(world.event, by=author, answers=answers, note="")
        differ |= {(role, name) for role in roles for name in changed(world, role, before[role])}
    accounts.submit(world.event, by=author, answers=long, note="")
    flagged = {(role, name) for role in roles for name in changed(world, role, before[role])}
    count = sum(len(pages) for _, pages in before.values())
    measured(f"{len(differ)} of {count} pages differ by what is written; {len(flagged)} by what is handed in")
    assert differ == set()
    assert {role for role, _ in flagged} == {"facilitator"}
    assert {name for _, name in flagged} <= {
        "event_detail",
        "account_reveal",
        "home",
        "room_detail",
    }  # the lobby asks: ready?


def changed(world: Any, role: str, before: tuple[Any, dict[str, bytes]]) -> set[str]:
    asked, pages = before
    now = sealed.pages_of(world, role, asked)
    return {name for name in pages if pages[name] != now[name]}


# --- Silent writing ---------------------------------------------------------------------------------------------------
WRITERS = ("participant", "guest", "scribe", "second")
COUNTED = {"silent_own", "silent_count", "silent_detail", "close_own"}  # the room's one number stands there


def begin_to_write(world: Any) -> None:
    """The room at its contributing factors, writing."""
    meeting.start(world.event, by=world.facilitator)
    meeting.go(world.event, by=world.facilitator, from_rank=0, to_rank=4)
    silent.open_writing(world.event, by=world.facilitator)
    world.event.refresh_from_db()


@pytest.mark.promise(
    "P35", "0 canaries of silent notes outside the author's session before the show; then all, and no author"
)
def test_nobody_but_its_author_reads_a_silent_note_before_it_is_shown(world, measured, is_full, caplog):
    caplog.set_level(logging.DEBUG)
    begin_to_write(world)
    for role in WRITERS:
        texts = [sealed.canary(role, "silent"), sealed.canary(role, "thrown")]
        silent.keep(world.event, by=getattr(world, role), texts=texts)
        thrown = SilentNote.objects.get(event=world.event, text=texts[1])
        silent.set_removed(thrown, by=getattr(world, role), removed=True)
    asked, hits = 0, set()
    for role in sealed.ROLES if is_full else ("facilitator",):
        for method, name, _, text in sealed.visits(world, role, None if is_full else sealed.GETS):
            asked += 1
            found = {hit for hit in sealed.found_in(text, but=role) if hit.endswith(("-silent-zq", "-thrown-zq"))}
            # Showing them is the one press that opens them; what a visit changes is undone.
            hits |= {(role, method, name, hit) for hit in found if name != "silent_show"}
    mine = sealed.client_of(world, "second").get(f"/e/{world.event.code}/room/silent/own/").content
    assert sealed.found_in(mine) == {sealed.canary("second", "silent")}
    rows = "".join(repr(row) for model in apps.get_models(include_auto_created=True) if model not in {*OWN, SilentNote}
                   for row in model._default_manager.values())  # fmt: skip
    hits |= {("tables or log", hit) for hit in sealed.found_in(rows + caplog.text) if "-silent-" in hit}
    measured(f"{len(hits)} canaries of silent notes in {asked:,} answers, every table and the log")
    assert hits == set()
    silent.show(world.event, by=world.facilitator)
    room = sealed.client_of(world, "observer").get(f"/e/{world.event.code}/room/").content
    assert sealed.found_in(room) >= {sealed.canary(role, "silent") for role in WRITERS}
    assert not SilentNote.objects.shown().exclude(author=None).exists()


def test_nobody_learns_who_writes_in_silence_or_how_much(world, monkeypatch):
    """The same bytes whoever wrote, and however long; only the room's one number tells that something is there."""
    begin_to_write(world)
    still = clock.now()
    monkeypatch.setattr(clock, "now", lambda: still)
    asked = {
        (method, name) for method, name, status, _ in sealed.visits(world, "facilitator", sealed.GETS) if status == 200
    }
    nothing = sealed.pages_of(world, "facilitator", asked)
    silent.keep(world.event, by=world.participant, texts=["Short"])
    one = sealed.pages_of(world, "facilitator", asked)
    assert {name for name in nothing if nothing[name] != one[name]} <= COUNTED
    assert one["silent_count"] != nothing["silent_count"]
    SilentNote.objects.filter(author=world.participant).exclude(text="x").delete()
    silent.keep(world.event, by=world.guest, texts=["long " * 59], category="design")
    assert {name for name, page in sealed.pages_of(world, "facilitator", asked).items() if page != one[name]} == set()
