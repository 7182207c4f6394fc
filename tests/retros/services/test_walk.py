"""The walk through the timeline: where it stops, what it passes over, and what open accounts say of a moment."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aar_site import clock
from retros.live.log import WrongState
from retros.models import Dispute, Event, LiftedMoment, Meeting, ParticipantAccount, Phase, RoomNote, TimelineEntry
from retros.services import accounts, disputes, entries, meeting, outline, walk
from retros.services.walk_prompts import OF_LANDMARK, OF_TYPE, ask
from tests.factories import START, make_account, make_entry


@pytest.fixture
def cast(cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.setattr(clock, "now", lambda: START + timedelta(days=5))
    return cast


def fresh(cast: SimpleNamespace) -> Event:
    return Event.objects.select_related("team", "impact", "t0_entry").get(pk=cast.event.pk)


def start(cast: SimpleNamespace) -> None:
    meeting.start(fresh(cast), by=cast.facilitator)
    meeting.go(fresh(cast), by=cast.facilitator, from_rank=0, to_rank=2)


def stand(cast: SimpleNamespace, entry: Any = None) -> walk.Stand:
    """Where the room stands; with an entry, what one reader sees who looks at it alone."""
    event = fresh(cast)
    row = meeting.meeting_of(event)
    found = walk.stand_at(event, row, outline.of(event), entry.pk if entry else row and row.cursor_id)
    assert found
    return found


def shown(found: walk.Stand) -> tuple[list[str], str, list[str]]:
    return [n.line.entry.text for n in found.before], found.entry.text, [n.line.entry.text for n in found.after]


# --- Where it stands --------------------------------------------------------------------------------------------------
def test_it_stands_at_the_cursor_between_its_neighbours_and_is_marked_in_the_picture(cast):
    rows = [make_entry(cast.event, f"Moment {n}", minutes=n * 10) for n in range(5)]
    start(cast)
    assert (stand(cast).entry, stand(cast).index, stand(cast).before) == (rows[0], 1, [])
    meeting.set_cursor(cast.event, by=cast.facilitator, entry=rows[2])
    found = stand(cast)
    assert shown(found) == (["Moment 1"], "Moment 2", ["Moment 3", "Moment 4"])
    assert (found.index, found.count, found.earlier, found.later) == (3, 5, rows[1], rows[3])
    event = fresh(cast)
    trace = walk.context(event, meeting.meeting_of(event))["trace"]
    assert [place for place, weight in trace.ticks if weight == "n"] == [pytest.approx(20 / (24 * 60 + 11), abs=1e-3)]


def test_a_cursor_whose_moment_was_removed_stands_at_the_first(cast):
    first, gone = make_entry(cast.event), make_entry(cast.event, minutes=5, removed_at=START)
    start(cast)
    Meeting.objects.filter(event=cast.event).update(cursor=gone)
    assert stand(cast).entry == first
    assert walk.moment_of(fresh(cast)) == first


def test_an_empty_timeline_stands_nowhere(cast):
    start(cast)
    event = fresh(cast)
    assert walk.context(event, meeting.meeting_of(event))["stand"] is None
    assert walk.moment_of(event) is None


# --- Which moments ----------------------------------------------------------------------------------------------------
@pytest.fixture
def long(cast: SimpleNamespace) -> SimpleNamespace:
    """A timeline of fifty moments: a key one, a landmark, a decision, one remembered differently."""
    more: dict[int, dict[str, Any]] = {0: {"is_key": True}, 20: {"landmark": "mitigated"}, 30: {"type": "decision"}}
    cast.rows = [make_entry(cast.event, f"Moment {n}", minutes=n, **more.get(n, {})) for n in range(50)]
    disputes.remember(cast.rows[40], by=cast.scribe, when=None, text="It was another one")
    start(cast)
    return cast


def test_a_long_timeline_is_walked_by_what_nobody_may_pass_over(long):
    found = stand(long)
    assert (found.by_key, found.index, found.count, found.whole) == (True, 1, 4, 50)
    assert shown(found) == ([], "Moment 0", ["Moment 20", "Moment 30"])
    assert [near.passed for near in found.after] == [19, 9]
    dispute = Dispute.objects.get()
    disputes.keep(dispute, by=long.scribe, reason="Nobody knows", version=dispute.version)
    assert stand(long).count == 3  # decided: like any other moment


def test_a_short_one_is_walked_whole_and_both_can_be_chosen(cast, long):
    meeting.set_cursor(long.event, by=long.facilitator, entry=long.rows[20])
    walk.choose(long.event, by=long.facilitator, walks="all")
    assert shown(stand(long)) == (["Moment 19"], "Moment 20", ["Moment 21", "Moment 22"])
    assert (stand(long).index, stand(long).count) == (21, 50)
    walk.choose(long.event, by=long.facilitator, walks="key")
    assert shown(stand(long)) == (["Moment 0"], "Moment 20", ["Moment 30", "Moment 40"])
    assert [near.passed for near in stand(long).before] == [19]


def test_a_moment_between_is_shown_where_somebody_goes_there(long):
    meeting.set_cursor(long.event, by=long.facilitator, entry=long.rows[25])
    found = stand(long)
    assert (found.entry.text, found.index, found.count) == ("Moment 25", 3, 5)
    assert [near.passed for near in (*found.before, *found.after)] == [4, 4, 9]


def test_forty_moments_and_a_timeline_without_key_ones_are_walked_whole(cast):
    for n in range(41):
        make_entry(cast.event, minutes=n)
    start(cast)
    assert (stand(cast).by_key, stand(cast).count) == (False, 41)
    walk.choose(cast.event, by=cast.facilitator, walks="key")
    assert stand(cast).count == 41  # nothing is key: then all of them


def test_how_it_walks_is_chosen_while_the_room_is_open(cast):
    make_entry(cast.event)
    with pytest.raises(WrongState):
        walk.choose(cast.event, by=cast.facilitator, walks="all")


def test_all_moments_to_choose_from_say_where_the_walk_stops_and_stands(long):
    meeting.set_cursor(long.event, by=long.facilitator, entry=long.rows[30])
    event = fresh(long)
    rows = walk.rows_of(event, meeting.meeting_of(event))["rows"]
    assert [line.entry.text for line, is_stop, _ in rows if is_stop] == [f"Moment {n}" for n in (0, 20, 30, 40)]
    assert [line.entry.text for line, _, is_here in rows if is_here] == ["Moment 30"]
    assert len(rows) == 50


def test_where_the_walk_has_not_begun_the_room_is_at_its_first_stop(long):
    TimelineEntry.objects.filter(pk=long.rows[0].pk).update(is_key=False)
    Meeting.objects.update(cursor=None)
    event = fresh(long)
    rows = walk.rows_of(event, meeting.meeting_of(event))["rows"]
    assert [line.entry for line, _, is_here in rows if is_here] == [stand(long).entry] == [long.rows[20]]


# --- What accounts say ------------------------------------------------------------------------------------------------
@pytest.fixture
def told(cast: SimpleNamespace) -> SimpleNamespace:
    """Three moments, and two accounts that speak of them."""
    cast.alert = make_entry(cast.event, "Alerts ring", minutes=2, landmark="detected")
    cast.map = make_entry(cast.event, "The map shows the west alone", minutes=10)
    cast.lock = make_entry(cast.event, "Deploys are locked", minutes=20)
    cast.first = make_account(
        cast.event,
        cast.participant,
        "At 23:03 I opened the map. I took it for a broken page. At 23:11 I locked deploys.",
    )
    cast.second = make_account(cast.event, cast.guest, "The flat line began at 22:55. Then I called Support.")
    start(cast)
    return cast


def said(cast: SimpleNamespace, entry: Any) -> list[tuple[str, str, str]]:
    return [(p.who, p.stamp, p.text) for p in stand(cast, entry).passages]


def test_before_the_reveal_no_moment_says_a_word_of_an_account(told):
    with CaptureQueriesContext(connection) as asked:
        assert [said(told, entry) for entry in (told.alert, told.map, told.lock)] == [[], [], []]
    assert not any("participantaccount" in query["sql"] for query in asked)


def test_a_sentence_stands_at_the_moment_that_is_nearest_with_what_follows_it(told):
    accounts.reveal(told.event, by=told.facilitator)
    assert said(told, told.alert) == [("Guest", "T+00:01", "The flat line began at 22:55. Then I called Support.")]
    assert said(told, told.map) == [
        ("Participant", "T+00:09", "At 23:03 I opened the map. I took it for a broken page.")
    ]
    assert said(told, told.lock) == [("Participant", "T+00:17", "At 23:11 I locked deploys.")]


def test_only_what_was_handed_in_is_read_to_the_room(told):
    accounts.reveal(told.event, by=told.facilitator)
    for state in ("draft", "declined"):
        ParticipantAccount.objects.filter(pk=told.second.pk).update(state=state, submitted_at=None)
        assert said(told, told.alert) == []


def test_a_sentence_that_became_a_moment_stands_there_alone(told):
    accounts.reveal(told.event, by=told.facilitator)
    LiftedMoment.objects.create(
        entry=told.lock, account=told.first, question="noticed", sentence="At 23:03 I opened the map."
    )
    assert said(told, told.map) == []
    texts = [(p.text, bool(p.key)) for p in stand(told, told.lock).passages]
    assert texts == [
        ("At 23:03 I opened the map. I took it for a broken page.", False),
        ("At 23:11 I locked deploys.", True),
    ]


def test_a_sentence_without_a_time_stands_where_somebody_put_it(told):
    accounts.reveal(told.event, by=told.facilitator)
    LiftedMoment.objects.create(
        entry=told.alert, account=told.second, question="noticed", sentence="Then I called Support."
    )
    assert stand(told, told.alert).passages[0].text == "Then I called Support."
    assert "Then I called Support." not in [p.text for p in stand(told, told.map).passages]


def test_what_was_read_of_an_account_is_read_anew_once_its_words_are_others(told):
    accounts.reveal(told.event, by=told.facilitator)
    assert said(told, told.lock) == [("Participant", "T+00:17", "At 23:11 I locked deploys.")]
    answers = {"noticed": "At 23:12 I locked them.", "no-such-question": "At 23:12 NOWHERE"}
    ParticipantAccount.objects.filter(pk=told.first.pk).update(answers=answers)
    assert said(told, told.lock) == [("Participant", "T+00:18", "At 23:12 I locked them.")]
    Event.objects.filter(pk=told.event.pk).update(t0_entry=told.lock)
    assert said(told, told.lock) == [("Participant", "T+00:00", "At 23:12 I locked them.")]


def test_what_the_moment_says_itself_is_not_said_twice(told):
    accounts.reveal(told.event, by=told.facilitator)
    entry = make_entry(told.event, "At 23:11 I locked deploys.", minutes=19)
    assert said(told, entry) == []
    assert said(told, told.lock) == []  # it is nearer to the other one


def test_an_hour_away_is_another_time_and_a_passed_moment_lends_its_words_to_a_stop(told):
    accounts.reveal(told.event, by=told.facilitator)
    late = make_account(told.event, told.scribe, "At 02:30 I slept. At 00:05 I read the plan.")
    assert [p.who for p in stand(told, told.lock).passages] == ["Participant", "Scribe"]
    assert stand(told, told.lock).passages[1].text == "At 00:05 I read the plan."
    assert late.pk == stand(told, told.lock).passages[1].account_id


def test_a_clock_alone_is_called_by_what_was_seen_first(told):
    answers = {"noticed_at": "23:13", "saw": "Writes went west."}
    make_account(told.event, told.scribe)
    ParticipantAccount.objects.filter(author=told.scribe).update(answers=answers)
    accounts.reveal(told.event, by=told.facilitator)
    assert ("Scribe", "T+00:19", "Writes went west.") in said(told, told.lock)


def test_more_than_six_are_counted_and_long_ones_cut(told):
    text = " ".join(f"At 23:12 I saw the number {n}." for n in range(9)) + " And so on." * 60
    make_account(told.event, told.scribe, text)
    accounts.reveal(told.event, by=told.facilitator)
    found = stand(told, told.lock)
    assert (len(found.passages), found.unsaid) == (6, 4)
    assert max(len(p.text) for p in found.passages) <= walk.LONGEST


def test_a_day_belongs_to_every_moment_of_that_day_where_days_are_counted(cast):
    Event.objects.filter(pk=cast.event.pk).update(kind="launch", started_at=datetime(2018, 10, 20, tzinfo=UTC))
    one = make_entry(cast.event, "Sent out", minutes=60, at=START, landmark="launch")
    other = make_entry(cast.event, "Paused", at=START + timedelta(days=1))
    make_account(cast.event, cast.participant, "On 22 Oct 2018 the store rating fell.")
    start(cast)
    accounts.reveal(cast.event, by=cast.facilitator)
    assert (said(cast, one), [text for *_, text in said(cast, other)]) == (
        [],
        ["On 22 Oct 2018 the store rating fell."],
    )


# --- What else stands beside it ---------------------------------------------------------------------------------------
def test_notes_and_contradictions_of_the_moment_stand_with_it(cast):
    row = make_entry(cast.event, "Alerts ring", minutes=2)
    far = make_entry(cast.event, "A year too early", at=START - timedelta(days=365))
    start(cast)
    meeting.set_cursor(cast.event, by=cast.facilitator, entry=row)
    RoomNote.objects.create(
        event=cast.event, step_slug="timeline", entry=row, text="Nobody heard the pager", created_by=cast.scribe
    )
    assert ([n.text for n in stand(cast, row).notes], stand(cast, row).clashes) == (["Nobody heard the pager"], [])
    assert stand(cast, far).notes == []
    assert "before the start" in stand(cast, far).clashes[0]


def test_questions_go_by_what_a_moment_marks_and_what_it_is():
    assert ask("", "") == (OF_TYPE[""],)
    assert ask("decision", "") == (OF_TYPE["decision"],)
    assert ask("", "detected") == (OF_LANDMARK["detected"],)
    assert ask("signal", "detected") == (OF_LANDMARK["detected"], OF_TYPE["signal"])


def test_the_phase_that_it_stands_in_is_drawn_alone(cast):
    for minutes, landmark in ((0, "impact_start"), (2, "detected"), (30, ""), (62, "mitigated"), (90, "resolved")):
        make_entry(cast.event, minutes=minutes, landmark=landmark)
    start(cast)
    meeting.set_cursor(cast.event, by=cast.facilitator, entry=cast.event.entries.get(landmark=""))
    event = fresh(cast)
    found = walk.context(event, meeting.meeting_of(event))["stretch"]
    assert (found.name, found.place, found.start, found.end) == (
        "Respond",
        "second of three phases",
        "T+00:00",
        "T+01:00",
    )
    assert [(round(place, 2), weight) for place, weight in found.trace.ticks] == [
        (0.0, ""), (0.47, ""), (1.0, ""), (0.47, "n"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("extra", "typed"),
    [({}, "23:02"), ({"utc_offset": 120}, "22 Oct 2018, 01:02 +02:00"), ({"precision": "day"}, "21 Oct 2018")],
)
def test_a_missing_moment_begins_with_the_clock_of_the_present_one(cast, extra, typed):
    entry = make_entry(cast.event, minutes=10, **extra)
    assert walk.clock_of(entry) == typed


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_three_as_for_one(cast, count, django_assert_num_queries):
    entry = make_entry(cast.event, "Alerts ring", minutes=2, landmark="detected")
    for n in range(count):
        make_entry(cast.event, minutes=5 + n)
        disputes.remember(entry, by=cast.scribe, when=None, text=f"View {n}")
    for person in (cast.participant, cast.guest, cast.scribe)[:count]:
        make_account(cast.event, person, "At 22:54 I heard it. At 22:58 I looked.")
    start(cast)
    accounts.reveal(cast.event, by=cast.facilitator)
    for n in range(count):
        RoomNote.objects.create(
            event=cast.event, step_slug="timeline", entry=entry, text=f"Said {n}", created_by=cast.scribe
        )
    event = fresh(cast)
    row = meeting.meeting_of(event)
    with django_assert_num_queries(7):
        found = walk.context(event, row)["stand"]
    assert len(found.passages) == count


def test_phases_of_a_slow_kind_are_drawn_whole(cast):
    Event.objects.filter(pk=cast.event.pk).update(kind="project")
    Phase.objects.create(
        event=cast.event, title="Build", actual_start=date(2018, 10, 20), actual_end=date(2018, 10, 22)
    )
    make_entry(cast.event, "Decided", type="decision")
    event = fresh(cast)
    found = walk.context(event, None)
    assert found["stretch"] is None
    assert found["trace"].bands


def test_a_very_long_timeline_is_listed_by_what_carries_it_and_what_is_near(cast, monkeypatch):
    monkeypatch.setattr(walk, "MOST_LISTED", 8)
    rows = [make_entry(cast.event, f"Moment {n}", minutes=n, is_key=n in {0, 19}) for n in range(20)]
    start(cast)
    meeting.set_cursor(fresh(cast), by=cast.facilitator, entry=rows[12])
    found = walk.rows_of(fresh(cast), meeting.meeting_of(fresh(cast)))
    listed = [(line.entry.text, is_stop, is_here) for line, is_stop, is_here in found["rows"]]
    assert [text.split()[1] for text, _, _ in listed] == ["0", "10", "11", "12", "13", "19"]
    assert [text for text, _, is_here in listed if is_here] == ["Moment 12"]
    assert (found["whole"], found["is_cut"]) == (20, True)
    monkeypatch.setattr(walk, "MOST_LISTED", 20)
    found = walk.rows_of(fresh(cast), meeting.meeting_of(fresh(cast)))
    assert (len(found["rows"]), found["is_cut"]) == (20, False)


def test_a_room_whose_moment_is_taken_out_goes_to_the_one_before_it(cast):
    rows = [make_entry(cast.event, f"Moment {n}", minutes=n) for n in range(4)]
    start(cast)
    meeting.set_cursor(fresh(cast), by=cast.facilitator, entry=rows[2])
    entries.set_removed(rows[2], by=cast.scribe, removed=True)
    assert stand(cast).entry == rows[1]
    with pytest.raises(WrongState, match="This moment was removed meanwhile"):
        meeting.set_cursor(fresh(cast), by=cast.facilitator, entry=rows[2])  # pressed while it was taken out
    for gone, then in ((1, 0), (0, 3)):
        entries.set_removed(rows[gone], by=cast.scribe, removed=True)
        assert stand(cast).entry == rows[then]
    entries.set_removed(rows[3], by=cast.scribe, removed=True)
    assert Meeting.objects.get().cursor is None


def test_the_room_stays_at_its_first_moment_where_another_comes_before_it(cast):
    first = make_entry(cast.event, "Alarms rang")
    start(cast)
    make_entry(cast.event, "A disk filled", minutes=-5)
    assert shown(stand(cast)) == (["A disk filled"], "Alarms rang", [])
    assert walk.moment_of(cast.event) == first


def test_a_long_walk_begins_at_its_first_key_moment(cast):
    for n in range(outline.MANY + 1):
        make_entry(cast.event, f"Moment {n}", minutes=n, is_key=n in (7, 9, 11))
    start(cast)
    assert walk.moment_of(cast.event).text == stand(cast).entry.text == "Moment 7"
