"""What a kind has of its own: rows come, change and go under the rules of the event; nobody overwrites anybody unseen."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from retros.live.log import Repeated, Stale, WrongState
from retros.models import Change, Choice, Event, Goal, Launch, Membership, Occurrence, Phase, State
from retros.services import events, kinds
from tests.factories import make_cast, make_event, make_user

ROWS: dict[str, tuple[str, dict[str, Any]]] = {
    "goals": ("launch", {"text": "Half of all sign-ins"}),
    "phases": ("project", {"title": "Design", "planned_end": date(2026, 6, 30), "actual_end": date(2026, 7, 15)}),
    "choices": ("decision", {"text": "Buy the queue", "known_then": "Two outages"}),
    "occurrences": ("recurring", {"text": "The same in spring"}),
}


@pytest.mark.parametrize("slug", ROWS)
def test_rows_come_change_and_go_and_leave_their_words_in_the_history(db, slug):
    kind, fields = ROWS[slug]
    cast = make_cast(kind=kind)
    by, part = cast.facilitator, kinds.PARTS[slug]
    first = kinds.add_part(cast.event, slug, by=by, **fields)
    second = kinds.add_part(cast.event, slug, by=by, **fields)
    assert (first.rank, second.rank) == (0, 1)
    name = "title" if slug == "phases" else "text"
    kinds.edit_part(first, by=by, seen=kinds.fingerprint(first), **{name: "Otherwise"})
    assert getattr(part.model.objects.get(pk=first.pk), name) == "Otherwise"
    told = Change.objects.filter(event=cast.event).latest("seq").detail
    assert told == {"before": {name: fields[name]}, "after": {name: "Otherwise"}}
    kinds.remove_part(second, by=by)
    assert list(part.model.objects.values_list("pk", flat=True)) == [first.pk]
    assert Change.objects.latest("seq").detail["before"][name] == fields[name]
    with pytest.raises(WrongState, match=f"This {part.one} was removed meanwhile"):
        kinds.edit_part(second, by=by, seen="", **{name: "x"})


def test_the_same_operation_adds_one_row(db):
    cast, op = make_cast(kind="launch"), uuid.uuid4()
    kinds.add_part(cast.event, "goals", by=cast.facilitator, op=op, text="x")
    with pytest.raises(Repeated):
        kinds.add_part(cast.event, "goals", by=cast.facilitator, op=op, text="x")
    assert Goal.objects.count() == 1


def test_somebody_quicker_is_noticed(db):
    cast = make_cast(kind="launch")
    row = kinds.add_part(cast.event, "goals", by=cast.facilitator, text="first words")
    seen = kinds.fingerprint(row)
    kinds.edit_part(row, by=cast.facilitator, seen=seen, note="theirs")
    with pytest.raises(Stale) as stale:
        kinds.edit_part(row, by=cast.scribe, seen=seen, text="mine")
    assert (stale.value.current.note, Goal.objects.get().text) == ("theirs", "first words")


@pytest.mark.parametrize(("kind", "slug", "said"), [
    ("incident", "goals", "An incident has no goals"), ("launch", "occurrences", "A launch has no occurrences"),
])  # fmt: skip
def test_a_kind_has_its_own_lists_only(db, kind, slug, said):
    cast = make_cast(kind=kind)
    with pytest.raises(WrongState, match=said):
        kinds.add_part(cast.event, slug, by=cast.facilitator, text="x")
    assert {part.slug for part in kinds.parts_of(kind)} == {"incident": set(), "launch": {"goals", "phases"}}[kind]


def test_a_published_review_keeps_what_it_says(db):
    cast = make_cast(kind="launch")
    row = kinds.add_part(cast.event, "goals", by=cast.facilitator, text="x")
    Event.objects.update(state=State.PUBLISHED, published_at=datetime(2026, 11, 1, tzinfo=UTC))
    for change in (
        lambda: kinds.add_part(cast.event, "goals", by=cast.facilitator, text="y"),
        lambda: kinds.edit_part(row, by=cast.facilitator, seen=kinds.fingerprint(row), text="y"),
        lambda: kinds.remove_part(row, by=cast.facilitator),
    ):
        with pytest.raises(WrongState, match="published"):
            change()
    assert Goal.objects.get().text == "x"


def test_what_cannot_be_is_refused_in_words(db):
    cast = make_cast(kind="project")
    with pytest.raises(ValidationError, match="The end lies before the start"):
        kinds.add_part(cast.event, "phases", by=cast.facilitator, title="x", planned_start=date(2026, 2, 1),
                       planned_end=date(2026, 1, 1))  # fmt: skip
    Event.objects.update(kind="recurring")
    earlier = make_event()
    kinds.add_part(cast.event, "occurrences", by=cast.facilitator, earlier=earlier)
    with pytest.raises(ValidationError, match="This event is linked already"):
        kinds.add_part(cast.event, "occurrences", by=cast.facilitator, earlier=earlier)
    with pytest.raises(ValidationError):
        kinds.add_part(cast.event, "occurrences", by=cast.facilitator, earlier=cast.event)
    assert (Phase.objects.count(), Occurrence.objects.count()) == (0, 1)


def test_an_occurrence_that_stands_here_happened_when_it_began(db):
    cast = make_cast(kind="recurring")
    earlier = make_event(started_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC), time_zone="Europe/Berlin", ended_at=None)
    month = make_event(started_at=datetime(2025, 12, 1, tzinfo=UTC), started_precision="month", ended_at=None)
    days = [
        kinds.add_part(cast.event, "occurrences", by=cast.facilitator, **fields).on_words
        for fields in ({"earlier": earlier}, {"earlier": month}, {"earlier": make_event(), "on": date(2026, 5, 5)})
    ]
    assert days == ["2 Mar 2026", "Dec 2025", "5 May 2026"]


def test_an_occurrence_says_whether_the_reader_may_open_it(db):
    cast = make_cast(kind="recurring")
    mine, foreign = make_event(facilitator=cast.facilitator), make_event()
    for earlier in (mine, foreign):
        kinds.add_part(cast.event, "occurrences", by=cast.facilitator, earlier=earlier)
    rows = kinds.rows_of(cast.event, kinds.PARTS["occurrences"], cast.facilitator)
    assert {row.earlier: (row.is_open, row.words) for row in rows} == {
        mine: (True, mine.title), foreign: (False, "An event that is not open to you"),
    }  # fmt: skip


# --- Opening and changing the event ---------------------------------------------------------------------------------
def test_an_event_opens_with_what_its_kind_has(db):
    by, earlier = make_user(), make_event()
    launch = events.open_event(by=by, kind="launch", title="L", goals=["a", "b"], issue_count=2, was_rolled_back=False)
    assert [goal.text for goal in launch.goals.all()] == ["a", "b"]
    assert (launch.launch.issue_count, launch.launch.was_rolled_back) == (2, False)
    events.open_event(
        by=by, kind="decision", title="D", decided="Buy", options=["Run", "Wait"], known_then="k", expected="e"
    )
    assert list(Choice.objects.values_list("text", "was_chosen", "known_then")) == [
        ("Buy", True, "k"), ("Run", False, ""), ("Wait", False, ""),
    ]  # fmt: skip
    again = events.open_event(by=by, kind="recurring", title="R", occurrences=[earlier])
    assert again.occurrences.get().earlier == earlier


def test_nothing_is_left_where_a_part_is_refused(db):
    with pytest.raises(ValidationError):
        events.open_event(by=make_user(), kind="launch", title="L", goals=["x" * 301])
    with pytest.raises(ValidationError, match="The end lies before the start"):
        events.open_event(by=make_user(), kind="launch", title="L", planned_start=datetime(2026, 2, 1, tzinfo=UTC),
                          planned_end=datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip
    assert (Event.objects.count(), Goal.objects.count()) == (0, 0)


def test_an_event_may_be_opened_as_one_that_gets_no_review(db):
    event = events.open_event(by=make_user(), kind="recurring", title="R", no_review_reason=" Known, and cheap. ")
    assert (event.state, event.not_reviewed_reason) == (State.NOT_REVIEWED, "Known, and cheap.")
    assert Membership.objects.filter(event=event).count() == 1


def test_facts_of_a_launch_are_part_of_what_somebody_read(db):
    cast = make_cast(kind="launch")
    seen = events.fingerprint(cast.event)
    events.edit_event(cast.event, by=cast.facilitator, seen=seen, issue_count=3, title="x")
    assert Launch.objects.get().issue_count == 3
    with pytest.raises(Stale):
        events.edit_event(cast.event, by=cast.facilitator, seen=seen, issue_count=5)
    assert Launch.objects.get().issue_count == 3


def test_other_kinds_keep_no_facts_of_a_launch(db):
    cast = make_cast(kind="project")
    events.edit_event(cast.event, by=cast.facilitator, seen=events.fingerprint(cast.event), issue_count=3)
    assert not Launch.objects.exists()
