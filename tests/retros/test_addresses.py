"""Lists of people as they are pasted."""

import time

import pytest

from retros.addresses import parse


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@x.org", [("", "a@x.org")]),
        ("Femi Ade <femi@x.org>", [("Femi Ade", "femi@x.org")]),
        ("<a@x.org>", [("", "a@x.org")]),
        ("mailto:a@x.org", [("", "a@x.org")]),
        ('"Doe, Jane" <j@x.org>, b@x.org', [("Jane Doe", "j@x.org"), ("", "b@x.org")]),
        ("Doe, Jane <j@x.org>; Li <l@x.org>", [("Jane Doe", "j@x.org"), ("Li", "l@x.org")]),
        ("a@x.org\r\nb@x.org;c@x.org, d@x.org", [("", f"{c}@x.org") for c in "abcd"]),
        (" ,,;\n\n", []),
    ],
)
def test_people_are_read_as_mail_programs_write_them(text, found):
    assert parse(text) == (found, [])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("nonsense, a@x.org", ["nonsense"]),
        ("a@x.org b@x.org", ["a@x.org b@x.org"]),
        ("Femi <femi>", ["Femi <femi>"]),
        ("<script>alert(1)</script>", ["<script>alert(1)</script>"]),
        ('"Doe, Jane"', ["Doe", "Jane"]),
        ("a@x", ["a@x"]),
    ],
)
def test_what_is_no_address_is_told_as_it_was_typed(text, wrong):
    assert parse(text)[1] == wrong


@pytest.mark.parametrize("piece", ["a, ", "<", '"', "a@", "a@a.", "a b ", "<>,"])
def test_a_long_list_takes_as_long_as_it_is(piece):
    def seconds(text: str) -> float:
        begun = time.process_time()  # whatever else the machine does
        parse(text)
        return time.process_time() - begun

    assert seconds(piece * 5_000) < 1
