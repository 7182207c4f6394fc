"""The two questions by the browser: in the room, and on a page of their own for who left earlier."""

import re

import pytest
from django.test import Client

from retros.models import ClosingAnswer
from retros.services import closing, meeting
from tests.factories import make_cast


@pytest.fixture
def cast(db):
    found = make_cast()
    meeting.start(found.event, by=found.facilitator)
    found.path = f"/e/{found.event.code}/room/close/"
    return found


def client(cast, role):
    browser = Client()
    browser.force_login(getattr(cast, role))
    return browser


def test_who_left_earlier_answers_on_a_page_and_once(cast):
    meeting.end(cast.event, by=cast.facilitator)
    guest = client(cast, "guest")
    assert 'id="close-form"' in guest.get(cast.path).content.decode()
    for thing in ("A flat line is a signal", "Something else"):
        answer = guest.post(cast.path, {"learned": "little", "again": "perhaps", "thing": thing})
        assert (answer.status_code, answer.url) == (303, cast.path)
    page = guest.get(cast.path).content.decode()
    assert "Your answers are counted" in page
    assert 'id="close-form"' not in page
    assert ClosingAnswer.objects.get().thing == "A flat line is a signal"


def test_a_meeting_of_seconds_did_not_take_nothing(cast):
    meeting.end(cast.event, by=cast.facilitator)
    page = client(cast, "guest").get(f"/e/{cast.event.code}/room/").content.decode()
    assert "It took less than one of 75 minutes." in page


@pytest.mark.parametrize("is_over", [True, False])
def test_half_an_answer_is_said_where_it_was_given_and_stays(cast, is_over):
    if is_over:
        meeting.end(cast.event, by=cast.facilitator)
    else:
        meeting.go(cast.event, by=cast.facilitator, from_rank=0, to_rank=7)
    answer = client(cast, "guest").post(cast.path, {"learned": "little", "thing": "A flat line is a signal"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Say whether you would come again" in page
    assert re.findall(r'value="(\w+)"[^>]* checked', page) == ["little"]
    assert ">A flat line is a signal</textarea>" in page
    assert not ClosingAnswer.objects.exists()


def test_rates_stay_untold_while_they_would_tell_of_somebody(cast):
    for _ in range(4):
        closing.answer(cast.event, by=None, learned="yes", again="yes")
    own = client(cast, "facilitator").get(f"{cast.path}own/").content.decode()
    assert "Four of four have answered" in own
    assert "Learned something" not in own
    closing.answer(cast.event, by=None, learned="no", again="yes")
    own = client(cast, "observer").get(f"{cast.path}own/").content.decode()
    assert "4 of 5" in own


def test_before_the_meeting_nothing_is_asked(db):
    cast = make_cast()
    page = client(cast, "participant").get(f"/e/{cast.event.code}/room/close/").content.decode()
    assert "They are asked at the end of the meeting" in page
    assert 'id="close-form"' not in page


def test_the_page_of_a_draft_asks_who_was_there(cast):
    meeting.end(cast.event, by=cast.facilitator)
    assert "Answer two questions" in client(cast, "participant").get(f"/e/{cast.event.code}/").content.decode()
