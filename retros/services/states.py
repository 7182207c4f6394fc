"""What the state of an event allows, for every verb that adds to it or changes it: one sentence each, with the way on."""

from retros.live.log import WrongState
from retros.models import Event, State


def check_open(event: Event) -> None:
    """Raises WrongState where the record is closed: it is published, or the event gets no review."""
    check_not_published(event)
    check_reviewed(event)


def check_not_published(event: Event) -> None:
    """Raises WrongState where the review is published."""
    if event.state == State.PUBLISHED:
        raise WrongState("This review is published. Correct the document instead: a correction makes a new version.")


def check_reviewed(event: Event) -> None:
    """Raises WrongState where the event gets no review."""
    if event.state == State.NOT_REVIEWED:
        raise WrongState("This event gets no review. Choose “Review it after all” on its page first, then add to it.")
