"""Forty files that are no record, or one that hurts: made on the spot, small for every test run and 10 MB for the promise."""

import io
import json
import random
import stat
import struct
import zipfile
from collections.abc import Callable

LINE = "2018-10-21T22:52:00Z leaders moved\n"
USERS = json.dumps([{"id": "U1", "name": "priya"}])
DAY = "general/2018-10-21.json"


def archive(files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


def messages(*ts: object) -> str:
    return json.dumps([{"type": "message", "user": "U1", "text": "words", "ts": value} for value in ts])


def export(day: str, **more: str) -> bytes:
    return archive({"users.json": USERS, "channels.json": "[]", DAY: day, **more})


def noise(size: int) -> bytes:
    return random.Random(45).randbytes(size)  # noqa: S311 - the same noise each time


def link(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        info = zipfile.ZipInfo(DAY)
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(info, "/etc/passwd")
        packed.writestr("users.json", USERS)
    return out.getvalue()


def flagged(data: bytes, offset: int, value: bytes, signature: bytes = b"PK\x01\x02") -> bytes:
    """Overwrite a field of the first entry of the list at the end of a zip."""
    place = data.index(signature) + offset
    return data[:place] + value + data[place + len(value) :]


def overlapping(size: int) -> bytes:
    data = archive({"users.json": USERS, DAY: messages("1540162320.1")})
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    return data[: second + 42] + struct.pack("<I", 0) + data[second + 46 :]


def lying(size: int) -> bytes:
    """Says that a file is short that is not."""
    data = archive({DAY: "[" + "0," * 50_000 + "0]", "users.json": USERS})
    return flagged(data, 24, struct.pack("<I", 10))


def many(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for i in range(max(6_000, size // 100)):
            packed.writestr(f"general/{i}.json", "[]")
    return out.getvalue()


# Name -> (name of the file, bytes by size, whether it is refused; the others are read, and what is wrong is listed).
FILES: dict[str, tuple[str, Callable[[int], bytes], bool]] = {
    "random bytes": ("a.log", noise, True),
    "random bytes with a log's name": ("syslog", lambda n: b"\x7f" + noise(n), True),
    "only NULs": ("a.txt", bytes, True),
    "a NUL in a log": ("a.log", lambda n: LINE.encode() * 100 + b"\0" * n, True),
    "one line": ("a.log", lambda n: b"x" * n, True),
    "one line that begins with a time": ("a.log", lambda n: LINE.strip().encode() + b" x" * (n // 2), True),
    "one line of digits": ("a.log", lambda n: b"1" * n, True),
    "one line of spaces": ("a.log", lambda n: b" " * n, True),
    "only line breaks": ("a.log", lambda n: b"\n" * n, True),
    "lines without times": ("a.log", lambda n: b"nothing here\n" * (n // 13), True),
    "open brackets": ("a.json", lambda n: b"[" * n, True),
    "open braces": ("a.json", lambda n: b'{"a":' * (n // 5), True),
    "empty objects": ("a.json", lambda n: b"[" + b"{}," * (n // 3) + b"{}]", True),
    "empty lists in a list": ("a.json", lambda n: b"[[" + b"[]," * (n // 3) + b"[]]]", True),
    "short texts in an object": ("a.json", lambda n: b'{"a":[' + b'"aa",' * (n // 5) + b'"a"]}', True),
    "a number of digits": ("a.json", lambda n: b'[{"ts":' + b"9" * n + b',"text":"x"}]', True),
    "JSON that breaks off": ("a.json", lambda n: ("[" + messages(*["1540162320.1"] * 50)[1:-40]).encode(), True),
    "UTF-16 that breaks off": ("a.log", lambda n: b"\xff\xfe" + (LINE * 50).encode("utf-16-le")[:-1] + b"\xd8", True),
    "UTF-32": ("a.log", lambda n: (LINE * 50).encode("utf-32"), True),
    "a mark of UTF-8 and other bytes": ("a.log", lambda n: b"\xef\xbb\xbf" + b"\xff\xfa" * (n // 2), True),
    "Latin letters in another encoding": ("a.log", lambda n: "2018-10-21T22:52:00Z Führung\n".encode("latin-1") * 50, False),
    "UTF-16 as spreadsheets save it": ("a.csv", lambda n: "when;text\n2018-10-21 22:52;x\n".encode("utf-16"), False),
    "columns": ("a.csv", lambda n: b",".join(b"c%d" % i for i in range(10_000)) + b"\n" + b"x," * 9_999 + b"x\n", True),
    "quotes that never close": ("a.csv", lambda n: b'when,text\n' + b'2018-10-21 22:52,"x\n' * 2_000, True),
    "a heading alone": ("a.csv", lambda n: b"when,text\n", True),
    "97 KB that unpack to 100 MB": ("a.zip", lambda n: archive({"users.json": USERS, DAY: b" " * (n * 10)}), True),
    "an archive in an archive": ("a.zip", lambda n: archive({"users.json": USERS, DAY: "[]", "b.zip": archive({"c": "d"})}), True),
    "entries": ("a.zip", many, True),
    "a name that leads out": ("a.zip", lambda n: archive({"users.json": USERS, "../general/2018-10-21.json": "[]"}), True),
    "an absolute name": ("a.zip", lambda n: archive({"users.json": USERS, "/general/2018-10-21.json": "[]"}), True),
    "a link": ("a.zip", link, True),
    "encrypted": ("a.zip", lambda n: flagged(export(messages("1540162320.1")), 8, b"\x01\x00"), True),
    "overlapping entries": ("a.zip", overlapping, True),
    "a size that lies": ("a.zip", lying, True),
    "an archive that breaks off": ("a.zip", lambda n: export(messages("1540162320.1"))[:-30], True),
    "times that are none": ("a.zip", lambda n: export(messages("NaN", "1e999", "-1", "253402300799", None, 1e308, [], {})), True),
    "users.json missing": ("a.zip", lambda n: archive({DAY: messages("1540162320.1")}), False),
    "texts that are lists": ("a.json", lambda n: json.dumps([{"ts": "1540162320.1", "user": "U1", "text": ["a"]}] * 50).encode(), True),
    "a million messages": ("a.json", lambda n: b"[" + b'{"ts":"1540162320"},' * (n // 20) + b"{}]", True),
    "more moments than a timeline holds": ("a.log", lambda n: LINE.encode() * max(20_001, n // len(LINE)), True),
}  # fmt: skip
