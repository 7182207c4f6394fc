"""Looks for words in fields of the database, whatever their case. SQLite ignores the case of ASCII letters only, so that others are
looked for in each case that is usual."""

from functools import reduce
from operator import or_

from django.db.models import Q


def holds(words: str, *fields: str) -> Q:
    """Rows of which a field holds these words."""
    return reduce(or_, (Q(**{f"{field}__icontains": each}) for field in fields for each in _usual(words)))


def is_named(name: str) -> Q:
    """Rows of this name."""
    return reduce(or_, (Q(name__iexact=each) for each in _usual(name)))


def _usual(words: str) -> list[str]:
    cases = set() if words.isascii() else {words.lower(), words.upper(), words.capitalize(), words.title()}
    return sorted({words, *cases})
