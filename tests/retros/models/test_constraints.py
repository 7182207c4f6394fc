"""The database itself refuses invalid rows of events, people, accounts and timelines: written past every form and service."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from retros.models import (
    AccountReminder,
    AccountRevision,
    Change,
    Event,
    ImpactFigure,
    ImpactInterval,
    LiftedMoment,
    Membership,
    Operation,
    ParticipantAccount,
    TimelineEntry,
)
from tests.factories import START, make_account, make_entry, make_import

OWN = [
    Event,
    ImpactInterval,
    ImpactFigure,
    Membership,
    ParticipantAccount,
    AccountRevision,
    AccountReminder,
    LiftedMoment,
    TimelineEntry,
    Change,
    Operation,
]
LONG_AGO = "'1999-01-01 00:00:00+00:00'"

# constraint: (model, what is set on a valid row). "again" doubles the row as it is.
INVALID: dict[str, tuple[Any, str]] = {
    "event_has_a_title": (Event, "title = ''"),
    "event_state_is_known": (Event, "state = 'forgotten'"),
    "event_kind_is_known": (Event, "kind = 'party'"),
    "event_ends_after_its_start": (Event, f"ended_at = {LONG_AGO}"),
    "event_without_review_has_a_reason": (Event, "state = 'not_reviewed'"),
    "event_published_has_a_time": (Event, "state = 'published'"),
    "event_meeting_length": (Event, "meeting_minutes = 3"),
    "impact_interval_ends_after_its_start": (ImpactInterval, f"ended_at = {LONG_AGO}"),
    "impact_interval_says_what": (ImpactInterval, "label = ''"),
    "impact_figure_says_what": (ImpactFigure, "value = ''"),
    "membership_once": (Membership, "again"),
    "membership_one_facilitator": (Membership, "role = 'facilitator'"),
    "membership_one_scribe": (Membership, "role = 'scribe'"),
    "membership_role_is_known": (Membership, "role = 'chair'"),
    "account_once": (ParticipantAccount, "again"),
    "account_state_is_known": (ParticipantAccount, "state = 'leaked', submitted_at = NULL"),
    "account_submitted_has_a_time": (ParticipantAccount, "submitted_at = NULL"),
    "account_not_submitted_has_no_time": (ParticipantAccount, "state = 'draft'"),
    "account_revision_once": (AccountRevision, "again"),
    "account_revision_counts_from_one": (AccountRevision, "number = 0"),
    "account_reminder_once": (AccountReminder, "again"),
    "account_reminder_hours_are_known": (AccountReminder, "hours = 12"),
    "lifted_moment_quotes_a_sentence": (LiftedMoment, "sentence = ''"),
    "entry_has_text": (TimelineEntry, "text = ''"),
    "entry_has_a_time_or_words_for_it": (TimelineEntry, "at = NULL"),
    "entry_ends_after_its_start": (TimelineEntry, f"until = {LONG_AGO}"),
    "entry_with_a_time_has_a_place": (TimelineEntry, "sort_at = NULL"),
    "entry_offset_lies_on_earth": (TimelineEntry, "utc_offset = 841"),
    "entry_precision_is_known": (TimelineEntry, "precision = 'roughly'"),
    "entry_of_a_record_has_its_row": (TimelineEntry, "import_row = NULL"),
    "entry_of_a_record_once": (TimelineEntry, "again"),
    "change_seq_once": (Change, "again"),
    "change_seq_starts_at_one": (Change, "seq = 0"),
    "operation_once": (Operation, "again"),
}


def valid_rows(cast: Any) -> dict[Any, int]:
    """The key of one valid row of each model."""
    event = cast.event
    account = make_account(event, cast.participant)
    rows = [
        event,
        ImpactInterval.objects.create(event=event, label="down", started_at=START, ended_at=START),
        ImpactFigure.objects.create(event=event, value="1", label="x"),
        Membership.objects.get(event=event, user=cast.observer),
        account,
        AccountRevision.objects.create(account=account, number=1),
        AccountReminder.objects.create(
            membership=event.memberships.first(), due_at=START, hours=48, told_on=START.date()
        ),
        LiftedMoment.objects.create(entry=make_entry(event), account=account, question="saw", sentence="At 23:07."),
        make_entry(event, imported=make_import(event, by=cast.scribe), import_row=1),
        Change.objects.create(event=event, seq=1, topics="", what="x", actor=cast.scribe),
        Operation.objects.create(actor=cast.scribe, op="6f1f3c52-6c6b-4f0e-9a54-0f6d9c3c1c11", event=event, seq=1),
    ]
    return {type(row): row.pk for row in rows}


@pytest.mark.parametrize("name", INVALID)
def test_the_database_refuses(cast, name):
    model, values = INVALID[name]
    pk = valid_rows(cast)[model]
    table = model._meta.db_table
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields if not field.primary_key)
    if values == "again":
        statement = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE id = {pk}"  # noqa: S608
    else:
        statement = f"UPDATE {table} SET {values} WHERE id = {pk}"  # noqa: S608
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert name in str(refused.value) or "UNIQUE constraint failed" in str(refused.value)


def test_every_constraint_is_tried():
    assert {constraint.name for model in OWN for constraint in model._meta.constraints} == set(INVALID)
