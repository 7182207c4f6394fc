"""The seam for writing, with real threads on the real database: one line of numbers, one answer per operation, nothing half."""

import threading
import uuid
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, connections

from aar_site.rate import NotKept
from retros.live import bell, log
from retros.live.log import Repeated, change
from retros.models import Change, Event, Operation
from tests.factories import make_event, make_user


def at_once(*works: Callable[[], None]) -> list[BaseException]:
    """Run each in a thread of its own, all let go in the same moment; what they raised."""
    gate, raised = threading.Barrier(len(works)), []

    def run(work: Callable[[], None]) -> None:
        try:
            gate.wait(10)
            work()
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gap_when_many_write_at_once():
    event, user = make_event(), make_user()

    def write() -> None:
        for _ in range(5):
            with change(event, "notes", "wrote", by=user):
                pass

    assert at_once(*[write] * 6) == []
    assert list(Change.objects.filter(event=event).values_list("seq", flat=True)) == list(range(1, 31))
    assert Event.objects.get(pk=event.pk).change_seq == 30


@pytest.mark.django_db(transaction=True)
def test_an_operation_that_is_sent_twice_at_once_is_one_change():
    event, user, op = make_event(), make_user(), uuid.uuid4()

    def write() -> None:
        with change(event, "notes", "wrote", by=user, op=op):
            pass

    assert [type(error) for error in at_once(write, write, write)] == [Repeated, Repeated]
    assert Change.objects.filter(event=event).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_operation_id_for_two_events_at_once_is_one_change():
    events, user, op, both = [make_event(), make_event()], make_user(), uuid.uuid4(), threading.Barrier(2)

    def write(event: Event) -> None:
        with change(event, "notes", "wrote", by=user, op=op):
            try:
                both.wait(0.5)  # where the database lets both in
            except threading.BrokenBarrierError:
                pass

    assert [type(error) for error in at_once(*[partial(write, event) for event in events])] == [Repeated]
    assert (Change.objects.count(), Operation.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_a_repeat_says_what_the_first_one_did():
    event, user, op = make_event(), make_user(), uuid.uuid4()
    with change(event, "notes", "wrote", by=user, op=op) as done:
        done.about(event)
    with pytest.raises(Repeated) as repeated, change(event, "notes", "wrote", by=user, op=op):
        raise AssertionError("the work of a repeat is not done")
    assert repeated.value.operation.subject == f"event:{event.pk}"
    assert repeated.value.operation.seq == 1
    with change(event, "notes", "wrote", by=make_user(), op=op):
        pass  # another person's operation of the same id is another operation


@pytest.mark.django_db
def test_a_change_never_nests_and_the_attempt_undoes_everything():
    event, user = make_event("Before"), make_user()
    with pytest.raises(RuntimeError, match="never nests"), change(event, "event", "renamed", by=user):
        Event.objects.filter(pk=event.pk).update(title="After")
        with change(event, "notes", "wrote", by=user):
            pass
    event.refresh_from_db()
    assert (event.title, event.change_seq, Change.objects.count()) == ("Before", 0, 0)
    with change(event, "notes", "wrote", by=user) as done:
        pass  # and the next one is not taken for a nested one
    assert done.seq == 1


@pytest.mark.django_db
def test_the_event_comes_fresh_and_locked():
    event = make_event("As it was read")
    Event.objects.filter(pk=event.pk).update(title="As it is now")
    with change(event, "", "looked", by=None) as done:
        assert done.event.title == "As it is now"


@pytest.mark.django_db
def test_a_sealed_write_leaves_no_trace_that_somebody_wrote():
    event, user, op = make_event(), make_user(), uuid.uuid4()
    with change(event, None, "wrote an account", by=user, op=op):
        pass
    assert Event.objects.get(pk=event.pk).change_seq == 0
    assert not Change.objects.exists()
    assert Operation.objects.get(op=op).seq == 0  # yet a repeat is known
    with pytest.raises(Repeated), change(event, None, "wrote an account", by=user, op=op):
        pass


def test_the_bell_rings_after_the_commit_and_only_where_something_shows(
    db, monkeypatch, django_capture_on_commit_callbacks
):
    rung = []
    monkeypatch.setattr(bell, "ring", lambda *_: rung.append(Change.objects.count()))
    event = make_event()
    with django_capture_on_commit_callbacks(execute=True):
        with change(event, "notes", "wrote", by=None):
            assert rung == []
        with change(event, "", "noted quietly", by=None):
            pass
        with change(event, None, "sealed", by=None):
            pass
    assert len(rung) == 1


@pytest.mark.django_db(transaction=True)
def test_who_has_no_turn_in_time_is_told_so_and_may_try_again(monkeypatch):
    """Without it they would wait as long once more in the database, behind whoever keeps it."""
    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setattr(log, "PATIENCE_S", 0.01)
    event = make_event()
    with log._turn, pytest.raises(NotKept, match="no turn"), change(event, "notes", "said", by=None):
        pass
    with change(event, "notes", "said", by=None) as done:
        pass
    assert done.seq == 1
