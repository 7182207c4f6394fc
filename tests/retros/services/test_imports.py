"""A record on its way into the timeline: all or nothing is seen, whoever carries it, however often somebody presses."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aar_site import clock
from retros import limits
from retros.imports.found import Found, Problem, Reading, Refused
from retros.live.log import Repeated, WrongState
from retros.models import Change, Import, TimelineEntry
from retros.services import entries, import_rows, imports
from tests.factories import START, make_entry, make_event, make_import, make_member, make_user

LINES = b"2018-10-21T22:54:00Z web-1 alerts ring\n2018-10-21T22:56:00Z web-1 deploys are stopped\n"


def found(line: int, text: str = "", **extra: Any) -> Found:
    extra.setdefault("at", START + timedelta(minutes=line))
    return Found(line=line, text=text or f"Lag of replica {line} grows", offset=0, **extra)


def many(count: int) -> list[Found]:
    return [found(line) for line in range(1, count + 1)]


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "STEP", 2)


def shown(event: Any) -> list[str]:
    return [entry.text for entry in entries.ordered(event)]


# --- Reading and choosing ---------------------------------------------------------------------------------------------
def test_what_is_read_waits_for_its_owner_and_changes_nothing(cast):
    before = Change.objects.count()
    imp = imports.stage(cast.event, by=cast.scribe, name="app.log", data=LINES)
    assert (imp.state, imp.chosen, imp.count) == ("read", "11", 2)
    assert shown(cast.event) == []
    assert Change.objects.count() == before
    assert imports.waiting(cast.event, cast.scribe) == [imp]
    assert imports.waiting(cast.event, cast.facilitator) == []


def test_what_is_there_already_and_what_is_unclear_is_not_ticked(cast):
    there = make_entry(cast.event, "Alerts  RING", minutes=3)
    imp = make_import(
        cast.event,
        found(1, "alerts ring", at=there.at + timedelta(seconds=41)),
        found(2, "new"),
        found(3, "unclear", at=None, at_text="noon", unclear="Noon of which day?"),
        found(4, "new", at=START + timedelta(minutes=2)),
        by=cast.scribe,
    )
    assert import_rows.unpack(imp).same == [there.pk, 0, 0, -2]
    assert imp.chosen == "0100"


def test_only_the_newest_records_of_a_person_wait(cast):
    first = make_import(cast.event, by=cast.scribe)
    other = make_import(cast.event, by=cast.facilitator)
    for number in range(imports.UNFINISHED):
        imports.stage(cast.event, by=cast.scribe, name=f"{number}.log", data=LINES)
    kept = {imp.name for imp in imports.waiting(cast.event, cast.scribe)}
    assert kept == {f"{number}.log" for number in range(imports.UNFINISHED)}
    assert not Import.objects.filter(pk=first.pk).exists()
    assert Import.objects.filter(pk=other.pk).exists()


def test_a_file_that_is_too_large_or_holds_too_much_is_refused(cast, monkeypatch):
    monkeypatch.setattr(limits, "IMPORT_BYTES", 1024 * 1024)
    with pytest.raises(Refused, match="larger than 1 MB"):
        imports.stage(cast.event, by=cast.scribe, name="a", data=b"x" * (1024 * 1024 + 1))
    monkeypatch.setattr(limits, "ENTRIES_PER_EVENT", 1)
    with pytest.raises(Refused, match="2 moments"):
        imports.stage(cast.event, by=cast.scribe, name="a", data=LINES)
    assert not Import.objects.exists()


def test_a_second_press_reads_once(cast):
    op = uuid.uuid4()
    imports.stage(cast.event, by=cast.scribe, name="app.log", data=LINES, op=op)
    with pytest.raises(Repeated):
        imports.stage(cast.event, by=cast.scribe, name="app.log", data=LINES, op=op)
    assert Import.objects.count() == 1


def test_a_choice_touches_only_what_was_shown(cast):
    imp = make_import(cast.event, *many(5), by=cast.scribe)
    fresh = imports.choose(imp, by=cast.scribe, shown={1, 2, 99}, ticked={2, 4}, picked={1: 0})
    assert (fresh.chosen, fresh.count, fresh.picked) == ("10111", 4, {"1": 0})
    fresh = imports.choose(imp, by=cast.scribe, shown=set(), ticked=set(), picked={}, every=([0, 4], False))
    assert (fresh.chosen, fresh.count) == ("00110", 2)


def test_an_answer_reads_anew_and_keeps_what_was_ticked_by_hand(cast):
    imp = imports.stage(cast.event, by=cast.scribe, name="app.log", data=LINES)
    imports.choose(imp, by=cast.scribe, shown={1}, ticked=set(), picked={})
    fresh = imports.answer(imp, by=cast.scribe, answers={"zone": "Europe/Berlin"}, format="log")
    assert (fresh.chosen, fresh.format, fresh.answers) == ("10", "log", {"zone": "Europe/Berlin"})


# --- Adding -----------------------------------------------------------------------------------------------------------
def test_everything_is_seen_at_one_moment_and_is_one_change(cast, small_steps, monkeypatch):
    seen: list[int] = []
    store = imports._store

    def watched(imp: Import, part: list[TimelineEntry]) -> float | None:
        seen.append(len(shown(cast.event)))
        return store(imp, part)

    monkeypatch.setattr(imports, "_store", watched)
    imp = make_import(cast.event, *many(5), by=cast.scribe)
    imports.begin(imp, by=cast.scribe)
    imports.carry_on(imp.pk, seconds=60)
    imp.refresh_from_db()
    assert seen == [0, 0, 0]
    assert len(shown(cast.event)) == 5
    change = Change.objects.get()
    assert (change.topics, change.subject, change.actor) == ("timeline", f"import:{imp.pk}", cast.scribe)
    assert (imp.state, imp.data, imp.reading, imp.chosen) == ("added", None, None, "")


def test_entries_keep_order_and_provenance(cast):
    make_entry(cast.event, "There before", minutes=1, rank=7)
    imp = make_import(
        cast.event,
        found(1, "first"),
        found(2, "no clock", at=None, at_text="right after"),
        found(3, "second of the minute", at=START + timedelta(minutes=1), raw="22:53 web second", author="joana"),
        by=cast.scribe, name="app.log", chosen="111",
    )  # fmt: skip
    imports.choose(imp, by=cast.scribe, shown={0, 1, 2}, ticked={0, 1, 2}, picked={})
    imports.begin(imp, by=cast.scribe)
    imports.carry_on(imp.pk, seconds=60)
    rows = entries.ordered(cast.event)
    assert [row.text for row in rows] == ["There before", "first", "no clock", "second of the minute"]
    last = rows[-1]
    assert (last.source_label, last.raw, last.author) == ("line 3 of app.log", "22:53 web second", "joana")
    assert (last.created_by, last.imported_id, last.import_row) == (cast.scribe, imp.pk, 2)
    assert (rows[2].at, rows[2].at_text, rows[2].sort_at) == (None, "right after", START + timedelta(minutes=1))


def test_what_ran_out_of_time_or_died_is_carried_on_by_the_sweep(cast, small_steps, monkeypatch):
    imp = make_import(cast.event, *many(5), by=cast.scribe)
    imports.begin(imp, by=cast.scribe)
    imports.carry_on(imp.pk, seconds=-1)
    imp.refresh_from_db()
    assert (imp.state, imp.stored, shown(cast.event)) == ("adding", 2, [])
    Import.objects.filter(pk=imp.pk).update(claimed_until=clock.now() + imports.CLAIM)  # somebody holds it, and dies
    assert imports.sweep() == 0
    clock.move(2 * imports.CLAIM)
    assert imports.sweep() == 1
    assert len(shown(cast.event)) == 5
    assert TimelineEntry.objects.count() == 5


def test_two_who_believe_that_they_hold_the_claim_store_nothing_twice(cast, small_steps):
    imp = make_import(cast.event, *many(4), by=cast.scribe)
    imports.begin(imp, by=cast.scribe)
    one, two = (Import.objects.select_related("event").get(pk=imp.pk) for _ in range(2))
    staged = import_rows.unpack(one)
    for holder, is_theirs in ((one, True), (two, False)):
        part = list(import_rows.entries_of(holder, staged, [0, 1], base=1, hidden_at=clock.now()))
        assert (imports._store(holder, part) is not None) is is_theirs
    assert TimelineEntry.objects.count() == 2


def test_pressing_add_again_in_another_tab_adds_nothing(cast):
    imp = make_import(cast.event, *many(2), by=cast.scribe)
    imports.begin(imp, by=cast.scribe)
    imports.carry_on(imp.pk, seconds=60)
    with pytest.raises(WrongState, match="in the timeline already"):
        imports.begin(Import.objects.get(pk=imp.pk), by=cast.scribe)
    assert len(shown(cast.event)) == 2


def test_one_record_is_added_at_a_time(cast):
    one, two = (make_import(cast.event, by=user) for user in (cast.scribe, cast.facilitator))
    imports.begin(one, by=cast.scribe)
    with pytest.raises(WrongState, match="Scribe is adding “app.log” just now"):
        imports.begin(two, by=cast.facilitator)


def test_what_somebody_else_added_meanwhile_is_marked_and_asked_about(cast):
    mine, theirs = (
        make_import(cast.event, *many(2), found(user.pk + 9), by=user) for user in (cast.scribe, cast.facilitator)
    )
    imports.begin(theirs, by=cast.facilitator)
    imports.carry_on(theirs.pk, seconds=60)
    with pytest.raises(imports.NowThere) as refusal:
        imports.begin(mine, by=cast.scribe)
    mine.refresh_from_db()
    assert (refusal.value.count, mine.chosen, mine.state) == (2, "001", "read")
    imports.begin(mine, by=cast.scribe)
    imports.carry_on(mine.pk, seconds=60)
    assert len(shown(cast.event)) == 4


def test_a_review_that_is_published_meanwhile_gets_nothing(cast):
    imp = make_import(cast.event, *many(2), by=cast.scribe)
    imports.begin(imp, by=cast.scribe)
    type(cast.event).objects.filter(pk=cast.event.pk).update(state="published", published_at=START)
    with pytest.raises(WrongState, match="published"):
        imports.carry_on(imp.pk, seconds=60)
    imp.refresh_from_db()
    assert (imp.state, imp.stored, imp.chosen) == ("read", 0, "11")
    assert not TimelineEntry.objects.exists()
    with pytest.raises(WrongState, match="published"):
        imports.stage(cast.event, by=cast.scribe, name="a", data=LINES)


def test_a_timeline_that_is_full_takes_no_more(cast, monkeypatch):
    make_entry(cast.event)
    imp = make_import(cast.event, *many(2), by=cast.scribe)
    monkeypatch.setattr(limits, "ENTRIES_PER_EVENT", 2)
    with pytest.raises(WrongState, match="at most 2 moments"):
        imports.begin(imp, by=cast.scribe)


def test_stopping_leaves_nothing_and_the_choice_as_it_was(cast, small_steps):
    imp = make_import(cast.event, *many(5), by=cast.scribe)
    imports.begin(imp, by=cast.scribe)
    imports.carry_on(imp.pk, seconds=-1)
    imports.stop(imp)
    imp.refresh_from_db()
    assert (imp.state, imp.stored, imp.chosen) == ("read", 0, "11111")
    assert not TimelineEntry.objects.exists()
    imports.begin(imp, by=cast.scribe)
    imports.carry_on(imp.pk, seconds=60)
    assert len(shown(cast.event)) == 5


def test_who_begins_anew_while_it_is_cleared_up_loses_nothing(cast, small_steps):
    imp = make_import(cast.event, *many(5), by=cast.scribe)
    imports.begin(imp, by=cast.scribe)
    imports.carry_on(imp.pk, seconds=-1)
    seen = []

    def another_request(execute, sql, *rest):
        if seen == ["DELETE"] and sql.startswith("SELECT"):
            seen.append("began anew")
            imports.begin(Import.objects.get(pk=imp.pk), by=cast.scribe)
            imports.carry_on(imp.pk, seconds=60)
        elif not seen and sql.startswith('DELETE FROM "retros_timelineentry"'):
            seen.append("DELETE")
        return execute(sql, *rest)

    with connection.execute_wrapper(another_request):
        imports.stop(imp)
    assert seen == ["DELETE", "began anew"]
    assert len(shown(cast.event)) == 5


def test_what_no_database_can_hold_is_made_holdable(cast):
    make_import(
        cast.event,
        found(1, "a\0b\ud800", author="x" * 300, source="nonsense", landmark="nonsense", source_url="javascript:alert(1)"),
        found(2, "x" * 20_000),
        found(3, "", at=None),
        by=cast.scribe, state="added",
    )  # fmt: skip
    first, second, third = TimelineEntry.objects.order_by("import_row")
    assert first.text == "a\ufffdb?"
    assert (len(first.author), first.source, first.landmark, first.source_url) == (limits.NAME, "log", "", "")
    assert len(second.text) == limits.ENTRY
    assert second.text.endswith("\u2026")
    assert (third.at_text, third.text) == ("no time given", "Lag of replica 3 grows")


# --- For the command line -----------------------------------------------------------------------------------------------
def test_the_command_line_brings_in_what_is_new_at_once(cast):
    reading = Reading(format="log", lines=3, entries=tuple(many(2)), skipped=(Problem(3, "holds no time", "junk"),))
    imp = imports.bring_in(cast.event, reading, name="app.log")
    assert (imp.state, imp.count, imp.by) == ("added", 2, None)
    assert imp.outcome["reasons"] == [["holds no time", 1]]
    again = imports.bring_in(cast.event, reading, name="app.log")
    assert (again.pk, again.count) == (None, 0)
    assert len(shown(cast.event)) == 2


def test_the_command_line_waits_for_nobody_and_leaves_nothing_behind(cast):
    imports.begin(make_import(cast.event, by=cast.scribe), by=cast.scribe)
    with pytest.raises(WrongState, match="just now"):
        imports.bring_in(cast.event, Reading(format="log", entries=(found(9),)), name="app.log")
    assert Import.objects.count() == 1


# --- Beat -------------------------------------------------------------------------------------------------------------
def test_records_that_nobody_finished_are_cleared_away(cast):
    old = make_import(cast.event, by=cast.scribe, created_at=clock.now() - imports.KEPT - timedelta(minutes=1))
    new = make_import(cast.event, by=cast.scribe)
    added = make_import(cast.event, found(5), by=cast.scribe, state="added")
    Import.objects.filter(pk=added.pk).update(created_at=old.created_at)
    assert imports.forget() == 1
    assert set(Import.objects.values_list("pk", flat=True)) == {new.pk, added.pk}


@pytest.mark.parametrize("count", [1, 3])
def test_the_lists_cost_one_query_each(db, count):
    lead = make_user()
    event = make_event(facilitator=lead)
    for number in range(count):
        make_import(event, found(number), by=lead, state="added")
        make_member(event)
    with CaptureQueriesContext(connection) as queries:
        names = [imp.by.name for imp in imports.brought_in(event) if imp.by]
    assert (len(names), len(queries)) == (count, 1)
