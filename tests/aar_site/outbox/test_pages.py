"""The page of the outbox: administrators see who was not reached and why, never what a mail says, and send failed ones again."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from aar_site import clock
from aar_site.health import readiness
from aar_site.health import services as health
from aar_site.outbox import delivery, mail, services
from aar_site.outbox.models import Message
from aar_site.people.models import User
from tests.aar_site.conftest import MailServer
from tests.factories import make_user

State = Message.State


@pytest.fixture
def admin(db: None, client: Client) -> User:
    """An administrator, signed in; worker and scheduler run."""
    for part in readiness.PARTS:
        health.note(part)
    one = make_user("Ines", email="ines@example.org", is_admin=True)
    client.force_login(one)
    return one


def post(address: str, **values: Any) -> Message:
    context = {"asked_by": "Canary in the words", "path": "/secret-link/"}
    mail.post("welcome", address, address=address, template="welcome", context=context)
    Message.objects.filter(address=address).update(**values)
    return Message.objects.get(address=address)


def shown(client: Client, show: str = "") -> str:
    return client.get("/settings/mail/", {"show": show}).content.decode()


def test_each_mail_stands_under_what_became_of_it(admin: User, client: Client) -> None:
    post("failed@example.org", state=State.FAILED, error="550 no such user")
    post("unsure@example.org", state=State.UNCERTAIN, error="The server fell silent.")
    post("waits@example.org")
    post("sent@example.org", state=State.SENT, sent_at=clock.now())
    post("gone@example.org", state=State.DROPPED)
    found = {
        kind: {
            name
            for name in ("failed", "unsure", "waits", "sent", "gone")
            if f"{name}@example.org" in shown(client, kind)
        }
        for kind in services.KINDS
    }
    assert found == {"": {"failed", "unsure"}, "waiting": {"waits"}, "sent": {"sent"}, "dropped": {"gone"}}
    page = shown(client)
    assert "550 no such user" in page
    assert "The server fell silent." in page
    for words in ("Not arrived 2", "Waiting 1", "Sent 1", "No longer wanted 1"):
        assert words in page
    assert "Canary" not in page + shown(client, "waiting")
    assert "secret-link" not in page + shown(client, "waiting")
    assert client.get("/settings/mail/?show=nonsense").status_code == 404


def test_a_failed_mail_is_sent_again_and_arrives(admin: User, client: Client, server: MailServer) -> None:
    row = post("typo@example.org")
    server.answers["typo@example.org"] = "550 no such user"
    delivery.sweep()
    assert "Send again" in shown(client)
    server.answers.clear()
    answer = client.post(f"/settings/mail/{row.pk}/again/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/mail/")
    assert "The mail to typo@example.org waits to be sent again." in shown(client)
    assert delivery.sweep() == 1
    assert [m["Message-ID"] for m in server.mails] == [row.message_id]
    row.refresh_from_db()
    assert (row.state, bytes(row.sealed_body)) == (State.SENT, b"")
    assert "No mail failed" in shown(client)


@pytest.mark.parametrize(
    "values",
    [
        {"state": State.UNCERTAIN, "sealed_body": b""},
        {"state": State.UNCERTAIN},  # it may have arrived
        {"state": State.FAILED, "sealed_body": b""},
        {"state": State.WAITING},
        {"state": State.DROPPED},
    ],
)
def test_what_may_have_arrived_or_is_not_kept_is_not_sent_again(
    admin: User, client: Client, values: dict[str, Any]
) -> None:
    row = post("x@example.org", **values)
    assert "Send again" not in shown(client, "" if values["state"] in {State.UNCERTAIN, State.FAILED} else "waiting")
    assert client.post(f"/settings/mail/{row.pk}/again/").status_code == 303
    row.refresh_from_db()
    assert row.state == values["state"]
    assert "This mail cannot be sent again" in shown(client)
    assert client.post("/settings/mail/999999/again/").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_as_often_for_three_as_for_one(
    admin: User, client: Client, number: int, django_assert_num_queries: Any
) -> None:
    for n in range(number):
        post(f"{n}@example.org", state=State.FAILED, person=make_user())
    shown(client)  # the first form of a session is given its token
    with django_assert_num_queries(7):
        assert shown(client).count("Send again</button>") == number


def test_a_long_list_has_pages(admin: User, client: Client) -> None:
    for n in range(51):
        post(f"n{n:02}@example.org", state=State.UNCERTAIN)
    assert "1 to 50 of 51" in shown(client)
    second = client.get("/settings/mail/?page=2").content.decode()
    assert "n00@example.org" in second
    assert "n01@example.org" not in second


def test_a_silent_worker_is_told_on_the_page(admin: User, client: Client) -> None:
    assert "so mails wait" not in shown(client)
    clock.move(timedelta(minutes=6))
    assert "The scheduler is silent and the worker is silent, so mails wait." in shown(client)


def test_the_words_of_a_failed_mail_are_forgotten_after_a_month(admin: User) -> None:
    row = post("x@example.org", state=State.FAILED)
    clock.move(timedelta(days=29))
    assert services.forget() == 0
    clock.move(timedelta(days=2))
    assert services.forget() == 1
    row.refresh_from_db()
    assert bytes(row.sealed_body) == b""
    assert services.forget() == 0
