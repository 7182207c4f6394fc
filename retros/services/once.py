"""Reading a thing once for the several parts of one page or document that need it."""

from collections.abc import Callable
from copy import copy
from typing import Any, TypeVar

from retros.models import Event

T = TypeVar("T")


def remembering(event: Event) -> Any:
    """A copy of the event that remembers what is read of it: for one page or document, because it does not see later changes."""
    found: Any = copy(event)
    found.remembered = dict(getattr(event, "remembered", {}))
    return found


def remembers(event: Event) -> bool:
    """Whether it is such a copy."""
    return hasattr(event, "remembered")


def once(event: Event, name: str, read: Callable[[Event], T]) -> T:
    """`read(event)`; of an event that remembers, what was read under that name before."""
    if not remembers(event):
        return read(event)
    kept: dict[str, Any] = event.remembered  # type: ignore[attr-defined]
    if name not in kept:
        kept[name] = read(event)
    found: T = kept[name]
    return found
