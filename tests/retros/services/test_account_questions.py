"""What an account asks: five for everybody in the words of the kind, more by kind and part; slugs are for good."""

import pytest

from retros.models import Kind
from retros.services import account_questions as questions


def test_slugs_are_for_good():
    """An answer is kept by its slug: a changed one would hide what somebody wrote."""
    assert list(questions.EVERY)[:6] == ["noticed", "noticed_at", "saw", "did", "helped", "ask"]
    assert len(questions.EVERY) == 37
    assert all(len(slug) <= 20 and slug == question.slug for slug, question in questions.EVERY.items())


@pytest.mark.parametrize("kind", Kind.values)
def test_every_kind_asks_the_same_five_in_its_own_words(kind):
    asked = questions.core(kind)
    assert [q.slug for q in asked] == ["noticed_at", "saw", "did", "helped", "ask"]
    assert (asked == list(questions.FIVE)) == (kind == Kind.INCIDENT)


@pytest.mark.parametrize(
    ("kind", "first"),
    [(Kind.LAUNCH, "week_before"), (Kind.PROJECT, "stages"), (Kind.DECISION, "missing"), (Kind.RECURRING, "earlier"), (Kind.INCIDENT, "")],
)  # fmt: skip
def test_a_kind_has_questions_of_its_own(kind, first):
    groups = questions.further(kind, "on call")
    assert len(groups) == (3 if first else 2)
    assert next(q.slug for q in groups[-2].questions) == (first or "on_call")


@pytest.mark.parametrize(
    ("part", "slug"),
    [("Incident commander", "led"), ("primary on-call", "on_call"), ("Customer support", "customers_said"),
     ("author of the change", "checks"),
     ("Engineering manager", "priorities"), ("Network vendor", "other_side"), ("new to the team", "unclear"), ("Customer", "my_day"),
     ("databases", None), ("", None), ("renewals", None)],
)  # fmt: skip
def test_the_part_that_a_person_had_chooses_a_question(part, slug):
    found = questions.part_of(part)
    assert (found.slug if found else None) == slug


def test_without_a_known_part_the_person_chooses():
    first = questions.further(Kind.INCIDENT, "")[0]
    assert first.title == "Which of these were you?"
    assert [q.words.partition(":")[0] for q in first.questions][:2] == ["You led the response", "You were on call"]


def test_answers_are_read_in_one_order_under_the_words_of_the_kind():
    answers = {"luck": "l", "saw": "s", "noticed": "n", "gone": "x", "helped": ""}
    assert [(q.heading, text) for q, text in questions.answered(Kind.INCIDENT, answers)] == [
        ("First sign", "n"), ("What I took it to mean", "s"), ("What went well, and luck", "l")
    ]  # fmt: skip
