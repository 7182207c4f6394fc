"""aar-[date]-[event-name].ending: whatever the title holds, it is one harmless name that says what it names."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retros.document.filename import file_name


@pytest.mark.parametrize(
    ("title", "date", "name"),
    [
        ("Forty-three seconds", "2026-11-18", "aar-2026-11-18-forty-three-seconds.md"),
        ("Flutter 2.8 stable release", "2021-12", "aar-2021-12-flutter-2-8-stable-release.md"),
        ("No date known", "", "aar-no-date-known.md"),
        ("データベース切替", "2026-11-18", "aar-2026-11-18-データベース切替.md"),
        ("Ausfall in Köln: Straße & Brücke", "2026-11-18", "aar-2026-11-18-ausfall-in-köln-strasse-brücke.md"),
        ("../../etc/passwd", "2026-11-18", "aar-2026-11-18-etc-passwd.md"),
        ("..\\..\\boot.ini", "2026-11-18", "aar-2026-11-18-boot-ini.md"),
        ("CON", "2026-11-18", "aar-2026-11-18-con.md"),
        ('x\r\nX-Evil: y"', "2026-11-18", "aar-2026-11-18-x-x-evil-y.md"),
        ("\u202egnp.exe", "2026-11-18", "aar-2026-11-18-gnp-exe.md"),
        (".hidden", "2026-11-18", "aar-2026-11-18-hidden.md"),
        ("🔥🔥", "2026-11-18", "aar-2026-11-18-event.md"),
    ],
)
def test_a_title_becomes_a_name(title, date, name):
    assert file_name(title, date, "md") == name


def test_one_title_in_two_encodings_has_one_name():
    assert file_name("Cafe\u0301", "2026-11-18", "md") == file_name("Café", "2026-11-18", "md")


@given(st.text(max_size=400), st.sampled_from(["", "2021-12", "2026-11-18"]), st.sampled_from(["md", "pdf"]))
def test_no_title_makes_a_path_a_header_or_a_long_name(title, date, ending):
    name = file_name(title, date, ending)
    assert re.fullmatch(rf"aar-(\d{{4}}-\d\d(-\d\d)?-)?[\w\W]+\.{ending}", name)
    assert not set(name[: -len(ending) - 1]) & set("/\\\"'<>|:*?%. \r\n\t\0")
    assert not any(unicodedata.category(c)[0] in "CZ" for c in name)
    assert len(name) <= 100
    assert len(name.encode()) <= 255
