"""The door of personal links over HTTP: what it says before and after a press, and to whom it does not open."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from aar_site.outbox.models import Message
from retros.services import invitations, links
from tests.factories import PASSWORD, make_event
from tests.guests import YUKI, code_for, guest, invite, link, member, press, words_for

SID = "sid"


@pytest.fixture(autouse=True)
def _no_counts_from_elsewhere(db):
    cache.clear()


def page(cast):
    return f"/e/{cast.event.code}/"


# --- Before a press -------------------------------------------------------------------------------------------------
def test_the_page_names_nobody_and_is_one_for_all(cast, client):
    pages = [client.get(f"/j/{key}/") for key in (invite(cast), invite(cast, "b@partner.org", "Bo"))]
    texts = {re.sub(r"/j/[\w-]+/", "", answer.content.decode()) for answer in pages}
    assert len(texts) == 1
    for word in ("Yuki", "Forty-three", "Facilitator", "partner.org", cast.event.code, "csrf"):
        assert word not in texts.copy().pop()
    for answer in pages:
        assert (answer.status_code, dict(answer.cookies)) == (200, {})
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["Cache-Control"] == "no-store"


def test_unknown_ended_and_revoked_links_answer_with_the_same_bytes(cast, client):
    revoked, renewed = invite(cast), invite(cast, "b@partner.org")
    invitations.revoke(member(cast), by=cast.facilitator)
    invitations.renew(member(cast, "b@partner.org"), by=cast.facilitator)
    answers = [client.get(f"/j/{key}/") for key in (revoked, renewed, "x" * 43, "x", "x" * 400)]
    answers += [press(client, revoked), press(client, "x" * 43)]
    assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}
    assert {a["Referrer-Policy"] for a in answers} == {"no-referrer"}
    assert reverse("link_ask") in answers[0].content.decode()
    assert all(not a.cookies for a in answers)


# --- The press ------------------------------------------------------------------------------------------------------
def test_a_press_lets_the_first_browser_in_without_the_key_in_its_address(cast, client):
    key = invite(cast)
    answer = press(client, key)
    assert (answer.status_code, answer["Location"]) == (303, page(cast) + "account/")
    assert client.get(answer["Location"]).status_code == 200
    assert client.get(f"/j/{key}/")["Location"] == page(cast) + "account/", (
        "pressing again is not needed in this browser"
    )


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_press_from_elsewhere_is_refused(cast, client, site):
    key = invite(cast)
    answer = client.post(f"/j/{key}/", headers={"sec-fetch-site": site})
    assert answer.status_code == 403
    assert link(cast).joined_at is None


def test_a_browser_that_vouches_for_nothing_presses_twice(cast, client):
    key = invite(cast)
    first = client.post(f"/j/{key}/")
    assert (first.status_code, link(cast).joined_at) == (200, None)
    cookie = first.cookies["press"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    copy = re.search(r'name="press" value="([\w-]+)"', first.content.decode())[1]
    forged = Client()
    assert forged.post(f"/j/{key}/", {"press": copy}).status_code == 200, "the copy alone is asked to press again"
    assert client.post(f"/j/{key}/", {"press": "x" + copy}).status_code == 200
    assert link(cast).joined_at is None
    client.cookies["press"] = copy
    assert client.post(f"/j/{key}/", {"press": copy}).status_code == 303


def test_a_session_that_was_there_before_does_not_become_the_guest_s(cast, client):
    planted = client.session
    planted["planted"] = "yes"
    planted.save()
    before = planted.session_key
    client.cookies[SID] = before
    press(client, invite(cast))
    after = client.cookies[SID].value
    assert after != before
    assert not Session.objects.filter(session_key=before).exists()
    assert "planted" not in Session.objects.get(session_key=after).get_decoded()


def test_who_is_signed_in_as_somebody_else_stays_who_they_are(cast, client):
    client.force_login(cast.outsider)
    answer = press(client, invite(cast))
    assert (answer.status_code, b"signed in here as Outsider" in answer.content) == (409, True)
    assert link(cast).joined_at is None
    assert client.get("/settings/profile/").status_code == 200


def test_the_same_member_signed_in_needs_no_press_and_stays_signed_in(cast, client):
    key = invite(cast, cast.outsider.email)
    client.force_login(cast.outsider)
    assert client.get(f"/j/{key}/")["Location"] == page(cast) + "account/"
    assert client.get("/events/").status_code == 200


# --- One more browser -----------------------------------------------------------------------------------------------
def test_a_second_browser_needs_the_code_that_is_mailed(cast):
    key, first, second, third = invite(cast), Client(), Client(), Client()
    press(first, key)
    assert press(second, key)["Location"] == "/in/browser/"
    assert second.get(page(cast)).status_code == 302
    shown = second.get("/in/browser/").content.decode()
    assert "Yuki" not in shown
    assert "Forty" not in shown
    code = code_for(YUKI)
    press(third, key)
    assert second.post("/in/browser/", {"code": code}).status_code == 303, "each browser has its own code"
    assert third.post("/in/browser/", {"code": code}).status_code == 422
    assert second.get(page(cast)).status_code == 200
    assert first.get(page(cast)).status_code == 200
    lead = Client()
    lead.force_login(cast.facilitator)
    told = lead.get(reverse("member_edit", args=[cast.event.code, member(cast).pk])).content.decode()
    assert "Two browsers" in told
    assert "used the personal link in another browser" in told


def test_another_code_may_be_asked_for_five_times_in_an_hour(cast):
    key, second = invite(cast), Client()
    press(Client(), key)
    press(second, key)
    for _ in range(4):
        assert second.post("/in/browser/", {"again": "yes"}).status_code == 303
    refused = second.post("/in/browser/", {"again": "yes"})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert Message.objects.filter(kind="link_code").count() == 5


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_page_of_codes_leads_on_where_none_was_asked_for(client, method):
    assert getattr(client, method)("/in/browser/", {"code": "123456"})["Location"] == "/in/link/"


def test_codes_are_guarded_against_forged_forms(cast):
    key, second = invite(cast), Client(enforce_csrf_checks=True)
    press(Client(), key)
    press(second, key)
    assert second.post("/in/browser/", {"code": code_for(YUKI)}).status_code == 403
    assert second.get(page(cast))["Location"].startswith("/in/"), "the code let nobody in"


# --- Asking for a link ----------------------------------------------------------------------------------------------
def test_asking_says_the_same_for_every_address(cast):
    invite(cast)
    answers = []
    for address in (YUKI, "nobody@x.org", cast.facilitator.email):
        client = Client()
        answer = client.post("/in/link/", {"email": address}, follow=True)
        answers.append(re.sub(r'value="\w{64}"', "", answer.content.decode()))
    assert len(set(answers)) == 1
    assert "If this address was invited" in answers[0]
    assert Message.objects.filter(kind="personal_link").count() == 3
    assert Client().post("/in/link/", {"email": "nonsense"}).status_code == 422


def test_ten_questions_in_a_minute_are_enough(client, db):
    with time_machine.travel(datetime(2026, 11, 25, 12, 0, 1, tzinfo=UTC), tick=False):
        statuses = [client.post("/in/link/", {"email": f"{n}@x.org"}).status_code for n in range(11)]
    assert statuses == [303] * 10 + [429]


# --- What a session of a link may -----------------------------------------------------------------------------------
def test_a_guest_sees_the_one_event_of_the_link(cast, client):
    other = make_event("Slow mornings", facilitator=cast.facilitator)
    key = invite(cast)
    invitations.invite_all(other, people=[("", YUKI)], by=cast.facilitator)
    press(client, key)
    assert client.get("/")["Location"] == page(cast)
    assert client.get(f"/e/{other.code}/").status_code == 404
    assert client.get(f"/e/{other.code}/account/").status_code == 404
    listed = client.get("/events/").content.decode()
    assert "Forty-three seconds" in listed
    assert "Slow mornings" not in listed
    assert client.get("/settings/profile/").status_code == 200
    assert client.get("/settings/people/").status_code == 403
    assert client.get("/events/new/").status_code == 403
    shown = client.get(page(cast)).content.decode()
    assert 'href="/events/"' not in shown
    assert 'href="/actions/"' not in shown


@pytest.mark.parametrize("address", ["/in/", "/in/password/", "/in/password/set/", "/in/again/"])
def test_a_session_of_a_link_gives_itself_no_password(cast, client, address):
    press(client, invite(cast))
    answer = client.get(address)
    assert answer.status_code == 200 if address == "/in/" else answer["Location"].startswith("/in/?next=")


def test_a_member_by_link_opens_this_event_s_pages_and_nothing_else(cast, client):
    cast.outsider.is_admin = True
    cast.outsider.save()
    key = invite(cast, cast.outsider.email)
    other = make_event("Slow mornings", facilitator=cast.outsider)
    press(client, key)
    assert client.get(page(cast) + "account/").status_code == 200
    assert client.get(page(cast) + "people/").status_code == 200
    assert client.get(page(cast) + "facilitator/").status_code == 403, "an administrator only after signing in"
    for address in (
        "/events/",
        "/actions/",
        "/settings/profile/",
        "/settings/people/",
        "/settings/mail/",
        f"/e/{other.code}/",
    ):
        answer = client.get(address)
        assert answer["Location"].startswith("/in/?next="), address
    assert client.post("/settings/profile/", {"name": "X", "time_zone": "UTC"}).status_code == 302
    cast.outsider.refresh_from_db()
    assert (cast.outsider.name, cast.outsider.is_admin, cast.outsider.is_guest) == ("Outsider", True, False)


def test_who_signs_in_in_the_same_browser_is_whole_again(cast, client):
    press(client, invite(cast, cast.outsider.email))
    bound = client.cookies[SID].value
    assert client.get("/in/?by=password").status_code == 200
    client.post("/in/", {"login": cast.outsider.email, "password": PASSWORD})
    assert client.get("/events/").status_code == 200
    assert client.cookies[SID].value != bound
    invitations.revoke(member(cast, cast.outsider.email), by=cast.facilitator)
    assert client.get("/events/").status_code == 200, "the link that ended was not what let them in"


@pytest.mark.parametrize("end", [invitations.revoke, invitations.renew])
def test_a_session_ends_with_its_link_at_the_next_request(cast, client, end):
    press(client, invite(cast))
    assert client.get(page(cast)).status_code == 200
    end(member(cast), by=cast.facilitator)
    assert client.get(page(cast))["Location"].startswith("/in/?next=")
    assert client.post(page(cast) + "account/save/", {"saw": "x"}).status_code == 302
    assert client.get(page(cast) + "room/poll/?after=0").status_code == 401


def test_a_removed_person_s_session_sees_nothing_even_in_a_published_review(cast, client):
    press(client, invite(cast, cast.outsider.email))
    member(cast, cast.outsider.email).delete()
    assert client.get(page(cast))["Location"].startswith("/in/")


def test_signing_out_is_explained_and_leads_to_the_way_back(cast, client):
    press(client, invite(cast))
    assert b"a code is mailed to you" in client.get("/in/out/").content
    answer = client.post("/in/out/", {"next": "/in/link/"})
    assert answer["Location"] == "/in/link/"
    assert client.get(page(cast)).status_code == 302


# --- Guests have no sign-in -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "kind"), [("/in/code/", "login_code"), ("/in/password/reset/", "password_reset_key")]
)
def test_whoever_asks_with_a_guest_s_address_for_a_code_or_a_password_is_sent_the_link(cast, client, address, kind):
    invite(cast)
    client.post(address, {"email": YUKI})
    assert not Message.objects.filter(kind=kind).exists()
    assert Message.objects.filter(kind="personal_link", address=YUKI).count() == 1


def test_a_guest_with_a_password_is_not_signed_in_by_it(cast, client):
    invite(cast)
    user = guest(cast)
    user.set_password(PASSWORD)
    user.save()
    assert client.post("/in/", {"login": YUKI, "password": PASSWORD})["Location"] == "/in/link/"
    assert client.get(page(cast)).status_code == 302


def test_a_database_that_is_away_shows_no_key(cast, client, monkeypatch):
    key = invite(cast)

    def away(token):
        raise OperationalError(f"no connection for {token}")

    monkeypatch.setattr(links, "find", away)
    client.raise_request_exception = False
    answer = client.get(f"/j/{key}/")
    assert (answer.status_code, answer["Referrer-Policy"]) == (500, "no-referrer")
    assert key not in answer.content.decode()


def test_links_in_mails_lead_to_this_site_whatever_host_asked(cast, client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    invite(cast)
    client.post("/in/link/", {"email": YUKI}, headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
    words = words_for(YUKI, "personal_link")
    assert settings.BASE_URL + "/j/" in words
    assert "evil" not in words
