"""Questions about an action's wording, and a guess at its strength. Pure: suggests, never refuses, keeps nothing."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SHORT = 5  # a title of fewer words rarely says what will be different
TWO_THINGS = re.compile(r"\s(?:and|as well as|plus)\s+(?P<verb>[a-z]+)", re.IGNORECASE)
JOINING_VERBS = {
    "add", "alert", "automate", "build", "change", "check", "create", "define", "delete", "document", "ensure", "fix",
    "improve", "investigate", "limit", "make", "measure", "monitor", "move", "page", "publish", "remove", "rename",
    "replace", "review", "run", "set", "stop", "test", "train", "update", "write",
}  # fmt: skip


@dataclass(frozen=True)
class Point:
    """One thing that makes an action closeable, and whether it is there."""

    words: str
    is_met: bool


@dataclass(frozen=True)
class Suggestion:
    """A question about the wording, with a better example. `quote` is the part of the title that it is about."""

    quote: str
    why: str
    ask: str
    example: str = ""
    closed_when: str = ""


@cache
def _strengths() -> dict[str, tuple[str, re.Pattern[str]]]:
    """Meaning, and one pattern for all words: where several begin at one place, the longest is found."""
    data = yaml.safe_load((HERE / "strength.yaml").read_text(encoding="utf-8"))
    return {name: (part["meaning"], _any(sorted(part["words"], key=len, reverse=True))) for name, part in data.items()}


def _any(words: list[str]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(_starting(w).pattern.removeprefix(r"\b") for w in words) + ")", re.IGNORECASE)


@cache
def _open_ended() -> list[tuple[re.Pattern[str], list[re.Pattern[str]], dict[str, Any]]]:
    """Of each row: a pattern that is found where any of its words is, and one for each word."""
    data = yaml.safe_load((HERE / "wording.yaml").read_text(encoding="utf-8"))
    return [(_any(row["words"]), [_whole(w) for w in row["words"]], row) for row in data["open_ended"]]


def _starting(words: str) -> re.Pattern[str]:
    return re.compile(r"\b" + re.escape(words).replace(r"\ ", r"\s+"), re.IGNORECASE)


def _whole(words: str) -> re.Pattern[str]:
    return re.compile(_starting(words).pattern + r"\b", re.IGNORECASE)


def meaning(strength: str) -> str:
    """What a strength stands for, in a few words."""
    return _strengths()[strength][0]


def suggest_strength(title: str) -> tuple[str, str] | None:
    """(strength, the word that led to it) by the earliest known word of the title; None where no word is known."""
    hits = []
    for name, (_, pattern) in _strengths().items():
        if found := pattern.search(title):
            hits.append((found.start(), -len(found[0]), name, found[0]))
    if not hits:
        return None
    _, _, name, word = min(hits)
    return name, word


def question(title: str, closed_when: str = "") -> Suggestion | None:
    """The one question that helps most with this wording; None where nothing asks for one."""
    words = title.split()
    if not words:
        return None
    vague = _without_end(title, closed_when)
    if two := _two_things(title):
        row = vague[1] if vague else {}
        why = "Two things, and one of them has no end." if vague else "Two things in one action close at two times."
        ask = "Which one is this? Write the other as its own."
        return Suggestion(two, why, ask, row.get("example", ""), row.get("closed_when", ""))
    if vague:
        quote, row = vague
        return Suggestion(quote, f"“{quote}” has no end.", row["ask"], row["example"], row["closed_when"])
    if len(words) < SHORT:
        return Suggestion(
            title.strip(),
            "A few words rarely say what will be different.",
            "What will the system, the page or the rota do then?",
            "The build fails when a service has no owner in the catalogue",
            "a service without an owner has failed one build",
        )
    return None


def _without_end(title: str, closed_when: str) -> tuple[str, dict[str, Any]] | None:
    """The words that leave it open, and their row. "Closed when" gives an end to all but a title that begins with them."""
    vague = _vague(title)
    is_answered = vague and closed_when.strip() and not title.strip().casefold().startswith(vague[0].casefold())
    return None if is_answered else vague


def _vague(title: str) -> tuple[str, dict[str, Any]] | None:
    """An open-ended word at the start of the title; longer phrases count anywhere in it, words of a rhythm at its end as well."""
    for any_word, patterns, row in _open_ended():
        for pattern in patterns if any_word.search(title) else ():
            found = pattern.search(title)
            is_last = found and row.get("is_rhythm") and not title[found.end() :].strip(" .")
            if found and (is_last or " " in found[0] or not title[: found.start()].strip()):
                return found[0], row
    return None


def _two_things(title: str) -> str:
    for found in TWO_THINGS.finditer(title):
        if found["verb"].casefold() in JOINING_VERBS:
            return found[0].strip()
    return ""


def points(
    *,
    title: str,
    owner: Any = None,
    due_on: date | None = None,
    size: str = "",
    closed_when: str = "",
    has_factor: bool = False,
    today: date,
) -> list[Point]:
    """What makes an action closeable, in the order in which it is asked for. Words say what is missing where it is."""
    vague, two = _without_end(title, closed_when), _two_things(title)
    in_time = due_on is not None and due_on >= today
    working = in_time and due_on is not None and due_on.weekday() < 5
    return [
        Point(f"“{vague[0]}” has no end" if vague else "It has an end", bool(title.strip()) and not vague),
        Point("One thing, not two", bool(title.strip()) and not two),
        Point("One owner" if owner else "Who owns it?", bool(owner)),
        Point(_due_words(due_on, in_time, working), working),
        Point("Under ten days of work" if size in {"S", "M"} else _size_words(size), size in {"S", "M"}),
        Point("Says when it is closed" if closed_when.strip() else "Closed when?", bool(closed_when.strip())),
        Point("Answers a factor or cause" if has_factor else "Which factor or cause does it answer?", has_factor),
    ]


def _due_words(due_on: date | None, in_time: bool, working: bool) -> str:
    if due_on is None:
        return "By when?"
    if not in_time:
        return "The date has passed"
    return "A date in working time" if working else "The date is on a weekend"


def _size_words(size: str) -> str:
    return "Weeks of work: can it be split?" if size == "L" else "How large is it?"
