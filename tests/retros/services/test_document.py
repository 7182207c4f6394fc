"""Texts of the document: every revision is kept, nobody overwrites anybody in silence."""

import random
import uuid

import pytest

from retros.live.log import Repeated, Stale, WrongState
from retros.models import Change, Revision
from retros.services import document
from tests.factories import make_event, make_user


@pytest.fixture
def event(db):
    return make_event()


@pytest.fixture
def tomasz(db):
    return make_user("Tomasz")


def save(event, text, base, by, **more):
    return document.save_text(event, "lessons", text=text, base_number=base, by=by, **more)


def test_each_save_is_a_revision_with_its_author_and_a_change(event, tomasz):
    save(event, "One", 0, tomasz)
    section = save(event, "Two", 1, tomasz)
    assert (section.text, section.number) == ("Two", 2)
    assert [(r.number, r.base_number, r.text, r.author) for r in document.revisions(event, "lessons")] == [
        (2, 1, "Two", tomasz),
        (1, 0, "One", tomasz),
    ]
    assert Change.objects.get(event=event, seq=2).topics == "document"


def test_the_summary_reaches_the_room_too(event, tomasz):
    document.save_text(event, "summary", text="It broke.", base_number=0, by=tomasz)
    assert Change.objects.get(event=event).topics == "summary,document"


def test_the_same_text_again_is_no_revision(event, tomasz):
    save(event, "One", 0, tomasz)
    assert save(event, "One", 1, tomasz).number == 1
    assert Revision.objects.count() == 1


def test_a_late_save_is_refused_with_both_texts_and_loses_nothing(event, tomasz):
    priya = make_user("Priya")
    save(event, "The manager was free to elect.", 0, tomasz)
    save(event, "The manager was free to elect within seconds.", 1, priya)
    with pytest.raises(Stale) as refusal:
        save(event, "The manager was able to elect.", 1, tomasz)
    found = document.conflict(refusal.value.current, "The manager was able to elect.", 1)
    assert (found.theirs, found.author, found.base_number) == (
        "The manager was free to elect within seconds.",
        "Priya",
        2,
    )
    assert found.combined == "The manager was able to elect within seconds."
    assert found.words == [
        ("same", "The manager was "),
        ("theirs", "free"),
        ("mine", "able"),
        ("same", " to elect"),
        ("mine", " within seconds"),
        ("same", "."),
    ]
    assert document.text_of(event, "lessons").text == "The manager was free to elect within seconds."
    assert "The manager was able to elect." in [r.text for r in document.revisions(event, "lessons")]
    assert save(event, found.combined, found.base_number, tomasz).number == 4


def test_the_same_words_changed_twice_show_mine_against_theirs(event, tomasz):
    save(event, "We chose speed.", 0, tomasz)
    section = save(event, "We chose integrity.", 1, make_user("Priya"))
    found = document.conflict(section, "We chose safety.", 1)
    assert found.combined == ""
    assert found.words == [("same", "We chose "), ("theirs", "integrity"), ("mine", "safety"), ("same", ".")]


def test_a_refused_text_is_kept_aside_once(event, tomasz):
    save(event, "One", 0, tomasz)
    for _ in range(2):
        with pytest.raises(Stale):
            save(event, "Other", 0, tomasz)
    assert Revision.objects.filter(text="Other").count() == 1


def test_many_editors_with_old_texts_lose_no_word(event):
    chance = random.Random(7)  # noqa: S311 - a fixed order, not a secret
    people = [make_user() for _ in range(5)]
    read = dict.fromkeys(people, 0)
    kept, refused = [], []
    for n in range(60):
        person = chance.choice(people)
        text = f"text {n}"
        try:
            save(event, text, read[person], person)
            kept.append(text)
        except Stale:
            refused.append(text)
        if chance.random() < 0.5:
            read[person] = document.text_of(event, "lessons").number
    assert refused
    stored = [r.text for r in document.revisions(event, "lessons")]
    assert sorted(stored) == sorted(kept + refused)
    assert document.text_of(event, "lessons").text == kept[-1]
    numbers = [r.number for r in document.revisions(event, "lessons")]
    assert numbers == sorted(set(numbers), reverse=True)


def test_a_request_that_comes_twice_is_one_save(event, tomasz):
    op = uuid.uuid4()
    save(event, "One", 0, tomasz, op=op)
    with pytest.raises(Repeated):
        save(event, "One", 0, tomasz, op=op)
    assert Revision.objects.count() == 1


def test_a_text_that_is_too_long_is_refused_and_not_stored(event, tomasz):
    with pytest.raises(WrongState, match="100,000 characters"):
        save(event, "x" * 100_001, 0, tomasz)
    assert not Revision.objects.exists()


def test_an_event_without_review_takes_no_text(db, tomasz):
    event = make_event(state="not_reviewed", not_reviewed_reason="Small.")
    with pytest.raises(WrongState, match="Review it after all"):
        save(event, "One", 0, tomasz)


def test_a_text_that_this_kind_does_not_have_is_a_mistake(event, tomasz):
    with pytest.raises(KeyError):
        document.save_text(event, "recommendations", text="x", base_number=0, by=tomasz)


def test_all_texts_come_in_one_query(event, tomasz, django_assert_num_queries):
    save(event, "One", 0, tomasz)
    document.save_text(event, "detection", text="Two", base_number=0, by=tomasz)
    with django_assert_num_queries(1):
        assert {slug: row.text for slug, row in document.texts_of(event).items()} == {
            "lessons": "One",
            "detection": "Two",
        }
