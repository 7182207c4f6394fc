"""What went well: luck is asked once, what is on record is proposed, and nobody passes over it without a word."""

import pytest

from retros.live.log import WrongState
from retros.models import Category, Event, Factor, RoomNote, WentWell
from retros.services import analysis, well
from tests.factories import make_cast, make_entry, make_event


@pytest.fixture
def cast(db):
    return make_cast()


def luck(cast, text: str = "Femi knew the restore order by heart") -> WentWell:
    return analysis.add(cast.event, WentWell, by=cast.scribe, text=text, kind="luck")


def test_luck_is_parked_for_the_actions_once_and_asked_again(cast):
    item = luck(cast)
    well.park_luck(item, by=cast.scribe)
    idea = RoomNote.objects.kept().get(parked_for="actions")
    assert idea.text == "Make it design: Femi knew the restore order by heart"
    with pytest.raises(WrongState, match="a moment ago"):
        well.accept_luck(item, by=cast.facilitator)
    well.ask_luck_again(item, by=cast.scribe)
    assert not RoomNote.objects.kept().exists()
    well.accept_luck(item, by=cast.scribe)
    item.refresh_from_db()
    assert item.luck_answer == "fine"


def test_what_is_no_luck_is_not_asked_and_forgets_its_answer(cast):
    item = luck(cast)
    well.accept_luck(item, by=cast.scribe)
    item.refresh_from_db()
    changed = analysis.edit(item, by=cast.scribe, version=item.version, kind="response")
    assert changed.luck_answer == ""
    with pytest.raises(WrongState, match="not listed as luck"):
        well.park_luck(changed, by=cast.scribe)


def test_what_helped_is_proposed_until_it_is_listed(cast):
    Factor.objects.create(event=cast.event, category=Category.HELPED, text="Webhooks could be paused on their own")
    make_entry(cast.event, "Restores finish", type="recovery")
    first = well.context(cast.event)["well_proposed"]
    assert first == {"source": "A factor that helped", "kind": "tool", "text": "Webhooks could be paused on their own"}
    analysis.add(cast.event, WentWell, by=cast.scribe, text=first["text"], kind=first["kind"])
    assert well.context(cast.event)["well_proposed"]["text"] == "Restores finish"
    analysis.add(cast.event, WentWell, by=cast.scribe, text="Restores finish", kind="response")
    assert well.context(cast.event)["well_proposed"] is None


def test_nothing_said_is_noticed_until_a_word_is_said(cast):
    assert well.is_unsaid(cast.event)
    analysis.set_went_well_none(cast.event, is_none=True, by=cast.scribe)
    assert not well.is_unsaid(Event.objects.get(pk=cast.event.pk))
    luck(cast)
    assert not well.is_unsaid(Event.objects.get(pk=cast.event.pk))


def test_an_agenda_that_does_not_ask_is_not_reminded(db):
    assert not well.is_unsaid(make_event(kind="decision"))
