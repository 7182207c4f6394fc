"""The harness itself: what it could not see, no promise would prove."""

import threading

from django.urls import reverse

from retros.models import Operation, RoomNote, TimelineEntry
from tests.factories import make_user
from tests.promises.people import BROKEN
from tests.promises.writers import KINDS, Writer, make_meeting, missing


def test_the_ledger_tells_what_is_missing_and_the_proxy_breaks_lines(running, proxied):
    proxy = proxied(running.port)
    writer = Writer(make_user(), proxy.port)
    event = make_meeting([writer.user])
    writer.go_to(event)
    for turn in range(len(KINDS)):
        writer.write(turn)
    assert set(writer.answers) <= {200, 303}
    assert {line.kind for line in writer.acknowledged} >= {
        "moment",
        "account",
        "note",
        "moment edited",
        "why",
        "action",
    }
    assert missing(event, [writer]) == []
    RoomNote.objects.filter(event=event).delete()
    TimelineEntry.objects.filter(pk=writer.moments[-1].pk).update(text="an older text")
    Operation.objects.filter(op=writer.acknowledged[0].op).delete()
    writer.saved += 1
    assert sorted(line.split(" ")[0] for line in missing(event, [writer])) == ["account", "moment", "note", "operation"]
    path = reverse("room_poll", args=[event.code]) + "?after=0"
    proxy.set("503")
    writer.close()
    assert writer.get(path).status == 503
    for mode in ("cut", "half", "refuse"):
        proxy.set(mode, size=50)
        writer.close()
        assert is_broken(writer, path), mode
    proxy.set("blackhole")
    writer.timeout = 0.3
    assert is_broken(writer, path)
    proxy.set("pass")
    writer.timeout = 30.0
    assert writer.get(path).status == 200
    assert threading.active_count() < 50


def is_broken(writer: Writer, path: str) -> bool:
    try:
        writer.get(path)
    except BROKEN:
        return True
    return False
