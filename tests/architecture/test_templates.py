"""Templates hold no inline script or style, and every htmx form works without script."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [p for p in TEMPLATES if "email" not in p.parts]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT / "templates").as_posix()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_inline_script_or_style(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|javascript:", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script or "application/json" in script


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_what_people_wrote_is_never_taken_for_markup(path):
    """What is markup says so in Python, where it is made."""
    assert not re.search(r"\|\s*safe(seq)?\b|autoescape\s+off", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_hx_post_stands_on_a_form_that_works_without_script(path):
    text = path.read_text(encoding="utf-8")
    for tag in re.findall(r"<(\w+)([^>]*hx-post[^>]*)>", text):
        name, attributes = tag
        if name == "form":
            assert 'method="post"' in attributes
            assert "action=" in attributes
        else:
            assert name == "button"
            assert "formaction=" in attributes


@pytest.mark.parametrize(
    "path", [p for p in PAGES if p.name.startswith("_") and p.parent.name in {"retros", "actions"}], ids=name_of
)
def test_a_fragment_says_what_it_is_given(path):
    assert path.read_text(encoding="utf-8").startswith("{#")


def test_answers_at_the_close_never_wait_in_a_browser():
    """What waits there (room_unsent.js) stands under its person, and is what htmx sends."""
    assert "hx-post" not in (ROOT / "templates/retros/_close_form.html").read_text(encoding="utf-8")
