"""P13: lists that have an order keep one: the same for everybody, without twins and without circles."""

import random
import re
import threading
import uuid
from collections import Counter
from typing import Any

import pytest
from django.urls import reverse

from actions.models import Action
from retros.models import Event, Role, TimelineEntry, WhyNode
from tests.factories import make_member, make_user
from tests.promises.people import Answer, Person
from tests.promises.writers import make_meeting


class Sorter(Person):
    """Adds, moves, removes and brings back at random, in the timeline, among causes and actions."""

    event: Any = None

    def begin(self, event: Event, seed: int) -> "Sorter":
        self.event, self.chance = event, random.Random(seed)  # noqa: S311 - the same moves in each run
        self.added: dict[str, list[str]] = {"moment": [], "cause": [], "action": []}
        self.answers: Counter[int] = Counter()
        return self

    def work(self, count: int) -> None:
        acts = [
            self._add,
            self._add,
            self._move,
            self._move,
            self._move,
            self._cause,
            self._cause,
            self._place,
            self._shift,
            self._out,
            self._action,
        ]
        for _ in range(count):
            answer = self.chance.choice(acts)()
            if answer is not None:
                self.answers[answer.status] += 1

    def _to(self, name: str, *args: Any, **fields: Any) -> Answer:
        return self.post(reverse(name, args=[self.event.code, *args]), **fields)

    def _any(self, model: Any) -> int | None:
        keys = list(model.objects.filter(event=self.event).values_list("pk", flat=True))
        return self.chance.choice(keys) if keys else None

    def _new(self, kind: str, name: str, field: str, **more: Any) -> Answer:
        words = f"{kind} {uuid.uuid4().hex}"
        answer = self._to(name, **{field: words}, **more)
        if answer.is_kept:
            self.added[kind].append(words)
        return answer

    def _add(self) -> Answer:
        return self._new("moment", "entry_add", "text", time="23:02", source="memory")

    def _cause(self) -> Answer:
        return self._new("cause", "cause_add", "text", parent=self.chance.choice(["", self._any(WhyNode) or ""]))

    def _action(self) -> Answer:
        return self._new("action", "action_line", "title")

    def _move(self) -> Answer | None:
        pk = self._any(TimelineEntry)
        return self._to("entry_move", pk, way=self.chance.choice(["up", "down"])) if pk else None

    def _shift(self) -> Answer | None:
        pk = self._any(WhyNode)
        return self._to("cause_order", **{self.chance.choice(["up", "down"]): pk}) if pk else None

    def _place(self) -> Answer | None:
        pk = self._any(WhyNode)
        return self._to("cause_place", pk, below=self.chance.choice(["", self._any(WhyNode)])) if pk else None

    def _out(self) -> Answer | None:
        model, names = self.chance.choice(
            [(TimelineEntry, ("entry_remove", "entry_restore")), (WhyNode, ("cause_remove", "cause_restore"))]
        )
        pk = self._any(model)
        return self._to(self.chance.choice(names), pk) if pk else None


@pytest.mark.promise(
    "P13", "same set of ids, ranks unique, no circle, one order for all readers; 10 clients, 500 operations"
)
def test_order_lists_stay_orders(running, is_full, measured):
    clients, each = (10, 55) if is_full else (4, 12)
    member = make_user()
    event = make_meeting([member])
    scribe = make_member(event, make_user("Scribe"), Role.SCRIBE).user
    sorters = [Sorter([event.lead, scribe][n % 2], running.port).begin(event, n) for n in range(clients)]
    threads = [threading.Thread(daemon=True, target=sorter.work, args=(each,)) for sorter in sorters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wrong = strangers(event, sorters) + twins(event) + circles(event)
    orders = {
        name: {order_for(user, running.port, event, name) for user in (event.lead, scribe, member)}
        for name in ("timeline_detail", "analysis_detail")
    }
    answers = sum((sorter.answers for sorter in sorters), Counter[int]())
    measured(
        f"{len(wrong)} wrong after {answers.total()} operations ({answers[409] + answers[404]} refused); "
        f"{max(map(len, orders.values()))} order for 3 readers of {TimelineEntry.objects.filter(event=event).count()} moments "
        f"and {WhyNode.objects.filter(event=event).count()} causes"
    )
    assert wrong == []
    assert set(answers) <= {200, 303, 404, 409}
    assert all(len(found) == 1 and all(found) for found in orders.values())


def strangers(event: Event, sorters: list[Sorter]) -> list[str]:
    """What was added and is not there once, or is there and nobody added it."""
    wrong = []
    for kind, (model, field) in {
        "moment": (TimelineEntry, "text"),
        "cause": (WhyNode, "text"),
        "action": (Action, "title"),
    }.items():
        there = Counter(model.objects.filter(event=event).values_list(field, flat=True))
        wanted = Counter(words for sorter in sorters for words in sorter.added[kind])
        wrong += [
            f"{words}: {there[words]} of {wanted[words]}" for words in there | wanted if there[words] != wanted[words]
        ]
    return wrong


def twins(event: Event) -> list[str]:
    """Places in a list that two things hold."""
    places = [
        ("moment", *row) for row in TimelineEntry.objects.kept().filter(event=event).values_list("sort_at", "rank")
    ]
    places += [("cause", *row) for row in WhyNode.objects.filter(event=event).values_list("parent", "rank")]
    places += [("action", *row) for row in Action.objects.filter(event=event).values_list("rank")]
    return [f"{place} is held by {count}" for place, count in Counter(places).items() if count > 1]


def circles(event: Event) -> list[str]:
    above = dict(WhyNode.objects.filter(event=event).values_list("pk", "parent"))
    wrong = []
    for pk in above:
        seen, at = set(), pk
        while at is not None and at not in seen:
            seen.add(at)
            at = above[at]
        wrong += [f"cause {pk} leads to itself"] if at is not None else []
    return wrong


def order_for(user: Any, port: int, event: Event, name: str) -> tuple[str, ...]:
    page = Person(user, port).get(reverse(name, args=[event.code])).body
    return tuple(
        dict.fromkeys(re.findall(r"(?:moment|cause) [0-9a-f]{32}", page))
    )  # a list of choices names them again
