"""Links: what is kept of them, when they open, who comes in, and what a code is worth."""

import hashlib
import threading
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction

from aar_site import clock
from aar_site.outbox import delivery, mail
from aar_site.outbox.models import Message
from aar_site.people import services as people_services
from retros.models import Change, LinkCode, LinkKey, Membership, PersonalLink, Role, State
from retros.services import accounts, events, invitations, links, people
from tests.factories import make_event
from tests.guests import YUKI, code_for, guest, invite, key_for, link, member, words_for


@pytest.fixture(autouse=True)
def _no_counts_from_elsewhere(db):
    cache.clear()


def test_a_key_is_random_and_only_its_hash_is_kept(cast):
    keys = {invite(cast), invite(cast, "b@partner.org")}
    assert {len(key) for key in keys} == {43}
    kept = set(LinkKey.objects.values_list("token_sha256", flat=True))
    assert kept == {hashlib.sha256(key.encode()).hexdigest() for key in keys}
    assert links.find(keys.pop()).membership.event == cast.event
    assert links.find("x" * 43) is None
    assert links.find("") is None
    assert links.find("x" * 5000) is None


@pytest.mark.parametrize(
    "values",
    [{"token_sha256": "short"}, {"token_sha256": "twice"}],
)
def test_the_database_refuses_a_key_that_is_no_hash_or_not_the_only_one(cast, values):
    invite(cast)
    if values["token_sha256"] == "twice":
        values = {"token_sha256": LinkKey.objects.get().token_sha256}
    with pytest.raises(IntegrityError), transaction.atomic():
        LinkKey.objects.create(link=link(cast), **values)


def test_the_database_refuses_a_fourth_try_and_a_browser_without_a_time(cast):
    invite(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        LinkCode.objects.create(link=link(cast), issue=1, code_hmac="0" * 64, tries=4)
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonalLink.objects.update(browsers=1)


# --- When it opens --------------------------------------------------------------------------------------------------
def test_members_who_lead_or_take_notes_have_no_link_and_guests_always_have_one(cast):
    has = {m.role: links.has_link(m) for m in cast.event.memberships.exclude(user=cast.guest).select_related("user")}
    assert has == {"facilitator": False, "scribe": False, "participant": True, "observer": True}
    Membership.objects.filter(user=cast.scribe).update(role=Role.OBSERVER)
    Membership.objects.filter(user=cast.guest).update(role=Role.SCRIBE)
    assert links.has_link(Membership.objects.get(user=cast.guest))


def test_a_member_who_takes_over_the_notes_signs_in_from_then_on(cast):
    key = invite(cast, cast.outsider.email)
    mark = links.mark_of(links.find(key))
    Membership.objects.filter(user=cast.scribe).update(role=Role.OBSERVER)
    people.edit_person(member(cast, cast.outsider.email), by=cast.facilitator, role=Role.SCRIBE, was_involved=False)
    assert links.find(key) is None
    assert links.of_session(mark) is None


def test_links_end_so_many_days_after_the_review_was_published(cast, settings):
    settings.GUEST_LINK_DAYS = 30
    key = invite(cast)
    now = clock.now()
    cast.event.__class__.objects.update(state=State.PUBLISHED, published_at=now)
    clock.move(timedelta(days=30) - timedelta(minutes=1))
    assert links.find(key)
    clock.move(timedelta(minutes=2))
    assert links.find(key) is None


def test_links_of_an_event_without_review_end_so_many_days_after_that_was_said(cast, settings):
    settings.GUEST_LINK_DAYS = 3
    key = invite(cast)
    clock.move(timedelta(days=1))
    events.decline_review(cast.event, by=cast.facilitator, reason="Too small")
    clock.move(timedelta(days=2))
    links.join(links.find(key))  # puts nothing off
    clock.move(timedelta(days=1, minutes=1))
    assert links.find(key) is None


@pytest.mark.parametrize("end", ["revoked", "renewed", "removed", "deactivated"])
def test_a_link_ends_with_its_sessions_and_codes(cast, end):
    key = invite(cast)
    found = links.find(key)
    links.join(found)
    mark, code = links.mark_of(found), links.send_code(found)
    typed = code_for(YUKI)
    {
        "revoked": lambda: invitations.revoke(member(cast), by=cast.facilitator),
        "renewed": lambda: invitations.renew(member(cast), by=cast.facilitator),
        "removed": lambda: people.remove_person(member(cast), by=cast.facilitator),
        "deactivated": lambda: people_services.set_active(guest(cast), is_active=False, by=cast.admin),
    }[end]()
    assert links.find(key) is None
    assert links.of_session(mark) is None
    assert links.code_link(code) is None
    with pytest.raises(links.CodeRefused) as refused:
        links.use_code(code, typed)
    assert refused.value.is_over


@pytest.mark.parametrize("mark", [None, [], [1], ["x", "y"], "1", [1, 2, 3], {"a": 1}])
def test_a_mark_that_no_link_left_opens_nothing(cast, mark):
    if isinstance(mark, list) and len(mark) == 2:
        mark = [0, 1]
    assert links.of_session(mark) is None


def test_sessions_live_as_long_as_the_link_that_opened_them(cast, client):
    invite(cast)
    for number, data in enumerate([{}, {"link": [link(cast).pk, 1]}, {"link": [link(cast).pk, 2]}]):
        store = client.session
        store.update(data)
        store.save()
        Session.objects.filter(session_key=store.session_key).update(session_key=f"key-{number}")
        client.cookies.clear()
    keys = {"key-0", "key-1", "key-2", "gone"}
    assert links.living_sessions(keys) == {"key-0", "key-1"}
    invitations.revoke(member(cast), by=cast.facilitator)
    assert links.living_sessions(keys) == {"key-0"}
    Session.objects.update(expire_date=clock.now() - timedelta(seconds=1))
    assert links.living_sessions(keys) == set()


# --- Where it leads -------------------------------------------------------------------------------------------------
def test_it_leads_to_the_account_while_one_is_asked_for(cast):
    found = links.find(invite(cast))
    page = f"/e/{cast.event.code}/"
    assert links.landing(found) == page + "account/"
    accounts.submit(cast.event, by=guest(cast), answers={"saw": "Flat lines"}, note="")
    assert links.landing(found) == page
    observer = links.find(invite(cast, "o@partner.org", role=Role.OBSERVER, was_involved=False))
    assert links.landing(observer) == page


# --- Coming in ------------------------------------------------------------------------------------------------------
def test_the_first_browser_is_bound_and_the_facilitator_reads_of_each(cast):
    found = links.find(invite(cast))
    links.join(found)
    with pytest.raises(links.BoundElsewhere):
        links.join(found)
    assert links.use_code(links.send_code(found), code_for(YUKI)).pk == found.pk
    assert link(cast).browsers == 2
    told = [(row.actor.name, row.what) for row in invitations.history(member(cast))]
    assert told == [
        ("Yuki Tanaka", "used the personal link in another browser"),
        ("Yuki Tanaka", "came in by the personal link"),
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_browsers_that_press_at_once_one_is_bound(cast):
    found, results = links.find(invite(cast)), []
    start = threading.Barrier(5)

    def run():
        try:
            start.wait()
            links.join(found)
            results.append("in")
        except links.BoundElsewhere:
            results.append("elsewhere")
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(5)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert sorted(results) == ["elsewhere"] * 4 + ["in"]
    assert Change.objects.filter(what__startswith="came in").count() == 1


def test_a_code_works_once_for_ten_minutes_with_three_tries(cast):
    found = links.find(invite(cast))
    links.join(found)
    pk = links.send_code(found)
    code = code_for(YUKI)
    wrong = "000000" if code != "000000" else "111111"
    for is_over in (False, False, True):
        with pytest.raises(links.CodeRefused) as refused:
            links.use_code(pk, wrong)
        assert refused.value.is_over is is_over
    with pytest.raises(links.CodeRefused):
        links.use_code(pk, code)
    second = links.send_code(found)
    assert links.use_code(second, f" {code_for(YUKI)[:3]} {code_for(YUKI)[3:]} ")
    with pytest.raises(links.CodeRefused):
        links.use_code(second, code_for(YUKI))
    late = links.send_code(found)
    clock.move(timedelta(minutes=10, seconds=1))
    with pytest.raises(links.CodeRefused):
        links.use_code(late, code_for(YUKI))


@pytest.mark.django_db(transaction=True)
def test_of_a_burst_of_tries_three_are_looked_at(cast, monkeypatch):
    found = links.find(invite(cast))
    pk = links.send_code(found)
    looked = []
    compare = links.constant_time_compare
    monkeypatch.setattr(links, "constant_time_compare", lambda a, b: looked.append(1) or compare(a, b))
    start = threading.Barrier(20)

    def run(number):
        try:
            start.wait()
            links.use_code(pk, f"{number:06d}")
        except links.CodeRefused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(20)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(looked) == 3


def test_five_codes_are_mailed_in_an_hour(cast):
    found = links.find(invite(cast))
    waits = [links.wait_for_code(found) for _ in range(6)]
    assert waits[:5] == [0] * 5
    assert waits[5] > 0


def test_a_code_that_waited_too_long_is_not_sent(cast):
    links.send_code(links.find(invite(cast)))
    Message.objects.exclude(kind="link_code").delete()
    clock.move(timedelta(minutes=11))
    assert delivery.sweep() == 0
    assert Message.objects.get().state == Message.State.DROPPED


# --- Asking for a new link ------------------------------------------------------------------------------------------
def test_a_new_link_opens_beside_the_former_and_binds_no_one_anew(cast):
    first = invite(cast)
    links.join(links.find(first))
    links.ask_again("  YUKI@partner.org ")
    second = key_for(YUKI, "personal_link")
    assert second != first
    assert links.find(first) == links.find(second)
    with pytest.raises(links.BoundElsewhere):
        links.join(links.find(second))


def test_one_mail_holds_the_links_of_all_reviews_that_are_open(cast):
    invite(cast)
    other = make_event("Slow mornings", facilitator=cast.facilitator)
    over = make_event("Long ago", facilitator=cast.facilitator)
    for event in (other, over):
        invitations.invite_all(event, people=[("", YUKI)], by=cast.facilitator)
    over.__class__.objects.filter(pk=over.pk).update(
        state=State.PUBLISHED, published_at=clock.now() - timedelta(days=99)
    )
    links.ask_again(YUKI)
    words = words_for(YUKI, "personal_link")
    assert (words.count("/j/"), "Slow mornings" in words, "Long ago" in words) == (2, True, False)


@pytest.mark.parametrize("who", ["nobody", "revoked", "leader"])
def test_whoever_was_not_invited_gets_no_mail_and_leaves_no_trace(cast, who):
    invite(cast)
    Message.objects.all().delete()
    if who == "revoked":
        invitations.revoke(member(cast), by=cast.facilitator)
    links.ask_again({"nobody": "x@y.org", "revoked": YUKI, "leader": cast.facilitator.email}[who])
    assert Message.objects.filter(kind="personal_link").count() == 1
    assert delivery.sweep() == 0
    assert not Message.objects.exists()


def test_asking_more_than_three_times_in_an_hour_sends_nothing_more(cast):
    invite(cast)
    for _ in range(5):
        links.ask_again(YUKI)
    assert Message.objects.filter(kind="personal_link").count() == 3


# --- Mails ----------------------------------------------------------------------------------------------------------
def test_every_mail_to_a_guest_opens_the_way_and_is_blanked_however_it_ends(cast):
    accounts.remind(cast.event, by=cast.facilitator)
    row = Message.objects.get(kind="account_reminder", person=cast.guest)
    body = mail.unseal(row.sealed_body)
    key = key_for(cast.guest.email, "account_reminder")
    assert links.find(key).membership.user == cast.guest
    assert f"/j/{key}/" in body["html"]
    assert "/e/" not in body["text"]
    assert row.is_urgent
    delivery.end(delivery.claim(), Message.State.FAILED, "refused")
    row.refresh_from_db()
    assert (row.state, bytes(row.sealed_body)) == ("failed", b"")
    theirs = Message.objects.get(kind="account_reminder", person=cast.participant)
    assert f"/e/{cast.event.code}/account/" in mail.unseal(theirs.sealed_body)["text"]


def test_whoever_s_link_was_ended_is_not_written_to(cast):
    invitations.revoke(Membership.objects.get(user=cast.guest), by=cast.facilitator)
    accounts.remind(cast.event, by=cast.facilitator)
    assert set(Message.objects.values_list("person", flat=True)) == {cast.participant.pk}


def test_an_invitation_that_waited_is_dropped_where_its_link_ended(cast):
    invite(cast)
    invitations.revoke(member(cast), by=cast.facilitator)
    assert delivery.sweep() == 0
    assert Message.objects.get().state == Message.State.DROPPED
