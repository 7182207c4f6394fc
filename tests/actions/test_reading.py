"""What a form tells its writer: understood, missing, asked; and never more than that."""

from datetime import date, timedelta

import pytest

from aar_site import clock
from actions import reading
from actions.forms import ActionForm, LineForm
from tests.factories import make_action, make_user


@pytest.mark.parametrize(
    ("said", "words"),
    [({}, "owner, date, size and “closed when”"), ({"size": "S", "closed_when": "x"}, "owner and date"),
     ({"size": "S", "closed_when": "x", "due_on": date(2018, 10, 22)}, "owner and a date that lies ahead")],
)  # fmt: skip
def test_what_is_lacking_in_a_few_words(cast, said, words):
    assert reading.lacking(make_action(cast.event, status="proposed", **said)) == words


def test_an_owner_who_left_and_a_whole_one(cast):
    soon = clock.today() + timedelta(days=9)
    whole = {"status": "proposed", "due_on": soon, "size": "S", "closed_when": "x"}
    assert (
        reading.lacking(make_action(cast.event, owner=make_user(is_active=False), **whole))
        == "an owner who can sign in"
    )
    action = make_action(cast.event, owner=cast.participant, **whole)
    assert reading.lacking(action) == ""
    assert (
        reading.kept_words(action) == "Kept as proposed. It is complete: the facilitator or the scribe can commit it."
    )


def points(found):
    return {point.words for point in found["points"] if not point.is_met}


def test_an_empty_form_lists_what_will_be_asked(cast):
    found = reading.about_form(ActionForm(event=cast.event, by=cast.scribe), cast.event)
    assert found["is_empty"]
    assert (found["question"], found["guess"], len(found["points"])) == (None, "", 7)


def test_a_line_says_what_was_read_and_guesses_the_strength(cast):
    form = LineForm({"title": "Train everybody on the runbook. Participant by tomorrow, S"}, event=cast.event)
    found = reading.about_form(form, cast.event)
    assert found["understood"] == "owner, date and size"
    assert found["question"].quote == "Train"
    assert found["guess"].startswith("“Train” sounds weaker")
    assert {"Closed when?", "Which factor or cause does it answer?"} <= points(found)


def test_a_chosen_strength_is_not_guessed_at(cast):
    form = ActionForm({"title": "Train everybody", "strength": "weaker"}, event=cast.event, by=cast.scribe)
    assert reading.about_form(form, cast.event)["guess"] == ""


def test_a_committed_one_keeps_the_owner_and_date_that_its_form_does_not_show(cast):
    action = make_action(cast.event, "Page the on-call within a minute", due_on=clock.today() + timedelta(days=7))
    form = ActionForm(
        {"title": action.title, "size": "S", "closed_when": "x"}, event=cast.event, by=cast.scribe, action=action
    )
    assert not {"Who owns it?", "By when?"} & points(reading.about_form(form, cast.event))


def test_from_outside_the_review_no_factor_is_asked_for(cast):
    action = make_action(cast.event, status="proposed", owner=cast.outsider)
    action.opens_event = False
    form = ActionForm(event=cast.event, by=cast.outsider, action=action)
    assert len(reading.about_form(form, cast.event)["points"]) == 6
