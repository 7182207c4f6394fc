"""Questions about answers and about the whole tree: each rule where it should ask, and where it should be silent."""

import pytest

from retros import cause_checks

NAMES = ["Femi Ade", "Mark Twain", "Participant"]
CASES = [
    # A person at the end
    ("Femi should have noticed that the setting allowed it", "", "person", "Femi should have noticed"),
    ("It was late, and Femi deleted the wrong directory", "", "person", "Femi deleted"),
    ("The engineer forgot the flag", "", "person", "The engineer forgot"),
    ("The on-call engineer did not check the runbook", "", "person", "The on-call engineer did not check"),
    ("Mark forgot the flag", "", "person", "Mark forgot"),
    ("The maintainer failed to check the file", "", "person", "The maintainer failed to"),
    ("Human error", "", "person", "Human error"),
    ("Somebody typed the wrong host", "", "person", "Somebody typed"),
    ("Mark the page as read", "", "", ""),
    ("Femi's dashboard showed the old region", "", "", ""),
    ("We did not have a second link", "", "", ""),
    ("The replica failed to start", "", "", ""),
    ("The cache missed the warm-up", "", "", ""),
    # A trait
    ("The review was sloppy", "", "trait", "sloppy"),
    ("A junior colleague had the shift", "", "trait", "junior"),
    ("Lack of discipline in reviews", "", "trait", "Lack of discipline"),
    # In a circle
    ("Both coasts held unique writes", "Both coasts held writes", "circle", "Both coasts held writes"),
    ("There was no alert", "The alert was missing", "circle", "The alert was missing"),
    ("Monitoring", "Monitoring", "circle", "Monitoring"),
    ("Primaries moved west before all writes were copied", "Both coasts held writes", "", ""),
    # The effect once more
    ("The system was down", "Checkout did not answer", "again", "The system was down"),
    ("The system was down", "", "", ""),  # of an effect that is where one begins
    # A remedy that was not there
    ("Lack of monitoring", "", "lack", "Lack of monitoring"),
    ("There was no rollback plan", "", "lack", "no rollback"),
    ("A canary was missing", "", "lack", "canary was missing"),
    ("Nobody could see which region was primary", "", "", ""),
    # Outside
    ("The vendor changed the interface", "", "outside", "vendor"),
    ("A storm cut the line", "", "outside", "storm"),
    ("We used an interface of the vendor without a contract", "", "", ""),
    # A long step
    ("Copying is asynchronous by choice", "Two regions held writes", "", ""),
    ("", "Two regions held writes", "", ""),
]


@pytest.mark.parametrize(("answer", "above", "slug", "quote"), CASES)
def test_each_rule_asks_where_it_should(answer, above, slug, quote):
    found = cause_checks.about(answer, above=[above], names=NAMES)
    assert [(q.slug, q.quote) for q in found[:1]] == ([(slug, quote)] if slug else [])
    assert all(q.asks.endswith((".", "?")) and q.says for q in found)


def test_evidence_bridges_a_long_step_and_two_questions_are_enough():
    asked = {"question": "Why did both hold writes?", "above": ["Two regions held writes"]}
    assert [q.slug for q in cause_checks.about("Copying is asynchronous by choice", **asked)] == ["leap"]
    assert cause_checks.about("Copying of writes is asynchronous", **asked) == []
    assert cause_checks.about("Copying is asynchronous by choice", **asked, has_evidence=True) == []
    asked = cause_checks.about("Femi was careless and no alert", above=["No alert"], names=NAMES)
    assert [q.slug for q in asked] == ["person", "trait"]
    assert [q.slug for q in cause_checks.about("Lack of care: nobody cleaned it")] == [
        "trait"
    ]  # and not of the same words again


def test_an_answer_is_held_against_every_answer_above():
    above = ["Settings were copied", "Primaries moved to the west"]
    assert cause_checks.about("Primaries moved west", above=above)[0].slug == "circle"


@pytest.mark.parametrize(
    ("levels", "branches", "is_serious", "words"),
    [
        (2, 1, True, ["short"]),
        (2, 1, False, []),
        (0, 0, True, []),
        (4, 1, True, ["One line"]),
        (4, 2, True, []),
        (9, 2, False, ["eight levels"]),
        (8, 2, True, []),
    ],
)
def test_the_whole_tree_is_asked_about_once_there_is_one(levels, branches, is_serious, words):
    asked = cause_checks.about_tree(levels=levels, effects=1, branches=branches, is_serious=is_serious)
    assert len(asked) == len(words)
    assert all(word in text for word, text in zip(words, asked, strict=True))
