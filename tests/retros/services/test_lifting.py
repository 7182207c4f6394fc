"""Sentences that become moments: proposed after the reveal, shared early by their author, without a name, taken back without a trace."""

import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import Http404

from retros import access
from retros.live.log import WrongState
from retros.models import Change, Event, LiftedMoment, ParticipantAccount, Recollection, State, TimelineEntry
from retros.services import accounts, disputes, entries, lifting, outline
from retros.when import When
from tests.factories import make_entry, make_member, make_user

ANSWERS = {
    "noticed_at": "23:07",
    "saw": "Flat lines, not rising ones. At 23:09 the page showed primaries in the west.\nI thought the page was wrong.",
    "did": "I locked deploys at about 23:12.",
}


@pytest.fixture
def written(cast: SimpleNamespace) -> SimpleNamespace:
    """The cast, with the participant's account handed in."""
    cast.account = accounts.submit(cast.event, by=cast.participant, answers=ANSWERS, note="")
    return cast


def book(cast: SimpleNamespace, who: str) -> lifting.Book:
    event = Event.objects.get(pk=cast.event.pk)
    return lifting.book_of(event, getattr(cast, who), outline.zero_of(event))


def moments(cast: SimpleNamespace, who: str = "participant") -> dict[str, lifting.Moment]:
    """Sentences of the participant's account as somebody meets them, by their first words."""
    account = ParticipantAccount.objects.get(pk=cast.account.pk)
    account.event = Event.objects.get(pk=cast.event.pk)
    return {m.sentence[:12]: m for m in book(cast, who).moments(account)}


def lift(cast: SimpleNamespace, words: str, who: str = "participant", **extra: Any) -> TimelineEntry:
    moment = moments(cast, who)[words]
    when = extra.pop("when", moment.reading or When(cast.event.started_at, None, "exact"))
    return lifting.lift(moment, by=getattr(cast, who), when=when, text=extra.pop("text", moment.proposed_text), **extra)


def reveal(cast: SimpleNamespace) -> None:
    accounts.reveal(cast.event, by=cast.facilitator)


# --- Finding ----------------------------------------------------------------------------------------------------------
def test_every_sentence_with_its_time_and_its_place(written):
    found = [(m.sentence[:12], m.typed, m.offset, m.question.slug) for m in moments(written).values()]
    assert found == [
        ("23:07", "23:07", "T+00:15", "noticed_at"), ("Flat lines, ", "", "", "saw"), ("At 23:09 the", "23:09", "T+00:17", "saw"),
        ("I thought th", "", "", "saw"), ("I locked dep", "about 23:12", "T+00:20", "did"),
    ]  # fmt: skip


def test_a_clock_alone_is_offered_with_what_was_seen(written):
    assert moments(written)["23:07"].proposed_text == "Flat lines, not rising ones."
    assert moments(written)["At 23:09 the"].proposed_text == "At 23:09 the page showed primaries in the west."


def test_a_clock_alone_does_not_borrow_a_moment_that_has_its_own(cast):
    answers = {"noticed_at": "23:07", "saw": "At 23:09 the page showed primaries in the west."}
    cast.account = accounts.submit(cast.event, by=cast.participant, answers=answers, note="")
    assert moments(cast)["23:07"].proposed_text == "First sign"


def test_an_answer_is_read_from_its_first_word_to_its_last(written):
    pieces = book(written, "participant").pieces(written.account, "saw")
    assert [(p.text.strip()[:12], bool(p.moment)) for p in pieces] == [
        ("Flat lines, ", False), ("At 23:09 the", True), ("I thought th", False)
    ]  # fmt: skip


def test_what_stands_close_on_the_timeline_is_named_the_closest_first(written):
    far = make_entry(written.event, "Somebody else remembers", minutes=18)
    same = make_entry(written.event, "The page shows the west", minutes=17)
    make_entry(written.event, "Long before", minutes=5)
    (found,) = book(written, "participant").with_near([moments(written)["At 23:09 the"]])
    assert found.near == (same, far)


# --- Sharing early ------------------------------------------------------------------------------------------------------
def test_sharing_early_leaves_no_name_and_no_word_but_the_chosen_ones(written):
    entry = lift(written, "I locked dep", text="Deploys are locked", op=uuid.uuid4())
    assert (entry.text, entry.source, entry.source_label, entry.created_by, entry.precision) == (
        "Deploys are locked", "account", "", None, "approx"
    )  # fmt: skip
    assert entry.at == datetime(2018, 10, 21, 23, 12, tzinfo=UTC)
    change = Change.objects.latest("seq")
    assert (change.actor, change.detail, change.topics) == (None, {}, "timeline")


def test_an_author_may_say_that_it_is_theirs(written):
    entry = lift(written, "I locked dep", is_named=True)
    assert (entry.source_label, entry.created_by) == ("Participant", written.participant)
    assert Change.objects.latest("seq").actor == written.participant


def test_nobody_else_learns_what_was_shared_by_whom(written):
    lift(written, "I locked dep")
    for who in ("facilitator", "scribe", "guest", "observer", "admin"):
        assert book(written, who).lifted == {}
        assert lifting.proposed(book(written, who), getattr(written, who), may_lift_all=True) == []
    assert [row.sentence for _, row in book(written, "participant").on_timeline()] == [ANSWERS["did"]]


def test_nobody_else_shares_a_sealed_sentence(written):
    for who in ("facilitator", "scribe", "guest"):
        with pytest.raises(WrongState, match="sealed"):
            lift(written, "I locked dep", who)
        with pytest.raises(Http404):
            access.get_account_or_404(getattr(written, who), written.event.code, written.account.pk)
    assert not TimelineEntry.objects.exists()


def test_the_same_sentence_stands_there_once(written):
    first = lift(written, "I locked dep")
    assert lift(written, "I locked dep", text="other words") == first
    assert TimelineEntry.objects.count() == LiftedMoment.objects.count() == 1
    assert moments(written)["I locked dep"].entry == first


def test_a_shared_moment_is_taken_back_without_a_trace(written):
    entry = lift(written, "I locked dep", text="Deploys are locked")
    Event.objects.filter(pk=written.event.pk).update(t0_entry=entry)
    key = moments(written)["I locked dep"].key
    for other in ("facilitator", "guest"):
        assert lifting.take_back(written.account, key, by=getattr(written, other)) is False
    assert lifting.take_back(written.account, key, by=written.participant) is True
    assert not TimelineEntry.objects.exists()
    assert not LiftedMoment.objects.exists()
    assert "Deploys are locked" not in repr(list(Change.objects.values()))
    assert lifting.take_back(written.account, key, by=written.participant) is False
    assert lift(written, "I locked dep").pk != entry.pk


def test_what_others_made_of_it_is_forgotten_too(written):
    entry = lift(written, "I locked dep", text="Deploys are locked")
    when = When(entry.at, None, "approx")
    entries.edit(
        entry,
        by=written.scribe,
        version=entry.version,
        when=when,
        text="All deploys are locked",
        reason="locked by whom",
    )
    disputes.remember(entry, by=written.guest, when=None, text="Only mine were locked")
    assert lifting.take_back(written.account, moments(written)["I locked dep"].key, by=written.participant) is True
    kept = list(Change.objects.values_list("what", "detail"))
    assert "locked" not in repr(kept)
    assert "edited a moment" in repr(kept)
    assert not Recollection.objects.exists()


def test_what_somebody_removed_meanwhile_can_be_taken_back_for_good(written):
    entry = lift(written, "I locked dep", text="Deploys are locked")
    entries.set_removed(entry, by=written.scribe, removed=True)
    account = ParticipantAccount.objects.get(pk=written.account.pk)
    (row,) = lifting.removed_by_others(account)
    assert lifting.take_back(account, row.key, by=written.participant) is True
    assert entries.removed_entry(written.event, entry.pk) is None
    assert lifting.removed_by_others(account) == []


def test_after_the_reveal_it_is_everybodys(written):
    lift(written, "I locked dep")
    reveal(written)
    with pytest.raises(WrongState, match="everybody’s"):
        lifting.take_back(written.account, moments(written)["I locked dep"].key, by=written.participant)
    for who in ("facilitator", "guest", "observer"):
        assert len(book(written, who).lifted) == 1


def test_a_draft_stays_sealed_after_the_reveal_and_so_does_its_sentence(written):
    lift(written, "I locked dep")
    accounts.take_back(written.event, by=written.participant)
    reveal(written)
    assert book(written, "facilitator").lifted == {}
    assert TimelineEntry.objects.count() == 1


def test_a_sentence_that_was_rewritten_meanwhile_is_not_shared(written):
    moment = moments(written)["I locked dep"]
    accounts.save_draft(written.event, by=written.participant, answers={"did": "I locked nothing."}, note="")
    with pytest.raises(WrongState, match="rewritten"):
        lifting.lift(moment, by=written.participant, when=moment.reading, text="x")


def test_a_closed_review_takes_none(written):
    reveal(written)
    moment = moments(written)["I locked dep"]
    Event.objects.filter(pk=written.event.pk).update(state=State.PUBLISHED, published_at=written.event.started_at)
    with pytest.raises(WrongState, match="published"):
        lifting.lift(moment, by=written.facilitator, when=moment.reading, text="x")


# --- After the reveal ---------------------------------------------------------------------------------------------------
def test_proposals_are_the_own_ones_and_everybodys_for_who_edits(written):
    accounts.submit(written.event, by=written.guest, answers={"saw": "A customer wrote at 22:58."}, note="")
    reveal(written)
    lift(written, "I locked dep", "scribe")

    def seen(who: str, *, every: bool) -> list[str]:
        found = lifting.proposed(book(written, who), getattr(written, who), may_lift_all=every)
        return [m.sentence[:12] for m in found]

    assert seen("scribe", every=True) == ["A customer w", "23:07", "At 23:09 the"]
    assert seen("participant", every=False) == ["23:07", "At 23:09 the"]
    assert seen("guest", every=False) == ["A customer w"]


def test_a_lifted_moment_says_the_authors_part_and_links_both_ways(written):
    written.event.memberships.filter(user=written.participant).update(role_in_event="on call")
    reveal(written)
    entry = lift(written, "I locked dep", "facilitator", type="action", landmark="mitigation")
    assert (entry.source_label, entry.type, entry.landmark, entry.created_by) == (
        "on call", "action", "mitigation", written.facilitator
    )  # fmt: skip
    rows = entries.ordered(Event.objects.get(pk=written.event.pk))
    lifting.mark_sources(rows, written.guest)
    assert (rows[0].quoted.account_id, rows[0].quoted.key) == (written.account.pk, moments(written)["I locked dep"].key)


def test_an_entry_that_was_removed_frees_its_sentence(written):
    reveal(written)
    entry = lift(written, "I locked dep", "scribe")
    entries.set_removed(entry, by=written.scribe, removed=True)
    assert moments(written, "scribe")["I locked dep"].entry is None
    assert lift(written, "I locked dep", "scribe").pk != entry.pk


def test_who_reads_without_a_role_learns_no_source(written):
    """The timeline is published, the accounts are not."""
    reveal(written)
    lift(written, "I locked dep", "scribe")
    Event.objects.filter(pk=written.event.pk).update(state=State.PUBLISHED, published_at=written.event.started_at)
    rows = entries.ordered(Event.objects.get(pk=written.event.pk))
    lifting.mark_sources(rows, written.outsider)
    assert rows[0].quoted is None


@pytest.mark.parametrize("size", [1, 3])
def test_the_aside_costs_the_same_at_any_size(written, django_assert_num_queries, size):
    for number in range(size):
        author = make_user()
        make_member(written.event, author, was_involved=True)
        accounts.submit(written.event, by=author, answers={"saw": f"At 23:1{number} it broke."}, note="")
        make_entry(written.event, minutes=18 + number)
    reveal(written)
    event = Event.objects.get(pk=written.event.pk)
    with django_assert_num_queries(3):
        shown = lifting.aside(event, written.facilitator, event.started_at, access.VERBS["facilitator"])
    assert (len(shown["proposed"]), shown["proposed_count"]) == (3 + size, 3 + size)
    assert shown["proposed"][0].reading.at <= shown["proposed"][-1].reading.at
    assert event.started_at + timedelta(minutes=15) == shown["proposed"][0].reading.at


def test_the_history_of_an_unnamed_moment_names_nobody(written):
    entry = lift(written, "I locked dep")
    entries.set_key(entry, by=written.scribe, is_key=True)
    assert [(step.change.what, step.who) for step in entries.history(entry)] == [
        ("marked a key moment", "Scribe"), ("shared a moment of an account", "Its author")
    ]  # fmt: skip
