"""Filters of the timeline: groups are met together, values of one group each by itself; links add and take away."""

from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from retros.services import outline, timeline_filter
from tests.factories import make_entry, make_event, make_user


@pytest.fixture
def event(db):
    event, ines, tom = make_event(), make_user("Ines"), make_user("Tom")
    for n, extra in enumerate((
        {"source": "log", "is_key": True, "type": "signal", "created_by": ines},
        {"source": "log", "landmark": "detected", "raw": "kernel: Out of memory", "created_by": tom},
        {"source": "chat", "is_key": True, "type": "decision", "created_by": tom, "source_label": "#ops", "author": "Marcus O."},
        {"source": "memory", "is_planned": True},
    )):  # fmt: skip
        make_entry(event, f"moment {n} of 100%", minutes=n, **extra)
    return event


def texts(event, query):
    marks = outline.of(event)
    chosen = timeline_filter.read(event, QueryDict(query))
    return [n for n, mark in enumerate(marks) if chosen.lets(mark)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [0, 1, 2, 3]),
        ("show=key", [0, 2]),
        ("show=landmarks", [1]),
        ("show=planned", [3]),
        ("source=log", [0, 1]),
        ("source=log&source=chat", [0, 1, 2]),
        ("source=log&show=key", [0]),
        ("type=decision&type=signal", [0, 2]),
        ("show=key&show=landmarks", []),
        ("q=MOMENT+2", [2]),
        ("q=memory+kernel", [1]),
        ("q=%23ops", [2]),
        ("q=marcus", [2]),
        ("who=Marcus+O.", [2]),
        ("who=Marcus+O.&source=log", []),
        ("who=Nobody", []),
        ("q=100%25", [0, 1, 2, 3]),
        ("q=100%25%25", []),
        ("source=x%27+OR+1&show=nonsense&by=-1&type=%00", [0, 1, 2, 3]),
        ("q=%00", [0, 1, 2, 3]),
        ("by=999999999", []),
    ],
)
def test_what_a_filter_lets_through(event, query, found):
    assert texts(event, query) == found


def test_letters_beyond_ascii_are_found_in_any_case(event):
    make_entry(event, "Rückfall auf die ÄLTERE Fassung", minutes=9)
    make_entry(event, "Élodie ruft an", minutes=10)
    for q, count in (("RÜCKFALL", 1), ("ältere", 1), ("élodie", 1), ("ÉLODIE", 1), ("ö", 0)):
        assert len(texts(event, urlencode({"q": q}))) == count, q


def test_by_whoever_added_it(event):
    tom = outline.of(event)[1].created_by_id
    assert texts(event, f"by={tom}") == [1, 2]
    assert texts(event, f"by={tom}&source=chat") == [2]


def test_links_count_what_they_leave_and_keep_the_others(event):
    chosen = timeline_filter.read(event, QueryDict("show=key&q=moment"))
    links = timeline_filter.first_row(outline.of(event), chosen)
    assert [(link.words, link.count, link.is_on, link.query) for link in links] == [
        ("All", 4, False, ""),
        ("Key", 2, True, "q=moment"),
        ("Log", 1, False, "show=key&source=log&q=moment"),
        ("Chat", 1, False, "show=key&source=chat&q=moment"),
    ]


def test_types_and_people_are_offered_where_there_is_a_choice(event):
    found = timeline_filter.further(event, outline.of(event), timeline_filter.Filter())
    assert [(title, [(link.words, link.count) for link in links]) for title, links in found] == [
        ("Type", [("Signal", 1), ("Decision", 1), ("Planned", 1)]),
        ("Added by", [("Ines", 1), ("Tom", 2)]),
    ]


def test_an_address_that_asks_for_somebody_else_learns_no_name(event):
    stranger = make_user("Stranger of another review")
    chosen = timeline_filter.read(event, QueryDict(f"by={stranger.pk}"))
    links = dict(timeline_filter.further(event, outline.of(event), chosen))["Added by"]
    assert [(link.words, link.count) for link in links] == [("Ines", 1), ("Tom", 2)]


def test_those_who_said_it_are_offered_the_frequent_ones(event, monkeypatch):
    monkeypatch.setattr(timeline_filter, "MOST_NAMES", 1)
    for n in range(2):
        make_entry(event, f"again {n}", minutes=9, author="Yuki")
    marks = outline.of(event)
    links = dict(timeline_filter.further(event, marks, timeline_filter.Filter()))
    assert "Said or done by" not in links  # one name is no choice
    chosen = timeline_filter.read(event, QueryDict("who=Marcus+O."))
    links = dict(timeline_filter.further(event, marks, chosen))
    assert [(link.words, link.count, link.is_on) for link in links["Said or done by"]] == [
        ("Marcus O.", 1, True), ("Yuki", 2, False),
    ]  # fmt: skip


def test_what_an_address_carries_back_is_the_filter_alone(event):
    given = QueryDict("page=3&source=log&q=a+b&entry=12&source=chat&op=x")
    assert timeline_filter.kept(given) == "source=log&source=chat&q=a+b"
    chosen = timeline_filter.read(event, given)
    assert (chosen.query, chosen.is_further) == ("source=chat&source=log&q=a+b", True)
    assert timeline_filter.read(event, QueryDict("page=2")).is_on is False
