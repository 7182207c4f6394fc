"""The export: exactly one structure, byte by byte, whatever people wrote."""

import re
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from retros.document import markdown
from retros.document.tree import Bullets, Document, Facts, Figures, Missing, Note, Part, Section, Table, Text
from retros.models import Event
from retros.services import document, publishing
from tests.factories import make_event, make_user
from tests.retros.document.test_prose import TEXTS, shapes

FILES = Path(__file__).parent / "files"
CHECKOUT = Path(__file__).parents[1] / "exchange" / "files" / "checkout.yaml"
HEAD = ["Date of event", "AAR date", "Severity / scope", "Facilitator", "Participants"]
INCIDENT = [
    "Summary", "Impact", "Timeline", "Root cause analysis", "Contributing factors", "What went well", "Action items", "Lessons",
]  # fmt: skip


def exported(event: Event) -> str:
    return markdown.render(publishing.exported(event)[0])


def headings(text: str, level: int = 2) -> list[str]:
    return re.findall(rf"^{'#' * level} (.*)$", text, re.MULTILINE)


def test_an_imported_incident_is_exported_byte_by_byte(db):
    call_command("import_event", str(CHECKOUT), stdout=StringIO())
    assert exported(Event.objects.get()) == (FILES / "checkout.md").read_text(encoding="utf-8")


def test_an_empty_incident_has_every_line_and_heading(db):
    text = exported(make_event("Nothing yet", started_at=None, ended_at=None))
    lines = text.split("\n")
    assert lines[0] == "# AAR: Nothing yet"
    assert [re.match(r"\*\*(.*?):\*\* ", line)[1] for line in lines[1:6]] == HEAD
    assert headings(text) == INCIDENT
    assert headings(text, 3) == ["Detection", "Response"]
    assert "| Action | Owner | Due | Type | Status |\n| --- | --- | --- | --- | --- |\n" in text
    facts = re.findall(r"^- \*\*(.*?):\*\*", text.split("## Impact")[1].split("## Timeline")[0], re.MULTILINE)
    assert facts == ["Users affected", "Duration", "Revenue / business impact"]


def test_other_kinds_have_sections_of_their_own(db):
    assert headings(exported(make_event("Beta", kind="launch"))) == [
        "Summary", "Outcomes", "Timeline", "What went to plan", "What deviated", "What surprised us",
        "What we would do differently", "What we would repeat", "Action items", "Lessons",
    ]  # fmt: skip
    assert headings(exported(make_event("Site", kind="project"))) == [
        "Summary", "Goals and outcomes", "Timeline", "What went well", "What did not go well", "What surprised us",
        "What we would do differently", "Decisions in retrospect", "Action items", "Lessons", "Recommendations for the next phase",
    ]  # fmt: skip
    assert headings(exported(make_event("Again", kind="recurring"))) == [
        "Summary", "Impact", "Occurrences", "What was promised before", "Timeline", "Root cause analysis",
        "Contributing factors", "What went well", "Action items", "Lessons",
    ]  # fmt: skip
    assert headings(exported(make_event("Choice", kind="decision"))) == [
        "Summary", "Decision and options", "Timeline", "What we expected and what happened", "Why it was reasonable",
        "What we would ask next time", "Action items", "Lessons",
    ]  # fmt: skip


def test_a_part_with_a_text_of_its_own_is_exported_below_the_timeline(db):
    event = make_event()
    document.save_text(event, "response", text="Within ten minutes.", base_number=0, by=make_user())
    assert "### Response\n\n" in exported(event)
    assert "Within ten minutes." in exported(event).split("### Response")[1].split("## Root cause")[0]


# --- From a tree -----------------------------------------------------------------------------------------------------
def made(*sections: Section, **more: object) -> str:
    facts = more.pop("facts", [])
    whole = Document(str(more.pop("title", "T")), "incident", "en", "Internal", "", facts, list(sections))  # type: ignore[arg-type]
    return markdown.render(whole)


def test_facts_come_before_figures_and_notes_before_both():
    blocks = [Figures([("43", "seconds")]), Facts([("Duration", "43 s")]), Note("As stated.")]
    assert made(Section("impact", "Impact", blocks)).split("\n\n")[1:] == [
        "## Impact",
        "*As stated.*",
        "- **Duration:** 43 s",
        "In figures:",
        "- **seconds:** 43\n",
    ]


def test_small_print_of_a_cell_stays_in_its_cell():
    table = Table(["Action", "Owner"], [["Stop it.\nClosed when: it stops", "Priya"], ["A | b", ""]])
    assert "| Stop it. Closed when: it stops | Priya |\n| A \\| b |  |\n" in made(
        Section("actions", "Action items", [table])
    )


def test_hints_are_left_out_and_emptiness_is_said():
    text = made(Section("lessons", "Lessons", [Missing("Write one", "/x/", "Write it")]))
    assert text == "# AAR: T\n\n## Lessons\n\nNothing recorded.\n"


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXTS, min_size=8, max_size=8))
def test_no_words_add_a_heading_a_column_or_a_line_of_the_header(words):
    title, name, text, lead, item, cell, note, part = words
    whole = made(
        Section("summary", "Summary", [Text(text), Note(note), Part("Detection", [Text(part)])]),
        Section("factors", "Contributing factors", [Bullets([(lead, item)])]),
        Section("actions", "Action items", [Table(["Action", "Owner"], [[cell, name]])]),
        title=title,
        facts=[("Facilitator", name)],
    )
    assert [s for s in shapes(whole) if s not in {"heading_open", "table_open"}] == []
    assert shapes(whole).count("heading_open") == 5
    assert shapes(whole).count("table_open") == 1
    rows = [line for line in whole.split("## Action items")[1].split("\n") if line.startswith("|")]
    assert len(rows) == 3
