"""What is stored reads back the same, with every kind of block."""

import json

from retros.document.stored import BLOCKS, dump, load
from retros.document.tree import (
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
