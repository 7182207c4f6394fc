"""What needs somebody: how long something is open, in words."""

import pytest

from actions import pressing


@pytest.mark.parametrize(
    ("days", "words"), [(-3, "0 days"), (1, "1 day"), (20, "20 days"), (21, "3 wks"), (98, "14 wks")]
)
def test_age_is_in_days_then_in_weeks(days, words):
    assert pressing.age_words(days) == words
