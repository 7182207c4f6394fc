"""Editors of the same sections: what each typed, what was acknowledged, and what a refusal showed."""

import html
import random
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from tests.promises.people import BROKEN, Answer, Person

PATIENCE = 120.0  # seconds
FIELD = re.compile(r'<textarea[^>]*name="text"[^>]*>\n?(.*?)</textarea>', re.S)
BASE = re.compile(r'name="base"[^>]*value="(\d+)"')


def word(chance: random.Random) -> str:
    """One that occurs nowhere else."""
    return f"w{chance.getrandbits(48):012x}"


def edited(text: str, chance: random.Random) -> str:
    """Insert, delete, replace a line, or paste the whole section anew. Always with a new word in it."""
    lines = [line for line in text.splitlines() if line][-11:]  # cut before, so that the new word stays
    kind = chance.choice(["insert", "insert", "replace", "delete", "paste"])
    if kind == "paste" or not lines:
        return "\n".join(f"{word(chance)} is what we saw" for _ in range(chance.randint(1, 6)))
    at = chance.randrange(len(lines))
    if kind == "delete" and len(lines) > 1:
        del lines[at]
        at = chance.randrange(len(lines))
    if kind == "insert":
        lines.insert(at, f"{word(chance)} came to light")
    else:
        lines[at] = f"{word(chance)} instead"
    return "\n".join(lines)


@dataclass(frozen=True)
class Save:
    """One save to its end: what was sent from which revision, and how it was answered."""

    slug: str
    text: str
    base: int
    status: int
    shown: str = ""  # what a refusal showed in its conflict
    offered: int = 0  # the revision that it showed beside the text


@dataclass
class Editor(Person):
    """Opens a section, edits it, keeps it; refused, starts from what the page offers then."""

    event: Any = None
    seed: int = 0
    saves: list[Save] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.chance = random.Random(self.seed)  # noqa: S311 - the same edits in each run

    def save_often(self, slugs: list[str], count: int, delay: float) -> None:
        for _ in range(count):
            slug = self.chance.choice(slugs)
            path = reverse("section_edit", args=[self.event.code, slug])
            text, base = self._open(path)
            time.sleep(self.chance.uniform(0, delay))
            self._save(slug, path, edited(text, self.chance), base)

    def _open(self, path: str) -> tuple[str, int]:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                page = self.get(path)
                if page.status == 200:
                    return self._form(page)
            except BROKEN:
                pass
            time.sleep(0.05)
        raise AssertionError(f"{path} could not be opened")

    def _form(self, page: Answer) -> tuple[str, int]:
        text, base = FIELD.search(page.body), BASE.search(page.body)
        assert text is not None and base is not None, page.body[:500]  # noqa: PT018
        return html.unescape(text[1]), int(base[1])

    def _save(self, slug: str, path: str, text: str, base: int) -> None:
        op = str(uuid.uuid4())
        answer = self.post_until_answered(path, op=op, words=text, text=text, base=base)
        if self.chance.random() < 0.1:  # the answer was late, so the browser sent it again
            again = self.post_until_answered(path, op=op, words=text, text=text, base=base)
            assert again.status == answer.status, (again.status, answer.status)
        shown, offered = conflict_of(answer.body) if answer.status == 409 else ("", 0)
        self.saves.append(Save(slug, text, base, answer.status, shown, offered))


def conflict_of(page: str) -> tuple[str, int]:
    """The words of the two texts that a refusal shows, and the number of the revision that stands beside the own one."""
    found = re.search(r"data-conflict>(.*?)<textarea", page, re.S)
    base = BASE.search(page)
    shown = re.sub(r"<[^>]+>", " ", found[1]) if found else ""
    return " ".join(html.unescape(shown).split()), int(base[1]) if base else 0
