"""What a stranger looks for in a summary is found by words, in time that grows with the text alone."""

import time

import pytest

from retros import limits
from retros.services import summary_says


@pytest.mark.parametrize("piece", ["1.", "1", "12 ", "1, ", "a full ", "twelve-", "as a "])
def test_no_summary_holds_the_room_up(piece):
    """It is looked at with every change that the room is told of, so a second here is one for everybody."""
    text = (piece * limits.SECTION)[: limits.SECTION]
    started = time.process_time()
    summary_says.says("incident", text)
    assert time.process_time() - started < 2


def test_numbers_are_numbers_with_their_points():
    found = dict(summary_says.says("incident", "1,234.5 users saw errors for 3.5 hours because a cable broke."))
    assert [words for words, is_there in found.items() if not is_there] == ["what was not affected"]


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("The site did not answer.", False),
        ("Servers that do not host the site were named.", False),
        ("Temporary output was never cleared.", False),
        ("Data was never at risk.", True),
        ("Payments were not affected.", True),
        ("No data was lost.", True),
        ("Mail stayed as it was.", True),
    ],
)
def test_what_did_not_work_is_not_what_was_spared(text, is_said):
    assert dict(summary_says.says("incident", text))["what was not affected"] is is_said
