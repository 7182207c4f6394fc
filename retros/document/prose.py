"""The small Markdown that people write in texts: paragraphs, lists, emphasis, code, links to the web. No HTML, no images. Pure.

Two directions. `to_html` shows it: a parser that knows nothing else, and a cleaner behind it. `inert`, `literal` and
`literal_cell` write it into an export whose structure it must not touch: a text that looks like a heading, a table or a
front matter stays words there, whatever stands before it.
"""

import html
import re
import unicodedata

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
_words = nh3.Cleaner(tags=set())

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_NO_LINK = re.compile(r"\](?=\((?!https?://)|\[)", re.IGNORECASE)
# Marks of lists and quotations, after which a line begins anew. Possessive: no line makes it try twice.
_PREFIX = re.compile(r"\s*+(?:>\s*+|(?:[-+*]|\d{1,9}[.)])\s++)*+")
_OPENING = re.compile(r"#{1,6}(?=\s|$)|```|~~~|\[[^\]]*+\]:")


def to_html(text: str) -> str:
    """Safe HTML of what a person wrote; what is not understood stays as text."""
    return _cleaner.clean(_markdown.render(text))


def to_plain(text: str) -> str:
    """The words alone, for mails: links keep their words, marks of emphasis go."""
    shown = re.sub(r"</(p|li|blockquote|pre)>", "\n\n", to_html(text))
    return re.sub(r"\n{3,}", "\n\n", html.unescape(_words.clean(shown))).strip()


def _lines(text: str) -> str:
    """Every kind of line break as one, other control characters gone."""
    text = _BREAKS.sub("\n", text)
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


def inert(text: str) -> str:
    """A person's text as Markdown that keeps lists, emphasis, code and web links, and nothing that shapes a document.

    Headings, rules, tables, fences, front matter, HTML, images, other addresses and link definitions become words.
    """
    return "\n".join(_inert_line(line) for line in _lines(text).split("\n")).strip("\n").rstrip()


def _inert_line(line: str) -> str:
    # Entities and not backslashes: a backslash that the writer put before the mark would undo ours.
    line = _TAG.sub("&lt;", line).replace("![", "!&#91;")
    line = _NO_LINK.sub("&#93;", line).rstrip()
    marks = set(line) - {" ", "\t"}
    start = len(line) - len(line.lstrip()) if len(marks) == 1 else _end_of_prefix(line)
    rest = line[start:]
    is_rule = bool(rest) and not marks - set("-*_=+|:") and (len(marks) == 1 or set(rest) <= set("|:- \t"))
    return f"{line[:start]}\\{rest}" if is_rule or _OPENING.match(rest) else line


def _end_of_prefix(line: str) -> int:
    found = _PREFIX.match(line)
    return found.end() if found else 0


def literal(text: str) -> str:
    """A plain text as one line of Markdown that reads exactly so: nothing in it is markup."""
    line = " ".join(_lines(text).split())
    line = re.sub(r"\\(?=[!-/:-@\[-`{-~])", r"\\\\", line)
    line = re.sub(r"[*`]|\](?=[(\[])|^\[", lambda mark: "\\" + mark[0], line)
    line = re.sub(r"(?<![^\W_])_|_(?![^\W_])|~(?=~)", lambda mark: "\\" + mark[0], line)
    line = re.sub(r"&(?=#?\w{1,32};)", "&amp;", line)
    line = _TAG.sub("&lt;", line)
    line = re.sub(r"^(?=[-+>#=~])", r"\\", line)
    line = re.sub(r"^(\d{1,9})(?=[.)])", r"\1\\", line)
    return re.sub(r"(?<= )(?=#+$)", r"\\", line)


def literal_cell(text: str) -> str:
    """The same for a table's cell: no pipe ends it."""
    return literal(text).replace("|", r"\|")
