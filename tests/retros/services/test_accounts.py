"""Accounts: a draft, in, declined, taken back; opened once and for good; a note for one person."""

import itertools
import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from aar_site import clock
from aar_site.outbox.models import Message
from retros import limits
from retros.live.log import Repeated, Stale, WrongState
from retros.models import AccountRevision, Change, Event, ParticipantAccount, Role, State
from retros.services import accounts, people
from tests.factories import make_cast, make_event, make_member, make_user

ANSWERS = {"saw": "Flat lines."}


def write(cast: Any, who: str = "participant", *, submit: bool = True, **extra: Any) -> ParticipantAccount:
    verb = accounts.submit if submit else accounts.save_draft
    return verb(cast.event, by=getattr(cast, who), **{"answers": ANSWERS, "note": "", **extra})


def state_of(cast: Any, who: str = "participant") -> str:
    rows = {s.membership.user_id: s.state for s in accounts.standings(cast.event)}
    return rows[getattr(cast, who).pk]


# --- Writing --------------------------------------------------------------------------------------------------------
def test_from_nothing_to_in_and_back(cast):
    assert state_of(cast) == "not in"
    draft = write(cast, submit=False)
    assert (draft.state, draft.submitted_at, state_of(cast)) == ("draft", None, "not in")
    assert write(cast).submitted_at is not None
    assert state_of(cast) == "in"
    accounts.take_back(cast.event, by=cast.participant)
    assert state_of(cast) == "not in"
    accounts.decline(cast.event, by=cast.participant)
    assert state_of(cast) == "declined"
    kept = ParticipantAccount.objects.get(author=cast.participant)
    assert (kept.answers, kept.submitted_at) == (ANSWERS, None)


def test_writing_takes_a_refusal_back(cast):
    accounts.decline(cast.event, by=cast.participant)
    write(cast, submit=False)
    assert state_of(cast) == "not in"


def test_what_was_handed_in_stays_in_while_it_is_edited(cast):
    first = write(cast).submitted_at
    edited = write(cast, submit=False, answers={"saw": "Flat lines, then none."})
    assert (edited.state, edited.submitted_at) == ("submitted", first)
    assert edited.answers == {"saw": "Flat lines, then none."}


def test_an_account_that_was_emptied_is_a_draft_again(cast):
    write(cast)
    assert write(cast, submit=False, answers={"saw": "  "}).state == "draft"
    assert state_of(cast) == "not in"


def test_nothing_cannot_be_handed_in(cast):
    with pytest.raises(ValidationError, match="Write at least one answer"):
        write(cast, answers={"saw": " \n "})
    assert not ParticipantAccount.objects.exists()


def test_unknown_questions_are_not_kept(cast):
    assert write(cast, answers={**ANSWERS, "revealed_at": "now", "state": "x"}).answers == ANSWERS


def test_limits(cast):
    longest = "x" * limits.ACCOUNT_ANSWER
    assert write(cast, answers={"saw": longest}, note="y" * limits.NOTE).answers["saw"] == longest
    for answers, note in (({"saw": longest + "x"}, ""), (ANSWERS, "y" * (limits.NOTE + 1))):
        with pytest.raises(ValidationError, match="at most 20,000 characters"):
            write(cast, answers=answers, note=note)


def test_late_is_marked_once(cast):
    cast.event.accounts_due_at = clock.now() + timedelta(hours=1)
    cast.event.save()
    assert write(cast).is_late is False
    clock.move(timedelta(hours=2))
    assert write(cast, answers={"saw": "more"}).is_late is False
    assert write(cast, "guest").is_late is True
    accounts.take_back(cast.event, by=cast.guest)
    assert ParticipantAccount.objects.get(author=cast.guest).is_late is False


def test_a_repeated_operation_is_done_once(cast):
    op = uuid.uuid4()
    write(cast, op=op)
    with pytest.raises(Repeated):
        write(cast, op=op, answers={"saw": "again"})
    assert ParticipantAccount.objects.get().answers == ANSWERS


# --- Two windows of one author ----------------------------------------------------------------------------------------
def opened(cast: Any) -> Any:
    """A page that is opened now: a function that saves from it, counting as the page does."""
    page, seen, count = uuid.uuid4(), accounts.own_account(cast.event, cast.participant).mark, itertools.count(1)

    def save(text: str, *, submit: bool = False, number: int | None = None) -> ParticipantAccount:
        window = accounts.Window(page, next(count) if number is None else number, seen)
        return write(cast, submit=submit, answers={"saw": text}, window=window)

    return save


def kept(cast: Any) -> tuple[str, str]:
    row = ParticipantAccount.objects.get(author=cast.participant)
    return row.state, row.answers.get("saw", "")


def test_a_window_never_writes_over_what_another_one_saved_since(cast):
    laptop, phone = opened(cast), opened(cast)
    laptop("on the laptop")
    with pytest.raises(Stale) as stale:
        phone("on the phone", submit=True)
    assert stale.value.current.answers == {"saw": "on the laptop"}
    opened(cast)("on the phone", submit=True)
    for submit in (False, True):
        with pytest.raises(Stale):
            laptop("on the laptop, and one key", submit=submit)
    assert kept(cast) == ("submitted", "on the phone")


def test_an_autosave_that_comes_after_the_own_submit_takes_nothing_back(cast):
    page = opened(cast)
    page("abc", number=1)
    page("abc", submit=True, number=3)
    with pytest.raises(Stale):
        page("ab", number=2)
    assert kept(cast) == ("submitted", "abc")
    page("abcd", number=4)
    assert kept(cast) == ("submitted", "abcd")


def test_an_autosave_that_comes_after_declining_does_not_take_it_back(cast):
    page = opened(cast)
    accounts.decline(cast.event, by=cast.participant)
    with pytest.raises(Stale):
        page("half a sent")
    assert kept(cast) == ("declined", "")
    opened(cast)("after all")
    assert kept(cast) == ("draft", "after all")


def test_the_same_words_are_never_a_conflict(cast):
    laptop, phone = opened(cast), opened(cast)
    phone("the same", submit=True)
    assert laptop("the same").mark == ParticipantAccount.objects.get().mark
    laptop("the same", submit=True)
    assert kept(cast) == ("submitted", "the same")


def test_windows_are_told_after_the_reveal_too(cast):
    laptop, phone = opened(cast), opened(cast)
    phone("first", submit=True)
    accounts.reveal(cast.event, by=cast.facilitator)
    cast.event.refresh_from_db()
    with pytest.raises(Stale):
        laptop("second", submit=True)
    assert not AccountRevision.objects.exists()


def test_differences_name_what_the_other_window_kept(cast):
    account = write(cast, answers={"saw": "lines", "did": "called"}, note="alone")
    assert accounts.differences(account, {"saw": "lines", "did": "", "helped": "her"}, "") == [
        ("What did you do, and what made that the sensible next step?", "called"),
        ("What helped, even a little?", ""),
        ("For the facilitator alone", "alone"),
    ]


# --- What leaves no trace, and who writes none ------------------------------------------------------------------------
def test_writes_before_the_reveal_leave_no_trace_in_the_log(cast):
    before = Event.objects.get(pk=cast.event.pk).change_seq
    write(cast, submit=False)
    write(cast)
    accounts.take_back(cast.event, by=cast.participant)
    accounts.decline(cast.event, by=cast.participant)
    assert Event.objects.get(pk=cast.event.pk).change_seq == before
    assert not Change.objects.filter(event=cast.event, seq__gt=before).exists()


def test_observers_and_strangers_write_none(cast):
    for who in ("observer", "outsider", "admin"):
        with pytest.raises(WrongState, match="Observers write no account"):
            write(cast, who)


@pytest.mark.parametrize("state", [State.PUBLISHED, State.NOT_REVIEWED])
def test_a_closed_review_takes_no_account(db, state):
    cast = make_cast(state=state, not_reviewed_reason="small")
    for act in (lambda: write(cast), lambda: write(cast, submit=False),
                lambda: accounts.decline(cast.event, by=cast.participant),
                lambda: accounts.take_back(cast.event, by=cast.participant)):  # fmt: skip
        with pytest.raises(WrongState, match="This review is closed"):
            act()


# --- Reveal ---------------------------------------------------------------------------------------------------------
def test_the_reveal_opens_what_is_in_at_once_and_nothing_else(cast):
    write(cast)
    write(cast, "guest", submit=False)
    write(cast, "scribe")
    accounts.decline(cast.event, by=cast.scribe)
    assert accounts.readable(cast.event, cast.observer) == []
    accounts.reveal(cast.event, by=cast.facilitator)
    for who in ("facilitator", "scribe", "participant", "observer", "guest"):
        assert [a.author for a in accounts.readable(cast.event, getattr(cast, who))] == [cast.participant]
    for who in ("manager", "admin", "outsider"):
        assert accounts.readable(cast.event, getattr(cast, who)) == []
    log = Change.objects.get(event=cast.event, what="opened the accounts")
    assert log.actor == cast.facilitator


def test_the_reveal_is_final_and_happens_once(cast):
    write(cast)
    accounts.reveal(cast.event, by=cast.facilitator)
    at = Event.objects.get(pk=cast.event.pk).revealed_at
    with pytest.raises(WrongState, match="open already"):
        accounts.reveal(cast.event, by=cast.facilitator)
    for act in (accounts.take_back, accounts.decline):
        with pytest.raises(WrongState, match="It can be edited, not withdrawn"):
            act(cast.event, by=cast.participant)
    assert Event.objects.get(pk=cast.event.pk).revealed_at == at


@pytest.mark.parametrize("state", [State.DRAFT, State.REVIEW, State.PUBLISHED])
def test_nothing_is_opened_after_the_meeting(db, state):
    cast = make_cast(state=state)
    with pytest.raises(WrongState, match="The meeting is over"):
        accounts.reveal(cast.event, by=cast.facilitator)


def test_an_edit_after_the_reveal_is_a_new_revision(cast):
    write(cast)
    accounts.reveal(cast.event, by=cast.facilitator)
    fresh = Event.objects.get(pk=cast.event.pk)
    with pytest.raises(WrongState, match="Send your changes"):
        accounts.save_draft(fresh, by=cast.participant, answers={"saw": "silently"}, note="")
    for text in ("second", "third", "third"):
        accounts.submit(fresh, by=cast.participant, answers={"saw": text}, note="")
    shown = accounts.readable(fresh, cast.observer)[0]
    assert shown.answers == {"saw": "third"}
    assert [r.answers["saw"] for r in shown.revisions.all()] == ["Flat lines.", "second"]
    assert shown.is_after_reveal is False


def test_a_first_account_after_the_reveal_is_marked(cast):
    accounts.reveal(cast.event, by=cast.facilitator)
    fresh = Event.objects.get(pk=cast.event.pk)
    accounts.save_draft(fresh, by=cast.guest, answers=ANSWERS, note="")
    assert accounts.readable(fresh, cast.observer) == []
    late = accounts.submit(fresh, by=cast.guest, answers=ANSWERS, note="")
    assert late.is_after_reveal is True
    assert Change.objects.filter(event=fresh, what="added to an account after the reveal").count() == 1


def test_who_sends_without_knowing_of_the_reveal_is_told_first(cast):
    write(cast, submit=False)
    accounts.reveal(cast.event, by=cast.facilitator)
    with pytest.raises(WrongState, match="opened while you were writing"):
        write(cast)  # with the event as it was read before


def test_a_removed_persons_account_stays_sealed(cast):
    write(cast)
    people.remove_person(cast.event.memberships.get(user=cast.participant), by=cast.facilitator)
    accounts.reveal(cast.event, by=cast.facilitator)
    assert accounts.readable(cast.event, cast.facilitator) == []
    make_member(cast.event, cast.participant)
    assert accounts.readable(cast.event, cast.facilitator) == []


@pytest.mark.django_db(transaction=True)
def test_a_save_that_races_the_reveal_is_in_it_or_a_visible_revision():
    """Never lost, never a silent change of what others are reading."""
    cast = make_cast()
    for number in range(6):
        event = make_event(facilitator=cast.facilitator)
        author = make_user()
        make_member(event, author, was_involved=True)
        accounts.submit(event, by=author, answers={"saw": "first"}, note="")
        start, kept = threading.Barrier(2), []

        def save(event=event, author=author, start=start, kept=kept, wait=number) -> None:
            start.wait()
            try:
                for _ in range(wait % 3):
                    Event.objects.filter(pk=event.pk).exists()
                accounts.submit(event, by=author, answers={"saw": "second"}, note="")
                kept.append(True)
            except WrongState:
                kept.append(False)
            finally:
                connection.close()

        thread = threading.Thread(target=save)
        thread.start()
        start.wait()
        accounts.reveal(event, by=cast.facilitator)
        thread.join()
        account = ParticipantAccount.objects.get(event=event)
        replaced = [r.answers["saw"] for r in AccountRevision.objects.filter(account=account)]
        assert (account.answers["saw"], replaced) == (("second" if kept[0] else "first"), [])


# --- The note to the facilitator, and reminders ----------------------------------------------------------------------
def test_a_note_is_for_the_one_who_facilitates_as_it_is_written(cast):
    write(cast, note="I was alone.")
    assert [a.note_to_facilitator for a in accounts.notes_for_facilitator(cast.event, cast.facilitator)] == [
        "I was alone."
    ]
    for who in ("scribe", "participant", "observer", "admin", "manager"):
        assert accounts.notes_for_facilitator(cast.event, getattr(cast, who)) == []
    people.edit_person(
        cast.event.memberships.get(user=cast.scribe), by=cast.facilitator, role=Role.FACILITATOR, was_involved=False
    )
    assert accounts.notes_for_facilitator(cast.event, cast.scribe) == []
    assert accounts.notes_for_facilitator(cast.event, cast.facilitator) == []


def test_a_note_of_a_draft_or_of_one_who_declined_is_not_told(cast):
    write(cast, note="not yet", submit=False)
    assert accounts.notes_for_facilitator(cast.event, cast.facilitator) == []
    write(cast, note="now")
    accounts.decline(cast.event, by=cast.participant)
    assert accounts.notes_for_facilitator(cast.event, cast.facilitator) == []


def test_reminders_go_to_those_not_in_once_a_day(cast):
    write(cast)
    Message.objects.all().delete()
    assert accounts.remind(cast.event, by=cast.facilitator) == 1
    assert accounts.remind(cast.event, by=cast.facilitator) == 0
    assert list(Message.objects.values_list("person", "kind")) == [(cast.guest.pk, "account_reminder")]
    clock.move(timedelta(days=1))
    assert accounts.remind(cast.event, by=cast.facilitator) == 1
    accounts.decline(cast.event, by=cast.guest)
    clock.move(timedelta(days=1))
    assert accounts.remind(cast.event, by=cast.facilitator) == 0


def test_nobody_is_reminded_after_the_reveal(cast):
    accounts.reveal(cast.event, by=cast.facilitator)
    with pytest.raises(WrongState, match="until the accounts are opened"):
        accounts.remind(cast.event, by=cast.facilitator)


@pytest.mark.parametrize("size", [1, 3])
def test_standings_cost_two_queries(cast, django_assert_num_queries, size):
    for _ in range(size):
        make_member(cast.event, was_involved=True)
    with django_assert_num_queries(2):
        rows = accounts.standings(cast.event)
    assert len(rows) == size + 2


@pytest.mark.parametrize(
    ("typed", "read"),
    [("23:07", "Sun 21 Oct 2018, 23:07 UTC, which is T+00:13"), ("about 00:05", "Mon 22 Oct 2018, 00:05 UTC, which is T+01:11"),
     ("21:30", "Sun 21 Oct 2018, 21:30 UTC, which is T\u221201:24"), ("T+00:10", "Sun 21 Oct 2018, 23:04 UTC, which is T+00:10"),
     ("when the pager rang", ""), ("", ""), ("21 Oct 2018", ""), ("25:00", "")],
)  # fmt: skip
def test_how_a_clock_is_read(cast, typed, read):
    zero = cast.event.started_at + timedelta(minutes=2)
    assert accounts.read_as(cast.event, typed, zero) == read
