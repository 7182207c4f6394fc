"""Word by word: a difference shows every word of both texts, and two changes are put together only where that is safe."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retros import text_diff

BASE = "The manager was free to elect in any region, and its quorum counted the hub."


def test_two_changes_in_different_places_are_put_together():
    theirs = BASE.replace("any region", "any region within seconds")
    mine = BASE.replace("counted the hub", "included the hub, which saw the west")
    both = "The manager was free to elect in any region within seconds, and its quorum included the hub, which saw the west."
    assert text_diff.combined(BASE, theirs, mine) == both
    assert text_diff.combined(BASE, mine, theirs) == both


def test_two_changes_of_the_same_words_are_left_to_a_person():
    assert text_diff.combined(BASE, BASE.replace("free", "able"), BASE.replace("free", "allowed")) == ""
    assert text_diff.combined(BASE, BASE + " One.", BASE + " Two.") == ""
    assert text_diff.combined("", "Theirs.", "Mine.") == ""


def test_the_same_change_twice_is_one():
    changed = BASE.replace("free", "able")
    assert text_diff.combined(BASE, changed, changed) == changed


def test_a_difference_names_what_went_and_what_came():
    assert text_diff.words("counted the hub.", "included the hub, west.") == [
        ("theirs", "counted"),
        ("mine", "included"),
        ("same", " the hub"),
        ("mine", ", west"),
        ("same", "."),
    ]


def test_long_texts_are_compared_by_line_and_in_time():
    long = "".join(f"line {n} of a long text with many words in it\n" for n in range(2_000))
    found = text_diff.words(long, long.replace("line 7 ", "row 7 "))
    assert ("theirs", "line 7 of a long text with many words in it\n") in found
    assert (
        text_diff.combined(long, long.replace("line 7 ", "row 7 "), long.replace("line 90 ", "row 90 ")).count("row ")
        == 2
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x " * 1_900, "y x " * 950),  # words that repeat
        ("\n" * 100_000, "y\n" * 50_000),  # a section full of lines
        (" ".join(f"a{n}" for n in range(1_900)), " ".join(f"b{n}" for n in range(1_900))),  # written anew
    ],
)
def test_no_two_texts_hold_everybody_up(before, after):
    started = time.process_time()
    found = text_diff.words(before, after)
    text_diff.combined(before, before + "Theirs.", after)
    assert time.process_time() - started < 3
    assert "".join(words for kind, words in found if kind != "mine") == before
    assert "".join(words for kind, words in found if kind != "theirs") == after


texts = st.lists(st.sampled_from(["one", "two", "three", " ", ", ", ".\n\n", "é"]), max_size=12).map("".join)


@given(texts, texts)
def test_a_difference_loses_no_word_of_either(before, after):
    found = text_diff.words(before, after)
    assert "".join(words for kind, words in found if kind != "mine") == before
    assert "".join(words for kind, words in found if kind != "theirs") == after


@given(texts, texts)
def test_against_an_untouched_text_the_change_wins(base, changed):
    assert text_diff.combined(base, base, changed) == changed
    assert text_diff.combined(base, changed, base) == changed
