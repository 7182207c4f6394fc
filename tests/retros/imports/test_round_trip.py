"""One story told in many formats is read back as the same story, whatever its zone."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from retros.imports.read import read

Story = list[tuple[datetime, str, str]]
TOLD = [
    ("2018-10-21T22:52", "Priya Natarajan", "Optics are swapped; leaders move west"),
    ("2018-10-21T22:54", "Marcus Bell", "Alerts: every pager rings, twice"),
    ("2018-10-21T23:09", "joana.m", "Status goes to yellow"),
    ("2018-10-22T00:05", "femi", 'Plan is formed: "restore, sync, fall back"'),
    ("2018-10-22T06:51", "Priya Natarajan", "Three clusters are level | two are not"),
    ("2018-10-22T23:03", "Marcus Bell", "Queues are empty & checks pass"),
]


def story(zone: ZoneInfo) -> Story:
    return [(datetime.fromisoformat(at).replace(tzinfo=UTC).astimezone(zone), who, what) for at, who, what in TOLD]


def lines(form: Callable[[datetime, str, str], str]) -> Callable[[Story], str]:
    return lambda rows: "\n".join(form(at, who, what) for at, who, what in rows)


def table(rows: Story) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(
        [["When", "Who", "What"], *([f"{at:%d.%m.%Y %H:%M}", who, what] for at, who, what in rows)]
    )
    return out.getvalue()


def review(rows: Story) -> str:
    """A heading for each day, a list below it."""
    parts, day = ["# Postmortem", "", "## Timeline"], None
    for at, _, what in rows:
        if at.date() != day:
            day = at.date()
            parts += ["", f"### {at:%d %B %Y}", ""]
        parts.append(f"- **{at:%H:%M}** {what}")
    return "\n".join(parts)


def window(rows: Story) -> str:
    """What is copied from the window of Slack: a line for each day, the name, the time, the words."""
    parts, day = [], None
    for at, who, what in rows:
        if at.date() != day:
            day = at.date()
            parts.append(f"{at:%A, %B} {at.day}{'st' if at.day == 21 else 'nd' if at.day == 22 else 'rd'}")
        parts += [who, f"  {at:%I:%M %p}", what]
    return "\n".join(parts)


FORMATS: dict[str, Callable[[Story], str]] = {
    "iso": lines(lambda at, _, what: f"{at.isoformat()} {what}"),
    "syslog": lines(lambda at, _, what: f"{at:%b} {at.day:>2} {at:%H:%M:%S} host-1 app[12]: {what}"),
    "epoch": lines(lambda at, _, what: f"{int(at.timestamp())} {what}"),
    "klog": lines(lambda at, _, what: f"I{at:%m%d %H:%M:%S}.000000   12 x.go:1] {what}"),
    "application": lines(lambda at, _, what: f"{at:%Y-%m-%d %H:%M:%S},000 {what}"),
    "journal": lines(lambda at, _, what: json.dumps({"__REALTIME_TIMESTAMP": f"{int(at.timestamp())}000000", "MESSAGE": what})),
    "objects": lines(lambda at, _, what: json.dumps({"ts": at.timestamp(), "msg": what})),
    "teams, month first": lines(lambda at, who, what: f"[{at:%m/%d/%Y %I:%M %p}] {who}\n{what}"),
    "teams, with dots": lines(lambda at, who, what: f"[{at:%d.%m.%Y %H:%M}] {who}\n{what}"),
    "whatsapp": lines(lambda at, who, what: f"{at:%d/%m/%Y, %H:%M} - {who}: {what}"),
    "irc": lines(lambda at, who, what: f"{at:%Y-%m-%d %H:%M:%S} <{who}> {what}"),
    "slack": lambda rows: json.dumps(
        [{"user": who, "text": what.replace("&", "&amp;"), "ts": f"{at.timestamp():.6f}"} for at, who, what in rows]
    ),
    "window": window,
    "csv": table,
    "review": review,
    "pager": lambda rows: json.dumps(
        {"log_entries": [{"type": "annotate_log_entry", "created_at": at.isoformat(), "summary": what} for at, _, what in rows]}, indent=1
    ),
    "comments": lambda rows: json.dumps([{"created_at": at.isoformat(), "body": what, "user": {"login": who}} for at, who, what in rows]),
}  # fmt: skip
WITH_PEOPLE = {"teams, month first", "teams, with dots", "whatsapp", "irc", "slack", "window", "csv", "comments"}


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Kolkata"])
@pytest.mark.parametrize("name", FORMATS)
def test_the_same_story_comes_back(name, zone):
    rows = story(ZoneInfo(zone))
    reading = read(FORMATS[name](rows).encode(), zone=ZoneInfo(zone), captured=date(2018, 10, 25))
    assert [entry.at for entry in reading.entries] == [at for at, _, _ in rows]
    assert [entry.text for entry in reading.entries] == [what for _, _, what in rows]
    assert [entry.author for entry in reading.entries] == [who if name in WITH_PEOPLE else "" for _, who, _ in rows]
