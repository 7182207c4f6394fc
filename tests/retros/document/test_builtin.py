"""What each section says from the recorded facts: nothing is lost, nothing is finer than what was given."""

from datetime import timedelta

import pytest

from retros import sections
from retros.document import builtin, kinds
from retros.document.tree import Bullets, Chain, Facts, Figures, Missing, Moments, Note, Part, Text
from retros.models import Factor, ImpactFigure, ImpactInterval, WentWell, WhyNode
from retros.services import disputes, document
from tests.factories import START, make_entry, make_event, make_user


@pytest.fixture
def event(db):
    return make_event()


def facts(blocks):
    return [pair for block in blocks if isinstance(block, Facts) for pair in block.pairs]


def write(event, slug, text):
    document.save_text(event, slug, text=text, base_number=0, by=make_user())


# --- Impact ----------------------------------------------------------------------------------------------------------
def test_an_incident_states_its_three_facts_even_when_unknown(event):
    assert facts(builtin.impact(event)) == [
        ("Users affected", "not stated"),
        ("Duration", "24 h 11 min, 21 Oct 2018, 22:52 to 22 Oct 2018, 23:03 UTC"),
        ("Revenue / business impact", "not stated"),
    ]


def test_impact_says_everything_that_is_known(event):
    impact = event.impact
    impact.users_count, impact.users_affected, impact.business_effect = 12400, "shoppers", "Two hours of orders"
    impact.customer_communication, impact.regulatory = "Status page at 23:09", "None"
    impact.save()
    ImpactFigure.objects.create(event=event, value="5,000,000", label="events queued")
    write(event, "impact", "Nothing stored was lost.")
    blocks = builtin.impact(event)
    assert blocks[0] == Figures([("5,000,000", "events queued")])
    assert ("Users affected", "12,400, shoppers") in facts(blocks)
    assert facts(blocks)[2:] == [
        ("Revenue / business impact", "Two hours of orders"),
        ("Customer communication", "Status page at 23:09"),
        ("Regulatory implications", "None"),
    ]
    assert blocks[-1] == Text("Nothing stored was lost.")


def test_a_launch_states_only_what_is_known(db):
    assert [label for label, _ in facts(builtin.impact(make_event(kind="launch")))] == ["Went out"]


def test_vague_ends_stay_the_words_of_the_source(db):
    event = make_event(started_at=START, ended_at=None)
    ImpactInterval.objects.create(
        event=event, label="whole event", started_text="before 13:02 PDT", ended_text="between 14:18 and 14:59"
    )
    assert ("Duration", "start: before 13:02 PDT; end: between 14:18 and 14:59") in facts(builtin.impact(event))


def test_several_intervals_stand_with_their_durations(event):
    hour = timedelta(hours=1)
    ImpactInterval.objects.create(event=event, label="site down", started_at=START, ended_at=START + hour)
    ImpactInterval.objects.create(event=event, label="builds failing", started_at=START + hour)
    ImpactInterval.objects.create(event=event, label="data loss window", started_text="17:20 to 00:00, or 23:25")
    assert dict(facts(builtin.impact(event))) == {
        **dict(facts(builtin.impact(event))[:3]),
        "Site down": "1 h, 21 Oct 2018, 22:52 to 23:52 UTC",
        "Builds failing": "start: 21 Oct 2018, 23:52 UTC",
        "Data loss window": "17:20 to 00:00, or 23:25",
    }


# --- Timeline --------------------------------------------------------------------------------------------------------
def moments(event):
    return next(block for block in builtin.timeline(event) if isinstance(block, Moments)).rows


def note(event):
    return next(block for block in builtin.timeline(event) if isinstance(block, Note)).text


def test_offsets_count_from_the_detection_and_clocks_stay_as_given(event):
    make_entry(event, "Cut", minutes=0, landmark="impact_start")
    make_entry(event, "Alert", minutes=2, landmark="detected", source="monitoring")
    make_entry(event, "Seen", minutes=100, precision="approx")
    rows = moments(event)
    assert [(row.offset, row.day, row.clock, row.landmark) for row in rows] == [
        ("T\u221200:02", "21 Oct", "22:52", "Impact begins"),
        ("T+00:00", "21 Oct", "22:54", "Detected"),
        ("T+01:38", "22 Oct", "about 00:32", ""),
    ]
    assert note(event) == "T+00:00 is 21 Oct 2018, 22:54 UTC, the detection. Clocks are UTC."


def test_different_offsets_stand_at_each_clock(event):
    make_entry(event, minutes=0, utc_offset=0)
    make_entry(event, minutes=5, utc_offset=-420)
    assert [row.clock for row in moments(event)] == ["22:52 UTC", "15:57 UTC\u221207:00"]
    assert "Each clock carries the offset that its source gave." in note(event)


def test_a_day_with_its_end_and_words_without_a_time_stay_so(event):
    make_entry(event, at=START, precision="day", until=START + timedelta(days=5))
    make_entry(event, at=None, at_text="Friday before release", sort_at=START)
    assert [(row.offset, row.clock) for row in moments(event)] == [
        ("D+0", "21 Oct to 26 Oct"),
        ("", "Friday before release"),
    ]


def test_years_are_told_apart(event):
    make_entry(event, minutes=0)
    make_entry(event, at=START + timedelta(days=500), precision="day")
    assert [(row.day, row.clock) for row in moments(event)] == [("21 Oct 2018", "22:52"), ("", "4 Mar 2020")]


def test_one_source_is_said_once_and_a_source_of_its_own_stays(event):
    event.source_url = "https://example.org/post"
    make_entry(event, source="document", source_url="https://example.org/post")
    make_entry(event, minutes=1, source="document", source_url="https://example.org/other")
    rows = moments(event)
    assert [(row.source, row.url) for row in rows] == [("", ""), ("", "https://example.org/other")]
    assert note(event).endswith("Source of all moments: document.")
    make_entry(event, minutes=2, source="chat", source_label="#ops")
    assert [row.source for row in moments(event)] == ["Document", "Document", "Chat, #ops"]


def test_the_events_own_source_is_not_said_again(event):
    event.source_url = "A blog, 14 April"
    for minute in (0, 1):
        make_entry(event, minutes=minute, source="document", source_label="A blog, 14 April")
    assert [row.source for row in moments(event)] == ["", ""]
    assert note(event).endswith("Source of all moments: document.")


def test_nothing_counts_from_a_day_that_nobody_named(db):
    event = make_event(
        kind="launch", started_at=START.replace(day=1, hour=0, minute=0), started_precision="month", ended_at=None
    )
    make_entry(event, at=START, precision="day")
    make_entry(event, at=START.replace(year=2020), precision="day")
    assert [(row.offset, row.clock) for row in moments(event)] == [("", "21 Oct 2018"), ("", "21 Oct 2020")]
    assert "D+0" not in note(event)


def test_detection_and_response_are_computed_and_written(event):
    event.impact.detected_how = "an alert"
    event.impact.save()
    make_entry(event, minutes=2, landmark="detected")
    make_entry(event, "Integrity first", minutes=10, type="decision")
    make_entry(event, minutes=60, landmark="mitigated")
    write(event, "response", "In ten minutes.")
    detection, response = (block for block in builtin.timeline(event) if isinstance(block, Part))
    assert (detection.slug, detection.blocks) == (
        "detection",
        [Facts([("How it was noticed", "an alert"), ("To detect", "2 min")])],
    )
    assert response.blocks == [
        Facts([("To end the impact", "1 h"), ("To resolve", "24 h 11 min")]),
        Part("Decisions", [Bullets([("T+00:08", "Integrity first")])]),
        Text("In ten minutes."),
    ]


def test_a_launch_has_no_detection(db):
    assert not any(isinstance(block, Part) for block in builtin.timeline(make_event(kind="launch")))


# --- Causes, factors, what went well -----------------------------------------------------------------------------------
def test_causes_keep_question_evidence_and_shape(event):
    entry = make_entry(event, "Lag graph")
    top = WhyNode.objects.create(event=event, text="Degraded", kind="event", question="What happened?")
    cause = WhyNode.objects.create(event=event, parent=top, text="No limit", is_root_cause=True)
    cause.evidence.add(entry)
    write(event, "root-cause", "In words.")
    text, chain = builtin.root_cause(event)
    assert text == Text("In words.")
    assert isinstance(chain, Chain)
    (effect,) = chain.effects
    assert (effect.question, effect.causes[0].text, effect.causes[0].evidence) == (
        "What happened?",
        "No limit",
        ["Lag graph"],
    )


def test_not_established_is_an_answer(event):
    event.is_cause_unknown = True
    assert builtin.root_cause(event) == [Text("The cause is not established.")]


def test_factors_say_what_would_have_caught_them(event):
    Factor.objects.create(event=event, category="design", text="Both wrote.", caught_earlier_if="one had refused.")
    Factor.objects.create(event=event, category="data", text="Both kept it", caught_earlier_if="one had asked", rank=1)
    assert builtin.factors(event) == [
        Bullets(
            [
                ("Design and coupling", "Both wrote. Caught earlier if one had refused."),
                ("Data and state", "Both kept it. Caught earlier if one had asked"),
            ]
        )
    ]


def test_factors_of_one_kind_stand_together_where_its_first_stands(event):
    for rank, (category, text) in enumerate([("planning", "A"), ("verification", "B"), ("planning", "C")]):
        Factor.objects.create(event=event, category=category, text=text, rank=rank)
    assert [said for _, said in builtin.factors(event)[0].items] == ["A", "C", "B"]
    assert [said for _, said in kinds.not_well(event)[0].items] == ["A", "C", "B"]


def test_luck_stands_apart(event):
    WentWell.objects.create(event=event, kind="response", text="Alerts came early")
    WentWell.objects.create(event=event, kind="luck", text="Nobody was asleep")
    assert builtin.went_well(event) == [
        Bullets([("", "Alerts came early")]),
        Part("Luck", [Bullets([("", "Nobody was asleep")])]),
    ]


# --- Hints and the gate ------------------------------------------------------------------------------------------------
def hints(blocks):
    for block in blocks:
        if isinstance(block, Missing):
            yield block
        elif isinstance(block, Part):
            yield from hints(block.blocks)


@pytest.mark.parametrize("kind", sections.ORDER)
def test_every_hint_says_where_to_go(db, kind):
    event = make_event(kind=kind, started_at=None, ended_at=None)
    found = [hint for section in sections.sections_for(event) for hint in hints(section.build(event))]
    assert found
    assert all(hint.hint and hint.words and hint.url.startswith(f"/e/{event.code}/") for hint in found)


def blockers(event):
    return [
        finding.slug for section in sections.sections_for(event) for finding in section.gate(event) if finding.blocks
    ]


def test_the_gate_stops_only_what_makes_a_review_worthless(event):
    assert blockers(event) == ["no-summary", "no-timeline", "no-cause", "no-went-well"]
    write(event, "summary", "It broke and was mended.")
    make_entry(event)
    write(event, "root-cause", "Nothing limited it.")
    event.went_well_none = True
    assert blockers(event) == []


def test_what_nobody_settled_is_advice_before_publication(event):
    entry = make_entry(event)
    view = disputes.remember(entry, by=make_user(), when=None, text="It was another one")
    (found,) = builtin.gate_timeline(event)
    assert (found.slug, found.title, found.blocks) == ("open-disputes", "A moment is remembered differently", False)
    disputes.keep(view.dispute, by=make_user(), reason="Both saw one.", version=view.dispute.version)
    assert builtin.gate_timeline(event) == []


def test_a_launch_needs_no_cause(db):
    assert blockers(make_event(kind="launch")) == ["no-summary", "no-timeline"]
