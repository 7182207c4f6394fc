"""The database refuses what an action must never be, however it is written."""

import pytest
from django.db import IntegrityError, connection, transaction

from actions.models import Action
from tests.factories import make_action, make_event

WRONG = [
    ("action_has_a_title", "title = ''"),
    ("action_status_is_known", "status = 'someday'"),
    ("action_committed_is_complete", "owner_id = NULL"),
    ("action_committed_is_complete", "due_on = NULL"),
    ("action_committed_is_complete", "size = ''"),
    ("action_committed_is_complete", "closed_when = ''"),
    ("action_committed_is_complete", "status = 'in_progress', size = ''"),
    ("action_closed_has_a_time", "status = 'done'"),
    ("action_closed_has_a_time", "closed_at = created_at"),
    ("action_dropped_has_a_reason", "status = 'dropped', closed_at = created_at"),
    ("action_blocked_has_a_reason", "status = 'blocked'"),
]


@pytest.mark.parametrize(("name", "change"), WRONG, ids=[f"{n}: {c}" for n, c in WRONG])
def test_the_database_refuses(db, name, change):
    action = make_action(make_event())
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE actions_action SET {change} WHERE id = %s", [action.pk])  # noqa: S608 - from the list above
    assert Action.objects.get(pk=action.pk).status == "committed"


def test_a_bare_proposal_and_a_dropped_one_need_nothing_of_it(db):
    event = make_event()
    assert Action.objects.create(event=event, title="Later").status == "proposed"
    make_action(event, status="dropped", due_on=None, size="", closed_when="")


def test_days_late_count_from_the_day_after_and_only_while_open(db):
    action = make_action(make_event())
    assert [action.days_late(action.due_on.replace(day=day)) for day in (3, 4, 5, 14)] == [-1, 0, 1, 10]
    action.status = "done"
    assert action.days_late(action.due_on.replace(day=14)) == 0


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by sizes, and these tables are small")
def test_open_actions_are_found_by_an_index_though_their_states_are_parameters(db):
    by_due, by_owner = Action.objects.open().order_by("due_on"), Action.objects.open().filter(owner=1)
    assert "INDEX action_by_close" in by_due.explain()
    assert "INDEX action_open_by_owner" in by_owner.explain()
