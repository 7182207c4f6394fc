"""Pages on which a sentence becomes a moment: the author's own before the reveal, everybody's for who edits entries after it."""

import re
from types import SimpleNamespace

import pytest
from django.test import Client

from retros.models import Event, TimelineEntry
from retros.services import accounts
from tests.factories import make_entry

ANSWERS = {
    "saw": "Flat lines. At 23:09 the page showed <b>primaries</b> in the west.",
    "did": "I locked deploys at about 23:12.",
}


@pytest.fixture
def written(cast: SimpleNamespace) -> SimpleNamespace:
    cast.account = accounts.submit(cast.event, by=cast.participant, answers=ANSWERS, note="")
    return cast


def client_of(cast: SimpleNamespace, who: str) -> Client:
    client = Client()
    client.force_login(getattr(cast, who))
    return client


def own(cast: SimpleNamespace) -> str:
    return f"/e/{cast.event.code}/account/share/"


def others(cast: SimpleNamespace) -> str:
    return f"/e/{cast.event.code}/accounts/{cast.account.pk}/moments/"


def key_of(page: str, words: str) -> str:
    return re.search(rf'\?sentence=(\w+)" aria-label="[^"]*: {words}', page)[1]


def test_an_author_shares_a_moment_and_takes_it_back(written):
    author, lead = client_of(written, "participant"), client_of(written, "facilitator")
    key = key_of(author.get(own(written)).content.decode(), "I locked")
    form = author.get(f"{own(written)}?sentence={key}").content.decode()
    for words in (
        "about 21 Oct 2018, 23:12",
        "Say that it is from me",
        "Not the rest",
        "I locked deploys at about 23:12.",
    ):
        assert words in form
    sent = {"sentence": key, "time": "23:11", "text": "Deploys are locked"}
    shared = author.post(own(written), sent, follow=True).content.decode()
    assert "You can take it back until all accounts are opened" in shared
    seen = lead.get(f"/e/{written.event.code}/timeline/").content.decode()
    assert "Deploys are locked" in seen
    for sealed in ("I locked", "flat lines", "In the account of", "Participant"):
        assert sealed not in seen
    author.post(f"{own(written)}take-back/", {"sentence": key})
    assert "Deploys are locked" not in lead.get(f"/e/{written.event.code}/timeline/").content.decode()
    assert not TimelineEntry.objects.exists()


def test_an_author_learns_that_somebody_removed_what_they_shared(written):
    author = client_of(written, "participant")
    key = key_of(author.get(own(written)).content.decode(), "I locked")
    author.post(own(written), {"sentence": key, "time": "23:11", "text": "Deploys are locked"})
    entry = TimelineEntry.objects.get()
    client_of(written, "scribe").post(f"/e/{written.event.code}/timeline/{entry.pk}/remove/")
    shown = author.get(own(written)).content.decode()
    assert "Removed from the timeline" in shown
    assert "Take back: Deploys are locked" in shown
    author.post(f"{own(written)}take-back/", {"sentence": key})
    assert not TimelineEntry.objects.exists()
    assert "Removed from the timeline" not in author.get(own(written)).content.decode()


def test_what_is_wrong_stays_on_the_page(written):
    author = client_of(written, "participant")
    key = key_of(author.get(own(written)).content.decode(), "I locked")
    answer = author.post(own(written), {"sentence": key, "time": "soon", "text": "Deploys are locked"})
    assert answer.status_code == 422
    assert "Write a time such as" in answer.content.decode()
    assert "Deploys are locked" in answer.content.decode()
    assert not TimelineEntry.objects.exists()


def test_a_sentence_that_is_not_there_is_not_found(written):
    author = client_of(written, "participant")
    assert author.get(f"{own(written)}?sentence=0123456789abcdef").status_code == 404
    assert author.post(own(written), {"sentence": "0123456789abcdef"}).status_code == 422
    assert not TimelineEntry.objects.exists()


def test_the_scribe_lifts_after_the_reveal_and_the_links_lead_both_ways(written):
    make_entry(written.event, "The page shows the west", minutes=17)
    accounts.reveal(written.event, by=written.facilitator)
    scribe = client_of(written, "scribe")
    read = scribe.get(f"/e/{written.event.code}/read/").content.decode()
    assert "Close to “The page shows the west”" in read
    shown = scribe.get(f"/e/{written.event.code}/timeline/").content.decode()
    assert "read as Sun 21 Oct 2018. Close to “The page shows the west”" in shown
    assert "showed &lt;b&gt;primaries&lt;/b&gt;" in read
    assert "No day is named" not in read, "quiet reading: asked where the sentence is added"
    assert '<p class="fine"><span class="t">' not in shown, "a paragraph of that list is in people's voice"
    key = key_of(read, "At 23:09")
    form = scribe.get(f"{others(written)}?sentence={key}").content.decode()
    assert "Is it there already?" in form
    assert "No day is named: read as Sun 21 Oct 2018." in form
    assert "Say that it is from me" not in form
    answer = scribe.post(
        others(written), {"sentence": key, "time": "23:09", "text": "Primaries in the west", "type": "signal"}
    )
    entry = TimelineEntry.objects.get(text="Primaries in the west")
    assert answer["Location"].endswith(f"#entry-{entry.pk}")
    place = f"moment-{written.account.pk}-{key}"
    for who in ("scribe", "observer", "participant"):
        client = client_of(written, who)
        timeline = client.get(f"/e/{written.event.code}/timeline/").content.decode()
        assert f"/e/{written.event.code}/read/#{place}" in timeline
        read = client.get(f"/e/{written.event.code}/read/").content.decode()
        assert f'<div class="mo up" id="{place}">' in read
        assert f"?entry={entry.pk}#entry-{entry.pk}" in read


def test_proposals_stand_beside_the_timeline_for_those_who_may_add_them(written):
    accounts.reveal(written.event, by=written.facilitator)
    address = f"/e/{written.event.code}/timeline/"
    for who, count in (("facilitator", 2), ("scribe", 2), ("participant", 2), ("guest", 0), ("observer", 0)):
        page = client_of(written, who).get(address).content.decode()
        assert page.count("?sentence=") == count
    Event.objects.filter(pk=written.event.pk).update(state="published", published_at=written.event.started_at)
    assert "?sentence=" not in client_of(written, "facilitator").get(address).content.decode()


def test_who_only_reads_adds_nothing(written):
    accounts.reveal(written.event, by=written.facilitator)
    for who, status in (("observer", 403), ("guest", 403), ("outsider", 404), ("manager", 404), ("admin", 404)):
        assert client_of(written, who).get(others(written)).status_code == status
    assert client_of(written, "guest").get(f"/e/{written.event.code}/read/").content.decode().count("?sentence=") == 0


def test_a_page_without_words_says_what_will_be_there(cast):
    assert "Nothing is written yet" in client_of(cast, "participant").get(own(cast)).content.decode()
