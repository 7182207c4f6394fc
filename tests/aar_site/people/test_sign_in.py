"""Signing in: by mailed code and by password; nobody learns who is here, nobody guesses, nobody is led away."""

import re
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from aar_site import clock
from aar_site.outbox import mail
from aar_site.outbox.models import Message
from aar_site.people import services
from aar_site.people.models import User
from tests.factories import PASSWORD, make_user

WRONG = "a loud harbour at midnight"


@pytest.fixture(autouse=True)
def _no_counts_from_elsewhere(db: None) -> None:
    cache.clear()


def code_for(client: Client, address: str, **extra: Any) -> str:
    """Ask for a code; what the mail says. Empty where there is none."""
    before = Message.objects.filter(kind="login_code").count()
    client.post("/in/code/", {"email": address, **extra})
    mails = Message.objects.filter(kind="login_code").order_by("pk")[before:]
    found = re.search(r"\b\d{6}\b", mail.unseal(mails[0].sealed_body)["text"]) if mails else None
    return found[0] if found else ""


def page_of(answer: Any, address: str) -> str:
    """A page without what differs from one request to the next, and without the address that was typed."""
    text = re.sub(r'(value|content)="\w{64}"', "", answer.content.decode())
    return text.replace(address, "ADDRESS").replace(address.replace("@", "%40"), "ADDRESS")


def signed_in(client: Client) -> bool:
    return client.get("/settings/profile/").status_code == 200


# --- By mailed code -------------------------------------------------------------------------------------------------
def test_a_mailed_code_signs_in_once_in_this_browser(client: Client) -> None:
    femi = make_user("Femi", email="femi@example.org", password=None)
    code = code_for(client, "  FEMI@example.org ")
    assert code
    other = Client()
    other.post("/in/code/confirm/", {"code": code})
    assert not signed_in(other), "the code belongs to the browser that asked"
    anonymous = client.cookies["sid"].value
    answer = client.post("/in/code/confirm/", {"code": code})
    assert answer.headers["Location"] == "/"
    assert signed_in(client)
    assert client.cookies["sid"].value != anonymous, "the session that was known before is not the one signed in"
    assert Message.objects.get(kind="login_code").person == femi


def test_a_link_that_is_opened_again_while_a_code_waits_still_leads_where_it_said(client: Client) -> None:
    make_user("Femi", email="femi@example.org", password=None)
    code = code_for(client, "femi@example.org")
    again = client.get("/in/?next=/settings/profile/")
    assert again.headers["Location"] == "/in/code/confirm/?next=%2Fsettings%2Fprofile%2F"
    assert client.get("/in/?next=https://elsewhere.example/").headers["Location"] == "/in/code/confirm/"
    form = {"code": code, "next": "/settings/profile/"}
    assert client.post(again.headers["Location"], form).headers["Location"] == "/settings/profile/"


def test_three_wrong_codes_end_it(client: Client) -> None:
    make_user(email="femi@example.org")
    code = code_for(client, "femi@example.org")
    wrong = "000000" if code != "000000" else "111111"
    assert "on its way. The one before" not in client.get("/in/code/confirm/").content.decode()
    first = client.post("/in/code/confirm/", {"code": wrong})
    assert first.status_code == 422
    assert "This is not the code" in first.content.decode()
    client.post("/in/code/confirm/", {"code": wrong})
    third = client.post("/in/code/confirm/", {"code": wrong}, follow=True).content.decode()
    assert "Too many tries. Ask for a new code" in third
    assert "Send me a code" in third
    client.post("/in/code/confirm/", {"code": code})
    assert not signed_in(client)


def test_a_code_lasts_ten_minutes(client: Client) -> None:
    make_user(email="femi@example.org")
    code = code_for(client, "femi@example.org")
    with time_machine.travel(clock.now().timestamp() + 601):
        client.post("/in/code/confirm/", {"code": code})
    assert not signed_in(client)


def test_signing_out_clears_what_was_typed_and_not_kept_from_the_browser(client: Client) -> None:
    client.force_login(make_user(email="femi@example.org"))
    assert "Clear-Site-Data" not in client.get("/in/out/").headers, "asking is no signing out"
    assert client.post("/in/out/").headers["Clear-Site-Data"] == '"storage"'
    assert not signed_in(client)


def test_a_mistyped_address_is_no_trap(client: Client) -> None:
    """From the page that waits for a code one gets back to the question for the address, and on to where one wanted."""
    make_user(email="femi@example.org")
    client.post("/in/code/", {"email": "fmei@example.org", "next": "/actions/"})
    page = client.get("/in/code/confirm/?next=/actions/").content.decode()
    (back,) = re.findall(r'name="next"\s+value="(/in/code/[^"]*)"', page)
    answer = client.post("/in/out/", {"next": back}, follow=True)
    shown = answer.content.decode()
    assert "Send me a code" in shown
    assert "signed out" not in shown
    assert 'name="next" value="/actions/"' in shown
    code = code_for(client, "femi@example.org", next="/actions/")
    assert client.post("/in/code/confirm/", {"code": code, "next": "/actions/"}).headers["Location"] == "/actions/"


def test_a_new_code_replaces_the_old_one(client: Client) -> None:
    make_user(email="femi@example.org")
    old = code_for(client, "femi@example.org")
    said = client.post("/in/code/confirm/", {"action": "resend"}, follow=True).content.decode()
    assert "A new code is on its way." in said
    bodies = [mail.unseal(m.sealed_body)["text"] for m in Message.objects.order_by("pk")]
    new = re.findall(r"\b\d{6}\b", bodies[-1])[0]
    if old != new:
        client.post("/in/code/confirm/", {"code": old})
        assert not signed_in(client)
    client.post("/in/code/confirm/", {"code": new})
    assert signed_in(client)


# --- By password ----------------------------------------------------------------------------------------------------
def test_a_password_signs_in(client: Client) -> None:
    make_user(email="ines@example.org")
    answer = client.post("/in/", {"login": "INES@example.org", "password": PASSWORD})
    assert answer.headers["Location"] == "/"
    assert signed_in(client)


def test_a_forgotten_password_is_replaced_by_a_mailed_link_that_works_once(client: Client) -> None:
    make_user("Ines", email="ines@example.org")
    elsewhere = Client()
    elsewhere.post("/in/", {"login": "ines@example.org", "password": PASSWORD})
    client.post("/in/password/reset/", {"email": "ines@example.org"})
    (message,) = Message.objects.all()
    (link,) = re.findall(r"http\S+/in/password/reset/\S+", mail.unseal(message.sealed_body)["text"])
    path = re.sub(r"^http://[^/]+", "", link)
    form = client.get(path).headers["Location"]
    assert "Choose a new password" in client.get(form).content.decode()
    client.post(form, {"password1": WRONG, "password2": WRONG})
    assert not signed_in(elsewhere), "other browsers are signed out"
    used = Client().get(path, follow=True).content.decode()
    assert "This link is used up" in used
    old, new = Client(), Client()
    old.post("/in/", {"login": "ines@example.org", "password": PASSWORD})
    new.post("/in/", {"login": "ines@example.org", "password": WRONG})
    assert (signed_in(old), signed_in(new)) == (False, True)


def test_a_changed_password_signs_other_browsers_out_and_is_told_by_mail(client: Client) -> None:
    ines = make_user("Ines", email="ines@example.org")
    elsewhere = Client()
    for browser in (client, elsewhere):
        browser.post("/in/", {"login": ines.email, "password": PASSWORD})
    form = {"oldpassword": PASSWORD, "password1": WRONG, "password2": WRONG}
    said = client.post("/in/password/", form, follow=True)
    assert said.redirect_chain == [("/settings/profile/", 302)]
    assert "Your password is changed." in said.content.decode()
    assert (signed_in(client), signed_in(elsewhere)) == (True, False)
    assert Message.objects.get().kind == "password_changed"


# --- Nobody learns who is here --------------------------------------------------------------------------------------
def strangers() -> list[str]:
    make_user(email="member@example.org")
    make_user(email="codeonly@example.org", password=None)
    make_user(email="gone@example.org", is_active=False)
    return ["member@example.org", "codeonly@example.org", "gone@example.org", "nobody@example.org"]


def test_a_wrong_password_answers_alike_for_everybody() -> None:
    pages = set()
    for address in strangers():
        answer = Client().post("/in/", {"login": address, "password": WRONG})
        assert "That address and password do not match" in answer.content.decode()
        pages.add((answer.status_code, page_of(answer, address)))
    assert [status for status, _ in pages] == [422]


def test_the_right_password_of_a_deactivated_person_signs_nobody_in(client: Client) -> None:
    """Only whoever knows the password learns that the account is closed."""
    gone = make_user(email="gone@example.org", is_active=False)
    answer = client.post("/in/", {"login": gone.email, "password": PASSWORD}, follow=True)
    assert "This account is closed" in answer.content.decode()
    assert not signed_in(client)


@pytest.mark.parametrize("path", ["/in/code/", "/in/password/reset/"])
def test_asking_for_a_mail_answers_alike_for_everybody(path: str) -> None:
    pages = set()
    for address in strangers():
        client = Client()
        answer = client.post(path, {"email": address})
        assert answer.status_code == 302
        shown = client.get(answer.headers["Location"])
        pages.add((answer.headers["Location"], shown.status_code, page_of(shown, address)))
    assert len(pages) == 1


def test_a_deactivated_person_gets_no_code() -> None:
    """But the mail that everybody without an account gets: who asks does not learn that there was one."""
    make_user(email="gone@example.org", is_active=False)
    assert code_for(Client(), "gone@example.org") == ""
    assert [row.kind for row in Message.objects.all()] == ["unknown_account"]


def test_nobody_signs_up(client: Client) -> None:
    form = {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}
    answer = client.post("/in/closed/", form)
    assert "People are added, nobody signs up" in answer.content.decode()
    assert not User.objects.exists()


# --- Nobody guesses -------------------------------------------------------------------------------------------------
def test_guessing_a_password_ends_and_a_code_still_helps(client: Client) -> None:
    make_user(email="ines@example.org")
    for n in range(5):
        client.post("/in/", {"login": "ines@example.org", "password": f"{WRONG} {n}"})
    answer = Client().post("/in/", {"login": "INES@example.org", "password": PASSWORD})
    assert "Too many tries" in answer.content.decode()
    fresh = Client()
    fresh.post("/in/code/confirm/", {"code": code_for(fresh, "ines@example.org")})
    assert signed_in(fresh)


def ask(address: str, number: int, **extra: Any) -> Any:
    """A new browser asks for a code; a header claims another origin each time."""
    header = {"X-Forwarded-For": f"10.0.0.{number}", "X-Real-IP": f"10.0.0.{number}"}
    return Client(**extra).post("/in/code/", {"email": address}, headers=header)


def test_neither_an_address_nor_the_site_can_be_flooded_with_codes() -> None:
    answers = [ask(f"n{n}@example.org", n) for n in range(22)]
    assert [a.status_code for a in answers] == [302] * 20 + [422] * 2
    assert "Too many" in answers[-1].content.decode()
    one = [ask(address, n, REMOTE_ADDR="192.0.2.7") for n, address in enumerate(["a@b.example", "A@b.Example"] * 3)]
    assert [a.status_code for a in one].count(302) == 3


def test_too_many_at_once_is_429_with_a_time_to_wait() -> None:
    answers = [Client().post("/in/", {"login": f"n{n}@example.org", "password": ""}) for n in range(31)]
    assert answers[-1].status_code == 429
    assert answers[-1].headers["Retry-After"] == "60"
    assert "That was a little fast" in answers[-1].content.decode()


# --- Nobody is led away ---------------------------------------------------------------------------------------------
AWAY = ["https://evil.example/", "//evil.example/", "/\\evil.example", "https:evil.example", "javascript:alert(1)"]


@pytest.mark.parametrize("address", AWAY)
def test_next_stays_here(address: str) -> None:
    make_user(email="ines@example.org")
    by_password, by_code = Client(), Client()
    answer = by_password.post("/in/", {"login": "ines@example.org", "password": PASSWORD, "next": address})
    assert answer.headers["Location"] == "/"
    code = code_for(by_code, "ines@example.org", next=address)
    answer = by_code.post("/in/code/confirm/", {"code": code, "next": address})
    assert answer.headers["Location"] == "/"


def test_next_leads_to_the_page_that_was_asked_for(client: Client) -> None:
    make_user(email="ines@example.org")
    asked = client.get("/actions/?view=mine")
    assert asked.status_code == 302
    page = client.get(asked.headers["Location"]).content.decode()
    form = dict(re.findall(r'name="(next)" value="([^"]+)"', page))
    code = code_for(client, "ines@example.org", **form)
    answer = client.post("/in/code/confirm/", {"code": code, **form})
    assert answer.headers["Location"] == "/actions/?view=mine"


# --- Sessions -------------------------------------------------------------------------------------------------------
def test_who_is_deactivated_is_out_at_once_everywhere() -> None:
    femi, admin, keeps = make_user("Femi"), make_user(is_admin=True), make_user()
    here, there, other = Client(), Client(), Client()
    for client, person in ((here, femi), (there, femi), (other, keeps)):
        client.force_login(person)
    services.set_active(femi, is_active=False, by=admin)
    assert [signed_in(c) for c in (here, there, other)] == [False, False, True]
    assert Session.objects.count() == 1


def test_a_session_of_a_deactivated_person_is_refused_even_if_it_survived(client: Client) -> None:
    femi = make_user("Femi")
    client.force_login(femi)
    User.objects.filter(pk=femi.pk).update(is_active=False)
    assert client.get("/").headers["Location"] == "/in/?next=/"


def test_a_fragment_without_a_session_is_401_with_the_way_in(client: Client) -> None:
    answer = client.get("/actions/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/in/?next=/actions/"
    assert answer.content == b""


def test_no_page_is_kept_by_caches(client: Client) -> None:
    client.force_login(make_user())
    answer = client.get("/settings/profile/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "HX-Request" in answer.headers["Vary"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_an_invented_person_gets_no_mail(client: Client) -> None:
    make_user("Imani", email="imani@demo.example")
    assert code_for(client, "imani@demo.example") == ""
    assert not Message.objects.exists()


def test_a_reset_link_sets_no_password_once_the_person_is_shut_out(client: Client) -> None:
    femi = make_user("Femi", email="femi@example.org")
    client.post("/in/password/reset/", {"email": "femi@example.org"})
    words = mail.unseal(Message.objects.get(kind="password_reset_key").sealed_body)["text"]
    link = re.search(r"/in/password/reset/\S+", words)
    assert link
    services.set_active(femi, is_active=False, by=make_user(is_admin=True))
    page = client.get(link[0], follow=True)
    assert b"password1" not in page.content
    client.post(
        f"/in/password/reset/{link[0].split('/')[4].split('-')[0]}-set-password/",
        {"password1": WRONG, "password2": WRONG},
    )
    femi.refresh_from_db()
    assert femi.check_password(PASSWORD)
