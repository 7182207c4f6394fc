"""A Slack export as folder and as archive: names, threads, markup, what is left out, and what is private."""

import pytest

from retros.imports.found import Refused
from retros.imports.read import read
from retros.imports.slack import People, plain
from tests.retros.imports.junk import archive, messages
from tests.retros.imports.records import FILES, folder, left_out, rows

FIRST = "incident-db/2018-10-21.json"


def test_an_export_is_read_with_its_people():
    reading = folder("slack")
    assert [(e.file, *row) for e, row in zip(reading.entries, rows(reading), strict=True)] == [
        (FIRST, 3, "2018-10-21T22:52:00.000200+00:00", "priya.n",
         "Leaders moved & writes follow, @Marcus Bell look at the graph (https://graphs.example/a?b=1&c=2) in #general"),
        (FIRST, 4, "2018-10-21T22:54:00.000300+00:00", "Marcus Bell", "On it, @here @dbas a@b.example"),
        (FIRST, 12, "2018-10-21T22:54:01.000400+00:00", "pager", "Replica lag"),
        (FIRST, 13, "2018-10-21T22:55:00.000500+00:00", "kbr", "@Marcus Bell who am I"),
        (FIRST, 16, "2018-10-21T22:56:40+00:00", "femi", "File: lag.png"),
        ("incident-db/2018-10-22.json", 1, "2018-10-22T00:05:00.000100+00:00", "femi", "plan formed"),
    ]  # fmt: skip
    assert {e.source_label for e in reading.entries} == {"#incident-db"}
    assert reading.format_label == "Slack export, 2 files"


def test_an_answer_knows_its_message_and_an_edit_is_marked():
    entry = folder("slack").entries[1]
    assert (entry.thread, entry.item) == (3, 3)
    assert entry.guesses == ("Edited at 2018-10-21 22:55 UTC; these are the last words.",)


def test_what_is_no_message_is_listed_with_its_line():
    assert left_out(folder("slack")) == [
        (2, "Somebody joins or leaves."),
        (14, "The field “text” holds no text."),
        (15, "The field “ts” holds no time."),
        (17, "A message that was deleted."),
        (0, "A private channel; read only where that is asked for."),
    ]


def test_private_channels_are_read_only_where_that_is_asked_for():
    assert "who pays for this" not in str(folder("slack").entries)
    assert "who pays for this" in str(folder("slack", private=True).entries)


def test_one_channel_may_be_chosen():
    assert folder("slack", private=True, only=("managers",)).files == ("managers/2018-10-21.json",)
    with pytest.raises(Refused, match="no channel “nope”.*incident-db"):
        folder("slack", only=("nope",))


def test_who_is_not_in_the_list_of_users_is_asked():
    people = {p.handle: p.is_known for p in folder("slack").people}
    assert people == {"U01": True, "U02": True, "U03": True, "U09": False, "B01": False}
    named = folder("slack", users={"U09": "Kofi Brako"})
    assert [e.author for e in named.entries if e.line == 13] == ["Kofi Brako"]


def test_a_name_holds_no_marks_that_turn_its_letters():
    named = folder("slack", users={"U09": "Kofi\u202e\u200b Bra\u0301ko"})
    assert [e.author for e in named.entries if e.line == 13] == ["Kofi Bráko"]


def test_an_archive_says_the_same_as_the_folder():
    files = {p.relative_to(FILES / "slack").as_posix(): p.read_bytes() for p in (FILES / "slack").rglob("*.json")}
    packed = read(archive(files))
    assert rows(packed) == rows(folder("slack"))
    nested = read(archive({f"acme export/{name}": data for name, data in files.items()}))
    assert rows(nested) == rows(packed)


def test_one_day_of_one_channel_and_what_the_api_answers():
    day = read((FILES / "slack" / FIRST).read_bytes(), "2018-10-21.json", users={"U01": "Priya"})
    assert (day.format, len(day.entries), day.entries[0].author) == ("slack", 5, "Priya")
    answer = read(b'{"ok": true,\n"messages":\n' + messages("1540162320.1").encode() + b"}")
    assert rows(answer) == [(3, "2018-10-21T22:52:00.100000+00:00", "U1", "words")]


def test_without_a_list_of_users_the_ids_stay_and_it_is_said():
    reading = read(archive({FIRST: messages("1540162320.1")}))
    assert rows(reading) == [(1, "2018-10-21T22:52:00.100000+00:00", "U1", "words")]
    assert left_out(reading) == [(0, "There is no users.json: people are shown by their ids.")]


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<@U1>", "@priya"),
        ("<@U1|evil>", "@priya"),
        ("<@U7>", "@U7"),
        ("<#C1|renamed>", "#general"),
        ("<#C9|other>", "#other"),
        ("<!channel> <!here|here>", "@channel @here"),
        ("<!subteam^S1|@dbas>", "@dbas"),
        ("<!date^1540162320^{date}|21 Oct>", "21 Oct"),
        ("<http://evil.example|click>", "click (http://evil.example)"),
        ("<https://a.example>", "https://a.example"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("1 < 2 and <unclosed", "1 < 2 and <unclosed"),
    ],
)
def test_markup_becomes_words(markup, words):
    assert plain(markup, People(users={"U1": "priya"}, channels={"C1": "general"})) == words
