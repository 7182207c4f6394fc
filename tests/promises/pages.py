"""A page of the room as a reader's browser holds it: regions replaced by what comes, private ones fetched anew, and compared with
a page that is loaded anew. What each rendering makes for itself (tokens, operation ids, the number of the last change) is left out."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from retros.services import room as rooms

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
OWN = {"data-seq", "data-seconds"}  # counted on from the moment of the rendering


@dataclass
class Element:
    tag: str
    given: dict[str, str] = field(default_factory=dict)
    inside: list[Any] = field(default_factory=list)

    def every(self) -> Any:
        for child in self.inside:
            if isinstance(child, Element):
                yield child
                yield from child.every()

    def named(self, name: str) -> "Element | None":
        return next((found for found in self.every() if found.given.get("id") == name), None)

    def replace(self, old: "Element", new: "Element") -> None:
        for holder in (self, *self.every()):
            holder.inside = [new if child is old else child for child in holder.inside]


class Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.top = Element("")
        self.open = [self.top]

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while len(self.open) > 1 and self.open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        if words := " ".join(data.split()):
            self.open[-1].inside.append(words)


def read(html: str) -> Element:
    reading = Reading()
    reading.feed(html)
    return reading.top


def lines(element: Element, depth: int = 0) -> list[str]:
    """The same for two pages that look and work the same."""
    found = []
    for child in element.inside:
        if not isinstance(child, Element):
            found.append(" " * depth + child)
            continue
        name = child.given.get("name")
        if name in {"csrfmiddlewaretoken", "csrf-token"} or child.given.get("id") == "messages":
            continue
        given = {k: v for k, v in child.given.items() if k not in OWN and not (name == "op" and k == "value")}
        said = " ".join(f'{k}="{v}"' for k, v in sorted(given.items()))
        found.append(f"{' ' * depth}<{child.tag} {said}>")
        if not {"data-clock", "data-planned"} & set(child.given):
            found += lines(child, depth + 1)
    return found


class Reader:
    """One person with the room open."""

    def __init__(self, person: Any, event: Any) -> None:
        self.client, self.address = Client(), f"/e/{event.code}/room/"
        self.person, self.event_id = person, event.pk
        self.client.force_login(person)
        self.load()

    @property
    def name(self) -> str:
        found: Any = self.page.named("name")
        return str(found.inside[0])

    def load(self) -> None:
        answer = self.client.get(self.address)
        assert answer.status_code == 200, answer
        self.page = read(answer.content.decode())
        room: Any = self.page.named("room")
        self.seq, self.state, self.role = int(room.given["data-seq"]), room.given["data-state"], room.given["data-role"]
        self.fetch(lambda region: not region.inside)

    def fetch(self, is_due: Any) -> None:
        """Private regions: what the browser does with an element that carries data-private."""
        for region in [found for found in self.page.every() if "data-private" in found.given and is_due(found)]:
            answer = self.client.get(region.given["data-private"], headers={"HX-Request": "true"})
            assert answer.status_code in {200, 204, 403, 404}, (region.given, answer)
            if answer.status_code == 200:
                fresh: Any = read(answer.content.decode()).inside[0]
                assert fresh.given["id"] == region.given["id"]
                self.page.replace(region, fresh)
            else:
                region.inside = []

    def hear(self, seq: int, topics: set[str], state: str, regions: dict[str, str]) -> None:
        """A frame comes."""
        if (
            state != self.state
            or (state == "preparing" and topics & {"event", "people"})
            or rooms.who_may_enter(self.event_id)[self.person.pk] != self.role
        ):
            return self.load()
        self.seq = seq
        title: Any = next(found for found in self.page.every() if found.tag == "title")
        former = self.name
        for name, html in regions.items():
            old, new = self.page.named(name), read(html).inside[0]
            if old is None:
                continue
            for place in [found for found in new.every() if "data-private" in found.given]:
                mine = old.named(place.given["id"])
                if mine and mine.given["data-private"] == place.given["data-private"]:
                    new.replace(place, mine)
            self.page.replace(old, new)
        title.inside = [title.inside[0].replace(former, self.name)]
        self.fetch(lambda region: not region.inside or topics & set(region.given["data-topics"].split(",")))
        return None

    def differs(self) -> list[str]:
        """Lines of this page that a fresh one has otherwise."""
        mine = lines(self.page)
        self.load()
        fresh = lines(self.page)
        if mine == fresh:
            return []
        gone = [f"- {line.strip()}" for line in mine if line not in fresh]
        new = [f"+ {line.strip()}" for line in fresh if line not in mine]
        moved = next(
            (f"at {a.strip()}: {b.strip()}" for a, b in zip(mine, fresh, strict=False) if a != b), "more lines"
        )
        return [*gone[:4], *new[:4]] or [f"another order {moved}"]
