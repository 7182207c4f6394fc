"""`manage.py import_timeline`: JSON that shows what would be added, or stores it; one line on stderr, exit 2 and nothing stored."""

import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command

from retros.models import Change, Event, Import, TimelineEntry
from tests.factories import START, make_cast, make_entry
from tests.retros.imports.junk import archive, messages
from tests.retros.imports.records import FILES


@pytest.fixture
def event(db) -> Event:
    return make_cast().event


def run(capsys: pytest.CaptureFixture[str], event: Event, *args: object) -> dict:
    call_command("import_timeline", event.code, *map(str, args))
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    return json.loads(out)


def test_a_dry_run_shows_everything_and_stores_nothing(event, capsys):
    before = (TimelineEntry.objects.count(), Import.objects.count(), Change.objects.count())
    answer = run(capsys, event, FILES / "syslog.log", "--captured", "2018-11-03", "--tz", "Europe/Berlin", "--dry-run")
    assert (answer["format"], answer["format_label"]) == ("log", "Log lines: syslog (RFC 3164)")
    first = answer["entries"][0]
    assert {k: first[k] for k in ("line", "at", "precision", "text", "author", "source_label")} == {
        "line": 1,
        "at": "2018-10-21T22:52:00+02:00",
        "precision": "exact",
        "text": "primary unreachable",
        "author": "",
        "source_label": "db-east-1 orchestrator",
    }
    assert first["guesses"] == ["Year 2018, from the day on which the record was taken; the line names none."]
    assert [(row["line"], row["reason"][:24]) for row in answer["skipped"]] == [(5, "Counts seconds since the")]
    assert (answer["ambiguous"], answer["duplicates"], answer["asks"]) == ([], [], [])
    assert before == (TimelineEntry.objects.count(), Import.objects.count(), Change.objects.count())


def test_what_has_two_answers_is_ambiguous_and_has_no_time(event, capsys, tmp_path):
    log = tmp_path / "a.log"
    log.write_text("2018-10-28 02:30:00 twice\n2018-10-28 04:00:00 fine\n")
    answer = run(capsys, event, log, "--tz", "Europe/Berlin", "--dry-run")
    assert [row["at"] for row in answer["entries"]] == [None, "2018-10-28T04:00:00+01:00"]
    assert answer["ambiguous"] == [
        {
            "line": 1,
            "reason": "The time was twice in Europe/Berlin: the clocks went back.",
            "text": "twice",
            "choices": ["2018-10-28T02:30:00+02:00", "2018-10-28T02:30:00+01:00"],
        }
    ]
    asked = run(capsys, event, log, "--dry-run")
    assert asked["asks"] == ["zone"]
    assert {row["reason"] for row in asked["ambiguous"]} == {"The clock names no zone."}


def test_storing_adds_what_is_new_and_clear_and_a_second_time_nothing(event, capsys):
    answer = run(capsys, event, FILES / "iso.log")
    assert {k: answer[k] for k in ("added", "duplicates", "ambiguous", "skipped")} == {
        "added": 4, "duplicates": 0, "ambiguous": 1, "skipped": 1,
    }  # fmt: skip
    rows = list(TimelineEntry.objects.kept().filter(event=event).in_order())
    assert [(r.utc_offset, r.text[:12]) for r in rows] == [
        (0, "orchestrator"),
        (0, "monitor: 214"),
        (0, "topology: cl"),
        (-420, "deploy: lock"),
    ]
    again = run(capsys, event, FILES / "iso.log")
    assert (again["added"], again["duplicates"]) == (0, 4)
    assert TimelineEntry.objects.filter(event=event).count() == 4


def test_duplicates_name_the_entry_or_the_line_that_says_the_same(event, capsys, tmp_path):
    log = tmp_path / "a.log"
    log.write_text("2018-10-21T22:52:00Z alerts\n2018-10-21T22:53:00Z once\n2018-10-21T22:53:00Z once\n")
    run(capsys, event, log)
    pk = TimelineEntry.objects.get(text="alerts").pk
    answer = run(capsys, event, log, "--dry-run")
    assert answer["duplicates"][0] == {"line": 1, "entry": pk, "text": "alerts"}
    assert answer["duplicates"][1]["line"] == 2
    TimelineEntry.objects.all().delete()
    assert run(capsys, event, log, "--dry-run")["duplicates"] == [{"line": 3, "of_line": 2, "text": "once"}]


def test_a_folder_an_archive_and_the_folder_of_one_channel(event, capsys, tmp_path):
    answer = run(capsys, event, FILES / "slack", "--dry-run")
    assert [(row["author"], row.get("thread")) for row in answer["entries"]][:2] == [
        ("priya.n", None),
        ("Marcus Bell", 3),
    ]
    assert answer["entries"][0]["file"] == "incident-db/2018-10-21.json"
    packed = tmp_path / "export.zip"
    names = list((FILES / "slack").rglob("*.json"))
    packed.write_bytes(archive({p.relative_to(FILES / "slack").as_posix(): p.read_bytes() for p in names}))
    assert run(capsys, event, packed, "--dry-run")["entries"] == answer["entries"]
    channel = run(
        capsys, event, FILES / "slack" / "incident-db", "--users", FILES / "slack" / "users.json", "--dry-run"
    )
    assert [row["author"] for row in channel["entries"]][:2] == ["priya.n", "Marcus Bell"]
    assert {row["source_label"] for row in channel["entries"]} == {"#incident-db"}
    assert "who pays" in str(
        run(capsys, event, FILES / "slack", "--private", "--channel", "#managers", "--dry-run")["entries"]
    )


def test_names_may_come_from_a_file(event, capsys, tmp_path):
    users = tmp_path / "users.json"
    users.write_text('{"U09": "Kofi Brako", "priya.n": "nobody"}')
    answer = run(capsys, event, FILES / "slack", "--users", users, "--dry-run")
    assert "Kofi Brako" in {row["author"] for row in answer["entries"]}
    assert {p["handle"]: p["known"] for p in answer["people"]}["U09"] is True


def test_columns_may_be_told(event, capsys, tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("a;b;c\n03/04/2024 10:00;x;y\n")
    answer = run(
        capsys, event, table, "--map", "b=who", "--map", "c=what", "--tz", "+02:00", "--day-first", "--dry-run"
    )
    assert [(c["name"], c["field"]) for c in answer["columns"]] == [("a", "time"), ("b", "author"), ("c", "text")]
    assert [(row["at"], row["author"], row["text"]) for row in answer["entries"]] == [
        ("2024-04-03T10:00:00+02:00", "x", "y")
    ]


def test_standard_input_is_a_file(event, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"2018-10-21T22:52:00Z piped\n")))
    assert run(capsys, event, "-")["added"] == 1
    assert Import.objects.get().name == "standard input"


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (["{nope}"], "No such file or directory"),
        (["{iso}", "--tz", "Mars/Base"], "is no time zone"),
        (["{iso}", "--tz", "+25:00"], "is no time zone"),
        (["{iso}", "--date", "21.10.2018"], "write a day such as 2018-10-21"),
        (["{iso}", "--format", "word"], "is no format"),
        (["{iso}", "--map", "when"], "write COLUMN=field"),
        (["{iso}", "--users", "{nope}"], "No such file or directory"),
        (["{bad}"], "characters that no text has|not UTF-8|NUL"),
        (["{table}"], "which column is the time"),
        (["{link}"], "a link instead of a file"),
    ],
)
def test_bad_input_costs_one_line_and_stores_nothing(event, tmp_path, args, why):
    (tmp_path / "bad.bin").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "t.csv").write_text("apples,pears\nred,green\n")
    linked = tmp_path / "export" / "general"
    linked.mkdir(parents=True)
    (linked / "2018-10-21.json").symlink_to("/etc/passwd")
    paths = {"nope": tmp_path / "nope\nfile", "iso": FILES / "iso.log", "bad": tmp_path / "bad.bin", "table": tmp_path / "t.csv",
             "link": tmp_path / "export"}  # fmt: skip
    with pytest.raises(CommandError, match=why) as refusal:
        call_command("import_timeline", event.code, *(arg.format(**paths) for arg in args))
    assert refusal.value.returncode == 2
    assert "\n" not in str(refusal.value)
    assert (TimelineEntry.objects.count(), Import.objects.count()) == (0, 0)


def test_a_published_review_takes_nothing(event):
    make_entry(event, text="there")
    Event.objects.filter(pk=event.pk).update(state="published", published_at=START)
    with pytest.raises(CommandError) as refusal:
        call_command("import_timeline", event.code, str(FILES / "iso.log"))
    assert refusal.value.returncode == 2
    assert TimelineEntry.objects.count() == 1


def test_an_unknown_event_costs_one_line(db):
    with pytest.raises(CommandError, match="There is no event 'nowhere'") as refusal:
        call_command("import_timeline", "nowhere", str(FILES / "iso.log"))
    assert refusal.value.returncode == 2


def test_times_of_slack_that_are_none_are_refused_with_file_and_line(event, tmp_path):
    packed = tmp_path / "a.zip"
    packed.write_bytes(archive({"users.json": "[]", "general/2018-10-21.json": messages("NaN", "1e999", "-1")}))
    with pytest.raises(CommandError, match=r"general/2018-10-21\.json line 1: The field “ts” holds no time"):
        call_command("import_timeline", event.code, str(packed))
