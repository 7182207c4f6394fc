"""Causes in an event file: what is read, what is refused, and that what is written comes in again as it was."""

from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command

from retros.exchange import chain
from retros.exchange.fields import Invalid
from retros.models import Event
from retros.services import cause_tree, causes
from tests.factories import make_entry


def told(event: Event) -> list[Any]:
    """Everything that is known of each cause, in reading order."""
    nodes = list(cause_tree.every(cause_tree.read(event)))
    return [
        (
            n.depth, n.text, n.question, n.kind, n.defence, n.is_root_cause,
            [e.text for e in n.supports], sorted(e.number for e in n.leads),
        )
        for n in nodes
    ]  # fmt: skip


def test_what_is_written_comes_in_again_as_it_was(cast: SimpleNamespace, tmp_path: Path) -> None:
    proof = make_entry(cast.event, "Lag graph", minutes=3)
    vague = make_entry(cast.event, "Somebody asked", at=None, at_text="around noon", sort_at=proof.sort_at)

    def why(text: str, parent: Any = None, **fields: Any) -> Any:
        return causes.add(cast.event, by=cast.scribe, parent=parent, text=text, **fields)

    effect, other = (
        why("Degraded: for a day", kind="event", question="What happened?"),
        why("It was seen late", kind="event"),
    )
    one = why("Both coasts held writes", effect, question="Why so long?", kind="trigger", evidence=[proof, vague])
    two = why("Recovery took terabytes", effect, kind="decision")
    shared = why("The link is a single path", one, is_root_cause=True, question="Why?")
    why("- A page\nthat says so #1", two, kind="defence", defence="bypassed", question="And?")
    causes.share(shared, effect=two, by=cast.scribe)
    causes.share(shared, effect=other, by=cast.scribe)
    out = StringIO()
    call_command("export_event", cast.event.code, "--format", "yaml", "-o", str(tmp_path), stdout=out)
    call_command("import_event", out.getvalue().strip(), stdout=StringIO())
    again = Event.objects.exclude(pk=cast.event.pk).get()
    before = told(cast.event)
    assert told(again) == before
    assert before[2][7] == [4, 6]


def test_rows_that_are_no_effects_hang_below_the_one_that_the_title_names(tmp_path: Path, db: None) -> None:
    path = tmp_path / "e.yaml"
    path.write_text(
        "title: Checkout was down\n"
        "whys:\n"
        "  - {text: It was seen late, kind: effect, id: late}\n"
        "  - {text: No limit, kind: nonsense, also_leads_to: [late], evidence: [Nobody said this]}\n"
    )
    out = StringIO()
    call_command("import_event", str(path), stdout=out)
    event = Event.objects.get()
    assert [(row[0], row[1], row[3], row[7]) for row in told(event)] == [
        (1, "Checkout was down", "event", []),
        (2, "No limit", "condition", [3]),
        (1, "It was seen late", "event", []),
    ]
    assert "no row of the timeline says 'Nobody said this'" in out.getvalue()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"text": "a", "id": "x"}, {"text": "b", "id": "x"}], "the id 'x' is given twice"),
        ([{"text": "a", "also_leads_to": ["y"]}], "'a' leads to 'y', and no cause has that id"),
        ([{"text": "a", "id": "x", "also_leads_to": ["x"]}], "in a circle"),
        ([{"text": "a", "id": "x", "also_leads_to": ["y"], "causes": [{"text": "b", "id": "y"}]}], "in a circle"),
        (
            [{"text": "a", "id": "x", "also_leads_to": ["y"]}, {"text": "b", "id": "y", "causes": [{"text": "c", "also_leads_to": ["x"]}]}],
            "",
        ),
        ([{"text": "a", "causes": {"text": "b"}}], "whys 1: a list is expected"),
        ([{"text": "a", "also_leads_to": "x"}], "a list is expected"),
    ],
)  # fmt: skip
def test_links_that_cannot_be_are_named(rows: list[Any], words: str) -> None:
    if not words:
        assert len(list(chain.every(chain.read({"whys": rows})[0]))) == 3
        return
    with pytest.raises(Invalid) as refusal:
        chain.read({"whys": rows})
    assert words in str(refusal.value)


def test_what_would_be_left_out_of_a_row_is_named() -> None:
    assert chain.unknown({"whys": [{"text": "a", "causes": [{"text": "b", "owner": "x"}]}]}) == {"whys: owner"}
