"""People's small Markdown: it is shown without anything that runs or loads, and exported without shaping the document."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from retros.document import prose

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![a](https://evil.example/pixel.png)",
    "![a][b]\n\n[b]: https://evil.example/pixel.png",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](//evil.example)",
    "[x](file:///etc/passwd)",
    "<svg onload=alert(1)>",
    "<math><mi xlink:href='javascript:alert(1)'>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=x></object><embed src=x>",
    "<base href='https://evil.example'>",
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    "<form action=/x><input autofocus onfocus=alert(1)></form>",
    "<style>*{background:url(https://evil.example)}</style>",
    "<details ontoggle=alert(1) open>",
    '<div hx-get="/admin" hx-trigger=load data-hx-post=/x hx-on:click="alert(1)">',
    '<p class="modal open" style="position:fixed;inset:0">',
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "> " * 500 + "deep",
    "<!-- <script> -->",
    "<https://evil.example/><javascript:alert(1)>",
    "---\n!!python/object/apply:os.system [id]\n---",
    "{{ settings.SECRET_KEY }} {% load x %} %(x)s {0.__class__}",
]
ALLOWED = {"p", "ul", "ol", "li", "em", "strong", "code", "pre", "a", "blockquote", "br"}


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_survives_on_a_page(text):
    html = prose.to_html(text)
    tags = re.findall(r"<(\w+)((?:\s[^>]*)?)>", html)
    assert {name for name, _ in tags} <= ALLOWED
    for name, attributes in tags:
        if attributes.strip(" /"):
            assert name == "a"
            assert re.fullmatch(r' href="https?://[^"]*" rel="noopener noreferrer nofollow ugc"', attributes)


def test_what_people_write_is_shown():
    html = prose.to_html("One *two* **three** `four`\n\n- a\n- [b](https://example.org/x)\n\n1. first")
    assert "<em>two</em> <strong>three</strong> <code>four</code>" in html
    assert '<a href="https://example.org/x" rel="noopener noreferrer nofollow ugc">b</a>' in html
    assert "<ul>" in html
    assert "<ol>" in html


def test_headings_rules_and_tables_of_a_text_are_words():
    html = prose.to_html("# Summary\n\n***\n\n| a | b |\n|---|---|")
    assert "<h1" not in html
    assert "<hr" not in html
    assert "<table" not in html
    assert "# Summary" in html


def test_plain_words_for_mails():
    text = "One *two* [three](https://example.org).\n\n- four\n- <b>five</b> & six"
    assert prose.to_plain(text) == "One two three.\n\nfour\n\n<b>five</b> & six"


# --- Inside an export ------------------------------------------------------------------------------------------------
READER = MarkdownIt("gfm-like", {"html": True, "linkify": False})
MARKS = st.text(st.sampled_from("#>-+*_=~|`[]()!<&:\\ \n\tab1.0\u2028/"), max_size=60)
TEXTS = st.one_of(st.sampled_from(HOSTILE), MARKS, st.text(max_size=80))
SHAPES = {"heading_open", "hr", "table_open", "html_block", "html_inline", "image", "fence"}


def shapes(markdown: str) -> list[str]:
    """What a reader of the export would see that words alone cannot make."""
    tokens = READER.parse(markdown)
    inner = [child for token in tokens for child in token.children or []]
    found = [t.type for t in (*tokens, *inner) if t.type in SHAPES]
    links = [str(t.attrs["href"]) for t in inner if t.type == "link_open"]
    return found + [link for link in links if not re.match(r"https?://", link, re.IGNORECASE)]


@given(TEXTS)
def test_a_text_shapes_no_export(text):
    assert shapes(f"before\n\n{prose.inert(text)}\n\nafter") == []


@given(TEXTS, TEXTS)
def test_two_texts_do_not_define_links_for_each_other(one, two):
    assert shapes(f"{prose.inert(one)}\n\n{prose.inert(two)}") == []


@given(TEXTS)
@example("#")
@example("ends with ##")
def test_a_fact_is_one_line_that_reads_as_it_was_written(text):
    line = prose.literal(text)
    assert "\n" not in line
    html = READER.render(f"- **Label:** x {line}")
    assert shapes(f"- **Label:** x {line}") == []
    shown = "".join(child.content for token in READER.parse(line) for child in token.children or [])
    words = re.sub(r"\s+", " ", shown).strip()
    assert words == re.sub(r"\s+", " ", " ".join(prose._lines(text).split())), html


@given(TEXTS)
def test_a_cell_stays_in_its_column(text):
    table = f"| Action | Owner |\n| --- | --- |\n| {prose.literal_cell(text)} | Priya |\n"
    tokens = READER.parse(table)
    cells = [token.content for token, before in zip(tokens[1:], tokens, strict=False) if before.type == "td_open"]
    assert len(cells) == 2
    assert cells[1] == "Priya"


def test_lists_emphasis_and_web_links_stay_in_an_export():
    text = "- one *two*\n- [three](https://example.org)"
    assert prose.inert(text) == text
