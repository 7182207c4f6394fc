"""Guesses about notes: which kinds they speak for, which of them say the same."""

import pytest

from retros import conditions
from retros.models import Category


def test_every_kind_of_the_taxonomy_has_its_words():
    assert set(conditions.WORDS) == set(Category.values)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("31 alerts, and none named the region", "detection"),
        ("Restoring backups took the night", "recovery"),
        ("Every rehearsal removed a whole region", "verification"),
        ("Only one person knew the runbook", "documentation"),
        ("Quorum counts the hub, and failover is circular", "design"),
    ],
)
def test_the_kind_with_most_words_comes_first(text, first):
    assert conditions.likely(text)[0] == first


def test_words_that_speak_for_nothing_suggest_nothing():
    assert conditions.likely("It was so") == []


def test_alike_is_said_of_what_shares_half_of_its_words():
    others = {1: "The hub counts toward quorum", 2: "Flat lag looks the same as late metrics", 3: ""}
    assert conditions.alike("Late metrics and flat lag look the same", others) == 2
    assert conditions.alike("Lag was seen", others) is None  # one word in common is chance
    assert conditions.alike("Nobody owned the page", others) is None
