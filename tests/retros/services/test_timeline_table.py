"""The timeline as CSV: everything that is known of a moment, what the filter asks for, and no formula."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.http import QueryDict

from aar_site.tables import as_typed
from retros.services import entries, timeline_filter, timeline_table
from tests.factories import START, make_entry, make_user


def table(event, query=""):
    text = timeline_table.as_csv(event, timeline_filter.read(event, QueryDict(query)))
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_a_moment_says_everything(cast):
    make_entry(cast.event, "Two\nlines", minutes=10, utc_offset=120, precision="approx", until=START + timedelta(minutes=15), type="signal",
               landmark="detected", source="log", source_label="pager", source_url="https://x.example/1", raw="23:02Z ALERT",
               is_key=True, is_planned=True, author="marcus", created_by=make_user("Ines"))  # fmt: skip
    entries.insert(cast.event, by=None, when=None, text="vague", at_text="later that night")
    known, vague = table(cast.event)
    assert known == {
        "Offset": "T+00:00", "When": "2018-10-22T01:02:00+02:00", "Until": "2018-10-22T01:07:00+02:00",
        "When, as given": "about 01:02", "Precision": "approx", "What happened": "Two\nlines", "Who": "marcus", "Type": "Signal",
        "Marks": "Detected", "Known from": "Log", "Where exactly": "pager", "Link": "https://x.example/1",
        "Quoted": "23:02Z ALERT", "Key": "yes", "Planned": "yes", "Added by": "Ines",
    }  # fmt: skip
    assert (vague["When"], vague["When, as given"], vague["Offset"], vague["Added by"]) == (
        "",
        "later that night",
        "",
        "",
    )


def test_the_filter_counts_and_what_was_removed_is_not_there(cast):
    make_entry(cast.event, "a", is_key=True)
    make_entry(cast.event, "b", minutes=1)
    make_entry(cast.event, "gone", minutes=2, removed_at=START)
    assert [row["What happened"] for row in table(cast.event)] == ["a", "b"]
    assert [row["What happened"] for row in table(cast.event, "show=key")] == ["a"]
    assert table(cast.event, "q=nothing") == []


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", " =", "\uff1d", "\uff20"])
@pytest.mark.parametrize("before", ["", "x;", "x; ", "x\t", "x\n", '"x";'])
def test_no_cell_is_a_formula_nor_what_is_cut_out_of_one(cast, before, sign):
    text = f"{before}{sign}HYPERLINK('http://x.example')"
    make_entry(cast.event, text, source_label=text, raw=text)
    (row,) = table(cast.event)
    for column in ("What happened", "Where exactly", "Quoted"):
        cells = re.split("[;\t\r\n]", row[column])
        assert not [cell for cell in cells if cell.strip().startswith((*"=+-@\uff1d\uff20",))]
        assert as_typed(row[column]) == text


@pytest.mark.parametrize("size", [1, 3])
def test_any_number_costs_three_queries(cast, django_assert_num_queries, size):
    for n in range(size):
        make_entry(cast.event, minutes=n, created_by=make_user())
    with django_assert_num_queries(3):
        assert len(table(cast.event)) == size
