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


# --- The room's own sheet -----------------------------------------------------------------------------------------------
def classes_of(sheet: str) -> set[str]:
    return set(re.findall(r"\.([a-z][\w-]*)", (ROOT / "static/css" / sheet).read_text(encoding="utf-8")))


def parts_of(path: Path) -> set[Path]:
    """A template with all that it includes by name."""
    found, waiting = set(), [path]
    while waiting:
        one = waiting.pop()
        if one not in found and one.exists():
            found.add(one)
            waiting += [
                ROOT / "templates" / name
                for name in re.findall(r'{% include "([^"]+)"', one.read_text(encoding="utf-8"))
            ]
    return found


def test_a_page_with_parts_of_the_room_brings_the_rooms_sheet():
    """Or they stand there bare: the bars that stand for sealed notes were not to be seen on their own page."""
    only = classes_of("room.css") - classes_of("app.css")
    bare = {}
    for path in PAGES:
        if (
            path.name.startswith("_")
            or "room.css" in path.read_text(encoding="utf-8")
            or path.parent.name not in {"retros", "actions"}
        ):
            continue
        given = " ".join(
            " ".join(re.findall(r'class="([^"]*)"', part.read_text(encoding="utf-8"))) for part in parts_of(path)
        )
        used = set(re.sub(r"{%.*?%}|{{.*?}}", " ", given).split()) & only
        bare |= {name_of(path): used} if used else {}
    assert not bare
