"""The small Markdown that people write in texts: paragraphs, lists, emphasis, code, links to the web. No HTML, no images. Pure."""

import re

import nh3
from markdown_it import MarkdownIt

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 50}).disable(
    ["image", "html_block", "html_inline", "heading", "lheading", "hr", "reference"]
)
_markdown.validateLink = lambda url: bool(re.match(r"https?://", url.strip(), re.IGNORECASE))  # type: ignore[method-assign]
_cleaner = nh3.Cleaner(
    tags={"p", "ul", "ol", "li", "em", "strong", "code", "pre", "a", "blockquote", "br"},
    attributes={"a": {"href"}},
    url_schemes={"http", "https"},
    link_rel="noopener noreferrer nofollow ugc",
)


def to_html(text: str) -> str:
    """Safe HTML of what a person wrote; what is not understood stays as text."""
    return _cleaner.clean(_markdown.render(text))


def to_plain(text: str) -> str:
    """The words alone, for mails: links keep their words, marks of emphasis go."""
    html = re.sub(r"</(p|li|blockquote|pre)>", "\n\n", to_html(text))
    words = nh3.clean(html, tags=set())
    for entity, char in (
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ):
        words = words.replace(entity, char)
    return re.sub(r"\n{3,}", "\n\n", words).strip()


def inert(text: str) -> str:
    """A person's text as Markdown that cannot break a document's structure: no headings, rules, HTML, images or front matter."""
    lines = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        safe = line.replace("<", "\\<").replace("![", "!\\[")
        if re.match(r"\s{0,3}(#{1,6}(\s|$)|(?:[-*_=]\s*){3,}$|`{3,}|~{3,}|\+{3,}$)", safe):
            indent = len(safe) - len(safe.lstrip())
            safe = safe[:indent] + "\\" + safe[indent:]
        lines.append(safe.rstrip())
    return "\n".join(lines).strip()


def inert_line(text: str) -> str:
    """The same for one line: breaks become spaces, and a leading mark cannot begin a list, heading or quotation."""
    line = inert(" ".join(text.split()))
    return re.sub(r"^(\s*)([-+*>#]|\d+[.)])(?=\s|$)", r"\1\\\2", line)


def inert_cell(text: str) -> str:
    """The same for a table's cell."""
    return inert_line(text).replace("|", "\\|")
