"""Reading the bytes of an event file: safe, limited, one line per refusal."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retros.exchange.reading import MAX_BYTES, MAX_OWN_BYTES, Unreadable, read


def test_timestamps_stay_the_words_of_the_file():
    data = read(b"at: 2026-05-12T09:10:00+02:00\nday: 2026-05-12\n")
    assert data == {"at": "2026-05-12T09:10:00+02:00", "day": "2026-05-12"}


def test_json_is_read_by_the_same_door():
    assert read(json.dumps({"title": "Größe"}).encode()) == {"title": "Größe"}


def test_an_alias_may_repeat_a_text():
    assert read(b"a: &s one\nb: *s\n") == {"a": "one", "b": "one"}


BOMB = b"a: &a [x, x]\n" + b"".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n".encode() for i in range(20)
)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\xff\xfe\x00t", "UTF-8"),
        (b"title: a\x00b", "NUL"),
        (b"- one\n- two\n", "mapping"),
        (b"", "mapping"),
        (b"title: [unclosed", "line 1"),
        (b"title: one\ntitle: two\n", "line 2: 'title' is given twice"),
        (b'{"title": 1, "title": 2}', "given twice"),
        (b'{"n": NaN}', "NaN"),
        (b"{" + b'"a":{' * 200 + b"}" * 201, "nested deeper"),
        (b'{"a":' + b"[" * 100_000, "nested deeper"),
        (b"a: " + b"[" * 200, "nested deeper"),
        (BOMB, "an alias may only repeat a text"),
        (b"x: !!python/object/apply:os.system [ls]", "line 1"),
        (b"x" * (MAX_BYTES + 1), "at most 2,097,152 bytes"),
        (b"hindcast: 1\n" + b"#" * MAX_OWN_BYTES, "at most 10,485,760 bytes"),
        (b'{"n": ' + b"9" * 5000 + b"}", "too long"),
        (b"n: " + b"9" * 5000, "not valid YAML"),
        (b'{"n": 1e999}', "something else"),
        (b"n: .inf\nm: .nan\n", "something else"),
        (b'{"title": "half \\ud800 a letter"}', "something else"),
        (b'{"half \\ud800": 1}', "something else"),
        (b"x: !!binary aGVsbG8=\n", "something else"),
        (b"x: !!set {a, b}\n", "something else"),
        (b"? [a, b]\n: c\n", "the name of a field is a text"),
        (b"? {a: b}\n: c\n", "the name of a field is a text"),
        (b"title: \xe9", "byte 8 is not UTF-8"),
        (b"title: a\n---\ntitle: b\n", "another document"),
        (b"title: *nobody\n", "an alias may only repeat a text"),
    ],
)
def test_what_cannot_be_read_costs_one_line_that_says_why(raw, words):
    with pytest.raises(Unreadable) as refusal:
        read(raw)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_what_an_event_of_many_moments_is_written_into_comes_in():
    assert read(b"hindcast: 1\n#" + b"." * MAX_BYTES) == {"hindcast": 1}


def test_many_names_are_read_in_time_that_grows_with_them():
    names = 20_000
    assert len(read(json.dumps({f"k{n}": n for n in range(names)}).encode())) == names
    with pytest.raises(Unreadable, match="'k7' is given twice"):
        read(("{" + ",".join(f'"k{n}": 1' for n in [*range(names), 7]) + "}").encode())


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_whatever_the_bytes_it_is_a_mapping_or_refused(raw):
    with suppress(Unreadable):
        assert isinstance(read(raw), dict)
