"""The tree: nothing half-finished survives finishing, and notes come before what they explain where that is the order."""

from retros.document.tree import Document, Missing, Note, Part, Section, Text, finished, notes_first


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
    whole = Document("t", "incident", "en", "Internal", "", [("Date of event", "2018-10-21")], [])
    assert whole.fact("Date of event") == "2018-10-21"
    assert whole.fact("Team") == ""
