"""The PDF: tagged, in our own faces, with running titles; nothing is fetched, and a document that is too much is stopped."""

import re
import subprocess
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from pypdf import PdfReader

from retros.document import pdf
from retros.document.tree import (
    Bullets,
    Cause,
    Chain,
    Document,
    Facts,
    Figures,
    Moment,
    Moments,
    Note,
    Part,
    Section,
    Table,
    Text,
    Trace,
)


@pytest.fixture(scope="module")
def sink() -> Iterator[tuple[str, list[str]]]:
    """A server that notes who asks below its address; a browser of another test may still look for the one that had its port."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.extend([self.path] if self.path.startswith("/sink/") else [])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/sink", asked
    server.shutdown()


def hostile(address: str, secret: Path) -> list[str]:
    return [
        f'<link rel=attachment href="file://{secret}">',
        f'<img src="{address}/img"><embed src="{address}/embed"><object data="{address}/object"></object>',
        f'<style>@import "{address}/import";p{{background:url({address}/bg)}}@font-face{{src:url({address}/font)}}</style>',
        f'<svg><image href="{address}/svg"/></svg>![x]({address}/md)',
        "<style>*{font-size:1e9px}@page{size:1e7mm}</style>",
    ]


def document(words: list[str], title: str = "Forty-three seconds") -> Document:
    """One of every block, with these words in all of them."""
    text = "\n\n".join(words)
    root = Cause("c", "", "condition", True, False, [])
    cause = Cause(text, text, "event", False, False, [text], [Cause("b", "", "trigger", False, False, [], [root])])
    moment = Moment("T+00:10", "23:02", "", text, text, "chat", "Detected", True, "21 Oct", text)
    return Document(
        title=title,
        kind="incident",
        language="en",
        edition="Internal",
        event_date="2018-10-21",
        facts=[("Type", "Incident"), ("Facilitator", text), ("Version", "Draft")],
        sections=[
            Section("summary", "Summary", [Text(text)]),
            Section("impact", "Impact", [Figures([(text[:60], text[:120])]), Facts([("Who", text)])]),
            Section("timeline", "Timeline", [Moments([moment]), Note(text), Part("Detection", [Text(text)])]),
            Section("root-cause", "Root cause analysis", [Chain([cause])]),
            Section("factors", "Contributing factors", [Bullets([(text, text)])]),
            Section("actions", "Action items", [Table(["Action", "Owner"], [[text, text]])]),
            Section("lessons", "Lessons", []),
        ],
        trace=Trace(
            [(0.0, "k"), (1.0, "")], [(0.0, 0.5, "Respond")], [(0.0, "T+00:00"), (1.0, "T+01:00")], "2 entries."
        ),
        span="21 Oct 2018",
    )


def plain(content: bytes) -> bytes:
    """The file with its streams unpacked. Each says itself where it ends: one whose last byte happened to be the one of a line's end
    was cut short and left out, with all that the test looks for in it."""
    found = [content]
    for start in re.finditer(rb"(?<!end)stream\r?\n", content):
        try:
            found.append(zlib.decompressobj().decompress(content[start.end() :]))
        except zlib.error:
            continue
    return b"\n".join(found)


def test_a_stream_that_ends_like_a_line_is_unpacked_whole():
    packed = zlib.compress(b"\x0c")  # the last byte of its checksum is a carriage return
    assert packed.endswith(b"\r")
    assert plain(b"<<>>\nstream\n" + packed + b"\nendstream\n").endswith(b"\n\x0c")


def test_a_hostile_document_is_printed_and_nothing_is_fetched(sink, tmp_path):
    address, asked = sink
    secret = tmp_path / "secret.txt"
    secret.write_text("CANARY-7f3a")
    title = '";}@page{@bottom-left{content:url(http://127.0.0.1)}}\\<'
    content = pdf.render(document(hostile(address, secret), title))
    whole = plain(content)
    assert asked == []
    assert b"CANARY-7f3a" not in whole
    assert b"/EmbeddedFile" not in whole
    assert content.startswith(b"%PDF-1.7")
    for mark in (b"/StructTreeRoot", b"pdfuaid:part", b"/Lang (en)", b"/MarkInfo"):
        assert mark in whole, mark
    for face in (b"+HSerif", b"+HSans", b"+HMono"):
        assert face in whole, face
    assert b"DejaVu" not in whole
    reader = PdfReader(BytesIO(content))
    text = " ".join("".join(page.extract_text() for page in reader.pages).split())
    for words in (
        "Internal, draft",
        f"1 of {len(reader.pages)}",
        "Root cause analysis",
        "Evidence: ",
        "<link rel=attachment",
        "Nothing recorded.",
    ):
        assert words in text, words
    assert reader.metadata.title == f"AAR: {title}"
    height = float(re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", whole)[2])  # type: ignore[index]
    assert height == pytest.approx(841.89, abs=0.1)


def test_an_endless_word_is_broken_and_runs_off_no_page():
    """An address, say: in every block it goes on in the next line."""
    word = "https://status.example.org/" + "".join(f"incident{n:02d}" for n in range(40))
    content = pdf.render(document([word], word[:120]))
    lines = [line.strip() for page in PdfReader(BytesIO(content)).pages for line in page.extract_text().splitlines()]
    whole = "".join(lines)
    assert (
        whole.count("incident39") >= 11
    )  # text, facts, moment with its source, note, part, causes, bullet, action and owner
    assert max(len(line) for line in lines) < 150


def test_beside_a_name_without_an_end_the_table_of_actions_keeps_its_columns_and_its_words():
    rows = [[f"Page the on-call\nClosed when: {'it rings ' * 9}", owner, due, kind, status] for owner, due, kind, status in (
        ("N" * 80, "2026-12-17", "Documentation", "Committed"),
        ("Konstantin Papadopoulos-Lagerbielke", "when the rack is there, at the end of the fourth quarter", "Detect", "Effect checked"),
    )]  # fmt: skip
    said = short([Section("actions", "Action items", [Table(["Action", "Owner", "Due", "Type", "Status"], rows)])])
    found = spots(pdf.render(said), 0)
    words = {word for text, _ in found for word in text.split()}
    assert {"Papadopoulos-", "Lagerbielke", "2026-12-17", "Documentation", "Committed", "checked", "quarter"} <= words
    right = 707  # the edge of the type area, in pixels
    assert max(tm[4] for text, tm in found if text.strip() in {"Status", "Committed"}) < right - 60
    assert all(len(word) <= 14 for word in words if set(word) == {"N"})


def test_letter_is_letter(monkeypatch):
    sheet = pdf._css(document(["x"]), "letter")
    assert "@page{size:Letter;" in sheet
    assert "Internal\\2c  draft" in sheet


def test_the_title_cannot_leave_its_string():
    words = pdf._quoted('a"}\\\n<b>;é切')
    assert re.fullmatch(r'"(?:[\w ]|\\[0-9a-f]+ )*"', words)
    assert words.startswith('"a\\22 \\7d \\5c \\a \\3c b')


def test_a_document_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(pdf, "WALL_S", 0.05)
    with pytest.raises(pdf.NoPdf, match="more than a minute"):
        pdf.render(document(["x"]))


def test_two_are_printed_at_once_and_the_third_waits_its_turn(monkeypatch):
    monkeypatch.setattr(pdf, "WALL_S", 0.05)
    monkeypatch.setattr(pdf, "PLACES", threading.BoundedSemaphore(1))
    with pdf.PLACES, pytest.raises(pdf.Full, match="Several PDFs"):
        pdf.render(document(["x"]))
    with pytest.raises(pdf.NoPdf, match="more than a minute"):  # and its place is free again
        pdf.render(document(["x"]))


def test_a_document_that_needs_too_much_memory_is_stopped(monkeypatch):
    monkeypatch.setattr(pdf, "MEMORY", 48 * 1024**2)
    with pytest.raises(pdf.NoPdf):
        pdf.render(document(["x"]))


def test_why_a_print_failed_is_logged_without_words_of_the_review(monkeypatch, caplog):
    def end(code: int, said: bytes) -> str:
        done = subprocess.CompletedProcess([], code, b"", said)
        monkeypatch.setattr(pdf.subprocess, "run", lambda *_, **__: done)
        with pytest.raises(pdf.NoPdf) as refusal:
            pdf.render(document(["x"]))
        return str(refusal.value)

    assert "could not be made" in end(1, b"Traceback\nKeyError: 'what somebody wrote'\n")
    assert "more memory or time" in end(1, b"Traceback\nMemoryError\n")
    assert "more memory or time" in end(-9, b"words of a library: somebody's\n")
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
        "exit 1, KeyError",
        "exit 1, MemoryError",
        "exit -9, no reason said",
    ]


def test_the_first_page_names_kind_team_and_time():
    facts = [("Type", "Incident"), ("Team", "Data"), ("Facilitator", ""), ("Source", "x" * 60)]
    head = pdf._head(Document("T", "incident", "en", "Internal", "2018-10-21", facts, [], None, "21 Oct 2018"))
    assert head["kick"] == "After-action review \u00b7 Incident \u00b7 Data"
    assert head["facts"] == [("Event", "21 Oct 2018", False), ("Source", "x" * 60, True)]


def test_a_moment_in_bold_breaks_where_its_line_is_full_and_words_for_a_time_stand_where_clocks_do():
    rows = [
        Moment("T+03:30", "09:30", "", "We decide to move the beta to v0.1.5 and begin to test it", "Chat", "chat", "", True, "7 Apr"),
        Moment("", "between beta and stable", "", "Machines get an update", "Log", "log", "", False, ""),
    ]  # fmt: skip
    said = short([Section("timeline", "Timeline", [Moments(rows)])])
    found = {text.strip(): (tm[4], tm[5]) for text, tm in spots(pdf.render(said), 0) if text.strip()}
    first = next(words for words in found if words.startswith("We"))
    assert first.startswith("We decide to move the beta")
    clock, what = (next(at for words, at in found.items() if words.startswith(start)) for start in ("between", "Mach"))
    assert clock[0] > what[0] + 200


def test_words_that_fill_their_line_are_not_broken_after_the_first():
    words = "Build machines get a forced update of the platform's tools"
    said = short(
        [Section("timeline", "Timeline", [Moments([Moment("D-5", "24 Jul", "", words, "Log", "log", "", False)])])]
    )
    lines = [text.strip() for text, _ in spots(pdf.render(said, paper="letter"), 0)]
    assert words in " ".join(lines)
    assert "Build" not in lines


def test_no_moment_stands_alone_below_the_heading_at_the_foot_of_a_page():
    rows = [Moment(f"T+0{n}:00", "09:30", "", f"Row {n}", "", "chat", "", False) for n in range(6)]
    before = Section("summary", "Summary", [Text("\n\n".join(["A line."] * 20))])
    printed = pdf.render(short([before, Section("timeline", "Timeline", [Moments(rows)])]))
    assert [page.extract_text().count("Row") for page in PdfReader(BytesIO(printed)).pages] == [0, 6]


def test_the_boxes_at_the_edges_of_the_picture_keep_their_stroke():
    root = Cause("c", "", "condition", True, False, [])
    effect = Cause("a", "", "effect", False, False, [], [Cause("b", "", "event", False, False, [], [root])])
    drawn = render_to_string("document/_print_chain.html", {"block": Chain([effect])})
    left, _, wide, _ = (float(number) for number in drawn.partition('viewBox="')[2].partition('"')[0].split())
    edges = [
        edge
        for x, width, stroke in re.findall(r'<rect x="([\d.]+)".*?width="([\d.]+)".*?stroke-width="([\d.]+)"', drawn)
        for edge in (float(x) - float(stroke) / 2, float(x) + float(width) + float(stroke) / 2)
    ]
    assert len(edges) == 6
    assert left <= min(edges) <= max(edges) <= left + wide


def test_the_caption_of_a_map_says_what_its_dashes_mean_on_paper_and_on_the_page():
    below = Cause("f", "", "condition", True, False, [], number=6, leads=[(2, "b")])
    for number, letter in zip(range(5, 0, -1), "edcba", strict=True):
        below = Cause(letter, "", "event", False, False, [], [below], number=number)
    for name in ("document/_print_chain.html", "document/_chain.html"):
        said = render_to_string(name, {"block": Chain([below])})
        assert "Dashed lines: a cause that leads to two effects.</figcaption>" in said, name


def spots(paper: bytes, page: int) -> list[tuple[str, list[float]]]:
    """The pieces of text on a page, each with the matrix that places it."""
    found: list[tuple[str, list[float]]] = []
    PdfReader(BytesIO(paper)).pages[page].extract_text(visitor_text=lambda text, cm, tm, *_: found.append((text, tm)))
    return found


@pytest.mark.parametrize(("paragraphs", "pages"), [(8, 1), (9, 2)])
def test_a_few_lines_at_the_end_move_onto_the_page_before(paragraphs, pages):
    text = "\n\n".join(["What happened, in the order in which people saw it. " * 6] * paragraphs)
    said = short([Section("impact", "Impact", [Text(text)]), Section("lessons", "Lessons", [Text("One line.")])])
    assert len(PdfReader(BytesIO(pdf.render(said))).pages) == pages


def short(sections: list[Section]) -> Document:
    return Document("A short one", "incident", "en", "Internal", "2026-05-12", [("Type", "Incident")], sections)
