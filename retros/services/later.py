"""A context for templates, of which a group of names is read only when one of them is asked for."""

from collections.abc import Callable, Iterator
from typing import Any

Read = Callable[[], dict[str, Any]]


class Later(dict[str, Any]):
    """What is known already, and for groups of further names how they are read: once, and together.

    As a whole (`{**context}`) it is everything. A group that brings other names than it says is a mistake and said so, because
    a template would find such a name only where something else of the group was asked for first.
    """

    def __init__(self, known: dict[str, Any], groups: dict[tuple[str, ...], Read]) -> None:
        super().__init__(known)
        self.groups = {name: (names, read) for names, read in groups.items() for name in names}

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.groups

    def __missing__(self, name: str) -> Any:
        if name not in self.groups:
            raise KeyError(name)
        names, read = self.groups[name]
        found = read()
        if set(found) != set(names):
            raise LookupError(f"{sorted(set(found) ^ set(names))}: a group says all its names and no other")
        self.update(found)
        return found[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401 - its own get would ask dict

    def keys(self) -> Any:
        return {**dict.fromkeys(dict.keys(self)), **dict.fromkeys(self.groups)}.keys()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())
