"""Room on Python's own stack, so that deep calls cost the same wherever they begin."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")
SLOTS = 17_000  # of 8 bytes, more than half of 256 KB: the rest of it takes some 700 calls within each other


def with_room(function: Callable[P, R]) -> Callable[P, R]:
    """The function, called with a stack in one piece for everything that it calls.

    CPython (3.11 and later) keeps frames in chunks of 16 KB, asks the system for one when a call needs it and gives it back when
    that call returns. A loop whose calls happen to cross the edge of a chunk pays that each time: a timeline of a hundred rows took
    44 to 94 ms, depending on nothing but how many calls it was rendered below. A frame that says it needs much gets a chunk of a
    power of two that holds it, and whatever is called below has the rest.
    """

    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    cast(Any, call).__code__ = call.__code__.replace(co_stacksize=SLOTS)
    return call
