"""What the step of the factors shows: keys for the likely kinds, one number of sealed notes, the same queries for many."""

from types import SimpleNamespace

import pytest

from retros.models import Event, Factor
from retros.services import factor_lists, meeting, silent
from tests.factories import make_cast, make_member


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    found = make_cast()
    meeting.start(found.event, by=found.facilitator)
    meeting.go(found.event, by=found.facilitator, from_rank=0, to_rank=4)
    silent.open_writing(found.event, by=found.facilitator)
    found.event = Event.objects.get(pk=found.event.pk)
    return found


def place(cast: SimpleNamespace, text: str, **more: str) -> dict:
    silent.keep(cast.event, by=cast.guest, texts=[text], **more)
    silent.show(cast.event, by=cast.facilitator)
    return factor_lists.factors_context(cast.event)["placing"]


def test_the_writers_own_kind_has_the_first_key_then_what_the_words_say(cast):
    placing = place(cast, "31 alerts, and none named the region", category="tooling")
    assert [kind for _, kind, _ in placing["kinds"]][:2] == ["tooling", "detection"]
    assert [key for key, _, _ in placing["kinds"]] == list("1234567")
    shown = {kind for _, kind, _ in placing["kinds"]}
    assert shown.isdisjoint(kind for kind, _ in placing["others"])
    assert len(shown) + len(placing["others"]) == 22


def test_the_factor_that_says_the_same_is_offered(cast):
    same = Factor.objects.create(event=cast.event, category="diagnosis", text="Flat lag looks the same as late metrics")
    Factor.objects.create(event=cast.event, category="recovery", text="Backups cross the public network")
    assert place(cast, "Late metrics and flat lag look the same")["same"] == same


@pytest.mark.parametrize(
    ("count", "words"), [(0, "No note yet"), (1, "One note"), (3, "Three notes"), (40, "40 notes")]
)
def test_the_room_is_told_one_number(cast, count, words):
    if count:
        for person in (cast.guest, cast.participant):
            texts = [f"Note {n}" for n in range(count // 2 + (count % 2 if person == cast.guest else 0))]
            if texts:
                silent.keep(cast.event, by=person, texts=texts)
    found = factor_lists.count_context(cast.event)
    assert (found["sealed"], found["sealed_words"], len(found["bars"])) == (count, words, min(count, 30))


def test_a_large_room_asks_less_often(cast):
    assert factor_lists.count_context(cast.event)["every_s"] == 5
    for _ in range(75):
        make_member(cast.event)
    assert factor_lists.count_context(cast.event)["every_s"] == 8


def test_the_own_list_holds_the_own_notes_alone(cast):
    silent.keep(cast.event, by=cast.guest, texts=["Theirs"])
    silent.keep(cast.event, by=cast.participant, texts=["Mine"])
    assert [n.text for n in factor_lists.own_context(cast.event, cast.participant)["mine"]] == ["Mine"]
    assert factor_lists.own_context(cast.event, cast.facilitator)["mine"] == []


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_three_as_for_one(cast, django_assert_num_queries, count):
    silent.keep(cast.event, by=cast.guest, texts=[f"Note {n}" for n in range(2 * count)])
    silent.show(cast.event, by=cast.facilitator)
    for note in cast.event.silent_notes.all()[:count]:
        silent.keep_as(note, by=cast.scribe, category="design")
    with django_assert_num_queries(3):
        found = factor_lists.factors_context(cast.event)
    assert (found["factor_count"], len(found["waiting"])) == (count, count - 1)
