"""P4: a retry never doubles. Answers that get lost, double clicks, and a form that is sent again later."""

import re
import threading
from collections import Counter
from typing import Any

import pytest
from django.urls import reverse

from actions.models import Action
from retros.models import Change, Event, Operation, RoomNote, TimelineEntry, WhyNode
from tests.factories import make_user
from tests.promises.people import Answer, Line
from tests.promises.writers import Writer, make_meeting, missing

ROWS = {
    "moment": (TimelineEntry, "text"),
    "note": (RoomNote, "text"),
    "why": (WhyNode, "text"),
    "action": (Action, "title"),
}


class Insistent(Writer):
    """Sends again what it has no answer to, with the same operation id."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.got: dict[str, Answer] = {}
        self.forms: dict[str, dict[str, Any]] = {}

    def _to(self, name: str, *args: Any, **fields: Any) -> Answer:
        path = reverse(name, args=[self.event.code, *args])
        answer = self.post_until_answered(path, **fields)
        op = self.ledger[-1].op
        self.got[op], self.forms[fields["kind"]] = answer, {"path": path, "op": op, **fields}
        return answer

    def send_again(self) -> list[bool]:
        """The last form of each kind once more, as after the button back; whether it was answered as before."""
        sent = {kind: form for kind, form in self.forms.items() if kind in ROWS}
        return [self.post(**form).is_like(self.got[form["op"]]) for form in sent.values()]


def read(raw: bytes) -> Answer:
    """An answer as it went over the line."""
    head, _, body = raw.partition(b"\r\n\r\n")
    place = re.search(rb"(?im)^location: ([^\r\n]*)", head)
    return Answer(int(head.split()[1]), place[1].decode() if place else "", body.decode(errors="replace"))


def op_in(request: bytes) -> str:
    found = re.search(rb"op=([0-9a-f-]{36})", request)
    return found[1].decode() if found else ""


@pytest.mark.promise(
    "P4", "rows = distinct operations exactly, a repeat is answered alike; 2,000 posts, 30 % of the answers lost"
)
def test_a_retry_never_doubles(running, proxied, is_full, measured):
    persons, each = (25, 80) if is_full else (5, 12)
    proxy = proxied(running.port)
    people = [Insistent(make_user(), proxy.port, number=n, is_single=True) for n in range(persons)]
    event = make_meeting([person.user for person in people])
    before = event.change_seq
    proxy.set("drop", share=0.3)
    threads = [threading.Thread(daemon=True, target=work, args=(person, event, each)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    proxy.set("pass")
    pressed = [click_three_times(person, event) for person in people]
    again = [is_alike for person in people for is_alike in person.send_again()]
    got = {op: answer for person in people for op, answer in person.got.items()}
    first = [(request.split(b" ")[1], read(raw), got[op_in(request)]) for request, raw in proxy.dropped]
    unlike = [(path, lost, answer) for path, lost, answer in first if not lost.is_like(answer)]
    doubled = wrong_rows(event, people)
    numbered = Change.objects.filter(event=event, seq__gt=before).count()
    ops = Operation.objects.filter(event=event, op__in=[line.op for person in people for line in person.ledger])
    posts = sum(len(person.ledger) for person in people)
    measured(
        f"{posts:,} posts of {len(got):,} operations, {len(proxy.dropped)} answers lost; {len(doubled)} rows too many or too few; "
        f"{len(unlike)} repeats answered otherwise; {sum(not is_one for is_one in pressed)} triple clicks doubled"
    )
    assert len(proxy.dropped) >= persons
    assert doubled == []
    assert missing(event, people) == []
    assert unlike == []
    assert all(pressed)
    assert again
    assert all(again)
    assert ops.count() == len({line.op for person in people for line in person.acknowledged})
    assert ops.filter(seq__gt=0).values("seq").distinct().count() == numbered


def work(person: Insistent, event: Event, count: int) -> None:
    person.go_to(event)
    for turn in range(count):
        person.write(turn)


def click_three_times(person: Insistent, event: Event) -> bool:
    """A button pressed three times at once: whether it is one note, and all three were answered alike."""
    words, path = f"note pressed thrice by {person.number}", reverse("note_add", args=[event.code])
    fingers = [Writer(person.user, person.port, is_single=True) for _ in range(3)]
    op = f"00000000-0000-4000-8000-{person.number:012d}"
    answers: list[Answer] = []
    threads = [
        threading.Thread(daemon=True, target=lambda finger=finger: answers.append(finger.post(path, op=op, text=words)))  # type: ignore[misc]
        for finger in fingers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    person.ledger.append(Line(op, "note", words, fingers[0].ledger[0].sent_at, 0.0, answers[0].status))
    is_one = RoomNote.objects.filter(event=event, text=words).count() == 1
    return is_one and len(answers) == 3 and all(answer.is_like(answers[0]) for answer in answers)


def wrong_rows(event: Event, people: list[Insistent]) -> list[str]:
    """Words that stand in the database not exactly once, and moments whose versions do not tell of their edits."""
    wrong = []
    for kind, (model, field) in ROWS.items():
        stored = Counter(model.objects.filter(event=event).values_list(field, flat=True))
        wanted = {line.words for person in people for line in person.acknowledged if line.kind == kind}
        if kind == "moment":  # an edit gives a moment other words
            wanted = {moment.words for person in people for moment in person.moments}
        wrong += [f"{kind} {words}: {stored[words]}" for words in wanted if stored[words] != 1]
        wrong += [f"{kind} too many: {words}" for words in stored.keys() - wanted]
    versions = dict(TimelineEntry.objects.filter(event=event).values_list("pk", "version"))
    return wrong + [
        f"moment {m.pk}: version {versions[m.pk]}" for p in people for m in p.moments if versions[m.pk] != m.version
    ]
