"""Without a mail server mails are files, and nobody gets one: every page that promises a mail says so, and tells administrators alone where
they are. With one, none of the pages speaks of it.
"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.test import Client

from aar_site import clock
from aar_site.outbox import delivery
from aar_site.outbox.mail import NO_SERVER
from aar_site.outbox.models import Message
from actions import asks, reading
from actions.models import Status
from retros.models import Event, State
from tests.factories import make_action, make_event, make_user
from tests.guests import YUKI, invite, member, press

FILES = "django.core.mail.backends.filebased.EmailBackend"
FEMI = {"name": "Femi Sato", "email": "femi@example.org", "time_zone": "Asia/Tokyo"}


@pytest.fixture(autouse=True)
def _no_counts_from_elsewhere(db: None) -> None:
    cache.clear()


@pytest.fixture(params=[False, True], ids=["a mail server", "none"])
def is_without(request: pytest.FixtureRequest, settings: Any) -> bool:
    if request.param:
        settings.EMAIL_BACKEND = FILES
    return bool(request.param)


def says(client: Client, address: str, promise: str, is_without: bool, **typed: str) -> None:
    """The page makes its promise, or says that no mail leaves; a form goes there first, where something is typed."""
    answer = client.post(address, typed, follow=True) if typed else client.get(address)
    page = answer.content.decode()
    assert (promise in page, "No mail server is set" in page) == (not is_without, is_without), address
    assert str(site.MAIL_DIR) not in page


def test_doors_let_nobody_wait_for_a_mail(cast: Any, is_without: bool) -> None:
    known = cast.scribe.email
    says(Client(), "/in/code/", "a six-digit code is on its way.", is_without, email=known)
    says(Client(), "/in/password/reset/", "We mail you a link", is_without)
    says(Client(), "/in/password/reset/", "to choose a new password is on its way.", is_without, email=known)
    says(Client(), "/in/link/", "a mail with a new link is on its way.", is_without, email="nobody@example.org")
    assert (NO_SERVER in Client().get("/in/").content.decode()) == is_without
    key = invite(cast)
    press(Client(), key)
    second = Client()
    press(second, key)
    says(second, "/in/browser/", "A six-digit code is on its way to the address", is_without)
    says(second, "/in/browser/", "A new code is on its way.", is_without, again="yes")


def test_pages_of_a_review_promise_no_mail_that_never_leaves(cast: Any, client: Client, is_without: bool) -> None:
    client.force_login(cast.facilitator)
    event, at = cast.event, f"/e/{cast.event.code}/"
    says(client, f"{at}people/", "Each gets a mail with a personal link.", is_without)
    says(client, f"{at}schedule/", "Everybody in the review gets an invitation", is_without)
    invite(cast)
    row = member(cast)
    says(client, f"{at}people/{row.pk}/", f"Mailed to {YUKI}", is_without)
    says(client, f"{at}people/{row.pk}/link/send/", "is on its way again.", is_without, op=str(uuid4()))
    says(client, f"{at}accounts/remind/", "asked.", is_without, op=str(uuid4()))
    Event.objects.filter(pk=event.pk).update(state=State.DRAFT)
    says(client, f"{at}review/publish/", "get a mail with the summary", is_without)
    action = make_action(
        event, owner=cast.facilitator, due_on=clock.today("UTC") + timedelta(days=9), status=Status.COMMITTED
    )
    client.force_login(cast.facilitator)
    page = client.get(f"/actions/{action.pk}/").content.decode()
    assert ("<h2>Reminders</h2>" in page, NO_SERVER in page) == (True, is_without)
    said = reading.kept_words(action)
    assert said == f"Committed. {NO_SERVER if is_without else 'Its owner is reminded two days before the date.'}"


def offers(client: Client, address: str, sent: str, made: str, is_without: bool) -> None:
    """What the page offers to press or hints at leaves by mail, or does not speak of it."""
    page = client.get(address).content.decode()
    assert (sent in page, made in page) == (not is_without, is_without), address


def test_no_button_offers_a_mail_that_never_leaves(cast: Any, client: Client, is_without: bool) -> None:
    offers(Client(), "/in/", ">Send me a code<", ">Make me a code<", is_without)
    offers(Client(), "/in/code/", ">Send me a code<", ">Make me a code<", is_without)
    offers(Client(), "/in/?by=password", ">Mail me a code instead<", ">Use a code instead<", is_without)
    offers(Client(), "/in/link/", ">Send me a new link<", ">Make me a new link<", is_without)
    offers(Client(), "/in/link/", "a code that is mailed to you", "by a six-digit code", is_without)
    done = Client().get("/in/password/reset/done/").content.decode()
    assert ("Nothing arrived?" in done, done.count(NO_SERVER)) == (not is_without, int(is_without))  # once, not twice
    offers(Client(), "/in/password/reset/", ">Send me the link<", ">Make the link<", is_without)
    client.force_login(cast.facilitator)
    cast.scribe.set_unusable_password()
    cast.scribe.save()
    newcomer = Client()
    newcomer.force_login(cast.scribe)
    offers(newcomer, "/in/password/set/", "you sign in by mailed code", "you sign in by code", is_without)
    people = f"/e/{cast.event.code}/people/"
    offers(client, people, ">Add and invite<", ">Add to the review<", is_without)
    invite(cast)
    link = client.get(f"{people}{member(cast).pk}/").content.decode()
    assert (">Send it again<" in link, ">End the link<" in link) == (not is_without, True)
    prepare = client.get(f"/e/{cast.event.code}/").content.decode()
    assert (">Remind those not in<" in prepare, ">Open the accounts<" in prepare) == (not is_without, True)
    assert ("Reminders come" in client.get("/settings/profile/").content.decode()) == (not is_without)
    client.force_login(cast.admin)
    offers(client, "/settings/people/add/", ">Add and invite<", ">Add the person<", is_without)
    assert ("Reminders come" in client.get("/settings/people/add/").content.decode()) == (not is_without)


def test_an_administrator_is_told_where_mails_are_and_how_they_would_leave(
    db: None, client: Client, is_without: bool
) -> None:
    ada = make_user("Ada", is_admin=True)
    make_user()
    make_event()
    client.force_login(ada)
    first = [(task.title, task.url) for task in asks.first_steps(ada)]
    assert first == ([("Name a mail server", "/settings/mail/")] if is_without else [])
    says(client, "/settings/people/add/", "They get a mail with the way in.", is_without)
    says(client, "/settings/people/add/", "A mail with the way in is on its way.", is_without, **FEMI)
    delivery.sweep()
    assert Message.objects.get().state == Message.State.SENT
    page, sent = (client.get(f"/settings/mail/?show={show}").content.decode() for show in ("", "sent"))
    assert ("No mail server is set" in page, str(site.MAIL_DIR) in page, "EMAIL_URL" in page) == (is_without,) * 3
    assert ("it is a file on the server" in sent) == is_without
    # no mail leaves, so none is called sent
    assert (">Sent 1</a>" in page) == ("Sent</span>" in sent) == (not is_without)
