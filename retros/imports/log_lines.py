"""Log lines as machines spell them: ISO 8601, syslog, access logs, klog, epoch, applications; with the lines that continue them."""

import re
from collections import Counter
from dataclasses import dataclass

from retros.imports import limits, log_objects
from retros.imports.chats import day_of
from retros.imports.drafts import NO_TIME, TOO_LONG, Draft, Drafts, clean, follow, lines_of
from retros.imports.found import Refused
from retros.imports.stamps import Stamp, read_at


@dataclass(slots=True)
class Head:
    """What stands before the message of one line. `pos` is where the message begins."""

    stamp: Stamp
    pos: int
    kind: str
    label: str = ""  # host and program
    text: str | None = None  # where the message is not the rest of the line


_DIGIT = re.compile(r"\d")
_PRIORITY = re.compile(r"<\d{1,3}>")
_SYSLOG_5424 = re.compile(r"(\d{1,2}) (\S{20,40}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) ", re.ASCII)
_SYSLOG_TAG = re.compile(r"\s?(\S{1,255}) ([^\s:\[]{1,64})(?:\[([^\]\s]{1,32})\])?: ?")
_SYSLOG_HOST = re.compile(r"\s?(\S{1,255}) ")
_KLOG = re.compile(
    r"[IWEF](\d{4})?(\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{1,9})\s{1,8}\d{1,10} ([^\s\]]{1,200})\] ?", re.ASCII
)
_ACCESS = re.compile(r"\[(\d{1,2}/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] ?", re.ASCII)
_ACCESS_HEAD = re.compile(r"(?:\S{1,255} )?\S{1,255} \S{1,64} [^\[\]\"\s]{1,80} \[")
_AUDIT = re.compile(r"type=\S{1,40} msg=audit\((\d{10}\.\d{3}):\d{1,12}\):? ?", re.ASCII)
_UPTIME = re.compile(r"\[\s{0,8}\d{1,8}\.\d{6}\]", re.ASCII)
_REDIS = re.compile(r"\d{1,8}:[A-Z] ", re.ASCII)
_LOGFMT = re.compile(r"(?:^|\s)(?:time|ts|timestamp|t|at|datetime)=\"?")
_MSG = re.compile(r"(?:^|\s)(?:msg|message)=(\"(?:[^\"\\]|\\.)*\"|\S*)")
# What may stand before a time: a level, a bracketed word, the name of a container.
_BEFORE = re.compile(
    r"(?:(?:\[[A-Za-z][\w.:/-]{0,40}\]|[A-Z]{4,9}:?|[\w.@/-]{1,64}\s{0,24}\||\(\w{1,20}\)|(?:pod|deployment)/\S{1,80}|"
    r"(?:https?|h2|grpcs?|wss?|tls)(?=\s\d{4}-)|# Time:)\s{1,4}|[\[(<\"'])"
)
_AFTER = re.compile(r"[\]\)>\"']?[\s:|,;\u2013\u2014-]{0,4}")
_FOLLOWS = re.compile(
    r"\s|[})\]|+]|Traceback |Exception in thread |Caused by:|During handling|The above exception|Suppressed:|\.\.\. \d+ |at [\w$.<]+[(:]|"
    r"goroutine \d|panic:|created by |exit status|stack backtrace|note: run with|File \"|[-=~^]{3,}|"
    r"# (?:User@Host|Query_time|Thread_id|Schema)|(?:INFO|WARNING|SEVERE|FINE|CONFIG): |(?:HINT|DETAIL|STATEMENT|CONTEXT|QUERY|LOCATION):|"
    r"[A-Za-z_][\w$]*(?:[.:]{1,2}[A-Za-z_][\w$]*){0,20}(?:Error|Exception|Warning|Exit|Interrupt|Throwable)\b"
)
# The exception itself, below the frames of its stack; a frame of Go, above its place.
_LAST = re.compile(r"[A-Za-z_][\w$.]{2,120}(?::\s|$)|[\w./*()-]{3,200}\([^()\s]{0,200}\)$")
_DATA = re.compile(r"\[(?:[^\]\"\\]|\"(?:[^\"\\]|\\.)*\"|\\.)*\]")
_LABELS = {
    "iso": "ISO 8601", "syslog": "syslog (RFC 3164)", "syslog5424": "syslog (RFC 5424)", "access": "access log",
    "klog": "klog", "epoch": "seconds since 1970", "json": "JSON", "logfmt": "logfmt", "date": "dated lines", "clock": "clocks",
}  # fmt: skip
_NO_UPTIME = "Counts seconds since the machine started; that is no time of day."


def read(text: str, drafts: Drafts) -> None:
    """Fill the drafts; raises Refused where no line has a time."""
    kinds: Counter[str] = Counter()
    current: Draft | None = None
    following, in_trace = 0, False
    for number, line in lines_of(text):
        drafts.lines = number
        if not line.strip():
            continue
        if len(line) > limits.MAX_LINE:
            drafts.skip(number, TOO_LONG, line)
            current = None
            continue
        head = head_of(line) if _DIGIT.search(line) else None
        if (head is None or head.kind == "date") and (day := day_of(line)):
            drafts.add(Draft(number, day, line, is_day=True))
            current = None
        elif head:
            current, following, in_trace = _draft(number, line, head), 0, False
            kinds[head.kind] += 1
            drafts.add(current)
        elif (
            current and following < limits.MAX_FOLLOWING and (_FOLLOWS.match(line) or (in_trace and _LAST.match(line)))
        ):
            follow(current, line)
            current.last_line, following = number, following + 1
            in_trace = line[0].isspace() or line.startswith("goroutine ")
        else:
            drafts.skip(number, _why_not(line), line)
            current = None
    if not kinds:
        first = drafts.skipped[0] if drafts.skipped else None
        raise Refused(
            f"line {first.line if first else 1}: no line begins with a time that is understood: “{first.text[:60] if first else ''}”. "
            "Name the format, or cut away what stands before the times."
        )
    names = [_LABELS[kind] for kind, _ in kinds.most_common(2)]
    drafts.label = "Log lines: " + " and ".join(names)
    drafts.in_order = True


def head_of(line: str) -> Head | None:
    """The time at the head of a line; None where it has none."""
    first = line[0]
    if first == "{" or (first in "d\x1e" and line.startswith(("data: {", "\x1e{"))):
        return _object(line)
    pos = 0
    if first == "t" and (match := _AUDIT.match(line)) and (found := read_at(match[1])):
        return Head(found[0], match.end(), "epoch")
    if first == "<" and (match := _PRIORITY.match(line)):
        pos = match.end()
        if syslog := _SYSLOG_5424.match(line, pos):
            return _syslog_5424(line, syslog)
    elif first in "IWEF" and (match := _KLOG.match(line)):
        return _klog(match)
    elif first.isdigit() and line[1:3] == " 2" and (syslog := _SYSLOG_5424.match(line)):
        return _syslog_5424(line, syslog)
    return _access(line) or _written(line, pos) or _logfmt(line)


def _written(line: str, pos: int) -> Head | None:
    """A time that stands first, or behind a level, a bracket, the name of a container."""
    for _ in range(4):
        found = read_at(line, pos)
        if found:
            stamp, end = found
            return _headed(line, stamp, end)
        before = _REDIS.match(line, pos) or _BEFORE.match(line, pos)
        if not before:
            return None
        pos = before.end()
    return None


def _headed(line: str, stamp: Stamp, end: int) -> Head | None:
    if end < len(line) and (line[end].isalnum() or line[end] in "%/"):
        return None
    kind = "epoch" if stamp.at else "date" if stamp.hour is None else "iso" if stamp.text[:4].isdigit() else "date"
    if kind != "epoch" and stamp.hour is not None and not stamp.has_date:
        kind = "clock"
    elif kind == "date" and stamp.hour is not None and stamp.year is None:
        return _syslog(line, stamp, end)
    if stamp.hour is None and not stamp.at and len(stamp.text) < 8:
        return None
    return Head(stamp, _after(line, end), kind)


def _syslog(line: str, stamp: Stamp, end: int) -> Head:
    if tag := _SYSLOG_TAG.match(line, end):
        return Head(stamp, tag.end(), "syslog", f"{tag[1]} {tag[2]}")
    host = _SYSLOG_HOST.match(line, end)
    return Head(stamp, host.end() if host else end, "syslog", host[1] if host else "")


def _after(line: str, end: int) -> int:
    match = _AFTER.match(line, end)
    return match.end() if match else end


def _syslog_5424(line: str, match: re.Match[str]) -> Head | None:
    found = read_at(match[2])
    if not found:
        return None
    pos = match.end()
    if line.startswith("-", pos):
        pos += 1
    else:
        while data := _DATA.match(line, pos):
            pos = data.end()
    label = " ".join(part for part in (match[3], match[4]) if part != "-")
    text = line[pos:].strip().removeprefix("\ufeff")
    return Head(found[0], pos, "syslog5424", label, text or None)


def _klog(match: re.Match[str]) -> Head:
    year, month, day, hour, minute, second, part, place = match.groups()
    stamp = Stamp(match[0].split("  ")[0][:32], int(year) if year else None, int(month), int(day))
    stamp.hour, stamp.minute, stamp.second, stamp.micro = (
        int(hour),
        int(minute),
        int(second),
        int(part[:6].ljust(6, "0")),
    )
    return Head(stamp, match.end(), "klog", place)


def _access(line: str) -> Head | None:
    if not _ACCESS_HEAD.match(line):
        return None
    match = _ACCESS.search(line, 0, 500)
    found = read_at(match[1]) if match else None
    return Head(found[0], match.end(), "access") if match and found else None


def _logfmt(line: str) -> Head | None:
    match = _LOGFMT.search(line, 0, 300)
    found = read_at(line, match.end()) if match else None
    if not match or not found or (found[0].hour is None and found[0].at is None):
        return None
    said = _MSG.search(line, 0, limits.MAX_LINE)
    text = (
        said[1].removeprefix('"').removesuffix('"').replace('\\"', '"')
        if said
        else line[: match.start()] + line[found[1] :].lstrip('"')
    )
    return Head(found[0], found[1], "logfmt", "", text.strip())


def _object(line: str) -> Head | None:
    found = log_objects.parsed_line(line)
    return Head(found.stamp, 0, "json", found.label, found.text) if found and found.stamp else None


def _draft(number: int, line: str, head: Head) -> Draft:
    text = clean(line[head.pos :] if head.text is None else head.text).strip()
    return Draft(number, head.stamp, text or clean(line).strip(), source_label=head.label, raw=clean(line))


def _why_not(line: str) -> str:
    if _UPTIME.match(line):
        return _NO_UPTIME
    if line.startswith("#"):
        return "A comment."
    if line.startswith("{"):
        return "The object has no time." if log_objects.parsed_line(line) else "Begins like a JSON object and is none."
    return NO_TIME
