"""Looks for words in fields of the database."""

from functools import reduce
from operator import or_

from django.db.models import Q


def holds(words: str, *fields: str) -> Q:
    """Rows of which a field holds these words in any case. SQLite ignores the case of ASCII letters only, so that others are
    looked for in each case that is usual."""
    usual = {words} if words.isascii() else {words, words.lower(), words.upper(), words.capitalize(), words.title()}
    return reduce(or_, (Q(**{f"{field}__icontains": each}) for field in fields for each in sorted(usual)))
