"""Copies the rules of mail.css onto the elements of a mail, because many mail programs drop style sheets."""

from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cssselect2
import tinycss2
import tinyhtml5
from django.conf import settings

SHEET = Path(settings.BASE_DIR) / "static" / "css" / "mail.css"


@cache
def rules() -> tuple[cssselect2.Matcher, str]:
    """The rules to copy, and those (@media) that only a style element can hold, each made to win over what was copied."""
    matcher, kept = cssselect2.Matcher(), []
    for rule in tinycss2.parse_stylesheet(SHEET.read_text(encoding="utf-8"), skip_comments=True, skip_whitespace=True):
        if rule.type == "qualified-rule":
            for selector in cssselect2.compile_selector_list(rule.prelude):
                matcher.add_selector(selector, declarations(rule))
        elif rule.type == "at-rule" and rule.lower_at_keyword == "media":
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            text = "".join(
                f"{tinycss2.serialize(r.prelude)}{{{';'.join(f'{d.lower_name}:{value(d)}!important' for d in declarations(r))}}}"
                for r in inner
            )
            kept.append(f"@media{tinycss2.serialize(rule.prelude)}{{{text}}}")
    return matcher, "".join(kept)


def declarations(rule: Any) -> list[Any]:
    found = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    return [d for d in found if d.type == "declaration"]


def value(declaration: Any) -> str:
    return tinycss2.serialize(declaration.value).strip()


def inlined(html: str) -> str:
    """The whole document with a style attribute on each element that a rule names; its classes stay, for dark mode."""
    root = tinyhtml5.parse(html, namespace_html_elements=False)
    matcher, kept = rules()
    for wrapper in cssselect2.ElementWrapper.from_html_root(root).iter_subtree():
        matches = sorted((specificity, order, ds) for specificity, order, _, ds in matcher.match(wrapper))
        if matches:
            wrapper.etree_element.set("style", style_of([d for _, _, ds in matches for d in ds]))
    head = root.find("head")
    if kept and head is not None:
        ElementTree.SubElement(head, "style").text = kept
    return "<!doctype html>\n" + ElementTree.tostring(root, encoding="unicode", method="html") + "\n"


def style_of(found: list[Any]) -> str:
    """Declarations in the order of their weight; the last of a name wins and stands last, so that shorthands keep their place."""
    kept: dict[str, str] = {}
    for declaration in [d for d in found if not d.important] + [d for d in found if d.important]:
        kept.pop(declaration.lower_name, None)
        kept[declaration.lower_name] = value(declaration)
    return ";".join(f"{name}:{text}" for name, text in kept.items())
