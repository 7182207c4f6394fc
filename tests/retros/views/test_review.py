"""The record in the browser: who reads what, writing a section against somebody else and publishing it."""

import re
import uuid
from html import unescape

import pytest
from django.test import Client

from retros.models import Event, Factor, Publication, SectionText, State, WentWell, WhyNode
from retros.services import document, entries, publishing
from tests.factories import (
    make_action,
    make_cast,
    make_choice,
    make_entry,
    make_event,
    make_goal,
    make_launch,
    make_occurrence,
    make_phase,
    make_user,
)


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


def page(person, url, status=200):
    response = browser(person).get(url)
    assert response.status_code == status, url
    return unescape(response.content.decode())


# --- Reading -----------------------------------------------------------------------------------------------------------
def test_the_draft_is_read_by_its_people_with_hints_for_those_who_write(cast):
    text = page(cast.scribe, cast.url)
    assert "We chose <em>integrity</em>." in text
    assert f'href="{cast.url}edit/lessons/"' in text
    assert "Write it" in text
    reader = page(cast.observer, cast.url)
    assert "We chose <em>integrity</em>." in reader
    assert "edit/lessons" not in reader
    page(cast.outsider, cast.url, 404)


def test_a_published_review_is_read_by_every_member_and_a_restricted_one_is_not(cast):
    publishing.publish(cast.event, by=cast.facilitator)
    for person in (cast.outsider, cast.manager, cast.admin):
        text = page(person, cast.url)
        assert "We chose <em>integrity</em>." in text
        assert "edit/" not in text
        assert ">Meeting</a>" not in text  # a room that they may not enter
        assert page(person, f"{cast.url[:-1]}.md").startswith("# AAR: Forty-three seconds\n")
    Event.objects.filter(pk=cast.event.pk).update(is_restricted=True)
    page(cast.outsider, cast.url, 404)
    page(cast.outsider, f"{cast.url[:-1]}.md", 404)
    page(cast.outsider, f"{cast.url[:-1]}.pdf", 404)
    assert "We chose" in page(cast.observer, cast.url)


def test_readers_keep_the_version_while_writers_see_what_changed(cast):
    publishing.publish(cast.event, by=cast.facilitator)
    document.save_text(cast.event, "lessons", text="Rehearse it.", base_number=0, by=cast.scribe)
    text = page(cast.facilitator, cast.url)
    assert "Changed since version 1: Lessons." in text
    assert "Publish the correction" in text
    asked = page(cast.facilitator, f"{cast.url}publish/")
    assert "Changed since version 1: Lessons. Nobody is mailed again." in asked
    assert "Rehearse it." not in text
    assert "Rehearse it." in page(cast.facilitator, f"{cast.url}?show=draft")
    reader = page(cast.outsider, f"{cast.url}?show=draft")
    assert "Rehearse it." not in reader
    assert "Changed since" not in reader


def test_the_page_of_a_review_costs_the_same_for_more_of_everything(cast, django_assert_num_queries):
    client = browser(cast.facilitator)
    event = cast.event
    client.get(cast.url)
    for size in (1, 3):
        for n in range(size):
            make_entry(event, minutes=n)
            Factor.objects.create(event=event, category="design", text=f"Factor {n}", rank=n)
            WentWell.objects.create(event=event, kind="response", text=f"Well {n}", rank=n)
            make_action(event)
            top = WhyNode.objects.create(event=event, text=f"Effect {n}", rank=10 * size + n)
            WhyNode.objects.create(event=event, parent=top, text="Cause").evidence.add(make_entry(event))
        with django_assert_num_queries(13):
            assert client.get(cast.url).status_code == 200
    publishing.publish(event, by=cast.facilitator)
    with django_assert_num_queries(14):  # and the published version
        assert client.get(cast.url).status_code == 200


@pytest.mark.parametrize(
    ("kind", "count"), [("incident", 13), ("launch", 15), ("project", 14), ("decision", 10), ("recurring", 15)]
)
def test_a_draft_of_each_kind_costs_the_same_for_more_of_everything(cast, kind, count, django_assert_num_queries):
    client, event = browser(cast.facilitator), cast.event
    Event.objects.filter(pk=event.pk).update(kind=kind, is_cause_unknown=False)  # then the summary reads the causes
    SectionText.objects.filter(event=event).delete()  # then the summary is composed from all that is known
    if kind == "launch":
        make_launch(event)
    client.get(cast.url)
    for size in (1, 3):
        for n in range(size):
            make_action(event, f"Rehearse it {size} {n}")
            make_goal(event)
            make_phase(event)
            make_choice(event)
            make_occurrence(event, earlier=make_event())
            Factor.objects.create(event=event, category="design", text=f"Factor {n}", rank=n)
            WentWell.objects.create(event=event, kind="response", text=f"Well {n}", rank=n)
            top = WhyNode.objects.create(event=event, text=f"Effect {n}", rank=10 * size + n)
            WhyNode.objects.create(event=event, parent=top, text="Cause").evidence.add(
                make_entry(event, "A link was cut")
            )
        with django_assert_num_queries(count):
            response = client.get(cast.url)
        assert f"Rehearse it {size} 0" in response.content.decode()
        assert "A link was cut" in response.content.decode()


def test_a_page_reads_no_entries_for_those_who_read_the_published_version(cast, django_assert_num_queries):
    publishing.publish(cast.event, by=cast.facilitator)
    client = browser(cast.outsider)
    client.get(cast.url)
    with django_assert_num_queries(6) as asked:
        assert "We chose" in client.get(cast.url).content.decode()
    of_moments = [q["sql"] for q in asked.captured_queries if q["sql"].startswith('SELECT "retros_timelineentry"')]
    assert [sql for sql in of_moments if '."raw"' in sql] == []


def test_a_timeline_that_is_told_by_its_key_moments_counts_all_of_them_in_the_tab(cast, monkeypatch):
    monkeypatch.setattr(entries, "MOST_IN_DOCUMENT", 2)
    for n in range(4):
        make_entry(cast.event, f"Moment {n}", minutes=n + 1, is_key=n == 3)
    text = page(cast.facilitator, cast.url)
    assert 'Timeline <span class="n">5</span>' in text
    assert "Moment 3" in text
    assert "Moment 1" not in text


def test_hostile_words_are_words_everywhere(cast):
    evil = "</title><script>alert(1)</script>![x](https://evil.example/p.png)[y](javascript:alert(1))"
    event = cast.event
    Event.objects.filter(pk=event.pk).update(
        title=evil[:200], source_url="javascript:alert(1)", severity_text=evil[:120]
    )
    make_entry(event, evil, source_label=evil[:200], at_text=evil[:120], source_url="javascript:alert(1)")
    Factor.objects.create(event=event, category="design", text=evil)
    WhyNode.objects.create(event=event, text=evil, question=evil)
    make_action(event, evil, owner=make_user("<b>Eve</b>", email="eve@example.org"), closed_when=evil)
    document.save_text(event, "lessons", text=evil, base_number=0, by=cast.scribe)
    raw = browser(cast.facilitator).get(cast.url).content.decode()
    assert "<script>alert" not in raw
    assert "evil.example" in raw
    assert not re.search(r"<img|href=\"javascript|src=\"https://evil|<b>Eve", raw)
    text = browser(cast.facilitator).get(f"{cast.url[:-1]}.md").content.decode()
    assert not re.search(r"<script|(?<!\\)!\[x\]\(|(?<!\\)\]\(javascript", text)


# --- Writing -----------------------------------------------------------------------------------------------------------
def write(person, cast, slug, **fields):
    return browser(person).post(f"{cast.url}edit/{slug}/", {"op": str(uuid.uuid4()), **fields})


def test_after_the_publication_writing_leads_to_the_draft_where_it_stands(cast):
    publishing.publish(cast.event, by=cast.facilitator)
    answer = write(cast.scribe, cast, "lessons", text="Rehearse it.", base=0)
    assert (answer.status_code, answer.url) == (303, f"{cast.url}?show=draft#lessons")
    assert "Rehearse it." in page(cast.scribe, answer.url.partition("#")[0])


def test_a_section_is_written_and_the_page_returns_to_it(cast):
    response = write(cast.scribe, cast, "lessons", text="Rehearse it.\n", base="0")
    assert (response.status_code, response.url) == (303, f"{cast.url}#lessons")
    assert SectionText.objects.get(event=cast.event, slug="lessons").text == "Rehearse it."


def test_detection_and_response_are_written_like_sections(cast):
    assert write(cast.scribe, cast, "detection", text="A mail.", base="0").status_code == 303
    assert "A mail." in page(cast.scribe, cast.url).split('id="detection"')[1].split('id="response"')[0]


def test_the_summary_starts_from_the_composed_one_and_is_kept_only_when_kept(cast):
    event = make_event("Cut", facilitator=cast.facilitator, what_happened="A cut moved the leaders.")
    text = page(cast.facilitator, f"/e/{event.code}/review/edit/summary/")
    assert "A cut moved the leaders. It lasted 24 h 11 min" in text
    assert "Nothing is kept until you keep it." in text
    assert not SectionText.objects.filter(event=event).exists()


def test_a_summary_that_somebody_emptied_stays_empty(cast):
    write(cast.scribe, cast, "summary", text="", base="1")
    text = page(cast.scribe, f"{cast.url}edit/summary/")
    assert "It lasted" not in text


def test_two_writers_see_both_texts_and_nothing_is_lost(cast):
    write(cast.facilitator, cast, "summary", text="We chose *integrity* over speed.", base="1")
    response = write(cast.scribe, cast, "summary", text="The team chose *integrity*.", base="1")
    assert response.status_code == 409
    text = unescape(response.content.decode())
    assert "Facilitator changed this section while you were writing" in text
    assert "<del>We</del><ins>The team</ins> chose *integrity*<ins> over speed</ins>." in text
    assert re.search(r"<textarea[^>]*>\s*The team chose \*integrity\* over speed\.</textarea>", text)
    assert 'name="base" value="2"' in text
    assert "We chose <em>integrity</em> over speed." in page(cast.observer, cast.url)
    kept = {"text": "The team chose *integrity* over speed.", "mine": "The team chose *integrity*.", "base": "2"}
    assert write(cast.scribe, cast, "summary", **kept).status_code == 303
    assert "The team chose <em>integrity</em> over speed." in page(cast.observer, cast.url)


def test_ones_own_text_can_be_kept_instead(cast):
    write(cast.facilitator, cast, "summary", text="We chose *integrity* over speed.", base="1")
    write(cast.scribe, cast, "summary", text="Both", mine="The team chose *integrity*.", use="mine", base="2")
    assert "The team chose <em>integrity</em>." in page(cast.observer, cast.url)


def test_the_same_words_changed_twice_are_left_to_the_writer(cast):
    write(cast.facilitator, cast, "summary", text="We chose speed.", base="1")
    text = unescape(write(cast.scribe, cast, "summary", text="We chose safety.", base="1").content.decode())
    assert "Both changed the same words." in text
    assert "We chose <del>speed</del><ins>safety</ins>." in text
    assert re.search(r"<textarea[^>]*>\s*We chose safety\.</textarea>", text)
    assert "Keep mine" not in text


def test_a_text_that_is_too_long_comes_back_with_its_error(cast):
    response = write(cast.scribe, cast, "lessons", text="x" * 100_001, base="0")
    assert response.status_code == 422
    assert b"x" * 100_001 in response.content
    assert b"100000 characters" in response.content
    assert not SectionText.objects.filter(slug="lessons").exists()


def test_sections_that_are_not_there_or_not_ones_own(cast):
    before = list(SectionText.objects.values("slug", "text"))
    for person, slug, status in (
        (cast.scribe, "recommendations", 404),  # of projects
        (cast.scribe, "actions", 404),  # nobody writes it by hand
        (cast.participant, "lessons", 403),
        (cast.outsider, "lessons", 404),
    ):
        assert browser(person).get(f"{cast.url}edit/{slug}/").status_code == status, (person, slug)
        assert write(person, cast, slug, text="Mine", base="0").status_code == status, (person, slug)
    assert list(SectionText.objects.values("slug", "text")) == before


# --- Publishing --------------------------------------------------------------------------------------------------------
def test_what_stands_in_the_way_is_listed_and_there_is_no_button(cast):
    document.save_text(cast.event, "summary", text="", base_number=1, by=cast.scribe)
    text = page(cast.facilitator, f"{cast.url}publish/")
    assert "One thing to do first" in text
    assert "There is no summary yet" in text
    assert ">Publish</button>" not in text
    make_action(cast.event, owner=cast.participant)
    factor = {"category": "change", "text": "Both sites write. Nobody asked.", "created_by": cast.scribe}
    Factor.objects.create(event=cast.event, **factor)
    text = page(cast.facilitator, f"{cast.url}publish/")
    assert "Both sites write. Nobody asked\u201d. Write an action that answers it" in text
    leads = re.search(r'href="([^"]*)">One factor has no action', text)
    assert leads
    assert 'id="open-ends"' in page(cast.facilitator, leads[1].partition("#")[0])
    response = browser(cast.facilitator).post(f"{cast.url}publish/", {"op": str(uuid.uuid4())})
    assert response.status_code == 409
    assert "There is no summary yet" in unescape(response.content.decode())


def test_a_review_is_published_once_however_often_the_button_is_pressed(cast):
    op = str(uuid.uuid4())
    for _ in range(2):
        response = browser(cast.facilitator).post(f"{cast.url}publish/", {"op": op})
        assert (response.status_code, response.url) == (303, cast.url)
    assert Publication.objects.count() == 1
    assert "version 1" in page(cast.outsider, cast.url)


def test_the_review_goes_out_for_reading_and_back(cast):
    client = browser(cast.facilitator)
    client.post(f"{cast.url}state/", {"to": "review", "op": str(uuid.uuid4())})
    assert "In review" in page(cast.observer, cast.url)
    client.post(f"{cast.url}state/", {"to": "draft", "op": str(uuid.uuid4())})
    assert Event.objects.get(pk=cast.event.pk).state == State.DRAFT
