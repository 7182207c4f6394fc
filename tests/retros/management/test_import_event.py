"""`manage.py import_event`: one JSON line, or one line on stderr, exit 2 and nothing stored."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from aar_site.people.models import User
from actions.models import Action, Status
from retros.models import Event, Factor, ImpactFigure, Membership, TimelineEntry, WentWell, WhyNode
from tests.factories import make_user

FILE = Path(__file__).parents[1] / "exchange" / "files" / "checkout.yaml"


def run(capsys: pytest.CaptureFixture[str], *args: object) -> dict:
    call_command("import_event", *map(str, args))
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    return json.loads(out)


def test_a_file_becomes_an_event_on_a_database_without_people(db, capsys):
    answer = run(capsys, FILE)
    event = Event.objects.get(code=answer["code"])
    assert answer["title"] == event.title == "Checkout slows down for two hours"
    assert (answer["entries"], answer["actions"]) == (6, 2)
    assert {w["kind"] for w in answer["warnings"]} == {"action_without_owner", "action_without_date"}
    assert not User.objects.exists()
    assert (event.severity, event.time_zone, event.state) == ("sev2", "Europe/Berlin", "preparing")
    assert event.impact.users_affected == "shoppers in two regions"
    assert list(ImpactFigure.objects.values_list("value", "label")) == [
        ("12,400", "orders delayed"),
        ("0", "orders lost"),
    ]


def test_offsets_and_vague_times_stay_as_given(db, capsys):
    event = Event.objects.get(code=run(capsys, FILE)["code"])
    entries = list(TimelineEntry.objects.filter(event=event).in_order())
    assert [e.utc_offset for e in entries] == [120, 120, 120, None, 120, 120]
    assert (entries[3].at, entries[3].at_text) == (None, "shortly after")
    assert [e.landmark for e in entries] == ["impact_start", "detected", "acknowledged", "", "mitigated", "resolved"]


def test_causes_factors_and_luck_are_stored(db, capsys):
    event = Event.objects.get(code=run(capsys, FILE)["code"])
    cause = WhyNode.objects.get(event=event, is_root_cause=True)
    assert cause.parent is not None
    assert cause.parent.text == event.title
    assert list(Factor.objects.values_list("category", flat=True)) == ["detection", "change"]
    assert list(WentWell.objects.values_list("kind", flat=True)) == ["response", "luck"]


def test_actions_stay_proposed_with_the_words_of_the_source(db, capsys):
    event = Event.objects.get(code=run(capsys, FILE)["code"])
    first, second = Action.objects.filter(event=event)
    assert (first.status, first.owner, first.owner_text, first.due_on) == (
        Status.PROPOSED,
        None,
        "cache team lead",
        date(2026, 6, 30),
    )
    assert (second.owner_text, second.due_on, second.strength) == ("", None, "intermediate")


def test_a_facilitator_can_be_named(db, capsys):
    ines = make_user("Ines", email="ines@example.org")
    event = Event.objects.get(code=run(capsys, FILE, "--facilitator", "Ines@Example.org")["code"])
    assert Membership.objects.get(event=event).user == ines


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"title: x\nkind: party\n", "kind: 'party'"),
        (
            b"title: x\ntimeline:\n  - {at: 2026-05-12T09:00:00Z, what: a}\n  - {at: noon, what: b}\n",
            "timeline 2: at: 'noon'",
        ),
        (b"title: x\nstarted_at: 2026-05-12\nended_at: 2026-05-01\n", "the end lies before the start"),
    ],
)
def test_a_bad_file_costs_one_line_and_stores_nothing(db, tmp_path, content, words):
    file = tmp_path / "bad.yaml"
    file.write_bytes(content)
    with pytest.raises(CommandError) as refusal:
        call_command("import_event", str(file))
    assert refusal.value.returncode == 2
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not Event.objects.exists()


def test_the_refusal_is_one_line_whatever_file_and_words_are_called(db, tmp_path):
    file = tmp_path / "two\nlines.yaml"
    file.write_text('title: x\nkind: "a\\nb"\n')
    with pytest.raises(CommandError) as refusal:
        call_command("import_event", str(file))
    assert "\n" not in str(refusal.value)


def test_a_large_file_is_not_read_to_its_end(db, tmp_path):
    file = tmp_path / "large.yaml"
    with file.open("wb") as opened:
        opened.truncate(4 * 1024**3)  # takes no room on the disk
    with pytest.raises(CommandError, match="larger than an event file may be"):
        call_command("import_event", str(file))


def test_from_the_shell_a_missing_file_is_exit_2_and_one_line():
    done = subprocess.run(
        [sys.executable, "manage.py", "import_event", "/nowhere/x.yaml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "No such file" in done.stderr
