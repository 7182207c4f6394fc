"""Taking a record back as one, and back again; what people worked with since is named and stays."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from retros.imports.found import Found
from retros.live.log import Repeated, WrongState
from retros.models import Change, Meeting, TimelineEntry, WhyNode
from retros.services import entries, import_undo, meeting, outline
from retros.when import When
from tests.factories import START, make_entry, make_import

TEXTS = ["first", "second", "third", "fourth"]


@pytest.fixture
def imported(cast: Any) -> Any:
    make_entry(cast.event, "there before")
    rows = [Found(line=n, text=text, at=START + timedelta(minutes=n), offset=0) for n, text in enumerate(TEXTS, 1)]
    return make_import(cast.event, *rows, by=cast.scribe, state="added")


def shown(event: Any) -> list[str]:
    return [entry.text for entry in entries.ordered(event)]


def entry(text: str) -> TimelineEntry:
    return TimelineEntry.objects.select_related("event").get(text=text)


def test_an_import_goes_as_one_and_comes_back_as_one(cast, imported):
    assert import_undo.undo(imported, by=cast.scribe) == 4
    assert shown(cast.event) == ["there before"]
    assert import_undo.redo(imported, by=cast.scribe) == 4
    assert shown(cast.event) == ["there before", *TEXTS]
    assert [change.what for change in Change.objects.order_by("seq")][-2:] == [
        "took a record back",
        "brought a record back",
    ]


def test_what_people_worked_with_is_named_and_stays(cast, imported):
    first = entry("first")
    entries.edit(first, by=cast.facilitator, version=1, when=When(first.at, 0, "exact"), text="first, mended")
    entries.set_key(entry("second"), by=cast.facilitator, is_key=True)
    WhyNode.objects.create(event=cast.event, text="why").evidence.add(entry("third"))
    imported.refresh_from_db()
    assert [one.text for one in import_undo.worked_with(imported)] == ["first, mended", "second", "third"]
    assert import_undo.undo(imported, by=cast.scribe) == 1
    assert shown(cast.event) == ["there before", "first, mended", "second", "third"]
    assert import_undo.remaining(imported) == 3


@pytest.mark.parametrize(
    ("stood", "stands"), [("there last", "there last"), ("fourth", "second"), ("first", "there before")]
)
def test_a_room_that_walks_the_timeline_stands_where_it_stood_or_at_the_nearest_that_is_left(
    cast, imported, stood, stands
):
    make_entry(cast.event, "there last", minutes=9)
    meeting.start(cast.event, by=cast.facilitator)
    meeting.set_cursor(cast.event, by=cast.facilitator, entry=entry(stood))
    entries.set_key(entry("second"), by=cast.facilitator, is_key=True)
    imported.refresh_from_db()
    import_undo.undo(imported, by=cast.scribe)
    assert Meeting.objects.get().cursor.text == stands


def test_a_room_goes_on_to_the_next_where_nothing_before_is_left_and_nowhere_where_nothing_is(cast, imported):
    TimelineEntry.objects.filter(text="there before").delete()
    make_entry(cast.event, "there last", minutes=9)
    meeting.start(cast.event, by=cast.facilitator)
    meeting.set_cursor(cast.event, by=cast.facilitator, entry=entry("third"))
    import_undo.undo(imported, by=cast.scribe)
    assert Meeting.objects.get().cursor.text == "there last"
    entries.set_removed(entry("there last"), by=cast.scribe, removed=True)
    assert Meeting.objects.get().cursor is None


def test_what_is_ticked_goes_too_and_t_zero_returns_to_the_detection(cast, imported):
    second = entry("second")
    entries.set_t_zero(cast.event, by=cast.facilitator, entry=second)
    imported.event.refresh_from_db()
    assert [one.pk for one in import_undo.worked_with(imported)] == [second.pk]
    import_undo.undo(imported, by=cast.scribe, also=[second.pk])
    cast.event.refresh_from_db()
    assert shown(cast.event) == ["there before"]
    assert outline.zero_of(cast.event) == cast.event.started_at
    import_undo.redo(imported, by=cast.scribe)
    assert outline.zero_of(cast.event) == second.at


def test_what_went_at_another_time_does_not_come_back(cast, imported):
    entries.set_removed(entry("fourth"), by=cast.scribe, removed=True)
    import_undo.undo(imported, by=cast.scribe)
    assert import_undo.redo(imported, by=cast.scribe) == 3
    assert shown(cast.event) == ["there before", *TEXTS[:3]]


def test_pressed_twice_it_is_done_once(cast, imported):
    op = uuid.uuid4()
    import_undo.undo(imported, by=cast.scribe, op=op)
    with pytest.raises(Repeated):
        import_undo.undo(imported, by=cast.scribe, op=op)
    with pytest.raises(WrongState, match="taken back already"):
        import_undo.undo(imported, by=cast.facilitator)
    import_undo.redo(imported, by=cast.scribe)
    with pytest.raises(WrongState, match="in the timeline already"):
        import_undo.redo(imported, by=cast.scribe)


def test_a_published_review_keeps_what_it_has(cast, imported):
    type(cast.event).objects.filter(pk=cast.event.pk).update(state="published", published_at=START)
    with pytest.raises(WrongState, match="published"):
        import_undo.undo(imported, by=cast.scribe)
    assert len(shown(cast.event)) == 5


@pytest.mark.parametrize("count", [1, 3])
def test_what_was_worked_with_costs_four_queries_for_any_number_of_records(cast, imported, count):
    records = [imported]
    for number in range(count):
        record = make_import(cast.event, Found(line=1, text=f"other {number}", at=START), by=cast.scribe, state="added")
        entries.set_key(entry(f"other {number}"), by=cast.scribe, is_key=True)
        records.append(record)
    with CaptureQueriesContext(connection) as queries:
        found = import_undo.worked_with_each(cast.event, records)
    assert (sorted(len(rows) for rows in found.values()), len(queries)) == ([1] * count, 4)
