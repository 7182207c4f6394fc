"""The demo's stories as they are written down, with every day moved so that they end shortly before today. No Django."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from retros.exchange.reading import read

HERE = Path(__file__).parent
# A day, a clock, and the offset of that season, which does not move along: the clock is read in the event's zone.
DAY = re.compile(r"(\d{4}-\d\d-\d\d)([T ][\d:]+Z?)?(?:[+-]\d\d:\d\d)?", re.ASCII)


@dataclass(frozen=True)
class Story:
    """One event: `facts` as an event file has them, `review` as it went with invented people."""

    key: str
    facts: dict[str, Any]
    review: dict[str, Any]


def organisation() -> dict[str, Any]:
    """Teams, people and services."""
    return read((HERE / "organisation.yaml").read_bytes())


def stories(today: date) -> list[Story]:
    """All events, the oldest first, each moved by whole weeks to `weeks_ago`, so that a Sunday night stays one."""
    found = [_story(path, today) for path in sorted((HERE / "events").glob("*.yaml"))]
    return sorted(found, key=lambda story: -story.review["weeks_ago"])


def count() -> int:
    return len(list((HERE / "events").glob("*.yaml")))


def _story(path: Path, today: date) -> Story:
    facts = read(path.read_bytes())
    review = facts.pop("review")
    first = date.fromisoformat(str(review["first_day"]))
    target = _monday(today) - timedelta(weeks=review["weeks_ago"])
    moved = shifted(facts, target - _monday(first)), shifted(review, target - _monday(first))
    return Story(path.stem, *moved)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def shifted(value: Any, by: timedelta) -> Any:
    """The same data with every text that is a day or a moment moved; clocks stay."""
    if isinstance(value, dict):
        return {key: shifted(each, by) for key, each in value.items()}
    if isinstance(value, list):
        return [shifted(each, by) for each in value]
    match = DAY.fullmatch(value) if isinstance(value, str) else None
    if not match:
        return value
    return f"{date.fromisoformat(match[1]) + by}{match[2] or ''}"
