"""Bytes become text, archives become files: encodings, gzip, and what is refused before it is unpacked."""

import gzip
import struct

import pytest

from retros.imports.found import Refused
from retros.imports.opening import Archive
from retros.imports.read import read
from tests.retros.imports import junk
from tests.retros.imports.junk import archive
from tests.retros.imports.records import UTC, rows

LINE = "2018-10-21T22:52:00Z Führung zieht um\n"
FOUND = [(1, "2018-10-21T22:52:00+00:00", "", "Führung zieht um")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_are_known_by_their_looks(encoding):
    reading = read((LINE * 20).encode(encoding))
    assert rows(reading)[:1] == FOUND
    assert not any(entry.guesses for entry in reading.entries)


def test_another_encoding_is_read_with_a_mark_on_the_lines_that_it_changes():
    reading = read((LINE + "2018-10-21T22:54:00Z plain\n").encode("latin-1"))
    assert rows(reading)[:1] == FOUND
    assert [entry.guesses for entry in reading.entries] == [("Not UTF-8; read as Windows-1252.",), ()]


def test_a_rotated_log_and_an_archive_of_one_file():
    assert rows(read(gzip.compress(LINE.encode()), "app.log.gz")) == FOUND
    assert rows(read(archive({"app.log": LINE, "__MACOSX/._app.log": b"\0\0"}), "app.zip")) == FOUND


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (gzip.compress(bytes(30_000_000), mtime=0), "unpacks to more than 20 MB"),
        (gzip.compress(LINE.encode() * 50, mtime=0)[:-20], "gzip file is cut off|gzip file is damaged"),
        (b"\x1f\x8b junk", "gzip file is damaged"),
        (b"%PDF-1.7 x", "this is a PDF. Bring its text."),
        (b"", "the file is empty"),
        (b" \n\t\n", "the file is empty"),
        (LINE.encode() + b"\0", "line 2: a NUL character"),
        (b"x" * (20 * 1024 * 1024 + 1), "larger than 20 MB"),
        (archive({"a.log": LINE, "b.log": LINE}), "this one holds a.log, b.log"),
    ],
)
def test_what_is_no_text_is_refused_with_the_reason(data, why):
    with pytest.raises(Refused, match=why):
        read(data, zone=UTC)


@pytest.mark.parametrize("what", junk.FILES)
def test_every_kind_of_junk_is_refused_or_read(what):
    name, make, is_refused = junk.FILES[what]
    data = make(300_000)
    if is_refused:
        with pytest.raises(Refused):
            read(data, name)
    else:
        assert read(data, name).entries


def test_a_file_without_a_name_is_damage():
    data = archive({"users.json": "[]", "a/2018-10-21.json": "[]"})
    start = data.index(b"PK\x01\x02")
    with pytest.raises(Refused, match="damaged"):
        read(data[: start + 28] + b"\0\0" + data[start + 30 : start + 46] + data[start + 56 :])


def test_entries_are_counted_although_the_small_list_tells_of_one():
    data = archive({f"general/{i}.json": "" for i in range(6_000)})
    end = data.rindex(b"PK\x05\x06")
    count, size, start = struct.unpack("<HII", data[end + 10 : end + 20])
    large = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
    large += struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    small = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, 60, start, 0)
    with pytest.raises(Refused, match="more than 5,000 files"):
        Archive(data[:end] + large + small)


def test_names_that_would_write_to_a_terminal_are_one_line_of_plain_words():
    with pytest.raises(Refused) as refusal:
        read(archive({"users.json": "[]", "../\x1b[31m\nx/2018-10-21.json": "[]"}))
    assert str(refusal.value).isprintable()
