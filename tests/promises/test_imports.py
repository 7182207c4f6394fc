"""P45: junk is refused before it grows, and nothing is stored. P48: every reader of what people bring takes time in proportion."""

import contextlib
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from actions import lint, oneline
from retros import when
from retros.imports import chats, log_lines, reviews, slack, stamps
from retros.imports.drafts import Drafts
from retros.imports.found import Refused
from retros.imports.read import read
from retros.models import Change, Import, TimelineEntry
from tests.factories import make_cast
from tests.retros.imports import junk

ZONE, DAY = ZoneInfo("UTC"), date(2018, 10, 21)


def peak() -> int:
    """The most memory this process has held since it last asked, in kilobytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0


def looked_at(make: Callable[[int], bytes], size: int, name: str) -> tuple[str, float, float]:
    """Read one file in a child of its own: what was said, seconds, megabytes that it grew by (the file itself among them)."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - a process of its own
        said = "crashed"
        seconds = grown = 0.0
        try:
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
            before = peak()
            data = make(size)
            began = time.process_time()
            try:
                reading = read(data, name)
                said = f"read {len(reading.entries)}"
            except Refused as refusal:
                said = f"refused: {refusal}"
            seconds, grown = time.process_time() - began, (peak() - before) / 1024
        finally:
            os.write(write_end, f"{seconds}\t{grown}\t{said}".encode())
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as answer:
        seconds, grown, said = answer.read().decode().split("\t")
    os.waitpid(child, 0)
    return said, float(seconds), float(grown)


@pytest.mark.promise("P45", "40 files: refused with line and reason in <= 5 s, memory <= +150 MB, 0 rows, 0 files left")
def test_junk_is_refused_in_time_and_memory(measured, is_full):
    size = 10_000_000 if is_full else 1_000_000
    found = {what: looked_at(make, size, name) for what, (name, make, _) in junk.FILES.items()}
    slowest, largest = max(found.values(), key=lambda f: f[1]), max(found.values(), key=lambda f: f[2])
    refused = sum(said.startswith("refused: ") for said, _, _ in found.values())
    measured(
        f"{len(found)} files of up to {size // 10**6} MB, {refused} refused, at most {slowest[1]:.1f} s and +{largest[2]:.0f} MB"
    )
    assert len(junk.FILES) == 40
    for what, (_, _, is_refused) in junk.FILES.items():
        said, seconds, grown = found[what]
        assert said.startswith("refused: " if is_refused else "read "), f"{what}: {said}"
        assert grown <= 150, what
        assert seconds <= 5, what


@pytest.mark.promise("P45", "40 files: refused with line and reason in <= 5 s, memory <= +150 MB, 0 rows, 0 files left")
def test_junk_stores_nothing_and_leaves_no_file(client, db, tmp_path, measured, monkeypatch):
    (left := tmp_path / "left").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(left))
    cast = make_cast()
    event = cast.event
    client.force_login(cast.scribe)
    answers: Counter[int] = Counter()
    refused = 0
    for number, (name, make, is_refused) in enumerate(junk.FILES.values()):
        if is_refused:
            path = tmp_path / f"{number}{name}"
            path.write_bytes(make(300_000))
            with pytest.raises(CommandError) as refusal:
                call_command("import_timeline", event.code, str(path))
            assert refusal.value.returncode == 2
            assert str(refusal.value).startswith(f"{path}: ")
            refused += 1
            with path.open("rb") as opened:
                answers[client.post(f"/e/{event.code}/timeline/import/", {"file": opened}).status_code] += 1
    rows = TimelineEntry.objects.count() + Import.objects.count() + Change.objects.count()
    files = len(list(left.iterdir()))
    measured(f"command refused {refused}, page answered {dict(answers)}, {rows} rows, {files} files left")
    assert (rows, files) == (0, 0)
    assert answers == {422: refused}


# --- P48 --------------------------------------------------------------------------------------------------------------
PARTS = [
    "a", " ", "[", "1", "1:", "a ", "a.", '"', "\\", "<", "<@U1|", "2018-10-21 ", "2018-10-21T22:52:00 ", "T+00:10 (", "closed when ",
    "a.Error", "- ", "|", "at ", "é", "\u0301", "ab:", "by 3 may ", "** ", "*", "_", "`", "[a](http://x ", "22:52 ", "Oct 21 ", "1/2/",
    "1.2.3.", "A,", "A ", "a\tb", '{"a":', "#", "> ", "\n", "a\n", "22:52 a: b\n", "12345:M ", 'time="', 'msg="\\', "\x1b[", "<1>",
    "&lt;", "From a to ", "-- ", '2018-10-21 22:52,"x\n',
]  # fmt: skip


def as_format(name: str) -> Callable[[str], Any]:
    return lambda text: read(text.encode(), format=name, zone=ZONE, day=DAY, captured=DAY)


READERS: dict[str, Callable[[str], Any]] = {
    "auto": as_format("auto"),
    "log": as_format("log"),
    "chat": as_format("chat"),
    "csv": as_format("csv"),
    "markdown": as_format("markdown"),
    "a line below a bar": lambda text: as_format("markdown")(f"a | b\n{text}x"),
    "one log line": lambda text: log_lines.head_of(text or " "),
    "one chat line": chats.head_of,
    "one row of a review": lambda text: reviews.row_of(text, 0, Drafts("markdown"), 1),
    "a day": chats.day_of,
    "a stamp": stamps.read_at,
    "Slack's markup": lambda text: slack.plain(text, slack.People()),
    "a moment that was typed": lambda text: when.read(text, ZONE, day=DAY),
    "an action that was typed": lambda text: oneline.read(text, [], DAY),
    "the strength of an action": lint.suggest_strength,
    "questions about an action": lint.question,
}


def taken(reader: Callable[[str], Any], text: str, tries: int = 1) -> float:
    """Seconds of this processor, the best of some tries; what else the machine does is not counted."""
    best = 60.0
    for _ in range(tries):
        began = time.process_time()
        with contextlib.suppress(ValueError):  # refused, or no time
            reader(text)
        best = min(best, time.process_time() - began)
    return best


def steepness(reader: Callable[[str], Any], text: str) -> float:
    """How many times longer twice the text takes. Where it seems too long it is asked again: a machine is slow by fits."""
    found = 99.0
    for _ in range(5):
        found = min(found, taken(reader, text + text, 3) / taken(reader, text, 3))
        if found <= 2.5:
            break
    return found


@pytest.mark.promise("P48", "50 evil strings: <= 200 ms per 100 KB, twice the length <= 2.5 times the time")
def test_readers_take_time_in_proportion(measured, is_full):
    size = 50_000 if is_full else 5_000
    steepest, slowest = (0.0, "none was long enough to tell"), (0.0, "")
    for name, reader in READERS.items():
        for part in PARTS:
            text = part * (size // len(part))
            seconds = taken(reader, text + text)
            if seconds / (2 * size) > 0.2 / 100_000:  # what is slow is looked at again, and at half the length
                seconds = taken(reader, text + text, 3)
                steepest = max(steepest, (steepness(reader, text), f"{name} on {part!r}"))
            slowest = max(slowest, (seconds / (2 * size) * 100_000, f"{name} on {part!r}"))
    measured(
        f"{len(READERS)} readers, {len(PARTS)} strings of {2 * size // 1000} KB: at most {slowest[0] * 1000:.0f} ms per 100 KB "
        f"({slowest[1]}); doubling at most {steepest[0]:.1f} times ({steepest[1]})"
    )
    assert len(PARTS) == 50
    assert steepest[0] <= 2.5, steepest
    assert slowest[0] <= 0.2 or not is_full, slowest
