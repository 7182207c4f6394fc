"""Imported actions stay proposed, with the source's words beside what could be read."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from actions import exchange
from actions.models import Action
from retros.exchange.schema import ActionRow
from tests.factories import make_event


def row(text: str, **said: Any) -> ActionRow:
    blank = dict.fromkeys(("owner", "due", "type", "strength", "status", "reference"), "")
    return ActionRow(text=text, is_closeable=False, **{**blank, **said})


def test_the_source_s_words_are_kept_and_nobody_is_made_an_owner(db):
    event = make_event()
    forbid = {
        "owner": "Database team",
        "due": "2018-12-01",
        "status": "in progress",
        "type": "prevent",
        "strength": "stronger",
    }
    rows = [row("Forbid it", **forbid), row("Write it down", due="end of Q4", type="wonder")]
    exchange.load(event, SimpleNamespace(actions=rows))
    first, second = Action.objects.filter(event=event)
    assert (first.status, first.owner, first.owner_text, first.due_on, first.due_text, first.status_text) == (
        "proposed", None, "Database team", date(2018, 12, 1), "", "in progress",
    )  # fmt: skip
    assert (first.type, first.strength) == ("prevent", "stronger")
    assert (second.due_on, second.due_text, second.type, second.rank) == (None, "end of Q4", "", 1)
