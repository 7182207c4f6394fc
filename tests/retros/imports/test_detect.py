"""Every record is known for what it is, with a reason; and a format that was asked for is taken."""

import pytest

from retros.imports.found import FORMATS, Refused
from retros.imports.read import NAMES, read
from tests.retros.imports.records import CAPTURED, FILES, UTC

EXPECTED = {
    "access.log": "log", "application.log": "log", "epoch.log": "log", "iso.log": "log", "structured.jsonl": "log", "syslog.log": "log",
    "syslog5424.log": "log", "journal.json": "journald", "irc.txt": "chat", "slack-copy.txt": "chat", "teams-de.txt": "chat",
    "teams.txt": "chat", "whatsapp.txt": "chat", "timeline.csv": "csv", "timeline.tsv": "csv", "github.json": "github",
    "github-timeline.json": "github", "jira.json": "jira", "pagerduty.json": "pagerduty", "pagerduty-incidents.json": "pagerduty",
    "review.md": "markdown", "review-table.md": "markdown", "slack/incident-db/2018-10-21.json": "slack",
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_a_paste_without_a_name_is_known(name):
    reading = read((FILES / name).read_bytes(), captured=CAPTURED)
    assert reading.format == EXPECTED[name]
    assert reading.why
    assert reading.format_label


def test_every_file_beside_the_tests_is_expected():
    names = {p.name for p in FILES.iterdir() if p.is_file()}
    assert names == {name for name in EXPECTED if "/" not in name}


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("22:52 leaders moved\n22:54 alerts\n", "log"),
        ("22:52 Priya: leaders moved\n22:54 Marcus: alerts\n", "chat"),
        ("2018-10-21T22:52:00Z priya: leaders moved\n", "log"),
        ("2018-10-21 22:52:00,123 - db - ERROR - a, b\n2018-10-21 22:52:01,123 - db - ERROR - c, d\n", "log"),
        ("Oct 21 22:52:00 db-1 app: a,b\nOct 21 22:52:01 db-1 app: c,d\n", "log"),
        ("time,event\n2018-10-21 22:52,x\n", "csv"),
        ("time|event\n2018-10-21 22:52|x\n", "csv"),
        ("# Incident\n\n- 22:52 UTC leaders moved\n\n## Actions\n", "markdown"),
        ('[{"time": "2018-10-21T22:52:00Z", "message": "x"}]', "log"),
        ("- 22:52 leaders moved\n- 22:54 alerts\n", "markdown"),
        ("| Time | Event |\n|---|---|\n| 22:52 | leaders moved |\n", "markdown"),
        ("[Sun Oct 21 22:52:00 2018] usb 1-1\n", "log"),
        ('example.org:443 192.0.2.1 - - [21/Oct/2018:22:52:00 +0000] "GET /" 200 1\n', "log"),
        ("[22:52] leaders moved\n[22:54] alerts\n", "chat"),
    ],
)
def test_short_texts_are_known_by_their_looks(text, format):
    assert read(text.encode(), zone=UTC, day=CAPTURED, captured=CAPTURED).format == format


def test_a_format_that_is_asked_for_is_taken():
    text = b"2018-10-21T22:52:00Z priya: leaders moved\n"
    assert read(text, format="chat").entries[0].author == "priya"
    assert read(text, format="LOG").why == "it was asked for"
    with pytest.raises(Refused, match="“word” is no format. There are: auto, log"):
        read(text, format="word")


def test_every_format_may_be_asked_for_by_its_name():
    assert set(FORMATS) | {"auto"} == set(NAMES.values())


def test_json_of_no_known_kind_is_refused():
    with pytest.raises(Refused, match="JSON of no kind that is known"):
        read(b'{"colour": "red"}')
