"""The trace: every entry to scale, labels that keep clear of each other, a sentence that says the same."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from retros.document.chart import MOST_TICKS, trace_of
from retros.document.tree import Trace
from retros.models import ImpactInterval
from retros.services import entries, outline
from tests.factories import START, make_entry, make_event, make_phase
from tests.kinds import NOON, SPANS


def traced(event):
    return trace_of(event, entries.ordered(event))


def test_the_sentence_tells_whole_minutes(db):
    event = make_event(started_at=START, ended_at=None)
    for minutes, landmark in ((-777, ""), (0, "detected"), (511, "resolved")):
        make_entry(event, minutes=minutes, landmark=landmark)
    assert "Respond 8 h 31 min" in traced(event).sentence


def test_without_a_moment_nothing_is_drawn(db):
    event = make_event(started_at=None, ended_at=None)
    assert traced(event) is None
    event = make_event(ended_at=None)
    assert traced(event) is None
    event = make_event()  # a line from its beginning to its end, and nothing on it
    assert traced(event) is None
    assert trace_of(event, [], intervals=[ImpactInterval(started_at=START, ended_at=event.ended_at)]).strips


def test_one_moment_is_one_tick(db):
    event = make_event(ended_at=None)
    entry = make_entry(event, is_key=True)
    trace = traced(event)
    assert (trace.ticks, trace.keys, trace.sentence) == ([(0.0, "k")], [entry.pk], "1 entry.")
    assert trace.axis == [(0.0, "T+00:00", "start", True)]
    make_entry(event)
    assert traced(event).sentence == "2 entries, at one moment."


def test_three_entries_in_one_second_say_how_long_it_is(db):
    event = make_event(ended_at=None)
    for millis in (0, 400, 900):
        make_entry(event, at=START + timedelta(milliseconds=millis))
    trace = traced(event)
    assert [round(place, 2) for place, _ in trace.ticks] == [0.0, 0.44, 1.0]
    assert [words for _, words, _, _ in trace.axis] == ["T+00:00", "1 s later"]


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
    assert trace.sentence == "4 entries over 10 h, to scale. Unnoticed 1 h, Respond 4 h, Recover 5 h."


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
    assert [place for place, _ in traced(event).ticks] == [0.0]
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
    make_entry(event)
    words = [words for _, words in traced(event).labels]
    assert (words[0], words[-1]) == ("10 Nov 2026", "15 Dec 2027")
    assert any("2027" in word for word in words[1:-1])
    assert len(words) <= 8
    event.ended_at = NOON + timedelta(days=2000)
    assert [words for _, words in traced(event).labels] == [
        "10 Nov 2026",
        "2028",
        "2029",
        "2030",
        "2031",
        "2 May 2032",
    ]


def names(*bands):
    return [words for _, words, _ in Trace([], list(bands), [], "").names]


def test_the_name_of_a_short_band_gives_way_to_the_next_one():
    assert names((0.0, 0.05, "Migrate and publish"), (0.05, 0.6, "Explain to users"), (0.65, 0.35, "After it")) == [
        "Explain to users",
        "After it",
    ]
    assert names((0.0, 0.4, "Respond"), (0.4, 0.6, "Recover")) == ["Respond", "Recover"]
    assert names((0.0, 0.9, "Respond"), (0.95, 0.05, "Drain the backlog")) == ["Respond"]


PHRASES = st.text("abc ", min_size=1, max_size=30)
PLACES = st.lists(st.floats(0, 1).map(lambda x: round(x, 4)), min_size=1, max_size=30, unique=True).map(sorted)


@given(places=PLACES, words=st.lists(PHRASES, min_size=30, max_size=30))
def test_names_never_meet_on_any_width(places, words):
    bands = [(a, round(b - a, 4), w) for (a, b), w in zip(pairwise([*places, 1.0]), words, strict=False)]
    drawn = Trace([], bands, [], "").names
    for shown, letter in ((drawn, 6.5 / 664), ([n for n in drawn if n[2]], 6.5 / 288)):
        ends = [place + len(text) * letter for place, text, _ in shown]
        assert all(end <= following[0] for end, following in zip(ends, shown[1:], strict=False))
        assert all(end <= 1.0001 for end in ends)


@given(places=PLACES, words=st.lists(st.text("T+0", min_size=1, max_size=16), min_size=30, max_size=30))
def test_labels_of_the_axis_never_meet_on_any_width(places, words):
    labels = [
        (0.0, words[0]),
        *((p, w) for p, w in zip(places, words[1:], strict=False) if 0 < p < 1),
        (1.0, words[-1]),
    ]
    drawn = Trace([], [], labels, "").axis
    assert [place for place, *_ in drawn][:1] == [0.0]
    for shown, letter in ((drawn, 7.2 / 664), ([n for n in drawn if n[3]], 7.2 / 288)):
        boxes = [box(place, len(text) * letter, anchor) for place, text, anchor, _ in shown]
        assert all(a[1] <= b[0] + 1e-9 for a, b in pairwise(boxes))
        assert all(a >= -1e-9 and b <= 1 + 1e-9 for a, b in boxes)


@given(start=st.floats(0, 1), end=st.floats(0, 1), words=st.text("abc ", min_size=1, max_size=90))
def test_words_of_a_stretch_stay_inside_a_phone(start, end, words):
    start, end = sorted((start, end))
    ((_, _, at, anchor, shown),) = Trace([], [], [], "", spans=[(start, end - start, words)]).strips
    a, b = box(at, len(shown) * 6.5 / 288, anchor)
    assert -1e-9 <= a <= b <= 1 + 1e-9


def box(place, width, anchor):
    left = place - {"start": 0, "middle": width / 2, "end": width}[anchor]
    return left, left + width


def test_many_at_one_place_stand_out_and_each_tick_knows_an_entry(db):
    event = make_event()
    for n in range(MOST_TICKS + 10):
        make_entry(event, minutes=n if n < MOST_TICKS else 7)
    trace = traced(event)
    assert len(trace.keys) == len(trace.ticks)
    assert next(place for place, weight in trace.ticks if weight == "m") < 0.01


def test_what_is_remembered_differently_is_marked(db):
    event = make_event()
    entry = make_entry(event, minutes=5)
    mark = outline.of(event)[0]
    mark.dispute_state = "open"
    assert trace_of(event, [mark]).ticks[0][1] == "q"
    mark.dispute_state = "settled"
    assert trace_of(event, [mark]).ticks[0][1] == ""
    assert trace_of(event, [mark], here=entry).ticks[-1][1] == "n"


def test_stretches_of_impact_are_drawn_with_their_length(db):
    event = make_event(ended_at=START + timedelta(hours=10))
    make_entry(event)
    for label, a, b in (("writes fail", 0, 60), ("whole event", 0, 600), ("stale reads", 300, 900)):
        ends = {"started_at": START + timedelta(minutes=a), "ended_at": START + timedelta(minutes=b)}
        ImpactInterval.objects.create(event=event, label=label, **ends)
    ImpactInterval.objects.create(event=event, label="no end", started_at=START)
    trace = trace_of(event, outline.of(event), intervals=event.intervals.all())
    assert trace.spans == [(0.0, 0.1, "Writes fail, 1 h"), (0.5, 0.5, "Stale reads, 10 h")]
    assert [(at, anchor) for _, _, at, anchor, _ in trace.strips] == [(0.0, "start"), (1.0, "end")]


def test_an_incident_is_banded_by_phases_that_entries_begin(db):
    event = make_event(ended_at=START + timedelta(hours=10))
    make_entry(event, "Contain", minutes=60, landmark="phase")
    make_entry(event, "Restore from the backup of yesterday evening, then catch up", minutes=300, landmark="phase")
    for rows in (entries.ordered(event), outline.of(event)):
        assert trace_of(event, rows).bands == [(0.1, 0.4, "Contain"), (0.5, 0.5, "Restore from the backup of\u2026")]
