"""What a section said before: brought back by one press, and bounded on its page."""

from retros import limits
from retros.models import SectionText
from tests.retros.views import test_review
from tests.retros.views.test_review import page, write

cast = test_review.cast  # the fixture


def test_an_old_revision_can_be_brought_back(cast):
    write(cast.scribe, cast, "summary", text="Worse.", base="1")
    text = page(cast.scribe, f"{cast.url}edit/summary/")
    assert "Revision 2, current" in text
    assert "Make it the current text" in text
    write(cast.scribe, cast, "summary", text="We chose *integrity*.", base="2")
    assert SectionText.objects.get(event=cast.event, slug="summary").number == 3


def test_a_long_history_shows_its_newest_and_the_way_to_the_rest(cast, monkeypatch):
    monkeypatch.setattr(limits, "REVISIONS_SHOWN", 2)
    for base in ("1", "2"):
        write(cast.scribe, cast, "summary", text=f"Text after {base}.", base=base)
    text = page(cast.scribe, f"{cast.url}edit/summary/")
    assert ("Revision 2" in text, "Revision 1" in text, ">1 older</a>" in text) == (True, False, True)
    text = page(cast.scribe, f"{cast.url}edit/summary/?history=all")
    assert ("Revision 1" in text, "older</a>" in text) == (True, False)
