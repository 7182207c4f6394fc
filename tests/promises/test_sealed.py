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
from retros.models import AccountRevision, Event, LiftedMoment, ParticipantAccount
from retros.services import accounts
from tests.factories import make_member, make_user
from tests.retros import test_sealed_accounts as sealed
from tests.world import patterns

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
    assert {name for _, name in flagged} <= {"event_detail", "account_reveal", "home"}


def changed(world: Any, role: str, before: tuple[Any, dict[str, bytes]]) -> set[str]:
    asked, pages = before
    now = sealed.pages_of(world, role, asked)
    return {name for name in pages if pages[name] != now[name]}
