"""Pages of accounts over HTTP: autosave, handing in, declining, opening, reading side by side."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from retros.models import Event, ParticipantAccount
from retros.services import accounts
from tests.factories import make_account, make_entry, make_member, make_user

TYPED = {"noticed_at": "23:07", "saw": "Flat lines & <i>no</i> alarm", "note": "I was alone."}


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(cast: Any, part: str = "account/") -> str:
    return f"/e/{cast.event.code}/{part}"


def post(cast: Any, who: str, part: str, data: dict[str, str] | None = None) -> Any:
    return client_of(getattr(cast, who)).post(address(cast, part), data or {})


def page(cast: Any, who: str, part: str = "account/") -> str:
    return client_of(getattr(cast, who)).get(address(cast, part)).content.decode()


def test_autosave_keeps_the_draft_and_reads_the_clock_back(cast):
    make_entry(cast.event, minutes=2, landmark="detected")
    answer = post(cast, "participant", "account/save/", TYPED)
    kept = ParticipantAccount.objects.get()
    assert answer.json() == {"read_as": "Sun 21 Oct 2018, 23:07 UTC, which is T+00:13", "seen": kept.mark}
    assert (kept.state, kept.answers["saw"], kept.note_to_facilitator) == ("draft", TYPED["saw"], TYPED["note"])
    shown = page(cast, "participant")
    assert "Flat lines &amp; &lt;i&gt;no&lt;/i&gt; alarm</textarea>" in shown
    assert ">Sun 21 Oct 2018, 23:07 UTC, which is T+00:13</output>" in shown
    assert "optional" not in shown


def test_a_retry_of_an_autosave_is_the_same_save(cast):
    op = str(uuid.uuid4())
    for text in ("first", "second"):
        assert post(cast, "participant", "account/save/", {"saw": text, "op": op}).status_code == 200
    assert ParticipantAccount.objects.get().answers == {"saw": "first"}


def read_window(cast: Any, **more: str) -> dict[str, str]:
    """The hidden fields of a page that is opened now, as its form would send them."""
    shown = page(cast, "participant")
    return {
        **{name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', shown)[1] for name in ("page", "count", "seen")},
        **more,
    }


def test_an_old_window_is_told_and_both_texts_are_shown_to_the_author(cast):
    old, new = read_window(cast, saw="from the laptop", note="mine"), read_window(cast, saw="from the phone, <longer>")
    assert post(cast, "participant", "account/", new).status_code == 303
    refused = post(cast, "participant", "account/save/", {**old, "count": "1"})
    assert (refused.status_code, refused["Content-Type"]) == (409, "text/plain; charset=utf-8")
    assert "another window" in refused.content.decode()
    answer = post(cast, "participant", "account/", old)
    shown = answer.content.decode()
    assert (answer.status_code, ParticipantAccount.objects.get().answers) == (409, {"saw": new["saw"]})
    assert "from the laptop</textarea>" in shown
    assert '<dd class="serif">from the phone, &lt;longer&gt;</dd>' in shown
    assert "mine</textarea>" in shown
    read = {**old, "seen": ParticipantAccount.objects.get().mark, "page": str(uuid.uuid4())}
    assert f'value="{read["seen"]}"' in shown
    assert post(cast, "participant", "account/", read).status_code == 303
    assert ParticipantAccount.objects.get().answers == {"saw": "from the laptop"}


def test_a_page_with_mistakes_stays_the_page_that_it_was(cast):
    """Else an old window would count as having read what another one kept, after one refused try."""
    old = read_window(cast, saw="x" * 20_001)
    accounts.submit(cast.event, by=cast.participant, answers={"saw": "elsewhere"}, note="")
    shown = post(cast, "participant", "account/", old).content.decode()
    assert f'name="page" value="{old["page"]}"' in shown
    assert 'name="seen" value=":0"' in shown
    assert post(cast, "participant", "account/", {**old, "saw": "short"}).status_code == 409


def test_a_lost_answer_and_a_kept_one_are_no_conflict(cast):
    window = read_window(cast)
    for count, text in ((1, "a"), (2, "ab"), (4, "abc")):  # the answer, which would say the new mark, never arrived
        answer = post(cast, "participant", "account/save/", {**window, "count": str(count), "saw": text})
        assert answer.status_code == 200
    fifth = {**window, "count": "5", "saw": "abcd", "op": str(uuid.uuid4())}
    first, again = (post(cast, "participant", "account/save/", fifth).json() for _ in range(2))
    assert again == first
    other = read_window(cast, count="1", saw="abcd of another window")
    assert post(cast, "participant", "account/save/", other).status_code == 200
    assert "seen" not in post(cast, "participant", "account/save/", fifth).json()  # it never saw what stands there now
    window = read_window(cast)
    assert post(cast, "participant", "account/", {**window, "count": "6", "saw": "abcde"}).status_code == 303


def test_what_is_too_long_is_refused_and_stays_on_the_page(cast):
    long = "x" * 20_001
    assert post(cast, "participant", "account/save/", {"saw": long}).status_code == 422
    answer = post(cast, "participant", "account/", {"saw": long, "did": "Called them."})
    assert answer.status_code == 422
    assert "at most 20000 characters" in answer.content.decode()
    assert "Called them.</textarea>" in answer.content.decode()
    assert not ParticipantAccount.objects.exists()


def test_nothing_handed_in_is_asked_again(cast):
    answer = post(cast, "participant", "account/", {"note": "only this"})
    assert answer.status_code == 422
    assert "Write at least one answer" in answer.content.decode()
    assert "only this</textarea>" in answer.content.decode()


def test_in_taken_back_and_declined(cast):
    assert post(cast, "participant", "account/", TYPED)["Location"] == address(cast)
    assert "Keep the changes" in page(cast, "participant")
    post(cast, "participant", "account/take-back/")
    assert ParticipantAccount.objects.get().state == "draft"
    post(cast, "participant", "account/decline/")
    declined = page(cast, "participant")
    assert "Changed your mind?" in declined
    assert "I write no account" not in declined
    assert "Flat lines" in declined


def test_the_deadline_the_clock_and_who_opens_stand_beside_the_account(cast):
    shown = page(cast, "participant")
    assert "until Facilitator opens" in shown
    assert "until the facilitator opens" in page(cast, "facilitator")


def test_who_sends_after_the_reveal_without_knowing_keeps_what_was_typed(cast, monkeypatch):
    """The page was opened before, the request arrives just after: 409 with the text, and the second try is marked."""
    stale = Event.objects.get(pk=cast.event.pk)
    accounts.reveal(cast.event, by=cast.facilitator)
    real = accounts.submit
    monkeypatch.setattr(accounts, "submit", lambda _, **kwargs: real(stale, **kwargs))
    answer = post(cast, "participant", "account/", TYPED)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "opened while you were writing" in shown
    assert "Flat lines &amp; " in shown
    assert "data-autosave" not in shown
    monkeypatch.setattr(accounts, "submit", real)
    post(cast, "participant", "account/", TYPED)
    assert ParticipantAccount.objects.get().is_after_reveal is True


def test_a_draft_saved_over_an_open_account_is_refused(cast):
    make_account(cast.event, cast.participant)
    accounts.reveal(cast.event, by=cast.facilitator)
    assert post(cast, "participant", "account/save/", {"saw": "other"}).status_code == 409
    assert ParticipantAccount.objects.get().answers == {"noticed": "I saw flat lines."}


def test_the_reveal_says_what_opens_and_what_stays_sealed(cast):
    make_account(cast.event, cast.participant, note_to_facilitator="x", note_for=cast.facilitator)
    shown = page(cast, "facilitator", "reveal/")
    assert "Open one account to the room?" in shown
    assert "Guest has not handed one in" in shown
    assert "One note to you alone" in shown
    assert "I saw flat lines" not in shown
    assert post(cast, "facilitator", "reveal/")["Location"] == address(cast, "read/")
    assert post(cast, "facilitator", "reveal/").status_code == 409
    assert "The accounts are open" in page(cast, "facilitator", "reveal/")


def test_before_the_reveal_there_is_nothing_to_read_even_with_the_right_address(cast):
    make_account(cast.event, cast.participant)
    answer = client_of(cast.facilitator).get(address(cast, "read/"))
    assert answer.status_code == 409
    assert "The accounts are still sealed" in answer.content.decode()
    assert "flat lines" not in answer.content.decode()


def test_everybody_reads_the_same_side_by_side_with_what_was_said_before(cast):
    for who in ("participant", "guest"):
        accounts.submit(cast.event, by=getattr(cast, who), answers={"saw": f"first of {who}"}, note="")
    accounts.reveal(cast.event, by=cast.facilitator)
    post(cast, "guest", "account/", {"saw": "second <b>of</b> guest", "seen": ":1"})
    post(cast, "scribe", "account/", {"saw": "late"})
    for who in ("facilitator", "observer", "guest"):
        shown = page(cast, who, "read/")
        for words in ("first of participant", "second &lt;b&gt;of&lt;/b&gt; guest", "Changed ",
                      "<del>first </del><ins>second &lt;b&gt;</ins>",
                      "written after the opening", "Ten quiet minutes, until"):  # fmt: skip
            assert words in shown
    for who in ("manager", "admin", "outsider"):
        assert client_of(getattr(cast, who)).get(address(cast, "read/")).status_code == 404


def test_reminders_say_how_many_were_asked(cast):
    client = client_of(cast.facilitator)
    for words in ("2 people were asked.", "Everybody was asked today already."):
        assert words in client.post(address(cast, "accounts/remind/"), follow=True).content.decode()


@pytest.mark.parametrize("size", [1, 3])
def test_reading_costs_the_same_at_any_size(cast, django_assert_num_queries, size):
    for _ in range(size):
        author = make_user()
        make_member(cast.event, author)
        make_account(cast.event, author).revisions.create(number=1, answers={"saw": "before"})
    accounts.reveal(cast.event, by=cast.facilitator)
    client = client_of(cast.participant)
    client.get(address(cast, "read/"))
    with django_assert_num_queries(9):
        client.get(address(cast, "read/"))


def test_writing_costs_few_queries(cast, django_assert_num_queries):
    client = client_of(cast.participant)
    client.get(address(cast))
    with django_assert_num_queries(9):
        client.get(address(cast))
