"""Whatever is brought: it is read or refused with one line, each line is told once, and no number of a line is invented."""

import json
from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retros.imports.found import FORMATS, Reading, Refused
from retros.imports.read import read
from tests.retros.imports.junk import archive

ASKED = {"zone": ZoneInfo("Europe/Berlin"), "day": date(2018, 10, 21), "captured": date(2018, 11, 3)}
STAMPS = st.sampled_from(
    ["2018-10-21T22:52:00Z", "2018-10-28 02:30:00", "Oct 21 22:52:00", "[10/21/2018 10:52 PM]", "03/04/2024 10:00", "22:52", "1540162320",
     "9999-99-99 99:99:99", "24:00", "<34>Oct 1 1:2:3", "Feb 29 10:00:00", "yesterday 1:00", "T+00:10", "{\"ts\":1e999}"]
)  # fmt: skip
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
LINES = st.lists(
    st.one_of(st.tuples(STAMPS, WORDS).map(" ".join), WORDS, st.just("  at a.b(c.py:1)"), st.just("")), max_size=30
)
LIMITED = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def told(data: bytes, format: str = "auto", **more) -> Reading | str:
    """The reading, or the words with which it was refused."""
    try:
        return read(data, format=format, **{**ASKED, **more})
    except Refused as refusal:
        return str(refusal)


def is_answer(found: Reading | str) -> bool:
    """Read, or refused with one line that says something."""
    return isinstance(found, Reading) or (bool(found.strip()) and "\n" not in found)


@LIMITED
@given(st.binary(max_size=400), st.sampled_from(sorted(FORMATS)))
def test_bytes_never_crash(data, format):
    assert is_answer(told(data))
    assert is_answer(told(data, format))


@LIMITED
@given(LINES, st.sampled_from(["auto", "log", "chat", "csv", "markdown"]), st.booleans())
def test_lines_never_crash_and_their_numbers_are_those_of_the_file(lines, format, is_asked):
    text = "\n".join(lines)
    reading = told(text.encode(), format, **({} if is_asked else dict.fromkeys(ASKED)))
    assert is_answer(reading)
    for entry in () if isinstance(reading, str) else reading.entries:
        assert 1 <= entry.line <= max(entry.last_line, entry.line) <= text.count("\n") + 1 + text.count("\r")
        assert entry.text
        assert (entry.at is None) == bool(entry.unclear)
        assert entry.at is None or entry.at.utcoffset() is not None
        assert len(entry.text) <= 10_000


@LIMITED
@given(LINES.filter(lambda lines: not any(c in "".join(lines) for c in "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\0")))
def test_every_line_of_a_log_is_a_moment_or_continues_one_or_is_listed(lines):
    text = "\n".join(lines)
    reading = told(text.encode(), "log")
    assert is_answer(reading)
    if isinstance(reading, str):
        return
    places = [(e.line, e.last_line or e.line) for e in reading.entries]
    places += [(p.line, p.last_line or p.line) for p in reading.skipped]
    covered = {number for first, last in places for number in range(first, last + 1)}
    assert {n for n, line in enumerate(text.split("\n"), 1) if line.strip()} <= covered
    assert len({first for first, _ in places}) == len(places), "no line is told twice"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | STAMPS,
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["ts", "text", "user", "messages", "created_at", "event", "fields", "changelog", "histories", "items", "type",
                         "log_entries", "agent", "body", "comments", "title", "incident", "attachments", "edited", "thread_ts", "time"]),
        inner, max_size=6,
    ),
    max_leaves=20,
)  # fmt: skip


@LIMITED
@given(JSON, st.sampled_from(["auto", "slack", "pagerduty", "jira", "github", "journald", "log"]))
def test_json_never_crashes(value, format):
    data = json.dumps(value).encode()
    assert is_answer(told(data, format))
    assert is_answer(told(archive({"users.json": data, "general/2018-10-21.json": data}), "auto"))
