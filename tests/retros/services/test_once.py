"""What several parts of a page need is read once, and never kept past that page."""

import pytest

from retros.services import document
from retros.services.once import once, remembering
from tests.factories import make_event, make_user

pytestmark = pytest.mark.django_db


def test_only_an_event_that_remembers_is_read_once():
    event, asked = make_event(), []
    for one in (event, event):
        once(one, "rows", lambda e: asked.append(e.pk))
    assert len(asked) == 2
    about = remembering(event)
    for one in (about, about):
        once(one, "rows", lambda e: asked.append(e.pk))
    assert len(asked) == 3


def test_a_copy_knows_what_was_read_and_gives_nothing_back():
    page = remembering(make_event())
    once(page, "rows", lambda event: "read for the page")
    part = remembering(page)
    assert once(part, "rows", lambda event: "read again") == "read for the page"
    once(part, "more", lambda event: "read for the part")
    assert once(page, "more", lambda event: "read anew") == "read anew"


def test_texts_are_asked_for_once(django_assert_num_queries):
    event = make_event(state="draft")
    document.save_text(event, "lessons", text="Rehearse it.", base_number=0, by=make_user())
    about = remembering(event)
    with django_assert_num_queries(1):
        assert [document.text_of(about, slug).text for slug in ("lessons", "summary")] == ["Rehearse it.", ""]
