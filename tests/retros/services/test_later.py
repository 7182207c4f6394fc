"""What a context reads, and when."""

import pytest
from django.template import Context, Template

from retros.services.later import Later


def make(reads: list[str]) -> Later:
    def people() -> dict[str, object]:
        reads.append("people")
        return {"people": ["Priya", "Tomasz"], "count": 2}

    return Later({"title": "Forty-three"}, {("people", "count"): people})


def test_a_template_reads_a_group_once_and_only_where_it_asks_for_it():
    reads: list[str] = []
    given = make(reads)
    assert Template("{{ title }}{{ nothing }}").render(Context(given)) == "Forty-three"
    assert reads == []
    assert Template("{{ count }}: {{ people.0 }}{{ people.1 }}").render(Context(given)) == "2: PriyaTomasz"
    assert reads == ["people"]


def test_as_a_whole_it_is_everything():
    reads: list[str] = []
    given = make(reads)
    assert {**given} == {"title": "Forty-three", "people": ["Priya", "Tomasz"], "count": 2}
    assert {**given, "title": "Other"}["title"] == "Other"
    assert reads == ["people"]
    assert (given.get("count"), given.get("nobody", 7), "people" in given, "nobody" in given) == (2, 7, True, False)
    with pytest.raises(KeyError, match="nobody"):
        given["nobody"]


def test_a_group_that_brings_another_name_is_a_mistake():
    given = Later({}, {("one",): lambda: {"one": 1, "two": 2}})
    with pytest.raises(LookupError, match="two"):
        given["one"]
