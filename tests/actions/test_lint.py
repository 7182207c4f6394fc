"""Questions about an action's wording: asked where they help, silent where they do not."""

from datetime import date

import pytest

from actions import lint

TODAY = date(2026, 11, 25)
CLEAR = [
    "Page the storage on-call when free disk is under 10 percent",
    "The delete command stops at 5 percent of servers without a second approver",
    "Rehearse losing the hub alone, in staging",
    "Keep every primary in the region that elected it",
]


@pytest.mark.parametrize("title", CLEAR)
def test_a_clear_title_is_left_alone(title):
    assert lint.question(title) is None


@pytest.mark.parametrize(
    ("title", "quote"),
    [("Improve monitoring of failovers", "Improve monitoring"), ("Investigate the proxy and its memory use", "Investigate"),
     ("Document the restore order for all clusters", "Document"), ("Be more careful with the delete command", "Be more careful")],
)  # fmt: skip
def test_an_open_end_is_questioned_with_an_example(title, quote):
    found = lint.question(title)
    assert (found.quote, found.why) == (quote, f"“{quote}” has no end.")
    assert found.ask.endswith("?")
    assert found.example


@pytest.mark.parametrize(
    ("title", "quote"),
    [("Check the certificates of all hosts every week", "every week"), ("Weekly restore of one backup", "Weekly"),
     ("Try the restore of one backup monthly.", "monthly"), ("A weekly job rolls the test service back", ""),
     ("Page the on-call every time the queue is full", "")],
)  # fmt: skip
def test_what_is_done_again_and_again_has_no_end(title, quote):
    first = f"“{quote}” has no end" if quote else "It has an end"
    point = lint.points(title=title, today=TODAY)[0]
    assert (point.words, point.is_met) == (first, not quote)
    found = lint.question(title)
    assert (found and found.quote) == (quote or None)
    if quote == "every week":  # who says when it is closed has given it one
        assert lint.points(title=title, closed_when="Four weeks were checked.", today=TODAY)[0].words == "It has an end"


def test_two_things_in_one_are_questioned_first():
    assert lint.question("Improve monitoring of failovers and document the process").quote == "and document"
    assert lint.question("Keep logs for salt and pepper hosts") is None


def test_closed_when_answers_a_vague_phrase_but_not_a_vague_beginning():
    assert lint.question("Give the on-call better monitoring of the queue", "An alert fires in the drill.") is None
    assert lint.question("Improve monitoring of the queue", "An alert fires in the drill.") is not None


def test_too_few_words_are_questioned():
    assert lint.question("Fix DNS").why == "A few words rarely say what will be different."
    assert lint.question("") is None


@pytest.mark.parametrize(
    ("title", "strength"),
    [("Reject addresses without a postal code", "stronger"), ("Alert when a failover crosses regions", "intermediate"),
     ("Train everybody on the runbook", "weaker"), ("Block a merge without a test, even after review", "stronger"), ("Xyz", None)],
)  # fmt: skip
def test_the_earliest_known_word_guesses_the_strength(title, strength):
    found = lint.suggest_strength(title)
    assert (found and found[0]) == strength


def test_points_say_what_is_missing_then_what_is_there():
    empty = lint.points(title="", today=TODAY)
    assert [p.is_met for p in empty] == [False] * 7
    assert [p.words for p in empty][2:] == [
        "Who owns it?", "By when?", "How large is it?", "Closed when?", "Which factor or cause does it answer?",
    ]  # fmt: skip
    whole = lint.points(title="Page the on-call", owner="Ines", due_on=date(2026, 12, 17), size="S", closed_when="x",
                        has_factor=True, today=TODAY)  # fmt: skip
    assert all(p.is_met for p in whole)


@pytest.mark.parametrize(
    ("due", "size", "words"),
    [(date(2026, 12, 19), "L", ("The date is on a weekend", "Weeks of work: can it be split?")),
     (date(2026, 11, 24), "M", ("The date has passed", "Under ten days of work"))],
)  # fmt: skip
def test_dates_and_sizes_that_rarely_work_are_questioned(due, size, words):
    points = lint.points(title="Page the on-call", due_on=due, size=size, today=TODAY)
    assert (points[3].words, points[4].words) == words
    assert not points[3].is_met
