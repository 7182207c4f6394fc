"""Every spelling of a time, with what it says and what it leaves open."""

import pytest

from retros.imports.stamps import read_at

SPELLINGS = {
    # ISO 8601 and its relatives
    "2018-10-21T22:52:00Z": "2018-10-21 22:52:00 +0",
    "2018-10-21t22:52:00z": "2018-10-21 22:52:00 +0",
    "2018-10-21T22:52Z": "2018-10-21 22:52:00 +0",
    "2018-10-21T22:52:00.123456789+02:00": "2018-10-21 22:52:00.123456 +120",
    "2018-10-21 22:52:00,123": "2018-10-21 22:52:00.123000",
    "2018-10-21 22:52:00 -0700": "2018-10-21 22:52:00 -420",
    "2018-10-21 22:52:00+02": "2018-10-21 22:52:00 +120",
    "2018-10-21 22:52:00 UTC": "2018-10-21 22:52:00 +0",
    "2018-10-21 22:52:00 GMT+2": "2018-10-21 22:52:00 +120",
    "2018-10-21 22:52:00 UTC+5:30": "2018-10-21 22:52:00 +330",
    "21 Oct 2018, 22:52 UTC\u22123": "2018-10-21 22:52:00 -180",
    "21 Oct 2018, 22:52 UTC\u22123:30": "2018-10-21 22:52:00 -210",
    "2018-10-21 22:52:00 PDT": "2018-10-21 22:52:00 PDT",
    "2018/10/21 22:52:00": "2018-10-21 22:52:00",
    "2018.10.21 22:52:00": "2018-10-21 22:52:00",
    "2018-10-21_22:52:00": "2018-10-21 22:52:00",
    "20181021T225200Z": "2018-10-21 22:52:00 +0",
    "20181021 22:52:00": "2018-10-21 22:52:00",
    "2018-10-21": "2018-10-21",
    # Seconds since 1970
    "1540162320": "1540162320.000000",
    "1540162320.5": "1540162320.500000",
    "1540162320123": "1540162320.123000",
    "1540162320123456": "1540162320.123456",
    "1540162320123456789": "1540162320.123456",
    # Logs
    "Oct 21 22:52:00": "?-10-21 22:52:00",
    "Oct  1 22:52:00": "?-10-01 22:52:00",
    "21/Oct/2018:22:52:00 +0000": "2018-10-21 22:52:00 +0",
    "Sun Oct 21 22:52:00.123456 2018": "2018-10-21 22:52:00.123456",
    "Sun Oct 21 22:52:00 UTC 2018": "2018-10-21 22:52:00 +0",
    "Sun, 21 Oct 2018 22:52:00 +0000": "2018-10-21 22:52:00 +0",
    "21-Oct-2018 22:52:00.123": "2018-10-21 22:52:00.123000",
    "Oct 21, 2018 10:52:00 PM": "2018-10-21 10:52:00 pm",
    # Chats, in several languages
    "10/21/2018 10:52 PM": "2018-10-21 10:52:00 pm",
    "10/21/2018, 10:52 p.m.": "2018-10-21 10:52:00 pm",
    "21/10/2018 22:52": "2018-10-21 22:52:00",
    "21.10.2018, 22:52": "2018-10-21 22:52:00",
    "21.10.18 22:52": "18-10-21 22:52:00",
    "03/04/2024 10:00": "2024-(3,4) 10:00:00",
    "3/4 10:00 am": "?-(3,4) 10:00:00 am",
    "04/04/2024 10:00": "2024-04-04 10:00:00",
    "22:52 • 13/08/2024": "2024-08-13 22:52:00",
    "October 21st, 2018 at 10:52 PM": "2018-10-21 10:52:00 pm",
    "Sunday, October 21st": "?-10-21",
    "21. Oktober 2018 um 22:52 Uhr": "2018-10-21 22:52:00",
    "21 de octubre de 2018, 16:52": "2018-10-21 16:52:00",
    "21 août 2018 à 22:52": "2018-08-21 22:52:00",
    "2018年10月21日 22:52": "2018-10-21 22:52:00",
    "Yesterday 4:52 PM": "yesterday 04:52:00 pm",
    "Gestern um 22:52": "yesterday 22:52:00",
    "Monday 10:42 AM": "monday 10:42:00 am",
    "22:52": "22:52:00",
    "22:52:07.250": "22:52:07.250000",
    "22h52": "22:52:00",
    "22:52 -0700": "22:52:00 -420",
    "about 23:02": "about 23:02:00",
}
NO_TIMES = [
    "12 nodes lost",
    "10.12.11.5 - -",
    "1.23 beta",
    "32/13/2018",
    "may be 12",
    "v2018",
    "so 12:30",
    "",
    "-",
    "99/99/9999",
    "1540",
]


def told(text: str) -> str:
    found = read_at(text)
    if found is None:
        return ""
    stamp, end = found
    assert end == len(text), f"read up to “{text[:end]}”"
    if stamp.at:
        return f"{stamp.at.timestamp():.6f}"
    parts = ["about"] if stamp.is_about else []
    if stamp.word:
        parts.append(stamp.word)
    elif stamp.pair:
        parts.append(f"{stamp.year or '?'}-({stamp.pair[0]},{stamp.pair[1]})")
    elif stamp.month:
        parts.append(f"{stamp.year or '?'}-{stamp.month:02}-{stamp.day:02}")
    if stamp.hour is not None:
        parts.append(
            f"{stamp.hour:02}:{stamp.minute:02}:{stamp.second:02}" + (f".{stamp.micro:06}" if stamp.micro else "")
        )
    if stamp.half:
        parts.append(stamp.half)
    if stamp.offset is not None:
        parts.append(f"{stamp.offset:+}")
    return " ".join([*parts, stamp.zone] if stamp.zone else parts)


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_time_says_what_stands_there(text):
    assert told(text) == SPELLINGS[text]


@pytest.mark.parametrize("text", NO_TIMES)
def test_other_numbers_are_no_times(text):
    found = read_at(text)
    assert found is None or found[1] < len(text) / 2


@pytest.mark.parametrize("words", ["3/4 of all shards are back", "may 5 nodes fail", "12 of 40", "1.2 is out"])
def test_what_a_sentence_counts_behind_a_clock_is_no_day(words):
    stamp, end = read_at(f"22:52 {words}") or (None, 0)
    assert stamp is not None
    assert (stamp.has_date, end) == (False, 5)


def test_a_number_behind_a_clock_is_no_offset():
    stamp, end = read_at("22:52 -10 replicas lag") or (None, 0)
    assert stamp is not None
    assert (stamp.offset, end) == (None, 5)
