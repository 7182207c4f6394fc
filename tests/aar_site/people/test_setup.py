"""The first start: one code, one administrator, then the page is gone."""

import threading
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from aar_site.people import setup
from aar_site.people.models import SetupCode, User
from actions.demo import making
from tests.factories import PASSWORD, make_user

GIVEN = {
    "name": "Ines Carvalho",
    "email": "Ines@Northwind.example",
    "password1": PASSWORD,
    "password2": PASSWORD,
    "time_zone": "Europe/Berlin",
}


def printed() -> str:
    """The code in a fresh link."""
    link = setup.first_start_link("http://127.0.0.1:8000")
    assert link is not None
    return parse_qs(urlsplit(link).query)["code"][0]


def test_the_link_carries_the_code_and_makes_the_one_administrator(db: None, client: Client) -> None:
    code = printed()
    page = client.get("/setup/", {"code": code}).content.decode()
    assert f'value="{code}"' in page
    answer = client.post("/setup/", {**GIVEN, "code": code.lower().replace("-", " ")})
    assert answer.status_code == 302
    ines = User.objects.get()
    assert (ines.email, ines.is_admin, ines.time_zone) == ("ines@northwind.example", True, "Europe/Berlin")
    assert client.get("/settings/people/").status_code == 200, "signed in at once"
    again = Client().post("/setup/", {**GIVEN, "email": "second@northwind.example", "code": code})
    assert again.headers["Location"] == "/in/"
    assert User.objects.count() == 1
    assert setup.first_start_link("http://127.0.0.1:8000") is None


def test_who_opens_the_address_alone_is_told_where_the_first_link_stands(db: None, client: Client) -> None:
    page = client.get("/", follow=True).content.decode()
    assert "the link that the server printed" in page
    assert "Ask an administrator to add" not in page, "there is none"
    make_user(is_admin=True)
    page = client.get("/", follow=True).content.decode()
    assert "the link that the server printed" not in page
    assert "Ask an administrator to add" in page


def test_only_the_newest_code_works_and_only_its_hash_is_kept(db: None, client: Client) -> None:
    old, new = printed(), printed()
    refused = client.post("/setup/", {**GIVEN, "code": old})
    assert refused.status_code == 422
    assert "not the one that the server printed last" in refused.content.decode()
    assert 'value="Ines Carvalho"' in refused.content.decode()
    assert PASSWORD not in refused.content.decode()
    row = SetupCode.objects.get()
    assert new.replace("-", "") not in row.code_sha256.upper()
    assert User.objects.count() == 0


def test_ten_wrong_codes_kill_the_right_one(db: None, client: Client) -> None:
    code = printed()
    for _ in range(setup.FAILURES):
        client.post("/setup/", {**GIVEN, "code": "0000-0000"})
    answer = client.post("/setup/", {**GIVEN, "code": code})
    assert answer.status_code == 422
    assert "Start the server again" in answer.content.decode()
    assert User.objects.count() == 0
    assert client.post("/setup/", {**GIVEN, "code": printed()}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password2": "something else entirely"}, "The two passwords differ"),
        ({"password1": "short", "password2": "short"}, "at least 10 characters"),
        ({"name": "\u202e\u200b"}, "Enter a name."),
        ({"email": "not an address"}, "valid email address"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"code": ""}, "Enter the code that the server printed."),
    ],
)
def test_what_is_wrong_is_said_and_costs_no_try(db: None, client: Client, typed: dict[str, str], said: str) -> None:
    code = printed()
    answer = client.post("/setup/", {**GIVEN, "code": code, **typed})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert SetupCode.objects.get().failures == 0
    assert User.objects.count() == 0


def test_whoever_has_an_administrator_needs_no_first_start(db: None, client: Client) -> None:
    make_user(is_admin=True)
    assert client.get("/setup/").headers["Location"] == "/in/"
    assert setup.first_start_link("http://127.0.0.1:8000") is None


def test_of_two_who_try_at_once_one_becomes_the_administrator(transactional_db: None) -> None:
    code, made, refused = printed(), [], []

    def try_it(name: str) -> None:
        try:
            made.append(
                setup.become_administrator(
                    code, email=f"{name}@example.org", name=name, password=PASSWORD, time_zone="UTC"
                )
            )
        except setup.SetupRefused as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    both = [threading.Thread(target=try_it, args=(name,)) for name in ("ada", "bo")]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert len(made) == len(refused) == 1
    assert User.objects.filter(is_admin=True).count() == 1


def test_the_demo_is_offered_while_nobody_is_here_and_only_with_the_code(db: None, client: Client, monkeypatch) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(making, "begin", lambda *words: asked.append(words))
    cache.clear()
    code = printed()
    assert 'action="/setup/demo/"' in client.get("/setup/", {"code": code}).content.decode()
    wrong = client.post("/setup/demo/", {"code": "0000-0000"})
    assert wrong.status_code == 422
    assert "not the one" in wrong.content.decode()
    assert SetupCode.objects.get().failures == 1
    answer = client.post("/setup/demo/", {"code": code})
    assert answer.headers["Location"] == f"/setup/demo/?code={code}"
    client.post("/setup/demo/", {"code": code})
    assert asked == [("--again",)], "a second press begins nothing"
    page = client.get(answer.headers["Location"]).content.decode()
    assert "0 of " in page
    assert 'http-equiv="refresh"' in page
    assert SetupCode.objects.get().used_at is None, "the code still makes the administrator"


def test_the_demo_is_taken_out_before_somebody_real_begins(db: None, client: Client) -> None:
    code = printed()
    make_user("Imani", email="imani@demo.example")
    page = client.get("/setup/", {"code": code}).content.decode()
    assert "Take the demo out" in page
    refused = client.post("/setup/", {**GIVEN, "code": code})
    assert refused.status_code == 422
    assert "Take it out first" in refused.content.decode()
    assert User.objects.get().email == "imani@demo.example"
    assert client.post("/setup/demo/", {"code": "0000-0000", "do": "remove"}).status_code == 422
    assert User.objects.exists()
    assert client.post("/setup/demo/", {"code": code, "do": "remove"}).headers["Location"] == f"/setup/?code={code}"
    assert not User.objects.exists()
    assert client.post("/setup/", {**GIVEN, "code": code}).status_code == 302
    assert client.post("/setup/demo/", {"code": code, "do": "remove"}).headers["Location"] == "/in/"


def test_the_demo_never_goes_where_somebody_real_is(db: None, client: Client, monkeypatch) -> None:
    monkeypatch.setattr(making, "begin", lambda *words: pytest.fail("made"))
    code = printed()
    make_user("Somebody real")
    for word in ("make", "again", "remove"):
        assert client.post("/setup/demo/", {"code": code, "do": word}).status_code == 422
    assert User.objects.count() == 1
