"""The list of examinations that `manage.py doctor` makes. Each wing adds its own in its `doctor.py`; none changes a row."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db import DatabaseError

from aar_site import logs

SHOWN = 5  # rows by name in one line


@dataclass(frozen=True)
class Line:
    """What was found. Without a fix all is well; a warning has one and fails nothing."""

    words: str
    fix: str = ""
    is_warning: bool = False

    @property
    def mark(self) -> str:
        return "✓" if not self.fix else "!" if self.is_warning else "✗"


Examination = Callable[[], Iterable[Line]]
_examinations: list[tuple[str, Examination]] = []


def examination(name: str) -> Callable[[Examination], Examination]:
    """Adds the function to the list; the name is for the case that it breaks."""

    def add(function: Examination) -> Examination:
        _examinations.append((name, function))
        return function

    return add


def examine() -> Iterator[Line]:
    """All lines, in the order of the list. What breaks while it is examined is a finding too."""
    for name, function in _examinations:
        try:
            yield from function()
        except (DatabaseError, OSError) as error:
            yield Line(f"{name} cannot be examined: {logs.told(error)}", "Mend what stands above first.")


def none(rule: str, offenders: Iterable[object], fix: str, *, is_warning: bool = False) -> Line:
    """A rule that rows keep, with the names of those that break it."""
    names = [str(name) for name in offenders]
    if not names:
        return Line(rule)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return Line(f"Broken: {rule[0].lower()}{rule[1:]}: {', '.join(names[:SHOWN])}{more}", fix, is_warning)
