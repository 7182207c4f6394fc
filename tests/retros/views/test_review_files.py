"""The review taken along: as files, named after the event, and as a PDF that is printed once."""

import threading
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aar_site import clock
from retros.document import pdf
from retros.models import Event, Publication, State
from retros.services import document, publishing
from tests.factories import START, make_cast, make_entry


@pytest.fixture
def cast(db):
    """A draft that nothing stops."""
    cast = make_cast(state=State.DRAFT, is_cause_unknown=True, went_well_none=True)
    make_entry(cast.event, "Cut")
    document.save_text(cast.event, "summary", text="We chose *integrity*.", base_number=0, by=cast.scribe)
    cast.url = f"/e/{cast.event.code}/review/"
    return cast


def browser(person) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(person)
    return client


def test_files_are_named_after_the_event_and_never_shown_inline(cast, monkeypatch):
    monkeypatch.setattr(pdf, "render", lambda document, paper: f"%PDF {document.title} {paper}".encode())
    Event.objects.filter(pk=cast.event.pk).update(title='Köln "x"\r\nSet-Cookie: y')
    response = browser(cast.observer).get(f"{cast.url[:-1]}.md")
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''aar-2018-10-21-k%C3%B6ln-x-set-cookie-y.md"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers
    response = browser(cast.observer).get(f"{cast.url[:-1]}.pdf?paper=letter")
    assert response.content.endswith(b"letter")
    assert response["Content-Type"] == "application/pdf"


def test_the_pdf_of_a_version_is_printed_once_and_a_correction_anew(cast, monkeypatch, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    printed = []

    def render(document, paper):
        printed.append(document.fact("Version"))
        return b"%PDF"

    monkeypatch.setattr(pdf, "render", render)
    client = browser(cast.facilitator)
    client.get(f"{cast.url[:-1]}.pdf")
    assert printed == ["Draft"]
    publishing.publish(cast.event, by=cast.facilitator)
    for _ in range(2):
        client.get(f"{cast.url[:-1]}.pdf")
    assert len(printed) == 2
    document.save_text(cast.event, "lessons", text="Rehearse.", base_number=0, by=cast.scribe)
    publishing.publish(cast.event, by=cast.facilitator)
    client.get(f"{cast.url[:-1]}.pdf")
    assert [version[:1] for version in printed] == ["D", "1", "2"]
    # A backup from before version 2 was restored, and another version 2 published.
    Publication.objects.filter(version=2).update(published_at=clock.now() - timedelta(days=1))
    client.get(f"{cast.url[:-1]}.pdf")
    assert len(printed) == 4


def test_a_pdf_that_cannot_be_kept_is_handed_over_all_the_same(cast, monkeypatch, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "cache").write_text("a file where the folder would be: nothing can be kept below it")
    monkeypatch.setattr(pdf, "render", lambda document, paper: b"%PDF")
    publishing.publish(cast.event, by=cast.facilitator)
    assert browser(cast.observer).get(f"{cast.url[:-1]}.pdf").content == b"%PDF"


def test_a_pdf_that_cannot_be_made_is_said(cast, monkeypatch):
    def refuse(document, paper):
        raise pdf.NoPdf("PDF is off on this server. Install the Pango libraries.")

    monkeypatch.setattr(pdf, "render", refuse)
    response = browser(cast.facilitator).get(f"{cast.url[:-1]}.pdf")
    assert response.status_code == 409
    assert "Install the Pango libraries." in response.content.decode()


def test_a_draft_is_printed_five_times_in_ten_minutes_and_a_kept_version_always(cast, monkeypatch, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(pdf, "render", lambda document, paper: b"%PDF")
    monkeypatch.setattr(clock, "now", lambda: START)
    client, address = browser(cast.observer), f"{cast.url[:-1]}.pdf"
    assert [client.get(address).status_code for _ in range(6)] == [200] * 5 + [429]
    refused = client.get(address)
    assert 0 < int(refused["Retry-After"]) <= 600
    assert "printed 5 times in ten minutes" in refused.content.decode()
    assert "That was a little fast" in refused.content.decode()
    assert browser(cast.scribe).get(address).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: START + timedelta(minutes=10))
    assert client.get(address).status_code == 200
    publishing.publish(cast.event, by=cast.facilitator)
    assert {client.get(address).status_code for _ in range(8)} == {200}


def test_where_many_wait_for_a_pdf_the_next_is_told_when_to_come_back_and_holds_no_thread(
    cast, monkeypatch, settings, tmp_path
):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(pdf, "render", lambda document, paper: b"%PDF")
    client, address = browser(cast.observer), f"{cast.url[:-1]}.pdf"
    with ExitStack() as line:
        for _ in range(pdf.AT_ONCE + pdf.WAITING):
            line.enter_context(pdf.in_line())
        with CaptureQueriesContext(connection) as asked:
            refused = client.get(address)
        assert [client.get(address).status_code for _ in range(5)] == [503] * 5
        assert client.get(f"{cast.url[:-1]}.md").status_code == 200
    assert (refused.status_code, refused["Retry-After"]) == (503, "20")
    assert "Several PDFs are being made just now" in refused.content.decode()
    assert "Try again in 20 seconds." in refused.content.decode()
    assert f'href="{address}"' in refused.content.decode()
    assert len(asked) <= 4  # who asks, and what they may read: the review is not read for nothing
    assert [client.get(address).status_code for _ in range(6)] == [200] * 5 + [
        429
    ]  # what was refused counts for nobody
    publishing.publish(cast.event, by=cast.facilitator)
    browser(cast.scribe).get(address)
    monkeypatch.setattr(pdf, "LINE", threading.BoundedSemaphore(1))
    with pdf.in_line():
        assert client.get(address).content == b"%PDF"  # printed already
