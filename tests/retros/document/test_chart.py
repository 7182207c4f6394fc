"""The trace: every entry to scale, labels that keep clear of each other, a sentence that says the same."""

from datetime import date, timedelta

from retros.document import chart
from retros.document.chart import MOST_TICKS, trace_of
from retros.services import entries
from tests.factories import make_entry, make_event, make_phase
from tests.kinds import NOON, SPANS


def traced(event):
    return trace_of(event, entries.ordered(event))


def test_fewer_than_two_moments_draw_nothing(db):
    event = make_event(started_at=None, ended_at=None)
    assert traced(event) is None


def test_without_a_detection_nobody_says_how_long_it_went_unnoticed(db):
    event = make_event()
    make_entry(event, minutes=60)
    assert traced(event).bands == []


def test_ticks_bands_and_labels_of_an_incident(db):
    event = make_event(ended_at=make_event().started_at + timedelta(hours=10))
    make_entry(event, minutes=0, landmark="impact_start", is_key=True)
    make_entry(event, minutes=60, landmark="detected")
    make_entry(event, minutes=300, landmark="mitigated")
    make_entry(event, minutes=600, landmark="resolved")
    trace = traced(event)
    assert trace.ticks == [(0.0, "k"), (0.1, ""), (0.5, ""), (1.0, "")]
    assert trace.bands == [(0.0, 0.1, "Unnoticed"), (0.1, 0.4, "Respond"), (0.5, 0.5, "Recover")]
    assert trace.labels[0] == (0.0, "T\u221201:00")
    assert trace.labels[-1] == (1.0, "T+09:00")
    assert trace.sentence == "4 entries over 10 h, to scale."


def test_crowded_beginnings_are_said(db):
    event = make_event()
    for minute in range(8):
        make_entry(event, minutes=minute)
    make_entry(event, minutes=1400)
    assert "Most fall in the first" in traced(event).sentence


def test_many_entries_share_ticks(db):
    event = make_event()
    for minute in range(MOST_TICKS + 40):
        make_entry(event, minutes=minute, is_key=minute == 7)
    ticks = traced(event).ticks
    assert len(ticks) <= MOST_TICKS + 1
    assert sum(weight == "k" for _, weight in ticks) == 1


def test_a_trace_over_days_is_labelled_in_days_alone(db):
    event = make_event(kind="launch", ended_at=None)
    make_entry(event, minutes=-7 * 24 * 60, precision="day")
    make_entry(event, minutes=0, landmark="launch")
    make_entry(event, minutes=34 * 60)
    assert [words for _, words in traced(event).labels] == ["D\u22127", "D\u22124", "D\u22122", "D+0", "D+2"]


def test_a_month_is_no_moment(db):
    event = make_event(kind="launch", started_precision="month", ended_at=None)
    make_entry(event, minutes=60, precision="day")
    assert traced(event) is None
    make_entry(event, minutes=3 * 24 * 60, precision="day")
    trace = traced(event)
    assert [place for place, _ in trace.ticks] == [0.0, 1.0]
    assert trace.labels[0][1] == "D+0"


def test_a_slow_launch_is_labelled_in_weeks_around_its_day(db):
    event = make_event(kind="launch", started_at=NOON, ended_at=NOON + timedelta(days=8))
    for weeks in (-6, 0, 4):
        make_entry(event, at=NOON + timedelta(weeks=weeks), landmark="" if weeks else "launch")
    trace = traced(event)
    assert [words for _, words in trace.labels] == ["W\u22126", "W\u22124", "W\u22122", "Launch, 10 Nov", "W+2", "W+4"]
    assert [words for _, _, words in trace.bands] == ["Prepare", "Roll out", "First days"]


def test_a_project_is_labelled_by_its_months_and_banded_by_its_phases(db):
    event = make_event(kind="project", **SPANS["project"])
    made = [
        make_phase(event, title, actual_start=day)
        for title, day in (("Build", date(2026, 6, 1)), ("Design", date(2026, 5, 4)))
    ]
    trace = trace_of(event, [], phases=made)
    assert [words for _, words in trace.labels] == ["4 May", "Jun", "Jul", "9 Aug"]
    assert [(round(a, 2), words) for a, _, words in trace.bands] == [(0.0, "Design"), (0.29, "Build")]


def test_a_trace_over_years_says_them(db):
    event = make_event(kind="decision", started_at=NOON, ended_at=NOON + timedelta(days=400))
    words = [words for _, words in trace_of(event, []).labels]
    assert (words[0], words[-1]) == ("10 Nov 2026", "15 Dec 2027")
    assert any("2027" in word for word in words[1:-1])
    assert len(words) <= 8


def test_the_name_of_a_short_band_gives_way_to_the_next_one():
    bands = [(0.0, 0.05, "Migrate and publish"), (0.05, 0.6, "Explain to users"), (0.65, 0.35, "After it")]
    assert [words for *_, words in chart._legible(bands)] == ["", "Explain to users", "After it"]
    assert [words for *_, words in chart._legible([(0.0, 0.4, "Respond"), (0.4, 0.6, "Recover")])] == [
        "Respond",
        "Recover",
    ]
