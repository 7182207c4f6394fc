"""The README fits one screen, and everything it leads to is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    text = page.read_text(encoding="utf-8")
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []


def test_it_is_one_screen_with_a_picture_and_commands_that_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 45
    commands = set(re.findall(r"sh (script/\w+)", text))
    assert {"script/start", "script/test"} <= commands
    assert [name for name in commands if not (ROOT / name).is_file()] == []
    [picture] = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)
    assert (ROOT / picture).read_bytes()[:4] == b"\x89PNG"
    assert (ROOT / picture).stat().st_size < 200_000
