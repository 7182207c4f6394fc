"""Reading the bytes of an event file: safe, limited, one line per refusal."""

import json

import pytest

from retros.exchange.reading import MAX_BYTES, Unreadable, read


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
        (b"x" * (MAX_BYTES + 1), "bytes"),
        (b'{"n": ' + b"9" * 5000 + b"}", "too long"),
    ],
)
def test_what_cannot_be_read_costs_one_line_that_says_why(raw, words):
    with pytest.raises(Unreadable) as refusal:
        read(raw)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)
