"""The close: rates only where they tell of nobody, things without names, days in their order."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from aar_site import clock
from retros.live.log import Repeated, WrongState
from retros.models import ClosingAnswer, Event, Factor, Membership, State, WhyNode
from retros.services import closing, meeting, silent
from tests.factories import START, make_action, make_cast, make_event, make_member


@pytest.fixture
def cast(db):
    found = make_cast(created_at=START)
    meeting.start(found.event, by=found.facilitator)
    found.event.refresh_from_db()
    return found


def answers(count: int, **more) -> list[ClosingAnswer]:
    return [
        ClosingAnswer(learned="yes" if n else "little", again="perhaps" if n else "yes", **more) for n in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "is_over", "here", "told"),
    [
        (0, False, 0, False),
        (4, False, 4, False),  # everybody, but few
        (5, False, 5, True),
        (5, False, 6, False),  # the sixth would be read from how the rate moves
        (7, False, 6, True),
        (2, True, 8, False),
        (3, True, 8, True),
    ],
)
def test_rates_are_told_where_they_tell_of_nobody(count, is_over, here, told):
    assert (closing.rates(answers(count), is_over=is_over, here=here) is not None) is told


@pytest.mark.parametrize(
    ("here", "state", "said", "words"),
    [
        (
            2,
            State.MEETING,
            "Two of two have answered",
            "What they say is shown once the meeting is over, from three answers on: among fewer than five ",
        ),
        (
            5,
            State.MEETING,
            "Two of five have answered",
            "What they say is shown once everybody here has answered, or the meeting is over.",
        ),
        (
            2,
            State.DRAFT,
            "Two of two have answered",
            "What they say is shown from three answers on: among fewer one could tell whose it is.",
        ),
    ],
)
def test_why_no_answer_is_shown_is_said_as_it_is(cast, here, state, said, words):
    Event.objects.filter(pk=cast.event.pk).update(state=state)
    cast.event.refresh_from_db()
    Membership.objects.filter(event=cast.event).delete()
    for _ in range(here):
        make_member(cast.event, attended_at=clock.now())
    for one in answers(2):
        one.event, one.op = cast.event, None
        one.save()
    found = closing.own_context(cast.event, cast.facilitator)
    assert found["rates"] is None
    page = render_to_string("retros/_close_count.html", {"event": cast.event, **found})
    assert (said in page, words in page) == (True, True)


def test_rates_count_each_word():
    found = closing.rates(answers(5), is_over=False, here=5)
    assert (found.count, found.learned, found.a_little, found.again, found.perhaps) == (5, 4, 1, 1, 4)


def test_what_people_take_along_stands_in_no_order_of_writing():
    rows = [ClosingAnswer(thing=words) for words in ("zebra", "", "Apple", "apple pie", "zebra")]
    assert closing.things(rows) == ["Apple", "apple pie", "zebra"]


def test_things_become_a_first_draft_of_the_lessons_after_the_meeting(cast):
    closing.answer(cast.event, by=cast.guest, learned="yes", again="yes", thing="  A flat line \n is a signal ")
    assert closing.lessons(cast.event) == ""
    meeting.end(cast.event, by=cast.facilitator)
    assert closing.lessons(Event.objects.get(pk=cast.event.pk)) == "- A flat line is a signal"


def test_answers_are_taken_until_the_review_is_published(cast):
    meeting.end(cast.event, by=cast.facilitator)
    closing.answer(cast.event, by=cast.guest, learned="no", again="no")
    Event.objects.filter(pk=cast.event.pk).update(state=State.PUBLISHED, published_at=clock.now())
    with pytest.raises(WrongState, match="until its review is published"):
        closing.answer(cast.event, by=cast.guest, learned="no", again="no")
    assert ClosingAnswer.objects.count() == 1


def test_a_second_answer_of_the_same_person_is_none(cast):
    """From another browser, or two at once: whoever answered often enough would read the others from the rates."""
    closing.answer(cast.event, by=cast.guest, learned="yes", again="yes", op=uuid.uuid4())
    with pytest.raises(Repeated):
        closing.answer(cast.event, by=cast.guest, learned="no", again="no", op=uuid.uuid4())
    closing.answer(cast.event, by=cast.participant, learned="little", again="yes", op=uuid.uuid4())
    assert sorted(ClosingAnswer.objects.values_list("learned", flat=True)) == ["little", "yes"]


def test_an_answer_that_was_refused_does_not_count_as_given(cast):
    with pytest.raises(ValidationError):
        closing.answer(cast.event, by=cast.guest, learned="maybe", again="yes")
    assert closing.answer(cast.event, by=cast.guest, learned="yes", again="yes").pk


def test_nonsense_is_no_answer(cast):
    with pytest.raises(ValidationError):
        closing.answer(cast.event, by=cast.guest, learned="maybe", again="yes")


def test_the_room_sees_what_it_made_and_what_comes_next(cast):
    Factor.objects.create(event=cast.event, category="design", text="Quorum counts the hub")
    due = clock.today() + timedelta(days=9)
    make_action(cast.event, owner=cast.participant, due_on=due)
    found = closing.context(cast.event)
    assert found["made"] == [("Causes", 0), ("Factors", 1), ("Went well", 0), ("Actions", 1), ("Owners", 1)]
    assert [words for _, words in found["ahead"]] == [
        "Was to be published by then", "The draft is tidied by then", "The first action is due",
    ]  # fmt: skip
    assert found["is_well_unsaid"]


def test_a_nought_stands_only_for_what_the_agenda_asked_for(cast):
    """A launch has no step for factors; what it would repeat is what went well."""
    launch = make_event(kind="launch")
    assert closing.context(launch)["made"] == [("Went well", 0), ("Actions", 0), ("Owners", 0)]
    Factor.objects.create(event=launch, category="design", text="Quorum counts the hub")
    assert ("Factors", 1) in closing.context(launch)["made"]


def test_each_reader_gets_what_is_theirs(cast):
    make_action(cast.event, "Rehearse losing the hub", owner=cast.participant)
    assert [title for title, _ in closing.own_context(cast.event, cast.participant)["owned"]] == [
        "Rehearse losing the hub"
    ]
    assert closing.own_context(cast.event, cast.guest)["owned"] == []


def test_sealed_notes_that_were_never_shown_are_counted(cast):
    silent.keep(cast.event, by=cast.guest, texts=["Unseen"])
    assert closing.own_context(cast.event, cast.facilitator)["never_shown"] == 1


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_three_as_for_one(cast, django_assert_num_queries, count):
    for n in range(count):
        make_action(cast.event, owner=cast.participant)
        Factor.objects.create(event=cast.event, category="design", text=f"Factor {n}")
        WhyNode.objects.create(event=cast.event, text=f"Cause {n}", rank=n)
        closing.answer(cast.event, by=None, learned="yes", again="yes")
    with django_assert_num_queries(5):
        assert ("Causes", count) in closing.context(cast.event)["made"]
    with django_assert_num_queries(4):
        closing.own_context(cast.event, cast.participant)
