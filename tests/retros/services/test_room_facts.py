"""Facts as the room shows them: what is known beside what nobody said yet; and what a meeting changed in a text."""

from datetime import date, timedelta

import pytest

from aar_site import clock
from retros import sections
from retros.document.tree import Items, Part, Phases
from retros.models import Choice, Event, Goal, ImpactFigure, Occurrence, Phase
from retros.services import document, events, meeting, room_facts, summary_says
from retros.services.once import remembering
from tests.factories import START, make_event


def of(event: Event, slug: str) -> room_facts.Facts:
    found = room_facts.facts_of(remembering(Event.objects.get(pk=event.pk)), slug)
    assert found
    return found


def test_goals_are_counted_by_how_far_they_were_met(db):
    event = make_event(kind="project")
    for text, outcome in (("One", "met"), ("Two", "not_met"), ("Three", ""), ("Four", "met")):
        Goal.objects.create(event=event, text=text, outcome=outcome, note="Shown by it" if text == "One" else "")
    found = of(event, "impact")
    assert (found.slug, found.sum) == ("goals", "2 met, 1 not, 1 not settled")
    assert [(row.title, row.tone, row.state) for row in found.rows] == [
        ("One", "ok", "Met"), ("Two", "off", "Not met"), ("Three", "now", "Not settled"), ("Four", "ok", "Met"),
    ]  # fmt: skip
    assert [row.sides for row in found.rows][:2] == [[("", "Shown by it")], []]
    assert room_facts.facts_of(make_event(kind="incident"), "impact") is None


def test_a_decision_says_what_was_known_then_and_now_and_what_nobody_said_yet(db):
    event = make_event(kind="project")
    Choice.objects.create(
        event=event,
        text="Move by size",
        known_then="Small ones are quick",
        again="otherwise",
        decided_on=date(2026, 5, 4),
    )
    found = of(event, "in-retrospect")
    assert found.sum == "One decision"
    (row,) = found.rows
    assert (row.when, row.state) == ("4 May 2026", "Otherwise, with what we knew")
    assert row.sides == [("Known then", "Small ones are quick"), ("Known now", "")]


def test_the_chosen_option_comes_first_and_is_held_against_what_was_expected(db):
    event = make_event(kind="decision")
    Choice.objects.create(event=event, text="Buy", was_chosen=False)
    Choice.objects.create(event=event, text="Build", was_chosen=True, expected="Half the price", again="yes")
    assert [(row.title, row.state) for row in of(event, "options").rows] == [("Build", "Chosen"), ("Buy", "Not chosen")]
    expected = of(event, "expected")
    assert [(row.title, row.state, row.sides) for row in expected.rows] == [
        ("Build", "The same again", [("Expected", "Half the price"), ("What happened", "")])
    ]
    assert expected.add == ""


def test_each_earlier_time_stands_with_its_promise_and_this_time_comes_last(db):
    event = make_event(kind="recurring")
    secret = make_event(
        title="SECRETWORDS", state="published", is_restricted=True, published_at=START + timedelta(days=9)
    )
    Occurrence.objects.create(event=event, text="In March", promised="A second person", became="")
    Occurrence.objects.create(event=event, earlier=secret)
    found = of(event, "occurrences")
    assert found.sum == "Three times"
    assert found.rows[-1].title == "This time"
    assert found.rows[-1].pk == 0
    sides = {row.title: row.sides for row in found.rows}
    assert sides["In March"] == [("Promised", "A second person"), ("What became of it", "")]
    assert "SECRETWORDS" not in str(found)


def test_what_stands_as_rows_stands_nowhere_else(db):
    event = make_event(kind="launch")
    Goal.objects.create(event=event, text="On time", outcome="partly")
    Phase.objects.create(event=event, title="Roll out", planned_end=date(2018, 10, 22), actual_end=date(2018, 10, 24))
    event = remembering(Event.objects.get(pk=event.pk))
    blocks = room_facts.blocks_of(event, sections.get("impact"))
    assert not any(isinstance(b, Items) or (isinstance(b, Part) and b.title == "Goals") for b in blocks)
    assert isinstance(room_facts.blocks_of(event, sections.get("to-plan"))[0], Phases)
    assert room_facts.blocks_of(event, sections.get("summary")) == []
    assert [p.title for p in room_facts.phases_at(event, "deviated")] == ["Roll out"]
    assert room_facts.slots_at(event, "deviated") == ["phases"]
    assert (room_facts.slots_at(event, "impact"), room_facts.slots_at(event, "summary")) == (
        ["goals"],
        ["figures", "intervals"],
    )


def test_lengths_are_computed_and_figures_are_as_given(cast):
    events.add_interval(
        cast.event, by=cast.facilitator, label="link down", started_at=START, ended_at=START + timedelta(seconds=43)
    )
    events.add_interval(cast.event, by=cast.facilitator, label="unknown", started_at=START, ended_at=None)
    ImpactFigure.objects.create(event=cast.event, value="5 million", label="webhooks queued")
    found = [(row["slug"], row["value"], row["label"]) for row in room_facts.stats_of(cast.event)]
    assert found == [("intervals", "43 s", "link down"), ("figures", "5 million", "webhooks queued")]


# --- What the meeting changed -----------------------------------------------------------------------------------------
def test_only_what_this_meeting_changed_is_told_word_by_word(cast):
    document.save_text(cast.event, "summary", text="The link was cut.", base_number=0, by=cast.scribe)
    clock.move(timedelta(hours=1))
    meeting.start(Event.objects.get(pk=cast.event.pk), by=cast.facilitator)
    event = Event.objects.get(pk=cast.event.pk)
    assert room_facts.changes_of(event, document.text_of(event, "summary")) == []
    clock.move(timedelta(minutes=5))
    kept = document.save_text(
        event, "summary", text="The link was cut for a minute.", base_number=1, by=cast.facilitator
    )
    (change,) = room_facts.changes_of(event, kept)
    assert change.revision.author == cast.facilitator
    assert ("mine", " for a minute") in change.words


def test_a_text_that_was_refused_is_none_of_the_changes(cast):
    meeting.start(Event.objects.get(pk=cast.event.pk), by=cast.facilitator)
    event = Event.objects.get(pk=cast.event.pk)
    document.save_text(event, "summary", text="First.", base_number=0, by=cast.scribe)
    with pytest.raises(document.Stale):
        document.save_text(event, "summary", text="Beside it.", base_number=0, by=cast.facilitator)
    kept = document.save_text(event, "summary", text="First, then more.", base_number=1, by=cast.scribe)
    found = room_facts.changes_of(event, kept)
    assert [change.revision.text for change in found] == ["First, then more.", "First."]
    assert found[1].words == []


def test_texts_too_long_to_compare_are_told_without_their_words(cast):
    meeting.start(Event.objects.get(pk=cast.event.pk), by=cast.facilitator)
    event = Event.objects.get(pk=cast.event.pk)
    document.save_text(event, "summary", text="a " * 2000, base_number=0, by=cast.scribe)
    kept = document.save_text(event, "summary", text="b " * 2000, base_number=1, by=cast.scribe)
    assert [len(change.words) for change in room_facts.changes_of(event, kept)] == [0, 0]


# --- What a stranger looks for ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", None),
        ("It broke.", {"who was affected", "from when to when", "how many, or how much", "what was not affected", "what made it possible"}),
        ("A cut of 43 seconds degraded service for all users for a day. No data was lost, because writes were kept.", set()),
        ("At 22:52 sign-in failed for customers.", {"how many, or how much", "what was not affected", "what made it possible"}),
        ("5 million webhooks waited.", {"who was affected", "from when to when", "what was not affected", "what made it possible"}),
    ],
)  # fmt: skip
def test_a_summary_is_asked_for_what_its_words_do_not_say(text, missing):
    found = summary_says.says("incident", text)
    assert found == [] if missing is None else {words for words, is_said in found if not is_said} == missing


@pytest.mark.parametrize("kind", sorted(summary_says.OF_KIND))
def test_every_kind_is_asked_something_that_is_looked_for(kind):
    assert all(words in summary_says.LOOKED_FOR for words in summary_says.OF_KIND[kind])
    assert len(summary_says.says(kind, "Something")) >= 3


@pytest.mark.parametrize(
    ("kind", "slug", "words"),
    [
        ("launch", "impact", "No goal is recorded yet."),
        ("project", "in-retrospect", "No decision is recorded yet."),
        ("decision", "options", "No option is recorded yet."),
        ("decision", "expected", "Which option was chosen is not recorded yet."),
    ],
)
def test_a_list_without_a_row_says_so(db, kind, slug, words):
    found = of(make_event(kind=kind), slug)
    assert (found.rows, found.none[: len(words)]) == ([], words)
