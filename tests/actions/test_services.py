"""Every verb of following through: what it changes, what it refuses, what the log keeps of it."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from aar_site import clock
from aar_site.outbox.models import Message
from actions import services
from actions.models import Action, Status
from retros.live.log import Repeated, Stale, WrongState
from retros.models import Change, Factor, RoomNote, State, WhyNode
from tests.factories import make_action, make_event, make_user

WHOLE = {"title": "Page the on-call within a minute", "size": "S", "closed_when": "A test page arrives."}


@pytest.fixture
def soon():
    return clock.today() + timedelta(days=14)


@pytest.fixture
def event(db):
    return make_event()


@pytest.fixture
def ines(db):
    return make_user("Ines")


def last(action):
    return Change.objects.filter(subject=f"action:{action.pk}").latest("seq")


# --- Writing one ----------------------------------------------------------------------------------------------------
def test_a_title_is_enough_to_propose_and_every_gap_is_named(event, ines):
    action = services.keep(event, by=ines, may_commit=True, title="Improve monitoring")
    assert action.status == Status.PROPOSED
    assert [gap.field for gap in services.gaps(action)] == ["owner", "due_on", "size", "closed_when"]
    with pytest.raises(services.Incomplete) as refused:
        services.commit(action, by=ines)
    assert [gap.field for gap in refused.value.gaps] == ["owner", "due_on", "size", "closed_when"]


@pytest.mark.parametrize("missing", ["owner", "due_on", "size", "closed_when"])
def test_it_cannot_be_committed_without(event, ines, soon, missing):
    fields = {**WHOLE, "owner": ines, "due_on": soon}
    del fields[missing]
    action = services.keep(event, by=ines, may_commit=True, **fields)
    assert action.status == Status.PROPOSED
    with pytest.raises(services.Incomplete):
        services.commit(action, by=ines)
    assert Action.objects.get(pk=action.pk).status == Status.PROPOSED


def test_a_complete_one_is_committed_at_once_by_who_may_and_proposed_by_others(event, ines, soon):
    fields = {**WHOLE, "owner": ines, "due_on": soon}
    ours = services.keep(event, by=ines, may_commit=True, **fields)
    theirs = services.keep(event, by=ines, may_commit=False, **fields)
    assert (ours.status, theirs.status) == ("committed", "proposed")
    assert ours.committed_on == clock.today(event.time_zone)
    assert (ours.rank, theirs.rank) == (0, 1)
    assert last(ours).what == "committed to an action"
    assert services.commit(theirs, by=ines).status == "committed"


def test_a_passed_date_or_an_owner_who_left_is_a_gap(event, ines):
    gone = make_user("Gone", is_active=False)
    action = make_action(event, status="proposed", owner=gone, due_on=date(2018, 10, 22), size="S", closed_when="x")
    words = [gap.words for gap in services.gaps(action)]
    assert words == [
        "Gone cannot sign in any more. Name somebody else.",
        "22 Oct 2018 has passed. Give it a date from today onward.",
    ]


def test_the_source_s_words_stay_until_a_person_and_a_date_replace_them(event, ines, soon):
    action = make_action(event, status="proposed", owner_text="Database team", due_text="end of Q4")
    assert "The source says “Database team”." in services.gaps(action)[0].words
    assert "The source says “end of Q4”." in services.gaps(action)[1].words
    done = services.edit(action, by=ines, version=1, then_commit=True, **{**WHOLE, "owner": ines, "due_on": soon})
    assert (done.status, done.owner_text, done.due_text) == ("committed", "", "")


def test_a_repeated_operation_is_one_action(event, ines):
    op = uuid.uuid4()
    services.keep(event, by=ines, may_commit=False, op=op, title="Once")
    with pytest.raises(Repeated):
        services.keep(event, by=ines, may_commit=False, op=op, title="Once")
    assert Action.objects.count() == 1


def test_a_factor_of_another_review_is_refused(event, ines):
    other = Factor.objects.create(event=make_event(), category="change", text="x", created_by=ines)
    with pytest.raises(WrongState, match="another review"):
        services.keep(event, by=ines, may_commit=False, title="x", factor=other)


def test_an_event_without_review_takes_no_actions(db, ines):
    event = make_event(state=State.NOT_REVIEWED, not_reviewed_reason="Small")
    with pytest.raises(WrongState, match="gets no review"):
        services.keep(event, by=ines, may_commit=False, title="x")
    with pytest.raises(WrongState, match="gets no review"):
        services.decide_not_to_act(event, by=ines, reason="x")


# --- Taking it back -------------------------------------------------------------------------------------------------
def test_a_fresh_one_can_be_taken_back_and_the_log_keeps_its_title(event, ines):
    action = services.keep(event, by=ines, may_commit=False, title="A slip")
    services.take_back(action, by=ines)
    assert not Action.objects.exists()
    assert Change.objects.latest("seq").detail == {"before": {"title": "A slip"}}


def test_after_an_hour_or_a_change_it_is_dropped_instead(event, ines):
    old = services.keep(event, by=ines, may_commit=False, title="Old")
    changed = services.keep(event, by=ines, may_commit=False, title="Changed")
    services.edit(changed, by=make_user(), version=1, title="Changed again")
    with pytest.raises(WrongState, match="Drop it"):
        services.take_back(changed, by=ines)
    clock.move(timedelta(minutes=61))
    with pytest.raises(WrongState, match="Drop it"):
        services.take_back(old, by=ines)
    assert Action.objects.count() == 2


# --- Editing --------------------------------------------------------------------------------------------------------
def test_an_edit_of_an_older_version_carries_the_newer_one(event, ines):
    action = make_action(event, "First words", status="proposed")
    services.edit(action, by=make_user(), version=1, title="Theirs")
    with pytest.raises(Stale) as stale:
        services.edit(action, by=ines, version=1, title="Mine")
    assert (stale.value.current.title, stale.value.current.version) == ("Theirs", 2)
    assert Action.objects.get(pk=action.pk).title == "Theirs"


def test_the_log_holds_only_what_an_edit_changed(event, ines):
    action = make_action(event, "Before", status="proposed", size="S")
    services.edit(action, by=ines, version=1, title="After", size="S")
    assert last(action).detail["before"] == {"title": "Before"}
    assert last(action).detail["after"] == {"title": "After"}


def test_a_committed_one_keeps_its_date_owner_size_and_end(event, ines, soon):
    action = make_action(event, owner=ines)
    with pytest.raises(WrongState, match="New date"):
        services.edit(action, by=ines, version=1, due_on=soon)
    with pytest.raises(WrongState, match="Hand over"):
        services.edit(action, by=ines, version=1, owner=make_user())
    with pytest.raises(services.Incomplete):
        services.edit(action, by=ines, version=1, closed_when="")
    assert services.edit(action, by=ines, version=1, title="Said better").title == "Said better"


def test_a_closed_one_is_opened_before_it_is_edited(event, ines):
    with pytest.raises(WrongState, match="closed"):
        services.edit(make_action(event, status="done"), by=ines, version=1, title="x")


# --- Moving ---------------------------------------------------------------------------------------------------------
def test_start_block_and_unblock(event, ines):
    action = services.start(make_action(event, owner=ines), by=ines)
    assert action.status == "in_progress"
    action = services.block(action, by=ines, reason=" The rack is not here. ")
    assert (action.status, action.blocked_reason) == ("blocked", "The rack is not here.")
    action = services.unblock(action, by=ines, note="It came.")
    assert (action.status, action.blocked_reason) == ("in_progress", "")
    assert last(action).detail["before"] == {"blocked_reason": "The rack is not here."}


@pytest.mark.parametrize(
    "verb", [lambda a, by: services.block(a, by=by, reason=" "), lambda a, by: services.close(a, by=by, evidence=""),
             lambda a, by: services.drop(a, by=by, reason=""), lambda a, by: services.update(a, by=by, note="\n"),
             lambda a, by: services.redate(a, by=by, reason="", due_on=clock.today() + timedelta(days=60))],
    ids=["block", "close", "drop", "update", "redate"],
)  # fmt: skip
def test_no_way_out_without_words(event, ines, verb):
    action = make_action(event, owner=ines)
    with pytest.raises(WrongState, match="few words"):
        verb(action, ines)
    assert Action.objects.get(pk=action.pk).version == 1


def test_a_new_date_needs_a_reason_lies_ahead_and_is_counted(event, ines, soon):
    action = make_action(event, owner=ines, due_on=clock.today() - timedelta(days=3))
    with pytest.raises(WrongState, match="has passed"):
        services.redate(action, by=ines, due_on=clock.today() - timedelta(days=1), reason="x")
    action = services.redate(action, by=ines, due_on=soon, reason="On call")
    with pytest.raises(WrongState, match="the date it has"):
        services.redate(action, by=ines, due_on=soon, reason="x")
    action = services.redate(action, by=ines, due_on=soon + timedelta(days=7), reason="Waits for the catalogue")
    assert action.redated_count == 2
    assert last(action).detail["reason"] == "Waits for the catalogue"
    assert last(action).detail["before"] == {"due_on": soon.isoformat()}


def test_today_is_the_owner_s(event, monkeypatch):
    owner = make_user(time_zone="Pacific/Auckland")
    there = clock.today("Pacific/Auckland")
    assert services.today_of(make_action(event, owner=owner)) == there


def test_handing_over_mails_the_new_owner_but_nobody_who_takes_it(event, ines):
    femi = make_user("Femi")
    action = services.hand_over(make_action(event, owner=ines), by=ines, owner=femi, reason="Knows the rack")
    assert action.owner == femi
    assert list(Message.objects.values_list("kind", "person")) == [("handed_over", femi.pk)]
    services.hand_over(action, by=ines, owner=ines)
    assert Message.objects.count() == 1
    with pytest.raises(WrongState, match="owns it already"):
        services.hand_over(action, by=ines, owner=ines)
    with pytest.raises(WrongState, match="cannot sign in"):
        services.hand_over(action, by=ines, owner=make_user(is_active=False))


def test_a_split_keeps_the_first_part_and_proposes_the_rest(event, ines, soon):
    factor = Factor.objects.create(event=event, category="change", text="x", created_by=ines)
    action = make_action(event, "All hosts", owner=ines, due_on=clock.today() - timedelta(days=40), factor=factor)
    part, rest = services.split(
        action,
        by=ines,
        title="Ten hosts",
        closed_when="Ten are listed.",
        due_on=soon,
        rest_title="The others",
        version=1,
    )
    assert (part.pk, part.title, part.status, part.due_on, part.redated_count) == (
        action.pk, "Ten hosts", "committed", soon, 1,
    )  # fmt: skip
    assert (rest.title, rest.status, rest.owner, rest.factor, rest.split_from) == (
        "The others", "proposed", ines, factor, part,
    )  # fmt: skip


def test_closed_with_evidence_then_its_effect_after_thirty_days(event, ines):
    action = services.close(make_action(event, owner=ines), by=ines, evidence="Build 418 is green")
    assert (action.status, action.evidence) == ("done", "Build 418 is green")
    assert action.closed_at is not None
    with pytest.raises(WrongState, match="can be checked from"):
        services.check_effect(action, by=ines, note="Too soon")
    clock.move(timedelta(days=30))
    assert services.check_effect(action, by=ines, note="Paged twice since").status == "checked"
    with pytest.raises(WrongState, match="effect checked now"):
        services.close(action, by=ines, evidence="again")


def test_the_effect_can_be_checked_from_a_day_on_the_owners_calendar(event):
    there = make_user(time_zone="Pacific/Auckland")
    closed = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)  # the 21st there
    action = make_action(event, owner=there, status="done", closed_at=closed)
    assert services.effect_due(action) == date(2026, 12, 21)


def test_a_factor_that_was_removed_is_chosen_no_more_but_stops_no_other_edit(event, ines, soon):
    factor = Factor.objects.create(event=event, category="design", text="One copy", created_by=ines)
    action = make_action(event, owner=ines, due_on=soon, factor=factor)
    Factor.objects.update(removed_at=clock.now())
    factor.refresh_from_db()
    with pytest.raises(WrongState, match="was removed"):
        services.keep(event, by=ines, may_commit=False, title="x", factor=factor)
    assert services.edit(action, by=ines, version=1, title="Two copies").title == "Two copies"


def test_dropped_with_its_reason_and_opened_again(event, ines, soon):
    action = services.drop(make_action(event, owner=ines), by=ines, reason="The service is gone")
    assert (action.status, action.drop_reason) == ("dropped", "The service is gone")
    clock.move(timedelta(days=60))
    with pytest.raises(services.Incomplete) as refused:
        services.reopen(action, by=ines, reason="It came back")
    assert [gap.field for gap in refused.value.gaps] == ["due_on"]
    again = services.reopen(action, by=ines, reason="It came back", due_on=clock.today() + timedelta(days=9))
    assert (again.status, again.drop_reason, again.closed_at) == ("committed", "", None)


def test_opened_again_after_its_owner_left_it_gets_another_who_is_told(event, ines, soon):
    gone, priya = make_user(is_active=False), make_user("Priya")
    action = make_action(event, owner=gone, due_on=soon, status="done")
    with pytest.raises(services.Incomplete) as refused:
        services.reopen(action, by=ines, reason="It came back")
    assert [gap.field for gap in refused.value.gaps] == ["owner"]
    again = services.reopen(action, by=ines, reason="It came back", owner=priya)
    assert (again.status, again.owner) == ("committed", priya)
    assert last(action).detail["before"] == {"status": "done", "owner": gone.name}
    assert list(Message.objects.values_list("kind", "person")) == [("handed_over", priya.pk)]


def test_a_dropped_proposal_opens_as_a_proposal(event, ines):
    action = services.drop(make_action(event, status="proposed"), by=ines, reason="Too dear")
    assert services.reopen(action, by=ines, reason="Cheaper now").status == "proposed"


def test_deciding_not_to_act_is_recorded(event, ines):
    action = services.decide_not_to_act(event, by=ines, reason="One in ten years")
    assert (action.status, action.title, action.drop_reason) == ("dropped", "Decided not to act", "One in ten years")


def test_a_move_from_a_state_that_forbids_it_changes_nothing(event, ines):
    action = make_action(event, status="proposed")
    with pytest.raises(WrongState, match="proposed now"):
        services.close(action, by=ines, evidence="x")
    assert Action.objects.get(pk=action.pk).version == 1


def test_a_note_changes_nothing_but_the_history(event, ines):
    action = services.update(make_action(event, owner=ines), by=ines, note="Half done")
    assert (action.status, last(action).detail["reason"]) == ("committed", "Half done")


# --- Causes, and deciding against -------------------------------------------------------------------------------------
def test_an_action_answers_a_cause_of_its_own_review(event, ines):
    cause = WhyNode.objects.create(event=event, text="Quorum counts the hub", is_root_cause=True)
    action = services.keep(event, by=ines, may_commit=False, title="Let the hub lose its vote", cause=cause)
    assert action.answers_cause == cause
    WhyNode.objects.update(removed_at=clock.now())
    assert Action.objects.select_related("cause").get().answers_cause is None
    stranger = WhyNode.objects.create(event=make_event(), text="Elsewhere", is_root_cause=True)
    with pytest.raises(WrongState, match="belongs to another review"):
        services.keep(event, by=ines, may_commit=False, title="x", cause=stranger)


def test_a_decision_against_names_what_it_is_about_and_when_it_is_looked_at_again(event, ines, soon):
    factor = Factor.objects.create(event=event, category="design", text="Writes cross the country")
    action = services.decide_not_to_act(event, by=ines, reason="Too dear", review_on=soon, factor=factor)
    assert action.title == "Decided not to act on “Writes cross the country”"
    assert (action.factor, action.review_on) == (factor, soon)
    kept = services.stay(action, by=ines, note="Still too dear", review_on=None)
    assert kept.review_on is None
    services.reopen(services.stay(kept, by=ines, note="Once more", review_on=soon), by=ines, reason="Cheap now")
    action.refresh_from_db()
    assert (action.status, action.review_on) == (Status.PROPOSED, None)


def test_the_database_refuses_a_day_to_look_again_at_what_is_open(event, soon):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_action(event, review_on=soon)


def test_an_idea_is_an_action_once_and_waits_again_when_that_is_taken_back(event, ines):
    idea = RoomNote.objects.create(
        event=event, step_slug="timeline", parked_for="actions", text="Let the hub lose its vote", created_by=ines
    )
    action = services.keep(event, by=ines, may_commit=False, title=idea.text, idea=idea)
    idea.refresh_from_db()
    assert idea.became == f"action:{action.pk}"
    services.take_back(action, by=ines)
    idea.refresh_from_db()
    assert idea.became == ""
