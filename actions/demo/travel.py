"""The clock taken to moments of the past while a history is told, and left as it was found."""

from datetime import datetime, timedelta
from types import TracebackType

from aar_site import clock


class Travel:
    """Moves the clock of this whole process: for a command of its own, never inside a server."""

    def __init__(self) -> None:
        self.moved = timedelta(0)

    def __enter__(self) -> "Travel":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        clock.move(-self.moved)

    @property
    def present(self) -> datetime:
        """The moment from which the journey is made."""
        return clock.now() - self.moved

    def to(self, moment: datetime) -> None:
        """Go to the moment, or to the present where it still lies ahead."""
        by = min(moment, self.present) - clock.now()
        clock.move(by)
        self.moved += by
