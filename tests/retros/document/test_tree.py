"""The tree: everything survives storing, nothing half-finished survives finishing."""

import json

from retros.document.tree import (
    BLOCKS,
    Bullets,
    Cause,
    Chain,
    Document,
    Facts,
    Figures,
    Item,
    Items,
    Missing,
    Moment,
    Moments,
    Note,
    Part,
    PhaseRow,
    Phases,
    Section,
    Table,
    Text,
    Trace,
    dump,
    finished,
    load,
    notes_first,
)

MOMENT = Moment(
    "T+00:10", "23:02", "2018-10-21T23:02:00+00:00", "Seen", "Chat", "chat", "Detected", True, "21 Oct", "https://example.org",
    "Both views are kept", [("Yuki", "23:07: deploys were locked")],
)  # fmt: skip
CAUSE = Cause(
    "Lag", "Why?", "condition", True, False, ["T+00:01 log"], [Cause("Cut", "", "trigger", False, True, [])],
    1, "", [(2, "Cut")], [(3, "Slow")],
)  # fmt: skip
WHOLE = Document(
    title="Forty-three seconds",
    kind="incident",
    language="en",
    edition="Internal",
    event_date="2018-10-21",
    facts=[("Date of event", "2018-10-21")],
    sections=[
        Section("summary", "Summary", [Text("One *two*.")]),
        Section("impact", "Impact", [Figures([("43", "s")]), Facts([("Duration", "43 s")])]),
        Section("timeline", "Timeline", [Moments([MOMENT]), Note("Clocks are UTC."), Part("Detection", [Text("x")], "detection")]),
        Section("in-retrospect", "Decisions", [Items([Item("Keep it", "The same again", "ok", [("Known then", "A day")])])]),
        Section("phases", "Phases", [Phases([PhaseRow("Build", "May", "June", "+1 day", "", (0.0, 0.5), None)], [(0.0, "May")], "One.")]),
        Section("root-cause", "Root cause analysis", [Chain([CAUSE])]),
        Section("factors", "Contributing factors", [Bullets([("Design", "Both wrote")])]),
        Section("actions", "Action items", [Table(["Action"], [["Stop it\nClosed when: it stops"]], ["/actions/1/"])]),
        Section("lessons", "Lessons", [Missing("Write one", "/x/", "Write it")]),
    ],
    trace=Trace([(0.0, "k"), (1.0, "")], [(0.0, 0.5, "Respond")], [(0.0, "T+00:00")], "2 entries."),
    span="21 Oct 2018",
)  # fmt: skip


def test_a_stored_tree_reads_back_the_same():
    assert load(json.loads(json.dumps(dump(WHOLE)))) == WHOLE


def test_every_kind_of_block_is_in_that_test():
    blocks = [block for section in WHOLE.sections for block in section.blocks]
    assert {type(block).__name__ for block in blocks} == set(BLOCKS)


def test_finishing_drops_hints_everywhere_and_keeps_the_headings():
    hint = Missing("later")
    inner = Part("Detection", [hint], "detection")
    sections = [Section("timeline", "Timeline", [hint, inner]), Section("lessons", "Lessons", [hint])]
    done = finished(Document("t", "incident", "en", "Internal", "", [], sections))
    assert [s.slug for s in done.sections] == ["timeline", "lessons"]
    assert done.sections[0].blocks == [Part("Detection", [], "detection")]
    assert done.sections[1].blocks == []


def test_an_optional_section_goes_where_it_says_nothing():
    hint = Missing("none")
    sections = [Section("factors", "Contributing factors", [hint]), Section("lessons", "Lessons", [hint])]
    whole = Document("t", "launch", "en", "Internal", "", [], sections)
    assert [s.slug for s in finished(whole, frozenset({"factors"})).sections] == ["lessons"]


def test_notes_come_first_and_the_rest_keeps_its_order():
    one, two, note = Text("1"), Text("2"), Note("n")
    assert notes_first([one, note, two]) == [note, one, two]
    assert notes_first([one, two]) == [one, two]


def test_a_header_line_is_found_by_its_label():
    assert WHOLE.fact("Date of event") == "2018-10-21"
    assert WHOLE.fact("Team") == ""
